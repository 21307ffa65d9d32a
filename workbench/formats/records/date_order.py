"""Dates such as 3/4/2024, of which nothing in their column tells whether the day or the month comes first.

A first number above 12 tells it, and so does a column that is in order of time in one way only. Where neither does,
both readings are kept until the user has chosen one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from workbench.dataset.export import Export
from workbench.errors import WorkbenchError
from workbench.findings import finding
from workbench.formats.records.times import to_moment
from workbench.messages import by, message

ORDERS = ("month", "day")
"""What may come first in a date."""

_ASIDE = " (day first)"
_IN_DOUBT = ("started_at", "ended_at", "seconds")
_LEAST_IN_ORDER = 4
_SHOWN = 3


@dataclass(frozen=True)
class WayOfDates:
    """One way to read dates in doubt.

    Attributes
    ----------
    first : what comes first, `month` or `day`.
    says : the same as a sentence.
    examples : dates as written, and as they would be read.
    earliest, latest : the days from and to which they would go.
    """

    first: str
    says: str
    examples: tuple[tuple[str, str], ...]
    earliest: str
    latest: str


class UnclearDates(WorkbenchError):
    """Dates that can be read in two ways, of which nothing in the file tells the right one.

    Attributes
    ----------
    source, column : the file and its column.
    count : dates in doubt.
    ways : both ways.
    """

    def __init__(self, source: str, column: str, count: int, ways: Sequence[WayOfDates]) -> None:
        self.source, self.column, self.count, self.ways = source, column, count, tuple(ways)
        shown = "; or ".join(
            f"({i}) {way.says}: {way.examples[0][0]!r} is {way.examples[0][1]}, all from {way.earliest} to {way.latest}"
            for i, way in enumerate(ways, 1)
        )
        super().__init__(
            f"{source}: {count:,} dates in {column!r} could have the day or the month first, and nothing says which."
            f" They can be {shown}.",
            message(
                "Say which: (1) ", by("dates", value=ways[0].first), " or (2) ", by("dates", value=ways[1].first), "."
            ),
        )


def order_told(texts: pd.Series) -> str | None:
    """What comes first where the column is in order of time in one way only, in which it says so itself.

    >>> order_told(pd.Series(["11/3/2024", "12/3/2024", "1/4/2024", "2/4/2024"]))
    'day'
    >>> order_told(pd.Series(["3/4/2024", "5/6/2024", "7/8/2024", "9/10/2024"])) is None
    True
    """
    ways = {}
    for first in ORDERS:
        moments = to_moment(texts, day_first=first == "day")
        moments = moments[~np.isnat(moments)]
        steps = np.diff(moments).astype(np.int64)
        distinct = int((steps != 0).sum()) + 1
        ways[first] = distinct >= _LEAST_IN_ORDER and bool((steps >= 0).all() or (steps <= 0).all())
    told = [first for first, in_order in ways.items() if in_order]
    return told[0] if len(told) == 1 else None


def kept_aside(rows: pd.DataFrame, other: pd.DataFrame) -> None:
    """Adds the times with the day first to rows that have them with the month first."""
    for column in _IN_DOUBT:
        if column in other:
            rows[column + _ASIDE] = other[column]


def settled(exports: Sequence[Export], dates: str | None, *, ask: bool = True) -> list[Export]:
    """The exports with one reading of their dates.

    Parameters
    ----------
    dates : what comes first, `month` or `day`; None = nobody said.
    ask : else dates that nobody has said anything of have the month first, and a finding says so.

    Raises
    ------
    WorkbenchError
        `dates` is neither.
    UnclearDates
        Dates are in doubt and nobody said what comes first.
    """
    if dates is not None and dates not in ORDERS:
        raise WorkbenchError(f"Dates cannot be {dates!r}.", "Say month or day: what comes first in them.")
    return [_settled(export, dates, ask) for export in exports]


def _settled(export: Export, dates: str | None, ask: bool) -> Export:
    aside = [c for c in export.rows.columns if str(c).endswith(_ASIDE)]
    if not aside:
        return export
    doubt = next(f for f in export.findings if f.code == "dates-in-doubt")
    if dates is None and ask:
        raise UnclearDates(export.source, str(doubt.rows[0]), doubt.count, ways_of(list(doubt.rows[1:])))
    rows = export.rows.drop(columns=aside)
    if dates == "day":
        rows = rows.assign(**{c.removesuffix(_ASIDE): export.rows[c] for c in aside})
    note = finding(
        "warning" if dates is None else "info",
        "dates-read",
        f"{export.source}: {doubt.count:,} dates were read with the {dates} first, as was said."
        if dates is not None
        else f"{doubt.message[:-1]}; they were read with the month first.",
        count=doubt.count,
    )
    return replace(export, rows=rows, findings=(*(f for f in export.findings if f is not doubt), note))


def ways_of(texts: Sequence[str]) -> tuple[WayOfDates, WayOfDates]:
    """Both ways to read dates as they are written."""
    one, two = (_way(texts, first) for first in ORDERS)
    return one, two


def _way(texts: Sequence[str], first: str) -> WayOfDates:
    moments = to_moment(list(texts), day_first=first == "day")
    known = moments[~np.isnat(moments)]
    days = [str(known.min())[:10], str(known.max())[:10]] if len(known) else ["", ""]
    telling = [(t, m) for t, m in zip(texts, moments, strict=True) if not np.isnat(m)][:_SHOWN]
    examples = tuple((t, f"{pd.Timestamp(m).day} {pd.Timestamp(m):%B %Y}") for t, m in telling)
    return WayOfDates(first, f"the {first} comes first", examples, days[0], days[1])
