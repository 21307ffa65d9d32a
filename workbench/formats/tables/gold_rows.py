"""Rows whose annotator is called `gold`: the right answers, listed among the judgements."""

from __future__ import annotations

import numpy as np
import pandas as pd

from workbench.findings import Finding, finding
from workbench.messages import by, message

_GOLD = {"gold", "gold label", "gold standard", "ground truth", "groundtruth", "answer key", "correct answer"}


def with_gold_apart(
    items: pd.DataFrame, rows: pd.DataFrame, column: str, notes: list[Finding]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Items with the labels of the annotator `gold` as the right answers, and the rows without that annotator's."""
    if "gold" in items or "annotator" not in rows:
        return items, rows
    names = pd.Series(rows["annotator"].unique())
    spelled = names.astype("str").str.casefold().str.replace(r"[\W_]+", " ", regex=True).str.strip()
    names = names[spelled.isin(_GOLD).fillna(False).to_numpy(bool)]
    if names.empty:
        return items, rows
    right = rows["annotator"].isin(names).to_numpy(bool)
    if right.all():
        return items, rows
    notes.append(
        finding(
            "info",
            "gold-by-annotator",
            f"{column!r} names {str(names.iloc[0])!r} in {int(right.sum()):,} rows: they are read as the right answers,"
            " not as those of a person.",
            message(
                "If this is a person, give another name in the file, or leave the column out ",
                by("mapping", {"annotator": ""}),
            ),
            count=int(right.sum()),
        )
    )
    gold = np.full(len(items), None, object)
    gold[rows["item_row"].to_numpy()[right]] = rows["label"].astype(object).to_numpy()[right]
    return items.assign(gold=pd.Series(gold, index=items.index)), rows[~right].reset_index(drop=True)
