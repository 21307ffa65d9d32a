"""Does an annotator contradict an earlier judgement of the same pair?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from workbench.dataset.annotation_set import AnnotationSet
from workbench.estimates import Estimate, Finite
from workbench.reversals.judgements import PairJudgements, pair_judgements
from workbench.reversals.rates import Occasions, OccasionSums, rate

CASES_KEPT = 1_000
"""Contradictory groups listed with their rows; their number is always given."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Within(Finite):
    r"""Repeated judgements of a pair by one annotator.

    Attributes
    ----------
    groups : (annotator, pair) with two labelled judgements or more.
    decisive : groups with two judgements or more that are no ties.
    contradictory : groups in which each response was chosen at least once.
    changed : groups whose judgements are not all the same: contradictory ones, and those with a tie and a choice.
    rate : contradictory / decisive.
    same_order, swapped, unknown_order : how often the choice of two successive judgements differs, ties left out, where
        both were shown in the same order, in opposite orders, or where an order is not known.
    tie_flips : how often one of two successive judgements is a tie and the other is not.
    flips_per_judgement : $(1 - \sqrt{1 - 2R}) / 2$ with R the same-order rate: the chance that a single judgement is
        the wrong way round, were each flipped independently; None where R is unknown or above one half.
    cases : one row a contradictory group: `annotator`, `pair_id`, `item_ids`, `choices` (labels in time order, as if
        every item showed the responses on the sides of the pair's first item: opposite choices are opposite labels);
        the first `CASES_KEPT` of them.
    """

    groups: int
    decisive: int
    contradictory: int
    changed: int
    rate: Estimate
    same_order: Estimate
    swapped: Estimate
    unknown_order: Estimate
    tie_flips: Estimate
    flips_per_judgement: float | None
    cases: pd.DataFrame

    def to_dict(self) -> dict[str, object]:
        """As the command line prints it."""
        estimates = {
            name: getattr(self, name).to_dict() for name in ("same_order", "swapped", "unknown_order", "tie_flips")
        }
        counts = {
            "groups": self.groups,
            "decisive": self.decisive,
            "contradictory": self.contradictory,
            "changed": self.changed,
            "rate": self.rate.value,
        }
        return {**counts, "interval": self.rate.to_dict(), **estimates, "flips_per_judgement": self.flips_per_judgement}


def within_annotator(data: AnnotationSet, judgements: PairJudgements | None = None) -> Within:
    """How often does an annotator, shown a pair again, choose the other response?

    Items that show the same two responses, in either order, are the same pair.

    Parameters
    ----------
    judgements : of `pair_judgements(data)`, where it is at hand already.
    """
    found = judgements or pair_judgements(data)
    seen = repeated_judgements(found)
    return within_of(seen, _cases(data, found, seen.listed))


@dataclass(frozen=True, eq=False, kw_only=True)
class Repeated:
    """What became of pairs judged again; all but `listed` adds up over parts of the data.

    Attributes
    ----------
    groups, decisive, contradictory, changed : as of `Within`.
    rates : name -> sums of the occasions: `rate`, `same_order`, `swapped`, `unknown_order`, `tie_flips`.
    listed : int64: judgements of the first `CASES_KEPT` contradictory groups.
    """

    groups: int
    decisive: int
    contradictory: int
    changed: int
    rates: Mapping[str, OccasionSums]
    listed: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int64))


def repeated_judgements(found: PairJudgements) -> Repeated:
    """Counts what became of pairs that an annotator judged again."""
    sign, cell = found.sign[found.again], found.cell[found.again]
    start = np.flatnonzero(np.diff(cell, prepend=-1))
    index = np.cumsum(np.diff(cell, prepend=-1) != 0) - 1
    first, second, tied = (np.bincount(index[sign == s], minlength=len(start)) for s in (1, -1, 0))
    decisive, contradictory = first + second >= 2, (first > 0) & (second > 0)
    steps, one = successive(found), found.again[start][decisive]
    occasions = {
        "rate": Occasions(contradictory[decisive], found.prompt[one], found.annotator[one], found.unit),
        "same_order": steps.flips("same"),
        "swapped": steps.flips("swapped"),
        "unknown_order": steps.flips("unknown"),
        "tie_flips": steps.tie_flips(),
    }
    return Repeated(
        groups=len(start),
        decisive=int(decisive.sum()),
        contradictory=int(contradictory.sum()),
        changed=int((contradictory | ((tied > 0) & (first + second > 0))).sum()),
        rates={name: each.sums for name, each in occasions.items()},
        listed=found.again[contradictory[index] & (np.cumsum(contradictory)[index] <= CASES_KEPT)],
    )


