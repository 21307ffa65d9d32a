"""The passes over all judgements that a change of a threshold costs, compiled once and cached on disk."""

from __future__ import annotations

import numpy as np
from numba import njit

from workbench.aggregation.choosing import leading_label
from workbench.aggregation.contract import TIE_TOLERANCE


@njit(cache=True, nogil=True)
def sweep(  # type: ignore[no-untyped-def]
    low,
    high,
    starts,
    annotator,
    label,
    seconds,
    words,
    of_annotator,
    of_item,
    min_seconds,
    fast,
    max_wpm,
    hurried,
    least,
    too_few,
    beyond,
    log_prior,
    confusion,
    log_confusion,
    direction,
    strength,
    base,
    gold,
    pattern_of,
    down,
    cell,
    reason,
    kept,
    pattern,
    new_label,
    credit,
    goes,
    changes,
    frequency,
    given,
):
    """Why each first judgement of items `low` to `high` goes, and what that changes: one pass, in which an item costs
    next to nothing unless other judgements of it are kept than before.

    A judgement goes for its annotator, for itself, or for its item; then the last ones of an item go where too few are
    left.

    Parameters
    ----------
    starts, annotator, label : of `Codes`.
    seconds : float64 (n,) beside them, NaN = unknown, or (0,) where times are not asked for.
    words : int32 (n_items,): words to read, 0 = unknown, or (0,).
    of_annotator, of_item : uint8: why all judgements of an annotator, or of an item, go; 0 = they stay. (0,) = all
        items stay.
    fast, hurried, too_few : the reasons for too few seconds, too many words a minute, and fewer than `least` labels
        left; 0 = not asked.
    beyond ... strength, gold : see `relabel`. base : int8 (n_items,): labels with all judgements.
    pattern_of, down, cell : pattern of each item with all judgements, and tables, of `Shrinkable`; empty where counts
        are not kept up.
    reason : uint8 (n,), all 0; written where a judgement goes.
    kept, pattern, new_label, credit : bool (n,), int32 (n_items,), or (0,), int8 (n_items,) and float32 (n_items,) as
        other rules left them; written where these rules differ.
    goes : int64 (257,), added to: judgements that go for each reason, and at the end the items with a judgement that
        goes for a reason of the item.
    changes : int64 (3,), added to: items with another label than before anything was set aside, with another direction,
        and without a judgement.
    frequency, given : int64 (P,) and int32 (n_annotators, C), added to: changes of the items of each pattern, and of
        each annotator's labels in each cell.
    """
    timed, read, by_item, counted = len(seconds) > 0, len(words) > 0, len(of_item) > 0, len(pattern) > 0
    t, by_direction = np.empty(len(log_prior)), np.empty(len(log_prior))
    for i in range(low, high):
        first, last = starts[i], starts[i + 1]
        if first == last:
            continue
        left, differs = last - first, False
        for j in range(first, last):
            why = of_annotator[annotator[j]]
            if why == 0 and timed:
                took = seconds[j]
                if fast > 0 and took < min_seconds:
                    why = np.uint8(fast)
                elif hurried > 0 and read and words[i] > 0 and 60.0 * words[i] > max_wpm * took:
                    why = np.uint8(hurried)
            if why > 0:
                reason[j] = why
                goes[why] += 1
                left -= 1
            differs |= (why == 0) != kept[j]
        if left > 0:
            whole = of_item[i] if by_item else np.uint8(0)
            if whole == 0 and left < least:
                whole = np.uint8(too_few)
            if whole > 0:
                goes[256] += 1
                goes[whole] += left
                left, differs = 0, False
                for j in range(first, last):
                    if reason[j] == 0:
                        reason[j] = whole
                    differs |= kept[j]
        if not differs:
            continue
        had = 0
        for j in range(first, last):
            had += kept[j]
        _note(base[i], new_label[i], had, direction, changes, -1)
        if counted:
            before = pattern[i]
            if before >= 0:
                frequency[before] -= 1
                for j in range(first, last):
                    if kept[j]:
                        given[annotator[j], cell[before, label[j]]] -= 1
        for j in range(first, last):
            kept[j] = reason[j] == 0
        if counted:
            after = pattern_of[i]
            for j in range(first, last):
                if not kept[j]:
                    after = down[after, label[j]]
            pattern[i] = after
            if after >= 0:
                frequency[after] += 1
                for j in range(first, last):
                    if kept[j]:
                        given[annotator[j], cell[after, label[j]]] += 1
        if left == 0:
            new_label[i], credit[i] = -1, np.nan
        else:
            new_label[i], credit[i] = _vote(
                first,
                last,
                annotator,
                label,
                kept,
                beyond[i],
                log_prior,
                confusion,
                log_confusion,
                direction,
                strength,
                gold[i],
                t,
                by_direction,
            )
        _note(base[i], new_label[i], left, direction, changes, 1)


