"""Several judges of one export side by side: what they decide together, how many independent ones they are worth, and
what a filter by consistency would keep.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from workbench.dataset.annotation_set import AnnotationSet
from workbench.dataset.scales import NULL
from workbench.errors import WorkbenchError, first_five
from workbench.judging.panels import Filtered, Independence, PanelVerdicts, consistent_only, effective_judges, panel
from workbench.judging.reconciling import Reconciled


@dataclass(frozen=True, eq=False, kw_only=True)
class Several:
    """Judges of one export together.

    Attributes
    ----------
    judges : their names.
    verdicts : what they decide together.
    independence : how many independent judges they are worth, on items that people know the side of.
    filtered : what a filter by consistency keeps of them, and what that costs.
    right : share of the decided items that have people's side, and `n_right` of how many.
    """

    judges: tuple[str, ...]
    verdicts: PanelVerdicts
    independence: Independence
    filtered: Filtered
    right: float | None
    n_right: int


def several(
    data: AnnotationSet,
    judges: Sequence[str],
    *,
    quorum: int = 2,
    least_votes: int = 4,
    share: float = 0.8,
    answers: Mapping[str, Reconciled] | None = None,
) -> Several:
    """What do these judges decide together? People's sides (gold, else the majority) say who is right.

    One judge alone is looked at by its own repeated answers, as self-consistency.

    Parameters
    ----------
    judges : annotators of the data.
    quorum : verdicts an item needs.
    least_votes, share : of the filter by consistency, over single answers.
    answers : judge -> its answers, where the data hold its verdicts alone: those of a run, in both orders and all
        samples.

    Raises
    ------
    WorkbenchError : a name is no annotator's, or the labels choose no side.
    """
    names = data.annotators["annotator"].astype(str).tolist()
    lost = [name for name in judges if name not in names]
    if lost or not judges:
        raise WorkbenchError(f"There is no annotator {first_five(lost)}.", "Name judges of these data.")
    if not data.has_pairs:
        raise WorkbenchError("These labels choose no side.", "A panel decides between two responses.")
    rows = data.annotations
    sign = np.append(np.sign(data.scale.strengths), np.nan)
    given = rows["label"].to_numpy() != NULL
    place = pd.Series(np.arange(len(data.items)), index=data.items["item_id"].astype(str))
    scores, votes_a, votes = {}, np.zeros(len(data.items), int), np.zeros(len(data.items), int)
    for name in judges:
        mine = given & (rows["annotator"].to_numpy() == names.index(name))
        item, side = rows["item"].to_numpy()[mine], sign[rows["label"].to_numpy()[mine]]
        count = np.bincount(item, minlength=len(data.items))
        total = np.bincount(item, side, minlength=len(data.items))
        ties = np.bincount(item, side == 0, minlength=len(data.items))
        # Answers that cancel out are no verdict; a tie is one only where every answer is.
        known = (count > 0) & ((total != 0) | (ties == count))
        scores[name] = np.where(known, 0.5 + np.sign(total) / 2, np.nan)
        if answers and name in answers:
            own = answers[name].table
            item = place.loc[own["item_id"]].to_numpy()
            for_a, for_b = (own[column].to_numpy(int) for column in ("votes_a", "votes_b"))
        else:
            for_a, for_b = (side > 0).astype(int), (side < 0).astype(int)
        votes_a += np.bincount(item, for_a, minlength=len(data.items)).astype(int)
        votes += np.bincount(item, for_a + for_b, minlength=len(data.items)).astype(int)
    table = pd.DataFrame(scores, index=data.items["item_id"].astype(str))
    truth = _sides_of_people(data)
    values = table.to_numpy()
    audited = np.isfinite(values).all(axis=1) & np.isfinite(truth) & (truth != 0.5)
    together = panel(table, quorum=min(quorum, len(judges)))
    side = together.table["label"].map({"A": 1.0, "=": 0.5, "B": 0.0}).to_numpy(float)
    held = np.isfinite(side) & np.isfinite(truth) & (truth != 0.5)
    return Several(
        judges=tuple(judges),
        verdicts=together,
        independence=effective_judges(values[audited] == truth[audited, None]),
        filtered=consistent_only(votes_a, votes, least_votes=least_votes, share=share, truth=truth),
        right=float((side[held] == truth[held]).mean()) if held.any() else None,
        n_right=int(held.sum()),
    )


def _sides_of_people(data: AnnotationSet) -> np.ndarray:
    """Float (n_items,): 1 = A, 0 = B, 0.5 = tie by gold, else by the majority of people; NaN where there is none."""
    codes = data.codes
    sign = np.append(np.sign(data.scale.strengths), np.nan)
    people = (data.annotators["kind"].to_numpy(object) != "ai")[codes.annotator]
    total = np.bincount(codes.item[people], sign[codes.label[people]], minlength=len(data.items))
    some = np.bincount(codes.item[people], minlength=len(data.items)) > 0
    gold = sign[data.gold]
    return np.where(np.isfinite(gold), gold / 2 + 0.5, np.where(some, np.sign(total) / 2 + 0.5, np.nan))
