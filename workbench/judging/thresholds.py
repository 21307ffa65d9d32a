"""Above which confidence may a judge decide alone, at a promised risk and with a promised certainty?"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy import stats

from workbench.errors import WorkbenchError

LEAST_ITEMS = 30
"""Items the first test needs."""
START_MARGIN = 1.5
"""The start keeps this many times the fewest labels that could certify, so that a wrong one among them is survived."""


@dataclass(frozen=True, kw_only=True)
class Threshold:
    """A threshold and what certifies it.

    Attributes
    ----------
    value : decide alone at this confidence and above; None where no threshold is certified.
    n, wrong : calibration items at or above it, and those on which the judge was wrong; of the first test where none
        passed.
    upper_bound : the bound on the risk there; None where there was nothing to test.
    risk, delta : what was promised: the risk is at most `risk`, and that holds in at least 1 - delta of all
        calibrations.
    coverage : share of the calibration items at or above it.
    tested : thresholds tested.
    reason : why none is certified.
    """

    value: float | None
    n: int = 0
    wrong: int = 0
    upper_bound: float | None = None
    risk: float
    delta: float
    coverage: float = 0.0
    tested: int = 0
    reason: str | None = None


def risk_upper_bound(wrong: np.ndarray | int, n: np.ndarray | int, delta: float) -> np.ndarray:
    """The largest risk that these counts leave possible: one-sided Clopper-Pearson bound at 1 - delta.

    >>> risk_upper_bound(np.array([0, 3, 2, 6]), np.array([30, 100, 30, 30]), 0.1).round(6).tolist()
    [0.073881, 0.065586, 0.167813, 0.324689]
    """
    k, of = np.asarray(wrong), np.asarray(n)
    bound = stats.beta.ppf(1 - delta, k + 1, np.maximum(of - k, 1))
    return np.where(k < of, bound, 1.0)


def fewest_labels(risk: float, delta: float) -> int:
    """How many labels, none of them wrong, it takes at the least to certify: (1 - risk)^n <= delta.

    >>> [fewest_labels(risk, delta) for risk, delta in ((0.1, 0.1), (0.05, 0.1), (0.05, 0.05), (0.02, 0.05))]
    [22, 45, 59, 149]
    """
    return math.ceil(round(math.log(delta) / math.log1p(-risk), 9))


def certified_threshold(
    confidence: np.ndarray, right: np.ndarray, *, risk: float, delta: float, start: float | None = None
) -> Threshold:
    """The lowest confidence at which the judge's risk is certified, or None with the reason: then abstain.

    Fixed-sequence testing from `start` downwards: each distinct confidence is tested by the Clopper-Pearson bound at
    delta until the first that fails; the last that passed is the threshold (Jung, Brahman & Choi, Trust or Escalate,
    ICLR 2025; Angelopoulos et al., Learn then Test). The order of the tests may not depend on these labels: give a
    `start` found on other items (`choose_start`), else it starts at the top, where few items and one error can end it.

    Parameters
    ----------
    confidence : the judge's, shape (n,), higher is surer.
    right : whether it was right, shape (n,); shares where people's labels are soft are not possible here.
    risk : largest share of wrong verdicts among those it decides alone.
    delta : how often the promise may be broken.
    start : first threshold to test.

    Raises
    ------
    WorkbenchError
        Lengths differ, a confidence is missing, or risk or delta is no share.

    Examples
    --------
    >>> confidence = np.linspace(1, 0.5, 200)
    >>> found = certified_threshold(confidence, confidence > 0.6, risk=0.1, delta=0.1)
    >>> round(found.value, 3), found.n, found.wrong
    (0.573, 171, 11)
    >>> certified_threshold(np.ones(20), np.ones(20, bool), risk=0.05, delta=0.1).reason
    'there are 20 calibration items; certifying a risk of 5% at delta 0.1 takes at least 45 without an error'
    """
    sure, good = _checked(confidence, right, risk, delta)
    least = max(LEAST_ITEMS, fewest_labels(risk, delta))
    if len(sure) < least:
        return Threshold(value=None, risk=risk, delta=delta, n=len(sure), reason=_too_few(len(sure), risk, delta))
    levels, n, wrong = _counts(sure, good)
    first = (
        int(np.argmax(n >= LEAST_ITEMS)) if start is None else int(np.searchsorted(-levels, -start, side="right")) - 1
    )
    if first < 0 or n[first] < LEAST_ITEMS:
        here = 0 if first < 0 else int(n[first])
        reason = f"only {here} calibration items lie at or above the start {start:g}"
        return Threshold(value=None, risk=risk, delta=delta, n=here, reason=reason)
    bound = risk_upper_bound(wrong[first:], n[first:], delta)
    passed = bound <= risk
    steps = len(passed) if passed.all() else int(np.argmin(passed))
    if steps == 0:
        reason = (
            f"the {n[first]:,} surest items hold {wrong[first]:,} wrong verdicts, so the risk may be as high as "
            f"{bound[0]:.1%}, over the promised {risk:.1%}: abstain"
        )
        return Threshold(
            value=None,
            n=int(n[first]),
            wrong=int(wrong[first]),
            upper_bound=float(bound[0]),
            risk=risk,
            delta=delta,
            tested=1,
            reason=reason,
        )
    last = first + steps - 1
    return Threshold(
        value=float(levels[last]),
        n=int(n[last]),
        wrong=int(wrong[last]),
        upper_bound=float(bound[steps - 1]),
        risk=risk,
        delta=delta,
        coverage=float(n[last] / len(sure)),
        tested=min(steps + 1, len(passed)),
    )


def choose_start(confidence: np.ndarray, right: np.ndarray, *, risk: float, delta: float) -> float | None:
    """Where to begin the tests, from items that are not used for them: where the bound on the risk is lowest.

    Only thresholds with `START_MARGIN` times the fewest labels that could certify count; None where there are no such,
    or where even there the observed risk is over the promised one, so that nothing could pass.
    """
    sure, good = _checked(confidence, right, risk, delta)
    levels, n, wrong = _counts(sure, good)
    enough = np.flatnonzero(n >= math.ceil(START_MARGIN * max(LEAST_ITEMS, fewest_labels(risk, delta))))
    if len(enough) == 0:
        return None
    bound = risk_upper_bound(wrong[enough], n[enough], delta)
    best = enough[int(np.argmin(bound))]
    return float(levels[best]) if wrong[best] <= risk * n[best] else None


def split_threshold(
    confidence: np.ndarray, right: np.ndarray, *, risk: float, delta: float, rng: np.random.Generator
) -> Threshold:
    """A certified threshold whose start was chosen on a random half of the items and tested on the other half."""
    sure, good = _checked(confidence, right, risk, delta)
    order = rng.permutation(len(sure))
    choose, test = order[: len(order) // 2], order[len(order) // 2 :]
    if len(test) < fewest_labels(risk, delta):
        return Threshold(value=None, risk=risk, delta=delta, n=len(test), reason=_too_few(len(test), risk, delta))
    start = choose_start(sure[choose], good[choose], risk=risk, delta=delta)
    if start is None:
        reason = (
            "on the half that chooses where to start, no confidence keeps the promised risk with enough items: abstain"
        )
        return Threshold(value=None, risk=risk, delta=delta, n=len(test), reason=reason)
    return certified_threshold(sure[test], good[test], risk=risk, delta=delta, start=start)


def _counts(sure: np.ndarray, good: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Distinct confidences from the top, and how many items and errors lie at or above each."""
    order = np.argsort(-sure, kind="stable")
    ordered = sure[order]
    last = np.flatnonzero(np.append(ordered[1:] != ordered[:-1], True)) if len(ordered) else np.empty(0, np.int64)
    return ordered[last], last + 1, np.cumsum(~good[order])[last] if len(ordered) else last


