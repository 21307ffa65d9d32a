"""Who judges which item, in which batch, in which order, and what is shown to them again."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from workbench.simulation.crew import COLLUDER, Crew
from workbench.simulation.plan import Plan

_AGAIN_WITHIN = 0.4


@dataclass(frozen=True, eq=False)
class Assigned:
    """One row a judgement to be made, ordered by annotator and then by the order in which that one makes them.

    Attributes
    ----------
    item, annotator : int32 (n,).
    batch : int32 (n,): number of the batch it was handed out in.
    shown_first : int8 (n,): 0 = A, 1 = B.
    first : int64 (n,): row of the same annotator's first judgement of the item: itself, except for repeats.
    """

    item: np.ndarray
    annotator: np.ndarray
    batch: np.ndarray
    shown_first: np.ndarray
    first: np.ndarray

    def __len__(self) -> int:
        return len(self.item)


def assign(plan: Plan, crew: Crew, group: np.ndarray, rng: np.random.Generator) -> Assigned:
    """Hands out batches of whole prompts to `labels_per_item` annotators each, and mixes repeats in later.

    The side shown first is random for each item and annotator; half of the repeats show the other side first than the
    first time. AI judges see every item in both orders.
    """
    n_items = len(group)
    batch_of, n_batches = _batches(plan, group, crew.crowd)
    seats = _seats(plan, crew, n_batches, rng)
    item = np.repeat(np.arange(n_items), plan.labels_per_item)
    annotator = seats[batch_of].ravel()
    expert_items = np.concatenate(
        [
            np.empty(0, np.int64),
            *(np.sort(rng.permutation(n_items)[: round(plan.expert_share * n_items)]) for _ in range(plan.experts)),
        ]
    )
    experts = np.repeat(np.arange(crew.crowd, crew.crowd + plan.experts), len(expert_items) // max(plan.experts, 1))
    n_judged = 2 * plan.judges * n_items
    once = len(item) + len(expert_items)
    n_repeats = min(round((plan.annotations - n_judged) * plan.repeat_share / (1 + plan.repeat_share)), once)
    surplus = max(once + n_judged + n_repeats - plan.annotations, 0)
    item, annotator = item[: len(item) - surplus], annotator[: len(annotator) - surplus]
    judged = np.tile(np.arange(n_items), plan.judges)
    judges = np.repeat(np.arange(len(crew) - plan.judges, len(crew)), n_items)

    item, annotator = np.concatenate([item, expert_items, judged]), np.concatenate([annotator, experts, judges])
    human = len(item) - len(judged)
    order = batch_of[item] + rng.random(len(item))
    side = rng.integers(0, 2, len(item)).astype(np.int8) * (not plan.fixed_sides)
    again = np.concatenate([rng.choice(human, n_repeats, replace=False), np.arange(human, len(item))])
    later = order[again] + np.maximum(_AGAIN_WITHIN * n_batches, 2) * rng.random(len(again))
    swapped = (np.arange(len(again)) % 2 == 0) | (again >= human)
    first = np.concatenate([np.arange(len(item)), again])
    order = np.concatenate([order, later])
    side = np.concatenate([side, np.where(swapped, 1 - side[again], side[again])])
    item, annotator = item[first], annotator[first]

    sequence = np.lexsort((order, annotator))
    place = np.empty(len(sequence), np.int64)
    place[sequence] = np.arange(len(sequence))
    item, annotator = item[sequence].astype(np.int32), annotator[sequence].astype(np.int32)
    return Assigned(
        item,
        annotator,
        np.minimum(order[sequence], n_batches - 1).astype(np.int32),
        side[sequence].astype(np.int8),
        place[first[sequence]],
    )


def _batches(plan: Plan, group: np.ndarray, crowd: int) -> tuple[np.ndarray, int]:
    """Batch of each item: about 50 items of neighbouring prompts, or fewer, so that everybody gets several batches."""
    each = len(group) * plan.labels_per_item / crowd
    size = plan.batch_size or int(np.clip(each / 12, 1, 50))
    starts_prompt = np.concatenate([[True], group[1:] != group[:-1]])
    begins = np.flatnonzero(starts_prompt)[np.cumsum(starts_prompt) - 1] // size
    batch_of = np.cumsum(np.concatenate([[0], begins[1:] != begins[:-1]]))
    return batch_of, int(batch_of[-1]) + 1


def _seats(plan: Plan, crew: Crew, n_batches: int, rng: np.random.Generator) -> np.ndarray:
    """Annotators of each batch, shape (n_batches, labels_per_item), all different within a batch.

    In rounds everybody is dealt into groups, so that volumes are even (or, with `uneven`, somebody sits out more often
    than others). A colluder takes a seat in every batch of the one they copy from.
    """
    m = plan.labels_per_item
    dealt = np.flatnonzero(crew.behaviour[: crew.crowd] != COLLUDER)
    presence = np.maximum(np.exp(-plan.uneven * rng.exponential(1.0, len(dealt))), 0.1)
    presence[np.argsort(-presence)[:m]] = 1.0
    seats = np.empty((0, m), np.int64)
    while len(seats) < n_batches:
        rounds = max(1, int((n_batches - len(seats)) * m / max(presence.sum() - m / 2, 1)) + 1)
        draw = rng.random((rounds, len(dealt)))
        absent = rng.random(draw.shape) >= presence
        ordered = np.argsort(draw + absent, axis=1)
        groups = ordered[:, : len(dealt) // m * m].reshape(rounds, -1, m)
        last = (np.arange(groups.shape[1]) + 1) * m
        seats = np.concatenate([seats, dealt[groups[last[None, :] <= (~absent).sum(1)[:, None]]]])
    seats = seats[:n_batches]
    taken = np.zeros(seats.shape, bool)
    for colluder in np.flatnonzero(crew.behaviour == COLLUDER):
        with_source = seats == crew.copies[colluder]
        shared = np.flatnonzero(with_source.any(axis=1))
        free = rng.random((len(shared), m)) - 2.0 * (with_source | taken)[shared]
        seat = free.argmax(axis=1)
        open_seat = free.max(axis=1) >= 0
        shared, seat = shared[open_seat], seat[open_seat]
        source_seat = with_source[shared].argmax(axis=1)
        seats[shared, seat] = colluder
        taken[shared, seat] = True
        taken[shared, source_seat] = True
    return seats
