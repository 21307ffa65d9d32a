"""Labelbox exports of version 2 (NDJSON): data rows with the labels of each project.

https://docs.labelbox.com/reference/export-overview. Classifications are the questions; what a data row shows is in
`row_data`, as text, as JSON, or behind a link, and in `metadata_fields`. Ranked or selected model messages are read
too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from workbench.dataset.assembly import Export
from workbench.formats.files.document import Document
from workbench.formats.records.answers import UNDECIDED, AnsweredHarvest, Gold
from workbench.formats.records.nested import dict_of, first_of, head_of, list_of, text_of
from workbench.formats.records.orderings import best_of, pair_labels, pair_name, ranks_of
from workbench.formats.records.roles import find_roles, shown_text

NAME = "labelbox"
TITLE = "Labelbox (NDJSON export v2)"


def recognise(document: Document) -> float:
    """Knows a data row beside projects with labels."""
    for row in head_of(document):
        if dict_of(row.get("data_row")) and dict_of(row.get("projects")):
            return 1.0 if any("labels" in dict_of(project) for project in dict_of(row["projects"]).values()) else 0.8
    return 0.0


def read(document: Document) -> Export:
    """One judgement a label; skipped labels are skips, benchmark labels are gold."""
    harvest = AnsweredHarvest(document, NAME)
    records = [(number, row, _shown(row)) for number, row in harvest.records()]
    held = [_messages(label) for _, row, _ in records for _, label in _labels(row)]
    roles = find_roles(
        dict.fromkeys(name for _, _, shown in records for name in shown), any_pair=any(m is not None for m in held)
    )
    notes: Counter[str] = Counter()
    for number, row, shown in records:
        items: dict[tuple[Any, ...], int] = {}
        data_row = dict_of(row.get("data_row"))
        if not data_row:
            harvest.set_aside("a record without data_row", number)
            continue
        name = text_of(first_of(data_row, ("global_key", "external_id", "id")))
        for project, label in _labels(row):
            if not label:
                harvest.set_aside("a label without fields", number)
                continue
            details, performance = dict_of(label.get("label_details")), dict_of(label.get("performance_details"))
            columns: dict[str, Any] = {
                "annotator": text_of(first_of(details, ("created_by", "labeled_by"))),
                "ended_at": text_of(first_of(details, ("created_at", "updated_at"))),
                "seconds": performance.get("seconds_to_create"),
                "annotation_id": text_of(label.get("id")),
                "batch": project,
            }
            skipped = performance.get("skipped") is True or details.get("skipped") is True
            gold: Gold = "only" if _is_benchmark(label, details, performance) and not skipped else None
            answers = {} if skipped else _answers(label)
            for key, shown_columns, decided in _decided(_messages(label), answers, skipped):
                if key not in items:
                    pair = {**roles.item(shown), **shown_columns}
                    items[key] = harvest.item(
                        item_id=pair_name(name, (int(key[0]), int(key[1])), int(key[2]), pair, number), **pair
                    )
                harvest.answered(
                    items[key], decided, number, answers, gold, shown_first=None if shown_columns else "a", **columns
                )
            notes["labels"] += 1
        if not any(label for _, label in _labels(row)):
            notes["unlabelled"] += 1
    if notes["unlabelled"]:
        harvest.note("info", "unlabelled-rows", f"{notes['unlabelled']:,} data rows have no label yet.")
    if not roles.responses and not any(m is not None for m in held):
        harvest.note(
            "info",
            "texts-not-in-file",
            "The data rows hold no pair of responses (they may lie behind a link), so labels are read as they are.",
            "Open a table of the texts along with the export, with the same ids.",
        )
    harvest.findings.append(roles.finding())
    return harvest.decided()


def _labels(row: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Project and label of each label of a data row; what is no label comes as an empty one."""
    for key, each in dict_of(row.get("projects")).items():
        for label in list_of(dict_of(each).get("labels")):
            yield text_of(dict_of(each).get("name")) or str(key), dict_of(label)


