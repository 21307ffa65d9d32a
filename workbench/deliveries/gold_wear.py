"""Gold that people have seen before is no test any more: how much of it comes again, and how much better it is done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from workbench.deliveries.delivery import Delivery, usual_kind
from workbench.estimates import Estimate, Interval
from workbench.statistics.jackknife import GROUPS, jackknife_interval


@dataclass(frozen=True, kw_only=True)
class GoldWear:
    """Gold of a delivery that its people had judged before.

    Attributes
    ----------
    answers, seen_before : judgements of gold items, and those by somebody who judged the same item in an earlier
        delivery.
    items, again : gold items, and those that were gold before.
    advantage : how much more often answers are right where the person saw the item before, with its interval.
    """

    answers: int
    seen_before: int
    items: int
    again: int
    advantage: Estimate

    def to_dict(self) -> dict[str, object]:
        """As the command line prints it."""
        return {
            "answers": self.answers,
            "seen_before": self.seen_before,
            "items": self.items,
            "again": self.again,
            "advantage": self.advantage.to_dict(),
        }


def gold_wear(before: Sequence[Delivery], now: Sequence[Delivery]) -> GoldWear:
    """How much of the gold was seen before by the one who answers, and does it show?"""
    seen: set[tuple[object, object]] = set()
    was_gold: set[object] = set()
    for d in before:
        codes = d.data.codes
        on_gold = d.gold_direction[codes.item] >= 0
        seen |= set(zip(d.people[codes.annotator[on_gold]], d.pair[codes.item[on_gold]], strict=True))
        was_gold |= set(d.pair[d.gold_direction >= 0])
    hits, of = np.zeros((GROUPS, 2)), np.zeros((GROUPS, 2))
    items = again = 0
    for d in now:
        codes = d.data.codes
        used = (d.gold_direction[codes.item] >= 0) & usual_kind(d)[codes.annotator]
        item, who = codes.item[used], codes.annotator[used]
        old = np.array([pair in seen for pair in zip(d.people[who], d.pair[item], strict=True)], int)
        cell = d.part[item] * 2 + old
        right = d.direction[used] == d.gold_direction[item]
        hits += np.bincount(cell, right, GROUPS * 2).reshape(GROUPS, 2)
        of += np.bincount(cell, minlength=GROUPS * 2).reshape(GROUPS, 2)
        golden = d.pair[d.gold_direction >= 0]
        items += len(golden)
        again += int(sum(pair in was_gold for pair in golden))
    return GoldWear(
        answers=int(of.sum()), seen_before=int(of[:, 1].sum()), items=items, again=again, advantage=_advantage(hits, of)
    )


def _advantage(hits: np.ndarray, of: np.ndarray) -> Estimate:
    name = "advantage on gold seen before"
    total, n = hits.sum(0), of.sum(0)
    if n.min() < 20:
        reason = "fewer than 20 answers to gold seen before, or to gold that was not"
        return Estimate(name=name, value=None, n=int(n[1]), reason=reason)
    with np.errstate(invalid="ignore", divide="ignore"):
        without = (total - hits) / (n - of)
    value = float(total[1] / n[1] - total[0] / n[0])
    low, high = jackknife_interval(value, without[:, 1] - without[:, 0])
    inside = Interval(low, high, "same crew", "delete-a-group jackknife over prompts") if np.isfinite(low) else None
    return Estimate(name=name, value=value, same_crew=inside, n=int(n[1]))
