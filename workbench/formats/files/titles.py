"""Titles above the header of a text table: rows of one cell that say what the file is."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from workbench.errors import counted, first_five
from workbench.findings import Finding, finding

_SAMPLE = 1 << 16
_MOST_TITLES = 5
_LOOKED_AT = 40
_LEAST_COLUMNS = 3
_MOST = 0.5


def without_titles(text: str, separators: Sequence[str]) -> tuple[str, list[str]]:
    r"""The text with empty lines in place of the titles above its header, so that lines keep their numbers; and the
    titles.

    >>> without_titles("Study 2\nid,who,label\n1,ann,A\n", ",;")
    ('\nid,who,label\n1,ann,A\n', ['Study 2'])
    """
    above, titles = below_titles(text[:_SAMPLE], separators)
    return ("\n" * len(text[:above].splitlines()) + text[above:] if titles else text), titles


def below_titles(sample: str, separators: Sequence[str]) -> tuple[int, list[str]]:
    r"""Where the header begins, in characters, and the titles above it; 0 and none where the first row is the header.

    >>> below_titles("Study 2\n\nid,who,label\n1,ann,A\n2,bo,B\n", ",;")
    (8, ['Study 2'])
    >>> below_titles("id,who,label\n1,ann,A\n", ",;")
    (0, [])
    """
    found = (0, list[str]())
    for separator in separators:
        rows, ends = _first_rows(sample, separator)
        filled = [sum(map(bool, row)) for row in rows]
        at = next((i for i, n in enumerate(filled) if n > 1), 0)
        if at == 0 and filled and filled[0] > 1 and _as_wide(rows[1:], len(rows[0])):
            return 0, []  # the first row is a header by this separator
        some_titles = 1 <= at <= _MOST_TITLES and filled[at] >= _LEAST_COLUMNS
        if not found[0] and some_titles and _as_wide(rows[at + 1 :], len(rows[at])):
            found = ends[at - 1], [next(filter(None, row), "") for row in rows[:at]]
    return found


def _first_rows(sample: str, separator: str) -> tuple[list[list[str]], list[int]]:
    """The first rows that are not empty, and where each ends; none where they cannot be read."""
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
        return [], []
    return rows, ends


def _as_wide(rows: Sequence[Sequence[str]], width: int) -> bool:
    """Whether there are rows, and most are of this width; a broken one among them is named later."""
    return sum(len(row) == width for row in rows) > _MOST * len(rows)


def titles_left_out(name: str, titles: Sequence[str]) -> Finding:
    """What is said of titles that were not read."""
    n = len(titles)
    return finding(
        "info",
        "titles-left-out",
        f"{name}: {counted(n, 'row')} above the header {'is a title' if n == 1 else 'are titles'}"
        f" ({first_five(titles)}) and left out.",
    )
