import pytest

from tests.formats.reading import codes, labels, opened, parquet, records
from workbench.formats.readers import openai_summaries


def comparison(choice, worker="kJ2", **more):
    return {
        "info": {
            "id": "t3_x",
            "post": "I crashed.",
            "title": "Car",
            "subreddit": "legal",
            "article": None,
            "site": None,
        },
        "summaries": [
            {"text": " short", "policy": "sup4", "note": "n"},
            {"text": " long", "policy": "ref", "note": None},
        ],
        "choice": choice,
        "worker": worker,
        "batch": "batch9",
        "split": "train",
        "extra": {"confidence": 8},
        **more,
    }


def axes(overall, **more):
    return {
        "info": {"id": "cnn1", "title": "T", "article": "Long text", "site": "cnn", "post": None},
        "split": "test",
        "worker": "w1",
        "batch": "cnndm1",
        "summary": {
            "text": "Sum",
            "policy": "ref",
            "note": "ok",
            "axes": {"overall": overall, "accuracy": 5, "coverage": None, "coherence": 2},
        },
        **more,
    }


def best_of(best, **more):
    return {
        "query": [10, 20],
        "sample0": [1, 2],
        "sample1": [3],
        "sample2": [4],
        "sample3": [5, 6],
        "best": best,
        **more,
    }


@pytest.mark.parametrize("shape", [records, parquet])
def test_comparisons_have_workers_confidence_and_policies(shape):
    data = opened(openai_summaries, shape([comparison(1), comparison(0, "w2")]))
    assert labels(data) == ["B", "A"]
    assert data.annotators["annotator"].tolist() == ["kJ2", "w2"]
    assert data.annotations["confidence"].tolist() == [8, 8]
    item = data.items.iloc[0]
    assert item[["model_a", "model_b", "group", "slice.subreddit", "slice.split"]].tolist() == [
        "sup4",
        "ref",
        "t3_x",
        "legal",
        "train",
    ]
    assert data.item_texts()["prompt"].tolist() == ["Car\n\nI crashed."]


def test_a_file_of_ones_reads_one_as_the_second_summary():
    assert labels(opened(openai_summaries, records([comparison(1)]))) == ["B"]


def test_the_same_pair_shown_the_other_way_round_is_flipped():
    data = opened(
        openai_summaries, records([comparison(1), comparison(1, "w2", summaries=comparison(0)["summaries"][::-1])])
    )
    assert len(data.items) == 1
    assert labels(data) == ["B", "A"]


def test_choices_that_are_none_of_both_are_not_ties():
    data = opened(openai_summaries, records([comparison(0), comparison(2, "w2"), comparison(None, "w3")]))
    assert labels(data) == ["A", None, None]
    assert {"unreadable-labels", "skips"} <= codes(data)


@pytest.mark.parametrize("shape", [records, parquet])
def test_axis_evals_are_ratings_without_sides(shape):
    data = opened(openai_summaries, shape([axes(3), axes(7, worker="w2")]))
    assert not data.has_pairs
    assert labels(data) == ["3", "7"]
    assert len(data.items) == 1
    assert data.annotations["dim.accuracy"].tolist() == [5, 5]
    assert "ratings-not-pairs" in codes(data)


@pytest.mark.parametrize("shape", [records, parquet])
def test_best_of_four_gives_three_pairs_with_the_best(shape):
    data = opened(openai_summaries, shape([best_of(2)]))
    texts = data.item_texts()
    assert [texts[f"response_{label.lower()}"].iloc[i] for i, label in enumerate(labels(data))] == ["4", "4", "4"]
    assert texts["prompt"].unique().tolist() == ["10 20"]
    assert data.items["group"].nunique() == 1
    assert {"best-of-several", "tokens-not-words"} <= codes(data)


def test_what_cannot_be_used_is_counted():
    data = opened(openai_summaries, records([comparison(0), comparison(0, summaries=[]), comparison(0, summaries="x")]))
    assert data.ledger.set_aside == {"not two summaries": 2}
    assert opened(openai_summaries, records([best_of(0), best_of(7), best_of(None)])).ledger.set_aside == {
        "no samples or no best one": 2
    }
