"""The pass over the judgements: the table, the hash and plain counting find the same patterns, on one thread or
several."""

import numpy as np
import pytest

from workbench.agreement import patterns
from workbench.agreement.kernels import count_given, keep_of
from workbench.agreement.patterns import count_patterns


def random_labels(seed: int, k: int, items: int = 300, most: int = 5):
    rng = np.random.default_rng(seed)
    size = rng.integers(0, most + 1, items)
    starts = np.concatenate([[0], np.cumsum(size)]).astype(np.int64)
    label = rng.integers(0, k, starts[-1]).astype(np.int8)
    return starts, label, rng.random(len(label)) < 0.8


def by_hand(starts, label, kept, k, least):
    found = {}
    for i in range(len(starts) - 1):
        part = slice(starts[i], starts[i + 1])
        counts = np.bincount(label[part][kept[part]], minlength=k)
        if counts.sum() >= max(1, least):
            found[i] = tuple(counts.tolist())
    return found


@pytest.mark.parametrize("keys", [0, 1 << 20], ids=["hash", "table"])
@pytest.mark.parametrize("least", [1, 2, 4])
@pytest.mark.parametrize("k", [1, 2, 5])
def test_patterns_are_the_distinct_counts_of_the_kept_labels(k, least, keys, monkeypatch):
    monkeypatch.setattr(patterns, "_KEYS", max(keys, 1))
    starts, label, kept = random_labels(k, k)
    counts, frequency, pattern = count_patterns(starts, label, kept, k, least)
    expected = by_hand(starts, label, kept, k, least)
    assert {i: tuple(counts[p].tolist()) for i, p in enumerate(pattern) if p >= 0} == expected
    assert [tuple(c) for c in counts.tolist()] == sorted(set(expected.values()))
    assert frequency.tolist() == [list(expected.values()).count(tuple(c)) for c in counts.tolist()]


def test_several_threads_find_what_one_does(monkeypatch):
    starts, label, kept = random_labels(1, 5)
    alone = count_patterns(starts, label, kept, 5, 1)
    monkeypatch.setattr(patterns, "PARTED", 10)
    for one, other in zip(alone, count_patterns(starts, label, kept, 5, 1), strict=True):
        assert one.tolist() == other.tolist()


def test_no_items_at_all():
    counts, frequency, pattern = count_patterns(np.zeros(1, np.int64), np.empty(0, np.int8), np.ones(0, bool), 3, 1)
    assert len(counts) == len(frequency) == len(pattern) == 0


def test_labels_of_annotators_are_counted_and_kept():
    annotator = np.array([0, 2, 2, 0, 2], np.int32)
    assert count_given(annotator, np.ones(0, bool), 3).tolist() == [2, 0, 3]
    assert count_given(annotator, np.array([True, False, True, False, True]), 3).tolist() == [1, 0, 2]
    assert keep_of(np.array([True, True, False]), annotator).tolist() == [True, False, False, True, False]
