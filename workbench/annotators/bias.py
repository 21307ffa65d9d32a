r"""Does an annotator lean to a side or a label, or repeat the same label, more than what was judged explains?

- First position: the share of choices for the response shown first, held against the crew's. Where sides were
  randomised content cancels, and the crew's rate is what position does to everybody. Where each item shows the same
  side first to all, the yardstick is instead what the others chose on the same items.
- Lean: the share of choices for A where nothing tells which response was shown first, held against what the others
  chose on the same items. One who sees less than the others chooses A between as often as they and every other time, so
  only a rate outside of that leans.
- Label mix: how far the annotator's labels differ from what a member of the crew would have given on the same items.
- Straight-lining: the longest run of one label in order of time. With a chance $p_v$ of that label at each place, a run
  of L or more begins at place s with chance $(1 - p_{s-1}) \prod_{v=s}^{s+L-1} p_v$; the sum of that over all places
  and labels bounds the p-value. The $p_v$ mix the annotator's own rate and the items' content, so neither a liking for
  A nor items sorted by A counts as a run.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import stats

from workbench.annotators.peer_posterior import Others
from workbench.dataset.scales import NULL

SIDE_MARGIN = 0.05
"""A lean to one side this much beyond the crew's is not held against anybody."""

_SAME_SIDE = 0.05
_MIX = (
    "entropy",
    "commonest",
    "commonest_share",
    "commonest_expected",
    "mix_p",
    "longest_run",
    "run_label",
    "run_expected",
    "run_p",
)


def first_position(found: Others, margin: float = SIDE_MARGIN) -> pd.DataFrame:
    """Does each annotator choose the response shown first (or second) more often than the crew?

    Parameters
    ----------
    margin : lean beyond the crew's that does not count; the p-value is of a larger one.

    Returns
    -------
    Frame with one row an annotator: `first_position_rate` and `first_position_n` (choices with a side and a known
    position), `first_position_expected`, `first_position_p` (exact binomial, two-sided; NaN without such choices).
    """
    data, codes, a = found.data, found.codes, found.codes.n_annotators
    shown = data.annotations["shown_first"].to_numpy()[codes.row]
    sign = np.sign(data.scale.strengths)[codes.label] if data.scale.has_sides else np.zeros(len(codes))
    counted = (sign != 0) & (shown >= 0)
    chose = counted & ((sign > 0) == (shown == 0))
    n, k = (np.bincount(codes.annotator, weights=x, minlength=a) for x in (counted, chose))
    rate = np.divide(k, n, out=np.full(a, np.nan), where=n > 0)
    expected = np.full(a, np.nan)
    if counted.any():
        crew = float(np.median(rate[n >= np.median(n[n > 0])]))
        expected[n > 0] = crew
        if _sides_are_fixed(codes.item[counted], shown[counted], codes.n_items):
            likely = _chance_of_first(found, shown)
            usable = counted & found.informed
            m, e = (
                np.bincount(codes.annotator[usable], minlength=a),
                np.bincount(codes.annotator[usable], weights=likely[usable], minlength=a),
            )
            expected = np.divide(e, m, out=expected, where=m > 0)
    low, high = np.clip(expected - margin, 0.01, 0.99), np.clip(expected + margin, 0.01, 0.99)
    with np.errstate(invalid="ignore"):
        p = 2 * np.minimum(stats.binom.cdf(k, n, low), stats.binom.sf(k - 1, n, high))
    return pd.DataFrame(
        {
            "first_position_rate": rate,
            "first_position_n": n.astype(int),
            "first_position_expected": expected,
            "first_position_p": np.where(n > 0, np.minimum(p, 1.0), np.nan),
        }
    )


