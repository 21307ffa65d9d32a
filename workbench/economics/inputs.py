"""What a scenario is made of: each input with its unit, its allowed range, what it means, and where its default comes
from.
"""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Literal

from workbench.economics import units as u
from workbench.economics.units import Quantity, Unit
from workbench.errors import WorkbenchError

Group = Literal["People", "Quality", "AI judges", "Routing", "Items"]
_THOUSANDS = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d*)?")
GROUPS: tuple[Group, ...] = ("People", "Quality", "AI judges", "Routing", "Items")


@dataclass(frozen=True, kw_only=True)
class InputKind:
    """One input of the cost model.

    Attributes
    ----------
    name, title : in files and on the command line, and for people.
    unit : what its number counts.
    low, high : allowed range, ends included.
    default : where a scenario says nothing.
    group : where it stands on the page.
    description : what it means, and how to find it out.
    source, date : where the default comes from.
    decision : whether it is chosen (labels per item) and not merely unknown (seconds per label); chosen ones are not
        drawn at random.
    step : of a slider.
    whole : whether only whole numbers make sense.
    """

    name: str
    title: str
    unit: Unit
    low: float
    high: float
    default: float
    group: Group
    description: str
    source: str
    date: str
    decision: bool
    step: float
    whole: bool

    def checked(self, value: object, typed: str = "") -> float:
        """The value as a number within the allowed range.

        Parameters
        ----------
        typed : how somebody wrote it, such as `110%`: the message says it as it was written.

        Raises
        ------
        WorkbenchError
            It is no finite number, or lies outside the range; the message names the input.

        >>> INPUTS["gold_share"].checked(0.1)
        0.1
        """
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise WorkbenchError(f"{self.name}: {_shown(value)} is not a number.", f"Give {self._range()}.")
        number = float(value)
        percent = "%" in typed
        said, allowed = _as_typed(typed) or f"{number:g}", self._range(percent=percent)
        if not math.isfinite(number):
            raise WorkbenchError(f"{self.name}: {said} is not a finite number.", f"Give {allowed}.")
        if not self.low <= number <= self.high:
            meant = (
                self.unit.name == u.SHARE.name
                and not percent
                and 1 < number <= 100
                and self.high <= 1
                and number / 100 <= self.high
            )
            hint = f" For {number:g}% write {number / 100:g}." if meant else ""
            raise WorkbenchError(f"{self.name}: {said} is not possible.", f"Give {allowed}.{hint}")
        if self.whole and number != round(number):
            raise WorkbenchError(f"{self.name}: {said} is not a whole number.", f"Give {allowed}.")
        return number

    def _range(self, *, percent: bool = False) -> str:
        if percent:
            return f"a share from {100 * self.low:g}% to {100 * self.high:g}%"
        return f"a {'whole ' if self.whole else ''}number from {self.low:g} to {self.high:,.10g} ({self.unit.name})"


@dataclass(frozen=True, kw_only=True)
class Input:
    """The value of one input, and how far to trust it.

    Attributes
    ----------
    name, value : in the unit of its kind.
    source, date : where it comes from, and when that was true.
    low, high : the range it plausibly lies in; None where nothing is said.
    measured : whether it was measured from a data set.
    note : such as the number of judgements it was measured from.
    """

    name: str
    value: float
    source: str
    date: str
    low: float | None = None
    high: float | None = None
    measured: bool = False
    note: str = ""

    def __post_init__(self) -> None:
        kind = kind_of(self.name)
        object.__setattr__(self, "value", kind.checked(self.value))
        for side in ("low", "high"):
            if getattr(self, side) is not None:
                object.__setattr__(self, side, kind.checked(getattr(self, side)))
        low, high = self.low, self.high
        if (low is not None and low > self.value) or (high is not None and high < self.value):
            raise WorkbenchError(
                f"{self.name}: {self.value:g} lies outside its own range, {low} to {high}.", "Mend low, value or high."
            )

    @property
    def quantity(self) -> Quantity:
        """The value with its unit."""
        return Quantity(self.value, kind_of(self.name).unit)

    def to_dict(self) -> dict[str, object]:
        """As the command line prints it."""
        unit = kind_of(self.name).unit.name
        return {
            "value": self.value,
            "unit": unit,
            "source": self.source,
            "date": self.date,
            "low": self.low,
            "high": self.high,
            "measured": self.measured,
            "note": self.note,
        }


