"""Rows of a table that judge nothing: a title above the header, and sums and means below the last row."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np

from workbench.errors import counted, first_five
from workbench.findings import finding
from workbench.formats.files.document import Document
from workbench.formats.files.parquet import ParquetTable
from workbench.formats.files.sheet_table import header_at

_SUMS = re.compile(
    r"(?:grand |sub)?totals?\b|sums?\b|averages?\b|avg\b|means?\b|medians?\b|counts?\b|majority\b|overall\b|std\b|"
    r"stdev|kappa|agreement\b|percent|% ?(?:yes|agree)|gesamt|summe\b|mittelwert|durchschnitt|moyenne|totaux|suma\b|"
    r"promedio",
    re.I,
)
_NAMELESS = re.compile(r"column \d+")
_LAST, _TOP = 8, 12


def without_summary_rows(document: Document) -> Document:
    """The table without titles above its header, which leave all other columns without a name, and without the rows of
    sums and means at its end.
    """
    if document.shape != "table" or isinstance(document.content, ParquetTable):
        return document
    return _without_sums(_below_titles(document))


def _below_titles(document: Document) -> Document:
    table = document.content
    if 2 * sum(_NAMELESS.fullmatch(str(c)) is not None for c in table) <= len(table.columns) or len(table) < 2:
        return document
    named = ["" if _NAMELESS.fullmatch(str(c)) else str(c) for c in table]
    top = [named, *(["" if v != v or v is None else str(v) for v in row] for row in table.head(_TOP).to_numpy(object))]
    at = header_at(top)
    header = top[at]
    if at == 0 or len(set(header)) < len(header) or not all(header):
        return document
    numbers = _numbers(document)[at:]
    told = finding(
        "info",
        "titles-left-out",
        f"{document.name}: {counted(at, 'row')} above the header {'is a title' if at == 1 else 'are titles'} and left"
        " out.",
    )
    return replace(
        document,
        content=table.iloc[at:].set_axis(header, axis=1).reset_index(drop=True),
        row_numbers=numbers,
        findings=(*document.findings, told),
    )


def _without_sums(document: Document) -> Document:
    table = document.content
    if len(table) < 2 or not len(table.columns):
        return document
    first = [str(v).strip() for v in table.iloc[:, 0]]
    sums = [_SUMS.match(v) is not None for v in first[-_LAST:]]
    n = next((i for i, each in enumerate(reversed(sums)) if not each), len(sums))
    if n == 0 or n == len(first) or any(_SUMS.match(v) for v in first[:-n]):
        return document
    told = finding(
        "warning",
        "sums-left-out",
        f"{document.name}: the last {counted(n, 'row')} ({first_five(first[-n:])}) {'sums' if n == 1 else 'sum'} up the"
        f" others and {'is' if n == 1 else 'are'} left out.",
        count=n,
    )
    return replace(
        document,
        content=table.iloc[:-n].reset_index(drop=True),
        row_numbers=_numbers(document)[:-n],
        findings=(*document.findings, told),
    )


def _numbers(document: Document) -> np.ndarray:
    """The number of each row by which a person finds it."""
    if document.row_numbers is not None:
        return document.row_numbers
    return np.arange(len(document.content)) + document.first_row
