"""Inputs from data: planted truth comes back, and what cannot be told is said."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import workbench
from tests.hostile_data import small_sets
from workbench.dataset.annotation_set import AnnotationSet
from workbench.dataset.assembly import Export, assemble
from workbench.dataset.scales import NULL
from workbench.economics import cost, inputs_from, preset
from workbench.economics.inputs import INPUTS


def crew(
    items: int = 3_000,
    accuracy: float = 0.8,
    votes: int = 3,
    gold: float = 0.0,
    ai: float | None = None,
    ai_share: float = 1.0,
    spread: float = 0.0,
    seed: int = 0,
) -> AnnotationSet:
    """People of known accuracy on items whose truth is a coin flip, with times around 40 s."""
    rng = np.random.default_rng(seed)
    truth = rng.random(items) < 0.5
    people = 12
    skill = np.where(np.arange(people) % 2 == 0, accuracy + spread, accuracy - spread)
    rows = []
    for v in range(votes):
        who = rng.integers(0, people // votes, items) * votes + v
        right = rng.random(items) < skill[who]
        rows.append(
            pd.DataFrame(
                {
                    "item_id": np.arange(items).astype(str),
                    "annotator": [f"p{w}" for w in who],
                    "label": np.where(right == truth, "A", "B"),
                    "seconds": rng.lognormal(np.log(40), 0.5, items),
                }
            )
        )
    kinds = {}
    if ai is not None:
        of = np.arange(int(items * ai_share))
        right = rng.random(len(of)) < ai
        rows.append(
            pd.DataFrame(
                {
                    "item_id": of.astype(str),
                    "annotator": "judge",
                    "label": np.where(right == truth[of], "A", "B"),
                    "seconds": np.nan,
                }
            )
        )
        kinds["judge"] = "ai"
    frame = pd.concat(rows, ignore_index=True)
    known = rng.random(items) < gold
    frame["item_row"] = frame["item_id"].astype(int)
    table = pd.DataFrame(
        {"item_id": np.arange(items).astype(str), "gold": np.where(known, np.where(truth, "A", "B"), None)}
    )
    frame["annotator_kind"] = [kinds.get(a, "human") for a in frame["annotator"]]
    return assemble([Export(items=table, rows=frame, source="made.csv", format="made", sides=True)])


def test_planted_truth_comes_back() -> None:
    found = inputs_from(crew(gold=0.1)).inputs
    assert found["annotator_accuracy"].value == pytest.approx(0.8, abs=0.05)
    assert found["annotator_accuracy"].low is not None
    assert found["labels_per_item"].value == 3
    assert found["annotators"].value == 12
    assert found["gold_share"].value == pytest.approx(0.1, abs=0.02)
    # Mean of a lognormal with median 40 and sigma .5: 45.3, less the longest hundredth.
    assert found["seconds_per_label"].value == pytest.approx(45.0, abs=1.0)
    assert all(each.measured and each.note for each in found.values())


def test_accuracy_from_agreement_where_there_is_no_gold() -> None:
    found = inputs_from(crew(accuracy=0.75)).inputs["annotator_accuracy"]
    assert found.value == pytest.approx(0.75, abs=0.015)
    assert "one-coin model" in found.note
    assert found.low is not None
    assert found.high is not None
    assert found.low < 0.75 < found.high


def test_spread_of_accuracy() -> None:
    found = inputs_from(crew(items=9_000, accuracy=0.75, spread=0.1)).inputs["accuracy_spread"]
    assert found.value == pytest.approx(0.1, abs=0.02)
    assert inputs_from(crew(items=9_000, accuracy=0.75)).inputs["accuracy_spread"].value < 0.03


def test_what_the_ai_did() -> None:
    found = inputs_from(crew(gold=0.5, ai=0.7)).inputs
    assert found["ai_accuracy"].value == pytest.approx(0.7, abs=0.04)
    assert found["escalated_share"].value == 1.0
    # Single people of .8 and an AI of .7 differ on .38; against a majority of three it is less.
    assert found["check_disagreement"].value == pytest.approx(0.7 * 0.104 + 0.3 * 0.896, abs=0.03)
    single = inputs_from(crew(votes=1, ai=0.7))
    assert "ai_accuracy" in single.not_measured


def test_skips_are_no_rejected_work() -> None:
    """The preset's 15% stays: a third of skips says nothing about what was refused, and is only counted."""
    data = crew(items=300)
    third = np.arange(len(data.annotations)) % 3 == 0
    data = replace(data, annotations=data.annotations.assign(label=data.annotations["label"].where(~third, NULL)))
    found = inputs_from(data)
    assert "rejected_share" not in found.inputs
    assert "300 of 900 human judgements are skips, which are not rejected work" in found.not_measured["rejected_share"]
    assert preset("human-gold").with_inputs(found.inputs)["rejected_share"] == 0.15
    assert "skips" not in inputs_from(crew(items=300)).not_measured["rejected_share"]


