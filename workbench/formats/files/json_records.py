"""JSON, JSON lines and JSON objects one after the other, as a list of records; what is broken is named by line and
record.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import Any

from workbench.errors import WorkbenchError, counted, first_five
from workbench.findings import Finding, finding

WRAPPERS = ("data", "rows", "records", "items", "examples", "results", "tasks", "instances", "train")
"""Names under which files keep their list of records."""

_BLANK = re.compile(r"[\s,]*")
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
_DECODER = json.JSONDecoder(parse_constant=lambda _: None)  # NaN and Infinity are no JSON, and no value
_TRUNCATED = "The file was cut short or damaged: export it again."


def looks_like_json(text: str) -> bool:
    """Whether a text whose extension does not say so is JSON: it starts with a whole value, or with a list of records.

    >>> looks_like_json('[{"a": 1}'), looks_like_json("[id],label")
    (True, False)
    """
    return bool(re.match(r"\s*(\{\s*[\"}]|\[\s*[\[{\]])", text))


def parse_records(text: str, name: str) -> tuple[list[dict[str, Any]], tuple[Finding, ...]]:
    """All records of a text.

    Accepted are a list of objects, one object a line, objects one after the other, a list under one of the names
    `WRAPPERS`, objects under running numbers or ids (the key becomes `_key`), and one list or one numbered object for
    each column. The literals NaN and Infinity are read as null.

    Raises
    ------
    WorkbenchError
        The text is broken anywhere (line and record are named), or holds no records.
    """
    start = text.lstrip()[:1]
    if start not in ("{", "["):
        shown = " ".join(text[:60].split())
        raise WorkbenchError(
            f"{name}: this is not JSON (it starts with {shown!r}).", "Check that the right file was exported."
        )
    twice: Counter[str] = Counter()
    try:
        values = _values(text, name, _decoder(twice))
        if _SURROGATE.search(text):
            values = [_mend(value) for value in values]
    except RecursionError as error:
        raise WorkbenchError(
            f"{name}: the JSON is nested too deeply to hold records.", "Check that the right file was exported."
        ) from error
    records, notes = _records(values, name)
    if not records:
        raise WorkbenchError(f"{name}: no annotations were found (0 rows).", "Check that the right file was exported.")
    return records, (*notes, *_named_twice(twice, name))


def _decoder(twice: Counter[str]) -> json.JSONDecoder:
    """A decoder that counts names that stand twice in one object: JSON allows it, and only the last value is left."""

    def noted(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        made = dict(pairs)
        if len(made) != len(pairs):
            twice.update(key for key, n in Counter(key for key, _ in pairs).items() if n > 1)
        return made

    return json.JSONDecoder(parse_constant=lambda _: None, object_pairs_hook=noted)


def _named_twice(twice: Counter[str], name: str) -> tuple[Finding, ...]:
    if not twice:
        return ()
    message = (
        f"{name}: {counted(max(twice.values()), 'record names', 'records name')} a field more than once"
        f" ({first_five(twice)}); the last value counts, the others are lost."
    )
    remedy = "Export it again, each field once; which value is right cannot be told from the file."
    return (finding("warning", "field-named-twice", message, remedy, count=max(twice.values())),)


def _values(text: str, name: str, decoder: json.JSONDecoder) -> list[Any]:
    first, end = _first_line(text)
    if text.lstrip().startswith("{") and first is not None and text[end:].strip():
        return _lines(text, name, decoder)
    values: list[Any] = []
    position = _BLANK.match(text).end()  # type: ignore[union-attr]
    while position < len(text):
        try:
            value, position = decoder.raw_decode(text, position)
        except ValueError as error:
            raise _broken(error, text, position, name, len(values)) from error
        values.append(value)
        position = _BLANK.match(text, position).end()  # type: ignore[union-attr]
    return values


def _first_line(text: str) -> tuple[Any, int]:
    """The first line's object where it is a whole one, and where the line ends."""
    start = len(text) - len(text.lstrip())
    end = re.compile(r"[\r\n]").search(text, start)
    stop = end.start() if end else len(text)
    try:
        value, reached = _DECODER.raw_decode(text, start)
    except (ValueError, RecursionError):
        return None, stop
    return (value, stop) if reached <= stop and not text[reached:stop].strip() else (None, stop)


def _lines(text: str, name: str, decoder: json.JSONDecoder) -> list[Any]:
    values = []
    for number, line in enumerate(re.split(r"\r\n|\n|\r", text), start=1):
        stripped = line.strip()
        if not stripped:
            continue
        try:
            value, end = decoder.raw_decode(stripped)
            if stripped[end:].strip():
                raise json.JSONDecodeError("more text after the object", stripped, end)
        except ValueError as error:
            reason = error.msg if isinstance(error, json.JSONDecodeError) else str(error)
            raise WorkbenchError(
                f"{name} line {number:,}: this line is not a whole JSON object ({reason}).", _TRUNCATED
            ) from error
        values.append(value)
    return values


