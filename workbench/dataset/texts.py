"""The texts of the items: prompt and both responses, kept apart from the numbers and read only when they are shown."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Protocol

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from workbench.errors import WorkbenchError
from workbench.hashing import digest_of_arrays, digest_of_strings

TEXT_COLUMNS = ("prompt", "response_a", "response_b")


class Texts(Protocol):
    """Prompt and responses by item position; a missing text is null."""

    @property
    def digest(self) -> str:
        """Content hash of all texts, part of the annotation set's key."""

    def __len__(self) -> int:
        """Number of items."""

    def frame(self, items: Sequence[int] | np.ndarray | None = None) -> pd.DataFrame:
        """Columns prompt, response_a, response_b of these items (all by default), in the order asked for."""


@dataclass(frozen=True, eq=False)
class HeldTexts:
    """Texts in memory, row i for item i."""

    table: pd.DataFrame

    @cached_property
    def digest(self) -> str:
        """Content hash of all texts."""
        return digest_of_strings([self.table[column] for column in TEXT_COLUMNS])

    def __len__(self) -> int:
        return len(self.table)

    def frame(self, items: Sequence[int] | np.ndarray | None = None) -> pd.DataFrame:
        """Columns prompt, response_a, response_b of these items, in the order asked for."""
        return self.table if items is None else self.table.iloc[np.asarray(items, np.int64)].reset_index(drop=True)


@dataclass(frozen=True, eq=False)
class StoredTexts:
    """Texts in a Parquet file of our own, row i for item i; only the row groups that are asked for are read.

    Attributes
    ----------
    path : the file, or an archive that holds it uncompressed.
    digest : content hash of the texts, as it was when they were written.
    rows : number of items.
    start, size : the bytes of the file within the archive; size 0 = all of it.
    """

    path: Path
    digest: str
    rows: int
    start: int = 0
    size: int = 0

    def __len__(self) -> int:
        return self.rows

    def open(self) -> pq.ParquetFile:
        """The file, ready to be read in parts."""
        source = self.path if self.size == 0 else pa.BufferReader(_range(self.path, self.start, self.size))
        return pq.ParquetFile(source, page_checksum_verification=True)

    def frame(self, items: Sequence[int] | np.ndarray | None = None) -> pd.DataFrame:
        """Columns prompt, response_a, response_b of these items, in the order asked for."""
        wanted = None if items is None else np.asarray(items, np.int64)
        return _rows_of(self.open, self.path.name, list(TEXT_COLUMNS), wanted).to_pandas()


def _range(path: Path, start: int, size: int) -> pa.Buffer:
    """Part of a file as it lies on disk, mapped and not read."""
    with pa.memory_map(str(path)) as file:
        file.seek(start)
        return file.read_buffer(size)


@dataclass(frozen=True, eq=False)
class JoinedTexts:
    """Texts in a Parquet file of somebody else's, in any order; only the row groups that are asked for are read.

    Attributes
    ----------
    path : the file.
    columns : which of its columns holds `prompt`, `response_a`, `response_b`.
    place : int64 (n_items,): row of each item in the file, -1 where it has none.
    """

    path: Path
    columns: dict[str, str]
    place: np.ndarray

    @cached_property
    def digest(self) -> str:
        """Hash of the file's bytes and of what is taken from where, so that the texts themselves need not be read."""
        state = hashlib.blake2b(digest_size=16)
        with self.path.open("rb") as stream:
            while piece := stream.read(1 << 22):
                state.update(piece)
        return digest_of_strings(
            [[state.hexdigest(), digest_of_arrays([self.place])], sorted(f"{k}={v}" for k, v in self.columns.items())]
        )

    def __len__(self) -> int:
        return len(self.place)

    def frame(self, items: Sequence[int] | np.ndarray | None = None) -> pd.DataFrame:
        """Columns prompt, response_a, response_b of these items, in the order asked for."""
        place = self.place if items is None else self.place[np.asarray(items, np.int64)]
        known = np.flatnonzero(place >= 0)
        read = _rows_of(lambda: pq.ParquetFile(self.path), self.path.name, list(self.columns.values()), place[known])
        result = {}
        for text in TEXT_COLUMNS:
            values = np.full(len(place), None, object)
            if text in self.columns:
                values[known] = read.column(self.columns[text]).to_pylist()
            result[text] = pd.array(values, dtype="str")
        return pd.DataFrame(result)


@dataclass(frozen=True, eq=False)
class SomeTexts:
    """The texts of some items of a larger set, read where that one's are.

    Attributes
    ----------
    whole : texts of the larger set.
    place : int64 (n_items,): position of each item there.
    """

    whole: Texts
    place: np.ndarray

    @cached_property
    def digest(self) -> str:
        """Hash of the larger set's and of which items these are, so that the texts themselves need not be read."""
        return digest_of_strings([[self.whole.digest, digest_of_arrays([self.place.astype(np.int64)])]])

    def __len__(self) -> int:
        return len(self.place)

    def frame(self, items: Sequence[int] | np.ndarray | None = None) -> pd.DataFrame:
        """Columns prompt, response_a, response_b of these items, in the order asked for."""
        return self.whole.frame(self.place if items is None else self.place[np.asarray(items, np.int64)])


def _rows_of(
    open_file: Callable[[], pq.ParquetFile], name: str, columns: list[str], rows: np.ndarray | None
) -> pa.Table:
    """Some rows of a Parquet file in the order asked for, reading only the row groups they lie in."""
    try:
        with open_file() as file:
            if rows is None:
                return file.read(columns=columns)
            if len(rows) == 0:
                return file.schema_arrow.empty_table().select(columns)
            starts = np.cumsum([0, *(file.metadata.row_group(g).num_rows for g in range(file.metadata.num_row_groups))])
            group = np.searchsorted(starts, rows, side="right") - 1
            groups, index = np.unique(group, return_inverse=True)
            parts = [file.read_row_group(int(g), columns=columns) for g in groups]
    except (pa.ArrowException, OSError) as error:
        raise WorkbenchError(
            f"{name}: the texts cannot be read ({' '.join(str(error).split())[:120]}).",
            "The file was moved, changed or damaged: open the data again.",
        ) from error
    begins = np.cumsum([0, *(part.num_rows for part in parts)])
    return pa.concat_tables(parts).take(pa.array(begins[index] + rows - starts[group]))


def empty_texts(items: int) -> HeldTexts:
    """Texts of an export that carries none."""
    return HeldTexts(pd.DataFrame({column: pd.array([None] * items, dtype="str") for column in TEXT_COLUMNS}))
