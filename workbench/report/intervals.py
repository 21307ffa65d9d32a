"""Intervals of what the report itself counts: shares, medians and means of single judgements, items or annotators."""

from __future__ import annotations

import numpy as np
from scipy import stats

from workbench.report.written import Span
from workbench.statistics.proportions import normal_quantile, wilson

_DRAWS = 2_000
_NORMAL_FROM = 2_000


def of_share(share: float | None, n: int, about: str = "same crew") -> tuple[Span, ...]:
    """Wilson's interval of one share; none where there is nothing to count.

    >>> [(round(s.low, 3), round(s.high, 3)) for s in of_share(0.5, 100)]
    [(0.404, 0.596)]
    """
    if share is None or n == 0:
        return ()
    low, high = wilson(share, n)
    return (Span(about, float(low), float(high)),)


def of_median(values: np.ndarray, about: str = "same crew") -> tuple[Span, ...]:
    r"""Interval of a median between two of the ordered values, whatever their distribution; none below six values.

    The r-th value from either end, r the largest rank with $2 \, P(B < r) \le .05$, B binomial with n tosses of a fair
    coin (David & Nagaraja 2003, *Order Statistics*, 7.1).

    >>> of_median(np.arange(1.0, 11.0))
    (Span(about='same crew', low=2.0, high=9.0),)
    """
    n = len(values)
    rank = int(stats.binom.ppf(0.025, n, 0.5)) if n else 0
    if rank < 1:
        return ()
    found = np.partition(values, [rank - 1, n - rank])
    return (Span(about, float(found[rank - 1]), float(found[n - rank])),)


def of_mean(values: np.ndarray, about: str = "same crew", seed: int = 0) -> tuple[Span, ...]:
    """Interval of a mean: 95% of 2,000 bootstrap draws, so that a skewed figure gets a skewed interval; from 2,000
    values on the normal one.

    >>> of_mean(np.array([1.0, 1.0]))
    (Span(about='same crew', low=1.0, high=1.0),)
    """
    n = len(values)
    if n < 2:
        return ()
    if n >= _NORMAL_FROM:
        middle, reach = float(values.mean()), normal_quantile() * float(values.std(ddof=1)) / n**0.5
        return (Span(about, middle - reach, middle + reach),)
    drawn = values[np.random.default_rng(seed).integers(0, n, (_DRAWS, n))].mean(1)
    low, high = np.quantile(drawn, [0.025, 0.975])
    return (Span(about, float(low), float(high)),)
