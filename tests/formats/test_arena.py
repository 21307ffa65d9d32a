import json

import pytest

from tests.formats.reading import codes, labels, opened, parquet, records, table
from workbench.formats.readers import chatbot_arena, mt_bench


def talk(*words):
    return [{"role": ("user", "assistant")[i % 2], "content": w} for i, w in enumerate(words)]


def battle(winner, name="q1", **more):
    return {
        "question_id": name,
        "model_a": "m1",
        "model_b": "m2",
        "winner": winner,
        "judge": "arena_user_7Qd",
        "conversation_a": talk("hi", "yo"),
        "conversation_b": talk("hi", "hello"),
        "turn": 1,
        "anony": True,
        "language": "English",
        "tstamp": 1690000000.5,
        **more,
    }


def vote(kind, models=("", ""), name="c1", **more):
    state = {
        "offset": 1,
        "conv_id": name,
        "messages": [["USER", "example"], ["USER", "hi"], ["ASSISTANT", "yo"]],
        "model_name": "m1",
    }
    other = {
        **state,
        "conv_id": name + "b",
        "model_name": "m2",
        "messages": [["USER", "example"], ["USER", "hi"], ["ASSISTANT", "hello"]],
    }
    return {
        "tstamp": 1719000000.0,
        "type": kind,
        "models": list(models),
        "states": [state, other],
        "ip": "203.0.113.7",
        **more,
    }


def kaggle(won, **more):
    prompt, a, b = ["hi", "and?"], ["yo", "no"], ["hello", None]
    flags = {f"winner_{w}": int(w == won) for w in ("model_a", "model_b", "tie")}
    return {
        "id": 30192,
        "model_a": "m1",
        "model_b": "m2",
        "prompt": json.dumps(prompt),
        "response_a": json.dumps(a),
        "response_b": json.dumps(b),
        **flags,
        **more,
    }


def late(winner, **more):
    def parts(*words):
        return [
            {
                "role": ("user", "assistant")[i % 2],
                "content": [{"type": "text", "text": w, "image": None, "mimeType": None}],
            }
            for i, w in enumerate(words)
        ]

    return {
        "id": "e1",
        "model_a": "m1",
        "model_b": "m2",
        "winner": winner,
        "evaluation_session_id": "s1",
        "evaluation_order": 1,
        "conversation_a": parts("hi", "yo"),
        "conversation_b": parts("hi", "hello"),
        "conv_metadata": {"bold_count_a": {"**": 1}},
        "language": "en",
        "is_code": False,
        "timestamp": "2025-06-01 10:00:00",
        **more,
    }


@pytest.mark.parametrize(
    ("spelling", "expected"),
    [("model_a", "A"), ("model_b", "B"), ("tie", "="), ("tie (bothbad)", "="), ("Tie (BothBad)", "=")],
)
def test_winners_of_clean_battles(spelling, expected):
    data = opened(chatbot_arena, records([battle(spelling)]))
    assert labels(data) == [expected]
    assert ("both_bad" in data.annotations) == ("bad" in spelling.lower())


def test_all_three_spellings_of_both_bad_are_ties_that_say_so():
    for document in (records([battle("tie (bothbad)")]), records([late("both_bad")]), records([vote("bothbad_vote")])):
        data = opened(chatbot_arena, document)
        assert labels(data) == ["="]
        assert data.annotations["both_bad"].tolist() == [True]


@pytest.mark.parametrize("shape", [records, parquet])
def test_a_clean_battle_in_full(shape):
    data = opened(chatbot_arena, shape([battle("model_b"), battle("tie", "q2", judge="arena_user_x")]))
    assert data.item_texts().iloc[0].tolist() == ["hi", "yo", "hello"]
    assert data.items["item_id"].tolist() == ["q1", "q2"]
    assert data.items["group"].nunique() == 1, "both start with the same prompt"
    assert data.annotators["annotator"].tolist() == ["arena_user_7Qd", "arena_user_x"]
    assert data.annotations["shown_first"].tolist() == [0, 0]
    assert str(data.annotations["ended_at"].iloc[0]) == "2023-07-22 04:26:40.500000"


def test_further_turns_stay_with_their_side():
    row = battle(
        "model_a", conversation_a=talk("hi", "yo", "more", "ok"), conversation_b=talk("hi", "hello", "more", "no")
    )
    assert opened(chatbot_arena, records([row])).item_texts().iloc[0].tolist() == [
        "hi",
        "Assistant: yo\n\nUser: more\n\nAssistant: ok",
        "Assistant: hello\n\nUser: more\n\nAssistant: no",
    ]


