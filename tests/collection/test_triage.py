from __future__ import annotations

import numpy as np
import pytest
from sqlalchemy import select

from tests.collection.batch import PLAIN, batch_of, label_all, pool
from workbench.collection import schema
from workbench.collection.batches import Settings, make_batch
from workbench.collection.triage import mark, marks, to_relabel
from workbench.errors import WorkbenchError


def test_the_last_mark_on_an_item_holds_and_one_can_be_taken_back(store):
    data = pool(4)
    for item, as_ in (("q1", "relabel"), ("q2", "ambiguous"), ("q1", "ambiguous"), ("q3", "relabel"), ("q2", "none")):
        mark(store, data.key, item, as_, f"note on {item}")
    found = marks(store, data.key)
    assert found[["item_id", "mark"]].to_numpy().tolist() == [["q3", "relabel"], ["q1", "ambiguous"]]
    assert to_relabel(store, data.key, data) == [3]
    assert marks(store, "another set").empty
    with pytest.raises(WorkbenchError, match="no mark"):
        mark(store, data.key, "q1", "nonsense")  # type: ignore[arg-type]


def test_a_mark_on_a_batch_of_the_store_is_a_decision_at_once(store):
    made, links = batch_of(store, items=6, people=4, gold=2, overlap=2)
    label_all(store, links, np.random.default_rng(0))
    mark(store, made, "q0", "gold wrong", "it is the other one", "lea")
    mark(store, made, "q3", "relabel")
    item = schema.item
    with store.reading() as connection:
        gold = connection.execute(select(item).where(item.c.source_id == "q0")).one()
        more = connection.execute(select(item).where(item.c.source_id == "q3")).one()
        said = connection.execute(select(schema.verdict.c.decision, schema.verdict.c.rationale)).fetchall()
    assert (gold.known, gold.role) == (None, "regular")
    assert (more.want, more.wanting) == (4, True)
    assert [tuple(row) for row in said] == [("gold wrong", "it is the other one"), ("relabel", "")]


def test_a_batch_of_some_items_takes_its_gold_from_all(store):
    data = pool(20, gold=4)
    made = make_batch(store, data, "again", Settings(overlap=2, shares=PLAIN), only=[9, 2, 15])
    item = schema.item
    with store.reading() as connection:
        rows = connection.execute(
            select(item.c.source_id, item.c.role)
            .where(item.c.batch == made)
            .order_by(item.c.priority.desc(), item.c.place)
        ).fetchall()
    assert [name for name, role in rows if role == "regular"] == ["q9", "q2", "q15"]
    assert {name for name, role in rows if role == "gold"} == {"q0", "q1", "q3"}
