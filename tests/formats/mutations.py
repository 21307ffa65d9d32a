"""Files made wrong on purpose: bytes, values, keys, cells and rows changed at random, and what became of reading
them."""

from __future__ import annotations

import copy
import csv
import gzip
import io
import json
import random
import zipfile
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree

import pyarrow as pa
import pyarrow.parquet as pq

from workbench.dataset.annotation_set import AnnotationSet
from workbench.dataset.assembly import assemble
from workbench.errors import WorkbenchError
from workbench.formats import READERS, read_all
from workbench.formats.files.opening import open_bytes

_JUNK: tuple[Any, ...] = (
    None,
    "",
    " ",
    "null",
    "NaN",
    0,
    -1,
    1.5,
    1e308,
    -1e308,
    10**30,
    True,
    False,
    [],
    {},
    [None],
    [[]],
    [{}],
    {"": None},
    {"a": {"b": []}},
    "\x00",
    "\ud800",
    "=1+1",
    "<b>",
    "A",
    "B",
    "tie",
    "left",
    "x" * 5000,
    "é",
    "1",
    "-3",
    "2026-13-45T99:99:99Z",
    "9" * 400,
    ["a", 1, None],
    [["user", "hi"]],
    [{"role": "user"}],
    [{"role": None, "content": [{}]}],
)


def mutated(data: bytes, name: str, rng: random.Random) -> bytes:
    """One to three random changes of a file, of its structure where it has one, of its bytes otherwise."""
    if rng.random() < 0.6:
        data = _inside_changed(data, name, rng)
    for _ in range(rng.randint(1, 3)):
        if name.endswith((".parquet", ".gz", ".zip")) and rng.random() < 0.7:
            continue
        text_like = not name.endswith((".parquet", ".gz", ".zip"))
        kind = rng.random()
        try:
            if text_like and kind < 0.6 and name.endswith(("json", "jsonl", "ndjson")):
                data = _json_changed(data, name, rng)
            elif text_like and kind < 0.6 and name.endswith(("csv", "tsv")):
                data = _table_changed(data, "\t" if b"\t" in data[:2000] else ",", rng)
            elif text_like and kind < 0.6 and name.endswith("xml"):
                data = _xml_changed(data, rng)
            else:
                data = _bytes_changed(data, rng)
        except (ValueError, csv.Error, RecursionError, IndexError, ElementTree.ParseError):
            data = _bytes_changed(data, rng)
    return data


def _inside_changed(data: bytes, name: str, rng: random.Random) -> bytes:
    """What a packed or binary file holds changed, and packed again."""
    if name.endswith(".gz"):
        return gzip.compress(mutated(gzip.decompress(data), name[:-3], rng), mtime=0)
    if name.endswith(".zip"):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = {m: archive.read(m) for m in archive.namelist()}
        chosen = rng.choice(sorted(members))
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", rng.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED))) as archive:
            for member, content in members.items():
                archive.writestr(member, mutated(content, member, rng) if member == chosen else content)
        return out.getvalue()
    if name.endswith(".parquet"):
        rows = pq.read_table(io.BytesIO(data)).to_pylist()
        changed = [
            json.loads(line)
            for line in _json_changed("".join(json.dumps(r) + "\n" for r in rows).encode(), "x.jsonl", rng).splitlines()
        ]
        out = io.BytesIO()
        try:
            pq.write_table(pa.Table.from_pylist([row for row in changed if isinstance(row, dict)]), out)
        except (pa.ArrowException, OverflowError, TypeError, ValueError):
            return data
        return out.getvalue()
    return data


def _bytes_changed(data: bytes, rng: random.Random) -> bytes:
    if not data:
        return bytes(rng.randrange(256) for _ in range(8))
    a, b = sorted((rng.randrange(len(data)), rng.randrange(len(data))))
    b = min(b, a + rng.choice((1, 4, 64, len(data))))
    kind = rng.randrange(9)
    if kind == 0:
        return data[:a]
    if kind == 1:
        return data[:a] + data[b:]
    if kind == 2:
        return data[:b] + data[a:b] + data[b:]
    if kind == 3:
        return data[:a] + bytes(rng.randrange(256) for _ in range(rng.randint(1, 8))) + data[b:]
    if kind == 4:
        return data[:a] + bytes([data[a] ^ (1 << rng.randrange(8))]) + data[a + 1 :]
    if kind == 5:
        return (
            data[:a]
            + rng.choice(
                (
                    b'"',
                    b"{",
                    b"}",
                    b"[",
                    b"]",
                    b",",
                    b"\n",
                    b"\r\n",
                    b"\t",
                    b":",
                    b"\\",
                    b"\xff",
                    b"\x00",
                    b"&a;",
                    b"<x>",
                    b"</",
                    b"\xef\xbb\xbf",
                )
            )
            + data[a:]
        )
    if kind == 6:
        return data.replace(b"\n", rng.choice((b"\r\n", b"\r", b"\n\n")), rng.randint(1, 20))
    if kind == 7:
        try:
            return data.decode().encode(rng.choice(("utf-16", "utf-8-sig", "cp1252", "utf-16-le")), "replace")
        except UnicodeDecodeError:
            return data[::-1]
    return data[a:]


