r"""The interval of any figure of the data, from what it would have been without each of some groups of items.

The delete-a-group jackknife (Kott 2001, *The delete-a-group jackknife*, Journal of Official Statistics 17, 521-526):
items are dealt into G groups, whole clusters together, and with $\hat\theta_{(g)}$ the figure without group g

$$V = \frac{G - 1}{G} \sum_g (\hat\theta_{(g)} - \bar\theta)^2,$$

read with Student's t of G - 1 degrees of freedom. The same groups for two figures make their difference a paired one.
"""

from __future__ import annotations

import math

import numpy as np
from scipy import special

GROUPS = 40
"""Groups that items are dealt into: the t quantile is within 3% of the normal one."""


def dealt(clusters: np.ndarray, groups: int = GROUPS, seed: int = 0) -> np.ndarray:
    """Group of each item, whole clusters together, as alike in number of clusters as can be: int (n_items,).

    Parameters
    ----------
    clusters : int (n_items,): what stands and falls together.

    Examples
    --------
    >>> found = dealt(np.array([5, 5, 7, 9]), groups=2)
    >>> bool(found[0] == found[1]), sorted(np.unique(found).tolist())
    (True, [0, 1])
    """
    of = np.unique(np.asarray(clusters), return_inverse=True)[1].ravel()
    n = int(of.max(initial=-1)) + 1
    turn = np.random.default_rng(seed).permutation(n)
    return (turn % min(groups, max(n, 1)))[of]


def standard_error(without: np.ndarray) -> float:
    """Standard error from the figures without each group, (G,); NaN where fewer than two are defined.

    >>> round(standard_error(np.array([1.0, 2.0, 3.0])), 4)
    1.1547
    """
    values = np.asarray(without, float)
    values = values[np.isfinite(values)]
    n = len(values)
    if n < 2:
        return math.nan
    return math.sqrt((n - 1) / n * float(((values - values.mean()) ** 2).sum()))


def jackknife_interval(value: float, without: np.ndarray, level: float = 0.95) -> tuple[float, float]:
    """Bounds around a figure, from the figures without each group; NaN where fewer than two of these are defined.

    >>> low, high = jackknife_interval(0.5, np.array([0.49, 0.5, 0.51, 0.5]))
    >>> round(low, 3), round(high, 3)
    (0.461, 0.539)
    """
    n = int(np.isfinite(without).sum())
    error = standard_error(without)
    reach = float(special.stdtrit(max(n - 1, 1), (1 + level) / 2)) * error
    return value - reach, value + reach
