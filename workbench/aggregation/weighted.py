r"""Weighted vote: each judgement counts the log-odds of its annotator being right.

With accuracies known, independent errors and errors spread evenly over the other labels, the most probable label is the
one with the largest sum of $\ln[s_k (K - 1) / (1 - s_k)]$ (Nitzan & Paroush 1982, *Optimal decision rules in uncertain
dichotomous choice situations*). A random clicker weighs nothing, and one who is wrong on purpose counts against what it
says.
"""

from __future__ import annotations

from functools import singledispatch

import numpy as np
from numba import njit

from workbench.aggregation.contract import Fit
from workbench.aggregation.iteration import nothing
from workbench.aggregation.kernels import agreement_with_others, parts_of
from workbench.aggregation.votes import Votes, log_odds_weight
from workbench.dataset.annotation_set import Codes
from workbench.dataset.scales import NULL
from workbench.parallel import in_parts

TITLE = "Weighted vote"


def fit(votes: Votes, *, shrinkage: float = 10.0) -> Fit:
    r"""Whose vote should count more, judged by agreement with others?

    Nothing is iterated. Let q be the accuracy of the average annotator: two of them agree with probability $q^2 + (1 -
    q)^2 / (K - 1)$, which the mean agreement $\bar a$ gives. Annotator k, right with probability $s_k$, agrees with
    another with probability $s_k q + (1 - s_k)(1 - q) / (K - 1)$, which its own agreement, own vote left out, gives:

    $$s_k = \frac{a_k - (1 - q) / (K - 1)}{q - (1 - q) / (K - 1)}$$

    Parameters
    ----------
    votes : the judgements. With known items, an annotator's hits on them count beside its agreement with others, and
        say how good the average annotator is.
    shrinkage : judgements' worth of the average annotator that each accuracy is drawn towards it by.
    """
    codes, k = votes.codes, votes.codes.n_labels
    if len(codes) == 0 or k < 2:
        return nothing(votes)
    hits, tried = on_known(codes, votes.clamp)
    agreed, shared = agreement_with_others(votes.codes)
    q = _average_accuracy(agreed.sum() / shared.sum() if shared.sum() else np.nan, k)
    q = float((hits.sum() + shrinkage * q) / (tried.sum() + shrinkage))
    chance = (1 - q) / (k - 1)
    spread = q - chance
    # Agreement with someone who may be wrong tells spread squared times as much as the truth does.
    worth = spread**2
    own = worth * (agreed - shared * chance) / spread if abs(spread) > 1e-6 else 0.0
    accuracy = np.clip((own + hits + shrinkage * q) / (worth * shared + tried + shrinkage), 0.01, 0.99)
    accuracy = np.where(votes.per_annotator > 0, accuracy, np.nan)
    weight = log_odds_weight(accuracy, k)

    posterior = by_weight(codes, weight)
    return Fit(
        posterior=votes.clamped_rows(posterior),
        annotators={"accuracy": accuracy, "weight": weight},
        details={"average_accuracy": q},
    )


@singledispatch
def on_known(codes: Codes, clamp: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Judgements of items whose label is known that name it, and all judgements of these: (n_annotators,) each."""
    if not (clamp != NULL).any():
        return np.zeros(codes.n_annotators), np.zeros(codes.n_annotators)
    known = np.flatnonzero(clamp[codes.item] != NULL)
    who = codes.annotator[known]
    right = clamp[codes.item[known]] == codes.label[known]
    return (
        np.bincount(who, weights=right, minlength=codes.n_annotators),
        np.bincount(who, minlength=codes.n_annotators),
    )


@singledispatch
def by_weight(codes: Codes, weight: np.ndarray) -> np.ndarray:
    """Probability of each label where each judgement counts its annotator's weight, float64 (n_items, K); NaN where an
    item has no judgement.
    """
    found = np.empty((codes.n_items, codes.n_labels))

    def work(low: int, high: int) -> tuple:
        _softmax_of_votes(codes.starts, codes.annotator, codes.label, weight, low, high, found)
        return ()

    in_parts(parts_of(codes, 0), work)
    return found


@njit(nogil=True, cache=True)
def _softmax_of_votes(
    starts: np.ndarray,
    annotator: np.ndarray,
    label: np.ndarray,
    weight: np.ndarray,
    low: int,
    high: int,
    found: np.ndarray,
) -> None:
    k = found.shape[1]
    score = np.empty(k)
    for i in range(low, high):
        if starts[i] == starts[i + 1]:
            found[i] = np.nan
            continue
        score[:] = 0.0
        for v in range(starts[i], starts[i + 1]):
            score[label[v]] += weight[annotator[v]]
        top = score.max()
        total = 0.0
        for j in range(k):
            score[j] = np.exp(score[j] - top)
            total += score[j]
        share = 1.0 / total
        for j in range(k):
            found[i, j] = score[j] * share


def _average_accuracy(agreement: float, k: int) -> float:
    r"""Q from $\bar a = q^2 + (1 - q)^2 / (K - 1)$, the root above chance; a little above chance where agreement is at
    or below it.
    """
    floor = 1 / k + 0.02
    if not np.isfinite(agreement):
        return max(0.75, floor)
    inside = (agreement * k - 1) * (k - 1)
    return float(np.clip((1 + np.sqrt(max(inside, 0.0))) / k, floor, 0.99))
