"""Many tests at once: which small p-values to believe when a hundred annotators were looked at."""

from __future__ import annotations

import numpy as np


def false_discovery_adjusted(p_values: np.ndarray) -> np.ndarray:
    r"""Benjamini-Hochberg adjusted p-values.

    Those at most q are findings of which a share of q at most is expected to be false (Benjamini & Hochberg 1995,
    *Controlling the false discovery rate*): $\tilde p_{(i)} = \min_{j \ge i} \, m \, p_{(j)} / j$ over the m tests
    made.

    Parameters
    ----------
    p_values : float (n,); NaN = no test was made, which counts for nothing and stays NaN.

    Examples
    --------
    >>> false_discovery_adjusted(np.array([0.01, 0.04, np.nan, 0.03])).round(3).tolist()
    [0.03, 0.04, nan, 0.04]
    """
    from scipy import stats

    p = np.asarray(p_values, float)
    adjusted = np.full(p.shape, np.nan)
    made = np.isfinite(p)
    if made.any():
        adjusted[made] = stats.false_discovery_control(p[made])
    return adjusted
