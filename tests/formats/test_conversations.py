import numpy as np
import pytest

from workbench.formats.records.conversations import (
    common_prompt,
    dialogue_turns,
    is_dialogue,
    prompt_text,
    readable,
    split_dialogues,
    split_strings,
    turns_of,
)

HI = [("user", "Hi"), ("assistant", "Hello")]


@pytest.mark.parametrize(
    "value",
    [
        [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"}],
        [{"from": "human", "value": "Hi"}, {"from": "gpt", "value": "Hello"}],
        [["Human", "Hi"], ["ASSISTANT", "Hello"]],
        np.array(
            [
                {"role": "user", "content": np.array([{"type": "text", "text": "Hi"}])},
                {"role": "assistant", "content": "Hello"},
            ],
            object,
        ),
        '[{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"}]',
    ],
)
def test_one_conversation_in_every_shape(value):
    assert turns_of(value) == HI


@pytest.mark.parametrize(
    "value",
    [
        None,
        3,
        "Hi",
        [],
        ["Hi"],
        [{"role": "user"}],
        [{"content": "x"}],
        [{"role": None, "content": "x"}],
        "[1, 2",
        {"a": 1},
        [[1, 2, 3]],
    ],
)
def test_what_is_no_conversation(value):
    assert turns_of(value) is None


def test_a_message_alone_is_a_conversation_and_shows_without_its_role():
    assert readable(turns_of({"role": "assistant", "content": "Lima."})) == "Lima."
    assert readable(HI) == "User: Hi\n\nAssistant: Hello"
    assert readable([]) == ""


def test_something_is_always_left_of_both_sides():
    assert common_prompt(HI, HI) == ([("user", "Hi")], [("assistant", "Hello")], [("assistant", "Hello")])
    assert common_prompt(HI, HI[:1]) == ([], HI, HI[:1])


def test_dialogues_in_one_string():
    text = "\n\nHuman: Hi\n\nAssistant: Hello"
    assert is_dialogue(text)
    assert is_dialogue(text.strip())
    assert not is_dialogue("I met a Human: Bob")
    assert dialogue_turns(text) == HI
    assert prompt_text("\n\nHuman: Hi \n\nAssistant: ") == "Hi"
    assert prompt_text(" keep me ") == " keep me "


def test_a_paragraph_before_the_first_turn_is_the_system_message():
    assert dialogue_turns("Be brief.\n\nHuman: Hi") == [("system", "Be brief."), ("user", "Hi")]


def test_dialogues_split_at_the_last_reply_both_have():
    a = "\n\nHuman: 1\n\nAssistant: 2\n\nHuman: 3\n\nAssistant: 4"
    assert split_dialogues(a, a[:-1] + "5") == ("User: 1\n\nAssistant: 2\n\nUser: 3", "4", "5")
    assert split_dialogues(a, a) == ("User: 1\n\nAssistant: 2\n\nUser: 3", "4", "4")
    assert split_dialogues(a, "\n\nHuman: 9\n\nAssistant: 2") is None
    assert split_dialogues("", "") is None


def test_plain_strings_split_between_words():
    assert split_strings("Q: a b", "Q: a bc") == ("Q: a", "b", "bc")
    assert split_strings("yes", "no") == (None, "yes", "no")
    assert split_strings("same words", "same words") == (None, "same words", "same words")
