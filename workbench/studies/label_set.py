"""One training label an item, or one a judgement, by name: what the label sets of a study are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from workbench.aggregation import DEFAULT, DEFAULT_LABELS, METHODS, SOFT, aggregate
from workbench.dataset.annotation_set import AnnotationSet
from workbench.dataset.scales import NULL
from workbench.errors import WorkbenchError

SETS: Mapping[str, str] = {
    "raw": "every judgement is a training pair of its own",
    "majority": "one vote each, ties left out",
    "weighted": "votes weighed by how often an annotator agrees with others, ties left out",
    DEFAULT: "the most probable side by what methods of different structure say together, as certain",
    DEFAULT_LABELS: "the probability of each side by what they say together",
    "dawid-skene": "the most probable side by confusion tables alone, as certain",
    "dawid-skene-soft": "the probability of each side by confusion tables alone",
    "cleaned": "the probability of each side by what methods say together, after cleaning",
}
"""Label sets by name, and what they are; `cleaned` is made by `workbench.cleaning` first."""


@dataclass(frozen=True, eq=False)
class LabelSet:
    """Labels to train on.

    Attributes
    ----------
    name : which label set.
    item : int64 (n,): position of the item in the data; several rows may name one item.
    target : float64 (n,): probability that A is preferred, 0.5 for a tie.
    weight : float64 (n,): how much it counts.
    judgements : how many judgements they were made from.
    set_aside : reason -> items without a label.
    """

    name: str
    item: np.ndarray
    target: np.ndarray
    weight: np.ndarray
    judgements: int
    set_aside: Mapping[str, int] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.item)


def label_set(data: AnnotationSet, name: str = DEFAULT_LABELS) -> LabelSet:
    """The labels of the items that have judgements, without looking at gold.

    Parameters
    ----------
    data : judgements; items without any are not listed.
    name : one of `SETS`, or another method of aggregation by its name, with `-soft` for its probabilities.

    Raises
    ------
    WorkbenchError
        There is no such label set.

    Examples
    --------
    >>> import pandas as pd
    >>> from workbench.dataset.assembly import Export, assemble
    >>> rows = pd.DataFrame(
    ...     {
    ...         "item_id": ["1", "1", "1", "2", "2"],
    ...         "annotator": ["x", "y", "z", "x", "y"],
    ...         "label": ["A", "A", "B", "A", "B"],
    ...     }
    ... )
    >>> data = assemble(
    ...     [Export(items=rows[["item_id"]], rows=rows[["annotator", "label"]], source="t", format="t", sides=True)]
    ... )
    >>> (
    ...     label_set(data, "majority").target.tolist(),
    ...     dict(label_set(data, "majority").set_aside),
    ...     len(label_set(data, "raw")),
    ... )
    ([1.0], {'the votes are tied': 1}, 5)
    """
    from workbench.reward.pairs import hard_target

    codes, method = data.codes, checked_set(name)
    if name == "raw":
        target = hard_target(data.scale, codes.label)
        return LabelSet(name, codes.item.astype(np.int64), target, np.ones(len(target)), len(codes))
    soft = name.endswith(SOFT) or name == "cleaned"
    found = aggregate(data, method)
    judged = np.diff(codes.starts) > 0
    if soft:
        sides = found.direction_posterior
        target = sides[:, 0] + (0.5 * sides[:, 1] if sides.shape[1] == 3 else 0.0)
    else:
        target = hard_target(data.scale, found.label)
    tied = int((judged & np.isnan(target)).sum())
    item = np.flatnonzero(judged & ~np.isnan(target))
    return LabelSet(
        name, item, target[item], np.ones(len(item)), len(codes), {"the votes are tied": tied} if tied else {}
    )


def checked_set(name: str, besides: Sequence[str] = ()) -> str:
    """The method of aggregation a label set is made by; of `raw` there is none.

    Parameters
    ----------
    besides : what else may be chosen where the name comes from, for the message.

    Raises
    ------
    WorkbenchError
        There is no such label set.

    >>> checked_set("dawid-skene-soft"), checked_set("cleaned"), checked_set("raw")
    ('dawid_skene', 'consensus', '')
    """
    if name == "raw":
        return ""
    method = DEFAULT if name == "cleaned" else name.removesuffix(SOFT).replace("-", "_")
    if method not in METHODS or METHODS[method].needs:
        known = [*besides, *SETS, *(m.replace("_", "-") for m in METHODS if not METHODS[m].needs)]
        raise WorkbenchError(
            f"There is no label set {name[:40]!r}.", f"Choose one of {', '.join(dict.fromkeys(known))}."
        )
    return method


def hidden_gold(data: AnnotationSet) -> AnnotationSet:
    """The same data with no gold: what is measured on gold must not have seen it."""
    from dataclasses import replace

    return replace(data, gold=np.full(len(data.gold), NULL, data.gold.dtype))


def on_items(data: AnnotationSet, items: np.ndarray) -> AnnotationSet:
    """The same data with the judgements of these items only; positions stay."""
    chosen = np.zeros(len(data.items), bool)
    chosen[items] = True
    return data.keep_annotations(chosen[data.annotations["item"].to_numpy()], "held out by the study")
