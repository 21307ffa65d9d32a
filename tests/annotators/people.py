"""Small hand-made annotation sets."""

from __future__ import annotations

import numpy as np
import pandas as pd

from workbench.dataset.annotation_set import AnnotationSet
from workbench.dataset.assembly import Export, assemble


def annotated(
    rows: list[tuple[str, str, str | None]], gold: dict[str, str] | None = None, **columns: object
) -> AnnotationSet:
    """(item, annotator, label) and what else is known of each row; gold by item."""
    frame = pd.DataFrame(rows, columns=["item_id", "annotator", "label"]).assign(**columns)
    items = frame[["item_id"]].copy()
    if gold:
        items["gold"] = items["item_id"].map(gold)
    return assemble([Export(items=items, rows=frame.drop(columns="item_id"), source="test", format="test", sides=True)])


def crew(labels: dict[str, str], start: str = "2026-01-05", **columns: object) -> AnnotationSet:
    """Annotator -> one letter an item, a blank where it gave none; a minute apart each."""
    rows = [
        (f"{i:04d}", name, letter)
        for name, letters in labels.items()
        for i, letter in enumerate(letters)
        if letter != " "
    ]
    when = [pd.Timestamp(start) + pd.Timedelta(minutes=int(item)) for item, _, _ in rows]
    return annotated(rows, ended_at=when, **columns)


def random_letters(n: int, seed: int, letters: str = "AB") -> str:
    return "".join(np.random.default_rng(seed).choice(list(letters), n))


def mostly(truth: str, accuracy: float, seed: int) -> str:
    """The truth, each letter turned with chance 1 - accuracy."""
    rng = np.random.default_rng(seed)
    return "".join(t if rng.random() < accuracy else ("B" if t == "A" else "A") for t in truth)
