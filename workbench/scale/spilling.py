"""The first half of making buckets: every row written to the bucket of its item, in the order of the files.

A *part* is one stretch of one file. It is written whole or not at all, so that the work can be taken up, and it is
kept: a later delivery that has more rows of an item makes that item's bucket anew from all parts.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from workbench.dataset.assembly import Export
from workbench.dataset.item_identity import pair_hashes
from workbench.dataset.label_reading import has_sides
from workbench.dataset.scales import LabelScale
from workbench.dataset.spellings import model_names_as_sides
from workbench.drafts import drafted_folder
from workbench.errors import WorkbenchError, first_five
from workbench.findings import Finding
from workbench.hashing import hash_strings, hidden_id
from workbench.scale.shards import SPILL, finding_from_json, finding_to_json

ABOUT = "part.json"
ROUTE = "_route"
MOST_VALUES = 5_000
"""Different labels of a part; more are texts or measurements."""
ROUTES = ("group", "prompt", "pair", "item")
"""What keeps rows together, the coarsest first."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Part:
    """What is known of a part beside its rows.

    Attributes
    ----------
    folder : where its rows lie.
    file, number : the mark of its file, and which stretch of it it is.
    delivery : with which delivery it came.
    source, format, scale, spelling, sides, set_aside, findings, label_name, guessed, distinct_responses : as of its
        `Export`.
    rows : judgements and skips.
    values, times : the labels in the file's spelling, and how often each was given; likewise the golds.
    golds : golds in the file's spelling.
    annotators, kinds : ids in the order of their first row, and what they are (null where the file does not say).
    buckets : bucket -> rows.
    """

    folder: Path
    file: str
    number: int
    delivery: int
    source: str
    format: str
    scale: LabelScale | None
    spelling: Mapping[str, str]
    sides: bool
    set_aside: Mapping[str, int]
    findings: tuple[Finding, ...]
    label_name: str
    guessed: bool
    distinct_responses: bool
    rows: int
    values: tuple[Any, ...]
    times: tuple[int, ...]
    golds: tuple[Any, ...]
    annotators: tuple[str, ...]
    kinds: tuple[str | None, ...]
    buckets: Mapping[str, int]

    def items_of(self, bucket: int) -> pd.DataFrame:
        """Presentations of one bucket, with `_route`."""
        return _read(self.folder / f"{bucket:04d}.items.arrow")

    def rows_of(self, bucket: int) -> pd.DataFrame:
        """Rows of one bucket: columns of `Export.rows`, with annotator, label as numbers of this part."""
        return _read(self.folder / f"{bucket:04d}.rows.arrow")


def part_folder(folder: Path, number: int) -> Path:
    """Where a part lies."""
    return folder / SPILL / f"{number:05d}"


def routable(items: pd.DataFrame) -> set[str]:
    """By what the rows of these presentations can be kept together."""
    there = {"item"} if "item_id" in items and items["item_id"].notna().all() else set()
    for name in ("group", "prompt"):
        if name in items and items[name].notna().all():
            there.add(name)
    if (pair_hashes(items) != 0).all():
        there.add("pair")
    return there


def routes_of(items: pd.DataFrame, route: str) -> np.ndarray:
    """What each presentation is routed by, uint64 (n,): the same for all that have to lie together."""
    if route == "pair":
        return pair_hashes(items)
    return hash_strings(items["item_id" if route == "item" else route].astype("str"))


def write_part(
    folder: Path,
    export: Export,
    file: str,
    *,
    number: int,
    delivery: int,
    route: str,
    buckets: int,
    hide: bool = False,
) -> None:
    """Writes one stretch of a file by bucket.

    Parameters
    ----------
    folder : of the part.
    file, number, delivery : as of `Part`.
    route : one of `ROUTES`.
    buckets : into how many parts the hashes are split.
    hide : write hashes in place of annotator ids.

    Raises
    ------
    WorkbenchError
        Rows cannot be routed, or the labels are no labels.
    """
    items = export.items.reset_index(drop=True)
    if route not in routable(items):
        name = {"item": "item id", "pair": "pair of responses"}.get(route, route)
        raise WorkbenchError(
            f"{export.source}: some rows have no {name}, by which rows are kept together here.",
            "Map the same columns in all files, with a value in each row.",
        )
    routes = routes_of(items, route)
    rows = export.rows.reset_index(drop=True)
    point = rows["item_row"].to_numpy(np.int64) if "item_row" in rows else np.arange(len(rows), dtype=np.int64)
    annotator, names, kinds = _annotators(rows)
    labels = _labels(rows, items, point, export)
    values, label = _coded(labels, export.source)
    golds, gold = _coded(items["gold"], export.source) if "gold" in items else ((), None)
    kept = rows.drop(columns=[c for c in ("item_row", "annotator", "annotator_kind", "label") if c in rows])
    if "shown_first" in kept:
        kept["shown_first"] = kept["shown_first"].map({0: "a", 1: "b", "a": "a", "b": "b", "A": "a", "B": "b"})
    kept = kept.assign(annotator=annotator, label=label)
    shown = items.assign(**{ROUTE: routes})
    if gold is not None:
        shown["gold"] = gold
    of_item = (routes % np.uint64(buckets)).astype(np.int64)
    sides = has_sides(export, items) if export.sides is None else export.sides
    about = {
        "file": file,
        "number": number,
        "delivery": delivery,
        "source": export.source,
        "format": export.format,
        "scale": None if export.scale is None else vars(export.scale),
        "spelling": dict(export.spelling),
        "sides": bool(sides),
        "set_aside": {k: int(v) for k, v in export.set_aside.items()},
        "findings": [finding_to_json(f) for f in export.findings],
        "label_name": export.label_name,
        "guessed": export.guessed,
        "distinct_responses": export.distinct_responses,
        "rows": len(rows),
        "values": values,
        "times": np.bincount(label[label >= 0], minlength=len(values)).tolist(),
        "golds": golds,
        "annotators": [hidden_id(name) for name in names] if hide else names,
        "kinds": kinds,
        "buckets": {},
    }
    with drafted_folder(folder, last=[ABOUT]) as draft:
        of_row = of_item[point]
        order = np.argsort(of_row, kind="stable")
        bounds = np.searchsorted(of_row[order], np.arange(buckets + 1))
        for bucket in np.unique(of_item).tolist():
            own = np.flatnonzero(of_item == bucket)
            place = np.full(len(items), -1, np.int64)
            place[own] = np.arange(len(own))
            mine = order[bounds[bucket] : bounds[bucket + 1]]
            _write(shown.iloc[own], draft / f"{bucket:04d}.items.arrow")
            _write(kept.iloc[mine].assign(item_row=place[point[mine]]), draft / f"{bucket:04d}.rows.arrow")
            about["buckets"][f"{bucket:04d}"] = len(mine)
        (draft / ABOUT).write_text(json.dumps(about, ensure_ascii=False), "utf-8")