def lean_to_a(found: Others, margin: float) -> pd.DataFrame:
    """Where nothing tells which response was shown first: does an annotator choose A, or B, whatever the others say of
    the same items?

    Parameters
    ----------
    margin : lean that does not count; the p-value is of a larger one.

    Returns
    -------
    Frame with one row an annotator: `lean_rate` (share of A), `lean_n` (choices with a side, of unknown position, on
    items that others say something about), `lean_expected` (of one who sees as much as the crew) and `lean_p` (exact
    binomial, two-sided; NaN without such choices).
    """
    data, codes, a = found.data, found.codes, found.codes.n_annotators
    shown = data.annotations["shown_first"].to_numpy()[codes.row]
    sign = np.sign(data.scale.strengths)[codes.label] if data.scale.has_sides else np.zeros(len(codes))
    counted = (sign != 0) & (shown < 0) & found.informed
    if not counted.any():
        nothing = np.full(a, np.nan)
        return pd.DataFrame(
            {"lean_rate": nothing, "lean_n": np.zeros(a, int), "lean_expected": nothing, "lean_p": nothing}
        )
    likely = _chance_of_first(found, np.zeros(len(codes), np.int8))
    n, k, e = (
        np.bincount(codes.annotator, weights=x, minlength=a) for x in (counted, counted & (sign > 0), counted * likely)
    )
    rate, expected = (np.divide(x, n, out=np.full(a, np.nan), where=n > 0) for x in (k, e))
    low = np.clip(np.minimum(expected, 0.5) - margin, 0.01, 0.99)
    high = np.clip(np.maximum(expected, 0.5) + margin, 0.01, 0.99)
    with np.errstate(invalid="ignore"):
        p = 2 * np.minimum(stats.binom.cdf(k, n, low), stats.binom.sf(k - 1, n, high))
    return pd.DataFrame(
        {
            "lean_rate": rate,
            "lean_n": n.astype(int),
            "lean_expected": expected,
            "lean_p": np.where(n > 0, np.minimum(p, 1.0), np.nan),
        }
    )


def _sides_are_fixed(item: np.ndarray, shown: np.ndarray, n_items: int) -> bool:
    """Whether hardly any item with several judgements was shown in both orders."""
    first = np.bincount(item[shown == 0], minlength=n_items)
    whole = np.bincount(item, minlength=n_items)
    several = whole > 1
    return bool(several.any() and ((first > 0) & (first < whole))[several].mean() < _SAME_SIDE)


def _chance_of_first(found: Others, shown: np.ndarray) -> np.ndarray:
    """Chance that a member of the crew takes the first response of each judgement's item, given that it takes a
    side.
    """
    crew, strengths = found.crew, np.sign(found.data.scale.strengths)
    typical = crew.typical
    for_a, for_b = typical[:, strengths > 0].sum(1), typical[:, strengths < 0].sum(1)
    a = found.posterior @ for_a.astype(np.float32)
    b = found.posterior @ for_b.astype(np.float32)
    share = a / np.maximum(a + b, 1e-9)
    likely: np.ndarray = np.where(shown == 0, share, 1 - share)
    return likely


