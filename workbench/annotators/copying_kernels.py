"""The compiled passes over pairs of votes on the same item that ask who copied whom; imported where they are called.
What they are `given` is a `workbench.annotators.collusion.Given`.
"""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(cache=True, nogil=True)
def vote_pairs(starts, most, low, high, one, two):  # type: ignore[no-untyped-def]
    """All pairs of votes on the same item, items `low` to `high`, by position; with (0,) arrays they are only counted.

    On an item with more than `most` votes, those of neighbours up to that distance.
    """
    at = 0
    for i in range(low, high):
        for v in range(starts[i], starts[i + 1]):
            for w in range(v + 1, min(starts[i + 1], v + most)):
                if len(one):
                    one[at], two[at] = v, w
                at += 1
    return at


@njit(cache=True, nogil=True)
def alike_of_people(votes, here, parts, counts, alike):  # type: ignore[no-untyped-def]
    """Adds up, for each two annotators, the pairs of votes on items that are `here`, of prompts that are `parts`, and
    how many are alike; counts, alike float64 (n_annotators, n_annotators), the same both ways round. `votes` are
    `workbench.annotators.schools.Votes`.
    """
    for p in range(len(votes.one)):
        if here[votes.item[p]] and parts[votes.unit[p]]:
            a, b = votes.one[p], votes.two[p]
            counts[a, b] += 1.0
            counts[b, a] += 1.0
            if votes.alike[p]:
                alike[a, b] += 1.0
                alike[b, a] += 1.0


@njit(cache=True, nogil=True)
def alike_of_schools(side, votes, here, tests):  # type: ignore[no-untyped-def]
    """Pairs of votes on items that are `here`, of prompts that are one of `tests`, and how many are alike: within the
    first school, within the second, and between both; int64 (3,) each.

    And the sums of squares over prompts that the errors of their differences need, float64 (2,): of what a prompt moves
    the share alike within either school less what it moves that between both.
    """
    counts, alike = np.zeros((len(tests), 3), np.int32), np.zeros((len(tests), 3), np.int32)
    n, k = np.zeros(3, np.int64), np.zeros(3, np.int64)
    for p in range(len(votes.one)):
        if here[votes.item[p]] and tests[votes.unit[p]]:
            a, b = side[votes.one[p]], side[votes.two[p]]
            if a != 0 and b != 0:
                kind = 2
                if a == b:
                    kind = 0 if a > 0 else 1
                counts[votes.unit[p], kind] += 1
                n[kind] += 1
                if votes.alike[p]:
                    alike[votes.unit[p], kind] += 1
                    k[kind] += 1
    squares = np.zeros(2)
    if n.min() > 0:
        weight, share = 1.0 / n, k / n
        for u in range(len(tests)):
            if counts[u, 0] + counts[u, 1] + counts[u, 2] > 0:
                between = (alike[u, 2] - counts[u, 2] * share[2]) * weight[2]
                for school in range(2):
                    within = (alike[u, school] - counts[u, school] * share[school]) * weight[school]
                    squares[school] += (within - between) ** 2
    return n, k, squares


@njit(cache=True, nogil=True)
def totals_of_large(starts, annotator, label, camp, log_tables, large, totals):  # type: ignore[no-untyped-def]
    """What all votes on the items with many say, by camp: totals float64 (items with many, 3, Z), numbered by `large`
    (n_items,), -1 for the others.
    """
    for i in range(len(large)):
        if large[i] >= 0:
            for u in range(starts[i], starts[i + 1]):
                for j in range(totals.shape[2]):
                    totals[large[i], camp[u], j] += log_tables[annotator[u], label[u], j]


@njit(cache=True, nogil=True)
def without_both(given, v, w, r):  # type: ignore[no-untyped-def]
    """What gold and an item's other votes say when the votes v and w on it are left out; fills r (Z,).

    Votes of other camps than those of v and w do not count; with `heard` False neither do any where there is gold.
    """
    starts, item, annotator, label, gold, log_prior, log_tables, camp, large, totals, heard = given
    states = log_prior.shape[1]
    i = item[v]
    r[:] = log_prior[gold[i]]
    if heard or gold[i] < 0:
        if large[i] >= 0:
            for j in range(states):
                r[j] += totals[large[i], camp[v], j]
                if camp[w] != camp[v]:
                    r[j] += totals[large[i], camp[w], j]
                r[j] -= log_tables[annotator[v], label[v], j] + log_tables[annotator[w], label[w], j]
        else:
            for u in range(starts[i], starts[i + 1]):
                if u != v and u != w and (camp[u] == camp[v] or camp[u] == camp[w]):
                    for j in range(states):
                        r[j] += log_tables[annotator[u], label[u], j]
    top = r.max()
    whole = 0.0
    for j in range(states):
        r[j] = np.exp(r[j] - top)
        whole += r[j]
    for j in range(states):
        r[j] /= whole


@njit(cache=True, nogil=True)
def alike_by_chance(given, table, one, two, excess):  # type: ignore[no-untyped-def]
    """For each pair of votes: 1 if alike, less the chance of it if both labelled independently by `table` (Z, K)."""
    label, states = given.label, given.log_prior.shape[1]
    r, match = np.empty(states), np.empty(states)
    for t in range(states):
        match[t] = (table[t] * table[t]).sum()
    for p in range(len(one)):
        without_both(given, one[p], two[p], r)
        excess[p] = (label[one[p]] == label[two[p]]) - (r * match).sum()


