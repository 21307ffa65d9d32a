r"""Do a model's probabilities mean what they say? As a report: calibration error, Brier score, a reliability diagram with intervals.

A pair has no first side, so that everything is about the response the model prefers: its *confidence* $c = \max(\sigma(\Delta), 1 - \sigma(\Delta))$, and the
probability by the label that this response is the better one. The labels may be soft: a tie is right with one half, and a share of votes
counts as that share.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import expit

from workbench.estimates import Estimate
from workbench.reward.pairs import Pairs, group_folds
from workbench.reward.ranking import clustered_share

BINS = 15


@dataclass(frozen=True)
class ReliabilityBin:
    """Pairs of about the same confidence.

    Attributes
    ----------
    confidence : mean confidence of the model.
    right : how often the label sides with it.
    """

    confidence: float
    right: Estimate

    def to_dict(self) -> dict[str, object]:
        """As JSON has it."""
        return {"confidence": self.confidence, "right": self.right.to_dict()}


@dataclass(frozen=True)
class Calibration:
    """How far confidence and accuracy lie apart.

    Attributes
    ----------
    ece : expected calibration error of the probabilities as the model gives them, 15 bins of equally many pairs, None where there are too few.
    ece_scaled : the same after temperature scaling, each pair with a temperature fitted on other prompt groups.
    brier, brier_scaled : mean squared distance between probability and label, before and after; 0.25 is a coin's.
    log_loss, log_loss_scaled : mean negative log-likelihood in nats; ln 2 = 0.693 is a coin's.
    temperature : by which margins are divided, fitted on all pairs; above 1 the model is too sure of itself.
    bins, bins_scaled : the reliability diagram, before and after.
    n : pairs.
    note : what to keep in mind.
    """

    ece: float | None
    ece_scaled: float | None
    brier: float | None
    brier_scaled: float | None
    log_loss: float | None
    log_loss_scaled: float | None
    temperature: float | None
    bins: tuple[ReliabilityBin, ...]
    bins_scaled: tuple[ReliabilityBin, ...]
    n: int
    note: str = ""

    def to_dict(self) -> dict[str, object]:
        """As JSON has it."""
        plain = {name: getattr(self, name) for name in self.__dataclass_fields__ if not name.startswith("bins")}
        return {**plain, "bins": [b.to_dict() for b in self.bins], "bins_scaled": [b.to_dict() for b in self.bins_scaled]}


def calibration_of(margin: np.ndarray, pairs: Pairs, rng: np.random.Generator, folds: int = 5) -> Calibration:
    """How far can the model's probabilities be believed, as they are and after temperature scaling?

    Parameters
    ----------
    margin : (n,): score of A minus score of B, so that P(A) is its logistic.
    rng : deals the prompt groups into folds: the temperature of a pair is fitted on the groups of the other folds.
    """
    known = np.isfinite(margin)
    d, q, group = np.asarray(margin, float)[known], pairs.target[known], pairs.group[known]
    n = len(d)
    if n < 2:
        return Calibration(None, None, None, None, None, None, None, (), (), n, "there are too few pairs")
    temperature = fitted_temperature(d, q)
    scaled, note = np.empty(n), ""
    if len(np.unique(group)) < 2:
        scaled, note = d / temperature, "all pairs share one prompt group, so the temperature was fitted on the pairs it is judged on"
    else:
        fold = group_folds(group, folds, rng)
        for k in np.unique(fold):
            scaled[fold == k] = d[fold == k] / fitted_temperature(d[fold != k], q[fold != k])
    return Calibration(
        *_before_after(calibration_error, d, scaled, q), *_before_after(brier_score, d, scaled, q), *_before_after(log_loss, d, scaled, q),
        temperature, reliability_bins(d, q, group), reliability_bins(scaled, q, group), n, note,
    )  # fmt: skip


def fitted_temperature(margin: np.ndarray, target: np.ndarray) -> float:
    r"""The temperature $T$ that makes $\sigma(\Delta / T)$ most probable (Guo et al. 2017), between 1/100 and 100.

    >>> found = fitted_temperature(np.array([2.0, 2, 2, 2]), np.array([1.0, 1, 1, 0]))
    >>> round(2 / found, 3), round(float(np.log(3)), 3)
    (1.099, 1.099)
    """
    found = minimize_scalar(
        lambda t: log_loss(margin / np.exp(t), target), bounds=(-np.log(100), np.log(100)), method="bounded", options={"xatol": 1e-6}
    )
    return float(np.exp(found.x))


def log_loss(margin: np.ndarray, target: np.ndarray) -> float:
    """Mean negative log-likelihood of soft labels, in nats."""
    return float((np.logaddexp(0.0, margin) - target * margin).mean())


def brier_score(margin: np.ndarray, target: np.ndarray) -> float:
    """Mean squared distance between probability and label."""
    return float(((expit(margin) - target) ** 2).mean())


def calibration_error(margin: np.ndarray, target: np.ndarray, bins: int = BINS) -> float:
    """Expected calibration error: mean distance between confidence and accuracy over bins of equally many pairs.

    >>> calibration_error(np.array([0.0, 0.0]), np.array([1.0, 0.0]), bins=1)
    0.0
    >>> round(calibration_error(np.full(4, np.log(9)), np.array([1.0, 1, 1, 0])), 3)
    0.15
    """
    confidence, right = _confident(margin, target)
    parts = _equal_parts(confidence, bins)
    return float(sum(abs(confidence[p].mean() - right[p].mean()) * len(p) for p in parts) / len(confidence))


def reliability_bins(margin: np.ndarray, target: np.ndarray, group: np.ndarray, bins: int = BINS) -> tuple[ReliabilityBin, ...]:
    """Bins of equally many pairs: mean confidence, and how often the label sides with the model, with an interval over prompt groups."""
    confidence, right = _confident(margin, target)
    return tuple(
        ReliabilityBin(float(confidence[p].mean()), clustered_share(right[p], group[p], f"bin {i + 1}"))
        for i, p in enumerate(_equal_parts(confidence, min(bins, max(len(confidence) // 20, 1))))
    )


def _confident(margin: np.ndarray, target: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Confidence in the side the model prefers, and the label's probability of that side."""
    return expit(np.abs(margin)), np.where(margin == 0, 0.5, np.where(margin > 0, target, 1 - target))


def _equal_parts(confidence: np.ndarray, bins: int) -> list[np.ndarray]:
    """Positions in order of confidence, in parts of equal size; pairs of the same confidence stay together."""
    values, counts = np.unique(confidence, return_inverse=True, return_counts=True)[1:]
    middle = np.cumsum(counts) - counts / 2
    part = np.minimum((middle / len(confidence) * bins).astype(int), bins - 1)[values]
    return [np.flatnonzero(part == k) for k in np.unique(part)]


def _before_after(
    measure: Callable[[np.ndarray, np.ndarray], float], before: np.ndarray, after: np.ndarray, target: np.ndarray
) -> tuple[float, float]:
    return measure(before, target), measure(after, target)
