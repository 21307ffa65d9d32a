"""The compiled loops that the iterative methods share: one pass over the judgements, item by item.

Passes are spread over threads (`workbench.parallel`). How the items are cut into parts depends on the data alone, so
results do not depend on the number of cores. Judgements that are not all in memory bring passes of their own
(`functools.singledispatch` on what stands for the codes).
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import singledispatch
from itertools import pairwise
from weakref import WeakKeyDictionary

import numpy as np
from numba import njit

from workbench.dataset.annotation_set import Codes
from workbench.dataset.scales import NULL
from workbench.parallel import in_parts

PART = 50_000
"""Judgements worth a thread of their own."""

PARTS = 8
"""Most parts the items are cut into."""


def parts_of(codes: Codes, cells: int) -> list[tuple[int, int]]:
    """Item ranges with about equally many judgements; few where each would need many `cells` of memory of its own."""
    n = len(codes)
    parts = int(np.clip(min(n // PART, n // max(cells, 1)), 1, PARTS))
    cuts = np.searchsorted(codes.starts, np.arange(1, parts, dtype=np.int64) * n // parts)
    edges = [0, *cuts.tolist(), codes.n_items]
    return [(low, high) for low, high in pairwise(edges) if high > low]


_LONGEST: WeakKeyDictionary[Codes, int] = WeakKeyDictionary()


def _longest(codes: Codes) -> int:
    """Most judgements of one item."""
    if codes not in _LONGEST:
        _LONGEST[codes] = int(np.diff(codes.starts).max(initial=0))
    return _LONGEST[codes]


UNROLLED = 8
"""Most labels for which loops are compiled with their number known."""


def as_type(n: int) -> tuple[int, ...]:
    """So many labels, as a type: the length of a tuple is known to the compiler, which unrolls loops over it.

    Nothing for more than `UNROLLED`. A number that a compiled function took from around it would do the same, but two
    such functions in numba's cache can be taken for one another.
    """
    return (0,) * n if n <= UNROLLED else ()


@singledispatch
def expectation(
    codes: Codes,
    clamp: np.ndarray,
    log_prior: np.ndarray,
    log_confusion: np.ndarray,
    posterior: np.ndarray | None = None,
) -> tuple[np.ndarray, np.ndarray, float]:
    r"""One E-step: who said what when the truth was probably what?

    $\ln T_{ij} = \ln p_j + \sum_{(k,l) \in i} \ln \pi_{kjl} - \mathrm{const}$ (Dawid & Skene 1979, eq. 2.5), normalised
    with log-sum-exp.

    Parameters
    ----------
    codes : the judgements.
    clamp : int8 (n_items,): known label of an item, -1 = unknown.
    log_prior : float64 (K,).
    log_confusion : float64 (n_annotators, label, truth).
    posterior : float64 (n_items, K) to be filled, or None; NaN where an item has no judgement.

    Returns
    -------
    Expected counts (n_annotators, label, truth), expected items of each truth (K,), and the log-likelihood in nats.
    """
    keep = posterior is not None
    into = posterior if posterior is not None else np.empty((1, codes.n_labels))
    shape = log_confusion.shape

    # Multiplying chances is several times as fast as adding their logarithms. Chances are scaled so that the largest of
    # a judgement is 1, and where even the smallest product of an item is far from underflow nothing is lost.
    top = log_confusion.max(2)
    top = np.where(np.isfinite(top), top, 0.0)  # what an annotator never says may be impossible whatever the truth
    apart = np.where(np.isfinite(log_confusion).any(2), top - log_confusion.min(2), 0.0).max(initial=0.0)
    spread = float(apart) * _longest(codes) + float(log_prior.max() - log_prior.min())
    fast = spread < 600.0
    table = np.exp(log_confusion - top[:, :, None]) if fast else log_confusion
    prior = np.exp(log_prior) if fast else log_prior

    size = as_type(shape[2])

    def work(low: int, high: int) -> tuple:
        counts, totals = np.zeros(shape), np.zeros(shape[2])
        if fast:
            likelihood = _by_products(
                size,
                codes.starts,
                codes.annotator,
                codes.label,
                clamp,
                prior,
                table.ravel(),
                low,
                high,
                counts.reshape(-1),
                totals,
                into,
                keep,
            )
        else:
            likelihood = _by_logarithms(
                codes.starts, codes.annotator, codes.label, clamp, prior, table, low, high, counts, totals, into, keep
            )
        return counts, totals, likelihood

    done = in_parts(parts_of(codes, int(np.prod(shape))), work)
    if not done:
        return np.zeros(shape), np.zeros(shape[2]), 0.0
    counts, totals = sum(d[0] for d in done), sum(d[1] for d in done)
    likelihood = float(sum(d[2] for d in done))
    if fast:
        likelihood += float((counts.sum(2) * top).sum())  # each judgement once: what scaling took
    return counts, totals, likelihood


@njit(nogil=True, cache=True)
def _by_products(
    size: tuple[int, ...],
    starts: np.ndarray,
    annotator: np.ndarray,
    label: np.ndarray,
    clamp: np.ndarray,
    prior: np.ndarray,
    table: np.ndarray,
    low: int,
    high: int,
    counts: np.ndarray,
    totals: np.ndarray,
    posterior: np.ndarray,
    keep: bool,
) -> float:
    n_truths = len(size) if len(size) > 0 else prior.shape[0]
    t = np.empty(n_truths)
    likelihood, product = 0.0, 1.0
    for i in range(low, high):
        first, last = starts[i], starts[i + 1]
        if first == last:
            if keep:
                for j in range(n_truths):
                    posterior[i, j] = np.nan
            continue
        for j in range(n_truths):
            t[j] = prior[j]
        for v in range(first, last):
            at = (annotator[v] * n_truths + label[v]) * n_truths
            for j in range(n_truths):
                t[j] *= table[at + j]
        total = 0.0
        if clamp[i] != NULL:
            total = t[clamp[i]]
            for j in range(n_truths):
                t[j] = 0.0
            t[clamp[i]] = 1.0
        else:
            for j in range(n_truths):
                total += t[j]
            share = 1.0 / total
            for j in range(n_truths):
                t[j] *= share
        # One logarithm for many items.
        if total < 1e-150 or product < 1e-150:
            likelihood += np.log(product)
            product = 1.0
        product *= total
        for j in range(n_truths):
            totals[j] += t[j]
        for v in range(first, last):
            at = (annotator[v] * n_truths + label[v]) * n_truths
            for j in range(n_truths):
                counts[at + j] += t[j]
        if keep:
            for j in range(n_truths):
                posterior[i, j] = t[j]
    return likelihood + np.log(product)


@njit(nogil=True, cache=True)
def _by_logarithms(
    starts: np.ndarray,
    annotator: np.ndarray,
    label: np.ndarray,
    clamp: np.ndarray,
    log_prior: np.ndarray,
    log_confusion: np.ndarray,
    low: int,
    high: int,
    counts: np.ndarray,
    totals: np.ndarray,
    posterior: np.ndarray,
    keep: bool,
) -> float:
    n_truths = log_prior.shape[0]
    t = np.empty(n_truths)
    likelihood = 0.0
    for i in range(low, high):
        first, last = starts[i], starts[i + 1]
        if first == last:
            if keep:
                for j in range(n_truths):
                    posterior[i, j] = np.nan
            continue
        for j in range(n_truths):
            t[j] = log_prior[j]
        for v in range(first, last):
            k, said = annotator[v], label[v]
            for j in range(n_truths):
                t[j] += log_confusion[k, said, j]
        if clamp[i] != NULL:
            likelihood += t[clamp[i]]
            for j in range(n_truths):
                t[j] = 0.0
            t[clamp[i]] = 1.0
        else:
            top = t[0]
            for j in range(1, n_truths):
                top = max(top, t[j])
            total = 0.0
            for j in range(n_truths):
                apart = t[j] - top
                t[j] = np.exp(apart) if apart > -700.0 else 0.0
                total += t[j]
            likelihood += top + np.log(total)
            for j in range(n_truths):
                t[j] /= total
        for j in range(n_truths):
            totals[j] += t[j]
        for v in range(first, last):
            k, said = annotator[v], label[v]
            for j in range(n_truths):
                counts[k, said, j] += t[j]
        if keep:
            for j in range(n_truths):
                posterior[i, j] = t[j]
    return likelihood


@singledispatch
def room(codes: Codes, columns: int) -> np.ndarray:
    """Where a method puts so many numbers for each item, float64 (n_items, columns), not filled."""
    return np.empty((codes.n_items, columns))


@singledispatch
def columns_of(codes: Codes, found: np.ndarray, low: int, high: int) -> np.ndarray:  # noqa: ARG001
    """Some columns of what stands in a `room`, to be kept without the others: float64 (n_items, high - low)."""
    return np.ascontiguousarray(found[:, low:high])


@singledispatch
def stretches(codes: Codes) -> Iterator[tuple[int, int]]:
    """Ranges of items whose numbers are worked on together, in order: all at once, where they are in memory."""
    yield 0, codes.n_items


@singledispatch
def labels_given(codes: Codes) -> np.ndarray:
    """How often each label was given, int64 (K,)."""
    return np.bincount(codes.label, minlength=codes.n_labels)


@singledispatch
def vote_shares(codes: Codes, clamp: np.ndarray) -> np.ndarray:
    """Share of an item's judgements for each label, float64 (n_items, K): certainty where the label is known, NaN where
    there is no judgement.
    """
    found = np.empty((codes.n_items, codes.n_labels))

    def work(low: int, high: int) -> tuple:
        _vote_shares(codes.starts, codes.label, clamp, low, high, found)
        return ()

    in_parts(parts_of(codes, 0), work)
    return found


@njit(nogil=True, cache=True)
def _vote_shares(
    starts: np.ndarray, label: np.ndarray, clamp: np.ndarray, low: int, high: int, found: np.ndarray
) -> None:
    for i in range(low, high):
        n = starts[i + 1] - starts[i]
        known = clamp[i] != NULL
        found[i] = 0.0 if n > 0 or known else np.nan
        if known:
            found[i, clamp[i]] = 1.0
        else:
            for v in range(starts[i], starts[i + 1]):
                found[i, label[v]] += 1.0
            if n > 0:
                for j in range(found.shape[1]):
                    found[i, j] /= n


@singledispatch
def counts_of_votes(codes: Codes, clamp: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The M-step's counts where each item is what its votes say: `counts_given(codes, vote_shares(codes, clamp))`
    without the shares in between.
    """
    shape = (codes.n_annotators, codes.n_labels, codes.n_labels)
    size = as_type(codes.n_labels)

    def work(low: int, high: int) -> tuple:
        counts, totals = np.zeros(shape), np.zeros(shape[2])
        _counts_of_votes(size, codes.starts, codes.annotator, codes.label, clamp, low, high, counts.reshape(-1), totals)
        return counts, totals

    done = in_parts(parts_of(codes, int(np.prod(shape))), work)
    if not done:
        return np.zeros(shape), np.zeros(shape[2])
    return sum(d[0] for d in done), sum(d[1] for d in done)


