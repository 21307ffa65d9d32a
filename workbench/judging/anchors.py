"""Did the data change, or the judge? Frozen pairs judged again: what differs on unchanged text is the judge's own."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from workbench.dataset.annotation_set import AnnotationSet
from workbench.errors import WorkbenchError
from workbench.estimates import Estimate
from workbench.judging.reconciling import Reconciled
from workbench.reward.ranking import paired_difference

ANCHORS = 40
"""Pairs that are frozen by default."""


def choose_anchors(data: AnnotationSet, n: int = ANCHORS, seed: int = 0) -> np.ndarray:
    """Positions of pairs to be judged again in every run: one a prompt group, drawn by the seed."""
    groups = data.group_codes if data.group_codes is not None else np.arange(len(data.items))
    order = np.random.default_rng(seed).permutation(len(data.items))
    first = np.unique(groups[order], return_index=True)[1]
    return np.sort(order[np.sort(first)[:n]])


@dataclass(frozen=True)
class JudgeDrift:
    """How far two versions of a judge differ on the same pairs.

    Attributes
    ----------
    shift : mean change of the score for A, later less earlier.
    moved : share of the pairs whose direction changed.
    n : pairs that both answered.
    changed : whether the interval of the shift leaves zero out, or more than a tenth of the directions changed.
    """

    shift: Estimate
    moved: Estimate
    n: int

    @property
    def changed(self) -> bool:
        """Whether the judge is to be taken for another one."""
        shift, moved = self.shift.same_crew, self.moved.same_crew
        return bool((shift and not shift.low <= 0 <= shift.high) or (moved and moved.low > 0.1))


def judge_drift(earlier: Reconciled, later: Reconciled) -> JudgeDrift:
    """Is the later judge still the same, by the pairs that both judged?

    Raises
    ------
    WorkbenchError : they share no answered pair.
    """
    both = pd.concat(
        [r.table.set_index("item_id")["score"].rename(name) for r, name in ((earlier, "before"), (later, "after"))],
        axis=1,
    ).dropna()
    if both.empty:
        raise WorkbenchError(
            "The two versions of the judge share no answered pair.", "Judge the same anchor pairs in each run."
        )
    before, after = both["before"].to_numpy(float), both["after"].to_numpy(float)
    group = np.arange(len(both))
    moved = (np.sign(before - 0.5) != np.sign(after - 0.5)).astype(float)
    return JudgeDrift(
        paired_difference(after, before, group, "Shift of the score for A"),
        paired_difference(moved, np.zeros(len(moved)), group, "Directions changed"),
        len(both),
    )
