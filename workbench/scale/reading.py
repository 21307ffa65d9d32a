"""Exports read in stretches, none of which is the whole file, each read as the readers of formats read a file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np

from workbench.dataset.assembly import Export
from workbench.errors import WorkbenchError
from workbench.formats import read_all, recognise_reader
from workbench.formats.files.delimited import stretches
from workbench.formats.files.document import Document
from workbench.formats.files.json_records import parse_records
from workbench.formats.files.opening import open_documents
from workbench.formats.files.parquet import ParquetTable
from workbench.formats.files.paths import extension_of
from workbench.formats.records.date_order import settled
from workbench.formats.tables import column_mapping
from workbench.formats.tables.column_guessing import Guess, guess_as, guess_columns
from workbench.formats.tables.mapping_fields import Mapping_

ROWS = 1_000_000
"""Rows of a stretch."""
_BLOCK = 64 << 20
"""Bytes of a stretch of text."""
_LINES = ("jsonl", "ndjson")
_HEAD = 1 << 20
_FIRST = 2_000
_TABLES = ("csv", "tsv")


@dataclass(frozen=True, eq=False)
class Source:
    """One file to be read.

    Attributes
    ----------
    name, path : as in messages, and where it lies.
    first : its beginning, from which it is told how the rest is read; the whole file where that must be read at once.
    whole : whether `first` is all of it.
    """

    name: str
    path: Path
    first: Document
    whole: bool

    @property
    def mark(self) -> str:
        """By which a file is known again: name, size, and a hash of its beginning and end."""
        size = self.path.stat().st_size
        state = blake2b(digest_size=12)
        with self.path.open("rb") as stream:
            state.update(stream.read(_HEAD))
            stream.seek(max(0, size - _HEAD))
            state.update(stream.read(_HEAD))
        return f"{self.name} {size} {state.hexdigest()}"

    def documents(self, rows: int = ROWS) -> Iterator[Document]:
        """The file in stretches, each a document of its own with the rows numbered as in the file."""
        if self.whole:
            yield self.first
            return
        done = self.first.first_row
        for content in self._contents(rows):
            n = content.rows if isinstance(content, ParquetTable) else len(content)
            yield replace(self.first, content=content, findings=(), row_numbers=np.arange(done, done + n))
            done += n

    def _contents(self, rows: int) -> Iterator[Any]:
        if isinstance(self.first.content, ParquetTable):
            yield from self.first.content.stretches(rows)
        elif self.first.extension in _LINES:
            yield from _lines(self.path, self.name, _BLOCK)
        else:
            found = stretches(self.path, self.name, self.first.extension, _BLOCK)
            yield from found if found is not None else ()


def sources(name: str, path: Path) -> list[Source]:
    """What a path holds: one file, or those of an archive, which are read at once.

    Raises
    ------
    WorkbenchError
        As `workbench.formats.files.opening.open_documents`.
    """
    extension = extension_of(name)
    packed = name.lower().endswith((".gz", ".zip"))
    if extension in _LINES and not packed and path.stat().st_size > _HEAD:
        first = Document(name=name, shape="records", content=next(_lines(path, name, _HEAD)), extension=extension)
        return [Source(name, path, first, False)]
    if extension in _TABLES and not packed and path.stat().st_size > _HEAD:
        found = stretches(path, name, extension, _HEAD)
        if found is not None:
            first = Document(name=name, shape="table", content=next(found), extension=extension, path=path)
            return [Source(name, path, first, False)]
    opened = open_documents([path])
    alone = len(opened) == 1
    return [
        Source(d.name if not alone else name, path, replace(d, name=name) if alone else d, not _in_groups(d))
        for d in opened
    ]


def _in_groups(document: Document) -> bool:
    return isinstance(document.content, ParquetTable) and document.content.path is not None


def _lines(path: Path, name: str, block: int) -> Iterator[list[dict[str, object]]]:
    """Records of a file with one a line, so many bytes at a time."""
    with path.open("rb") as stream:
        while lines := stream.readlines(block):
            text = b"".join(lines).decode("utf-8-sig")
            if text.strip():
                yield parse_records(text, name)[0]


@dataclass(frozen=True, eq=False)
class Reading:
    """How a file is read, decided by its first rows.

    Attributes
    ----------
    source : the file.
    format : the reader, or the column mapping.
    mapping : of the user.
    guess : what its columns hold, where that is guessed.
    """

    source: Source
    format: str
    mapping: Mapping_ | None
    guess: Guess | None

    def beginning(self) -> Export:
        """What the first rows hold."""
        content = self.source.first.content
        if self.source.whole or not isinstance(content, ParquetTable):
            return next(self._read([self.source.first]))
        return next(self._read([replace(self.source.first, content=content.head(_FIRST))]))

    def exports(self, rows: int = ROWS) -> Iterator[Export]:
        """What each stretch holds."""
        yield from self._read(self.source.documents(rows))

    def _read(self, documents: Iterable[Document]) -> Iterator[Export]:
        for document in documents:
            if self.guess is not None and document is not self.source.first:
                guess_as(document, self.guess)
            exports, sides = read_all([document], self.format, self.mapping)
            if sides or not exports:
                raise WorkbenchError(
                    f"{document.name}: there are texts but no labels.",
                    "Join texts and labels into one table before it is split into buckets.",
                )
            yield settled(exports, None, ask=False)[0]


def reading(source: Source, format: str | None, mapping: Mapping_ | None) -> Reading:
    """Decides how a file is read.

    Raises
    ------
    WorkbenchError
        Its format is not known.
    """
    first = source.first
    named = recognise_reader(first, format)
    guess = None
    if first.shape != "xml":
        found = guess_columns(first)
        # A guess that makes another table of the file is made anew for each stretch.
        guess = found if found.document is first else None
    if named is None and mapping is None and first.shape != "xml" and not guess_columns(first).confident:
        read_all([first], format, mapping)  # says what is not understood
    return Reading(source, named or column_mapping.NAME, mapping, guess)
