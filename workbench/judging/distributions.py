"""Does the judge keep people's disagreement? The distance of its distribution to theirs, beside that of people to
themselves.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from workbench.estimates import Estimate
from workbench.judging.beside_people import BesidePeople
from workbench.reward.ranking import paired_difference


@dataclass(frozen=True)
class KeptDisagreement:
    """How far the judge's answers lie from the people's, as distributions over A, tie and B.

    Attributes
    ----------
    distance : mean Jensen-Shannon distance (base 2, 0 to 1) of the judge to all people.
    noise : the same between two random halves of the people: no judge can be asked to do better.
    noise_items : items with people enough for two halves.
    """

    distance: Estimate
    noise: Estimate

    def to_dict(self) -> dict[str, object]:
        """As JSON has it."""
        return {"distance": self.distance.to_dict(), "noise": self.noise.to_dict()}


def jensen_shannon(p: np.ndarray, q: np.ndarray) -> np.ndarray:
    r"""Distance of rows, $\sqrt{\tfrac12 KL(p \| m) + \tfrac12 KL(q \| m)}$ with $m = (p + q) / 2$, in base 2.

    >>> jensen_shannon(np.array([[1.0, 0.0], [0.5, 0.5]]), np.array([[0.0, 1.0], [0.5, 0.5]])).tolist()
    [1.0, 0.0]
    """
    m = (p + q) / 2

    def divergence(x: np.ndarray) -> np.ndarray:
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(x > 0, x * np.log2(x / m), 0.0).sum(axis=1)

    return np.sqrt(np.clip((divergence(p) + divergence(q)) / 2, 0.0, 1.0))


def kept_disagreement(found: BesidePeople, rng: np.random.Generator, draws: int = 20) -> KeptDisagreement:
    """Where people differ, does the judge give them their shares?

    Parameters
    ----------
    found : the judge beside people. Its score is read as A against B, a tie as both halves.
    rng : draws the halves of the people.
    draws : halves drawn an item.
    """
    people = found.counts / found.counts.sum(axis=1, keepdims=True)
    tie = found.said == 0.5
    judge = np.stack([np.where(tie, 0, found.score), tie, np.where(tie, 0, 1 - found.score)], axis=1)
    distance = jensen_shannon(judge, people)
    none = np.zeros(len(distance))
    noise = np.full(len(distance), np.nan)
    several = np.flatnonzero(found.counts.sum(axis=1) >= 2)
    if len(several):
        noise[several] = np.mean([_between_halves(found.counts[several], rng) for _ in range(draws)], axis=0)
    return KeptDisagreement(
        paired_difference(distance, none, found.group, "Distance of the judge to people"),
        paired_difference(noise, none, found.group, "Distance between halves of the people"),
    )


def _between_halves(counts: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    half = counts.sum(axis=1) // 2
    first = (
        rng.multivariate_hypergeometric(counts[0], int(half[0]), size=1)
        if len(counts) == 1
        else _drawn(counts, half, rng)
    )
    second = counts - first
    p = first / np.maximum(first.sum(axis=1, keepdims=True), 1)
    q = second / np.maximum(second.sum(axis=1, keepdims=True), 1)
    return jensen_shannon(p, q)


def _drawn(counts: np.ndarray, half: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """So many of each row's people at random, without repeats."""
    total = counts.sum(axis=1)
    a = rng.hypergeometric(counts[:, 0], total - counts[:, 0], half)
    left = half - a
    b = rng.hypergeometric(counts[:, 1], total - counts[:, 0] - counts[:, 1], left)
    return np.stack([a, b, left - b], axis=1)
