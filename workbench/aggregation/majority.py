"""Majority vote: the share of the judgements each label got."""

from __future__ import annotations

import numpy as np

from workbench.aggregation.contract import Fit
from workbench.aggregation.kernels import agreement_with_others, vote_shares
from workbench.aggregation.votes import Votes

TITLE = "Majority vote"


def fit(votes: Votes) -> Fit:
    r"""What do most annotators say?

    The posterior is the vote share $n_{ic} / n_i$. An annotator's accuracy is its agreement with the others on its
    items, own vote left out: the mean of $(n_{ic} - 1) / (n_i - 1)$ where c is its label; undefined where it is always
    alone. Each weight is 1.
    """
    agreed, shared = agreement_with_others(votes.codes)
    agreement = np.divide(agreed, shared, out=np.full(len(shared), np.nan), where=shared > 0)
    return Fit(
        posterior=vote_shares(votes.codes, votes.clamp),
        annotators={"accuracy": agreement, "weight": np.ones(len(shared))},
    )
