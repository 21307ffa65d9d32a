"""Small crowds whose truth is known."""

from __future__ import annotations

import numpy as np
import pandas as pd

from workbench.dataset.annotation_set import AnnotationSet
from workbench.dataset.assembly import Export, assemble


def votes(text: str, gold: dict[str, str] | None = None, **columns: list) -> AnnotationSet:
    """Judgements written as `item annotator label`, one a line; columns of the judgements by name."""
    rows = pd.DataFrame([line.split() for line in text.strip().splitlines()], columns=["item_id", "annotator", "label"])
    rows["label"] = rows["label"].replace("?", None)
    ids = list(dict.fromkeys(rows["item_id"]))
    items = pd.DataFrame({"item_id": ids})
    rows["item_row"] = [ids.index(i) for i in rows["item_id"]]
    if gold is not None:
        items["gold"] = [gold.get(i) for i in ids]
    return assemble(
        [
            Export(
                items=items,
                rows=rows.drop(columns="item_id").assign(**columns),
                source="votes",
                format="test",
                sides=True,
            )
        ]
    )


def crowd(
    items: int = 600, annotators: int = 12, spammers: int = 0, accuracy: float = 0.85, per_item: int = 3, seed: int = 0
) -> AnnotationSet:
    """Binary labels; the last annotators are spammers who label at random; half the items have gold."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, 2, items)
    who = np.argsort(rng.random((items, annotators)), axis=1)[:, :per_item].ravel()
    item = np.repeat(np.arange(items), per_item)
    right = rng.random(len(who)) < np.where(who >= annotators - spammers, 0.5, accuracy)
    label = np.where(right, truth[item], 1 - truth[item])
    names = np.array([f"{'spam' if a >= annotators - spammers else 'ann'}-{a:02d}" for a in range(annotators)], object)
    sides = np.array(["A", "B"], object)
    table = pd.DataFrame(
        {"item_id": [f"i{i}" for i in range(items)], "gold": np.where(np.arange(items) % 2 == 0, sides[truth], None)}
    )
    rows = pd.DataFrame(
        {"item_row": item, "annotator": names[who], "label": sides[label], "seconds": rng.lognormal(3, 0.5, len(who))}
    )
    return assemble([Export(items=table, rows=rows, source="crowd", format="test", sides=True)])
