"""A cycle from a folder: whichever of its files are there."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from workbench.cycles.cycle import Cycle, Generated
from workbench.dataset.annotation_set import AnnotationSet
from workbench.deliveries.delivery import Delivery
from workbench.errors import WorkbenchError, first_five
from workbench.formats import load
from workbench.formats.files.opening import open_document
from workbench.formats.files.unpacking import unzip

FILES = {
    "labels": "annotations, in any format that is read: judges' verdicts, and people's beside them",
    "texts": "what the policy wrote: columns prompt and score, and text where it is at hand",
    "vectors": "embeddings of the texts, one row each in the same order: vectors.npy",
    "anchors": "the frozen texts: columns anchor and score",
    "held_out": "the held-out human pairs: columns pair and margin, or pair, chosen and rejected (scores)",
}
"""Name of a file, without its ending -> what it holds."""


def read_cycle(folder: str | Path, *, read: Callable[..., AnnotationSet] = load) -> Cycle:
    """Opens a cycle: a folder with any of `labels.*`, `texts.*`, `vectors.npy`, `anchors.*` and `held_out.*`.

    Parameters
    ----------
    read : opens the labels; `workbench.load` by default.

    Raises
    ------
    WorkbenchError
        The folder is missing or has none of these files, or one of them lacks a column or holds what is no number.
    """
    root = Path(folder)
    if not root.is_dir():
        raise WorkbenchError(f"{root}: there is no such folder.", "Give one folder a cycle.")
    found = {name: path for name in FILES if (path := _file(root, name)) is not None}
    if not found:
        raise WorkbenchError(
            f"{root.name}: the folder has no file of a cycle.",
            f"Put some of these into it: {', '.join(f'{name}.*' for name in FILES)}.",
        )
    delivery = Delivery(read([found["labels"]]), root.name) if "labels" in found else None
    generated = _generated(found["texts"], found.get("vectors")) if "texts" in found else None
    if generated is None and "vectors" in found:
        raise WorkbenchError(f"{root.name}: there are vectors and no texts.", "Add texts.csv: columns prompt, score.")
    return Cycle(
        root.name,
        delivery,
        generated,
        _scores(found["anchors"], "anchor", "score") if "anchors" in found else {},
        _held_out(found["held_out"]) if "held_out" in found else {},
    )


def read_packed_cycle(content: bytes, name: str) -> Cycle:
    """The same from a ZIP file in memory, which may hold the files or a folder of them; nothing of it stays on disk.

    Raises
    ------
    WorkbenchError
        As `read_cycle`; or the file is no archive, or grows beyond the limits.
    """
    with tempfile.TemporaryDirectory(prefix="workbench-cycle-") as place:
        root = Path(place) / (Path(name).stem or "cycle")
        root.mkdir()
        for member, data in unzip(content, name, also=(".npy",)).members:
            (root / Path(member).name).write_bytes(data)
        return read_cycle(root)


def with_vectors(cycles: Sequence[Cycle], encode: Callable[[list[str]], np.ndarray]) -> list[Cycle]:
    """The same cycles with vectors of their texts, all by one encoder; what has vectors already gets new ones.

    Parameters
    ----------
    encode : texts -> float (n, d); it is given those of all cycles at once, so that it may learn from them.

    Raises
    ------
    WorkbenchError
        A cycle has scores of texts and not the texts.
    """
    lacking = [c.name for c in cycles if c.generated is not None and c.generated.text is None]
    if lacking:
        raise WorkbenchError(
            f"The texts of {first_five(lacking)} are not there.", "Give a column text, or vectors.npy in every folder."
        )
    made = [c.generated for c in cycles if c.generated is not None]
    texts = [str(t) for g in made for t in (g.text if g.text is not None else ())]
    vectors = iter(np.split(np.asarray(encode(texts), float), np.cumsum([len(g.prompt) for g in made])[:-1]))
    return [
        c if c.generated is None else replace(c, generated=replace(c.generated, vectors=next(vectors))) for c in cycles
    ]


def _file(root: Path, name: str) -> Path | None:
    """The file of that name, whatever its ending."""
    listed = sorted(p for p in root.iterdir() if p.is_file() and p.name.split(".")[0] == name)
    if len(listed) > 1:
        raise WorkbenchError(
            f"{root.name}: there are several files {name}.*: {first_five([p.name for p in listed])}.", "Keep one."
        )
    return listed[0] if listed else None


def _generated(path: Path, vectors: Path | None) -> Generated:
    table = _table(path, ("prompt", "score"))
    text = table["text"].fillna("").astype(str).to_numpy(object) if "text" in table else None
    found = None if vectors is None else _vectors(vectors)
    return Generated(table["prompt"].astype(str).to_numpy(object), _numbers(path, table["score"]), found, text)


def _vectors(path: Path) -> np.ndarray:
    try:
        found = np.load(path, allow_pickle=False)
        return np.asarray(found, float)
    except (ValueError, OSError, EOFError, TypeError) as error:
        raise WorkbenchError(f"{path.name}: this is no table of numbers.", "Save it with numpy.save.") from error


def _held_out(path: Path) -> dict[str, float]:
    table = _table(path, ("pair",))
    if "margin" in table:
        return _scores(path, "pair", "margin", table)
    if not {"chosen", "rejected"} <= set(table.columns):
        raise WorkbenchError(f"{path.name} has no column margin.", "Give margin, or chosen and rejected.")
    margin = _numbers(path, table["chosen"]) - _numbers(path, table["rejected"])
    return _scores(path, "pair", "margin", table.assign(margin=margin))


def _scores(path: Path, key: str, value: str, table: pd.DataFrame | None = None) -> dict[str, float]:
    found = _table(path, (key, value)) if table is None else table
    names = found[key].astype(str)
    twice = names[names.duplicated()]
    if len(twice):
        raise WorkbenchError(f"{path.name}: {key} {first_five(twice)} stands there twice.", "Keep one row of each.")
    return dict(zip(names, _numbers(path, found[value]).tolist(), strict=True))


def _table(path: Path, wanted: tuple[str, ...]) -> pd.DataFrame:
    """The table of a file, its columns in lower case."""
    table = open_document(path).table
    table = table.rename(columns={c: str(c).strip().casefold() for c in table.columns})
    lacking = [name for name in wanted if name not in table]
    if lacking:
        raise WorkbenchError(f"{path.name} has no column {' and no column '.join(lacking)}.", "Name its columns so.")
    return table


def _numbers(path: Path, values: pd.Series[Any]) -> np.ndarray:
    """Cells as numbers; an empty one is NaN."""
    found = pd.to_numeric(values, errors="coerce")
    wrong = values[found.isna() & values.notna() & (values.astype(str).str.strip() != "")]
    if len(wrong):
        raise WorkbenchError(
            f"{path.name}: {values.name} is no number in {len(wrong):,} rows: {first_five(wrong.astype(str))}.",
            "Write numbers, or leave the cell empty.",
        )
    return found.to_numpy(float)
