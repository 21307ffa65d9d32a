"""In a real browser: the demo, a slider, the number that changes, and a download that equals the library's answer."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pandas as pd
import pytest

from tests.browser.conftest import Server, Visit
from workbench.agreement import Choice, all_coefficients, cohen_kappas
from workbench.agreement.drill_down import items_labelled_by
from workbench.auditing.audit import audit
from workbench.dataset.annotation_set import AnnotationSet
from workbench.figures.canvas import estimates_table
from workbench.wording.numbers import number
from workbench.workspace.dataset_store import Shelf
from workbench.workspace.demos import DEMOS

expect = pytest.importorskip("playwright.sync_api").expect
ORDINAL = "krippendorff_alpha.ordinal"


@pytest.fixture(scope="module")
def demo() -> AnnotationSet:
    return DEMOS[0].open()


@pytest.fixture
def kept(server: Server, demo: AnnotationSet) -> str:
    return Shelf(server.uploads).keep(demo, "demo", "demo").key


def value_in_table(tab: Visit, name: str) -> str:
    row = tab.page.locator(".pw-numbers tbody tr").filter(has_text=re.compile(rf"^{re.escape(name)}[−\d–]"))
    return row.locator("td").nth(1).inner_text()


def move(tab: Visit, slider: str, steps: int) -> None:
    """Moves a slider with the keyboard."""
    handle = tab.page.locator('[data-testid="stSlider"]').filter(has_text=slider).locator("input[type=range]").first
    handle.focus()
    for _ in range(abs(steps)):
        tab.page.keyboard.press("ArrowRight" if steps > 0 else "ArrowLeft")
    tab.settle()


def test_demo_slider_number_download(server: Server, visit: Callable[..., Visit], demo: AnnotationSet) -> None:
    tab = visit()
    tab.open(server.url)
    tab.page.get_by_role("button", name="Open the demo").click()
    tab.page.get_by_role("heading", name="Overview").wait_for()
    expect(tab.page.locator(".stHtml", has_text="Verdict:").first).to_contain_text(audit(demo).verdict.sentence)
    tab.page.get_by_test_id("stSidebarNav").get_by_role("link", name="Agreement").click()
    tab.page.locator(".pw-numbers").wait_for()
    tab.settle()

    before = all_coefficients(demo)[ORDINAL]
    assert value_in_table(tab, before.name) == number(before.value)
    move(tab, "Fewest seconds", 5)
    least = int(re.search(r"agr_seconds=(\d+)", tab.page.url)[1])  # type: ignore[index]
    choice = Choice(min_seconds=least)
    after = all_coefficients(demo, choice)
    assert number(after[ORDINAL].value) != number(before.value)
    expect(tab.page.locator(".pw-numbers tbody tr.chosen td").nth(1)).to_have_text(number(after[ORDINAL].value))
    drawn = tab.page.evaluate(
        "() => [...document.querySelectorAll('.st-key-agr_forest .textpoint text')].map(t => t.textContent)"
    )
    assert number(after[ORDINAL].value) in drawn

    tab.page.get_by_test_id("stMain").get_by_role("button", name="Download", exact=True).first.click()
    with tab.page.expect_download() as waiting:
        tab.page.get_by_role("button", name="Parquet").first.click()
    file = waiting.value
    assert demo.key[:8] in file.suggested_filename
    assert f"seconds-{least}" in file.suggested_filename
    pd.testing.assert_frame_equal(pd.read_parquet(file.path()), estimates_table(after))


def test_a_link_with_choices_arrives_cold(
    server: Server, visit: Callable[..., Visit], demo: AnnotationSet, kept: str
) -> None:
    tab = visit("dark")
    tab.open(f"{server.url}/agreement?data={kept}&agr_seconds=10&agr_read=Direction&agr_tab=By+week")
    expected = all_coefficients(demo, Choice(min_seconds=10, direction=True))[ORDINAL]
    expect(tab.page.get_by_test_id("stMain").get_by_role("heading", level=4)).to_contain_text(
        f"{expected.value:.2f}".removeprefix("0")
    )
    expect(tab.page.locator(".st-key-agr_chart_weeks .js-plotly-plot").first).to_be_visible()
    assert "agr_seconds=10" in tab.page.url


def test_a_cell_of_the_heat_map_opens_the_items_both_labelled(
    server: Server, visit: Callable[..., Visit], demo: AnnotationSet, kept: str
) -> None:
    tab = visit()
    tab.open(f"{server.url}/agreement?data={kept}&agr_tab=Annotator+pairs")
    tab.page.locator(".st-key-agr_chart_pairs .scatterlayer .point").first.wait_for()
    cell = tab.page.evaluate(
        """() => { const plot = document.querySelector('.st-key-agr_chart_pairs .js-plotly-plot');
            plot.scrollIntoView({block: 'center'});
            const point = plot.querySelectorAll('.scatterlayer .point')[7].getBoundingClientRect();
            return {x: point.x + point.width / 2, y: point.y + point.height / 2, pair: plot.data[2].customdata[7]}; }"""
    )
    tab.page.mouse.move(cell["x"] - 3, cell["y"] - 3)
    tab.page.mouse.move(cell["x"], cell["y"])
    tab.page.mouse.click(cell["x"], cell["y"])
    tab.page.get_by_role("heading", name="Items", exact=True).wait_for()
    tab.settle()
    token = re.search(r"set=([0-9a-f]+)", tab.page.url)[1]  # type: ignore[index]
    positions, _ = Shelf(server.uploads).items(kept, token)
    assert positions.tolist() == items_labelled_by(demo, tuple(cell["pair"])).tolist()
    frame = cohen_kappas(demo).to_frame()
    of_pair = frame[
        [{a, b} == set(cell["pair"]) for a, b in zip(frame["annotator_1"], frame["annotator_2"], strict=True)]
    ]
    assert len(positions) == of_pair["items"].iloc[0]


def test_the_audit_file_is_the_librarys(
    server: Server, visit: Callable[..., Visit], demo: AnnotationSet, kept: str
) -> None:
    tab = visit()
    tab.open(f"{server.url}/overview?data={kept}")
    with tab.page.expect_download() as waiting:
        tab.page.get_by_role("button", name="Download the audit").click()
    assert json.loads(waiting.value.path().read_text("utf-8")) == json.loads(json.dumps(audit(demo).to_dict()))


def test_charts_are_described_for_those_who_do_not_see_them(
    server: Server, visit: Callable[..., Visit], kept: str
) -> None:
    tab = visit()
    tab.open(f"{server.url}/agreement?data={kept}")
    described = tab.page.evaluate(
        "() => [...document.querySelectorAll('.st-key-agr_forest [aria-label], .st-key-agr_forest [alt]')].map(e =>"
        " e.getAttribute('aria-label') || e.getAttribute('alt'))"
    )
    assert any("Forest of estimates with both intervals" in text for text in described if text)
