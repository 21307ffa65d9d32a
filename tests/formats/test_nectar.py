import pytest

from tests.formats.reading import codes, labels, opened, parquet, records
from tests.formats.test_ultrafeedback import outcome
from workbench.formats.readers import nectar

SEVEN = {
    "prompt": "\n\nHuman: Name a prime \n\nAssistant: ",
    "turns": 1,
    "num_responses": 7,
    "source": ["lmsys-chat-1m"],
    "good_natured": True,
    "answers": [{"answer": f"answer {k}", "model": f"m{k}", "rank": float(k)} for k in range(1, 8)],
}


@pytest.mark.parametrize("shape", [records, parquet])
def test_seven_answers_are_twenty_one_pairs_and_the_lower_rank_wins(shape):
    data = opened(nectar, shape([SEVEN]))
    won = outcome(data)
    assert len(won) == 21
    assert all(winner == pair[0] for pair, winner in won.items())
    assert data.items["group"].nunique() == 1
    assert data.item_texts()["prompt"].unique().tolist() == ["Name a prime"]
    assert sorted(data.slices) == ["slice.good_natured", "slice.source", "slice.turns"]


def test_the_best_first_order_of_the_file_does_not_reach_the_sides():
    rows = [
        {
            **SEVEN,
            "prompt": f"Human: question {i}",
            "answers": [{**a, "answer": f"{a['answer']} to {i}"} for a in SEVEN["answers"]],
        }
        for i in range(30)
    ]
    share = labels(opened(nectar, records(rows))).count("A") / 630
    assert 0.44 < share < 0.56


def test_equal_ranks_are_ties_and_answers_without_a_rank_are_in_no_pair():
    answers = [
        {"answer": "x", "model": "x", "rank": 1},
        {"answer": "y", "model": "y", "rank": 1.0},
        {"answer": "z", "model": "z", "rank": None},
    ]
    data = opened(nectar, records([{**SEVEN, "answers": answers}, {**SEVEN, "answers": [answers[0]]}]))
    assert outcome(data) == {("x", "y"): "="}
    assert data.ledger.set_aside == {"fewer than two ranked answers": 1}
    assert "unranked-answers" in codes(data)


def test_every_answer_is_in_six_pairs():
    data = opened(nectar, records([SEVEN]))
    models = [*data.items["model_a"], *data.items["model_b"]]
    assert {models.count(f"m{k}") for k in range(1, 8)} == {6}
