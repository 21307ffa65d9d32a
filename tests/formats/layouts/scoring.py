"""What became of a table: read right, asked about, or read wrong."""

from __future__ import annotations

import importlib
import tempfile
from collections import Counter
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np

import workbench
from tests.formats.layouts.world import LAYOUTS, Table, Truth
from workbench.errors import WorkbenchError

for _name in (
    "crowd",
    "surveys",
    "platforms",
    "arenas",
    "judges",
    "spreadsheets",
    "numbers",
    "afresh",
    "doubtful",
    "conditions",
):
    importlib.import_module(f"tests.formats.layouts.{_name}")


@dataclass(frozen=True)
class Outcome:
    """Right, asked or wrong, and why."""

    layout: str
    half: str
    result: str
    why: str = ""


def half_of(name: str) -> str:
    """The half a layout belongs to, by a hash of its name: the guesser is tuned on one, reported on the other; those
    written later, and those that have to be asked about, are parts of their own.
    """
    if name.startswith(("afresh-", "doubtful-")):
        return name.split("-")[0]
    return "tuning" if sha256(name.encode()).digest()[0] % 2 else "reporting"


def score(name: str, folder: Path | None = None) -> Outcome:
    """Reads one layout's table as a user without any option would."""
    table = LAYOUTS[name]()
    with tempfile.TemporaryDirectory() as made:
        paths = written(table, folder or Path(made))
        try:
            data = workbench.load(paths)
        except WorkbenchError as error:
            return Outcome(name, half_of(name), "asked", str(error))
        except Exception as error:
            return Outcome(name, half_of(name), "wrong", f"{type(error).__name__}: {error}")
        why = difference(table, data) or ("read without asking what nothing in it tells" if table.ambiguous else "")
    return Outcome(name, half_of(name), "wrong" if why else "right", why)


def written(table: Table, folder: Path) -> list[Path]:
    """The table's files in a folder."""
    for file, content in table.content.items():
        (folder / file).write_bytes(content)
    return [folder / file for file in table.content]


def difference(table: Table, data: Any) -> str:
    """What was read otherwise than it is meant; empty where nothing."""
    read = judgements(data, table.by)
    if not any(who for _, who, _ in table.truth):
        read = [(item, None, verdict) for item, _, verdict in read]
    want, got = _cases(table.truth), _cases(read)
    if want != got:
        return f"{_summary(table.truth)} read as {_summary(read)}"
    if table.gold is not None:
        gold = [_verdict(data, i, int(g), table.by) for i, g in enumerate(data.gold) if g >= 0]
        if Counter(gold) != Counter(table.gold.values()):
            return f"gold {len(table.gold)} read as {len(gold)}"
    if table.seconds is not None:
        seconds = np.sort(data.annotations["seconds"].to_numpy(float))
        if not np.allclose(seconds, np.sort(table.seconds), atol=0.51):
            return f"seconds {np.sort(table.seconds)[:3]} read as {seconds[:3]}"
    return ""


def judgements(data: Any, by: str) -> list[Truth]:
    """(item, annotator or None, verdict) of every judgement with a label."""
    who = data.annotators["annotator"].to_list()
    rows = data.annotations
    return [
        (str(i), None if who[a].startswith("slot ") else who[a], _verdict(data, i, label, by))
        for i, a, label in zip(rows["item"], rows["annotator"], rows["label"], strict=True)
        if label >= 0
    ]


def _verdict(data: Any, item: int, label: int, by: str) -> str:
    name = data.scale.labels[label]
    if not data.scale.has_sides:
        return _number(name)
    strength = data.scale.strengths[label]
    if strength == 0:
        return "="
    side = "a" if strength > 0 else "b"
    texts, items = data.item_texts(np.array([item])).iloc[0], data.items.iloc[item]
    named = [texts.get(f"response_{side}"), items.get(f"model_{side}")]
    for value in named if by == "text" else named[::-1] if by == "model" else []:
        if isinstance(value, str) and value:
            return value
    return side.upper()


def _number(name: str) -> str:
    try:
        return f"{float(name):g}"
    except ValueError:
        return name.casefold()


def _cases(rows: list[Truth]) -> Counter[tuple[tuple[str, str], ...]]:
    """The votes on each item, whatever the item is called."""
    of: dict[str, list[tuple[str, str]]] = {}
    for item, who, verdict in rows:
        of.setdefault(item, []).append((who or "", _number(verdict)))
    return Counter(tuple(sorted(votes)) for votes in of.values())


def _summary(rows: list[Truth]) -> str:
    items, people = {r[0] for r in rows}, {r[1] for r in rows}
    return f"{len(rows)} votes, {len(items)} items, {len(people)} people, {len({r[2] for r in rows})} verdicts"
