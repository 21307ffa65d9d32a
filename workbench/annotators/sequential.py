"""Sequential tests of an annotator: keep scoring until it is clear whether this one is reliable.

Wald's sequential probability ratio test holds two accuracies against each other, reliable (`p_good`) and not (`p_bad`),
adds a step for each right and each wrong answer, and stops at the first of two lines. Error rates are chosen, not a
by-product.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

Decision = Literal["flag", "clear", "undecided"]


@dataclass(frozen=True)
class SequentialTest:
    r"""A sequential probability ratio test (Wald 1945, Annals of Mathematical Statistics 16, 117-186).

    $\Lambda = \sum \ln(p_\text{bad} / p_\text{good})$ over right answers $+ \sum \ln((1 - p_\text{bad}) / (1 -
    p_\text{good}))$ over wrong ones; flag at $\Lambda \ge \ln((1 - \beta) / \alpha)$, clear at $\Lambda \le \ln(\beta /
    (1 - \alpha))$.

    Attributes
    ----------
    p_good, p_bad : chance of a right answer from a reliable annotator, and from one to be found.
    alpha : chance at most that a reliable annotator is flagged.
    beta : chance at most that the other is cleared.

    >>> test = SequentialTest()
    >>> round(test.step_right, 3), round(test.step_wrong, 3)
    (-0.47, 0.916)
    """

    p_good: float = 0.8
    p_bad: float = 0.5
    alpha: float = 0.05
    beta: float = 0.05

    def __post_init__(self) -> None:
        if not 0 < self.p_bad < self.p_good < 1:
            raise ValueError(f"p_bad ({self.p_bad}) must lie below p_good ({self.p_good}), both between 0 and 1")
        if not (0 < self.alpha < 1 and 0 < self.beta < 1 and self.alpha + self.beta < 1):
            raise ValueError(f"alpha ({self.alpha}) and beta ({self.beta}) must be above 0 and add to less than 1")

    @property
    def step_right(self) -> float:
        """Change of the log-likelihood ratio after a right answer (below zero)."""
        return math.log(self.p_bad / self.p_good)

    @property
    def step_wrong(self) -> float:
        """Change after a wrong answer (above zero)."""
        return math.log((1 - self.p_bad) / (1 - self.p_good))

    @property
    def flag_at(self) -> float:
        """Upper line."""
        return math.log((1 - self.beta) / self.alpha)

    @property
    def clear_at(self) -> float:
        """Lower line."""
        return math.log(self.beta / (1 - self.alpha))

    def corrected(self, annotators: int) -> SequentialTest:
        """The same test with alpha shared among many annotators (Bonferroni), so that all together err as rarely as one
        did.
        """
        return replace(self, alpha=self.alpha / max(annotators, 1))

    def run(self, right: np.ndarray) -> tuple[Decision, int, np.ndarray]:
        """Runs over answers in order.

        Parameters
        ----------
        right : bool (n,): whether each answer was right.

        Returns
        -------
        decision : at the first line crossed.
        stopped : answers used until then (all of them where undecided).
        path : float (n,): the log-likelihood ratio after each answer, also after the decision.
        """
        path = np.cumsum(np.where(np.asarray(right, bool), self.step_right, self.step_wrong))
        # Steps add up with rounding; a line met exactly counts as crossed.
        crossed = np.flatnonzero((path >= self.flag_at - 1e-9) | (path <= self.clear_at + 1e-9))
        if len(crossed) == 0:
            return "undecided", len(path), path
        first = int(crossed[0])
        return ("flag" if path[first] > 0 else "clear"), first + 1, path


@dataclass(frozen=True, eq=False)
class Course:
    """How a test goes for an annotator whose answers are right with a given chance.

    Attributes
    ----------
    accuracy : that chance.
    flagged : chance to be flagged in the end.
    mean_answers : mean number of scored answers until the decision.
    flagged_by, decided_by : float (n + 1,): chance to have been flagged, or decided at all, after k answers.
    """

    accuracy: float
    flagged: float
    mean_answers: float
    flagged_by: np.ndarray
    decided_by: np.ndarray


def course(test: SequentialTest, accuracy: float, answers: int = 5_000) -> Course:
    """What the test does to an annotator of this accuracy, exactly.

    The test's state is the number of right answers among k, so its distribution after k answers follows from that after
    k - 1: no simulation. After `answers` answers what is undecided is less than rounding for any accuracy in use.

    Examples
    --------
    >>> found = course(SequentialTest(), 0.8)
    >>> round(found.flagged, 3)
    0.036
    """
    flagged_by, decided_by = np.zeros(answers + 1), np.zeros(answers + 1)
    alive, flagged, cleared = np.array([1.0]), 0.0, 0.0  # chance of each number of right answers, still undecided
    mean = 0.0
    for k in range(1, answers + 1):
        mean += alive.sum()
        moved = np.zeros(k + 1)
        moved[1:] += alive * accuracy
        moved[:-1] += alive * (1 - accuracy)
        right = np.arange(k + 1)
        ratio = right * test.step_right + (k - right) * test.step_wrong
        up, down = ratio >= test.flag_at - 1e-9, ratio <= test.clear_at + 1e-9
        flagged, cleared = flagged + moved[up].sum(), cleared + moved[down].sum()
        alive = np.where(up | down, 0.0, moved)
        flagged_by[k], decided_by[k] = flagged, flagged + cleared
        if alive.sum() < 1e-12:
            flagged_by[k:], decided_by[k:] = flagged, flagged + cleared
            break
    return Course(accuracy, float(flagged), float(mean), flagged_by, decided_by)


def least_answers(test: SequentialTest) -> float:
    r"""Fewest scored answers any test with these error rates needs on average to find the unreliable annotator (Wald's
    bound).

    $\big[(1 - \beta) \ln\frac{1 - \beta}{\alpha} + \beta \ln\frac{\beta}{1 - \alpha}\big] / \text{KL}(p_\text{bad}
    \Vert p_\text{good})$.

    >>> round(least_answers(SequentialTest()), 1)
    11.9
    """
    kl = test.p_bad * test.step_right + (1 - test.p_bad) * test.step_wrong
    return ((1 - test.beta) * test.flag_at + test.beta * test.clear_at) / kl
