"""One label set, one split, one head: the step every study repeats."""

from __future__ import annotations

import math

import numpy as np

from workbench.errors import WorkbenchError
from workbench.studies.bench import Bench, Split
from workbench.studies.label_set import LabelSet
from workbench.studies.resampling import scored

PENALTY = 3.0
"""Of the reward head, for features of which each block has mean squared length 1; about what held-out groups of public
sets prefer."""

FEWEST = 10
"""With fewer labelled pairs no model is trained."""


def checked_penalty(penalty: float) -> None:
    """Raises unless a head can be fitted with it."""
    if not 0 < penalty < math.inf:
        raise WorkbenchError(
            f"A penalty of {penalty:g} is asked for.", f"Give a number above 0; {PENALTY:g} is the usual one."
        )


def score_of(
    bench: Bench, split: Split, labels: LabelSet, penalty: float = PENALTY, most: int | None = None
) -> dict | None:
    """How well does a head trained on these labels rank the held-out pairs? A record of `scored`; None with fewer than
    `FEWEST` labels.

    Parameters
    ----------
    labels : items outside the training part of the split are left out.
    most : train on the first so many of the labels.
    """
    from workbench.reward.heads import fit_bradley_terry

    trainable = np.zeros(len(bench), bool)
    trainable[split.train] = True
    row = bench.row_of_item[labels.item]
    used = np.flatnonzero((row >= 0) & trainable[row])[:most]
    if len(used) < FEWEST:
        return None
    head = fit_bradley_terry(bench.features[row[used]], labels.target[used], labels.weight[used], penalty)
    return scored(head.margin(split.features), split.truth, split.bucket, split.buckets)
