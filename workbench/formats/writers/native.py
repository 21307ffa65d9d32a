"""The workbench's own form: one annotation set as a folder `NAME.pwb` of four Parquet files and a `meta.json`, or the
same zipped.

It holds everything an `AnnotationSet` is, reads back to the same content key, and leaves the texts on disk until they
are shown. Nothing in it is executed: Parquet and JSON only.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import zipfile
from dataclasses import replace
from hashlib import blake2b
from pathlib import Path
from typing import Any, cast

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from workbench.dataset.annotation_set import AnnotationSet, Ledger
from workbench.dataset.hidden_ids import hide_ids
from workbench.dataset.scales import LabelScale
from workbench.dataset.texts import TEXT_COLUMNS, StoredTexts
from workbench.errors import WorkbenchError
from workbench.findings import Finding, Level
from workbench.formats.files.paths import OWN_SUFFIX
from workbench.hashing import SCHEMA, hidden_id
from workbench.messages import Message, message

FORM = "preference-workbench"
VERSION = 1
"""Of the form; a later one is refused, not misread."""
PARTS = ("items", "annotators", "annotations", "texts")
TEXTS_A_GROUP = 2_000
"""Items whose texts are stored, and so read, together."""
_AT_ONCE = 20_000
_TAIL = 1 << 16
_NEEDED = {
    "items": {"item_id", "pair_id", "pair_flipped", "gold"},
    "annotators": {"annotator", "kind"},
    "annotations": {"item", "annotator", "label", "shown_first", "seconds", "ended_at", "repeat"},
    "texts": set(TEXT_COLUMNS),
}
_REMEDY = "Write it again from the export it was made from."


def write_own(data: AnnotationSet, path: str | Path) -> Path:
    """Writes a folder, or one file where the name ends in `.zip`; an earlier one of that name is replaced.

    Parameters
    ----------
    data : the annotation set.
    path : `NAME.pwb` or `NAME.pwb.zip`; the ending is added where it is missing.

    Raises
    ------
    WorkbenchError
        Something else lies there, or it cannot be written.
    """
    target = Path(path)
    zipped = target.name.endswith(".zip")
    name = target.name.removesuffix(".zip").removesuffix(OWN_SUFFIX) + OWN_SUFFIX + (".zip" if zipped else "")
    target = target.with_name(name)
    if target.exists() and not zipped and not (target / "meta.json").is_file():
        raise WorkbenchError(f"{target} exists and is something else.", "Choose another name.")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".writing-") as scratch:
            folder = Path(scratch) / "set"
            folder.mkdir()
            _write_folder(data, folder)
            if zipped:
                packed = Path(scratch) / "set.zip"
                with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
                    for file in ("meta.json", *(f"{p}.parquet" for p in PARTS)):
                        archive.write(folder / file, file)
                os.replace(packed, target)
            else:
                if target.exists():
                    shutil.move(target, Path(scratch) / "earlier")
                os.replace(folder, target)
    except OSError as error:
        raise WorkbenchError(
            f"{target}: cannot be written ({error.strerror or error}).", "Check the rights and the free space."
        ) from error
    return target


def read_own(path: str | Path, *, hash_annotators: bool = False) -> AnnotationSet:
    """Reads what `write_own` wrote; the texts stay on disk.

    Raises
    ------
    WorkbenchError
        It is not there, a part is missing, cut short or changed, or a later version wrote it.
    """
    source = Path(path)
    parts = _open_parts(source)
    meta = _meta(parts, source)
    tables = {}
    for part in PARTS[:3]:
        tables[part] = _checked(part, parts, meta, source).read().to_pandas()
    items, annotators, annotations = tables["items"], tables["annotators"], tables["annotations"]
    gold = items.pop("gold").to_numpy()
    texts_file = _checked("texts", parts, meta, source)
    where = parts["texts.parquet"]
    data = _built(
        meta,
        source,
        items,
        annotators,
        annotations,
        gold,
        StoredTexts(where.path, str(meta["texts"]), texts_file.metadata.num_rows, where.start, where.size),
    )
    if meta.get("digest") == SCHEMA and data.key != meta.get("key"):
        raise WorkbenchError(
            f"{source}: the content is not what was written (its key is {data.key}, not {meta.get('key')}).",
            f"Somebody changed it. {_REMEDY}",
        )
    if hash_annotators:
        names = data.annotators["annotator"].map(hidden_id).astype("str")
        told = hide_ids(data.findings, data.annotators["annotator"].tolist(), names.tolist())
        data = replace(data, annotators=data.annotators.assign(annotator=names), findings=told)
    return data


class _Part:
    """Where the bytes of one part lie: a file, or a range of the archive."""

    def __init__(self, path: Path, start: int = 0, size: int | None = None) -> None:
        self.path, self.start = path, start
        self.size = path.stat().st_size if size is None else size

    def bytes(self, limit: int | None = None) -> bytes:
        """All bytes, or the last `limit`."""
        with self.path.open("rb") as stream:
            skip = 0 if limit is None else max(0, self.size - limit)
            stream.seek(self.start + skip)
            return stream.read(self.size - skip)


def _open_parts(source: Path) -> dict[str, _Part]:
    wanted = ["meta.json", *(f"{p}.parquet" for p in PARTS)]
    if source.is_dir():
        missing = [w for w in wanted if not (source / w).is_file()]
        found = {w: _Part(source / w) for w in wanted if w not in missing}
    elif source.is_file():
        try:
            with zipfile.ZipFile(source) as archive, source.open("rb") as stream:
                inside = {Path(m.filename).name: m for m in archive.infolist() if not m.is_dir()}
                missing = [w for w in wanted if w not in inside]
                packed = [w for w in wanted if w in inside and inside[w].compress_type != zipfile.ZIP_STORED]
                found = {
                    w: _Part(source, _begin(stream, inside[w]), inside[w].file_size) for w in wanted if w not in missing
                }
        except (zipfile.BadZipFile, OSError, ValueError, RuntimeError, NotImplementedError) as error:
            raise WorkbenchError(
                f"{source}: the archive is damaged ({error}).", "Download or copy it again."
            ) from error
        if packed:
            raise WorkbenchError(
                f"{source}: it was packed again with compression.", f"Unpack it and open the folder {OWN_SUFFIX}."
            )
    else:
        raise WorkbenchError(f"{source}: there is no such file or folder.", "Check the path.")
    if missing:
        raise WorkbenchError(f"{source}: {', '.join(missing)} is missing.", _REMEDY)
    return found


def _begin(stream: Any, member: zipfile.ZipInfo) -> int:
    """First byte of a stored member: behind its local header, whose two names have lengths of their own."""
    stream.seek(member.header_offset + 26)
    name, extra = np.frombuffer(stream.read(4), "<u2")
    return member.header_offset + 30 + int(name) + int(extra)


def _write_folder(data: AnnotationSet, folder: Path) -> None:
    _write_table(data.items.assign(gold=data.gold), folder / "items.parquet")
    _write_table(data.annotators, folder / "annotators.parquet")
    _write_table(data.annotations, folder / "annotations.parquet")
    schema = pa.schema([(c, pa.large_string()) for c in TEXT_COLUMNS])
    with pq.ParquetWriter(
        folder / "texts.parquet", schema, compression="zstd", use_dictionary=False, write_page_checksum=True
    ) as writer:
        for start in range(0, max(len(data.items), 1), _AT_ONCE):
            frame = data.item_texts(np.arange(start, min(start + _AT_ONCE, len(data.items))))
            writer.write_table(
                pa.Table.from_pandas(frame[list(TEXT_COLUMNS)], schema, preserve_index=False),
                row_group_size=TEXTS_A_GROUP,
            )
    held = data.with_texts(StoredTexts(folder / "texts.parquet", _digest(data), len(data.items)))
    meta = {
        "form": FORM,
        "version": VERSION,
        "digest": SCHEMA,
        "key": held.key,
        "format": data.format,
        "sources": list(data.sources),
        "scale": {"name": data.scale.name, "labels": list(data.scale.labels), "strengths": list(data.scale.strengths)},
        "ledger": {
            "rows_read": data.ledger.rows_read,
            "set_aside": dict(data.ledger.set_aside),
            "steps": [list(s) for s in data.ledger.steps],
        },
        "findings": [
            {**f.to_dict(), "rows": list(f.rows), "remedy": message(f.remedy).to_json()} for f in data.findings
        ],
        "texts": held.texts.digest,
        "parts": {p: _seal(_Part(folder / f"{p}.parquet")) for p in PARTS},
    }
    (folder / "meta.json").write_text(json.dumps(meta, ensure_ascii=False, indent=1), "utf-8")


def _digest(data: AnnotationSet) -> str:
    return data.texts.digest


def _write_table(frame: pd.DataFrame, path: Path) -> None:
    table = pa.Table.from_pandas(
        frame.assign(**{str(c): _storable(frame[c]) for c in frame if frame[c].dtype == object}), preserve_index=False
    )
    pq.write_table(table, path, compression="zstd")


def _storable(values: pd.Series) -> pd.Series:
    """Values of several types in one column are stored as text."""
    try:
        pa.array(values, from_pandas=True)
        return values
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        return values.map(str, na_action="ignore")


def _seal(part: _Part) -> dict[str, Any]:
    """Size of a part and hash of its end, where Parquet keeps the account of the rest."""
    return {"bytes": part.size, "end": blake2b(part.bytes(_TAIL), digest_size=16).hexdigest()}


def _meta(parts: dict[str, _Part], source: Path) -> dict[str, Any]:
    try:
        meta = json.loads(parts["meta.json"].bytes())
        version = meta["version"]
        if meta["form"] != FORM:
            raise KeyError("form")
        for field in ("key", "scale", "ledger", "findings", "texts", "parts", "sources"):
            meta[field]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise WorkbenchError(
            f"{source}: meta.json is not what the workbench writes ({type(error).__name__}: {error}).", _REMEDY
        ) from error
    if version != VERSION:
        raise WorkbenchError(
            f"{source}: it is of version {version} of the form; this workbench reads {VERSION}.",
            "Update the workbench.",
        )
    return cast(dict[str, Any], meta)


def _checked(part: str, parts: dict[str, _Part], meta: dict[str, Any], source: Path) -> pq.ParquetFile:
    """One part, unchanged and with the columns it needs."""
    place = parts[f"{part}.parquet"]
    try:
        if _seal(place) != meta["parts"][part]:
            raise WorkbenchError(
                f"{source}: {part}.parquet is not the file that was written (cut short or changed).", _REMEDY
            )
        file = (
            pq.ParquetFile(pa.BufferReader(pa.py_buffer(place.bytes())))
            if part != "texts"
            else StoredTexts(place.path, "", 0, place.start, place.size).open()
        )
        lacking = _NEEDED[part] - set(file.schema_arrow.names)
    except (pa.ArrowException, OSError, KeyError, TypeError, ValueError) as error:
        raise WorkbenchError(
            f"{source}: {part}.parquet cannot be read ({' '.join(str(error).split())[:120]}).", _REMEDY
        ) from error
    if lacking:
        raise WorkbenchError(f"{source}: {part}.parquet lacks the columns {', '.join(sorted(lacking))}.", _REMEDY)
    return file


def _built(
    meta: dict[str, Any],
    source: Path,
    items: pd.DataFrame,
    annotators: pd.DataFrame,
    annotations: pd.DataFrame,
    gold: np.ndarray,
    texts: StoredTexts,
) -> AnnotationSet:
    try:
        scale = LabelScale(
            str(meta["scale"]["name"]),
            tuple(meta["scale"]["labels"]),
            tuple(float(s) for s in meta["scale"]["strengths"]),
        )
        ledger = Ledger(
            int(meta["ledger"]["rows_read"]),
            dict(meta["ledger"]["set_aside"]),
            tuple((str(r), int(n)) for r, n in meta["ledger"]["steps"]),
        )
        findings = tuple(
            Finding(
                cast(Level, f["level"]),
                f["code"],
                f["message"],
                f["remedy"] if isinstance(f["remedy"], str) else Message.from_json(f["remedy"]),
                tuple(f["rows"]),
                f["count"],
            )
            for f in meta["findings"]
        )
        for column, below, low in (
            ("item", len(items), 0),
            ("annotator", len(annotators), 0),
            ("label", len(scale), -1),
        ):
            values = annotations[column].to_numpy()
            if len(values) and (values.min() < low or values.max() >= below):
                raise ValueError(f"{column} points outside its table")
        if len(gold) and (gold.min() < -1 or gold.max() >= len(scale)):
            raise ValueError("gold is not on the scale")
        return AnnotationSet(
            items=items,
            annotators=annotators,
            annotations=annotations,
            gold=gold,
            scale=scale,
            texts=texts,
            ledger=ledger,
            findings=findings,
            sources=tuple(meta["sources"]),
            format=str(meta.get("format", "")),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise WorkbenchError(f"{source}: the parts do not fit together ({error}).", _REMEDY) from error
