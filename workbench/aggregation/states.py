"""The compiled E-step of models whose items are in one of several states, more than there are labels.

A state is a class at some difficulty (`hard_items`), or a strength of preference (`latent_strength`). What an
annotator says of an item in a state is a table; which state an item is in follows from who said what.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import singledispatch

import numpy as np
from numba import njit

from workbench.aggregation.kernels import in_parts, parts_of
from workbench.dataset.annotation_set import Codes
from workbench.dataset.scales import NULL

SAMPLE = 60_000
"""Judgements from which what annotators have in common is learned, where there are more than twice as many."""

HELD_OUT = 15_000
"""Judgements that are held out, one at a time; of more, those of every second item, every third, and so on."""

TEMPERATURES = (0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
"""Powers of the likelihood among which held-out judgements choose."""


@dataclass(frozen=True, eq=False)
class Expected:
    """What an E-step finds.

    Attributes
    ----------
    counts : float64 (n_annotators, label, state): expected judgements.
    totals : float64 (state,): expected items.
    likelihood : in nats.
    """

    counts: np.ndarray
    totals: np.ndarray
    likelihood: float


@singledispatch
def expect_states(
    codes: Codes,
    clamp: np.ndarray,
    prior: np.ndarray,
    table: np.ndarray,
    label_of: np.ndarray,
    readings: np.ndarray | None = None,
    into: np.ndarray | None = None,
) -> Expected:
    """In which state is each item, and so: who said what of which state?

    Parameters
    ----------
    codes : the judgements.
    clamp : int8 (n_items,): known label of an item, -1 = unknown.
    prior : float64 (S,): how common each state is.
    table : float64 (n_annotators, label, S): chance of a judgement in each state, at least 1e-15; need not add up to
        1.
    label_of : float64 (S, K): how probable each label is in each state: what a known label says of the state.
    readings : float64 (S, F): what is wanted of each state, such as how probable each label is in it; or None.
    into : float64 (n_items, F): filled with the mean readings of each item, NaN where it has no judgement. Counts are
        not made then: they stay 0.
    """
    shape = table.shape
    keep = readings is not None and into is not None
    read = np.ascontiguousarray(readings, float) if readings is not None else np.empty((1, 1))
    filled = into if into is not None else np.empty((1, 1))
    known = np.ascontiguousarray(label_of.T)

    def work(low: int, high: int) -> tuple:
        counts, totals = np.zeros(shape), np.zeros(shape[2])
        likelihood = _expect(
            codes.starts,
            codes.annotator,
            codes.label,
            clamp,
            known,
            prior,
            table,
            low,
            high,
            counts,
            totals,
            read,
            filled,
            keep,
        )
        return counts, totals, likelihood

    done = in_parts(parts_of(codes, int(np.prod(shape))), work)
    if not done:
        return Expected(np.zeros(shape), np.zeros(shape[2]), 0.0)
    return Expected(sum(d[0] for d in done), sum(d[1] for d in done), float(sum(d[2] for d in done)))


def best_temperature(
    codes: Codes, clamp: np.ndarray, prior: np.ndarray, table: np.ndarray, chances: np.ndarray
) -> tuple[float, float]:
    """The power of the likelihood at which the other judgements of an item best predict each judgement left out.

    Parameters
    ----------
    table : as in `expect_states`.
    chances : float64 (n_annotators, label, S): the expected chance of each judgement, adding up to 1 over labels.

    Returns
    -------
    The power, 1 where nothing can be predicted, and the mean log-chance of a judgement left out at it, in nats.
    """
    powers = np.array(TEMPERATURES)
    gained = np.zeros(len(powers))
    every = 1 + len(codes) // HELD_OUT
    n = _held_out(
        every, codes.starts, codes.annotator, codes.label, clamp, prior, np.log(table), chances, powers, gained
    )
    if n == 0:
        return 1.0, float("nan")
    # Less than the whole likelihood only where that predicts better by more than a thousandth of a nat.
    best = int(gained.argmax())
    best = best if gained[best] - gained[-1] > 1e-3 * n else len(powers) - 1
    return float(powers[best]), float(gained[best] / n)


@singledispatch
def some_items(codes: Codes, judgements: int = SAMPLE) -> np.ndarray | None:
    """Items drawn at random, with about so many judgements, by position; None where that is more than half of them.

    They are drawn by a hash of their ids, and come in its order: the same sample, in the same order, whatever the order
    of the file, and whether the set lies in memory or in buckets.
    """
    n = len(codes)
    if n <= 2 * judgements:
        return None
    key = codes.keys
    drawn = np.flatnonzero(are_drawn(key, judgements / n) & (np.diff(codes.starts) > 0))
    return drawn[np.argsort(key[drawn], kind="stable")]


def are_drawn(key: np.ndarray, share: float) -> np.ndarray:
    """Which of the items are in a sample of about this share, bool (n,)."""
    return key < np.uint64(min(share, 1.0) * float((1 << 64) - 2048))


@singledispatch
def part_of(codes: Codes, items: np.ndarray) -> tuple[Codes, np.ndarray]:
    """The judgements of some items, with their annotators numbered anew; and which annotators these are."""
    size = np.diff(codes.starts)[items]
    starts = np.concatenate([[0], np.cumsum(size)])
    rows = np.repeat(codes.starts[items] - starts[:-1], size) + np.arange(starts[-1])
    present, annotator = np.unique(codes.annotator[rows], return_inverse=True)
    number = np.repeat(np.arange(len(items), dtype=np.int32), size)
    return Codes(
        item=number,
        annotator=annotator.astype(np.int32),
        label=codes.label[rows],
        row=codes.row[rows],
        starts=starts,
        n_annotators=len(present),
        n_labels=codes.n_labels,
    ), present


@njit(nogil=True, cache=True)
def _expect(
    starts: np.ndarray,
    annotator: np.ndarray,
    label: np.ndarray,
    clamp: np.ndarray,
    known: np.ndarray,
    prior: np.ndarray,
    table: np.ndarray,
    low: int,
    high: int,
    counts: np.ndarray,
    totals: np.ndarray,
    read: np.ndarray,
    filled: np.ndarray,
    keep: bool,
) -> float:
    states = prior.shape[0]
    t = np.empty(states)
    likelihood = 0.0
    for i in range(low, high):
        first, last = starts[i], starts[i + 1]
        if first == last:
            if keep:
                filled[i] = np.nan
            continue
        if clamp[i] != NULL:
            for s in range(states):
                t[s] = prior[s] * known[clamp[i], s]
        else:
            for s in range(states):
                t[s] = prior[s]
        for v in range(first, last):
            row = table[annotator[v], label[v]]
            for s in range(states):
                t[s] *= row[s]
            if (v - first) % 16 == 15:  # before the product is too small to be told from nothing
                top = 0.0
                for s in range(states):
                    top = max(top, t[s])
                for s in range(states):
                    t[s] /= top
                likelihood += np.log(top)
        total = 0.0
        for s in range(states):
            total += t[s]
        likelihood += np.log(total)
        share = 1.0 / total
        for s in range(states):
            t[s] *= share
            totals[s] += t[s]
        if keep:
            for f in range(read.shape[1]):
                filled[i, f] = 0.0
            for s in range(states):
                for f in range(read.shape[1]):
                    filled[i, f] += t[s] * read[s, f]
            continue
        for v in range(first, last):
            into = counts[annotator[v], label[v]]
            for s in range(states):
                into[s] += t[s]
    return likelihood


@njit(nogil=True, cache=True)
def _held_out(
    every: int,
    starts: np.ndarray,
    annotator: np.ndarray,
    label: np.ndarray,
    clamp: np.ndarray,
    prior: np.ndarray,
    log_table: np.ndarray,
    chances: np.ndarray,
    powers: np.ndarray,
    gained: np.ndarray,
) -> int:
    """Adds the log-chance of each judgement, given the others of its item, to `gained`; how many there are."""
    states, n = prior.shape[0], 0
    log_prior = np.log(prior)
    whole, t = np.empty(states), np.empty(states)
    for i in range(0, len(starts) - 1, every):
        first, last = starts[i], starts[i + 1]
        if last - first < 2 or clamp[i] != NULL:
            continue
        whole[:] = 0.0
        for v in range(first, last):
            for s in range(states):
                whole[s] += log_table[annotator[v], label[v], s]
        for v in range(first, last):
            n += 1
            for p in range(len(powers)):
                top = -np.inf
                for s in range(states):
                    t[s] = log_prior[s] + powers[p] * (whole[s] - log_table[annotator[v], label[v], s])
                    top = max(top, t[s])
                total, hit = 0.0, 0.0
                for s in range(states):
                    chance = np.exp(t[s] - top)
                    total += chance
                    hit += chance * chances[annotator[v], label[v], s]
                gained[p] += np.log(hit / total)
    return n
