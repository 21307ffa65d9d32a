"""Crews whose accuracy is known, over common and rare labels: what the benchmarks of the annotators draw from.

Truth has a share `common` of its commonest direction. An annotator is right on the direction in its own share of the
items. Errors are *even* (every item is as hard) or *graded*: what is judged is a difference in quality, and an
annotator perceives it with noise of its own, so that errors lie on close items. Over categories errors are even.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.special import expit, logit

sys.path.append(str(Path(__file__).resolve().parents[1]))

from workbench.dataset.annotation_set import AnnotationSet
from workbench.dataset.scales import BINARY, FIVE, FOUR, TERNARY, LabelScale, categories
from workbench.dataset.texts import empty_texts

SCALES: dict[str, LabelScale] = {
    "A B": BINARY,
    "A = B": TERNARY,
    "four": FOUR,
    "five": FIVE,
    "2 classes": categories(range(2)),
    "4 classes": categories(range(4)),
}
TIES, STRONG = 0.1, 0.4
_SKILL_SPREAD = 0.4


@dataclass(frozen=True)
class World:
    """What kind of data a crew makes.

    Attributes
    ----------
    scale : one of `SCALES`.
    common : share of the commonest direction among the right labels that are no ties.
    accuracy : of the middle annotator, on the direction.
    graded : errors lie on close items.
    gold : share of the items with gold.
    annotators, each, votes : how many there are, labels of each, and labels an item.
    """

    scale: str = "A B"
    common: float = 0.5
    accuracy: float = 0.9
    graded: bool = False
    gold: float = 0.0
    annotators: int = 60
    each: int = 100
    votes: int = 3


@dataclass(frozen=True, eq=False)
class Crowd:
    """Judgements sorted by item, the truth, and how often each annotator is right."""

    world: World
    item: np.ndarray
    annotator: np.ndarray
    label: np.ndarray
    truth: np.ndarray
    gold: np.ndarray
    accuracy: np.ndarray
    columns: dict[str, np.ndarray] = field(default_factory=dict)
    item_columns: dict[str, np.ndarray] = field(default_factory=dict)

    @property
    def scale(self) -> LabelScale:
        return SCALES[self.world.scale]

    def data(self) -> AnnotationSet:
        """The annotation set."""
        n = len(self.truth)
        ids = pd.array(np.arange(n).astype(str), dtype="str")
        rows = pd.DataFrame(
            {
                "item": self.item.astype(np.int32),
                "annotator": self.annotator.astype(np.int32),
                "label": self.label.astype(np.int8),
                "repeat": np.zeros(len(self.item), np.int16),
                "shown_first": np.full(len(self.item), -1, np.int8),
                "seconds": np.full(len(self.item), np.nan, np.float32),
                "ended_at": np.full(len(self.item), np.datetime64("NaT"), "datetime64[ms]"),
            }
        ).assign(**self.columns)
        people = pd.DataFrame({"annotator": [f"a{k:03d}" for k in range(self.world.annotators)], "kind": "human"})
        items = pd.DataFrame({"item_id": ids, "pair_id": ids, "pair_flipped": np.zeros(n, bool)}).assign(
            **self.item_columns
        )
        return AnnotationSet(
            items=items, annotators=people, annotations=rows, gold=self.gold, scale=self.scale, texts=empty_texts(n)
        )


def shares_of_truth(scale: LabelScale, common: float) -> np.ndarray:
    """How common each right label is, (K,)."""
    if not scale.has_sides:
        rest = max(len(scale) - 1, 1)
        return np.array([common, *[(1 - common) / rest] * rest])
    strength = np.array(scale.strengths)
    ties = TIES if scale.tie is not None else 0.0
    inner = np.abs(strength) == np.abs(strength[strength != 0]).min()
    within = np.where(inner, 1 - STRONG, STRONG) if np.abs(strength).max() > 1 else np.ones(len(scale))
    side = np.where(strength > 0, common, 1 - common) * (1 - ties) * within
    return np.where(strength == 0, ties, side)


def planted(world: World, seed: int) -> Crowd:
    """A crew and its labels; the same seed gives the same ones."""
    rng = np.random.default_rng(seed)
    scale = SCALES[world.scale]
    share = shares_of_truth(scale, world.common)
    n = world.annotators * world.each // world.votes
    skill = expit(logit(world.accuracy) + _SKILL_SPREAD * rng.standard_normal(world.annotators))
    item = np.repeat(np.arange(n), world.votes)
    who = seats(world, n, rng)
    if world.graded and scale.has_sides:
        z = rng.standard_normal(n)
        cuts = np.quantile(rng.standard_normal(200_000), np.cumsum(share)[:-1])
        truth = np.digitize(z, cuts)
        noise = noise_for(skill, cuts, scale)
        label = np.digitize(z[item] + noise[who] * rng.standard_normal(len(item)), cuts)
    else:
        truth = rng.choice(len(scale), n, p=share)
        label = even_errors(scale, truth[item], skill[who], rng)
    gold = np.where(rng.random(n) < world.gold, truth, -1).astype(np.int8)
    return Crowd(world, item, who, label, truth, gold, skill)


def seats(world: World, items: int, rng: np.random.Generator) -> np.ndarray:
    """Who judges what: different annotators for each item, all equally often or nearly."""
    work = np.argsort(rng.random((items, world.annotators)), axis=1)[:, : world.votes]
    return np.sort(work, axis=1).ravel()


def even_errors(scale: LabelScale, true: np.ndarray, right: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Labels whose direction is right with these chances, whatever the item; strength is right in seven of ten."""
    direction = scale.direction_table()[:-1].astype(int)
    ways = int(direction.max()) + 1
    shift = rng.integers(1, max(ways, 2), len(true))
    said = np.where(rng.random(len(true)) < right, direction[true], (direction[true] + shift) % ways)
    label = np.empty(len(true), np.int64)
    keeps = rng.random(len(true)) < 0.7
    for way in range(ways):
        of = np.flatnonzero(direction == way)
        chosen = said == way
        label[chosen] = of[rng.integers(0, len(of), chosen.sum())]
    return np.where(keeps & (said == direction[true]), true, label)


def noise_for(skill: np.ndarray, cuts: np.ndarray, scale: LabelScale) -> np.ndarray:
    """The noise with which one is right on the direction in these shares of the items."""
    rng = np.random.default_rng(0)
    z, e = rng.standard_normal(20_000), rng.standard_normal(20_000)
    direction = scale.direction_table()
    true = direction[np.digitize(z, cuts)]
    levels = np.geomspace(0.01, 8.0, 60)
    right = np.array([(direction[np.digitize(z + s * e, cuts)] == true).mean() for s in levels])
    return np.interp(-skill, -np.minimum.accumulate(right), levels)
