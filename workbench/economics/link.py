"""A scenario as the end of a web address: the preset, the number of pairs, and only the inputs that were changed."""

from __future__ import annotations

import re
from collections.abc import Container, Mapping
from dataclasses import dataclass, field

from workbench.economics.inputs import CHOICES, INPUTS, parsed, unknown
from workbench.economics.scenario import DEFAULT_PRESET, Scenario, checked_pairs, preset, presets
from workbench.errors import WorkbenchError

PREFIX = "cst_"
_MOST_COMPARED = 4
_MOST_KEPT = 8
_YES = "yes"
YOURS = "yours"
"""What scenarios that somebody made are called: `yours 1`, `yours 2`. A link holds no other name that was given."""


@dataclass(frozen=True, kw_only=True)
class Link:
    """What a link says.

    Attributes
    ----------
    preset : its name.
    pairs : usable pairs; None = the preset's own number.
    settings : inputs and choices that differ from the preset.
    compared : other presets beside it, and those of `kept`.
    measured : whether inputs measured from the open data set are used.
    kept : scenarios that were kept, by name (`yours 1`): each a preset and what differs from it.
    problems : what in the link was not understood and left out, one sentence each.
    """

    preset: str = DEFAULT_PRESET
    pairs: int | None = None
    settings: Mapping[str, float | str] = field(default_factory=dict)
    compared: tuple[str, ...] = ()
    measured: bool = False
    kept: Mapping[str, Link] = field(default_factory=dict)
    problems: tuple[str, ...] = ()

    def scenario(self) -> Scenario:
        """The scenario it stands for."""
        return preset(self.preset).with_values(self.settings, source="from the link")


def read_link(params: Mapping[str, str]) -> Link:
    """Reads the parameters of an address; what is wrong in them is left out and named, and the rest counts.

    So is what contradicts: settings that do not go together with the preset would leave nothing to show.

    >>> link = read_link({"cst_preset": "hybrid", "cst_gold_share": "0.1", "cst_wage": "-3"})
    >>> link.settings, link.problems
    ({'gold_share': 0.1}, ('wage: -3 is not possible. Give a number from 0 to 1,000 ($ per hour).',))
    """
    problems: list[str] = []
    name, pairs, compared, measured = DEFAULT_PRESET, None, list[str](), False
    kept = _read_kept(params, problems)
    settings: dict[str, float | str] = {}
    for key, text in params.items():
        if not key.startswith(PREFIX) or _KEPT.fullmatch(key):
            continue
        what = key.removeprefix(PREFIX)
        try:
            if what == "preset":
                name = preset(text).name
            elif what == "pairs":
                pairs = checked_pairs(float(text)) if _is_number(text) else checked_pairs(text)
            elif what == "with":
                compared = _compared(text, kept, problems)
            elif what == "measured":
                if text != _YES:
                    raise WorkbenchError(
                        f"measured: {' '.join(text.split())[:40]!r} is not a choice.", f"Give {_YES}, or leave it out."
                    )
                measured = True
            elif what in INPUTS or what in CHOICES:
                settings[what] = parsed(what, text)
            else:
                raise unknown(what, [*INPUTS, *CHOICES, "preset", "pairs", "with", "measured"], "input")
        except WorkbenchError as error:
            problems.append(str(error))
    settings, contradictions = _together(preset(name), settings)
    return Link(
        preset=name,
        pairs=pairs,
        settings=settings,
        compared=tuple(compared),
        measured=measured,
        kept=kept,
        problems=(*problems, *contradictions),
    )


def write_link(link: Link) -> dict[str, str]:
    """The parameters that say the same.

    >>> write_link(Link(preset="hybrid", pairs=50_000, settings={"gold_share": 0.1}))
    {'cst_preset': 'hybrid', 'cst_pairs': '50000', 'cst_gold_share': '0.1'}
    >>> kept = {"yours 1": Link(preset="hybrid", settings={"gold_share": 0.1})}
    >>> write_link(Link(compared=("yours 1",), kept=kept))
    {'cst_with': 'yours 1', 'cst_yours1': 'hybrid,gold_share:0.1'}
    """
    said = {"preset": link.preset} if link.preset != DEFAULT_PRESET else {}
    if link.pairs is not None:
        said["pairs"] = str(link.pairs)
    if link.compared:
        said["with"] = ",".join(link.compared)
    if link.measured:
        said["measured"] = _YES
    said |= _written(link.settings)
    for name, one in list(link.kept.items())[-_MOST_KEPT:]:
        differs = [f"{what}:{text}" for what, text in _written(one.settings).items()]
        said[name.replace(" ", "")] = ",".join([one.preset, *differs])
    return {PREFIX + key: text for key, text in said.items()}


_KEPT = re.compile(rf"{PREFIX}{YOURS}([1-9]\d?)")


def _read_kept(params: Mapping[str, str], problems: list[str]) -> dict[str, Link]:
    """The scenarios that a link keeps, by name."""
    kept: dict[str, Link] = {}
    for found, text in [(found, text) for key, text in params.items() if (found := _KEPT.fullmatch(key))][:_MOST_KEPT]:
        begin, *differs = text.split(",")
        pairs = (each.partition(":") for each in differs if each)
        said = {PREFIX + "preset": begin} | {PREFIX + name: value for name, _, value in pairs}
        one = read_link(said)
        problems += one.problems
        kept[f"{YOURS} {found[1]}"] = Link(preset=one.preset, settings=one.settings)
    return kept


def _compared(text: str, kept: Container[str], problems: list[str]) -> list[str]:
    """Presets and kept scenarios that are named, each once."""
    compared: list[str] = []
    for each in [part for part in text.split(",") if part][:_MOST_COMPARED]:
        if each not in presets() and each not in kept:
            problems.append(str(unknown(each, presets(), "preset")))
        elif each not in compared:
            compared.append(each)
    return compared


def _written(settings: Mapping[str, float | str]) -> dict[str, str]:
    return {name: value if isinstance(value, str) else f"{value:.12g}" for name, value in settings.items()}


def _together(start: Scenario, settings: Mapping[str, float | str]) -> tuple[dict[str, float | str], list[str]]:
    """The settings that the preset can have together, and what was wrong with the others."""
    try:
        start.with_values(settings)
    except WorkbenchError as error:
        kept: dict[str, float | str] = {}
        for name, value in settings.items():
            try:
                start.with_values({**kept, name: value})
            except WorkbenchError:
                continue
            kept[name] = value
        left = [
            f"{name}={value if isinstance(value, str) else f'{value:g}'}"
            for name, value in settings.items()
            if name not in kept
        ]
        return kept, [f"{', '.join(left)}: not together with the rest. {error}"]
    return dict(settings), []


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
