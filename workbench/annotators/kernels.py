"""The compiled passes over judgements that hold each against the others; imported where they are called."""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(cache=True, nogil=True)
def leave_one_out(  # type: ignore[no-untyped-def]
    starts,
    annotator,
    label,
    gold,
    log_prior,
    log_tables,
    inverse,
    silent,
    partners,
    camp,
    left_alone,
    low,
    high,
    posterior,
    informed,
):
    """Posterior of each item's state given gold, or all votes of one's camp but one's own and those of partners; items
    `low` to `high`.

    Parameters
    ----------
    log_prior : float64 (K + 1, Z): log-prior of the states, given each known label; in the last row without one.
    log_tables, inverse : float64 (n_annotators, K, Z): log-chance of each label in each state, and one over the chance.
    silent : bool (n,): votes that do not count.
    camp : int8 (n,): camp of each vote, 0 to 2.
    left_alone : bool (n_items,): items that stay as they were filled before.
    posterior : float32 (n, Z), filled.
    informed : bool (n,), filled: whether there was gold or another vote.
    """
    states = log_prior.shape[1]
    camps = 3
    total, counted = np.empty((camps, states)), np.zeros(camps, np.int64)
    joint, t = np.empty(states), np.empty(states)
    for i in range(low, high):
        if left_alone[i]:
            continue
        first, last = starts[i], starts[i + 1]
        if gold[i] >= 0:
            for v in range(first, last):
                for j in range(states):
                    posterior[v, j] = np.exp(log_prior[gold[i], j])
                informed[v] = True
            continue
        if first == last:
            continue
        # On most items all are of one camp, nobody has a partner, and one exponential for the item is enough, but where
        # a state would be lost in rounding.
        simple = last - first <= 30
        own = camp[first]
        for c in range(camps):
            counted[c] = 0
        for j in range(states):
            total[own, j] = log_prior[-1, j]
        for w in range(first, last):
            c = camp[w]
            simple &= partners[annotator[w]] < 0 and c == own
            if counted[c] == 0 and c != own:
                for j in range(states):
                    total[c, j] = log_prior[-1, j]
            if not silent[w]:
                counted[c] += 1
                for j in range(states):
                    total[c, j] += log_tables[annotator[w], label[w], j]
        if simple:
            top = total[own].max()
            for j in range(states):
                joint[j] = np.exp(total[own, j] - top)
        for v in range(first, last):
            left = counted[camp[v]]
            if simple:
                for j in range(states):
                    t[j] = joint[j]
                if not silent[v]:
                    left -= 1
                    for j in range(states):
                        t[j] *= inverse[annotator[v], label[v], j]
            else:
                left = _left(first, last, annotator, label, log_tables, silent, partners, camp, v, total, t, left)
            informed[v] = left > 0
            if left == 0:
                for j in range(states):
                    t[j] = np.exp(log_prior[-1, j])
            whole = 0.0
            for j in range(states):
                whole += t[j]
            scale = 1.0 / whole
            for j in range(states):
                posterior[v, j] = t[j] * scale


@njit(cache=True, nogil=True)
def _left(first, last, annotator, label, log_tables, silent, partners, camp, v, total, t, left):  # type: ignore[no-untyped-def]
    """Chances (up to a factor) of the states without the votes of v's annotator and of partners, into t; returns how
    many votes are left.
    """
    states = len(t)
    block = partners[annotator[v]]
    for j in range(states):
        t[j] = total[camp[v], j]
    if block < 0:
        if not silent[v]:
            left -= 1
            for j in range(states):
                t[j] -= log_tables[annotator[v], label[v], j]
    else:
        for w in range(first, last):
            if camp[w] == camp[v] and not silent[w] and (w == v or block == partners[annotator[w]]):
                left -= 1
                for j in range(states):
                    t[j] -= log_tables[annotator[w], label[w], j]
    top = t.max()
    for j in range(states):
        t[j] = np.exp(t[j] - top)
    return left


