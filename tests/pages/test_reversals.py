"""The Reversals page shows the library's figures, and says why where there are none."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from tests.hostile_data import small_sets
from tests.pages.conftest import said
from workbench.dataset.annotation_set import AnnotationSet
from workbench.reversals import Reversals, decompose, reversals
from workbench.wording.reversals import (
    cycles_sentence,
    order_sentence,
    parts_sentence,
    repeats_sentence,
    reversals_sentence,
)
from workbench.workspace.demos import demo

TABS = ("Between annotators", "Within annotators", "Order", "Circles", "Repeats needed")


@pytest.fixture(scope="module")
def data() -> AnnotationSet:
    return demo("demo")


@pytest.fixture(scope="module")
def found(data: AnnotationSet) -> Reversals:
    return reversals(data)


def plain(app: AppTest) -> str:
    return said(app).replace("\\", "")


def test_the_verdict_and_the_parts_are_the_librarys(
    visit: Callable[..., AppTest], data: AnnotationSet, found: Reversals
) -> None:
    app = visit("reversals.py", data)
    assert reversals_sentence(found) in plain(app)
    assert parts_sentence(found.decomposition) in plain(app)
    assert f"{found.between.reversed:,} of {found.between.pairs:,} pairs of choices" in plain(app)


@pytest.mark.parametrize("tab", TABS)
def test_each_tab_says_what_the_library_found(
    tab: str, visit: Callable[..., AppTest], data: AnnotationSet, found: Reversals
) -> None:
    app = visit("reversals.py", data, address={"rev_tab": tab})
    assert not app.exception
    expected = {
        "Between annotators": f"{found.between.reversed:,} of {found.between.pairs:,}",
        "Within annotators": f"in {found.within.contradictory:,} of these each response was chosen",
        "Order": order_sentence(found.order),
        "Circles": cycles_sentence(found.cycles.majority, "in the majority"),
        "Repeats needed": repeats_sentence(found.decomposition),
    }
    assert expected[tab] in plain(app)


def test_the_slider_asks_the_library_again(
    visit: Callable[..., AppTest], data: AnnotationSet, found: Reversals
) -> None:
    app = visit("reversals.py", data, address={"rev_tab": "Repeats needed"})
    app.select_slider(key="rev_half").set_value(0.02).run()
    assert repeats_sentence(decompose(found.within, found.between, half_width=0.02)) in plain(app)


def test_labels_without_sides_have_no_reversals(visit: Callable[..., AppTest]) -> None:
    assert "These labels have no sides" in said(visit("reversals.py", small_sets()["categories"]))


@pytest.mark.parametrize("tab", TABS)
def test_without_repeats_or_orders_the_page_says_what_to_do(tab: str, visit: Callable[..., AppTest]) -> None:
    app = visit("reversals.py", small_sets()["no texts"], address={"rev_tab": tab})
    assert not app.exception
    assert "cannot be said" in plain(app)
