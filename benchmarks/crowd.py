"""Simulated crowds of the benchmarks: annotators of different accuracy who share an ordinal error shape.

An annotator gives the true one of five ordered labels with its own probability, drawn evenly from `accuracy`; its
errors fall on a label m steps away with a weight of `reach ** m`. Every label is equally common.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from workbench.dataset.annotation_set import AnnotationSet
from workbench.dataset.scales import LabelScale, categories
from workbench.dataset.texts import empty_texts


@dataclass(frozen=True, eq=False)
class Crowd:
    """Judgements sorted by item, and the truth of each item."""

    item: np.ndarray
    annotator: np.ndarray
    label: np.ndarray
    truth: np.ndarray
    annotators: int
    labels: int

    def data(self, scale: LabelScale | None = None) -> AnnotationSet:
        """The annotation set; its gold is the truth."""
        n = len(self.truth)
        ids = pd.array(np.arange(n).astype(str), dtype="str")
        rows = pd.DataFrame(
            {
                "item": self.item,
                "annotator": self.annotator,
                "label": self.label,
                "repeat": np.zeros(len(self.item), np.int16),
            }
        )
        people = pd.DataFrame({"annotator": [f"a{k}" for k in range(self.annotators)], "kind": "human"})
        return AnnotationSet(
            items=pd.DataFrame({"item_id": ids, "pair_id": ids}),
            annotators=people,
            annotations=rows,
            gold=self.truth,
            scale=scale or categories(range(self.labels)),
            texts=empty_texts(n),
        )


def crowd(
    items: int,
    annotators: int,
    per_item: int,
    *,
    labels: int = 5,
    accuracy: tuple[float, float] = (0.4, 0.9),
    reach: float = 0.4,
    seed: int = 0,
) -> Crowd:
    """A simulated crowd; the same seed gives the same one."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, labels, items).astype(np.int8)
    right = rng.uniform(*accuracy, annotators)
    steps = np.abs(np.subtract.outer(np.arange(labels), np.arange(labels)))
    errors = np.where(steps > 0, reach**steps, 0.0)
    errors /= errors.sum(1, keepdims=True)
    who = _distinct(items, annotators, per_item, rng)
    item = np.repeat(np.arange(items, dtype=np.int32), per_item)
    true = truth[item]
    wrong = (rng.random(len(item))[:, None] > errors[true].cumsum(1)).sum(1).clip(0, labels - 1)
    label = np.where(rng.random(len(item)) < right[who], true, wrong).astype(np.int8)
    return Crowd(item, who, label, truth, annotators, labels)


def _distinct(items: int, annotators: int, per_item: int, rng: np.random.Generator) -> np.ndarray:
    """Different annotators for each item: drawn anew where two are the same."""
    who = rng.integers(0, annotators, (items, per_item), dtype=np.int32)
    while True:
        ordered = np.sort(who, axis=1)
        again = np.flatnonzero((np.diff(ordered, axis=1) == 0).any(1))
        if len(again) == 0:
            return who.ravel()
        who[again] = rng.integers(0, annotators, (len(again), per_item), dtype=np.int32)