@njit(cache=True, nogil=True)
def skill_totals(order, bounds, used, posterior, label, tables, most, low, high, totals):  # type: ignore[no-untyped-def]
    """Log-likelihood of the labels of annotators `low` to `high` at each table; fills totals (n_annotators, T).

    Parameters
    ----------
    order, bounds : annotator a has the judgements `order[bounds[a] : bounds[a + 1]]`.
    used : bool (n,): judgements that count.
    tables : float64 (K, Z, T), by label: so the innermost loop runs over neighbours in memory.
    most : of more labels of one annotator every second, third, ... is looked at; 0 = all.

    Returns
    -------
    int64 (n_annotators,): labels that were looked at (of these annotators).
    """
    states, n_tables = tables.shape[1], tables.shape[2]
    q, product = np.empty(n_tables), np.empty(n_tables)
    seen = np.zeros(len(bounds) - 1, np.int64)
    for a in range(low, high):
        first, last = bounds[a], bounds[a + 1]
        step = max((last - first + most - 1) // most, 1) if most > 0 else 1
        product[:] = 1.0
        since = 0
        for i in range(first, last, step):
            v = order[i]
            if not used[v]:
                continue
            said = label[v]
            q[:] = 0.0
            for j in range(states):
                r = np.float64(posterior[v, j])
                for g in range(n_tables):
                    q[g] += r * tables[said, j, g]
            for g in range(n_tables):
                product[g] *= max(q[g], 1e-12)
            seen[a] += 1
            since += 1
            # One logarithm for many labels.
            if since == 24:
                for g in range(n_tables):
                    totals[a, g] += np.log(product[g])
                    product[g] = 1.0
                since = 0
        for g in range(n_tables):
            totals[a, g] += np.log(product[g])
    return seen


@njit(cache=True, nogil=True)
def chance_right(label, posterior, same, low, high, found):  # type: ignore[no-untyped-def]
    """Sum of the posterior (n, Z) over the states in which the label's direction is right, of judgements `low` to
    `high`; same float32 (K, Z).
    """
    for v in range(low, high):
        chance = np.float32(0.0)
        for j in range(same.shape[1]):
            chance += posterior[v, j] * same[label[v], j]
        found[v] = chance


@njit(cache=True, nogil=True)
def sums_by_week(annotator, week, used, right, n, total, squares):  # type: ignore[no-untyped-def]
    """Adds up labels and their chances to be right: n, total (n_annotators, weeks) and squares (n_annotators,)."""
    for v in range(len(annotator)):
        if used[v]:
            chance = np.float64(right[v])
            n[annotator[v], week[v]] += 1.0
            total[annotator[v], week[v]] += chance
            squares[annotator[v]] += chance * chance


@njit(cache=True, nogil=True)
def agreement_by_annotator(starts, annotator, label, n_labels, items, total, squares):  # type: ignore[no-untyped-def]
    """Adds up, for each annotator, the share of the others on an item who gave the same label, and its square; items
    with one label say nothing.
    """
    given = np.zeros(n_labels, np.int64)
    for i in range(len(starts) - 1):
        others = starts[i + 1] - starts[i] - 1
        if others < 1:
            continue
        given[:] = 0
        for v in range(starts[i], starts[i + 1]):
            given[label[v]] += 1
        for v in range(starts[i], starts[i + 1]):
            share = (given[label[v]] - 1) / others
            items[annotator[v]] += 1
            total[annotator[v]] += share
            squares[annotator[v]] += share * share


@njit(cache=True, nogil=True)
def states_by_annotator(annotator, posterior, total):  # type: ignore[no-untyped-def]
    """Adds up the posterior (n, Z) of each annotator's items; total float64 (n_annotators, Z)."""
    for v in range(len(annotator)):
        for j in range(posterior.shape[1]):
            total[annotator[v], j] += np.float64(posterior[v, j])


@njit(cache=True, nogil=True)
def by_annotator(annotator, moment, n_annotators):  # type: ignore[no-untyped-def]
    """Positions by annotator, by time within each; equal times keep their order."""
    starts = np.zeros(n_annotators + 1, np.int64)
    for k in annotator:
        starts[k + 1] += 1
    for k in range(n_annotators):
        starts[k + 1] += starts[k]
    place = starts[:-1].copy()
    order = np.empty(len(annotator), np.int64)
    for v in range(len(annotator)):
        order[place[annotator[v]]] = v
        place[annotator[v]] += 1
    for k in range(n_annotators):
        own = order[starts[k] : starts[k + 1]]
        if len(own) > 1:
            order[starts[k] : starts[k + 1]] = own[np.argsort(moment[own], kind="mergesort")]
    return order


@njit(cache=True, nogil=True)
def answers_and_votes(item, annotator, label, gold, direction, used, answers, right, n, votes):  # type: ignore[no-untyped-def]
    """Counts, for each annotator, the labels in use on items with gold and those with the direction of it, and the
    others; answers, right, n int64 (n_annotators,). Which the others are goes to votes, bool (n,).
    """
    for v in range(len(item)):
        if used[v]:
            known, a = gold[item[v]], annotator[v]
            if known < 0:
                n[a] += 1
                votes[v] = True
            else:
                answers[a] += 1
                right[a] += direction[label[v]] == direction[known]


@njit(cache=True, nogil=True)
def dates_of_their_own(order, bounds, moment):  # type: ignore[no-untyped-def]
    """Judgements of each annotator whose moment is known, and how many different moments there are, int64
    (n_annotators,) each; unknown ones, the largest number, are one moment.
    """
    people = len(bounds) - 1
    known, distinct = np.zeros(people, np.int64), np.zeros(people, np.int64)
    unknown = np.iinfo(np.int64).max
    for a in range(people):
        before = unknown
        for i in range(bounds[a], bounds[a + 1]):
            now = moment[order[i]]
            known[a] += now != unknown
            distinct[a] += i == bounds[a] or now != before
            before = now
    return known, distinct


@njit(cache=True, nogil=True)
def longest_runs(order, bounds, label, share, found):  # type: ignore[no-untyped-def]
    """Longest run of one label of each annotator; found (n_annotators, 3): its length, its label, and a bound on the
    chance of one as long.

    Parameters
    ----------
    share : float64 (n_annotators, K): how often the annotator gives each label; the bound takes labels as independent
        of the items.
    """
    for a in range(len(bounds) - 1):
        longest, of, run, before = 0, -1, 0, -1
        for i in range(bounds[a], bounds[a + 1]):
            said = label[order[i]]
            run = run + 1 if said == before else 1
            before = said
            if run > longest:
                longest, of = run, said
        n = bounds[a + 1] - bounds[a]
        chance = 0.0
        for j in range(share.shape[1]):
            p = share[a, j]
            if p > 0.0 and longest > 0:
                chance += p**longest * (1.0 + (n - longest) * (1.0 - p))
        found[a, 0], found[a, 1], found[a, 2] = longest, of, chance
