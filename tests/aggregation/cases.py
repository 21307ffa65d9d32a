"""Annotation sets made in memory for the tests of aggregation."""

from __future__ import annotations

import numpy as np
import pandas as pd

from workbench.dataset.annotation_set import AnnotationSet
from workbench.dataset.scales import LabelScale, categories
from workbench.dataset.texts import empty_texts

# Dawid & Skene 1979, table 1: 45 patients, five anaesthetists; the first classified each patient three times.
ANAESTHESIA = (
    "111 1 1 1 1|333 4 3 3 4|112 2 1 2 2|222 3 1 2 1|222 3 2 2 2|222 3 3 2 2|122 2 1 1 1|333 3 4 3 3|222 2 2 2 3|232 2"
    " 2 2 3|444 4 4 4 4|222 3 3 4 3|111 1 1 1 1|222 3 2 1 2|121 1 1 1 1|111 2 1 1 1|111 1 1 1 1|111 1 1 1 1|222 2 2 2"
    " 1|222 1 3 2 2|222 2 2 2 2|222 2 2 2 1|222 3 2 2 2|221 2 2 2 2|111 1 1 1 1|111 1 1 1 1|232 2 2 2 2|111 1 1 1 1|111"
    " 1 1 1 1|112 1 1 2 1|111 1 1 1 1|333 3 2 3 3|111 1 1 1 1|222 2 2 2 2|222 3 2 3 2|433 4 3 4 3|221 2 2 3 2|232 3 2 3"
    " 3|333 3 4 3 2|111 1 1 1 1|111 1 1 1 1|121 2 1 1 1|232 2 2 2 2|121 1 1 1 1|222 2 2 2 2"
)


def judged(
    item: np.ndarray,
    annotator: np.ndarray,
    label: np.ndarray,
    scale: LabelScale,
    gold: np.ndarray | None = None,
    *,
    items: int | None = None,
    annotators: int | None = None,
    sides: np.ndarray | None = None,
    shown_first: np.ndarray | None = None,
) -> AnnotationSet:
    """An annotation set of these judgements, in this order; `sides` (n_items, 2) are keys of the two responses."""
    n = items if items is not None else int(np.max(item, initial=-1)) + 1
    crew = annotators if annotators is not None else int(np.max(annotator, initial=-1)) + 1
    table = pd.DataFrame({"item_id": [f"i{i}" for i in range(n)], "pair_id": [f"p{i}" for i in range(n)]})
    if sides is None:
        sides = np.arange(2 * n).reshape(n, 2) + 1
    table["prompt_key"] = np.zeros(n, np.uint64)
    table["key_a"], table["key_b"] = sides[:, 0].astype(np.uint64), sides[:, 1].astype(np.uint64)
    rows = pd.DataFrame(
        {
            "item": np.asarray(item, np.int32),
            "annotator": np.asarray(annotator, np.int32),
            "label": np.asarray(label, np.int8),
            "shown_first": np.full(len(item), -1, np.int8) if shown_first is None else np.asarray(shown_first, np.int8),
            "repeat": np.zeros(len(item), np.int16),
        }
    )
    known = np.full(n, -1, np.int8) if gold is None else np.asarray(gold, np.int8)
    people = pd.DataFrame({"annotator": [f"a{k}" for k in range(crew)], "kind": "human"})
    return AnnotationSet(
        items=table, annotators=people, annotations=rows, gold=known, scale=scale, texts=empty_texts(n)
    )


def anaesthesia(patient_7: str = "122") -> AnnotationSet:
    """The classic data; the public copies differ in the first anaesthetist's three classifications of patient 7."""
    patients = ANAESTHESIA.split("|")
    patients[6] = patients[6].replace("122", patient_7)
    rows = [(i, k, int(c) - 1) for i, row in enumerate(patients) for k, word in enumerate(row.split()) for c in word]
    item, annotator, label = np.array(rows).T
    return judged(item, annotator, label, categories([1, 2, 3, 4]))


def planted(
    seed: int = 0,
    items: int = 400,
    annotators: int = 12,
    per_item: int = 4,
    k: int = 3,
    scale: LabelScale | None = None,
    skill: tuple[float, float] = (0.55, 0.95),
) -> tuple[AnnotationSet, np.ndarray]:
    """Annotators with one accuracy each, errors falling more on neighbouring labels; and their accuracies. Gold is the
    truth."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, k, items)
    accuracy = rng.uniform(*skill, annotators)
    apart = np.abs(np.subtract.outer(np.arange(k), np.arange(k)))
    off = np.where(apart > 0, 0.5**apart, 0.0)
    off /= off.sum(1, keepdims=True)
    item = np.repeat(np.arange(items), per_item)
    who = rng.permuted(np.tile(np.arange(annotators), (items, 1)), axis=1)[:, :per_item].ravel()
    table = accuracy[who, None] * np.eye(k)[truth[item]] + (1 - accuracy[who, None]) * off[truth[item]]
    label = (rng.random(len(item))[:, None] > table.cumsum(1)).sum(1).clip(0, k - 1)
    return judged(item, who, label, scale or categories(range(k)), truth, annotators=annotators), accuracy
