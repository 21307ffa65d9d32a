"""Which presentations are the same item: ids, content, both orders, several files."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.dataset.item_identity import Identified, identify
from workbench.errors import WorkbenchError

P, Q = ("Name a prime", "9", "11"), ("Name a colour", "red", "up")


def shown(*rows: tuple[str | None, tuple[str, str, str] | None, int]) -> pd.DataFrame:
    """Presentations: id, (prompt, A, B), number of the file."""
    return pd.DataFrame(
        {
            "item_id": [r[0] for r in rows],
            "prompt": [r[1][0] if r[1] else None for r in rows],
            "response_a": [r[1][1] if r[1] else None for r in rows],
            "response_b": [r[1][2] if r[1] else None for r in rows],
            "export": [r[2] for r in rows],
        }
    )


def turned(pair: tuple[str, str, str]) -> tuple[str, str, str]:
    return pair[0], pair[2], pair[1]


def identified(
    *rows: tuple[str | None, tuple[str, str, str] | None, int], gold: tuple[bool, ...] | None = None
) -> Identified:
    files = max(r[2] for r in rows) + 1
    return identify(shown(*rows), [f"file{i}.json" for i in range(files)], gold or (False,) * files)


def codes(who: Identified) -> list[str]:
    return [f.code for f in who.findings]


def test_ids_make_items_and_pairs_join_them() -> None:
    who = identified(("7", P, 0), ("8", P, 0), ("9", turned(P), 0), ("10", Q, 0))
    assert who.items["item_id"].tolist() == ["7", "8", "9", "10"]
    assert who.items["pair_id"].nunique() == 2
    assert who.items["pair_id"].iloc[:3].nunique() == 1
    assert who.items["pair_flipped"].tolist() == [False, False, True, False]
    assert not who.flipped.any()


def test_without_ids_the_unordered_pair_is_the_item() -> None:
    who = identified((None, P, 0), (None, turned(P), 0), (None, Q, 0))
    assert who.item.tolist() == [0, 0, 1]
    assert who.flipped.tolist() == [False, True, False]
    assert who.items["item_id"].str.match(r"pair-[0-9a-f]{16}$").all()


def test_an_item_is_as_its_first_row_shows_it() -> None:
    who = identified(("7", turned(P), 0), ("7", P, 0), ("7", turned(P), 0))
    assert (who.first.tolist(), who.flipped.tolist()) == ([0], [False, True, False])


def test_an_item_takes_its_content_from_the_first_row_that_has_any() -> None:
    who = identified(("7", None, 0), ("7", P, 0), ("7", turned(P), 0))
    assert (who.first.tolist(), who.flipped.tolist()) == ([1], [False, False, True])


def test_an_id_of_two_pairs_becomes_two_items() -> None:
    who = identified(("7", P, 0), ("7", Q, 0), ("7", turned(P), 0), ("7", None, 0), ("8", Q, 0))
    assert who.items["item_id"].tolist() == ["7", "7#2", "8"]
    assert who.item.tolist() == [0, 1, 0, 0, 2]
    assert codes(who) == ["id-of-several-pairs"]


def test_files_whose_ids_agree_merge_on_ids() -> None:
    who = identified(("7", P, 0), ("8", Q, 0), ("8", Q, 1), ("7", turned(P), 1), ("7", None, 2))
    assert who.items["item_id"].tolist() == ["7", "8"]
    assert (who.item.tolist(), who.flipped.tolist()) == ([0, 1, 1, 0, 0], [False, False, False, True, False])
    assert codes(who) == []


def test_projects_of_single_annotators_with_colliding_ids_merge_on_content() -> None:
    pairs = [(f"p{i}", f"a{i}", f"b{i}") for i in range(5)]
    rows = [(str(k), pairs[(k + shift) % 5], file) for file, shift in enumerate((0, 1, 3)) for k in range(5)]
    who = identified(*rows)
    assert len(who.items) == 5
    assert [pairs[(k + s) % 5] for s in (0, 1, 3) for k in range(5)] == [pairs[i] for i in who.item]
    assert codes(who) == ["merged-on-content"]
    assert who.items["item_id"].is_unique


def test_a_pair_that_only_the_second_file_has_gets_a_name_of_its_own() -> None:
    who = identified(("1", P, 0), ("1", Q, 1), ("2", P, 1))
    assert who.items["item_id"].tolist() == ["1", "1@2"]
    assert who.item.tolist() == [0, 1, 0]


def test_the_same_pairs_under_other_ids_merge_on_content() -> None:
    who = identified(("x", P, 0), ("y", Q, 0), ("u", turned(P), 1), ("v", Q, 1))
    assert who.items["item_id"].tolist() == ["x", "y"]
    assert (who.item.tolist(), who.flipped.tolist()) == ([0, 1, 0, 1], [False, False, True, False])


def test_files_that_share_ids_but_no_pairs_stay_apart() -> None:
    who = identified(("1", P, 0), ("1", Q, 1))
    assert len(who.items) == 2
    assert who.items["item_id"].is_unique


def test_identical_responses_are_marked_unless_they_are_names_of_models() -> None:
    assert identified(("1", ("p", "x", "x"), 0), ("2", P, 0)).identical.tolist() == [True, False]
    models = pd.DataFrame({"item_id": ["1"], "model_a": ["m"], "model_b": ["m"], "export": [0]})
    assert identify(models, ["f"], [False]).identical.tolist() == [False]


def test_gold_for_items_that_nobody_judged_is_said_and_left_out() -> None:
    who = identified(("7", P, 0), ("7", None, 1), ("8", None, 1), gold=(False, True))
    assert (who.items["item_id"].tolist(), who.item.tolist()) == (["7"], [0, 0, -1])
    assert codes(who) == ["gold-for-unknown-items"]


def test_gold_shown_the_other_way_round_is_turned() -> None:
    who = identified(("7", P, 0), ("7", turned(P), 1), gold=(False, True))
    assert who.flipped.tolist() == [False, True]


def test_nothing_to_go_by_is_an_error() -> None:
    with pytest.raises(WorkbenchError, match="neither an id nor two responses"):
        identified(("7", P, 0), (None, None, 0))


def test_prompts_tell_equal_responses_apart_and_the_group_stands_in_for_a_prompt() -> None:
    assert len(identified((None, ("p", "x", "y"), 0), (None, ("q", "x", "y"), 0)).items) == 2
    table = pd.DataFrame({"response_a": ["x", "x"], "response_b": ["y", "y"], "group": ["g1", "g2"], "export": [0, 0]})
    assert len(identify(table, ["f"], [False]).items) == 2


def test_categories_and_strings_are_the_same() -> None:
    table = shown(("7", P, 0), ("8", turned(P), 0), ("7", P, 0))
    coded = table.assign(**{c: table[c].astype("str").astype("category") for c in table if c != "export"})
    one, other = (identify(t, ["f"], [False]) for t in (table, coded))
    pd.testing.assert_frame_equal(one.items, other.items)
    assert one.item.tolist() == other.item.tolist()


PAIRS = st.sampled_from([("p", "x", "y"), ("p", "x", "z"), ("q", "x", "y"), ("q", "u", "v")])


@given(
    st.lists(
        st.tuples(st.one_of(st.none(), st.sampled_from("abc")), PAIRS, st.integers(0, 2)), min_size=1, max_size=20
    ),
    st.data(),
)
def test_turning_presentations_changes_no_identity(
    rows: list[tuple[str | None, tuple[str, str, str], int]], data: st.DataObject
) -> None:
    turn = np.array(data.draw(st.lists(st.booleans(), min_size=len(rows), max_size=len(rows))))
    turn[0] = False
    sources, gold = [f"f{i}" for i in range(3)], [False] * 3
    one = identify(shown(*rows), sources, gold)
    other = identify(
        shown(*[(i, turned(p) if t else p, f) for (i, p, f), t in zip(rows, turn, strict=True)]), sources, gold
    )
    assert one.item.tolist() == other.item.tolist()
    assert one.items["item_id"].tolist() == other.items["item_id"].tolist()
    assert one.items["pair_id"].tolist() == other.items["pair_id"].tolist()
    mirrored = (one.flipped ^ other.flipped) ^ turn  # the item itself was turned where its first row was
    for item in np.unique(one.item):
        assert len(set(mirrored[one.item == item])) == 1


@given(
    st.lists(st.tuples(st.one_of(st.none(), st.sampled_from("abc")), PAIRS, st.integers(0, 2)), min_size=1, max_size=20)
)
def test_every_item_is_one_pair_with_one_name(rows: list[tuple[str | None, tuple[str, str, str], int]]) -> None:
    who = identify(shown(*rows), ["f", "g", "h"], [False] * 3)
    assert who.items["item_id"].is_unique
    meant = [frozenset([r[1][0], *sorted(r[1][1:])]) for r in rows]
    for item in range(len(who.items)):
        assert len({meant[i] for i in np.flatnonzero(who.item == item)}) == 1
