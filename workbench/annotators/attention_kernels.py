"""The compiled passes that ask whether an annotator looked, throughout or until some label; imported where they are
called.
"""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(cache=True, nogil=True)
def _mixed(terms):  # type: ignore[no-untyped-def]
    """Log of the mean of exponentials."""
    top = terms.max()
    if top == -np.inf:
        return top
    return top + np.log(np.exp(terms - top).mean())


@njit(cache=True, nogil=True)
def attention(likelihood, label, habit, weights, levels, blocks, paths, blind):  # type: ignore[no-untyped-def]
    """How well do three accounts of one annotator's labels, in order, explain them: looks, hardly looks, stopped
    looking?

    Parameters
    ----------
    likelihood : float64 (n, T): chance of each label given what the others say, at each of `levels` levels of skill by
        rising skill, then for those who hardly look: always blind, mostly blind, ...
    label : (n,).
    habit : float64 (K,): how often the crew gives each label.
    weights : float64 (levels,): how common each level is.
    blocks : the change is looked for at this many places at most.
    paths : float64 (blocks + 1, T) and blind : float64 (blocks + 1,): working memory.

    Returns
    -------
    looks, careless, stopped : log-likelihoods of the three accounts.
    changed : position of the first label after the most likely change.
    """
    n, n_tables = likelihood.shape
    k = len(habit)
    b = min(n, blocks)
    product = np.ones(n_tables)
    paths[0, :] = 0.0
    for i in range(b):
        first, last = i * n // b, (i + 1) * n // b
        product[:] = 1.0
        for g in range(n_tables):
            paths[i + 1, g] = paths[i, g]
        since = 0
        for v in range(first, last):
            for g in range(n_tables):
                product[g] *= likelihood[v, g]
            since += 1
            if since == 40 or v == last - 1:
                for g in range(n_tables):
                    paths[i + 1, g] += np.log(product[g])
                    product[g] = 1.0
                since = 0
    # Labels given blindly from position i on: evenly, as the crew does, or by a habit of one's own (a Dirichlet
    # mixture).
    counts = np.zeros(k)
    seen, even, usual, own = 0.0, 0.0, 0.0, 0.0
    three = np.empty(3)
    blind[b] = 0.0
    for i in range(b - 1, -1, -1):
        first, last = i * n // b, (i + 1) * n // b
        for v in range(first, last):
            said = label[v]
            even -= np.log(float(k))
            usual += np.log(habit[said])
            own += np.log((counts[said] + 2.0 * k * habit[said]) / (seen + 2.0 * k))
            counts[said] += 1.0
            seen += 1.0
        three[0], three[1], three[2] = even, usual, own
        blind[i] = _mixed(three)
    terms = np.empty(levels)
    for g in range(levels):
        terms[g] = paths[b, g] + np.log(weights[g] * levels)
    looks = _mixed(terms)
    hardly = np.empty(1 + n_tables - levels)
    hardly[0] = blind[0]
    for g in range(levels, n_tables):
        hardly[g - levels + 1] = paths[b, g]
    careless = _mixed(hardly)
    changed, stopped, best = n, -np.inf, -np.inf
    # A change needs some labels on either side to be told from a bad moment.
    least = min(20, n // 3)
    found = np.full(b + 1, -np.inf)
    places = 0
    two = np.empty(2)
    for i in range(1, b):
        at = i * n // b
        if at >= least and n - at >= least:
            for g in range(levels):
                terms[g] = paths[i, g] + np.log(weights[g] * levels)
            two[0], two[1] = blind[i], paths[b, levels + 1] - paths[i, levels + 1]
            found[i] = _mixed(terms) + _mixed(two)
            places += 1
            if found[i] > best:
                best, changed = found[i], at
    if places:
        stopped = _mixed(found) + np.log((b + 1) / places)
    return looks, careless, stopped, changed


@njit(cache=True, nogil=True)
def bent_to_habit(tables, expected, counts, bent):  # type: ignore[no-untyped-def]
    """The tables (K, Z, T) as one would have them who uses the labels as often as `counts` say instead of as `expected`
    (both (K,)).

    Who never says tie, or says much better where others say better, is not inattentive. The counts are drawn to what is
    expected by a few labels.
    """
    k, states, n_tables = tables.shape
    n = counts.sum()
    drawn = 4.0 * k
    whole = np.empty(n_tables)
    for j in range(states):
        whole[:] = 0.0
        for said in range(k):
            share = expected[said] / n
            turned = (counts[said] + drawn * share) / ((n + drawn) * share)
            for g in range(n_tables):
                bent[said, j, g] = tables[said, j, g] * turned
                whole[g] += bent[said, j, g]
        for said in range(k):
            for g in range(n_tables):
                bent[said, j, g] /= whole[g]


@njit(cache=True, nogil=True)
def chances(r, tables, found):  # type: ignore[no-untyped-def]
    """Chance of one label at each table: found (T,) = r (Z,) times tables (Z, T)."""
    found[:] = 0.0
    for j in range(tables.shape[0]):
        share = np.float64(r[j])
        for g in range(tables.shape[1]):
            found[g] += share * tables[j, g]


@njit(cache=True, nogil=True)
def attention_of_all(  # type: ignore[no-untyped-def]
    order, bounds, informed, posterior, label, tables, typical, habit, weights, blocks, most, low, high, found, totals
):
    """`attention` of annotators `low` to `high`, with tables (K, Z, T); found (n_annotators, 5): looks, careless,
    stopped, position of the change, labels used.
    """
    k, states, n_tables = tables.shape
    levels = len(weights)
    paths, blind, bent = np.empty((blocks + 1, n_tables)), np.empty(blocks + 1), np.empty(tables.shape)
    for a in range(low, high):
        own = order[bounds[a] : bounds[a + 1]]
        step = max((len(own) + most - 1) // most, 1)
        kept = len(own) // step + 1
        likelihood, said, place, m = np.empty((kept, n_tables)), np.empty(kept, np.int64), np.empty(kept, np.int64), 0
        counts, expected = np.zeros(k), np.zeros(k)
        for i in range(0, len(own), step):
            v = own[i]
            if informed[v]:
                said[m] = label[v]
                place[m] = i
                m += 1
                counts[label[v]] += 1.0
                for j in range(states):
                    for x in range(k):
                        expected[x] += posterior[v, j] * typical[j, x]
        found[a, 4] = m
        if m == 0:
            found[a, :3] = 0.0
            found[a, 3] = len(own)
            continue
        bent_to_habit(tables, expected, counts, bent)
        for i in range(m):
            v = own[place[i]]
            chances(posterior[v], bent[label[v]], likelihood[i])
        looks, careless, stopped, changed = attention(
            likelihood[:m], said[:m], habit, weights, levels, blocks, paths, blind
        )
        found[a, 0], found[a, 1], found[a, 2] = looks, careless, stopped
        found[a, 3] = place[changed] if changed < m else len(own)
        totals[a, :] = paths[min(m, blocks), :]


@njit(cache=True, nogil=True)
def attention_by_chance(rng, own, group, contested, informed, posterior, tables, typical, habit, weights, blocks, runs):  # type: ignore[no-untyped-def]
    """How careless, and how much as if it had stopped looking, does one seem who looks at these items?

    Labels are drawn from what the others say and a level of skill drawn anew for each run. Items of one group (prompt)
    are contested together.

    Parameters
    ----------
    tables : float64 (K, Z, T), by label.
    group : int (n,): group of each judgement's item.
    contested : states from this position on are contested ones.

    Returns
    -------
    float64 (runs, 2): log Bayes factors.
    """
    k, states, n_tables = tables.shape
    levels = len(weights)
    m = 0
    for v in own:
        m += informed[v]
    r, of = np.empty((m, states)), np.empty(m, np.int64)
    expected = np.zeros(k)
    at = 0
    for v in own:
        if informed[v]:
            of[at] = group[v]
            for j in range(states):
                r[at, j] = posterior[v, j]
                for x in range(k):
                    expected[x] += r[at, j] * typical[j, x]
            at += 1
    paths, blind, bent = np.empty((blocks + 1, n_tables)), np.empty(blocks + 1), np.empty(tables.shape)
    likelihood, label = np.empty((m, n_tables)), np.empty(m, np.int64)
    ranks = np.empty(m, np.int64)
    number = 0
    order = np.argsort(of, kind="mergesort")
    for i in range(m):
        if i > 0 and of[order[i]] != of[order[i - 1]]:
            number += 1
        ranks[order[i]] = number
    gains = np.empty((runs, 2))
    for run in range(runs):
        shared = rng.random(number + 1)
        u, level = rng.random(), 0
        while level < levels - 1 and u >= weights[level]:
            u -= weights[level]
            level += 1
        counts = np.zeros(k)
        for i in range(m):
            low, high = 0, contested
            clear = 0.0
            for j in range(contested):
                clear += r[i, j]
            whole = clear
            if shared[ranks[i]] >= clear:
                low, high, whole = contested, states, 1.0 - clear
            u, state = rng.random() * whole, low
            while state < high - 1 and u >= r[i, state]:
                u -= r[i, state]
                state += 1
            u, said = rng.random(), 0
            while said < k - 1 and u >= tables[said, state, level]:
                u -= tables[said, state, level]
                said += 1
            label[i] = said
            counts[said] += 1.0
        bent_to_habit(tables, expected, counts, bent)
        for i in range(m):
            chances(r[i], bent[label[i]], likelihood[i])
        looks, careless, stopped, _where = attention(likelihood, label, habit, weights, levels, blocks, paths, blind)
        gains[run, 0], gains[run, 1] = careless - looks, stopped - looks
    return gains
