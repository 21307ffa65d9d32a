r"""Weighted vote: each judgement counts the log-odds of its annotator being right.

With accuracies known, independent errors and errors spread evenly over the other labels, the most probable label is the
one with the largest sum of $\ln[s_k (K - 1) / (1 - s_k)]$ (Nitzan & Paroush 1982, *Optimal decision rules in uncertain
dichotomous choice situations*). A random clicker weighs nothing, and one who is wrong on purpose counts against what it
says.
"""

from __future__ import annotations

from functools import singledispatch

import numpy as np

from workbench.aggregation.contract import Fit
from workbench.aggregation.iteration import nothing
from workbench.aggregation.kernels import agreement_with_others
from workbench.aggregation.votes import Votes, log_odds_weight
from workbench.dataset.annotation_set import Codes
from workbench.dataset.scales import NULL

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
    k = codes.n_labels
    flat = codes.item.astype(np.int64) * k + codes.label
    score = np.bincount(flat, weights=weight[codes.annotator], minlength=codes.n_items * k).reshape(codes.n_items, k)
    score -= score.max(1, initial=0.0, keepdims=True)
    odds = np.exp(score)
    posterior = odds / odds.sum(1, keepdims=True)
    posterior[np.diff(codes.starts) == 0] = np.nan
    return posterior


def _average_accuracy(agreement: float, k: int) -> float:
    r"""Q from $\bar a = q^2 + (1 - q)^2 / (K - 1)$, the root above chance; a little above chance where agreement is at
    or below it.
    """
    floor = 1 / k + 0.02
    if not np.isfinite(agreement):
        return max(0.75, floor)
    inside = (agreement * k - 1) * (k - 1)
    return float(np.clip((1 + np.sqrt(max(inside, 0.0))) / k, floor, 0.99))
