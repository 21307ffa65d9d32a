"""Parquet as a table of which only the columns asked for are read."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from workbench.errors import WorkbenchError

_BROKEN = "It was cut short or damaged: export or copy it again."
_TROUBLE = (pa.ArrowException, OSError, ValueError, KeyError, OverflowError, NotImplementedError)


class ParquetTable:
    """A Parquet file, opened but not read.

    Parameters
    ----------
    source : its path, or its bytes where it came out of an archive.
    name : for messages.
    groups : the row groups that count, by position; all by default.

    Attributes
    ----------
    columns : names of all columns.
    rows : number of rows.
    path : where it lies, None for bytes.
    """

    def __init__(self, source: Path | bytes, name: str, groups: Sequence[int] | None = None) -> None:
        self.name = name
        self._groups = None if groups is None else list(groups)
        self.path = source if isinstance(source, Path) else None
        self._source = source
        try:
            with self._open() as file:
                self._schema: pa.Schema = file.schema_arrow
                self._metadata = file.metadata
                self.rows: int = sum(self._metadata.row_group(g).num_rows for g in self.groups)
        except _TROUBLE as error:
            raise WorkbenchError(f"{name}: the Parquet file cannot be opened ({_reason(error)}).", _BROKEN) from error
        names = list(self._schema.names)
        if len(set(names)) < len(names):
            twice = sorted({n for n in names if names.count(n) > 1})
            raise WorkbenchError(
                f"{name}: several columns are called {', '.join(twice[:5])}.", "Give each column a name of its own."
            )
        if self.rows == 0:
            raise WorkbenchError(
                f"{name}: no annotations were found (0 rows).", "Check that the right file was exported."
            )
        self.columns = names
        self._class_names = _class_names(self._schema)

    def _open(self) -> pq.ParquetFile:
        return pq.ParquetFile(self._source if isinstance(self._source, Path) else pa.BufferReader(self._source))

    @property
    def groups(self) -> Sequence[int]:
        """Positions of the row groups that count."""
        return range(self._metadata.num_row_groups) if self._groups is None else self._groups

    def stretches(self, rows: int) -> Iterator[ParquetTable]:
        """The same file in stretches of whole row groups, of so many rows or one group each."""
        begun: list[int] = []
        held = 0
        for group in self.groups:
            n = self._metadata.row_group(group).num_rows
            if begun and held + n > rows:
                yield ParquetTable(self._source, self.name, begun)
                begun, held = [], 0
            begun.append(group)
            held += n
        if begun:
            yield ParquetTable(self._source, self.name, begun)

    def text_bytes(self, columns: Sequence[str]) -> int:
        """Size of some columns once unpacked, in bytes."""
        wanted = set(columns)
        groups = (self._metadata.row_group(g) for g in self.groups)
        return sum(
            g.column(c).total_uncompressed_size
            for g in groups
            for c in range(g.num_columns)
            if g.column(c).path_in_schema in wanted
        )

    def read(self, columns: Sequence[str] | None = None, *, repeated: Sequence[str] = ()) -> pd.DataFrame:
        """Some columns (all by default) as a frame.

        Strings are strings, or categories for the columns in `repeated`, whose values occur many times over. Whole
        numbers stay whole where some are missing, nested values become lists and dicts, coded classes of Hugging Face
        data sets their names.

        Raises
        ------
        WorkbenchError
            A part of the file is damaged.
        """
        wanted = self.columns if columns is None else list(columns)
        coded = [c for c in repeated if c in wanted and _is_string(self._schema.field(c).type)]
        try:
            with self._open() as file:
                table = file.read_row_groups(list(self.groups), columns=wanted, use_threads=True)
            return self._frame(table, wanted, coded)
        except _TROUBLE as error:
            raise WorkbenchError(
                f"{self.name}: the Parquet file cannot be read ({_reason(error)}).", _BROKEN
            ) from error

    def head(self, n: int) -> pd.DataFrame:
        """The first rows."""
        try:
            with self._open() as file:
                batch = next(file.iter_batches(batch_size=n, row_groups=list(self.groups)), None)
            table = pa.Table.from_batches([] if batch is None else [batch], schema=self._schema)
            return self._frame(table, self.columns)
        except _TROUBLE as error:
            raise WorkbenchError(
                f"{self.name}: the Parquet file cannot be read ({_reason(error)}).", _BROKEN
            ) from error

    def _frame(self, table: pa.Table, columns: Sequence[str], coded: Sequence[str] = ()) -> pd.DataFrame:
        with ThreadPoolExecutor(2) as pool:  # encoding does not hold the interpreter
            categories = dict(zip(coded, pool.map(lambda c: _as_categories(table.column(c)), coded), strict=True))
        filled = {c: categories[c] if c in categories else self._series(table.column(c), c) for c in columns}
        return pd.DataFrame(filled, index=pd.RangeIndex(table.num_rows), columns=list(columns))

    def _series(self, column: pa.ChunkedArray, name: str) -> Any:
        kind = column.type
        if isinstance(kind, pa.ExtensionType):
            column = column.cast(kind.storage_type)
            kind = column.type
        if name in self._class_names and pa.types.is_integer(kind):
            names = [*self._class_names[name], None]
            codes = column.fill_null(-1).to_numpy().astype(np.int64)
            return np.array(names, object)[np.where((codes >= 0) & (codes < len(names) - 1), codes, -1)]
        if pa.types.is_dictionary(kind):
            return column.unify_dictionaries().combine_chunks().to_pandas()
        if pa.types.is_nested(kind) or pa.types.is_map(kind):
            filled = np.empty(len(column), object)
            filled[:] = column.to_pylist()
            return filled
        if pa.types.is_integer(kind) and column.null_count:
            return (
                column.to_pandas(types_mapper={kind: pd.Int64Dtype()}.get)
                if kind != pa.uint64()
                else np.array(column.to_pylist(), object)
            )
        if pa.types.is_decimal(kind):
            return column.cast(pa.float64(), safe=False).to_pandas()
        if pa.types.is_date(kind):
            return column.cast(pa.timestamp("ms")).to_pandas()
        if pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
            return np.array([None if v is None else v.decode("utf-8", "replace") for v in column.to_pylist()], object)
        if pa.types.is_null(kind):
            return np.full(len(column), None, object)
        return column.to_pandas()


def _as_categories(column: pa.ChunkedArray) -> pd.Categorical:
    """Strings as codes; encoding what was read plain is several times faster than having Parquet's dictionaries
    unified.
    """
    coded = column.dictionary_encode().combine_chunks()
    if isinstance(coded, pa.ChunkedArray):  # no rows
        coded = pa.array([], pa.string()).dictionary_encode()
    codes = coded.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    return pd.Categorical.from_codes(codes, pd.Index(coded.dictionary.to_pandas(), dtype="str"), validate=False)


def _is_string(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _class_names(schema: pa.Schema) -> dict[str, list[str]]:
    """Names of the classes of each coded column, which Hugging Face data sets keep in the schema's metadata."""
    try:
        features = json.loads((schema.metadata or {})[b"huggingface"])["info"]["features"]
        return {
            str(n): [str(v) for v in f["names"]]
            for n, f in features.items()
            if isinstance(f, dict) and f.get("_type") == "ClassLabel" and isinstance(f.get("names"), list)
        }
    except (KeyError, TypeError, ValueError, AttributeError):
        return {}


def _reason(error: Exception) -> str:
    return " ".join(str(error).split())[:160] or type(error).__name__
