import pytest

from tests.formats.reading import chosen_texts, codes, labels, opened, parquet, records, table
from workbench.errors import WorkbenchError
from workbench.formats.readers import trl


def message(role, content):
    return {"role": role, "content": content}


EXPLICIT = [
    {"prompt": f"Capital of country {i}?", "chosen": f" City {i}.", "rejected": f" Village {i}."} for i in range(400)
]
CONVERSATION = [
    {
        "prompt": [message("user", "Capital of Peru?")],
        "chosen": [message("assistant", "Lima.")],
        "rejected": [message("assistant", "Cusco.")],
    }
]


def test_the_side_does_not_give_the_label_away():
    data = opened(trl, records(EXPLICIT))
    assert chosen_texts(data) == [row["chosen"] for row in EXPLICIT]
    share = labels(data).count("A") / len(EXPLICIT)
    assert 0.42 < share < 0.58, "each side should win about half of the time (three standard errors)"
    assert "sides-assigned" in codes(data)
    assert (data.annotations["shown_first"] == -1).all()


def test_sides_are_the_same_in_every_run_and_whoever_won():
    data = opened(trl, records(EXPLICIT[:20]))
    turned = opened(
        trl, records([{**row, "chosen": row["rejected"], "rejected": row["chosen"]} for row in EXPLICIT[:20]])
    )
    assert data.item_texts().equals(turned.item_texts())
    assert [{"A": "B", "B": "A"}[x] for x in labels(data)] == labels(turned)


def test_both_choices_of_one_pair_are_two_judgements_of_one_item():
    row = EXPLICIT[0]
    data = opened(trl, records([row, {**row, "chosen": row["rejected"], "rejected": row["chosen"]}]))
    assert len(data.items) == 1
    assert sorted(labels(data)) == ["A", "B"]
    assert "anonymous-annotators" in codes(data)


@pytest.mark.parametrize("shape", [records, parquet, table])
def test_explicit_conversational(shape):
    data = opened(trl, shape(CONVERSATION))
    assert data.item_texts()["prompt"].tolist() == ["Capital of Peru?"]
    assert chosen_texts(data) == ["Lima."]


@pytest.mark.parametrize("shape", [records, parquet, table])
def test_implicit_conversational_takes_the_common_messages_for_the_prompt(shape):
    start = [message("system", "Be brief."), message("user", "Capital of Peru?")]
    data = opened(
        trl,
        shape(
            [{"chosen": [*start, message("assistant", "Lima.")], "rejected": [*start, message("assistant", "Cusco.")]}]
        ),
    )
    assert data.item_texts()["prompt"].tolist() == ["System: Be brief.\n\nUser: Capital of Peru?"]
    assert chosen_texts(data) == ["Lima."]


def test_one_pair_in_two_shapes_is_one_item():
    implicit = {
        "chosen": [message("user", "Capital of Peru?"), message("assistant", "Lima.")],
        "rejected": [message("user", "Capital of Peru?"), message("assistant", "Cusco.")],
    }
    plain = {"prompt": "Capital of Peru?", "chosen": "Lima.", "rejected": "Cusco."}
    assert len(opened(trl, records([*CONVERSATION, implicit, plain])).items) == 1


def test_implicit_standard_cuts_the_common_beginning_back_to_whole_words():
    data = opened(trl, records([{"chosen": "Q: Capital? A: Lima", "rejected": "Q: Capital? A: Limerick"}]))
    texts = data.item_texts().iloc[0]
    assert texts["prompt"] == "Q: Capital? A:"
    assert {texts["response_a"], texts["response_b"]} == {"Lima", "Limerick"}
    assert "prompt-from-texts" in codes(data)


def test_a_prompt_repeated_in_the_responses_is_taken_off():
    data = opened(
        trl, records([{"prompt": "Q: Capital?", "chosen": "Q: Capital? Lima", "rejected": "Q: Capital? Cusco"}])
    )
    assert chosen_texts(data) == [" Lima"]


def test_binarised_ultrafeedback_is_one_ai_annotator_and_groups_by_prompt():
    both = [message("user", "Hi"), message("assistant", "Hello")]
    row = {
        "prompt": "Hi",
        "prompt_id": "p9",
        "chosen": both,
        "rejected": [message("user", "Hi"), message("assistant", "What")],
        "messages": both,
        "score_chosen": 8.5,
        "score_rejected": 8.5,
    }
    data = opened(trl, parquet([row]))
    assert data.annotators.to_dict("records") == [{"annotator": "gpt-4", "kind": "ai"}]
    assert data.items["group"].tolist() == ["p9"]
    assert chosen_texts(data) == ["Hello"], "equal scores do not change who was chosen"
    assert {"one-ai-annotator", "chosen-not-above"} <= codes(data)


def test_margin_and_scores_do_not_depend_on_the_side():
    rows = [{**EXPLICIT[0], "margin": 1.5}, {**EXPLICIT[1], "score_chosen": "4", "score_rejected": 1}, EXPLICIT[2]]
    margins = opened(trl, records(rows)).annotations["dim.margin"]
    assert margins.tolist()[:2] == [1.5, 3.0]
    assert margins.isna().tolist() == [False, False, True]


def test_other_names_for_the_prompt():
    rows = [
        {"system": "Be brief.", "question": "Peru?", "chosen": "Lima", "rejected": "Cusco"},
        {"instruction": "Capital of", "input": "Peru", "chosen": "Lima", "rejected": "Quito"},
    ]
    assert opened(trl, records(rows)).item_texts()["prompt"].tolist() == ["Be brief.\n\nPeru?", "Capital of\n\nPeru"]


def test_models_follow_their_response():
    data = opened(
        trl,
        records([{**row, "chosen_model": "good", "rejected_model": "poor", "subset": "chat"} for row in EXPLICIT[:20]]),
    )
    winner = [data.items[f"model_{label.lower()}"].iloc[i] for i, label in enumerate(labels(data))]
    assert set(winner) == {"good"}
    assert data.slices == ["slice.subset"]


def test_identical_responses_are_set_aside():
    data = opened(
        trl,
        records(
            [EXPLICIT[0], {"prompt": "p", "chosen": "same", "rejected": "same"}, {"chosen": "x y", "rejected": "x y"}]
        ),
    )
    assert data.ledger.set_aside == {"identical responses": 2}


def test_rows_without_a_pair_are_counted():
    data = opened(
        trl,
        records(
            [
                EXPLICIT[0],
                {"prompt": "p", "chosen": None, "rejected": "x"},
                {"prompt": "p", "chosen": {"a": 1}, "rejected": [3]},
            ]
        ),
    )
    assert data.ledger.set_aside == {"no text in chosen or rejected": 2}
    assert data.ledger.rows_read == 3


@pytest.mark.parametrize(
    ("row", "what"),
    [
        ({"prompt": "p", "completion": "c", "label": True}, "KTO"),
        ({"prompt": [message("user", "p")], "completion": [message("assistant", "c")], "label": False}, "KTO"),
        ({"prompt": "p", "completions": ["a", "b"], "labels": [True, False]}, "stepwise"),
    ],
)
def test_rows_that_hold_no_pairs_are_refused(row, what):
    document = records([row])
    assert trl.recognise(document) > 0
    with pytest.raises(WorkbenchError, match=what):
        trl.read(document)


@pytest.mark.parametrize(
    "row",
    [
        {"prompt": "p", "chosen": 3},
        {"prompt": "p", "completion": "c", "label": "spam"},
        {"chosen": None, "rejected": None},
    ],
)
def test_what_looks_alike_is_not_recognised(row):
    assert trl.recognise(records([row])) == 0
