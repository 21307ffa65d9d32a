"""How sure a method says it is, and whether gold bears that out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from workbench.aggregation.contract import Aggregation
from workbench.dataset.scales import NULL
from workbench.statistics.proportions import jeffreys

_EDGES = np.linspace(0.0, 1.0, 21)


def confidence_bars(result: Aggregation) -> pd.DataFrame:
    """How many items have a label of which confidence: `from`, `to`, `items`, in steps of five points.

    The confidence is that of the direction where labels have sides, else that of the label. Undecided items are not
    counted.
    """
    decided = result.label != NULL
    counts, _ = np.histogram(np.clip(result.direction_confidence[decided], 0.0, 1.0), _EDGES)
    return pd.DataFrame({"from": _EDGES[:-1], "to": _EDGES[1:], "items": counts})


@dataclass(frozen=True, eq=False)
class Calibration:
    """Confidence held against gold.

    Attributes
    ----------
    bins : `from`, `to`, `items`, `confidence` (mean), `right` (share of items whose direction is the gold's), `low`,
        `high` (95% Jeffreys).
    error : expected calibration error: mean distance of `right` from `confidence`, weighted by items. None without
        gold.
    n : items with gold that was not given to the method, and a label.
    reason : why there is nothing to show.
    """

    bins: pd.DataFrame
    error: float | None
    n: int
    reason: str | None = None


def calibration(result: Aggregation, gold: np.ndarray, bins: int = 10) -> Calibration:
    r"""Is a method right as often as it says?

    $\text{ECE} = \sum_b \frac{n_b}{n} \, | \text{right}_b - \text{confidence}_b |$ over bins with about equally many
    items (Guo et al. 2017, *On calibration of modern neural networks*, with equal-mass bins).

    Parameters
    ----------
    result : labels of some method.
    gold : int (n_items,), -1 where unknown.
    bins : at most; fewer where they would hold fewer than ten items.
    """
    used = np.flatnonzero((np.asarray(gold) != NULL) & ~result.clamped & (result.label != NULL))
    columns = ["from", "to", "items", "confidence", "right", "low", "high"]
    if len(used) == 0:
        why = "no gold is left to judge by" if (np.asarray(gold) != NULL).any() else "the data have no gold"
        return Calibration(pd.DataFrame(columns=columns), None, 0, why)
    table = result.scale.direction_table()
    sure = result.direction_confidence[used]
    right = table[np.asarray(gold)[used]] == table[result.label[used]]
    order = np.argsort(sure, kind="stable")
    parts = np.array_split(order, max(1, min(bins, len(used) // 10)))
    n = np.array([len(p) for p in parts])
    hits = np.array([right[p].sum() for p in parts])
    mean = np.array([sure[p].mean() for p in parts])
    low, high = jeffreys(hits, n)
    frame = pd.DataFrame(
        {
            "from": [float(sure[p].min()) for p in parts],
            "to": [float(sure[p].max()) for p in parts],
            "items": n,
            "confidence": mean,
            "right": hits / n,
            "low": low,
            "high": high,
        }
    )
    return Calibration(frame, float((n * np.abs(hits / n - mean)).sum() / n.sum()), len(used))