def _json_changed(data: bytes, name: str, rng: random.Random) -> bytes:
    text = data.decode()
    value = (
        [json.loads(line) for line in text.splitlines() if line.strip()]
        if name.endswith(("jsonl", "ndjson"))
        else json.loads(text)
    )
    for _ in range(rng.randint(1, 4)):
        places = list(_places(value))
        if not places:
            break
        holder, key = rng.choice(places)
        kind = rng.randrange(5)
        if kind <= 2:
            holder[key] = copy.deepcopy(rng.choice(_JUNK))
        elif kind == 3 and isinstance(holder, dict):
            holder[rng.choice((f"{key}x", key.upper(), "", "label", "item_id"))] = holder.pop(key)
        elif kind == 3:
            holder.insert(key, copy.deepcopy(holder[rng.randrange(len(holder))]))
        else:
            del holder[key]
    if name.endswith(("jsonl", "ndjson")) and isinstance(value, list):
        return "".join(json.dumps(row) + "\n" for row in value).encode()
    return json.dumps(value).encode()


def _places(value: Any) -> list[tuple[Any, Any]]:
    found: list[tuple[Any, Any]] = []
    if isinstance(value, dict):
        found += [(value, key) for key in value]
    elif isinstance(value, list):
        found += [(value, i) for i in range(len(value))]
    for child in list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else []:
        found += _places(child)
    return found


def _xml_changed(data: bytes, rng: random.Random) -> bytes:
    root = ElementTree.fromstring(data)
    for _ in range(rng.randint(1, 4)):
        parents = [e for e in root.iter() if len(e)]
        if not parents:
            break
        parent = rng.choice(parents)
        child = rng.choice(list(parent))
        kind = rng.randrange(5)
        if kind <= 1:
            child.text = rng.choice([j for j in _JUNK if isinstance(j, str) and j.isprintable()])
        elif kind == 2:
            parent.append(copy.deepcopy(rng.choice(list(root.iter()))))
        elif kind == 3:
            child.tag = rng.choice([e.tag for e in root.iter()])
        else:
            parent.remove(child)
    return ElementTree.tostring(root, "utf-8", xml_declaration=True)


def _table_changed(data: bytes, separator: str, rng: random.Random) -> bytes:
    rows = [row for row in csv.reader(io.StringIO(data.decode(), newline=""), delimiter=separator) if row]
    for _ in range(rng.randint(1, 4)):
        i = rng.randrange(len(rows))
        j = rng.randrange(len(rows[i]))
        kind = rng.randrange(7)
        if kind <= 2:
            junk = rng.choice(_JUNK)
            rows[i][j] = junk.encode("utf-8", "replace").decode() if isinstance(junk, str) else json.dumps(junk)
        elif kind == 3:
            rows.insert(i, list(rows[rng.randrange(len(rows))]))
        elif kind == 4:
            del rows[i][j]
        elif kind == 5:
            rows = [[c for k, c in enumerate(row) if k != j] or [""] for row in rows]
        else:
            rows[0][min(j, len(rows[0]) - 1)] = rng.choice(rows[0])
    out = io.StringIO()
    csv.writer(
        out, delimiter=separator, lineterminator="\n", quoting=rng.choice((csv.QUOTE_MINIMAL, csv.QUOTE_ALL))
    ).writerows(rows)
    return out.getvalue().encode("utf-8", "replace")


@dataclass(frozen=True)
class Outcome:
    """What became of reading one file: `result`, `error` (our own, expected), `unforeseen` (our own, from a reader that
    tripped), `failure`."""

    kind: str
    detail: str = ""


def outcome(data: bytes, name: str, format: str | None = None) -> Outcome:
    """Reads a file the way `load` does, and looks whether the result is sound."""
    try:
        exports, sides = read_all(open_bytes(data, name), format, None)
        for side in sides:
            exports = side.joined(exports)
        read = assemble(exports) if exports else None
        trouble = unsound(read) if read is not None else ""
        return Outcome("failure", trouble) if trouble else Outcome("result")
    except WorkbenchError as error:
        cause = error.__cause__
        if "not as that format has it" in str(error):
            return Outcome("unforeseen", _where(cause))
        return (
            Outcome("failure", f"not one line: {error!r}")
            if "\n" in str(error) or not str(error)
            else Outcome("error", str(error))
        )
    except Exception as error:
        return Outcome("failure", _where(error))


def unsound(data: AnnotationSet) -> str:
    """What is wrong with an annotation set, empty where nothing is."""
    rows, n = data.annotations, len(data.items)
    if data.ledger.rows_read != len(rows) + sum(data.ledger.set_aside.values()):
        return f"ledger: {data.ledger.rows_read} read, {len(rows)} used, {dict(data.ledger.set_aside)} set aside"
    for column, low, below in (
        ("item", 0, n),
        ("annotator", 0, len(data.annotators)),
        ("label", -1, len(data.scale)),
        ("shown_first", -1, 2),
    ):
        if len(rows) and not (rows[column].min() >= low and rows[column].max() < below):
            return f"{column} out of range"
    if (
        len(data.gold) != n
        or len(data.texts) != n
        or not data.items["item_id"].notna().all()
        or not data.items["pair_id"].notna().all()
    ):
        return "items incomplete"
    if data.codes.starts[-1] != len(data.codes) or not data.key:
        return "codes"
    return ""


def formats() -> list[str]:
    """Names of all readers."""
    return list(READERS)


def _where(error: BaseException | None) -> str:
    import traceback

    steps = traceback.extract_tb(error.__traceback__) if error is not None else []
    own = [s for s in steps if "workbench" in s.filename]
    place = f"{own[-1].filename.rsplit('/', 1)[-1]}:{own[-1].lineno} {own[-1].name}" if own else ""
    return f"{type(error).__name__}: {str(error)[:120]} at {place}"
