"""Tiers whose promise is kept, checks that see the unchecked, and a plan run on pairs that people have not judged."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from tests.judging.conftest import marked_pairs
from workbench.cli import main
from workbench.dataset.assembly import Export, assemble
from workbench.errors import WorkbenchError
from workbench.formats.writers.annotation_table import write_annotation_table
from workbench.judging.constitution import default_constitution, write_constitution
from workbench.routing.certificate import own_hash
from workbench.routing.checks import affordable, drawn, error_of_all, inclusion
from workbench.routing.folder import held_constitution
from workbench.routing.live import NeedsLabels, route_live
from workbench.routing.plan import Plan, Tier, parse_plan, plan_text, read_plan
from workbench.routing.routed import Routed
from workbench.routing.simulate import simulate_plan
from workbench.routing.tiers import PEOPLE, Rule, Verdicts, asked_of, assign, certify
from workbench.routing.truth import majority, one_held_out
from workbench.routing.verdicts import constitution_of

FLOOR = Plan(tiers=(Tier("floor", "rule:longer", 0.0),))


def judges(n: int, rng: np.random.Generator, truth: np.ndarray, *skills: float) -> list[Verdicts]:
    found = []
    for number, skill in enumerate(skills):
        confidence = np.clip(rng.beta(6 * skill, 6 * (1 - skill), n), 0.5, 1.0)
        right = rng.random(n) < confidence
        found.append(Verdicts(f"t{number}", np.where(right, truth, 1 - truth), confidence))
    return found


def test_the_promise_is_kept_over_two_tiers() -> None:
    risk, delta, broken, used = 0.1, 0.1, 0, 0
    for trial in range(200):
        rng = np.random.default_rng(trial)
        truth = (rng.random(4_000) < 0.5).astype(float)
        tiers = judges(4_000, rng, truth, 0.75, 0.9)
        rule = certify(tiers, truth, np.arange(800), risk=risk, delta=delta, rng=rng)
        rest = np.arange(800, 4_000)
        place = assign(rule, tiers, rest)
        said = np.choose(np.maximum(place, 0), [t.said[rest] for t in tiers])
        decided = place != PEOPLE
        used += decided.mean() > 0.2
        broken += decided.any() and (said != truth[rest])[decided].mean() > risk
    assert used > 120
    assert broken <= delta * 200


def test_a_tier_that_fails_sends_its_items_to_people_and_not_on() -> None:
    n = 1_200
    truth = np.ones(n)
    confidence = np.where(np.arange(n) % 2 == 0, 0.9, 0.6)
    first = Verdicts("first", truth.copy(), confidence)
    second = Verdicts("second", truth.copy(), np.full(n, 0.8))
    rule = certify([first, second], truth, np.arange(400), risk=0.1, delta=0.1, rng=np.random.default_rng(0))
    passed = replace(rule.thresholds[0], value=0.8)
    failed = Rule((replace(passed, value=None), passed), (0.9, 0.8), 0.1, 0.1)
    rest = np.arange(400, n)
    place = assign(failed, [first, second], rest)
    assert (place[confidence[rest] == 0.9] == PEOPLE).all()
    assert (place[confidence[rest] == 0.6] == 1).all()
    assert asked_of(failed, [first, second], rest)[1].sum() == (confidence[rest] == 0.6).sum()


def test_a_judge_that_is_as_good_as_a_coin_decides_nothing() -> None:
    rng = np.random.default_rng(0)
    truth = (rng.random(2_000) < 0.5).astype(float)
    coin = Verdicts("coin", (rng.random(2_000) < 0.5).astype(float), np.full(2_000, 0.99))
    rule = certify([coin], truth, np.arange(600), risk=0.2, delta=0.1, rng=rng)
    assert rule.thresholds[0].value is None
    assert "passed over" in rule.thresholds[0].reason
    assert (assign(rule, [coin], np.arange(600, 2_000)) == PEOPLE).all()


def test_unequal_checks_see_the_unchecked() -> None:
    covered, centre = 0, []
    for trial in range(300):
        rng = np.random.default_rng(trial)
        confidence = rng.uniform(0.5, 1, 1_000)
        wrong = rng.random(1_000) < 1.1 * (1 - confidence) * 0.6
        chance = inclusion(confidence, 0.15, 3.0)
        assert chance.mean() == pytest.approx(0.15)
        checked = rng.random(1_000) < chance
        got = error_of_all(wrong, chance, checked)
        centre.append(got.value - wrong.mean())
        covered += got.same_crew.low <= wrong.mean() <= got.same_crew.high
    assert abs(np.mean(centre)) < 0.006, "the plain share of wrong checks would be too high by a quarter"
    assert covered >= 0.92 * 300


def test_who_is_checked_can_be_drawn_again() -> None:
    items = np.array([f"i{n}" for n in range(10_000)])
    first = drawn(items, np.full(10_000, 0.3), 5, "checks")
    assert (first == drawn(items, np.full(10_000, 0.3), 5, "checks")).all()
    assert first.mean() == pytest.approx(0.3, abs=0.015)
    assert (first != drawn(items, np.full(10_000, 0.3), 5, "calibration")).any()
    assert error_of_all(np.zeros(3), np.ones(3), np.zeros(3, bool)).reason == "no decided item was checked"
    none_wrong = error_of_all(np.zeros(50), np.full(50, 0.5), np.ones(50, bool))
    assert none_wrong.value == 0.0
    assert 0.05 < none_wrong.same_crew.high < 0.1


def test_a_person_is_not_judged_by_an_own_vote() -> None:
    items = pd.DataFrame({"item_id": ["x", "y"], "prompt": "p", "response_a": ["a", "c"], "response_b": ["b", "d"]})
    rows = pd.DataFrame({"item_row": [0, 0, 0, 1], "annotator": ["k", "l", "m", "k"], "label": ["A", "A", "B", "B"]})
    data = assemble([Export(items=items, rows=rows, source="t", format="t", sides=True)])
    assert majority(data).tolist() == [1.0, 0.0]
    for seed in range(10):
        held = one_held_out(data, np.random.default_rng(seed))
        if held.person[0] == 0.0:
            assert held.reference[0] == 1.0
        else:
            assert np.isnan(held.reference[0]), "one for A and one for B are left"
        assert np.isnan(held.reference[1])


def with_judge(data, skill: float, seed: int = 1):
    """The data with a judge whose confidence is what it says."""
    rng = np.random.default_rng(seed)
    good = data.item_texts()["response_a"].str.contains("good").to_numpy(float)
    confidence = rng.uniform(skill, 1.0, len(data.items))
    right = rng.random(len(data.items)) < confidence
    return Verdicts("judge", np.where(right, good, 1 - good), confidence)


def test_a_simulated_plan_tells_what_it_saves_and_when_it_does_not() -> None:
    data = marked_pairs(1_500)
    plan = Plan(tiers=(Tier("judge", "j", 0.01),), calibration=300)
    good = simulate_plan(data, plan, [with_judge(data, 0.9)], risk=0.15, delta=0.1)
    assert good.worth_it
    assert good.verdict().startswith("Worth it")
    assert good.items == good.calibration + good.to_people + sum(t.items for t in good.tiers)
    assert good.usd == pytest.approx(sum(good.parts.values()))
    assert good.error.same_crew.low <= good.decided_error.value <= 0.5
    shown = json.loads(json.dumps(good.to_dict(), allow_nan=False))
    assert {"tiers", "to_people", "usd", "error", "certificate"} <= shown.keys()
    assert {"name", "items", "threshold", "upper_bound", "usd"} <= shown["tiers"][0].keys()
    assert shown["certificate"]["hash"] == own_hash(shown["certificate"])
    people, judge = good.beside
    assert judge.usd < good.usd
    dearer = replace(good, beside=(people, replace(judge, usd=good.usd + 1, error=good.error)))
    wrong = replace(good, beside=(people, replace(judge, error=replace(good.error, value=good.error.value + 0.01))))
    assert (dearer.without_promise(), wrong.without_promise()) == ("", "")
    alike = replace(good, beside=(people, replace(judge, error=good.error)))
    assert alike.without_promise().startswith(f"On these data judge only would cost ${judge.usd:,.2f} and err on")
    bad = simulate_plan(data, plan, [with_judge(data, 0.5)], risk=0.02, delta=0.1)
    assert bad.verdict().startswith("Not worth it")
    assert bad.to_people == bad.items - bad.calibration


def unlabelled(n: int):
    data = marked_pairs(n)
    none = np.zeros(len(data.annotations), bool)
    return data, data.keep_annotations(none, "nobody judged yet")


def test_a_live_plan_waits_for_labels_decides_and_comes_back_with_the_checks(serve, tmp_path) -> None:
    full, blank = unlabelled(500)
    server = serve()
    plan = Plan(tiers=(Tier("judge", f"openai:m@{server.url}", 0.01),), calibration=150, check_share=0.2)
    first = route_live(blank, plan, tmp_path, risk=0.15, delta=0.1)
    assert isinstance(first, NeedsLabels)
    assert 110 < first.items == first.of < 190
    assert server.stats()["asked"] == 0
    wanted = set(pd.read_csv(first.tasks[1])["item_id"])
    ids = full.items["item_id"].to_numpy()[full.annotations["item"]]
    some = full.keep_annotations(np.isin(ids, list(wanted)), "others are not judged yet")
    second = route_live(some, plan, tmp_path, risk=0.15, delta=0.1)
    assert isinstance(second, Routed)
    assert second.tiers[0].items > 300
    assert second.decided_error.reason
    asked = server.stats()["asked"]
    labels = pd.read_csv(tmp_path / "labels.csv", dtype=str, keep_default_na=False)
    assert set(labels["labelled_by"]) <= {"judge", "people", "people (calibration)"}
    assert (labels.loc[labels["labelled_by"] == "judge", "judge_version"] != "").all()
    handed = set(pd.read_csv(tmp_path / "tasks" / "people.key.csv")["item_id"])
    more = full.keep_annotations(np.isin(ids, list(wanted | handed)), "others are not judged yet")
    third = route_live(more, plan, tmp_path, risk=0.15, delta=0.1)
    assert server.stats()["asked"] == asked, "nothing is asked again"
    assert third.checked > 30
    assert third.decided_error.value < 0.15
    assert third.certificate["thresholds"] == second.certificate["thresholds"]
    with pytest.raises(WorkbenchError, match="another plan"):
        route_live(more, replace(plan, calibration=10), tmp_path, risk=0.15, delta=0.1)


PLAN = """
calibration = 200
[[tier]]
name = "floor"
judge = "rule:longer"
price = 0
[people]
price = 1.5
"""


def test_a_plan_names_its_principles_and_a_live_routing_keeps_to_those_it_began_with(tmp_path) -> None:
    ours = default_constitution()
    own = replace(ours, principles=ours.principles[:3])
    file = write_constitution(own, tmp_path / "own.toml")
    plan = replace(FLOOR, constitution=str(file))
    assert parse_plan(plan_text(plan)) == plan
    assert held_constitution(tmp_path, plan).principles == own.principles
    write_constitution(ours, file)
    assert constitution_of(plan).principles == ours.principles
    assert held_constitution(tmp_path, plan).principles == own.principles


def test_the_command_tries_a_plan(tmp_path, capsys) -> None:
    export = write_annotation_table(marked_pairs(700), tmp_path / "people.csv")
    (tmp_path / "plan.toml").write_text(PLAN)
    asked = [
        "route",
        str(export),
        "--plan",
        str(tmp_path / "plan.toml"),
        "--risk",
        "0.01",
        "--simulate",
    ]
    assert main(asked) == 0
    assert capsys.readouterr().out.startswith("Not worth it")
    assert main([*asked, "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["tiers"][0]["threshold"] is None
    assert shown["to_people"] == shown["items"] - 200


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("calibration = 'x'", "calibration is 'x', which is no number"),
        ("calibration = 2.5", "no whole number"),
        ("seed = true", "seed is 'True'"),
        ("people = 3", "people is written as"),
        ("[people]\nprice = 'free'", "price is 'free'"),
    ],
)
def test_a_wrong_plan_says_where(text, said) -> None:
    with pytest.raises(WorkbenchError, match=said):
        parse_plan(f"{text}\n[[tier]]\njudge = 'rule:longer'\n")


@pytest.mark.parametrize(
    "text",
    ["", "[[tier]]\nname = 1", "tier = 3", "[[tier]]\njudge='j'\nprize=1", "[[tier]]\njudge='j'\nprice=-1", "not toml"],
)
def test_a_wrong_plan_is_one_line(text, tmp_path) -> None:
    (tmp_path / "plan.toml").write_text(text)
    with pytest.raises(WorkbenchError):
        read_plan(tmp_path / "plan.toml")
    with pytest.raises(WorkbenchError):
        parse_plan(text)


def test_where_the_money_ends_items_stay_without_a_label() -> None:
    data = marked_pairs(900)
    plan = Plan(tiers=(Tier("judge", "j", 0.01),), calibration=300)
    judge = [with_judge(data, 0.6)]
    whole = simulate_plan(data, plan, judge, risk=0.15, delta=0.1)
    short = simulate_plan(data, replace(plan, budget=whole.usd - 45.0), judge, risk=0.15, delta=0.1)
    assert whole.unpaid == 0
    assert whole.to_people > 30
    assert short.usd <= whole.usd - 45.0
    assert short.unpaid == 30
    assert short.to_people == whole.to_people - 30
    assert (short.where == -4).sum() == 30
    assert [t.items for t in short.tiers] == [t.items for t in whole.tiers]
    assert "30 of" in short.verdict()
    assert short.budget(0.5) == pytest.approx(short.beside[0].usd / 2)
    assert not short.worth_it
    assert parse_plan(plan_text(replace(plan, budget=12.5))).budget == 12.5
    nothing = simulate_plan(data, replace(plan, budget=0.0), judge, risk=0.15, delta=0.1)
    assert nothing.to_people == 0
    assert "more than the budget" in nothing.notes[1]
    with pytest.raises(WorkbenchError, match="budget"):
        replace(plan, budget=-1.0)


def test_who_is_paid_for_is_drawn_and_more_money_adds_to_them() -> None:
    items = np.array([f"i{n}" for n in range(100)])
    some, more = (affordable(items, room, 1.5, 0) for room in (30.0, 60.0))
    assert (int(some.sum()), int(more.sum())) == (20, 40)
    assert (more | ~some).all()
    assert affordable(items, 1e9, 1.5, 0).all()
    assert not affordable(items, -5.0, 1.5, 0).any()
