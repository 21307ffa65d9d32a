"""The pages Collect and Adjudicate, on a store of the test's own."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pytest
from sqlalchemy import select
from streamlit.testing.v1 import AppTest

from tests.collection.batch import PLAIN, label_all, pool
from tests.pages.conftest import said
from workbench.collection import schema
from workbench.collection.batches import Settings, add_people, batches, make_batch
from workbench.collection.store import Store
from workbench.collection.triage import mark


@pytest.fixture
def store(tmp_path, monkeypatch) -> Iterator[Store]:
    monkeypatch.setenv("WORKBENCH_LABELS", str(tmp_path / "labels.sqlite"))
    made = Store(tmp_path / "labels.sqlite")
    yield made
    made.close()


@pytest.fixture
def worked(store) -> str:
    """A batch in which the third person contradicts the others."""
    made = make_batch(store, pool(12), "Week 3", Settings(overlap=3, shares=PLAIN))
    links = add_people(store, made, ["ann", "bob", "cem"])

    def choose(task, link):
        return "left>" if (link.name == "cem") != task.left.startswith("first") else "right>"

    label_all(store, links, np.random.default_rng(0), choose)
    return made


def test_without_anything_the_pages_say_what_to_do(store, visit: Callable[..., AppTest]) -> None:
    app = visit("collect.py")
    assert not app.exception
    assert "Nothing is open to make a batch from" in said(app)
    app = visit("adjudicate.py")
    assert not app.exception
    assert "Nothing is collected yet" in said(app)


def test_a_batch_is_made_and_its_links_are_shown_once(store, visit) -> None:
    app = visit("collect.py", pool(60, gold=30))
    app.number_input(key="col_people").set_value(4)
    app.slider(key="col_gold").set_value(10).run()
    assert "90 judgements" in said(app)
    app.button(key="col_make").click().run()
    assert not app.exception
    (batch,) = batches(store)
    links = app.session_state["col_links"]
    assert len(links) == 4
    with store.reading() as connection:
        hashes = connection.execute(select(schema.annotator.c.token_hash)).scalars().all()
    assert not any(link.rsplit("/", 1)[1] in hashes for link in links["link"])
    app.button(key="col_links_done").click().run()
    assert "col_links" not in app.session_state
    assert batch.name in said(app)


def test_too_little_gold_is_said_and_nothing_is_made(store, visit) -> None:
    app = visit("collect.py", pool(60, gold=2))
    assert "nobody gets the same gold twice" in said(app)
    assert batches(store) == []


def test_without_gold_none_is_asked_for(store, visit) -> None:
    app = visit("collect.py", pool(60, gold=0))
    assert app.slider(key="col_gold").value == 0
    assert "judgements" in said(app)
    assert "nobody gets the same gold twice" not in said(app)


def test_progress_people_and_a_pause(store, worked, visit) -> None:
    app = visit("collect.py")
    assert not app.exception
    assert "All 36 judgements are there" in said(app)
    people = dict(zip(*app.dataframe[0].value[["Person", "State"]].to_numpy().T, strict=True))
    assert set(people) == {"ann", "bob", "cem"}
    app.button(key="col_paused").click().run()
    assert "paused" in set(app.dataframe[0].value["State"])
    app.button(key="col_pause").click().run()
    assert batches(store)[0].state == "paused"


def test_an_expert_decides_what_people_dispute(store, worked, visit) -> None:
    app = visit("adjudicate.py")
    assert not app.exception
    assert "12 items wait" in said(app)
    app.radio[1].set_value("A>")
    app.button[-1].click().run()
    assert not app.exception
    with store.reading() as connection:
        row = connection.execute(select(schema.verdict)).one()
    assert (row.decision, row.label, row.expert) == ("label", "A>", "lead")
    assert "11 items wait" in said(app)


def test_a_label_is_asked_for_before_it_is_saved(store, worked, visit) -> None:
    app = visit("adjudicate.py")
    app.button[-1].click().run()
    assert "no label of this batch" in said(app)


def test_marked_items_come_back_and_become_a_batch(store, visit) -> None:
    data = pool(30, gold=12)
    mark(store, data.key, "q20", "relabel", "the prompt was cut off")
    app = visit("adjudicate.py", data)
    assert not app.exception
    assert "Marked in Items" in said(app)
    assert app.dataframe[0].value["note"].tolist() == ["the prompt was cut off"]
    app = visit("collect.py", data)
    app.number_input(key="col_people").set_value(3)
    app.slider(key="col_gold").set_value(0).run()
    assert "1 item x 3 people" in said(app)
    app.button(key="col_make").click().run()
    assert not app.exception
    with store.reading() as connection:
        roles = connection.execute(select(schema.item.c.source_id, schema.item.c.role)).fetchall()
    assert [name for name, role in roles if role == "regular"] == ["q20"]


def test_a_choice_of_another_page_becomes_a_batch_with_checks_and_a_crowd(store, shelf, visit) -> None:
    data = pool(40, gold=12)
    shelf.keep(data, "test.csv", "upload")
    token = shelf.keep_items(data.key, [30, 21], "picks of a strategy")
    app = visit("collect.py", data, address={"set": token})
    app.number_input(key="col_people").set_value(3)
    app.slider(key="col_gold").set_value(0)
    app.slider(key="col_check").set_value(5)
    app.toggle(key="col_crowd").set_value(True).run()
    assert "2 items x 3 people" in said(app)
    app.button(key="col_make").click().run()
    assert not app.exception
    (batch,) = batches(store)
    assert batch.config["crowd"] is True
    assert f"/label/crowd/{batch.id}?PROLIFIC_PID=" in app.session_state["col_crowd_url"]
    with store.reading() as connection:
        roles = connection.execute(select(schema.item.c.role)).scalars().all()
    assert (roles.count("regular"), roles.count("check")) == (2, 10)


def test_where_a_login_is_set_up_nobody_goes_on_without(store, worked, visit, monkeypatch) -> None:
    app = visit("collect.py")
    app.secrets["auth"] = {"client_id": "x"}
    app.run()
    assert [b.label for b in app.button if b.key != "find"] == ["Log in"]
    assert "for those who lead" in said(app)


def test_labels_of_now_keep_the_place(store, worked, visit, shelf) -> None:
    from workbench.collection.collected import collected

    data = collected(store, worked)
    kept = shelf.keep(data, "Collected: Week 3", f"collection {worked}")
    links = add_people(store, worked, ["dan"])
    with store.writing() as connection:
        connection.execute(schema.item.update().values(want=4, wanting=True))
    app = visit("items.py", address={"data": kept.key, "itm_min": "3"})
    label_all(store, links, np.random.default_rng(1))
    next(b for b in app.button if b.label == "Labels of now").click().run()
    assert not app.exception
    assert app.session_state["itm_min"] == "3"
    assert app.session_state["data"] == collected(store, worked).key
