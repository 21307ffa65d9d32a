from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.agreement.annotated import annotated
from tests.agreement.test_resampling import crowd, of_matrix
from workbench import WorkbenchError
from workbench.agreement import (
    COEFFICIENTS,
    Choice,
    by_kind,
    by_label_count,
    by_slice,
    by_week,
    krippendorff_alpha,
    tally,
    to_frame,
)
from workbench.agreement.drill_down import items_of_week
from workbench.agreement.intervals import estimate
from workbench.agreement.measures import coefficient
from workbench.simulation.simulate import simulate


@pytest.fixture(scope="module")
def data():  # type: ignore[no-untyped-def]
    """120 items in two topics and three weeks, four annotators, one of them a model."""
    rng = np.random.default_rng(40)
    rows = []
    for i in range(120):
        truth, hard = rng.integers(0, 3), i % 2
        for j, name in enumerate(["ann", "bob", "cy", "gpt"]):
            if rng.random() < 0.8:
                label = truth if rng.random() < 0.9 - 0.3 * hard else rng.integers(0, 3)
                day = pd.Timestamp("2024-03-04") + pd.Timedelta(days=7 * (i % 3) + j)
                rows.append((f"i{i}", name, int(label), "ai" if j == 3 else "human", None if i == 0 else str(day)))
    items = pd.DataFrame(
        {"item_id": [f"i{i}" for i in range(120)], "slice.topic": [["law", "code"][i % 2] for i in range(120)]}
    )
    return annotated(rows, "item annotator label annotator_kind ended_at", items)


@pytest.mark.parametrize("key", COEFFICIENTS)
def test_a_part_of_a_tally_equals_the_tally_of_the_part(key: str) -> None:
    t, labels = crowd(41, items=60)
    chosen = np.arange(5, 45)
    part, whole = t.part(chosen), of_matrix(labels[:, chosen], 3)
    found, wanted = estimate(part, coefficient(key, part)), estimate(whole, coefficient(key, whole))
    assert (found.value, found.n, found.n_set_aside) == (pytest.approx(wanted.value), wanted.n, wanted.n_set_aside)
    assert found.same_crew.to_list() == pytest.approx(wanted.same_crew.to_list())
    assert found.new_crew.to_list() == pytest.approx(wanted.new_crew.to_list())


def test_by_slice(data) -> None:  # type: ignore[no-untyped-def]
    found = by_slice(data, "topic")
    assert list(found) == ["code", "law"]
    assert found["code"].value < found["law"].value
    assert found["law"].n + found["code"].n == krippendorff_alpha(data).n
    assert found["law"] == krippendorff_alpha(data, choice=Choice(slices=(("topic", ("law",)),)))
    with pytest.raises(WorkbenchError, match=r"no slice column 'colour'\. This data has slice\.topic"):
        by_slice(data, "colour")


def test_by_week(data) -> None:  # type: ignore[no-untyped-def]
    found = by_week(data, "gwet_ac1")
    assert list(found) == ["2024-03-04", "2024-03-11", "2024-03-18"]
    dated = {f"i{i}" for i in range(1, 120)}
    several = (np.diff(data.codes.starts) >= 2) & data.items["item_id"].isin(dated).to_numpy()
    assert sum(e.n for e in found.values()) == several.sum()


def test_an_item_belongs_to_the_week_of_its_last_used_judgement() -> None:
    rows = [
        ("i1", "a", "x", "2024-03-05"),
        ("i1", "b", "x", "2024-03-12"),
        ("i1", "c", "y", "2024-03-19"),
        ("i2", "a", "y", "2024-03-06"),
        ("i2", "b", "y", None),
    ]
    data = annotated(rows, "item annotator label ended_at")
    assert {week: e.n for week, e in by_week(data, "percent_agreement").items()} == {"2024-03-04": 1, "2024-03-18": 1}
    assert list(by_week(data, "percent_agreement", Choice(without=("c",)))) == ["2024-03-04", "2024-03-11"]


def test_no_dates_no_weeks() -> None:
    assert by_week(annotated([("i1", "a", "x"), ("i1", "b", "y")])) == {}


def test_by_label_count() -> None:
    t, labels = crowd(42)
    sizes = (labels >= 0).sum(0)
    found = by_label_count(t, "percent_agreement")
    assert {int(name): e.n for name, e in found.items()} == {
        m: int((sizes == m).sum()) for m in np.unique(sizes) if m >= 2
    }


def test_by_kind(data) -> None:  # type: ignore[no-untyped-def]
    found = by_kind(data)
    assert list(found) == ["human", "ai"]
    assert found["human"] == krippendorff_alpha(data, choice=Choice(kinds=("human",)))
    assert found["ai"].reason == "no item has labels from two annotators"


def test_as_a_table(data) -> None:  # type: ignore[no-untyped-def]
    table = to_frame({**by_slice(data, "topic"), **by_kind(data)})
    assert table["name"].tolist() == ["code", "law", "human", "ai"]
    assert table.loc[table["name"] == "ai", "reason"].item() == "no item has labels from two annotators"
    assert table["value"].isna().tolist() == [False, False, False, True]
    assert (table["new_crew_low"][:3] <= table["same_crew_low"][:3]).all()
    assert tally(data).n_items == 120


@pytest.mark.parametrize(
    "choice", [None, Choice(min_labels_per_item=2), Choice(weeks=("2026-01-12", "2026-01-25")), Choice(min_seconds=60)]
)
def test_the_items_behind_a_week_are_those_it_is_made_of(choice: Choice | None) -> None:
    data = simulate(3_000, annotators=12, seed=1, texts=False).data
    weeks = by_week(data, choice=choice)
    assert len(weeks) > 1
    assert {week: e.n + e.n_set_aside for week, e in weeks.items()} == {
        week: len(items_of_week(data, week, choice)) for week in weeks
    }
