from __future__ import annotations

import json

import numpy as np
import pytest

from tests.collection.batch import answer, batch_of, identity, label_all
from workbench.auditing.audit import audit
from workbench.collection.collected import collected, file_name, write_collected
from workbench.collection.handing_out import next_task
from workbench.collection.progress import progress
from workbench.collection.saving import save, undo
from workbench.collection.schedule import Shares
from workbench.errors import WorkbenchError
from workbench.formats import load


def by_content(task, link) -> str:
    """Everybody finds the first response better, but person-2."""
    towards_a = link.name != "person-2"
    return "left>" if task.left.startswith("first") == towards_a else "right>>"


@pytest.fixture
def worked(store):
    _, links = batch_of(store, items=40, people=3, gold=10, shares=Shares(gold=0.1, repeat=0.1))
    rng = np.random.default_rng(0)
    task = next_task(store, links[0].annotator)
    save(store, links[0].annotator, answer(task, "skip", identity(rng)))
    again = undo(store, links[0].annotator)
    save(store, links[0].annotator, answer(again, by_content(again, links[0]), identity(rng), active_ms=2_500))
    label_all(store, links, rng, by_content)
    return store


def test_labels_stand_towards_the_pair_whatever_side_was_shown(worked):
    data = collected(worked)
    labels = data.annotations.groupby(data.annotators["annotator"].to_numpy()[data.annotations["annotator"]])["label"]
    strengths = {name: {data.scale.labels[code] for code in codes} for name, codes in labels}
    assert {name: {label[0] for label in found} for name, found in strengths.items()} == {
        "person-0": {"A"},
        "person-1": {"A"},
        "person-2": {"B"},
    }


def test_the_audit_of_a_collected_set_is_that_of_its_export(worked, tmp_path):
    file = tmp_path / file_name(worked)
    write_collected(worked, file)
    live, exported = collected(worked), load(file)
    assert live.key == exported.key
    assert json.dumps(audit(live).to_dict()) == json.dumps(audit(exported).to_dict())


def test_no_column_of_a_judgement_is_lost_and_undone_ones_are_counted(worked, tmp_path):
    file = tmp_path / file_name(worked)
    n = write_collected(worked, file)
    rows = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    judged = [row for row in rows if row["row"] == "judgement"]
    assert len(judged) == n
    assert {"active_ms", "hidden_ms", "shown_at", "first_key_at", "submitted_at", "handed_at", "received_at"} <= set(
        judged[0]
    )
    assert [row["superseded"] for row in judged].count(True) == 1
    data = load(file)
    assert data.ledger.set_aside["superseded by an undo"] == 1
    assert data.annotations["seconds"].max() == pytest.approx(2.5)
    assert (data.annotations["shown_first"] >= 0).all()


def test_repeats_and_gold_reach_the_audit(worked):
    found = audit(collected(worked)).to_dict()
    assert found["counts"]["repeats"] > 0
    assert {row["gold"]["n"] > 0 for row in found["annotators"]} == {True}


def test_progress_counts_what_was_done(worked):
    found = progress(worked)
    assert (found.items, found.items_done, found.judgements, found.wanted) == (30, 30, 90, 90)
    assert (found.undone, found.skips) == (1, 0)
    assert found.repeats > 0
    assert found.gold > 0
    assert found.people["done"].sum() == found.judgements + found.repeats + found.gold


def test_an_empty_batch_says_what_to_do(store):
    batch_of(store)
    with pytest.raises(WorkbenchError, match="Send the links"):
        collected(store)
