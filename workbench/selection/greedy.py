"""Greedy picking, exactly as if every pair were looked at before every pick, at a small part of the cost.

What a pick adds can only shrink as more is picked (the objectives are submodular, or distances to the nearest pick). So
a value computed some picks ago is a bound, and only the pairs with the highest bounds need to be kept up to date; all
others are brought up to date together, in one matrix product, when a pick could be among them (Minoux 1978,
*Accelerated greedy algorithms for maximizing submodular set functions*, in blocks).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from workbench.progress import UNWATCHED, Watch
from workbench.selection.admitting import Admission

FIRST = 4_096
"""Pairs kept up to date at first."""

WORTH = 48
"""Picks that a look at all pairs should last for; where it does not, more pairs are kept up to date."""


@dataclass(frozen=True, eq=False)
class Task:
    """What a strategy is asked.

    Attributes
    ----------
    budget : most picks.
    admission : which rows may be picked; told of every pick.
    rank : int64 (n,): order of the rows that decides between equals; it depends on their content and the seed, not on
        their place.
    rng : chance, for strategies that draw; the same for the same content in another order, if rows are drawn in rank
        order.
    watch : is told how far the work is.
    """

    budget: int
    admission: Admission
    rank: np.ndarray
    rng: np.random.Generator
    watch: Watch = UNWATCHED


@dataclass(frozen=True, eq=False)
class Picked:
    """What a strategy answers: rows in order, what each was worth, what that is, and what to note."""

    rows: list[int]
    gain: list[float]
    gain_name: str
    notes: tuple[str, ...] = ()


class Objective(Protocol):
    """What a greedy strategy maximises."""

    def bounds(self) -> np.ndarray:
        """float64 (n,): no row is worth more than this, given all picks so far."""

    def enter(self, active: np.ndarray, others: np.ndarray) -> None:
        """These rows are kept up to date from now on; `others` are the rows beside them that could be picked."""

    def scores(self) -> np.ndarray:
        """float64 (len(active),): what each active row is worth, given all picks so far."""

    def ceiling(self) -> float:
        """None of the others is worth more than this now."""

    def take(self, k: int) -> None:
        """The k-th active row is picked."""


def pick_greedily(objective: Objective, task: Task, first: int = FIRST) -> tuple[list[int], list[float]]:
    """Picks the row worth most, again and again.

    Parameters
    ----------
    objective : what a row is worth, given the picks so far; it must not rise by a pick.
    task : how many, which rows, and what decides between equals.
    first : rows kept up to date at first.

    Returns
    -------
    The rows in order, and what each was worth when it was picked.
    """
    rows: list[int] = []
    gain: list[float] = []
    size, n = first, len(task.rank)
    while len(rows) < task.budget:
        candidates = np.flatnonzero(task.admission.open)
        if len(candidates) == 0:
            break
        bound = objective.bounds()[candidates]
        if (size >= max(n // 8, first) and size > first) or size >= len(candidates):
            active, others = np.arange(n), candidates[:0]  # all of them in place, not copied
        else:
            cut = np.argpartition(-bound, size)
            active, others = candidates[cut[:size]], candidates[cut[size:]]
        objective.enter(active, others)
        before, gone, rank = len(rows), ~task.admission.open[active], task.rank[active]
        while len(rows) < task.budget:
            score = np.where(gone, -np.inf, objective.scores())
            k = _first_best(score, rank)
            if gone[k] or (len(others) and score[k] <= objective.ceiling()):
                break
            gone[k] = True
            row = int(active[k])
            if task.admission.admits(row):
                task.admission.take(row)
                rows.append(row)
                gain.append(float(score[k]))
                objective.take(k)
                if len(rows) % 16 == 0:
                    task.watch.step(len(rows), task.budget, "Picking pairs")
        made = len(rows) - before
        # The first pick may change every worth, and a round that ends with it says nothing of the next; one without any
        # pick never ends.
        if len(others) and (made == 0 or (before > 0 and made < WORTH)):
            size *= 4
    return rows, gain


def _first_best(score: np.ndarray, rank: np.ndarray) -> int:
    """Place of the highest score; of several the one of lowest rank."""
    equal = np.flatnonzero(score == score.max())
    return int(equal[0] if len(equal) == 1 else equal[np.argmin(rank[equal])])


def pick_best(score: np.ndarray, task: Task) -> tuple[list[int], list[float]]:
    """Picks the rows with the highest scores, whatever else is picked."""
    rows: list[int] = []
    candidates = np.flatnonzero(task.admission.open)
    order = candidates[np.lexsort((task.rank[candidates], -score[candidates]))]
    for row in order.tolist():
        if len(rows) >= task.budget:
            break
        if task.admission.admits(row):
            task.admission.take(row)
            rows.append(row)
            if len(rows) % 1_024 == 0:
                task.watch.step(len(rows), task.budget, "Picking pairs")
    return rows, [float(score[row]) for row in rows]
