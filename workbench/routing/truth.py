"""What people say of each item, for calibrating judges and for trying a plan on data that have all labels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from workbench.dataset.annotation_set import AnnotationSet
from workbench.errors import WorkbenchError


@dataclass(frozen=True, eq=False)
class HeldOut:
    """One hired person an item, and what the others (or gold) say.

    Attributes
    ----------
    person : float (n,): the hired person's direction, 1 = A, 0.5 = tie, 0 = B; NaN where nobody is left to hire.
    reference : float (n,): gold where it is known, else what most of the other people say; NaN where they are divided
        or none.
    """

    person: np.ndarray
    reference: np.ndarray


def directions(data: AnnotationSet) -> tuple[np.ndarray, np.ndarray]:
    """Directions of all first judgements, 1 = A, 0.5 = tie, 0 = B, and those of gold (NaN = none).

    Raises
    ------
    WorkbenchError : the labels choose no side.
    """
    if not data.has_pairs:
        raise WorkbenchError("These labels choose no side.", "Routing is about pairs of responses.")
    sign = np.append(np.sign(data.scale.strengths), np.nan) / 2 + 0.5
    return sign[data.codes.label], sign[data.gold]


def people_of(data: AnnotationSet) -> np.ndarray:
    """Bool (judgements of `data.codes`,): made by a person."""
    return data.annotators["kind"].to_numpy(object)[data.codes.annotator] != "ai"


def majority(data: AnnotationSet, kept: np.ndarray | None = None) -> np.ndarray:
    """What most people say of each item: 1, 0.5, 0, NaN where two directions have as many votes, or nobody judged.

    Parameters
    ----------
    kept : bool (judgements of `data.codes`,): whose votes count; people's by default.
    """
    value, _ = directions(data)
    used = people_of(data) if kept is None else kept
    votes = np.zeros((len(data.items), 3), np.int64)
    np.add.at(votes, (data.codes.item[used], np.round(2 - 2 * value[used]).astype(np.int64)), 1)
    best = votes.max(axis=1)
    alone = ((votes == best[:, None]).sum(axis=1) == 1) & (best > 0)
    return np.where(alone, 1 - votes.argmax(axis=1) / 2, np.nan)


def one_held_out(data: AnnotationSet, rng: np.random.Generator) -> HeldOut:
    """Hires one person at random an item and takes the others, or gold, as the reference of judge and person alike.

    A person cannot be judged by a majority with that person's own vote in it; with this both are judged by the same
    people.
    """
    value, gold = directions(data)
    codes, people = data.codes, people_of(data)
    rows = np.flatnonzero(people)
    order = rows[rng.permutation(len(rows))]
    hired_item, first = np.unique(codes.item[order], return_index=True)
    hired = order[first]
    person = np.full(len(data.items), np.nan)
    person[hired_item] = value[hired]
    others = people.copy()
    others[hired] = False
    return HeldOut(person, np.where(np.isfinite(gold), gold, majority(data, others)))