RATES = {
    "rate": ("pairs judged twice with opposite choices", "no annotator judged a pair twice"),
    "same_order": ("reversals, same order", "no annotator judged a pair twice in the same order"),
    "swapped": ("reversals, order swapped", "no annotator judged a pair in both orders"),
    "unknown_order": ("reversals, order unknown", "every repeat has a known order"),
    "tie_flips": ("tie flips", "no annotator judged a pair twice"),
}
"""Rate of `Within` -> its name, and why there is none where nothing was seen."""


def within_of(seen: Repeated, cases: pd.DataFrame) -> Within:
    """The rates with their intervals, from the counts."""
    made = {name: rate(title, seen.rates[name], nothing) for name, (title, nothing) in RATES.items()}
    return Within(
        groups=seen.groups,
        decisive=seen.decisive,
        contradictory=seen.contradictory,
        changed=seen.changed,
        flips_per_judgement=flip_probability(made["same_order"].value),
        cases=cases,
        **made,
    )


def flip_probability(differs: float | None) -> float | None:
    r"""Chance that one judgement is flipped, from the chance R that two differ: $R = 2 q (1 - q)$, so $q = (1 - \sqrt{1
    - 2 R}) / 2$.

    >>> round(flip_probability(0.20), 4)
    0.1127
    """
    if differs is None or differs > 0.5:
        return None
    return (1 - (1 - 2 * differs) ** 0.5) / 2


@dataclass(frozen=True, eq=False, kw_only=True)
class Successive:
    """Each judgement beside the same annotator's next one of the same pair."""

    sign: np.ndarray
    next_sign: np.ndarray
    first: np.ndarray
    next_first: np.ndarray
    prompt: np.ndarray
    annotator: np.ndarray
    unit: str

    def flips(self, order: str) -> Occasions:
        """Whether the choice differs, ties left out, for `same`, `swapped` or `unknown` order of the two showings."""
        known = (self.first != 0) & (self.next_first != 0)
        wanted = {
            "same": known & (self.first == self.next_first),
            "swapped": known & (self.first != self.next_first),
            "unknown": ~known,
        }[order]
        used = wanted & (self.sign != 0) & (self.next_sign != 0)
        return Occasions((self.sign != self.next_sign)[used], self.prompt[used], self.annotator[used], self.unit)

    def tie_flips(self) -> Occasions:
        """Whether exactly one of the two is a tie."""
        return Occasions((self.sign == 0) != (self.next_sign == 0), self.prompt, self.annotator, self.unit)


def successive(found: PairJudgements) -> Successive:
    """All pairs of successive judgements of one annotator on one pair."""
    one, two = found.again[:-1], found.again[1:]
    same = found.cell[one] == found.cell[two]
    one, two = one[same], two[same]
    return Successive(
        sign=found.sign[one],
        next_sign=found.sign[two],
        first=found.first[one],
        next_first=found.first[two],
        prompt=found.prompt[one],
        annotator=found.annotator[one],
        unit=found.unit,
    )


def _cases(data: AnnotationSet, found: PairJudgements, listed: np.ndarray) -> pd.DataFrame:
    readable = data.rows(found.row[listed])
    readable["pair_id"] = np.asarray(found.pair_ids[found.pair[listed]], object)
    given = data.annotations[["item", "label"]].iloc[found.row[listed]]
    turned = data.items["pair_flipped"].to_numpy()[given["item"].to_numpy()]
    label = given["label"].to_numpy()
    readable["choice"] = np.array(data.scale.labels, object)[np.where(turned, data.scale.flip(label), label)]
    grouped = readable.groupby(["annotator", "pair_id"], sort=False)
    joined = {
        "item_ids": grouped["item_id"].agg(lambda v: ", ".join(dict.fromkeys(v))),
        "choices": grouped["choice"].agg(", ".join),
    }
    return pd.DataFrame(joined).reset_index()
