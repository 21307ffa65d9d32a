"""Everything about each annotator in one row, for the page and the command line."""

from __future__ import annotations

import numpy as np
import pandas as pd

from workbench.annotators.activity import labels_and_times
from workbench.annotators.flags import Flags, flag_annotators
from workbench.annotators.gold import gold_accuracy
from workbench.annotators.peers import agreement_with_others
from workbench.annotators.reliability import Weights, reliability
from workbench.annotators.survey import Survey, survey
from workbench.dataset.annotation_set import AnnotationSet


def annotator_table(
    data: AnnotationSet | Survey, *, flags: Flags | None = None, weights: Weights | None = None
) -> pd.DataFrame:
    """Everything about each annotator in one row.

    Parameters
    ----------
    data : the annotations, or what `survey` found in them.
    flags : of `flag_annotators`, where they are at hand already.
    weights : of the kinds of evidence in the reliability.

    Returns
    -------
    Frame in the order of `data.annotators`: the columns of `annotator_activity`; `agreement_with_others` and
    `shared_items`; those of `gold_accuracy` with `gold_` before them; of `self_consistency`, `estimated_accuracy`,
    `first_position`, `label_mix`, `drift`, the annotators of `speed`, and `reliability`; `copies_with` (the other
    annotator of a pair too much alike, or None); `flags` (kinds, separated by commas) and `flagged`.
    """
    found = data if isinstance(data, Survey) else survey(data)
    made = flags or flag_annotators(found)
    whole = found.data
    names = whole.annotators["annotator"].tolist()
    table = labels_and_times(whole)
    peers = agreement_with_others(whole)
    table["agreement_with_others"], table["shared_items"] = peers["agreement"], peers["items"]
    parts = [
        gold_accuracy(whole).add_prefix("gold_"),
        found.consistency,
        found.accuracy,
        found.position,
        found.mix,
        found.drift,
        found.speed.annotators,
        reliability(found, weights),
    ]
    table = pd.concat([table, *parts], axis=1)
    partner: list[str | None] = [None] * len(names)
    for copy in reversed(found.copies):
        partner[copy.first], partner[copy.second] = names[copy.second], names[copy.first]
    table["copies_with"] = np.array([*partner, None], object)[:-1]
    table["flags"] = [", ".join(flag.kind for flag in made.by_annotator.get(name, ())) for name in names]
    flagged = set(made.flagged)
    table["flagged"] = [name in flagged for name in names]
    return table
