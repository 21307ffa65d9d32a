"""Which judgements are copies of another row, and which repeat an annotator's own judgement of an item."""

from __future__ import annotations

import numpy as np
import pandas as pd

from workbench.dataset.scales import NULL


def cells_of(table: pd.DataFrame) -> np.ndarray:
    """One number for each (item, annotator)."""
    annotator = table["annotator"].to_numpy(np.int64)
    return table["item"].to_numpy(np.int64) * (annotator.max(initial=0) + 1) + annotator


def of_several(key: np.ndarray) -> np.ndarray:
    """Which rows share their key with another row; where none does, a sort tells at a fraction of the price."""
    ordered = np.sort(key)
    shared = np.unique(ordered[1:][ordered[1:] == ordered[:-1]])
    if len(shared) == 0:
        return np.zeros(len(key), bool)
    place = np.minimum(np.searchsorted(shared, key), len(shared) - 1)
    return np.asarray(shared[place] == key)


def duplicates(table: pd.DataFrame, rows: pd.DataFrame, key: np.ndarray, several: np.ndarray) -> np.ndarray:
    """Rows that are another row over again: same annotation id on the item, or same annotator, item, label and time."""
    again = np.zeros(len(table), bool)
    part = np.flatnonzero(several)
    if len(part) == 0:
        return again
    if "annotation_id" in rows:
        ids = rows["annotation_id"].iloc[part]
        again[part] |= (
            pd.DataFrame({"k": key[part], "id": ids.to_numpy()}).duplicated() & ids.notna().to_numpy()
        ).to_numpy()
    moment = table["ended_at"].iloc[part]
    alike = pd.DataFrame({"k": key[part], "l": table["label"].to_numpy()[part], "t": moment.to_numpy()}).duplicated()
    again[part] |= alike.to_numpy() & moment.notna().to_numpy()
    return again


def repeats(table: pd.DataFrame, key: np.ndarray, several: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Number of each judgement among its annotator's of the item (-1 without a label), and the unexplained copies."""
    label = table["label"].to_numpy()
    repeat = np.where(label == NULL, -1, 0).astype(np.int16)
    part = np.flatnonzero(several & (label != NULL))
    if len(part) == 0:
        return repeat, np.array([], np.int64)
    frame = pd.DataFrame({"k": key[part], "t": table["ended_at"].to_numpy()[part], "row": part, "l": label[part]})
    ordered = frame.sort_values(["k", "t", "row"], na_position="last", kind="stable")
    number = ordered.groupby("k").cumcount().to_numpy()
    repeat[ordered["row"].to_numpy()] = np.minimum(number, np.iinfo(np.int16).max)
    copies = ordered.loc[(ordered.duplicated(["k", "l"]) & ordered["t"].isna()).to_numpy(), "row"].to_numpy()
    return repeat, np.sort(copies)