@njit(cache=True, nogil=True, inline="always")
def _note(base, label, left, direction, changes, sign):  # type: ignore[no-untyped-def]
    """Counts an item among those whose label changes, or takes it off again."""
    if left == 0:
        changes[2] += sign
    elif label != base:
        changes[0] += sign
        before = direction[base] if base >= 0 else -1
        after = direction[label] if label >= 0 else -1
        if before != after:
            changes[1] += sign


@njit(cache=True, nogil=True)
def sift_others(  # type: ignore[no-untyped-def]
    others,
    item,
    annotator,
    label,
    seconds,
    words,
    of_annotator,
    of_item,
    min_seconds,
    fast,
    max_wpm,
    hurried,
    skip,
    starts,
    had,
    few,
    too_few,
    reason,
):
    """The same for repeats and skips, which no item counts: they go with their annotator, for themselves, or with their
    item.

    Parameters
    ----------
    others : int64 (m,): their rows. item, annotator, label : of all rows.
    skip : the reason for judgements without a label; 0 = not asked.
    had, few : reasons of the first judgements, and the one that marks an item whose last ones went because they were
        too few.
    reason : uint8 (m,), written.
    """
    counts = np.zeros(256, np.int64)
    for m in range(len(others)):
        r = others[m]
        i = item[r]
        why = of_annotator[annotator[r]]
        if why == 0 and skip > 0 and label[r] < 0:
            why = np.uint8(skip)
        if why == 0 and len(seconds) > 0:
            took = seconds[r]
            if fast > 0 and took < min_seconds:
                why = np.uint8(fast)
            elif hurried > 0 and len(words) > 0 and words[i] > 0 and 60.0 * words[i] > max_wpm * took:
                why = np.uint8(hurried)
        if why == 0 and len(of_item) > 0:
            why = of_item[i]
        if why == 0 and few:
            for j in range(starts[i], starts[i + 1]):
                if had[j] == too_few:
                    why = np.uint8(too_few)
        reason[m] = why
        counts[why] += 1
    return counts


@njit(cache=True, nogil=True)
def relabel(  # type: ignore[no-untyped-def]
    low,
    high,
    starts,
    annotator,
    label,
    kept,
    beyond,
    log_prior,
    confusion,
    log_confusion,
    direction,
    strength,
    base,
    gold,
    credit,
    new_label,
    new_credit,
):
    """Labels of items `low` to `high` from the judgements kept, the annotators' tables held fixed: one E-step, and what
    the default says beyond it, by the square of the share of the judgements that is kept.

    Parameters
    ----------
    kept : bool (n,), or (0,) where all are.
    beyond : float64 (n_items, K): log-posterior of the default less that of one E-step, from all judgements.
    log_prior : tuple of K numbers: log-chance of each label, up to a constant. A tuple, because its length is known to
        the compiler, which unrolls the loops.
    confusion : float64 (n_annotators, label, truth): chances, up to a factor for each judgement.
    log_confusion : their logarithm, used where a product of chances falls below what a number can hold.
    direction, strength : int64 (K,) and float64 (K,): direction of each label, and how strong it is.
    base : int8 (n_items,): labels with all judgements; (0,) = work all items out. Items that lose nothing keep theirs.
    gold : int8 (n_items,), -1 = unknown. credit : float32 (n_items,): with all judgements, see below.
    new_label, new_credit : int8 and float32 (n_items,), written, or (0,). The credit is the chance that a random draw
        among equally probable directions hits that of the gold; NaN without gold or judgements.

    Returns
    -------
    float64 (9,): 0 items labelled before and after, 1 of these with another label, 2 with another direction, 3 items
    left without a judgement, 4 gold items with a judgement after, 5 their credit, 6 gold items with one before and
    after, 7 and 8 sums of the gains and of the losses of credit on these.
    """
    all_kept, based, written, credited = len(kept) == 0, len(base) > 0, len(new_label) > 0, len(new_credit) > 0
    t, by_direction = np.empty(len(log_prior)), np.empty(len(log_prior))
    sums = np.zeros(9)
    for i in range(low, high):
        first, last = starts[i], starts[i + 1]
        left = last - first
        if not all_kept:
            for j in range(first, last):
                left -= not kept[j]
        chosen, score = -1, np.nan
        if based and left == last - first and left > 0:
            chosen, score = base[i], credit[i]
            sums[0] += 1
            if gold[i] >= 0:
                sums[4] += 1
                sums[5] += score
                sums[6] += 1
        elif left > 0:
            chosen, score = _vote(
                first,
                last,
                annotator,
                label,
                kept,
                beyond[i],
                log_prior,
                confusion,
                log_confusion,
                direction,
                strength,
                gold[i],
                t,
                by_direction,
            )
            if based:
                _compare(chosen, score, base[i], gold[i], credit[i], direction, sums)
            elif gold[i] >= 0:
                sums[4] += 1
                sums[5] += score
        elif based and last > first:
            sums[3] += 1
        if written:
            new_label[i] = chosen
        if credited:
            new_credit[i] = score
    return sums


