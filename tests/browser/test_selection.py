"""In a real browser: pairs are picked by a run, read in one click, and taken away as the tasks the library writes."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.browser.conftest import Server, Visit, start_server
from tests.selection.test_pooling import half_labelled
from workbench.collection.task_files import FORMS
from workbench.collection.tasks import tasks_of
from workbench.runs import all_runs
from workbench.workspace.dataset_store import Shelf

expect = pytest.importorskip("playwright.sync_api").expect


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[Server]:
    """A server whose runs lie apart."""
    running = start_server(
        tmp_path / "uploads", WORKBENCH_RUNS=str(tmp_path / "runs"), WORKBENCH_EMBEDDINGS=str(tmp_path / "embeddings")
    )
    yield running
    running.stop()


def test_pick_read_and_take_away(own_server: Server, visit: Callable[..., Visit], tmp_path: Path) -> None:
    data = half_labelled()
    Shelf(own_server.uploads).keep(data, "half labelled", "upload")
    tab = visit(height=1400)
    tab.open(f"{own_server.url}/select?data={data.key}&sel_budget=12")
    main = tab.page.get_by_test_id("stMain")
    expect(main.get_by_role("heading", level=4)).to_have_text("30 pairs wait for a label.")
    main.get_by_test_id("stSelectbox").filter(has_text="Pairs described by").locator("input").click()
    tab.page.get_by_role("option", name="words alone (hashed)").click()
    tab.settle()
    main.get_by_role("button", name="Pick pairs").click()
    expect(main.get_by_role("heading", level=4).filter(has_text="Label these 12 of 30 pairs next")).to_be_visible(
        timeout=90_000
    )
    tab.settle()

    (run,) = all_runs(("select",), tmp_path / "runs")
    items = (run.result() or {})["strategies"]["d_optimal"]["items"]
    tab.click_in(main.get_by_test_id("stDataFrame").first, 20, 35 * 2.5)
    second = data.item_texts([items[1]]).iloc[0]
    expect(tab.page.locator(".pw-text").nth(1)).to_have_text(second["response_a"])

    main.get_by_role("tab", name="Map").click()
    expect(main.get_by_test_id("stPlotlyChart").first).to_be_visible(timeout=30_000)
    main.get_by_role("tab", name="Take away").click()
    with tab.page.expect_download() as waiting:
        main.get_by_role("button", name="Tasks", exact=True).first.click()
    made = tasks_of(data, items, 0)
    assert Path(waiting.value.path()).read_text("utf-8") == FORMS["label-studio"].write(made)
    assert len(json.loads(FORMS["label-studio"].write(made))) == 12
