"""The pairs a reward model is trained and judged on, with one label source chosen: gold, an aggregation, or the raw
votes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from workbench.dataset.annotation_set import AnnotationSet
from workbench.dataset.clusters import joined
from workbench.dataset.scales import NULL, LabelScale
from workbench.errors import WorkbenchError, first_five
from workbench.messages import RESPONSES, by, message

AUTOMATIC = "auto"
"""Gold where the data have any; otherwise the one judgement of each item (with its probability, where training rows
carry one), or the default's posterior where items have several."""

WRITTEN = "written"
"""The probability that each training row carries (`p_chosen`, as `convert` writes it)."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Pairs:
    """Pairs of responses with a label each, ready to be trained on.

    Attributes
    ----------
    prompt, response_a, response_b : object (n,): the texts; a pair without a prompt has the empty string.
    target : float64 (n,): probability that A is preferred, 0.5 for a tie.
    level : int8 (n,): label code from 0 = "A much better" to `levels - 1` = "B much better", -1 where there is none.
    levels : how many labels the scale has.
    weight : float64 (n,): how much a pair counts.
    group : int64 (n,): pairs that share a prompt, a ranking or the same two responses; no split cuts a group.
    source : object (n,): value of the chosen slice, the empty string where unknown.
    item : int64 (n,): position in `AnnotationSet.items`.
    annotator : int64 (n,): position in `AnnotationSet.annotators` of who gave the label, -1 where several did.
    labels : where the labels come from.
    tie : code of the tie among the levels, -1 where the scale has none.
    set_aside : reason -> items (judgements, of raw votes) that are not among the pairs.
    """

    prompt: np.ndarray
    response_a: np.ndarray
    response_b: np.ndarray
    target: np.ndarray
    level: np.ndarray
    levels: int
    weight: np.ndarray
    group: np.ndarray
    source: np.ndarray
    item: np.ndarray
    annotator: np.ndarray = field(default_factory=lambda: np.empty(0, np.int64))
    labels: str = ""
    tie: int = NULL
    set_aside: Mapping[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        n = len(self.target)
        if len(self.annotator) != n:
            if len(self.annotator):
                raise ValueError(f"there are {n} pairs and {len(self.annotator)} annotators")
            object.__setattr__(self, "annotator", np.full(n, -1, np.int64))
        for name in ("prompt", "response_a", "response_b", "level", "weight", "group", "source", "item"):
            if len(getattr(self, name)) != n:
                raise ValueError(f"there are {n} pairs and {len(getattr(self, name))} values of {name}")

    def __len__(self) -> int:
        return len(self.target)

    @property
    def ties(self) -> int:
        """Pairs in which neither response is preferred."""
        return int((self.target == 0.5).sum())

    @property
    def groups(self) -> int:
        """Number of groups."""
        return len(np.unique(self.group))

    def take(self, index: np.ndarray) -> Pairs:
        """These pairs only, by position or by a mask, in the order asked for."""
        columns = (
            "prompt",
            "response_a",
            "response_b",
            "target",
            "level",
            "weight",
            "group",
            "source",
            "item",
            "annotator",
        )
        return replace(self, **{name: getattr(self, name)[index] for name in columns})

    def apart(self, held: Pairs) -> tuple[Pairs, int]:
        """Of other pairs those that share neither prompt nor response with these, and how many do.

        Raises
        ------
        WorkbenchError
            All of them do.
        """
        responses, prompts = {*self.response_a, *self.response_b}, set(self.prompt) - {""}
        shared = np.array(
            [
                a in responses or b in responses or p in prompts
                for a, b, p in zip(held.response_a, held.response_b, held.prompt, strict=True)
            ],
            bool,
        )
        left = held.take(np.flatnonzero(~shared))
        if len(left) == 0:
            raise WorkbenchError(
                "Every pair to judge by shares a prompt or a response with the training pairs.",
                "Judge by other data, or hold out a share.",
            )
        return left, int(shared.sum())

    def with_labels_of(self, other: Pairs) -> Pairs:
        """The same pairs with the labels another label source gives their items; pairs it has no label for are left out
        and counted.
        """
        place = pd.Index(other.item).get_indexer(self.item)
        kept = np.flatnonzero(place >= 0)
        chosen = self.take(kept)
        lost = {f"no label by {other.labels}": len(self) - len(kept)} if len(kept) < len(self) else {}
        return replace(
            chosen,
            target=other.target[place[kept]],
            level=other.level[place[kept]],
            weight=other.weight[place[kept]],
            labels=other.labels,
            set_aside={**self.set_aside, **lost},
        )


def label_sources() -> tuple[str, ...]:
    """The label sources `pairs_of` knows, each method of aggregation as hard labels and as probabilities."""
    from workbench.aggregation import METHODS, SOFT

    methods = [name.replace("_", "-") for name, method in METHODS.items() if not method.needs]
    return ("gold", "raw", WRITTEN, *methods, *(name + SOFT for name in methods))


def pairs_of(data: AnnotationSet, labels: str = AUTOMATIC, slice: str | None = None) -> Pairs:
    """Which pairs can a reward model be trained on, and with which labels?

    Parameters
    ----------
    data : annotations of response pairs, with their texts.
    labels : `gold`; `written` = the probability that each training row carries; `raw` = every first judgement is a pair
        of its own; `majority`, `weighted`, `consensus` or
        another method of aggregation for one hard label an item; the same with `-soft` for its posterior: P(A) plus
        half of P(tie); or `auto` = gold where there is any, otherwise the one judgement of each item, or
        `workbench.aggregation.DEFAULT_LABELS`, the default's probabilities, where items have several.
    slice : the slice column that `source` is taken from, such as `topic`; `source` where the data have it.

    Returns
    -------
    The pairs, with the number of items set aside for each reason.

    Raises
    ------
    WorkbenchError
        The labels compare nothing, the data hold no gold or no texts, or there is no such label source or slice.

    Examples
    --------
    >>> from workbench.dataset.assembly import Export, assemble
    >>> from workbench.dataset.scales import TERNARY
    >>> items = pd.DataFrame(
    ...     {
    ...         "item_id": ["1", "2", "3"],
    ...         "prompt": ["p", "p", "q"],
    ...         "response_a": ["a", "b", "c"],
    ...         "response_b": ["x", "y", "z"],
    ...     }
    ... )
    >>> rows = pd.DataFrame({"item_id": ["1", "2", "3"], "annotator": ["k"] * 3, "label": ["A", "=", None]})
    >>> pairs = pairs_of(assemble([Export(items=items, rows=rows, source="t", format="t", sides=True)], scale=TERNARY))
    >>> pairs.target.tolist(), dict(pairs.set_aside)
    ([1.0, 0.5], {'no label': 1})
    """
    if not data.has_pairs:
        raise WorkbenchError(
            "These labels compare no two responses.", "A reward model is trained on preferences between two responses."
        )
    chosen = _automatic(data) if labels == AUTOMATIC else labels.lower().replace("_", "-")
    item, annotator, target, level, why = _labelled(data, chosen)
    source, texts = _source(data, slice), data.item_texts()
    columns = [
        texts[name].astype(object).where(texts[name].notna(), None).to_numpy(object)
        for name in ("prompt", "response_a", "response_b")
    ]
    prompt, a, b = (column[item] for column in columns)
    missing = np.array([x is None or y is None for x, y in zip(a, b, strict=True)], bool)
    same = ~missing & (a == b).astype(bool)
    why = why.copy()
    why[missing], why[same] = "a response has no text", "the two responses are the same text"
    if len(item) and missing.all():
        raise WorkbenchError(
            "These data hold no texts of the responses.",
            message("Open the export that has them, or name their columns ", by("mapping", RESPONSES)),
        )
    kept = np.flatnonzero(why == "")
    reasons, counts = np.unique(why[why != ""].astype(str), return_counts=True)
    item = item[kept]
    return Pairs(
        prompt=np.array(["" if text is None else text for text in prompt[kept]], object),
        response_a=a[kept],
        response_b=b[kept],
        target=target[kept],
        level=level[kept],
        levels=len(data.scale),
        weight=np.ones(len(kept)),
        group=_groups(data)[item],
        source=source[item],
        item=item,
        annotator=annotator[kept],
        labels=chosen,
        tie=NULL if data.scale.tie is None else data.scale.tie,
        set_aside={str(reason): int(n) for reason, n in zip(reasons, counts, strict=True)},
    )


def split_by_group(pairs: Pairs, share: float, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Positions of the pairs to train on, and of about `share` of them held out; no group lies in both.

    Groups are drawn in random order until they hold the share, so that a few large groups do not decide the size.

    Raises
    ------
    WorkbenchError
        There are fewer than two groups.
    """
    codes = np.unique(pairs.group, return_inverse=True)[1]
    size = np.bincount(codes, minlength=1)
    if len(size) < 2:
        raise WorkbenchError(
            "All pairs belong to one prompt group, so none can be held out.",
            message("Name other data to evaluate on, ", by("evaluation"), "."),
        )
    order = rng.permutation(len(size))
    before = np.cumsum(size[order]) - size[order] / 2
    held = order[before <= max(share * len(codes), 1)]
    held = held if len(held) else order[:1]
    out = np.isin(codes, held[: len(size) - 1])
    return np.flatnonzero(~out), np.flatnonzero(out)


