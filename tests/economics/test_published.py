"""The figures of the methods this is built on, each by hand or from its source."""

from __future__ import annotations

import math
from math import comb

import numpy as np
import pytest
from scipy import stats

from workbench.economics import (
    Tier,
    best_redundancy,
    cascade_cost,
    cost,
    escalation_for,
    information_factor,
    judge_correlation,
    majority_accuracy,
    pace,
    pairs_of_ranking,
    power,
    preset,
    supported_by_judge,
    token_price,
)
from workbench.economics.alpha import expected_alpha
from workbench.economics.votes import accuracy_from_agreement, adjudicated_accuracy, panel_size, weighted_accuracy

SCALES = (10_000, 50_000, 100_000, 500_000, 1_000_000)
FILLED = {
    "human-1.50": (15_000, 75_000, 150_000, 750_000, 1_500_000),
    "hybrid-0.25": (2_500, 12_500, 25_000, 125_000, 250_000),
    "ai-0.02": (200, 1_000, 2_000, 10_000, 20_000),
}


@pytest.mark.parametrize("name", FILLED)
def test_the_filled_price_table(name: str) -> None:
    assert [round(cost(preset(name), n).total, 6) for n in SCALES] == list(FILLED[name])


def test_the_headline_label_is_788_a_usable_pair() -> None:
    # 3 x 1.50 / 0.9 / 0.85 + 0.2 x 10
    found = cost(preset("human-gold"), 10_000)
    assert found.cost_per_item == pytest.approx(4.5 / 0.9 / 0.85 + 2, abs=1e-9)
    assert round(found.cost_per_item, 2) == 7.88
    assert found.cost_per_item / 1.5 == pytest.approx(5.25, abs=0.01)
    parts = {p.name: p.per_item for p in found.parts}
    assert parts == pytest.approx(
        {"labels": 1.5, "redundancy": 3.0, "gold tasks": 0.5, "rejected work": 5 * 0.15 / 0.85, "adjudication": 2.0}
    )


def test_the_hybrid_at_20_percent_unsure_pairs() -> None:
    # 0.02 + 0.2 x 1.5 + 0.8 x 0.05 x (1.5 + 0.27 x 10)
    assert cost(preset("hybrid")).cost_per_item == pytest.approx(0.488, abs=1e-9)


def test_a_quarter_dollar_is_impossible_with_experts_at_25_and_needs_under_two_percent_at_10() -> None:
    pipeline = preset("hybrid-0.25")
    nobody = pipeline.with_values(escalated_share=0.0, expert_price=25.0)
    checks = {p.name: p.per_item for p in cost(nobody, 10_000).parts}["spot checks"]
    assert checks == pytest.approx(0.4125)
    assert checks > 0.25
    assert pipeline["escalated_share"] == pytest.approx(0.0155, abs=1e-4)
    assert cost(pipeline.with_values(escalated_share=0.016), 10_000).cost_per_item == pytest.approx(0.2506, abs=1e-4)
    assert cost(pipeline.with_values(escalated_share=0.015), 10_000).cost_per_item < 0.25


@pytest.mark.parametrize(
    ("accuracy", "strength", "kept"),
    [(0.9, 0.5, 0.64), (0.9, 0.7, 0.599), (0.9, 0.9, 0.390), (0.73, 0.5, 0.2116), (0.63, 0.5, 0.0676)],
)
def test_information_factors(accuracy: float, strength: float, kept: float) -> None:
    assert float(information_factor(accuracy, strength)) == pytest.approx(kept, abs=6e-4)


def test_a_90_percent_annotator_is_worth_three_of_73_percent() -> None:
    assert float(information_factor(0.9) / information_factor(0.73)) == pytest.approx(3.02, abs=0.01)


def test_information_is_the_fisher_information_of_a_flipped_label() -> None:
    # Of the log-odds, numerically: (dp/dx)^2 / (p (1 - p)), p = eta + (1 - 2 eta) sigma(x), over sigma (1 - sigma).
    eta, x, h = 0.2, 0.8, 1e-5

    def p(t: float) -> float:
        return eta + (1 - 2 * eta) / (1 + math.exp(-t))

    slope, sigma = (p(x + h) - p(x - h)) / (2 * h), 1 / (1 + math.exp(-x))
    assert float(information_factor(1 - eta, sigma)) == pytest.approx(
        slope**2 / (p(x) * (1 - p(x))) / (sigma * (1 - sigma)), rel=1e-6
    )


def test_redundancy_optima() -> None:
    assert [best_redundancy(0.73, c).labels for c in (0.5, 1, 2, 5, 10)] == [1, 1, 3, 5, 9]
    assert [best_redundancy(0.9, c).labels for c in (1, 2, 5, 10, 20)] == [1, 1, 3, 3, 3]
    assert [float(information_factor(majority_accuracy(0.73, m))) / m for m in (1, 3, 5)] == pytest.approx(
        [0.2116, 0.137, 0.112], abs=6e-4
    )


