from __future__ import annotations

import sys

import numpy as np
import pytest

from tests.agreement.annotated import annotated
from workbench import WorkbenchError
from workbench.agreement import Choice, Tally, all_coefficients, fleiss_kappa, krippendorff_alpha, tally, tally_of
from workbench.agreement.choice import week_of
from workbench.dataset.scales import FIVE

ROWS = [
    ("i1", "ann", "x"),
    ("i1", "bob", "x"),
    ("i1", "cy", "y"),
    ("i2", "ann", "y"),
    ("i2", "bob", "y"),
    ("i2", "cy", "y"),
    ("i3", "ann", "x"),
    ("i3", "bob", "y"),
    ("i4", "ann", "x"),
]


def patterns(t: Tally) -> dict[tuple[int, ...], int]:
    return {tuple(row): n for row, n in zip(t.counts.tolist(), t.frequency.tolist(), strict=True) if n}


def test_counts_items_by_their_labels() -> None:
    t = tally(annotated(ROWS))
    assert t.scale.labels == ("x", "y")
    assert patterns(t) == {(2, 1): 1, (0, 3): 1, (1, 1): 1, (1, 0): 1}
    assert (t.n_items, t.n_labels, t.n_overlapping) == (4, 9, 3)
    assert t.label_counts.tolist() == [4, 5]


def test_who_gave_which_label_on_which_pattern() -> None:
    t = tally(annotated(ROWS))
    cells = t.cells
    found = {
        (
            t.annotator_names(cells.annotators)[a],
            tuple(t.counts[cells.pattern[c]].tolist()),
            t.scale.labels[cells.label[c]],
        ): n
        for a, row in enumerate(cells.counts.toarray())
        for c, n in enumerate(row)
        if n
    }
    assert found == {
        ("ann", (2, 1), "x"): 1,
        ("bob", (2, 1), "x"): 1,
        ("cy", (2, 1), "y"): 1,
        ("ann", (0, 3), "y"): 1,
        ("bob", (0, 3), "y"): 1,
        ("cy", (0, 3), "y"): 1,
        ("ann", (1, 1), "x"): 1,
        ("bob", (1, 1), "y"): 1,
        ("ann", (1, 0), "x"): 1,
    }


def test_sparse_and_dense_counts_of_annotators_are_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    t = tally_of(np.repeat(np.arange(60), 5), np.arange(300) % 40, rng.integers(0, 3, 300), ("a", "b", "c"))
    dense = t.part(np.arange(30)).cells
    monkeypatch.setattr(sys.modules["workbench.agreement.tally"], "_DENSE", 0)
    sparse = t.part(np.arange(30)).cells
    assert (dense.counts != sparse.counts).nnz == 0
    assert dense.annotators.tolist() == sparse.annotators.tolist()


@pytest.mark.parametrize(
    ("choice", "left", "reason"),
    [
        (Choice(min_labels_per_item=3), {(2, 1): 1, (0, 3): 1}, ("items with fewer than 3 labels", 3)),
        (
            Choice(min_labels_per_annotator=3),
            {(2, 0): 1, (0, 2): 1, (1, 1): 1, (1, 0): 1},
            ("annotators with fewer than 3 labels", 2),
        ),
        (Choice(without=("ann",)), {(1, 1): 1, (0, 2): 1, (0, 1): 1}, ("annotators left out", 4)),
    ],
)
def test_choices_set_aside_with_the_reason(choice: Choice, left: dict, reason: tuple[str, int]) -> None:
    t = tally(annotated(ROWS), choice)
    assert patterns(t) == left
    assert dict(t.set_aside) == dict([reason])


def test_a_judgement_without_a_time_is_not_fast() -> None:
    data = annotated(
        [("i1", "ann", "x", 2.0), ("i1", "bob", "x", 9.0), ("i1", "cy", "y", None)], "item annotator label seconds"
    )
    t = tally(data, Choice(min_seconds=5))
    assert patterns(t) == {(1, 1): 1}
    assert dict(t.set_aside) == {"faster than 5 seconds": 1}


def test_kinds_slices_and_weeks() -> None:
    import pandas as pd

    rows = [
        ("i1", "ann", "x", "human", "2024-03-04"),
        ("i1", "gpt", "y", "ai", "2024-03-05"),
        ("i2", "ann", "x", "human", "2024-03-11"),
        ("i2", "gpt", "x", "ai", None),
    ]
    items = pd.DataFrame({"item_id": ["i1", "i2"], "slice.topic": ["law", "code"]})
    data = annotated(rows, "item annotator label annotator_kind ended_at", items)
    assert patterns(tally(data, Choice(kinds=("human",)))) == {(1, 0): 2}
    assert patterns(tally(data, Choice(slices=(("topic", ("law",)),)))) == {(1, 1): 1}
    week = tally(data, Choice(weeks=("2024-03-04", "2024-03-10")))
    assert patterns(week) == {(1, 1): 1}
    assert dict(week.set_aside) == {"outside 2024-03-04 to 2024-03-10, or without a date": 2}


def test_direction_ignores_strength() -> None:
    data = annotated([("i1", "ann", "A>>"), ("i1", "bob", "A>"), ("i2", "ann", "="), ("i2", "bob", "B>")], five=True)
    t = tally(data, Choice(direction=True))
    assert t.scale.labels == ("A", "=", "B")
    assert patterns(t) == {(2, 0, 0): 1, (0, 1, 1): 1}


