"""Any table through a column mapping: which column holds the item, the responses, the annotator, the label, the times.

One row may be one judgement (the usual long form), or one item with a label column for each annotator (a wide table).
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import pyarrow as pa

from workbench.dataset.annotation_set import KINDS
from workbench.dataset.assembly import Export
from workbench.dataset.scales import BINARY, SCALES
from workbench.dataset.spellings import name_sides
from workbench.errors import WorkbenchError, first_five
from workbench.findings import Finding, finding
from workbench.formats.files.document import Document
from workbench.formats.records.date_order import kept_aside, order_told
from workbench.formats.records.shown_first import read_shown_first
from workbench.formats.records.side_assignment import assign_sides
from workbench.formats.records.times import elapsed, names_milliseconds, order_in_doubt, to_moment, to_seconds
from workbench.formats.tables.cells import cells, has_column, hashable, keys, numbers, parsed, spelled_labels, texts
from workbench.formats.tables.label_columns import (
    from_scores,
    meaning_of_numbers,
    named_winners,
    plain_labels,
    refuse_implausible,
    ties_in_a_column,
    won_against,
)
from workbench.messages import by, example, message, quoted

NAME = "columns"
TITLE = "Table with a column mapping"

ITEM_FIELDS = ("item", "prompt", "response_a", "response_b", "model_a", "model_b", "group", "gold")
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
CATEGORIES = "categories"
"""Name of a scale whose labels have no sides."""
ALIASES = {"item_id": "item", "annotator_id": "annotator", "group_id": "group", "duration_s": "seconds"}
"""Other names of fields, as in the workbench's own table of annotations."""

Mapping_ = Mapping[str, str | Sequence[str]]
_KINDS = {
    "human": "human",
    "crowd": "human",
    "worker": "human",
    "expert": "expert",
    "ai": "ai",
    "model": "ai",
    "llm": "ai",
    "machine": "ai",
    "judge": "ai",
}
USUAL = {"item": "task_id", "annotator": "worker", "label": "choice"}
"""A mapping as an example."""
_EXAMPLE = message("Name them, ", example("mapping", USUAL), ".")


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
            message(_EXAMPLE, f" The file has: {first_five(document.columns)}."),
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
    items, item_row = _presentations(
        table, chosen, empty_is_text=document.shape == "table" and document.extension != "parquet"
    )
    nameless = _nameless(items)
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
            raise WorkbenchError(
                f"{document.name}: score_a and score_b are mapped together, one column each.", _EXAMPLE
            )
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
        listed = [columns] if isinstance(columns, str) else [str(c) for c in columns]
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


def _presentations(
    table: pd.DataFrame, chosen: Mapping[str, Sequence[str]], empty_is_text: bool
) -> tuple[pd.DataFrame, np.ndarray]:
    """The distinct presentations of items among the rows, in order of appearance, and that of each row.

    CSV cannot tell an empty text from none: a response beside another one is an empty text there.
    """
    fields: dict[str, pd.Series] = {}
    for field in chosen:
        if field in TEXT_FIELDS:
            fields[field] = texts(table, chosen[field])
        elif field == "gold":
            fields[field] = spelled_labels(table[chosen[field][0]])
        elif field in ITEM_FIELDS or field.startswith("slice."):
            fields["item_id" if field == "item" else field] = keys(table, chosen[field])
    if not fields:
        raise WorkbenchError("No column is named as the item, nor are there responses.", _EXAMPLE)
    if empty_is_text and {"response_a", "response_b"} <= set(fields):
        a, b = fields["response_a"], fields["response_b"]
        fields["response_a"], fields["response_b"] = a.mask(a.isna() & b.notna(), ""), b.mask(b.isna() & a.notna(), "")
    combined = np.zeros(len(table), np.int64)
    for i, values in enumerate(fields.values()):
        codes = (
            values.cat.codes.to_numpy(np.int64)
            if isinstance(values.dtype, pd.CategoricalDtype)
            else pd.factorize(values)[0]
        )
        combined = (
            np.asarray(codes, np.int64) + 1 if i == 0 else combined * (int(codes.max(initial=-1)) + 2) + codes + 1
        )
        if i < len(fields) - 1:  # keeps the numbers small, whatever the number of fields
            combined = pd.factorize(combined)[0].astype(np.int64)
    index, distinct = pd.factorize(combined)
    first = np.zeros(len(distinct), np.int64)
    first[index[::-1]] = np.arange(len(index))[::-1]
    return pd.DataFrame({f: v.take(first).reset_index(drop=True) for f, v in fields.items()}), index.astype(np.int64)


def _nameless(items: pd.DataFrame) -> np.ndarray:
    """Presentations that nothing tells apart: no id, and not two responses or models."""
    known = items["item_id"].notna().to_numpy(bool) if "item_id" in items else np.zeros(len(items), bool)
    for a, b in (("response_a", "response_b"), ("model_a", "model_b")):
        if a in items and b in items:
            known = known | (items[a].notna() & items[b].notna()).to_numpy(bool)
    return ~known


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


