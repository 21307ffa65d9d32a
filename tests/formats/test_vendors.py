"""Labelbox, Scale and SageMaker: vendors' nested exports, read tolerantly."""

import copy

import pytest

from tests.formats.reading import codes, labels, opened, records
from tests.formats.samples import LABELBOX, SAGEMAKER, SCALE
from workbench.formats.readers import labelbox, sagemaker, scale_ai


def test_labelbox_labels_skips_and_seconds():
    data = opened(labelbox, records(LABELBOX))
    assert labels(data) == ["B", None]
    assert data.items["item_id"].tolist() == ["pair-1"]
    assert data.item_texts().iloc[0].tolist() == ["Name a prime", "9", "11"]
    row = data.rows().iloc[0]
    assert (row["annotator"], row["seconds"], row["reason"], row["batch"]) == (
        "ana@example.org",
        25.0,
        "it is one",
        "primes",
    )


def test_labelbox_benchmarks_are_gold():
    row = copy.deepcopy(LABELBOX[0])
    first = row["projects"]["p1"]["labels"][0]
    reference = {
        **copy.deepcopy(first),
        "id": "l9",
        "label_details": {"created_by": "lead"},
        "performance_details": {"benchmark_reference_label": "l9"},
    }
    row["projects"]["p1"]["labels"].append(reference)
    data = opened(labelbox, records([row]))
    assert [data.scale.labels[g] for g in data.gold] == ["B"]
    assert data.ledger.set_aside == {"labels marked as gold, which are no judgements": 1}


def test_labelbox_nested_and_ticked_answers_are_kept():
    row = copy.deepcopy(LABELBOX[0])
    questions = row["projects"]["p1"]["labels"][0]["annotations"]["classifications"]
    questions[0]["radio_answer"]["classifications"] = [
        {"name": "How much?", "value": "strength", "radio_answer": {"value": "much"}}
    ]
    questions.append({"value": "flaws", "checklist_answers": [{"value": "rude"}, {"value": "long"}]})
    judged = opened(labelbox, records([row])).annotations.iloc[0]
    assert judged[["dim.strength", "dim.flaws"]].tolist() == ["much", "rude, long"]


def test_labelbox_ranked_messages_make_all_pairs():
    ranked = [
        {"message_id": m, "content": f"text {m}", "model_config_name": f"model {m}", "order": o}
        for m, o in (("m2", 1), ("m1", 2), ("m3", 3))
    ]
    label = {
        "id": "l1",
        "label_details": {"created_by": "ana"},
        "annotations": {"classifications": [{"name": "Rank", "message_ranking_task": {"ranked_messages": ranked}}]},
    }
    data = opened(
        labelbox,
        records([{"data_row": {"id": "d1", "row_data": "Name a prime"}, "projects": {"p": {"labels": [label]}}}]),
    )
    assert labels(data) == ["B", "A", "A"]
    assert data.items[["model_a", "model_b"]].to_numpy().tolist() == [
        ["model m1", "model m2"],
        ["model m1", "model m3"],
        ["model m2", "model m3"],
    ]
    assert data.rows()["shown_first"].isna().all()


def test_labelbox_texts_behind_a_link_are_reported():
    row = copy.deepcopy(LABELBOX[0])
    row["data_row"]["row_data"] = "https://example.org/pair-1.json"
    assert "texts-not-in-file" in codes(opened(labelbox, records([row])))


def test_scale_the_selected_model_decides_the_side_and_the_likert_value_the_strength():
    data = opened(scale_ai, records(SCALE))
    assert labels(data) == ["B>>"]
    assert data.items[["item_id", "model_a", "model_b", "group"]].to_numpy().tolist() == [["t1:1", "m1", "m2", "t1"]]
    row = data.rows().iloc[0]
    assert (row["annotator"], row["reason"], row["shown_first"]) == ("w1", "it is one", None)
    assert {"keys-assumed", "likert-direction"} <= codes(data)


def scale_task(annotations, **more):
    task = copy.deepcopy(SCALE[0])
    task["turns"][0]["annotations"] = annotations
    return {**task, **more}


