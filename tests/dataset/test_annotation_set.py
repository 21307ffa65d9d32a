"""The annotation set: immutable, with a ledger, codes computed once, a key of its content."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, replace

import numpy as np
import pandas as pd
import pytest

from workbench.dataset.annotation_set import AnnotationSet
from workbench.dataset.assembly import Export, assemble
from workbench.dataset.scales import NULL, TERNARY
from workbench.errors import WorkbenchError
from workbench.findings import finding

ITEMS = pd.DataFrame(
    {
        "item_id": ["x", "y", "z"],
        "prompt": ["p", "p", "q"],
        "response_a": ["one", "two", "three words here"],
        "response_b": ["b", "c", ""],
        "slice.language": ["en", "de", "en"],
    }
)
ROWS = pd.DataFrame(
    {
        "item_row": [1, 0, 0, 1, 0],
        "annotator": ["ann", "ann", "bob", "bob", "ann"],
        "label": ["A", "B", "=", None, "A"],
        "shown_first": ["a", "b", None, "a", "b"],
        "seconds": [1.5, 2.0, None, 4.0, 5.0],
        "reason": ["r", None, None, None, None],
    }
)


@pytest.fixture
def data() -> AnnotationSet:
    return assemble([Export(items=ITEMS, rows=ROWS, source="made.json", format="made", scale=TERNARY)])


def test_codes_are_first_judgements_sorted_by_item(data: AnnotationSet) -> None:
    codes = data.codes
    assert codes.item.tolist() == [0, 0, 1]
    assert codes.annotator.tolist() == [0, 1, 0]
    assert codes.label.tolist() == [2, 1, 0]
    assert codes.row.tolist() == [1, 2, 0]
    assert codes.starts.tolist() == [0, 2, 3, 3]
    assert (codes.n_items, codes.n_annotators, codes.n_labels, len(codes)) == (3, 2, 3, 3)


def test_rows_read_in_words(data: AnnotationSet) -> None:
    rows = data.rows(np.array([1, 3]))
    assert rows["item_id"].tolist() == ["x", "y"]
    assert rows["label"].iloc[0] == "B"
    assert rows["label"].isna().tolist() == [False, True]
    assert rows["shown_first"].tolist() == ["B", "A"]
    assert rows["seconds"].tolist() == [2.0, 4.0]


def test_items_carry_words_and_slices_but_no_texts(data: AnnotationSet) -> None:
    assert data.slices == ["slice.language"]
    assert data.items[["words_prompt", "words_a", "words_b"]].values.tolist() == [[1, 1, 1], [1, 1, 1], [1, 3, 0]]
    assert not {"prompt", "response_a", "response_b"} & set(data.items)
    assert data.item_texts(np.array([2, 0]))["response_a"].tolist() == ["three words here", "one"]
    assert data.without_texts().item_texts(np.array([0])).isna().all(axis=None)


def test_filters_keep_items_and_say_why(data: AnnotationSet) -> None:
    fewer = data.keep_annotations(data.annotations["annotator"].to_numpy() == 0, "annotator bob set aside")
    assert (len(fewer.annotations), len(fewer.items), len(fewer.annotators)) == (3, 3, 2)
    assert fewer.ledger.set_aside == {"annotator bob set aside": 2}
    assert fewer.ledger.steps == (("annotator bob set aside", 2),)
    assert len(data.annotations) == 5
    again = fewer.keep_annotations(np.array([True, False, True]), "annotator bob set aside")
    assert again.ledger.set_aside == {"annotator bob set aside": 3}
    with pytest.raises(ValueError, match="shape"):
        data.keep_annotations(np.array([True]), "wrong")


def test_it_cannot_be_changed(data: AnnotationSet) -> None:
    with pytest.raises(FrozenInstanceError):
        data.format = "other"  # type: ignore[misc]
    noted = data.with_findings(finding("info", "x", "y"))
    assert (len(noted.findings), noted.key) == (len(data.findings) + 1, data.key)


@pytest.mark.parametrize(
    "change",
    [
        lambda i, r: (i, r.assign(label=["B", *r["label"][1:]])),
        lambda i, r: (i, r.assign(annotator=["eve", *r["annotator"][1:]])),
        lambda i, r: (i, r.assign(seconds=[1.6, *r["seconds"][1:]])),
        lambda i, r: (i, r.assign(shown_first=["b", *r["shown_first"][1:]])),
        lambda i, r: (i, r.assign(reason=["R", *r["reason"][1:]])),
        lambda i, r: (i, r.assign(ended_at=[np.datetime64("2026-01-01", "ms")] + [np.datetime64("NaT", "ms")] * 4)),
        lambda i, r: (i, r.assign(annotator_kind=["ai"] * 5)),
        lambda i, r: (i.assign(prompt=["P", "p", "q"]), r),
        lambda i, r: (i.assign(response_b=["b", "c", None]), r),
        lambda i, r: (i.assign(item_id=["x", "y", "w"]), r),
        lambda i, r: (i.assign(gold=["A", None, None]), r),
        lambda i, r: (i.assign(**{"slice.language": ["en", "de", "fr"]}), r),
        lambda i, r: (i.assign(model_a="m"), r),
    ],
)
def test_the_key_changes_with_the_content(data: AnnotationSet, change) -> None:  # type: ignore[no-untyped-def]
    items, rows = change(ITEMS, ROWS)
    assert assemble([Export(items=items, rows=rows, source="made.json", format="made", scale=TERNARY)]).key != data.key


def test_the_key_does_not_change_with_how_things_are_held(data: AnnotationSet) -> None:
    items = ITEMS.assign(item_id=ITEMS["item_id"].astype("category"), prompt=ITEMS["prompt"].astype("str"))
    rows = ROWS.assign(annotator=ROWS["annotator"].astype("category"), label=ROWS["label"].astype("category"))
    assert (
        assemble([Export(items=items, rows=rows, source="elsewhere.csv", format="other", scale=TERNARY)]).key
        == data.key
    )
    assert replace(data, sources=("z",)).key == data.key


def test_items_are_found_by_id(data: AnnotationSet) -> None:
    assert data.item_position("z") == 2
    with pytest.raises(WorkbenchError, match="no item 'q'"):
        data.item_position("q")


def test_items_of_one_group_or_one_prompt_are_one_cluster(data: AnnotationSet) -> None:
    assert data.items["prompt_key"].nunique() == 2  # two of the three items share a prompt
    assert data.group_codes is not None
    assert data.group_codes.tolist() == [0, 0, 1]
    # The prompt binds within a mapped group, too: all three are tied together.
    grouped = assemble(
        [
            Export(
                items=ITEMS.assign(group=["g", None, "g"]), rows=ROWS, source="made.json", format="made", scale=TERNARY
            )
        ]
    )
    assert grouped.group_codes is not None
    assert grouped.group_codes.tolist() == [0, 0, 0]


def test_one_prompt_for_all_is_an_instruction_and_ties_nothing() -> None:
    told = assemble(
        [
            Export(
                items=ITEMS.assign(prompt="Which is better?"),
                rows=ROWS,
                source="made.json",
                format="made",
                scale=TERNARY,
            )
        ]
    )
    assert told.group_codes is None


def test_parts_that_do_not_fit_are_refused(data: AnnotationSet) -> None:
    with pytest.raises(ValueError, match="same length"):
        replace(data, gold=np.array([NULL]))
