"""Where to stop paying: does anything dearer gain enough, and do the intervals say so?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np

from workbench.studies.measured import Measured
from workbench.studies.resampling import Resampler, expanded_tail

WORTH = 0.01
"""Smallest gain in accuracy that counts as one, where nobody says what a point is worth."""


@dataclass(frozen=True)
class StopHere:
    """The statement a frontier ends with.

    Attributes
    ----------
    verdict : `stop` = nothing dearer gains enough; `go on` = the dearest plan of the line still gains enough over every
        one that costs at most half as much; `undecided` = the intervals allow both.
    at : position of the plan to stop at (or of the dearest one on the line), None where undecided.
    most_gain : upper bound of what any dearer plan gains over it, or None.
    sure_gain : lower bound of what the dearest plan of the line gains over each one that costs at most half as much, or
        None.
    worth : the gain that counts as enough.
    dollars_per_point : what a point is worth, where that was said.
    """

    verdict: Literal["stop", "go on", "undecided"]
    at: int | None
    most_gain: float | None
    sure_gain: float | None
    worth: float
    dollars_per_point: float | None = None

    @property
    def supported(self) -> bool:
        """Whether the intervals support a decision."""
        return self.verdict != "undecided"


@dataclass(frozen=True)
class Step:
    """From one plan on the line to the next dearer one.

    Attributes
    ----------
    start, end : positions of the two plans.
    dollars : what the step costs.
    gain : accuracy gained, paired.
    dollars_per_point : dollars for one point of accuracy; the interval ends without an upper bound where the gain may
        be nothing.
    """

    start: int
    end: int
    dollars: float
    gain: Measured
    dollars_per_point: Measured


def pareto_line(dollars: np.ndarray, accuracy: np.ndarray) -> list[int]:
    """Plans that no plan as cheap or cheaper beats, by cost.

    >>> pareto_line(np.array([1.0, 2.0, 3.0, 3.0]), np.array([0.6, 0.5, 0.7, 0.65]))
    [0, 2]
    """
    order = np.lexsort((-accuracy, dollars))
    line: list[int] = []
    for i in order:
        if not line or accuracy[i] > accuracy[line[-1]]:
            line.append(int(i))
    return line


def steps_along(
    line: Sequence[int], dollars: np.ndarray, accuracy: np.ndarray, drawn: np.ndarray, sampler: Resampler, n: int
) -> list[Step]:
    """What each further step along the line costs and gains.

    Parameters
    ----------
    drawn : accuracy of each plan in each draw, (draws, plans).
    n : held-out pairs.
    """
    steps = []
    for i, j in pairwise(line):
        more = float(dollars[j] - dollars[i])
        gain = sampler.measured(float(accuracy[j] - accuracy[i]), drawn[:, j] - drawn[:, i], n)
        price = None
        if gain.value is not None and gain.value > 0:
            low = more / (100 * gain.high) if gain.high is not None and gain.high > 0 else None
            high = more / (100 * gain.low) if gain.low is not None and gain.low > 0 else None
            note = gain.note if high is not None else "the gain may be nothing, so there is no upper bound"
            price = Measured(value=more / (100 * gain.value), low=low, high=high, n=n, seeds=sampler.seeds, note=note)
        steps.append(Step(i, j, more, gain, price or Measured(value=None, seeds=sampler.seeds, reason="no gain")))
    return steps


def where_to_stop(
    line: Sequence[int],
    dollars: np.ndarray,
    drawn: np.ndarray,
    worth: float = WORTH,
    dollars_per_point: float | None = None,
    units: int = 10_000,
) -> StopHere:
    """Which statement about stopping do the intervals support?

    A plan is a place to stop where, of *all* dearer plans together, the best gains less than is worth paying for: the
    upper end of the interval of that best gain lies below `worth` (with a value of a point, below what the difference
    in price buys). The plans of the line are tested from the dearest down and the first that fails ends it, so that
    several tests do not add up their errors (fixed-sequence testing).

    Parameters
    ----------
    line : of `pareto_line`.
    dollars : of all plans, (plans,).
    drawn : accuracy of each plan in each draw, (draws, plans).
    worth : the gain that counts.
    dollars_per_point : what one point of accuracy is worth; then a gain has to be worth its price instead.
    units : seeds (or buckets of prompt groups, where these are fewer): with few, ends lie farther out.
    """
    tail = expanded_tail(units)

    def most(i: int) -> tuple[float, bool]:
        dearer = np.flatnonzero(dollars > dollars[i])
        gains = drawn[:, dearer] - drawn[:, [i]]
        if dollars_per_point is None:
            top = float(np.quantile(gains.max(1), 1 - tail))
            return top, top < worth
        net = 100 * gains * dollars_per_point - (dollars[dearer] - dollars[i])
        return float(np.quantile(gains.max(1), 1 - tail)), float(np.quantile(net.max(1), 1 - tail)) < 0

    found: tuple[int, float] | None = None
    for i in reversed(line):
        if not (dollars > dollars[i]).any():
            continue
        top, enough = most(i)
        if not enough:
            break
        found = (i, top)
    if found is not None:
        return StopHere("stop", found[0], found[1], None, worth, dollars_per_point)
    last = line[-1]
    before = [i for i in line if dollars[i] <= dollars[last] / 2]
    if before:
        lead = drawn[:, [last]] - drawn[:, before]
        if dollars_per_point is None:
            least = float(np.quantile(lead.min(1), tail))
            if least > worth:
                return StopHere("go on", last, None, least, worth)
        else:
            net = 100 * lead * dollars_per_point - (dollars[last] - dollars[before])
            if float(np.quantile(net.min(1), tail)) > 0:
                return StopHere("go on", last, None, float(np.quantile(lead.min(1), tail)), worth, dollars_per_point)
    return StopHere("undecided", None, None, None, worth, dollars_per_point)
