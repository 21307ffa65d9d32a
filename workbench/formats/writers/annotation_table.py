"""One annotation set as one plain table, a row a judgement, with the names of fields as columns: CSV, Parquet or JSON
lines.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from workbench.dataset.annotation_set import AnnotationSet
from workbench.dataset.texts import TEXT_COLUMNS
from workbench.drafts import drafted
from workbench.errors import WorkbenchError
from workbench.formats.files.spreadsheet import defused

AT_ONCE = 100_000
"""Judgements written together."""


def annotation_table(data: AnnotationSet, positions: np.ndarray | None = None, *, texts: bool = True) -> pd.DataFrame:
    """Judgements with everything known about them, in columns that `load` understands without a mapping.

    Parameters
    ----------
    positions : rows of `data.annotations`; all by default.
    texts : whether prompt and responses stand in every row.
    """
    part = data.annotations if positions is None else data.annotations.iloc[positions]
    item = part["item"].to_numpy()
    labels = np.array([*data.scale.labels, None], object)
    sides = np.array(["A", "B", None], object)
    spelled = labels[part["label"].to_numpy()]
    if "both_bad" in part:
        spelled = np.where(part["both_bad"].to_numpy(bool), "both bad", spelled)
    columns: dict[str, object] = {
        "item_id": data.items["item_id"].to_numpy()[item],
        "annotator": data.annotators["annotator"].to_numpy()[part["annotator"].to_numpy()],
        "annotator_kind": data.annotators["kind"].to_numpy()[part["annotator"].to_numpy()],
        "label": spelled,
        "scale": data.scale.name if data.has_pairs else "categories",
        "shown_first": sides[part["shown_first"].to_numpy()],
        "seconds": part["seconds"].to_numpy(),
        "ended_at": part["ended_at"].to_numpy(),
    }
    columns |= {
        c: data.items[c].to_numpy()[item] for c in ("group", "model_a", "model_b", *data.slices) if c in data.items
    }
    columns |= {
        str(c): part[c].to_numpy() for c in part if c in ("confidence", "reason", "batch") or str(c).startswith("dim.")
    }
    if (data.gold >= 0).any():
        columns["gold"] = labels[data.gold][item]
    table = pd.DataFrame(columns)
    if texts:
        shown, back = np.unique(item, return_inverse=True)
        texts_of = data.item_texts(shown)
        table = table.assign(**{c: texts_of[c].to_numpy()[back] for c in TEXT_COLUMNS if texts_of[c].notna().any()})
    return table


def write_annotation_table(data: AnnotationSet, path: str | Path, *, texts: bool = True) -> Path:
    """Writes the table; the name decides between `.parquet`, `.csv` (cells that could run as formulas defused) and
    `.jsonl`.

    Raises
    ------
    WorkbenchError
        The name has another ending.
    """
    target = Path(path)
    if target.suffix not in (".parquet", ".csv", ".jsonl", ".ndjson"):
        raise WorkbenchError(
            f"{target}: a table of annotations is written as .parquet, .csv or .jsonl.", "Choose one of these endings."
        )
    with drafted(target) as draft:
        if target.suffix == ".parquet":
            _write_parquet(data, draft, texts)
        elif target.suffix == ".csv":
            frame = defused(annotation_table(data, texts=texts))
            frame.to_csv(draft, index=False, date_format="%Y-%m-%dT%H:%M:%S.%fZ")
        else:
            frame = annotation_table(data, texts=texts)
            frame.to_json(draft, orient="records", lines=True, force_ascii=False, date_format="iso")
    return target


def _write_parquet(data: AnnotationSet, place: Path, texts: bool) -> None:
    """Some rows at a time."""
    writer = None
    try:
        for start in range(0, len(data.annotations), AT_ONCE):
            step = np.arange(start, min(start + AT_ONCE, len(data.annotations)))
            table = pa.Table.from_pandas(_typed(annotation_table(data, step, texts=texts)), preserve_index=False)
            writer = writer or pq.ParquetWriter(place, table.schema, compression="zstd")
            writer.write_table(table.cast(writer.schema))
    finally:
        if writer is not None:
            writer.close()


def _typed(frame: pd.DataFrame) -> pd.DataFrame:
    """Texts as strings even where a part of them is empty throughout, so that all parts have one schema."""
    return frame.assign(
        **{
            str(c): frame[c].map(str, na_action="ignore").astype("str")
            for c in frame
            if frame[c].dtype == object or isinstance(frame[c].dtype, pd.CategoricalDtype)
        }
    )
