r"""Intervals of a share or a mean over things that come in clusters: answers to one prompt stand and fall together.

The variance is that of cluster sums around their expectation,

$$V = \frac{G}{G - 1} \sum_g \Big( \sum_{i \in g} (x_i - \bar x) \Big)^2 / n^2$$

(Liang & Zeger 1986, for a mean). A share has Wilson's form with the effective number $n_e = \bar x (1 - \bar x) / V$,
at most $n$, and Student's t for the effective number of clusters $G_e = n^2 / \sum_g n_g^2$, as Korn & Graubard (1998,
*Survey Methodology* 24, 193-201) do for surveys.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy import special

from workbench.statistics.proportions import wilson


@dataclass(frozen=True, kw_only=True)
class Clustered:
    """A mean over clusters with its interval.

    Attributes
    ----------
    value : the mean.
    low, high : its interval; NaN where one value alone says nothing about how far it would vary.
    n, clusters : values, and clusters they fall into; where all are of one cluster, each is taken as its own.
    df : degrees of freedom: effective number of clusters less one.
    one_cluster : whether all values share one cluster, so that the interval is about new values of it.
    """

    value: float
    low: float
    high: float
    n: int
    clusters: int
    df: float
    one_cluster: bool = False

    @property
    def unit(self) -> str:
        """What the interval counts, in words.

        >>> clustered_share(np.array([1.0, 0, 1, 1]), np.array([0, 0, 1, 1])).unit
        'over 2 clusters'
        """
        return f"over {self.clusters:,} {'values' if self.clusters == self.n else 'clusters'}"


def clustered_share(values: np.ndarray, cluster: np.ndarray | None = None, level: float = 0.95) -> Clustered:
    """A share, or a mean of values from 0 to 1, with its interval over clusters; `values` must not be empty.

    Parameters
    ----------
    values : float (n,) from 0 to 1.
    cluster : int (n,): what stands and falls together; every value alone where None.

    Examples
    --------
    Of 25 prompts with 20 answers each, 20 are always answered right and 5 never. A share of 500 would be known to +-3.5
    points, a share of 25 is not:

    >>> found = clustered_share(np.repeat(np.arange(25) < 20, 20).astype(float), np.repeat(np.arange(25), 20))
    >>> round(found.low, 2), round(found.high, 2), found.clusters
    (0.58, 0.92, 25)
    """
    x, codes, size, one = _codes(values, cluster)
    n, groups, p = len(x), len(size), float(x.mean())
    if n == 1:
        return Clustered(value=p, low=math.nan, high=math.nan, n=1, clusters=1, df=0.0)
    sums = np.bincount(codes, weights=x - p, minlength=groups)
    variance, df = groups / (groups - 1) * float((sums**2).sum()) / n**2, effective_clusters(size) - 1
    # Where every cluster shows the same, each is worth one value: what varies between clusters was not seen.
    n_eff = min(p * (1 - p) / variance, n) if variance > 1e-15 and 0 < p < 1 else float(groups)
    if groups < n and variance > 1e-15:
        n_eff, df = n_eff * (groups - 1) / (groups + 1), min(df, _worth(sums))
    low, high = wilson(p, n_eff, quantile=float(special.stdtrit(max(df, 1.0), (1 + level) / 2)))
    return Clustered(value=p, low=float(low), high=float(high), n=n, clusters=groups, df=df, one_cluster=one)


def _worth(sums: np.ndarray) -> float:
    """Degrees of freedom of a variance over clusters: $2 G / (k - 1)$ with the kurtosis k of their sums.

    Where few of 25 prompts have a wrong answer, the spread between prompts is known no better than from these few
    (Satterthwaite 1946); it is also seen too small rather than too large, which the factor (G - 1) / (G + 1) of the
    effective number allows for. Both were chosen by simulation: `benchmarks/COVERAGE.md`.
    """
    kurtosis = len(sums) * float((sums**4).sum()) / float((sums**2).sum()) ** 2
    return max(2 * len(sums) / max(kurtosis - 1, 1e-9), 2.0)


def clustered_mean(values: np.ndarray, cluster: np.ndarray | None = None, level: float = 0.95) -> Clustered:
    """The mean of any values, such as a loss, with Student's t interval over clusters; `values` must not be empty.

    Examples
    --------
    >>> found = clustered_mean(np.array([1.0, 3.0, 2.0, 2.0]))
    >>> found.value, round(found.high - found.low, 2)
    (2.0, 2.6)
    """
    x, codes, size, one = _codes(values, cluster)
    n, groups, mean = len(x), len(size), float(x.mean())
    if n == 1:
        return Clustered(value=mean, low=math.nan, high=math.nan, n=1, clusters=1, df=0.0)
    df = effective_clusters(size) - 1
    reach = float(special.stdtrit(max(df, 1.0), (1 + level) / 2)) * math.sqrt(_variance(x - mean, codes, groups))
    return Clustered(value=mean, low=mean - reach, high=mean + reach, n=n, clusters=groups, df=df, one_cluster=one)


def effective_clusters(size: np.ndarray) -> float:
    r"""How many clusters count, where some hold most of the values: $(\sum n_g)^2 / \sum n_g^2$.

    >>> effective_clusters(np.array([5, 5])), effective_clusters(np.array([98, 1, 1])) < 1.1
    (2.0, True)
    """
    size = np.asarray(size, float)
    return float(size.sum() ** 2 / (size**2).sum())


def _codes(values: np.ndarray, cluster: np.ndarray | None) -> tuple[np.ndarray, np.ndarray, np.ndarray, bool]:
    """Values, their clusters from 0, the sizes of these, and whether there was one only: then each value is its own."""
    x = np.asarray(values, float)
    alone = np.arange(len(x))
    if cluster is None:
        return x, alone, np.ones(len(x)), False
    codes = np.unique(np.asarray(cluster), return_inverse=True)[1].ravel()
    size = np.bincount(codes).astype(float)
    if len(size) == 1:
        return x, alone, np.ones(len(x)), len(x) > 1
    return x, codes, size, False


def _variance(off: np.ndarray, codes: np.ndarray, groups: int) -> float:
    sums = np.bincount(codes, weights=off, minlength=groups)
    return groups / (groups - 1) * float((sums**2).sum()) / len(off) ** 2
