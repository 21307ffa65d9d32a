"""In a real browser: annotators, speed, reversals and labels; hostile ids stay text, a click leads to what is behind a
figure."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from tests.browser.conftest import Server, Visit
from tests.browser.test_items import INJECTED
from tests.hostile_data import hostile_set
from workbench.aggregation import aggregate
from workbench.aggregation.asking import probability_of_a
from workbench.annotators import annotator_table
from workbench.dataset.annotation_set import AnnotationSet
from workbench.formats.writers.preference_rows import decide
from workbench.reversals import pair_judgements
from workbench.reversals.drill_down import contradicted_items
from workbench.workspace.addresses import digest
from workbench.workspace.dataset_store import Shelf
from workbench.workspace.demos import demo

pytest.importorskip("playwright.sync_api")


@pytest.fixture(scope="module")
def data(server: Server) -> AnnotationSet:
    made = demo("demo")
    Shelf(server.uploads).keep(made, "a crew", "upload")
    return made


def test_hostile_ids_are_inert(server: Server, visit: Callable[..., Visit]) -> None:
    hostile = hostile_set()
    Shelf(server.uploads).keep(hostile, "hostile", "upload")
    tab = visit()
    for page in (
        "annotators?",
        "annotators?ann_close=Evidence&",
        "speed?",
        "reversals?rev_tab=Order&",
        "labels?lbl_tab=Contradictions&",
    ):
        tab.open(f"{server.url}/{page}data={hostile.key}")
        assert tab.page.evaluate(INJECTED) == [], page
        assert tab.page.locator('[data-testid="stException"]').count() == 0, page


def test_a_row_of_the_table_opens_its_annotator(
    server: Server, visit: Callable[..., Visit], data: AnnotationSet
) -> None:
    tab = visit()
    tab.open(f"{server.url}/annotators?data={data.key}&ann_close=Gold")
    second = (
        annotator_table(data)
        .sort_values(["flagged", "reliability"], ascending=[False, True], kind="stable")["annotator"]
        .iloc[1]
    )
    tab.click_in(tab.page.locator(".st-key-ann_table"), 40, 35 * 2.5)
    # The address names the first of the list until the second was clicked.
    named = "who => new URLSearchParams(location.search).get('who') === who"
    tab.page.wait_for_function(named, arg=digest(data.key, second))
    tab.settle()
    assert tab.page.locator('[data-testid="stException"]').count() == 0


def test_the_reliability_is_in_sight_at_once_and_a_notice_leads_to_its_tab(
    server: Server, visit: Callable[..., Visit], data: AnnotationSet
) -> None:
    tab = visit()
    tab.open(f"{server.url}/annotators?data={data.key}")
    box = tab.page.locator(".st-key-ann_forest").bounding_box()
    assert box["y"] + 300 < 900
    tab.page.get_by_role("button", name="See Weeks").click()
    tab.page.get_by_text("Nearly the whole crew was worse in the week of 2026-03-23").wait_for()
    assert tab.page.get_by_role("tab", name="Weeks").get_attribute("aria-selected") == "true"


def test_nothing_of_the_tables_lies_out_of_sight(
    server: Server, visit: Callable[..., Visit], data: AnnotationSet
) -> None:
    tab = visit()
    for address, key in (
        ("annotators?", ".st-key-ann_table"),
        ("annotators?ann_columns=Habits&", ".st-key-ann_table"),
        ("annotators?ann_tab=Sequential test&", ".st-key-ann_tests"),
        ("speed?", ".stDataFrame"),
    ):
        tab.open(f"{server.url}/{address}data={data.key}")
        scroller = tab.page.locator(f"{key} .dvn-scroller").first
        wide, shown = scroller.evaluate("e => [e.scrollWidth, e.clientWidth]")
        assert wide <= shown + 1, f"{address} {key}: {wide} px of columns in {shown} px"


def test_the_floor_moves_the_sentence(server: Server, visit: Callable[..., Visit], data: AnnotationSet) -> None:
    tab = visit("dark")
    tab.open(f"{server.url}/speed?data={data.key}")
    assert tab.page.get_by_text("came faster than 700 words a minute").is_visible()
    tab.page.get_by_role("slider").first.press("ArrowLeft")
    tab.page.get_by_text("came faster than 650 words a minute").wait_for()


def test_contradictions_open_in_items(server: Server, visit: Callable[..., Visit], data: AnnotationSet) -> None:
    tab = visit()
    tab.open(f"{server.url}/reversals?data={data.key}&rev_tab=Within annotators")
    tab.page.get_by_role("button", name="Open all their items").click()
    n = len(contradicted_items(data, pair_judgements(data)))
    tab.page.get_by_text(f"contradicted by the same annotator ({n:,} items)").wait_for()


def test_the_training_rows_are_the_librarys(server: Server, visit: Callable[..., Visit], data: AnnotationSet) -> None:
    tab = visit()
    tab.open(f"{server.url}/labels?data={data.key}&lbl_tab=Export")
    with tab.page.expect_download() as waiting:
        tab.page.get_by_role("button", name="Training rows, JSONL").click()
    rows = [json.loads(line) for line in waiting.value.path().read_text("utf-8").splitlines()]
    result = aggregate(data)
    found = decide(data, labels=result.label, soft=probability_of_a(result))
    used = found.chosen >= 0
    assert [row["item_id"] for row in rows] == data.items["item_id"][used].tolist()
    assert [row["p_chosen"] for row in rows] == pytest.approx(found.p_chosen[used].tolist())
