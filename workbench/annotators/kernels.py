"""The compiled passes over judgements, annotator by annotator; imported where they are called."""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(cache=True, nogil=True)
def leave_one_out(starts, annotator, label, gold, log_prior, log_tables, tables, silent, partners, low, high, posterior, informed):  # type: ignore[no-untyped-def]
    """Posterior of each item's state given gold, or all votes but one's own and those of partners; items `low` to `high`.

    Parameters
    ----------
    log_prior : float64 (K + 1, Z): log-prior of the states, given each known label; in the last row without one.
    log_tables, tables : float64 (n_annotators, K, Z): log-chance and chance of each label in each state.
    silent : bool (n,): votes that do not count.
    posterior : float32 (n, Z), filled.
    informed : bool (n,), filled: whether there was gold or another vote.
    """
    states = log_prior.shape[1]
    total, joint, t = np.empty(states), np.empty(states), np.empty(states)
    for i in range(low, high):
        first, last = starts[i], starts[i + 1]
        if gold[i] >= 0:
            for v in range(first, last):
                for j in range(states):
                    posterior[v, j] = np.exp(log_prior[gold[i], j])
                informed[v] = True
            continue
        counted, blocks = 0, False
        for j in range(states):
            total[j] = log_prior[-1, j]
        for w in range(first, last):
            blocks |= partners[annotator[w]] >= 0
            if not silent[w]:
                counted += 1
                for j in range(states):
                    total[j] += log_tables[annotator[w], label[w], j]
        top = total.max()
        for j in range(states):
            joint[j] = np.exp(total[j] - top)
        for v in range(first, last):
            left = counted
            # What all say, divided by what is left out: an exponential for each item is enough, but where a state would be lost in rounding.
            for j in range(states):
                t[j] = joint[j]
            if blocks or last - first > 30:
                left = _left(first, last, annotator, label, log_tables, silent, partners, v, total, t, counted)
            elif not silent[v]:
                left -= 1
                for j in range(states):
                    t[j] /= tables[annotator[v], label[v], j]
            informed[v] = left > 0
            if left == 0:
                for j in range(states):
                    t[j] = np.exp(log_prior[-1, j])
            whole = 0.0
            for j in range(states):
                whole += t[j]
            for j in range(states):
                posterior[v, j] = t[j] / whole


@njit(cache=True, nogil=True)
def _left(first, last, annotator, label, log_tables, silent, partners, v, total, t, counted):  # type: ignore[no-untyped-def]
    """Chances (up to a factor) of the states without the votes of v's annotator and of partners, into t; returns how many votes are left."""
    states, left = len(t), counted
    block = partners[annotator[v]]
    for j in range(states):
        t[j] = total[j]
    for w in range(first, last):
        if (w == v or (block >= 0 and block == partners[annotator[w]])) and not silent[w]:
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
    """Sum of the posterior (n, Z) over the states in which the label's direction is right, of judgements `low` to `high`; same float32 (K, Z)."""
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
    """Adds up, for each annotator, the share of the others on an item who gave the same label, and its square; items with one label say nothing."""
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
def _mixed(terms):  # type: ignore[no-untyped-def]
    """Log of the mean of exponentials."""
    top = terms.max()
    if top == -np.inf:
        return top
    return top + np.log(np.exp(terms - top).mean())


@njit(cache=True, nogil=True)
def attention(likelihood, label, habit, weights, levels, blocks, paths, blind):  # type: ignore[no-untyped-def]
    """How well do three accounts of one annotator's labels, in order, explain them: looks, hardly looks, stopped looking?

    Parameters
    ----------
    likelihood : float64 (n, T): chance of each label given what the others say, at each of `levels` levels of skill by rising skill, then for those who hardly look: always blind, mostly blind, ...
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
    # Labels given blindly from position i on: evenly, as the crew does, or by a habit of one's own (a Dirichlet mixture).
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
    """The tables (K, Z, T) as one would have them who uses the labels as often as `counts` say instead of as `expected` (both (K,)).

    Who never says tie, or says much better where others say better, is not inattentive. The counts are drawn to what is expected by a few labels.
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
def attention_of_all(order, bounds, informed, posterior, label, tables, typical, habit, weights, blocks, most, low, high, found, totals):  # type: ignore[no-untyped-def]
    """`attention` of annotators `low` to `high`, with tables (K, Z, T); found (n_annotators, 5): looks, careless, stopped, position of the change, labels used."""
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
        looks, careless, stopped, changed = attention(likelihood[:m], said[:m], habit, weights, levels, blocks, paths, blind)
        found[a, 0], found[a, 1], found[a, 2] = looks, careless, stopped
        found[a, 3] = place[changed] if changed < m else len(own)
        totals[a, :] = paths[min(m, blocks), :]


