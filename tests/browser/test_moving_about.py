"""Moving about: Back after a drill-down, Find from the keyboard, what is copied."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.browser.conftest import Server, Visit


@pytest.fixture
def tab(server: Server, visit: Callable[..., Visit]) -> tuple[Visit, str]:
    """A tab on the demo, and the demo's key."""
    tab = visit()
    tab.open(server.url)
    tab.page.get_by_role("button", name="Open the demo").click()
    tab.page.wait_for_url("**/overview?data=*")
    return tab, tab.page.url.partition("data=")[2].partition("&")[0]


def test_back_leads_to_the_very_view_and_find_goes_anywhere(server: Server, tab: tuple[Visit, str]) -> None:
    visit, key = tab
    page = visit.page
    visit.open(f"{server.url}/cleaning?cln_rel=70&cln_tab=Labels+that+change&data={key}")
    slider = page.locator('.st-key-cln_rel input[type="range"]')
    slider.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_url("**cln_rel=71**")
    visit.settle()
    assert "next:" in page.locator(".pw-dots").first.inner_text()
    page.get_by_role("button", name="Open these items").click()
    page.wait_for_url("**/items?**set=**")
    visit.settle()
    page.get_by_text("Showing only: labels that change by cleaning").wait_for()
    assert page.evaluate("document.querySelector('[data-testid=\"stMain\"]').scrollTop") == 0
    page.go_back()
    page.wait_for_url("**/cleaning?cln_rel=71&cln_tab=Labels+that+change**")
    page.get_by_role("button", name="Open these items").wait_for()
    assert slider.input_value() == "71"

    page.keyboard.press("Control+k")
    page.locator(".st-key-find_what input:focus").wait_for()
    page.keyboard.type("tator-14", delay=30)
    page.get_by_role("option", name="annotator-14").wait_for()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/annotators?**who=**")
    page.get_by_role("heading", name="Annotators", exact=True).wait_for()
    assert page.title().startswith("Annotators · ")
