"""Many tests at once: which small p-values to believe when a hundred annotators were looked at."""

from __future__ import annotations

import numpy as np


def false_discovery_adjusted(p_values: np.ndarray) -> np.ndarray:
    r"""Benjamini-Hochberg adjusted p-values.

    Those at most q are findings of which a share of q at most is expected to be false (Benjamini & Hochberg 1995,
    *Controlling the false discovery rate*): $\tilde p_{(i)} = \min_{j \ge i} \, m \, p_{(j)} / j$ over the m tests
    made.

    `scipy.stats.false_discovery_control` gives the same to the last bit but one; written here, because figures that were
    reported must not move, and because it knows no test that was not made.

    Parameters
    ----------
    p_values : float (n,); NaN = no test was made, which counts for nothing and stays NaN.

    Examples
    --------
    >>> false_discovery_adjusted(np.array([0.01, 0.04, np.nan, 0.03])).round(3).tolist()
    [0.03, 0.04, nan, 0.04]
    """
    p = np.asarray(p_values, float)
    adjusted = np.full(p.shape, np.nan)
    made = np.flatnonzero(np.isfinite(p))
    ranked = made[np.argsort(p[made], kind="stable")]
    m = len(ranked)
    scaled = p[ranked] * m / np.arange(1, m + 1)
    adjusted[ranked] = np.minimum(np.minimum.accumulate(scaled[::-1])[::-1], 1.0)
    return adjusted
