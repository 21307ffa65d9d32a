r"""A head trained on raw votes that learns on the way whom to believe.

Crowd-BT (Chen et al. 2013, *Pairwise ranking aggregation in a crowdsourced setting*): annotator k votes as a good judge
would with probability $\eta_k$ and the other way round otherwise, $P_k(A) = \eta_k\,\sigma(\Delta) + (1 -
\eta_k)\,\sigma(-\Delta)$. Fitted by expectation-maximisation: how probably each vote was meant as given, then a
Bradley-Terry head on soft targets. The objective never decreases.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import expit, xlogy

from workbench.progress import UNWATCHED, Watch
from workbench.reward.heads import LinearHead, fit_bradley_terry

PRIOR = (4.0, 1.0)
"""Votes as a good judge gives them and turned votes that every annotator is credited with before the first: right in
four of five."""


@dataclass(frozen=True, eq=False)
class AnnotatorAwareHead:
    r"""A head and what its annotators are worth.

    Attributes
    ----------
    head : of the preferences behind the votes.
    annotator : int64 (k,): annotators that voted.
    reliability : float64 (k,): $\eta$, probability that a vote is the way a good judge would cast it; 0.5 is noise,
        below it is turned round.
    votes : int64 (k,): how many votes they gave, ties left out.
    objective : log-likelihood with the log-priors after each round; never decreases.
    converged : whether it stopped by itself.
    """

    head: LinearHead
    annotator: np.ndarray
    reliability: np.ndarray
    votes: np.ndarray
    objective: np.ndarray
    converged: bool


def fit_annotator_aware(
    x: np.ndarray,
    target: np.ndarray,
    annotator: np.ndarray,
    weight: np.ndarray | None = None,
    penalty: float = 1.0,
    *,
    rounds: int = 50,
    tolerance: float = 1e-6,
    start: LinearHead | None = None,
    draft: bool = False,
    watch: Watch = UNWATCHED,
) -> AnnotatorAwareHead:
    """What would good judges prefer, and who is one?

    Parameters
    ----------
    x : (n, d): features of A minus features of B, a row for each vote.
    target : (n,): the votes, 1 for A, 0 for B, 0.5 for a tie. A tie pulls the scores together and says nothing about
        its annotator.
    annotator : int (n,): who voted.
    weight, penalty, start, draft : as in `fit_bradley_terry`.
    rounds, tolerance : stop after so many rounds, or when one gains less than this many nats a vote.

    Examples
    --------
    Two annotators see what the feature says and one says the opposite:

    >>> rng = np.random.default_rng(0)
    >>> x = rng.normal(size=(900, 1))
    >>> who = np.arange(900) % 3
    >>> votes = ((x[:, 0] > 0) ^ (who == 2)).astype(float)
    >>> fit_annotator_aware(x, votes, who).reliability.round(1).tolist()
    [1.0, 1.0, 0.0]
    """
    names, who = np.unique(annotator, return_inverse=True)
    y = np.asarray(target, float)
    w = np.ones(len(y)) if weight is None else np.asarray(weight, float)
    sided = w * (y != 0.5)
    total = np.bincount(who, sided, len(names))
    prior_a, prior_b = PRIOR
    head = start or fit_bradley_terry(x, y, w, penalty, draft=True)
    eta = np.full(len(names), prior_a / (prior_a + prior_b))
    objective: list[float] = []
    converged = False
    for done in range(rounds):
        watch.step(done, rounds, "Learning whom to believe")
        p = expit(head.margin(x))
        as_given = y * p + (1 - y) * (1 - p)
        likely = eta[who] * as_given + (1 - eta[who]) * (1 - as_given)
        tie = np.where(y == 0.5, w * 0.5 * np.log(np.maximum(p * (1 - p), 1e-300)), 0.0)
        objective.append(
            float(sided @ np.log(np.maximum(likely, 1e-300)) + tie.sum())
            + float((xlogy(prior_a, eta) + xlogy(prior_b, 1 - eta)).sum())
            - 0.5 * penalty * float(head.coefficients @ head.coefficients)
        )
        if len(objective) > 1 and objective[-1] - objective[-2] < tolerance * len(y):
            converged = True
            break
        meant = eta[who] * as_given / np.maximum(likely, 1e-300)
        eta = (np.bincount(who, sided * meant, len(names)) + prior_a) / (total + prior_a + prior_b)
        head = fit_bradley_terry(
            x, np.where(y == 0.5, 0.5, meant * y + (1 - meant) * (1 - y)), w, penalty, start=head, draft=draft
        )
    return AnnotatorAwareHead(
        head, names, eta, np.bincount(who, y != 0.5, len(names)).astype(np.int64), np.array(objective), converged
    )
