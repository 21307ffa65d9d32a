import copy

import pytest

from tests.formats.reading import codes, labels, opened, records
from tests.formats.samples import LABEL_STUDIO, annotation, pairwise
from workbench.formats.readers import label_studio

DATA = {"prompt": "Name a prime", "answer1": "9", "answer2": "11"}


def task(*annotations, data=DATA, **more):
    return {"id": 7, "data": data, "annotations": list(annotations), **more}


def control(kind, value, name="pref"):
    return {"from_name": name, "to_name": "prompt", "type": kind, "value": value}


def test_one_judgement_an_annotation_left_first():
    data = opened(label_studio, records(LABEL_STUDIO))
    assert labels(data) == ["B", "A", "A"]
    assert data.items["item_id"].tolist() == ["7", "8"]
    assert data.item_texts().iloc[0].tolist() == ["Name a prime", "9", "11"]
    assert data.items["slice.source"].tolist() == ["math", "chat"]
    assert data.rows()["shown_first"].tolist() == ["A"] * 3
    assert data.annotations["seconds"].tolist() == pytest.approx([24.7, 8.0, 24.7], abs=1e-5)
    assert str(data.annotations["ended_at"].iloc[0]) == "2026-03-02 09:14:05.120000"


def test_the_annotator_is_a_number_or_a_person():
    assert opened(label_studio, records(LABEL_STUDIO)).annotators["annotator"].tolist() == ["4", "bo@example.org"]
    people = [{"id": 9, "email": None, "first_name": "X"}, None, [], {}]
    data = opened(label_studio, records([task(*[annotation(i, p, pairwise("left")) for i, p in enumerate(people)])]))
    assert data.annotators["annotator"].tolist() == ["9", "slot 1", "slot 2", "slot 3"]


@pytest.mark.parametrize("key", ["was_cancelled", "skipped"])
def test_a_skip_is_null_even_where_it_carries_an_answer(key):
    data = opened(
        label_studio,
        records([task(annotation(1, 4, pairwise("left"), **{key: True}), annotation(2, 5, pairwise("left")))]),
    )
    assert labels(data) == [None, "A"]


def test_an_empty_result_is_a_skip_with_a_finding():
    data = opened(
        label_studio, records([task(annotation(1, 4, []), annotation(2, 5, pairwise("right")), annotation(3, 6, None))])
    )
    assert labels(data) == [None, "B", None]
    assert "empty-annotations" in codes(data)


def test_old_files_call_them_completions():
    old = copy.deepcopy(LABEL_STUDIO)
    for each in old:
        each["completions"] = each.pop("annotations")
    assert labels(opened(label_studio, records(old))) == ["B", "A", "A"]


def test_the_to_name_may_list_both_tags_and_is_then_the_order_of_the_sides():
    shown = {"prompt": "p", "good": "x", "bad": "y"}
    data = opened(label_studio, records([task(annotation(1, 4, pairwise("left", "good,bad")), data=shown)]))
    assert data.item_texts().iloc[0].tolist() == ["p", "x", "y"]
    assert "fields-taken" in codes(data)


def test_ground_truth_is_gold_and_no_judgement():
    gold = annotation(3, "lead", pairwise("right"), ground_truth=True)
    data = opened(label_studio, records([task(annotation(1, 4, pairwise("left")), gold)]))
    assert labels(data) == ["A"]
    assert data.gold.tolist() == [data.scale.code("B")]
    assert data.ledger.set_aside == {"labels marked as gold, which are no judgements": 1}
    assert data.ledger.rows_read == 2


def test_a_file_of_nothing_but_ground_truth_is_read_as_both():
    data = opened(label_studio, records([task(annotation(3, 4, pairwise("right"), ground_truth=True))]))
    assert (labels(data), data.gold.tolist()) == (["B"], [1])
    assert "all-ground-truth" in codes(data)


def test_custom_choice_values_are_not_guessed():
    tasks = [task(annotation(1, 4, pairwise("good one")), annotation(2, 5, pairwise("other")))]
    assert {"custom-choice-values", "unreadable-labels"} <= codes(opened(label_studio, records(tasks)))
    assert labels(opened(label_studio, records(tasks), spelling={"good one": "A", "other": "B"})) == ["A", "B"]


def test_custom_choice_values_that_name_a_field_or_a_model_are_read():
    named = [annotation(1, 4, pairwise("answer2")), annotation(2, 5, pairwise("m1"))]
    data = opened(label_studio, records([task(*named, data={**DATA, "model_1": "m1", "model_2": "m2"})]))
    assert labels(data) == ["B", "A"]


