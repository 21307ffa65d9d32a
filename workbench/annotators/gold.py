"""How often does an annotator give the known right answer, and how often would one who guesses?"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import stats

from workbench.dataset.annotation_set import AnnotationSet
from workbench.dataset.scales import NULL

PRIOR_STRENGTH = 4.0
"""Gold answers that the crew's mean accuracy counts for, in the estimate of one annotator."""


def gold_accuracy(data: AnnotationSet, level: float = 0.95) -> pd.DataFrame:
    r"""How often does each annotator agree with the gold?

    *Direction* counts A, tie and B; *exact* the label itself; *ordinal* gives part credit, one less the distance on the
    scale over its length. First judgements count. Accuracy is estimated with a Beta prior whose mean is the crew's,
    worth `PRIOR_STRENGTH` answers, so that an annotator with two answers is neither perfect nor hopeless; without any
    gold answer it is unknown, not one half. The interval is that of the posterior $\text{Beta}(\kappa \mu + k, \kappa
    (1 - \mu) + n - k)$.

    Parameters
    ----------
    level : probability that the interval covers.

    Returns
    -------
    Frame with one row an annotator, in the order of `data.annotators`: `n` (gold answers), `direction_correct`,
    `direction_accuracy`, `exact_accuracy`, `ordinal_accuracy` (NaN where n = 0), `estimate`, `low`, `high` (posterior
    of direction accuracy, NaN where n = 0) and `chance`: direction accuracy of guessing evenly among the labels of the
    scale, given these gold labels.

    Examples
    --------
    >>> from workbench.dataset.assembly import Export, assemble
    >>> items = pd.DataFrame({"item_id": list("1234"), "gold": ["A", "A", "B", "B"]})
    >>> rows = pd.DataFrame({"annotator": "ann", "label": ["A", "B", "B", "B"]})
    >>> gold_accuracy(assemble([Export(items, rows, "t", "t", sides=True)]))["direction_accuracy"].tolist()
    [0.75]
    """
    codes, gold = data.codes, data.gold
    on_gold = np.flatnonzero(gold[codes.item] != NULL)
    who, label, truth = (
        codes.annotator[on_gold],
        codes.label[on_gold].astype(int),
        gold[codes.item[on_gold]].astype(int),
    )
    direction = data.scale.direction_table()
    right = direction[label] == direction[truth]
    n = np.bincount(who, minlength=codes.n_annotators)

    def mean(score: np.ndarray) -> np.ndarray:
        with np.errstate(invalid="ignore"):
            return np.bincount(who, weights=score, minlength=codes.n_annotators) / n

    k = np.bincount(who, weights=right, minlength=codes.n_annotators)
    crew = right.mean() if len(right) else np.nan
    length = max(codes.n_labels - 1, 1)
    # Guessing evenly among K labels hits a direction as often as that direction has labels.
    share = np.bincount(direction[:-1], minlength=3) / max(codes.n_labels, 1)
    frame = pd.DataFrame(
        {
            "n": n,
            "direction_correct": k.astype(int),
            "direction_accuracy": mean(right),
            "exact_accuracy": mean(label == truth),
        }
    )
    frame["ordinal_accuracy"] = mean(1 - np.abs(label - truth) / length) if data.scale.has_sides else np.nan
    if len(right) == 0:
        return frame.assign(estimate=np.nan, low=np.nan, high=np.nan, chance=np.nan)
    a, b = PRIOR_STRENGTH * crew + k, PRIOR_STRENGTH * (1 - crew) + n - k
    known = n > 0
    tails = np.array([(1 - level) / 2, (1 + level) / 2])
    a, b = np.maximum(a, 1e-6), np.maximum(b, 1e-6)
    frame["estimate"] = np.where(known, a / (a + b), np.nan)
    frame["low"], frame["high"] = (np.where(known, stats.beta.ppf(t, a, b), np.nan) for t in tails)
    frame["chance"] = mean(share[direction[truth]])
    return frame
