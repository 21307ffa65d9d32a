"""What a measure returns: a value with its intervals and its counts, or the reason why there is none."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

Crew = Literal["same crew", "new crew"]
"""What an interval is about: new items judged by these annotators, or new items and new annotators."""

FEW_CLUSTERS = 10
"""Below this many prompts (or pairs, where these are what repeats) an interval is wide, and its own width a guess."""


class RestsOnFew(str):
    """A note that an interval rests on few clusters: told from other notes by its type, not by its words."""

    __slots__ = ()


def rests_on_few(n: int, unit: str, many: str = "") -> RestsOnFew:
    """What to keep in mind about an interval over few clusters, as one of `Estimate.interval_notes`.

    >>> rests_on_few(3, "prompt")
    'rests on 3 prompts'
    """
    return RestsOnFew(f"rests on {n:,} {unit if n == 1 else many or f'{unit}s'}")


class Finite:
    """A result that refuses NaN and infinities at birth: what is undefined is None, with its reason beside it.

    JSON has no word for either, and a page would write them as numbers. Arrays are not looked into.
    """

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            listed: Iterable[object] = (value,)
            if isinstance(value, Mapping):
                listed = value.values()
            elif isinstance(value, list | tuple):
                listed = value
            if any(isinstance(each, float) and not math.isfinite(each) for each in listed):
                raise ValueError(f"{type(self).__name__}.{name} is {value}: give None and the reason")


@dataclass(frozen=True)
class Interval(Finite):
    """A confidence interval that says what it is about.

    Attributes
    ----------
    low, high : its bounds.
    crew : `same crew` (new items, these annotators) or `new crew` (new items and new annotators).
    method : how it was computed, in a few words.
    level : nominal coverage.
    """

    low: float
    high: float
    crew: Crew
    method: str
    level: float = 0.95

    @property
    def width(self) -> float:
        """Distance between the bounds."""
        return self.high - self.low

    def to_list(self) -> list[float]:
        """Bounds as the command line prints them."""
        return [self.low, self.high]


@dataclass(frozen=True, kw_only=True)
class Estimate(Finite):
    """One figure about the data.

    Attributes
    ----------
    name : the measure, in the field's term.
    value : the figure, or None where it is undefined.
    same_crew, new_crew : its intervals, or None with the reason in `interval_notes`.
    n : units (items unless said otherwise) it was computed from.
    n_set_aside : units that could not be used, such as items with a single label.
    reason : why the value is undefined; None where it is defined.
    interval_notes : why an interval is missing, or what to keep in mind about one.
    """

    name: str
    value: float | None
    same_crew: Interval | None = None
    new_crew: Interval | None = None
    n: int = 0
    n_set_aside: int = 0
    reason: str | None = None
    interval_notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if (self.value is None) == (self.reason is None):
            raise ValueError(f"{self.name}: an estimate has a value or a reason, and never both")
        super().__post_init__()

    @property
    def few(self) -> RestsOnFew | None:
        """On how few clusters its intervals rest, such as `rests on 3 prompts`; None where there are enough."""
        return next((note for note in self.interval_notes if isinstance(note, RestsOnFew)), None)

    def to_dict(self) -> dict[str, object]:
        """The estimate as the command line prints it."""
        return {
            "value": self.value,
            "same_crew": self.same_crew.to_list() if self.same_crew else None,
            "new_crew": self.new_crew.to_list() if self.new_crew else None,
            "n": self.n,
            "n_set_aside": self.n_set_aside,
            "reason": self.reason,
            "interval_notes": list(self.interval_notes),
        }

    def __str__(self) -> str:
        if self.value is None:
            return f"{self.name}: undefined ({self.reason})"
        bounds = "".join(f", {i.crew} [{i.low:.3f}, {i.high:.3f}]" for i in (self.same_crew, self.new_crew) if i)
        few = f" ({self.few})" if bounds and self.few else ""
        return f"{self.name} {self.value:.3f}{bounds}{few}, n = {self.n:,}"


def with_sign(value: float, digits: int = 1) -> str:
    """A difference with its sign; one that rounds to nothing has none.

    >>> with_sign(0.31), with_sign(-2.0), with_sign(-0.04), with_sign(0.004, 2)
    ('+0.3', '−2.0', '0.0', '0.00')
    """
    text = f"{value:+z.{digits}f}".replace("-", "−")
    return text[1:] if not text.strip("+0.") else text
