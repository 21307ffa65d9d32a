"""In a real browser: a run is watched while it works, cancelled, found again by its address, resumed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.browser.conftest import Server, Visit
from workbench.runs import Run, find, start
from workbench.workspace.dataset_store import Shelf
from workbench.workspace.demos import demo

pytest.importorskip("playwright.sync_api")


def work(title: str) -> Run:
    return start("tests.runs.loop:train", {"epochs": 100_000, "pause": 0.02, "every": 1}, title=title)


def test_watched_cancelled_reloaded_resumed(server: Server, visit: Callable[..., Visit], root: Path) -> None:
    first, second = work("The first"), work("The second")
    tab = visit()
    tab.open(f"{server.url}/runs")
    page = tab.page
    page.get_by_text("Waiting for cpu: 1 run before it").wait_for()
    page.locator(f".st-key-runs_watch_{first.id} button").click()
    page.wait_for_function(f"() => new URLSearchParams(location.search).get('run') === '{first.id}'")
    page.get_by_text("about", exact=False).first.wait_for()
    page.locator(".st-key-runs_one_measured .js-plotly-plot").first.wait_for()
    steps = page.locator('[data-testid="stProgress"]').inner_text()
    page.wait_for_function(f"() => document.querySelector('[data-testid=\"stProgress\"]').innerText !== {steps!r}")
    page.get_by_role("button", name="Cancel").click()
    page.get_by_role("button", name="Stop it now").click()
    page.get_by_text("Cancelled").wait_for()
    assert first.status().state == "cancelled"
    page.reload()
    tab.settle()
    page.get_by_text("Cancelled").wait_for()
    page.get_by_role("button", name="Resume").click()
    page.get_by_text("1 before it").wait_for()
    page.get_by_role("button", name="All runs").click()
    page.locator(f".st-key-runs_asks_{second.id} button").click()
    page.locator(f".st-key-runs_cancel_{second.id} button").click()
    page.locator(f".st-key-runs_cancel_{second.id} button").wait_for(state="detached")
    assert find(second.id).wait(20).state == "cancelled"
    assert page.locator('[data-testid="stException"]').count() == 0
    first.cancel()
    page.get_by_text("Now", exact=True).wait_for(state="detached")  # the list looks again by itself


def test_started_from_its_page_it_is_watched_cancelled_and_found_again(
    server: Server, visit: Callable[..., Visit], root: Path
) -> None:
    data = demo("demo")
    Shelf(server.uploads).keep(data, "a crew", "upload")
    tab = visit("dark")
    tab.open(f"{server.url}/reward-models?data={data.key}")
    page = tab.page
    page.get_by_role("button", name="Train", exact=True).click()
    page.wait_for_function("() => new URLSearchParams(location.search).get('run')")
    page.get_by_role("button", name="Cancel").wait_for()
    page.locator('[data-testid="stProgress"]').wait_for()
    run = find(page.evaluate("() => new URLSearchParams(location.search).get('run')"))
    assert run.config["data"] == data.key
    assert run.kind == "train"
    page.get_by_role("button", name="Cancel").click()
    page.get_by_role("button", name="Stop it now").click()
    page.get_by_text("Cancelled").first.wait_for()
    assert run.status().state == "cancelled"
    page.reload()
    tab.settle()
    page.get_by_text("Cancelled").first.wait_for()
    page.get_by_role("button", name="Resume").wait_for()
    assert f"run={run.id}" in page.url
    assert page.locator('[data-testid="stException"]').count() == 0
