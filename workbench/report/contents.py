"""What a report holds before it is a page, an object or a table: sections of figures, each with its intervals, its
counts and its code.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pandas as pd

from workbench.estimates import Estimate, Finite
from workbench.report.written import Span, Unit, plain, write


@dataclass(frozen=True, kw_only=True)
class Figure(Finite):
    """One number of the report.

    Attributes
    ----------
    name : short and stable, for programs.
    title : for people.
    value : the number; None where undefined.
    python : an expression that gives it, after the code of the section.
    unit : how it is written.
    spans : its intervals.
    n, of : how many were used, and how many there are; None where that says nothing.
    counted : what `n` counts.
    reason : why it is undefined.
    note : what to keep in mind.
    measure : its entry in the glossary; empty for plain counts.
    exact : why it has no interval; empty where it has one, and for counts, which say what the file holds.

    >>> Figure(name="x", title="Right", value=0.5, python="1 / 2", unit="share").written
    '50.0%'
    """

    name: str
    title: str
    value: float | int | str | None
    python: str
    unit: Unit = "number"
    spans: tuple[Span, ...] = ()
    n: int | None = None
    of: int | None = None
    counted: str = "items"
    reason: str | None = None
    note: str = ""
    measure: str = ""
    exact: str = ""

    @property
    def written(self) -> str:
        """The value as people read it."""
        return write(self.value, self.unit)

    @property
    def used(self) -> str:
        """How many were used of how many: `603 of 663 items`."""
        if self.n is None:
            return ""
        return (
            f"{self.n:,} of {self.of:,} {self.counted}"
            if self.of is not None and self.of != self.n
            else f"{self.n:,} {self.counted}"
        )

    def to_dict(self) -> dict[str, Any]:
        """The figure for programs."""
        return {
            "name": self.name,
            "title": self.title,
            "value": self.value,
            "unit": self.unit,
            "intervals": {s.about: [s.low, s.high] for s in self.spans},
            "no_interval": self.exact or None,
            "n": self.n,
            "of": self.of,
            "counted": self.counted if self.n is not None else None,
            "reason": self.reason,
            "note": self.note or None,
            "python": self.python,
        }


def of_estimate(
    name: str,
    title: str,
    found: Estimate,
    python: str,
    *,
    unit: Unit = "number",
    counted: str = "items",
    of: int | None = None,
    measure: str = "",
) -> Figure:
    """The figure of an estimate, with both its intervals.

    Parameters
    ----------
    python : an expression that gives the estimate.
    of : how many units there are; by default those used and those set aside.
    """
    spans = tuple(Span(i.crew, i.low, i.high) for i in (found.same_crew, found.new_crew) if i is not None)
    whole = found.n + found.n_set_aside if of is None else of
    said = "; ".join(found.interval_notes)
    none = not spans and found.value is not None
    return Figure(
        name=name,
        title=title,
        value=found.value,
        python=f"{python}.value",
        unit=unit,
        spans=spans,
        n=found.n,
        of=whole,
        counted=counted,
        reason=found.reason,
        note="" if none else said,
        measure=measure,
        exact=said or "none was worked out" if none else "",
    )


@dataclass(frozen=True)
class Column:
    """A column of a table.

    Attributes
    ----------
    name, title, unit : as for a figure; without a name the cell holds the interval alone.
    low, high : columns that hold its interval, and `n` the one that holds its count; shown within its cells.
    """

    name: str
    title: str
    unit: Unit = "text"
    low: str = ""
    high: str = ""
    n: str = ""


@dataclass(frozen=True, eq=False, kw_only=True)
class Table:
    """Rows of the report.

    Attributes
    ----------
    name, title : for programs and for people.
    frame : the rows, all of them; they go into the CSV and JSON files.
    columns : those shown on the page, in this order.
    python : an expression that gives the same figures, as a frame or a list.
    shown : rows on the page; the rest is counted. 0 = in the files only, where a drawing or the figures already show
        it.
    note : what to keep in mind.
    """

    name: str
    title: str
    frame: pd.DataFrame
    columns: tuple[Column, ...]
    python: str
    shown: int = 100
    note: str = ""

    def records(self) -> list[dict[str, Any]]:
        """The rows for programs, NaN as null."""
        return [{str(k): plain(v) for k, v in row.items()} for row in self.frame.to_dict("records")]


@dataclass(frozen=True)
class Drawing:
    """A figure drawn as SVG: `svg` is made by `workbench.report.drawing` and has every text escaped."""

    title: str
    svg: str


@dataclass(frozen=True, kw_only=True)
class Section:
    """One question of the report.

    Attributes
    ----------
    name, title : for programs and for people.
    says : sentences, before any number.
    code : Python that, after the data are loaded as `data`, makes what the expressions of the figures use.
    figures, tables, drawings : what it holds.
    listed : whether its figures stand in a table on the page; off where a box shows them.
    boxes : ready HTML with every text escaped, such as the verdict's box.
    absent : why there is nothing in it; None where there is.
    """

    name: str
    title: str
    says: tuple[str, ...] = ()
    code: str = ""
    figures: tuple[Figure, ...] = ()
    tables: tuple[Table, ...] = ()
    drawings: tuple[Drawing, ...] = ()
    boxes: tuple[str, ...] = ()
    absent: str | None = None
    listed: bool = True

    def python(self, load: str) -> str:
        """All code of the section: every figure as an expression, with what it gives as a comment."""
        given = [
            (f.python, f.written if f.value is not None else f"undefined: {f.reason}") for f in self.figures if f.python
        ]
        given += [(t.python, t.title) for t in self.tables if t.python]
        lines = [f"{expression}  # {_comment(said)}" for expression, said in given]
        return _arranged("import workbench", load, self.code, "\n".join(lines)) if lines else ""

    def to_dict(self, load: str) -> dict[str, Any]:
        """The section for programs."""
        return {
            "title": self.title,
            "says": list(self.says),
            "absent": self.absent,
            "figures": [f.to_dict() for f in self.figures],
            "tables": {t.name: {"title": t.title, "rows": t.records(), "python": t.python} for t in self.tables},
            "python": self.python(load),
        }


@dataclass(frozen=True, kw_only=True)
class About:
    """What the report is about and how it was made.

    Attributes
    ----------
    title : its headline.
    sources, format, key : of the data.
    made : when.
    version : of the workbench.
    load : Python that opens the data as `data`.
    counts : what there is, in words.
    annotators_shown : whether ids are shown as they are; otherwise they are hashed.
    texts_shown : whether texts of the annotations are in it.
    """

    title: str
    sources: tuple[str, ...]
    format: str
    key: str
    made: datetime
    version: str
    load: str
    counts: str
    annotators_shown: bool
    texts_shown: bool


def _arranged(*parts: str) -> str:
    """Pieces of Python as one, imports first."""
    lines = [line for part in parts[:-1] for line in part.splitlines()]
    imports = list(dict.fromkeys(line for line in lines if line.startswith(("import ", "from "))))
    rest = [line for line in lines if line and line not in imports]
    return "\n".join([*imports, "", *rest, "", parts[-1]])


def _comment(text: str) -> str:
    """Text of the data as a comment: one line, nothing in it that Python could not read."""
    return "".join(c if c.isprintable() else " " for c in " ".join(text.split()))
