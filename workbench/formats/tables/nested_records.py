"""Records with judgements nested in them brought to one row a judgement: `judgments[]`, `results{}`, votes by name,
options as keys.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from workbench.findings import finding
from workbench.formats.files.document import Document
from workbench.formats.files.parquet import ParquetTable
from workbench.formats.records.remedies import OTHER_LABEL

WHO = "who"
"""Last part of the column with the names that judgements were listed under."""
_SAYS = re.compile(
    r"winner|decision|verdict|choice|chosen|preference|preferred|pref$|label|vote|score|rating|selected|better|judge?ment"
    r"|^value$",
    re.I,
)
_LISTS = re.compile(
    r"vote|label|judge?ment|annotation|rating|verdict|preference|result|decision|evaluation|grade", re.I
)
_TICKED = {"1", "true", "on", "yes", "x"}
_LOOKED_AT = 400
_DEPTH = 4
_MOST_WORDS = 12


@dataclass(frozen=True)
class Nesting:
    """Where the judgements are in a record.

    Attributes
    ----------
    field : the field that lists them, None where a record is one judgement. by_name : they are listed under names.
    """

    field: str | None = None
    by_name: bool = False


def unnested(document: Document) -> tuple[Document, Nesting]:
    """The document with one flat row a judgement; the same document where nothing is nested."""
    content = document.content
    if document.shape == "xml" or (isinstance(content, ParquetTable) and not _has_structs(content)):
        return document, Nesting()
    if document.shape == "table" and not isinstance(content, ParquetTable):
        coded = [c for c in content if _is_json(content[c])]
        if not coded:
            return document, Nesting()
        records: list[Any] = content.astype(object).where(content.notna(), None).to_dict("records")
        records = [{k: _decoded(v) if k in coded else v for k, v in row.items()} for row in records]
    else:
        records = document.records
        if not any(isinstance(v, (dict, list, np.ndarray)) for row in records[:_LOOKED_AT] for v in _values(row)):
            return document, Nesting()
    sample = [_plain(row) for row in records[:_LOOKED_AT] if isinstance(row, dict)]
    nesting = _nesting(sample)
    flat: list[dict[str, Any]] = []
    numbers: list[int] = []
    ticks = _tick_fields(sample)
    for number, row in enumerate(records, document.first_row):
        for judgement in _judgements(_plain(row) if isinstance(row, dict) else {}, nesting, ticks):
            flat.append(judgement)
            numbers.append(number)
    if not flat:
        return document, Nesting()
    notes = []
    if nesting.field is not None:
        notes.append(
            finding(
                "info",
                "judgements-unnested",
                f"{document.name}: the {len(flat):,} entries of {nesting.field!r} in {len(records):,} records are read"
                f" as the judgements{', each by the name it is listed under' if nesting.by_name else ''}.",
                OTHER_LABEL,
            )
        )
    made = Document(
        name=document.name, shape="records", content=flat, extension=document.extension, row_numbers=np.array(numbers)
    )
    return replace(made, findings=(*document.findings, *notes)), nesting


def _nesting(sample: list[dict[str, Any]]) -> Nesting:
    """The field whose entries are judgements, the first one that names what they say."""
    found = []
    for field in dict.fromkeys(k for row in sample for k in row):
        values = [row[field] for row in sample if row.get(field) not in (None, [], {})]
        if not values:
            continue
        if all(isinstance(v, list) and v and all(isinstance(e, dict) for e in v) for v in values):
            entries = [e for v in values for e in v]
            if _are_rounds(entries):
                found.append((not _LISTS.search(field), Nesting(field, by_name=True)))
                continue
            if all(any(_SAYS.search(str(k)) for k in e) for e in entries) and not _are_options(field):
                found.append((not _LISTS.search(field), Nesting(field)))
        elif all(isinstance(v, dict) and v for v in values):
            inner = [e for v in values for e in v.values()]
            if all(isinstance(e, dict) for e in inner):
                if all(any(_SAYS.search(str(k)) for k in e) for e in inner) and _alike(inner):
                    found.append((not _LISTS.search(field), Nesting(field, by_name=True)))
            elif _are_votes(field, values):
                found.append((not _LISTS.search(field), Nesting(field, by_name=True)))
    return min(found, key=lambda each: each[0], default=(True, Nesting()))[1]


def _are_rounds(entries: list[dict[str, Any]]) -> bool:
    """Whether each entry is judgements by name: `[{"straight": {"winner": 1}, "swapped": {"winner": 2}}]`."""
    inner = [e for entry in entries for e in entry.values()]
    if not inner or not all(isinstance(e, dict) for e in inner):
        return False
    return all(any(_SAYS.search(str(k)) for k in e) for e in inner)


def _are_options(field: str) -> bool:
    return (
        re.search(r"option|choices|candidate|message|conversation|turn|context|respons|answers|completion", field, re.I)
        is not None
    )


def _alike(entries: list[dict[str, Any]]) -> bool:
    """Whether these say the same things: several names, or several in a record."""
    return len({frozenset(e) for e in entries}) <= max(2, len(entries) // 5)


def _are_votes(field: str, values: list[dict[str, Any]]) -> bool:
    """Whether names stand before few short words: `votes: {ann: A, bob: B}`."""
    said = [e for v in values for e in v.values()]
    if not _LISTS.search(field) or not all(isinstance(e, (str, int, float)) and len(str(e)) <= 40 for e in said):
        return False
    if all(str(e).casefold() in _TICKED for e in said):
        return False
    names = {frozenset(v) for v in values}
    if len(names) == 1 and not _one_vocabulary(values):
        return False
    words = {str(e) for e in said}
    return len(words) <= min(_MOST_WORDS, max(2, len(said) // 2)) and (len(names) > 1 or len(next(iter(names))) > 1)


def _one_vocabulary(values: list[dict[str, Any]]) -> bool:
    """Whether each name is followed by words that others are followed by, too."""
    words = {name: {str(v[name]) for v in values if name in v} for name in values[0]}
    return all(own & set().union(*(w for n, w in words.items() if n != name)) for name, own in words.items())


def _tick_fields(sample: list[dict[str, Any]]) -> set[str]:
    """Paths whose value is an object in which the one key that is ticked is the answer."""
    found: dict[str, list[str | None]] = {}
    for row in sample:
        for path, value in _objects(row):
            found.setdefault(path, []).append(_ticked(value))
    return {
        path
        for path, keys in found.items()
        if None not in keys and 2 <= len(set(keys)) <= _MOST_WORDS and len(set(keys)) < max(3, len(keys))
    }


def _objects(value: Any, path: str = "", depth: int = 0) -> Iterator[tuple[str, dict[str, Any]]]:
    if isinstance(value, dict) and depth <= _DEPTH:
        if path:
            yield path, value
        for key, inner in value.items():
            yield from _objects(inner, f"{path}.{key}" if path else str(key), depth + 1)


def _ticked(value: Mapping[str, Any]) -> str | None:
    on = [str(k) for k, v in value.items() if str(v).casefold() in _TICKED]
    off = [k for k, v in value.items() if v in (None, "", False, 0) or str(v).casefold() in ("0", "false", "off")]
    return on[0] if len(on) == 1 and len(on) + len(off) == len(value) else None


def _judgements(row: dict[str, Any], nesting: Nesting, ticks: set[str]) -> Iterator[dict[str, Any]]:
    if nesting.field is None:
        yield dict(_flat(row, ticks))
        return
    outer = dict(_flat({k: v for k, v in row.items() if k != nesting.field}, ticks))
    entries = row.get(nesting.field) or []
    rounds = entries if nesting.by_name and isinstance(entries, list) else [entries]
    named = [(n, e) for r in rounds for n, e in (r.items() if isinstance(r, dict) else [(None, e) for e in r])]
    for name, entry in named:
        inner = entry if isinstance(entry, dict) else {"label": entry}
        said = {f"{nesting.field}.{k}": v for k, v in _flat(inner, set())}
        yield outer | ({f"{nesting.field}.{WHO}": name} if nesting.by_name else {}) | said


def _flat(row: Mapping[str, Any], ticks: set[str], path: str = "", depth: int = 0) -> Iterator[tuple[str, Any]]:
    for key, value in row.items():
        name = f"{path}{key}"
        while isinstance(value, list) and len(value) == 1 and not isinstance(value[0], dict):
            value = value[0]
        if isinstance(value, dict) and name in ticks:
            yield name, _ticked(value)
        elif isinstance(value, dict) and value and depth < _DEPTH and not ("role" in value and "content" in value):
            yield from _flat(value, ticks, f"{name}.", depth + 1)
        elif isinstance(value, list) and len(value) == 2 and all(isinstance(v, (str, int, float)) for v in value):
            yield f"{name}.0", value[0]
            yield f"{name}.1", value[1]
        else:
            yield name, value


def _plain(value: Any) -> Any:
    """Arrays of Parquet files as lists."""
    if isinstance(value, np.ndarray):
        return [_plain(v) for v in value.tolist()]
    if isinstance(value, dict):
        return {str(k): _plain(v) for k, v in value.items()}
    return value


def _values(row: Any) -> Iterable[Any]:
    return row.values() if isinstance(row, dict) else ()


def _has_structs(table: ParquetTable) -> bool:
    return any(isinstance(v, (dict, np.ndarray)) for row in table.head(20).to_dict("records") for v in row.values())


def _is_json(values: pd.Series) -> bool:
    """Whether the cells of a column are JSON lists or objects."""
    texts = [v for v in values.dropna().head(50) if isinstance(v, str)]
    return bool(texts) and all(isinstance(_decoded(t), (dict, list)) for t in texts)


def _decoded(value: Any) -> Any:
    if not isinstance(value, str) or value.lstrip()[:1] not in ("[", "{"):
        return value
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        return value
