import pytest

from tests.formats.reading import codes, labels, opened, parquet, records
from workbench.dataset.assembly import assemble
from workbench.formats.readers import multipref


def annotation(overall, who="jovial_shirley", **more):
    return {
        "helpful_pref": "A-is-slightly-better",
        "helpful_confidence": "fairly-confident",
        "helpful_checked_reasons": ["Clear", "Short"],
        "harmless_pref": "Tie",
        "truthful_pref": "Tie",
        "truthful_own_reason": "Both true",
        "overall_pref": overall,
        "overall_confidence": "absolutely-confident",
        "evaluator": who,
        "time_spent": 283,
        "timestamp": "2024-05-21 19:18:25.735159",
        **more,
    }


def row(normal, expert, **more):
    return {
        "comparison_id": "c1",
        "prompt_id": "p1",
        "text": "Hi",
        "model_a": "m1",
        "completion_a": "yo",
        "model_b": "m2",
        "completion_b": "hello",
        "source": "wild",
        "category": "Chat",
        "subject_study": None,
        "highest_level_degree": None,
        "normal_worker_annotations": normal,
        "expert_worker_annotations": expert,
        **more,
    }


FULL = row(
    [annotation("A-is-clearly-better"), annotation("Tie", "w2")],
    [annotation("B-is-slightly-better", "e1"), annotation("B-is-clearly-better", "e2", time_spent=12)],
)


@pytest.mark.parametrize("shape", [records, parquet])
def test_four_annotators_on_the_five_point_scale(shape):
    data = opened(multipref, shape([FULL]))
    assert labels(data) == ["A>>", "=", "B>", "B>>"]
    assert data.annotators.set_index("annotator")["kind"].to_dict() == {
        "jovial_shirley": "human",
        "w2": "human",
        "e1": "expert",
        "e2": "expert",
    }
    rows = data.annotations
    assert rows["seconds"].tolist() == [283, 283, 283, 12]
    assert str(rows["ended_at"].iloc[0]) == "2024-05-21 19:18:25.735000"
    assert rows["confidence"].tolist() == [4, 4, 4, 4]
    assert rows["dim.helpful"].tolist() == ["A>"] * 4
    assert rows["dim.harmless"].tolist() == ["="] * 4
    assert rows["reason"].iloc[0] == "helpful: Clear; Short\ntruthful: Both true"
    item = data.items.iloc[0]
    assert item[["item_id", "group", "model_a", "slice.category"]].tolist() == ["c1", "p1", "m1", "Chat"]


def test_slightly_is_slight_even_where_nothing_is_clear():
    data = opened(
        multipref, records([row([annotation("A-is-slightly-better")], [annotation("B-is-slightly-better", "e1")])])
    )
    assert labels(data) == ["A>", "B>"]


def test_a_file_with_only_crowd_workers_opens():
    only = {k: v for k, v in FULL.items() if k != "expert_worker_annotations"}
    assert labels(opened(multipref, records([only]))) == ["A>>", "="]


def test_missing_and_unknown_preferences_are_not_ties():
    data = opened(
        multipref,
        records(
            [
                row(
                    [annotation(None), annotation("Both fine", "w2")],
                    [annotation("Tie", "e1", evaluator=None, time_spent="fast")],
                )
            ]
        ),
    )
    assert labels(data) == [None, None, "="]
    assert {"skips", "unreadable-labels", "anonymous-annotators"} <= codes(data)


def test_rows_without_annotations_are_counted():
    data = opened(multipref, records([FULL, row([], None), row("x", 3)]))
    assert data.ledger.set_aside == {"a completion or all annotations are missing": 2}


def test_dimensions_turn_with_their_item():
    """A second file shows the pair the other way round: its labels and its dimensions are brought to the first one's
    sides."""
    turned = row(
        [annotation("A-is-clearly-better", "w7")],
        [annotation("Tie", "e7")],
        comparison_id="c2",
        model_a="m2",
        completion_a="hello",
        model_b="m1",
        completion_b="yo",
    )
    data = assemble([multipref.read(records([FULL], "one.jsonl")), multipref.read(records([turned], "two.jsonl"))])
    assert len(data.items) == 1
    assert labels(data) == ["A>>", "=", "B>", "B>>", "B>>", "="]
    assert data.annotations["dim.helpful"].tolist() == ["A>"] * 4 + ["B>"] * 2
    assert data.annotations["dim.harmless"].tolist() == ["="] * 6


def test_what_two_files_both_say_is_said_once():
    other = {**FULL, "comparison_id": "c2", "text": "Bye"}
    data = assemble([multipref.read(records([FULL], "one.jsonl")), multipref.read(records([other], "two.jsonl"))])
    assert [finding.code for finding in data.findings].count("confidence-in-words") == 1
