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
