"""Label Studio's small exports: JSON_MIN, and CSV and TSV with the same columns, one row an annotation.

They mix the task's fields with the answers and hold no skips at all: `annotator`, `annotation_id`, `lead_time`, `id`
and `created_at` are Label Studio's own, controls are recognised by what their cells hold.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from typing import Any

from workbench.dataset.assembly import Export
from workbench.formats.files.document import Document
from workbench.formats.readers.label_studio import ShownTask, note_controls
from workbench.formats.readers.label_studio_results import Controls, answer_of
from workbench.formats.records.answers import AnsweredHarvest, names_reason, reads_as_preference
from workbench.formats.records.nested import dict_of, list_of, text_of
from workbench.formats.records.roles import Roles, find_roles

NAME = "label-studio-min"
TITLE = "Label Studio (JSON_MIN, CSV, TSV)"

_OWN = ("annotator", "annotation_id", "created_at", "updated_at", "lead_time", "id", "agreement")
_CONTROLS = {"selected", "rating", "ranker", "choices", "number", "text", "taxonomy"}
_MOST_PLAIN = 30
"""Distinct values up to which a plain column can be the answers to a question."""


def recognise(document: Document) -> float:
    """Knows the columns that Label Studio adds to every row."""
    if document.shape == "xml" or not document.keys >= {"annotator", "annotation_id"}:
        return 0.0
    return 1.0 if document.keys >= {"lead_time", "created_at", "id"} else 0.7


def read(document: Document) -> Export:
    """One judgement a row. What Label Studio left out cannot be counted: skips, drafts and predictions."""
    harvest = AnsweredHarvest(document, NAME)
    rows = []
    for number, record in harvest.records():
        if record.get("annotator") is None and record.get("annotation_id") is None:
            harvest.set_aside("a row with neither annotator nor annotation_id", number)
        else:
            rows.append((number, record, {name: _control(value) for name, value in record.items() if name not in _OWN}))
    controls = {name for _, _, cells in rows for name, cell in cells.items() if cell is not None}
    fields = list(
        dict.fromkeys(name for _, record, _ in rows for name in record if name not in _OWN and name not in controls)
    )
    paired = any(
        "selected" in part or "ranker" in part for _, _, cells in rows for cell in cells.values() for part in cell or ()
    )
    roles = find_roles([_plain_name(name) for name in fields], any_pair=paired)
    questions = _plain_questions(rows, fields, roles)
    fields = [name for name in fields if name not in questions]
    roles = find_roles([_plain_name(name) for name in fields], any_pair=paired)

    notes: Counter[str] = Counter()
    tasks: dict[str, ShownTask] = {}
    held = []
    for number, record, cells in rows:
        answered = _controls(record, cells, questions)
        held.append(answered)
        task = {"id": record.get("id"), "data": {_plain_name(name): record.get(name) for name in fields}}
        key = text_of(task["id"])
        shown = tasks[key] if key in tasks else ShownTask(harvest, roles, number, task, notes)
        if key is not None:
            tasks[key] = shown
        shown.number = number
        shown.add({**record, "completed_by": record.get("annotator"), "id": record.get("annotation_id")}, answered)
    harvest.findings.append(roles.finding())
    harvest.note(
        "info",
        "skips-unknown",
        "This form of export leaves out skipped tasks, so how many there were is unknown.",
        "Export the full JSON to count skips.",
    )
    note_controls(harvest, notes, held)
    return harvest.decided()


def _plain_name(name: str) -> str:
    """A task's field whose name is also that of a control is exported with a prefix."""
    return name.removeprefix("_data_")


def _control(value: Any) -> list[Mapping[str, Any]] | None:
    """The values of a control, a list of objects with known keys or one such object; None where the cell is plain."""
    if isinstance(value, str) and not value.lstrip().startswith(("[", "{")):
        return None
    parts = [dict(dict_of(value))] if dict_of(value) else [dict_of(part) for part in list_of(value)]
    return list(parts) if parts and all(part.keys() & _CONTROLS and "role" not in part for part in parts) else None


def _plain_questions(
    rows: list[tuple[int, dict[str, Any], dict[str, Any]]], fields: list[str], roles: Roles
) -> list[str]:
    """Plain columns that hold answers: called a reason, different within a task, or read as preferences between two
    responses.
    """
    used = {*roles.prompt, *roles.responses, *roles.models}
    questions = []
    for name in fields:
        if name.startswith("_data_") or name in used:
            continue
        if names_reason(name):
            questions.append(name)
            continue
        values: dict[str, set[str]] = {}
        for _, record, _ in rows:
            text = _text(record.get(name))
            if text is not None:
                values.setdefault(text_of(record.get("id")) or "", set()).add(text)
        distinct = {text for texts in values.values() for text in texts}
        several = any(len(texts) > 1 for task, texts in values.items() if task)
        if several or (
            roles.has_pair
            and len(distinct) <= _MOST_PLAIN
            and name != roles.gold
            and reads_as_preference(sorted(distinct))
            and not _is_number(distinct)
        ):
            questions.append(name)
    return questions


def _is_number(distinct: set[str]) -> bool:
    return all(text.replace(".", "", 1).lstrip("-").isdigit() for text in distinct)


def _controls(
    record: Mapping[str, Any], cells: Mapping[str, list[Mapping[str, Any]] | None], questions: list[str]
) -> Controls:
    controls = Controls()
    for name, cell in cells.items():
        for part in cell or ():
            controls.add(name, "", part)
    for name in questions:
        answer = _text(record.get(name))
        if answer is not None:
            controls.answers[name] = answer
    return controls


def _text(value: Any) -> str | None:
    """A plain cell; a multiple choice comes as `{"choices": [...]}`, a list of texts as JSON."""
    if dict_of(value):
        return text_of(answer_of(dict_of(value)))
    listed = list_of(value)
    if listed:
        return ", ".join(text_of(part) or "" for part in listed) or None
    text = text_of(value)
    if text is not None and text.startswith('"'):
        try:
            return text_of(json.loads(text))
        except ValueError:
            return text
    return text or None
