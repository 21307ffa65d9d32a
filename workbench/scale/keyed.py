"""Tables of whole numbers that add up by their keys, and a bundle of them: what buckets are reduced to."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import reduce
from zipfile import BadZipFile

import numpy as np

from workbench.errors import WorkbenchError

LISTED_NAME = ".clusters"
MOST_LISTED = 20_000
"""Groups up to which each is kept under `.clusters`, as `workbench.agreement.resampling` leaves each out then."""
_ROOM = 1 << 62
"""Keys of several columns become one number where they are below this."""


@dataclass(frozen=True, eq=False)
class Keyed:
    """Rows of whole numbers by key, keys in lexicographic order and each once.

    Attributes
    ----------
    keys : int64 (n, d).
    values : int64 (n, v).
    """

    keys: np.ndarray
    values: np.ndarray

    @staticmethod
    def of(keys: np.ndarray, values: np.ndarray | None = None) -> Keyed:
        """Rows with the same key added up; without values, how often each key occurs.

        >>> found = Keyed.of(np.array([[2, 1], [0, 5], [2, 1]]))
        >>> found.keys.tolist(), found.values.ravel().tolist()
        ([[0, 5], [2, 1]], [1, 2])
        """
        keys = np.asarray(keys, np.int64)
        keys = keys[:, None] if keys.ndim == 1 else keys
        given = np.ones(len(keys), np.int64) if values is None else np.asarray(values, np.int64)
        given = given[:, None] if given.ndim == 1 else given
        if len(keys) == 0 or keys.shape[1] == 0:
            total = given.sum(0, keepdims=True) if len(keys) else given
            return Keyed(keys[: len(total)], total)
        order = _order(keys)
        keys = keys[order]
        start = np.concatenate([[0], np.flatnonzero((keys[1:] != keys[:-1]).any(1)) + 1])
        return Keyed(keys[start], np.add.reduceat(given[order], start, axis=0))

    @staticmethod
    def total(*values: int) -> Keyed:
        """One row without a key."""
        return Keyed(np.zeros((1, 0), np.int64), np.array([values], np.int64))

    @staticmethod
    def dense(table: np.ndarray) -> Keyed:
        """The cells of a table that are not zero, by their positions."""
        at = np.nonzero(table)
        return Keyed(np.stack(at, axis=1).astype(np.int64), table[at].astype(np.int64)[:, None])

    def __add__(self, other: Keyed) -> Keyed:
        return Keyed.sum([self, other])

    @staticmethod
    def sum(parts: Iterable[Keyed]) -> Keyed:
        """All together."""
        several = [part for part in parts if len(part.keys)] or [Keyed.nothing()]
        if len(several) == 1:
            return several[0]
        return Keyed.of(np.concatenate([p.keys for p in several]), np.concatenate([p.values for p in several]))

    @staticmethod
    def nothing(columns: int = 1, values: int = 1) -> Keyed:
        """No rows."""
        return Keyed(np.zeros((0, columns), np.int64), np.zeros((0, values), np.int64))

    def filled(self, *shape: int, value: int = 0) -> np.ndarray:
        """The table whose positions are the keys, zero elsewhere."""
        table = np.zeros(shape, np.int64)
        if len(self.keys):
            table[tuple(self.keys.T)] = self.values[:, value]
        return table

    def within(self, part: int) -> Keyed:
        """Rows whose first key is this, without it."""
        low, high = np.searchsorted(self.keys[:, 0], [part, part + 1]) if len(self.keys) else (0, 0)
        return Keyed(self.keys[low:high, 1:], self.values[low:high])


def _order(keys: np.ndarray) -> np.ndarray:
    """The order in which keys rise; one number a key where there is room, which sorts several times faster."""
    low, size = keys.min(0), np.ptp(keys, axis=0).astype(object) + 1
    if np.prod(size) >= _ROOM:
        return np.lexsort(keys.T[::-1])
    number = reduce(lambda made, c: made * int(size[c]) + (keys[:, c] - low[c]), range(keys.shape[1]), np.int64(0))
    return np.argsort(number, kind="stable")


@dataclass(frozen=True, eq=False)
class Sums:
    """What one bucket, or several together, come to.

    Attributes
    ----------
    tables : by name.
    words : numbers that stand for names in keys -> the names.
    made_of : keys of the buckets, each once.
    """

    tables: Mapping[str, Keyed]
    words: Mapping[int, str] = field(default_factory=dict)
    made_of: tuple[str, ...] = ()

    def __getitem__(self, name: str) -> Keyed:
        return self.tables[name]

    def get(self, name: str, columns: int = 1, values: int = 1) -> Keyed:
        """A table, empty where no bucket had a row for it."""
        return self.tables.get(name) or Keyed.nothing(columns, values)

    def one(self, name: str) -> list[int]:
        """The row of a table without keys."""
        return self.tables[name].values[0].tolist()

    def to_bytes(self) -> bytes:
        """As one file: arrays and JSON, nothing that is executed when it is read."""
        said = {"words": {str(k): v for k, v in self.words.items()}, "made_of": list(self.made_of)}
        arrays = {"said": np.frombuffer(json.dumps(said).encode(), np.uint8)}
        for name, table in self.tables.items():
            arrays[f"{name}/keys"], arrays[f"{name}/values"] = table.keys, table.values
        stream = io.BytesIO()
        np.savez_compressed(stream, allow_pickle=False, **arrays)
        return stream.getvalue()

    @staticmethod
    def from_bytes(data: bytes) -> Sums:
        """What `to_bytes` wrote.

        Raises
        ------
        WorkbenchError
            It is something else, or cut short.
        """
        try:
            with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
                said = json.loads(arrays["said"].tobytes())
                names = dict.fromkeys(key.rpartition("/")[0] for key in arrays.files if "/" in key)
                tables = {name: Keyed(arrays[f"{name}/keys"], arrays[f"{name}/values"]) for name in names}
        except (ValueError, KeyError, OSError, EOFError, BadZipFile) as error:
            raise WorkbenchError(f"These are no sums of a bucket ({error}).", "Make them again with tally.") from error
        words = {int(k): str(v) for k, v in said["words"].items()}
        return Sums(tables, words, tuple(said["made_of"]))


def added(parts: Iterable[Sums]) -> Sums:
    """Buckets together; exact, so that their order does not matter.

    Raises
    ------
    WorkbenchError
        A bucket is among them twice.

    Examples
    --------
    >>> one, two = Sums({"n": Keyed.total(3)}, {}, ("a",)), Sums({"n": Keyed.total(4)}, {}, ("b",))
    >>> added([one, two]).one("n"), added([one, two]).made_of
    ([7], ('a', 'b'))
    """
    several = list(parts)
    made_of = [key for part in several for key in part.made_of]
    if len(set(made_of)) < len(made_of):
        twice = sorted({key for key in made_of if made_of.count(key) > 1})
        raise WorkbenchError(f"{len(twice):,} buckets are counted twice ({', '.join(twice[:5])}).", "Give each once.")
    names = dict.fromkeys(name for part in several for name in part.tables)
    for name in [name for name in names if name.endswith(LISTED_NAME)]:
        # Of more groups than are listed, none is: what follows from each follows from pairs of patterns.
        beside = f"{name.removesuffix(LISTED_NAME)}.shared"
        if sum(int(part.tables[beside].values[0, 0]) for part in several if beside in part.tables) > MOST_LISTED:
            del names[name]
    return Sums(
        {name: Keyed.sum(part.tables[name] for part in several if name in part.tables) for name in names},
        {number: word for part in several for number, word in part.words.items()},
        tuple(sorted(made_of)),
    )
