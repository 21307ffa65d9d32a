"""Several responses to a prompt: which pairs a choice, a ranking, a list of scores decides, and which it does not."""

from __future__ import annotations

import pytest

from tests.formats.reading import codes, labels, opened, parquet, records, table
from tests.formats.samples import sample
from tests.formats.test_ultrafeedback import outcome
from workbench.dataset.annotation_set import AnnotationSet
from workbench.formats import recognise_reader
from workbench.formats.readers import candidate_columns, candidate_lists, candidate_rows, chosen_lists, oasst


def beaten(data: AnnotationSet) -> set[tuple[str, str]]:
    """(winner, loser) of each pair, as texts."""
    texts = data.item_texts()
    found = set()
    for item, label in zip(data.annotations["item"], data.rows()["label"], strict=True):
        pair = (texts["response_a"].iloc[item], texts["response_b"].iloc[item])
        if label != "=":
            found.add(pair if label.startswith("A") else pair[::-1])
    return found


@pytest.mark.parametrize("shape", [records, parquet, table])
def test_every_chosen_response_beats_every_rejected_one_and_no_other(shape):
    row = {"prompt": "q", "chosen": ["x1", "x2"], "rejected": ["y1", "y2", "y3"], "subset": "Ties"}
    data = opened(chosen_lists, shape([row]))
    assert beaten(data) == {(x, y) for x in ("x1", "x2") for y in ("y1", "y2", "y3")}
    assert len(data.annotations) == 6
    assert data.items["group"].nunique() == 1
    assert list(data.slices) == ["slice.subset"]


def test_models_of_chosen_lists_come_first_those_of_the_chosen():
    row = {"prompt": "q", "chosen": ["x"], "rejected": ["y", "z"], "models": ["mx", "my", "mz"]}
    data = opened(chosen_lists, records([row]))
    assert set(outcome(data).values()) == {"mx"}


def test_conversations_and_single_texts_stay_with_the_reader_of_pairs():
    turns = [{"role": "user", "content": "q"}, {"role": "assistant", "content": "a"}]
    other = [{"role": "user", "content": "q"}, {"role": "assistant", "content": "b"}]
    assert recognise_reader(records([{"chosen": turns, "rejected": other}])) == "trl"
    assert recognise_reader(records([{"prompt": "q", "chosen": "a", "rejected": "b"}])) == "trl"


@pytest.mark.parametrize("best", ["best", "label", "preferred"])
def test_a_choice_among_three_decides_two_pairs(best):
    rows = [{"prompt": f"q{n}", "responses": [f"r0 {n}", "r1", "r2"], best: n, "worker": "w"} for n in range(3)]
    data = opened(candidate_lists, records(rows))
    assert len(data.annotations) == 6
    first = data.item_texts()["prompt"].to_numpy() == "q0"
    assert first.sum() == 2
    assert set(data.annotators["annotator"]) == {"w"}


def test_places_are_counted_from_one_where_the_last_one_shows_it():
    rows = [{"prompt": f"q{n}", "responses": [f"{n} first", f"{n} last"], "best": n} for n in (1, 2)]
    assert beaten(opened(candidate_lists, records(rows))) == {("1 first", "1 last"), ("2 last", "2 first")}


def test_places_that_could_be_counted_from_either_are_not_guessed():
    rows = [{"prompt": f"q{n}", "responses": [f"x{n}", "y", "z"], "best": n} for n in (1, 2)]
    assert candidate_lists.recognise(records(rows)) == 0


def test_answers_one_can_give_are_no_responses():
    rows = [{"text": f"t{n}", "options": ["positive", "negative"], "label": n % 2, "worker": "w"} for n in range(6)]
    assert candidate_lists.recognise(records(rows)) == 0


def test_a_low_rank_wins_a_high_score_wins_and_equal_ones_are_ties():
    ranked = {"prompt": "q", "responses": ["x", "y", "z"], "ranks": [2, 1, 2]}
    scored = {"prompt": "q", "responses": ["x", "y", "z"], "scores": [0.1, 0.9, 0.1]}
    for row in (ranked, scored):
        data = opened(candidate_lists, records([row]))
        assert beaten(data) == {("y", "x"), ("y", "z")}
        assert len(data.annotations) == 3


def test_one_mark_among_zeros_says_nothing_about_the_others():
    data = opened(
        candidate_lists, records([{"prompt": "q", "image_path": ["x", "y", "z"], "human_preference": [0, 1, 0]}])
    )
    assert beaten(data) == {("y", "x"), ("y", "z")}
    assert len(data.annotations) == 2


