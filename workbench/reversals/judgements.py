"""Every judgement as a choice between the two responses of its pair, whichever item and order it was shown in.

Two items may show the same pair of responses, also with the sides exchanged. What is compared here is the pair.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from workbench.dataset.annotation_set import AnnotationSet
from workbench.dataset.clusters import joined
from workbench.dataset.scales import NULL


@dataclass(frozen=True, eq=False, kw_only=True)
class PairJudgements:
    """All labelled judgements, repeats included, in the order of the data.

    Attributes
    ----------
    pair, annotator : int64 (n,): position of the pair among the distinct pairs, and of the annotator.
    prompt : int64 (n,): what stands and falls together: judgements of pairs of one prompt or group.
    sign : int8 (n,): +1 = the pair's first response was chosen, -1 = its second, 0 = tie.
    first : int8 (n,): +1 = the pair's first response was shown first, -1 = its second, 0 = unknown.
    row : int64 (n,): position in `AnnotationSet.annotations`.
    cell : int64 (n,): the same number for judgements of one annotator on one pair.
    again : int64 (m,): judgements whose cell holds several, sorted by cell and time.
    pair_ids : ids of the distinct pairs.
    unit : `prompt` where pairs share some, else `pair`.
    """

    pair: np.ndarray
    annotator: np.ndarray
    prompt: np.ndarray
    sign: np.ndarray
    first: np.ndarray
    row: np.ndarray
    cell: np.ndarray
    again: np.ndarray
    pair_ids: pd.Index
    unit: str = "pair"

    @property
    def n_pairs(self) -> int:
        """Number of distinct pairs."""
        return len(self.pair_ids)


def pair_judgements(data: AnnotationSet) -> PairJudgements:
    """Labelled judgements in the orientation of their pair.

    Examples
    --------
    >>> from workbench.dataset.assembly import Export, assemble
    >>> items = pd.DataFrame({"item_id": ["1", "2"], "prompt": "p", "response_a": ["x", "y"], "response_b": ["y", "x"]})
    >>> rows = pd.DataFrame({"annotator": "ann", "label": ["A", "B"], "shown_first": "a"})
    >>> found = pair_judgements(assemble([Export(items=items, rows=rows, source="t", format="t")]))
    >>> found.sign.tolist(), found.first.tolist()
    ([1, 1], [1, -1])
    """
    rows = data.annotations
    label = rows["label"].to_numpy()
    used = np.flatnonzero(label != NULL) if data.scale.has_sides else np.array([], np.int64)
    item = rows["item"].to_numpy()[used]
    pairs, pair_ids = _pairs(data.items)
    turned = np.where(data.items["pair_flipped"].to_numpy(), np.int8(-1), np.int8(1))[item]
    sign = np.append(np.sign(data.scale.strengths), 0).astype(np.int8)[label[used]] * turned
    first = np.array([1, -1, 0], np.int8)[rows["shown_first"].to_numpy()[used]] * turned

    pair, annotator = pairs[item], rows["annotator"].to_numpy()[used].astype(np.int64)
    # Only a pair shown as several items, or an item judged twice by somebody, can hold several judgements of one
    # annotator.
    candidate = np.bincount(pairs, minlength=len(pair_ids)) > 1
    candidate[pairs[rows["item"].to_numpy()[rows["repeat"].to_numpy() > 0]]] = True
    cell, again = _cells(
        annotator * len(pair_ids) + pair, np.flatnonzero(candidate[pair]), rows["ended_at"].to_numpy()[used]
    )
    prompt = pairs if data.group_codes is None else joined(data.group_codes, pairs)
    return PairJudgements(
        pair=pair,
        annotator=annotator,
        prompt=prompt[item],
        sign=sign,
        first=first,
        row=used,
        cell=cell,
        again=again,
        pair_ids=pair_ids,
        unit="pair" if data.group_codes is None else "prompt",
    )


def _pairs(items: pd.DataFrame) -> tuple[np.ndarray, pd.Index]:
    codes, ids = pd.factorize(items["pair_id"])
    return codes.astype(np.int64), pd.Index(ids)


def _cells(key: np.ndarray, candidates: np.ndarray, moment: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Cells as numbers, and the judgements of cells with several, by cell and time (those without a time last, in file
    order).
    """
    several = candidates[pd.Series(key[candidates]).duplicated(keep=False).to_numpy()]
    cell = np.arange(len(key))
    numbers, _ = pd.factorize(key[several])
    cell[several] = len(key) + numbers
    late = np.datetime64("9999-01-01", "ms")
    order = np.lexsort((np.where(np.isnat(moment[several]), late, moment[several]), numbers))
    return cell, several[order]
