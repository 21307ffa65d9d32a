r"""How large is a calibration error, chance taken out?

The expected calibration error $\sum_b |s_b|$, with $s_b = \sum_{i \in b} (\text{right}_i - \text{confidence}_i) / n$,
is a sum of absolute values and never small by accident: a perfectly calibrated model shows $\sum_b \sqrt{2 / \pi}
\sigma_b$, and a bootstrap of it shows this twice. So the error is asked for the other way round: with true gaps
$c \cdot s$ and noise of the covariance that the prompt groups show, for which $c$ is a sum as large as the one seen not
rare? The $c$ of the middle gives the estimate, those of the tails the interval, and $c = 0$ the test that the
probabilities are calibrated.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from workbench.statistics.clustered import effective_clusters

_DRAWS = 2_000
_CLEAR, _TAIL = 2.0, 0.75
"""Standard errors from which a bin counts as off, and how much farther out the ends lie than the level says: both
chosen by simulation (`benchmarks/COVERAGE.md`), as the direction of the gaps is itself uncertain."""
_STEPS = np.concatenate([np.linspace(0.0, 1.0, 41), np.linspace(1.05, 2.0, 20), np.geomspace(2.2, 60, 24)])


@dataclass(frozen=True)
class CalibrationError:
    """The error without its bias.

    Attributes
    ----------
    value : 0 where the probabilities are no farther off than calibrated ones are in every other sample.
    low, high : its 95% interval; `low` is 0 where calibrated probabilities are not ruled out.
    p_value : chance of an error as large as the one seen, were the probabilities calibrated.
    """

    value: float
    low: float
    high: float
    p_value: float


def debiased_error(
    gap: np.ndarray, place: np.ndarray, group: np.ndarray, seed: int = 0, level: float = 0.95
) -> CalibrationError | None:
    """The calibration error over bins; None where all pairs are of one group, or none of them varies.

    Parameters
    ----------
    gap : float (n,): whether the side predicted is right, less the confidence in it.
    place, group : int (n,): bin of each pair, and its prompt group.

    Examples
    --------
    Of pairs given .9 half are right; of pairs given .6 three in five: .4 and 0, each for half of the pairs.

    >>> sure = np.repeat([0.9, 0.6], 500)
    >>> right = np.concatenate([np.arange(500) % 2 < 1, np.arange(500) % 5 < 3])
    >>> found = debiased_error(right - sure, np.repeat([1, 0], 500), np.arange(1_000))
    >>> round(found.value, 2), found.p_value < 0.001
    (0.19, True)
    """
    n, bins = len(gap), int(place.max()) + 1
    codes = np.unique(group, return_inverse=True)[1].ravel()
    groups = int(codes.max()) + 1
    if groups < 2:
        return None
    seen = np.bincount(place, gap, bins) / n
    rest = gap - (np.bincount(place, gap, bins) / np.bincount(place, minlength=bins))[place]
    # What a bin's own mean takes up is given back, bin by bin, as n / (n - 1) does for a variance.
    size = np.bincount(place, minlength=bins)
    rest = rest * np.sqrt(size / np.maximum(size - 1, 1))[place]
    sums = np.bincount(codes * bins + place, rest, groups * bins).reshape(groups, bins) / n
    covariance = groups / (groups - 1) * sums.T @ sums
    values, vectors = np.linalg.eigh(covariance)
    if values.max(initial=0.0) < 1e-18:
        return None
    rng = np.random.default_rng(seed)
    df = max(effective_clusters(np.bincount(codes)) - 1, 1.0)
    noise = rng.standard_normal((_DRAWS, bins)) @ (vectors * np.sqrt(np.maximum(values, 0.0))).T
    noise *= np.sqrt(df / rng.chisquare(df, _DRAWS))[:, None]
    total = float(np.abs(seen).sum())
    # Gaps in a few bins leave the noise of all others to add up, gaps everywhere leave none. Which of the two it is
    # cannot be seen for certain: the lower end takes the first, the upper end the second.
    few = np.where(np.abs(seen) > _CLEAR * np.sqrt(np.diag(covariance)), seen, 0.0)
    few = few * total / np.abs(few).sum() if few.any() else seen
    concentrated, spread = (_as_large(direction, noise, total) for direction in (few, seen))
    tail = _TAIL * (1 - level) / 2
    low, high = _at(tail, concentrated) * total, _at(1 - tail, spread) * total
    value = (_at(0.5, concentrated) + _at(0.5, spread)) / 2 * total
    return CalibrationError(value, low, high, float(spread[0]))


def _as_large(direction: np.ndarray, noise: np.ndarray, total: float) -> np.ndarray:
    """For each step of `_STEPS`, how often gaps of that share of `direction` show a sum as large as `total`."""
    found = np.array([(np.abs(c * direction + noise).sum(1) >= total).mean() for c in _STEPS])
    return np.maximum.accumulate(found)


def _at(chance: float, as_large: np.ndarray) -> float:
    """The step at which a sum as large has this chance; 0 where it has more already without any gap."""
    return float(np.interp(chance, as_large, _STEPS, left=0.0))
