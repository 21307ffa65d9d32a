"""A way to label pairs, with all its inputs: from a preset, a TOML file, or the settings of somebody's own."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from workbench.economics.inputs import (
    CHOICES,
    INPUTS,
    Input,
    checked_choice,
    default_inputs,
    kind_of,
    parsed,
    unknown,
    with_value,
)
from workbench.economics.units import PERCENT, UNITS, fitting
from workbench.errors import WorkbenchError

PRESETS_FILE = Path(__file__).with_name("presets.toml")
DEFAULT_PRESET = "human-gold"
LEAST_PAIRS, MOST_PAIRS = 1, 1_000_000_000

_CHOSEN = {"pay": "label", "ai_pay": "judgement", "aggregation": "majority", "training_target": "label"}
_ENTRIES = ("name", "title", "based_on", "pairs", "source", "date", "notes", "claims", "choices", "inputs")
_FACTS = ("value", "unit", "source", "date", "low", "high", "note", "measured")
_MOST_BYTES = 200_000


@dataclass(frozen=True, eq=False, kw_only=True)
class Scenario:
    """How a number of pairs gets labelled.

    Attributes
    ----------
    name, title : short, and for people.
    pairs : usable items wanted where nobody says otherwise.
    inputs : every input by name.
    choices : how people and judges are paid, how votes become a label, what the reward model is given.
    notes : what to know about it, such as where its source contradicts itself.
    claims : figures its source gives, to be held against ours: `cost_per_pair`, `weeks`, `kappa`, ...
    source, date : where the preset is from.
    start : the scenario it was before values were changed; None where nothing was.

    >>> scenario = preset("human-1.50").with_values(labels_per_item=3)
    >>> scenario.inputs["labels_per_item"].value
    3.0
    """

    name: str
    title: str
    pairs: int
    inputs: Mapping[str, Input]
    choices: Mapping[str, str] = field(default_factory=lambda: dict(_CHOSEN))
    notes: tuple[str, ...] = ()
    claims: Mapping[str, float] = field(default_factory=dict)
    source: str = "own scenario"
    date: str = ""
    start: Scenario | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "inputs", MappingProxyType({**default_inputs(), **self.inputs}))
        object.__setattr__(self, "choices", MappingProxyType({**_CHOSEN, **self.choices}))
        object.__setattr__(self, "pairs", checked_pairs(self.pairs))
        for name, value in self.choices.items():
            if name not in CHOICES:
                raise unknown(name, CHOICES, "choice")
            checked_choice(name, value)
        if self["ai_judges"] == 0 and self["escalated_share"] < 1:
            raise WorkbenchError(
                f"escalated_share: {self['escalated_share']:.0%} of the items go to people, and without an AI judge"
                " nobody labels the rest.",
                "Set escalated_share to 1, or ai_judges to 1 or more.",
            )

    def __getitem__(self, name: str) -> float:
        return self.inputs[kind_of(name).name].value

    def with_values(
        self,
        values: Mapping[str, float | str] | None = None,
        *,
        source: str = "own value",
        date: str = "",
        **more: float | str,
    ) -> Scenario:
        """The scenario with some inputs or choices set to other values, which are then nobody's but yours."""
        inputs, choices = dict(self.inputs), dict(self.choices)
        for name, value in {**(values or {}), **more}.items():
            if name in CHOICES:
                choices[name] = checked_choice(name, value)
            else:
                inputs[name] = with_value(inputs[kind_of(name).name], kind_of(name).checked(value), source, date)
        return replace(self, inputs=inputs, choices=choices, start=self.start or self)

    def renamed(self, name: str) -> Scenario:
        """The same under another name."""
        return replace(self, name=name)

    def with_inputs(self, inputs: Mapping[str, Input]) -> Scenario:
        """The scenario with some inputs as they were measured."""
        return replace(self, inputs={**self.inputs, **inputs}, start=self.start or self)

    @property
    def changes(self) -> dict[str, tuple[float | str, float | str]]:
        """What is no longer as its title and notes say: name -> (value it had, value it has).

        A scenario read from a file that kept name and title of a preset is held against that preset.

        >>> preset("ai-0.02").with_values(escalated_share=0.5).changes
        {'escalated_share': (0.0, 0.5)}
        """
        before = self.start or presets().get(self.name)
        if before is None or before.title != self.title:
            return {}
        return {
            name: (before.choices[name] if name in CHOICES else before[name], value)
            for name, value in self.changed_from(before).items()
        }

    def changed_from(self, other: Scenario) -> dict[str, float | str]:
        """Names and values that differ from another scenario's."""
        numbers = {name: i.value for name, i in self.inputs.items() if i.value != other.inputs[name].value}
        return {**numbers, **{name: c for name, c in self.choices.items() if c != other.choices[name]}}

    def to_toml(self) -> str:
        """The scenario as a file that `read_scenario` understands: what differs from the defaults, with sources and
        dates.
        """
        defaults = default_inputs()
        lines = [
            f"name = {_text(self.name)}",
            f"title = {_text(self.title)}",
            f"pairs = {self.pairs}",
            f"source = {_text(self.source)}",
            f"date = {_text(self.date)}",
        ]
        if self.notes:
            lines.append("notes = [" + ", ".join(_text(note) for note in self.notes) + "]")
        if self.claims:
            lines += ["", "[claims]", *(f"{name} = {value!r}" for name, value in self.claims.items())]
        lines += [
            "",
            "[choices]",
            *(f"{name} = {_text(value)}" for name, value in self.choices.items()),
            "",
            "[inputs]",
        ]
        for name, each in self.inputs.items():
            if each != defaults[name]:
                facts = [
                    f"value = {each.value!r}",
                    f"unit = {_text(kind_of(name).unit.name)}",
                    f"source = {_text(each.source)}",
                    f"date = {_text(each.date)}",
                ]
                facts += [
                    f"{side} = {getattr(each, side)!r}" for side in ("low", "high") if getattr(each, side) is not None
                ]
                facts += ["measured = true"] if each.measured else []
                facts += [f"note = {_text(each.note)}"] if each.note else []
                lines.append(f"{name} = {{ {', '.join(facts)} }}")
        return "\n".join(lines) + "\n"