def group_folds(group: np.ndarray, folds: int, rng: np.random.Generator) -> np.ndarray:
    """int64 (n,): a fold for each pair, whole groups together, about the same number of pairs in each.

    >>> group_folds(np.array([7, 7, 3, 9]), 2, np.random.default_rng(0)).tolist()
    [0, 0, 1, 1]
    """
    codes = np.unique(group, return_inverse=True)[1]
    size = np.bincount(codes, minlength=1)
    order = rng.permutation(len(size))
    order = order[np.argsort(-size[order], kind="stable")]
    fold, load = np.zeros(len(size), np.int64), np.zeros(min(folds, len(size)))
    for g in order:
        fold[g] = int(load.argmin())
        load[fold[g]] += size[g]
    return fold[codes]


def leave_one_source_out(pairs: Pairs) -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
    """Each source with the positions to train on and those of that source; a pair whose group reaches into the source
    is in neither of the two.

    Yields
    ------
    The source, positions to train on, positions held out.
    """
    for source in sorted({str(value) for value in pairs.source} - {""}):
        held = pairs.source == source
        train = ~np.isin(pairs.group, np.unique(pairs.group[held]))
        yield source, np.flatnonzero(train), np.flatnonzero(held)


def _automatic(data: AnnotationSet) -> str:
    from workbench.aggregation import DEFAULT_LABELS

    if (data.gold != NULL).any():
        return "gold"
    if np.diff(data.codes.starts).max(initial=0) > 1:
        return DEFAULT_LABELS
    return WRITTEN if np.isfinite(_written(data)).any() else "majority"


