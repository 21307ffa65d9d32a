import json

import pytest

from tests.formats.reading import codes, labels, opened, records, table
from tests.formats.samples import LABEL_STUDIO_CSV, LABEL_STUDIO_MIN, csv
from workbench.formats.readers import label_studio_min

BASE = {
    "prompt": "Name a prime",
    "answer1": "9",
    "answer2": "11",
    "id": 7,
    "created_at": "2026-03-02T09:14:05Z",
    "updated_at": "2026-03-02T09:14:05Z",
    "lead_time": 24.7,
}


def row(number, annotator=4, **more):
    return {**BASE, "annotation_id": number, "annotator": annotator, **more}


@pytest.mark.parametrize(
    "made",
    [
        lambda: records(LABEL_STUDIO_MIN),
        lambda: csv(LABEL_STUDIO_CSV),
        lambda: table(LABEL_STUDIO_MIN),
        lambda: csv(LABEL_STUDIO_CSV.replace(",", "\t"), "\t", "f.tsv"),
    ],
    ids=["json", "csv", "nested csv", "tsv"],
)
def test_all_forms_give_the_same(made):
    data = opened(label_studio_min, made())
    assert labels(data) == ["B", "A"]
    assert data.items["item_id"].tolist() == ["7"]
    assert data.item_texts().iloc[0].tolist() == ["Name a prime", "9", "11"]
    assert data.annotations["seconds"].tolist() == pytest.approx([24.7, 8.0], abs=1e-5)
    assert "skips-unknown" in codes(data)


def test_an_annotator_is_a_number_or_an_email():
    assert opened(label_studio_min, records(LABEL_STUDIO_MIN)).annotators["annotator"].tolist() == [
        "4",
        "bo@example.org",
    ]


def test_a_single_choice_is_a_plain_cell_and_found_by_what_it_says():
    data = opened(
        label_studio_min,
        records([row(1, pref="A slightly"), row(2, 5, pref="Tie"), {**row(3, 6, pref="B slightly"), "id": 8}]),
    )
    assert labels(data) == ["A", "=", "B"]


def test_a_plain_cell_that_differs_within_a_task_is_an_answer():
    data = opened(
        label_studio_min,
        records(
            [
                row(1, comparison=[{"selected": "left"}], tone="warm"),
                row(2, 5, comparison=[{"selected": "left"}], tone="cold"),
            ]
        ),
    )
    assert data.annotations["dim.tone"].tolist() == ["warm", "cold"]


def test_several_choices_come_as_an_object_and_ratings_as_a_list():
    data = opened(
        label_studio_min,
        table([row(1, comparison=[{"selected": "left"}], flaws={"choices": ["rude", "long"]}, stars=[{"rating": 4}])]),
    )
    assert data.annotations.iloc[0][["dim.flaws", "dim.stars"]].tolist() == ["rude, long", 4.0]


def test_a_field_that_collides_with_a_control_keeps_its_meaning():
    shown = {k: v for k, v in row(1, comparison=[{"selected": "right"}]).items() if k != "prompt"}
    data = opened(label_studio_min, records([{**shown, "_data_prompt": "Name a prime", "prompt": [{"rating": 3}]}]))
    assert data.item_texts()["prompt"].tolist() == ["Name a prime"]
    assert data.annotations["dim.prompt"].tolist() == [3.0]


def test_a_ranker_makes_all_pairs():
    data = opened(
        label_studio_min, records([row(1, answer3="7", rank=[{"ranker": {"_": ["answer2", "answer3", "answer1"]}}])])
    )
    assert labels(data) == ["B", "B", "A"]


def test_chat_prompts_are_no_controls():
    chat = json.dumps([{"role": "user", "content": "Name a prime"}])
    data = opened(label_studio_min, records([row(1, prompt=chat, comparison=[{"selected": "left"}])]))
    assert data.item_texts()["prompt"].tolist() == ["Name a prime"]


def test_rows_of_no_annotation_are_set_aside():
    data = opened(label_studio_min, records([{"prompt": "x"}, row(1, comparison=[{"selected": "left"}])]))
    assert data.ledger.set_aside == {"a row with neither annotator nor annotation_id": 1}


def test_a_reason_is_known_by_its_name():
    data = opened(
        label_studio_min,
        records(
            [
                row(1, comparison=[{"selected": "left"}], why="it is shorter"),
                row(2, 5, comparison=[{"selected": "left"}], why=None),
            ]
        ),
    )
    assert data.annotations["reason"].isna().tolist() == [False, True]
