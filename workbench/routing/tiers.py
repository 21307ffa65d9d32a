"""Which tier decides which item: thresholds certified on labelled items, then applied to the rest.

Half of the labelled items choose, for each tier, where to begin the tests and how far down the tier may reach; the
other half tests, at delta shared out over the tiers. What a tier may reach is what later tiers do not see, whatever its
tests say: so the items a later tier is tested on are fixed before. What a tier may reach and is not certified for goes
to people, not on: on would change what the later tiers were tested on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from workbench.judging.thresholds import Threshold, certified_threshold

LIKELY = 0.5
"""A tier may reach down to where a test would pass with this chance, by what the first half shows."""
PEOPLE = -1
"""Where an item goes that no tier decides."""
UNPAID = -4
"""Where an item of people's stays that the budget does not pay for: without a label."""


@dataclass(frozen=True, eq=False)
class Verdicts:
    """What one tier's judge says.

    Attributes
    ----------
    name : of the tier.
    said : float (n,): 1 = A, 0.5 = tie, 0 = B; NaN = no verdict.
    confidence : float (n,): 0.5 to 1; NaN where there is no verdict.
    """

    name: str
    said: np.ndarray
    confidence: np.ndarray


@dataclass(frozen=True, eq=False)
class Rule:
    """The thresholds of the tiers, and what certifies them.

    Attributes
    ----------
    thresholds : one a tier; value None = nothing is certified.
    reach : how far down each tier may decide: later tiers do not see items at or above it. None = the tier was not
        worth a test and is passed over.
    risk, delta : what is promised of all tiers together.
    """

    thresholds: tuple[Threshold, ...]
    reach: tuple[float | None, ...]
    risk: float
    delta: float


def certify(
    tiers: Sequence[Verdicts],
    truth: np.ndarray,
    items: np.ndarray,
    *,
    risk: float,
    delta: float,
    rng: np.random.Generator,
) -> Rule:
    """At which confidence may each tier decide?

    Parameters
    ----------
    tiers : in order.
    truth : float (n,): 1 = A, 0.5 = tie, 0 = B.
    items : positions of the labelled items.
    risk : largest share of wrong decisions, of each tier that takes part, and so of all together.
    delta : how often that may be broken.
    """
    order = rng.permutation(items)
    choose, test = order[: len(order) // 2], order[len(order) // 2 :]
    share = delta / len(tiers)
    found: list[Threshold] = []
    reached: list[float | None] = []
    for place, tier in enumerate(tiers):
        on_choose, on_test = _asked(tier, choose), _asked(tier, test)
        start, reach = _worth_testing(tier, truth, on_choose, len(on_test), risk, share)
        reached.append(reach)
        if start is None or reach is None:
            reason = "by the half that chooses, no confidence keeps the promised risk on enough items: passed over"
            found.append(Threshold(value=None, n=len(on_test), risk=risk, delta=share, reason=reason))
            continue
        last = place == len(tiers) - 1
        tested = on_test if last else on_test[_decides(tier, on_test, reach)]
        right = tier.said[tested] == truth[tested]
        found.append(certified_threshold(tier.confidence[tested], right, risk=risk, delta=share, start=start))
        choose, test = (part[~_decides(tier, part, reach)] for part in (choose, test))
    return Rule(tuple(found), tuple(reached), risk, delta)


def assign(rule: Rule, tiers: Sequence[Verdicts], items: np.ndarray) -> np.ndarray:
    """The tier that decides each item, `PEOPLE` where none does.

    Parameters
    ----------
    items : positions.

    Returns
    -------
    int64 (len(items),), places of tiers.
    """
    where, open_items = np.full(len(items), PEOPLE), np.ones(len(items), bool)
    for place, (tier, threshold, reach) in enumerate(zip(tiers, rule.thresholds, rule.reach, strict=True)):
        if reach is None:
            continue
        if threshold.value is not None:
            where[open_items & _decides(tier, items, threshold.value)] = place
        open_items &= ~_decides(tier, items, reach)
    return where


def asked_of(rule: Rule, tiers: Sequence[Verdicts], items: np.ndarray) -> list[np.ndarray]:
    """Which items each tier's judge has to be asked about: those that no earlier tier took."""
    open_items = np.ones(len(items), bool)
    asked = []
    for tier, reach in zip(tiers, rule.reach, strict=True):
        asked.append(np.zeros(len(items), bool) if reach is None else open_items.copy())
        if reach is not None:
            open_items &= ~_decides(tier, items, reach)
    return asked


def _asked(tier: Verdicts, items: np.ndarray) -> np.ndarray:
    return items[np.isfinite(tier.confidence[items])]


def _decides(tier: Verdicts, items: np.ndarray, level: float) -> np.ndarray:
    with np.errstate(invalid="ignore"):
        return np.asarray(tier.confidence[items] >= level)


def _worth_testing(
    tier: Verdicts, truth: np.ndarray, items: np.ndarray, n_test: int, risk: float, delta: float
) -> tuple[float | None, float | None]:
    """Where to begin the tests of the other half (where they pass most likely), and the lowest confidence at which one
    would pass with chance `LIKELY`; None where none would.
    """
    if len(items) == 0:
        return None, None
    order = items[np.argsort(-tier.confidence[items], kind="stable")]
    sure, wrong = tier.confidence[order], np.cumsum(tier.said[order] != truth[order])
    last = np.flatnonzero(np.append(sure[1:] != sure[:-1], True))
    n, k = last + 1, wrong[last]
    expected = np.floor(n * n_test / len(items)).astype(np.int64)
    chance = _chance_to_pass(expected, (k + 0.5) / (n + 1), risk, delta)
    good = np.flatnonzero(chance >= LIKELY)
    if len(good) == 0:
        return None, None
    return float(sure[last[int(np.argmax(chance))]]), float(sure[last[good[-1]]])


def _chance_to_pass(n: np.ndarray, p: np.ndarray, risk: float, delta: float) -> np.ndarray:
    """Chance that a test on n items with a share p of errors certifies the risk: at most k errors, the largest with
    P(Binomial(n, risk) <= k) <= delta, which is what the Clopper-Pearson bound asks.

    >>> _chance_to_pass(np.array([20, 45]), np.array([0.0, 0.0]), 0.05, 0.1).tolist()
    [0.0, 1.0]
    """
    most = stats.binom.ppf(delta, n, risk)
    most = np.where(stats.binom.cdf(most, n, risk) <= delta, most, most - 1)
    return np.where((most >= 0) & (n > 0), stats.binom.cdf(most, n, p), 0.0)