@njit(cache=True, nogil=True)
def attention_by_chance(rng, own, group, contested, informed, posterior, tables, typical, habit, weights, blocks, runs):  # type: ignore[no-untyped-def]
    """How careless, and how much as if it had stopped looking, does one seem who looks at these items?

    Labels are drawn from what the others say and a level of skill drawn anew for each run. Items of one group (prompt) are contested together.

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
def without_both(starts, item, annotator, label, gold, log_prior, log_tables, v, w, r):  # type: ignore[no-untyped-def]
    """What gold, or an item's other votes, say when the votes v and w on it are left out; fills r (Z,)."""
    states = log_prior.shape[1]
    i = item[v]
    r[:] = log_prior[gold[i]]
    if gold[i] < 0:
        for u in range(starts[i], starts[i + 1]):
            if u != v and u != w:
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
def alike_by_chance(starts, item, annotator, label, gold, log_prior, log_tables, table, one, two, excess):  # type: ignore[no-untyped-def]
    """For each pair of votes: 1 if alike, less the chance of it if both labelled independently by `table` (Z, K)."""
    states = log_prior.shape[1]
    r, match = np.empty(states), np.empty(states)
    for t in range(states):
        match[t] = (table[t] * table[t]).sum()
    for p in range(len(one)):
        without_both(starts, item, annotator, label, gold, log_prior, log_tables, one[p], two[p], r)
        excess[p] = (label[one[p]] == label[two[p]]) - (r * match).sum()


@njit(cache=True, nogil=True)
def alike_each(starts, item, annotator, label, gold, log_prior, log_tables, tables, one, two, excess):  # type: ignore[no-untyped-def]
    """For each pair of votes: 1 if alike, less the chance of it if both labelled independently, each by its own table; tables (n_annotators, K, Z)."""
    labels, states = log_tables.shape[1], log_prior.shape[1]
    r = np.empty(states)
    for p in range(len(one)):
        without_both(starts, item, annotator, label, gold, log_prior, log_tables, one[p], two[p], r)
        first, second = annotator[one[p]], annotator[two[p]]
        chance = 0.0
        for x in range(labels):
            for t in range(states):
                chance += r[t] * tables[first, x, t] * tables[second, x, t]
        excess[p] = (label[one[p]] == label[two[p]]) - chance


@njit(cache=True, nogil=True)
def copying(starts, item, annotator, label, gold, log_prior, log_tables, tables, one, two, shares, found):  # type: ignore[no-untyped-def]
    """Log-likelihood of one pair's labels on its shared items; found (G, G, S): levels of skill of both, share of copies.

    With R = (chance of the label from either) / (chance of it from both, each on its own), labels alike have 1 - share + share R times
    the chance they have if independent, and labels that differ 1 - share times.
    """
    levels, states = tables.shape[0], tables.shape[1]
    r = np.empty(states)
    for p in range(len(one)):
        without_both(starts, item, annotator, label, gold, log_prior, log_tables, one[p], two[p], r)
        a, b = label[one[p]], label[two[p]]
        for g in range(levels):
            for h in range(levels):
                both, first, second = 0.0, 0.0, 0.0
                for t in range(states):
                    both += r[t] * tables[g, t, a] * tables[h, t, b]
                    first += r[t] * tables[g, t, a]
                    second += r[t] * tables[h, t, b]
                for s in range(len(shares)):
                    if a == b:
                        found[g, h, s] += np.log((1.0 - shares[s]) * both + shares[s] * (first + second) / 2.0)
                    else:
                        found[g, h, s] += np.log((1.0 - shares[s]) * both)


@njit(cache=True, nogil=True)
def longest_runs(order, bounds, label, share, found):  # type: ignore[no-untyped-def]
    """Longest run of one label of each annotator; found (n_annotators, 3): its length, its label, and a bound on the chance of one as long.

    Parameters
    ----------
    share : float64 (n_annotators, K): how often the annotator gives each label; the bound takes labels as independent of the items.
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


@njit(cache=True, nogil=True)
def copying_by_chance(  # type: ignore[no-untyped-def]
    rng, starts, item, annotator, label, gold, log_prior, log_tables, tables, log_weights, one, two,
    shares, independent, likely, runs, enough, evidence,
):  # fmt: skip
    """How often would two who judge on their own be alike as clearly as this?

    Parameters
    ----------
    log_weights : float64 (G, G): log-prior of both levels of skill.
    independent : shares up to this position mean independence, later ones collusion.
    likely : float64 (G, G, independent): how likely each pair of levels and share is given the labels, summing to 1; draws are made from that.
    evidence : log Bayes factor to be reached.

    Returns
    -------
    Runs made, and runs that reached it.
    """
    levels, states, k = tables.shape
    n, n_shares = len(one), len(shares)
    said = np.zeros((n, levels, k))
    alike = np.empty((n, k, levels, levels, n_shares))
    apart = np.empty((n, k, k, levels, levels))
    r = np.empty(states)
    for p in range(n):
        without_both(starts, item, annotator, label, gold, log_prior, log_tables, one[p], two[p], r)
        for g in range(levels):
            for a in range(k):
                for t in range(states):
                    said[p, g, a] += r[t] * tables[g, t, a]
        for a in range(k):
            for b in range(k):
                for g in range(levels):
                    for h in range(levels):
                        both = 0.0
                        for t in range(states):
                            both += r[t] * tables[g, t, a] * tables[h, t, b]
                        apart[p, a, b, g, h] = both
                        if a == b:
                            for s in range(n_shares):
                                alike[p, a, g, h, s] = np.log((1.0 - shares[s]) * both + shares[s] * (said[p, g, a] + said[p, h, a]) / 2.0)
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
