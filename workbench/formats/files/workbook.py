"""Workbooks of Excel and LibreOffice: the cells of one sheet, as they would stand in a CSV file.

Values are what the workbook holds, formulas as they were last computed; nothing in it is run.
"""

from __future__ import annotations

import io
import zipfile
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from workbench.errors import WorkbenchError, counted, first_five
from workbench.extras import need
from workbench.findings import Finding, finding
from workbench.formats.files.sheet_table import Sheet, numbers_of, opened, table_of
from workbench.formats.files.unpacking import UNPACKED_LIMIT

if TYPE_CHECKING:
    from python_calamine import CalamineSheet

ENDINGS = ("xlsx", "xlsm", "xls", "ods")
_OLD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""How a workbook of Excel 97 to 2003 begins."""
_ZIPPED = (b"[Content_Types].xml", b"mimetypeapplication/vnd.oasis", b"xl/", b"docProps/", b"_rels/.rels")
"""What stands among the first bytes of newer ones."""


def is_workbook(data: bytes, extension: str) -> bool:
    """Whether these bytes are a workbook, whatever the file is called.

    >>> is_workbook(b"item,annotator,label", "xlsx"), is_workbook(_OLD + bytes(500), "csv")
    (False, True)
    """
    if data.startswith(_OLD):
        return True
    zipped = data.startswith(b"PK\x03\x04")
    return zipped and (extension in ENDINGS or any(mark in data[:200] for mark in _ZIPPED))


def sheet_as_csv(data: bytes, name: str) -> tuple[str, tuple[Finding, ...], np.ndarray | None]:
    """The largest sheet as CSV text with those that have its header, what is said of the others, and the numbers of the
    rows; None for rows counted on from 2.

    Parameters
    ----------
    data : the workbook.
    name : of the file, for messages.

    Raises
    ------
    WorkbenchError
        It is damaged, locked by a password, too large, or holds no table.
    """
    need("excel", f"{name}: a workbook")
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetVisibleEnum

    _refuse_large(data, name)
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        shown = [s.name for s in book.sheets_metadata if s.visible == SheetVisibleEnum.Visible]
        sheets = {each: _table(book.get_sheet_by_name(each), name) for each in shown}
    except PasswordError as error:
        raise WorkbenchError(f"{name}: the workbook is locked by a password.", "Save it without one.") from error
    except (CalamineError, OSError, ValueError) as error:
        raise WorkbenchError(
            f"{name}: the workbook cannot be read ({str(error)[:120]}).", "Save the sheet as CSV, and open that."
        ) from error
    if not any(len(sheet.rows) > 1 for sheet in sheets.values()):
        raise WorkbenchError(f"{name}: no sheet holds a table.", "Check that the right file was exported.")
    largest, joined, text, numbers = opened(sheets)
    others = [s for s in book.sheet_names if s not in joined and (s not in sheets or sheets[s].rows)]
    told = (*sheets[largest].findings, *_joined(name, joined), *_left(name, largest, len(numbers), others))
    return text, told, numbers_of(numbers)


def _table(sheet: CalamineSheet, name: str) -> Sheet:
    """The table of a sheet, its cells as text from the sheet's first cell on."""
    cells = [[_text(cell) for cell in row] for row in sheet.to_python(skip_empty_area=False)]
    return table_of(cells, sheet.merged_cell_ranges or (), f"{name}, {sheet.name!r}")


def _text(cell: Any) -> str:
    """A cell as a CSV export writes it: whole numbers without a point, dates in ISO 8601, lengths of time in seconds.

    >>> _text(3.0), _text(2.5), _text(datetime(2026, 3, 4, 9, 30)), _text(True), _text(timedelta(minutes=2)), _text("")
    ('3', '2.5', '2026-03-04T09:30:00', 'true', '120', '')
    """
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, timedelta):
        return f"{cell.total_seconds():g}"
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 2**53:
        return str(int(cell))
    if isinstance(cell, datetime | date | time):
        return cell.isoformat()
    return str(cell).strip()


def _refuse_large(data: bytes, name: str) -> None:
    if data.startswith(_OLD):
        return
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            size = sum(member.file_size for member in packed.infolist())
    except zipfile.BadZipFile as error:
        raise WorkbenchError(
            f"{name}: a damaged workbook, not an export that can be opened.", "Download or copy it again."
        ) from error
    if size > UNPACKED_LIMIT:
        raise WorkbenchError(
            f"{name}: the workbook holds more than {UNPACKED_LIMIT >> 30} GiB.", "Save the sheet as CSV, in parts."
        )


def _joined(name: str, sheets: list[str]) -> tuple[Finding, ...]:
    if len(sheets) == 1:
        return ()
    return (
        finding(
            "info",
            "sheets-joined",
            f"{name}: {len(sheets)} sheets have the same columns and are read as one table, with the sheet of each row"
            f" beside it ({first_five(sheets)}).",
            count=len(sheets),
        ),
    )


def _left(name: str, largest: str, rows: int, others: list[str]) -> tuple[Finding, ...]:
    if not others:
        return ()
    return (
        finding(
            "warning",
            "sheets-not-opened",
            f"{name}: of {counted(len(others) + 1, 'sheet')} the largest was opened, {largest!r} with"
            f" {counted(rows, 'row')}; not opened: {first_five(others)}.",
            "Save another one as a file of its own where it belongs to the judgements.",
            others,
        ),
    )
