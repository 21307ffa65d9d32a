"""Sentences that name choices: words of Python, and what is kept in files."""

from __future__ import annotations

import json

import pytest

from workbench.errors import WorkbenchError
from workbench.findings import finding
from workbench.messages import Choice, Choices, Message, by, example, message, name_of, quoted

SAID = [
    (message("Name it ", by("mapping", {"item": "id"}), "."), "Name it with mapping={'item': 'id'}."),
    (
        message("Say it, ", example("spelling", {"0": "=", "1": "A"}), "."),
        "Say it, for example with spelling={'0': '=', '1': 'A'}.",
    ),
    (message("Give a larger ", name_of("budget"), "."), "Give a larger budget."),
    (message("Choose ", by("scale"), "."), "Choose with scale."),
    (message(quoted("mapping", "colour"), ": there is no such field."), "mapping={'colour'}: there is no such field."),
    (message("Plain."), "Plain."),
    (message(""), ""),
]


@pytest.mark.parametrize(("sentence", "said"), SAID, ids=[said for _, said in SAID])
def test_python_says_arguments(sentence: Message, said: str) -> None:
    assert str(sentence) == said
    assert bool(sentence) == bool(said)


@pytest.mark.parametrize("sentence", [sentence for sentence, _ in SAID])
def test_what_is_kept_is_the_same_sentence(sentence: Message) -> None:
    kept = json.loads(json.dumps(sentence.to_json()))
    assert str(Message.from_json(kept)) == str(sentence)
    assert Message.from_json(kept).choices == sentence.choices


def test_what_to_set_is_data() -> None:
    error = WorkbenchError("No label.", message("Name it ", by("mapping", {"label": "COLUMN"}), "."))
    assert error.told[1].choices == (Choice("mapping", "label", "COLUMN"),)
    assert str(error) == "No label. Name it with mapping={'label': 'COLUMN'}."


def test_a_finding_is_told_in_the_words_of_its_reader() -> None:
    def shout(piece: Choices) -> str:
        return piece.choices[0].name.upper()

    found = finding("warning", "x", "Odd.", message("Mind the ", name_of("scale"), "."))
    assert found.to_dict(shout)["remedy"] == "Mind the SCALE."
    assert found.to_dict()["remedy"] == "Mind the scale."
