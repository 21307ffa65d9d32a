"""Who judges: honest annotators of different skill, and those in whom trouble is planted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from workbench.simulation.plan import Plan

BEHAVIOURS = ("honest", "spammer", "speeder", "left-clicker", "drifter", "colluder")
HONEST, SPAMMER, SPEEDER, LEFT_CLICKER, DRIFTER, COLLUDER = range(6)

_PACE = 0.25
_EXPERT_SKILL = (0.92, 0.97)
_JUDGE_SKILL = (0.72, 0.82)


@dataclass(frozen=True, eq=False, kw_only=True)
class Crew:
    """The annotators: the crowd first, then experts, then AI judges.

    Attributes
    ----------
    name : list of n ids.
    kind : list of n: human, expert or ai.
    behaviour : int8 (n,): position in `BEHAVIOURS`.
    skill : float64 (n,): chance of the right direction on an ordinary item when judging (not clicking or copying).
    noise : float64 (n,): standard deviation of the annotator's error on the latent scale, which gives that skill.
    pace : float64 (n,): factor on the time a judgement takes.
    side_bias : float64 (n,): shift towards the side shown first, on the latent scale.
    copies : int64 (n,): whom a colluder copies from; -1 for all others.
    crowd : how many of them are the crowd.
    """

    name: list[str]
    kind: list[str]
    behaviour: np.ndarray
    skill: np.ndarray
    noise: np.ndarray
    pace: np.ndarray
    side_bias: np.ndarray
    copies: np.ndarray
    crowd: int

    def __len__(self) -> int:
        return len(self.name)


def make_crew(plan: Plan, gap: np.ndarray, cuts: np.ndarray, rng: np.random.Generator) -> Crew:
    """Draws the crew: behaviours at random places, skills uniform in their range."""
    planted = np.repeat(np.arange(1, 6), list(plan.crew.values()))
    behaviour = np.zeros(plan.annotators, np.int8)
    behaviour[: len(planted)] = planted
    behaviour = np.concatenate([rng.permutation(behaviour), np.zeros(plan.experts + plan.judges, np.int8)])
    skill = np.concatenate(
        [
            rng.uniform(*plan.skill, plan.annotators),
            rng.uniform(*_EXPERT_SKILL, plan.experts),
            rng.uniform(*_JUDGE_SKILL, plan.judges),
        ]
    )
    pace = np.exp(rng.normal(0, _PACE, len(skill)))
    pace[behaviour == SPEEDER] *= 0.2
    bias = np.concatenate(
        [np.full(plan.annotators + plan.experts, plan.side_bias), np.full(plan.judges, max(plan.side_bias, 0.3))]
    )
    copies = np.full(len(behaviour), -1)
    colluders, honest = np.flatnonzero(behaviour == COLLUDER), np.flatnonzero(behaviour[: plan.annotators] == HONEST)
    if len(colluders):
        copies[colluders] = np.resize(rng.permutation(honest), len(colluders))
    width = max(2, len(str(plan.annotators)))
    names = [f"annotator-{i + 1:0{width}d}" for i in range(plan.annotators)]
    names += [f"expert-{i + 1}" for i in range(plan.experts)] + [f"judge-{i + 1}" for i in range(plan.judges)]
    kinds = ["human"] * plan.annotators + ["expert"] * plan.experts + ["ai"] * plan.judges
    return Crew(
        name=names,
        kind=kinds,
        behaviour=behaviour,
        skill=skill,
        noise=noise_for(skill, gap, cuts),
        pace=pace,
        side_bias=bias,
        copies=copies,
        crowd=plan.annotators,
    )


def noise_for(skill: np.ndarray, gap: np.ndarray, cuts: np.ndarray) -> np.ndarray:
    """Noise with which an annotator gets the direction (A, tie or B) right on a share `skill` of these items.

    With two labels and normal gaps of variance 1 the accuracy is 1/2 + arctan(1 / noise) / pi.

    >>> gaps = np.random.default_rng(0).standard_normal(20_000)
    >>> noise_for(np.array([0.75]), gaps, np.array([0.0])).round(1).tolist()
    [1.0]
    """
    grid = np.geomspace(0.01, 30, 120)
    sample = np.quantile(gap, (np.arange(801) + 0.5) / 801)
    low, high = _direction_borders(cuts)
    bounds = np.select([sample > high, sample < low], [[[high], [np.inf]], [[-np.inf], [low]]], [[low], [high]])
    right = [(ndtr((bounds[1] - sample) / s) - ndtr((bounds[0] - sample) / s)).mean() for s in grid]
    return np.interp(-skill, -np.maximum.accumulate(right[::-1])[::-1], grid)


def _direction_borders(cuts: np.ndarray) -> tuple[float, float]:
    """Where B ends and where A begins: the two innermost thresholds (twice the middle one without a tie)."""
    middle = len(cuts) // 2
    return (cuts[middle], cuts[middle]) if len(cuts) % 2 else (cuts[middle - 1], cuts[middle])
