"""One delivery of annotations: its data, and what is known about it beside them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd

from workbench.dataset.annotation_set import AnnotationSet
from workbench.dataset.scales import NULL
from workbench.statistics.jackknife import GROUPS


@dataclass(frozen=True, eq=False)
class Delivery:
    """What came at one time.

    Attributes
    ----------
    data : the annotations.
    name : what it is called.
    price : US dollars a label; None where it is not known.
    vendors : annotator id -> vendor; who is not named has none.
    """

    data: AnnotationSet
    name: str = ""
    price: float | None = None
    vendors: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def people(self) -> np.ndarray:
        """Ids of its annotators, in the order of the data: object (n_annotators,)."""
        return self.data.annotators["annotator"].to_numpy(object)

    @cached_property
    def pair(self) -> np.ndarray:
        """What tells that an item of another delivery is the same one: object (n_items,)."""
        return self.data.items["pair_id"].to_numpy(object)

    @cached_property
    def part(self) -> np.ndarray:
        """Which of the groups of the jackknife each item belongs to, by its content, whole prompts together.

        The same item has the same group in every delivery, so that the difference of two deliveries that share items is
        a paired one.
        """
        items, n = self.data.items, len(self.data.items)
        key = pd.util.hash_array(self.pair, categorize=False) if n else np.zeros(0, np.uint64)
        if "prompt_key" in items:
            prompt = items["prompt_key"].to_numpy().astype(np.uint64)
            if n and (prompt != prompt[0]).any():
                key = np.where(prompt == 0, key, pd.util.hash_array(prompt))
        clusters = self.data.group_codes
        if clusters is not None:
            least = np.full(int(clusters.max()) + 1, np.iinfo(np.uint64).max, np.uint64)
            np.minimum.at(least, clusters, key)
            key = least[clusters]
        return (key % np.uint64(GROUPS)).astype(np.int64)

    @cached_property
    def direction(self) -> np.ndarray:
        """Direction of each first judgement of `data.codes`."""
        return self.data.scale.direction_table()[:-1][self.data.codes.label].astype(np.int64)

    @cached_property
    def gold_direction(self) -> np.ndarray:
        """Direction of the gold of each item, -1 where there is none."""
        gold = self.data.gold.astype(int)
        return np.where(gold == NULL, -1, self.data.scale.direction_table()[gold]).astype(np.int64)

    @cached_property
    def is_ai(self) -> np.ndarray:
        """Which annotators are AI judges: bool (n_annotators,)."""
        return np.asarray(self.data.annotators["kind"].to_numpy() == "ai", bool)

    @cached_property
    def vendor(self) -> np.ndarray:
        """Vendor of each annotator, '' where none is known."""
        return np.array([self.vendors.get(str(who), "") for who in self.people], object)


def usual_kind(delivery: Delivery) -> np.ndarray:
    """Annotators whose judgements are the crew's: people, or everybody where there are none."""
    people = ~delivery.is_ai
    return people if people.any() else np.ones(len(people), bool)
