"""The answers of a judge that stand in an export, in both orders where it was asked in both, as a ledger has them."""

from __future__ import annotations

from typing import Any

import numpy as np

from workbench.dataset.annotation_set import AnnotationSet
from workbench.dataset.scales import NULL
from workbench.judging.answers import turned
from workbench.judging.reconciling import Reconciled, reconciled


def verdicts_in_data(data: AnnotationSet, judge: str) -> Reconciled | None:
    """What an annotator of the data says of each item over all its judgements of it; None where the sides shown are
    unknown.

    Strengths beyond the five-point scale count as its strongest.
    """
    names = data.annotators["annotator"].astype(str).tolist()
    if judge not in names or not data.has_pairs:
        return None
    rows = data.annotations
    mine = np.flatnonzero(rows["annotator"].to_numpy() == names.index(judge))
    shown = rows["shown_first"].to_numpy()[mine]
    if len(mine) == 0 or (shown < 0).all():
        return None
    spelled = [_spelled(strength) for strength in data.scale.strengths]
    ids = data.items["item_id"].astype(str).to_numpy()[rows["item"].to_numpy()[mine]]
    label = rows["label"].to_numpy()[mine]
    calls: list[dict[str, Any]] = []
    for item, side, code in zip(ids, shown, label, strict=True):
        towards_a = None if code == NULL else spelled[code]
        first = turned(towards_a) if side == 1 else towards_a
        state = "unreadable" if first is None else "answered"
        call = {"item": item, "shown": int(side == 1), "state": state, "label": first}
        calls.append({**call, "probabilities": None, "principles": {}})
    return reconciled(calls)


def _spelled(strength: float) -> str:
    """The label of the five-point scale with this strength."""
    if strength == 0:
        return "="
    return ("A" if strength > 0 else "B") + (">>" if abs(strength) >= 2 else ">")
