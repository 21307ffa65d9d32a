"""The fields of a column mapping, and a mapping checked against the columns of a file."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence

from workbench.errors import WorkbenchError
from workbench.formats.files.document import Document
from workbench.formats.tables.cells import has_column
from workbench.messages import example, message, quoted

ITEM_FIELDS = ("item", "prompt", "response_a", "response_b", "model_a", "model_b", "group", "gold", "exchanged")
ROW_FIELDS = (
    "annotator",
    "label",
    "winner",
    "loser",
    "score_a",
    "score_b",
    "seconds",
    "started_at",
    "ended_at",
    "shown_first",
    "annotation_id",
    "confidence",
    "reason",
    "batch",
    "annotator_kind",
    "scale",
)
FIELDS = (*ITEM_FIELDS, *ROW_FIELDS)
"""All fields of a mapping, beside `slice.NAME` and `dim.NAME`."""
SAYS = {"label", "winner", "loser", "score_a", "score_b"}
"""Fields that say which is better."""
TEXT_FIELDS = ("prompt", "response_a", "response_b")
ALIASES = {"item_id": "item", "annotator_id": "annotator", "group_id": "group", "duration_s": "seconds"}
"""Other names of fields, as in the workbench's own table of annotations."""

Mapping_ = Mapping[str, str | Sequence[str]]
USUAL = {"item": "task_id", "annotator": "worker", "label": "choice"}
"""A mapping as an example."""
EXAMPLE = message("Name them, ", example("mapping", USUAL), ".")


def checked_mapping(mapping: Mapping_, document: Document) -> dict[str, list[str]]:
    """The mapping with lists of columns, every field and column known.

    Raises
    ------
    WorkbenchError
        There is no such field or column; the nearest one is suggested.
    """
    if document.shape == "xml":
        raise WorkbenchError(f"{document.name}: XML has no columns to map.", "Open it without a mapping.")
    chosen: dict[str, list[str]] = {}
    for given, columns in mapping.items():
        field = ALIASES.get(given, given)
        if field not in FIELDS and not re.fullmatch(r"(slice|dim)\..+", field):
            near = difflib.get_close_matches(given, FIELDS, 1)
            raise WorkbenchError(
                message(quoted("mapping", given), ": there is no such field."),
                f"{f'Did you mean {near[0]}? ' if near else ''}Fields are {', '.join(FIELDS)}, slice.NAME and"
                " dim.NAME.",
            )
        listed = _parts(columns, document) if isinstance(columns, str) else [str(c) for c in columns]
        listed = [c for c in listed if c]
        if len(listed) > 1:  # a column with commas in its name, taken apart by the command line
            listed = [
                c
                for c in document.columns
                if "," in c and [p.strip() for p in c.split(",")] == [p.strip() for p in listed]
            ] or listed
        for column in listed:
            if not has_column(document, column):
                near = difflib.get_close_matches(column, document.columns, 1, 0.5)
                raise WorkbenchError(
                    f"{document.name}: there is no column {column!r} (for {given}).",
                    f"{f'Did you mean {near[0]!r}? ' if near else ''}The file has: {', '.join(document.columns[:40])}.",
                )
        if listed:
            chosen[field] = [*chosen.get(field, []), *listed]
    return chosen


def split_names(mapping: Mapping_, document: Document) -> dict[str, list[str]]:
    """The mapping with lists of columns; names with commas between them as several, as on the command line."""
    return {f: _parts(c, document) if isinstance(c, str) else [str(each) for each in c] for f, c in mapping.items()}


def _parts(columns: str, document: Document) -> list[str]:
    """One column, or several with commas between them where there is no such one, as on the command line."""
    parts = [part.strip() for part in columns.split(",")]
    if len(parts) > 1 and not has_column(document, columns) and all(has_column(document, part) for part in parts):
        return parts
    return [columns]
