"""Pairs that nobody has judged yet, from any file a tool would import or export: every record is a candidate, whatever
else it holds.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from workbench.dataset.annotation_set import AnnotationSet
from workbench.dataset.assembly import Export, assemble
from workbench.dataset.scales import LabelScale
from workbench.errors import WorkbenchError, first_five
from workbench.findings import finding
from workbench.formats import read_all
from workbench.formats.files.document import Document
from workbench.formats.files.opening import open_documents
from workbench.formats.records.date_order import settled
from workbench.formats.records.nested import dict_of, first_of, list_of, text_of
from workbench.formats.records.roles import find_roles, shown_text

NOBODY = "(not judged yet)"
"""Stands where an annotator would: a pair without a judgement enters an annotation set as a skip by nobody."""

_NAMES = ("item_id", "id", "task_id", "pair_id", "uid", "uuid", "external_id", "_task_hash")
_INSIDE = ("data", "fields", "meta", "metadata")


def read_unlabelled(document: Document) -> Export:
    """The pairs of a file, their labels (if it has any) left out.

    A record is a task of Label Studio (`data`), a record of Argilla (`fields`), a task of Prodigy (two `options`), a
    TRL row (`chosen` and `rejected`), or a row of a table; responses and prompt are recognised by the names of their
    fields.

    Raises
    ------
    WorkbenchError : no two fields look like two responses.
    """
    if document.shape == "xml":
        raise WorkbenchError(
            f"{document.name}: pairs are not looked for in XML.", "Convert it to CSV or JSON lines first."
        )
    records = [_flat(record) for record in document.records]
    roles = find_roles(dict.fromkeys(name for record in records for name in record))
    if len(roles.responses) < 2:
        raise WorkbenchError(
            f"{document.name}: no two fields look like two responses. Its fields are"
            f" {first_five(dict.fromkeys(n for r in records[:50] for n in r))}.",
            "Name them response_a and response_b, and the prompt prompt.",
        )
    items, lost = [], Counter[str]()
    for number, record in enumerate(records):
        item = roles.item(record)
        if item["response_a"] is None or item["response_b"] is None:
            lost["a response has no text"] += 1
            continue
        item.pop("gold", None)
        items.append(
            {"item_id": text_of(first_of(record, _NAMES)) or f"{document.name}:{number + document.first_row}", **item}
        )
    frame = pd.DataFrame(items)
    rows = pd.DataFrame(
        {"item_row": range(len(frame)), "annotator": NOBODY, "label": pd.Series([None] * len(frame), dtype=object)}
    )
    note = roles.finding()
    more = [
        finding("warning", "pairs-without-text", f"{document.name}: {n:,} records are left out: {why}.")
        for why, n in lost.items()
    ]
    return Export(
        items=frame,
        rows=rows,
        source=document.name,
        format="unlabelled",
        sides=True,
        findings=(*document.findings, note, *more),
        set_aside=dict(lost),
    )


def load_candidates(
    labelled: Sequence[str | Path],
    unlabelled: Sequence[str | Path],
    format: str | None = None,
    mapping: Mapping[str, Any] | None = None,
    *,
    scale: LabelScale | None = None,
    spelling: Mapping[str, str] | None = None,
    hash_annotators: bool = False,
) -> AnnotationSet:
    """Opens judged pairs and pairs to choose from as one set; a pair that is in both is judged.

    Parameters
    ----------
    labelled : exports with judgements, as `load` takes them; may be empty.
    unlabelled : files of pairs without judgements, or whose judgements are not to be seen.
    format, mapping, scale, spelling, hash_annotators : as `load` takes them, for the judged ones.

    Raises
    ------
    WorkbenchError : a file cannot be read, or holds no pairs.
    """
    if not unlabelled:
        raise WorkbenchError(
            "No file of pairs to choose from is named.", "Name one, or choose among the items of the export."
        )
    exports, sides = read_all(open_documents(list(labelled)), format, mapping) if labelled else ([], [])
    exports = settled(exports, None, ask=False)
    for side in sides:
        exports = side.joined(exports)
    read = [read_unlabelled(document) for document in open_documents(list(unlabelled))]
    if all(len(export.items) == 0 for export in read):
        raise WorkbenchError(
            f"{first_five(e.source for e in read)}: there is no pair with two texts.",
            "Check that the right file was named.",
        )
    return assemble([*exports, *read], scale=scale, spelling=spelling, hash_annotators=hash_annotators)


def with_candidates(data: AnnotationSet, unlabelled: Sequence[str | Path]) -> AnnotationSet:
    """The same judgements with more pairs to choose from.

    Raises
    ------
    WorkbenchError : a file cannot be read, or holds no pairs.
    """
    read = [read_unlabelled(document) for document in open_documents(list(unlabelled))]
    if all(len(export.items) == 0 for export in read):
        raise WorkbenchError(
            f"{first_five(e.source for e in read)}: there is no pair with two texts.",
            "Check that the right file was named.",
        )
    return assemble([_as_export(data), *read], scale=data.scale)


def _as_export(data: AnnotationSet) -> Export:
    """An annotation set as one reader's findings, to be joined with others."""
    texts = data.item_texts()
    names = np.array([*data.scale.labels, None], object)
    kept = [
        c for c in data.items.columns if c in ("item_id", "model_a", "model_b", "group") or str(c).startswith("slice.")
    ]
    items = data.items[kept].assign(
        **{name: texts[name] for name in ("prompt", "response_a", "response_b")}, gold=names[data.gold]
    )
    part = data.annotations
    plain = [
        c
        for c in part.columns
        if c in ("seconds", "ended_at", "confidence", "reason", "batch") or str(c).startswith("dim.")
    ]
    who = data.annotators.iloc[part["annotator"].to_numpy()].reset_index(drop=True)
    rows = part[plain].assign(
        item_row=part["item"].to_numpy(),
        annotator=who["annotator"],
        annotator_kind=who["kind"],
        label=names[part["label"].to_numpy()],
        shown_first=np.array(["a", "b", None], object)[part["shown_first"].to_numpy()],
    )
    return Export(
        items=items,
        rows=rows,
        source=first_five(data.sources) or "the open data",
        format=data.format,
        scale=data.scale,
        sides=data.scale.has_sides,
        findings=data.findings,
    )


def _flat(record: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a task on one level; two options of a choice, or chosen and rejected, become two responses."""
    flat = {str(name): value for name, value in record.items() if name not in _INSIDE}
    for name in reversed(_INSIDE):
        flat = {**flat, **{str(k): v for k, v in dict_of(record.get(name)).items()}}
    options = [dict_of(option) for option in list_of(record.get("options"))]
    if len(options) == 2 and "response_a" not in flat:
        for side, option in zip("ab", options, strict=True):
            flat[f"response_{side}"] = shown_text(first_of(option, ("text", "html", "label")))
    if "chosen" in flat and "rejected" in flat and "response_a" not in flat:
        flat["response_a"], flat["response_b"] = flat.pop("chosen"), flat.pop("rejected")
    return {
        name: value
        for name, value in flat.items()
        if name not in ("annotations", "completions", "predictions", "responses", "suggestions", "options")
    }
