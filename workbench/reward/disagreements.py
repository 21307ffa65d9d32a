"""What lies behind a scorecard: the pairs on which model and label differ, and what the model says of those it was not
trained on.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from workbench.dataset.annotation_set import AnnotationSet
from workbench.reward.scorecard import Scorecard

HELD_OUT = "held_out.parquet"
"""File of a run with what its model says of the items it was not trained on, as `workbench.aggregation.probabilities`
reads it."""


def held_out_file(folder: Path) -> Path | None:
    """What the model of a training run says of the items it was not trained on; None where the run kept nothing, as one
    judged by other data.
    """
    place = folder / HELD_OUT
    return place if place.is_file() else None


def disagreement_table(data: AnnotationSet, card: Scorecard) -> pd.DataFrame:
    """One row a pair that model and label see differently, the surest first.

    Returns
    -------
    `position` (in `data.items`), `item_id`, `label` and `model` (A, B), `label_sure` (probability of the label's side),
    `model_sure` (of the model's), `margin`, `judgements` (labels of the item).

    >>> from workbench.simulation.simulate import simulate
    >>> from workbench.reward.pairs import pairs_of
    >>> from workbench.reward.scorecard import scorecard
    >>> data = simulate(300, annotators=6, seed=1).data
    >>> pairs = pairs_of(data, "majority")
    >>> table = disagreement_table(data, scorecard(0.5 - pairs.target, pairs, np.random.default_rng(0), data=data))
    >>> bool((table["label"] != table["model"]).all())
    True
    """
    known = [d for d in card.disagreements if 0 <= d.item < len(data.items)]
    item = np.array([d.item for d in known], np.int64)
    margin = np.array([d.margin for d in known], float)
    target = np.array([d.target for d in known], float)
    return pd.DataFrame(
        {
            "position": item,
            "item_id": data.items["item_id"].to_numpy()[item],
            "label": np.where(target > 0.5, "A", "B"),
            "label_sure": np.maximum(target, 1 - target),
            "model": np.where(margin > 0, "A", "B"),
            "model_sure": 1 / (1 + np.exp(-np.abs(margin))),
            "margin": margin,
            "judgements": np.diff(data.codes.starts)[item],
        }
    )
