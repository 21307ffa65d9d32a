"""Which column is what, by names and by values."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from workbench.errors import WorkbenchError
from workbench.formats import load, recognise_format
from workbench.formats.files.document import Document
from workbench.formats.tables.column_guessing import Guess, guess_columns


def guess(**columns: list[Any]) -> Guess:
    return guess_columns(
        Document(
            name="file.csv",
            shape="table",
            content=pd.DataFrame({k: pd.Series(v).map(str, na_action="ignore") for k, v in columns.items()}),
            extension="csv",
        )
    )


def flat(found: Guess) -> dict[str, str]:
    return {f: "+".join(c) for f, c in found.mapping.items()}


def test_a_vendors_table() -> None:
    found = guess(
        task_id=[1, 1, 2, 2],
        prompt=["p", "p", "q", "q"],
        response_a=list("xxuu"),
        response_b=list("yyvv"),
        left_model=list("mmmm"),
        right_model=list("nnnn"),
        rater=["ann", "bob", "ann", "bob"],
        preferred=["A", "B", "A", "tie"],
        time_spent=[3, 4, 5, 6],
        submitted_at=["2026-03-02T09:14:05Z"] * 4,
        gold_label=["A", "A", "A", "A"],
        confidence=[1, 2, 3, 4],
        comment=["a", "b", "c", "d"],
    )
    assert flat(found) == {
        "item": "task_id",
        "prompt": "prompt",
        "response_a": "response_a",
        "response_b": "response_b",
        "model_a": "left_model",
        "model_b": "right_model",
        "annotator": "rater",
        "label": "preferred",
        "seconds": "time_spent",
        "ended_at": "submitted_at",
        "gold": "gold_label",
        "confidence": "confidence",
        "reason": "comment",
    }
    assert found.confident


def test_camel_case_and_namespaces() -> None:
    found = guess(
        **{
            "Input.item_id": [1, 1, 2, 2],
            "WorkerId": list("abab"),
            "Answer.choice": list("ABAB"),
            "WorkTimeInSeconds": [1, 2, 3, 4],
        }
    )
    assert {
        "item": "Input.item_id",
        "annotator": "WorkerId",
        "label": "Answer.choice",
        "seconds": "WorkTimeInSeconds",
    }.items() <= flat(found).items()


def test_an_id_that_never_repeats_is_that_of_the_judgement() -> None:
    found = guess(id=[1, 2, 3, 4], pair_id=[7, 7, 8, 8], annotator=list("abab"), label=list("ABBA"))
    assert flat(found)["item"] == "pair_id"


@pytest.mark.parametrize(
    ("column", "values", "field"),
    [
        (
            "label",
            [
                f"a long text number {i} that nobody would give as a label, because it is far too long to be one"
                for i in range(30)
            ],
            "label",
        ),
        ("seconds", ["soon", "later"] * 15, "seconds"),
        ("created_at", ["x", "y"] * 15, "ended_at"),
        ("annotator", [f"unique {i}" for i in range(30)], "annotator"),
    ],
)
def test_values_speak_against_a_name(column: str, values: list[str], field: str) -> None:
    assert field not in guess(**{"item_no": list(range(30)), column: values}).mapping


def test_one_response_alone_is_not_a_pair() -> None:
    assert (
        "response_a" not in guess(item_id=[1, 2], response_a=["x", "y"], choice=["A", "B"], notes=["n", "m"]).mapping
        or guess(item_id=[1], response_a=["x"]).holds_texts
    )


def test_a_wide_table_is_seen() -> None:
    found = guess(
        item_id=[1, 2], response_a=["x", "y"], response_b=["u", "v"], annotator_1=["A", "B"], annotator_2=["B", "B"]
    )
    assert found.mapping["label"] == ["annotator_1", "annotator_2"]
    assert found.confident


def test_a_file_of_texts_is_seen() -> None:
    assert guess(item_id=[1, 2], prompt=["p", "q"], response_a=["x", "y"], response_b=["u", "v"]).holds_texts


def test_the_workbenchs_own_names_are_taken_at_their_word() -> None:
    found = guess(
        item_id=[1, 2],
        annotator=["ann", "ann"],
        label=["left", "right"],
        **{"slice.language": ["en", "de"], "dim.helpful": ["A", "B"], "winner": ["x", "y"]},
    )
    assert flat(found) == {
        "item": "item_id",
        "annotator": "annotator",
        "label": "label",
        "slice.language": "slice.language",
        "dim.helpful": "dim.helpful",
    }
    assert found.rest == ("winner",)


def test_what_was_guessed_is_said(tmp_path: Path) -> None:
    path = tmp_path / "votes.csv"
    path.write_text("thing,worker,colour,extra\n1,ann,x,q\n1,bob,y,q\n2,ann,z,q\n")
    with pytest.raises(
        WorkbenchError,
        match=r"not known what its columns hold.*The columns are thing, worker, colour, extra.*'annotator': 'worker'",
    ):
        load(path)
    path.write_text("task,worker,winner,extra\n1,ann,left,q\n1,bob,right,q\n2,ann,left,q\n")
    note = next(f for f in load(path).findings if f.code == "columns-guessed")
    assert "item is task," in note.message
    assert recognise_format(path)[-1][0] == "columns"


def test_guesses_on_real_tables(real_data: Path) -> None:
    from workbench.formats.files.opening import open_document

    found = guess_columns(open_document(real_data / "snow2008" / "wsd.standardized.csv"))
    assert {"item": "orig_id", "annotator": "!amt_worker_ids", "label": "response", "gold": "gold"}.items() <= flat(
        found
    ).items()
