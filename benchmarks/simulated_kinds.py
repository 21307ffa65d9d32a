"""Simulated data of many kinds, with truth: what the default label was chosen on.

Three ways in which annotators err: they see a strength of preference with noise (`strength`), they have a confusion
table (`confusion`), or items differ in difficulty and lead many to the same wrong label (`distractor`). Crossed with
the number of labels, true ties, contested items, skewed shares, few judgements, contrary annotators, experts' gold,
and no order.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from workbench.dataset.annotation_set import AnnotationSet
from workbench.dataset.scales import BINARY, FIVE, FOUR, TERNARY, LabelScale, categories
from workbench.dataset.texts import empty_texts

SCALES = {2: BINARY, 3: TERNARY, 4: FOUR, 5: FIVE}
NAMES = {2: "binary", 3: "ternary", 4: "four", 5: "five"}
OUTER = 1.4
"""How much further out than the tie a strong preference begins."""


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One kind of data.

    Attributes
    ----------
    labels, sides : how many labels, and whether they lie between two sides.
    how : `strength`, `confusion` or `distractor`.
    ties, zone : share of items that are true ties; strength below which an item is a tie.
    spread : typical strength of items; below 1.2 many are contested.
    first : share of items of the first side or label.
    per_item, per_annotator, items : judgements of an item and of an annotator, and items.
    contrary, blind : shares of annotators who say the opposite, and who do not look.
    width : width of the tie of annotators.
    expert : where above 0, the truth is an expert's opinion, drawn with this sensitivity; else the sign of the
        strength.
    accuracy : range of accuracies of `confusion`.
    """

    name: str
    labels: int
    sides: bool = True
    how: str = "strength"
    ties: float = 0.0
    zone: float = 0.0
    spread: float = 1.0
    first: float = 0.5
    per_item: int = 5
    per_annotator: int = 40
    items: int = 600
    contrary: float = 0.0
    blind: float = 0.08
    width: float = 0.45
    expert: float = 0.0
    accuracy: tuple[float, float] = (0.55, 0.95)

    @property
    def scale(self) -> LabelScale:
        """Its labels."""
        return SCALES[self.labels] if self.sides else categories(range(self.labels))


def simulated(kind: Kind, seed: int) -> AnnotationSet:
    """Data of this kind; the gold is the truth. The same seed gives the same data."""
    rng = np.random.default_rng([seed, sum(map(ord, kind.name))])
    item, who, crew = _assigned(kind, rng)
    draw = rng.random(crew)
    blind = draw < kind.blind
    contrary = (draw >= kind.blind) & (draw < kind.blind + kind.contrary)
    habit = rng.dirichlet(np.ones(kind.labels), crew)
    make = _by_strength if kind.how == "strength" else _by_class
    label, truth = make(kind, item, who, crew, contrary, rng)
    label = np.where(blind[who], _drawn(habit[who], rng), label).astype(np.int8)
    ids = pd.array(np.arange(kind.items).astype(str), dtype="str")
    rows = pd.DataFrame({"item": item, "annotator": who, "label": label, "repeat": np.zeros(len(item), np.int16)})
    people = pd.DataFrame({"annotator": [f"a{k}" for k in range(crew)], "kind": "human"})
    items = pd.DataFrame({"item_id": ids, "pair_id": ids})
    return AnnotationSet(
        items=items,
        annotators=people,
        annotations=rows,
        gold=truth.astype(np.int8),
        scale=kind.scale,
        texts=empty_texts(kind.items),
    )