def _too_few(n: int, risk: float, delta: float) -> str:
    least = fewest_labels(risk, delta)
    return (
        f"there are {n} calibration items; certifying a risk of {100 * risk:g}% at delta {delta:g} takes at least "
        f"{max(least, LEAST_ITEMS)} without an error"
    )


def _checked(confidence: np.ndarray, right: np.ndarray, risk: float, delta: float) -> tuple[np.ndarray, np.ndarray]:
    sure, good = np.asarray(confidence, float).ravel(), np.asarray(right).ravel()
    if len(sure) != len(good):
        raise WorkbenchError(
            f"There are {len(sure):,} confidences and {len(good):,} outcomes.", "Give one of each an item."
        )
    if not np.isfinite(sure).all():
        raise WorkbenchError(
            f"{int((~np.isfinite(sure)).sum()):,} confidences are missing.",
            "An item without a verdict goes to the next tier: leave it out and count it.",
        )
    if not np.isin(good, (0, 1)).all():
        raise WorkbenchError("An outcome is neither right nor wrong.", "Give True or False (1 or 0) an item.")
    for name, share in (("risk", risk), ("delta", delta)):
        if not 0 < share < 1:
            raise WorkbenchError(f"{name}: {share:g} is not possible.", "Give a share between 0 and 1.")
    return sure, good.astype(bool)
