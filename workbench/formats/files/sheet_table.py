"""The table in a sheet: below its titles, under one header, joined with sheets of the same header."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from workbench.errors import first_five
from workbench.findings import Finding, finding
from workbench.formats.files.titles import titles_left_out

Span = tuple[tuple[int, int], tuple[int, int]]
"""The first and last row and column of cells that are merged."""
_SHEET = "sheet"
_NARROW, _WIDE = 3, 3
"""A title fills one cell, or less than this part of the columns of a table of this many columns or more."""
_MOST_TITLES = 20


@dataclass(frozen=True)
class Sheet:
    """A table of a sheet: its header and rows as text, the numbers of these in the sheet, and what was left out."""

    rows: list[list[str]]
    numbers: list[int]
    findings: tuple[Finding, ...] = ()

    @property
    def header(self) -> list[str]:
        """The names of the columns."""
        return self.rows[0] if self.rows else []


def header_at(rows: Sequence[Sequence[str]]) -> int:
    """Where the header is: the first row that is no title, as wide as the rows below it or nearly so.

    >>> header_at([["Export", "", ""], ["item", "rater", "label"], ["1", "a", "yes"]])
    1
    >>> header_at([["item", "label"], ["1", "yes"]])
    0
    """
    filled = [sum(bool(cell) for cell in row) for row in rows]
    width = max(filled, default=0)
    most = max(1, width // _NARROW) if width >= _WIDE else 1
    titles = next((i for i, n in enumerate(filled[:_MOST_TITLES]) if n > most), 0)
    return titles if width > 1 else 0


def table_of(cells: Sequence[Sequence[str]], merged: Sequence[Span], name: str) -> Sheet:
    """The table in the cells of a sheet.

    Parameters
    ----------
    cells : rows as text, empty ones among them.
    merged : cells that are one: those over several columns are a header over the header below.
    name : of the file and its sheet, for messages.
    """
    numbers = [i for i, row in enumerate(cells) if any(row)]
    rows = [list(cells[i]) for i in numbers]
    at = header_at(rows)
    notes = []
    if at:
        titles = [" ".join(filter(None, row)) for row in rows[:at]]
        notes.append(titles_left_out(name, titles))
    rows, numbers = rows[at:], numbers[at:]
    over = [span for span in merged if numbers and span[0][0] == numbers[0] and span[1][1] > span[0][1]]
    if over and len(rows) > 1:
        rows[0] = _joined(rows[0], rows[1], over)
        del rows[1], numbers[1]
        notes.append(
            finding("info", "header-joined", f"{name}: the two rows of the header are joined ({first_five(rows[0])}).")
        )
    return Sheet(rows, [n + 1 for n in numbers], tuple(notes))


def _joined(upper: Sequence[str], lower: Sequence[str], over: Sequence[Span]) -> list[str]:
    """One name a column of a header over another."""
    above = list(upper)
    for (_, first), (_, last) in over:
        for column in range(first, min(last + 1, len(above))):
            above[column] = above[first]
    return [": ".join(filter(None, dict.fromkeys(both))) for both in zip(above, lower, strict=True)]


def opened(sheets: Mapping[str, Sheet]) -> tuple[str, list[str], str, list[int]]:
    """The largest sheet, the sheets that have its header, all of these as CSV text, and the rows' numbers; with several
    sheets a column says of which each row is.
    """
    largest = max(sheets, key=lambda each: len(sheets[each].rows))
    header = sheets[largest].header
    joined = [s for s, found in sheets.items() if found.header == header and len(found.rows) > 1] or [largest]
    out = io.StringIO()
    write = csv.writer(out, lineterminator="\n")
    if len(joined) == 1:
        write.writerows(sheets[largest].rows)
        return largest, joined, out.getvalue(), sheets[largest].numbers[1:]
    column = next(c for c in (_SHEET, f"{_SHEET}_name", f"name of the {_SHEET}") if c not in header)
    write.writerow([*header, column])
    for sheet in joined:
        write.writerows([*row, sheet] for row in sheets[sheet].rows[1:])
    return largest, joined, out.getvalue(), [n for s in joined for n in sheets[s].numbers[1:]]


def numbers_of(rows: Sequence[int]) -> np.ndarray | None:
    """The numbers of rows, None where they are counted on from 2 as in a sheet without titles."""
    return None if list(rows) == list(range(2, len(rows) + 2)) else np.array(rows)