def _shown(row: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of what an annotator saw: JSON in `row_data`, attachments by name, metadata."""
    data_row = dict_of(row.get("data_row"))
    raw = data_row.get("row_data")
    fields: dict[str, Any] = dict(dict_of(raw)) or ({"text": raw} if text_of(raw) is not None else {})
    for each in [*list_of(row.get("attachments")), *list_of(data_row.get("attachments"))]:
        attachment = dict_of(each)
        name, value = text_of(attachment.get("name")), first_of(attachment, ("value", "content"))
        if name is not None and value is not None:
            fields[name] = value
    for each in list_of(row.get("metadata_fields")):
        metadata = dict_of(each)
        name = text_of(first_of(metadata, ("schema_name", "name")))
        if name is not None:
            fields[name] = metadata.get("value")
    return fields


def _is_benchmark(label: Mapping[str, Any], details: Mapping[str, Any], performance: Mapping[str, Any]) -> bool:
    """Whether this label is the reference that others are compared with."""
    flagged = any(
        each.get(key) is True
        for each in (label, details, performance)
        for key in ("is_benchmark", "is_benchmark_reference", "benchmark_reference")
    )
    reference = text_of(performance.get("benchmark_reference_label"))
    return flagged or (reference is not None and reference == text_of(label.get("id")))


def _answers(label: Mapping[str, Any]) -> dict[str, Any]:
    """Question -> answer of the classifications, nested ones included."""
    answers: dict[str, Any] = {}
    waiting = list_of(dict_of(label.get("annotations")).get("classifications"))
    for _ in range(10_000):
        if not waiting:
            break
        each = dict_of(waiting.pop(0))
        name = text_of(first_of(each, ("value", "name"))) or "answer"
        radio, text = dict_of(each.get("radio_answer")), dict_of(each.get("text_answer"))
        checked = [dict_of(part) for part in list_of(first_of(each, ("checklist_answers", "checklist_answer")))]
        if radio:
            answers[name] = text_of(first_of(radio, ("value", "name")))
        elif text:
            answers[name] = text_of(text.get("content"))
        elif checked:
            answers[name] = ", ".join(text_of(first_of(part, ("value", "name"))) or "" for part in checked) or None
        for answer in (radio, *checked):
            waiting += list_of(answer.get("classifications"))
    return {name: value for name, value in answers.items() if value is not None}


Messages = tuple[list[tuple[str, str | None, str | None]], list[float] | None, int | None]
"""Model messages (id, text, model) of a comparison, their ranks, or the selected one."""


def _messages(label: Mapping[str, Any]) -> Messages | None:
    """A ranking of model messages, or a selection among them; None where the label holds neither."""
    annotations = dict_of(label.get("annotations"))
    for each in [*list_of(annotations.get("classifications")), *list_of(annotations.get("objects"))]:
        entry = dict_of(each)
        ranking = list_of(
            dict_of(first_of(entry, ("message_ranking_task", "message_ranking"))).get("ranked_messages")
        ) or list_of(entry.get("ranked_messages"))
        if len(ranking) >= 2:
            shown = [_message(part) for part in ranking]
            order = sorted(shown, key=lambda message: message[0])
            return (
                order,
                ranks_of(
                    [
                        {"value": m[0], "rank": dict_of(part).get("order")}
                        for m, part in zip(shown, ranking, strict=True)
                    ],
                    [m[0] for m in order],
                ),
                None,
            )
        selection = dict_of(
            first_of(
                entry,
                (
                    "message_single_selection_task",
                    "message_selection_task",
                    "message_single_selection",
                    "message_selection",
                ),
            )
        )
        options = [_message(part) for part in list_of(first_of(selection, ("parent_messages", "messages", "options")))]
        chosen = text_of(first_of(selection, ("message_id", "selected_message_id")))
        order = sorted(options, key=lambda message: message[0])
        if len(order) >= 2 and chosen in [message[0] for message in order]:
            return order, None, [message[0] for message in order].index(chosen or "")
    return None


def _message(value: Any) -> tuple[str, str | None, str | None]:
    message = dict_of(value)
    return (
        text_of(first_of(message, ("message_id", "id"))) or "",
        shown_text(first_of(message, ("content", "text"))),
        text_of(first_of(message, ("model_config_name", "model_name", "model_config_id"))),
    )


def _decided(
    messages: Messages | None, answers: Mapping[str, Any], skipped: bool
) -> list[tuple[tuple[Any, ...], dict[str, Any], str | None]]:
    """Items (their key and columns) that a label judges, with the label of each."""
    if messages is None or skipped:
        return [((0, 1, 2), {}, UNDECIDED if answers else None)]
    order, ranks, chosen = messages
    k = len(order)
    pairs = pair_labels(ranks) if ranks is not None else best_of(chosen or 0, k)
    decided: list[tuple[tuple[Any, ...], dict[str, Any], str | None]] = []
    for i, j, label in pairs:
        columns = {
            "response_a": order[i][1],
            "response_b": order[j][1],
            "model_a": order[i][2] or order[i][0],
            "model_b": order[j][2] or order[j][0],
        }
        if label is not None:
            decided.append(((i, j, k, order[i][0], order[j][0]), columns, label))
    return decided or [((0, 1, 2), {}, None)]
