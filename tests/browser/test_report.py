"""A report in a real browser without a network: no script, no request, prints to PDF, reads on light and dark."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from tests.browser.conftest import Server, Visit
from tests.hostile_data import hostile_set
from tests.report.made import audited
from workbench.auditing.audit import audit
from workbench.economics import cost, preset
from workbench.report import make_report
from workbench.simulation.simulate import simulate
from workbench.workspace.dataset_store import Shelf


def test_it_opens_offline_runs_nothing_and_prints(browser: object, tmp_path: Path) -> None:
    report = make_report(audit(hostile_set()), texts=True, show_annotators=True)
    place = tmp_path / "report.html"
    place.write_text(report.to_html(), "utf-8")
    context = browser.new_context(offline=True, color_scheme="light")
    tab = context.new_page()
    asked: list[str] = []
    complaints: list[str] = []
    tab.on("request", lambda request: asked.append(request.url))
    tab.on("dialog", lambda dialog: (complaints.append(dialog.message), dialog.dismiss()))
    tab.on("console", lambda message: complaints.append(message.text))
    tab.on("pageerror", lambda error: complaints.append(str(error)))
    tab.goto(place.as_uri())
    assert asked == [place.as_uri()]
    assert complaints == []
    assert (
        tab.evaluate("document.querySelectorAll('script, iframe, img, object, embed, link, form, input').length") == 0
    )
    assert (
        tab.evaluate(
            "[...document.querySelectorAll('*')].some(e => [...e.attributes].some(a => a.name.startsWith('on')))"
        )
        is False
    )
    assert tab.evaluate("document.querySelectorAll('svg').length") >= 3

    light = tab.evaluate("getComputedStyle(document.body).backgroundColor")
    tab.emulate_media(color_scheme="dark")
    assert tab.evaluate("getComputedStyle(document.body).backgroundColor") != light

    tab.emulate_media(media="print", color_scheme="light")
    assert tab.locator("pre").first.is_visible(), "the code is on paper, though it is folded on the screen"
    assert not tab.locator("nav").is_visible()
    tab.set_viewport_size({"width": 690, "height": 1_000})
    assert tab.evaluate("document.documentElement.scrollWidth") <= 690, "nothing is cut off on A4"
    tab.emulate_media(media="screen")
    printed = tab.pdf(format="A4")
    assert printed.startswith(b"%PDF-")
    assert len(printed) > 20_000
    assert asked == [place.as_uri()]
    context.close()


def test_on_paper_intervals_are_smaller_than_their_values_and_nothing_breaks_within_a_word(
    browser: object, tmp_path: Path
) -> None:
    place = tmp_path / "report.html"
    place.write_text(make_report(audited(), costs=cost(preset("human-gold"))).to_html(), "utf-8")
    context = browser.new_context(offline=True)
    tab = context.new_page()
    tab.goto(place.as_uri())
    tab.emulate_media(media="print", color_scheme="light")
    tab.set_viewport_size({"width": 688, "height": 1_000})  # A4 within its margins, in CSS pixels
    assert tab.evaluate("document.documentElement.scrollWidth") <= 688
    size = "e => parseFloat(getComputedStyle(e).fontSize)"
    assert tab.evaluate(
        f"[...document.querySelectorAll('td small, th small')].every(e => ({size})(e) < ({size})(e.parentElement))"
    )
    # A number with its unit, an interval and a hashed id each stand on one line; a word in a narrow cell keeps its
    # letters together.
    one_line = "b, small, bdi"
    broken = tab.evaluate(
        "[...document.querySelectorAll('td.n, td.id.short')].flatMap(c =>"
        f" [...c.querySelectorAll('{one_line}')]).filter(e => e.getClientRects().length > 1).map(e => e.textContent)"
    )
    assert broken == []
    words = """() => [...document.querySelectorAll('td.used, td.t, thead th')].flatMap(cell => {
        const range = document.createRange(), walk = document.createTreeWalker(cell, NodeFilter.SHOW_TEXT), cut = [];
        while (walk.nextNode()) for (const found of walk.currentNode.data.matchAll(/[A-Za-z]{2,12}/g)) {
            range.setStart(walk.currentNode, found.index);
            range.setEnd(walk.currentNode, found.index + found[0].length);
            if (range.getClientRects().length > 1) cut.push(found[0]);
        }
        return cut;
    })"""
    assert tab.evaluate(words) == []
    context.close()


def test_the_overview_gives_the_report_of_the_open_data(server: Server, visit: Callable[..., Visit]) -> None:
    data = simulate(1_200, annotators=10, seed=12).data
    Shelf(server.uploads).keep(data, "votes", "upload")
    tab = visit()
    tab.open(f"{server.url}/overview?data={data.key}")
    tab.page.get_by_role("button", name="Report", exact=True).click()
    tab.page.get_by_text("Show annotator ids").click()
    tab.settle()
    with tab.page.expect_download() as waiting:
        tab.page.get_by_role("button", name="JSON", exact=True).click()
    found = json.loads(Path(waiting.value.path()).read_text("utf-8"))
    assert found["key"] == data.key
    assert found["annotators_shown"] is True
    assert {row["annotator"] for row in found["sections"]["annotators"]["tables"]["annotators"]["rows"]} == set(
        data.annotators["annotator"]
    )
    with tab.page.expect_download() as waiting:
        tab.page.get_by_role("button", name="HTML", exact=True).click()
    page = Path(waiting.value.path()).read_text("utf-8")
    assert waiting.value.suggested_filename == f"report_{data.key[:8]}.html"
    assert page.startswith("<!doctype html>")
    assert "Setting aside" in page or "set nothing aside" in page


def test_the_report_of_the_page_has_the_costs_that_stand_on_the_costs_page(
    server: Server, visit: Callable[..., Visit]
) -> None:
    """Preset, what was changed and what was measured go along; without a choice the report speaks of the menu, not of
    the command line."""
    data = simulate(1_200, annotators=10, seed=12).data
    Shelf(server.uploads).keep(data, "votes", "upload")
    tab = visit()
    tab.open(f"{server.url}/overview?data={data.key}")

    def made() -> dict:
        tab.settle()
        with tab.page.expect_download() as waiting:
            tab.page.get_by_role("button", name="JSON", exact=True).click()
        return json.loads(Path(waiting.value.path()).read_text("utf-8"))["sections"]["costs"]

    tab.page.get_by_role("button", name="Report", exact=True).click()
    without = made()
    assert "--scenario" not in without["absent"]
    assert "in the menu Report of the Overview page" in without["absent"]

    tab.open(f"{server.url}/costs?data={data.key}&cst_preset=human-1.50&cst_pairs=5000&cst_wage=11&cst_measured=yes")
    tab.page.get_by_role("link", name="Overview").click()
    tab.settle()
    tab.page.get_by_role("button", name="Report", exact=True).click()
    costs = made()
    assert costs["absent"] is None
    rows = {row["input"]: row for row in costs["tables"]["cost_inputs"]["rows"]}
    assert rows["wage"]["value"] == 11
    assert rows["wage"]["source"] == "set on the Costs page"
    assert rows["labels_per_item"]["measured"] == "measured"
    assert next(f for f in costs["figures"] if f["name"] == "costs.total")["n"] == 5_000
