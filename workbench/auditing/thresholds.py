"""Where the verdict draws its lines: the defaults with their reasons, and a project's own in a small TOML file."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from workbench.errors import WorkbenchError, first_five

_MOST_BYTES = 100_000


@dataclass(frozen=True, kw_only=True)
class Thresholds:
    """Where each check draws its lines. Each field says what it limits and why its default is what it is.

    Attributes
    ----------
    overlap : least share of items with two labels or more. Without overlap nothing about agreement or annotators can be
        known; about a fifth is what reliability estimation needs.
    overlapping_items : fewest such items; below it every interval is too wide to decide on.
    alpha_review, alpha_stop : lower end of the same-crew interval of Krippendorff's alpha (on direction) below which to
        look closer, or not to train yet. Balanced binary labels with 63% raw agreement, the low end of published
        preference sets, have alpha 0.26; alpha 0 is chance.
    missing_review, missing_stop : share of judgements without a label.
    one_label : share of one label above which chance correction is unstable and the labels say little; above which a
        tie says that there are hardly any preferences.
    side : how far the share of choices for the response shown first may lie from one half. Three standard errors are
        allowed anyhow.
    order : how far the order alone may move a choice from one half, where the same pairs were judged in both orders.
        Content cancels there, so less is allowed; three standard errors are allowed anyhow.
    contradictions_review, contradictions_stop : lower end of the interval of how often an annotator who judges a pair
        again takes the other response. Labellers of published sets contradict one judgement in ten to five; coins
        contradict one in two.
    uneven : how much lower than the whole a week's or a slice's alpha must be to matter; with much data every
        difference is clear.
    flagged : share of the labels that flagged annotators gave, above which to look at who they are before training on
        them. A label given blindly names the wrong side every other time: at .04 two choices in a hundred are moved, as
        many as `side` lets through.
    one_group : largest share of the items that one prompt (or group) may have, where there are many. With a fifth in
        one, all items together tell no more about other prompts than 25 prompts do ($1 / .2^2$).
    gold : lower end of the interval of how often the aggregated labels name the side of the gold. Single annotators of
        published preference sets agree with each other on 63 to 77%; labels of several together should not be worse
        than one.

    Examples
    --------
    >>> Thresholds(alpha_review=0.4).changed
    {'alpha_review': 0.4}
    """

    overlap: float = 0.20
    overlapping_items: float = 100
    alpha_review: float = 0.20
    alpha_stop: float = 0.0
    missing_review: float = 0.05
    missing_stop: float = 0.20
    one_label: float = 0.95
    side: float = 0.02
    order: float = 0.01
    contradictions_review: float = 0.20
    contradictions_stop: float = 0.40
    uneven: float = 0.10
    flagged: float = 0.04
    one_group: float = 0.20
    gold: float = 0.70

    def __post_init__(self) -> None:
        for name, value in self.to_dict().items():
            low, high = bounds_of(name)
            if not low <= value <= high:
                raise WorkbenchError(
                    f"Threshold {name}: {value:g} is not possible.", f"Give a number from {low:g} to {high:g}."
                )
        for milder, harder in (("missing_review", "missing_stop"), ("contradictions_review", "contradictions_stop")):
            if getattr(self, milder) > getattr(self, harder):
                raise WorkbenchError(f"{milder} lies above {harder}.", "What stops is at least what asks for a look.")
        if self.alpha_review < self.alpha_stop:
            raise WorkbenchError("alpha_review lies below alpha_stop.", "What stops is at most what asks for a look.")

    def to_dict(self) -> dict[str, float]:
        """Names and values."""
        return {f.name: getattr(self, f.name) for f in fields(self)}

    @property
    def changed(self) -> dict[str, float]:
        """Those that are not the default."""
        return {name: value for name, value in self.to_dict().items() if value != DEFAULTS[name]}

    def with_values(self, **values: float) -> Thresholds:
        """The same with some lines drawn elsewhere."""
        return replace(self, **values)

    def to_toml(self) -> str:
        """The lines as a file that `read_thresholds` understands; defaults stand in comments.

        >>> print(Thresholds(gold=0.8).to_toml().splitlines()[-1])
        gold = 0.8
        """
        lines = ["# Lines of the verdict. A line with # is the default and can be left out.", "[thresholds]"]
        for name, value in self.to_dict().items():
            lines.append(f"{'' if name in self.changed else '# '}{name} = {value:g}")
        return "\n".join(lines) + "\n"

    def to_python(self) -> str:
        """The call that makes them, or '' where all are the default.

        >>> Thresholds(gold=0.8).to_python()
        'Thresholds(gold=0.8)'
        """
        return f"Thresholds({', '.join(f'{k}={v:g}' for k, v in self.changed.items())})" if self.changed else ""


DEFAULTS: dict[str, float] = {f.name: float(f.default) for f in fields(Thresholds)}  # type: ignore[arg-type]

ASKS: dict[str, str] = {
    "overlap": "least share of items with two labels or more",
    "overlapping_items": "fewest items with two labels or more",
    "alpha_review": "alpha on direction, lower end: look closer below",
    "alpha_stop": "alpha on direction, lower end: stop at or below",
    "missing_review": "share of judgements without a label: look closer above",
    "missing_stop": "share of judgements without a label: stop above",
    "one_label": "largest share of one label",
    "side": "furthest that choosing the response shown first may lie from one half",
    "order": "furthest that the order may move choices, where pairs were judged in both orders",
    "contradictions_review": "own judgements contradicted, lower end: look closer above",
    "contradictions_stop": "own judgements contradicted, lower end: stop above",
    "uneven": "how far the alpha of a week or a slice may lie below the whole",
    "flagged": "largest share of labels by flagged annotators",
    "one_group": "largest share of the items that one of many prompts may have",
    "gold": "labels that name the side of the gold, lower end",
}
"""What each line is, in a few words."""


def bounds_of(name: str) -> tuple[float, float]:
    """Smallest and largest value a line can have."""
    if name == "overlapping_items":
        return 0.0, 1e9
    return (-1.0, 1.0) if name.startswith("alpha_") else (0.0, 1.0)


def read_thresholds(path: Path) -> Thresholds:
    """Lines from a TOML file, under `[thresholds]` or at the top; what it does not name keeps its default.

    Raises
    ------
    WorkbenchError
        There is no such file, it is not TOML, it names a line there is not, or a value that cannot be.
    """
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise WorkbenchError(f"{path.name} is too large for a file of thresholds.", "Name another file.")
        return thresholds_of(tomllib.loads(path.read_text("utf-8")), path.name)
    except FileNotFoundError as error:
        raise WorkbenchError(f"There is no file {path}.", "Write one, or leave the thresholds as they are.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise WorkbenchError(f"{path.name} is not TOML: {error}.", "Write lines such as: gold = 0.8") from error


def thresholds_of(given: dict[str, Any], where: str) -> Thresholds:
    """Lines from names and values, such as those of a TOML file."""
    nested = given.get("thresholds", given)
    values = nested if isinstance(nested, dict) else {"thresholds": nested}
    unknown = [name for name in values if name not in DEFAULTS]
    if unknown:
        raise WorkbenchError(
            f"{where}: there is no threshold {first_five(unknown)}.", f"There are {', '.join(DEFAULTS)}."
        )
    wrong = [name for name, value in values.items() if isinstance(value, bool) or not isinstance(value, int | float)]
    if wrong:
        raise WorkbenchError(f"{where}: {first_five(wrong)} is no number.", "Write a number, such as 0.2.")
    return Thresholds(**{name: float(value) for name, value in values.items()})
