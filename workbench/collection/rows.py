"""The items of a batch as rows of the store: which role each has, how many people it wants, what is known of it."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from workbench.dataset.annotation_set import AnnotationSet
from workbench.dataset.scales import NULL, LabelScale
from workbench.errors import WorkbenchError, first_five


def known_answers(pool: AnnotationSet, gold: Mapping[str, str] | None, scale: LabelScale) -> dict[int, str]:
    """Position of an item -> its right label, by direction where the pool's scale differs from the batch's."""
    if gold is None:
        at = np.flatnonzero(pool.gold != NULL)
        labels = [pool.scale.labels[code] for code in pool.gold[at]]
    else:
        place = {str(name): i for i, name in enumerate(pool.items["item_id"])}
        foreign = [name for name in gold if name not in place]
        if foreign:
            raise WorkbenchError(
                f"{len(foreign):,} gold items are not in the pool: {first_five(foreign)}.", "Check their item ids."
            )
        at, labels = np.array([place[name] for name in gold], np.int64), list(gold.values())
    return {int(i): _on_scale(label, scale) for i, label in zip(at, labels, strict=True)}


def _on_scale(label: str, scale: LabelScale) -> str:
    if label in scale.labels:
        return label
    side = label[:1]
    if side in "AB":
        return next(each for each in scale.labels if each[:1] == side and each.count(">") <= 1)
    raise WorkbenchError(
        f"A gold label {label!r} cannot be said on the scale {scale.name}.",
        f"Its labels are {', '.join(scale.labels)}; take a scale with that label, or leave the item out of gold.",
    )


def item_rows(
    pool: AnnotationSet,
    known: Mapping[int, str],
    overlap: int,
    *,
    only: Sequence[int] | None = None,
    priority: np.ndarray | None = None,
    seed: int = 0,
) -> list[dict[str, Any]]:
    """A row an item that has both texts: gold where its answer is known, else to be judged by `overlap` people.

    Parameters
    ----------
    only : positions of the items to be judged, those to come first in front; gold is taken from the whole pool.
    priority : float (n_items,): larger is handed out earlier.
    seed : order of items of one priority.
    """
    n = len(pool.items)
    texts = pool.texts.frame()
    order = np.random.default_rng(seed).permutation(n)
    kept = [c for c in pool.items.columns if c in ("model_a", "model_b", "group") or str(c).startswith("slice.")]
    extra = pool.items[kept].astype(object).where(pool.items[kept].notna(), None).to_dict("records")
    ids = pool.items["item_id"].astype(str).tolist()
    first = {int(position): len(only or ()) - rank for rank, position in enumerate(only or ())}
    rows = []
    for i, (prompt, a, b) in enumerate(zip(texts["prompt"], texts["response_a"], texts["response_b"], strict=True)):
        if not isinstance(a, str) or not isinstance(b, str):
            continue
        role = "gold" if i in known else "regular"
        if only is not None and role == "regular" and i not in first:
            continue
        rows.append(
            {
                "id": secrets.token_hex(8),
                "source_id": ids[i],
                "role": role,
                "prompt": prompt if isinstance(prompt, str) else "",
                "response_a": a,
                "response_b": b,
                "known": known.get(i),
                "extra": {str(k): _plain(v) for k, v in extra[i].items() if v is not None},
                "want": overlap if role == "regular" else 0,
                "held": 0,
                "done": 0,
                "wanting": role == "regular",
                "priority": float(first.get(i, 0)) if priority is None else float(priority[i]),
                "place": int(order[i]),
            }
        )
    return rows


def check_rows(checks: Sequence[tuple[str, str, str, str]], scale: LabelScale) -> list[dict[str, Any]]:
    """A row an attention check: prompt, response A, response B and the label that its text asks for."""
    return [
        {
            "id": secrets.token_hex(8),
            "source_id": f"check-{i + 1}",
            "role": "check",
            "prompt": prompt,
            "response_a": a,
            "response_b": b,
            "known": _on_scale(label, scale),
            "extra": {},
            "want": 0,
            "held": 0,
            "done": 0,
            "wanting": False,
            "priority": 0.0,
            "place": i,
        }
        for i, (prompt, a, b, label) in enumerate(checks)
    ]


def _plain(value: Any) -> Any:
    return value.item() if hasattr(value, "item") else value