@njit(nogil=True, cache=True)
def _counts_of_votes(
    size: tuple[int, ...],
    starts: np.ndarray,
    annotator: np.ndarray,
    label: np.ndarray,
    clamp: np.ndarray,
    low: int,
    high: int,
    counts: np.ndarray,
    totals: np.ndarray,
) -> None:
    n_labels = len(size) if len(size) > 0 else totals.shape[0]
    t = np.empty(n_labels)
    for i in range(low, high):
        first, last = starts[i], starts[i + 1]
        if first == last:
            continue
        for j in range(n_labels):
            t[j] = 0.0
        if clamp[i] != NULL:
            t[clamp[i]] = 1.0
        else:
            for v in range(first, last):
                t[label[v]] += 1.0
            n = last - first
            for j in range(n_labels):
                t[j] /= n
        for j in range(n_labels):
            totals[j] += t[j]
        for v in range(first, last):
            at = (annotator[v] * n_labels + label[v]) * n_labels
            for j in range(n_labels):
                counts[at + j] += t[j]


@singledispatch
def counts_given(codes: Codes, posterior: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The M-step's counts for posteriors that are given: (n_annotators, label, truth) and (K,)."""
    shape = (codes.n_annotators, codes.n_labels, posterior.shape[1])

    def work(low: int, high: int) -> tuple:
        counts, totals = np.zeros(shape), np.zeros(shape[2])
        _counts_given(codes.starts, codes.annotator, codes.label, posterior, low, high, counts, totals)
        return counts, totals

    done = in_parts(parts_of(codes, int(np.prod(shape))), work)
    if not done:
        return np.zeros(shape), np.zeros(shape[2])
    return sum(d[0] for d in done), sum(d[1] for d in done)


@njit(nogil=True, cache=True)
def _counts_given(
    starts: np.ndarray,
    annotator: np.ndarray,
    label: np.ndarray,
    posterior: np.ndarray,
    low: int,
    high: int,
    counts: np.ndarray,
    totals: np.ndarray,
) -> None:
    n_truths = posterior.shape[1]
    for i in range(low, high):
        if starts[i] == starts[i + 1]:
            continue
        for j in range(n_truths):
            totals[j] += posterior[i, j]
        for v in range(starts[i], starts[i + 1]):
            for j in range(n_truths):
                counts[annotator[v], label[v], j] += posterior[i, j]


@singledispatch
def agreement_with_others(codes: Codes) -> tuple[np.ndarray, np.ndarray]:
    """Sum over each annotator's shared items of the share of the others who agree, and the number of those items."""

    def work(low: int, high: int) -> tuple:
        agreed, shared = np.zeros(codes.n_annotators), np.zeros(codes.n_annotators)
        _agreement(codes.starts, codes.annotator, codes.label, low, high, codes.n_labels, agreed, shared)
        return agreed, shared

    done = in_parts(parts_of(codes, codes.n_annotators), work)
    nobody = np.zeros(codes.n_annotators)
    return sum((d[0] for d in done), nobody), sum((d[1] for d in done), nobody)


@njit(nogil=True, cache=True)
def _agreement(
    starts: np.ndarray,
    annotator: np.ndarray,
    label: np.ndarray,
    low: int,
    high: int,
    n_labels: int,
    agreed: np.ndarray,
    shared: np.ndarray,
) -> None:
    tally = np.zeros(n_labels)
    for i in range(low, high):
        others = starts[i + 1] - starts[i] - 1.0
        if others < 1.0:
            continue
        tally[:] = 0.0
        for v in range(starts[i], starts[i + 1]):
            tally[label[v]] += 1.0
        for v in range(starts[i], starts[i + 1]):
            agreed[annotator[v]] += (tally[label[v]] - 1.0) / others
            shared[annotator[v]] += 1.0
