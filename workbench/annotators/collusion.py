r"""Which annotators give the same answers more often than anything but copying explains?

Two who both judge well agree because both are right; two of whom one copies also agree where they are wrong. With r
what the item's *other* votes say of its state, and C and C' what each of the two says in each state, independent labels
l and l have the chance $\sum_t r_t C_{tl} C'_{tl}$; if a share $\rho$ of one's labels is copied from the other, the
chance is $(1 - \rho) \sum_t r_t C_{tl} C'_{tl} + \rho \sum_t r_t C_{tl}$, and that of two different labels is
multiplied by $1 - \rho$. The share $\rho$ is the error correlation of the pair: 0 = independent, 1 = one annotator
under two names.

What else makes people alike is tried first:

- skill: not taken from a model of the whole crew, which counts the agreement of two copies as skill; every pair of
  levels of skill is weighed by how well it explains their labels (`workbench.annotators.crew`);
- habits: each one's tables give labels as often as this one does;
- popular answers: how alike pairs of this crew usually are beyond skill is learned from pairs drawn at random, and
  counts as independent; gold is one voice among the votes, as many may share an error that gold has not;
- schools: a vote is held against votes of its own school (`workbench.annotators.schools`);
- items that are nearly the same: where answers to items of one prompt hang together, each prompt counts once.

Who copied whom is said only where times say so (`who_copied`).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Literal, NamedTuple

import numpy as np
import pandas as pd

from workbench.annotators.crew import level_weights
from workbench.annotators.peer_posterior import Others
from workbench.statistics.multiplicity import false_discovery_adjusted

SHARES = np.array([0.0, 0.1, 0.2, 0.3, 0.4, 0.6, 0.8, 0.95])
"""Shares of copies that are held against each other."""

INDEPENDENT = 0.1
"""Up to this share, or what pairs of the crew usually have in common, two count as independent: hard items sway
everybody alike."""

BEYOND = 0.3
"""And from so much more on as alike beyond that."""

CANDIDATES = 400
"""Pairs looked at closely: those most alike."""

LEAST_SHARED = 10
"""Pairs with fewer items in common are not tested: they could all be alike by chance, and each test made costs the
others power."""

MOST_PAIRS = 6_000_000
"""Pairs of votes looked at: where there are more, only neighbours among the votes on an item are compared."""

_MOST_VOTES, _LARGE = 12, 32
_SURPRISING = 3.0
_DOUBTFUL, _DOUBTFUL_SHARE = 6, 0.1
_COLUMNS = ("first", "second", "items", "alike", "expected", "share", "evidence", "p_value", "adjusted")

_RUNS = 500
_CLOSELY = 60
_HOPELESS = 0.2
_MOST_SHARED = 600
_SAMPLE = 100_000
_ENOUGH = 20
_DRAWN_CELLS = 4_000_000
_LEAST_EVIDENCE = 1.0
_STANDS_OUT = 3.0
_GOLD_HEARD = 0.85
_USUAL_PAIRS, _USUAL_SHARED, _USUAL = 150, 60, 0.9
_HANG_TOGETHER = 0.05

Told = Literal["first", "second", "unknown"]


class Given(NamedTuple):
    """What the passes over pairs of votes are given first.

    Attributes
    ----------
    large, totals : items with many votes by number, -1 for the others, and what all their votes say, by camp.
    heard : whether votes are heard where there is gold.
    """

    starts: np.ndarray
    item: np.ndarray
    annotator: np.ndarray
    label: np.ndarray
    gold: np.ndarray
    log_prior: np.ndarray
    log_tables: np.ndarray
    camp: np.ndarray
    large: np.ndarray
    totals: np.ndarray
    heard: bool


@dataclass(frozen=True, eq=False)
class Collusion:
    """Pairs of annotators who choose too much alike.

    Attributes
    ----------
    pairs : one row a pair looked at closely, likeliest first: `first`, `second` (positions of annotators), `items`
        shared, `alike` (same label), `expected` (of these, from two typical annotators), `share` (most likely share of
        copies), `evidence` (log Bayes factor of collusion against independence), `p_value` (chance that two who judge
        on their own reach it), `adjusted` (p-value corrected for all pairs tested).
    correlation : error correlation that all pairs have in common: alike beyond what is expected, as a share of what is
        left; at least 0.
    tested : pairs that share at least `LEAST_SHARED` items.
    usual : share up to which pairs of this crew are alike beyond skill without anybody copying.
    partial : on items with many votes not all pairs were compared, since there are more than `MOST_PAIRS`.
    """

    pairs: pd.DataFrame
    correlation: float
    tested: int
    usual: float = 0.0
    partial: bool = False

    def effective(self, annotators: float) -> float:
        """How many independent annotators so many of this crew are worth, copies among them;
        `workbench.annotators.independence` counts these out first.
        """
        return effective_annotators(annotators, self.correlation)


def effective_annotators(annotators: float, correlation: float) -> float:
    r"""How many independent annotators are k correlated ones worth: $k / (1 + (k - 1) \rho)$.

    >>> round(effective_annotators(9, 0.4375), 3)
    2.0
    """
    return annotators / (1.0 + (annotators - 1.0) * correlation)


def collusion(found: Others, *, seed: int = 0) -> Collusion:
    """Which pairs choose too much alike?

    Parameters
    ----------
    found : of `others(data)`, with all votes counted.
    seed : of the draws behind the p-values.
    """
    from workbench.parallel import in_parts

    one, two, partial = _oriented(found)
    if len(one) == 0:
        return Collusion(pd.DataFrame({name: np.empty(0) for name in _COLUMNS}), 0.0, 0)
    codes, crew = found.codes, found.crew
    number, first, second = _numbered(codes.annotator[one], codes.annotator[two], codes.n_annotators)
    n = len(first)
    shared = np.bincount(number, minlength=n)
    same = codes.label[one] == codes.label[two]
    alike = np.bincount(number, weights=same, minlength=n)
    enough = np.flatnonzero(shared >= LEAST_SHARED)
    usual = float(same.mean())
    surprise = (alike - usual * shared) / np.sqrt(np.maximum(usual * (1 - usual) * shared, 1e-9))
    chosen = np.sort(enough[np.argsort(-surprise[enough], kind="stable")[:CANDIDATES]])
    chosen = chosen[surprise[chosen] > 0]
    doubtful = _doubtful(first[enough], second[enough], surprise[enough], codes.n_annotators)
    told = ~doubtful & (found.scores != 0).any(1)
    weights = (
        level_weights(found.scores[told]) if told.sum() >= 5 else np.full(len(crew.tables), 1.0 / len(crew.tables))
    )
    pairs = _Pairs(found, _given(found, heard=True), _own_tables(found), first, second, weights)

    some = np.random.default_rng(seed).permutation(enough)[:_USUAL_PAIRS]
    some = some[~(doubtful[first[some]] & doubtful[second[some]])]
    kept, rows_of = _rows_of(found, number, np.union1d(chosen, some), one, two, n)
    floor = _usual_share(pairs, [(c, rows_of[c][:_USUAL_SHARED]) for c in some.tolist()], one, two)
    shares = SHARES
    near, far = shares <= floor + 1e-9, shares >= floor + BEYOND - 1e-9
    tables = [
        table
        for (table,) in in_parts(
            [(i, i + 1) for i in range(len(chosen))],
            lambda i, _: (pairs.likelihoods(chosen[i], one[rows_of[chosen[i]]], two[rows_of[chosen[i]]]),),
        )
    ]
    evidence = np.array([_evidence(table, near, far) for table in tables])
    best = np.array([SHARES[_by_share(table).argmax()] for table in tables])
    p = np.exp(-np.clip(evidence, 0.0, 700.0))
    share = _pair_weights(codes.annotator, first, second, shared, enough)
    at = np.searchsorted(enough, chosen)
    doubted = []
    for place, c in enumerate(np.argsort(-evidence, kind="stable")[:_CLOSELY].tolist()):
        # So few draws cannot make a p-value small enough to matter among very many pairs.
        reachable = len(enough) / (share[at[c]] * (place + 1) * (_RUNS + 1)) < _HOPELESS
        if evidence[c] > _LEAST_EVIDENCE and p[c] > 1e-9 and reachable:
            doubted.append(c)

    def draw(place: int, _: int) -> tuple:
        c = doubted[place]
        rows = rows_of[chosen[c]]
        return (pairs.drawn_p(chosen[c], one[rows], two[rows], tables[c], evidence[c], near, far, seed),)

    for c, (drawn,) in zip(doubted, in_parts([(i, i + 1) for i in range(len(doubted))], draw), strict=True):
        p[c] = min(p[c], drawn)
    listed = np.full(n, -1)
    listed[chosen] = np.arange(len(chosen))
    kept = kept[listed[number[kept]] >= 0]
    excess = alike_beyond(found, one[kept], two[kept])
    expected = alike[chosen] - np.bincount(listed[number[kept]], weights=excess, minlength=len(chosen))
    every = np.ones(len(enough))
    every[at] = p
    adjusted = false_discovery_adjusted(np.minimum(every / share, 1.0))
    frame = pd.DataFrame(
        {
            "first": first[chosen],
            "second": second[chosen],
            "items": shared[chosen],
            "alike": alike[chosen].astype(int),
            "expected": expected,
            "share": best,
            "evidence": evidence,
            "p_value": p,
            "adjusted": adjusted[at],
        }
    )
    return Collusion(
        frame.sort_values(["evidence", "first", "second"], ascending=[False, True, True], ignore_index=True),
        _common(found, one, two),
        len(enough),
        floor,
        partial,
    )


def _oriented(found: Others) -> tuple[np.ndarray, np.ndarray, bool]:
    """All pairs of votes on the same item, that of the annotator with the lower position first; and whether these are
    not all.
    """
    one, two = votes_on_same_item(found)
    size = np.diff(found.codes.starts).astype(float)
    partial = len(one) < (size * (size - 1) / 2).sum()
    turned = found.codes.annotator[one] > found.codes.annotator[two]
    return np.where(turned, two, one), np.where(turned, one, two), bool(partial)


def _rows_of(
    found: Others, number: np.ndarray, wanted: np.ndarray, one: np.ndarray, two: np.ndarray, n: int
) -> tuple[np.ndarray, dict[int, np.ndarray]]:
    """Pairs of votes of the wanted pairs of annotators, and of each those that are looked at: some hundreds at most,
    and one of each prompt where answers to items of one prompt hang together.
    """
    place = np.full(n, -1)
    place[wanted] = np.arange(len(wanted))
    kept = np.flatnonzero(place[number] >= 0)
    kept = kept[np.argsort(place[number[kept]], kind="stable")]
    edges = np.concatenate([[0], np.cumsum(np.bincount(place[number[kept]], minlength=len(wanted)))])
    prompt = found.data.group_codes
    prompt_of = None if prompt is None else prompt[found.codes.item[one]]
    if prompt_of is not None and not _hang_together(found, number[kept], prompt_of[kept], one[kept], two[kept]):
        prompt_of = None
    rows: dict[int, np.ndarray] = {}
    for c, (low, high) in zip(wanted.tolist(), pairwise(edges.tolist()), strict=True):
        own = kept[low:high]
        if prompt_of is not None:
            own = own[np.sort(np.unique(prompt_of[own], return_index=True)[1])]
        rows[c] = own[:: max(-(-len(own) // _MOST_SHARED), 1)]
    return kept, rows


def _hang_together(found: Others, number: np.ndarray, prompt: np.ndarray, one: np.ndarray, two: np.ndarray) -> bool:
    """Whether being alike on one item of a prompt goes with being alike on another, beyond how alike a pair is."""
    excess = alike_beyond(found, one, two).astype(float)
    of = np.unique(number, return_inverse=True)[1]
    excess -= (np.bincount(of, excess) / np.bincount(of))[of]
    cell = np.unique(of.astype(np.int64) * (int(prompt.max(initial=0)) + 1) + prompt, return_inverse=True)[1]
    size = np.bincount(cell).astype(float)
    together = float((np.bincount(cell, excess) ** 2).sum() - (excess**2).sum())
    pairs = float((size * (size - 1)).sum())
    return pairs > 0 and together / pairs > _HANG_TOGETHER * float((excess**2).mean())


def _own_tables(found: Others) -> np.ndarray:
    """How often each annotator gives each label, as a multiple of what the items would have one expect, (n_annotators,
    K); drawn to 1 by a few labels. Who never says tie is alike with others who do not.
    """
    from workbench.annotators.kernels import states_by_annotator

    codes, crew = found.codes, found.crew
    k = codes.n_labels
    states = np.zeros((codes.n_annotators, len(crew.prior)))
    states_by_annotator(codes.annotator, found.posterior, states)
    counts = np.bincount(codes.annotator.astype(np.int64) * k + codes.label, minlength=codes.n_annotators * k)
    counts = counts.reshape(-1, k)
    n = counts.sum(1, keepdims=True)
    share = (states @ crew.typical) / np.maximum(n, 1)
    share = np.where(n > 0, np.maximum(share, 1e-6), 1 / max(k, 1))
    bent: np.ndarray = (counts + 4 * k * share) / ((n + 4 * k) * share)
    return bent


def _usual_share(pairs: _Pairs, some: list[tuple[int, np.ndarray]], one: np.ndarray, two: np.ndarray) -> float:
    """The share of copies that nine in ten pairs drawn at random do not exceed, as far as their labels tell together:
    what all have in common without anybody copying.
    """
    if len(some) < 3:
        return INDEPENDENT
    scores = np.array([_by_share(pairs.likelihoods(c, one[rows], two[rows])) for c, rows in some])
    below = np.cumsum(level_weights(scores))
    found = float(SHARES[min(int((below < _USUAL).sum()), len(SHARES) - 1)])
    return float(np.clip(found, INDEPENDENT, SHARES[-1] - BEYOND - 0.05))


@dataclass(frozen=True, eq=False)
class _Pairs:
    """What pairs of annotators are held against."""

    found: Others
    given: Given
    habits: np.ndarray
    first: np.ndarray
    second: np.ndarray
    weights: np.ndarray

    def tables(self, annotator: int) -> np.ndarray:
        """The levels of skill with one's own habits, (G, Z, K)."""
        bent = self.found.crew.tables * self.habits[annotator]
        return np.ascontiguousarray(bent / bent.sum(2, keepdims=True))

    def likelihoods(self, c: int, one: np.ndarray, two: np.ndarray) -> np.ndarray:
        """Log-likelihood of a pair's labels with the log-prior of both levels of skill, (G, G, S)."""
        from workbench.annotators.copying_kernels import copying

        table = np.zeros((len(self.weights), len(self.weights), len(SHARES)))
        copying(self.given, self.tables(self.first[c]), self.tables(self.second[c]), one, two, SHARES, table)
        return table + _log_weights(self.weights)[:, :, None]

    def drawn_p(
        self,
        c: int,
        one: np.ndarray,
        two: np.ndarray,
        table: np.ndarray,
        evidence: float,
        near: np.ndarray,
        far: np.ndarray,
        seed: int,
    ) -> float:
        """How often two who judge on their own, as skilled as makes these labels likeliest, seem to copy as clearly."""
        from workbench.annotators.copying_kernels import copying_by_chance

        k = self.found.codes.n_labels
        shares = np.concatenate([SHARES[near], SHARES[far]])
        if len(one) * k * len(self.weights) ** 2 * (k + len(shares)) > _DRAWN_CELLS:
            return 1.0
        likely = np.exp(table[:, :, near] - table[:, :, near].max())
        made, reached = copying_by_chance(
            np.random.default_rng(seed),
            self.given,
            self.tables(self.first[c]),
            self.tables(self.second[c]),
            _log_weights(self.weights),
            one,
            two,
            shares,
            int(near.sum()),
            likely / likely.sum(),
            _RUNS,
            _ENOUGH,
            evidence,
        )
        return (reached + 1) / (made + 1)


