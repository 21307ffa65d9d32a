"""One opened file, before anybody knows its format: its shape, its keys, its rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, Protocol
from xml.etree.ElementTree import Element

import numpy as np
import pandas as pd

from workbench.dataset.assembly import Export
from workbench.findings import Finding
from workbench.formats.files.parquet import ParquetTable

Shape = Literal["records", "table", "xml"]
HEAD = 50
"""Records looked at to recognise a format."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Document:
    """A file opened but not understood yet.

    Attributes
    ----------
    name : file name, for messages.
    shape : `records` (JSON list or lines), `table` (CSV, TSV, Parquet) or `xml`.
    content : list of dicts, data frame (cells of CSV and TSV are strings, empty = null) or unread Parquet table, or XML
        root, by shape. Readers use `records`, `table`, `part`, `head`, `keys` and `root` instead.
    extension : of the file, lower case, without `.gz`: `json`, `jsonl`, `csv`, `tsv`, `parquet`, `xml`.
    findings : what opening it had to assume (encoding, delimiter, broken lines).
    path : where the file lies, None for one from an archive or from memory.
    row_numbers : where the rows are not those of the file, the number of the file's row that each was made from.
    """

    name: str
    shape: Shape
    content: Any
    extension: str = ""
    findings: tuple[Finding, ...] = field(default=())
    path: Path | None = None
    row_numbers: np.ndarray | None = None

    @cached_property
    def records(self) -> list[dict[str, Any]]:
        """The rows as dicts, whatever the shape; nested values of Parquet become lists and dicts."""
        if self.shape == "records":
            return self.content
        return _as_dicts(self.table) if self.shape == "table" else []

    @cached_property
    def table(self) -> pd.DataFrame:
        """The rows as a frame, whatever the shape; nested values stay Python objects."""
        if isinstance(self.content, ParquetTable):
            return self.content.read()
        return self.content if self.shape == "table" else _as_frame(self.records)

    def part(self, columns: Sequence[str], repeated: Sequence[str] = ()) -> pd.DataFrame:
        """Some columns as a frame; of a Parquet file only these are read.

        Parameters
        ----------
        columns : names of columns.
        repeated : those of them whose values occur many times over; strings there may come as categories.
        """
        if isinstance(self.content, ParquetTable):
            return self.content.read(columns, repeated=repeated)
        if self.shape == "records":
            return _as_frame(self.records, columns)
        return self.table[list(columns)]

    @cached_property
    def head(self) -> list[dict[str, Any]]:
        """The first `HEAD` rows as dicts."""
        if self.shape == "records":
            return self.content[:HEAD]
        return _as_dicts(self.content.head(HEAD)) if self.shape == "table" else []

    @cached_property
    def columns(self) -> list[str]:
        """All columns of a table, or the keys of all records in the order of their first appearance."""
        if self.shape == "table":
            return [str(column) for column in self.content.columns]
        return list(dict.fromkeys(str(key) for row in self.records if isinstance(row, dict) for key in row))

    @cached_property
    def keys(self) -> set[str]:
        """All columns, or the keys of the first rows."""
        if self.shape == "table":
            return set(self.columns)
        return {str(key) for row in self.head if isinstance(row, dict) for key in row}

    @property
    def rows(self) -> int:
        """Number of rows, 0 for XML."""
        if isinstance(self.content, ParquetTable):
            return self.content.rows
        return len(self.content) if self.shape != "xml" else 0

    @property
    def first_row(self) -> int:
        """Number by which a person finds the first row: 2 in a spreadsheet, below the header, else 1."""
        return 2 if self.shape == "table" and self.extension != "parquet" else 1

    @property
    def root(self) -> Element:
        """The XML root."""
        return self.content

    def with_findings(self, *findings: Finding) -> Document:
        """The document with more findings."""
        return replace(self, findings=(*self.findings, *findings))


def _as_dicts(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return frame.astype(object).where(frame.notna(), None).to_dict("records")  # type: ignore[return-value]


def _as_frame(records: list[dict[str, Any]], columns: Sequence[str] | None = None) -> pd.DataFrame:
    """A frame of objects: numbers stay as the file wrote them, whole numbers do not become 1.0 where some are
    missing.
    """
    records = [row if isinstance(row, dict) else {} for row in records]
    names = list(dict.fromkeys(str(key) for row in records for key in row)) if columns is None else list(columns)
    frame = pd.DataFrame(index=pd.RangeIndex(len(records)))
    filled: dict[str, Any] = {}
    for name in names:
        values = np.empty(len(records), object)
        values[:] = [row.get(name) for row in records]
        filled[name] = values
    return pd.DataFrame(filled, index=frame.index, columns=names)


class Reader(Protocol):
    """What each module of `workbench/formats` that reads a format has at its top level."""

    NAME: str
    """Short name, as in `--format NAME`."""
    TITLE: str
    """Name for people."""

    def recognise(self, document: Document) -> float:
        """How sure it is that it can read this: 0 = no, 1 = nothing else writes files like this."""

    def read(self, document: Document) -> Export:
        """Reads it. Raises WorkbenchError where the file breaks the format's own rules."""
