"""CSV, TSV and their kin as a frame of strings: separator recognised, quotes respected, every row as wide as the
header.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv as pa_csv

from workbench.errors import WorkbenchError, first_five
from workbench.findings import Finding, finding
from workbench.formats.files.titles import below_titles, titles_left_out, without_titles

SEPARATORS = (",", "\t", ";", "|")
CELL_LIMIT = 512 << 20
"""Characters of the largest cell."""
_SAMPLE = 1 << 16
_BLOCK = 64 << 20
_CUT = "The file was cut short or damaged: export it again."

csv.field_size_limit(CELL_LIMIT)


def parse_table(text: str, name: str, extension: str = "csv") -> tuple[pd.DataFrame, tuple[Finding, ...]]:
    """All rows as strings, empty cells as null.

    Parameters
    ----------
    text : the whole file.
    name, extension : of the file; the extension decides between separators that fit equally well.

    Raises
    ------
    WorkbenchError
        A row has more or fewer cells than the header (rows count as spreadsheets show them, the header being row 1), a
        quoted cell is never closed, or there is a header and nothing else.
    """
    notes: list[Finding] = []
    marked = re.match(r"sep=([^\r\n])\r?\n", text)
    if marked:
        text = text[marked.end() :]
    if not text or text.isspace():
        raise WorkbenchError(f"{name}: the file is empty.", "Check that the right file was exported.")
    text, titles = without_titles(text, marked[1] if marked else SEPARATORS)
    if titles:
        notes.append(titles_left_out(name, titles))
    separator = marked[1] if marked else sniff(text[:_SAMPLE], extension, len(text) > _SAMPLE)
    quoting = csv.QUOTE_MINIMAL
    problem = None
    if text.count('"') % 2:  # a quote that is never closed, or one that is no quote
        problem = _check(text, separator, name, quoting)
        if problem is not None and separator == "\t" and _check(text, separator, name, csv.QUOTE_NONE) is None:
            quoting, problem = csv.QUOTE_NONE, None
            notes.append(
                finding(
                    "info",
                    "quotes-are-text",
                    f"{name}: the quotation marks do not pair up and were read as part of the texts.",
                )
            )
    if problem is not None:
        raise problem
    header, start = _header(text, separator, quoting)
    columns, renamed = _names(header, name)
    notes += renamed
    frame = _fast(text, start, columns, separator, quoting)
    if frame is None and (padded := _padded(text, separator, quoting, columns)) is not None:
        frame = padded
        notes.append(
            finding(
                "info",
                "short-rows",
                f"{name}: rows end before the last columns ({first_five(columns[-2:])}); these are empty there.",
                "Nothing to do if the platform leaves empty cells at the end away.",
            )
        )
    if frame is None:
        if (problem := _check(text, separator, name, quoting)) is not None:
            if separator != "\t" or _check(text, separator, name, csv.QUOTE_NONE) is not None:
                raise problem
            return parse_unquoted(text, name)
        frame = _slow(text, columns, separator, quoting)
    if len(frame) == 0:
        raise WorkbenchError(
            f"{name}: there is a header and nothing else (0 rows).", "Check that the right file was exported."
        )
    return frame, tuple(notes)


def parse_unquoted(text: str, name: str) -> tuple[pd.DataFrame, tuple[Finding, ...]]:
    """Tab-separated rows whose quotation marks are part of the texts."""
    header, _ = _header(text, "\t", csv.QUOTE_NONE)
    columns, notes = _names(header, name)
    note = finding(
        "info", "quotes-are-text", f"{name}: the quotation marks do not pair up and were read as part of the texts."
    )
    return _slow(text, columns, "\t", csv.QUOTE_NONE), (*notes, note)


def stretches(path: Path, name: str, extension: str, block: int) -> Iterator[pd.DataFrame] | None:
    """The rows of a file in stretches of about so many bytes, cells as of `parse_table`; None where only the whole file
    tells how it is to be read (another encoding than UTF-8, quotes that do not pair up in its beginning).

    Raises
    ------
    WorkbenchError
        A row further on has more or fewer cells than the header.
    """
    with path.open("rb") as stream:
        start = stream.read(_SAMPLE)
    cut = start.rfind(b"\n") + 1
    try:
        text = start[: cut or None].removeprefix(b"\xef\xbb\xbf").decode("utf-8")
    except UnicodeDecodeError:
        return None
    if not text or text.startswith("sep=") or text.count('"') % 2 or start.startswith(b"\xef\xbb\xbf"):
        return None
    if below_titles(text, SEPARATORS)[1]:
        return None
    separator = sniff(text, extension, True)
    header, _ = _header(text, separator, csv.QUOTE_MINIMAL)
    columns, renamed = _names(header, name)
    if renamed:
        return None
    return _streamed(path, name, columns, separator, block)


def _streamed(path: Path, name: str, columns: list[str], separator: str, block: int) -> Iterator[pd.DataFrame]:
    try:
        with pa_csv.open_csv(
            path,
            read_options=pa_csv.ReadOptions(column_names=columns, skip_rows=1, block_size=block),
            parse_options=pa_csv.ParseOptions(delimiter=separator, newlines_in_values=True),
            convert_options=pa_csv.ConvertOptions(
                column_types=dict.fromkeys(columns, pa.large_string()), strings_can_be_null=True, null_values=[""]
            ),
        ) as reader:
            for batch in reader:
                if batch.num_rows:
                    yield batch.to_pandas()
    except pa.ArrowInvalid as error:
        raise WorkbenchError(f"{name}: {' '.join(str(error).split())[:160]}.", _CUT) from error


def sniff(sample: str, extension: str = "csv", cut: bool = False) -> str:
    r"""The separator by which the first rows are equally wide.

    >>> sniff("id;label\n1;a,b\n2;a\n")
    ';'
    """
    usual = "\t" if extension in ("tsv", "txt") else ","
    best, best_score = usual, (0.0, 0, False)
    for separator in SEPARATORS:
        try:
            rows = [row for row in islice(csv.reader(io.StringIO(sample, newline=""), delimiter=separator), 60) if row]
        except csv.Error:
            continue
        rows = rows[:-1] if cut and len(rows) > 1 else rows
        if not rows or len(rows[0]) < 2:
            continue
        alike = float(np.mean([len(row) == len(rows[0]) for row in rows]))
        score = (alike, len(rows[0]), separator == usual)
        if score > best_score:
            best, best_score = separator, score
    return best


def _rows(text: str, separator: str, quoting: int) -> Iterator[tuple[int, int, list[str]]]:
    """Row number (the header is 1), line number and cells; empty lines are no rows."""
    reader = csv.reader(
        io.StringIO(text, newline=""),
        delimiter=separator,
        quoting=quoting,  # type: ignore[arg-type]
        strict=quoting != csv.QUOTE_NONE,
    )
    number = 0
    for row in reader:
        if row:
            number += 1
            yield number, reader.line_num, row


def _check(text: str, separator: str, name: str, quoting: int) -> WorkbenchError | None:
    """What is wrong with the first row that is broken."""
    number, line, width = 0, 0, 0
    try:
        for number, line, row in _rows(text, separator, quoting):
            width = width or len(row)
            if len(row) != width:
                what = f"{name} row {number:,} (line {line:,}): {len(row):,} cells where the header has {width:,}"
                return WorkbenchError(
                    f"{what} ({first_five(row)}).",
                    "Mend that row, or quote cells that contain the separator or a newline.",
                )
    except csv.Error as error:
        what = "a quoted cell is never closed" if "end of data" in str(error) else str(error)
        return WorkbenchError(f"{name} row {number + 1:,} (after line {line:,}): {what}.", _CUT)
    return None


def _header(text: str, separator: str, quoting: int) -> tuple[list[str], int]:
    """The cells of the first row, and where the second begins."""
    size = _SAMPLE
    while True:
        stream = io.StringIO(text[:size], newline="")
        row = next((r for r in csv.reader(stream, delimiter=separator, quoting=quoting) if r), [])  # type: ignore[arg-type]
        if size >= len(text) or stream.tell() < size:
            return row, stream.tell()
        size *= 16


def _padded(text: str, separator: str, quoting: int, columns: list[str]) -> pd.DataFrame | None:
    """The table where a platform leaves the empty cells at the end of its rows away; None where that does not explain
    it: most rows must be short, and all short ones equally.
    """
    try:
        rows = [row for _, _, row in _rows(text, separator, quoting)][1:]
    except csv.Error:
        return None
    widths = np.array([len(row) for row in rows])
    short = widths < len(columns)
    if (
        not rows
        or (widths > len(columns)).any()
        or short.mean() <= 0.5
        or len(set(widths[short])) != 1
        or widths[short][0] < 2
    ):
        return None
    last = ["", *([""] * len(columns))]
    cells = [[*row, *last][: len(columns)] for row in rows]
    frame = {c: pd.array([row[i] or None for row in cells], dtype="str") for i, c in enumerate(columns)}
    return pd.DataFrame(frame, columns=columns)


def _names(header: Sequence[str], name: str) -> tuple[list[str], list[Finding]]:
    """Column names, made distinct: an empty one is called by its number, a second `label` becomes `label.2`."""
    names: list[str] = []
    again: list[str] = []
    for i, cell in enumerate(header, start=1):
        wanted = cell.strip() or f"column {i}"
        unique, n = wanted, 1
        while unique in names:
            n += 1
            unique = f"{wanted}.{n}"
        if n > 1:
            again.append(unique)
        names.append(unique)
    if not again:
        return names, []
    return names, [
        finding(
            "warning",
            "duplicate-columns",
            f"{name}: {len(again):,} columns have the name of an earlier one and were renamed ({first_five(again)}).",
            "Give each column a name of its own.",
            again,
        )
    ]


def _fast(text: str, start: int, columns: list[str], separator: str, quoting: int) -> pd.DataFrame | None:
    """Arrow's parser; None where it finds anything amiss, so that the exact reading says what and where."""
    if quoting == csv.QUOTE_NONE or start >= len(text):
        return None
    data = memoryview(text.encode("utf-8", "replace"))[len(text[:start].encode("utf-8", "replace")) :]
    if len(data) < _SAMPLE and not bytes(data).strip():
        return None
    try:
        table = pa_csv.read_csv(
            pa.BufferReader(pa.py_buffer(data)),
            read_options=pa_csv.ReadOptions(column_names=columns, block_size=_BLOCK),
            parse_options=pa_csv.ParseOptions(delimiter=separator, newlines_in_values=True),
            convert_options=pa_csv.ConvertOptions(
                column_types=dict.fromkeys(columns, pa.large_string()), strings_can_be_null=True, null_values=[""]
            ),
        )
    except pa.ArrowInvalid:
        return None
    return table.to_pandas()


def _slow(text: str, columns: list[str], separator: str, quoting: int) -> pd.DataFrame:
    cells = [row for _, _, row in _rows(text, separator, quoting)][1:]
    frame = {c: pd.array([row[i] or None for row in cells], dtype="str") for i, c in enumerate(columns)}
    return pd.DataFrame(frame, columns=columns)
