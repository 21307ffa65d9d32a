"""What is the error of the items that nobody checked? From those drawn at random with known chances, valid however
unequal these are.
"""

from __future__ import annotations

import math
from hashlib import blake2b

import numpy as np
from scipy import stats

from workbench.estimates import Estimate, Interval, rests_on_few
from workbench.judging.thresholds import risk_upper_bound


def inclusion(confidence: np.ndarray, share: float, unsure_times: float) -> np.ndarray:
    """The chance with which each decided item is checked: the less sure half `unsure_times` as often, `share` on
    average.

    It is fixed and logged for every item when it is routed; without that no later estimate is valid.

    >>> inclusion(np.array([0.9, 0.8, 0.7, 0.6]), 0.3, 2.0).round(2).tolist()
    [0.2, 0.2, 0.4, 0.4]
    """
    if len(confidence) == 0:
        return np.empty(0)
    rank = np.argsort(np.argsort(confidence, kind="stable"), kind="stable")
    unsure = rank < len(confidence) // 2
    weight = np.where(unsure, unsure_times, 1.0)
    return np.minimum(1.0, share * weight / weight.mean())


def drawn(items: np.ndarray, chance: np.ndarray, seed: int, design: str) -> np.ndarray:
    """Which items are checked, by a hash of seed, design and item: anyone can draw them again.

    >>> ids, chance = np.array(["a", "b", "c"]), np.ones(3)
    >>> drawn(ids, chance, 0, "checks").tolist()
    [True, True, True]
    """
    return _draws(items, seed, design) < chance


def affordable(items: np.ndarray, room: float, price: float, seed: int) -> np.ndarray:
    """Which of these items people are paid for, where money ends: drawn by a hash too, so that they stand for all.

    >>> affordable(np.array(["a", "b", "c"]), 3.1, 1.5, 0).sum()
    np.int64(2)
    """
    if price <= 0 or room >= price * len(items):
        return np.ones(len(items), bool)
    rank = np.argsort(np.argsort(_draws(items, seed, "people"), kind="stable"), kind="stable")
    return rank < max(0, math.floor(room / price))


def _draws(items: np.ndarray, seed: int, design: str) -> np.ndarray:
    """A number from 0 to 1 for each item, the same for the same seed, design and id."""
    draw = [
        int.from_bytes(blake2b(f"{seed}\x00{design}\x00{i}".encode(), digest_size=7).digest(), "big") / 2**56
        for i in items
    ]
    return np.array(draw, float)


def error_of_all(wrong: np.ndarray, chance: np.ndarray, checked: np.ndarray, level: float = 0.95) -> Estimate:
    r"""The share of wrong decisions among all decided items, the unchecked ones included.

    Horvitz & Thompson (1952): $\hat e = \frac1N \sum_{checked} e_i / \pi_i$, variance
    $\frac{1}{N^2} \sum_{checked} \frac{1 - \pi_i}{\pi_i^2} (e_i - \hat e)^2$ (of the ratio form), Student's t. Where no
    checked item is wrong the variance says nothing: the upper bound is then Clopper-Pearson's at the smallest chance.

    Parameters
    ----------
    wrong : bool or float (N,): whether the decision was wrong; only looked at where it was checked.
    chance : (N,): with which each item was to be checked, over 0.
    checked : bool (N,).
    """
    n, m = len(chance), int(checked.sum())
    name = "Error of what judges decided"
    if n == 0 or m == 0:
        return Estimate(
            name=name,
            value=None,
            n_set_aside=n,
            reason="nothing was decided" if n == 0 else "no decided item was checked",
        )
    e, pi = np.asarray(wrong, float)[checked], chance[checked]
    weight = 1 / pi
    value = float((e * weight).sum() / weight.sum())
    notes = () if m >= 30 else (rests_on_few(m, "check"),)
    alpha = 1 - level
    if not 0 < value < 1:
        # All alike: as many informative checks as the smallest weights allow.
        as_many = int(weight.sum() ** 2 / (weight**2).sum())
        bound = float(risk_upper_bound(0, as_many, alpha / 2))
        low, high = (0.0, bound) if value == 0 else (1 - bound, 1.0)
        return Estimate(
            name=name,
            value=value,
            same_crew=Interval(low, high, "same crew", "Clopper-Pearson, none differ", level),
            new_crew=None,
            n=m,
            n_set_aside=n - m,
            reason=None,
            interval_notes=notes,
        )
    variance = float(((e - value) ** 2 * weight**2 * (1 - pi)).sum() / weight.sum() ** 2)
    if m == n:
        variance = 0.0
    worth = value * (1 - value) / variance if variance > 0 else math.inf
    if math.isinf(worth):
        return Estimate(
            name=name,
            value=value,
            same_crew=Interval(value, value, "same crew", "all were checked", level),
            new_crew=None,
            n=m,
            n_set_aside=0,
            reason=None,
            interval_notes=notes,
        )
    # Wilson's form with the effective number of checks keeps the bounds inside 0 and 1.
    z = float(stats.t.ppf(1 - alpha / 2, max(m - 1, 1)))
    centre = (value + z**2 / (2 * worth)) / (1 + z**2 / worth)
    half = z / (1 + z**2 / worth) * math.sqrt(value * (1 - value) / worth + z**2 / (4 * worth**2))
    interval = Interval(
        max(0.0, centre - half), min(1.0, centre + half), "same crew", f"{m} random checks, Wilson, t({m - 1})", level
    )
    return Estimate(
        name=name,
        value=value,
        same_crew=interval,
        new_crew=None,
        n=m,
        n_set_aside=n - m,
        reason=None,
        interval_notes=notes,
    )
