"""Did the data change, or the judge? Frozen pairs judged again: what differs on unchanged text is the judge's own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from workbench.dataset.annotation_set import AnnotationSet
from workbench.errors import WorkbenchError, first_five
from workbench.estimates import Estimate
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


def drift_of_scores(before: Mapping[str, float], after: Mapping[str, float]) -> JudgeDrift:
    """Is the later judge still the same, by its scores for A on the pairs that both judged?

    Parameters
    ----------
    before, after : id of a pair -> score, 0 to 1.

    Raises
    ------
    WorkbenchError : they share no pair.
    """
    both = [item for item in before if item in after]
    earlier, later = (np.array([scores[item] for item in both], float) for scores in (before, after))
    return _drift(earlier, later, np.arange(len(both)))


def drift_in_data(data: AnnotationSet, earlier: str, later: str) -> JudgeDrift:
    """The same for two versions of a judge that stand among the annotators, each under a name of its own.

    Raises
    ------
    WorkbenchError : a name is no annotator's, or they share no answered pair.
    """
    names = data.annotators["annotator"].astype(str).tolist()
    lost = [name for name in (earlier, later) if name not in names]
    if lost or not data.has_pairs:
        raise WorkbenchError(
            f"There is no annotator {first_five(lost)}." if lost else "These labels choose no side.",
            "Open the verdicts of both versions together.",
        )
    codes, sign = data.codes, np.sign(data.scale.strengths)
    score = np.full((2, len(data.items)), np.nan)
    for place, name in enumerate((earlier, later)):
        mine = codes.annotator == names.index(name)
        score[place, codes.item[mine]] = 0.5 + sign[codes.label[mine]] / 2
    known = np.isfinite(score).all(axis=0)
    group = data.group_codes if data.group_codes is not None else np.arange(len(data.items))
    return _drift(score[0, known], score[1, known], group[known])


def _drift(before: np.ndarray, after: np.ndarray, group: np.ndarray) -> JudgeDrift:
    if len(before) == 0:
        raise WorkbenchError(
            "The two versions of the judge share no answered pair.", "Judge the same anchor pairs in each run."
        )
    moved = (np.sign(before - 0.5) != np.sign(after - 0.5)).astype(float)
    return JudgeDrift(
        paired_difference(after, before, group, "Shift of the score for A"),
        paired_difference(moved, np.zeros(len(moved)), group, "Directions changed"),
        len(before),
    )