@cache
def presets() -> Mapping[str, Scenario]:
    """Every preset by name, in the order of `presets.toml`."""
    written = tomllib.loads(PRESETS_FILE.read_text("utf-8"))
    return MappingProxyType({name: _scenario({"name": name, **entry}, name) for name, entry in written.items()})


def preset(name: str) -> Scenario:
    """The preset of this name.

    Raises
    ------
    WorkbenchError
        There is none; the message names the nearest.
    """
    if name not in presets():
        raise unknown(name, presets(), "preset")
    return presets()[name]


def read_scenario(path: Path) -> Scenario:
    """The scenario in a TOML file.

    Raises
    ------
    WorkbenchError
        The file is missing or no TOML, or something in it is not understood; the message names the entry.
    """
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise WorkbenchError(
                f"{path}: {path.stat().st_size:,} bytes are too many for a scenario.",
                f"A scenario has at most {_MOST_BYTES:,} bytes.",
            )
        content = path.read_bytes()
    except OSError as error:
        raise WorkbenchError(f"{path}: {(error.strerror or str(error)).lower()}.", "Check the path.") from None
    return scenario_from(content, path.name)


def scenario_from(content: bytes, name: str = "scenario file") -> Scenario:
    """The scenario in the content of a TOML file; `name` is for messages."""
    try:
        written = tomllib.loads(content[: _MOST_BYTES + 1].decode("utf-8"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise WorkbenchError(
            f"{name}: not a TOML file ({str(error)[:120]}).",
            "A scenario can be downloaded from the Costs page and changed.",
        ) from None
    return _scenario(written, name)


def scenario_with(base: Scenario, settings: Mapping[str, str]) -> Scenario:
    """A scenario with inputs set as text, as on the command line or in a link.

    >>> scenario_with(preset("human-1.50"), {"gold_share": "10%"})["gold_share"]
    0.1
    """
    return base.with_values({name: parsed(name, text) for name, text in settings.items()})


def checked_pairs(value: object) -> int:
    """A number of pairs.

    >>> checked_pairs(10_000)
    10000
    """
    whole = (
        isinstance(value, int | float)
        and not isinstance(value, bool)
        and value == value
        and abs(value) != float("inf")
        and value == int(value)
    )
    if not whole or not LEAST_PAIRS <= value <= MOST_PAIRS:  # type: ignore[operator]
        said = f"{value:.0f}" if isinstance(value, float) and value.is_integer() else " ".join(str(value).split())
        raise WorkbenchError(
            f"pairs: {said[:40]} is not possible.", f"Give a whole number from {LEAST_PAIRS} to {MOST_PAIRS:,}."
        )
    return int(value)  # type: ignore[call-overload]


def _scenario(written: Mapping[str, Any], where: str) -> Scenario:
    """Builds a scenario from what a file says. Every mistake in it is told at once, each with its place, so that it
    need not be mended ten times.
    """
    wrong: list[WorkbenchError] = []
    for key in (k for k in written if k not in _ENTRIES):
        if key in INPUTS or key in CHOICES:
            table = "inputs" if key in INPUTS else "choices"
            wrong.append(WorkbenchError(f"{key} stands outside its table.", f"Put it under [{table}]."))
        else:
            wrong.append(unknown(key, _ENTRIES, "entry"))
    base = Scenario(name="base", title="", pairs=10_000, inputs={})
    if "based_on" in written:
        with _noted(wrong, "based_on"):
            base = preset(str(written["based_on"]))
    inputs, choices, claims, pairs = dict(base.inputs), dict(base.choices), dict(base.claims), base.pairs
    for name, said in _mapping(written, "inputs", wrong).items():
        with _noted(wrong):
            inputs[name] = _input(name, said, written, base)
    for name, said in _mapping(written, "choices", wrong).items():
        with _noted(wrong):
            if name not in CHOICES:
                raise unknown(name, CHOICES, "choice")
            choices[name] = checked_choice(name, said)
    for name, said in _mapping(written, "claims", wrong).items():
        with _noted(wrong, "claims"):
            claims[name] = _claim(name, said)
    with _noted(wrong):
        pairs = checked_pairs(written.get("pairs", base.pairs))
    notes = written.get("notes", [])
    if not isinstance(notes, list) or not all(isinstance(note, str) for note in notes):
        wrong.append(WorkbenchError("notes: not a list of sentences.", 'Write notes = ["...", "..."].'))
    for entry in ("name", "title", "source", "date"):
        if entry in written and not isinstance(written[entry], str):
            wrong.append(
                WorkbenchError(
                    f"{entry}: {' '.join(str(written[entry]).split())[:40]!r} is not text.", "Put it in quotes."
                )
            )
    if wrong:
        raise _at(where, _together(wrong))
    try:
        return Scenario(
            name=_short(written.get("name") or where),
            title=_short(written.get("title") or written.get("name") or where, 200),
            pairs=pairs,
            inputs=inputs,
            choices=choices,
            notes=tuple(notes),
            claims=claims,
            source=_short(written.get("source", base.source), 300),
            date=_short(written.get("date", base.date)),
        )
    except WorkbenchError as error:
        raise _at(where, error) from None


def _input(name: str, said: Any, written: Mapping[str, Any], base: Scenario) -> Input:
    kind = kind_of(name)
    source, date = str(written.get("source", "scenario file")), str(written.get("date", ""))
    if not isinstance(said, dict):
        return with_value(base.inputs[name], kind.checked(said), source, date)
    for fact in said:
        if fact not in _FACTS:
            raise _at(name, unknown(fact, _FACTS, "entry"))
    if "value" not in said:
        raise WorkbenchError(f"{name}: there is no value.", "Write for example { value = 1.5 }.")
    rate, unit = 1.0, None
    if "unit" in said:
        unit, fits = UNITS.get(str(said["unit"])), fitting(kind.unit)
        if unit is None:
            raise _at(name, WorkbenchError(unknown(said["unit"], (), "unit").what, f"Give {', '.join(fits)}."))
        if unit not in fits.values():
            raise WorkbenchError(
                f"{name}: it is counted in {kind.unit.name}, and the file says {unit.name}.",
                f"They measure different things. Give {', '.join(fits)}.",
            )
        rate = unit.size / kind.unit.size

    def number(fact: str) -> float | None:
        if fact not in said:
            return None
        value = said[fact]
        if rate == 1.0 or isinstance(value, bool) or not isinstance(value, int | float):
            return kind.checked(value)
        return kind.checked(
            float(f"{value * rate:.12g}"), f"{value:g}%" if unit is PERCENT else f"{value:g} {said['unit']}"
        )

    value = number("value")
    return Input(
        name=name,
        value=value if value is not None else 0.0,
        source=str(said.get("source", source))[:300],
        date=str(said.get("date", date))[:40],
        low=number("low"),
        high=number("high"),
        measured=said.get("measured") is True,
        note=str(said.get("note", ""))[:300],
    )


def _mapping(written: Mapping[str, Any], table: str, wrong: list[WorkbenchError]) -> Mapping[str, Any]:
    value = written.get(table, {})
    if isinstance(value, dict):
        return value
    wrong.append(WorkbenchError(f"{table}: not a table.", f"Write [{table}] and one line for each."))
    return {}


def _claim(name: str, said: Any) -> float:
    if isinstance(said, bool) or not isinstance(said, int | float):
        raise WorkbenchError(
            f"{name}: {' '.join(str(said).split())[:40]!r} is not a number.",
            "Give the figure of the source as a number, or leave it out.",
        )
    return float(said)


@contextmanager
def _noted(wrong: list[WorkbenchError], place: str = "") -> Iterator[None]:
    """Puts what is wrong inside on the list, and goes on."""
    try:
        yield
    except WorkbenchError as error:
        wrong.append(_at(place, error) if place else error)


def _together(wrong: Sequence[WorkbenchError], most: int = 12) -> WorkbenchError:
    """Several mistakes as one message, numbered."""
    if len(wrong) == 1:
        return wrong[0]
    more = f" And {len(wrong) - most} more." if len(wrong) > most else ""
    return WorkbenchError(
        f"{len(wrong)} things are wrong.", " ".join(f"({i}) {error}" for i, error in enumerate(wrong[:most], 1)) + more
    )


def _at(place: str, error: WorkbenchError) -> WorkbenchError:
    return WorkbenchError(f"{place}: {error.what}", error.remedy)


def _short(value: object, most: int = 80) -> str:
    return " ".join(str(value).split())[:most]


def _text(value: str) -> str:
    """A TOML basic string."""
    return '"' + "".join(map(_escaped, value)) + '"'


def _escaped(c: str) -> str:
    if c in ("\\", '"'):
        return f"\\{c}"
    return c if c.isprintable() else f"\\u{min(ord(c), 0xFFFF):04x}"
