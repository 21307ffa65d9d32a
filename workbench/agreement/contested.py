"""Which items do annotators disagree about most? Scores for every item at once, and the list that a person looks
through.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from workbench.dataset.annotation_set import AnnotationSet
from workbench.dataset.scales import NULL
from workbench.errors import WorkbenchError

RANKINGS: dict[str, str] = {
    "direction": "Sides: share of pairs of labels that do not name the same side",
    "disagreement": "Labels: share of pairs of labels that differ at all",
    "distance": "Distance: mean steps on the scale between two labels",
    "entropy": "Entropy of the labels, in bits",
    "against_gold": "Gold: share of labels that miss the known right one",
    "labels": "Number of labels",
}
"""What the items can be ordered by, with a sentence for people."""

SHOWN = 1_000
"""Items in a list, unless asked for another number."""
SEARCHED = 20_000
"""Items whose texts a search looks through, the most contested first."""
_CELLS = 4_000_000


@dataclass(frozen=True, eq=False)
class Spread:
    """How the labels of each item spread, for all items; NaN where fewer than two labels leave it undefined.

    Attributes
    ----------
    labels : int32 (n_items,): first judgements with a label.
    disagreement, direction : float32: share of unordered pairs of labels that differ, or that name different sides.
    distance : float32: mean distance of two labels in steps of the scale.
    entropy : float32: Shannon entropy of the labels in bits.
    against_gold : float32: share of labels other than the gold one; NaN without gold.
    """

    labels: np.ndarray
    disagreement: np.ndarray
    direction: np.ndarray
    distance: np.ndarray
    entropy: np.ndarray
    against_gold: np.ndarray


def label_spread(data: AnnotationSet) -> Spread:
    """How far the labels of each item are apart.

    With r labels, r_k of them k, an item's disagreement is 1 - sum_k r_k (r_k - 1) / (r (r - 1)): one minus the item's
    part of percent agreement. Direction is the same after A>> and A> are called A, and so on. Distance is the mean of
    |c - k| over pairs of labels, entropy -sum_k (r_k / r) log2 (r_k / r).

    >>> from workbench.dataset.assembly import Export, assemble
    >>> items = pd.DataFrame({"item_id": ["x", "y"]})
    >>> rows = pd.DataFrame({"item_row": [0, 0, 0, 1], "annotator": list("abca"), "label": ["A", "A", "B", "A"]})
    >>> spread = label_spread(assemble([Export(items=items, rows=rows, source="a.csv", format="table", sides=True)]))
    >>> print(spread.disagreement.round(3), spread.labels)
    [0.667   nan] [3 1]
    """
    codes = data.codes
    n, q = codes.n_items, codes.n_labels
    table = data.scale.direction_table()[:q].astype(np.int64)
    names = ("disagreement", "direction", "distance", "entropy", "against_gold")
    result = {name: np.full(n, np.nan, np.float32) for name in names}
    steps = max(1, _CELLS // max(q, 1))
    for first in range(0, n, steps):
        last = min(first + steps, n)
        rows = slice(int(codes.starts[first]), int(codes.starts[last]))
        cell = (codes.item[rows].astype(np.int64) - first) * q + codes.label[rows]
        counts = np.bincount(cell, minlength=(last - first) * q).reshape(last - first, q).astype(np.float64)
        for name, value in _spread_of(counts, table, data.gold[first:last]).items():
            result[name][first:last] = value
    return Spread(np.diff(codes.starts).astype(np.int32), **result)


def _spread_of(counts: np.ndarray, table: np.ndarray, gold: np.ndarray) -> dict[str, np.ndarray]:
    """The scores of items from their label counts, shape (items, labels)."""
    r = counts.sum(1)
    sides = np.stack([counts[:, table == side].sum(1) for side in np.unique(table)], axis=1)
    below = np.cumsum(counts, axis=1)[:, :-1]
    with np.errstate(invalid="ignore", divide="ignore"):
        pairs = r * (r - 1)
        pairs[r < 2] = np.nan
        share = counts / r[:, None]
        bits = -(share * np.log2(np.where(share > 0, share, 1.0))).sum(1)
        hit = np.where(
            gold == NULL, np.nan, np.take_along_axis(counts, np.maximum(gold, 0).astype(np.int64)[:, None], 1)[:, 0]
        )
        return {
            "disagreement": 1 - (counts * (counts - 1)).sum(1) / pairs,
            "direction": 1 - (sides * (sides - 1)).sum(1) / pairs,
            "distance": 2 * (below * (r[:, None] - below)).sum(1) / pairs,
            "entropy": np.where(r < 2, np.nan, bits),
            "against_gold": np.where(r == 0, np.nan, 1 - hit / r),
        }


@dataclass(frozen=True, eq=False)
class ContestedItems:
    """A list of items, the most contested first.

    Attributes
    ----------
    frame : `position`, `item_id`, `labels` (how many), the scores of `Spread`, `votes` (in words), `gold`, `prompt`
        (its beginning), and the slices.
    ranking : what they are ordered by.
    n_matching : items that pass the filters; `frame` holds the first of them.
    n_items : items of the data.
    set_aside : why the others are not listed: reason -> items.
    searched : items whose texts were looked through; None without a search.
    """

    frame: pd.DataFrame
    ranking: str
    n_matching: int
    n_items: int
    set_aside: Mapping[str, int] = field(default_factory=dict)
    searched: int | None = None


def contested_items(
    data: AnnotationSet,
    ranking: str = "direction",
    *,
    spread: Spread | None = None,
    items: np.ndarray | None = None,
    slices: Mapping[str, str] | None = None,
    min_labels: int = 2,
    max_labels: int | None = None,
    text: str = "",
    limit: int = SHOWN,
) -> ContestedItems:
    """The items annotators disagree about most.

    Parameters
    ----------
    ranking : one of `RANKINGS`, the largest first; of equal ones the item whose labels lie farther apart, then the one
        with more labels, then the earlier one.
    spread : `label_spread(data)`, where it is at hand.
    items : only these, by position: what is behind a cell or a bar.
    slices : column -> value, such as `{"slice.language": "de"}`.
    min_labels, max_labels : only items with so many labels. With fewer than two there is nothing to disagree about.
    text : only items with these words in the id, the prompt or a response, in any case. Ids are searched everywhere,
        texts in the `SEARCHED` most contested that pass the other filters.
    limit : how many are listed.

    Raises
    ------
    WorkbenchError
        There is no such ranking or slice.
    """
    if ranking not in RANKINGS:
        raise WorkbenchError(f"Items cannot be ordered by {ranking!r}.", f"Choose one of {', '.join(RANKINGS)}.")
    spread = spread or label_spread(data)
    n = len(data.items)
    aside: dict[str, int] = {}
    keep = np.ones(n, bool)

    def narrow(passes: np.ndarray, reason: str) -> None:
        dropped = int((keep & ~passes).sum())
        if dropped:
            aside[reason] = aside.get(reason, 0) + dropped
        np.logical_and(keep, passes, out=keep)

    if items is not None:
        chosen = np.zeros(n, bool)
        chosen[np.asarray(items, np.int64)] = True
        narrow(chosen, "not in the chosen set")
    for column, value in (slices or {}).items():
        if column not in data.items:
            raise WorkbenchError(f"There is no slice {column!r}.", f"Slices here: {', '.join(data.slices) or 'none'}.")
        narrow((data.items[column] == value).to_numpy(bool), f"{column.removeprefix('slice.')} is not {value}")
    narrow(spread.labels >= min_labels, f"fewer than {min_labels} labels")
    if max_labels is not None:
        narrow(spread.labels <= max_labels, f"more than {max_labels} labels")
    score = getattr(spread, ranking).astype(np.float64)
    if ranking == "against_gold":
        narrow(~np.isnan(score), "without gold")

    steps = np.nan_to_num(spread.distance) / max(len(data.scale) - 1, 1)
    weight = (
        np.round(np.nan_to_num(score, nan=-1.0) * 1e5) * 1e3
        + np.floor(steps * 999)
        + np.minimum(spread.labels, 999) * 1e-4
    )
    searched = None
    if text.strip():
        hits, searched = _search(data, _top(weight, keep, SEARCHED), keep, text.strip())
        narrow(hits, "without the words searched for")
    return ContestedItems(
        _listed(data, spread, _top(weight, keep, limit)), ranking, int(keep.sum()), n, aside, searched
    )


def _top(weight: np.ndarray, keep: np.ndarray, k: int) -> np.ndarray:
    """Positions of the k largest weights among those kept, the largest first; of equal ones the earlier position."""
    found = np.flatnonzero(keep)
    if len(found) > k:
        of_found = weight[found]
        bar = np.partition(of_found, -k)[-k]
        above = found[of_found > bar]
        found = np.concatenate([above, found[of_found == bar][: k - len(above)]])
    return found[np.lexsort((found, -weight[found]))]


def _search(data: AnnotationSet, looked: np.ndarray, keep: np.ndarray, words: str) -> tuple[np.ndarray, int]:
    """Which items have the words in their id, or in their texts where these are looked through; and how many are."""
    hit = keep.copy()
    hit[keep] = data.items["item_id"][keep].str.contains(words, case=False, regex=False, na=False).to_numpy(bool)
    texts = data.item_texts(looked)
    for column in texts.columns:
        hit[looked] |= texts[column].str.contains(words, case=False, regex=False, na=False).to_numpy(bool)
    return hit, len(looked)


def _listed(data: AnnotationSet, spread: Spread, positions: np.ndarray) -> pd.DataFrame:
    """The list as a person reads it."""
    frame = pd.DataFrame(
        {
            "position": positions,
            "item_id": data.items["item_id"].to_numpy()[positions],
            "labels": spread.labels[positions],
        }
    )
    for name in ("direction", "disagreement", "distance", "entropy", "against_gold"):
        frame[name] = getattr(spread, name)[positions].astype(np.float64)
    frame["votes"] = [_votes(data, int(position)) for position in positions]
    frame["gold"] = [data.scale.labels[g] if g != NULL else None for g in data.gold[positions]]
    frame["prompt"] = [_beginning(p) for p in data.item_texts(positions)["prompt"]]
    for column in data.slices:
        frame[column] = data.items[column].astype("object").to_numpy()[positions]
    return frame


def _votes(data: AnnotationSet, position: int) -> str:
    """Counts of an item's labels in the order of the scale, such as `A 2 · B 1`."""
    starts = data.codes.starts
    counts = np.bincount(data.codes.label[starts[position] : starts[position + 1]], minlength=len(data.scale))
    return " · ".join(f"{label} {n}" for label, n in zip(data.scale.labels, counts.tolist(), strict=True) if n)


def _beginning(text: object, limit: int = 140) -> str:
    line = " ".join(text[: 4 * limit].split()) if isinstance(text, str) else ""
    return line if len(line) <= limit else line[: limit - 3] + "..."


def judgements_of(data: AnnotationSet, position: int) -> pd.DataFrame:
    """All judgements of one item, skips and repeats too, in time order, as a person reads them."""
    rows = np.flatnonzero(data.annotations["item"].to_numpy() == position)
    shown = data.rows(rows).drop(columns=["item_id"])
    kinds = data.annotators["kind"].to_numpy()[data.annotations["annotator"].to_numpy()[rows]]
    shown.insert(1, "kind", kinds)
    return shown.sort_values(["ended_at", "repeat"], na_position="last", kind="stable", ignore_index=True)


def slice_values(data: AnnotationSet, column: str, at_most: int = 200) -> list[str]:
    """The values of a slice, the most frequent `at_most` of them, in order."""
    counted = data.items[column].value_counts()
    return sorted(str(value) for value in counted[counted > 0].index[:at_most])
