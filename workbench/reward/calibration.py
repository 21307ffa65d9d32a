r"""Do the probabilities mean what they say? Among pairs given 0.7, the preferred response is the one named in seven of
ten.

Temperature scaling (Guo et al. 2017, *On calibration of modern neural networks*) divides all margins by one number that
is fitted on pairs the model was not trained on; it changes no ranking.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize_scalar

from workbench.estimates import Estimate, Finite, Interval
from workbench.reward.calibration_error import CalibrationError, debiased_error
from workbench.reward.heads import level_probabilities, preference_of_margin
from workbench.reward.ranking import clustered_share
from workbench.statistics.clustered import clustered_mean

BINS = 15
"""Bins of the reliability diagram and of the calibration error."""

_DEBIASED = "Calibration error, debiased"
_BIASED = "an error of chance is part of it: the debiased one has an interval"
_FLAT = np.empty(0)


def fit_temperature(
    margin: np.ndarray,
    target: np.ndarray,
    weight: np.ndarray | None = None,
    cutpoints: np.ndarray = _FLAT,
    level: np.ndarray | None = None,
) -> float:
    r"""By what should the margins be divided? The T with the least $-\sum w\,[q \ln\sigma(\Delta / T) + (1 - q)
    \ln\sigma(-\Delta / T)]$.

    Parameters
    ----------
    margin, target : (n,), of pairs that were not trained on.
    weight : (n,).
    cutpoints, level : of a cumulative logit; with levels, their likelihood is what counts.

    Returns
    -------
    T between 0.02 and 50; 1 where there is no pair to go by.

    Examples
    --------
    Margins of ln 9 (0.9) that are right in three of four cases should have been ln 3: T = 2.

    >>> round(fit_temperature(np.full(4, np.log(9)), np.array([1.0, 1, 1, 0])), 3)
    2.0
    """
    m, q = np.asarray(margin, float), np.asarray(target, float)
    w = np.ones(len(m)) if weight is None else np.asarray(weight, float)
    if len(m) == 0 or not w.sum() > 0 or not np.abs(m).max() > 0:
        return 1.0
    known = None if level is None or len(cutpoints) == 0 else np.flatnonzero(np.asarray(level) >= 0)

    def loss(log_t: float) -> float:
        t = np.exp(log_t)
        if known is not None:
            p = level_probabilities(m[known] / t, cutpoints / t)[np.arange(len(known)), np.asarray(level)[known]]
            return float(-(w[known] @ np.log(np.maximum(p, 1e-300))))
        return negative_log_likelihood(m / t, q, w, cutpoints / t)

    return float(
        np.exp(minimize_scalar(loss, bounds=(np.log(0.02), np.log(50.0)), method="bounded", options={"xatol": 1e-6}).x)
    )


def negative_log_likelihood(
    margin: np.ndarray, target: np.ndarray, weight: np.ndarray | None = None, cutpoints: np.ndarray = _FLAT
) -> float:
    """Mean of -[q ln p + (1 - q) ln(1 - p)], in nats a pair."""
    w = np.ones(len(margin)) if weight is None else weight
    return float(w @ each_negative_log_likelihood(margin, target, cutpoints) / w.sum())


def each_negative_log_likelihood(margin: np.ndarray, target: np.ndarray, cutpoints: np.ndarray = _FLAT) -> np.ndarray:
    """-[q ln p + (1 - q) ln(1 - p)] of each pair, in nats, float64 (n,)."""
    if len(cutpoints) == 0:
        return np.logaddexp(0.0, margin) - target * margin
    p = np.clip(preference_of_margin(margin, cutpoints), 1e-12, 1 - 1e-12)
    return -(target * np.log(p) + (1 - target) * np.log1p(-p))


@dataclass(frozen=True)
class Bin(Finite):
    """Pairs of about the same confidence.

    Attributes
    ----------
    confidence : mean probability given to the side that was predicted.
    right : share of pairs in which the label was on that side, with its interval over groups.
    low, high : the confidences it holds.
    """

    confidence: float
    right: Estimate
    low: float
    high: float

    def to_dict(self) -> dict[str, object]:
        """As JSON has it."""
        return {"confidence": self.confidence, "right": self.right.to_dict(), "low": self.low, "high": self.high}


@dataclass(frozen=True, kw_only=True)
class Calibration(Finite):
    r"""How well probabilities fit.

    Attributes
    ----------
    ece : expected calibration error, $\sum_b \frac{n_b}{n} |\text{right}_b - \text{confidence}_b|$ over bins of equal
        size. A sum of absolute values is above 0 for calibrated probabilities, too: it has no interval.
    debiased : the same with chance taken out, with its interval over prompt groups.
    p_value : chance of so large an `ece`, were the probabilities calibrated; None where there is no telling.
    ece_by_chance : what a perfectly calibrated model would show on average with so many pairs in so many bins; an error
        of that size is none.
    brier : mean squared difference of probability and label.
    nll : mean negative log-likelihood, in nats a pair.
    bins : the reliability diagram.
    """

    ece: Estimate
    ece_by_chance: float | None
    brier: Estimate
    nll: float | None
    bins: tuple[Bin, ...]
    debiased: Estimate
    p_value: float | None = None

    def to_dict(self) -> dict[str, object]:
        """As JSON has it."""
        return {
            "ece": self.ece.to_dict(),
            "debiased": self.debiased.to_dict(),
            "p_value": self.p_value,
            "ece_by_chance": self.ece_by_chance,
            "brier": self.brier.to_dict(),
            "nll": self.nll,
            "bins": [b.to_dict() for b in self.bins],
        }


def calibration(
    probability: np.ndarray, target: np.ndarray, group: np.ndarray | None = None, bins: int = BINS, seed: int = 0
) -> Calibration:
    """Do probabilities mean what they say?

    Parameters
    ----------
    probability : (n,): that A is preferred.
    target : (n,): the label, 1 for A, 0 for B; a share of votes counts as such, a tie is half right.
    group : (n,): what stands and falls together; every pair alone by default.
    bins : of equal numbers of pairs.
    seed : of the draws of noise behind the debiased error.

    Examples
    --------
    Two pairs at 0.9 of which one is right, two at 0.6 that are both right: (|0.5 - 0.9| + |1 - 0.6|) / 2.

    >>> found = calibration(np.array([0.9, 0.9, 0.6, 0.6]), np.array([1.0, 0, 1, 1]), bins=2)
    >>> round(found.ece.value, 3)
    0.4
    """
    p, q = np.asarray(probability, float), np.asarray(target, float)
    n = len(p)
    if n == 0:
        reason = "there is no pair"
        return Calibration(
            ece=Estimate(name="Calibration error", value=None, reason=reason),
            ece_by_chance=None,
            brier=Estimate(name="Brier score", value=None, reason=reason),
            nll=None,
            bins=(),
            debiased=Estimate(name=_DEBIASED, value=None, reason=reason),
        )
    group = np.arange(n) if group is None else np.asarray(group)
    codes = np.unique(group, return_inverse=True)[1]
    confidence = np.maximum(p, 1 - p)
    right = np.where(p >= 0.5, q, 1 - q)
    place = equal_mass(confidence, bins)
    error = expected_calibration_error(confidence, right, place)
    squared = (p - q) ** 2
    size = np.bincount(place)
    mean = np.bincount(place, confidence) / size
    chance = float((size / n) @ np.sqrt(2 / np.pi * mean * (1 - mean) / size))
    found = debiased_error(right - confidence, place, codes, seed)
    held = [np.flatnonzero(place == b) for b in range(len(size))]
    return Calibration(
        ece=Estimate(name="Calibration error", value=error, n=n, interval_notes=(_BIASED,)),
        ece_by_chance=chance,
        brier=_brier(squared, codes),
        nll=negative_log_likelihood(_logit(p), q),
        bins=tuple(
            Bin(
                float(mean[b]),
                clustered_share(right[i], group[i], "Right"),
                float(confidence[i].min()),
                float(confidence[i].max()),
            )
            for b, i in enumerate(held)
        ),
        debiased=_debiased(found, n),
        p_value=None if found is None else found.p_value,
    )


def _debiased(found: CalibrationError | None, n: int) -> Estimate:
    if found is None:
        return Estimate(
            name=_DEBIASED, value=None, n=n, reason="all pairs share one prompt group, or none of them varies"
        )
    interval = Interval(found.low, found.high, "same crew", "noise of the prompt groups, inverted")
    return Estimate(name=_DEBIASED, value=found.value, same_crew=interval, n=n)


def _brier(squared: np.ndarray, group: np.ndarray) -> Estimate:
    mean = clustered_mean(squared, group)
    if mean.n < 2:
        return Estimate(
            name="Brier score", value=mean.value, n=mean.n, interval_notes=("same crew: there is one pair only",)
        )
    interval = Interval(max(mean.low, 0.0), min(mean.high, 1.0), "same crew", f"{mean.unit}, t({mean.df:.3g})")
    return Estimate(name="Brier score", value=mean.value, same_crew=interval, n=mean.n)


def equal_mass(confidence: np.ndarray, bins: int = BINS) -> np.ndarray:
    """Bin of each pair, 0 = least confident; bins of equal numbers, equal confidences in the same one.

    >>> equal_mass(np.array([0.9, 0.5, 0.5, 0.6]), 2).tolist()
    [1, 0, 0, 1]
    """
    n = len(confidence)
    _, inverse, counts = np.unique(confidence, return_inverse=True, return_counts=True)
    middle = np.cumsum(counts) - counts / 2
    place = np.minimum((middle * min(bins, n) / n).astype(np.int64), min(bins, n) - 1)[inverse]
    return np.unique(place, return_inverse=True)[1]


def expected_calibration_error(confidence: np.ndarray, right: np.ndarray, place: np.ndarray) -> float:
    """Mean over bins, by their numbers, of the distance between how sure and how right.

    Parameters
    ----------
    confidence, right : (n,): probability of the side predicted, and whether (or how far) the label was on it.
    place : int (n,): bin of each pair.

    Examples
    --------
    >>> sure, right = np.array([0.9, 0.9, 0.6, 0.6]), np.array([1.0, 0, 1, 1])
    >>> round(expected_calibration_error(sure, right, (sure * 10).astype(int)), 3)
    0.4
    """
    return float(np.abs(np.bincount(place, np.asarray(right) - confidence)).sum() / len(confidence))


def _logit(p: np.ndarray) -> np.ndarray:
    inside = np.clip(p, 1e-12, 1 - 1e-12)
    return np.log(inside) - np.log1p(-inside)