def _assigned(kind: Kind, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, int]:
    """Who judges what: some annotators do much more than others."""
    crew = max(kind.items * kind.per_item // kind.per_annotator, 6)
    per_item = min(kind.per_item, crew)
    busy = rng.lognormal(0, 1.0, crew)
    order = rng.exponential(size=(kind.items, crew)) / busy
    who = np.argpartition(order, per_item - 1, axis=1)[:, :per_item] if per_item < crew else np.argsort(order, 1)
    return np.repeat(np.arange(kind.items, dtype=np.int32), per_item), who.ravel().astype(np.int32), crew


def _by_strength(
    kind: Kind, item: np.ndarray, who: np.ndarray, crew: int, contrary: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    n, k, half, odd = kind.items, kind.labels, kind.labels // 2, kind.labels % 2
    side = np.where(rng.random(n) < kind.first, -1.0, 1.0)
    near = np.abs(rng.normal(0, 1, n)) * kind.spread
    strength = 1.3 * side * (near if kind.spread < 1.2 else rng.gamma(4, kind.spread / 4, n))
    tied = rng.random(n) < kind.ties
    strength = np.where(tied, rng.normal(0, 0.15, n), strength)
    sensitive = rng.lognormal(0.1, 0.4, crew) * np.where(contrary, -1, 1)
    pull = rng.normal(0, 0.35, crew)
    width = np.abs(rng.normal(kind.width, 0.3, crew)) * odd
    outer = width + OUTER + rng.normal(0, 0.3, crew)
    seen = sensitive[who] * strength[item] + pull[who] + rng.logistic(size=len(item))
    label = _answer(seen, width[who], outer[who], k)
    says_tie = tied[item] & (rng.random(len(item)) < rng.beta(6, 3, crew)[who])
    label = np.where(says_tie, half, label)
    sign = np.sign(strength)
    if kind.expert:
        sign = np.where(rng.random(n) < 1 / (1 + np.exp(-kind.expert * strength)), 1, -1)
    truth = _answer(sign * np.abs(strength), np.zeros(n), np.full(n, OUTER + kind.width * odd), k)
    return label, np.where(odd & (tied | (np.abs(strength) < kind.zone)), half, truth)


def _answer(seen: np.ndarray, width: np.ndarray, outer: np.ndarray, k: int) -> np.ndarray:
    """The label of what is seen: a tie within `width`, a strong one beyond `outer`."""
    strong = (np.abs(seen) > outer) | (k < 4)
    label = np.where(seen > 0, np.where(strong, k - 1, k - 2), np.where(strong, 0, 1))
    return np.where(np.abs(seen) < width, k // 2, label)


def _by_class(
    kind: Kind, item: np.ndarray, who: np.ndarray, crew: int, contrary: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    n, k = kind.items, kind.labels
    shares = np.full(k, 1 / k)
    if kind.first != 0.5:
        shares[:] = (1 - kind.first) / (k - 1)
        shares[0] = kind.first
    truth = rng.choice(k, n, p=shares)
    apart = np.abs(np.subtract.outer(np.arange(k), np.arange(k)))
    shape = 0.4**apart if kind.sides else rng.dirichlet(np.ones(k), k)
    shape = np.where(apart > 0, shape, 0.0)
    shape /= shape.sum(1, keepdims=True)
    wrong = _drawn(shape[truth[item]], rng)
    if kind.how == "distractor":
        ease, ability = np.exp(rng.normal(0, 1.1, n)) * kind.spread, rng.lognormal(0.3, 0.5, crew)
        right = 1 / k + (1 - 1 / k) * np.tanh(0.6 * ability[who] * ease[item])
        other = (truth + rng.integers(1, k, n)) % k
        wrong = np.where(rng.random(len(item)) < 0.7, other[item], wrong)
    else:
        right = rng.uniform(*kind.accuracy, crew)[who]
    label = np.where(rng.random(len(item)) < right, truth[item], wrong)
    opposite = k - 1 - label if kind.sides or k == 2 else (label + 1) % k
    return np.where(contrary[who], opposite, label), truth


def _drawn(chances: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """One label for each row of chances."""
    return (chances.cumsum(1) < rng.random(len(chances))[:, None]).sum(1).clip(0, chances.shape[1] - 1)


def kinds() -> list[Kind]:
    """All kinds, by name."""
    few = {"per_item": 3, "per_annotator": 10}
    found = []
    for k, name in NAMES.items():
        found += [
            Kind(name=f"{name}, easy", labels=k, spread=2.0),
            Kind(name=f"{name}, contested", labels=k, spread=0.7),
            Kind(name=f"{name}, contested, sparse", labels=k, spread=0.9, **few),
            Kind(name=f"{name}, contrary annotators", labels=k, spread=1.5, contrary=0.12),
            Kind(name=f"{name}, 90 : 10", labels=k, spread=1.5, first=0.9),
            Kind(name=f"{name}, confusion", labels=k, how="confusion"),
        ]
        if k % 2:
            found += [
                Kind(name=f"{name}, true ties, easy", labels=k, spread=2.0, ties=0.3),
                Kind(name=f"{name}, true ties, contested", labels=k, spread=0.8, ties=0.35),
                Kind(name=f"{name}, true ties, sparse", labels=k, spread=1.1, ties=0.3, **few),
                Kind(name=f"{name}, true ties, contrary", labels=k, spread=1.5, ties=0.25, contrary=0.12),
                Kind(name=f"{name}, ties near zero", labels=k, zone=0.35, width=0.7),
            ]
    found += [
        Kind(name="ternary, wide ties, contested", labels=3, spread=0.6, width=0.9),
        Kind(name="binary, 97 : 3", labels=2, spread=2.0, first=0.97),
        Kind(name="binary, confusion, 97 : 3", labels=2, how="confusion", first=0.97, accuracy=(0.7, 0.95)),
        Kind(name="binary, confusion, 90 : 10, sparse", labels=2, how="confusion", first=0.9, **few),
        Kind(name="binary, 25 judgements, expert", labels=2, spread=0.6, per_item=25, items=300, expert=3.0),
        Kind(name="binary, expert", labels=2, per_item=8, expert=2.5),
    ]
    for k in (3, 4, 6):
        found += [
            Kind(name=f"{k} categories, confusion", labels=k, sides=False, how="confusion"),
            Kind(name=f"{k} categories, distractor", labels=k, sides=False, how="distractor"),
            Kind(name=f"{k} categories, distractor, hard", labels=k, sides=False, how="distractor", spread=0.5),
        ]
    return [
        *found,
        Kind(name="3 categories, 90 : 5 : 5", labels=3, sides=False, how="confusion", first=0.9),
        Kind(name="4 categories, sparse", labels=4, sides=False, how="confusion", **few),
        Kind(name="4 categories, contrary", labels=4, sides=False, how="confusion", contrary=0.12),
        Kind(name="4 categories, distractor, skewed", labels=4, sides=False, how="distractor", first=0.8),
    ]
