"""Small annotation sets, spelled out row by row."""

from __future__ import annotations

import pandas as pd

from workbench import AnnotationSet
from workbench.dataset.assembly import Export, assemble
from workbench.dataset.scales import FIVE


def annotated(
    rows: list[tuple], columns: str = "item annotator label", items: pd.DataFrame | None = None, five: bool = False
) -> AnnotationSet:
    """The annotation set of these rows; `columns` names what they hold, `items` adds columns by `item_id`."""
    table = pd.DataFrame(rows, columns=columns.split())
    names = list(dict.fromkeys(table["item"]))
    described = pd.DataFrame({"item_id": names})
    if items is not None:
        described = described.merge(items, on="item_id", how="left")
    if five:
        described = described.assign(model_a="one", model_b="two")
    if "ended_at" in table:
        table["ended_at"] = pd.to_datetime(table["ended_at"])
    judged = table.drop(columns="item").assign(item_row=[names.index(i) for i in table["item"]])
    return assemble(
        [
            Export(
                items=described, rows=judged, source="test.csv", format="test", scale=FIVE if five else None, sides=five
            )
        ]
    )