def test_what_does_not_exist_is_said() -> None:
    data = annotated(ROWS)
    with pytest.raises(WorkbenchError, match="no annotator dora"):
        tally(data, Choice(without=("dora",)))
    with pytest.raises(WorkbenchError, match="no slice column 'topic'"):
        tally(data, Choice(slices=(("topic", ("law",)),)))
    with pytest.raises(WorkbenchError, match="no kind of annotator called robot"):
        Choice(kinds=("robot",))
    with pytest.raises(ValueError, match="another choice"):
        tally(tally(data), Choice(min_seconds=5))


def test_many_categories_and_many_labels_an_item_are_still_told_apart() -> None:
    """(labels + 1) ** categories does not fit in one 63-bit key here, so the items are told apart in rounds."""
    rng = np.random.default_rng(1)
    label = rng.integers(0, 40, 2_000)
    item = np.repeat(np.arange(50), 40)
    t = tally_of(item, np.tile(np.arange(40), 50), label, tuple(str(i) for i in range(40)))
    wanted = np.zeros((50, 40), int)
    np.add.at(wanted, (item, label), 1)
    assert (t.counts[t.pattern] == wanted).all()
    assert len(t.frequency) == len(np.unique(wanted, axis=0))


def test_more_patterns_than_the_first_hash_table_holds() -> None:
    rng = np.random.default_rng(2)
    item, label = np.repeat(np.arange(30_000), 9), rng.integers(0, 6, 270_000)
    t = tally_of(item, np.tile(np.arange(9), 30_000), label, tuple("abcdef"))
    wanted = np.zeros((30_000, 6), int)
    np.add.at(wanted, (item, label), 1)
    distinct, times = np.unique(wanted, axis=0, return_counts=True)
    assert (t.counts == distinct).all()
    assert (t.frequency == times).all()
    assert (t.counts[t.pattern] == wanted).all()


def test_numeric_categories_keep_their_distances() -> None:
    # 1, 2 and 10: two raters, items (1,1) (2,2) (10,10) (1,2). Observed 2 * 1 / 8; expected from sums 26 and 214.
    data = annotated(
        [
            ("i1", "a", 1),
            ("i1", "b", 1),
            ("i2", "a", 2),
            ("i2", "b", 2),
            ("i3", "a", 10),
            ("i3", "b", 10),
            ("i4", "a", 1),
            ("i4", "b", 2),
        ]
    )
    t = tally(data)
    assert t.values.tolist() == [1, 2, 10]
    x = np.array([1, 1, 2, 2, 10, 10, 1, 2])
    expected = 2 * (8 * (x**2).sum() - x.sum() ** 2) / (8 * 7)
    assert krippendorff_alpha(t, "interval").value == pytest.approx(1 - (2 / 8) / expected)


def test_weeks_begin_on_monday() -> None:
    moments = np.array(
        ["2024-03-03T23:59", "2024-03-04T00:00", "2024-03-10T12:00", "1969-12-28", "NaT"], "datetime64[ms]"
    )
    assert [str(day) for day in week_of(moments)] == ["2024-02-26", "2024-03-04", "2024-03-04", "1969-12-22", "NaT"]


def test_symmetric_coefficients_do_not_depend_on_what_is_called_a() -> None:
    """Every second item turned round: with sides as they are, alpha changes; counted in both orientations, it does
    not."""
    rng = np.random.default_rng(3)
    rows, turned = [], []
    for i in range(80):
        better = rng.choice(["A>>", "A>"]) if rng.random() < 0.8 else "B>"
        for who in ("ann", "bob", "cy"):
            label = str(better if rng.random() < 0.7 else rng.choice(FIVE.labels))
            rows.append((f"i{i}", who, label))
            turned.append((f"i{i}", who, FIVE.labels[4 - FIVE.labels.index(label)] if i % 2 else label))
    sets = [annotated(part, five=True) for part in (rows, turned)]
    plain = [all_coefficients(data) for data in sets]
    both = [all_coefficients(data, Choice(symmetric=True)) for data in sets]
    assert plain[0]["krippendorff_alpha.ordinal"].value != pytest.approx(
        plain[1]["krippendorff_alpha.ordinal"].value, abs=0.01
    )
    for key in both[0]:
        assert both[0][key].value == pytest.approx(both[1][key].value)
        assert both[0][key].new_crew.to_list() == pytest.approx(both[1][key].new_crew.to_list())
    # By hand: agreement as it is, and chance agreement 1/2 each way for two labels. Items AA, AA, AB: 2/3, so (2/3 -
    # 1/2) / (1/2).
    two = annotated(
        [("i1", "a", "A"), ("i1", "b", "A"), ("i2", "a", "A"), ("i2", "b", "A"), ("i3", "a", "A"), ("i3", "b", "B")],
        five=True,
    )
    assert fleiss_kappa(two, Choice(symmetric=True, direction=True), items="all").value == pytest.approx(1 / 3)


def test_an_order_the_labels_do_not_show_is_named() -> None:
    data = annotated(
        [
            ("i1", "a", "red"),
            ("i1", "b", "blue"),
            ("i2", "a", "green"),
            ("i2", "b", "green"),
            ("i3", "a", "blue"),
            ("i3", "b", "red"),
        ]
    )
    assert "taken in the order blue, green, red" in krippendorff_alpha(data, "ordinal").interval_notes[0]
    assert not any("order" in note for note in krippendorff_alpha(data, "nominal").interval_notes)
    assert not any("order" in note for note in krippendorff_alpha(annotated(ROWS), "ordinal").interval_notes)