def label_mix(found: Others) -> pd.DataFrame:
    """Does each annotator use the labels as the crew would on the same items, and does it repeat one?

    Returns
    -------
    Frame with one row an annotator: `entropy` of its labels in bits; `commonest` (code) and `commonest_share`, with
    `commonest_expected` on the same items; `mix_p` (chi-squared test of the whole mix against a member of the crew);
    `longest_run`, `run_label` (code), `run_expected` (length that runs reach once on average) and `run_p`, which need
    dates.
    """
    from workbench.annotators.kernels import longest_runs, states_by_annotator

    codes, a, k = found.codes, found.codes.n_annotators, found.codes.n_labels
    if k == 0:
        empty = pd.DataFrame(np.full((a, len(_MIX)), np.nan), columns=list(_MIX))
        return empty.assign(commonest=NULL, run_label=NULL)
    counts = (
        np.bincount(codes.annotator.astype(np.int64) * k + codes.label, minlength=a * k).reshape(a, k).astype(float)
    )
    n = counts.sum(1)
    share = np.divide(counts, n[:, None], out=np.zeros_like(counts), where=n[:, None] > 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        entropy = -np.where(share > 0, share * np.log2(share), 0.0).sum(1)
    truth = np.zeros((a, len(found.crew.prior)))
    states_by_annotator(codes.annotator, found.posterior, truth)
    expected = truth @ found.crew.typical
    with np.errstate(divide="ignore", invalid="ignore"):
        distance = ((counts - expected) ** 2 / expected).sum(1)
    top = counts.argmax(1)
    rows = np.arange(a)
    run = np.zeros((a, 3))
    longest_runs(found.order, found.bounds, codes.label, share, run)
    surprising = np.flatnonzero(found.dated & (run[:, 2] < 0.1) & (n > 1))
    p = np.minimum(run[:, 2], 1.0)
    for i in surprising.tolist():
        p[i] = _run_p(found, i, int(run[i, 0]))
    known = found.dated & (n > 1)
    return pd.DataFrame(
        {
            "entropy": np.where(n > 0, entropy, np.nan),
            "commonest": np.where(n > 0, top, NULL),
            "commonest_share": np.where(n > 0, share[rows, top], np.nan),
            "commonest_expected": np.divide(expected[rows, top], n, out=np.full(a, np.nan), where=n > 0),
            "mix_p": np.where(n > 0, stats.chi2.sf(distance, max(k - 1, 1)), np.nan),
            "longest_run": np.where(known, run[:, 0], np.nan),
            "run_label": np.where(known, run[:, 1], NULL).astype(int),
            "run_expected": np.where(known, expected_run(n, share.max(1)), np.nan),
            "run_p": np.where(known, p, np.nan),
        }
    )


def expected_run(n: np.ndarray, rate: np.ndarray) -> np.ndarray:
    r"""Length that runs of a label of this rate reach once on average in n labels: $\ln(n (1 - p)) / \ln(1 / p)$, at
    least 1 and at most n.

    >>> expected_run(np.array([100.0]), np.array([0.5])).round(1).tolist()
    [5.6]
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        length = np.log(n * (1 - rate)) / -np.log(rate)
    return np.where(rate >= 1, n, np.clip(np.nan_to_num(length, nan=1.0), 1.0, np.maximum(n, 1.0)))


def _run_p(found: Others, annotator: int, length: int) -> float:
    """Bound on the chance of a run of any label this long, given the annotator's own rates and what the others say of
    each item.
    """
    own = found.order[found.bounds[annotator] : found.bounds[annotator + 1]]
    codes = found.codes
    k = codes.n_labels
    said = np.eye(k)[codes.label[own]]
    truth = found.posterior[own].astype(float)
    # The annotator's own table, drawn to its own rates by one label for each of them.
    table = truth.T @ said + said.mean(0)
    chance = truth @ (table / table.sum(1, keepdims=True))
    log_chance = np.concatenate([np.zeros((1, k)), np.cumsum(np.log(np.maximum(chance, 1e-12)), axis=0)])
    through = np.exp(log_chance[length:] - log_chance[:-length])
    begins = np.concatenate([np.ones((1, k)), 1 - chance])[: len(through)]
    return float(min((through * begins).sum(), 1.0))


def run_probability(labels: int, length: int, rate: float) -> float:
    """Chance of a run of at least this length of one label, in so many independent labels, exactly.

    >>> round(run_probability(50, 10, 0.5), 4), round(run_probability(50, 10, 0.6), 4)
    (0.0204, 0.0998)
    """
    state = np.zeros(length + 1)
    state[0] = 1.0
    for _ in range(labels):
        moved = np.zeros(length + 1)
        moved[0] = state[:length].sum() * (1 - rate)
        moved[1:] = state[:length] * rate
        moved[length] += state[length]
        state = moved
    return float(state[length])
