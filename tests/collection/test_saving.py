from __future__ import annotations

import numpy as np
import pytest
from sqlalchemy import func, select

from tests.collection.batch import answer, batch_of, identity
from workbench.collection import schema
from workbench.collection.handing_out import next_task
from workbench.collection.saving import Refused, answer_from, label_of_choice, save, undo
from workbench.dataset.scales import BINARY, FIVE, FOUR, TERNARY

RNG = np.random.default_rng(0)


def stored(store) -> int:
    with store.reading() as connection:
        return connection.execute(select(func.count()).select_from(schema.judgement)).scalar_one()


@pytest.mark.parametrize(
    ("choice", "shown_first", "scale", "label"),
    [
        ("left>>", "a", FIVE, "A>>"),
        ("left>>", "b", FIVE, "B>>"),
        ("=", "b", FIVE, "="),
        ("right>", "a", TERNARY, "B"),
        ("right>", "b", BINARY, "A"),
        ("right>>", "a", FOUR, "B>>"),
        ("skip", "a", BINARY, None),
    ],
)
def test_a_choice_as_shown_becomes_a_label_of_the_pair(choice, shown_first, scale, label):
    assert label_of_choice(choice, shown_first, scale) == label


def test_a_choice_the_batch_does_not_offer_is_refused():
    with pytest.raises(Refused, match="not offered"):
        label_of_choice("=", "a", BINARY)
    with pytest.raises(Refused, match="not offered"):
        label_of_choice("left>>", "a", TERNARY)


def test_the_same_answer_sent_again_is_stored_once(store):
    _, (link, *_) = batch_of(store)
    task, made = next_task(store, link.annotator), identity(RNG)
    assert save(store, link.annotator, answer(task, "left>", made)) == made
    assert save(store, link.annotator, answer(task, "left>", made)) == made
    assert stored(store) == 1


def test_a_second_answer_to_the_same_task_is_refused(store):
    _, (link, *_) = batch_of(store)
    task = next_task(store, link.annotator)
    save(store, link.annotator, answer(task, "left>", identity(RNG)))
    with pytest.raises(Refused) as refused:
        save(store, link.annotator, answer(task, "right>", identity(RNG)))
    assert refused.value.status == 409
    assert stored(store) == 1


def test_somebody_elses_task_and_somebody_elses_id_are_refused(store):
    _, (one, two, _) = batch_of(store)
    task, made = next_task(store, one.annotator), identity(RNG)
    with pytest.raises(Refused) as refused:
        save(store, two.annotator, answer(task, "left>", made))
    assert refused.value.status == 403
    save(store, one.annotator, answer(task, "left>", made))
    with pytest.raises(Refused) as refused:
        save(store, two.annotator, answer(next_task(store, two.annotator), "left>", made))
    assert refused.value.status == 409
    assert stored(store) == 1


def test_an_undo_opens_the_last_task_and_the_new_answer_names_the_old_one(store):
    _, (link, *_) = batch_of(store)
    first, made = next_task(store, link.annotator), identity(RNG)
    save(store, link.annotator, answer(first, "left>", made))
    again = undo(store, link.annotator)
    assert (again.lease, again.previous) == (first.lease, "left>")
    assert next_task(store, link.annotator).lease == first.lease
    other = identity(RNG)
    save(store, link.annotator, answer(again, "right>", other))
    with store.reading() as connection:
        rows = connection.execute(select(schema.judgement).order_by(schema.judgement.c.seq)).fetchall()
        done = connection.execute(
            select(schema.annotator.c.done).where(schema.annotator.c.id == link.annotator)
        ).scalar_one()
    assert [(r.id, r.choice, r.supersedes) for r in rows] == [(made, "left>", None), (other, "right>", made)]
    assert done == 1


def test_undo_reaches_ten_tasks_back_and_no_further(store):
    _, (link, *_) = batch_of(store, items=14, people=1, overlap=1)
    for _ in range(12):
        save(store, link.annotator, answer(next_task(store, link.annotator), "left>", identity(RNG)))
    opened = []
    while (task := undo(store, link.annotator)) is not None:
        opened.append(task.lease)
    assert len(opened) == len(set(opened)) == 10


@pytest.mark.parametrize(
    "body",
    [
        None,
        [],
        "x",
        {},
        {"id": "no", "lease": "a", "choice": "left>"},
        {"id": "7b5ad9c6-3a0c-4a53-9d7c-0f8f1f2b3c4d", "lease": "a", "choice": "A>"},
        {"id": "7b5ad9c6-3a0c-4a53-9d7c-0f8f1f2b3c4d", "lease": "../x", "choice": "left>"},
        {"id": "7b5ad9c6-3a0c-4a53-9d7c-0f8f1f2b3c4d", "lease": "a", "choice": "left>", "active_ms": -1},
        {"id": "7b5ad9c6-3a0c-4a53-9d7c-0f8f1f2b3c4d", "lease": "a", "choice": "left>", "active_ms": float("nan")},
        {"id": "7b5ad9c6-3a0c-4a53-9d7c-0f8f1f2b3c4d", "lease": "a", "choice": "left>", "dims": {"x": "y"}},
    ],
)
def test_what_is_no_answer_is_refused_in_one_line(body):
    with pytest.raises(Refused) as refused:
        answer_from(body)
    assert refused.value.status == 400
    assert "\n" not in refused.value.why
