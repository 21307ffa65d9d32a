"""No page breaks a rule of axe-core that it calls serious; each is looked at once, in one of the themes."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.browser.axe import violations
from tests.browser.conftest import Server, Visit
from workbench.simulation.simulate import simulate
from workbench.workspace.dataset_store import Shelf

THEMES = ("light", "dark")
"""Every second page in either; `docs/photograph_pages.py` looks at all of them in both."""


@pytest.mark.parametrize("theme", THEMES)
def test_no_serious_finding(theme: str, server: Server, visit: Callable[..., Visit]) -> None:
    data = simulate(600, seed=2).data
    Shelf(server.uploads).keep(data, "a crew", "upload")
    tab = visit(theme)
    tab.open(f"{server.url}/runs?data={data.key}")
    links = tab.page.get_by_test_id("stSidebarNavLink")
    assert links.count() == 20
    found = []
    for place in range(THEMES.index(theme), links.count(), len(THEMES)):
        page = str(links.nth(place).get_attribute("href")).rpartition("/")[2]
        links.nth(place).click()
        tab.page.wait_for_url(f"{server.url}/{page}*")
        tab.settle()
        found += [f"{page}: {v.rule}: {v.elements[0]}" for v in violations(tab.page) if v.serious]
    assert found == []
