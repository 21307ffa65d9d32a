"""What an audit says of annotators: closely looked at, or only counted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from workbench.annotators import (
    Flags,
    FlagThresholds,
    Survey,
    agreement_with_others,
    annotator_activity,
    annotator_findings,
    annotator_table,
    flag_annotators,
    gold_accuracy,
    self_consistency,
    survey,
    usable_times,
)
from workbench.dataset.annotation_set import AnnotationSet
from workbench.dataset.usable_times import Times
from workbench.findings import Finding
from workbench.messages import by, message
from workbench.reversals.judgements import PairJudgements

CLOSE_LOOK_UP_TO = 5_000_000
"""Annotations up to which an audit looks closely at each annotator without being asked to: about as many as are audited
with it in half a minute."""


@dataclass(frozen=True, eq=False, kw_only=True)
class People:
    """What is known of the annotators.

    Attributes
    ----------
    table : one row an annotator, with the columns of `workbench.annotators.annotator_table`.
    flags : whom to talk to, and why.
    times : whether the export's times can be used, and the reason where not.
    fast : judgements faster than their texts can be read; None where times cannot be used or nobody looked.
    findings : about the annotators and the gold.
    surveyed : what was seen of them; None where they were not looked at closely.
    """

    table: pd.DataFrame
    flags: Flags
    times: Times
    fast: int | None
    findings: tuple[Finding, ...]
    surveyed: Survey | None = None


def looked_at_closely(data: AnnotationSet, judgements: PairJudgements) -> People:
    """How right each annotator is, and whom to talk to."""
    surveyed = survey(data, judgements)
    flags = flag_annotators(surveyed)
    return People(
        table=annotator_table(surveyed, flags=flags),
        flags=flags,
        times=surveyed.speed.times,
        fast=surveyed.speed.flagged_annotations,
        findings=tuple(annotator_findings(surveyed, flags)),
        surveyed=surveyed,
    )


def counted_only(data: AnnotationSet, judgements: PairJudgements) -> People:
    """What can be counted about each annotator, where nobody looks closely."""
    peers = agreement_with_others(data)
    table = annotator_activity(data).assign(agreement_with_others=peers["agreement"], shared_items=peers["items"])
    return People(
        table=with_nothing_estimated(
            table.join(gold_accuracy(data).add_prefix("gold_")).join(self_consistency(data, judgements))
        ),
        flags=Flags({}, len(data.annotators), FlagThresholds()),
        times=usable_times(data),
        fast=None,
        findings=(NOT_LOOKED_AT,),
    )


NOT_LOOKED_AT = Finding(
    "info",
    "annotators-not-looked-at",
    "No annotator's accuracy was estimated and nobody was flagged.",
    message("Ask for it ", by("close_look", value=True), ", or open the Annotators page."),
)
"""What is said where annotators were not looked at closely."""


def beside_counted(estimated: pd.DataFrame, counted: pd.DataFrame) -> pd.DataFrame:
    """The table of annotators who were looked at closely on a part, with what was counted on all of it."""
    return estimated.assign(**{str(c): counted[c].to_numpy() for c in counted if c in estimated})


def with_nothing_estimated(table: pd.DataFrame) -> pd.DataFrame:
    """A table of annotators who were not looked at closely, with the columns that stay unknown."""
    unknown = (
        "estimated_accuracy",
        "estimated_low",
        "estimated_high",
        "reliability",
        "reliability_low",
        "reliability_high",
    )
    return table.assign(estimated_n=0, **dict.fromkeys(unknown, np.nan))
