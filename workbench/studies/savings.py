"""How many labels a strategy saves: where two learning curves are equally accurate, and what each had paid by then."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from workbench.estimates import Finite
from workbench.studies.measured import Measured
from workbench.studies.resampling import Resampler


def rising(accuracy: np.ndarray) -> np.ndarray:
    """The never-falling curve closest to a measured one (isotonic regression, least squares), (..., points).

    More labels do not make a model worse on average; a dip of a measured curve is noise, and reading a crossing off a
    dip would count it as a saving.

    >>> rising(np.array([0.5, 0.7, 0.6, 0.8])).tolist()
    [0.5, 0.65, 0.65, 0.8]
    """
    curve = np.asarray(accuracy, float)
    points = curve.shape[-1]
    total = np.concatenate([np.zeros((*curve.shape[:-1], 1)), np.cumsum(curve, -1)], -1)
    # Max-min formula: at point i, the largest over starts s <= i of the smallest mean from s to an end e >= i.
    found = np.full(curve.shape, -np.inf)
    for s in range(points):
        means = (total[..., s + 1 :] - total[..., s : s + 1]) / np.arange(1, points - s + 1)
        smallest = np.minimum.accumulate(means[..., ::-1], -1)[..., ::-1]
        found[..., s:] = np.maximum(found[..., s:], smallest)
    return found.round(12)


def labels_to_reach(labels: np.ndarray, accuracy: np.ndarray, level: float) -> float:
    """After how many labels a never-falling curve first reaches a level, linear between points; NaN where it never does
    or starts above it.

    >>> round(labels_to_reach(np.array([100.0, 200.0]), np.array([0.6, 0.8]), 0.7), 6)
    150.0
    """
    if not (accuracy[0] <= level <= accuracy[-1]):
        return math.nan
    i = int(np.argmax(accuracy >= level))
    if i == 0 or accuracy[i] == accuracy[i - 1]:
        return float(labels[i])
    share = (level - accuracy[i - 1]) / (accuracy[i] - accuracy[i - 1])
    return float(labels[i - 1] + share * (labels[i] - labels[i - 1]))


def saving(labels: np.ndarray, accuracy: np.ndarray, base: np.ndarray) -> float:
    """Labels at random over labels by the strategy, at the highest accuracy both curves reach.

    2 = half the labels are enough; 1 = nothing saved; below 1 = more labels are needed than at random. At the end of
    the better curve the other one is still below, so the level is the end of the worse curve, whichever of the two that
    is: a strategy that loses is measured as one that wins.

    Parameters
    ----------
    labels : float (points,): labels bought at each point.
    accuracy, base : float (points,): curves of the strategy and of random.

    Returns
    -------
    The ratio; NaN where both are there already at the first point, or one begins above the end of the other.

    >>> n = np.array([100.0, 200.0, 400.0])
    >>> float(saving(n, np.array([0.6, 0.75, 0.8]), np.array([0.6, 0.7, 0.75])))
    2.0
    >>> float(saving(n, np.array([0.6, 0.7, 0.75]), np.array([0.6, 0.75, 0.8])))
    0.5
    """
    mine, other = rising(accuracy), rising(base)
    level = min(mine[-1], other[-1])
    own, others = labels_to_reach(labels, mine, level), labels_to_reach(labels, other, level)
    if not (own > labels[0] or others > labels[0]):
        return math.nan
    return others / own


def saving_along(labels: np.ndarray, accuracy: np.ndarray, base: np.ndarray, levels: int = 21) -> float:
    """The saving at many levels of accuracy instead of one: geometric mean over the upper half of what both curves
    reach.

    Less at the mercy of one crossing than `saving`; NaN where the curves share no such part.

    >>> n = np.array([100.0, 200.0, 400.0])
    >>> round(saving_along(n, np.array([0.5, 0.7, 0.8]), np.array([0.5, 0.6, 0.7])), 2)
    1.68
    """
    mine, other = rising(accuracy), rising(base)
    bottom, top = max(mine[0], other[0]), min(mine[-1], other[-1])
    if not top > bottom:
        return math.nan
    grid = np.linspace((bottom + top) / 2, top, levels)
    own = np.array([labels_to_reach(labels, mine, level) for level in grid])
    others = np.array([labels_to_reach(labels, other, level) for level in grid])
    return float(np.exp(np.mean(np.log(others / own))))


@dataclass(frozen=True, kw_only=True)
class Saving(Finite):
    """What a strategy saves over random.

    Attributes
    ----------
    ratio : labels at random over labels by the strategy, at equal accuracy.
    accuracy : at which held-out accuracy they are compared.
    labels, labels_at_random : what each had paid by then; None where undefined.
    along : the same ratio, averaged over the upper half of the accuracies both reach.
    to_match : labels with which the strategy reaches what random reaches at the end of the budget; undefined with `not
        reached` where it does not.
    gain : accuracy of the strategy minus that of random at the end of the budget.
    """

    ratio: Measured
    accuracy: float | None
    labels: float | None
    labels_at_random: float | None
    along: Measured
    to_match: Measured
    gain: Measured

    def to_dict(self) -> dict[str, object]:
        """As the command line prints it."""
        return {
            "ratio": self.ratio.to_dict(),
            "accuracy": self.accuracy,
            "labels": self.labels,
            "labels_at_random": self.labels_at_random,
            "along": self.along.to_dict(),
            "to_match": self.to_match.to_dict(),
            "gain": self.gain.to_dict(),
        }


def measure_saving(
    labels: np.ndarray,
    value: tuple[np.ndarray, np.ndarray],
    drawn: tuple[np.ndarray, np.ndarray],
    sampler: Resampler,
    n: int,
) -> Saving:
    """The saving with its interval: both curves are drawn again together, so a seed that was lucky for both does not
    count.

    Parameters
    ----------
    labels : float (points,).
    value : accuracy of the strategy and of random, (points,) each, over all seeds.
    drawn : the same in each draw, (draws, points) each.
    n : held-out pairs, all seeds together.
    """
    mine, other = (rising(v) for v in value)
    level = float(min(mine[-1], other[-1]))
    ratio = saving(labels, *value)
    ratios = np.array([saving(labels, a, b) for a, b in zip(*drawn, strict=True)])
    own, others = labels_to_reach(labels, mine, level), labels_to_reach(labels, other, level)
    known = math.isfinite(ratio)
    reason = "both curves are there at the first point: begin with fewer labels"
    if not known and not (math.isfinite(own) and math.isfinite(others)):
        reason = "one curve begins above the end of the other"
    along = saving_along(labels, *value)
    alongs = np.array([saving_along(labels, a, b) for a, b in zip(*drawn, strict=True)])
    target = float(other[-1])
    matched = labels_to_reach(labels, mine, target)
    matches = np.array([labels_to_reach(labels, rising(a), rising(b)[-1]) for a, b in zip(*drawn, strict=True)])
    never = f"not reached: {target:.3f} at random, {mine[-1]:.3f} here after {labels[-1]:,.0f} labels"
    if mine[0] > target:
        never = "reached before the first point"
    return Saving(
        ratio=sampler.measured(ratio if known else None, ratios, n, reason),
        accuracy=level if known else None,
        labels=own if known else None,
        labels_at_random=others if known else None,
        along=sampler.measured(along if math.isfinite(along) else None, alongs, n, "the curves share no part"),
        to_match=sampler.measured(matched if math.isfinite(matched) else None, matches, n, never),
        gain=sampler.measured(float(value[0][-1] - value[1][-1]), drawn[0][:, -1] - drawn[1][:, -1], n),
    )
