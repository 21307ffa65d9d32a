from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from sqlalchemy import select, update

from tests.collection.batch import answer, batch_of, identity, label_all
from workbench.collection import schema
from workbench.collection.batches import add_people, revoke, set_batch_state
from workbench.collection.handing_out import MOST_HELD, next_task
from workbench.collection.saving import save
from workbench.collection.schedule import Shares


def people_of_items(store) -> Counter:
    table = schema.judgement
    with store.reading() as connection:
        rows = connection.execute(select(table.c.item, table.c.annotator).where(table.c.round == 0)).fetchall()
    assert len(rows) == len(set(rows)), "nobody judges an item twice in the first round"
    return Counter(item for item, _ in rows)


def test_each_item_goes_to_as_many_people_as_wanted(store):
    _, links = batch_of(store, items=10, people=5, overlap=3)
    assert label_all(store, links, np.random.default_rng(0)) == 30
    assert set(people_of_items(store).values()) == {3}
    assert len(people_of_items(store)) == 10


def test_what_a_person_holds_is_the_same_again_until_it_is_judged(store):
    _, (link, *_) = batch_of(store)
    first = next_task(store, link.annotator)
    assert next_task(store, link.annotator) == first
    ahead = next_task(store, link.annotator, after=[first.lease])
    assert ahead.lease != first.lease
    assert ahead.item != first.item
    save(store, link.annotator, answer(first, "left>", identity(np.random.default_rng(1))))
    assert next_task(store, link.annotator).lease == ahead.lease


def test_a_person_holds_a_few_tasks_at_most(store):
    _, (link, *_) = batch_of(store, items=20)
    held: list[str] = []
    while (task := next_task(store, link.annotator, after=held)) is not None:
        held.append(task.lease)
    assert len(held) == MOST_HELD


def test_an_expired_lease_goes_to_others_and_its_late_label_is_kept(store):
    _, (slow, quick) = batch_of(store, items=1, people=2, overlap=1)
    task = next_task(store, slow.annotator)
    assert next_task(store, quick.annotator) is None
    with store.writing() as connection:
        connection.execute(update(schema.lease).values(expires_at=1))
    other = next_task(store, quick.annotator)
    assert other.item == task.item
    rng = np.random.default_rng(2)
    save(store, quick.annotator, answer(other, "left>", identity(rng)))
    save(store, slow.annotator, answer(task, "right>", identity(rng)))
    with store.reading() as connection:
        late = connection.execute(select(schema.judgement.c.late).order_by(schema.judgement.c.seq)).scalars().all()
        held = connection.execute(select(schema.item.c.held)).scalar_one()
    assert late == [False, True]
    assert held == 2


def test_gold_comes_in_its_share_and_never_twice_to_anybody(store):
    shares = Shares(gold=0.2, repeat=0.0)
    _, links = batch_of(store, items=70, people=3, gold=30, overlap=3, shares=shares)
    label_all(store, links, np.random.default_rng(3))
    table, item = schema.judgement, schema.item
    with store.reading() as connection:
        rows = connection.execute(
            select(table.c.annotator, table.c.item, item.c.role).join(item, item.c.id == table.c.item)
        ).fetchall()
    assert len({(r.annotator, r.item) for r in rows}) == len(rows)
    for link in links:
        mine = [r.role for r in rows if r.annotator == link.annotator]
        assert mine.count("regular") == 40
        assert mine.count("gold") / len(mine) == pytest.approx(0.2, abs=0.05)


def test_gold_that_is_used_up_is_noted_and_items_go_on(store):
    _, links = batch_of(store, items=42, people=1, gold=2, overlap=1, shares=Shares(gold=0.2, repeat=0.0))
    label_all(store, links, np.random.default_rng(4))
    assert sum(people_of_items(store).values()) == 42
    with store.reading() as connection:
        kinds = set(connection.execute(select(schema.event.c.kind)).scalars())
    assert "no gold left" in kinds


def test_repeats_come_with_sides_exchanged_and_twenty_tasks_later(store):
    _, links = batch_of(store, items=60, people=2, overlap=2, shares=Shares(gold=0.0, repeat=0.2))
    label_all(store, links, np.random.default_rng(5))
    table = schema.lease
    with store.reading() as connection:
        rows = connection.execute(select(table)).fetchall()
    again = [r for r in rows if r.round == 1]
    assert len(again) >= 10
    first = {(r.annotator, r.item): r for r in rows if r.round == 0}
    for row in again:
        before = first[(row.annotator, row.item)]
        assert row.place - before.place >= 20
        assert row.shown_first != before.shown_first


def test_nothing_is_handed_out_when_paused_closed_or_ended(store):
    made, (one, two) = batch_of(store, people=2)
    set_batch_state(store, made, "paused")
    assert next_task(store, one.annotator) is None
    set_batch_state(store, made, "open")
    assert next_task(store, one.annotator) is not None
    revoke(store, two.annotator)
    assert next_task(store, two.annotator) is None
    (old,) = add_people(store, made, ["old"], days=-1)
    assert next_task(store, old.annotator) is None


def test_adaptive_overlap_asks_more_where_votes_leave_an_item_open(store):
    _, links = batch_of(store, items=2, people=5, overlap=2, most_overlap=4)
    with store.reading() as connection:
        split = connection.execute(select(schema.item.c.id).order_by(schema.item.c.place)).scalars().first()

    def choose(task, link):
        # On one item odd people contradict even ones; on the other all agree.
        towards_a = int(link.name[-1]) % 2 == 0 or task.item != split
        return "left>" if towards_a == task.left.startswith("first") else "right>"

    label_all(store, links, np.random.default_rng(6), choose)
    counts = people_of_items(store)
    assert counts[split] == 4
    assert sorted(counts.values()) == [2, 4]
