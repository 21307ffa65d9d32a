"""One question asked of the data, with the figure it turns on and the line that figure is held to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Literal

from workbench.errors import counted
from workbench.estimates import Finite, Interval

Status = Literal["ready", "review", "stop"]
Sense = Literal["at least", "at most"]
ORDER: tuple[Status, ...] = ("ready", "review", "stop")


@dataclass(frozen=True, kw_only=True)
class Check(Finite):
    """One question asked of the data.

    A figure and its line are in one unit and one sense: the check is ready where the figure meets the line, and only
    there (`meets`).

    Attributes
    ----------
    name : what is checked.
    status : ready, review or stop.
    value : the figure it turns on; None where it is undefined.
    threshold : the line it is held to; None where nothing is to be met.
    why : one sentence in plain words.
    page : the page that shows more, by its URL path.
    sense : whether the figure must be at least, or at most, the line.
    figure : what the figure is, such as `lower end of alpha`.
    unit : `share`, `alpha` or `count`.
    intervals : of the estimate behind the figure.
    remedy : what to do about it, in a sentence; '' where it is ready.
    n, of, counted : what it was counted from: used, of how many, and what these are.
    """

    name: str
    status: Status
    value: float | None
    threshold: float | None
    why: str
    page: str = ""
    sense: Sense = "at least"
    figure: str = ""
    unit: Literal["share", "alpha", "count"] = "share"
    intervals: tuple[Interval, ...] = ()
    n: int | None = None
    of: int | None = None
    counted: str = ""
    remedy: str = ""

    @property
    def meets(self) -> bool | None:
        """Whether the figure meets the line; None where there is no figure or no line."""
        if self.value is None or self.threshold is None:
            return None
        return self.value >= self.threshold if self.sense == "at least" else self.value <= self.threshold

    def held(self) -> tuple[str, str]:
        """Figure and line in words, in one unit, with as many digits as it takes to see on which side of it one is.

        >>> Check(name="overlap", status="review", value=0.1996, threshold=0.2, why="").held()
        ('19.96%', 'at least 20.00%')
        >>> Check(name="overlap", status="review", value=None, threshold=0.2, why="").held()
        ('undefined', 'at least 20%')
        """
        digits = next((d for d in range(4) if self._seen_at(d)), 4)
        figure = "undefined" if self.value is None else self._said(self.value, digits)
        return figure, "" if self.threshold is None else f"{self.sense} {self._said(self.threshold, digits)}"

    def _seen_at(self, digits: int) -> bool:
        if self.value is None or self.threshold is None:
            return True
        return self._said(self.value, digits) != self._said(self.threshold, digits) or self.value == self.threshold

    def _said(self, value: float, digits: int) -> str:
        if self.unit == "share":
            return f"{100 * value:.{digits}f}%"
        return f"{value:,.0f}" if self.unit == "count" else f"{value:z.{digits + 2}f}".replace("-", "−")

    def to_dict(self) -> dict[str, object]:
        """The check as the command line prints it."""
        plain = {f.name: getattr(self, f.name) for f in fields(self) if f.name not in ("intervals", "of", "counted")}
        return {**plain, "intervals": {i.crew: i.to_list() for i in self.intervals}}


@dataclass(frozen=True)
class Flagged:
    """Flagged annotators.

    Attributes
    ----------
    annotators, of_annotators : how many are flagged, of how many.
    labels, of_labels : labels they gave, of all.
    kinds : kind of flag -> annotators with it.
    """

    annotators: int
    of_annotators: int
    labels: int
    of_labels: int
    kinds: Mapping[str, int] = field(default_factory=dict)

    @property
    def said(self) -> str:
        """Who is flagged and for what, as a sentence without its end.

        >>> Flagged(2, 12, 300, 1_900, {"random": 2, "side": 1}).said
        '2 of 12 annotators are flagged (random 2, side 1)'
        """
        kinds = ", ".join(kind if self.annotators == 1 else f"{kind} {n:,}" for kind, n in self.kinds.items())
        return (
            f"{self.annotators:,} of {counted(self.of_annotators, 'annotator')}"
            f" {'is' if self.annotators == 1 else 'are'} flagged{f' ({kinds})' if kinds else ''}"
        )


@dataclass(frozen=True)
class Crowding:
    """How the items spread over prompts, or groups.

    Attributes
    ----------
    largest : items of the commonest one.
    items, groups : how many there are.
    """

    largest: int
    items: int
    groups: int


@dataclass(frozen=True)
class BothOrders:
    """Pairs judged by one annotator in both orders, without a tie.

    Attributes
    ----------
    groups : how many.
    always_first, always_second : those in which the place was chosen both times, the first or the second.
    p_value : of McNemar's test that order does not sway; None where none changed.
    """

    groups: int
    always_first: int
    always_second: int
    p_value: float | None