def test_battles_without_conversations_do_not_melt_into_one_item_per_model_pair():
    row = {k: v for k, v in battle("model_a").items() if k not in ("conversation_a", "conversation_b", "question_id")}
    assert len(opened(chatbot_arena, records([row, {**row, "winner": "model_b", "tstamp": 1690000001}])).items) == 2


def test_the_vote_log_keeps_votes_and_counts_the_rest():
    rows = [
        vote("leftvote"),
        vote("rightvote", name="c2"),
        vote("tievote", name="c3"),
        vote("chat"),
        vote("upvote"),
        vote("leftvote", states=[]),
    ]
    data = opened(chatbot_arena, records(rows))
    assert labels(data) == ["A", "B", "="]
    assert sum(data.ledger.set_aside.values()) == 3
    assert data.ledger.rows_read == 6


def test_the_vote_log_hides_addresses_and_examples_nobody_saw():
    data = opened(chatbot_arena, records([vote("leftvote")]))
    assert data.annotators["annotator"].str.startswith("w-").all()
    assert "203" not in data.annotators["annotator"].iloc[0]
    assert data.item_texts().iloc[0].tolist() == ["hi", "yo", "hello"]
    assert "rater-is-an-address" in codes(data)


@pytest.mark.parametrize(
    "models",
    [
        ("", ""),
        ("### Model A: m1\n", "### Model B: m2\n"),
        ("<h3>Model A: m1</h3>\n", "<h3>Model B: m2</h3>\n"),
        ("m1", "m2"),
    ],
)
def test_models_of_the_vote_log(models):
    item = opened(chatbot_arena, records([vote("leftvote", models)])).items.iloc[0]
    assert (item["model_a"], item["model_b"]) == ("m1", "m2")
    assert item["slice.anony"] == str(models == ("", ""))


@pytest.mark.parametrize("shape", [records, table])
def test_the_55k_release_decodes_its_turns(shape):
    data = opened(chatbot_arena, shape([kaggle("model_b")]))
    assert labels(data) == ["B"]
    assert data.item_texts().iloc[0].tolist() == [
        "hi",
        "Assistant: yo\n\nUser: and?\n\nAssistant: no",
        "Assistant: hello\n\nUser: and?\n\nAssistant: ",
    ]


def test_half_characters_in_the_55k_release_do_not_stop_it():
    row = kaggle("tie", id=2, prompt='["hi \\ud83d"]', response_a='["a \\ude00"]', response_b='["b"]')
    assert opened(chatbot_arena, records([row])).item_texts().iloc[0].str.startswith(("hi", "a", "b")).all()


def test_rows_of_the_55k_release_without_one_outcome_are_missing_not_ties():
    data = opened(chatbot_arena, records([kaggle("tie"), kaggle(None, id=2), kaggle("model_a", id=3, winner_tie=1)]))
    assert labels(data) == ["=", None, None]
    assert "no-single-winner" in codes(data)


@pytest.mark.parametrize("shape", [records, parquet])
def test_the_140k_release(shape):
    data = opened(chatbot_arena, shape([late("model_a"), late("tie", id="e2", evaluation_order=2)]))
    assert labels(data) == ["A", "="]
    assert data.item_texts().iloc[0].tolist() == ["hi", "yo", "hello"]
    assert data.annotators["annotator"].tolist() == ["s1"]
    assert "rater-is-a-session" in codes(data)
    assert data.annotations["ended_at"].notna().all()


def test_images_show_as_such():
    picture = [
        {"role": "user", "content": [{"type": "text", "text": "What?"}, {"type": "image", "text": None, "image": "x"}]}
    ]
    row = late("tie", conversation_a=picture + talk("", "yo")[1:], conversation_b=picture + talk("", "no")[1:])
    assert opened(chatbot_arena, records([row])).item_texts()["prompt"].tolist() == ["What?\n[image]"]


def test_battles_and_mt_bench_are_told_apart():
    arena_row, expert_row = (
        battle("model_a"),
        {k: v for k, v in battle("model_a", judge="expert_3").items() if k not in ("anony", "tstamp", "language")},
    )
    assert chatbot_arena.recognise(records([arena_row])) > mt_bench.recognise(records([arena_row])) == 0
    assert mt_bench.recognise(records([expert_row])) > chatbot_arena.recognise(records([expert_row]))
