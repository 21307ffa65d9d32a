"""The items behind a figure: what a bar, a row or a cell of an agreement chart stands for."""

from __future__ import annotations

import numpy as np

from workbench.agreement.choice import Choice, week_of_items
from workbench.agreement.tally import Tally, tally
from workbench.dataset.annotation_set import AnnotationSet
from workbench.errors import WorkbenchError


def items_labelled_by(data: AnnotationSet, annotators: tuple[str, ...], choice: Choice | None = None) -> np.ndarray:
    """Items that all of these annotators labelled, among the judgements chosen.

    Parameters
    ----------
    annotators : ids; one, or the two of a pair.
    choice : which judgements count; all by default.

    Returns
    -------
    int64: positions of the items, in order.

    Raises
    ------
    WorkbenchError
        There is no such annotator.
    """
    known = data.annotators["annotator"].to_numpy()
    item, annotator, _ = _chosen(data, choice)
    inside = np.ones(len(data.items), bool)
    for name in annotators:
        position = np.flatnonzero(known == name)
        if len(position) == 0:
            raise WorkbenchError(
                f"There is no annotator {name!r} in this data.", "Look the ids up in the table of annotators."
            )
        of_one = np.zeros(len(data.items), bool)
        of_one[item[annotator == position[0]]] = True
        inside &= of_one
    return np.flatnonzero(inside & _enough(data, choice, item))


def items_of_week(data: AnnotationSet, week: str, choice: Choice | None = None) -> np.ndarray:
    """Items of the week that begins on this Monday (ISO date), as `by_week` counts them: by their last chosen
    judgement.
    """
    kept = (choice or Choice()).kept(data)[0]
    item, _, _ = _chosen(data, choice)
    return np.flatnonzero((week_of_items(data, kept) == np.datetime64(week, "D")) & _enough(data, choice, item))


def items_of_slice(data: AnnotationSet, column: str, value: str, choice: Choice | None = None) -> np.ndarray:
    """Items of one slice with a chosen judgement."""
    item, _, _ = _chosen(data, choice)
    inside = np.zeros(len(data.items), bool)
    inside[item] = True
    named = data.items[column].astype("object").map(str, na_action="ignore") == value
    return np.flatnonzero(inside & named.to_numpy(bool) & _enough(data, choice, item))


def items_with_labels(data: AnnotationSet, count: int, choice: Choice | None = None) -> np.ndarray:
    """Items with exactly this many chosen labels."""
    item, _, _ = _chosen(data, choice)
    return np.flatnonzero(np.bincount(item, minlength=len(data.items)) == count)


def labels_by_annotator(data: AnnotationSet | Tally, choice: Choice | None = None) -> dict[str, int]:
    """Used labels of each annotator who has any."""
    cells = (t := tally(data, choice)).cells
    return dict(
        zip(t.annotator_names(cells.annotators).tolist(), np.asarray(cells.counts.sum(1)).ravel().tolist(), strict=True)
    )


def _chosen(data: AnnotationSet, choice: Choice | None) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    codes = data.codes
    kept = (choice or Choice()).kept(data)[0]
    return (
        (codes.item, codes.annotator, codes.row)
        if len(kept) == 0
        else (codes.item[kept], codes.annotator[kept], codes.row[kept])
    )


def _enough(data: AnnotationSet, choice: Choice | None, item: np.ndarray) -> np.ndarray:
    least = 1 if choice is None else choice.min_labels_per_item
    return np.bincount(item, minlength=len(data.items)) >= least
