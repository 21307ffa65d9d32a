"""Items and annotators behind reversals, counted by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from workbench.dataset.annotation_set import AnnotationSet
from workbench.dataset.assembly import Export, assemble
from workbench.reversals import order_effect, pair_judgements, reversals
from workbench.reversals.cycles import items_in_circles
from workbench.reversals.drill_down import (
    contradicted_items,
    leaning,
    leaning_estimates,
    opposed_items,
    repeats_for,
    swayed_items,
)


def made(rows: list[tuple[int, str, str, str | None]], items: pd.DataFrame) -> AnnotationSet:
    table = pd.DataFrame(rows, columns=["item_row", "annotator", "label", "shown_first"])
    table["ended_at"] = pd.Timestamp("2026-01-05") + pd.to_timedelta(np.arange(len(table)), unit="h")
    return assemble([Export(items=items, rows=table, source="t.csv", format="columns", sides=True)])


@pytest.fixture
def repeats() -> AnnotationSet:
    items = pd.DataFrame(
        {"item_id": list("1234"), "prompt": list("pqrs"), "response_a": list("abcd"), "response_b": list("efgh")}
    )
    return made(
        [
            (0, "x", "A", "a"),
            (0, "x", "B", "b"),  # the response shown first both times
            (1, "x", "B", "a"),
            (1, "x", "A", "b"),  # the second both times
            (2, "x", "A", "a"),
            (2, "x", "B", "a"),  # contradicts itself in the same order
            (3, "x", "A", "a"),
            (3, "x", "A", "b"),  # steady
            (3, "y", "B", "a"),
        ],
        items,
    )


def test_items_behind_each_kind(repeats: AnnotationSet) -> None:
    found = pair_judgements(repeats)
    assert opposed_items(repeats).tolist() == [3]
    assert contradicted_items(repeats, found).tolist() == [0, 1, 2]
    assert contradicted_items(repeats, found, "y").tolist() == []
    assert swayed_items(repeats, found).tolist() == [0]
    assert swayed_items(repeats, found, "second").tolist() == [1]
    counted = order_effect(repeats, found)
    assert (counted.always_first, counted.always_second) == (1, 1)


def test_labels_without_sides_have_nothing_behind() -> None:
    items = pd.DataFrame({"item_id": ["1"]})
    data = assemble(
        [
            Export(
                items=items,
                rows=pd.DataFrame({"item_row": [0, 0], "annotator": "x", "label": ["3", "4"]}),
                source="t",
                format="t",
                sides=False,
            )
        ]
    )
    found = pair_judgements(data)
    assert (
        opposed_items(data).tolist()
        == contradicted_items(data, found).tolist()
        == swayed_items(data, found).tolist()
        == []
    )


def circle(annotators: str) -> AnnotationSet:
    """Responses u, v, w of one prompt: the first annotator goes round in a circle, the others do not; d stands
    alone."""
    items = pd.DataFrame(
        {"item_id": ["uv", "vw", "uw", "ud"], "prompt": "p", "response_a": list("uvuu"), "response_b": list("vwwd")}
    )
    votes = {"x": "AABA", "y": "AAAA", "z": "AAAA"}
    return made([(i, who, votes[who][i], None) for who in annotators for i in range(4)], items)


def test_circles_name_their_items_and_no_others() -> None:
    assert items_in_circles(circle("x")).tolist() == [0, 1, 2]
    assert items_in_circles(circle("y")).tolist() == []
    assert items_in_circles(circle("xyz")).tolist() == [0, 1, 2]
    assert items_in_circles(circle("xyz"), majority=True).tolist() == []


def test_leaning_puts_the_one_sided_first_and_allows_for_how_many_were_looked_at() -> None:
    items = pd.DataFrame(
        {
            "item_id": [str(i) for i in range(40)],
            "prompt": [f"p{i}" for i in range(40)],
            "response_a": "a",
            "response_b": "b",
        }
    )
    rows = [(i, "left", "A", "a") for i in range(40)] + [(i, "fair", "AB"[i % 2], "a") for i in range(40)]
    table = leaning(order_effect(made(rows, items)))
    assert table["annotator"].tolist() == ["left", "fair"]
    assert table["p_value"].iloc[0] == pytest.approx(2 * 0.5**40)
    assert table["adjusted_p"].iloc[0] == pytest.approx(2 * table["p_value"].iloc[0])
    assert (table["high"].iloc[0], table["low"].iloc[1] < 0.5 < table["high"].iloc[1]) == (1.0, True)
    assert [e.n for e in leaning_estimates(table, 1).values()] == [40]


def test_half_the_width_costs_four_times_the_repeats(repeats: AnnotationSet) -> None:
    wide, narrow = repeats_for(reversals(repeats), (0.1, 0.05))
    assert narrow.repeats_needed == pytest.approx(4 * wide.repeats_needed, abs=4)
