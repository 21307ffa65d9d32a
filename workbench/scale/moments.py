"""Times as counts: exact medians of any number of times, by refining the bin that a median lies in.

A time is a 32-bit number whose bits, put in order, rise with it. The upper half of them makes bins about one per cent
wide; a second pass over the bins that hold a median, and no others, counts single values.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from workbench.scale.keyed import Keyed

EVERYBODY = -1
"""In place of an annotator: all of them."""


def ordered_bits(seconds: np.ndarray) -> np.ndarray:
    """Whole numbers that rise with the times, int64 (n,) below 2^32.

    >>> ordered_bits(np.array([-1.0, 0.0, 2.5], np.float32)).argsort().tolist()
    [0, 1, 2]
    """
    bits = np.asarray(seconds, np.float32).view(np.uint32)
    negative = (bits >> np.uint32(31)).astype(bool)
    return np.where(negative, ~bits, bits | np.uint32(1 << 31)).astype(np.int64)


def from_ordered_bits(numbers: np.ndarray) -> np.ndarray:
    """The times again, float32."""
    bits = np.asarray(numbers, np.int64).astype(np.uint32)
    positive = (bits >> np.uint32(31)).astype(bool)
    return np.where(positive, bits & np.uint32(0x7FFFFFFF), ~bits).astype(np.uint32).view(np.float32)


def binned(who: np.ndarray, seconds: np.ndarray) -> Keyed:
    """Known times by annotator and bin."""
    known = np.isfinite(seconds)
    return Keyed.of(np.column_stack([who[known].astype(np.int64), ordered_bits(seconds[known]) >> 16]))


@dataclass(frozen=True, eq=False)
class Wanted:
    """Bins that have to be looked into: rows of (annotator, bin), `EVERYBODY` for the median of all."""

    bins: np.ndarray

    def look(self, who: np.ndarray, seconds: np.ndarray) -> Keyed:
        """Times of these bins by annotator, bin and value."""
        known = np.isfinite(seconds)
        people, bits = who[known].astype(np.int64), ordered_bits(seconds[known])
        own = self.bins[self.bins[:, 0] != EVERYBODY]
        everybody = self.bins[self.bins[:, 0] == EVERYBODY, 1]
        mine = np.isin((people << 16) | (bits >> 16), (own[:, 0] << 16) | own[:, 1])
        all_ = np.isin(bits >> 16, everybody)
        rows = [
            np.column_stack([people[mine], bits[mine] >> 16, bits[mine] & 0xFFFF]),
            np.column_stack([np.full(int(all_.sum()), EVERYBODY), bits[all_] >> 16, bits[all_] & 0xFFFF]),
        ]
        return Keyed.of(np.concatenate(rows))


def wanted(bins: Keyed) -> Wanted:
    """The bins in which medians lie: of each annotator, and of everybody."""
    found: list[tuple[int, int]] = []
    for person, numbers, counts in _by_person(bins):
        ends = np.cumsum(counts)
        n = int(ends[-1])
        at = {int(numbers[np.searchsorted(ends, rank, side="right")]) for rank in ((n - 1) // 2, n // 2)}
        found += [(person, each) for each in sorted(at)]
    return Wanted(np.array(found, np.int64).reshape(-1, 2))


def medians(bins: Keyed, values: Keyed, n: int) -> tuple[np.ndarray, float, int]:
    """Median time of each annotator, float (n,) with NaN where there is none; that of everybody; and how many times are
    exactly that.

    Parameters
    ----------
    bins : of `binned`, all together.
    values : of `Wanted.look`, all together.
    """
    found, whole, exactly = np.full(n, np.nan), float("nan"), 0
    for person, numbers, counts in _by_person(bins):
        ends = np.cumsum(counts)
        total = int(ends[-1])
        picked = []
        own = values.within(person)
        for rank in ((total - 1) // 2, total // 2):
            at = int(np.searchsorted(ends, rank, side="right"))
            inside = own.within(int(numbers[at]))
            place = int(
                np.searchsorted(np.cumsum(inside.values[:, 0]), rank - int(ends[at] - counts[at]), side="right")
            )
            picked.append((int(numbers[at]) << 16) | int(inside.keys[place, 0]))
        low, high = from_ordered_bits(np.array(picked)).astype(np.float64)
        middle = (low + high) / 2
        if person == EVERYBODY:
            whole = float(middle)
            if low == high:
                inside = own.within(picked[0] >> 16)
                exactly = int(inside.values[inside.keys[:, 0] == (picked[0] & 0xFFFF), 0].sum())
        else:
            found[person] = np.float32(middle)
    return found, whole, exactly


def _by_person(bins: Keyed) -> list[tuple[int, np.ndarray, np.ndarray]]:
    """Everybody together, then each annotator: bins and how many times lie in each."""
    if len(bins.keys) == 0:
        return []
    everybody = Keyed.of(bins.keys[:, 1], bins.values)
    made = [(EVERYBODY, everybody.keys[:, 0], everybody.values[:, 0])]
    start = np.concatenate([[0], np.flatnonzero(np.diff(bins.keys[:, 0])) + 1, [len(bins.keys)]])
    for low, high in zip(start[:-1].tolist(), start[1:].tolist(), strict=True):
        made.append((int(bins.keys[low, 0]), bins.keys[low:high, 1], bins.values[low:high, 0]))
    return made