def _written(data: AnnotationSet) -> np.ndarray:
    """Probability that A is preferred by the training row of each item, (n_items,); NaN where it carries none."""
    found = np.full(len(data.items), np.nan)
    rows = data.annotations
    if "dim.p_chosen" in rows:
        first = rows[(rows["repeat"] == 0) & (rows["label"] != NULL)]
        sure, side = first["dim.p_chosen"].to_numpy(float), hard_target(data.scale, first["label"].to_numpy())
        found[first["item"].to_numpy()] = np.where(side == 0.5, 0.5, np.where(side > 0.5, sure, 1 - sure))
    return found


def _labelled(data: AnnotationSet, labels: str) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Item, annotator, target, level, and the reason to set it aside ('' = none)."""
    everything = np.arange(len(data.items))
    nobody = np.full(len(everything), -1, np.int64)
    if labels == "raw":
        codes = data.codes
        level = codes.label.astype(np.int8)
        rows = codes.item.astype(np.int64), codes.annotator.astype(np.int64)
        unlabelled = np.setdiff1d(everything, codes.item)
        padded = np.concatenate([level, np.full(len(unlabelled), NULL, np.int8)])
        item, annotator = np.concatenate([rows[0], unlabelled]), np.concatenate([rows[1], nobody[: len(unlabelled)]])
        return item, annotator, hard_target(data.scale, padded), padded, _because(padded == NULL, "no label")
    if labels == WRITTEN:
        hard, sure = _labelled(data, "majority"), _written(data)
        if not np.isfinite(sure).any():
            raise WorkbenchError(
                "These rows carry no probabilities.", "Choose another label source, or write them with `p_chosen`."
            )
        target = np.where(np.isfinite(sure), sure, hard[2])
        return everything, nobody, target, hard[3], np.where(np.isfinite(sure), "", hard[4]).astype(object)
    if labels == "gold":
        if not (data.gold != NULL).any():
            raise WorkbenchError(
                "These data hold no gold labels.",
                message("Choose another label source, or name a gold file ", by("gold"), "."),
            )
        level = data.gold.astype(np.int8)
        return everything, nobody, hard_target(data.scale, level), level, _because(level == NULL, "no gold label")
    from workbench.aggregation import METHODS, SOFT, aggregate

    soft, method = labels.endswith(SOFT), labels.removesuffix(SOFT).replace("-", "_")
    if method not in METHODS or METHODS[method].needs:
        raise WorkbenchError(f"There is no label source {labels!r}.", f"Choose one of {', '.join(label_sources())}.")
    result = aggregate(data, method)
    if soft:
        posterior = result.direction_posterior
        target = posterior[:, 0] + (0.5 * posterior[:, 1] if posterior.shape[1] == 3 else 0.0)
        return everything, nobody, target, result.label, _because(np.isnan(target), "no label")
    why = _because(result.label == NULL, "no label")
    why[(result.label == NULL) & (np.diff(data.codes.starts) > 0)] = "the votes are tied"
    return everything, nobody, hard_target(data.scale, result.label), result.label, why


def hard_target(scale: LabelScale, level: np.ndarray) -> np.ndarray:
    """Probability that A is preferred by labels taken as certain: 1 for any label for A, 0.5 for a tie, 0 for B, NaN
    for none.

    >>> from workbench.dataset.scales import TERNARY
    >>> hard_target(TERNARY, np.array([0, 1, 2, -1])).tolist()
    [1.0, 0.5, 0.0, nan]
    """
    table = np.append((np.sign(scale.strengths) + 1) / 2, np.nan)
    return table[level]


def _because(where: np.ndarray, reason: str) -> np.ndarray:
    return np.where(where, reason, "").astype(object)


def _source(data: AnnotationSet, slice: str | None) -> np.ndarray:
    name = "slice.source" if slice is None else f"slice.{slice.removeprefix('slice.')}"
    if name not in data.slices:
        if slice is None:
            return np.full(len(data.items), "", object)
        raise WorkbenchError(
            f"These data have no slice {slice!r}.",
            f"There is {first_five(s.removeprefix('slice.') for s in data.slices) or 'none'}.",
        )
    column = data.items[name]
    return np.where(column.isna(), "", column.astype(str)).astype(object)


def _groups(data: AnnotationSet) -> np.ndarray:
    """Items that share a group, a prompt, or the two responses, as one number each."""
    links = [] if data.group_codes is None else [data.group_codes]
    if "pair_id" in data.items:
        links.append(pd.factorize(data.items["pair_id"])[0].astype(np.int64))
    return joined(*links) if links else np.arange(len(data.items))
