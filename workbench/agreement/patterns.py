"""Which items have the same counts of labels: the pass over all judgements that everything else waits for."""

from __future__ import annotations

import numpy as np

from workbench.parallel import even_parts, in_parts

_KEYS = 1 << 20
"""Keys up to which a table is looked up directly, instead of hashing."""
PARTED = 100_000
"""Items (or groups) from which the work is worth sharing among threads."""


def count_patterns(
    starts: np.ndarray, label: np.ndarray, kept: np.ndarray, k: int, least: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Distinct counts of labels, how many items have each, and which each item has.

    Parameters
    ----------
    starts : int64 (n_items + 1,): labels of item i are `label[starts[i]:starts[i + 1]]`.
    label : int (n,): codes below k.
    kept : bool (n,), or (0,) where all labels are kept.
    k : categories.
    least : items with fewer kept labels, or none, have no pattern.

    Returns
    -------
    counts : int64 (P, k), in lexicographic order.
    frequency : int64 (P,).
    pattern : int32 (n_items,), -1 where an item has none.
    """
    from workbench.agreement.kernels import longest

    size = longest(starts) + 1
    few = k > 0 and k * np.log2(max(size, 2)) <= np.log2(_KEYS)
    return (_by_table if few else _by_hash)(starts, label, kept, k, size, max(1, least))


def _by_table(
    starts: np.ndarray, label: np.ndarray, kept: np.ndarray, k: int, size: int, least: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """An item's counts, read as digits of one small number, the first category's first, are a place in a table."""
    from workbench.agreement.kernels import small_keys

    radix = size ** np.arange(k - 1, -1, -1, dtype=np.int64)
    space = size**k
    keys = np.empty(len(starts) - 1, np.int32)
    seen = sum(
        in_parts(
            even_parts(len(keys), PARTED),
            lambda low, high: small_keys(starts, label, kept, radix, space, least, low, high, keys),
        )
    )
    found = np.flatnonzero(seen)
    number = np.full(space + 1, -1, np.int32)
    number[found] = np.arange(len(found))
    # Numbers in order are counts in lexicographic order.
    return found[:, None] // radix % size, np.asarray(seen)[found], np.take(number, keys)


def _by_hash(
    starts: np.ndarray, label: np.ndarray, kept: np.ndarray, k: int, size: int, least: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """As many categories a round as a 63-bit key can hold; one round does nearly always."""
    from workbench.agreement.kernels import count_labels, find_patterns

    pattern, first = np.empty(0, np.int32), np.empty(0, np.int64)
    done, base_size = 0, 1
    while done < k or done == 0:
        room = 62 - int(base_size).bit_length()
        take = min(k - done, max(1, int(room / np.log2(size)))) if size > 1 else k - done
        radix = np.zeros(max(k, 1), np.int64)
        radix[done : done + take] = [size**i for i in range(take)]
        pattern, first = find_patterns(starts, label, kept, radix, pattern, base_size, least)
        done, base_size = done + max(take, 1), max(len(first), 1)
    counts = count_labels(first, starts, label, kept, k)
    order = np.lexsort(counts.T[::-1]) if k else np.arange(len(counts))
    number = np.empty(len(order) + 1, np.int32)
    number[order], number[-1] = np.arange(len(order)), -1
    pattern = number[pattern]
    return counts[order], np.bincount(pattern + 1, minlength=len(counts) + 1)[1:], pattern
