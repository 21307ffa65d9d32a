"""Any table through a column mapping: which column holds the item, the responses, the annotator, the label, the times.

One row may be one judgement (the usual long form), or one item with a label column for each annotator (a wide table).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from workbench.dataset.assembly import Export
from workbench.dataset.scales import BINARY, SCALES
from workbench.dataset.spellings import name_sides
from workbench.errors import WorkbenchError, first_five
from workbench.findings import Finding, finding
from workbench.formats.files.document import Document
from workbench.formats.records.side_assignment import assign_sides
from workbench.formats.tables.cells import cells, spelled_labels
from workbench.formats.tables.gold_rows import with_gold_apart
from workbench.formats.tables.label_columns import (
    from_scores,
    meaning_of_numbers,
    named_winners,
    plain_labels,
    refuse_implausible,
    ties_in_a_column,
    won_against,
)
from workbench.formats.tables.mapping_fields import (
    EXAMPLE,
    ROW_FIELDS,
    SAYS,
    TEXT_FIELDS,
    Mapping_,
    checked_mapping,
)
from workbench.formats.tables.presentations import nameless_ones, presentations
from workbench.formats.tables.row_columns import row_fields
from workbench.messages import by, message

NAME = "columns"
TITLE = "Table with a column mapping"
CATEGORIES = "categories"
"""Name of a scale whose labels have no sides."""


def read_mapped(document: Document, mapping: Mapping_) -> Export:
    """Reads a table, reading only the mapped columns of a Parquet file.

    Parameters
    ----------
    document : an opened table or list of records.
    mapping : field -> column or columns, fields as in `FIELDS`. Several columns join into one key `a|b` (texts: with a
        blank line between them); several label columns are a wide table, whose annotators are called after their
        columns, and fields with as many columns go along with them. Dots reach into nested records: `meta.worker`,
        `answers.0.text`.

    Raises
    ------
    WorkbenchError
        A field or column does not exist, or there is no label column.
    """
    chosen = checked_mapping(mapping, document)
    if not chosen.keys() & SAYS:
        raise WorkbenchError(
            f"{document.name}: no column is named as the label.",
            message(EXAMPLE, f" The file has: {first_five(document.columns)}."),
        )
    unordered = bool(chosen.keys() & {"winner", "loser"}) and "label" not in chosen
    if unordered:
        chosen = won_against(chosen, document)
    columns = list(dict.fromkeys(c for group in chosen.values() for c in group))
    texts = {c for f in TEXT_FIELDS for c in chosen.get(f, [])}
    table = cells(document, columns, repeated=[c for c in columns if c not in texts])
    notes: list[Finding] = []
    chosen, table = _rows_as_items(table, chosen, document, notes)
    scores = chosen.pop("score_a", []) + chosen.pop("score_b", [])
    labels, spelling = _labels(table, chosen, unordered, scores, document, notes)
    items, item_row = presentations(
        table, chosen, empty_is_text=document.shape == "table" and document.extension != "parquet"
    )
    nameless = nameless_ones(items)
    if labels is None:
        rows = _wide_rows(table, chosen, item_row, notes)
    else:
        rows = _rows(table, chosen, labels, item_row, document, notes)
    numbers = document.row_numbers
    rows["ref"] = rows["ref"] + document.first_row if numbers is None else numbers[rows["ref"].to_numpy()]
    lost = nameless[rows["item_row"].to_numpy()]
    set_aside = {}
    if lost.any() and not lost.all():
        set_aside["no item"] = int(lost.sum())
        where = [f"{document.name}:{r}" for r in rows["ref"][lost]]
        notes.append(
            finding(
                "warning",
                "rows-without-item",
                f"{document.name}: {len(where):,} rows have neither an item id nor two responses and are set aside.",
                "Fill in the id column, if they are judgements.",
                where,
            )
        )
        rows = rows[~lost].reset_index(drop=True)
        rows["item_row"] = (np.cumsum(~nameless) - 1)[rows["item_row"].to_numpy()]
        items = items[~nameless].reset_index(drop=True)
    if labels is not None and "annotator" in chosen:
        items, rows = with_gold_apart(items, rows, chosen["annotator"][0], notes)
    named = _named_scale(table, chosen)
    scale = SCALES.get(named)
    sides = None
    if scale is None:
        sides = False if named == CATEGORIES else _sides(chosen, rows["label"], document, notes)
    if unordered:
        items, rows = assign_sides(items, rows, BINARY)
    return Export(
        items=items,
        rows=rows,
        source=document.name,
        format=NAME,
        scale=scale,
        spelling=spelling if sides is not False else {},
        sides=sides,
        set_aside=set_aside,
        findings=(*document.findings, *notes),
        label_name=" ".join(chosen.get("label", scores)[:1]),
    )


def _rows_as_items(
    table: pd.DataFrame, chosen: dict[str, list[str]], document: Document, notes: list[Finding]
) -> tuple[dict[str, list[str]], pd.DataFrame]:
    """Where several columns are annotators' labels and none names the item, each row is one."""
    identified = {"item", "response_a", "model_a", "prompt"} & chosen.keys()
    if identified or len(chosen.get("label", ())) < 2:
        return chosen, table
    name = "row of the file"
    notes.append(
        finding(
            "info",
            "rows-are-items",
            f"{document.name}: no column names the item, so each row is one, called by its number.",
            message("Name the items ", by("mapping", {"item": "COLUMN"}), "."),
        )
    )
    return chosen | {"item": [name]}, table.assign(**{name: np.arange(len(table)) + document.first_row})


