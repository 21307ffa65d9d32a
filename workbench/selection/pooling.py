"""From annotations to a pool: which pairs could be labelled, how they differ, and what a model makes of what is
labelled already.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from workbench.dataset.annotation_set import AnnotationSet
from workbench.dataset.scales import NULL
from workbench.errors import WorkbenchError, first_five
from workbench.progress import UNWATCHED, Watch
from workbench.selection.contract import Pool

if TYPE_CHECKING:
    from workbench.reward.features import PairFeatures
    from workbench.reward.pairs import Pairs

FEWEST_LABELLED = 20
"""Labelled pairs that a model is fitted to; with fewer there is none."""

SHRUNK_BY = 20.0
"""Pairs of labels of the whole set that a slice's own rate of errors is joined with."""

WORDS_A_SECOND = 238 / 60
"""Silent reading of English non-fiction (Brysbaert 2019); used where no times are known."""


@dataclass(frozen=True, eq=False, kw_only=True)
class PoolOf:
    """A pool made from annotations, and how.

    Attributes
    ----------
    pool : the arrays.
    items : int64 (n,): position in `AnnotationSet.items` of each row.
    encoder, encoder_reason : what turned texts into numbers, and why it is not the one asked for; empty where it is.
    model : where probabilities come from, in words; empty where there are none.
    labelled, new : rows that have labels, and rows that have none.
    flip : how often a label names the wrong side, or None where no pair has two labels.
    set_aside : reason -> items that are not in the pool.
    notes : what else the reader should know.
    """

    pool: Pool
    items: np.ndarray
    encoder: str
    encoder_reason: str
    model: str
    labelled: int
    new: int
    flip: float | None
    set_aside: Mapping[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def again(self) -> Pool:
        """The pool with labelled pairs as candidates like any other, for one more label."""
        return replace(self.pool, votes=None)


def pool_from(
    data: AnnotationSet,
    model: str | Path | None = None,
    encoder: str | Path | None = None,
    slice: str | None = None,
    watch: Watch = UNWATCHED,
) -> PoolOf:
    """Which pairs of these data could be labelled, and what is known of them?

    Features are those a reward model is trained on. Probabilities come from the model named; without one, a
    Bradley-Terry head is fitted to the pairs that have labels and to those whose right label is known, if there are at
    least 20 of them.

    Parameters
    ----------
    data : annotations of response pairs with their texts; items without any label are the new ones.
    model : folder of any reward model.
    encoder : name or folder of an encoder, where no model brings its own; the usual one by default.
    slice : column whose values quotas may balance.
    watch : is told how far it is.

    Raises
    ------
    WorkbenchError
        The labels compare nothing, no item has the texts of two different responses, or there is no such slice or
        model.
    """
    if not data.has_pairs:
        raise WorkbenchError("These labels compare no two responses.", "Selection is for pairs of responses.")
    pairs, set_aside = every_pair(data)
    if len(pairs) == 0:
        raise WorkbenchError(
            "No item has the texts of two different responses, so there is nothing to select.",
            "Open the export that holds the texts.",
        )
    votes = sides_voted(data)[pairs.item]
    features, known, name, on_gold = _described(data, pairs, model, encoder, watch)
    flips, overall = flip_rates(data, slice)
    codes = None if slice is None else slice_values(data, slice)[pairs.item]
    pool = Pool(
        features=features.matrix,
        **known,
        labelled=on_gold,
        votes=votes if votes.any() else None,
        flip=None if flips is None else flips[pairs.item],
        cost=reading_seconds(data)[pairs.item],
        slice=codes,
        ids=data.items["item_id"].to_numpy()[pairs.item],
    )
    labelled = int(pool.voted.sum())
    notes = (
        [] if name or model else [f"No model: {labelled:,} pairs have labels, {FEWEST_LABELLED} are needed to fit one."]
    )
    return PoolOf(
        pool=pool,
        items=pairs.item,
        encoder=features.encoder.name,
        encoder_reason=features.encoder.reason,
        model=name,
        labelled=labelled,
        new=len(pool) - labelled,
        flip=overall,
        set_aside=set_aside,
        notes=tuple(notes),
    )


def candidate_counts(data: AnnotationSet) -> tuple[int, int]:
    """How many items have no label yet, and how many have one, gold not counted; without looking at the texts."""
    labelled = np.diff(data.codes.starts) > 0
    open_items = data.gold == NULL
    return int((~labelled & open_items).sum()), int((labelled & open_items).sum())


def every_pair(data: AnnotationSet) -> tuple[Pairs, dict[str, int]]:
    """All items with two different texts as pairs without labels, and how many have not, by reason. Items whose right
    label is known are left out.
    """
    from workbench.reward.pairs import Pairs

    texts = data.item_texts()
    prompt, a, b = (
        texts[name].astype(object).where(texts[name].notna(), None).to_numpy(object)
        for name in ("prompt", "response_a", "response_b")
    )
    missing = np.array([x is None or y is None for x, y in zip(a, b, strict=True)], bool)
    same = ~missing & np.array([x == y for x, y in zip(a, b, strict=True)], bool)
    gold = ~missing & ~same & (data.gold != NULL)
    kept = np.flatnonzero(~missing & ~same & ~gold)
    n = len(kept)
    reasons = {
        "a response has no text": missing,
        "the two responses are the same text": same,
        "the right label is known (gold)": gold,
    }
    pairs = Pairs(
        prompt=np.array(["" if text is None else text for text in prompt[kept]], object),
        response_a=a[kept],
        response_b=b[kept],
        target=np.full(n, 0.5),
        level=np.full(n, NULL, np.int8),
        levels=len(data.scale),
        weight=np.ones(n),
        group=np.arange(n),
        source=np.full(n, "", object),
        item=kept.astype(np.int64),
    )
    return pairs, {reason: int(rows.sum()) for reason, rows in reasons.items() if rows.any()}


def sides_voted(data: AnnotationSet) -> np.ndarray:
    """Labels for A and for B of each item, float64 (n_items, 2); a tie counts half for each."""
    codes, scale = data.codes, data.scale
    sign = np.sign(np.asarray(scale.strengths))[codes.label] if scale.has_sides else np.zeros(len(codes))
    return np.stack(
        [np.bincount(codes.item, weights=(1 + side * sign) / 2, minlength=len(data.items)) for side in (1, -1)], axis=1
    )


def flip_rates(data: AnnotationSet, slice: str | None = None) -> tuple[np.ndarray | None, float | None]:
    r"""How often does a label name the wrong side? For each item by its slice, float64 (n_items,), and overall; None
    where no item has two labels.

    Two labels of one item name different sides with chance $D = 2\eta(1-\eta)$ if each is wrong with chance $\eta$, so
    $\eta = (1 - \sqrt{1 - 2D}) / 2$. Ties are left out. Pairs that have no better side count as errors here: labels of
    them are noise too.
    """
    votes = np.zeros((len(data.items), 2))
    codes = data.codes
    direction = data.scale.direction(codes.label)
    first, last = 0, int(data.scale.direction_table()[:-1].max(initial=0))
    for column, side in enumerate((first, last)):
        votes[:, column] = np.bincount(codes.item, weights=direction == side, minlength=len(data.items))
    both = votes.sum(1)
    pairs, differ = both * (both - 1) / 2, votes.prod(1)
    if pairs.sum() == 0:
        return None, None
    rate = float(differ.sum() / pairs.sum())
    overall = _flip_of(np.array([rate]))[0]
    if slice is None:
        return np.full(len(data.items), overall), float(overall)
    _, group = np.unique(slice_values(data, slice).astype(str), return_inverse=True)
    seen, disagreed = np.bincount(group, weights=pairs), np.bincount(group, weights=differ)
    return _flip_of((disagreed + SHRUNK_BY * rate) / (seen + SHRUNK_BY))[group], float(overall)


def _flip_of(disagreement: np.ndarray) -> np.ndarray:
    return np.asarray(np.clip((1 - np.sqrt(np.maximum(1 - 2 * disagreement, 0.0))) / 2, 0.005, 0.45))


def reading_seconds(data: AnnotationSet) -> np.ndarray:
    """How long is a judgement of each item expected to take? float64 (n_items,), in seconds.

    Where judgements have times, median time of this crew scaled by the words of the item; otherwise the time it takes
    to read them.
    """
    columns = [name for name in ("words_prompt", "words_a", "words_b") if name in data.items]
    words = np.maximum(data.items[columns].to_numpy(float), 0.0).sum(1) if columns else np.zeros(len(data.items))
    usual = float(np.median(words[words > 0])) if (words > 0).any() else 1.0
    words = np.where(words > 0, words, usual)
    rows = data.annotations
    seconds, of_item = rows["seconds"].to_numpy(float), words[rows["item"].to_numpy()]
    timed = (seconds > 0) & (seconds < 3600)
    if timed.sum() < FEWEST_LABELLED:
        return np.asarray(words / WORDS_A_SECOND)
    # Half of the median time is fixed, half goes with the words: between "all items alike" and "only the words count".
    median = float(np.median(seconds[timed]))
    return np.asarray(median * (0.5 + 0.5 * words / float(np.median(of_item[timed]))))


def slice_values(data: AnnotationSet, slice: str) -> np.ndarray:
    """Value of a slice column of each item, object (n_items,); "(none)" where it has none.

    Raises
    ------
    WorkbenchError : there is no such slice.
    """
    name = slice if slice.startswith("slice.") else f"slice.{slice}"
    if name not in data.slices:
        raise WorkbenchError(
            f"These data have no slice {slice!r}.",
            f"There is {first_five(s.removeprefix('slice.') for s in data.slices) or 'none'}.",
        )
    column = data.items[name]
    return np.where(column.isna(), "(none)", column.astype(str)).astype(object)


def _described(
    data: AnnotationSet, pairs: Pairs, model: str | Path | None, encoder: str | Path | None, watch: Watch
) -> tuple[PairFeatures, dict[str, np.ndarray], str, np.ndarray | None]:
    """Features, what a model says of them, which model that is, and features of pairs whose right label is known."""
    from workbench.reward.encoders import encoder_named
    from workbench.reward.features import pair_features

    if model is not None:
        return *_by_model(pairs, model, encoder, watch), None
    features = pair_features(pairs, encoder_named(encoder), watch=watch)
    target, weight = _labels(data, pairs)
    labelled = np.flatnonzero(weight > 0)
    gold = _gold_pairs(data)
    on_gold = None if gold is None else features.like(gold, watch).matrix
    x, y = features.matrix[labelled], target[labelled]
    if gold is not None and on_gold is not None:
        x, y = np.concatenate([x, on_gold]), np.concatenate([y, gold.target])
    if len(x) < FEWEST_LABELLED:
        return features, {}, "", on_gold
    from workbench.reward.heads import fit_bradley_terry

    watch.step(0, 1, "Fitting a model to what is labelled")
    head = fit_bradley_terry(x, y)
    known = {
        "margin": head.margin(features.matrix),
        "probability": head.probability(features.matrix, moderated=True),
        "covariance": head.covariance,
    }
    with_gold = f" and the {len(gold):,} whose right label is known" if gold is not None else ""
    name = f"Bradley-Terry head fitted to the {len(labelled):,} pairs that have labels{with_gold}"
    return features, known, name, on_gold


def _gold_pairs(data: AnnotationSet) -> Pairs | None:
    """Pairs whose right label is known: no candidates for another label, and the surest to learn from."""
    from workbench.reward.pairs import pairs_of

    pairs = pairs_of(data, "gold") if (data.gold != NULL).any() else None
    return pairs if pairs is not None and len(pairs) else None


def _labels(data: AnnotationSet, pairs: Pairs) -> tuple[np.ndarray, np.ndarray]:
    """Probability that A is preferred by the labels of each pair, and 1 where there is any label, 0 where there is
    none; float64 (n,).
    """
    target, known = np.full(len(pairs), 0.5), np.zeros(len(pairs))
    if len(data.codes) == 0:
        return target, known
    from workbench.aggregation import DEFAULT_LABELS
    from workbench.reward.pairs import pairs_of

    several = np.diff(data.codes.starts).max(initial=0) > 1
    labelled = pairs_of(data, DEFAULT_LABELS if several else "majority")
    place = np.full(len(data.items), -1, np.int64)
    place[pairs.item] = np.arange(len(pairs))
    here = place[labelled.item] >= 0
    target[place[labelled.item[here]]] = labelled.target[here]
    known[place[labelled.item[here]]] = 1.0
    return target, known


def _by_model(
    pairs: Pairs, model: str | Path, encoder: str | Path | None, watch: Watch
) -> tuple[PairFeatures, dict[str, np.ndarray], str]:
    """What a model says of the pairs: of a head its features, margins, probabilities and covariance, all after its
    temperature; of any other model margins and probabilities, beside the features of an encoder.
    """
    from workbench.reward.encoders import encoder_named
    from workbench.reward.features import pair_features
    from workbench.reward.model import RewardModel
    from workbench.reward.opening import load_model

    trained = load_model(model)
    name = f"reward model {Path(model).name}"
    if isinstance(trained, RewardModel):
        features = trained.features(pairs, watch)
        margin = trained.head.margin(features.matrix)
        covariance = {"covariance": trained.head.covariance / trained.temperature**2}
    else:
        features = pair_features(pairs, encoder_named(encoder), watch=watch)
        margin = trained.margin(pairs.prompt.tolist(), pairs.response_a.tolist(), pairs.response_b.tolist(), watch)
        covariance = {}
        name += f", and the features of {features.encoder.name}"
    known = {"margin": margin / trained.temperature, "probability": trained.probability_of_margin(margin)}
    return features, known | covariance, name