def _broken(error: ValueError, text: str, position: int, name: str, done: int) -> WorkbenchError:
    if not isinstance(error, json.JSONDecodeError):
        return WorkbenchError(f"{name}: a number cannot be read ({error}).", _TRUNCATED)
    record = f", record {done + 1:,}" if done else ""
    if text.find("[", position, position + 1) == position:  # how many records of the list came before
        record = f", after {_whole_records(text, position, error.pos):,} whole records"
    what = (
        "the JSON ends too early"
        if not text[error.pos :].strip() or "Unterminated" in error.msg
        else f"the JSON is broken ({error.msg})"
    )
    return WorkbenchError(f"{name} line {error.lineno:,} column {error.colno:,}{record}: {what}.", _TRUNCATED)


def _whole_records(text: str, position: int, until: int) -> int:
    count, position = 0, _BLANK.match(text, position + 1).end()  # type: ignore[union-attr]
    while position < until:
        try:
            _, position = _DECODER.raw_decode(text, position)
        except ValueError:
            break
        count, position = count + 1, _BLANK.match(text, position).end()  # type: ignore[union-attr]
    return count


def _records(values: list[Any], name: str) -> tuple[list[dict[str, Any]], tuple[Finding, ...]]:
    notes: list[Finding] = []
    if all(isinstance(v, list) for v in values):
        rows = [row for value in values for row in value]
    elif len(values) == 1 and isinstance(values[0], dict):
        rows, notes = _unwrapped(values[0], name)
    else:
        rows = values
    odd = [i for i, row in enumerate(rows) if not isinstance(row, dict)]
    if odd:
        raise WorkbenchError(
            f"{name} record {first_five(i + 1 for i in odd)}: a record is a {type(rows[odd[0]]).__name__}, not an"
            " object with named fields.",
            "Export one object for each item or annotation.",
        )
    if rows and all(
        set(row) <= {"row_idx", "row", "truncated_cells"} and isinstance(row.get("row"), dict) for row in rows
    ):
        rows = [row["row"] for row in rows]  # the answer of a data set server
    return rows, tuple(notes)


def _unwrapped(value: dict[str, Any], name: str) -> tuple[list[Any], list[Finding]]:
    """The records of one object: under a wrapper's name, under ids, or column by column; else the object is the
    record.
    """
    for key in WRAPPERS:
        inner = value.get(key)
        if isinstance(inner, list) and inner and all(isinstance(row, dict) for row in inner):
            others = {
                k
                for k, v in value.items()
                if k != key and isinstance(v, list) and any(isinstance(row, dict) for row in v)
            }
            if not others:
                return inner, [finding("info", "wrapped-records", f"{name}: the records were read from {key!r}.")]
    filled = list(value.values())
    if len(filled) > 0 and all(isinstance(v, dict) and v for v in filled):
        if all(str(k).isdigit() for v in filled for k in v) and not any(
            isinstance(x, (dict, list)) for v in filled for x in v.values()
        ):
            index = list(dict.fromkeys(k for v in filled for k in v))
            return [{column: value[column].get(i) for column in value} for i in index], [
                finding("info", "column-wise", f"{name}: read column by column.")
            ]
        numbered = all(str(k).isdigit() for k in value)
        alike = len(filled) > 1 and all(set(v) == set(filled[0]) for v in filled)
        if numbered or alike:
            return [{"_key": str(k), **v} for k, v in value.items()], [
                finding(
                    "info", "keyed-records", f"{name}: the records were read from an object; its keys are in '_key'."
                )
            ]
    lists = [v for v in filled if isinstance(v, list)]
    if (
        len(lists) == len(filled) > 1
        and len({len(v) for v in lists}) == 1
        and len(lists[0]) > 1
        and not any(isinstance(x, (dict, list)) for v in lists for x in v)
    ):
        return [dict(zip(value, row, strict=True)) for row in zip(*lists, strict=True)], [
            finding("info", "column-wise", f"{name}: read column by column.")
        ]
    return [value], []


def _mend(value: Any) -> Any:
    """Half characters (lone surrogates) cannot be stored anywhere: they become U+FFFD."""
    if isinstance(value, str):
        return (
            value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
            if any("\ud800" <= c <= "\udfff" for c in value)
            else value
        )
    if isinstance(value, list):
        return [_mend(v) for v in value]
    if isinstance(value, dict):
        return {_mend(k): _mend(v) for k, v in value.items()}
    return value