def row_fields(
    table: pd.DataFrame, chosen: Mapping[str, Sequence[str]], name: str, notes: list[Finding]
) -> pd.DataFrame:
    """What the mapped columns say of each row, but for its item and its label: columns as in `Export.rows`."""
    rows = pd.DataFrame(index=pd.RangeIndex(len(table)))
    for field in ("annotator", "annotation_id", "batch"):
        if field in chosen:
            rows[field] = keys(table, chosen[field])
    for field in (f for f in chosen if f == "reason"):
        rows[field] = texts(table, chosen[field])
    for field in (f for f in chosen if f.startswith("dim.")):
        rows[field] = plain_labels(table[chosen[field][0]], field, notes)
    if "confidence" in chosen:
        rows["confidence"] = numbers(table[chosen["confidence"][0]], "confidence", notes)
    if "annotator_kind" in chosen:
        rows["annotator_kind"] = _kind(table[chosen["annotator_kind"][0]], notes)
    if "shown_first" in chosen:
        models = [keys(table, chosen[m]) if m in chosen else None for m in ("model_a", "model_b")]
        rows["shown_first"], note = read_shown_first(table[chosen["shown_first"][0]], *models)
        notes += note
    _times(rows, table, chosen, name, notes)
    return rows


def _times(
    rows: pd.DataFrame, table: pd.DataFrame, chosen: Mapping[str, Sequence[str]], name: str, notes: list[Finding]
) -> None:
    written = {f: table[chosen[f][0]] for f in ("started_at", "ended_at") if f in chosen}
    # Cells of JSON may be lists, which cannot be told apart by value; they are no dates.
    texts_of = {
        f: v[[isinstance(x, str) for x in v]] if v.dtype == object else v
        for f, v in written.items()
        if not pd.api.types.is_datetime64_any_dtype(v.dtype)
    }
    doubts = {f: order_in_doubt(v.dropna().unique()) for f, v in texts_of.items()}
    told = next((first for f in doubts if doubts[f] and (first := order_told(texts_of[f].dropna()))), None)
    moments, found = _read_times(table, written, chosen, None if told is None else told == "day", name)
    for made, values in moments.items():
        rows[made] = values
    notes += found
    if not any(doubts.values()) or not moments:
        return
    field = max(doubts, key=lambda f: doubts[f])
    column = chosen[field][0]
    if told is not None:
        notes.append(
            finding(
                "info",
                "dates-read",
                f"{name}: {doubts[field]:,} dates in {column!r} were read with the {told} first, because they are in"
                " order of time that way only.",
                message("Say otherwise ", by("dates", value="month" if told == "day" else "day"), "."),
                count=doubts[field],
            )
        )
        return
    kept_aside(rows, pd.DataFrame(_read_times(table, written, chosen, True, name)[0]))
    some = texts_of[field].dropna().astype(str).unique()
    notes.append(
        finding(
            "warning",
            "dates-in-doubt",
            f"{name}: {doubts[field]:,} dates in {column!r} could have the day or the month first.",
            message("Say which ", by("dates", value="day"), " or ", by("dates", value="month"), "."),
            [column, *some.tolist()],
            count=doubts[field],
        )
    )


def _read_times(
    table: pd.DataFrame,
    written: Mapping[str, pd.Series],
    chosen: Mapping[str, Sequence[str]],
    day_first: bool | None,
    name: str,
) -> tuple[dict[str, np.ndarray], list[Finding]]:
    """`ended_at` and `seconds`, where the columns hold them, and what had to be assumed."""
    moments, found = {}, []
    for field, values in written.items():
        plain = parsed(values, pa.timestamp("us", "UTC"), pa.timestamp("us"))
        moments[field] = to_moment(plain, day_first)
        missed = int((np.isnat(moments[field]) & values.notna().to_numpy(bool)).sum())
        if missed:
            found.append(
                finding(
                    "warning",
                    "unreadable-times",
                    f"{name}: {missed:,} values of {chosen[field][0]!r} are no times; they count as unknown.",
                    "Write times as ISO 8601.",
                    count=missed,
                )
            )
    made = {f: m for f, m in moments.items() if f == "ended_at"}
    if "seconds" in chosen:
        column = chosen["seconds"][0]
        measured = to_seconds(parsed(table[column], pa.float64()), milliseconds=names_milliseconds(column))
    elif len(moments) == 2:
        measured = elapsed(moments["started_at"], moments["ended_at"])
    else:
        return made, found
    return made | {"seconds": measured.seconds}, [*found, *measured.findings]


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


def _kind(values: pd.Series, notes: list[Finding]) -> pd.Series:
    index, distinct = pd.factorize(values.astype(object).map(hashable, na_action="ignore"))
    named = [_KINDS.get(str(v).strip().casefold()) for v in distinct]
    unknown = [str(v) for v, k in zip(distinct, named, strict=True) if k is None]
    if unknown:
        notes.append(
            finding(
                "warning",
                "unknown-annotator-kinds",
                f"The kinds {first_five(unknown)} are none of {', '.join(KINDS)}; those annotators count as human.",
            )
        )
    return pd.Series(np.array([*(k or "human" for k in named), None], object)[index])


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
