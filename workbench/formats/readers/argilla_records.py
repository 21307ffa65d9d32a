"""Records of Argilla's four forms brought into one: fields, responses by user, suggestions, metadata.

Version 2 flattened (`preference.responses`), version 2 as records (`fields`, `responses`, `suggestions`), the server's
own records (`responses` as a list), and version 1's FeedbackDataset (a column of answers a question). No form but the
server's holds a time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from workbench.formats.records.nested import dict_of, first_of, list_of, number_of, text_of

SUBMITTED, DRAFT, DISCARDED = "submitted", "draft", "discarded"
_PLATFORM = {"id", "status", "_server_id", "external_id", "metadata", "vectors", "inserted_at", "updated_at"}


@dataclass
class Response:
    """What one user answered on one record.

    Attributes
    ----------
    values : question -> answer as the export holds it.
    status : submitted, draft or discarded; None where the export does not say.
    at : when, where the export says.
    """

    values: dict[str, Any] = field(default_factory=dict)
    status: str | None = None
    at: str | None = None


@dataclass
class Suggestion:
    """What a model suggested for one question."""

    question: str
    value: Any
    score: float
    agent: str | None


@dataclass
class Record:
    """One record, whatever form it came in."""

    name: str | None
    fields: dict[str, Any]
    responses: dict[str, Response]
    suggestions: list[Suggestion]


def form_of(keys: Iterable[str]) -> str | None:
    """Which of the forms a record with these keys has: `flat`, `records`, `feedback`, or None.

    >>> (
    ...     form_of(["id", "prompt", "preference.responses"]),
    ...     form_of(["fields", "responses"]),
    ...     form_of(["text", "pref", "pref-suggestion"]),
    ... )
    ('flat', 'records', 'feedback')
    """
    names = set(keys)
    if any(name.endswith(".responses") or name.endswith(".suggestion") for name in names):
        return "flat"
    if {"fields", "responses"} <= names:
        return "records"
    return (
        "feedback"
        if any(name.endswith("-suggestion") and name.removesuffix("-suggestion") in names for name in names)
        else None
    )


def is_answers(value: Any) -> bool:
    """Whether a cell of a FeedbackDataset holds answers: a list of `{user_id, value}`, or the same turned into
    columns.
    """
    columns = dict_of(value)
    if columns:
        return {"user_id", "value"} <= columns.keys()
    parts = [dict_of(part) for part in list_of(value)]
    return bool(parts) and all({"user_id", "value"} <= part.keys() for part in parts)


def record_of(row: Mapping[str, Any], form: str, questions: Iterable[str]) -> Record:
    """One row as a `Record`; `questions` are all questions of a FeedbackDataset."""
    name = text_of(first_of(row, ("id", "external_id", "_server_id")))
    if form == "flat":
        return Record(
            name,
            {k: v for k, v in row.items() if "." not in k and k not in _PLATFORM},
            _flat_responses(row),
            _flat_suggestions(row),
        )
    if form == "records":
        fields = {**dict_of(row.get("metadata")), **dict_of(row.get("fields"))}
        return Record(
            name,
            fields,
            _listed_responses(row) if list_of(row.get("responses")) else _keyed_responses(row),
            _suggestions(row),
        )
    asked = list(questions)
    beside = {f"{q}{end}" for q in asked for end in ("", "-suggestion", "-suggestion-metadata")}
    fields = {
        **dict_of(row.get("metadata")),
        **{k: v for k, v in row.items() if k not in beside and k not in _PLATFORM},
    }
    responses: dict[str, Response] = {}
    suggestions = []
    for question in asked:
        for answer in _answers(row.get(question)):
            _put(responses, question, answer, answer.get("value"))
        if row.get(f"{question}-suggestion") is not None:
            about = dict_of(row.get(f"{question}-suggestion-metadata"))
            suggestions.append(
                Suggestion(
                    question, row[f"{question}-suggestion"], number_of(about.get("score")), text_of(about.get("agent"))
                )
            )
    return Record(name, fields, responses, suggestions)


def _answers(cell: Any) -> list[Mapping[str, Any]]:
    """The answers of a cell, also where it holds one list for each of user_id, value and status."""
    columns = dict_of(cell)
    if not columns:
        return [dict_of(part) for part in list_of(cell)]
    lists = {name: list_of(columns.get(name)) for name in ("user_id", "value", "status")}
    return [
        {name: values[i] for name, values in lists.items() if i < len(values)} for i in range(len(lists["user_id"]))
    ]


def _put(responses: dict[str, Response], question: str, answer: Mapping[str, Any], value: Any) -> None:
    user = (
        text_of(answer.get("user_id"))
        or f"\0{sum(key.startswith(chr(0)) for key in responses if question in responses[key].values) + 1}"
    )
    response = responses.setdefault(user, Response())
    response.values[question] = value
    status = text_of(answer.get("status"))
    response.status = status.lower() if status else response.status
    response.at = text_of(first_of(answer, ("updated_at", "inserted_at"))) or response.at


def _flat_responses(row: Mapping[str, Any]) -> dict[str, Response]:
    responses: dict[str, Response] = {}
    for key in row:
        if not key.endswith(".responses"):
            continue
        values, users, statuses = list_of(row[key]), list_of(row.get(f"{key}.users")), list_of(row.get(f"{key}.status"))
        for i, value in enumerate(values):
            answer = {
                "user_id": users[i] if i < len(users) else None,
                "status": statuses[i] if i < len(statuses) else None,
            }
            _put(responses, key.removesuffix(".responses"), answer, value)
    return responses


def _flat_suggestions(row: Mapping[str, Any]) -> list[Suggestion]:
    return [
        Suggestion(
            key.removesuffix(".suggestion"), value, _score(row.get(f"{key}.score")), text_of(row.get(f"{key}.agent"))
        )
        for key, value in row.items()
        if key.endswith(".suggestion") and value is not None and value == value
    ]


def _keyed_responses(row: Mapping[str, Any]) -> dict[str, Response]:
    responses: dict[str, Response] = {}
    for question, answers in dict_of(row.get("responses")).items():
        for answer in list_of(answers):
            _put(responses, str(question), dict_of(answer), dict_of(answer).get("value"))
    return responses


def _listed_responses(row: Mapping[str, Any]) -> dict[str, Response]:
    """The server's form: a list of responses, each with the values of all questions."""
    responses: dict[str, Response] = {}
    for each in list_of(row.get("responses")):
        answer = dict_of(each)
        values = dict_of(answer.get("values"))
        for question, value in values.items():
            _put(responses, str(question), answer, dict_of(value).get("value", value) if dict_of(value) else value)
        if not values and answer:
            user = text_of(answer.get("user_id"))
            if user is not None:
                responses[user] = Response(
                    {},
                    (text_of(answer.get("status")) or "").lower() or None,
                    text_of(first_of(answer, ("updated_at", "inserted_at"))),
                )
    return responses


def _suggestions(row: Mapping[str, Any]) -> list[Suggestion]:
    held = row.get("suggestions")
    named = [(str(q), dict_of(s)) for q, s in dict_of(held).items()] or [
        (text_of(first_of(dict_of(s), ("question_name", "question"))) or "", dict_of(s)) for s in list_of(held)
    ]
    return [
        Suggestion(q, s.get("value"), _score(s.get("score")), text_of(s.get("agent")))
        for q, s in named
        if s.get("value") is not None
    ]


def _score(value: Any) -> float:
    """The score, the highest where there is one for each option."""
    numbers = [number for part in list_of(value) if (number := number_of(part)) == number]
    return max(numbers) if numbers else number_of(value)
