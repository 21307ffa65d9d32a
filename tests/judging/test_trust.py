"""A judge beside people: worked numbers on published data, and planted leanings that must be found."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import workbench
from workbench.errors import WorkbenchError
from workbench.judging.alternative_annotator import alternative_annotator_test
from workbench.judging.anchors import choose_anchors, drift_of_scores
from workbench.judging.beside_people import beside_people
from workbench.judging.biases import content_biases, position_bias
from workbench.judging.distributions import jensen_shannon
from workbench.judging.export import with_verdicts
from workbench.judging.offline import ask_offline
from workbench.judging.panels import consistent_only, effective_judges, effective_number, panel
from workbench.judging.prediction_powered import prediction_powered_mean
from workbench.judging.reconciling import reconciled
from workbench.judging.run import ask_judge
from workbench.judging.spec import parse_judge
from workbench.judging.trust import trust

REAL = Path(os.environ.get("WORKBENCH_REAL_DATA", Path(__file__).resolve().parents[2].parent / "shared" / "data"))
PANDALM = REAL / "pandalm"


@pytest.fixture(scope="module")
def pandalm():
    if not PANDALM.is_dir():
        pytest.skip("the real data are not here")
    return workbench.load(
        [PANDALM / f for f in ("testset-v1.json", "gpt-3.5-turbo-testset-v1.json", "pandalm-7b-testset-v1.json")]
    )


def test_two_models_and_a_person_as_stand_ins_for_people(pandalm) -> None:
    gpt = alternative_annotator_test(pandalm, "judge:gpt", epsilon=0.2)
    assert [one.judge_rate for one in gpt.against] == pytest.approx([0.758727, 0.756674, 0.758727], abs=1e-6)
    assert gpt.advantage == pytest.approx(0.758042, abs=1e-6)
    assert [one.p_value for one in gpt.against] == pytest.approx([0.93939, 0.812165, 0.947933], abs=1e-6)
    assert (gpt.n, gpt.winning_rate, gpt.passes) == (974, 0.0, False)
    own = alternative_annotator_test(pandalm, "judge:pandalm", epsilon=0.2)
    assert [one.judge_rate for one in own.against] == pytest.approx([0.714715, 0.713714, 0.715716], abs=1e-6)
    person = alternative_annotator_test(pandalm, "annotator1", epsilon=0.1)
    assert person.passes
    assert [one.p_value for one in person.against] == pytest.approx([6.79e-31, 4.56e-28], rel=1e-2)


def test_a_tie_that_is_read_as_unreadable_would_give_another_figure(pandalm) -> None:
    found = beside_people(pandalm, "judge:gpt")
    misread = alternative_annotator_test(found.kept(found.said != 0.5), epsilon=0.2)
    assert misread.advantage == pytest.approx(0.780271, abs=1e-6)


def test_what_a_real_judge_saves(pandalm) -> None:
    found = beside_people(pandalm, "judge:gpt")
    assert (found.people.mean(), found.said.mean()) == pytest.approx((0.472621, 0.491786), abs=1e-6)
    labelled = np.arange(len(found)) % 5 == 0
    y, f, rest = found.people[labelled], found.said[labelled], found.said[~labelled]
    got = prediction_powered_mean(y, f, rest, reference="normal")
    assert (got.weight, got.value, got.standard_error) == pytest.approx((0.432815, 0.510275, 0.027945), abs=1e-6)
    assert got.interval == pytest.approx((0.455503, 0.565047), abs=1e-6)
    assert got.multiplier == pytest.approx(1.3702, abs=1e-4)


def test_a_real_judge_in_one_report(pandalm) -> None:
    report = trust(pandalm, "judge:gpt")
    first = report.kappas.set_index("person").loc["annotator1"]
    assert first["kappa"] == pytest.approx(0.479371, abs=1e-6)
    assert (first["items"], report.n, report.n_set_aside) == (974, 974, 25)
    assert report.agreement.new_crew.low < report.agreement.same_crew.low
    assert report.people.value > report.agreement.value
    assert report.kept.noise.value < report.kept.distance.value
    assert report.calibration is None, "it gave no probabilities"


def simulated_judge(pairs, *, follow: float, seed: int = 0):
    """Pairs and a judge that prefers the longer response with this chance, else the marked one."""
    data, rng = pairs(400, seed), np.random.default_rng(seed)
    texts = data.item_texts()
    longer = texts["response_a"].str.len() > texts["response_b"].str.len()
    good = texts["response_a"].str.contains("good")
    follows = rng.random(len(data.items)) < follow
    score = np.where(follows, longer, good).astype(float)
    judged = ask_judge(data, parse_judge("rule:longer"), Path())
    table = judged.verdicts.table.set_index("item_id").loc[data.items["item_id"]].reset_index()
    table = table.assign(score=score, label=np.where(score > 0.5, "A>", "B>"))
    return data, replace(judged, verdicts=replace(judged.verdicts, table=table))


def test_length_bias_is_found_where_it_is_and_not_where_it_is_not(pairs) -> None:
    def of(data, words_a):
        return replace(data, items=data.items.assign(words_a=words_a, words_b=20))

    for follow, expected in ((0.0, False), (1.0, True)):
        data, judged = simulated_judge(pairs, follow=0.0)
        rng = np.random.default_rng(1)
        longer_a = rng.random(len(data.items)) < 0.5
        if follow:
            table = judged.verdicts.table.assign(label=np.where(longer_a, "A>", "B>"), score=longer_a.astype(float))
            judged = replace(judged, verdicts=replace(judged.verdicts, table=table))
        data = of(data, np.where(longer_a, 40, 10))
        both = with_verdicts(data, judged)
        found = {b.name: b for b in content_biases(both, beside_people(both, "judge:longer"))}
        assert found["length"].found is expected
        if expected:
            assert found["length"].judge.value == 1.0


def test_position_bias_cancels_content(pairs) -> None:
    data = pairs(60)
    ids = data.items["item_id"]
    table = pd.DataFrame({"item_id": ids, "first_order": 1.0, "second_order": 0.0})
    biased = position_bias(type("V", (), {"table": table})(), data)
    assert biased.judge.value == 1.0
    assert biased.found
    table = pd.DataFrame(
        {"item_id": ids, "first_order": np.tile([1.0, 0.0], 30), "second_order": np.tile([1.0, 0.0], 30)}
    )
    fair = position_bias(type("V", (), {"table": table})(), data)
    assert fair.judge.value == 0.5
    assert not fair.found


def test_orders_that_cancel_are_no_tie_and_ties_are() -> None:
    def call(item, shown, label, **more):
        return {
            "item": item,
            "shown": shown,
            "state": "answered",
            "label": label,
            "probabilities": None,
            "principles": {},
            **more,
        }

    both_orders = {"x": ("A>", "A>"), "t": ("=", "="), "s": ("A>>", "B>>"), "w": ("A>>", "=")}
    calls = [call(item, shown, label) for item, said in both_orders.items() for shown, label in enumerate(said)]
    table = reconciled([*calls, call("u", 0, "A>", state="unreadable")]).table.set_index("item_id")
    assert table["label"].to_dict() == {"x": None, "t": "=", "s": "A>>", "w": "A>", "u": None}
    assert table.loc["x", "score"] == 0.5
    assert table.loc["x", "flipped"]
    assert table.loc["u", "why"] == "unreadable"
    soft = reconciled(
        [
            call("p", 0, "A>", probabilities={"A>": 0.9, "B>": 0.1}),
            call("p", 1, "A>", probabilities={"A>": 0.6, "B>": 0.4}),
        ]
    )
    assert soft.table["score"][0] == pytest.approx(0.65)
    assert soft.table["label"][0] == "A>"


def test_a_panel_is_worth_its_independent_judges() -> None:
    assert effective_number(9, 0.4375) == pytest.approx(2.0)
    rng = np.random.default_rng(0)
    shared = rng.random(4_000) < 0.8
    copies = np.stack([shared] * 5, axis=1)
    copies[:2, 0] = ~copies[:2, 0]
    assert effective_judges(copies).effective == pytest.approx(1.0, abs=0.01)
    apart = effective_judges(rng.random((4_000, 5)) < 0.8)
    assert apart.effective == pytest.approx(5.0, abs=0.5)
    assert apart.panel == pytest.approx(0.942, abs=0.02), "the majority of five that are right in 80%"
    assert effective_judges(np.ones((20, 3), bool)).reason


def test_a_panel_below_its_quorum_has_no_label() -> None:
    scores = pd.DataFrame(
        {"x": [1.0, 1.0, 0.5], "y": [1.0, np.nan, 0.0], "z": [0.0, np.nan, 0.5]}, index=["i", "j", "k"]
    )
    got = panel(scores, quorum=2).table.set_index("item_id")
    assert got["label"].to_dict() == {"i": "A", "j": None, "k": "="}
    assert got.loc["j", "why"] == "below the quorum"


def test_the_consistency_filter_keeps_winners_and_says_what_it_costs() -> None:
    votes_a, votes = np.array([4, 0, 2, 1, 4]), np.array([4, 4, 4, 1, 4])
    truth = np.array([1.0, 0.0, 1.0, 1.0, 0.0])
    got = consistent_only(votes_a, votes, truth=truth)
    assert got.winner.tolist() == ["A", "B", None, None, "A"]
    assert got.set_aside == {"too few votes": 1, "not consistent": 1}
    assert got.accuracy_kept == pytest.approx(2 / 3), "consistent is not correct"
    assert got.bias == pytest.approx(1 / 3 - 3 / 5)


def test_jensen_shannon_by_hand() -> None:
    half = jensen_shannon(np.array([[1.0, 0.0]]), np.array([[0.5, 0.5]]))[0]
    by_hand = np.sqrt(0.5 * np.log2(1 / 0.75) + 0.5 * (0.5 * np.log2(0.5 / 0.75) + 0.5 * np.log2(0.5 / 0.25)))
    assert half == pytest.approx(by_hand)


def test_a_changed_judge_is_told_from_an_unchanged_one(pairs) -> None:
    data = pairs(100)
    anchors = choose_anchors(data, 40)
    assert len(anchors) == len(set(anchors)) == 40
    table = reconciled(ask_offline(parse_judge("rule:longer"), _questions(data, anchors))).table
    before = table.set_index("item_id")["score"].dropna().to_dict()
    assert not drift_of_scores(before, before).changed
    assert drift_of_scores(before, {item: 1 - score for item, score in before.items()}).changed


def _questions(data, items):
    from workbench.judging.questions import questions_of

    return questions_of(data, items).asked


def test_a_judge_that_is_not_there_is_an_error_that_lists_those_that_are(pairs) -> None:
    with pytest.raises(WorkbenchError, match="no annotator"):
        trust(pairs(5), "judge:none")
