"""Linear heads: against scikit-learn, statsmodels, numeric derivatives and planted truth."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import approx_fprime, minimize
from sklearn.linear_model import LogisticRegression

from workbench.errors import WorkbenchError
from workbench.reward.cutpoints import CumulativeLogit
from workbench.reward.heads import fit_bradley_terry, fit_cumulative_logit, level_probabilities, preference_of_margin


def planted(n: int = 600, d: int = 8, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    x, beta = rng.normal(size=(n, d)), rng.normal(size=d)
    return x, beta, (rng.random(n) < 1 / (1 + np.exp(-x @ beta))).astype(float)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("penalty", [0.1, 1.0, 30.0])
def test_bradley_terry_is_logistic_regression_on_differences(dtype: type, penalty: float) -> None:
    x, _, y = planted()
    x = x.astype(dtype)
    theirs = LogisticRegression(C=1 / penalty, fit_intercept=False, tol=1e-10, max_iter=10_000).fit(x, y)
    head = fit_bradley_terry(x, y, penalty=penalty)
    assert np.abs(head.coefficients - theirs.coef_[0]).max() < 1e-4
    assert np.abs(head.probability(x) - theirs.predict_proba(x)[:, 1]).max() < 1e-4
    assert head.converged


def test_a_soft_target_is_two_weighted_pairs() -> None:
    x, _, y = planted()
    soft = fit_bradley_terry(x, 0.8 * y + 0.1)
    both = fit_bradley_terry(
        np.vstack([x, x]),
        np.concatenate([np.ones(len(x)), np.zeros(len(x))]),
        np.concatenate([0.8 * y + 0.1, 0.9 - 0.8 * y]),
    )
    assert np.abs(soft.coefficients - both.coefficients).max() < 1e-8


def test_exchanging_the_sides_changes_the_sign_only() -> None:
    x, _, y = planted()
    assert np.allclose(fit_bradley_terry(x, y).coefficients, fit_bradley_terry(-x, 1 - y).coefficients, atol=1e-9)
    level = np.random.default_rng(1).integers(0, 5, len(x))
    here, there = fit_cumulative_logit(x, level, 5), fit_cumulative_logit(-x, 4 - level, 5)
    assert np.allclose(here.coefficients, there.coefficients, atol=1e-8)
    assert np.allclose(here.cutpoints, there.cutpoints, atol=1e-8)
    assert np.allclose(here.probability(x) + here.probability(-x), 1)


def test_two_levels_are_bradley_terry() -> None:
    x, _, y = planted()
    graded = fit_cumulative_logit(x, 1 - y.astype(int), 2)
    assert np.abs(graded.coefficients - fit_bradley_terry(x, y).coefficients).max() < 1e-8
    assert graded.cutpoints.tolist() == [0.0]


@pytest.mark.parametrize("levels", [3, 4, 5, 7])
def test_cumulative_logit_derivatives_are_numeric_ones(levels: int) -> None:
    rng = np.random.default_rng(levels)
    n = 12
    model = CumulativeLogit(rng.integers(0, levels, n), levels, rng.random(n) + 0.5)
    margin, gaps = rng.normal(size=n), rng.random((levels - 1) // 2) + 0.3
    point = model.at(gaps, margin)
    assert np.allclose(point.slope, approx_fprime(margin, lambda m: model.at(gaps, m).value, 1e-7), atol=1e-4)
    assert np.allclose(point.own_slope, approx_fprime(gaps, lambda g: model.at(g, margin).value, 1e-7), atol=1e-4)
    h = 1e-5
    for j in range(len(gaps)):
        step = h * np.eye(len(gaps))[j]
        up, down = model.at(gaps + step, margin), model.at(gaps - step, margin)
        assert np.allclose(point.cross[:, j], (up.slope - down.slope) / (2 * h), atol=1e-5)
        assert np.allclose(point.own_curvature[j], (up.own_slope - down.own_slope) / (2 * h), atol=1e-4)
    up, down = model.at(gaps, margin + h), model.at(gaps, margin - h)
    assert np.allclose(point.curvature, (up.slope - down.slope) / (2 * h), atol=1e-5)


@pytest.mark.parametrize("levels", [3, 4, 5])
def test_cumulative_logit_finds_what_was_planted_and_what_a_general_optimiser_finds(levels: int) -> None:
    rng = np.random.default_rng(levels)
    x, beta = rng.normal(size=(4000, 4)), np.array([1.0, -0.5, 0.25, 0.0])
    half = np.arange(1, (levels - 1) // 2 + 1) * 0.8
    cut = np.concatenate([half[::-1], np.zeros(1 - levels % 2), -half])
    p = level_probabilities(x @ beta, cut)
    level = (p.cumsum(1) < rng.random((len(x), 1))).sum(1)
    head = fit_cumulative_logit(x, level, levels, penalty=1.0)
    assert np.abs(head.coefficients - beta).max() < 0.15
    assert np.abs(head.cutpoints - cut).max() < 0.15

    def loss(parameters: np.ndarray) -> float:
        gaps = np.exp(parameters[4:])
        upper = np.cumsum(gaps)[::-1]
        cuts = np.concatenate([upper, np.zeros(1 - levels % 2), -upper[::-1]])
        q = level_probabilities(x @ parameters[:4], cuts)[np.arange(len(x)), level]
        return float(-np.log(np.maximum(q, 1e-300)).sum() + 0.5 * parameters[:4] @ parameters[:4])

    other = minimize(loss, np.zeros(4 + (levels - 1) // 2), method="BFGS", options={"gtol": 1e-4})
    assert np.abs(head.coefficients - other.x[:4]).max() < 1e-3


def test_a_level_that_never_occurs_leaves_the_fit_finite() -> None:
    x, _, y = planted()
    head = fit_cumulative_logit(x, np.where(y == 1, 0, 4), 5)
    assert np.isfinite(head.coefficients).all()
    assert (np.diff(head.cutpoints) < 0).all()


def test_probabilities_of_the_levels_add_up_to_one_and_mirror() -> None:
    margin, cut = np.array([-2.0, 0.0, 0.7]), np.array([1.5, 0.4, -0.4, -1.5])
    p = level_probabilities(margin, cut)
    assert np.allclose(p.sum(1), 1)
    assert np.allclose(p, level_probabilities(-margin, cut)[:, ::-1])
    assert np.allclose(preference_of_margin(margin, cut) + preference_of_margin(-margin, cut), 1)


def test_variance_is_that_of_repeated_samples() -> None:
    rng = np.random.default_rng(3)
    x, beta = rng.normal(size=(400, 3)), np.array([0.8, -0.4, 0.2])
    p = 1 / (1 + np.exp(-x @ beta))
    found = np.array(
        [fit_bradley_terry(x, (rng.random(400) < p).astype(float), penalty=1e-6).coefficients for _ in range(300)]
    )
    claimed = fit_bradley_terry(x, (rng.random(400) < p).astype(float), penalty=1e-6).covariance
    assert np.allclose(np.sqrt(np.diag(claimed)), found.std(0), rtol=0.2)


def test_moderation_draws_to_one_half_and_never_over_it() -> None:
    x, _, y = planted(60)
    head = fit_bradley_terry(x, y)
    plain, moderated = head.probability(x), head.probability(x, moderated=True)
    assert (np.abs(moderated - 0.5) <= np.abs(plain - 0.5)).all()
    assert ((plain > 0.5) == (moderated > 0.5)).all()
    v = head.variance(x)
    assert np.allclose(moderated, 1 / (1 + np.exp(-head.margin(x) / np.sqrt(1 + np.pi * v / 8))))


def test_separable_pairs_end_finite_with_a_penalty() -> None:
    head = fit_bradley_terry(np.array([[1.0], [2.0], [-1.0]]), np.array([1.0, 1.0, 0.0]), penalty=1.0)
    assert np.isfinite(head.coefficients).all()
    assert head.converged


def test_what_cannot_be_fitted_is_refused() -> None:
    with pytest.raises(WorkbenchError, match="no pair"):
        fit_bradley_terry(np.empty((0, 3)), np.empty(0))
    with pytest.raises(WorkbenchError, match="not a finite number"):
        fit_bradley_terry(np.ones((2, 1)), np.array([np.nan, 1]))
    with pytest.raises(WorkbenchError, match="codes from 0 to 2"):
        fit_cumulative_logit(np.ones((1, 1)), np.array([-1]), 3)