@njit(cache=True, nogil=True, inline="always")
def _compare(chosen, score, base, gold, credit, direction, sums):  # type: ignore[no-untyped-def]
    """Adds an item with a label before and after to the sums of `relabel`."""
    sums[0] += 1
    if chosen != base:
        sums[1] += 1
        before = direction[base] if base >= 0 else -1
        after = direction[chosen] if chosen >= 0 else -1
        sums[2] += before != after
    if gold >= 0:
        sums[4] += 1
        sums[5] += score
        sums[6] += 1
        sums[7] += max(score - credit, 0.0)
        sums[8] += max(credit - score, 0.0)


@njit(cache=True, nogil=True, inline="always")
def _vote(  # type: ignore[no-untyped-def]
    first,
    last,
    annotator,
    label,
    kept,
    beyond,
    log_prior,
    confusion,
    log_confusion,
    direction,
    strength,
    gold,
    t,
    by_direction,
):
    """Label of one item from its judgements kept, -1 = undecided, and its credit against the gold, NaN without gold."""
    n_labels, left = len(log_prior), last - first
    if len(kept) > 0:
        for j in range(first, last):
            left -= not kept[j]
    share = (left / (last - first)) ** 2
    for k in range(n_labels):
        t[k] = np.exp(log_prior[k] + share * beyond[k])
    for j in range(first, last):
        if len(kept) == 0 or kept[j]:
            for k in range(n_labels):
                t[k] *= confusion[annotator[j], label[j], k]
    total = 0.0
    for k in range(n_labels):
        total += t[k]
    if total < 1e-200:
        total = _by_logarithms(first, last, annotator, label, kept, log_prior, beyond, share, log_confusion, t)
    chosen, _, rivals, _ = leading_label(n_labels, t, total, direction, strength, TIE_TOLERANCE, by_direction)
    score = np.nan
    if gold >= 0:
        best = 0.0
        for d in range(n_labels):
            best = max(best, by_direction[d])
        score = (by_direction[direction[gold]] >= best - TIE_TOLERANCE * total) / rivals
    return chosen, score


@njit(cache=True, nogil=True)
def _by_logarithms(  # type: ignore[no-untyped-def]
    first, last, annotator, label, kept, log_prior, beyond, share, log_confusion, t
):
    """Posterior of one item up to a factor, its largest chance 1; returns the sum."""
    for k in range(len(t)):
        t[k] = log_prior[k] + share * beyond[k]
    for j in range(first, last):
        if len(kept) == 0 or kept[j]:
            for k in range(len(t)):
                t[k] += log_confusion[annotator[j], label[j], k]
    top = t.max()
    total = 0.0
    for k in range(len(t)):
        t[k] = np.exp(t[k] - top)
        total += t[k]
    return total


@njit(cache=True, nogil=True)
def log_read(low, high, starts, annotator, label, log_prior, log_confusion, found):  # type: ignore[no-untyped-def]
    """Writes the log-posterior of items `low` to `high` by one E-step, up to a constant, (n_items, K)."""
    for i in range(low, high):
        for k in range(len(log_prior)):
            found[i, k] = log_prior[k]
        for j in range(starts[i], starts[i + 1]):
            for k in range(len(log_prior)):
                found[i, k] += log_confusion[annotator[j], label[j], k]
