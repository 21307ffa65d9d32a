"""Calibration: the design notes' figure, planted temperatures, bins of equal size, intervals that cover."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import brier_score_loss, log_loss

from workbench.reward.calibration import (
    calibration,
    equal_mass,
    expected_calibration_error,
    fit_temperature,
    negative_log_likelihood,
)
from workbench.reward.heads import level_probabilities


def test_the_worked_example() -> None:
    sure, right = np.array([0.9, 0.9, 0.6, 0.6]), np.array([1.0, 0, 1, 1])
    assert expected_calibration_error(sure, right, np.floor(sure * 10).astype(int)) == pytest.approx(0.40)
    assert calibration(sure, right, bins=2).ece.value == pytest.approx(0.40)


def test_brier_and_likelihood_are_those_of_scikit_learn() -> None:
    rng = np.random.default_rng(0)
    p, y = rng.random(500) * 0.98 + 0.01, rng.integers(0, 2, 500).astype(float)
    found = calibration(p, y)
    assert found.brier.value == pytest.approx(brier_score_loss(y, p))
    assert found.nll == pytest.approx(log_loss(y, p), abs=1e-9)


@pytest.mark.parametrize("factor", [0.25, 1.0, 3.0])
def test_a_planted_temperature_is_found_and_heals(factor: float) -> None:
    rng = np.random.default_rng(1)
    margin = rng.normal(size=20_000) * 1.5
    y = (rng.random(20_000) < 1 / (1 + np.exp(-margin))).astype(float)
    t = fit_temperature(factor * margin, y)
    assert t == pytest.approx(factor, rel=0.05)
    healed = calibration(1 / (1 + np.exp(-factor * margin / t)), y)
    assert healed.ece.value < 0.012
    assert healed.ece_by_chance == pytest.approx(0.008, abs=0.003)
    assert negative_log_likelihood(factor * margin / t, y) <= negative_log_likelihood(factor * margin, y) + 1e-9


def test_a_temperature_of_graded_labels_divides_the_cutpoints_too() -> None:
    rng = np.random.default_rng(2)
    margin, cut = rng.normal(size=8_000) * 2, np.array([1.0, -1.0])
    level = (level_probabilities(margin, cut).cumsum(1) < rng.random((8_000, 1))).sum(1)
    target = np.array([1.0, 0.5, 0.0])[level]
    assert fit_temperature(2 * margin, target, None, 2 * cut, level) == pytest.approx(2.0, rel=0.06)


def test_nothing_to_go_by_leaves_margins_as_they_are() -> None:
    assert fit_temperature(np.empty(0), np.empty(0)) == 1.0
    assert fit_temperature(np.zeros(3), np.ones(3)) == 1.0
    empty = calibration(np.empty(0), np.empty(0))
    assert empty.ece.value is None
    assert empty.ece.reason == "there is no pair"


def test_bins_hold_equally_many_and_keep_equal_values_together() -> None:
    rng = np.random.default_rng(3)
    sizes = np.bincount(equal_mass(rng.random(1_500), 15))
    assert set(sizes) == {100}
    place = equal_mass(np.repeat([0.5, 0.7], [95, 5]), 15)
    assert len(set(place[:95])) == 1
    assert len(set(place)) == 2


def test_sides_do_not_matter_and_ties_are_half_right() -> None:
    rng = np.random.default_rng(4)
    p, q = rng.random(300), rng.choice([0.0, 0.5, 1.0], 300)
    here, there = calibration(p, q), calibration(1 - p, 1 - q)
    assert here.ece.value == pytest.approx(there.ece.value)
    assert here.brier.value == pytest.approx(there.brier.value)
    tied = calibration(np.full(10, 0.5), np.full(10, 0.5))
    assert tied.ece.value == 0.0


def test_the_interval_of_the_error_counts_groups() -> None:
    rng = np.random.default_rng(5)
    group = np.repeat(np.arange(40), 50)
    p = np.full(2_000, 0.8)
    y = (rng.random(2_000) < np.repeat(rng.beta(4, 1, 40), 50)).astype(float)
    alone, together = calibration(p, y), calibration(p, y, group)
    assert together.ece.same_crew is None  # a biased sum of absolute values has none
    assert together.debiased.same_crew is not None
    assert alone.debiased.same_crew is not None
    assert together.debiased.same_crew.width > 2 * alone.debiased.same_crew.width
    assert together.brier.same_crew is not None
    assert alone.brier.same_crew is not None
    assert together.brier.same_crew.width > 2 * alone.brier.same_crew.width
    assert sum(b.right.n for b in together.bins) == 2_000


def test_calibrated_probabilities_are_not_said_to_be_off() -> None:
    """300 pairs in 15 bins show an error of .07 by chance alone; half of such samples are called 0."""
    rng = np.random.default_rng(6)
    zero, refused, above = 0, 0, 0
    for _ in range(60):
        p = 1 / (1 + np.exp(-rng.normal(0, 1.5, 300)))
        found = calibration(p, (rng.random(300) < p).astype(float))
        assert found.debiased.value is not None
        assert found.debiased.same_crew is not None
        assert found.ece.value is not None
        assert found.ece.value > 0.02
        zero += found.debiased.value == 0.0
        refused += found.p_value is not None and found.p_value < 0.05
        above += found.debiased.same_crew.low > 0
    assert zero > 18
    assert refused <= 8
    assert above <= 6


def test_a_planted_error_comes_back_without_what_chance_adds() -> None:
    """Margins twice as large as they should be: the error over all pairs is .096."""
    rng = np.random.default_rng(7)
    margin = rng.normal(0, 1.5, 2_000)
    y = (rng.random(2_000) < 1 / (1 + np.exp(-margin / 2))).astype(float)
    found = calibration(1 / (1 + np.exp(-margin)), y)
    assert found.debiased.value == pytest.approx(0.096, abs=0.025)
    assert found.debiased.same_crew is not None
    assert found.debiased.same_crew.low < 0.096 < found.debiased.same_crew.high
    assert found.p_value == 0.0
