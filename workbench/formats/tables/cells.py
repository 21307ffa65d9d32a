"""Cells of any table as ids, texts, labels and numbers, nested ones reached by their path."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from workbench.findings import Finding, finding
from workbench.formats.files.document import Document
from workbench.formats.records.conversations import readable, turns_of


def has_column(document: Document, column: str) -> bool:
    """Whether a column, or a path into nested records, exists in this file."""
    if column in document.columns:
        return True
    return (
        "." in column
        and column.split(".")[0] in document.columns
        and any(_reach(row, column) is not None for row in document.records)
    )


def cells(document: Document, columns: Sequence[str], repeated: Sequence[str] = ()) -> pd.DataFrame:
    """Some columns, nested ones by their path."""
    plain = [c for c in columns if c in document.columns]
    table = document.part(plain, [c for c in repeated if c in plain])
    if len(plain) == len(columns):
        return table
    nested = {}
    for column in columns:
        if column not in plain:
            values = np.empty(document.rows, object)
            values[:] = [_reach(row, column) for row in document.records]
            nested[column] = values
    return table.assign(**{c: pd.Series(v, index=table.index, dtype=object) for c, v in nested.items()})


def _reach(row: Any, path: str) -> Any:
    if isinstance(row, dict) and path in row:
        return row[path]
    for step in path.split("."):
        if isinstance(row, dict):
            row = row.get(step)
        elif isinstance(row, list) and step.isdigit() and int(step) < len(row):
            row = row[int(step)]
        else:
            return None
    return row


def keys(table: pd.DataFrame, columns: Sequence[str]) -> pd.Series:
    """Ids as categories of text; several columns join as `a|b`. Empty cells are null.

    >>> keys(pd.DataFrame({"a": [7, 7, None], "b": ["x", "y", None]}), ["a", "b"]).tolist()
    ['7|x', '7|y', nan]
    """
    parts = [_categories(table[c]) for c in columns]
    if len(parts) == 1:
        return parts[0]
    code = np.zeros(len(table), np.int64)
    for part in parts:
        code = code * (len(part.cat.categories) + 1) + part.cat.codes.to_numpy(np.int64) + 1
    index, distinct = pd.factorize(code)
    first = np.zeros(len(distinct), np.int64)
    first[index[::-1]] = np.arange(len(index))[::-1]
    cells_ = [["" if pd.isna(v) else str(v).replace("|", "\\|") for v in part.iloc[first]] for part in parts]
    names = ["|".join(row) if any(row) else None for row in zip(*cells_, strict=True)]
    return _categories(pd.Series(names, dtype=object)).iloc[index].reset_index(drop=True)


def _categories(values: pd.Series) -> pd.Series:
    if isinstance(values.dtype, pd.CategoricalDtype):
        codes, distinct = values.cat.codes.to_numpy(), values.cat.categories
    else:
        codes, distinct = pd.factorize(values if values.dtype != object else values.map(hashable, na_action="ignore"))
    if isinstance(distinct.dtype, pd.StringDtype):
        text = distinct.str.strip()
        if (text == distinct).all() and not (text == "").any():
            return pd.Series(pd.Categorical.from_codes(codes, distinct, validate=False))
        if not (text == "").any() and text.is_unique:
            return pd.Series(pd.Categorical.from_codes(codes, text))
    names = [as_text(v) for v in distinct]
    again, kept = pd.factorize(
        pd.Series([None if n is None or not n.strip() else n.strip() for n in names], dtype=object)
    )
    return pd.Series(pd.Categorical.from_codes(np.append(again, -1)[codes], pd.Index(kept, dtype="str")))


def hashable(value: Any) -> Any:
    """The cell, or its text where it cannot be looked up in a table: lists, dicts, and truth values, which would be 1
    and 0.
    """
    return as_text(value) if isinstance(value, (dict, list, bool, np.ndarray)) else value


def as_text(value: Any) -> str | None:
    """One cell as text: whole numbers without `.0`, truth values as true and false, nested values as JSON; null stays
    null.

    >>> [as_text(v) for v in (3.0, True, ["a"], None, float("nan"))]
    ['3', 'true', '["a"]', None, None]
    """
    if isinstance(value, str):
        return value
    if value is None or value is pd.NA or value is pd.NaT:
        return None
    if isinstance(value, (bool, np.bool_)):
        return "true" if value else "false"
    if isinstance(value, (float, np.floating)):
        number = float(value)
        if not np.isfinite(number):
            return None
        return str(int(number)) if number.is_integer() and abs(number) < 1e15 else repr(number)
    if isinstance(value, np.ndarray):
        value = value.tolist()
    return json.dumps(value, ensure_ascii=False, default=str) if isinstance(value, (dict, list)) else str(value)


def texts(table: pd.DataFrame, columns: Sequence[str]) -> pd.Series:
    """Texts as strings; several columns stand one below the other, empty ones left out."""
    parts = [
        table[c] if isinstance(table[c].dtype, pd.StringDtype) else table[c].astype(object).map(_text).astype("str")
        for c in columns
    ]
    if len(parts) == 1:
        return parts[0].reset_index(drop=True)
    joined = ["\n\n".join(v for v in row if isinstance(v, str) and v) or None for row in zip(*parts, strict=True)]
    return pd.Series(joined, dtype="str")


def _text(value: Any) -> str | None:
    turns = turns_of(value) if isinstance(value, (list, dict, np.ndarray)) else None
    return readable(turns) if turns else as_text(value)


def parsed(values: pd.Series, *kinds: pa.DataType) -> pd.Series:
    """A column of text as numbers or moments at once, where all of it is written plainly; otherwise as it is, to be
    looked at one by one.
    """
    if isinstance(values.dtype, pd.CategoricalDtype):
        values = values.astype(values.cat.categories.dtype)
    if isinstance(values.dtype, pd.StringDtype):
        text = pa.array(values, from_pandas=True)
        for kind in kinds:
            with contextlib.suppress(pa.ArrowInvalid):
                return pd.Series(text.cast(kind).to_pandas())
    return values


def spelled_labels(values: pd.Series) -> pd.Series:
    """Labels as they are spelled; lists of one and `{"selected": ..}` unwrapped, blanks null."""
    if values.dtype != object:
        return values.reset_index(drop=True)
    return values.map(_one_label).reset_index(drop=True)


def _one_label(value: Any) -> Any:
    while isinstance(value, (list, dict, np.ndarray)) and len(value) == 1:
        value = next(iter(value.values() if isinstance(value, dict) else value))
    if isinstance(value, float) and value == value and np.isfinite(value) and value == int(value):
        return int(value)
    return as_text(value) if isinstance(value, (list, dict, np.ndarray)) else value


def representable(value: Any) -> Any:
    """A number as it is, or null where it is a whole number of more digits than a float reaches to."""
    return None if isinstance(value, int) and not -(10**300) < value < 10**300 else value


def numbers(values: pd.Series, field: str, notes: list[Finding]) -> np.ndarray:
    """Numbers of a column, NaN where there is none; what is no number is counted in a finding."""
    plain = values.astype(object).map(
        lambda v: v if isinstance(v, (str, int, float, np.number)) and not isinstance(v, bool) else None
    )
    numbers = pd.to_numeric(plain.map(representable), errors="coerce").to_numpy(np.float64, na_value=np.nan)
    numbers = np.where(np.isfinite(numbers), numbers, np.nan)
    missed = int((np.isnan(numbers) & values.notna().to_numpy(bool)).sum())
    if missed:
        notes.append(
            finding(
                "warning",
                f"unreadable-{field}",
                f"{missed:,} values of {field} are no numbers; they count as unknown.",
                count=missed,
            )
        )
    return numbers
