"""Amazon SageMaker and Bedrock human evaluation jobs: `humanAnswers`, `inputRecord`, `modelResponses`.

https://docs.aws.amazon.com/sagemaker/latest/dg/clarify-foundation-model-evaluate-results-human.html. A worker compares
the models by one or more metrics; worker responses of Ground Truth and Augmented AI (`answers`) carry the same times.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from workbench.dataset.assembly import Export
from workbench.formats.files.document import Document
from workbench.formats.records.answers import UNDECIDED, AnsweredHarvest
from workbench.formats.records.nested import dict_of, first_of, head_of, int_or_none, list_of, number_of, text_of
from workbench.formats.records.orderings import best_of, pair_labels, ranks_of
from workbench.formats.records.remedies import OTHER_LABEL
from workbench.formats.records.roles import find_roles, shown_text
from workbench.messages import by, message

NAME = "sagemaker"
TITLE = "Amazon SageMaker / Bedrock human evaluation"

_COMPARING = ("comparisonChoice", "comparisonLikertScale", "comparisonRank")
_SINGLE = ("individualLikertScale", "thumbsUpDown")
_LIKERT = {1: "A>>", 2: "A>", 3: "=", 4: "B>", 5: "B>>"}


def recognise(document: Document) -> float:
    """Knows the answers of workers beside the input, or the worker responses of a labelling job."""
    for row in head_of(document):
        if list_of(_answers_of(row)):
            if "modelResponses" in row or "inputRecord" in row:
                return 1.0
            if any("answerContent" in dict_of(answer) for answer in list_of(_answers_of(row))):
                return 0.9
    return 0.0


def read(document: Document) -> Export:
    """One judgement a worker and record by the first metric that compares the models; the other metrics are
    dimensions.
    """
    harvest = AnsweredHarvest(document, NAME)
    records = list(harvest.records())
    label = _label_metric([row for _, row in records])
    paired = False
    for number, row in records:
        job = dict_of(row.get("humanEvaluationResult")) or row
        ids = _response_ids(job, row)
        item = harvest.item(**_item(row, job, ids, number))
        pair = len(ids) >= 2
        paired |= pair
        for each in list_of(_answers_of(row)):
            answer = dict_of(each)
            if not answer:
                harvest.set_aside("an answer without fields", number)
                continue
            columns: dict[str, Any] = {
                "annotator": text_of(answer.get("workerId")),
                "seconds": answer.get("timeSpentInSeconds"),
                "ended_at": text_of(answer.get("submissionTime")),
            }
            content = dict_of(answer.get("answerContent"))
            results = dict_of(content.get("evaluationResults"))
            if results:
                answers, left = _metrics(results, ids)
                if label is not None:
                    decided = answers.pop(f"{label[0]}: {label[1]}", None)
                else:
                    decided = UNDECIDED if answers else None
                harvest.answered(item, decided, number, answers, shown_first=left, **columns)
            else:
                harvest.answered(item, UNDECIDED if content else None, number, _plain(content), **columns)
    if label is not None:
        harvest.note(
            "info",
            "label-taken",
            f"The label was taken from the metric {label[1]!r} ({label[0]}); other metrics are kept beside it.",
            OTHER_LABEL,
        )
        if label[0] == "comparisonLikertScale":
            harvest.note(
                "info",
                "likert-direction",
                "On the comparison scale 1 was read as strongly for the response shown left, 3 as equal, 5 as strongly"
                " for the right one.",
                message("If the job's instructions say otherwise, turn it ", by("spelling"), "."),
            )
    if any(len(list_of(row.get("modelResponses"))) > 2 for _, row in records):
        harvest.note(
            "warning",
            "more-than-two-models",
            "Some records compare more than two models; only the first two were read.",
            "Split the job into pairs of models.",
        )
    return harvest.decided(sides=None if paired else False)


def _answers_of(row: Mapping[str, Any]) -> Any:
    return first_of({**row, **dict_of(row.get("humanEvaluationResult"))}, ("humanAnswers", "answers"))


def _response_ids(job: Mapping[str, Any], row: Mapping[str, Any]) -> list[str]:
    """Ids by which results name the responses, in the order of `modelResponses`."""
    models = [text_of(dict_of(each).get("modelIdentifier")) for each in list_of(row.get("modelResponses"))]
    named = {text_of(model): str(key) for key, model in dict_of(job.get("modelResponseIdMap")).items()}
    ids = [
        named.get(model) or text_of(dict_of(each).get("responseId")) or str(i)
        for i, (model, each) in enumerate(zip(models, list_of(row.get("modelResponses")), strict=True))
    ]
    return ids if len(set(ids)) == len(ids) else [str(i) for i in range(len(ids))]


def _item(row: Mapping[str, Any], job: Mapping[str, Any], ids: Sequence[str], number: int) -> dict[str, Any]:
    record = dict_of(row.get("inputRecord"))
    prompt = dict_of(record.get("prompt"))
    columns: dict[str, Any] = {
        "prompt": shown_text(prompt.get("text") if prompt else record.get("prompt")),
        "slice.category": text_of(record.get("category")),
    }
    for side, each in zip("ab", list_of(row.get("modelResponses"))[:2], strict=False):
        response = dict_of(each)
        columns[f"response_{side}"] = shown_text(first_of(response, ("text", "response")))
        columns[f"model_{side}"] = text_of(response.get("modelIdentifier"))
    if not ids:
        task = dict_of(job.get("inputContent")) or dict_of(row.get("taskObject"))
        columns = {**find_roles(task).item(task), **{k: v for k, v in columns.items() if v is not None}}
    return {"item_id": text_of(first_of(job, ("humanLoopName", "id", "source-ref"))) or f"row {number}", **columns}


def _label_metric(rows: Sequence[Mapping[str, Any]]) -> tuple[str, str] | None:
    """Kind and name of the first metric that compares the models, overall ones first."""
    metrics: dict[tuple[str, str], tuple[bool, int, int]] = {}
    for row in rows:
        for each in list_of(_answers_of(row)):
            results = dict_of(dict_of(dict_of(each).get("answerContent")).get("evaluationResults"))
            for rank, kind in enumerate(_COMPARING):
                for entry in list_of(results.get(kind)):
                    name = text_of(dict_of(entry).get("metricName")) or "unnamed"
                    metrics.setdefault(
                        (kind, name),
                        ("overall" not in name.casefold() and "prefer" not in name.casefold(), rank, len(metrics)),
                    )
    return min(metrics, key=lambda metric: metrics[metric], default=None)


def _metrics(results: Mapping[str, Any], ids: Sequence[str]) -> tuple[dict[str, Any], str | None]:
    """Answers by kind and metric, towards A and B, and which side was shown left."""
    answers: dict[str, Any] = {}
    left: str | None = None
    for kind in _COMPARING:
        for each in list_of(results.get(kind)):
            entry = dict_of(each)
            name = f"{kind}: {text_of(entry.get('metricName')) or 'unnamed'}"
            if kind == "comparisonLikertScale":
                on_left = text_of(entry.get("leftModelResponseId"))
                if len(ids) >= 2 and on_left is not None and on_left in ids[:2]:
                    left = "ab"[ids.index(on_left)]
                answers[name] = _likert(entry, ids)
            else:
                answers[name] = _comparison(kind, entry.get("result"), ids)
    scores: dict[str, dict[str, float]] = {}
    for kind in _SINGLE:
        for each in list_of(results.get(kind)):
            entry = dict_of(each)
            value = entry.get("result")
            score = float(value) if isinstance(value, bool) else number_of(value)
            scores.setdefault(text_of(entry.get("metricName")) or "unnamed", {})[
                text_of(entry.get("modelResponseId")) or ""
            ] = score
    for name, by_model in scores.items():
        for i, model in enumerate(ids[:2]):
            if model in by_model:
                answers[f"{name} {'AB'[i]}"] = by_model[model]
        if len(ids) < 2 and by_model:
            answers[name] = next(iter(by_model.values()))
    return answers, left


def _comparison(kind: str, result: Any, ids: Sequence[str]) -> str | None:
    if len(ids) < 2:
        return None
    if kind == "comparisonRank":
        return pair_labels(ranks_of(list_of(result), list(ids[:2])))[0][2]
    chosen = text_of(dict_of(result).get("modelResponseId") if dict_of(result) else result)
    return None if chosen is None or chosen not in ids[:2] else best_of(list(ids[:2]).index(chosen), 2)[0][2]


def _likert(entry: Mapping[str, Any], ids: Sequence[str]) -> str | None:
    """A step from 1 = the left response is much better to 5 = the right one is; turned where B was shown left."""
    step = int_or_none(entry.get("result"))
    if step is None or not 1 <= step <= 5 or len(ids) < 2:
        return None
    turned = text_of(entry.get("leftModelResponseId")) == ids[1]
    return _LIKERT[6 - step if turned else step]


def _plain(content: Mapping[str, Any]) -> dict[str, Any]:
    """Answers of a form: plain ones, and radio buttons as name -> ticked."""
    answers: dict[str, Any] = {}
    for name, value in content.items():
        boxes = dict_of(value)
        if boxes and all(isinstance(on, bool) for on in boxes.values()):
            answers[str(name)] = ", ".join(str(box) for box, on in boxes.items() if on) or None
        elif boxes:
            answers[str(name)] = text_of(first_of(boxes, ("label", "value", "name")))
        elif (text := text_of(value)) is not None:
            answers[str(name)] = text
    return answers
