"""Reward against KL over a training: how far the policy has moved at each checkpoint, and what a judge thinks of it.

What a reward model is optimised for rises for ever; what a judge thinks that took no part rises and falls (Gao et al.
2023, *Scaling laws for reward model overoptimization*). Where it is highest is the point to stop.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from workbench.estimates import Estimate, Finite
from workbench.policy.measures import mean_estimate
from workbench.reward.ranking import clustered_share, paired_difference
from workbench.reward.reading import estimate_from


@dataclass(frozen=True, eq=False, kw_only=True)
class Measured:
    """One checkpoint on the prompts of the curve.

    Attributes
    ----------
    step : of the training; 0 = the reference.
    kl : (prompts,): KL divergence from the reference in nats.
    wins : (prompts,): share of its responses that the judge prefers to the reference's; NaN without a judge.
    reward : (prompts,): mean score by what was optimised; NaN where that is not the score of a reward model.
    length : (prompts,): mean tokens of a response.
    """

    step: int
    kl: np.ndarray
    wins: np.ndarray
    reward: np.ndarray
    length: np.ndarray


@dataclass(frozen=True, kw_only=True)
class Point(Finite):
    """One checkpoint of the curve; measures as in `Measured`, each with its interval over prompt groups."""

    step: int
    kl: Estimate
    wins: Estimate
    reward: Estimate
    length: Estimate

    def to_dict(self) -> dict[str, Any]:
        """As JSON has it."""
        return {"step": self.step, **{name: getattr(self, name).to_dict() for name in _TITLES}}


_TITLES = {
    "kl": "KL divergence from the reference",
    "wins": "Win rate against the reference",
    "reward": "Reward that was optimised",
    "length": "Tokens of a response",
}


@dataclass(frozen=True, kw_only=True)
class Curve:
    """Reward against KL.

    Attributes
    ----------
    points : by step.
    best : step with the highest win rate; None without a judge.
    after_best : win rate at the end less that of the best step, paired by prompt, its interval widened for the choice
        among the steps; None without a judge, or where the
        best step is the last one.
    prompts : that the curve was measured on.
    judge : who judged; empty without one.
    """

    points: tuple[Point, ...]
    best: int | None
    after_best: Estimate | None
    prompts: int
    judge: str = ""

    @property
    def over_optimised(self) -> bool:
        """Whether the judge thinks less of the last step than of the best one, by the whole interval."""
        found = self.after_best
        return bool(found and found.same_crew and found.same_crew.high < 0)

    def to_dict(self) -> dict[str, Any]:
        """As JSON has it."""
        return {
            "points": [point.to_dict() for point in self.points],
            "best": self.best,
            "after_best": self.after_best.to_dict() if self.after_best else None,
            "over_optimised": self.over_optimised,
            "prompts": self.prompts,
            "judge": self.judge,
        }

    @classmethod
    def of(cls, content: Mapping[str, Any]) -> Curve:
        """The curve that `to_dict` wrote."""
        after = content.get("after_best")
        return cls(
            points=tuple(
                Point(step=p["step"], **{name: estimate_from(p[name], title) for name, title in _TITLES.items()})
                for p in content["points"]
            ),
            best=content["best"],
            after_best=estimate_from(after, "Win rate at the end less the best") if after else None,
            prompts=content["prompts"],
            judge=content.get("judge", ""),
        )


def curve_of(measured: Sequence[Measured], group: np.ndarray, judge: str = "") -> Curve:
    """How did reward and KL move together?

    The best of several measured steps is a little worse than it looks, being chosen for looking best.

    >>> def at(step, kl, win):
    ...     full = lambda x: np.full(20, x)
    ...     return Measured(step=step, kl=full(kl), wins=full(win), reward=full(np.nan), length=full(9.0))
    >>> found = curve_of([at(0, 0.0, 0.5), at(5, 1.0, 0.8), at(10, 9.0, 0.4)], np.arange(20), "judge")
    >>> found.best, found.over_optimised
    (5, True)
    """
    ordered = sorted(measured, key=lambda each: each.step)
    points = tuple(
        Point(
            step=each.step,
            kl=mean_estimate(each.kl, group, _TITLES["kl"]),
            wins=clustered_share(each.wins, group, _TITLES["wins"]),
            reward=mean_estimate(each.reward, group, _TITLES["reward"]),
            length=mean_estimate(each.length, group, _TITLES["length"]),
        )
        for each in ordered
    )
    known = [(p.wins.value, -p.step) for p in points if p.wins.value is not None]
    best = -max(known)[1] if known else None
    after = None
    if best is not None and best != ordered[-1].step:
        at_best = next(each for each in ordered if each.step == best)
        # One interval for each step that might have been the best one (Bonferroni): it was chosen for looking best.
        level = 1 - 0.05 / max(len(known) - 1, 1)
        after = paired_difference(ordered[-1].wins, at_best.wins, group, "Win rate at the end less the best", level)
    return Curve(points=points, best=best, after_best=after, prompts=len(group), judge=judge)


def best_of_n_divergence(n: int) -> float:
    r"""KL divergence of the best of n samples from the reference, in nats: $\ln n - \frac{n - 1}{n}$ at most (Beirami
    et al. 2024, theorem 1).

    >>> round(best_of_n_divergence(4), 3), best_of_n_divergence(1)
    (0.636, 0.0)
    """
    return math.log(n) - (n - 1) / n
