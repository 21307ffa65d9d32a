"""In a real browser: the demo, an upload, links that arrive cold, both themes; and nothing is asked of any other
machine."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.browser.conftest import Server, Visit, start_server
from tests.hostile_data import small_sets
from workbench.formats import load
from workbench.workspace.addresses import digest
from workbench.workspace.dataset_store import Shelf


def test_the_demo_leads_to_a_verdict(server: Server, visit: Callable[..., Visit]) -> None:
    tab = visit()
    tab.open(server.url)
    tab.page.get_by_role("button", name="Open the demo").click()
    tab.page.wait_for_url("**/overview?data=*")
    tab.settle()
    assert tab.page.locator('[data-testid="stException"]').count() == 0
    assert tab.page.get_by_text("Demo:").first.is_visible()


def test_an_upload_is_read_and_opened(server: Server, visit: Callable[..., Visit], real_data: Path) -> None:
    export = real_data / "pandalm" / "testset-v1.json"
    data = load(export)
    tab = visit()
    tab.open(server.url)
    tab.page.locator('input[type="file"]').set_input_files(export)
    tab.page.get_by_text(f"{len(data.annotations):,}", exact=True).wait_for()
    tab.page.get_by_role("button", name="See whether these labels can be trusted").click()
    tab.page.wait_for_url(f"**/overview?data={data.key}")
    tab.settle()
    assert Shelf(server.uploads).about(data.key).name == "testset-v1.json"
    assert tab.page.locator('[data-testid="stException"]').count() == 0


def test_an_upload_that_is_no_export_is_refused_in_words(
    server: Server, visit: Callable[..., Visit], tmp_path: Path
) -> None:
    path = tmp_path / "setup.csv"
    path.write_bytes(b"MZ\x90\x00\x03\x00\x00\x00" + bytes(range(256)) * 20)
    tab = visit()
    tab.open(server.url)
    tab.page.locator('input[type="file"]').set_input_files(path)
    alert = tab.page.get_by_test_id("stAlert").first
    alert.wait_for()
    assert "setup.csv" in alert.inner_text()
    assert "Traceback" not in tab.page.inner_text("body")


def test_a_link_works_on_a_server_that_has_just_started(visit: Callable[..., Visit]) -> None:
    data = small_sets()["one item"]
    with tempfile.TemporaryDirectory() as folder:
        Shelf(Path(folder)).keep(data, "one item.csv", "upload")
        fresh = start_server(Path(folder))
        try:
            tab = visit()
            tab.open(f"{fresh.url}/items?data={data.key}&item={digest(data.key, 'x')}")
            assert tab.page.get_by_role("heading", name="Items").is_visible()
            assert tab.page.get_by_test_id("stSidebar").get_by_text("one item.csv").is_visible()
            assert tab.page.get_by_text("left", exact=True).is_visible()
            assert f"data={data.key}" in tab.page.url
            assert tab.page.locator('[data-testid="stException"]').count() == 0
        finally:
            fresh.stop()


def test_a_link_to_a_data_set_that_is_not_here(server: Server, visit: Callable[..., Visit]) -> None:
    tab = visit()
    tab.open(f"{server.url}/overview?data={'0' * 32}")
    assert tab.page.get_by_text("This data set is not here any more").is_visible()
    tab.page.get_by_role("link", name="Go to Start").click()
    tab.page.get_by_role("heading", name="Can these labels be trusted?").wait_for()


@pytest.mark.parametrize(("theme", "ground"), [("light", "rgb(255, 255, 255)"), ("dark", "rgb(17, 22, 29)")])
def test_both_themes_are_ours(theme: str, ground: str, server: Server, visit: Callable[..., Visit]) -> None:
    tab = visit(theme)
    tab.open(server.url)
    assert (
        tab.page.evaluate("getComputedStyle(document.querySelector('[data-testid=\"stApp\"]')).backgroundColor")
        == ground
    )
    if folder := os.environ.get("WORKBENCH_SCREENSHOTS"):
        tab.page.screenshot(path=str(Path(folder) / f"start-{theme}.png"))


def test_a_change_of_page_keeps_the_data_set_in_the_address(server: Server, visit: Callable[..., Visit]) -> None:
    data = small_sets()["one annotator"]
    Shelf(server.uploads).keep(data, "ann.csv", "upload")
    tab = visit()
    tab.open(f"{server.url}/items?data={data.key}")
    tab.page.get_by_role("link", name="Agreement").click()
    tab.page.wait_for_url(f"**/agreement?*data={data.key}*")
    tab.settle()
    tab.page.get_by_role("button", name="Close", exact=True).click()
    tab.page.get_by_role("heading", name="Can these labels be trusted?").wait_for()
    assert "data=" not in tab.page.url


def test_health_is_answered(server: Server) -> None:
    import urllib.request

    with urllib.request.urlopen(f"{server.url}/_stcore/health") as answer:
        assert answer.read() == b"ok"
    with urllib.request.urlopen(f"{server.url}/_stcore/host-config") as answer:
        assert json.loads(answer.read())