def test_majority_of_73_percent() -> None:
    assert [float(majority_accuracy(0.73, m)) for m in (3, 5, 7, 9)] == pytest.approx(
        [0.821, 0.874, 0.910, 0.934], abs=1e-3
    )


@pytest.mark.parametrize(("accuracy", "times"), [(0.75, 1.33), (0.80, 1.56), (0.85, 1.96), (0.90, 2.78)])
def test_effective_sample_multipliers(accuracy: float, times: float) -> None:
    assert supported_by_judge(judge_correlation(accuracy), 1.5, 0.02).multiplier == pytest.approx(times, abs=0.005)


@pytest.mark.parametrize(
    ("accuracy", "human", "judge", "saving"),
    [(0.8, 1.5, 0.02, 0.24), (0.8, 10, 0.02, 0.32), (0.8, 0.67, 0.06, 0.04), (0.65, 0.67, 0.06, -0.09)],
)
def test_savings_of_a_judge_where_the_estimate_must_be_unbiased(
    accuracy: float, human: float, judge: float, saving: float
) -> None:
    found = supported_by_judge(judge_correlation(accuracy), human, judge)
    assert found.saving == pytest.approx(saving, abs=0.006)
    assert found.worth_it == (saving > 0)


def test_the_cheapest_split_is_the_cheapest_of_a_literal_search() -> None:
    found = supported_by_judge(0.6, 1.5, 0.02)
    ratios = np.linspace(1.01, 40, 20_000)
    per_answer = (1.5 + 0.02 * ratios) * ((1 - 0.36) + 0.36 / ratios)
    assert found.cost_per_effective == pytest.approx(per_answer.min(), rel=1e-6)
    assert found.judged_per_human == pytest.approx(ratios[per_answer.argmin()], rel=1e-3)


def test_token_prices() -> None:
    assert token_price(1_200, 20, 0.15, 0.60, orders=2) == pytest.approx(0.000384)
    assert token_price(1_200, 20, 2.50, 10, orders=2) == pytest.approx(0.0064)
    judged = preset("ai-0.02").with_values(
        ai_pay="token", ai_orders=2, tokens_in=1_200, tokens_out=20, price_in=0.15, price_out=0.60
    )
    assert cost(judged, 1_000).cost_per_item == pytest.approx(0.000384)
    # Half of the input from a cache at a tenth of the price, 5% retries, half price in batches: 2 x 1.05 x 0.5 x (600
    # x 2.5 + 600 x 0.25 + 20 x 10) / 1e6
    cached = judged.with_values(
        price_in=2.5, price_out=10, cached_share=0.5, price_cached=0.25, retry_share=0.05, batch_discount=0.5
    )
    assert cost(cached, 1_000).cost_per_item == pytest.approx(2 * 1.05 * 0.5 * 1_850 / 1e6)


def test_pairs_a_day_that_the_scaling_table_implies() -> None:
    plans = [
        (preset(n).pairs, preset(n).claims["annotators"], preset(n).claims["weeks"])
        for n in ("scale-10k", "scale-100k", "scale-500k", "scale-1m")
    ]
    assert [round(pace(*plan)) for plan in plans] == [200, 250, 556, 1667]


def test_pairs_of_one_ranking() -> None:
    assert [pairs_of_ranking(k) for k in range(4, 10)] == [comb(k, 2) for k in range(4, 10)]
    assert (33_000 * pairs_of_ranking(4), 33_000 * pairs_of_ranking(9)) == (198_000, 1_188_000)


def test_items_for_kappa_and_labels_for_reliability() -> None:
    assert (power.items_for_kappa(0.45, 0.05).value, power.items_for_kappa(0.45, 0.10).value) == (1226, 307)
    assert [round(power.reliability_of_mean(0.45, m), 3) for m in (3, 5, 10)] == [0.711, 0.804, 0.891]
    assert power.labels_for_reliability(0.45, 0.8).value == 5


def test_cascade_and_panel() -> None:
    assert [escalation_for(23, k) for k in (3, 2)] == pytest.approx([0.29, 0.46], abs=0.005)
    assert escalation_for(2, 3) is None
    e = escalation_for(23, 2)
    assert e is not None
    assert cascade_cost([Tier(1 / 23, e), Tier(1.0)]) == pytest.approx(0.5)
    assert float(panel_size(9, 0.4375)) == pytest.approx(2.0)


def test_agreement_and_accuracy() -> None:
    assert [accuracy_from_agreement(a) for a in (0.726, 0.77, 0.63)] == pytest.approx([0.836, 0.868, 0.755], abs=6e-4)
    # A kappa of .72 on balanced binary labels is 86% raw agreement.
    assert (1 + 0.72) / 2 == 0.86
    assert accuracy_from_agreement(0.4) is None


# ---------------------------------------------------------------- against simulation


