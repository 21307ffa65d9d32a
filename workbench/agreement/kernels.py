"""The passes over sorted codes, compiled once and cached on disk.

Imported where they are called, so that `import workbench` does not wait for the compiler.
"""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(cache=True, nogil=True)
def find_patterns(starts, label, kept, radix, base, base_size, least):  # type: ignore[no-untyped-def]
    """Gives items with the same label counts the same number.

    Parameters
    ----------
    starts : int64 (n_items + 1,): labels of item i are `label[starts[i]:starts[i + 1]]`.
    label : int8 or int16 (n,).
    kept : bool (n,), or (0,) where all labels are kept.
    radix : int64 (K,): what one label of each category adds to an item's key.
    base, base_size : int32 (n_items,) number already given to each item by its other categories, each below
        `base_size`; (0,) in the first round.
    least : items with fewer labels have no pattern.

    Returns
    -------
    pattern : int32 (n_items,), -1 = no pattern.
    first : int64 (P,): an item of each pattern.
    """
    n_items = len(starts) - 1
    pattern = np.full(n_items, -1, np.int32)
    capacity = 1 << 10
    slots = np.full(capacity, -1, np.int32)
    keys = np.empty(capacity, np.int64)
    first = np.empty(capacity, np.int64)
    found = 0
    all_kept = len(kept) == 0
    based = len(base) > 0
    for i in range(n_items):
        key = np.int64(0)
        size = 0
        for j in range(starts[i], starts[i + 1]):
            if all_kept or kept[j]:
                key += radix[label[j]]
                size += 1
        if size < least or size == 0:
            continue
        if based:
            key = key * base_size + base[i]
        slot = _mix(key) & (capacity - 1)
        while slots[slot] >= 0 and keys[slots[slot]] != key:
            slot = (slot + 1) & (capacity - 1)
        if slots[slot] < 0:
            if 2 * (found + 1) > capacity:
                capacity *= 4
                slots = np.full(capacity, -1, np.int32)
                keys = np.concatenate((keys, np.empty(capacity - len(keys), np.int64)))
                first = np.concatenate((first, np.empty(capacity - len(first), np.int64)))
                for p in range(found):
                    slot = _mix(keys[p]) & (capacity - 1)
                    while slots[slot] >= 0:
                        slot = (slot + 1) & (capacity - 1)
                    slots[slot] = p
                slot = _mix(key) & (capacity - 1)
                while slots[slot] >= 0:
                    slot = (slot + 1) & (capacity - 1)
            slots[slot] = found
            keys[found] = key
            first[found] = i
            found += 1
        pattern[i] = slots[slot]
    return pattern, first[:found]


@njit(cache=True, nogil=True, inline="always")
def _mix(key):  # type: ignore[no-untyped-def]
    mixed = np.uint64(key) * np.uint64(0x9E3779B97F4A7C15)
    return np.int64(mixed >> np.uint64(32))


@njit(cache=True, nogil=True)
def count_labels(items, starts, label, kept, n_labels):  # type: ignore[no-untyped-def]
    """Labels of each category on each of some items: int64 (len(items), n_labels)."""
    counts = np.zeros((len(items), n_labels), np.int64)
    all_kept = len(kept) == 0
    for row in range(len(items)):
        for j in range(starts[items[row]], starts[items[row] + 1]):
            if all_kept or kept[j]:
                counts[row, label[j]] += 1
    return counts


@njit(cache=True, nogil=True)
def count_cells(items, low, high, starts, annotator, label, kept, pattern, cell, n_annotators, n_cells):  # type: ignore[no-untyped-def]
    """Labels of each annotator in each cell, a cell being a pattern and one of its labels.

    Parameters
    ----------
    items : int64: the items to look at, of which those from `low` to `high`; (0,) = all items.
    pattern : int32 (n_items,), -1 = not used.
    cell : int32 (P, K): number of the cell.

    Returns
    -------
    counts : int32 (n_annotators, n_cells).
    """
    counts = np.zeros((n_annotators, n_cells), np.int32)
    all_kept = len(kept) == 0
    for position in range(low, high):
        i = items[position] if len(items) else position
        p = pattern[i]
        if p >= 0:
            for j in range(starts[i], starts[i + 1]):
                if all_kept or kept[j]:
                    counts[annotator[j], cell[p, label[j]]] += 1
    return counts


@njit(cache=True, nogil=True)
def count_pairs(items, starts, annotator, label, kept, n_annotators, n_labels):  # type: ignore[no-untyped-def]
    """Common items of each pair of annotators by their two labels, the smaller annotator first.

    Returns
    -------
    counts : int64 (n_annotators ** 2, n_labels ** 2).
    """
    counts = np.zeros((n_annotators * n_annotators, n_labels * n_labels), np.int64)
    all_kept = len(kept) == 0
    for i in items:
        for j in range(starts[i], starts[i + 1]):
            if all_kept or kept[j]:
                for other in range(j + 1, starts[i + 1]):
                    if all_kept or kept[other]:
                        one, two = (j, other) if annotator[j] < annotator[other] else (other, j)
                        counts[
                            np.int64(annotator[one]) * n_annotators + annotator[two],
                            np.int64(label[one]) * n_labels + label[two],
                        ] += 1
    return counts