def _labels(
    table: pd.DataFrame,
    chosen: Mapping[str, Sequence[str]],
    unordered: bool,
    scores: Sequence[str],
    document: Document,
    notes: list[Finding],
) -> tuple[pd.Series | None, dict[str, str]]:
    """The label of each row and what its numbers mean; None where several columns are labels of one annotator each."""
    if unordered:
        return pd.Series(["A"] * len(table), dtype=object), {}
    if "label" not in chosen:
        if len(scores) != 2:
            raise WorkbenchError(f"{document.name}: score_a and score_b are mapped together, one column each.", EXAMPLE)
        return from_scores(table, scores[0], scores[1], notes), {}
    for column in chosen["label"]:
        refuse_implausible(spelled_labels(table[column]), column, document)
    responses = [c for f in ("response_a", "response_b") for c in chosen.get(f, ())]
    paired = bool(responses or {"model_a", "model_b"} & chosen.keys())
    if len(chosen["label"]) > 1:
        every = pd.concat([spelled_labels(table[c]).astype(object) for c in chosen["label"]], ignore_index=True)
        name = chosen["label"][0]
        return None, meaning_of_numbers(every, name, responses, document, notes)[1] if paired else {}
    name = chosen["label"][0]
    labels = plain_labels(table[name], name, notes)
    if not paired:
        return labels, {}
    labels = ties_in_a_column(named_winners(labels, table, chosen, notes), document, notes)
    return meaning_of_numbers(labels, name, responses, document, notes)


def _rows(
    table: pd.DataFrame,
    chosen: Mapping[str, Sequence[str]],
    labels: pd.Series,
    item_row: np.ndarray,
    document: Document,
    notes: list[Finding],
) -> pd.DataFrame:
    rows = pd.DataFrame({"item_row": item_row, "label": labels, "ref": np.arange(len(table))})
    return pd.concat([rows, row_fields(table, chosen, document.name, notes)], axis=1)


def _wide_rows(
    table: pd.DataFrame, chosen: Mapping[str, Sequence[str]], item_row: np.ndarray, notes: list[Finding]
) -> pd.DataFrame:
    """One row for each filled cell of the label columns, items in the file's order."""
    columns = list(chosen["label"])
    beside = {
        f: list(c)
        for f, c in chosen.items()
        if f not in ("label", "item", "group") and (f in ROW_FIELDS or f.startswith("dim.")) and len(c) == len(columns)
    }
    shared = {
        f: list(c)
        for f, c in chosen.items()
        if f not in beside and f not in ("label", "annotator") and (f in ROW_FIELDS or f.startswith("dim."))
    }
    parts = []
    for i, column in enumerate(columns):
        one = {"label": [column], **shared, **{f: [c[i]] for f, c in beside.items()}}
        found: list[Finding] = []
        labels = plain_labels(table[column], column, found)
        part = _rows(table, one, labels, item_row, Document(name="", shape="table", content=table), found)
        if "annotator" not in beside:
            part["annotator"] = pd.Categorical.from_codes(np.zeros(len(part), np.int8), pd.Index([column], dtype="str"))
        parts.append(part)
        notes += found if i == 0 or beside else []
    rows = pd.concat([p.assign(annotator=p["annotator"].astype("str")) for p in parts])
    empty = rows["label"].isna()
    if empty.any():
        notes.append(
            finding(
                "info",
                "empty-cells",
                f"{int(empty.sum()):,} cells of the {len(columns)} label columns are empty: those annotators did not"
                " judge those items.",
            )
        )
    return rows[~empty].sort_values("ref", kind="stable", ignore_index=True)


def _named_scale(table: pd.DataFrame, chosen: Mapping[str, Sequence[str]]) -> str:
    """The scale a file names in a column of its own, where it is one and the same throughout."""
    if "scale" not in chosen:
        return ""
    names = pd.unique(table[chosen["scale"][0]].dropna())
    return str(names[0]) if len(names) == 1 else ""


def _sides(
    chosen: Mapping[str, Sequence[str]], labels: pd.Series, document: Document, notes: list[Finding]
) -> bool | None:
    """Whether labels choose between two responses: they do where responses or models are mapped, or where they say so
    themselves.
    """
    if any(f in chosen for f in ("response_a", "response_b", "model_a", "model_b")):
        return True
    if "exchanged" in chosen:
        return True
    if "shown_first" in chosen or name_sides(labels):
        notes.append(
            finding(
                "info",
                "sides-without-responses",
                f"{document.name}: no responses are mapped, but the labels name sides, so they were read as preferences"
                " between A and B.",
                "Map response_a and response_b to see the texts.",
            )
        )
        return True
    return False