@pytest.mark.parametrize(("p", "m"), [(0.7, 3), (0.6, 4), (0.85, 5)])
def test_votes_against_simulation(p: float, m: int) -> None:
    rng = np.random.default_rng(m)
    right = rng.binomial(m, p, 400_000)
    correct = np.where(2 * right == m, 0.5, 2 * right > m)
    assert float(majority_accuracy(p, m)) == pytest.approx(correct.mean(), abs=3e-3)
    margin = np.abs(2 * right - m) + rng.random(len(right)) * 1e-3
    closest = margin <= np.quantile(margin, 0.25)
    assert float(adjudicated_accuracy(p, m, 0.25, 0.9)) == pytest.approx(
        np.where(closest, 0.9, correct).mean(), abs=4e-3
    )


def test_weighted_votes_against_simulation() -> None:
    rng, p, s, m = np.random.default_rng(1), 0.75, 0.12, 5
    accuracy = np.where(rng.random((300_000, m)) < 0.5, p + s, p - s)
    right = rng.random(accuracy.shape) < accuracy
    score = np.where(right, 1, -1) * np.log(accuracy / (1 - accuracy))
    total = score.sum(1)
    simulated = np.where(np.abs(total) < 1e-9, 0.5, total > 0).mean()
    assert float(weighted_accuracy(p, m, s)) == pytest.approx(simulated, abs=3e-3)
    assert simulated > float(majority_accuracy(p, m))


def test_part_of_a_label_is_a_mixture() -> None:
    mixed = 0.7 * float(majority_accuracy(0.73, 2)) + 0.3 * float(majority_accuracy(0.73, 3))
    assert float(majority_accuracy(0.73, 2.3)) == pytest.approx(mixed)


def test_expected_alpha_against_simulated_labels() -> None:
    rng, p, items = np.random.default_rng(4), 0.8, 400
    alphas = []
    for _ in range(400):
        a = rng.binomial(3, np.where(rng.random(items) < 0.5, p, 1 - p))
        agree = (a * (a - 1) + (3 - a) * (2 - a)) / 6
        share = a.sum() / (3 * items)
        n = 3 * items
        alphas.append(1 - (1 - agree.mean()) / (2 * share * (1 - share) * n / (n - 1)))
    found = expected_alpha(p, items, 3, 30, 0.0)
    assert found.value == pytest.approx(np.mean(alphas), abs=0.01)
    assert found.same_crew is not None
    assert found.same_crew.width / (2 * stats.norm.ppf(0.975)) == pytest.approx(np.std(alphas), rel=0.12)


def test_a_new_crew_is_known_less_well_than_this_one() -> None:
    found = expected_alpha(0.8, 2_000, 3, 20, 0.08)
    assert found.same_crew is not None
    assert found.new_crew is not None
    assert found.new_crew.width > 2 * found.same_crew.width
    assert expected_alpha(0.8, 2_000, 1, 20).reason == "no two items have two human labels"
    assert expected_alpha(0.8, 1_000, 1.3, 20).n == 300


def test_split_pairs_against_simulation() -> None:
    rng, p, u, m, a = np.random.default_rng(6), 0.8, 0.2, 3, 0.3
    split = rng.random(400_000) < u
    right = rng.binomial(m, np.where(split, 0.5, (p - u / 2) / (1 - u)))
    assert right.mean() / m == pytest.approx(p, abs=2e-3)
    correct = np.where(split, 0.5, 2 * right > m)
    margin = np.abs(2 * right - m) + rng.random(len(right)) * 1e-3
    closest = margin <= np.quantile(margin, a)
    simulated = np.where(closest, np.where(split, 0.5, 0.9), correct).mean()
    assert float(adjudicated_accuracy(p, m, a, 0.9, split=u)) == pytest.approx(simulated, abs=4e-3)
    agree = (right * (right - 1) + (m - right) * (m - right - 1)) / (m * (m - 1))
    found = expected_alpha(p, 400_000, m, 20, split=u)
    assert found.value == pytest.approx(2 * agree.mean() - 1, abs=5e-3)
    assert found.same_crew is not None
    assert found.same_crew.width == pytest.approx(2 * 1.96 * 2 * agree.std() / math.sqrt(len(agree)), rel=0.01)


def test_votes_do_not_help_where_people_are_split() -> None:
    def right(labels: float, split: float) -> float:
        return cost(preset("human-1.50").with_values(labels_per_item=labels, split_share=split), 1_000).label_accuracy

    assert right(1, 0.2) == pytest.approx(right(1, 0.0)) == pytest.approx(0.836)
    assert right(9, 0.2) < 0.9 + 1e-9 < right(9, 0.0)
    one, other = (cost(preset("human-1.50").with_values(split_share=u)).information for u in (0.0, 0.2))
    assert other == pytest.approx(0.8 * (2 * 0.92 - 1) ** 2)
    assert other > one
