r"""The headline figures of a delivery, each a function of sums over items.

So the figure without some items is that of the sums without them, and the figure under another mix of items is that of
weighted sums. Krippendorff's alpha for categories is one too: with $n_c$ the pairable labels of category c and
$D = \sum_u \sum_c n_{uc} (m_u - n_{uc}) / (m_u - 1)$, $\alpha = 1 - (n - 1) D / (n^2 - \sum_c n_c^2)$.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from workbench.dataset.scales import NULL
from workbench.deliveries.delivery import Delivery, usual_kind

Better = Literal["higher", "lower", "steady"]


@dataclass(frozen=True)
class Measure:
    """One headline figure.

    Attributes
    ----------
    name, title : for programs and for people.
    unit : `alpha`, `share`, `seconds` or `usd`.
    better : which way is better; `steady` where any change asks for a reason.
    counted : what `n` counts.
    """

    name: str
    title: str
    unit: Literal["alpha", "share", "seconds", "number"]
    better: Better
    counted: str


MEASURES = (
    Measure("alpha", "Alpha on direction", "alpha", "higher", "items with two labels or more"),
    Measure("percent_agreement", "Percent agreement on direction", "share", "higher", "items with two labels or more"),
    Measure("gold_accuracy", "Judgements right on gold", "share", "higher", "judgements of gold items"),
    Measure("judge_agreement", "AI judges agree with people", "share", "higher", "items with both"),
    Measure("self_consistency", "Own judgement repeated alike", "share", "higher", "judgements made again"),
    Measure("ties", "Ties", "share", "steady", "judgements"),
    Measure("strong", "Strong preferences", "share", "steady", "judgements"),
    Measure("chosen_first", "Chose the response shown first", "share", "steady", "choices with a known side"),
    Measure("missing", "Judgements without a label", "share", "lower", "judgements"),
    Measure("seconds", "Seconds a judgement (geometric mean)", "seconds", "steady", "judgements with a time"),
    Measure("labels_per_item", "Labels an item", "number", "steady", "items"),
)
BY_NAME = {m.name: m for m in MEASURES}
RATIOS = tuple(m.name for m in MEASURES[1:])
_FIRST = 2 * len(RATIOS)


def columns(k: int) -> int:
    """Sums an item has, with labels of k directions."""
    return _FIRST + k + 1


def item_sums(delivery: Delivery, who: np.ndarray) -> np.ndarray:
    """What each item adds to the sums, from the judgements of some annotators: float (n_items, columns).

    Parameters
    ----------
    who : bool (n_annotators,): whose judgements count.
    """
    data, codes = delivery.data, delivery.data.codes
    n, k = codes.n_items, max(_directions(delivery), 1)
    crew = usual_kind(delivery)
    used = who[codes.annotator]
    of_crew = used & crew[codes.annotator]
    item, way = codes.item[of_crew].astype(np.int64), delivery.direction[of_crew]
    counts = np.bincount(item * k + way, minlength=n * k).reshape(n, k).astype(float)
    size = counts.sum(1)
    several = size >= 2
    same = (counts * (counts - 1)).sum(1)
    pairs = np.maximum(size * (size - 1), 1)
    sums = np.zeros((n, columns(k)))

    def put(name: str, hits: np.ndarray, of: np.ndarray) -> None:
        place = 2 * RATIOS.index(name)
        sums[:, place], sums[:, place + 1] = hits, of

    put("percent_agreement", np.where(several, same / pairs, 0.0), several)
    gold = delivery.gold_direction
    has = gold >= 0
    right = np.bincount(item, weights=(way == gold[item]) & has[item], minlength=n)
    put("gold_accuracy", right, np.where(has, size, 0.0))
    judges = used & delivery.is_ai[codes.annotator] & ~crew[codes.annotator]
    if judges.any():
        place = codes.item[judges].astype(np.int64)
        alike = counts[place, delivery.direction[judges]] / np.maximum(size[place], 1)
        both = size[place] > 0
        put("judge_agreement", np.bincount(place, alike * both, n), np.bincount(place, both, n))
    _of_labels(delivery, of_crew, item, put)
    _of_rows(delivery, who & crew, put)
    put("labels_per_item", size, size > 0)
    pairable = np.where(several[:, None], counts, 0.0)
    sums[:, _FIRST : _FIRST + k] = pairable
    sums[:, _FIRST + k] = (pairable * (size[:, None] - pairable)).sum(1) / np.maximum(size - 1, 1)
    del data
    return sums


Put = Callable[[str, np.ndarray, np.ndarray], None]


def _of_labels(delivery: Delivery, used: np.ndarray, item: np.ndarray, put: Put) -> None:
    """Sums that depend on which label was given."""
    scale, codes = delivery.data.scale, delivery.data.codes
    n, label = codes.n_items, codes.label[used]
    if not scale.has_sides:
        return
    strength = np.asarray(scale.strengths, float)[label]
    every = np.bincount(item, minlength=n).astype(float)
    if scale.tie is not None:
        put("ties", np.bincount(item, strength == 0, n), every)
    if len(np.unique(np.abs([s for s in scale.strengths if s]))) > 1:
        strong = np.abs(strength) == np.abs(np.asarray(scale.strengths, float)).max()
        put("strong", np.bincount(item, strong, n), every)
    first = codes.of_rows(delivery.data.annotations["shown_first"].to_numpy())[used]
    chose = (first >= 0) & (strength != 0)
    put("chosen_first", np.bincount(item, chose & ((strength > 0) == (first == 0)), n), np.bincount(item, chose, n))


def _of_rows(delivery: Delivery, who: np.ndarray, put: Put) -> None:
    """Sums over all rows: skips, times and repeats."""
    rows, n = delivery.data.annotations, len(delivery.data.items)
    kept = who[rows["annotator"].to_numpy()]
    item, label = rows["item"].to_numpy()[kept], rows["label"].to_numpy()[kept]
    put("missing", np.bincount(item, label == NULL, n), np.bincount(item, minlength=n))
    seconds = rows["seconds"].to_numpy(float)[kept]
    timed = seconds > 0
    put("seconds", np.bincount(item[timed], np.log(seconds[timed]), n), np.bincount(item[timed], minlength=n))
    repeat = rows["repeat"].to_numpy()[kept]
    if not (repeat > 0).any():
        return
    table = delivery.data.scale.direction_table()
    person = rows["annotator"].to_numpy()[kept].astype(np.int64)
    key = item.astype(np.int64) * (int(person.max()) + 1) + person
    first = np.flatnonzero((repeat == 0) & (label != NULL))
    again = np.flatnonzero((repeat > 0) & (label != NULL))
    order = first[np.argsort(key[first], kind="stable")]
    at = np.searchsorted(key[order], key[again])
    found = (at < len(order)) & (key[order][np.minimum(at, len(order) - 1)] == key[again])
    again, was = again[found], order[np.minimum(at, len(order) - 1)][found]
    put(
        "self_consistency",
        np.bincount(item[again], table[label[again]] == table[label[was]], n),
        np.bincount(item[again], minlength=n),
    )


def values(totals: np.ndarray) -> np.ndarray:
    """The figures from sums: float (..., measures) from float (..., columns); NaN where undefined.

    >>> one = np.zeros(columns(2))
    >>> one[_FIRST:] = [30, 30, 12]
    >>> round(float(values(one)[0]), 3)  # 1 - 59 * 12 / (3600 - 1800)
    0.607
    """
    t = np.asarray(totals, float)
    found = np.full((*t.shape[:-1], len(MEASURES)), np.nan)
    counts, off = t[..., _FIRST:-1], t[..., -1]
    n = counts.sum(-1)
    by_chance = n**2 - (counts**2).sum(-1)
    with np.errstate(invalid="ignore", divide="ignore"):
        found[..., 0] = np.where(by_chance > 1e-9, 1 - (n - 1) * off / by_chance, np.nan)
        hits, of = t[..., 0:_FIRST:2], t[..., 1:_FIRST:2]
        found[..., 1:] = np.where(of > 1e-9, hits / of, np.nan)
    seconds = 1 + RATIOS.index("seconds")
    found[..., seconds] = np.exp(found[..., seconds])
    return found


def counts_of(totals: np.ndarray) -> np.ndarray:
    """How much each figure rests on: float (measures,)."""
    of = np.asarray(totals, float)[1:_FIRST:2]
    return np.concatenate([of[:1], of])


def _directions(delivery: Delivery) -> int:
    table = delivery.data.scale.direction_table()[:-1]
    return int(table.max(initial=-1)) + 1
