"""In a real browser: a reward model is trained from the page, its scorecard read, its folder taken away; nothing of the
texts works as markup."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.browser.conftest import Server, Visit
from tests.browser.test_items import INJECTED
from workbench.simulation.simulate import simulate
from workbench.workspace.dataset_store import Shelf

pytest.importorskip("playwright.sync_api")


def test_trained_read_and_taken_away(server: Server, visit: Callable[..., Visit], root: Path) -> None:
    data = simulate(900, annotators=10, seed=6).data
    Shelf(server.uploads).keep(data, "a small set", "upload")
    tab = visit()
    tab.open(f"{server.url}/reward-models?data={data.key}")
    page = tab.page
    named = page.locator(".st-key-rm_encoder input")
    named.fill("hashed")
    named.press("Enter")
    page.get_by_text("In use: hashed, words alone.").wait_for()
    page.get_by_role("button", name="Train", exact=True).click()
    page.wait_for_function("() => new URLSearchParams(location.search).get('run')")
    page.get_by_text("held-out pairs right").wait_for(timeout=240_000)
    page.locator(".st-key-rm_headline .js-plotly-plot").first.wait_for()
    page.get_by_role("tab", name="Probabilities").click()
    page.locator(".st-key-rm_reliability .js-plotly-plot").first.wait_for()
    with page.expect_download() as taken:
        page.get_by_role("button", name="Model folder (zip)").click()
    names = set(zipfile.ZipFile(io.BytesIO(Path(taken.value.path()).read_bytes())).namelist())
    assert names == {"model/model.safetensors", "model/model.json", "model/README.md"}
    address = page.url
    tab.open(address)
    page.get_by_text("held-out pairs right").wait_for()
    assert page.evaluate(INJECTED) == []
    assert page.locator('[data-testid="stException"]').count() == 0
