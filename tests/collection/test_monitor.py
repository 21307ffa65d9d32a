from __future__ import annotations

import numpy as np
import pytest
from sqlalchemy import select

from tests.collection.batch import answer, batch_of, identity
from workbench.collection import schema
from workbench.collection.evidence import Answered, Given, held_against
from workbench.collection.handing_out import next_task
from workbench.collection.monitor import BLIND, CrewRates, Monitor, decide_by_lead, standing
from workbench.collection.progress import progress
from workbench.collection.saving import save
from workbench.collection.schedule import Shares


def given(label: str | None, known: str | None = None, choice: str = "left>", ms: int | None = None, words: int = 30):
    return Given(
        lease="l", annotator="x", item="i", role="gold" if known else "regular", known=known, label=label,
        choice=choice, active_ms=ms, words=words, place=1,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("label", "known", "peers", "found"),
    [
        ("A>>", "A>", [], [Answered("gold", True)]),
        ("=", "A>", [], [Answered("gold", False)]),
        ("=", "=", [], [Answered("gold", True)]),
        (None, "A>", [], []),
        ("A>", None, ["A>>", "A>"], [Answered("peers", True)]),
        ("=", None, ["B>", "B>>"], [Answered("peers", False)]),
        ("A>", None, ["A>"], []),
        ("A>", None, ["A>", "B>"], []),
        ("A>", None, ["A>", "="], []),
        ("A>", None, ["A>", None], []),
    ],
)
def test_what_an_answer_is_held_against(label, known, peers, found):
    assert held_against([given(label, known)], {"i": peers}) == found


def test_the_steps_of_the_test_add_up_by_hand():
    # ln(.5/.8) for a right gold answer, ln(.5/.2) for a wrong one; ln((1 - .05) / .03) = 3.455 pauses.
    answered = [Answered("gold", False)] * 3 + [Answered("gold", True)]
    assert standing(answered, [], CrewRates()).ratio == pytest.approx(3 * np.log(2.5) + np.log(0.625))
    assert standing([Answered("gold", False)] * 4, [], CrewRates()).state == "paused"
    assert standing([Answered("gold", True)] * 7, [], CrewRates()).state == "trusted"


def test_a_fall_after_a_good_beginning_is_watched_and_not_paused():
    found = standing([Answered("gold", True)] * 8 + [Answered("gold", False)] * 6, [], CrewRates())
    assert found.state == "watched"
    assert "less often" in found.reason


def test_speed_and_side_make_somebody_watched():
    fast = [given("A>", ms=400, words=200)] * 20
    assert "faster than the texts can be read" in standing([], fast, CrewRates()).reason
    left = [given("A>", choice="left>")] * 40
    assert "40 of 40 choices for one side" in standing([], left, CrewRates()).reason
    assert standing([], [given("A>", ms=90_000, words=200)] * 20, CrewRates()).state == "new"


def test_a_clicker_is_paused_and_what_was_held_goes_to_others(store):
    _, links = batch_of(store, items=120, people=5, gold=30, overlap=3, shares=Shares(gold=0.15, repeat=0.0))
    monitor, rng = Monitor(store), np.random.default_rng(7)
    clicker = links[0].annotator
    for _ in range(80):
        for link in links:
            task = next_task(store, link.annotator)
            if task is None:
                continue
            if link.annotator == clicker:
                choice = str(rng.choice(["left>", "right>"]))
            else:
                right = (
                    "left>" if task.left.startswith("first") == (int(task.prompt.split("q")[-1]) % 2 == 0) else "right>"
                )
                wrong = {"left>": "right>", "right>": "left>"}[right]
                choice = right if rng.random() < 0.9 else wrong
            save(store, link.annotator, answer(task, choice, identity(rng)))
            monitor.after(link.annotator, task.item)
    people = progress(store).people.set_index("name")
    assert people.loc["person-0", "state"] == "paused"
    assert people.loc["person-0", "holds"] == 0
    assert "as rare as from somebody who does not look" in people.loc["person-0", "state_reason"]
    assert (people.loc[["person-1", "person-2", "person-3", "person-4"], "state"] != "paused").all()
    assert next_task(store, clicker) is None


def test_the_leads_word_is_left_alone(store):
    _, links = batch_of(store, items=40, people=1, gold=30, overlap=1, shares=Shares(gold=0.5, repeat=0.0))
    decide_by_lead(store, links[0].annotator, "trusted", "an old hand")
    rng = np.random.default_rng(8)
    monitor = Monitor(store)
    for _ in range(10):
        task = next_task(store, links[0].annotator)
        if task is not None:
            save(store, links[0].annotator, answer(task, "=", identity(rng)))
            monitor.after(links[0].annotator, task.item)
    with store.reading() as connection:
        state = connection.execute(select(schema.annotator.c.state)).scalar_one()
    assert state == "trusted"


def test_blind_answers_are_told_from_the_crews_only_where_these_differ():
    assert CrewRates().gold > BLIND
    poor = CrewRates(gold=0.6, peers=0.6)
    assert standing([Answered("gold", False)], [], poor).ratio > 0
