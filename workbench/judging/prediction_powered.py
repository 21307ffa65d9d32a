"""What would people have said of all items, where people labelled some and a judge labelled all?"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import stats

from workbench.errors import WorkbenchError

FEW_LABELS = 50
"""Below this many labels the interval covers less than it says (92 to 95% at 30 labels)."""


@dataclass(frozen=True, kw_only=True)
class PredictionPowered:
    """A mean over all items from people's labels on some and a judge's on all.

    Attributes
    ----------
    value : the mean, or None where it is undefined.
    interval : low and high, new items labelled by the same people (same crew); None where undefined.
    standard_error : of the value.
    weight : lambda, how far the judge is used: 0 = not at all, 1 = fully.
    alone : mean of the labels by themselves.
    alone_standard_error : its standard error.
    effective_sample : labels that would have been needed without the judge.
    multiplier : effective sample over labels; 1 where the judge is no help.
    n, n_unlabelled : labels, and items that only the judge saw.
    reason : why there is no value.
    note : what to keep in mind, such as few labels.
    """

    value: float | None
    interval: tuple[float, float] | None = None
    standard_error: float | None = None
    weight: float | None = None
    alone: float | None = None
    alone_standard_error: float | None = None
    effective_sample: float | None = None
    multiplier: float | None = None
    n: int
    n_unlabelled: int
    reason: str | None = None
    note: str | None = None


def prediction_powered_mean(
    y: np.ndarray,
    f: np.ndarray,
    f_unlabelled: np.ndarray,
    *,
    level: float = 0.95,
    weight: float | None = None,
    reference: Literal["t", "normal"] = "t",
) -> PredictionPowered:
    r"""Mean of people's judgements over all items, unbiased however wrong the judge is, and narrower where it is right.

    $\hat\theta = \lambda \bar f_{unl} + \overline{(y - \lambda f)}$, with
    $\lambda = \mathrm{clip}(\mathrm{Cov}(y, f) / ((1 + n / N) \mathrm{Var} f), 0, 1)$ and
    $se^2 = \lambda^2 \mathrm{Var}(f_{unl}) / N + \mathrm{Var}(y - \lambda f) / n$ (PPI++: Angelopoulos, Duchi & Zrnic
    2023, arXiv 2311.01453), variances with n - 1, Var f over all items, and bounds of Student's t with n - 1 degrees:
    with the normal ones and ddof 0 of the reference code the interval is too narrow at small n.

    Parameters
    ----------
    y : people's judgements of the labelled items, shape (n,); 1, 0.5, 0 for a win rate, or any number.
    f : the judge's of the same items, shape (n,); soft scores help more than hard labels.
    f_unlabelled : the judge's of the other items, shape (N,). The labelled ones must be a random part of all.
    level : of the interval.
    weight : lambda, where it is not to be tuned on the data.
    reference : `t`, or `normal` as published figures have it.

    Raises
    ------
    WorkbenchError
        `y` and `f` differ in length, or a value is missing.

    Examples
    --------
    >>> y, f, rest = np.array([1, 0, 1, 1]), np.array([1, 0, 1, 0]), np.array([1, 1, 1, 0, 0])
    >>> (
    ...     round(prediction_powered_mean(y, f, rest, weight=1).value, 2),
    ...     round(prediction_powered_mean(y, f, rest).value, 6),
    ... )
    (0.85, 0.783333)
    """
    labels, judged, others = _numbers(y, "y"), _numbers(f, "f"), _numbers(f_unlabelled, "f_unlabelled")
    n, more = len(labels), len(others)
    if len(judged) != n:
        raise WorkbenchError(
            f"There are {n:,} labels and {len(judged):,} answers of the judge to the same items.",
            "Give the judge's answers of exactly the labelled items.",
        )
    if n < 2:
        return PredictionPowered(value=None, n=n, n_unlabelled=more, reason="fewer than two labels")
    spread = float(np.concatenate([judged, others]).var(ddof=1))
    usable = more >= 2 and spread > 0
    if not usable:
        weight = 0.0
    elif weight is None:
        weight = float(np.clip(np.cov(labels, judged)[0, 1] / ((1 + n / more) * spread), 0, 1))

    alone_error = math.sqrt(labels.var(ddof=1) / n)
    residual = labels - weight * judged
    of_judge = weight**2 * others.var(ddof=1) / more if usable else 0.0
    error = math.sqrt(of_judge + residual.var(ddof=1) / n)
    value = float(residual.mean() + (weight * others.mean() if usable else 0.0))
    quantile = stats.t.ppf((1 + level) / 2, n - 1) if reference == "t" else stats.norm.ppf((1 + level) / 2)
    multiplier = (alone_error / error) ** 2 if error > 0 else None
    notes = []
    if n < FEW_LABELS:
        notes.append(f"few labels: {n} (an interval from under {FEW_LABELS} covers less than it says)")
    if not usable:
        notes.append("the judge's answers are all the same, or there are none on other items: it is not used")
    return PredictionPowered(
        value=value,
        interval=(float(value - quantile * error), float(value + quantile * error)),
        standard_error=error,
        weight=weight,
        alone=float(labels.mean()),
        alone_standard_error=alone_error,
        effective_sample=None if multiplier is None else n * multiplier,
        multiplier=multiplier,
        n=n,
        n_unlabelled=more,
        note="; ".join(notes) or None,
    )


@dataclass(frozen=True)
class Corrected:
    """A share corrected for a judge's known errors.

    Attributes
    ----------
    value : the corrected share, cut to [0, 1]; None where it is undefined.
    raw : the judge's own share.
    reason : why there is none.
    """

    value: float | None
    raw: float
    reason: str | None = None


def rogan_gladen(share: float, sensitivity: float, specificity: float) -> Corrected:
    r"""The true share behind a judge's, by its error rates: $(p + spec - 1) / (sens + spec - 1)$ (Rogan & Gladen 1978).

    A check beside `prediction_powered_mean`, which needs no constant error rates.

    >>> round(rogan_gladen(0.70, 0.90, 0.80).value, 6)
    0.714286
    >>> rogan_gladen(0.7, 0.5, 0.5).reason
    'the judge is no better than chance (sensitivity + specificity is at most 1)'
    """
    better = sensitivity + specificity - 1
    if better <= 0:
        return Corrected(None, share, "the judge is no better than chance (sensitivity + specificity is at most 1)")
    return Corrected(min(1.0, max(0.0, (share + specificity - 1) / better)), share)


def _numbers(values: np.ndarray, name: str) -> np.ndarray:
    numbers = np.asarray(values, float).ravel()
    missing = np.flatnonzero(~np.isfinite(numbers))
    if len(missing):
        raise WorkbenchError(
            f"{name}: {len(missing):,} of {len(numbers):,} values are missing (the first is value {missing[0] + 1:,}).",
            "Leave these items out of both and count them; a missing answer is no tie.",
        )
    return numbers