def _doubtful(first: np.ndarray, second: np.ndarray, surprise: np.ndarray, annotators: int) -> np.ndarray:
    """Who does not tell how common skill is, bool (n_annotators,): copies look skilled, so those most surprisingly
    alike.

    A few at most: two who are both skilled are surprisingly alike too, and without the skilled every pair of them would
    look like copies.
    """
    found = np.zeros(annotators, bool)
    most = max(_DOUBTFUL_SHARE * annotators, _DOUBTFUL)
    for c in np.argsort(-surprise, kind="stable").tolist():
        if surprise[c] <= _SURPRISING or found.sum() >= most:
            break
        found[[first[c], second[c]]] = True
    return found


def _log_weights(weights: np.ndarray) -> np.ndarray:
    return np.asarray(np.log(weights)[:, None] + np.log(weights)[None, :])


def _by_share(table: np.ndarray) -> np.ndarray:
    """Log-likelihood at each share, over the levels of skill, (S,)."""
    return _log_sum_exp(table.reshape(-1, len(SHARES)), 0)


def _evidence(table: np.ndarray, near: np.ndarray, far: np.ndarray) -> float:
    """Log Bayes factor of copying against what else makes people alike."""
    by_share = _by_share(table)
    return float(
        _log_sum_exp(by_share[far], 0) - np.log(far.sum()) - _log_sum_exp(by_share[near], 0) + np.log(near.sum())
    )


