"""In a real browser: hostile text stays text, and the Items page opens, steps, searches and gives its list away."""

from __future__ import annotations

import io
from collections.abc import Callable

import pandas as pd
import pytest

from tests.browser.conftest import Server, Visit
from tests.hostile_data import HOST, hostile_set
from workbench.agreement.contested import contested_items
from workbench.formats.files.spreadsheet import defused
from workbench.simulation.simulate import simulate
from workbench.workspace.addresses import digest
from workbench.workspace.dataset_store import Shelf

expect = pytest.importorskip("playwright.sync_api").expect

INJECTED = f"""() => [...document.querySelectorAll('img, iframe, script, svg, a, link, object, embed')].filter(e =>
    ['src', 'href', 'data'].map(name => e.getAttribute(name) || '').some(
        value => value.includes('{HOST}') || /^javascript:/i.test(value))
    || [...e.attributes].some(a => /^on/i.test(a.name))).map(e => e.outerHTML)"""


def test_hostile_data_is_inert_on_every_page(server: Server, visit: Callable[..., Visit]) -> None:
    data = hostile_set()
    Shelf(server.uploads).keep(data, "<img src=x onerror=alert(8)>.csv", f"<script>alert(9)</script> http://{HOST}/x")
    tab = visit()
    for page in ("", "overview", "agreement", "items"):
        tab.open(f"{server.url}/{page}?data={data.key}")
        assert tab.page.evaluate(INJECTED) == [], page
        assert tab.page.locator('[data-testid="stException"]').count() == 0, page
    # Each item in turn: its prompt is on the page, character for character.
    for item_id in contested_items(data).frame["item_id"].iloc[:4]:
        prompt = data.item_texts([data.item_position(item_id)])["prompt"].iloc[0]
        expect(tab.page.locator(".pw-text").first).to_have_text(prompt)
        assert tab.page.evaluate(INJECTED) == []
        tab.page.get_by_role("button", name="Next").click()


def test_next_by_key_search_and_a_download_that_equals_the_library(server: Server, visit: Callable[..., Visit]) -> None:
    data = simulate(2_000, seed=11).data
    Shelf(server.uploads).keep(data, "simulated", "demo")
    listed = contested_items(data).frame
    tab = visit()
    tab.open(f"{server.url}/items?data={data.key}")
    assert tab.page.get_by_text(f"1 of {len(listed):,} in the list above").is_visible()
    tab.page.locator("body").press("ArrowRight")
    tab.page.get_by_text(f"2 of {len(listed):,} in the list above").wait_for()
    assert f"item={digest(data.key, listed['item_id'].iloc[1])}" in tab.page.url

    tab.click_in(tab.page.get_by_test_id("stDataFrame").first, 40, 35 * 4.5)
    tab.page.get_by_text(f"4 of {len(listed):,} in the list above").wait_for()

    tab.page.get_by_test_id("stMain").get_by_role("button", name="Download").first.click()
    with tab.page.expect_download() as waiting:
        tab.page.get_by_role("button", name="CSV", exact=True).first.click()
    file = waiting.value
    assert data.key[:8] in file.suggested_filename
    got = pd.read_csv(file.path(), dtype="str", encoding="utf-8-sig", keep_default_na=False)
    expected = pd.read_csv(
        io.StringIO(defused(listed.drop(columns="position")).to_csv(index=False)), dtype="str", keep_default_na=False
    )
    pd.testing.assert_frame_equal(got, expected)

    wanted = str(listed["item_id"].iloc[-1])
    tab.page.keyboard.press("Escape")
    box = tab.page.get_by_placeholder("words, in any case")
    box.fill(wanted)
    box.press("Enter")
    tab.page.get_by_text("without the words searched for").wait_for()
    tab.settle()
    assert wanted not in tab.page.url  # what is searched for stays out of the address