@njit(cache=True, nogil=True)
def alike_each(given, tables, one, two, excess):  # type: ignore[no-untyped-def]
    """For each pair of votes: 1 if alike, less the chance of it if both labelled independently, each by its own table;
    tables (n_annotators, K, Z).
    """
    annotator, label = given.annotator, given.label
    labels, states = given.log_tables.shape[1], given.log_prior.shape[1]
    r = np.empty(states)
    for p in range(len(one)):
        without_both(given, one[p], two[p], r)
        first, second = annotator[one[p]], annotator[two[p]]
        chance = 0.0
        for x in range(labels):
            for t in range(states):
                chance += r[t] * tables[first, x, t] * tables[second, x, t]
        excess[p] = (label[one[p]] == label[two[p]]) - chance


@njit(cache=True, nogil=True)
def copying(given, first, second, one, two, shares, found):  # type: ignore[no-untyped-def]
    """Log-likelihood of one pair's labels on its shared items; found (G, G, S): levels of skill of both, share of
    copies. The votes `one` are the first annotator's, whose tables are `first` (G, Z, K), the votes `two` the second's.

    With R = (chance of the label from either) / (chance of it from both, each on its own), labels alike have 1 - share
    + share R times the chance they have if independent, and labels that differ 1 - share times.
    """
    label = given.label
    levels, states = first.shape[0], first.shape[1]
    r = np.empty(states)
    product = np.ones(found.shape)
    for p in range(len(one)):
        without_both(given, one[p], two[p], r)
        a, b = label[one[p]], label[two[p]]
        for g in range(levels):
            for h in range(levels):
                both, of_first, of_second = 0.0, 0.0, 0.0
                for t in range(states):
                    both += r[t] * first[g, t, a] * second[h, t, b]
                    of_first += r[t] * first[g, t, a]
                    of_second += r[t] * second[h, t, b]
                either = (of_first + of_second) / 2.0 if a == b else 0.0
                for s in range(len(shares)):
                    product[g, h, s] *= (1.0 - shares[s]) * both + shares[s] * either
        # One logarithm for many pairs of labels.
        if p % 16 == 15 or p == len(one) - 1:
            for g in range(levels):
                for h in range(levels):
                    for s in range(len(shares)):
                        found[g, h, s] += np.log(product[g, h, s])
                        product[g, h, s] = 1.0


@njit(cache=True, nogil=True)
def copying_by_chance(  # type: ignore[no-untyped-def]
    rng, given, first, second, log_weights, one, two, shares, independent, likely, runs, enough, evidence
):
    """How often would two who judge on their own be alike as clearly as this?

    Parameters
    ----------
    log_weights : float64 (G, G): log-prior of both levels of skill.
    independent : shares up to this position mean independence, later ones collusion.
    likely : float64 (G, G, independent): how likely each pair of levels and share is given the labels, summing to 1;
        draws are made from that.
    evidence : log Bayes factor to be reached.

    Returns
    -------
    Runs made, and runs that reached it.
    """
    levels, states, k = first.shape
    n, n_shares = len(one), len(shares)
    said, repeated = np.zeros((n, levels, k)), np.zeros((n, levels, k))
    alike = np.empty((n, k, levels, levels, n_shares))
    apart = np.empty((n, k, k, levels, levels))
    r = np.empty(states)
    for p in range(n):
        without_both(given, one[p], two[p], r)
        for g in range(levels):
            for a in range(k):
                for t in range(states):
                    said[p, g, a] += r[t] * first[g, t, a]
                    repeated[p, g, a] += r[t] * second[g, t, a]
        for a in range(k):
            for b in range(k):
                for g in range(levels):
                    for h in range(levels):
                        both = 0.0
                        for t in range(states):
                            both += r[t] * first[g, t, a] * second[h, t, b]
                        apart[p, a, b, g, h] = both
                        if a == b:
                            for s in range(n_shares):
                                alike[p, a, g, h, s] = np.log(
                                    (1.0 - shares[s]) * both + shares[s] * (said[p, g, a] + repeated[p, h, a]) / 2.0
                                )
    # A logarithm for each cell that can be drawn, not for each draw.
    log_apart = np.log(apart)
    total, differing = np.empty((levels, levels, n_shares)), np.empty((levels, levels))
    reached, made = 0, 0
    for _ in range(runs):
        u = rng.random()
        g0, h0, s0 = 0, 0, 0
        done = False
        for g in range(levels):
            for h in range(levels):
                for s in range(independent):
                    if not done:
                        g0, h0, s0 = g, h, s
                        u -= likely[g, h, s]
                        done = u < 0.0
        total[:] = 0.0
        differing[:] = log_weights
        differ = 0
        for p in range(n):
            u, a, b = rng.random(), 0, 0
            copied = rng.random() < shares[s0]
            if copied:
                while a < k - 1 and u >= said[p, g0, a]:
                    u -= said[p, g0, a]
                    a += 1
                b = a
            else:
                done = False
                for x in range(k):
                    for y in range(k):
                        if not done:
                            a, b = x, y
                            u -= apart[p, x, y, g0, h0]
                            done = u < 0.0
            if a == b:
                total += alike[p, a]
            else:
                differ += 1
                differing += log_apart[p, a, b]
        for s in range(n_shares):
            total[:, :, s] += differing + differ * np.log(1.0 - shares[s])
        top = total.max()
        near, far = 0.0, 0.0
        for s in range(n_shares):
            whole = np.exp(total[:, :, s] - top).sum()
            if s < independent:
                near += whole / independent
            else:
                far += whole / (n_shares - independent)
        reached += np.log(far) - np.log(near) >= evidence
        made += 1
        if reached >= enough:
            break
    return made, reached
