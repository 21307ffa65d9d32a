import pytest

from tests.formats.reading import chosen_texts, codes, opened, records, table
from workbench.errors import WorkbenchError
from workbench.formats.readers import anthropic_hh, trl

PAIR = {"chosen": "\n\nHuman: Hi\n\nAssistant: Hello there", "rejected": "\n\nHuman: Hi\n\nAssistant: What"}
LONGER = {
    "chosen": "\n\nHuman: Hi\n\nAssistant: Hello\n\nHuman: Bye\n\nAssistant: See you",
    "rejected": "\n\nHuman: Hi\n\nAssistant: Hello\n\nHuman: Bye\n\nAssistant: See me",
}


@pytest.mark.parametrize("shape", [records, table])
def test_the_prompt_ends_before_the_last_shared_assistant_turn(shape):
    data = opened(anthropic_hh, shape([PAIR, LONGER]))
    assert data.item_texts()["prompt"].tolist() == ["Hi", "User: Hi\n\nAssistant: Hello\n\nUser: Bye"]
    assert chosen_texts(data) == ["Hello there", "See you"]
    assert {"sides-assigned", "anonymous-annotators"} <= codes(data)


def test_a_common_beginning_of_the_replies_stays_in_them():
    """ "See you" and "See me" share a word: the prompt is cut back to the Assistant turn, not to the last equal
    letter."""
    texts = opened(anthropic_hh, records([LONGER])).item_texts().iloc[0]
    assert {texts["response_a"], texts["response_b"]} == {"See you", "See me"}


def test_an_empty_reply_is_a_reply():
    data = opened(anthropic_hh, records([{"chosen": PAIR["chosen"], "rejected": "\n\nHuman: Hi\n\nAssistant:"}]))
    assert chosen_texts(data) == ["Hello there"]
    assert "" in data.item_texts().iloc[0].tolist()


def test_pairs_without_a_shared_prompt_are_set_aside_and_counted():
    strange = {"chosen": PAIR["chosen"], "rejected": "\n\nHuman: Hello\n\nAssistant: What"}
    data = opened(anthropic_hh, records([PAIR, strange, {"chosen": PAIR["chosen"], "rejected": None}]))
    assert data.ledger.set_aside == {
        "chosen and rejected share no prompt up to an Assistant turn": 1,
        "no text in chosen or rejected": 1,
    }
    assert data.ledger.rows_read == 3


def test_identical_dialogues_are_counted_and_set_aside():
    data = opened(anthropic_hh, records([PAIR, {"chosen": PAIR["chosen"], "rejected": PAIR["chosen"]}]))
    assert data.ledger.set_aside == {"identical responses": 1}
    assert "identical-dialogues" in codes(data)


def test_dialogues_that_part_early_keep_their_further_turns():
    early = {"chosen": LONGER["chosen"], "rejected": "\n\nHuman: Hi\n\nAssistant: What"}
    data = opened(anthropic_hh, records([early]))
    assert chosen_texts(data) == ["Assistant: Hello\n\nUser: Bye\n\nAssistant: See you"]
    assert "unclean-prefix" in codes(data)


def test_it_is_surer_than_the_general_reader_and_leaves_it_the_rest():
    assert anthropic_hh.recognise(records([PAIR])) > trl.recognise(records([PAIR])) > 0
    assert anthropic_hh.recognise(records([{"chosen": "yes", "rejected": "no"}])) == 0
    assert anthropic_hh.recognise(records([{"prompt": "Hi", **PAIR}])) == 0


def test_the_red_team_file_is_refused_by_name():
    row = {
        "transcript": "\n\nHuman: x",
        "rating": 2,
        "task_description": "t",
        "red_team_member_id": 3,
        "is_upworker": False,
        "tags": None,
    }
    assert anthropic_hh.recognise(records([row])) > 0.9
    with pytest.raises(WorkbenchError, match="red-team"):
        anthropic_hh.read(records([row]))


def test_one_dialogue_merges_with_its_message_list():
    from workbench.dataset.assembly import assemble

    listed = {
        "chosen": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello there"}],
        "rejected": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "What"}],
    }
    data = assemble([anthropic_hh.read(records([PAIR], "a.jsonl")), trl.read(records([listed], "b.jsonl"))])
    assert len(data.items) == 1
