"""Each page in each state of the data: it renders, and what is hostile in the data stays text."""

from __future__ import annotations

import re
from collections.abc import Callable

import _browser
import pytest
from streamlit.testing.v1 import AppTest

from tests.hostile_data import HOST, hostile_set, small_sets
from tests.pages.conftest import said
from tests.wording.test_numbers import bare_points
from workbench.dataset.annotation_set import AnnotationSet
from workbench.simulation.simulate import simulate

PAGES = (
    "start.py",
    "overview.py",
    "deliveries.py",
    "agreement.py",
    "reversals.py",
    "labels.py",
    "annotators.py",
    "speed.py",
    "items.py",
    "selection.py",
    "studies.py",
    "reward_models.py",
    "policy.py",
    "judges.py",
    "routing.py",
)
SMALL = small_sets()


@pytest.fixture(scope="module")
def demo() -> AnnotationSet:
    return simulate(2_000, seed=3).data


@pytest.mark.parametrize("page", PAGES)
def test_without_data_a_page_says_what_to_do(page: str, visit: Callable[..., AppTest]) -> None:
    app = visit(page)
    assert not app.exception
    assert "Can these labels be trusted?" in said(app) if page == "start.py" else "Nothing is open yet" in said(app)


@pytest.mark.parametrize("key", ["0" * 32, "../../etc/passwd", "<script>"])
@pytest.mark.parametrize("page", PAGES)
def test_an_unknown_key_asks_for_the_file_again(page: str, key: str, visit: Callable[..., AppTest]) -> None:
    app = visit(page, address={"data": key})
    assert not app.exception
    assert "not here any more" in said(app)


@pytest.mark.parametrize("page", PAGES)
def test_the_demo_renders(page: str, visit: Callable[..., AppTest], demo: AnnotationSet) -> None:
    app = visit(page, demo)
    assert not app.exception
    assert not app.error
    assert not bare_points(said(app)), "a number without a zero before its point"


@pytest.mark.parametrize("state", SMALL)
@pytest.mark.parametrize("page", PAGES)
def test_data_at_the_edge_renders(page: str, state: str, visit: Callable[..., AppTest]) -> None:
    app = visit(page, SMALL[state])
    assert not app.exception


_LIVE = re.compile(
    rf"(?<!\\)!\[[^\]]*(?<!\\)\]|(?<!\\)\]\((?:javascript|http)|(?<!\\)<(?:img|script|iframe|svg|a)\b|(?<!\\)\$|https?://{HOST}|www\.{HOST}",
    re.IGNORECASE,
)
"""What would work in Markdown or HTML: pictures, links, elements, formulas."""


@pytest.mark.parametrize("page", PAGES)
def test_hostile_data_stays_text(page: str, visit: Callable[..., AppTest]) -> None:
    data = hostile_set()
    app = visit(page, data, name="<img src=x onerror=alert(9)>.csv", address={"item": data.items["item_id"].iloc[0]})
    assert not app.exception
    for kind in ("title", "header", "subheader", "markdown", "caption", "error", "warning", "info", "success"):
        for element in app.get(kind):
            assert not _LIVE.search(str(element.value)), f"{kind}: {element.value[:300]}"
    for kind in ("expander", "button", "selectbox", "multiselect", "tabs", "metric", "checkbox", "toggle", "radio"):
        for element in app.get(kind):
            label = str(getattr(element, "label", ""))
            assert not _LIVE.search(label), f"{kind}: {label[:300]}"
    for element in app.get("html"):
        body = element.proto.body
        if element.proto.unsafe_allow_javascript:
            assert body.strip() == _browser.SCRIPT.strip(), "the one script of the pages holds nothing of the data"
            continue
        assert not re.search(r"<(?:img|script|iframe|svg|a)\b", body, re.IGNORECASE), body[:300]
        assert not re.search(r"<[^>]*\bon\w+=", body, re.IGNORECASE), body[:300]
