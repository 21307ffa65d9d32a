"""Untrusted nested values read safely: any cell of an export as a text, a number, a list or a dict, or as nothing.

JSON files hold lists and dicts, Parquet files numpy arrays of dicts, CSV files the JSON text of either. A reader asks
for what it expects and gets that or an empty answer, never an exception.
"""

from __future__ import annotations

import ast
import json
import math
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from workbench.formats.files.document import Document

_ABSURD = 1e30
"""No score, time or price is as large as this; single precision holds whatever is smaller."""
_LONGEST_LITERAL, _DEEPEST_LITERAL = 1_000_000, 10_000
"""Characters and brackets of the longest cell that is looked at as a list in Python's spelling."""


def text_of(value: Any) -> str | None:
    """The value as a text: strings as they are, numbers and booleans as they are written; None for nothing and for
    nested values.

    >>> text_of(11), text_of(3.0), text_of(True), text_of(float("nan")), text_of(["x"])
    ('11', '3', 'True', None, None)
    """
    if isinstance(value, str):
        return value if value.isascii() else _without_surrogates(value)
    if value is None or isinstance(value, (list, tuple, dict, set, bytes, np.ndarray)):
        return None
    if isinstance(value, (bool, np.bool_)):
        return str(bool(value))
    if value != value:  # NaN, NaT
        return None
    if isinstance(value, (float, np.floating)) and value == int_or_none(value):
        return f"{value:.0f}"
    return str(value)


def label_of(value: Any) -> str | None:
    """The value as a label: like `text_of`, but nested junk is shown as what it is, so that it counts as unreadable,
    not as a skip.
    """
    text = text_of(value)
    if text is None and isinstance(value, (list, tuple, dict, np.ndarray)):
        return _without_surrogates(str(value)[:60])
    return text


def number_of(value: Any) -> float:
    """The value as a float, NaN for anything else (booleans and absurd magnitudes included).

    >>> number_of("4"), number_of("N/A"), number_of(2), number_of(True)
    (4.0, nan, 2.0, nan)
    """
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, (int, float, str, np.number)):
        return math.nan
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return math.nan
    return number if abs(number) < _ABSURD else math.nan


def int_or_none(value: Any) -> int | None:
    """The value as an integer where it is one, as a number or as its text."""
    number = number_of(value)
    return int(number) if number.is_integer() else None


def list_of(value: Any) -> list[Any]:
    """The value as a list: of a JSON list, a Parquet array or the JSON text of a list; empty for anything else.

    >>> list_of('["a", "b"]'), list_of(np.array([1, 2])), list_of("x"), list_of(None)
    (['a', 'b'], [1, 2], [], [])
    """
    if isinstance(value, str):
        value = _decoded(value, "[")
    if isinstance(value, np.ndarray):
        return value.tolist() if value.ndim else []
    return list(value) if isinstance(value, (list, tuple)) else []


def dict_of(value: Any) -> Mapping[str, Any]:
    """The value as a dict: of a JSON object, a Parquet struct or the JSON text of an object; empty for anything
    else.
    """
    if isinstance(value, str):
        value = _decoded(value, "{")
    return value if isinstance(value, Mapping) else {}


def first_of(record: Mapping[str, Any], names: Iterable[str]) -> Any:
    """The first of these fields that the record has a value for, or None."""
    for name in names:
        value = record.get(name)
        if value is not None and not (isinstance(value, float) and math.isnan(value)):
            return value
    return None


def head_of(document: Document) -> list[dict[str, Any]]:
    """The first rows that are dicts, to recognise a format by their values."""
    return [row for row in document.head if isinstance(row, dict)]


def _decoded(value: str, opening: str) -> Any:
    if not value.lstrip().startswith(opening):
        return None
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        return _as_python_writes(value)


def _as_python_writes(value: str) -> Any:
    """A list or dict as Python's own `str` writes it, which is what pandas leaves in a CSV; None where it is none."""
    if len(value) > _LONGEST_LITERAL or value.count("[") + value.count("{") > _DEEPEST_LITERAL:
        return None
    try:
        return ast.literal_eval(value.strip())
    except (ValueError, SyntaxError, RecursionError, MemoryError, TypeError):
        return None


def _without_surrogates(value: str) -> str:
    """Half characters, which JSON can escape but UTF-8 cannot hold, become question marks."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode("utf-8", "replace").decode()
    return value