def test_a_tie_beside_the_pairwise_control_wins_and_is_reported():
    tie = control("choices", {"choices": ["Tie"]}, "tie")
    data = opened(
        label_studio,
        records(
            [
                task(
                    annotation(1, 4, [*pairwise("left"), tie]),
                    annotation(2, 5, [tie]),
                    annotation(3, 6, pairwise("left")),
                )
            ]
        ),
    )
    assert labels(data) == ["=", "=", "A"]
    assert "tie-beside-a-side" in codes(data)


def test_choices_alone_carry_the_strength():
    results = [
        [control("choices", {"choices": [label]})] for label in ("A slightly", "B much better", "about the same")
    ]
    data = opened(label_studio, records([task(*[annotation(i, i, result) for i, result in enumerate(results)])]))
    assert labels(data) == ["A>", "B>>", "="]
    assert "label-taken" in codes(data)


def test_reasons_ratings_and_numbers_are_kept_beside_the_label():
    result = [
        *pairwise("left"),
        control("textarea", {"text": ["it is", "shorter"]}, "why"),
        control("rating", {"rating": 4}, "tone"),
        control("number", {"number": 7}, "confidence"),
    ]
    row = opened(label_studio, records([task(annotation(1, 4, result))])).annotations.iloc[0]
    assert (row["reason"], row["dim.tone"], row["confidence"]) == ("it is, shorter", 4.0, 7.0)


def test_a_rating_of_each_response_becomes_a_comparison():
    result = [control("rating", {"rating": 2}, "rating_1"), control("rating", {"rating": 5}, "rating_2")]
    assert labels(opened(label_studio, records([task(annotation(1, 4, result))]))) == ["B"]


def test_a_rating_of_one_text_is_a_category():
    tasks = [
        task(
            annotation(1, 4, [control("rating", {"rating": 4}, "stars")]),
            annotation(2, 5, [control("rating", {"rating": 2}, "stars")]),
            data={"text": "x"},
        )
    ]
    data = opened(label_studio, records(tasks))
    assert (labels(data), data.has_pairs) == (["4", "2"], False)
    assert data.rows()["shown_first"].isna().all()


@pytest.mark.parametrize("ids", [["answer3", "answer1", "answer2"], ["z", "x", "y"], ["3", "1", "2"], ["C", "A", "B"]])
def test_a_ranker_makes_all_pairs_of_one_group(ids):
    shown = {"prompt": "p", "answer1": "x", "answer2": "y", "answer3": "z"}
    ranker = {"from_name": "rank", "to_name": "prompt", "type": "ranker", "value": {"ranker": {"_": ids}}}
    data = opened(label_studio, records([task(annotation(1, 4, [ranker]), data=shown)]))
    assert data.items["item_id"].tolist() == ["7:1-2", "7:1-3", "7:2-3"]
    assert labels(data) == ["A", "B", "B"]
    assert data.items["group"].nunique() == 1


def test_predictions_and_drafts_are_counted_and_ignored():
    data = opened(
        label_studio,
        records(
            [task(annotation(1, 4, pairwise("left")), predictions=[{"result": pairwise("right")}], drafts=[{}, {}])]
        ),
    )
    assert len(data.annotations) == 1
    assert next(f.message for f in data.findings if f.code == "predictions-ignored").startswith(
        "1 predictions and 2 drafts"
    )


def test_edited_annotations_are_reported_since_their_time_adds_up():
    assert "edited-later" in codes(
        opened(label_studio, records([task(annotation(1, 4, pairwise("left"), updated_at="2026-03-05T09:14:05Z"))]))
    )


def test_the_same_annotator_twice_is_a_repeat_and_the_same_annotation_twice_a_duplicate():
    twice = [
        annotation(1, 4, pairwise("left")),
        annotation(2, 4, pairwise("right"), created_at="2026-03-03T09:14:05Z"),
        annotation(1, 4, pairwise("left")),
    ]
    data = opened(label_studio, records([task(*twice)]))
    assert data.annotations["repeat"].tolist() == [0, 1]
    assert data.ledger.set_aside == {"duplicate rows": 1}


def test_tasks_without_an_id_are_known_by_their_texts():
    tasks = [task(annotation(n, n, pairwise(side))) for n, side in enumerate(("left", "right"))]
    for each in tasks:
        del each["id"]
    assert len(opened(label_studio, records(tasks)).items) == 1


def test_what_is_no_task_or_annotation_is_set_aside_with_a_reason():
    data = opened(
        label_studio,
        records(
            [task(annotation(1, 4, pairwise("left")), 3, "x"), {"id": 9, "data": 3, "annotations": []}, {"data": {}}]
        ),
    )
    assert data.ledger.set_aside == {"an annotation without fields": 2, "a task without data": 1}


def test_a_list_of_tasks_without_annotations_is_doubtful():
    assert 0 < label_studio.recognise(records([task()])) < 1
    assert label_studio.recognise(records([{"data": {}, "annotations": 3}])) == 0.0
