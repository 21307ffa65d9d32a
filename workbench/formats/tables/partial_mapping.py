"""A mapping that names some fields of a file which is understood without it: only these change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from workbench.dataset.assembly import Export
from workbench.errors import WorkbenchError, first_five
from workbench.findings import Finding, finding
from workbench.formats.files.document import Document
from workbench.formats.tables.asking import asked, left_open
from workbench.formats.tables.cells import cells, has_column, keys, spelled_labels, texts
from workbench.formats.tables.column_guessing import guess_columns
from workbench.formats.tables.column_mapping import read_mapped
from workbench.formats.tables.mapping_fields import (
    ALIASES,
    SAYS,
    TEXT_FIELDS,
    USUAL,
    Mapping_,
    checked_mapping,
    split_names,
)
from workbench.formats.tables.row_columns import row_fields
from workbench.messages import by, example, message

_OF_ITEMS = ("group", "gold", "prompt", "model_a", "model_b")
_BESIDE = ("annotator", "annotation_id", "seconds", "started_at", "ended_at", "batch")
_IDENTITY = ({"item"}, {"response_a", "response_b"}, {"model_a", "model_b"}, {"winner", "loser"})


def changes_only_rows(mapping: Mapping_) -> bool:
    """Whether a mapping leaves open what is judged and what is said of it, so that a format can still be recognised.

    >>> changes_only_rows({"annotator": "judge"}), changes_only_rows({"label": "choice"})
    (True, False)
    """
    named = {ALIASES.get(f, f) for f in mapping}
    return not named & (SAYS | {"item", "response_a", "response_b", "scale", "exchanged"})


def read_partly_mapped(document: Document, mapping: Mapping_) -> Export:
    """Reads a table by what its columns seem to hold, but for what the mapping says; an empty column leaves a field
    out.

    Raises
    ------
    WorkbenchError
        As `read_mapped`, or what is guessed beside the mapping is doubted.
    """
    left_out = {ALIASES.get(f, f) for f, c in mapping.items() if not c or list(c) == [""]}
    given: Mapping_ = {f: c for f, c in mapping.items() if ALIASES.get(f, f) not in left_out}
    named = {ALIASES.get(f, f) for f in given}
    whole = bool(named & SAYS) and any(fields <= named for fields in _IDENTITY)
    guess = guess_columns(document)
    given = split_names(given, guess.document)
    of_guess = all(has_column(guess.document, c) for c in _listed(given))
    if not of_guess or (whole and not guess.confident):
        raw = all(has_column(document, c) for c in _listed(given))
        return read_mapped(document if raw or not of_guess else guess.document, given)
    if not whole and (doubts := left_open(guess, {*named, *left_out})):
        raise asked(guess, document, doubts)
    chosen = checked_mapping(given, guess.document)
    taken = {c for columns in chosen.values() for c in columns}
    says = SAYS if named & SAYS else set()
    open_fields = (
        set(_BESIDE) if whole else set(guess.mapping)
    )  # whoever names item and label has said what is compared
    many = len(chosen.get("label", ())) > 1
    kept = {
        f: c
        for f, c in guess.mapping.items()
        if f in open_fields - {*chosen, *left_out, *says} and not set(c) & taken and not (many and f == "annotator")
    }
    export = read_mapped(guess.document, kept | chosen)
    if not kept:
        return export
    words = ", ".join(f"{f} is {' and '.join(c)}" for f, c in kept.items())
    note = finding(
        "info",
        "columns-guessed",
        f"{document.name}: beside what was named, the columns were guessed: {words}.",
        message("Check them; name others ", by("mapping", {"FIELD": "COLUMN"}), "; an empty one leaves a field out."),
    )
    return replace(export, findings=(*export.findings, note), guessed=not named & SAYS)


def overlaid(export: Export, document: Document, mapping: Mapping_) -> Export:
    """What a format's reader found, with some fields taken from columns instead.

    Raises
    ------
    WorkbenchError
        The reader does not tell which row of the file a judgement comes from.
    """
    chosen = checked_mapping(mapping, document)
    table = cells(document, _listed(chosen))
    ref = pd.to_numeric(export.rows.get("ref", pd.Series(dtype=float)), errors="coerce").to_numpy(np.float64)
    place = ref - document.first_row
    if len(place) != len(export.rows) or not (np.isfinite(place) & (place >= 0) & (place < len(table))).all():
        raise WorkbenchError(
            f"{document.name}: {first_five(chosen)} cannot be mapped, because this format nests its judgements.",
            message("Name more, ", example("mapping", USUAL), ", or open the file without a mapping."),
        )
    rows_at = place.astype(np.int64)
    notes: list[Finding] = []
    of_rows = row_fields(table, chosen, document.name, notes)
    rows = export.rows.copy()
    for column in of_rows:
        rows[column] = of_rows[column].array.take(rows_at)
    first = np.zeros(len(export.items), np.int64)
    item_row = rows["item_row"].to_numpy(np.int64) if "item_row" in rows else np.arange(len(rows))
    first[item_row[::-1]] = rows_at[::-1]
    items = export.items.copy()
    for name, values in _of_items(table, chosen, first).items():
        items[name] = values
    return replace(export, rows=rows, items=items, findings=(*export.findings, *notes))


def _of_items(table: pd.DataFrame, chosen: Mapping[str, Sequence[str]], at: np.ndarray) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, columns in chosen.items():
        if name in TEXT_FIELDS:
            found[name] = texts(table, columns).array.take(at)
        elif name == "gold":
            found[name] = spelled_labels(table[columns[0]]).array.take(at)
        elif name in _OF_ITEMS or name.startswith("slice."):
            found[name] = keys(table, columns).array.take(at)
    return found


def _listed(mapping: Mapping[str, str | Sequence[str]]) -> list[str]:
    return list(
        dict.fromkeys(c for columns in mapping.values() for c in ([columns] if isinstance(columns, str) else columns))
    )
