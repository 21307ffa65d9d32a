"""From what readers find to one annotation set: orientation, duplicates, repeats, skips, gold, the ledger, several
files."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.dataset.annotation_set import AnnotationSet
from workbench.dataset.assembly import Export, assemble
from workbench.dataset.numeric_labels import Unclear
from workbench.dataset.scales import BINARY, FIVE, NULL, TERNARY, categories
from workbench.errors import WorkbenchError

TEXTS = {"1": ("Name a prime", "9", "11"), "2": ("Name a colour", "red", "up"), "3": ("Name a city", "Lima", "blue")}


def export(*rows: dict[str, Any], name: str = "file.json", **options: Any) -> Export:
    """Rows with `item`, `turned` (shown the other way round) and the columns of `Export.rows`, each a presentation of
    its own."""
    items = []
    for row in rows:
        prompt, a, b = TEXTS[row["item"]]
        a, b = (b, a) if row.pop("turned", False) else (a, b)
        items.append(
            {
                "item_id": row.pop("item"),
                "prompt": prompt,
                "response_a": a,
                "response_b": b,
                "gold": row.pop("gold", None),
            }
        )
    return Export(
        items=pd.DataFrame(items), rows=pd.DataFrame(rows), source=name, format="made", **{"scale": TERNARY, **options}
    )


def at(minute: int) -> np.datetime64:
    return np.datetime64("2026-03-02T09:00") + np.timedelta64(minute, "m")


def said(data: AnnotationSet) -> list[tuple[str, str, str | None]]:
    """Item, annotator, label of each judgement, in words."""
    rows = data.rows()
    return [
        (i, a, label if isinstance(label, str) else None)
        for i, a, label in zip(rows["item_id"], rows["annotator"], rows["label"], strict=True)
    ]


def codes(data: AnnotationSet) -> list[str]:
    return [f.code for f in data.findings if f.code != "labels-read"]


def test_labels_turn_with_their_presentation() -> None:
    data = assemble(
        [
            export(
                {"item": "1", "annotator": "ann", "label": "A", "shown_first": "a"},
                {"item": "1", "annotator": "bob", "label": "A", "shown_first": "a", "turned": True},
                {"item": "1", "annotator": "eve", "label": "=", "shown_first": "b", "turned": True},
            )
        ]
    )
    assert said(data) == [("1", "ann", "A"), ("1", "bob", "B"), ("1", "eve", "=")]
    assert data.annotations["shown_first"].tolist() == [0, 1, 0]
    assert data.item_texts().iloc[0].tolist() == ["Name a prime", "9", "11"]


def test_strength_turns_too_and_categories_do_not() -> None:
    row = {"item": "1", "annotator": "ann", "label": "A>>"}
    turned = {"item": "1", "annotator": "bob", "label": "A>>", "turned": True}
    assert [label for *_, label in said(assemble([export(row, turned, scale=FIVE)]))] == ["A>>", "B>>"]
    kinds = [
        {"item": "1", "annotator": "ann", "label": "x"},
        {"item": "1", "annotator": "bob", "label": "x", "turned": True},
        {"item": "2", "annotator": "bob", "label": "y"},
    ]
    assert [label for *_, label in said(assemble([export(*kinds, scale=None, sides=False)]))] == ["x", "x", "y"]


def test_the_first_judgement_counts_and_later_ones_are_repeats_in_time_order() -> None:
    data = assemble(
        [
            export(
                {"item": "1", "annotator": "ann", "label": "B", "ended_at": at(9)},
                {"item": "1", "annotator": "ann", "label": "A", "ended_at": at(1)},
                {"item": "1", "annotator": "ann", "label": "=", "ended_at": at(5)},
                {"item": "1", "annotator": "bob", "label": "B", "ended_at": at(2)},
            )
        ]
    )
    assert data.annotations["repeat"].tolist() == [2, 0, 1, 0]
    assert (data.codes.label.tolist(), data.codes.row.tolist()) == ([0, 2], [1, 3])


def test_a_skip_is_no_first_judgement() -> None:
    data = assemble(
        [
            export(
                {"item": "1", "annotator": "ann", "label": None, "ended_at": at(1)},
                {"item": "1", "annotator": "ann", "label": "A", "ended_at": at(2)},
            )
        ]
    )
    assert data.annotations["repeat"].tolist() == [-1, 0]
    assert codes(data) == ["skips"]


@pytest.mark.parametrize(
    ("second", "kept", "code"),
    [
        ({"annotation_id": "31", "label": "A", "ended_at": at(1)}, 1, "duplicate-rows"),  # the same annotation again
        (
            {"annotation_id": "31", "label": "B", "ended_at": at(2)},
            1,
            "duplicate-rows",
        ),  # the same id, edited: the first stands
        (
            {"annotation_id": "32", "label": "A", "ended_at": at(1)},
            1,
            "duplicate-rows",
        ),  # the same label in the same instant
        ({"annotation_id": "32", "label": "A", "ended_at": at(2)}, 2, None),  # judged again
        ({"annotation_id": "32", "label": "B", "ended_at": at(1)}, 2, None),
    ],
)
def test_copies_count_once_and_repeats_stay(second: dict[str, Any], kept: int, code: str | None) -> None:
    first = {"item": "1", "annotator": "ann", "label": "A", "ended_at": at(1), "annotation_id": "31"}
    data = assemble([export(first, {"item": "1", "annotator": "ann", **second})])
    assert len(data.annotations) == kept
    assert codes(data) == ([code] if code else [])
    assert data.ledger.rows_read == 2 == len(data.annotations) + sum(data.ledger.set_aside.values())


def test_copies_without_time_or_id_count_as_repeats_and_are_said() -> None:
    row = {"item": "1", "annotator": "ann", "label": "A"}
    data = assemble([export(dict(row), dict(row), {**row, "label": "B"})])
    assert data.annotations["repeat"].tolist() == [0, 1, 2]
    assert codes(data) == ["unmarked-repeats"]
    assert data.findings[-1].rows == ("file.json:1",)


def test_a_duplicate_in_the_other_order_is_a_duplicate() -> None:
    row = {"item": "1", "annotator": "ann", "ended_at": at(1)}
    data = assemble([export({**row, "label": "A"}, {**row, "label": "B", "turned": True})])
    assert (len(data.annotations), codes(data)) == (1, ["duplicate-rows"])


def test_identical_responses_are_set_aside_unless_kept() -> None:
    items = pd.DataFrame({"item_id": ["1", "2"], "response_a": ["x", "x"], "response_b": ["x", "y"]})
    rows = pd.DataFrame({"annotator": ["ann", "ann"], "label": ["A", "A"]})
    made = Export(items=items, rows=rows, source="file.json", format="made", scale=BINARY)
    data = assemble([made])
    assert (said(data), dict(data.ledger.set_aside), codes(data)) == (
        [("2", "ann", "A")],
        {"identical responses": 1},
        ["identical-responses"],
    )
    assert len(assemble([made], keep_identical=True).annotations) == 2
    with pytest.raises(WorkbenchError, match="all 1 rows were set aside"):
        assemble([Export(items=items.iloc[:1], rows=rows.iloc[:1], source="file.json", format="made", scale=BINARY)])


def test_annotators_without_ids_are_slots_of_their_item() -> None:
    data = assemble(
        [
            export(
                *(
                    {"item": i, "annotator": None, "label": label}
                    for i, label in [("1", "A"), ("1", "B"), ("2", "A"), ("1", "=")]
                )
            )
        ]
    )
    assert [a for _, a, _ in said(data)] == ["slot 1", "slot 2", "slot 1", "slot 3"]
    assert codes(data) == ["anonymous-annotators"]
    assert data.annotations["repeat"].tolist() == [0, 0, 0, 0]


def test_hashed_annotators_keep_their_judgements_and_their_kinds() -> None:
    made = export(
        {"item": "1", "annotator": "eve@example.org", "label": "A", "annotator_kind": "expert"},
        {"item": "1", "annotator": "bob", "label": "B", "annotator_kind": None},
    )
    plain, hashed = assemble([made]), assemble([made], hash_annotators=True)
    assert hashed.annotators["annotator"].str.match(r"w-[0-9a-f]{12}$").all()
    assert plain.annotators["kind"].tolist() == hashed.annotators["kind"].tolist() == ["expert", "human"]
    assert plain.annotations.equals(hashed.annotations)


# Gold


def test_gold_turns_with_its_presentation() -> None:
    data = assemble(
        [
            export(
                {"item": "1", "annotator": "ann", "label": "A", "gold": "A"},
                {"item": "2", "annotator": "ann", "label": "A"},
                {"item": "1", "annotator": "bob", "label": "B", "gold": "B", "turned": True},
            )
        ]
    )
    assert (data.gold.tolist(), codes(data)) == ([0, NULL], [])


def test_gold_that_contradicts_itself_is_not_used() -> None:
    data = assemble(
        [
            export(
                {"item": "1", "annotator": "ann", "label": "A", "gold": "A"},
                {"item": "1", "annotator": "bob", "label": "B", "gold": "B"},
                {"item": "2", "annotator": "ann", "label": "B", "gold": "="},
            )
        ]
    )
    assert (data.gold.tolist(), codes(data)) == ([NULL, 1], ["gold-contradicts-itself"])


def test_a_gold_file_adds_gold_and_nothing_else() -> None:
    made = export({"item": "1", "annotator": "ann", "label": "A"}, {"item": "2", "annotator": "ann", "label": "B"})
    gold = Export(
        items=pd.DataFrame({"item_id": ["2", "9"], "gold": ["B", "A"]}),
        rows=pd.DataFrame({"label": []}),
        source="gold.csv",
        format="columns",
        scale=TERNARY,
        gold_only=True,
    )
    data = assemble([made, gold])
    assert (said(data), data.gold.tolist(), len(data.items)) == ([("1", "ann", "A"), ("2", "ann", "B")], [NULL, 2], 2)
    assert codes(data) == ["gold-for-unknown-items"]
    assert data.ledger.rows_read == 2


# Several files


def test_scales_of_several_files_meet_on_the_smallest_that_holds_both() -> None:
    one, two = (
        export({"item": "1", "annotator": "ann", "label": "B"}, scale=BINARY, name="one"),
        export({"item": "1", "annotator": "bob", "label": "="}, scale=TERNARY, name="two"),
    )
    assert said(assemble([one, two])) == [("1", "ann", "B"), ("1", "bob", "=")]
    kinds = export({"item": "1", "annotator": "bob", "label": "good"}, scale=categories(["good", "bad"]), name="kinds")
    with pytest.raises(WorkbenchError, match="kinds: the labels are categories"):
        assemble([one, kinds])


def test_files_with_and_without_content_merge_on_ids() -> None:
    judge = Export(
        items=pd.DataFrame({"item_id": ["2", "1"]}),
        rows=pd.DataFrame({"annotator": "judge:x", "annotator_kind": "ai", "label": ["A", "B"]}),
        source="judge.json",
        format="made",
        scale=TERNARY,
    )
    data = assemble(
        [
            export({"item": "1", "annotator": "ann", "label": "A"}, {"item": "2", "annotator": "ann", "label": "A"}),
            judge,
        ]
    )
    assert said(data) == [("1", "ann", "A"), ("2", "ann", "A"), ("2", "judge:x", "A"), ("1", "judge:x", "B")]
    assert data.annotations["source"].tolist() == ["file.json", "file.json", "judge.json", "judge.json"]
    assert data.annotators["kind"].tolist() == ["human", "ai"]


def test_the_same_judgement_in_two_exports_counts_once() -> None:
    row = {"item": "1", "annotator": "ann", "label": "A", "annotation_id": "31", "ended_at": at(1)}
    data = assemble([export(dict(row), name="monday.json"), export(dict(row), name="tuesday.json")])
    assert (len(data.annotations), data.ledger.rows_read, dict(data.ledger.set_aside)) == (1, 2, {"duplicate rows": 1})


def test_nothing_at_all_is_an_error() -> None:
    with pytest.raises(WorkbenchError, match="0 rows"):
        assemble(
            [
                Export(
                    items=pd.DataFrame({"item_id": []}),
                    rows=pd.DataFrame({"label": []}),
                    source="empty.json",
                    format="made",
                )
            ]
        )


# Whatever the data


ROWS = st.lists(
    st.tuples(
        st.sampled_from("123"),
        st.sampled_from(["ann", "bob", "eve"]),
        st.sampled_from(["A", "=", "B", None, "junk"]),
        st.booleans(),
        st.sampled_from([None, 0, 1]),
    ),
    min_size=1,
    max_size=14,
).filter(lambda rows: sum(label == "junk" for _, _, label, _, _ in rows) < 3)
"""Rows with no more words that are no labels than may be slips: more are asked about."""


def made(rows: list[tuple[str, str, str | None, bool, int | None]], name: str = "file.json") -> Export:
    return export(
        *(
            {
                "item": i,
                "annotator": a,
                "label": label,
                "turned": t,
                "ended_at": at(m) if m is not None else np.datetime64("NaT"),
            }
            for i, a, label, t, m in rows
        ),
        name=name,
    )


@given(ROWS)
@settings(max_examples=60, deadline=None)
def test_every_row_is_used_or_accounted_for(rows: list[tuple[str, str, str | None, bool, int | None]]) -> None:
    data = assemble([made(rows)])
    assert data.ledger.rows_read == len(rows) == len(data.annotations) + sum(data.ledger.set_aside.values())
    firsts = data.annotations[data.annotations["repeat"] == 0]
    assert not firsts.duplicated(["item", "annotator"]).any()
    assert len(firsts) == len(data.codes) == len({(i, a) for i, a, label, _, _ in rows if label in ("A", "=", "B")})


@given(ROWS, st.data())
@settings(max_examples=60, deadline=None)
def test_turning_any_presentation_and_its_label_changes_nothing(
    rows: list[tuple[str, str, str | None, bool, int | None]], data: st.DataObject
) -> None:
    turn = data.draw(st.lists(st.booleans(), min_size=len(rows), max_size=len(rows)))
    firsts = {i: k for k, (i, *_) in reversed(list(enumerate(rows)))}
    turn = [t and k not in firsts.values() for k, t in enumerate(turn)]
    mirror = {"A": "B", "B": "A"}
    other = [
        (i, a, mirror.get(label or "", label) if t else label, shown ^ t, m)
        for (i, a, label, shown, m), t in zip(rows, turn, strict=True)
    ]
    assert assemble([made(rows)]).key == assemble([made(other)]).key


@given(
    st.permutations(
        [
            (i, a, label, False, None)
            for i, a, label in [
                ("1", "ann", "A"),
                ("1", "bob", "B"),
                ("1", "eve", "="),
                ("2", "ann", "B"),
                ("2", "bob", "B"),
                ("3", "eve", None),
            ]
        ]
    )
)
@settings(max_examples=40, deadline=None)
def test_the_order_of_rows_changes_no_count(rows: list[tuple[str, str, str | None, bool, int | None]]) -> None:
    data = assemble([made(rows)])
    counted = {
        name: np.bincount(data.codes.label[data.codes.starts[i] : data.codes.starts[i + 1]], minlength=3).tolist()
        for i, name in enumerate(data.items["item_id"])
    }
    assert counted == {"1": [1, 1, 1], "2": [0, 0, 2], "3": [0, 0, 0]}


@given(ROWS, st.integers(0, 14))
@settings(max_examples=40, deadline=None)
def test_the_key_does_not_depend_on_files_and_names(
    rows: list[tuple[str, str, str | None, bool, int | None]], cut: int
) -> None:
    assert assemble([made(rows)]).key == assemble([made(rows, "other.csv")]).key
    if 0 < cut < len(rows):
        parts = [made(rows[:cut], "a"), made(rows[cut:], "b")]
        together, apart = assemble([made(rows)]), assemble(parts)
        assert sorted(map(str, said(together))) == sorted(map(str, said(apart)))
        assert together.key == apart.key


def test_numbers_mean_the_same_in_every_file_of_a_kind() -> None:
    full = export(
        *({"item": "1", "annotator": f"w{n}", "label": n} for n in range(1, 6)), scale=None, name="monday.csv"
    )
    few = export(
        {"item": "2", "annotator": "ann", "label": 1},
        {"item": "3", "annotator": "ann", "label": 2},
        scale=None,
        name="tuesday.csv",
    )
    with pytest.raises(Unclear, match=r"1 is the strongest for B, 5 for A: A>> 1, A> 1, = 1, B> 2, B>> 2"):
        assemble([full, few])
    legend = "1 = A much better, 5 = B much better"
    data = assemble([replace(each, label_name=legend) for each in (full, few)])
    assert said(data)[5:] == [("2", "ann", "A>>"), ("3", "ann", "A>")]


def test_gold_off_the_scale_is_said() -> None:
    data = assemble(
        [
            export(
                {"item": "1", "annotator": "ann", "label": "A", "gold": "banana"},
                {"item": "2", "annotator": "ann", "label": "B", "gold": "B"},
            )
        ]
    )
    assert (data.gold.tolist(), codes(data)) == ([NULL, 2], ["unreadable-gold"])
