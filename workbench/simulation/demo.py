"""A simulation as Label Studio would export it: the demo opens like any other project."""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from workbench.dataset.annotation_set import AnnotationSet
from workbench.dataset.scales import NULL
from workbench.simulation.truth import Truth

EXPORT = "label_studio_export.json.gz"

_CHOICES = ("A much better", "A slightly better", "About the same", "B slightly better", "B much better")
_LEAD = {"id": 1, "email": "project-lead@example.com", "first_name": "", "last_name": ""}
_COMMENT_SHARE = 0.08
_COMMENTS = {
    0: (
        "{x} covers every step, the other one does not.",
        "{y} gets a detail wrong.",
        "{x} answers what was asked.",
        "{y} is mostly filler.",
    ),
    1: ("{x} is a little more precise.", "Close, but {y} leaves something out.", "{x}, mainly for the order."),
    2: ("Both are fine.", "Same content, different wording.", "Neither convinces me.", "I could argue for either."),
}
_FIRST_TASK = 1_001


def export_tasks(data: AnnotationSet, truth: Truth) -> tuple[list[dict[str, Any]], Truth]:
    """The tasks of a Label Studio project, and the truth under the ids that the export uses.

    A task shows its responses in one order, answer1 on the left. A repeat with the sides exchanged is therefore a task
    of its own, with the answers exchanged; a repeat in the same order is a second annotation of the task by the same
    person. Gold labels are annotations marked `ground_truth`, made by the project lead.

    Parameters
    ----------
    data, truth : of a five-point simulation with `fixed_sides`.
    """
    rows = data.annotations.assign(how=truth.annotations["how"].to_numpy())
    shown = rows["item"].to_numpy() * 2 + rows["shown_first"].to_numpy()
    presented = np.concatenate([np.arange(len(data.items)) * 2, np.unique(shown[shown % 2 == 1])])
    task = pd.Index(presented).get_indexer(shown)
    texts = data.item_texts()
    emails = [f"{name}@example.com" for name in data.annotators["annotator"]]
    made: list[list[dict[str, Any]]] = [[] for _ in presented]
    in_time = np.argsort(rows["ended_at"].to_numpy(), kind="stable")
    for i, row in enumerate(rows.iloc[in_time].itertuples()):
        t = int(task[in_time[i]])
        made[t].append(_annotation(row, 50_001 + i, _FIRST_TASK + t, emails, np.random.default_rng(i)))
    tasks = [_task(data, texts, p, _FIRST_TASK + t, made[t]) for t, p in enumerate(presented.tolist())]
    return tasks, _renamed(truth, data, presented, emails)


def write_export(data: AnnotationSet, truth: Truth, folder: str | Path) -> list[Path]:
    """Writes the export, compressed, and the truth beside it. The same simulation gives the same bytes."""
    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    tasks, renamed = export_tasks(data, truth)
    content = json.dumps(tasks, ensure_ascii=False, separators=(",", ":")).encode()
    (target / EXPORT).write_bytes(gzip.compress(content, 9, mtime=0))
    return [target / EXPORT, *renamed.write(target)]


def _task(
    data: AnnotationSet, texts: pd.DataFrame, presented: int, task_id: int, annotations: list[dict[str, Any]]
) -> dict[str, Any]:
    item, swapped = divmod(presented, 2)
    row = data.items.iloc[item].to_dict()
    answers, models = [texts["response_a"][item], texts["response_b"][item]], [row["model_a"], row["model_b"]]
    if swapped:
        answers, models = answers[::-1], models[::-1]
    fields = {
        "prompt": texts["prompt"][item],
        "answer1": answers[0],
        "answer2": answers[1],
        "prompt_id": row["group"],
        "model_1": models[0],
        "model_2": models[1],
    }
    fields |= {column.removeprefix("slice."): str(row[column]) for column in data.slices}
    first = min(a["created_at"] for a in annotations) if annotations else "2026-03-02T08:00:00.000000Z"
    imported = _stamp(np.datetime64(first[:10], "ms") + np.timedelta64(-65 * 3_600_000, "ms"))
    if not swapped and data.gold[item] != NULL:
        annotations = [_gold(_CHOICES[data.gold[item]], task_id, imported), *annotations]
    cancelled = sum(a["was_cancelled"] for a in annotations)
    return {
        "id": task_id,
        "data": fields,
        "annotations": annotations,
        "predictions": [],
        "drafts": [],
        "meta": {},
        "created_at": imported,
        "updated_at": max((a["updated_at"] for a in annotations), default=imported),
        "inner_id": task_id - _FIRST_TASK + 1,
        "total_annotations": len(annotations) - cancelled,
        "cancelled_annotations": cancelled,
        "total_predictions": 0,
        "comment_count": 0,
        "unresolved_comment_count": 0,
        "last_comment_updated_at": None,
        "project": 7,
        "file_upload": "preference-pairs.json",
        "updated_by": _LEAD["id"],
        "comment_authors": [],
    }


