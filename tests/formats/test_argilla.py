import copy

import pytest

from tests.formats.reading import codes, labels, opened, parquet, records
from tests.formats.samples import ARGILLA_FEEDBACK, ARGILLA_FLAT, ARGILLA_RECORDS
from workbench.errors import WorkbenchError
from workbench.formats.readers import argilla

FIELDS = {"prompt": "Name a prime", "response_1": "9", "response_2": "11"}


def flat(values, users=None, statuses=None, **more):
    n = len(values)
    return {
        "id": "r",
        **FIELDS,
        "preference.responses": values,
        "preference.responses.users": users or [f"u{i}" for i in range(n)],
        "preference.responses.status": statuses or ["submitted"] * n,
        **more,
    }


@pytest.mark.parametrize("shape", [records, parquet])
def test_statuses_submitted_counts_discarded_is_a_skip_a_draft_is_set_aside(shape):
    data = opened(argilla, shape(ARGILLA_FLAT))
    people = data.rows().query("annotator != 'judge:judge-a'")
    assert people["annotator"].tolist() == ["1d1c", "88ab"]
    assert labels(data)[:2] == ["B", None]
    assert data.ledger.set_aside == {"drafts, which are unfinished": 1}


@pytest.mark.parametrize("shape", [records, parquet])
def test_a_suggestion_is_a_judgement_of_an_ai_annotator_with_its_score_as_confidence(shape):
    data = opened(argilla, shape(ARGILLA_FLAT))
    kinds = dict(zip(data.annotators["annotator"], data.annotators["kind"], strict=True))
    assert kinds == {"1d1c": "human", "88ab": "human", "judge:judge-a": "ai"}
    judge = data.rows().query("annotator == 'judge:judge-a'").iloc[0]
    assert (judge["label"], round(judge["confidence"], 2)) == ("B", 0.81)
    assert "suggestions-read" in codes(data)


def test_no_times_is_said_and_not_zero():
    data = opened(argilla, records(ARGILLA_FLAT))
    assert data.annotations["seconds"].isna().all()
    assert "no-times" in codes(data)


@pytest.mark.parametrize("shape", [records, parquet])
def test_records_form_has_no_status_and_says_so(shape):
    data = opened(argilla, shape(ARGILLA_RECORDS))
    assert labels(data) == ["B", "A", "B"]
    assert data.item_texts()["prompt"].tolist() == ["Name a prime"]
    assert data.items["slice.source"].tolist() == ["math"]
    assert "status-unknown" in codes(data)


@pytest.mark.parametrize("shape", [records, parquet])
def test_version_one_feedback(shape):
    data = opened(argilla, shape(ARGILLA_FEEDBACK))
    assert labels(data) == ["B", "A"]
    assert data.annotators["annotator"].tolist() == ["1d1c", "88ab"]
    assert data.items["item_id"].iloc[0] == "r-17"
    assert data.items["slice.source"].iloc[0] == "math"


def test_version_one_answers_turned_into_columns():
    turned = copy.deepcopy(ARGILLA_FEEDBACK)
    for row in turned:
        row["choose-best"] = {
            key: [answer[key] for answer in row["choose-best"]] for key in ("user_id", "value", "status")
        }
    assert labels(opened(argilla, records(turned))) == ["B", "A"]


@pytest.mark.parametrize(
    "ranking",
    [
        ["response_2", "response_1"],
        [{"value": "response_2", "rank": 1}, {"value": "response_1", "rank": 2}],
        {"rank": [1, 2], "value": ["response_2", "response_1"]},
        ["response-2", "response-1"],
    ],
    ids=["ordered", "named ranks", "columns", "dashes"],
)
def test_rankings_in_every_spelling(ranking):
    assert labels(opened(argilla, records([flat([ranking, ranking])]))) == ["B", "B"]


def test_equal_ranks_are_a_tie():
    tie = [{"value": "response_1", "rank": 1}, {"value": "response_2", "rank": 1}]
    assert labels(opened(argilla, records([flat([tie])]))) == ["="]


def test_a_ranking_of_three_is_three_pairs_of_one_group():
    row = flat([["response_3", "response_1", "response_2"]], response_3="7")
    data = opened(argilla, records([row]))
    assert data.items["item_id"].tolist() == ["r:1-2", "r:1-3", "r:2-3"]
    assert labels(data) == ["A", "B", "B"]
    assert data.items["group"].tolist() == ["r"] * 3


def test_options_that_are_no_fields_are_taken_in_their_order():
    data = opened(argilla, records([flat([["B", "A"]])]))
    assert labels(data) == ["B"]
    assert "options-by-order" in codes(data)


def test_several_ticked_labels_are_no_ranking():
    rows = [
        flat(
            [["rude", "long"], ["rude"]],
            ["u", "v"],
            **{"better.responses": ["response_1", "response_2"], "better.responses.users": ["u", "v"]},
        )
    ]
    data = opened(argilla, records(rows))
    assert labels(data) == ["A", "B"]
    assert data.annotations["dim.preference"].tolist() == ["rude, long", "rude"]


def test_answers_to_several_questions_are_joined_by_user():
    why = {"why.responses": ["it is one"], "why.responses.users": ["u1"], "why.responses.status": ["submitted"]}
    data = opened(argilla, records([flat(["response_1", "response_2"], **why)]))
    assert data.annotations["reason"].isna().tolist() == [True, False]


def test_class_numbers_are_not_guessed():
    data = opened(argilla, records([flat([0, 2])]))
    assert {"class-numbers", "unreadable-labels"} <= codes(data)
    with pytest.raises(WorkbenchError, match="class 0 1 times") as asked:
        opened(argilla, records([flat([0, 2, 1])]))
    assert "spelling={'class 0'" in str(asked.value)
    read = opened(argilla, records([flat([0, 2, 1])]), spelling={"class 0": "A", "class 1": "B", "class 2": "="})
    assert labels(read) == ["A", "=", "B"]


def test_the_servers_own_records_have_times():
    row = {
        "id": "r",
        "fields": FIELDS,
        "responses": [
            {
                "user_id": "u",
                "status": "submitted",
                "values": {"better": {"value": "response_2"}},
                "inserted_at": "2026-03-02T09:14:05",
                "updated_at": "2026-03-02T09:15:05",
            },
            {"user_id": "v", "status": "discarded", "values": None},
        ],
        "suggestions": [{"question_name": "better", "value": "response_1", "score": [0.2, 0.9], "agent": "m"}],
    }
    data = opened(argilla, records([row]))
    assert labels(data) == ["B", None, "A"]
    assert str(data.annotations["ended_at"].iloc[0]) == "2026-03-02 09:15:05"
    assert data.annotations["confidence"].iloc[2] == pytest.approx(0.9)
    assert "no-times" not in codes(data)


def test_records_without_any_id_are_known_by_their_texts():
    rows = [{k: v for k, v in flat([label]).items() if k != "id"} for label in ("response_1", "response_2")]
    assert len(opened(argilla, records(rows)).items) == 1


def test_an_unknown_status_is_reported():
    assert "unknown-status" in codes(opened(argilla, records([flat(["response_1"], statuses=["parked"])])))
