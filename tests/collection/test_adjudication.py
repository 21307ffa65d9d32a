from __future__ import annotations

import numpy as np
import pytest
from sqlalchemy import select

from tests.collection.batch import batch_of, label_all
from workbench.collection import schema
from workbench.collection.adjudication import contested, decide, verdicts
from workbench.collection.handing_out import next_task
from workbench.collection.schedule import Shares
from workbench.errors import WorkbenchError


def split_on_some(task, link) -> str:
    """All find the first response better, but person-2 on even questions."""
    against = link.name == "person-2" and int(task.prompt.split("q")[-1]) % 2 == 0
    return "left>" if task.left.startswith("first") != against else "right>"


def test_disputed_items_come_with_their_votes_and_without_names(store):
    _, links = batch_of(store, items=10)
    label_all(store, links, np.random.default_rng(0), split_on_some)
    found = contested(store)
    assert {each.source_id for each in found} == {"q0", "q2", "q4", "q6", "q8"}
    assert found[0].votes == (("A>", 2), ("B>", 1))
    assert found[0].urgency == pytest.approx(1 / 3)
    assert "person" not in repr(found)


def test_gold_that_people_contradict_comes_first_and_is_repaired(store):
    _, links = batch_of(store, items=24, gold=4, shares=Shares(gold=0.3, repeat=0.0))
    label_all(store, links, np.random.default_rng(1), split_on_some)
    first = contested(store)[0]
    # Gold is A, B, A, B of q0 to q3; everybody but one person names A: the answers of q1 and q3 are contradicted.
    assert first.why == "people contradict the gold answer"
    assert first.known == "B>"
    decide(store, first.item, "gold wrong", label="A>", rationale="read again", expert="eva")
    with store.reading() as connection:
        assert (
            connection.execute(select(schema.item.c.known).where(schema.item.c.id == first.item)).scalar_one() == "A>"
        )
    assert first.item not in {each.item for each in contested(store)}
    assert [(v["source_id"], v["decision"], v["expert"]) for v in verdicts(store)] == [
        (first.source_id, "gold wrong", "eva")
    ]


def test_relabel_asks_more_people(store):
    _, links = batch_of(store, items=6, people=5)
    label_all(store, links, np.random.default_rng(2), split_on_some)
    item = contested(store)[0].item
    decide(store, item, "relabel", more=1)
    waiting = [task for link in links if (task := next_task(store, link.annotator)) is not None]
    assert [task.item for task in waiting] == [item]


def test_a_decision_without_a_label_or_an_item_is_refused(store):
    batch_of(store)
    with pytest.raises(WorkbenchError, match="no item"):
        decide(store, "x", "ambiguous")
    with store.reading() as connection:
        item = connection.execute(select(schema.item.c.id)).scalars().first()
    with pytest.raises(WorkbenchError, match="no label of this batch"):
        decide(store, item, "label")
