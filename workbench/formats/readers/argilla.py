"""Argilla datasets of versions 1 and 2: rankings, label and rating questions, and model suggestions as AI annotators.

https://docs.argilla.io. Submitted responses count; discarded ones are skips; drafts are set aside, being unfinished.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from workbench.dataset.assembly import Export
from workbench.formats.files.document import Document
from workbench.formats.readers.argilla_records import (
    DISCARDED,
    DRAFT,
    SUBMITTED,
    Record,
    form_of,
    is_answers,
    record_of,
)
from workbench.formats.records.answers import UNDECIDED, AnsweredHarvest, sort_questions
from workbench.formats.records.nested import dict_of, head_of, int_or_none, label_of, list_of, text_of
from workbench.formats.records.orderings import pair_labels, pair_name, ranks_of
from workbench.formats.records.remedies import OTHER_LABEL
from workbench.formats.records.roles import Roles, find_roles
from workbench.messages import example, message

NAME = "argilla"
TITLE = "Argilla"


def recognise(document: Document) -> float:
    """Knows the columns of responses, flattened or not, or cells with `user_id` and `value`."""
    head = head_of(document)
    if any({"data", "annotations"} <= row.keys() for row in head):
        return 0.0
    form = form_of({str(key) for row in head for key in row})
    if form == "flat":
        return 1.0
    if form == "records":
        known = [
            row
            for row in head
            if dict_of(row.get("fields"))
            and (dict_of(row.get("responses")) or list_of(row.get("responses")) or row.get("responses") in ({}, []))
        ]
        return 0.95 if known else 0.0
    return 0.95 if any(is_answers(value) for row in head for value in row.values()) else 0.0


def read(document: Document) -> Export:
    """One judgement for each user's response to a record, and one for each suggestion to the question that is the
    label.
    """
    harvest = AnsweredHarvest(document, NAME)
    rows = list(harvest.records())
    form = form_of({str(key) for _, row in rows for key in row}) or "feedback"
    asked = list(
        dict.fromkeys(key for _, row in rows for key, value in row.items() if form == "feedback" and is_answers(value))
    )
    records = [(number, record_of(row, form, asked)) for number, row in rows]
    fields = list(dict.fromkeys(name for _, record in records for name in record.fields))
    answers: dict[str, list[Any]] = {}
    for _, record in records:
        for response in record.responses.values():
            for question, value in response.values.items():
                answers.setdefault(question, []).append(value)
        for suggestion in record.suggestions:
            answers.setdefault(suggestion.question, []).append(suggestion.value)
    ranking = next((q for q, values in answers.items() if _are_rankings([v for v in values if v is not None])), None)
    roles = find_roles(fields, any_pair=ranking is not None)
    plain = {q: [_plain(v, roles) for v in values if v is not None] for q, values in answers.items() if q != ranking}
    numbered = _class_numbers(plain)
    label = ranking or sort_questions(plain, roles.has_pair).label
    notes: Counter[str] = Counter()
    reader = _Reader(harvest, roles, ranking, label, numbered, notes)
    for number, record in records:
        reader.add(number, record)
    harvest.findings.append(roles.finding())
    _notes(harvest, notes, numbered, label, ranking)
    return harvest.decided()


class _Reader:
    """Turns records into judgements."""

    def __init__(
        self,
        harvest: AnsweredHarvest,
        roles: Roles,
        ranking: str | None,
        label: str | None,
        numbered: set[str],
        notes: Counter[str],
    ) -> None:
        self.harvest, self.roles, self.ranking, self.label, self.numbered, self.notes = (
            harvest,
            roles,
            ranking,
            label,
            numbered,
            notes,
        )

    def add(self, number: int, record: Record) -> None:
        items: dict[tuple[int, int], int] = {}
        for user, response in record.responses.items():
            status = response.status
            self.notes["with time"] += response.at is not None
            self.notes["without status"] += status is None
            if status == DRAFT:
                self.harvest.set_aside("drafts, which are unfinished", number)
                continue
            if status not in (None, SUBMITTED, DISCARDED):
                self.notes[f"status {status}"] += 1
            columns: dict[str, Any] = {
                "annotator": None if user.startswith("\0") else user,
                "ended_at": response.at,
                "shown_first": "a",
            }
            self._judge(items, number, record, response.values, columns, skipped=status == DISCARDED)
        for suggestion in record.suggestions:
            if suggestion.question == self.label:
                agent = suggestion.agent or "suggestion"
                columns = {
                    "annotator": f"judge:{agent}",
                    "annotator_kind": "ai",
                    "confidence": suggestion.score,
                    "shown_first": "a",
                }
                self._judge(items, number, record, {suggestion.question: suggestion.value}, columns, skipped=False)
                self.notes["suggestions"] += 1

    def _judge(
        self,
        items: dict[tuple[int, int], int],
        number: int,
        record: Record,
        values: dict[str, Any],
        columns: dict[str, Any],
        *,
        skipped: bool,
    ) -> None:
        plain = (
            {} if skipped else {q: self._answer(q, v) for q, v in values.items() if q != self.ranking and v is not None}
        )
        for (i, j), label in self._labels(values, skipped):
            if (i, j) not in items:
                items[i, j] = self._item(number, record, i, j)
            self.harvest.answered(items[i, j], label, number, plain, **columns)

    def _labels(self, values: dict[str, Any], skipped: bool) -> list[tuple[tuple[int, int], str | None]]:
        if skipped:
            return [((0, 1), None)]
        if self.ranking is None:
            return [((0, 1), UNDECIDED if any(v is not None for v in values.values()) else None)]
        ranks = ranks_of(values.get(self.ranking), self._options(values.get(self.ranking)))
        return [((i, j), label) for i, j, label in pair_labels(ranks) if label is not None] or [((0, 1), None)]

    def _options(self, ranking: Any) -> list[str]:
        """Names of the ranked options in the order of the responses: the fields' own names, else the names in their
        order.
        """
        names = _ranked_names(ranking)
        fields = list(self.roles.responses)
        if set(names) <= set(fields) or not names:
            return fields
        dashed = [name.replace("-", "_").casefold() for name in fields]
        if {n.replace("-", "_").casefold() for n in names} <= set(dashed):
            return [next((n for n in names if n.replace("-", "_").casefold() == field), field) for field in dashed]
        ordered = find_roles(names, any_pair=True).responses
        self.notes["options by order"] += 1
        return list(ordered) if len(ordered) == len(names) else sorted(names)

    def _answer(self, question: str, value: Any) -> Any:
        plain = _plain(value, self.roles)
        return f"class {plain}" if question in self.numbered else plain

    def _item(self, number: int, record: Record, i: int, j: int) -> int:
        k = len(self.roles.responses)
        columns = self.roles.item(record.fields, (i, j))
        name = pair_name(record.name, (i, j), k, columns, number)
        if k > 2:
            columns["group"] = columns.get("group") or record.name or f"row {number}"
        return self.harvest.item(item_id=name, **columns)


def _are_rankings(values: Sequence[Any]) -> bool:
    """Whether all answers rank the same two or more names; several ticked labels differ from answer to answer."""
    sets = {frozenset(_ranked_names(value)) if _is_ranking(value) else None for value in values}
    return len(sets) == 1 and None not in sets


def _is_ranking(value: Any) -> bool:
    columns = dict_of(value)
    if columns:
        return {"rank", "value"} <= columns.keys() and len(_ranked_names(value)) >= 2
    parts = list_of(value)
    if any(dict_of(part) for part in parts) and not all({"rank", "value"} <= dict_of(part).keys() for part in parts):
        return False
    names = _ranked_names(value)
    return len(names) >= 2 and len(names) == len(parts) == len(set(names))


def _ranked_names(ranking: Any) -> list[str]:
    columns = dict_of(ranking)
    parts = list_of(columns.get("value")) if columns else list_of(ranking)
    return [
        name for part in parts if (name := text_of(dict_of(part).get("value") if dict_of(part) else part)) is not None
    ]


def _plain(value: Any, roles: Roles) -> Any:
    """An answer that is no ranking; names of response fields become sides."""
    parts = list_of(value)
    if parts:
        return ", ".join(text_of(part) or "" for part in parts)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return text_of(value)
    return roles.side_named(label_of(value))


def _class_numbers(plain: dict[str, list[Any]]) -> set[str]:
    """Questions whose answers are positions in a list of labels that the file does not hold: whole numbers from 0 to 2
    or more.
    """
    found = set()
    for question, values in plain.items():
        numbers = {int_or_none(v) for v in values}
        if (
            values
            and None not in numbers
            and 0 in numbers
            and min(n for n in numbers if n is not None) == 0
            and max(n for n in numbers if n is not None) >= 2
        ):
            found.add(question)
    return found


def _notes(
    harvest: AnsweredHarvest, notes: Counter[str], numbered: set[str], label: str | None, ranking: str | None
) -> None:
    if notes["with time"] == 0:
        harvest.note(
            "info",
            "no-times",
            "This export holds no response times, so nobody can be judged by speed.",
            "Keep the platform's activity log if speed matters.",
        )
    if notes["without status"]:
        harvest.note(
            "info",
            "status-unknown",
            f"{notes['without status']:,} responses carry no status and count as submitted; drafts and discards cannot"
            " be told apart.",
            "Export with to_datasets() or to_list(flatten=True) to keep the status.",
        )
    if notes["suggestions"]:
        harvest.note(
            "info",
            "suggestions-read",
            f"{notes['suggestions']:,} suggestions were read as judgements of AI annotators.",
            "Leave these annotators out to judge people alone.",
        )
    if notes["options by order"]:
        harvest.note(
            "info",
            "options-by-order",
            f"{notes['options by order']:,} rankings name options that are no fields; they were taken in the order of"
            " their names.",
            "Check that the first option is response A.",
        )
    for status in sorted(key for key in notes if key.startswith("status ")):
        harvest.note(
            "warning",
            "unknown-status",
            f"{notes[status]:,} responses have the unknown {status} and count as submitted.",
        )
    if label in numbered:
        harvest.note(
            "warning",
            "class-numbers",
            f"The answers to {label!r} are numbers of classes whose names are not in the file.",
            message("Say what they mean, ", example("spelling", {"class 0": "A", "class 1": "B", "class 2": "="}), "."),
        )
    if ranking is not None:
        harvest.note(
            "info",
            "label-taken",
            f"The label was taken from the ranking {ranking!r}.",
            OTHER_LABEL,
        )
