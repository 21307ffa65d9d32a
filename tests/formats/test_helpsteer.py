import pytest

from tests.formats.reading import chosen_texts, codes, labels, opened, parquet, records
from workbench.formats.readers import helpsteer


def rating(prompt, response, helpfulness, **more):
    return {
        "prompt": prompt,
        "response": response,
        "helpfulness": helpfulness,
        "correctness": 3,
        "coherence": 4,
        "complexity": 1,
        "verbosity": 1,
        **more,
    }


def third(scores, **more):
    return {
        "domain": "code",
        "language": "python",
        "context": [{"role": "user", "content": "Sort a list"}],
        "response1": "one",
        "response2": "two",
        "overall_preference": -2,
        "individual_preference": [{"score": s, "reasoning": f"@Response {s}"} for s in scores],
        **more,
    }


def second(strength, **more):
    return {
        "split": "train",
        "prompt": "Sort a list",
        "response_1": "one",
        "response_2": "two",
        "preference_strength": strength,
        **more,
    }


@pytest.mark.parametrize("shape", [records, parquet])
def test_negative_favours_response_one_in_helpsteer3(shape):
    data = opened(helpsteer, shape([third([-3, 1, 0])]))
    assert labels(data) == ["A>>>", "B>", "="]
    assert data.item_texts().iloc[0].tolist() == ["Sort a list", "one", "two"]
    assert data.annotators["annotator"].tolist() == ["slot 1", "slot 2", "slot 3"]
    assert {"raters-by-slot", "anonymous-annotators"} <= codes(data)
    assert data.annotations["reason"].tolist() == ["@Response -3", "@Response 1", "@Response 0"]
    assert set(data.annotations["dim.overall_preference"]) == {"A>>"}
    assert sorted(data.slices) == ["slice.domain", "slice.language"]


def test_the_sign_does_not_depend_on_which_values_a_file_happens_to_hold():
    """A file with only 1 and 2 must not be read as the number of the better response."""
    data = opened(helpsteer, records([second(1), second(2, prompt="other")]))
    assert labels(data) == ["B>", "B>>"]
    assert "published-preference" in codes(data)


def test_context_may_be_a_plain_string_and_raters_may_be_bare_numbers():
    data = opened(helpsteer, records([third([], context="Sort", individual_preference=[-1, "2"])]))
    assert labels(data) == ["A>", "B>>"]
    assert data.item_texts()["prompt"].tolist() == ["Sort"]


def test_helpsteer2_raters_one_by_one_and_neither_valid_is_a_skip():
    raters = [
        {"strength": 2, "justification": "because"},
        {"strength": -1, "justification": "no"},
        {"strength": -100, "justification": "neither"},
    ]
    data = opened(
        helpsteer, records([second(1, all_preferences_unprocessed=raters, three_most_similar_preferences=raters[:2])])
    )
    assert labels(data) == ["B>>", "A>", None]
    assert {"neither-valid", "skips"} <= codes(data)


def test_a_strength_off_the_scale_is_unreadable_not_a_tie():
    data = opened(helpsteer, records([second(7), second(1, prompt="q")]))
    assert labels(data) == [None, "B>"]
    assert "unreadable-labels" in codes(data)


def test_ratings_of_consecutive_rows_are_paired():
    rows = [
        rating("p", "x", 4),
        rating("p", "y", 2),
        rating("q", "x", 3),
        rating("q", "y", 3),
        rating("lonely", "x", 1),
    ]
    data = opened(helpsteer, records(rows))
    texts = data.item_texts()
    winners = [
        None if label == "=" else texts[f"response_{label.lower()}"].iloc[i] for i, label in enumerate(labels(data))
    ]
    assert winners == ["x", None]
    assert labels(data)[1] == "="
    assert data.ledger.set_aside == {"no second response to the same prompt in the next row": 1}
    assert data.annotations["dim.margin"].tolist() == [2, 0]
    assert data.annotations["dim.coherence"].tolist() == ["=", "="]


def test_several_raters_in_one_cell_count_as_their_mean():
    data = opened(helpsteer, records([rating("p", "x", [4, 4, 1]), rating("p", "y", [2, 2, 2])]))
    assert chosen_texts(data) == ["x"]
    assert data.annotations["dim.margin"].tolist() == [1.0]


def test_rows_that_cannot_be_used_are_counted():
    data = opened(helpsteer, records([third([-1]), third([-1], response2=None), rating("p", "x", None)]))
    assert data.ledger.set_aside == {"a response is missing": 2}


def test_a_dimension_without_any_value_left_does_not_spoil_the_key():
    """Its only value stands on a row that is set aside."""
    same = third([1], response2="one")
    data = opened(helpsteer, records([same, third([2], overall_preference=None, context="q")]))
    assert data.annotations["dim.overall_preference"].isna().all()
    assert len(data.key) == 32
