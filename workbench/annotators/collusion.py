r"""Which annotators make the same choices more often than what they judge explains?

Two who both judge well agree because both are right; two of whom one copies also agree where they are wrong. With r
what gold or the item's *other* votes say of its state, and C and C' what each of the two says in each state,
independent labels l and l have the chance $\sum_t r_t C_{tl} C'_{tl}$; if a share $\rho$ of one's labels is copied from
the other, the chance is $(1 - \rho) \sum_t r_t C_{tl} C'_{tl} + \rho \sum_t r_t C_{tl}$, and that of two different
labels is multiplied by $1 - \rho$. The share $\rho$ is the error correlation of the pair: 0 = independent, 1 = one
annotator under two names.

How skilled the two are is not taken from a model of the whole crew, which counts the agreement of two copies as skill;
every pair of levels of skill is weighed by how well it explains their labels (`workbench.annotators.crew`).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np
import pandas as pd

from workbench.annotators.crew import level_weights
from workbench.annotators.peer_posterior import Others
from workbench.statistics.multiplicity import false_discovery_adjusted

INDEPENDENT = (0.0, 0.1)
"""Shares of copies that count as independent: hard items sway everybody alike."""

COPIED = (0.4, 0.6, 0.8, 0.95)
"""Shares of copies that count as collusion."""

SHARES = np.array(INDEPENDENT + COPIED)

CANDIDATES = 400
"""Pairs looked at closely: those most alike."""

LEAST_SHARED = 10
"""Pairs with fewer items in common are not tested: they could all be alike by chance, and each test made costs the
others power."""

_MOST_VOTES = 12
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

Told = Literal["first", "second", "unknown"]


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
    """

    pairs: pd.DataFrame
    correlation: float
    tested: int

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

    one, two = votes_on_same_item(found)
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

    wanted = np.full(n, -1)
    wanted[chosen] = np.arange(len(chosen))
    kept = np.flatnonzero(wanted[number] >= 0)
    kept = kept[np.argsort(wanted[number[kept]], kind="stable")]
    edges = np.concatenate([[0], np.cumsum(shared[chosen])])
    rows_of = [kept[low:high] for low, high in pairwise(edges.tolist())]
    rows_of = [rows[:: -(-len(rows) // _MOST_SHARED)] for rows in rows_of]
    tables = [
        table
        for (table,) in in_parts(
            [(c, c + 1) for c in range(len(chosen))],
            lambda c, _: (_likelihoods(found, one[rows_of[c]], two[rows_of[c]], weights),),
        )
    ]
    evidence = np.array([_evidence(table) for table in tables])
    best = np.array([SHARES[_log_sum_exp(table.reshape(-1, len(SHARES)), 0).argmax()] for table in tables])
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
        rows = rows_of[doubted[place]]
        return (_drawn_p(found, one[rows], two[rows], weights, tables[doubted[place]], evidence[doubted[place]], seed),)

    for c, (drawn,) in zip(doubted, in_parts([(i, i + 1) for i in range(len(doubted))], draw), strict=True):
        p[c] = min(p[c], drawn)
    excess = alike_beyond(found, one[kept], two[kept])
    expected = alike[chosen] - np.bincount(wanted[number[kept]], weights=excess, minlength=len(chosen))
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
    )


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


def _likelihoods(found: Others, one: np.ndarray, two: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Log-likelihood of a pair's labels with the log-prior of both levels of skill, (G, G, S)."""
    from workbench.annotators.copying_kernels import copying

    table = np.zeros((len(weights), len(weights), len(SHARES)))
    copying(*_given(found), found.crew.tables, one, two, SHARES, table)
    return table + _log_weights(weights)[:, :, None]


def _log_weights(weights: np.ndarray) -> np.ndarray:
    return np.asarray(np.log(weights)[:, None] + np.log(weights)[None, :])


def _evidence(table: np.ndarray) -> float:
    """Log Bayes factor of collusion against independence."""
    by_share = _log_sum_exp(table.reshape(-1, len(SHARES)), 0)
    near, far = by_share[: len(INDEPENDENT)], by_share[len(INDEPENDENT) :]
    return float(_log_sum_exp(far, 0) - np.log(len(far)) - _log_sum_exp(near, 0) + np.log(len(near)))


def _drawn_p(
    found: Others, one: np.ndarray, two: np.ndarray, weights: np.ndarray, table: np.ndarray, evidence: float, seed: int
) -> float:
    """How often two who judge on their own, as skilled as makes these labels likeliest, seem to collude as clearly."""
    from workbench.annotators.copying_kernels import copying_by_chance

    k = found.codes.n_labels
    if len(one) * k * len(weights) ** 2 * (k + len(SHARES)) > _DRAWN_CELLS:
        return 1.0
    near = table[:, :, : len(INDEPENDENT)]
    likely = np.exp(near - near.max())
    rng = np.random.default_rng(seed)
    made, reached = copying_by_chance(
        rng,
        *_given(found),
        found.crew.tables,
        _log_weights(weights),
        one,
        two,
        SHARES,
        len(INDEPENDENT),
        likely / likely.sum(),
        _RUNS,
        _ENOUGH,
        evidence,
    )
    return (reached + 1) / (made + 1)


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


def _given(found: Others) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    codes = found.codes
    return codes.starts, codes.item, codes.annotator, codes.label, found.gold, found.crew.log_prior, found.log_tables


def votes_on_same_item(found: Others) -> tuple[np.ndarray, np.ndarray]:
    """Positions of the two votes of all pairs of votes on the same item."""
    from workbench.annotators.copying_kernels import vote_pairs

    starts = found.codes.starts
    nothing = np.empty(0, np.int32)
    n = vote_pairs(starts, _MOST_VOTES, 0, len(starts) - 1, nothing, nothing)
    one, two = np.empty(n, np.int32), np.empty(n, np.int32)
    vote_pairs(starts, _MOST_VOTES, 0, len(starts) - 1, one, two)
    return one, two


def alike_beyond(found: Others, one: np.ndarray, two: np.ndarray) -> np.ndarray:
    """Alike beyond what two typical annotators would be, of each pair of votes."""
    from workbench.annotators.copying_kernels import alike_by_chance

    excess = np.empty(len(one), np.float32)
    alike_by_chance(*_given(found), found.crew.typical, one, two, excess)
    return excess


def alike_beyond_own(found: Others, one: np.ndarray, two: np.ndarray) -> np.ndarray:
    """Alike beyond what these two annotators, as each labels, would be, of each pair of votes."""
    from workbench.annotators.copying_kernels import alike_each

    excess = np.empty(len(one), np.float32)
    alike_each(*_given(found), np.exp(found.log_tables), one, two, excess)
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
    """Which of two annotators is the copier, as far as the data tell?

    One who copies can only work after the other, and only where the other has worked. So the copier is the one who came
    later on (nearly) all items that both label alike, or whose work lies within the other's, unless that one judged
    most of the items anyway.

    Returns
    -------
    `first` or `second` (is the copier) or `unknown`, and why.
    """
    from scipy import stats

    codes = found.codes
    one, two = (found.order[found.bounds[k] : found.bounds[k + 1]] for k in (first, second))
    shared, at_one, at_two = np.intersect1d(codes.item[one], codes.item[two], return_indices=True)
    if found.dated[[first, second]].all():
        alike = codes.label[one[at_one]] == codes.label[two[at_two]]
        gap = (found.moments[one[at_one]] - found.moments[two[at_two]])[alike]
        n = len(gap)
        for told, came in (("first", int((gap > 0).sum())), ("second", int((gap < 0).sum()))):
            if came >= 0.97 * n and n >= 10:
                return told, f"came later on {came:,} of the {n:,} items both label alike"  # type: ignore[return-value]
    outside = (len(one) - len(shared), len(two) - len(shared))
    if 2 * max(len(one), len(two)) > int((np.diff(codes.starts) > 0).sum()):
        # One who judged most of the items has everybody's among them.
        return "unknown", "the order in time does not tell which of the two"
    if stats.fisher_exact([[outside[0], len(shared)], [outside[1], len(shared)]]).pvalue < 0.05:
        told = "first" if outside[0] < outside[1] else "second"
        whole = len(one) if told == "first" else len(two)
        return told, f"{len(shared):,} of its {whole:,} items are among the other's, who also worked elsewhere"  # type: ignore[return-value]
    return "unknown", "neither the order in time nor the items tell which of the two"


def _log_sum_exp(values: np.ndarray, axis: int) -> np.ndarray:
    top = values.max(axis=axis, keepdims=True, initial=-np.inf)
    summed: np.ndarray = np.squeeze(top, axis) + np.log(np.exp(values - top).sum(axis=axis))
    return summed
