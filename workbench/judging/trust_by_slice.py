"""A judge on each value of each slice: how often it is right, and how often it has no verdict."""

from __future__ import annotations

import numpy as np
import pandas as pd

from workbench.dataset.annotation_set import AnnotationSet
from workbench.dataset.scales import NULL
from workbench.estimates import Estimate
from workbench.judging.beside_people import BesidePeople
from workbench.reward.ranking import clustered_share

MOST_SLICES = 20
"""Values of one slice that are shown, those with most items first."""
BySlice = dict[str, dict[str, Estimate]]
"""Slice -> value -> share."""


def right_by_slice(data: AnnotationSet, found: BesidePeople) -> BySlice:
    """How often a judge gives the direction that most people do."""
    majority = np.sign(found.people - 0.5) / 2 + 0.5
    hit = np.where(majority == 0.5, np.nan, (found.said == majority).astype(float))
    return _each_slice(data, found.items, hit, found.group, "Direction of most people")


def _each_slice(data: AnnotationSet, items: np.ndarray, hit: np.ndarray, group: np.ndarray, name: str) -> BySlice:
    """A share for the frequent values of each slice."""
    shown: BySlice = {}
    for column in data.slices:
        values = data.items[column].to_numpy(object)[items]
        frequent = pd.Series(values).value_counts().head(MOST_SLICES).index
        shown[column.removeprefix("slice.")] = {
            str(v): clustered_share(hit[values == v], group[values == v], name) for v in frequent
        }
    return shown


def without_verdict(data: AnnotationSet, judge: str) -> tuple[Estimate, BySlice]:
    """On which share of the items it was asked about it has no verdict: null is null, never a tie."""
    rows = data.annotations
    mine = rows["annotator"].to_numpy() == data.annotators["annotator"].astype(str).tolist().index(judge)
    item, given = rows["item"].to_numpy()[mine], rows["label"].to_numpy()[mine] != NULL
    asked = np.unique(item)
    none = (np.bincount(item, given, minlength=len(data.items))[asked] == 0).astype(float)
    group = (data.group_codes if data.group_codes is not None else np.arange(len(data.items)))[asked]
    name = "Items without a verdict"
    return clustered_share(none, group, name), _each_slice(data, asked, none, group, name)