def _pair_weights(
    annotator: np.ndarray, first: np.ndarray, second: np.ndarray, shared: np.ndarray, enough: np.ndarray
) -> np.ndarray:
    """How much of the error rate each tested pair gets, 1 on average: half of it goes to pairs who share far more of
    their items than is usual.

    What is shared says nothing about whether labels are alike by chance, so the correction stays valid (Genovese,
    Roeder & Wasserman 2006, *False discovery control with p-value weighting*).
    """
    n = np.bincount(annotator)
    overlap = shared / np.maximum(np.minimum(n[first], n[second]), 1)
    closest = np.zeros(len(n))
    np.maximum.at(closest, first, overlap)
    np.maximum.at(closest, second, overlap)
    out = overlap[enough] > _STANDS_OUT * np.median(closest[closest > 0])
    m, standing = len(enough), int(out.sum())
    if standing == 0 or 2 * standing >= m:
        return np.ones(m)
    return np.where(out, 0.5 * m / standing, 0.5 * m / (m - standing))


def _given(found: Others, heard: bool = False) -> Given:
    """What the passes over pairs of votes are given.

    Parameters
    ----------
    heard : gold is one voice among the votes on its item, and not the last word.
    """
    from workbench.annotators.copying_kernels import totals_of_large

    codes = found.codes
    log_prior = found.crew.log_prior
    if heard:
        prior = np.exp(log_prior)
        log_prior = np.log(_GOLD_HEARD * prior + (1 - _GOLD_HEARD) * prior[-1])
    camp = np.zeros(len(codes), np.int8) if found.camp is None else found.camp
    many = np.diff(codes.starts) > _LARGE
    large = np.where(many, np.cumsum(many) - 1, -1).astype(np.int32)
    totals = np.zeros((int(many.sum()), 3, log_prior.shape[1]))
    if many.any():
        totals_of_large(codes.starts, codes.annotator, codes.label, camp, found.log_tables, large, totals)
    return Given(
        codes.starts,
        codes.item,
        codes.annotator,
        codes.label,
        found.gold,
        log_prior,
        found.log_tables,
        camp,
        large,
        totals,
        heard,
    )