def test_what_cannot_be_told_is_said() -> None:
    found = inputs_from(crew(votes=1))
    assert "too few items with two human labels" in found.not_measured["annotator_accuracy"]
    assert found.not_measured["selection_gain"].startswith("it takes a replay")
    assert found.not_measured["ai_accuracy"] == "no annotator is an AI"
    assert set(found.not_measured) <= set(INPUTS)
    assert not set(found.not_measured) & set(found.inputs)


@pytest.mark.parametrize("state", small_sets())
def test_data_at_the_edge_give_reasons_and_no_errors(state: str) -> None:
    found = inputs_from(small_sets()[state])
    assert found.not_measured
    assert all(reason for reason in found.not_measured.values())


def test_measured_inputs_go_into_the_cost() -> None:
    data = workbench.simulate(6_000, seed=4).data
    scenario = preset("human-gold").with_inputs(inputs_from(data).inputs)
    found = cost(scenario)
    assert found.to_dict()["inputs"]["seconds_per_label"]["measured"] is True
    assert found.human_labels != cost(preset("human-gold")).human_labels


def test_the_time_of_an_assignment_is_counted_once() -> None:
    """40 assignments of five judgements, 100 seconds each: 20 seconds a judgement, not 100."""
    rng = np.random.default_rng(0)
    batch = np.repeat(np.arange(40), 5)
    rows = pd.DataFrame(
        {
            "item_row": np.arange(200),
            "annotator": [f"p{b % 8}" for b in batch],
            "label": rng.choice(["A", "B"], 200),
            "batch": [f"assignment {b}" for b in batch],
            "seconds": (100.0 + np.arange(40) % 5 - 2)[batch],
        }
    )
    items = pd.DataFrame({"item_id": [str(k) for k in range(200)]})
    found = inputs_from(
        assemble([Export(items=items, rows=rows, source="made.csv", format="made", sides=True)])
    ).inputs["seconds_per_label"]
    assert found.value == pytest.approx(20, abs=0.1)
    assert "40 assignments counted once" in found.note


def test_the_range_of_an_accuracy_counts_prompts() -> None:
    """The same gold answers, once each of a prompt of its own, once twenty to a prompt that is all right or wrong."""
    rows = pd.DataFrame({"item_row": np.arange(400), "annotator": "p", "label": "A"})
    right = np.arange(400) // 20 % 5 > 0
    items = pd.DataFrame({"item_id": [str(k) for k in range(400)], "gold": np.where(right, "A", "B")})
    width = {}
    for name, prompt in (("alone", np.arange(400)), ("together", np.arange(400) // 20)):
        shown = items.assign(prompt=[f"question {p}" for p in prompt])
        data = assemble([Export(items=shown, rows=rows, source="made.csv", format="made", sides=True)])
        found = inputs_from(data).inputs["annotator_accuracy"]
        assert found.value == pytest.approx(0.8)
        assert found.low is not None
        assert found.high is not None
        width[name] = found.high - found.low
    assert width["together"] > 3 * width["alone"]
