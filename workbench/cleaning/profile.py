"""One row an annotator: the figures that the thresholds for annotators are compared with."""

from __future__ import annotations

import numpy as np
import pandas as pd

from workbench.annotators.flags import flag_annotators
from workbench.annotators.gold import gold_accuracy
from workbench.annotators.peers import agreement_with_others
from workbench.annotators.reliability import reliability
from workbench.annotators.survey import Survey
from workbench.dataset.scales import NULL
from workbench.statistics.proportions import normal_quantile

NOT_A_FLAG = "few-labels"
"""What is noted beside the flags and never sets anybody aside."""


def annotator_profile(found: Survey) -> pd.DataFrame:
    """What is known of each annotator.

    Parameters
    ----------
    found : of `workbench.annotators.survey`.

    Returns
    -------
    One row an annotator, in the order of the data: `annotator`, `kind`, `annotations` (with a label), `reliability`,
    `agreement` and `gold` (each with `_low` and `_high`, the 95% interval; NaN where unknown), `gold_n`, `rapid_share`
    (judgements faster than the texts can be skimmed, or without texts those of the rapid component; NaN where unknown),
    `fall` (by how much the accuracy fell at the likeliest date, NaN where no fall is clear) and `flags` (a tuple of
    kinds).
    """
    data = found.data
    frame = data.annotators[["annotator", "kind"]].reset_index(drop=True)
    rows = data.annotations
    frame["annotations"] = np.bincount(
        rows["annotator"].to_numpy()[rows["label"].to_numpy() != NULL], minlength=len(frame)
    )
    joined = reliability(found)
    for end in ("", "_low", "_high"):
        frame[f"reliability{end}"] = joined[f"reliability{end}"].to_numpy()
    peers = agreement_with_others(data)
    reach = normal_quantile() * peers["standard_error"].to_numpy()
    frame["agreement"] = peers["agreement"].to_numpy()
    frame["agreement_low"], frame["agreement_high"] = frame["agreement"] - reach, frame["agreement"] + reach
    gold = gold_accuracy(data)
    frame["gold"], frame["gold_low"], frame["gold_high"], frame["gold_n"] = (
        gold[name].to_numpy() for name in ("estimate", "low", "high", "n")
    )
    pace = found.speed.annotators
    frame["rapid_share"] = pace["under_floor_share"].fillna(pace["rapid_share"]).to_numpy(float)
    by_annotator = flag_annotators(found).by_annotator
    flags = [tuple(f.kind for f in by_annotator.get(name, ()) if f.kind != NOT_A_FLAG) for name in frame["annotator"]]
    frame["flags"] = pd.Series(flags, dtype=object)
    fell = found.drift["accuracy_before"].to_numpy(float) - found.drift["accuracy_after"].to_numpy(float)
    frame["fall"] = np.where(["drift" in each for each in flags], fell, np.nan)
    return frame
