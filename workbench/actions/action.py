"""One thing to do about the data: what it would change, by how much, and where it is done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from workbench.auditing.check import Status
from workbench.estimates import Finite

Kind = Literal["set aside", "ask", "gold", "slice", "week", "reading"]
Unit = Literal["alpha", "labels", "gold"]


@dataclass(frozen=True, kw_only=True)
class Predicted(Finite):
    """What an action would change.

    Attributes
    ----------
    what : the figure, in the field's term.
    unit : `alpha`; `labels` (item labels put right) or `gold` (gold labels that are wrong), as counts.
    before, after : the figure as it is and as it would be; None where only the change is predicted.
    change : the change, with its interval `low`, `high` (95%).
    about : what the interval is about, in a few words.
    of : how many items or labels the change is counted over; None for a coefficient.
    placebo : change of the same figure where as much is set aside at random; None where that says nothing.
    most : whether the change is the most that can be had rather than what to expect.
    """

    what: str
    unit: Unit
    before: float | None
    after: float | None
    change: float
    low: float
    high: float
    about: str
    of: int | None = None
    placebo: float | None = None
    most: bool = False

    def to_dict(self) -> dict[str, object]:
        """As the command line prints it."""
        return {
            "what": self.what,
            "unit": self.unit,
            "before": self.before,
            "after": self.after,
            "change": self.change,
            "interval": [self.low, self.high],
            "about": self.about,
            "of": self.of,
            "placebo": self.placebo,
            "most": self.most,
        }


@dataclass(frozen=True)
class Target:
    """Where an action is done.

    Attributes
    ----------
    page : the page, by its URL path.
    choices : parameters of its address that fill it in; several values of one in a tuple.
    items : positions of the items that it is about; () where the page finds them itself.
    """

    page: str
    choices: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict)
    items: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Action(Finite):
    """One thing to do.

    Attributes
    ----------
    kind : `set aside` annotators, `ask` for more labels, repair `gold`, look at the guidelines of a `slice` or a
        `week`, mend the `reading` of the file.
    title : what to do, in a few words.
    predicted : what it would change; None where that cannot be said, with `reason`.
    target : where it is done.
    addresses : the check of the verdict that it bears on, and how that stands.
    points : share of the labels that it would put right, as far as that can be said: what actions of one status are
        ranked by.
    asked : what the action touches (annotators, items, gold labels, rows), as a count of `of` many of `counted`.
    usd : what it costs; None where nothing is paid.
    reason : why no effect is predicted.
    names : annotators it is about.
    """

    kind: Kind
    title: str
    predicted: Predicted | None
    target: Target
    addresses: str
    status: Status
    points: float
    asked: int
    of: int
    counted: str
    usd: float | None = None
    reason: str = ""
    names: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, object]:
        """As the command line prints it."""
        return {
            "kind": self.kind,
            "title": self.title,
            "predicted": None if self.predicted is None else self.predicted.to_dict(),
            "page": self.target.page,
            "choices": {k: list(v) if isinstance(v, tuple) else v for k, v in self.target.choices.items()},
            "check": self.addresses,
            "status": self.status,
            "points": self.points,
            "asked": self.asked,
            "of": self.of,
            "counted": self.counted,
            "usd": self.usd,
            "reason": self.reason or None,
            "annotators": list(self.names),
        }
