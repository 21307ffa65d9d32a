"""One annotator seen closely, against hand counts and the library's own tables."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from workbench.annotators import SequentialTest, gold_accuracy, others
from workbench.annotators.close_up import (
    decisions,
    gold_answers,
    over_time,
    position_of,
    sequential_on_work,
    stands_alone,
    usual_test,
    usually_right,
)
from workbench.annotators.reliability import Weights, evidence_of, reliability
from workbench.annotators.survey import survey
from workbench.dataset.annotation_set import AnnotationSet
from workbench.dataset.assembly import Export, assemble
from workbench.simulation.simulate import simulate


@pytest.fixture(scope="module")
def crew() -> AnnotationSet:
    return simulate(
        6_000, annotators=20, spammers=1, drifters=0, speeders=0, left_clickers=0, colluders=0, gold_share=0.3, seed=4
    ).data


def answers(labels: str, gold: str) -> AnnotationSet:
    items = pd.DataFrame({"item_id": [str(i) for i in range(len(labels))], "gold": list(gold)})
    rows = pd.DataFrame({"item_row": range(len(labels)), "annotator": "ann", "label": list(labels)})
    rows["ended_at"] = pd.Timestamp("2026-01-05") + pd.to_timedelta(rows["item_row"], unit="h")
    return assemble([Export(items=items, rows=rows, source="t", format="t", sides=True)])


def test_gold_answers_in_order_of_time() -> None:
    found = others(answers("AABB", "ABBB"))
    table = gold_answers(found, 0)
    assert table["right"].tolist() == [True, False, True, True]
    assert table["item"].tolist() == [0, 1, 2, 3]
    assert stands_alone(found, 0)["item_id"].tolist() == ["1"]


def test_the_sequential_test_on_gold_is_walds() -> None:
    right = np.array([True, False, False, False, False, True, False])
    found = others(answers("".join("A" if r else "B" for r in right), "A" * 7))
    test = SequentialTest()
    decision, used, path = test.run(right)
    run = sequential_on_work(found, 0, test)
    assert (run.decision, run.used, run.answers) == (decision, used, 7)
    assert run.path == pytest.approx(path)
    assert run.decision == "flag"


def test_peers_speak_only_as_far_as_they_are_sure(crew: AnnotationSet) -> None:
    found = others(crew)
    test = SequentialTest()
    alone, joined = (decisions(found, test, peers=p).set_index("annotator") for p in (False, True))
    assert (joined["answers"] >= alone["answers"].reindex(joined.index)).all()
    name = joined.index[0]
    run = sequential_on_work(found, position_of(found, name), test, peers=True)
    assert (run.decision, run.used) == (joined.loc[name, "decision"], joined.loc[name, "used"])
    steps = np.diff(np.concatenate([[0.0], run.path]))
    assert steps.max() <= test.step_wrong + 1e-6
    assert steps.min() >= test.step_right - 1e-6


def test_the_spammer_is_flagged_first_and_gold_counts_agree(crew: AnnotationSet) -> None:
    made = simulate(
        6_000, annotators=20, spammers=1, drifters=0, speeders=0, left_clickers=0, colluders=0, gold_share=0.3, seed=4
    )
    behaviour = made.truth.annotators.set_index("annotator")["behaviour"]
    found = others(made.data)
    table = decisions(found, SequentialTest(), peers=True)
    assert table["annotator"].iloc[0] in set(behaviour.index[behaviour == "spammer"])
    gold = gold_accuracy(made.data)
    assert [len(gold_answers(found, k)) for k in range(20)] == gold["n"].tolist()
    assert sum(gold_answers(found, k)["right"].sum() for k in range(20)) == gold["direction_correct"].sum()


def test_parts_of_the_work_hold_every_label_once(crew: AnnotationSet) -> None:
    found = others(crew)
    course = over_time(found, 3)
    n = int((crew.codes.annotator == 3).sum())
    assert course.parts["from"].iloc[0] == 1
    assert course.parts["to"].iloc[-1] == n
    assert (course.parts["from"].to_numpy()[1:] == course.parts["to"].to_numpy()[:-1] + 1).all()
    assert len(course.path) <= 400
    share, judged = usually_right(found)
    assert 0.4 < share < 1
    assert judged == found.informed.sum()


def test_evidence_at_hand_gives_the_same_reliability(crew: AnnotationSet) -> None:
    found = survey(crew)
    weights = Weights(speed=0.0, consistency=2.0)
    pd.testing.assert_frame_equal(reliability(found, weights), reliability(found, weights, evidence=evidence_of(found)))


def test_one_label_says_nothing() -> None:
    data = assemble(
        [
            Export(
                items=pd.DataFrame({"item_id": ["1"]}),
                rows=pd.DataFrame({"item_row": [0], "annotator": "x", "label": "A"}),
                source="t",
                format="t",
                sides=True,
            )
        ]
    )
    found = others(data)
    assert usually_right(found) == (None, 0)
    assert sequential_on_work(found, 0, SequentialTest(), peers=True).answers == 0
    assert over_time(found, 0).parts["labels"].tolist() == [0]
    assert decisions(found, SequentialTest())["decision"].tolist() == ["undecided"]


def test_the_number_of_annotators_is_allowed_for_unless_one_says_otherwise(crew: AnnotationSet) -> None:
    found = others(crew)
    usual = decisions(found, peers=True)
    pd.testing.assert_frame_equal(usual, decisions(found, SequentialTest().corrected(20), peers=True))
    alone = decisions(found, SequentialTest(), peers=True)
    # ln(.95 / .05) = 2.94, and 5.94 where a twentieth of the rate is each one's: nobody is flagged sooner, or on less.
    assert usual_test(found).flag_at == pytest.approx(np.log(0.95 / 0.0025))
    assert (usual["decision"] == "flag").sum() <= (alone["decision"] == "flag").sum()
    run, plain = sequential_on_work(found, 0, peers=True), sequential_on_work(found, 0, SequentialTest(), peers=True)
    assert run.path.tolist() == plain.path.tolist()


def test_over_time_says_on_which_lines_it_watches(crew: AnnotationSet) -> None:
    seen = over_time(others(crew), 0)
    assert seen.false_alarms == 0.05
    assert 0.5 < seen.cusum.p_bad < seen.cusum.p_good < 1
    assert len(seen.began) == len(seen.signals)
