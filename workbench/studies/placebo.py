"""As much set aside at random as some rules set aside: what a cleaning has to beat."""

from __future__ import annotations

import numpy as np

from workbench.cleaning import Selection
from workbench.dataset.annotation_set import AnnotationSet


def kept_judgements(data: AnnotationSet, kept: np.ndarray, reason: str) -> AnnotationSet:
    """The data with only these first judgements; items and annotators keep their positions.

    Parameters
    ----------
    kept : bool (n,): which of `data.codes` stay.
    """
    stays = np.ones(len(data.annotations), bool)
    stays[data.codes.row[~kept]] = False
    return data.keep_annotations(stays, reason)


def removed_at_random(data: AnnotationSet, chosen: Selection, rng: np.random.Generator) -> AnnotationSet:
    """Sets aside at random as many judgements as the rules do, in the same way: with annotators, one by one, or with
    whole items.

    As many annotators are drawn as the rules set aside, and as many judgements as these lost are taken from them; where
    they have fewer, the rest comes from the others. Judgements that the rules take one by one come from the others too,
    and as many whole items go as go by the rules.

    Parameters
    ----------
    chosen : what the rules set aside of the same data.

    Returns
    -------
    The data without them. The number of judgements that go with whole items differs a little from draw to draw, since
    items differ in size.
    """
    from workbench.cleaning.at_random import set_aside_at_random

    codes = data.codes
    per_annotator = np.bincount(codes.annotator, minlength=codes.n_annotators)
    active = np.flatnonzero(per_annotator)
    drawn = np.zeros(codes.n_annotators, bool)
    drawn[rng.choice(active, int(chosen.gone[active].sum()), replace=False)] = True
    from_drawn = min(chosen.by_annotator, int(per_annotator[drawn].sum()))
    others = chosen.by_annotator - from_drawn + chosen.by_judgement
    kept = np.empty(len(codes), bool)
    set_aside_at_random(
        codes.starts, codes.annotator, drawn, from_drawn, others, chosen.items, int(rng.integers(1 << 62)), kept
    )
    return kept_judgements(data, kept, "set aside at random")
