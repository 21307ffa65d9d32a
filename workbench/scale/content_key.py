"""A content key that does not depend on the order of rows or on how they lie in buckets: a sum of hashes."""

from __future__ import annotations

import numpy as np
import pandas as pd

from workbench.dataset.annotation_set import AnnotationSet
from workbench.hashing import digest_of_strings, hash_strings

_LANES = (np.uint64(0x9E3779B97F4A7C15), np.uint64(0xC2B2AE3D27D4EB4F))
"""Two sums with different constants: 128 bits in all."""
_ITEM_WORDS = ("item_id", "pair_id", "group", "model_a", "model_b")
_ITEM_NUMBERS = ("prompt_key", "key_a", "key_b")


def summed_hash(data: AnnotationSet) -> tuple[int, int]:
    """Sum of the hashes of all items and judgements, modulo 2^64, twice.

    Sums of parts that share no row add up to that of the whole.

    Examples
    --------
    >>> from workbench.simulation.simulate import simulate
    >>> data = simulate(1_000, seed=1, texts=False).data
    >>> turned = data.keep_annotations(np.ones(len(data.annotations), bool), "nothing")
    >>> summed_hash(data) == summed_hash(turned)
    True
    """
    found = []
    for lane in _LANES:
        item = _items(data, lane)
        found.append((int(item.sum(dtype=np.uint64)) + int(_rows(data, item, lane).sum(dtype=np.uint64))) % (1 << 64))
    return found[0], found[1]


def key_of(sums: tuple[int, int], labels: tuple[str, ...]) -> str:
    """The key of a set with this sum of hashes (32 hex digits)."""
    return digest_of_strings([pd.Series([f"{sums[0]:016x}{sums[1]:016x}", *labels])])


def _items(data: AnnotationSet, lane: np.uint64) -> np.ndarray:
    parts = [hash_strings(data.items[c]) for c in _ITEM_WORDS if c in data.items]
    parts += [data.items[c].to_numpy(np.uint64) for c in _ITEM_NUMBERS if c in data.items]
    parts += [hash_strings(data.items[c]) for c in sorted(data.slices)]
    return _mixed([*parts, _label_hashes(data)[data.gold]], lane)


def _rows(data: AnnotationSet, item: np.ndarray, lane: np.uint64) -> np.ndarray:
    rows = data.annotations
    people = hash_strings(data.annotators["annotator"].astype("str"))
    seconds = rows["seconds"].to_numpy(np.float32)
    moments = rows["ended_at"].to_numpy().astype("datetime64[ms]").astype(np.int64)
    return _mixed(
        [
            item[rows["item"].to_numpy()],
            people[rows["annotator"].to_numpy()],
            _label_hashes(data)[rows["label"].to_numpy()],
            rows["shown_first"].to_numpy().astype(np.int64).view(np.uint64),
            np.where(np.isnan(seconds), np.float32(-1), seconds).view(np.uint32).astype(np.uint64),
            moments.view(np.uint64),
            rows["repeat"].to_numpy().astype(np.int64).view(np.uint64),
        ],
        lane,
    )


def _label_hashes(data: AnnotationSet) -> np.ndarray:
    """Hash of each label's name, and last (at -1) of none."""
    return np.append(hash_strings(pd.Series(data.scale.labels, dtype="str")), np.uint64(1))


def _mixed(parts: list[np.ndarray], lane: np.uint64) -> np.ndarray:
    """One number for each row that every part changes (the finaliser of splitmix64 after each)."""
    state = np.full(len(parts[0]), lane, np.uint64)
    with np.errstate(over="ignore"):
        for part in parts:
            state = (state ^ part) * lane + np.uint64(0x165667B19E3779F9)
            state ^= state >> np.uint64(29)
            state *= np.uint64(0xBF58476D1CE4E5B9)
            state ^= state >> np.uint64(32)
    return state
