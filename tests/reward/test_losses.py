"""Losses of a preference: the design notes' figures, numeric derivatives, and what each stands for."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import approx_fprime

from workbench.errors import WorkbenchError
from workbench.reward.heads import fit_bradley_terry
from workbench.reward.losses import LLAMA_MARGINS, corrected_target, preference_loss, smoothed_target, strength_push

RNG = np.random.default_rng(0)
MARGIN = RNG.normal(size=9) * 2
TARGETS = {
    "bradley-terry": (RNG.integers(0, 2, 9).astype(float), 0.0),
    "soft": (RNG.random(9), 0.0),
    "smoothed": (smoothed_target(RNG.integers(0, 2, 9), 0.1), 0.0),
    "noise-corrected": (corrected_target(RNG.integers(0, 2, 9), RNG.random(9) * 0.4), 0.0),
    "llama margin": (RNG.integers(0, 2, 9).astype(float), RNG.choice(LLAMA_MARGINS["large"], 9)),
    "all at once": (corrected_target(smoothed_target(RNG.random(9), 0.05), 0.2), RNG.random(9)),
}


@pytest.mark.parametrize(("target", "push"), TARGETS.values(), ids=TARGETS)
def test_derivatives_are_numeric_ones(target: np.ndarray, push: np.ndarray | float) -> None:
    found = preference_loss(MARGIN, target, push)
    h = 1e-5
    up, down = preference_loss(MARGIN + h, target, push), preference_loss(MARGIN - h, target, push)
    assert np.allclose(found.slope, (up.value - down.value) / (2 * h), atol=1e-8)
    assert np.allclose(found.curvature, (up.slope - down.slope) / (2 * h), atol=1e-8)


@pytest.mark.parametrize(("target", "push"), TARGETS.values(), ids=TARGETS)
def test_gradient_of_a_head_vanishes_where_it_was_fitted(target: np.ndarray, push: np.ndarray | float) -> None:
    x = np.random.default_rng(1).normal(size=(9, 3))
    head = fit_bradley_terry(x, target, penalty=2.0, push=push)

    def loss(beta: np.ndarray) -> float:
        return float(preference_loss(x @ beta, target, push).value.sum() + beta @ beta)

    assert np.abs(approx_fprime(head.coefficients, loss, 1e-7)).max() < 1e-5
    assert all(
        loss(head.coefficients) <= loss(head.coefficients + step) for step in 0.01 * np.vstack([np.eye(3), -np.eye(3)])
    )


def test_published_figures_at_a_margin_of_two_and_a_tenth_flipped() -> None:
    two, certain = np.array([2.0]), np.array([1.0])
    assert preference_loss(two, certain).value[0] == pytest.approx(0.126928, abs=5e-7)
    assert preference_loss(two, smoothed_target(certain, 0.1)).value[0] == pytest.approx(0.326928, abs=5e-7)
    assert preference_loss(two, corrected_target(certain, 0.1)).value[0] == pytest.approx(-0.123072, abs=5e-7)


def test_the_corrected_loss_is_its_formula_and_unbiased() -> None:
    e, for_a, for_b = 0.3, np.ones(9), np.zeros(9)
    here, there = preference_loss(MARGIN, for_a).value, preference_loss(MARGIN, for_b).value
    corrected = {y: preference_loss(MARGIN, corrected_target(np.full(9, y), e)).value for y in (1.0, 0.0)}
    assert np.allclose(corrected[1.0], ((1 - e) * here - e * there) / (1 - 2 * e))
    assert np.allclose((1 - e) * corrected[1.0] + e * corrected[0.0], here)


def test_correction_undoes_planted_flips() -> None:
    rng = np.random.default_rng(2)
    x, beta = rng.normal(size=(20_000, 3)), np.array([1.5, -1.0, 0.5])
    clean = rng.random(20_000) < 1 / (1 + np.exp(-x @ beta))
    noisy = np.where(rng.random(20_000) < 0.25, ~clean, clean).astype(float)
    plain, corrected = (
        fit_bradley_terry(x, noisy).coefficients,
        fit_bradley_terry(x, corrected_target(noisy, 0.25)).coefficients,
    )
    assert np.abs(corrected - beta).max() < 0.15
    assert np.abs(plain - beta).max() > 0.5


def test_pushes_follow_the_strength_of_the_label() -> None:
    assert strength_push(np.arange(7), 7, "large").tolist() == [3, 2, 1, 0, 1, 2, 3]
    assert strength_push(np.array([0, 3]), 4).tolist() == [1.0, 1.0]
    with pytest.raises(WorkbenchError, match="no margins"):
        strength_push(np.arange(3), 3, "huge")


@pytest.mark.parametrize("share", [0.5, -0.1, 1.0])
def test_a_flip_rate_of_a_half_carries_nothing(share: float) -> None:
    with pytest.raises(WorkbenchError, match="cannot be used"):
        corrected_target(np.ones(1), share)
    with pytest.raises(WorkbenchError, match="cannot be used"):
        smoothed_target(np.ones(1), share)
