"""Which tier decides which item: thresholds certified on labelled items, then applied to the rest.

Half of the labelled items choose the thresholds, the other half test them once each, at delta shared out over the
tiers. So the items a later tier sees are fixed before its test, whatever the tests of the earlier ones say. A tier that
fails its test sends the items it would have decided to people, not on: on would change what the later tiers were tested
on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from workbench.judging.thresholds import Threshold, certified_threshold, risk_upper_bound

SURE_ENOUGH = 0.8
"""A threshold is put to the test where it would pass with this chance, by what the first half shows."""
PEOPLE = -1
"""Where an item goes that no tier decides."""


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
    thresholds : one a tier; value None = the tier failed its test, and where `wanted` is a number its items go to
        people.
    wanted : the threshold put to the test, None where none was worth it: the tier is then passed over.
    risk, delta : what is promised of all tiers together.
    """

    thresholds: tuple[Threshold, ...]
    wanted: tuple[float | None, ...]
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
    wanted: list[float | None] = []
    for place, tier in enumerate(tiers):
        on_choose, on_test = (_asked(tier, part) for part in (choose, test))
        start = _worth_testing(tier, truth, on_choose, len(on_test), risk, share)
        wanted.append(start)
        if start is None:
            reason = "by the half that chooses, no confidence keeps the promised risk on enough items: passed over"
            found.append(Threshold(value=None, n=len(on_test), risk=risk, delta=share, reason=reason))
            continue
        last = place == len(tiers) - 1
        found.append(_tested(tier, truth, on_test, start, risk, share, downwards=last))
        choose, test = (part[~_decides(tier, part, start)] for part in (choose, test))
    return Rule(tuple(found), tuple(wanted), risk, delta)


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
    for place, (tier, threshold, wanted) in enumerate(zip(tiers, rule.thresholds, rule.wanted, strict=True)):
        if wanted is None:
            continue
        level = wanted if threshold.value is None else threshold.value
        taken = open_items & _decides(tier, items, level)
        if threshold.value is not None:
            where[taken] = place
        open_items &= ~taken
    return where


def asked_of(rule: Rule, tiers: Sequence[Verdicts], items: np.ndarray) -> list[np.ndarray]:
    """Which items each tier's judge has to be asked about: those that no earlier tier took."""
    open_items = np.ones(len(items), bool)
    asked = []
    for tier, threshold, wanted in zip(tiers, rule.thresholds, rule.wanted, strict=True):
        asked.append(np.zeros(len(items), bool) if wanted is None else open_items.copy())
        if wanted is not None:
            open_items &= ~_decides(tier, items, wanted if threshold.value is None else threshold.value)
    return asked


def _asked(tier: Verdicts, items: np.ndarray) -> np.ndarray:
    return items[np.isfinite(tier.confidence[items])]


def _decides(tier: Verdicts, items: np.ndarray, level: float) -> np.ndarray:
    with np.errstate(invalid="ignore"):
        return np.asarray(tier.confidence[items] >= level)


def _worth_testing(
    tier: Verdicts, truth: np.ndarray, items: np.ndarray, n_test: int, risk: float, delta: float
) -> float | None:
    """The lowest confidence that would pass a test of the other half with chance `SURE_ENOUGH`; None where none
    would.
    """
    if len(items) == 0:
        return None
    order = items[np.argsort(-tier.confidence[items], kind="stable")]
    sure, wrong = tier.confidence[order], np.cumsum(tier.said[order] != truth[order])
    last = np.flatnonzero(np.append(sure[1:] != sure[:-1], True))
    n, k = last + 1, wrong[last]
    expected = np.floor(n * n_test / len(items)).astype(np.int64)
    good = np.flatnonzero(_chance_to_pass(expected, (k + 0.5) / (n + 1), risk, delta) >= SURE_ENOUGH)
    return float(sure[last[good[-1]]]) if len(good) else None


def _chance_to_pass(n: np.ndarray, p: np.ndarray, risk: float, delta: float) -> np.ndarray:
    """Chance that a test on n items with a share p of errors certifies the risk: at most k errors, the largest with
    P(Binomial(n, risk) <= k) <= delta, which is what the Clopper-Pearson bound asks.

    >>> _chance_to_pass(np.array([20, 45]), np.array([0.0, 0.0]), 0.05, 0.1).tolist()
    [0.0, 1.0]
    """
    most = stats.binom.ppf(delta, n, risk)
    most = np.where(stats.binom.cdf(most, n, risk) <= delta, most, most - 1)
    return np.where((most >= 0) & (n > 0), stats.binom.cdf(most, n, p), 0.0)


def _tested(
    tier: Verdicts, truth: np.ndarray, items: np.ndarray, start: float, risk: float, delta: float, *, downwards: bool
) -> Threshold:
    right = tier.said[items] == truth[items]
    if downwards:
        return certified_threshold(tier.confidence[items], right, risk=risk, delta=delta, start=start)
    above = _decides(tier, items, start)
    n, wrong = int(above.sum()), int((~right[above]).sum())
    bound = float(risk_upper_bound(wrong, n, delta)) if n else 1.0
    coverage = n / max(len(items), 1)
    if bound <= risk:
        return Threshold(
            value=start, n=n, wrong=wrong, upper_bound=bound, risk=risk, delta=delta, coverage=coverage, tested=1
        )
    reason = (
        f"{wrong} wrong of {n} at or above {start:.3f}: the risk may be as high as {bound:.1%}; its items go to people"
    )
    return Threshold(value=None, n=n, wrong=wrong, upper_bound=bound, risk=risk, delta=delta, tested=1, reason=reason)
