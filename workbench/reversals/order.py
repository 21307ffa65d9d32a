"""Does the position of a response sway the choice?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from workbench.dataset.annotation_set import AnnotationSet
from workbench.estimates import Estimate, Finite
from workbench.reversals.judgements import PairJudgements, pair_judgements
from workbench.reversals.rates import Occasions, OccasionSums, rate
from workbench.reversals.within import Successive, successive


@dataclass(frozen=True, eq=False, kw_only=True)
class OrderEffect(Finite):
    """What position does to choices.

    Attributes
    ----------
    first_position : share of decisive choices with a known position that took the response shown first.
    groups : times an annotator judged a pair in both orders, without a tie.
    inconsistent : of these, how often the content chosen differs.
    always_first, always_second : inconsistent ones that took the first place both times, or the second.
    p_value : two-sided. Exact McNemar test of always_first against always_second where pairs were shown in both orders;
        else a test of the first-position rate against one half that allows for prompts and annotators as clusters.
    test : which of the two it is; None where there is neither.
    by_annotator : `annotator`, `n`, `first_position_rate`, `p_value` (exact binomial).
    """

    first_position: Estimate
    groups: int
    inconsistent: int
    always_first: int
    always_second: int
    p_value: float | None
    test: str | None
    by_annotator: pd.DataFrame

    def to_dict(self) -> dict[str, object]:
        """As the command line prints it."""
        counts = {
            name: getattr(self, name)
            for name in ("groups", "inconsistent", "always_first", "always_second", "p_value", "test")
        }
        return {
            **counts,
            "first_position_rate": self.first_position.value,
            "first_position": self.first_position.to_dict(),
        }


def order_effect(data: AnnotationSet, judgements: PairJudgements | None = None) -> OrderEffect:
    """Is the response shown first chosen for being first?

    Where each pair was judged in both orders by the same annotator, content cancels and the test is McNemar's. Where
    sides were randomised but not repeated, a rate away from one half says the same of the whole. Where sides were not
    randomised, the rate mixes position with content and says nothing by itself.
    """
    found = judgements or pair_judgements(data)
    counted = (found.sign != 0) & (found.first != 0)
    chose_first = (found.sign == found.first)[counted]
    occasions = Occasions(chose_first, found.prompt[counted], found.annotator[counted], found.unit)
    return order_effect_of(occasions.sums, *both_orders(successive(found)), data.annotators["annotator"].to_numpy())


def both_orders(steps: Successive) -> tuple[int, int, int]:
    """How often an annotator judged a pair in both orders, how often the content chosen differs, and of these how often
    the first place was taken both times.
    """
    swapped = (steps.sign != 0) & (steps.next_sign != 0) & (steps.first * steps.next_first == -1)
    inconsistent = swapped & (steps.sign != steps.next_sign)
    return int(swapped.sum()), int(inconsistent.sum()), int((inconsistent & (steps.sign == steps.first)).sum())


def order_effect_of(
    occasions: OccasionSums, groups: int, inconsistent: int, always_first: int, names: np.ndarray
) -> OrderEffect:
    """The effect, given how often the first place was chosen, and what came of pairs judged in both orders.

    Parameters
    ----------
    groups, inconsistent, always_first : of `both_orders`.
    names : ids of the annotators by position.
    """
    always_second = inconsistent - always_first
    p_value, test = _test(always_first, always_second, occasions)
    return OrderEffect(
        first_position=rate("first-position rate", occasions, "the export does not say which response was shown first"),
        groups=groups,
        inconsistent=inconsistent,
        always_first=always_first,
        always_second=always_second,
        p_value=p_value,
        test=test,
        by_annotator=_by_annotator(names, occasions),
    )


def _test(always_first: int, always_second: int, occasions: OccasionSums) -> tuple[float | None, str | None]:
    if always_first + always_second:
        return (
            float(stats.binomtest(always_first, always_first + always_second).pvalue),
            "exact McNemar, pairs in both orders",
        )
    if len(occasions) < 2 or occasions.rate in (0.0, 1.0):
        return None, None
    _, variance = occasions.variances()
    df = occasions.degrees()[1]
    if variance <= 0 or min(occasions.clusters()) < 2:
        return None, None
    return (
        float(2 * stats.t.sf(abs(occasions.rate - 0.5) / variance**0.5, max(df, 1.0))),
        "first-position rate against one half, two-way clustered",
    )


def _by_annotator(names: np.ndarray, occasions: OccasionSums) -> pd.DataFrame:
    n, first = occasions.people_n, occasions.people_h
    seen = np.flatnonzero(n)
    return pd.DataFrame(
        {
            "annotator": names[seen],
            "n": n[seen],
            "first_position_rate": first[seen] / n[seen],
            # Two-sided exact binomial against one half: twice the smaller tail.
            "p_value": np.minimum(2 * stats.binom.cdf(np.minimum(first, n - first)[seen], n[seen], 0.5), 1.0),
        }
    )
