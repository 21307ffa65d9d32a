import pytest

from tests.formats.reading import codes, labels, opened, parquet, records
from tests.formats.test_arena import talk
from workbench.dataset.assembly import assemble
from workbench.errors import WorkbenchError
from workbench.formats.readers import mt_bench


def human(winner, judge="expert_9", turn=1, **more):
    return {
        "question_id": 81,
        "model_a": "m1",
        "model_b": "m2",
        "winner": winner,
        "judge": judge,
        "turn": turn,
        "conversation_a": talk("write", "one", "again", "three"),
        "conversation_b": talk("write", "two", "again", "four"),
        **more,
    }


def log(first, second, **more):
    prompt = (
        "[User Question]\nWhat is it?\n\n[The Start of Assistant A's Answer]\nOne thing.\n[The End of Assistant A's"
        " Answer]\n\n[The Start of Assistant B's Answer]\nAnother.\n[The End of Assistant B's Answer]"
    )
    return {
        "question_id": 81,
        "model_1": "m1",
        "model_2": "m2",
        "g1_winner": first,
        "g2_winner": second,
        "judge": ["gpt-4", "pair-v2"],
        "g1_user_prompt": prompt,
        "g1_judgment": "[[A]]",
        "g2_user_prompt": "",
        "g2_judgment": "[[B]]",
        "turn": 1,
        "tstamp": 1687000000.25,
        **more,
    }


@pytest.mark.parametrize("shape", [records, parquet])
def test_human_judgements_and_their_kinds(shape):
    data = opened(
        mt_bench, shape([human("model_b"), human("tie", "author_2"), human("tie (inconsistent)", "gpt4_pair")])
    )
    assert labels(data) == ["B", "=", "="]
    assert data.annotators.set_index("annotator")["kind"].to_dict() == {
        "expert_9": "expert",
        "author_2": "expert",
        "gpt4_pair": "ai",
    }
    assert data.items["group"].tolist() == ["81"]


def test_a_judge_in_a_list_is_its_model_and_prompt():
    data = opened(mt_bench, records([human("model_a", ["gpt-4", "pair-v2"])]))
    assert data.annotators.to_dict("records") == [{"annotator": "gpt-4 pair-v2", "kind": "ai"}]


def test_turn_one_does_not_show_turn_two_and_both_are_items():
    """The rows of both turns hold the whole conversations: without the cut they would be repeats of one item."""
    data = opened(mt_bench, records([human("model_a"), human("model_b", turn=2)]))
    assert len(data.items) == 2
    assert data.annotations["repeat"].tolist() == [0, 0]
    assert data.item_texts().iloc[0].tolist() == ["write", "one", "two"]
    assert data.item_texts().iloc[1]["response_a"].endswith("Assistant: three")


def test_models_named_the_other_way_round_are_the_same_item():
    turned = human(
        "model_a",
        "expert_2",
        model_a="m2",
        model_b="m1",
        conversation_a=human("")["conversation_b"],
        conversation_b=human("")["conversation_a"],
    )
    data = opened(mt_bench, records([human("model_b"), turned]))
    assert len(data.items) == 1
    assert labels(data) == ["B", "B"]


def test_a_log_row_is_two_judgements_in_both_orders():
    data = opened(mt_bench, records([log("model_1", "model_2")]))
    assert labels(data) == ["A", "B"]
    assert data.annotations["shown_first"].tolist() == [0, 1]
    assert data.annotations["repeat"].tolist() == [0, 1], "the first game counts for agreement"
    assert data.item_texts().iloc[0].tolist() == ["What is it?", "One thing.", "Another."]


def test_agreeing_games_are_not_one_duplicate_row():
    data = opened(mt_bench, records([log("model_1", "model_1")]))
    assert labels(data) == ["A", "A"]
    assert data.ledger.set_aside == {}


def test_an_error_of_the_judge_is_missing_not_a_tie():
    assert labels(opened(mt_bench, records([log("error", "tie")]))) == [None, "="]


def test_a_reference_answer_in_the_prompt_is_not_taken_for_the_question():
    prompt = log("tie", "tie")["g1_user_prompt"].replace(
        "\n\n[The Start of Assistant A's",
        "\n\n[The Start of Reference Answer]\n42\n[The End of Reference Answer]\n\n[The Start of Assistant A's",
    )
    assert opened(mt_bench, records([log("tie", "tie", g1_user_prompt=prompt)])).item_texts().iloc[0].tolist() == [
        "What is it?",
        "One thing.",
        "Another.",
    ]


def test_the_log_and_the_release_name_the_same_item():
    prompt = (
        log("", "")["g1_user_prompt"]
        .replace("What is it?", "write")
        .replace("One thing.", "one")
        .replace("Another.", "two")
    )
    both = [
        mt_bench.read(records([human("model_b")], "human.jsonl")),
        mt_bench.read(records([log("model_1", "tie", g1_user_prompt=prompt)], "log.jsonl")),
    ]
    data = assemble(both)
    assert data.items["item_id"].tolist() == ["81 m1 vs m2 turn 1"]
    assert labels(data) == ["B", "A", "="]


def test_one_id_for_different_answers_in_two_files_is_two_items():
    other = human("model_a", conversation_a=talk("write", "something else"))
    data = assemble(
        [mt_bench.read(records([human("model_b")], "old.jsonl")), mt_bench.read(records([other], "new.jsonl"))]
    )
    assert len(data.items) == 2
    assert "merged-on-content" in codes(data)


def test_single_answer_grades_are_refused():
    row = {
        "question_id": 81,
        "model": "m1",
        "judge": ["gpt-4", "single-v1"],
        "user_prompt": "",
        "judgment": "[[7]]",
        "score": 7,
        "turn": 1,
        "tstamp": 1.0,
    }
    assert mt_bench.recognise(records([row])) > 0
    with pytest.raises(WorkbenchError, match="single answers"):
        mt_bench.read(records([row]))


def test_rows_without_models_are_counted():
    data = opened(mt_bench, records([human("model_a"), human("model_a", model_b=None)]))
    assert data.ledger.set_aside == {"no question or a model is missing": 1}
