"""Content hashes: what makes the key of an annotation set, of an item's pair, and of a hashed annotator id."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

SCHEMA = "1"
"""Changes when the same content would have to be read differently, so that old keys do not match."""


def digest_of_arrays(parts: Iterable[np.ndarray]) -> str:
    """Hash of arrays by their bytes, types and lengths (hex, 32 characters)."""
    state = hashlib.blake2b(SCHEMA.encode(), digest_size=16)
    for part in parts:
        array = np.ascontiguousarray(part)
        state.update(f"{array.dtype.str}{array.shape}".encode())
        state.update(array.data.cast("B") if array.size else b"")
    return state.hexdigest()


def digest_of_strings(columns: Iterable[pd.Series | Iterable[str]]) -> str:
    """Hash of string columns, nulls told apart from empty strings, independent of how they are held in memory."""
    state = hashlib.blake2b(SCHEMA.encode(), digest_size=16)
    for column in columns:
        text = _large_strings(column)
        lengths = text.is_null().to_numpy(zero_copy_only=False)
        filled = text.fill_null("")
        offsets = np.frombuffer(filled.buffers()[1], np.int64)[filled.offset : filled.offset + len(filled) + 1]
        data = filled.buffers()[2]
        state.update(np.packbits(lengths).tobytes())
        state.update(np.diff(offsets).tobytes())
        if data is not None and len(filled):
            state.update(memoryview(data)[int(offsets[0]) : int(offsets[-1])])
    return state.hexdigest()


def _large_strings(column: pd.Series | Iterable[str]) -> pa.Array:
    array = pa.array(column, type=pa.large_string(), from_pandas=True)
    return array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array


def hash_strings(column: pd.Series, *, distinct: bool = False) -> np.ndarray:
    """64-bit hash of each string, 0 for null: the same in every process and on every machine.

    Parameters
    ----------
    column : strings, or categories of strings.
    distinct : the strings are known to be all different and none is null, so that equal ones need not be looked for.
    """
    if isinstance(column.dtype, pd.CategoricalDtype):
        return np.append(hash_strings(pd.Series(column.cat.categories)), np.uint64(0))[column.cat.codes.to_numpy()]
    codes, values = (np.arange(len(column)), column) if distinct else pd.factorize(column)
    hashed = pd.util.hash_array(np.asarray(values, dtype=object), categorize=False)
    return np.append(np.where(hashed == 0, np.uint64(1), hashed), np.uint64(0))[codes]


def hash_id(identity: str) -> str:
    """A worker id made unreadable, the same in every file.

    With the environment variable `WORKBENCH_HASH_KEY` set, the hash is keyed and cannot be undone by trying ids.

    >>> hash_id("A2K5ICP43ML4PW") == hash_id("A2K5ICP43ML4PW")
    True
    """
    key = os.environ.get("WORKBENCH_HASH_KEY", "").encode("utf-8", "surrogatepass")[:64]
    return "w-" + hashlib.blake2b(str(identity).encode("utf-8", "surrogatepass"), digest_size=6, key=key).hexdigest()


_NO_NAME = re.compile(r"w-[0-9a-f]{12}|slot \d+( \(no id\))*")


def hidden_id(identity: str) -> str:
    """The hash of a worker id; what is a hash already, or a numbered slot of nobody, stays.

    >>> hidden_id("slot 3"), hidden_id(hidden_id("ann")) == hidden_id("ann"), hidden_id("w-ann") == "w-ann"
    ('slot 3', True, False)
    """
    return identity if _NO_NAME.fullmatch(identity) else hash_id(identity)


def digest_of_folder(folder: Path) -> str:
    """Content hash of the files of a model: weights, settings and vocabulary. Read again only where a file changed."""
    files = sorted(
        p for p in folder.rglob("*") if p.is_file() and p.suffix in (".json", ".txt", ".safetensors", ".model")
    )
    stamp = tuple((str(p.relative_to(folder)), p.stat().st_size, p.stat().st_mtime_ns) for p in files)
    return _digest_of_files(str(folder), stamp)


@lru_cache(maxsize=16)
def _digest_of_files(folder: str, stamp: tuple[tuple[str, int, int], ...]) -> str:
    state = hashlib.blake2b(digest_size=16)
    for name, size, _ in stamp:
        state.update(f"{name}\0{size}\0".encode())
        with (Path(folder) / name).open("rb") as stream:
            while piece := stream.read(1 << 22):
                state.update(piece)
    return state.hexdigest()
