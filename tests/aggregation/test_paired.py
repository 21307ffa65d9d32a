"""Two methods on the same gold: the difference by hand, against a bootstrap, and what is said of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import workbench
from tests.aggregation.cases import judged, planted
from workbench.aggregation import Comparison, compare
from workbench.aggregation.gold_score import ItemScores
from workbench.aggregation.paired import holm, leads, mean_difference
from workbench.dataset.scales import BINARY, FIVE
from workbench.estimates import rests_on_few
from workbench.figures.labelling import gold_forest, methods_table
from workbench.wording.aggregation import best_sentence, cost_sentence, labels_sentence, suspect_sentence


def of(right: np.ndarray, cost: np.ndarray | None = None, item: np.ndarray | None = None) -> ItemScores:
    at = np.arange(len(right)) if item is None else item
    costs = np.where(right, 0.2, 2.0) if cost is None else cost
    return ItemScores(
        item=at,
        right=right.astype(float),
        strict=right.astype(bool),
        side=right.astype(float),
        cost=costs,
        side_cost=costs,
    )


def test_the_interval_is_agresti_and_mins() -> None:
    # 50 items; the new method wins 6, loses 1. With a half added to each of the four cells: (6.5 - 1.5) / 52.
    difference = np.concatenate([np.ones(6), -np.ones(1), np.zeros(43)])
    found, p = mean_difference("lead", difference, share=True)
    centre = 5 / 52
    # The variance of Agresti & Min is (b + c - (b - c)^2 / n) / n^2; here with n / (n - 1) on the 50 items seen, and
    # t(49).
    squares = ((difference - centre) ** 2).sum() * 50 / 49 + 1 + 2 * centre**2
    reach = stats.t.ppf(0.975, 49) * np.sqrt(squares) / 52
    assert found.value == pytest.approx(5 / 50)
    assert found.same_crew.to_list() == pytest.approx([centre - reach, centre + reach])
    wald = 1.96 * np.sqrt(6.5 + 1.5 - 5**2 / 52) / 52
    assert found.same_crew.to_list() == pytest.approx([centre - wald, centre + wald], abs=0.005)
    assert p == pytest.approx(stats.binomtest(6, 7).pvalue, abs=0.08)


def test_methods_that_never_part_have_an_interval_around_zero() -> None:
    found, p = mean_difference("lead", np.zeros(98), share=True)
    assert (found.value, p) == (0.0, 1.0)
    assert found.same_crew.high == pytest.approx(-found.same_crew.low)
    assert found.same_crew.high == pytest.approx(stats.t.ppf(0.975, 97) / 100)


def test_items_of_a_prompt_count_together_where_there_are_prompts_enough() -> None:
    rng = np.random.default_rng(1)
    group = np.repeat(np.arange(20), 10)
    difference = np.repeat(
        rng.choice([-1.0, 1.0, 1.0], 20), 10
    )  # all items of a prompt part the same way: 20 facts, not 200
    alone, _ = mean_difference("lead", difference, None, share=True)
    together, p = mean_difference("lead", difference, group, share=True)
    assert together.same_crew.width > 2.5 * alone.same_crew.width
    assert p > 0.05
    assert "prompt groups" in together.same_crew.method
    few, _ = mean_difference("lead", difference, np.repeat(np.arange(4), 50), share=True)
    assert few.same_crew.to_list() == alone.same_crew.to_list()
    assert few.few == "rests on 4 prompts" == rests_on_few(4, "prompt")


def test_costs_are_students_t() -> None:
    rng = np.random.default_rng(2)
    difference = rng.normal(0.1, 0.5, 40)
    found, p = mean_difference("cost", difference)
    by_hand = stats.ttest_1samp(difference, 0.0)
    assert p == pytest.approx(by_hand.pvalue)
    assert found.same_crew.to_list() == pytest.approx(list(by_hand.confidence_interval(0.95)))


def test_only_items_that_judge_both_count() -> None:
    found = leads(
        {
            "one": of(np.ones(4, bool), item=np.array([0, 1, 2, 3])),
            "two": of(np.zeros(3, bool), item=np.array([2, 3, 9])),
        },
        "one",
    )
    assert (found["two"].accuracy.value, found["two"].accuracy.n) == (-1.0, 2)


def test_many_comparisons_are_allowed_for() -> None:
    assert holm({"a": 0.02, "b": 0.02, "c": 0.5}) == {"a": pytest.approx(0.06), "b": pytest.approx(0.06), "c": 0.5}
    # A method that wins 8 and loses 1 of 60 is ahead by itself, and not among ten that were tried.
    right = np.ones(60, bool)
    right[:8] = False
    other = np.ones(60, bool)
    other[59] = False
    one = leads({"old": of(right), "new": of(other)}, "old")["new"]
    ten = leads({"old": of(right), "new": of(other), **{f"same{k}": of(right) for k in range(9)}}, "old")["new"]
    assert one.told_apart
    assert not ten.told_apart
    assert ten.accuracy_p == pytest.approx(10 * one.accuracy_p)


def bootstrap(found: Comparison, one: str, other: str) -> tuple[float, float]:
    difference = found.scores[one].items.right - found.scores[other].items.right
    rng = np.random.default_rng(0)
    draws = [difference[rng.integers(0, len(difference), len(difference))].mean() for _ in range(2_000)]
    return tuple(np.quantile(draws, [0.025, 0.975]))


@pytest.mark.parametrize("name", ["rte", "argument pairs"])
def test_methods_told_apart_though_their_own_intervals_overlap(real_data: Path, name: str) -> None:
    paths = (
        real_data / "snow2008" / "rte.standardized.csv"
        if name == "rte"
        else sorted((real_data / "ukpconvarg" / "dev").glob("*.xml"))
    )
    found = compare(workbench.load(paths), ["dawid_skene", "majority"])
    plain, default = found.scores["majority"], found.scores["dawid_skene"]
    assert plain.interval[1] > default.interval[0]
    lead = found.leads()["majority"]
    assert lead.over == "dawid_skene"
    assert lead.told_apart
    assert lead.accuracy.same_crew.to_list() == pytest.approx(bootstrap(found, "majority", "dawid_skene"), abs=0.002)
    assert lead.accuracy.value == pytest.approx({"rte": -0.029375, "argument pairs": -0.021081}[name], abs=1e-6)
    assert "Dawid-Skene is right more often than Majority vote (by " in best_sentence(found)
    assert "cannot be told apart" not in best_sentence(found)
    assert ("rests on 3 prompts" in best_sentence(found)) == (name == "argument pairs")
    assert "Dawid-Skene, points" in str(found)
    assert "*" in str(found)


def test_the_table_and_the_json_carry_the_difference() -> None:
    data, _ = planted(seed=3)
    found = compare(data, ["dawid_skene", "majority", "mace"])
    lead = found.leads()["mace"]
    row = found.table.set_index("method").loc["mace"]
    assert (row["over"], row["ahead"], row["ahead_p"]) == ("dawid_skene", lead.accuracy.value, lead.accuracy_p)
    assert (row["costs_more_low"], row["costs_more_high"]) == tuple(lead.cost.same_crew.to_list())
    assert found.to_dict()["mace"]["beside"] == lead.to_dict()
    assert found.to_dict()["dawid_skene"]["beside"] is None
    shown = methods_table(found, "majority").set_index("method")
    assert pd.isna(shown.loc["majority", "beside"])
    assert shown.loc["mace", "beside"].startswith(
        f"{100 * found.leads('majority')['mace'].accuracy.value:+.1f} (".replace("-", "−")
    )
    assert shown["direction_nll"].isna().all()  # labels without strength: the side is the label
    assert (shown["gold_accuracy"] == found.table.set_index("method")["gold_accuracy"].round(3)).all()


def test_the_key_of_the_chart_says_what_the_interval_is_about() -> None:
    data, _ = planted(seed=4, items=80)
    names = {trace.name for trace in gold_forest(compare(data, ["majority", "mace"])).data}
    assert names == {"right on the gold", "95% interval (new items, this crew)"}


def test_gold_left_out_no_longer_counts() -> None:
    data, _ = planted(seed=5)
    found = compare(data, ["majority", "dawid_skene"])
    wrong = np.zeros(len(data.items), bool)
    wrong[found.scores["majority"].items.item[found.scores["majority"].items.right == 0][:5]] = True
    without = found.without(wrong)
    corrected = compare(replace(data, gold=np.where(wrong, -1, data.gold).astype(data.gold.dtype)), ["majority"])
    got = without.scores["majority"]
    assert got.n == found.scores["majority"].n - 5
    assert got.accuracy == pytest.approx(corrected.scores["majority"].accuracy)
    assert got.nll == pytest.approx(corrected.scores["majority"].nll)
    assert got.n_set_aside == found.scores["majority"].n_set_aside + 5
    said = suspect_sentence(found, without, "majority", 5)
    assert said.startswith(f"5 of {found.scores['majority'].n} gold labels are contradicted")
    nothing = found.without(np.ones(len(data.items), bool))
    assert nothing.scores["majority"].reason == "all gold it could be judged by is left out"
    assert nothing.leads() == {}


def test_the_cost_of_the_side_leaves_strength_out() -> None:
    # Three say A>>, gold is A>: the side is certain, the strength is wrong.
    data = judged(np.array([0, 0, 0]), np.arange(3), np.zeros(3), FIVE, np.array([1]))
    found = compare(data, ["majority"])
    got = found.scores["majority"]
    assert got.direction_nll == pytest.approx(0.0)
    assert got.nll == pytest.approx(-np.log(1e-12))
    said = cost_sentence(found, "majority")
    assert "costs 1.609 (ln 5)" in said
    assert "The side alone costs 0.000" in said
    assert "and not by how much" in said


def test_one_item_is_one_item() -> None:
    data = judged(np.array([0]), np.array([0]), np.array([0]), BINARY, np.array([0]))
    found = compare(data, ["majority"])
    assert "1 of 1 item from 1 judgement." in labels_sentence(found, "majority")
    assert "Of 1 item with gold" in labels_sentence(found, "majority")
    assert "1 of 1 item decided from 1 label" in str(found.results["majority"])
    assert best_sentence(found) == ""
    assert "On 1 gold item, ties shared" in str(found)
