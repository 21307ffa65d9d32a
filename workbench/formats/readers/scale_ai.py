"""Scale's generative-AI projects: tasks of turns, each with one message a model and annotations that compare them.

https://docs.genai.scale.com. Keys differ from project to project; `selected_model_id`, `likert_value` and
`justification` are looked for on the turn, everything else is kept as a further answer. What was assumed is said in
findings.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from workbench.dataset.assembly import Export
from workbench.formats.files.document import Document
from workbench.formats.records.answers import UNDECIDED, AnsweredHarvest
from workbench.formats.records.conversations import Turn, readable
from workbench.formats.records.nested import dict_of, first_of, head_of, int_or_none, list_of, number_of, text_of
from workbench.formats.records.roles import shown_text
from workbench.messages import by, message

NAME = "scale"
TITLE = "Scale generative-AI tasks"

_ANSWERERS = ("assistant", "model", "bot", "agent")
_SELECTED = ("selected_model_id", "selected_model", "selected_response", "preferred_model_id", "preference")
_LIKERT = ("likert_value", "likert", "preference_likert", "preference_strength")
_SKIPPED = {"canceled", "cancelled", "skipped", "rejected", "error"}


def recognise(document: Document) -> float:
    """Knows tasks with turns of messages that carry a `source_id` or a role."""
    for row in head_of(document):
        for _, turn in _turns(row):
            messages = [dict_of(each) for each in list_of(turn.get("messages"))]
            if any("source_id" in message for message in messages):
                return 1.0 if turn.get("annotations") is not None else 0.8
            if messages and turn.get("annotations") is not None and "data" not in row:
                return 0.6
    return 0.0


def read(document: Document) -> Export:
    """One judgement a turn that compares two models; turns with one answer have nothing to compare."""
    harvest = AnsweredHarvest(document, NAME)
    notes: Counter[str] = Counter()
    likerts: list[int] = []
    found = []
    for number, task in harvest.records():
        history: list[Turn] = []
        for index, turn in _turns(task):
            messages = [dict_of(each) for each in list_of(turn.get("messages"))]
            asked = [m for m in messages if (text_of(m.get("role")) or "").lower() not in _ANSWERERS]
            answers = [m for m in messages if (text_of(m.get("role")) or "").lower() in _ANSWERERS]
            history += [((text_of(m.get("role")) or "user").lower(), _words(m) or "") for m in asked]
            held = _annotations(turn.get("annotations"))
            if len(answers) >= 2:
                found.append((number, task, index, readable(history) if history else None, answers, held))
                likerts += [v for key in _LIKERT if (v := int_or_none(held.get(key))) is not None]
                notes["more than two"] += len(answers) > 2
            else:
                harvest.set_aside("turns with fewer than two model responses", number)
            chosen = _selected(held, answers)
            history += [("assistant", _words(answers[chosen or 0]) or "")] if answers else []
    steps = _likert_steps(likerts)
    for number, task, index, prompt, answers, held in found:
        _judge(harvest, number, task, index, prompt, answers, held, steps)
    if notes["more than two"]:
        harvest.note(
            "warning",
            "more-than-two-models",
            f"{notes['more than two']:,} turns show more than two responses; only the first two were read.",
            "Split the comparison into pairs.",
        )
    if found:
        harvest.note(
            "info",
            "keys-assumed",
            "The selected response was looked for under selected_model_id, its strength under likert_value, the reason"
            " under justification.",
            message("If the project uses other keys, name the columns ", by("mapping", {"FIELD": "COLUMN"}), "."),
        )
    if likerts:
        harvest.note(
            "info",
            "likert-direction",
            "Likert values were read with the lowest one for the first response, as the scale is shown; where a"
            " selected model is given too, it decides the side.",
            message("Turn the scale ", by("spelling"), " if it ran the other way."),
        )
    return harvest.decided()


def _turns(task: Any) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """Number and content of each turn, of all threads."""
    row = dict_of(task)
    listed = list_of(row.get("turns"))
    for each in list_of(row.get("threads")):
        listed = [*listed, *list_of(dict_of(each).get("turns"))]
    for index, turn in enumerate(listed, 1):
        if dict_of(turn):
            yield index, dict_of(turn)


def _annotations(value: Any) -> dict[str, Any]:
    """Key -> value of annotations, given as an object or as a list of `{key, value}`."""
    plain = dict_of(value)
    if plain:
        return {
            str(key): each.get("value", each.get("response")) if isinstance(each, Mapping) else each
            for key, each in plain.items()
        }
    found = {}
    for part in list_of(value):
        entry = dict_of(part)
        key = text_of(first_of(entry, ("key", "name", "field_id", "title")))
        if key is not None:
            found[key] = first_of(entry, ("value", "response", "selected", "text"))
    return found


def _words(message: Mapping[str, Any]) -> str | None:
    content = first_of(message, ("content", "text", "message"))
    inner = dict_of(content)
    return shown_text(first_of(inner, ("text", "content"))) if inner else shown_text(content)


def _source(message: Mapping[str, Any]) -> str | None:
    return text_of(first_of(message, ("source_id", "model_id", "model", "id")))


def _selected(held: Mapping[str, Any], answers: list[Mapping[str, Any]]) -> int | None:
    """Position of the response that was selected, None where none of those shown was."""
    value = first_of(held, _SELECTED)
    name = text_of(first_of(dict_of(value), ("id", "value", "source_id"))) if dict_of(value) else text_of(value)
    names = [_source(answer) for answer in answers]
    return names.index(name) if name is not None and names.count(name) == 1 else None


def _likert_steps(values: list[int]) -> int:
    """Number of steps of the scale: 5, 7 or 8 by the highest value, 0 where it is no such scale."""
    return next((k for k in (5, 7, 8) if max(values) <= k), 0) if values and min(values) >= 1 else 0


def _judge(
    harvest: AnsweredHarvest,
    number: int,
    task: Mapping[str, Any],
    index: int,
    prompt: str | None,
    answers: list[Mapping[str, Any]],
    held: dict[str, Any],
    steps: int,
) -> None:
    name = text_of(first_of(task, ("task_id", "id", "_id"))) or f"row {number}"
    status = (text_of(task.get("status")) or "").lower()
    item = harvest.item(
        item_id=f"{name}:{index}",
        prompt=prompt,
        response_a=_words(answers[0]),
        response_b=_words(answers[1]),
        model_a=_source(answers[0]),
        model_b=_source(answers[1]),
        group=name,
    )
    columns: dict[str, Any] = {
        "annotator": _worker(
            first_of(
                task,
                ("completed_by", "annotator_id", "annotator", "worker_id", "tasker_id", "created_by", "attempted_by"),
            )
        ),
        "ended_at": text_of(first_of(task, ("completed_at", "updated_at"))),
        "batch": text_of(first_of(task, ("batch", "batch_name"))),
    }
    others = {key: _plain(value) for key, value in held.items() if key not in (*_SELECTED, *_LIKERT)}
    chosen = _selected(held, answers[:2])
    step = int_or_none(first_of(held, _LIKERT))
    label: str | None
    if status in _SKIPPED:
        label, others = None, {}
    elif chosen is not None:
        label = "AB"[chosen] + _strength(step, steps)
    elif step is not None and steps:
        label = _label_of_step(step, steps)
    elif first_of(held, _SELECTED) is not None:
        label = _plain(first_of(held, _SELECTED))
    else:
        label = UNDECIDED if any(value is not None for value in others.values()) else None
    harvest.answered(item, label, number, {key: value for key, value in others.items() if value is not None}, **columns)


def _worker(value: Any) -> str | None:
    return text_of(first_of(dict_of(value), ("email", "id"))) if dict_of(value) else text_of(value)


def _plain(value: Any) -> Any:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return number_of(value)
    return shown_text(value)


def _strength(step: int | None, steps: int) -> str:
    """Marks of strength of a chosen side: how far the step lies from the middle of the scale."""
    if step is None or not steps or not 1 <= step <= steps:
        return ">"
    label = _label_of_step(step, steps)
    return label[1:] if label is not None and label != "=" else ">"


def _label_of_step(step: int, steps: int) -> str | None:
    """Label of a step of a Likert scale from A to B: 7 or 8 steps have three strengths, 5 have two.

    >>> [_label_of_step(step, 5) for step in range(1, 6)]
    ['A>>', 'A>', '=', 'B>', 'B>>']
    """
    if not 1 <= step <= steps:
        return None
    middle = (steps + 1) / 2
    if step == middle:
        return "="
    marks = min(int(abs(step - middle) + 0.5), 3)
    return ("A" if step < middle else "B") + ">" * marks
