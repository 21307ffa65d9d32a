"""The pairs behind a scorecard, for people: where model and label differ, with the texts looked up when they are shown."""

from __future__ import annotations

import numpy as np
import pandas as pd

from workbench.annotations import AnnotationSet
from workbench.reward.scorecard import Scorecard


def disagreement_table(data: AnnotationSet, card: Scorecard) -> pd.DataFrame:
    """One row a pair that model and label see differently, the surest first.

    Returns
    -------
    `position` (in `data.items`), `item_id`, `label` and `model` (A, B), `label_sure` (probability of the label's side), `model_sure` (of the
    model's), `margin`, `judgements` (labels of the item).

    >>> from workbench.simulate import simulate
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
