"""No page breaks a rule of axe-core that it calls serious, in either theme."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.browser.axe import violations
from tests.browser.conftest import Server, Visit
from workbench.workspace.dataset_store import Shelf
from workbench.workspace.demos import demo

PAGES = {"light": ("overview", "cleaning"), "dark": ("items", "reward-models")}
"""Theme -> pages, some of each kind; `docs/photograph_pages.py` looks at all."""


@pytest.mark.parametrize("theme", PAGES)
def test_no_serious_finding(theme: str, server: Server, visit: Callable[..., Visit]) -> None:
    data = demo("demo")
    Shelf(server.uploads).keep(data, "a crew", "upload")
    tab = visit(theme)
    found = []
    for page in PAGES[theme]:
        tab.open(f"{server.url}/{page}?data={data.key}")
        tab.page.wait_for_timeout(500)
        found += [f"{page}: {v.rule}: {v.elements[0]}" for v in violations(tab.page) if v.serious]
    assert found == []
