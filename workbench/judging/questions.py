"""Which questions do these data make? Pairs with both texts, in both orders; what cannot be asked is counted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from workbench.dataset.annotation_set import AnnotationSet
from workbench.errors import WorkbenchError
from workbench.judging.masking import masked
from workbench.judging.prompt import Question, in_both_orders
from workbench.messages import RESPONSES, by, message


@dataclass(frozen=True, eq=False)
class Questions:
    """What is to be asked.

    Attributes
    ----------
    asked : the questions.
    items : int64: positions of the items they are about.
    set_aside : reason -> items that are not asked about.
    """

    asked: list[Question]
    items: np.ndarray
    set_aside: Mapping[str, int]


def questions_of(
    data: AnnotationSet,
    items: np.ndarray | None = None,
    *,
    orders: int = 2,
    samples: int = 1,
    mask: bool = False,
    seed: int = 0,
) -> Questions:
    """The questions of these items, each in both orders, the one asked first drawn by the seed.

    Parameters
    ----------
    data : response pairs with their texts; labels are not looked at.
    items : positions; all by default.
    orders : 2, or 1 for a random order of each item (its position bias then cannot be told from its judgement).
    samples : answers to each.
    mask : replace addresses and numbers in the texts before they are sent.

    Raises
    ------
    WorkbenchError : the numbers are not possible, or no item has two different texts.
    """
    if orders not in (1, 2) or not 1 <= samples <= 100:
        raise WorkbenchError(
            f"{orders} orders with {samples} samples are not possible.", "Use 1 or 2 orders and 1 to 100 samples."
        )
    wanted = np.arange(len(data.items)) if items is None else np.asarray(items, np.int64)
    texts = data.item_texts(wanted)
    missing = texts[["response_a", "response_b"]].isna().any(axis=1).to_numpy(bool)
    alike = ~missing & (texts["response_a"] == texts["response_b"]).to_numpy(bool)
    good = np.flatnonzero(~missing & ~alike)
    if len(wanted) and len(good) == 0:
        raise WorkbenchError(
            "No item has two different texts to compare.",
            message("Open the export that holds the texts, or name their columns ", by("mapping", RESPONSES)),
        )
    change = masked if mask else str
    kept = texts.iloc[good]
    ids = data.items["item_id"].to_numpy()[wanted[good]]
    prompts = kept["prompt"].fillna("")
    rows = [
        (str(i), change(p), change(a), change(b))
        for i, p, a, b in zip(ids, prompts, kept["response_a"], kept["response_b"], strict=True)
    ]
    first = np.random.default_rng(seed).integers(2, size=len(rows)).tolist()
    asked = in_both_orders(rows, orders=orders, samples=samples, first_order=first)
    reasons = {"a response has no text": int(missing.sum()), "identical responses": int(alike.sum())}
    return Questions(asked, wanted[good], {reason: n for reason, n in reasons.items() if n})
