"""Titles above the header of a text table: rows of one cell that say what the file is."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from workbench.errors import counted, first_five
from workbench.findings import Finding, finding

_MOST_TITLES = 5
_LOOKED_AT = 40
_LEAST_COLUMNS = 3
_ALIKE = 0.9


def below_titles(sample: str, separators: Sequence[str]) -> tuple[int, list[str]]:
    r"""Where the header begins, in characters, and the titles above it; 0 and none where the first row is the header.

    >>> below_titles("Study 2\n\nid,who,label\n1,ann,A\n2,bo,B\n", ",;")
    (8, ['Study 2'])
    >>> below_titles("id,who,label\n1,ann,A\n", ",;")
    (0, [])
    """
    for separator in separators:
        stream = io.StringIO(sample, newline="")
        rows, ends = [], []
        try:
            for row in csv.reader(iter(stream.readline, ""), delimiter=separator):
                if row:
                    rows.append([cell.strip() for cell in row])
                    ends.append(stream.tell())
                if len(rows) == _LOOKED_AT:
                    break
        except csv.Error:
            continue
        filled = [sum(map(bool, row)) for row in rows]
        at = next((i for i, n in enumerate(filled) if n > 1), 0)
        below = rows[at + 1 : -1] if len(rows) > at + 2 else rows[at + 1 :]
        if not 1 <= at <= _MOST_TITLES or filled[at] < _LEAST_COLUMNS or not below:
            continue
        if sum(len(row) == len(rows[at]) for row in below) >= _ALIKE * len(below):
            return ends[at - 1], [next(filter(None, row), "") for row in rows[:at]]
    return 0, []


def titles_left_out(name: str, titles: Sequence[str]) -> Finding:
    """What is said of titles that were not read."""
    n = len(titles)
    return finding(
        "info",
        "titles-left-out",
        f"{name}: {counted(n, 'row')} above the header {'is a title' if n == 1 else 'are titles'}"
        f" ({first_five(titles)}) and left out.",
    )
