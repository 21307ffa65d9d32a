import math

import pytest

from tests.formats.reading import codes, opened, parquet, records
from workbench.formats.readers import ultrafeedback


def completion(name, ratings, overall=None, fine=None):
    aspects = ["instruction_following", "honesty", "truthfulness", "helpfulness"]
    return {
        "model": name,
        "response": f"answer of {name}",
        "overall_score": overall,
        "fine-grained_score": fine,
        "annotations": {
            aspect: {"Rating": rating, "Rationale": "because"} for aspect, rating in zip(aspects, ratings, strict=True)
        },
    }


def row(*completions, instruction="Plan a day"):
    return {
        "source": "sharegpt",
        "instruction": instruction,
        "models": [c["model"] for c in completions],
        "completions": list(completions),
    }


FOUR = row(
    completion("w", "5555"), completion("x", "4444"), completion("y", "4444"), completion("z", ["1", "N/A", "N/A", "1"])
)


def outcome(data):
    """(model, model) in alphabetical order -> which won."""
    found = {}
    for item, label in zip(data.items.itertuples(), data.rows()["label"], strict=True):
        a, b = item.model_a, item.model_b
        winner = {"A": a, "B": b, "=": "="}.get(label) if isinstance(label, str) else None
        found[tuple(sorted((a, b)))] = winner
    return found


@pytest.mark.parametrize("shape", [records, parquet])
def test_four_completions_are_six_pairs_of_one_group(shape):
    data = opened(ultrafeedback, shape([FOUR]))
    assert outcome(data) == {
        ("w", "x"): "w",
        ("w", "y"): "w",
        ("w", "z"): "w",
        ("x", "y"): "=",
        ("x", "z"): "x",
        ("y", "z"): "y",
    }
    assert data.items["group"].nunique() == 1
    assert data.annotators.to_dict("records") == [{"annotator": "gpt-4", "kind": "ai"}]
    assert data.slices == ["slice.source"]


def test_na_is_no_rating():
    data = opened(ultrafeedback, records([FOUR]))
    rows = data.annotations.set_index([data.items["model_a"], data.items["model_b"]])
    honesty = [value for (a, b), value in rows["dim.honesty"].items() if "z" in (a, b)]
    assert all(value is None or value != value for value in honesty)
    margins = {tuple(sorted(key)): value for key, value in rows["dim.margin"].items()}
    assert margins[("w", "z")] == 4.0, "5 against the mean of two ratings of 1"


def test_the_times_ten_error_is_flagged_and_not_used():
    broken = row(
        completion("x", ["N/A"] * 4, overall=10, fine=1.0),
        completion("y", ["N/A"] * 4, overall=6),
        completion("z", ["N/A"] * 4, overall=8),
    )
    data = opened(ultrafeedback, records([broken]))
    assert {"overall-score-times-ten", "overall-score-used"} <= codes(data)
    assert outcome(data) == {("x", "y"): None, ("x", "z"): None, ("y", "z"): "z"}


def test_an_earned_ten_is_not_flagged():
    data = opened(
        ultrafeedback,
        records([row(completion("x", "5555", overall=10, fine=5.0), completion("y", "4444", overall=8, fine=4.0))]),
    )
    assert "overall-score-times-ten" not in codes(data)


def test_a_row_with_one_rated_completion_is_set_aside():
    data = opened(ultrafeedback, records([FOUR, row(completion("x", "5555"), completion("y", ["N/A"] * 4))]))
    assert data.ledger.set_aside == {"fewer than two rated completions": 1}


def test_without_annotations_it_is_something_else():
    assert ultrafeedback.recognise(records([{"instruction": "i", "completions": ["a", "b"]}])) == 0


def test_margins_are_numbers():
    assert all(not math.isnan(m) for m in opened(ultrafeedback, records([FOUR])).annotations["dim.margin"])