@njit(cache=True, nogil=True)
def count_listed_pairs(items, starts, annotator, label, kept, n_annotators, n_labels, keys):  # type: ignore[no-untyped-def]
    """The same for some pairs only: `keys` are their numbers (smaller * n_annotators + larger), sorted. int64 (Q, K **
    2).
    """
    counts = np.zeros((len(keys), n_labels * n_labels), np.int64)
    all_kept = len(kept) == 0
    for i in items:
        for j in range(starts[i], starts[i + 1]):
            if all_kept or kept[j]:
                for other in range(j + 1, starts[i + 1]):
                    if all_kept or kept[other]:
                        one, two = (j, other) if annotator[j] < annotator[other] else (other, j)
                        row = _find(keys, np.int64(annotator[one]) * n_annotators + annotator[two])
                        if row >= 0:
                            counts[row, np.int64(label[one]) * n_labels + label[two]] += 1
    return counts


@njit(cache=True, nogil=True)
def add_over_pairs(items, starts, annotator, label, kept, n_annotators, n_labels, keys, change):  # type: ignore[no-untyped-def]
    """For each item, the sum of `change` (Q, K ** 2) over the listed pairs that met on it: float (len(items),)."""
    total = np.zeros(len(items))
    all_kept = len(kept) == 0
    for position in range(len(items)):
        i = items[position]
        for j in range(starts[i], starts[i + 1]):
            if all_kept or kept[j]:
                for other in range(j + 1, starts[i + 1]):
                    if all_kept or kept[other]:
                        one, two = (j, other) if annotator[j] < annotator[other] else (other, j)
                        row = _find(keys, np.int64(annotator[one]) * n_annotators + annotator[two])
                        if row >= 0:
                            total[position] += change[row, np.int64(label[one]) * n_labels + label[two]]
    return total


@njit(cache=True, nogil=True)
def _find(keys, key):  # type: ignore[no-untyped-def]
    """Position of a key among sorted ones, -1 where it is not there."""
    low, high = 0, len(keys)
    while low < high:
        middle = (low + high) // 2
        if keys[middle] < key:
            low = middle + 1
        else:
            high = middle
    return low if low < len(keys) and keys[low] == key else -1


@njit(cache=True, nogil=True)
def count_together(starts, items, pattern, n_patterns, low, high):  # type: ignore[no-untyped-def]
    """Ordered pairs of items of the same group by their patterns, an item with itself included, of groups `low` to
    `high`.

    Parameters
    ----------
    starts, items : group g holds the items `items[starts[g]:starts[g + 1]]`.
    pattern : int32 (n_items,), -1 = the item does not count.

    Returns
    -------
    float (P + 1, P): the pairs; in the last row the items of each pattern.
    groups : groups with an item that counts.
    """
    together = np.zeros((n_patterns + 1, n_patterns))
    count = np.zeros(n_patterns)
    groups = 0
    for g in range(low, high):
        first, end = starts[g], starts[g + 1]
        for i in range(first, end):
            if pattern[items[i]] >= 0:
                count[pattern[items[i]]] += 1.0
        # Visit each distinct pattern once: a count is set to its negative when it has been seen as the first of a pair.
        some = False
        for i in range(first, end):
            p = pattern[items[i]]
            if p >= 0 and count[p] > 0.0:
                some = True
                here = count[p]
                count[p] = -here
                together[p, p] += here * here
                together[n_patterns, p] += here
                for j in range(i + 1, end):
                    q = pattern[items[j]]
                    if q >= 0 and count[q] > 0.0:
                        together[p, q] += here
                        together[q, p] += here
        groups += some
        for i in range(first, end):
            if pattern[items[i]] >= 0:
                count[pattern[items[i]]] = 0.0
    return together, groups


@njit(cache=True, nogil=True)
def small_keys(starts, label, kept, radix, space, least, low, high, keys):  # type: ignore[no-untyped-def]
    """Writes the key of items `low` to `high`, the sum of `radix` over their kept labels, or `space` where they have
    too few.

    Returns
    -------
    seen : int64 (space,): items with each key.
    """
    seen = np.zeros(space, np.int64)
    all_kept = len(kept) == 0
    for i in range(low, high):
        key = np.int64(0)
        size = 0
        if all_kept:
            for j in range(starts[i], starts[i + 1]):
                key += radix[label[j]]
            size = starts[i + 1] - starts[i]
        else:
            for j in range(starts[i], starts[i + 1]):
                if kept[j]:
                    key += radix[label[j]]
                    size += 1
        if size < least:
            keys[i] = space
        else:
            keys[i] = key
            seen[key] += 1
    return seen


@njit(cache=True, nogil=True)
def count_given(annotator, kept, n_annotators):  # type: ignore[no-untyped-def]
    """Kept labels of each annotator: int64 (n_annotators,)."""
    given = np.zeros(n_annotators, np.int64)
    all_kept = len(kept) == 0
    for j in range(len(annotator)):
        if all_kept or kept[j]:
            given[annotator[j]] += 1
    return given


@njit(cache=True, nogil=True)
def keep_of(chosen, annotator):  # type: ignore[no-untyped-def]
    """Which labels are by a chosen annotator: bool (n,)."""
    kept = np.empty(len(annotator), np.bool_)
    for j in range(len(annotator)):
        kept[j] = chosen[annotator[j]]
    return kept


@njit(cache=True, nogil=True)
def longest(starts):  # type: ignore[no-untyped-def]
    """Labels of the item with the most."""
    most = 0
    for i in range(len(starts) - 1):
        most = max(most, starts[i + 1] - starts[i])
    return most
