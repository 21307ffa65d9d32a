"""Scenarios: presets, files from elsewhere, and every wrong input said where it stands."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from workbench.economics import (
    CHOICES,
    INPUTS,
    Scenario,
    cost,
    preset,
    presets,
    read_scenario,
    scenario_from,
    scenario_with,
)
from workbench.economics.model import PARTS, outcome
from workbench.economics.scenario import checked_pairs
from workbench.errors import WorkbenchError
from workbench.wording.costs import printed
from workbench.wording.economics import notes_of, title_of


@pytest.mark.parametrize("name", presets())
def test_every_preset_has_sources_and_adds_up(name: str) -> None:
    found = cost(preset(name))
    assert found.scenario.source
    assert found.scenario.date
    for each in found.scenario.inputs.values():
        assert each.source
        assert each.date
    assert sum(p.per_item for p in found.parts) == pytest.approx(found.cost_per_item)
    assert sum(p.total for p in found.parts) == pytest.approx(found.total)
    assert found.total == pytest.approx(found.cost_per_item * found.pairs)
    assert 0.5 <= found.label_accuracy <= 1
    assert found.cost_per_effective_label == pytest.approx(found.total / found.effective_labels)
    assert set(found.to_dict()) >= {
        "scenario",
        "pairs",
        "cost_per_item",
        "total",
        "weeks",
        "label_accuracy",
        "effective_labels",
        "cost_per_effective_label",
        "parts",
        "inputs",
    }


def test_every_input_says_what_it_is() -> None:
    for kind in INPUTS.values():
        assert kind.description.endswith(".")
        assert kind.source
        assert kind.low <= kind.default <= kind.high
        assert kind.step > 0


@pytest.mark.parametrize("name", presets())
def test_a_scenario_survives_its_file(name: str, tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(preset(name).with_values(labels_per_item=3, aggregation="weighted").to_toml(), "utf-8")
    again = read_scenario(path)
    assert dict(again.inputs) == dict(preset(name).with_values(labels_per_item=3).inputs)
    assert again.choices["aggregation"] == "weighted"
    assert (again.title, again.pairs, again.notes, dict(again.claims)) == (
        preset(name).title,
        preset(name).pairs,
        preset(name).notes,
        dict(preset(name).claims),
    )


def test_text_of_any_kind_survives_the_file() -> None:
    odd = Scenario(name='a"b\\c', title='quotes " and \n lines \x07 and 日本 🙂', pairs=10, inputs={})
    assert scenario_from(odd.to_toml().encode()).name == 'a"b\\c'


BAD_FILES = {
    "label_pric = 3": "Did you mean label_price?",
    "label_price = -1": "label_price: -1 is not possible. Give a number from 0",
    "gold_share = 10": "For 10% write 0.1",
    "gold_share = 150": "gold_share: 150 is not possible",
    "gold_share = 1.0": "gold_share: 1 is not possible",
    "wage = nan": "wage: nan is not a finite number",
    "wage = inf": "wage: inf is not a finite number",
    'wage = "much"': "wage: 'much' is not a number",
    "wage = true": "wage: 'True' is not a number",
    "annotators = 0": "annotators: 0 is not possible",
    "annotators = 2.5": "annotators: 2.5 is not a whole number",
    "labels_per_item = 0": "labels_per_item: 0 is not possible",
    "seconds_per_label = 1e9": "seconds_per_label: 1e+09 is not possible",
    "label_price = { value = 1, unit = '$ per hour' }": "counted in $ per label, and the file says $ per hour",
    "generation_price = { value = 1, unit = '$ per furlong' }": "There is no unit",
    "label_price = { worth = 1 }": "There is no entry 'worth'",
    "label_price = { source = 'x' }": "label_price: there is no value",
    "label_price = { value = 3, low = 4, high = 5 }": "lies outside its own range",
    "escalated_share = 0.5": "without an AI judge nobody labels the rest",
}


@pytest.mark.parametrize("line", BAD_FILES)
def test_a_wrong_input_is_named(line: str) -> None:
    with pytest.raises(WorkbenchError) as caught:
        scenario_from(f"[inputs]\n{line}\n".encode(), "mine.toml")
    assert BAD_FILES[line] in str(caught.value)
    assert str(caught.value).startswith("mine.toml: ")
    assert line.split(" ")[0] in str(caught.value) or "Did you mean" in str(caught.value)


BAD_SHAPES = {
    "label_price = 1": "label_price stands outside its table. Put it under [inputs]",
    "aggregation = 'weighted'": "Put it under [choices]",
    "input = 1": "Did you mean inputs?",
    "based_on = 'human-1.51'": "Did you mean human-1.50?",
    "pairs = 0": "pairs: 0 is not possible",
    "pairs = 1.5": "pairs: 1.5 is not possible",
    "inputs = 3": "inputs: not a table",
    "notes = 'x'": "notes: not a list",
    "title = 4": "title: '4' is not text",
    "[choices]\npay = 'day'": "pay: 'day' is not a choice. Give label or hour",
    "[choices]\npya = 'hour'": "Did you mean pay?",
    "[inputs": "not a TOML file",
    "\ufffd\x00": "not a TOML file",
}


@pytest.mark.parametrize("content", BAD_SHAPES)
def test_a_wrong_file_is_named(content: str) -> None:
    with pytest.raises(WorkbenchError) as caught:
        scenario_from(content.encode(), "mine.toml")
    assert BAD_SHAPES[content] in str(caught.value)


def test_a_unit_of_the_same_kind_is_converted() -> None:
    said = scenario_from(
        b"[inputs]\ngeneration_price = { value = 50, unit = '$ per 1,000 items', low = 40, high = 60 }\n"
    ).inputs["generation_price"]
    assert (said.value, said.low, said.high) == pytest.approx((0.05, 0.04, 0.06))


def test_shares_may_be_given_in_per_cent() -> None:
    said = scenario_from(b"[inputs]\ngold_share = { value = 7, unit = '%', low = 5, high = 29 }\n").inputs["gold_share"]
    assert (said.value, said.low, said.high) == (0.07, 0.05, 0.29)
    label = scenario_from(b"[inputs]\nlabel_price = { value = 300, unit = '$ per 1,000 labels' }\n")
    assert label["label_price"] == 0.3


UNITS_REFUSED = {
    "gold_share = { value = 110, unit = '%' }": "gold_share: 110% is not possible. Give a share from 0% to 90%.",
    "ai_judges = { value = 300, unit = '%' }": "it is counted in number, and the file says %",
    "gold_share = { value = 0.1, unit = 'number' }": (
        "it is counted in share, and the file says number. They measure different things. Give share, %."
    ),
    "gold_share = { value = 0.1, unit = 'per cent' }": "There is no unit 'per cent'. Give share, %.",
    "label_price = { value = 1, unit = '$ per 1,000 items' }": (
        "it is counted in $ per label, and the file says $ per 1,000 items"
    ),
    "generation_price = { value = 1, unit = '$ per thousand labels' }": "Give $ per item, $ per 1,000 items, $/item.",
}


@pytest.mark.parametrize("line", UNITS_REFUSED)
def test_units_that_do_not_fit_are_refused_and_never_suggested(line: str) -> None:
    with pytest.raises(WorkbenchError) as caught:
        scenario_from(f"[inputs]\n{line}\n".encode(), "mine.toml")
    assert UNITS_REFUSED[line] in str(caught.value)


def test_every_mistake_of_a_file_is_told() -> None:
    with pytest.raises(WorkbenchError) as caught:
        scenario_from(
            b"title = 4\nbased_on = 'hybird'\n[inputs]\nwagee = 3\ngold_share = 10\nlabel_price = 2\n[claims]\nweeks ="
            b" 'two'\n",
            "mine.toml",
        )
    said = str(caught.value)
    assert said.startswith("mine.toml: 5 things are wrong. (1) ")
    for each in (
        "title: '4' is not text",
        "based_on: There is no preset 'hybird'",
        "Did you mean wage?",
        "For 10% write 0.1",
        "claims: weeks: 'two' is not",
    ):
        assert each in said
    assert "label_price" not in said
    many = "[inputs]\n" + "".join(f"nothing_{i} = 1\n" for i in range(20))
    with pytest.raises(WorkbenchError, match="And 8 more"):
        scenario_from(many.encode())


def test_a_file_may_build_on_a_preset() -> None:
    mine = scenario_from(b"based_on = 'hybrid'\npairs = 5\n[inputs]\ncheck_share = 0.1\n")
    assert (mine.pairs, mine["check_share"], mine["escalated_share"]) == (5, 0.1, 0.2)


def test_settings_as_text() -> None:
    found = scenario_with(
        preset("human-1.50"), {"gold_share": "10%", "fixed_cost": "$12,000", "aggregation": "weighted"}
    )
    assert (found["gold_share"], found["fixed_cost"], found.choices["aggregation"]) == (0.1, 12_000, "weighted")
    assert found.changed_from(preset("human-1.50")) == {
        "gold_share": 0.1,
        "fixed_cost": 12_000.0,
        "aggregation": "weighted",
    }
    for name, text, says in (
        ("gold_share", "110%", "gold_share: 110% is not possible. Give a share from 0% to 90%.$"),
        ("gold_share", "-10%", "gold_share: -10% is not possible. Give a share from 0% to 90%.$"),
        ("retry_share", "600%", "retry_share: 600% is not possible. Give a share from 0% to 500%.$"),
        ("gold_share", "10", "gold_share: 10 is not possible. .* For 10% write 0.1.$"),
        ("label_price", "$-5.00", r"label_price: \$-5.00 is not possible"),
        ("label_price", "1,5", "Write a point before decimals"),
        ("gold_share", "nan%", "gold_share: nan% is not a finite number"),
        ("wage", "5%", "percentage"),
        ("wage", "a lot", "not a number"),
        ("pay", "daily", "not a choice"),
        ("wagee", "5", "Did you mean wage?"),
        ("gold_share", "95%", "not possible"),
    ):
        with pytest.raises(WorkbenchError, match=says.replace("?", "\\?")):
            scenario_with(preset("human-1.50"), {name: text})


@pytest.mark.parametrize("pairs", [0, -1, 1.5, float("nan"), float("inf"), 10**10, "many", True, None])
def test_impossible_pairs(pairs: object) -> None:
    with pytest.raises(WorkbenchError, match="pairs: "):
        checked_pairs(pairs)


def test_numbers_are_shown_as_they_were_given() -> None:
    with pytest.raises(WorkbenchError, match="pairs: -5 is not possible"):
        checked_pairs(-5.0)


def test_a_changed_scenario_no_longer_bears_its_title() -> None:
    ai = preset("ai-0.02")
    assert (title_of(ai), notes_of(ai)) == (ai.title, ai.notes)
    mixed = ai.with_values(escalated_share=0.5)
    assert title_of(mixed) == "changed from “AI only, $0.02 a pair”: sent to people 50% instead of 0%"
    assert notes_of(mixed) == ()
    assert ai.title not in printed(cost(mixed)).splitlines()[0].partition(":")[0]
    assert "position bias is not measured" not in printed(cost(mixed))
    # Written and read again it is as changed as before, and back at the old value it is not changed.
    assert title_of(scenario_from(mixed.to_toml().encode())) == title_of(mixed)
    assert mixed.with_values(escalated_share=0).changes == {}
    # A scenario of one's own bears its own title until somebody sets it otherwise.
    own = scenario_from(b"name = 'ours'\ntitle = 'Our way'\nbased_on = 'hybrid'\n[inputs]\ncheck_share = 0.1\n")
    assert title_of(own) == "Our way"
    assert (
        title_of(own.with_values(aggregation="weighted"))
        == "changed from “Our way”: aggregation weighted instead of majority"
    )


# ---------------------------------------------------------------- the model


def everything() -> Scenario:
    """A scenario in which every part costs something."""
    return preset("hybrid").with_values(
        labels_per_item=3,
        gold_share=0.1,
        rejected_share=0.1,
        unusable_share=0.05,
        adjudicated_share=0.1,
        expert_review_share=0.02,
        audit_items=200,
        gold_items=100,
        fixed_cost=5_000,
        generation_price=0.01,
        selection_pool=3,
        selection_price=0.001,
        careless_share=0.05,
        platform_fee=0.2,
    )


def test_every_part_by_hand() -> None:
    s, n = everything(), 20_000
    parts = {p.name: p.per_item for p in cost(s, n).parts}
    assert set(parts) == set(PARTS)
    label, q, kept = 1.5 * 1.2, 0.2, 0.8
    assert parts["labels"] == pytest.approx(q * label)
    assert parts["redundancy"] == pytest.approx(q * 2 * label)
    needed = (q * 3 + kept * 0.05) * label
    assert parts["gold tasks"] == pytest.approx(needed * 0.1 / 0.9)
    assert parts["rejected work"] >= needed / 0.9 * 0.1 / 0.9
    assert parts["adjudication"] == pytest.approx(q * 0.1 * 10)
    assert parts["expert review"] == pytest.approx(0.02 * 10)
    assert parts["AI judges"] == pytest.approx(0.02)
    assert parts["spot checks"] == pytest.approx(kept * 0.05 * (label + 0.27 * 10))
    assert parts["generation"] == pytest.approx(0.03)
    assert parts["selection"] == pytest.approx(0.003)
    running = sum(parts[name] for name in list(PARTS)[:10])
    assert parts["unusable items"] == pytest.approx(running * 0.05 / 0.95)
    assert parts["gold writing"] == pytest.approx(100 * 3 * 10 / n)
    assert parts["fixed cost"] == pytest.approx(5_000 / n)


def test_weeks_by_hand() -> None:
    # 10,000 labels x 36 s = 100 hours; gold and rejects: / 0.9 / 0.8; 5 people x 20 hours x 0.5; and a week to start.
    s = preset("human-1.50").with_values(
        seconds_per_label=36,
        gold_share=0.1,
        rejected_share=0.2,
        annotators=5,
        hours_per_week=20,
        utilisation=0.5,
        ramp_weeks=1,
    )
    assert cost(s, 10_000).weeks == pytest.approx(100 / 0.72 / 50 + 1)
    slow = s.with_values(adjudicated_share=1.0, experts=1, expert_seconds=360)
    assert cost(slow, 10_000).weeks == pytest.approx(1_000 / 10 + 1)


def test_pay_by_the_hour() -> None:
    s = preset("alpacafarm").with_values(pay="hour")
    assert cost(s, 1_000).cost_per_item == pytest.approx(21 * 36.8 / 3600)
    assert cost(s.with_values(platform_fee=0.4), 1_000).cost_per_item == pytest.approx(0.3005, abs=1e-4)


@pytest.mark.parametrize("name", [n for n, k in INPUTS.items() if k.unit.name.startswith("$")])
def test_no_price_makes_it_cheaper(name: str) -> None:
    s = everything().with_values(
        ai_pay="token" if name.startswith("price_") else "judgement",
        pay="hour" if name == "wage" else "label",
        cached_share=0.5,
    )
    dearer = s.with_values({name: s[name] + 1})
    assert cost(dearer, 1_000).cost_per_item > cost(s, 1_000).cost_per_item


@pytest.mark.parametrize("choice", [(c, v) for c, values in CHOICES.items() for v in values])
def test_arrays_give_what_floats_give(choice: tuple[str, str]) -> None:
    s = everything().with_values({choice[0]: choice[1]})
    pairs = np.array([1_000.0, 50_000.0])
    over = {
        "labels_per_item": np.array([1.0, 4.5]),
        "gold_share": np.array([0.0, 0.2]),
        "annotator_accuracy": np.array([0.6, 0.95]),
        "ai_judges": np.array([1.0, 5.0]),
    }
    both = outcome(s, pairs, over)
    for i in range(2):
        one = outcome(s, float(pairs[i]), {k: float(v[i]) for k, v in over.items()})
        for name in (
            "total",
            "weeks",
            "accuracy",
            "effective_labels",
            "cost_per_effective",
            "human_labels",
            "expert_labels",
        ):
            assert float(np.broadcast_to(getattr(both, name), (2,))[i]) == pytest.approx(
                float(getattr(one, name)), rel=1e-12
            ), name


def test_labels_no_better_than_chance_are_worth_nothing() -> None:
    found = cost(preset("human-1.50").with_values(annotator_accuracy=0.5))
    assert found.cost_per_effective_label is None
    assert found.reason == "labels that are right half of the time carry no information"


def test_gold_finds_the_careless() -> None:
    careless = preset("human-1.50").with_values(careless_share=0.2)
    blind, watched = cost(careless, 20_000), cost(careless.with_values(gold_share=0.1), 20_000)
    assert blind.label_accuracy == pytest.approx(0.8 * 0.836 + 0.1)
    assert watched.label_accuracy > blind.label_accuracy + 0.05
    assert watched.cost_per_item > 1.5 / 0.9


def test_every_vote_counts_in_soft_labels() -> None:
    votes = preset("human-1.50").with_values(labels_per_item=3, training_target="votes")
    assert cost(votes).information == pytest.approx(3 * (2 * 0.836 - 1) ** 2)
    assert cost(votes.with_values(training_target="label")).information == pytest.approx(
        float((2 * 0.9276 - 1) ** 2), abs=2e-3
    )
