"""The learned pool: its special functions, its gradient, and what it learns."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.special import digamma, gammaln
from scipy.stats import dirichlet_multinomial

from workbench.aggregation.ascent import Memory
from workbench.aggregation.gamma import digamma as our_digamma
from workbench.aggregation.gamma import log_gamma
from workbench.aggregation.pooling import (
    Pool,
    expected_log_confusion,
    expected_log_marginal,
    first_pool,
    improve,
    mean_confusion,
    responsibilities,
)


@pytest.fixture
def counts() -> np.ndarray:
    """Expected counts (annotator, label, truth) of 12 annotators; one of them empty, as of someone without
    judgements."""
    rng = np.random.default_rng(0)
    made = rng.gamma(1.0, 3.0, (12, 3, 3)) + 8 * np.eye(3)
    made[5] = 0.0
    return made


@pytest.fixture
def pool(counts: np.ndarray) -> Pool:
    rng = np.random.default_rng(1)
    start = first_pool(counts)
    weights = rng.dirichlet(np.ones(len(start.weights)))
    return replace(
        start,
        log_strength=rng.normal(3, 1, 3),
        right=rng.normal(1, 1, 3),
        shape_logits=rng.normal(0, 1, (3, 3)),
        weights=weights,
    )


def test_log_gamma_and_digamma() -> None:
    for x in [1e-6, 0.01, 0.5, 1.0, 1.5, 2.0, 7.999, 8.0, 30.0, 1e4, 1e9]:
        assert log_gamma(x) == pytest.approx(gammaln(x), rel=1e-12, abs=1e-12)
        assert our_digamma(x) == pytest.approx(digamma(x), rel=1e-12, abs=1e-12)


def test_expected_tables_are_tables(pool: Pool) -> None:
    np.testing.assert_allclose(pool.means.sum(2), 1.0)
    np.testing.assert_allclose(pool.average.sum(1), 1.0)
    blind = pool.careless == 1.0
    np.testing.assert_allclose(pool.means[blind][0], np.tile(pool.habit, (3, 1)))
    np.testing.assert_allclose(
        pool.means[~blind & (pool.careless == 0)][:, 0, 0],
        1 / (1 + np.exp(-(pool.right[0] + pool.levels[pool.careless == 0]))),
    )


def test_the_gradient_is_the_slope(pool: Pool, counts: np.ndarray) -> None:
    share, _ = responsibilities(pool, counts)

    def at(x: np.ndarray) -> tuple[float, np.ndarray]:
        moved = replace(pool, log_strength=x[:3], right=x[3:6], shape_logits=x[6:].reshape(3, 3))
        return expected_log_marginal(moved, counts, counts.sum(1), share)

    x = np.concatenate([pool.log_strength, pool.right, pool.shape_logits.ravel()])
    slope = at(x)[1]
    for j in range(len(x)):
        step = np.eye(len(x))[j] * 1e-5
        assert (at(x + step)[0] - at(x - step)[0]) / 2e-5 == pytest.approx(slope[j], rel=1e-6, abs=1e-6)


def test_the_marginal_likelihood_is_scipys(pool: Pool) -> None:
    whole = np.random.default_rng(2).integers(0, 9, (4, 3, 3)).astype(float)
    share, evidence = responsibilities(pool, whole)
    expected = np.zeros((4, len(pool.weights)))
    coefficient = np.zeros(4)
    for a in range(4):
        for t in range(3):
            x = whole[a, :, t].astype(int)
            coefficient[a] += (
                gammaln(x.sum() + 1) - gammaln(x + 1).sum()
            )  # orders of the same labels, which our data distinguish
            for g in range(len(pool.weights)):
                expected[a, g] += dirichlet_multinomial(pool.pseudo_counts[g, t], x.sum()).logpmf(x)
    joint = np.log(pool.weights) + expected - coefficient[:, None]
    assert evidence == pytest.approx(np.logaddexp.reduce(joint, axis=1).sum())
    np.testing.assert_allclose(share, np.exp(joint - np.logaddexp.reduce(joint, axis=1, keepdims=True)), atol=1e-12)


def test_means_under_the_posterior(pool: Pool, counts: np.ndarray) -> None:
    share, _ = responsibilities(pool, counts)
    logs, means = expected_log_confusion(pool, counts, share), mean_confusion(pool, counts, share)
    np.testing.assert_allclose(means.sum(2), 1.0)
    a, t, label = 3, 1, 2
    pseudo = pool.pseudo_counts[:, t, :] + counts[a, :, t]
    assert logs[a, label, t] == pytest.approx((share[a] * (digamma(pseudo[:, label]) - digamma(pseudo.sum(1)))).sum())
    assert means[a, t, label] == pytest.approx((share[a] * pseudo[:, label] / pseudo.sum(1)).sum())
    np.testing.assert_allclose(share[5], pool.weights)  # without judgements, only the pool speaks


def test_learning_never_loses_ground_and_finds_the_strength() -> None:
    rng = np.random.default_rng(3)
    table = np.array([[0.7, 0.2, 0.1], [0.2, 0.6, 0.2], [0.1, 0.2, 0.7]])
    own = np.stack([[rng.dirichlet(25 * row) for row in table] for _ in range(400)])
    counts = np.stack([[rng.multinomial(80, row) for row in tables] for tables in own]).astype(float).transpose(0, 2, 1)
    pool, memory = first_pool(counts), Memory()
    reached = [responsibilities(pool, counts)[1] + pool.log_hyperprior()]
    for _ in range(40):
        pool = improve(pool, counts, memory)
        reached.append(responsibilities(pool, counts)[1] + pool.log_hyperprior())
    assert (np.diff(reached) >= -1e-7).all()
    assert (np.abs(np.log(pool.strength / 25)) < 0.3).all()
    np.testing.assert_allclose(pool.average, table, atol=0.03)


def test_a_sample_of_a_huge_crowd_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(4)
    table = np.array([[0.8, 0.2], [0.3, 0.7]])
    counts = (
        np.stack([[rng.multinomial(30, row) for row in table] for _ in range(600)]).astype(float).transpose(0, 2, 1)
    )
    whole, sampled = first_pool(counts), first_pool(counts)
    one, other = Memory(), Memory()
    for _ in range(25):
        whole = improve(whole, counts, one)
    monkeypatch.setattr("workbench.aggregation.pooling._ENOUGH", 100)
    reached = []
    for _ in range(25):
        sampled = improve(sampled, counts, other)
        reached.append(responsibilities(sampled, counts)[1] + sampled.log_hyperprior())
    assert (np.diff(reached) >= -1e-9).all()
    np.testing.assert_allclose(sampled.average, whole.average, atol=0.03)
