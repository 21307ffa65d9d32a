"""Break-even, what matters, random draws, plans and power: against literal searches."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from workbench.economics import (
    INPUTS,
    MEASURES,
    best_plan,
    break_even,
    cost,
    draw,
    judge_correlation,
    over_scale,
    power,
    preset,
    presets,
    supported_by_judge,
    tornado,
)
from workbench.economics.plans import ADJUDICATED, GOLD, LABELS
from workbench.economics.sensitivity import DRAWS, drawn_with_seed
from workbench.errors import WorkbenchError
from workbench.wording.costs import printed
from workbench.wording.economics import (
    break_even_sentence,
    comparison_sentence,
    cost_sentence,
    judge_sentence,
    plan_sentence,
    spread_sentence,
    spreads_sentences,
    tornado_sentence,
)

# ---------------------------------------------------------------- break-even


def test_break_even_over_pairs_by_hand() -> None:
    # 20,000 + 0.02 n = 1.5 n
    found = break_even(preset("ai-0.02").with_values(fixed_cost=20_000), preset("human-1.50"), 10_000)
    assert found.at == pytest.approx((20_000 / 1.48,))
    assert found.cheaper == ("human-1.50", "ai-0.02")


def test_break_even_over_an_input_by_hand() -> None:
    # 0.02 + 1.5 q + (1 - q) 0.05 (1.5 + 2.7) = 0.40 at q = (0.40 - 0.23) / 1.29
    flat = preset("human-1.50").with_values(label_price=0.40)
    found = break_even(preset("hybrid"), flat, 1_000, "escalated_share")
    assert found.at == pytest.approx((0.17 / 1.29,))
    assert found.cheaper == ("hybrid", "human-1.50")


def test_never_has_its_reason() -> None:
    assert "at every number of pairs" in str(break_even(preset("ai-0.02"), preset("human-1.50"), 10_000).reason)
    assert "does not depend on 'price of tokens in'" in str(
        break_even(preset("ai-0.02"), preset("human-1.50"), 10_000, "price_in").reason
    )
    assert "have the same total" in str(break_even(preset("human-1.50"), preset("human-1.50"), 10_000).reason)
    useless = preset("human-1.50").with_values(annotator_accuracy=0.5)
    assert "no information" in str(break_even(useless, useless, 10_000, measure="cost_per_effective").reason)
    with pytest.raises(WorkbenchError, match="Did you mean gold_share"):
        break_even(preset("hybrid"), preset("human-1.50"), 10, "gold_shar")


@pytest.mark.parametrize(
    "over", ["pairs", "label_price", "labels_per_item", "check_share", "annotators", "selection_gain", "expert_price"]
)
@pytest.mark.parametrize("measure", ["total", "cost_per_effective", "weeks"])
def test_at_every_break_even_both_come_to_the_same(over: str, measure: str) -> None:
    one, other = preset("hybrid").with_values(fixed_cost=3_000), preset("human-1.50").with_values(label_price=0.45)
    found = break_even(one, other, 20_000, over, measure)
    assert (found.reason is None) == bool(found.at)
    for x in found.at:
        if over == "pairs":
            a, b = (float(np.interp(x, found.x, v)) for v in (found.one_values, found.other_values))
            assert a == pytest.approx(b, rel=0.01)
        else:
            moved = {"total": "total", "cost_per_effective": "cost_per_effective_label", "weeks": "weeks"}[measure]
            if over != "annotators":
                assert getattr(cost(one.with_values({over: x}), 20_000), moved) == pytest.approx(
                    getattr(cost(other, 20_000), moved), rel=1e-6
                )


# ---------------------------------------------------------------- what matters


def test_tornado_is_one_change_at_a_time() -> None:
    s = preset("human-gold")
    found = tornado(s, 10_000, "total")
    sizes = [swing.size for swing in found.swings]
    assert sizes == sorted(sizes, reverse=True)
    for swing in found.swings:
        for end, value in ((swing.low, swing.at_low), (swing.high, swing.at_high)):
            assert cost(s.with_values({swing.name: end}), 10_000).total == pytest.approx(value)
    assert not {"tokens_in", "ai_price"} & {swing.name for swing in found.swings}
    assert "tokens_in" in found.still


@pytest.mark.parametrize("name", presets())
@pytest.mark.parametrize("measure", MEASURES)
def test_every_preset_has_a_tornado_and_a_curve(name: str, measure: str) -> None:
    found = tornado(preset(name), 10_000, measure)
    assert all(np.isfinite([s.at_low, s.at_high]).all() for s in found.swings)
    assert tornado_sentence(found)
    curve = over_scale(preset(name))
    assert (np.diff(curve.total) > 0).all()
    assert (curve.pairs[0], curve.pairs[-1]) == (1_000, 10_000_000)


def test_draws_are_seeded_and_triangular() -> None:
    s = preset("human-gold")
    one, again, other = (draw(s, 10_000, np.random.default_rng(seed))["total"] for seed in (0, 0, 1))
    assert (one.draws == again.draws).all()
    assert (one.draws != other.draws).any()
    assert set(one.drawn) == {"label_price", "rejected_share", "expert_price"}
    # A price of 10 between 5 and 25 has a mean of 40 / 3.
    alone = preset("human-1.50").with_values(expert_review_share=1.0, label_price=0.0)
    drawn = draw(alone.with_inputs({"expert_price": s.inputs["expert_price"]}), 1, np.random.default_rng(2), 40_000)[
        "total"
    ]
    assert drawn.draws.mean() == pytest.approx(40 / 3, rel=0.01)


def test_one_seed_is_one_answer_everywhere() -> None:
    """The page draws one figure, the command line four, the report three: the same numbers come out."""
    s = preset("human-gold")
    page = drawn_with_seed(s, 10_000, "weeks", 0)
    assert len(page.draws) == DRAWS
    command = draw(s, 10_000, np.random.default_rng(0), measures=("total", "cost_per_item", "accuracy", "weeks"))
    assert (command["weeks"].draws == page.draws).all()


def test_doubt_names_its_inputs_and_claims_nothing_for_what_was_not_varied() -> None:
    s = preset("human-gold")
    s = s.with_inputs(
        {n: replace(s.inputs[n], low=None, high=None) for n in ("labels_per_item", "gold_share", "adjudicated_share")}
    )
    found = draw(s, 10_000, np.random.default_rng(0), measures=("total", "accuracy"))
    assert (found["total"].varied, found["accuracy"].varied) == (True, False)
    said = spread_sentence(found["total"])
    for name in found["total"].drawn:
        assert INPUTS[name].title.lower() in said
    lines = spreads_sentences(list(found.values()))
    assert lines[0].startswith("Drawn at random from their ranges: price per label")
    assert lines[-1] == "Not varied, so nothing is said about how far it may be off: label accuracy (95.1%)."
    assert "95.1%" not in "".join(lines[:-1])
    assert "nine times out of ten" not in spread_sentence(found["accuracy"])


def test_what_matters_reads_well_for_titles_of_any_number() -> None:
    slow = tornado(preset("human-gold").with_values(experts=2, expert_seconds=3_000), 10_000, "weeks")
    assert tornado_sentence(slow).startswith("What matters most: experts. From 1 person to 3 people, time goes from ")
    assert "ai judges" not in tornado_sentence(tornado(preset("hybrid"), 10_000, "accuracy"))


def test_without_ranges_nothing_is_said_about_doubt() -> None:
    found = draw(preset("human-1.50"), 10, np.random.default_rng(0))["total"]
    assert (found.low, found.high) == (found.value, found.value)
    assert "No input of this scenario has a range" in spread_sentence(found)


# ---------------------------------------------------------------- plans


def test_the_cheapest_accurate_plan_is_that_of_a_literal_search() -> None:
    s, n, target = preset("human-gold"), 20_000, 0.93
    best = best_plan(s, accuracy=target, pairs=n).best
    assert best is not None
    options = [
        cost(s.with_values(labels_per_item=m, gold_share=g, adjudicated_share=a), n)
        for m, g, a in product(LABELS, GOLD, ADJUDICATED)
    ]
    assert best.cost.total == pytest.approx(min(c.total for c in options if c.label_accuracy >= target))


def test_the_best_plan_for_a_budget_is_that_of_a_literal_search() -> None:
    s, budget = preset("human-1.50").with_values(fixed_cost=2_000, generation_price=3.0, adjudicated_share=0.0), 30_000
    best = best_plan(s, budget=budget).best
    assert best is not None
    worth = []
    for m, a in product(LABELS, ADJUDICATED):
        n = int((budget - 2_000) / (3 + 1.5 * m + 10 * a) + 1e-9)
        worth.append(cost(s.with_values(labels_per_item=m, adjudicated_share=a), n).effective_labels)
    assert best.cost.effective_labels == pytest.approx(max(worth))
    assert best.cost.total <= budget


@pytest.mark.parametrize("name", ["human-gold", "hybrid", "ai-first-active"])
@pytest.mark.parametrize(
    "asked",
    [
        {"budget": 25_000.0},
        {"budget": 25_000.0, "weeks": 1.0},
        {"budget": 60_000.0, "accuracy": 0.9},
        {"budget": 50_000.0, "pairs": 5_000, "accuracy": 0.85},
        {"accuracy": 0.85, "weeks": 3.0},
        {"weeks": 2.0},
    ],
)
def test_plans_keep_their_conditions(name: str, asked: dict[str, float]) -> None:
    found = best_plan(preset(name).with_values(careless_share=0.1), **asked)
    assert found.best is not None, found.reason
    for plan in (found.best, *found.runners_up):
        assert plan.cost.total <= asked.get("budget", np.inf) * (1 + 1e-6)
        assert plan.cost.weeks <= asked.get("weeks", np.inf) * (1 + 1e-6)
        assert plan.cost.label_accuracy >= asked.get("accuracy", 0.0) - 1e-6
        assert plan.cost.pairs >= asked.get("pairs", 1)
        assert plan.cost.effective_labels == pytest.approx(cost(plan.scenario, plan.cost.pairs).effective_labels)
    assert plan_sentence(found)


def test_careless_annotators_make_gold_worth_its_price() -> None:
    best = best_plan(preset("human-1.50").with_values(careless_share=0.2, annotators=10), budget=30_000).best
    assert best is not None
    assert best.settings["gold_share"] > 0
    clean = best_plan(preset("human-1.50"), budget=30_000).best
    assert clean is not None
    assert clean.settings["gold_share"] == 0


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"accuracy": 1.0}, "the best reaches"),
        ({"budget": 1.0, "pairs": 1_000}, "buys"),
        ({"weeks": 0.01, "pairs": 1_000_000}, "no plan is done"),
        ({"budget": 10.0, "accuracy": 0.99, "pairs": 1}, ""),
    ],
)
def test_no_plan_has_its_reason(asked: dict[str, float], says: str) -> None:
    found = best_plan(preset("human-gold"), **asked)
    assert found.best is None
    assert says in str(found.reason)
    assert "No plan does it" in plan_sentence(found)


@pytest.mark.parametrize(
    "asked",
    [{}, {"budget": -1.0}, {"weeks": 0.0}, {"accuracy": 1.2}, {"budget": float("nan")}, {"budget": 10.0, "pairs": 0}],
)
def test_impossible_wishes_are_refused(asked: dict[str, float]) -> None:
    with pytest.raises(WorkbenchError):
        best_plan(preset("human-gold"), **asked)


# ---------------------------------------------------------------- power


def test_width_is_met_by_so_many_items_and_not_by_one_less() -> None:
    from workbench.economics.alpha import expected_alpha

    n = power.items_for_alpha(0.8, 3, 0.04).value
    assert n is not None
    widths = [expected_alpha(0.8, k, 3, 20).same_crew for k in (n, n - 1)]
    assert widths[0] is not None
    assert widths[1] is not None
    assert widths[0].width / 2 <= 0.04 < widths[1].width / 2


def test_people_and_gold() -> None:
    # 36,000 labels of 60 s are 600 hours; 2 weeks of 30 hours at 80% are 48.
    assert power.people_to_hire(36_000, 60, 2).value == 13
    few, many = power.gold_to_write(100, 0.1), power.gold_to_write(2_000, 0.1)
    assert (few.to_write, many.to_write) == (12, 223)
    assert few.found < many.found
    assert many.tasks_to_decision == pytest.approx(137.9, abs=0.6)
    assert power.labels_for_reliability(0.0, 0.8).value is None
    with pytest.raises(WorkbenchError, match="half width"):
        power.items_for_kappa(0.4, 0.0)


def test_where_time_is_the_limit_it_is_said() -> None:
    found = best_plan(preset("human-gold"), budget=20_000, weeks=0.1)
    assert found.best is not None
    assert found.unspent == pytest.approx(20_000 - found.best.cost.total)
    assert f"Time is the limit: ${found.unspent:,.0f} of the money cannot be spent in it" in plan_sentence(found)
    free = best_plan(preset("human-gold"), budget=20_000)
    assert free.unspent == 0
    assert "Time is the limit" not in plan_sentence(free)
    # Weeks enough: what is left of the money is less than a pair.
    assert best_plan(preset("human-gold"), budget=20_000, weeks=500).unspent == 0


def test_one_label_an_item_is_never_best_without_its_price() -> None:
    blind = best_plan(preset("human-gold"), budget=20_000)
    assert blind.best is not None
    assert blind.best.settings["labels_per_item"] == 1
    assert "With one label an item and no gold, neither agreement nor careless people can be measured" in plan_sentence(
        blind
    )
    gold = best_plan(preset("human-gold"), budget=20_000, keep=("gold_share",))
    assert "With one label an item, agreement between people cannot be measured" in plan_sentence(gold)
    assert "be measured" not in plan_sentence(best_plan(preset("human-gold"), budget=20_000, keep=("labels_per_item",)))


def test_a_judge_beside_people_at_published_prices() -> None:
    # Savings at the cheapest split: 24, 32 and 4%, and 9% dearer than people alone.
    for accuracy, label, judgement, saving, worth in (
        (0.8, 1.5, 0.02, 24, True),
        (0.8, 10, 0.02, 32, True),
        (0.8, 0.67, 0.06, 4, True),
        (0.65, 0.67, 0.06, -9, False),
    ):
        found = supported_by_judge(judge_correlation(accuracy), label, judgement)
        assert round(100 * found.saving) == saving
        assert found.worth_it is worth
        said = judge_sentence(found, accuracy, label, judgement)
        assert said.startswith("A judge that" if worth else "Not worth it: a judge that")
        assert f"{abs(saving)}%" in said
    assert "judges every item there is" in judge_sentence(supported_by_judge(0.6, 1.0, 0.0), 0.8, 1.0, 0.0)


# ---------------------------------------------------------------- words


@pytest.mark.parametrize("name", presets())
def test_every_preset_reads_well(name: str) -> None:
    found = cost(preset(name))
    text = printed(found)
    assert cost_sentence(found) in text
    for wrong in ("nan", "inf ", "None", "$-", "1 pairs", " ,", "  ."):
        assert wrong not in cost_sentence(found)
    assert comparison_sentence([found, cost(preset("human-1.50"), found.pairs)])
    assert break_even_sentence(break_even(preset(name), preset("human-gold"), 10_000))


@pytest.mark.parametrize("name", presets())
@pytest.mark.parametrize("seed", range(3))
def test_the_best_plan_is_never_worse_than_ones_own(name: str, seed: int) -> None:
    """Own settings lie between the points of the grid; for the money they cost, nothing worse is advised."""
    rng = np.random.default_rng(seed)
    own = preset(name).with_values(
        labels_per_item=float(rng.integers(1, 9)) + 0.5,
        gold_share=float(rng.uniform(0, 0.2)),
        adjudicated_share=float(rng.uniform(0, 0.2)),
    )
    if own["ai_judges"] > 0:
        own = own.with_values(escalated_share=float(rng.uniform(0.1, 0.9)), check_share=float(rng.uniform(0, 0.2)))
    mine = cost(own, 20_000)
    best = best_plan(own, budget=mine.total * (1 + 1e-9)).best
    assert best is not None
    assert best.cost.effective_labels >= mine.effective_labels * (1 - 1e-3)
    cheapest = best_plan(own, accuracy=mine.label_accuracy, pairs=20_000).best
    assert cheapest is not None
    assert cheapest.cost.total <= mine.total * (1 + 1e-9)
