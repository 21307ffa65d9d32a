import pytest

from tests.formats.reading import codes, labels, opened, records
from tests.formats.samples import PRODIGY_CHOICE, PRODIGY_COMPARE
from workbench.formats.readers import prodigy

OPTIONS = [{"id": "A", "text": "9"}, {"id": "B", "text": "11"}]


def choice(accept, answer="accept", options=OPTIONS, text="Name a prime", at=1772442845, who="ana", **more):
    row = {
        "text": text,
        "options": options,
        "accept": accept,
        "answer": answer,
        "_input_hash": hash(text) % 999,
        "_task_hash": 5,
        "_annotator_id": who,
        "_session_id": who,
        "_timestamp": at,
    }
    return {**row, **more}


def test_the_label_is_what_was_accepted():
    data = opened(prodigy, records(PRODIGY_CHOICE))
    assert labels(data) == ["B", "A"]
    assert data.items["item_id"].tolist() == ["-77120", "-9"]
    assert data.items["group"].tolist() == ["1839201", "55"]
    assert data.item_texts().iloc[0].tolist() == ["Name a prime", "9", "11"]
    assert data.annotators["annotator"].tolist() == ["prefs-ana"]


def test_ignore_and_reject_are_skips_even_with_something_accepted():
    data = opened(
        prodigy,
        records(
            [
                choice(["A"], "ignore"),
                choice(["A"], "reject", who="bo"),
                choice(["B"], who="cy"),
                choice(["B"], "maybe", who="di"),
            ]
        ),
    )
    assert labels(data) == [None, None, "B", None]
    assert {"rejected-tasks", "unknown-answers"} <= codes(data)


def test_time_is_the_gap_in_a_session_and_a_long_one_is_a_break():
    rows = [
        choice(["A"], text="x", at=1772442845),
        choice(["A"], text="other", at=1772442850, who="bo"),
        choice(["A"], text="y", at=1772442866),
        choice(["A"], text="z", at=1772446466),
    ]
    for n, row in enumerate(rows):
        row["_task_hash"] = n
    data = opened(prodigy, records(rows))
    assert [None if s != s else s for s in data.annotations["seconds"].tolist()] == [None, None, 21.0, None]
    assert "1 gaps of more than 15 minutes" in next(f.message for f in data.findings if f.code == "times-are-gaps")


def test_without_timestamps_there_are_no_times():
    row = choice(["A"])
    del row["_timestamp"]
    data = opened(prodigy, records([row]))
    assert data.annotations["seconds"].isna().all()
    assert "no-times" in codes(data)


def test_a_third_option_may_be_the_tie():
    options = [*OPTIONS, {"id": "tie", "text": "Tie"}]
    assert labels(
        opened(prodigy, records([choice(["tie"], options=options), choice(["B"], options=options, who="bo")]))
    ) == ["=", "B"]


def test_the_best_of_four_decides_three_pairs():
    options = [{"id": str(i), "text": f"answer {i}"} for i in range(4)]
    data = opened(prodigy, records([choice(["2"], options=options)]))
    assert data.items["item_id"].tolist() == ["5:1-3", "5:2-3", "5:3-4"]
    assert labels(data) == ["B", "B", "A"]
    assert data.items["group"].nunique() == 1


def test_several_accepted_responses_tie_and_beat_the_others():
    options = [{"id": str(i), "text": f"answer {i}"} for i in range(3)]
    data = opened(prodigy, records([choice(["0", "2"], options=options)]))
    assert labels(data) == ["A", "=", "B"]
    assert "several-accepted" in codes(data)


def test_options_that_are_verdicts_on_two_fields_are_labels():
    options = [{"id": 1, "text": "A is better"}, {"id": 2, "text": "B is better"}, {"id": 3, "text": "tie"}]
    rows = [
        choice([n], options=options, text=f"q{n}", response_a="9", response_b="11", _task_hash=n) for n in (1, 2, 3)
    ]
    data = opened(prodigy, records(rows))
    assert labels(data) == ["A", "B", "="]
    assert data.item_texts().iloc[0].tolist() == ["q1", "9", "11"]


def test_the_same_options_for_every_text_are_categories():
    options = [{"id": "POS", "text": "positive"}, {"id": "NEG", "text": "negative"}]
    data = opened(
        prodigy,
        records(
            [
                choice(["POS"], options=options, text="x", _task_hash=1),
                choice(["NEG"], options=options, text="y", _task_hash=2),
            ]
        ),
    )
    assert (labels(data), data.has_pairs) == (["positive", "negative"], False)


@pytest.mark.parametrize(
    ("mapping", "answer", "label", "first"),
    [
        ({"A": "accept", "B": "reject"}, "accept", "A", "A"),
        ({"A": "accept", "B": "reject"}, "reject", "B", "A"),
        ({"A": "reject", "B": "accept"}, "accept", "B", "B"),
        ({"A": "reject", "B": "accept"}, "reject", "A", "B"),
        ({"A": "accept", "B": "reject"}, "ignore", None, "A"),
    ],
)
def test_compare_undoes_the_shuffle(mapping, answer, label, first):
    row = {**PRODIGY_COMPARE[0], "mapping": mapping, "answer": answer}
    other = {**PRODIGY_COMPARE[0], "id": 2, "answer": "accept"}
    data = opened(prodigy, records([row, other]))
    assert (labels(data)[0], data.rows()["shown_first"].iloc[0]) == (label, first)
    accepted, rejected = ("response_a", "response_b") if mapping["A"] == "accept" else ("response_b", "response_a")
    assert data.item_texts().iloc[0][[accepted, rejected, "prompt"]].tolist() == ["11", "9", "Name a prime"]
    assert data.items.iloc[0][["model_a", "model_b"]].tolist() == ["A", "B"]


def test_what_compares_nothing_is_set_aside():
    rows = [
        choice(["A"]),
        choice(["A"], options=OPTIONS[:1]),
        {"text": "x", "answer": "accept", "_task_hash": 3},
        {**PRODIGY_COMPARE[0], "mapping": {"A": "x", "B": "accept"}},
    ]
    assert opened(prodigy, records(rows)).ledger.set_aside == {
        "fewer than two options": 1,
        "neither options nor two sides to compare": 1,
        "a mapping that does not name two sides": 1,
    }


def test_an_accepted_option_that_was_not_shown_is_a_skip_with_a_finding():
    data = opened(prodigy, records([choice(["Z"]), choice(["A"], who="bo")]))
    assert labels(data) == [None, "A"]
    assert "accepted-not-shown" in codes(data)