def votes_on_same_item(found: Others) -> tuple[np.ndarray, np.ndarray]:
    """Positions of the two votes of all pairs of votes on the same item; of more than `MOST_PAIRS`, of those that are
    neighbours on it.
    """
    from workbench.annotators.copying_kernels import vote_pairs

    starts = found.codes.starts
    nothing = np.empty(0, np.int32)
    size = np.diff(starts).astype(float)
    most = int(size.max(initial=1)) if (size * (size - 1) / 2).sum() <= MOST_PAIRS else _MOST_VOTES
    n = vote_pairs(starts, most, 0, len(starts) - 1, nothing, nothing)
    one, two = np.empty(n, np.int32), np.empty(n, np.int32)
    vote_pairs(starts, most, 0, len(starts) - 1, one, two)
    return one, two


def alike_beyond(found: Others, one: np.ndarray, two: np.ndarray) -> np.ndarray:
    """Alike beyond what two typical annotators would be, of each pair of votes."""
    from workbench.annotators.copying_kernels import alike_by_chance

    excess = np.empty(len(one), np.float32)
    alike_by_chance(_given(found), found.crew.typical, one, two, excess)
    return excess


def alike_beyond_own(found: Others, one: np.ndarray, two: np.ndarray) -> np.ndarray:
    """Alike beyond what these two annotators, as each labels, would be, of each pair of votes."""
    from workbench.annotators.copying_kernels import alike_each

    excess = np.empty(len(one), np.float32)
    alike_each(_given(found), np.exp(found.log_tables), one, two, excess)
    return excess


