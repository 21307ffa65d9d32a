"""What a plan buys: so many items, so many labels of each, from whom; drawn from the judgements there are, and priced
by the cost model.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from workbench.dataset.annotation_set import AnnotationSet
from workbench.errors import WorkbenchError

if TYPE_CHECKING:
    from workbench.economics.scenario import Scenario

EVERYBODY = "everybody"


@dataclass(frozen=True)
class Mix:
    """Who labels: shares of the items by kind of annotator.

    Attributes
    ----------
    shares : (kind, share of the items), the shares adding up to 1. `everybody` draws from all annotators, priced as
        people.

    >>> Mix.parse("human 0.5 + ai 0.5").name, Mix.parse("human 70% + ai 30%").shares
    ('human 50% + ai 50%', (('human', 0.7), ('ai', 0.3)))
    """

    shares: tuple[tuple[str, float], ...]

    @property
    def name(self) -> str:
        """As people read it."""
        return " + ".join(kind if share == 1 else f"{kind} {share:.0%}" for kind, share in self.shares)

    @classmethod
    def parse(cls, text: str) -> Mix:
        """From `human`, `human 0.7 + ai 0.3` or `human 70% + ai 30%`.

        Raises
        ------
        WorkbenchError
            It is not such a text, or the shares do not add up to 1.
        """
        parts, shown, example = [], " ".join(text.split())[:60], "Write for example: human 0.7 + ai 0.3."
        for each in text.split("+"):
            kind, _, share = each.strip().partition(" ")
            try:
                parts.append((kind, float(share.rstrip("% ")) / (100 if share.endswith("%") else 1) if share else 1.0))
            except ValueError:
                raise WorkbenchError(f"{shown!r} is not a mix of annotators.", example) from None
        if not all(kind for kind, _ in parts):
            raise WorkbenchError(f"{shown!r} names no kind of annotator.", example)
        if not all(share > 0 for _, share in parts) or not abs(sum(share for _, share in parts) - 1) <= 1e-6:
            raise WorkbenchError(f"The shares of {shown!r} do not add up to 1.", example)
        if len({kind for kind, _ in parts}) < len(parts):
            raise WorkbenchError(f"{shown!r} names a kind of annotator twice.", example)
        return cls(tuple(parts))


@dataclass(frozen=True, eq=False)
class Counter:
    """Judgements in the order in which they would be bought: items in random order, and the judgements of each kind of
    an item in random order.

    Attributes
    ----------
    items : int64: items with enough judgements of every kind, in the order in which plans open them.
    kind_of_item : object (items,): which kind of annotator judges it under the mix.
    rank : int64 (n,): for each of `data.codes`, its place among the judgements of its item by the same kind; -1 = never
        bought.
    """

    data: AnnotationSet
    items: np.ndarray
    kind_of_item: np.ndarray
    rank: np.ndarray

    def bought(self, items: int, labels: int) -> tuple[AnnotationSet, int]:
        """The data of a plan that buys `labels` judgements of each of the first `items` items, and how many judgements
        these are.
        """
        opened = np.zeros(len(self.data.items), bool)
        opened[self.items[:items]] = True
        codes = self.data.codes
        taken = opened[codes.item] & (self.rank >= 0) & (self.rank < labels)
        stays = np.zeros(len(self.data.annotations), bool)
        stays[codes.row[taken]] = True
        return self.data.keep_annotations(stays, "not bought"), int(taken.sum())


def counter(data: AnnotationSet, items: np.ndarray, mix: Mix, most_labels: int, rng: np.random.Generator) -> Counter:
    """Puts the judgements of some items into the order in which plans buy them.

    The order of the items, and of the judgements of an item, is the same for every plan of a seed: a plan that buys
    more buys what the smaller one bought, and something besides. Items with fewer than `most_labels` judgements by the
    kind that is to judge them are left out of all plans.

    Parameters
    ----------
    items : positions of the items that may be bought.
    most_labels : the most labels of an item that any plan buys.
    """
    codes = data.codes
    kinds = data.annotators["kind"].to_numpy(object)[codes.annotator]
    order = np.random.default_rng(rng.integers(1 << 62)).permutation(items)
    lots = rng.random(len(data.items))
    turns = rng.random(len(codes))
    edges = np.cumsum([share for _, share in mix.shares])
    which = np.minimum(np.searchsorted(edges, lots[order], side="right"), len(mix.shares) - 1)
    wanted = np.array([kind for kind, _ in mix.shares], object)[which]
    kind_of = np.full(len(data.items), "", object)
    kind_of[order] = wanted
    mine = (kind_of[codes.item] == EVERYBODY) | (kind_of[codes.item] == kinds)
    rank = np.full(len(codes), -1, np.int64)
    rows = np.flatnonzero(mine)
    rows = rows[np.lexsort((turns[rows], codes.item[rows]))]
    size = np.bincount(codes.item[rows], minlength=len(data.items))
    rank[rows] = np.arange(len(rows)) - np.repeat(np.cumsum(size) - size, size)
    enough = size[order] >= most_labels
    return Counter(data, order[enough], wanted[enough], rank)


def dollars(scenario: Scenario, mix: Mix, items: int, labels: int) -> float:
    """What a plan costs by the cost model: every judgement bought is paid, whether cleaning keeps it or not.

    People are priced by the scenario's price or wage, experts by its price of an expert label, AI judges by its price
    of a judgement, `labels` judges an item. Gold, rejects, fees and fixed cost are the scenario's; what is paid once is
    counted once.

    >>> from workbench.economics.scenario import preset
    >>> dollars(preset("human-1.50"), Mix.parse("human"), 1_000, 2)
    3000.0
    """
    from workbench.economics.model import outcome

    total = 0.0
    for place, (kind, share) in enumerate(mix.shares):
        priced = scenario.with_values(priced_as(kind, labels, scenario))
        if place:
            priced = priced.with_values(fixed_cost=0.0, gold_items=0.0, audit_items=0.0)
        total += float(outcome(priced, items * share).total)
    return total


def priced_as(kind: str, labels: int, scenario: Scenario) -> Mapping[str, float | str]:
    """The inputs of the cost model that stand for labels by one kind of annotator."""
    plain: dict[str, float | str] = {
        "unusable_share": 0.0,
        "check_share": 0.0,
        "labels_per_item": float(labels),
        "escalated_share": 1.0,
        "ai_judges": 0.0,
    }
    if kind == "ai":
        # Nobody else labels these items: the scenario's one label per item is kept, since 0 cannot be asked for, and no
        # item goes to people.
        return {
            **plain,
            "labels_per_item": 1.0,
            "escalated_share": 0.0,
            "ai_judges": float(labels),
            "gold_share": 0.0,
            "rejected_share": 0.0,
        }
    if kind == "expert":
        return {**plain, "pay": "label", "label_price": scenario["expert_price"]}
    return plain


def mixes_in(data: AnnotationSet) -> list[str]:
    """Mixes to offer for a data set: each kind of annotator alone, and parts of the two with most judgements, as
    `Mix.parse` reads them.

    >>> from workbench.simulation.simulate import simulate
    >>> mixes_in(simulate(2_000, judges=2, texts=False).data)
    ['human', 'ai', 'human 50% + ai 50%', 'human 70% + ai 30%', 'human 30% + ai 70%']
    """
    kinds = kinds_in(data)
    shares = ((0.5, 0.5), (0.7, 0.3), (0.3, 0.7)) if len(kinds) > 1 else ()
    return [*kinds, *(Mix(((kinds[0], a), (kinds[1], b))).name for a, b in shares)]


def kinds_in(data: AnnotationSet) -> list[str]:
    """Kinds of annotators with a judgement, most judgements first."""
    found = data.annotators["kind"].to_numpy(object)[data.codes.annotator]
    names, counts = np.unique(found.astype(str), return_counts=True)
    return [str(n) for n in names[np.argsort(-counts, kind="stable")]]
