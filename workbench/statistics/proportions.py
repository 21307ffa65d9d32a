r"""Intervals of a proportion: one home for those that the workbench uses.

Which is used where follows Brown, Cai & DasGupta (2001), *Interval estimation for a binomial proportion*, Statistical
Science 16, 101-133: Wilson and Jeffreys cover about their nominal level on average over the true share; Clopper-Pearson
never covers less, and is therefore wider. A share over clusters has its own home, `workbench.statistics.clustered`.

Counts may be arrays; bounds have their shape. A proportion of nothing has NaN bounds.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

Bounds = tuple[np.ndarray, np.ndarray]


def normal_quantile(level: float = 0.95) -> float:
    """How many standard errors an interval of this level reaches to each side.

    >>> round(normal_quantile(), 6)
    1.959964
    """
    return float(special.ndtri((1 + level) / 2))


def wilson(share: ArrayLike, n: ArrayLike, level: float = 0.95, *, quantile: float | None = None) -> Bounds:
    r"""Wilson's score interval: $\frac{p + z^2 / 2n \pm z \sqrt{p (1 - p) / n + z^2 / 4n^2}}{1 + z^2 / n}$.

    Parameters
    ----------
    share, n : the proportion and the (effective) number it is of; a share may be a mean of values from 0 to 1.
    quantile : $z$; of Student's t where the variance behind `n` was estimated, else the normal one of `level`.

    Examples
    --------
    >>> low, high = wilson(0.5, 100)
    >>> print(low.round(3), high.round(3))
    0.404 0.596
    """
    p, n = np.asarray(share, float), np.asarray(n, float)
    z = normal_quantile(level) if quantile is None else quantile
    with np.errstate(invalid="ignore", divide="ignore"):
        middle = (p + z * z / (2 * n)) / (1 + z * z / n)
        reach = z / (1 + z * z / n) * np.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return (
        np.where(n > 0, np.clip(middle - reach, 0.0, 1.0), np.nan),
        np.where(n > 0, np.clip(middle + reach, 0.0, 1.0), np.nan),
    )


def jeffreys(hits: ArrayLike, n: ArrayLike, level: float = 0.95) -> Bounds:
    """Quantiles of Beta(hits + 1/2, misses + 1/2), reaching to 0 and to 1 where none or all are hits.

    Parameters
    ----------
    hits, n : counts; hits may be fractional, where ties are shared.

    Examples
    --------
    >>> low, high = jeffreys([8, 10], 10)
    >>> print(low.round(3), high.round(3))
    [0.497 0.783] [0.956 1.   ]
    """
    k, n = np.asarray(hits, float), np.asarray(n, float)
    tail = (1 - level) / 2
    low = np.where(k <= 0, 0.0, special.betaincinv(k + 0.5, n - k + 0.5, tail))
    high = np.where(k >= n, 1.0, special.betaincinv(k + 0.5, n - k + 0.5, 1 - tail))
    return np.where(n > 0, low, np.nan), np.where(n > 0, high, np.nan)


def clopper_pearson(hits: ArrayLike, n: ArrayLike, level: float = 0.95) -> Bounds:
    """The exact interval: every share that a two-sided binomial test at `1 - level` does not refuse.

    Examples
    --------
    No hit in 10 is compatible with a share of up to `1 - .025 ** (1 / 10)`:

    >>> low, high = clopper_pearson(0, 10)
    >>> print(low, high.round(4))
    0.0 0.3085
    """
    k, n = np.asarray(hits, float), np.asarray(n, float)
    tail = (1 - level) / 2
    low = np.where(k <= 0, 0.0, special.betaincinv(np.maximum(k, 1), n - k + 1, tail))
    high = np.where(k >= n, 1.0, special.betaincinv(k + 1, np.maximum(n - k, 1), 1 - tail))
    return np.where(n > 0, low, np.nan), np.where(n > 0, high, np.nan)