def test_answers_with_scores_of_their_own_are_compared():
    answers = [{"text": "x", "pm_score": 3, "model": "m1"}, {"text": "y", "pm_score": 7, "model": "m2"}]
    assert beaten(opened(candidate_lists, records([{"question": "q", "answers": answers}]))) == {("y", "x")}


@pytest.mark.parametrize("said", ["b", "B", "Response B", "response_b", "beta text"])
def test_the_best_of_columns_is_named_in_many_ways(said):
    row = {"prompt": "q", "response_a": "alpha text", "response_b": "beta text", "response_c": "gamma text"}
    data = opened(candidate_columns, table([{**row, "best": said, "annotator": "ann"}]))
    assert beaten(data) == {("beta text", "alpha text"), ("beta text", "gamma text")}


def test_two_columns_are_a_pair_and_no_choice_among_several():
    row = {"prompt": "q", "response_a": "alpha text", "response_b": "beta text", "best": "b"}
    assert candidate_columns.recognise(table([row])) == 0


def test_ranks_in_columns_go_with_the_responses_of_the_same_mark():
    row = {"text_1": "x text", "text_2": "y text", "text_3": "z text", "rank_3": "1", "rank_1": "2", "rank_2": "3"}
    data = opened(candidate_columns, table([{"prompt": "q", **row}]))
    assert beaten(data) == {("z text", "x text"), ("z text", "y text"), ("x text", "y text")}


def a_question(n: int, person: str, best: str) -> list[dict[str, object]]:
    return [
        {"question_id": n, "question": f"q{n}", "response": f"{m}{n}", "user_id": person, "is_chosen": m == best}
        for m in "xyz"
    ]


def test_rows_of_one_question_and_person_are_one_choice():
    data = opened(candidate_rows, records(a_question(1, "ann", "x") + a_question(1, "bob", "y")))
    assert len(data.annotations) == 4
    assert set(data.annotators["annotator"]) == {"ann", "bob"}
    assert beaten(data) == {("x1", "y1"), ("x1", "z1"), ("y1", "x1"), ("y1", "z1")}
    assert len(data.items) == 3  # x-y by both, x-z by ann, y-z by bob


def test_flags_that_are_no_choice_of_one_are_not_read_as_one():
    rows = [
        {"question_id": n, "question": f"q{n}", "response": f"{m}{n}", "user_id": "u", "is_chosen": True}
        for n in range(3)
        for m in "xyz"
    ]
    assert candidate_rows.recognise(records(rows)) == 0


@pytest.mark.parametrize("form", [0, 1])
def test_replies_to_a_message_are_ranked_from_zero_and_the_conversation_is_the_prompt(form):
    data = opened(oasst, sample("oasst", form))
    assert beaten(data) == {("11", "9")}
    assert data.item_texts()["prompt"].tolist() == ["A prime?"]


def test_unranked_and_lonely_replies_are_counted():
    rows = [
        {"message_id": "q", "parent_id": None, "text": "hi", "role": "prompter", "rank": None},
        {"message_id": "x", "parent_id": "q", "text": "x", "role": "assistant", "rank": 0},
        {"message_id": "y", "parent_id": "q", "text": "y", "role": "assistant", "rank": 1},
        {"message_id": "z", "parent_id": "q", "text": "z", "role": "assistant", "rank": None},
        {"message_id": "p", "parent_id": "x", "text": "more", "role": "prompter", "rank": None},
        {"message_id": "w", "parent_id": "p", "text": "w", "role": "assistant", "rank": 0},
    ]
    data = opened(oasst, records(rows))
    said = next(finding.message for finding in data.findings if finding.code == "unranked-replies")
    assert "1 reply without a rank and 1 without a ranked one" in said
    assert beaten(data) == {("x", "y")}


def test_the_time_of_a_ranking_belongs_to_all_its_pairs_together():
    rows = [
        {"prompt": f"q{n}", "responses": [f"x{n}", "y", "z"], "ranks": [1, 2, 3], "worker": "w", "seconds": 60}
        for n in range(4)
    ]
    data = opened(candidate_lists, records(rows))
    assert data.annotations["batch"].nunique() == 4
    assert "pairs-from-rankings" in codes(data)


def test_equal_scores_are_ties_and_a_question_without_a_choice_is_counted():
    data = opened(candidate_lists, records([{"prompt": "q", "responses": ["x", "y", "z"], "scores": [2, 2, 2]}]))
    assert labels(data) == ["=", "=", "="]
    rows = [row for n in range(19) for row in a_question(n, "ann", "x")] + a_question(19, "ann", "nobody")
    data = opened(candidate_rows, records(rows))
    assert len(data.annotations) == 38
    assert data.ledger.set_aside == {"no response above another": 1}
