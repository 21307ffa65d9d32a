"""Items and judgements gathered record by record, with a count and a reason for each record that could not be used."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from workbench.dataset.assembly import Export
from workbench.dataset.scales import LabelScale
from workbench.errors import WorkbenchError
from workbench.findings import Finding, Level, finding
from workbench.formats.files.document import Document
from workbench.formats.records.nested import first_of, number_of, text_of
from workbench.formats.records.remedies import ANOTHER_FORMAT
from workbench.formats.records.side_assignment import assign_sides
from workbench.formats.records.times import to_moment, to_seconds
from workbench.hashing import hash_strings
from workbench.messages import Message

_ITEM_TEXTS = ("item_id", "prompt", "response_a", "response_b", "model_a", "model_b", "group")


class NothingRead(WorkbenchError):
    """Not one record of a file could be used as a format has them."""


class Harvest:
    """What a reader found so far in one document of nested records.

    Parameters
    ----------
    document : the file.
    name : the reader's name.
    """

    def __init__(self, document: Document, name: str) -> None:
        self.document = document
        self.name = name
        self.findings: list[Finding] = []
        self._items: list[dict[str, Any]] = []
        self._rows: list[dict[str, Any]] = []
        self._aside: dict[str, list[int]] = {}
        self._expected: set[str] = set()

    def records(self) -> Iterator[tuple[int, dict[str, Any]]]:
        """Row number and content of each record; what is no record is set aside."""
        for number, record in enumerate(self.document.records, self.document.first_row):
            if isinstance(record, dict):
                yield number, record
            else:
                self.set_aside("not a record with named fields", number)

    def item(self, **columns: Any) -> int:
        """Adds a presentation of an item and returns its position; columns as in `Export.items`, slices by
        `slices()`.
        """
        self._items.append(columns)
        return len(self._items) - 1

    def judgement(self, item: int, label: str | None, ref: int, **columns: Any) -> None:
        """Adds a judgement of an item; columns as in `Export.rows`, times as the export writes them."""
        if "ended_at" in columns:
            columns["ended_at"] = _moment(columns["ended_at"])
        if "seconds" in columns:
            columns["seconds"] = number_of(columns["seconds"])
        self._rows.append({"item_row": item, "label": label, "ref": ref, **columns})

    def set_aside(self, reason: str, ref: int, expected: bool = False) -> None:
        """Counts a record that is no judgement; `expected` = as the tool means it, so that there is nothing to look
        into.
        """
        self._aside.setdefault(reason, []).append(ref)
        if expected:
            self._expected.add(reason)

    def note(self, level: Level, code: str, message: str, remedy: str | Message = "", refs: Iterable[int] = ()) -> None:
        """Adds a finding about some records."""
        self.findings.append(finding(level, code, message, remedy, [f"{self.document.name}:{ref}" for ref in refs]))

    def export(
        self,
        scale: LabelScale | None,
        spelling: Mapping[str, str] | None = None,
        *,
        sides: bool | None = None,
        unordered: bool = False,
        frames: tuple[pd.DataFrame, pd.DataFrame] | None = None,
    ) -> Export:
        """All of it as an `Export`.

        Parameters
        ----------
        scale, spelling, sides : as in `Export`. Where a spelling names numbers, no other number is guessed at.
        unordered : the labels say which response won, not where it was shown: sides are assigned by content.
        frames : items and rows, where the reader made these tables itself.

        Raises
        ------
        WorkbenchError
            Not one record could be used.
        """
        items, rows = frames if frames is not None else (pd.DataFrame(self._items), pd.DataFrame(self._rows))
        if len(items) == 0 or len(rows) == 0:
            reasons = ", ".join(f"{len(refs):,} {reason}" for reason, refs in self._aside.items()) or "0 records"
            raise NothingRead(
                f"{self.document.name}: nothing in it could be read as {self.name} ({reasons}).",
                ANOTHER_FORMAT,
            )
        for column in _ITEM_TEXTS:
            if column in items:
                items[column] = items[column].astype("str")
        items["group"] = _groups(items)
        if unordered and scale is not None:
            items, rows = assign_sides(items, rows, scale)
            self.note(
                "info",
                "sides-assigned",
                "The file says which response was chosen, not which was shown first; A and B were assigned by a hash of"
                " the texts, so that the side does not give the label away.",
                "Position bias cannot be measured on this file.",
            )
        if any(not math.isnan(number_of(value)) for value in spelling or ()):
            rows["label"] = [_off_scale(label, spelling or {}) for label in rows["label"]]
        if "ended_at" in rows:
            rows["ended_at"] = to_moment(rows["ended_at"])
        if "seconds" in rows:
            durations = to_seconds(rows["seconds"])
            rows["seconds"] = durations.seconds
            self.findings += durations.findings
        for reason, refs in self._aside.items():
            level: Level = "info" if reason in self._expected else "warning"
            remedy = "" if reason in self._expected else "Look at these rows of the file, and mend or leave them out."
            self.note(level, "records-set-aside", f"{len(refs):,} records were set aside: {reason}.", remedy, refs)
        return Export(
            items=items,
            rows=rows,
            source=self.document.name,
            format=self.name,
            scale=scale,
            spelling=dict(spelling or {}),
            sides=sides,
            set_aside={reason: len(refs) for reason, refs in self._aside.items()},
            findings=tuple(self.findings),
        )


def slices(record: Mapping[str, Any], names: Iterable[str]) -> dict[str, str | None]:
    """The fields of a record that items are told apart by, under their names as slices.

    >>> slices({"source": "math", "turns": 2}, ["source", "turns", "language"])
    {'slice.source': 'math', 'slice.turns': '2'}
    """
    found = {f"slice.{name}": text_of(first_of(record, (name,))) for name in names}
    return {name: value for name, value in found.items() if value is not None}


def _moment(value: Any) -> Any:
    """A time as the export writes it: a text, a finite number or a datetime."""
    if isinstance(value, (int, float)):
        return number_of(value)
    return text_of(value) if isinstance(value, str) else value


def _off_scale(label: Any, spelling: Mapping[str, str]) -> Any:
    unknown = label is not None and label not in spelling and not math.isnan(number_of(label))
    return f"{label} (not on the scale)" if unknown else label


def _groups(items: pd.DataFrame) -> pd.Series:
    """The group each item has, else one for each prompt; null where there is neither."""
    group = items["group"] if "group" in items else pd.Series([None] * len(items), dtype="str")
    lacking = group.isna().to_numpy(bool)
    if not lacking.any() or "prompt" not in items:
        return group
    prompt = hash_strings(items["prompt"])
    by_prompt = np.array([f"prompt-{h:016x}" if h else None for h in prompt.tolist()], object)
    return pd.Series(np.where(lacking, by_prompt, group.to_numpy(object)), index=items.index, dtype="str")
