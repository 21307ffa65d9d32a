"""The Items page: order, filters, links, next and previous, sets behind a bar."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from tests.pages.conftest import said
from workbench.agreement.contested import contested_items
from workbench.dataset.annotation_set import AnnotationSet
from workbench.dataset.assembly import Export, assemble
from workbench.workspace.addresses import digest
from workbench.workspace.dataset_store import Shelf


@pytest.fixture(scope="module")
def data() -> AnnotationSet:
    items = pd.DataFrame({"item_id": ["calm", "split", "three"], "prompt": ["Say hi", "Pick a colour", "Name a town"]})
    items["response_a"], items["response_b"] = (
        ["Hi there, friend", "I like red best", "Rome is a town"],
        ["Hello there, friend", "I like blue best", "Oslo is a town"],
    )
    items["slice.language"] = ["en", "de", "de"]
    rows = [("calm", "AAA"), ("split", "ABA"), ("three", "ABB")]
    table = pd.DataFrame(
        [
            {"item_row": i, "annotator": f"ann{j}", "label": v, "reason": f"because {v}"}
            for i, (_, votes) in enumerate(rows)
            for j, v in enumerate(votes)
        ]
    )
    return assemble([Export(items=items, rows=table, source="a.csv", format="columns", sides=True)])


def test_the_most_contested_item_is_first_and_open(visit: Callable[..., AppTest], data: AnnotationSet) -> None:
    app = visit("items.py", data)
    listed = app.dataframe[0].value
    assert listed["item_id"].tolist() == contested_items(data).frame["item_id"].tolist() == ["split", "three", "calm"]
    assert "Item <code>split</code>" in said(app)
    assert '<mark class="a">red</mark>' in said(app)
    assert "because A" in str(app.dataframe[1].value)


def test_a_link_opens_its_item_and_next_goes_on(visit: Callable[..., AppTest], data: AnnotationSet) -> None:
    app = visit("items.py", data, address={"item": digest(data.key, "three")})
    assert "Item <code>three</code>" in said(app)
    app.button(key="itm_next").click().run()
    assert "Item <code>calm</code>" in said(app)
    assert app.query_params["item"] == digest(data.key, "calm")
    assert app.button(key="itm_next").disabled
    app.button(key="itm_prev").click().run()
    assert "Item <code>three</code>" in said(app)


def test_a_link_to_an_unknown_item_says_so(visit: Callable[..., AppTest], data: AnnotationSet) -> None:
    app = visit("items.py", data, address={"item": "<b>nobody</b>"})
    assert not app.exception
    assert "is not in these data" in app.info[0].value


def test_filters_narrow_the_list_and_undo_brings_it_back(visit: Callable[..., AppTest], data: AnnotationSet) -> None:
    app = visit("items.py", data)
    app.selectbox(key="itm_slice.language").set_value("en").run()
    assert app.dataframe[0].value["item_id"].tolist() == ["calm"]
    app.text_input(key="itm_find").set_value("nowhere to be found").run()
    assert "No item passes these choices" in said(app)
    app.button(key="itm_undo").click().run()
    assert len(app.dataframe[0].value) == 3


def test_a_set_of_items_is_shown_alone_and_says_what_it_is(
    visit: Callable[..., AppTest], data: AnnotationSet, shelf: Shelf
) -> None:
    token = shelf.keep_items(data.key, [0, 2], "ann0 and ann1 <b>differ</b>")
    app = visit("items.py", data, address={"set": token})
    assert set(app.dataframe[0].value["item_id"]) == {"calm", "three"}
    assert "ann0 and ann1 &lt;b&gt;differ&lt;/b&gt; (2 items)" in said(app)
    app.button(key="itm_all").click().run()
    assert len(app.dataframe[0].value) == 3


def test_an_unknown_set_shows_all_and_says_so(visit: Callable[..., AppTest], data: AnnotationSet) -> None:
    app = visit("items.py", data, address={"set": "0123456789"})
    assert "not on this machine any more" in said(app)
    assert len(app.dataframe[0].value) == 3