CHOICES: dict[str, tuple[str, ...]] = {
    "pay": ("label", "hour"),
    "ai_pay": ("judgement", "token"),
    "aggregation": ("majority", "weighted"),
    "training_target": ("label", "votes"),
}
"""Inputs that are words: how people and judges are paid, how votes become a label, and what the reward model is given.
"""

CHOICE_HELP: dict[str, str] = {
    "pay": "whether people are paid a price per label (`label_price`) or for their time (`wage` x `seconds_per_label`)",
    "ai_pay": "whether AI judges cost a price per judgement (`ai_price`) or by tokens",
    "aggregation": (
        "majority of the votes with ties shared, or votes weighted by the log-odds of each annotator's accuracy, taken"
        " as known"
    ),
    "training_target": "whether the reward model learns from one label an item, or from every vote (soft labels)",
}


def kind_of(name: str) -> InputKind:
    """The input of this name.

    Raises
    ------
    WorkbenchError
        There is none; the message names the nearest.
    """
    if name not in INPUTS:
        raise unknown(name, INPUTS, "input")
    return INPUTS[name]


def unknown(name: object, known: Iterable[str], what: str) -> WorkbenchError:
    """The error for a name nobody knows, with the nearest that is known."""
    names = list(known)
    near = get_close_matches(str(name), names, 1, 0.5)
    listed = ", ".join(names) if len(names) <= 14 else ", ".join(names[:10]) + f" and {len(names) - 10} more"
    return WorkbenchError(
        f"There is no {what} {_shown(name)}.", f"Did you mean {near[0]}?" if near else f"There are {listed}."
    )


def checked_choice(name: str, value: object) -> str:
    """One of the words a choice knows."""
    if value not in CHOICES[name]:
        raise WorkbenchError(
            f"{name}: {_shown(value)} is not a choice.", f"Give {' or '.join(CHOICES[name])}: {CHOICE_HELP[name]}."
        )
    return str(value)


def parsed(name: str, text: str) -> float | str:
    """The value of an input or choice as somebody typed it: `0.1`, `10%`, `1,000`, `weighted`.

    >>> parsed("gold_share", "10%"), parsed("aggregation", "weighted")
    (0.1, 'weighted')
    """
    if name in CHOICES:
        return checked_choice(name, text.strip())
    kind = kind_of(name)
    cleaned = text.strip().replace("$", "").replace("_", "")
    percent = cleaned.endswith("%")
    cleaned = cleaned.rstrip("% ")
    if "," in cleaned and not _THOUSANDS.fullmatch(cleaned):
        # 1,5 is one and a half in half of the world, and would be 15 with the comma taken out.
        raise WorkbenchError(
            f"{name}: {_shown(text)} is not a number.",
            f"Write a point before decimals, and commas between thousands only. Give {kind._range()}.",
        )
    try:
        value = float(cleaned.replace(",", ""))
    except ValueError:
        raise WorkbenchError(f"{name}: {_shown(text)} is not a number.", f"Give {kind._range()}.") from None
    if percent and kind.unit.name != u.SHARE.name:
        raise WorkbenchError(
            f"{name}: {_shown(text)} is a percentage, but it is counted in {kind.unit.name}.", f"Give {kind._range()}."
        )
    return kind.checked(round(value / 100, 12) if percent else value, text)


def default_inputs() -> dict[str, Input]:
    """Every input at its default."""
    return {
        kind.name: Input(name=kind.name, value=kind.default, source=kind.source, date=kind.date)
        for kind in INPUTS.values()
    }


def with_value(old: Input, value: float, source: str, date: str) -> Input:
    """The input with a value of somebody's own: a range that no longer holds it is dropped."""
    low, high = (
        (old.low, old.high) if (old.low or 0) <= value <= (math.inf if old.high is None else old.high) else (None, None)
    )
    return replace(old, value=value, source=source, date=date, low=low, high=high, measured=False, note="")


def _as_typed(text: str) -> str:
    return " ".join(text.split())[:40]


def _shown(value: object) -> str:
    return f"{_as_typed(str(value))!r}"


def _read(path: Path) -> Mapping[str, InputKind]:
    """Every input by name, in the order of the file."""
    usual = {
        "source": "not part of this scenario unless it is set",
        "date": "2026-11",
        "decision": False,
        "step": 0.01,
        "whole": False,
    }
    return {
        name: InputKind(name=name, **{**usual, **entry, "unit": getattr(u, entry["unit"])})
        for name, entry in tomllib.loads(path.read_text("utf-8")).items()
    }


INPUTS: Mapping[str, InputKind] = _read(Path(__file__).with_name("inputs.toml"))
"""Every input by its name, in the order of the page: people, quality, AI judges, routing, items."""