def _annotation(row: Any, number: int, task_id: int, emails: list[str], rng: np.random.Generator) -> dict[str, Any]:
    cancelled = row.label == NULL
    position = int(row.label) if row.shown_first == 0 else len(_CHOICES) - 1 - int(row.label)
    result = [] if cancelled else [_result("preference", "choices", {"choices": [_CHOICES[position]]}, number)]
    if not cancelled and row.how == "judged" and rng.random() < _COMMENT_SHARE:
        result.append(_result("comment", "textarea", {"text": [_comment(position, rng)]}, number))
    person = {"id": int(row.annotator) + 11, "email": emails[int(row.annotator)], "first_name": "", "last_name": ""}
    ended = np.datetime64(row.ended_at, "ms")
    begun = ended - np.timedelta64(round(float(row.seconds) * 1_000), "ms")
    return _made(number, task_id, person, result, ended, begun, round(float(row.seconds), 1)) | {
        "was_cancelled": cancelled
    }


def _gold(choice: str, task_id: int, imported: str) -> dict[str, Any]:
    at = np.datetime64(imported.removesuffix("Z"), "ms") + np.timedelta64((90 + task_id % 60) * 60_000, "ms")
    result = [_result("preference", "choices", {"choices": [choice]}, task_id)]
    return _made(40_000 + task_id, task_id, _LEAD, result, at, at - np.timedelta64(120_000, "ms"), 120.0) | {
        "ground_truth": True
    }


def _made(
    number: int,
    task_id: int,
    person: Mapping[str, Any],
    result: list[dict[str, Any]],
    ended: Any,
    begun: Any,
    seconds: float,
) -> dict[str, Any]:
    return {
        "id": number,
        "completed_by": dict(person),
        "result": result,
        "was_cancelled": False,
        "ground_truth": False,
        "created_at": _stamp(ended),
        "updated_at": _stamp(ended),
        "draft_created_at": _stamp(begun),
        "lead_time": seconds,
        "prediction": {},
        "result_count": len(result),
        "task": task_id,
        "project": 7,
        "updated_by": person["id"],
        "parent_prediction": None,
        "parent_annotation": None,
        "last_action": None,
        "last_created_by": None,
        "import_id": None,
        "bulk_created": False,
    }


def _result(name: str, kind: str, value: dict[str, Any], number: int) -> dict[str, Any]:
    return {
        "value": value,
        "id": f"{kind[0]}{number:06d}",
        "from_name": name,
        "to_name": "prompt",
        "type": kind,
        "origin": "manual",
    }


def _comment(position: int, rng: np.random.Generator) -> str:
    """A remark that fits the label: X is the side preferred, Y the other."""
    better, worse = ("A", "B") if position < 2 else ("B", "A")
    listed = _COMMENTS[(0, 1, 2, 1, 0)[position]]
    return listed[int(rng.integers(len(listed)))].format(x=better, y=worse)


def _stamp(moment: Any) -> str:
    return f"{np.datetime_as_string(moment, unit='us')}Z"


def _renamed(truth: Truth, data: AnnotationSet, presented: np.ndarray, emails: list[str]) -> Truth:
    """The truth by task and by e-mail address: exchanged sides turn label, strength and qualities round."""
    item, swapped = presented // 2, (presented % 2).astype(bool)
    items = truth.items.iloc[item].reset_index(drop=True)
    items["item_id"] = pd.array([str(_FIRST_TASK + t) for t in range(len(presented))], dtype="str")
    items["label"] = np.where(swapped, data.scale.flip(items["label"].to_numpy()), items["label"]).astype(np.int8)
    items["strength"] = np.where(swapped, -items["strength"], items["strength"])
    a, b = items["quality_a"].to_numpy(), items["quality_b"].to_numpy()
    items["quality_a"], items["quality_b"] = np.where(swapped, b, a), np.where(swapped, a, b)
    items["swapped_copy_of"] = pd.array(
        [str(_FIRST_TASK + i) if s else None for i, s in zip(item.tolist(), swapped, strict=True)], dtype="str"
    )
    email = dict(zip(data.annotators["annotator"], emails, strict=True))
    people = truth.annotators.assign(
        annotator=pd.array(emails, dtype="str"), copies=truth.annotators["copies"].map(email, na_action="ignore")
    )
    return Truth(items, people, truth.annotations, truth.models, truth.settings)