def read_part(folder: Path) -> Part | None:
    """The part in a folder; None where there is none, or none that was written to its end."""
    try:
        said = json.loads((folder / ABOUT).read_text("utf-8"))
    except (OSError, ValueError):
        return None
    scale = said.pop("scale")
    return Part(
        **{
            **said,
            "folder": folder,
            "scale": None
            if scale is None
            else LabelScale(scale["name"], tuple(scale["labels"]), tuple(scale["strengths"])),
            "findings": tuple(finding_from_json(f) for f in said["findings"]),
            **{name: tuple(said[name]) for name in ("values", "times", "golds", "annotators", "kinds")},
        }
    )


def _annotators(rows: pd.DataFrame) -> tuple[np.ndarray, list[str], list[str | None]]:
    """Number of each row's annotator (-1 = the export has no id), the ids, and what they are."""
    if "annotator" not in rows:
        return np.full(len(rows), -1, np.int32), [], []
    ids = rows["annotator"]
    text = ids.astype("str") if not isinstance(ids.dtype, pd.StringDtype) else ids
    codes, names = pd.factorize(text.where(ids.notna()))
    kinds: list[str | None] = [None] * len(names)
    if "annotator_kind" in rows:
        known = pd.Series(rows["annotator_kind"].to_numpy()).groupby(codes).first()
        for code, kind in known.items():
            if int(str(code)) >= 0 and isinstance(kind, str):
                kinds[int(str(code))] = kind
    return codes.astype(np.int32), [str(name) for name in names], kinds


def _labels(rows: pd.DataFrame, items: pd.DataFrame, point: np.ndarray, export: Export) -> pd.Series:
    """Labels in the file's spelling; one that is the name of a model becomes its side."""
    if "label" not in rows:
        return pd.Series([None] * len(rows), dtype=object)
    if not {"model_a", "model_b"} <= set(items) or export.sides is False:
        return rows["label"]
    models = (items[c].iloc[point].reset_index(drop=True) for c in ("model_a", "model_b"))
    return model_names_as_sides(rows["label"], *models)


def _coded(values: pd.Series, source: str) -> tuple[list[Any], np.ndarray]:
    """Distinct values as JSON has them, and which each row has; -1 = none."""
    if isinstance(values.dtype, pd.CategoricalDtype):
        # Categories that no row has are no labels.
        codes = values.cat.codes.to_numpy().astype(np.int64)
        used, place = np.unique(codes[codes >= 0], return_inverse=True)
        if len(used) <= MOST_VALUES:
            coded = np.full(len(codes), -1, np.int32)
            coded[codes >= 0] = place
            return [str(v) if isinstance(v, str) else v for v in values.cat.categories[used].tolist()], coded
    plain = values.astype(object) if isinstance(values.dtype, pd.CategoricalDtype) else values
    if plain.dtype == object:
        plain = plain.map(lambda v: str(v) if isinstance(v, (list, dict, np.ndarray)) else v)
    codes, distinct = pd.factorize(plain)
    if len(distinct) > MOST_VALUES:
        raise WorkbenchError(
            f"{source}: the label column holds {len(distinct):,} different values"
            f" ({first_five(str(v)[:40] for v in distinct[:9])}): a measurement or a text, and no label.",
            "Name the column of the labels, or put scores into a few steps first.",
        )
    return [v.item() if isinstance(v, np.generic) else v for v in np.asarray(distinct, object)], codes.astype(np.int32)


def _write(frame: pd.DataFrame, path: Path) -> None:
    storable = {
        str(c): frame[c].map(str, na_action="ignore").astype("str") for c in frame if frame[c].dtype == object
    } | {str(c): frame[c].astype("str") for c in frame if isinstance(frame[c].dtype, pd.CategoricalDtype)}
    table = pa.Table.from_pandas(frame.assign(**storable), preserve_index=False)
    options = pa.ipc.IpcWriteOptions(compression="zstd")
    with pa.OSFile(str(path), "wb") as stream, pa.ipc.new_file(stream, table.schema, options=options) as writer:
        writer.write_table(table)


def _read(path: Path) -> pd.DataFrame:
    if not path.is_file():
        return pd.DataFrame()
    with pa.memory_map(str(path)) as stream:
        return pa.ipc.open_file(stream).read_all().to_pandas()
