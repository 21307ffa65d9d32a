"""The climber: it reaches the top, and never goes down."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import rosen, rosen_der

from workbench.aggregation.ascent import Memory, climb


def test_it_climbs_a_curved_ridge() -> None:
    reached = climb(lambda x: (-rosen(x), -rosen_der(x)), np.full(6, -1.2), 400, gain=1e-14)
    np.testing.assert_allclose(reached.at, 1.0, atol=1e-4)
    assert (np.diff(reached.values) >= 0).all()
    assert reached.converged


def test_it_stays_where_the_target_is_finite() -> None:
    def target(x: np.ndarray) -> tuple[float, np.ndarray]:
        return (float(np.log(x).sum() - x.sum()), 1 / x - 1) if (x > 0).all() else (-np.inf, x)

    reached = climb(target, np.array([0.01, 30.0]), 200, gain=1e-14)
    np.testing.assert_allclose(reached.at, 1.0, atol=1e-5)


def test_the_top_is_recognised() -> None:
    reached = climb(lambda x: (-float(x @ x), -2 * x), np.zeros(3), 10)
    assert reached.converged
    assert reached.values == []


def test_memory_serves_a_target_that_moves() -> None:
    memory = Memory()
    x = np.zeros(4)
    scale = np.array([1.0, 10.0, 100.0, 1000.0])
    for centre in (1.0, 1.1, 1.2):
        x = climb(
            lambda at, c=centre: (-float((scale * (at - c) ** 2).sum()), -2 * scale * (at - c)), x, 30, 1e-14, memory
        ).at
    np.testing.assert_allclose(x, 1.2, atol=1e-5)
    assert 0 < len(memory.moves) <= memory.size


def test_a_flat_target_needs_no_step() -> None:
    assert climb(lambda x: (1.0, np.zeros_like(x)), np.ones(2), 5).value == pytest.approx(1.0)