def _common(found: Others, one: np.ndarray, two: np.ndarray) -> float:
    """Error correlation that pairs have in common, from a sample of pairs of votes."""
    step = max(len(one) // _SAMPLE, 1)
    one, two = one[::step], two[::step]
    excess = alike_beyond_own(found, one, two)
    alike = found.codes.label[one] == found.codes.label[two]
    return max(float(excess.sum()) / max(float((1 - (alike - excess)).sum()), 1e-9), 0.0)


def _numbered(one: np.ndarray, two: np.ndarray, annotators: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Number of the annotator pair of each pair of votes, and the two annotators of each number."""
    key = np.minimum(one, two).astype(np.int64) * annotators + np.maximum(one, two)
    if annotators**2 > 4_000_000:
        names, number = np.unique(key, return_inverse=True)
        return number, names // annotators, names % annotators
    present = np.zeros(annotators**2, bool)
    present[key] = True
    names = np.flatnonzero(present)
    return (np.cumsum(present) - 1)[key], names // annotators, names % annotators


def who_copied(found: Others, first: int, second: int) -> tuple[Told, str]:
    """Which of two annotators came later, as far as times tell?

    One who copies can only work after the other: it is the one who came later on (nearly) all items that both label
    alike. Where times are not known, or do not say so, neither is named: one who works on many other items too may as
    well be the source.

    Returns
    -------
    `first` or `second` (came later) or `unknown`, and why.
    """
    codes = found.codes
    if not found.dated[[first, second]].all():
        return "unknown", "no times say which of the two came later"
    one, two = (found.order[found.bounds[k] : found.bounds[k + 1]] for k in (first, second))
    _, at_one, at_two = np.intersect1d(codes.item[one], codes.item[two], return_indices=True)
    alike = codes.label[one[at_one]] == codes.label[two[at_two]]
    gap = (found.moments[one[at_one]] - found.moments[two[at_two]])[alike]
    n = len(gap)
    for told, came in (("first", int((gap > 0).sum())), ("second", int((gap < 0).sum()))):
        if came >= 0.97 * n and n >= 10:
            return told, f"came later on {came:,} of the {n:,} items both label alike"  # type: ignore[return-value]
    return "unknown", "sometimes the one came later and sometimes the other"


def _log_sum_exp(values: np.ndarray, axis: int) -> np.ndarray:
    top = values.max(axis=axis, keepdims=True, initial=-np.inf)
    summed: np.ndarray = np.squeeze(top, axis) + np.log(np.exp(values - top).sum(axis=axis))
    return summed
