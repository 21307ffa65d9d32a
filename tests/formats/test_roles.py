import pytest

from workbench.formats.records.roles import Roles, find_roles, shown_text


@pytest.mark.parametrize(
    ("fields", "responses"),
    [
        (["prompt", "answer2", "answer1"], ("answer1", "answer2")),
        (["responseB", "responseA"], ("responseA", "responseB")),
        (["text_left", "text_right"], ("text_left", "text_right")),
        (["right", "left"], ("left", "right")),
        (["first_summary", "second_summary"], ("first_summary", "second_summary")),
        (["response-0", "response-1"], ("response-0", "response-1")),
        (["model_a", "model_b", "model_a_response", "model_b_response"], ("model_a_response", "model_b_response")),
        (["response_a_model", "response_b_model", "response_a", "response_b"], ("response_a", "response_b")),
        (["response_1", "response_2", "response_3"], ("response_1", "response_2", "response_3")),
        (["answer1_id", "answer2_id", "a", "b"], ("a", "b")),
        (["answer1_score", "answer2_score"], ()),
        (["term1", "b1", "e1", "b2", "term2", "e2", "sentence"], ()),
        (["answer2", "answer3"], ()),
        ([], ()),
    ],
)
def test_responses_are_fields_that_differ_in_a_side_mark(fields, responses):
    assert find_roles(fields).responses == responses


def test_any_pair_counts_where_the_format_says_that_two_things_are_compared():
    assert find_roles(["joke1", "joke2"]).responses == ()
    assert find_roles(["joke1", "joke2"], any_pair=True).responses == ("joke1", "joke2")


def test_the_other_roles():
    roles = find_roles(
        [
            "id",
            "instruction",
            "input",
            "output_1",
            "output_2",
            "model_1",
            "model_2",
            "prompt_id",
            "gold_label",
            "is_gold",
            "source",
            "task_type",
        ]
    )
    assert roles == Roles(
        ("instruction", "input"),
        ("output_1", "output_2"),
        ("model_1", "model_2"),
        "prompt_id",
        "gold_label",
        ("source", "task_type"),
    )


def test_an_item_has_the_texts_in_the_order_shown():
    roles = find_roles(["prompt", "answer1", "answer2", "gold"])
    task = {"prompt": [{"role": "user", "content": "Name a prime"}], "answer1": 9, "answer2": ["11"], "gold": "answer2"}
    assert roles.item(task) == {"prompt": "Name a prime", "response_a": "9", "response_b": "11", "gold": "B"}


def test_a_flag_is_no_gold_label():
    assert (
        find_roles(["answer1", "answer2", "gold"]).item({"answer1": "x", "answer2": "y", "gold": True})["gold"] is None
    )


def test_labels_may_be_field_names_or_the_text_of_a_response():
    roles = Roles(responses=("answer1", "answer2"))
    task = {"answer1": "nine", "answer2": "eleven"}
    assert [roles.side_named(label, task) for label in ("Answer1", "eleven", "Tie", None)] == ["A", "B", "Tie", None]
    assert roles.side_named("same", {"answer1": "same", "answer2": "same"}) == "same"


def test_anything_can_be_shown():
    deep = current = {}
    for _ in range(5_000):
        current["x"] = current = {}
    assert [shown_text(v) for v in ("x", 3, None, [], {}, [{"role": "user", "content": "Hi"}], {"a": [1]})] == [
        "x",
        "3",
        None,
        None,
        None,
        "Hi",
        '{"a": [1]}',
    ]
    assert shown_text(deep) is None
