r"""How well could a perfect model do against these labels, and how well does a person?

Labels are wrong now and then, so that no model can agree with all of them. If each label names the better side with
probability $p$, independently, two of them agree with probability $a = p^2 + (1 - p)^2$, and so $p = (1 + \sqrt{2a -
1}) / 2$. Against single labels $p$ is the ceiling; against the majority of $k$ labels it is the probability that the
majority is right. Items differ in how hard they are: $a$ then gives the root mean square of $2p - 1$, at least its
mean, so that the ceiling is rather stated too high than too low.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
from scipy import stats

from workbench.dataset.annotation_set import AnnotationSet
from workbench.dataset.scales import NULL
from workbench.estimates import Estimate, Finite, Interval
from workbench.reward.ranking import clustered_share


@dataclass(frozen=True, kw_only=True)
class HumanCeiling(Finite):
    """What people's labels allow, on the side alone; labels that prefer neither side are left out.

    Attributes
    ----------
    agreement : how often two labels of an item name the same side, *a*.
    single : how often one label names the better side, *p*.
    majority : how often the majority of as many labels as the items have does.
    one_person : how often one label agrees with the majority of the others on the item (leave one annotator out).
    against_gold : how often one label agrees with the gold.
    labels_per_item : mean number of labels that name a side, on items with any.
    kinds : kinds of annotators the labels are from: human, expert, ai.
    """

    agreement: Estimate
    single: Estimate
    majority: Estimate
    one_person: Estimate
    against_gold: Estimate
    labels_per_item: float
    kinds: tuple[str, ...] = ("human",)

    @property
    def by_machines(self) -> bool:
        """Whether all labels are those of AI annotators, so that nothing is known of people."""
        return set(self.kinds) == {"ai"}

    def against(self, labels: str) -> Estimate:
        """What to hold a model against that is judged by labels of this source: the highest accuracy that could be
        expected.

        Against gold no ceiling follows from people's agreement; it is how often one person finds the gold's side.
        """
        if labels == "gold":
            return self.against_gold
        return self.single if labels == "raw" else self.majority

    def to_dict(self) -> dict[str, object]:
        """As JSON has it."""
        named = {
            name: getattr(self, name).to_dict()
            for name in ("agreement", "single", "majority", "one_person", "against_gold")
        }
        return {**named, "labels_per_item": self.labels_per_item, "kinds": list(self.kinds)}


def human_ceiling(data: AnnotationSet, items: np.ndarray | None = None) -> HumanCeiling:
    """How far do people agree on which side is better, and what does that allow a model to reach?

    Parameters
    ----------
    items : positions of the items that count, such as those held out; all by default.

    Examples
    --------
    Two of three pairs of labels agree: p is (1 + sqrt(1/3)) / 2.

    >>> import pandas as pd
    >>> from workbench.dataset.assembly import Export, assemble
    >>> shown = pd.DataFrame({"item_id": list("112233")})
    >>> rows = pd.DataFrame({"annotator": list("klklkl"), "label": list("AAABBB")})
    >>> found = human_ceiling(assemble([Export(items=shown, rows=rows, source="t", format="t", sides=True)]))
    >>> round(found.agreement.value, 3), round(found.single.value, 3)
    (0.667, 0.789)
    """
    codes, direction = data.codes, data.scale.direction_table()
    last = int(direction[:-1].max(initial=0))
    side = direction[codes.label]
    used = (side == 0) | (side == last)
    if items is not None:
        wanted = np.zeros(len(data.items), bool)
        wanted[items] = True
        used &= wanted[codes.item]
    item, for_a = codes.item[used].astype(np.int64), (side[used] == 0).astype(float)
    n = np.bincount(item, minlength=len(data.items)).astype(float)
    a = np.bincount(item, weights=for_a, minlength=len(data.items))
    group = data.group_codes if data.group_codes is not None else np.arange(len(data.items))
    several = n >= 2
    with np.errstate(invalid="ignore", divide="ignore"):
        agree = np.where(several, (a * (a - 1) + (n - a) * (n - a - 1)) / (n * (n - 1)), np.nan)
    agreement = clustered_share(agree[n > 0], group[n > 0], "Two labels name the same side")
    if agreement.value is None:
        agreement = Estimate(
            name=agreement.name,
            value=None,
            n_set_aside=int((n == 1).sum()),
            reason="no item has two labels that name a side",
        )
    others_a, others = a[item] - for_a, n[item] - 1
    leads = np.sign(2 * others_a - others)
    alone = np.where(others > 0, (1 + np.where(for_a > 0, 1, -1) * leads) / 2, np.nan)
    one = clustered_share(alone, group[item], "One label agrees with the majority of the others")
    if one.value is None:
        one = Estimate(
            name=one.name, value=None, n_set_aside=one.n_set_aside, reason="no item has two labels that name a side"
        )
    gold_side = direction[data.gold][item]
    on_gold = np.where((gold_side == 0) | (gold_side == last), (gold_side == 0) == (for_a > 0), np.nan) * np.where(
        data.gold[item] == NULL, np.nan, 1.0
    )
    gold = clustered_share(on_gold, group[item], "One label names the gold's side")
    if gold.value is None:
        gold = Estimate(name=gold.name, value=None, reason="no item has both a gold label and a judgement")
    elif codes.n_annotators == 1 and gold.value == 1.0:
        # A set published with its gold alone: its one "annotator" is that gold.
        gold = Estimate(
            name=gold.name, value=None, n_set_aside=gold.n, reason="the only labels are those of the gold itself"
        )
    with_labels = n[n > 0]
    single = _mapped(agreement, "One label names the better side", accuracy_of_agreement)
    majority = _mapped(
        agreement,
        "The majority names the better side",
        lambda x: majority_accuracy(accuracy_of_agreement(x), with_labels),
    )
    of_labels = data.annotators["kind"].to_numpy(object)[np.unique(codes.annotator[used])]
    kinds = tuple(sorted({"human" if kind is None or kind != kind else str(kind) for kind in of_labels})) or ("human",)
    mean = float(with_labels.mean()) if len(with_labels) else 0.0
    return HumanCeiling(
        agreement=agreement,
        single=single,
        majority=majority,
        one_person=one,
        against_gold=gold,
        labels_per_item=mean,
        kinds=kinds,
    )


def accuracy_of_agreement(agreement: float) -> float:
    """How often one label is right where two agree so often; one half where they agree no more than two coins.

    >>> accuracy_of_agreement(0.68), accuracy_of_agreement(0.4)
    (0.8, 0.5)
    """
    return round((1 + math.sqrt(max(2 * agreement - 1, 0.0))) / 2, 12)


def majority_accuracy(p: float, labels: np.ndarray) -> float:
    """How often the majority is right, on average over items with so many labels of accuracy p; a tie is right half of
    the time.

    >>> round(majority_accuracy(0.8, np.array([3.0])), 3), majority_accuracy(0.8, np.array([2.0]))
    (0.896, 0.8)
    """
    sizes, counts = np.unique(np.asarray(labels, int), return_counts=True)
    right = [
        float(stats.binom.sf(k / 2, k, p) + (0.5 * stats.binom.pmf(k / 2, k, p) if k % 2 == 0 else 0.0)) for k in sizes
    ]
    return round(float(np.average(right, weights=counts)), 12)


def _mapped(agreement: Estimate, name: str, function: Callable[[float], float]) -> Estimate:
    """The same estimate on another scale; the function never decreases, so that it may be applied to the bounds."""
    if agreement.value is None:
        return Estimate(name=name, value=None, n_set_aside=agreement.n_set_aside, reason=agreement.reason)
    if agreement.value <= 0.5:
        return Estimate(
            name=name, value=None, n=agreement.n, reason="two labels agree no more often than two coins would"
        )
    at = agreement.same_crew
    interval = Interval(function(at.low), function(at.high), at.crew, at.method, at.level) if at else None
    return Estimate(
        name=name,
        value=function(agreement.value),
        same_crew=interval,
        new_crew=None,
        n=agreement.n,
        n_set_aside=agreement.n_set_aside,
        reason=None,
        interval_notes=agreement.interval_notes,
    )


@dataclass(frozen=True)
class AgainstEach:
    """How often a model ranks single labels as their annotators did.

    Attributes
    ----------
    by_kind : kind of annotator -> agreement with their labels.
    by_annotator : the same for each of the busiest annotators.
    """

    by_kind: Mapping[str, Estimate] = field(default_factory=dict)
    by_annotator: Mapping[str, Estimate] = field(default_factory=dict)

    def to_dict(self) -> dict[str, object]:
        """As JSON has it."""
        return {
            name: {key: e.to_dict() for key, e in getattr(self, name).items()} for name in ("by_kind", "by_annotator")
        }


def against_each(
    data: AnnotationSet, items: np.ndarray, margin: np.ndarray, most: int = 30, fewest: int = 20
) -> AgainstEach:
    """With whose labels does a model agree?

    Parameters
    ----------
    items, margin : positions of the items it was asked about (each once), and its margins.
    most, fewest : annotators listed, and labels that one needs to be listed.
    """
    codes, direction = data.codes, data.scale.direction_table()
    last = int(direction[:-1].max(initial=0))
    place = np.full(len(data.items), -1, np.int64)
    place[items] = np.arange(len(items))
    asked = np.flatnonzero((place[codes.item] >= 0) & np.isin(direction[codes.label], (0, last)))
    item, who = codes.item[asked], codes.annotator[asked]
    sign = np.where(direction[codes.label[asked]] == 0, 1.0, -1.0)
    hit = (1 + sign * np.sign(np.asarray(margin, float)[place[item]])) / 2
    group = (data.group_codes if data.group_codes is not None else np.arange(len(data.items)))[item]
    kind = data.annotators["kind"].to_numpy(object)[who]
    names = data.annotators["annotator"].to_numpy(object)
    count = np.bincount(who, minlength=len(names))
    busiest = [i for i in np.argsort(-count, kind="stable")[:most] if count[i] >= fewest]
    return AgainstEach(
        {str(k): clustered_share(hit[kind == k], group[kind == k], str(k)) for k in sorted(set(kind))},
        {str(names[i]): clustered_share(hit[who == i], group[who == i], str(names[i])) for i in busiest},
    )
