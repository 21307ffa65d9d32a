"""How much each annotator did, and when: the plain counts beside every other figure."""

from __future__ import annotations

import numpy as np
import pandas as pd

from workbench.dataset.annotation_set import AnnotationSet
from workbench.dataset.scales import NULL


def annotator_activity(data: AnnotationSet) -> pd.DataFrame:
    """How much did each annotator label, how often was nothing chosen, and how long did a judgement take?

    Returns
    -------
    Frame with one row an annotator, in the order of `data.annotators`: `annotator`, `kind`, `annotations` (with a
    label, repeats included), `repeats`, `skips`, `median_seconds` (NaN where the export has no times),
    `first_position_rate` (share of its first judgements with a side that chose the response shown first; NaN where
    unknown) and `first_position_n`.
    """
    frame, who, n = labels_and_times(data), data.annotations["annotator"].to_numpy(), len(data.annotators)
    first, counted = chose_first(data)
    with np.errstate(invalid="ignore"):
        frame["first_position_rate"] = np.bincount(who[first], minlength=n) / np.bincount(who[counted], minlength=n)
    frame["first_position_n"] = np.bincount(who[counted], minlength=n)
    return frame


def labels_and_times(data: AnnotationSet, *, times: bool = True) -> pd.DataFrame:
    """`annotator_activity` without the share of choices for the response shown first, and without times if so asked."""
    rows, n = data.annotations, len(data.annotators)
    who = rows["annotator"].to_numpy()
    label = rows["label"].to_numpy()
    labelled = label != NULL
    frame = data.annotators.copy()
    frame["annotations"] = np.bincount(who[labelled], minlength=n)
    frame["repeats"] = np.bincount(who[rows["repeat"].to_numpy() > 0], minlength=n)
    frame["skips"] = np.bincount(who[~labelled], minlength=n)
    if not times:
        return frame
    seconds = pd.Series(rows["seconds"].to_numpy()).groupby(who).median()
    frame["median_seconds"] = seconds.reindex(range(n)).to_numpy(float)
    return frame


def chose_first(data: AnnotationSet) -> tuple[np.ndarray, np.ndarray]:
    """Which first judgements chose the response shown first, among those that chose a side with a known position."""
    label, shown = data.annotations["label"].to_numpy(), data.annotations["shown_first"].to_numpy()
    if not data.scale.has_sides:
        nothing = np.zeros(len(label), bool)
        return nothing, nothing
    signs = np.append(np.sign(data.scale.strengths), 0.0)[label]
    # First judgements, as everything an annotator is held against: a pair shown again would count an old choice twice.
    counted = (signs != 0) & (shown >= 0) & (data.annotations["repeat"].to_numpy() == 0)
    return counted & ((signs > 0) == (shown == 0)), counted