def test_scale_annotations_may_be_a_list_of_keys():
    assert labels(opened(scale_ai, records([scale_task([{"key": "selected_model_id", "value": "m1"}])]))) == ["A"]


@pytest.mark.parametrize(("step", "label"), [(1, "A>>>"), (4, "="), (5, "B>"), (7, "B>>>")])
def test_scale_a_likert_value_alone_is_read_on_the_scale_of_the_file(step, label):
    tasks = [
        scale_task({"likert_value": step}, task_id="x"),
        scale_task({"likert_value": 7}, task_id="y"),
        scale_task({"likert_value": 4}, task_id="z"),
    ]
    assert labels(opened(scale_ai, records(tasks)))[0] == label


def test_scale_cancelled_tasks_are_skips_and_lone_responses_are_set_aside():
    alone = scale_task({"selected_model_id": "m1"}, task_id="t3")
    del alone["turns"][0]["messages"][2]
    data = opened(
        scale_ai, records([SCALE[0], scale_task({"selected_model_id": "m1"}, task_id="t2", status="canceled"), alone])
    )
    assert labels(data) == ["B>>", None]
    assert data.ledger.set_aside == {"turns with fewer than two model responses": 1}


def test_scale_the_prompt_of_a_later_turn_is_the_dialogue_so_far():
    task = copy.deepcopy(SCALE[0])
    task["turns"].append(copy.deepcopy(task["turns"][0]))
    texts = opened(scale_ai, records([task])).item_texts()
    assert texts["prompt"].tolist() == ["Name a prime", "User: Name a prime\n\nAssistant: 11\n\nUser: Name a prime"]


def test_sagemaker_choice_is_the_label_and_the_other_metrics_are_kept():
    data = opened(sagemaker, records(SAGEMAKER))
    assert labels(data) == ["B"]
    row = data.rows().iloc[0]
    assert (
        row["annotator"],
        row["shown_first"],
        row["dim.comparisonLikertScale: Coherence"],
        row["dim.comparisonRank: Tone"],
    ) == ("w1", "B", "B>>", "=")
    assert row["seconds"] == pytest.approx(25.12)
    assert row[["dim.Accuracy A", "dim.Safe B"]].tolist() == [2.0, 1.0]
    assert data.items[["model_a", "model_b", "slice.category"]].to_numpy().tolist() == [["model-x", "model-y", "math"]]


@pytest.mark.parametrize(
    ("left", "step", "label"), [("0", 1, "A>>"), ("0", 2, "A>"), ("0", 3, "="), ("1", 1, "B>>"), ("1", 5, "A>>")]
)
def test_sagemaker_comparison_scale_turns_with_the_sides(left, step, label):
    row = copy.deepcopy(SAGEMAKER[0])
    entry = {
        "metricName": "Coherence",
        "leftModelResponseId": left,
        "rightModelResponseId": "1" if left == "0" else "0",
        "result": step,
    }
    row["humanEvaluationResult"]["humanAnswers"][0]["answerContent"]["evaluationResults"] = {
        "comparisonLikertScale": [entry]
    }
    assert sagemaker.read(records([row])).rows["label"].tolist() == [label]
    data = opened(sagemaker, records([row]))
    assert data.rows()["shown_first"].tolist() == ["A" if left == "0" else "B"]


def test_sagemaker_answers_may_stand_at_the_top_as_bedrock_writes_them():
    row = copy.deepcopy(SAGEMAKER[0])
    job = row.pop("humanEvaluationResult")
    assert labels(opened(sagemaker, records([{**row, "humanAnswers": job["humanAnswers"]}]))) == ["B"]


def test_sagemaker_worker_forms_of_a_labelling_job():
    answer = {
        "workerId": "w",
        "submissionTime": "2026-03-02T09:14:05Z",
        "timeSpentInSeconds": 9,
        "answerContent": {"better": {"left": False, "right": True}, "why": "it is one"},
    }
    data = opened(
        sagemaker, records([{"answers": [answer], "inputContent": {"taskObject": "x"}, "humanLoopName": "h1"}])
    )
    assert labels(data) == ["right"]
    assert data.annotations["reason"].tolist() == ["it is one"]
