"""Strengths of many connected responses: the sparse way gives what the matrix of all pairs gives, and stays small."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest

from workbench.reversals import strengths as module
from workbench.reversals.strengths import Comparisons, Dense, Sparse, fit_strengths


def star(leaves: int, seed: int = 0) -> Comparisons:
    """One response compared with all others."""
    rng = np.random.default_rng(seed)
    low, high, won = np.zeros(leaves, np.int64), np.arange(1, leaves + 1), rng.binomial(3, 0.7, leaves) * 1.0
    return Comparisons(low, high, won, np.full(leaves, 3.0), leaves + 1)


def mesh(nodes: int, degree: int, seed: int = 0) -> Comparisons:
    rng = np.random.default_rng(seed)
    low = np.concatenate([np.arange(nodes - 1), rng.integers(0, nodes - 1, nodes * degree)])
    high = np.concatenate([np.arange(1, nodes), rng.integers(0, nodes, nodes * degree)])
    kept = low != high
    low, high = np.minimum(low, high)[kept], np.maximum(low, high)[kept]
    truth = rng.normal(size=nodes)
    won = rng.binomial(4, 1 / (1 + np.exp(truth[high] - truth[low]))) * 1.0
    return Comparisons(low, high, won, np.full(len(low), 4.0), nodes)


@pytest.mark.parametrize("wins", [star(120), mesh(150, 3), mesh(80, 12)], ids=["star", "mesh", "dense"])
def test_the_sparse_way_agrees_with_the_matrix_of_all_pairs(wins: Comparisons, monkeypatch: pytest.MonkeyPatch) -> None:
    dense = fit_strengths(wins)
    monkeypatch.setattr(module, "MOST_DENSE", 10)
    sparse = fit_strengths(wins)
    assert isinstance(dense.parts[0], Dense)
    assert isinstance(sparse.parts[0], Sparse)
    assert sparse.precision == dense.precision
    assert np.allclose(sparse.mode, dense.mode)
    draws = [np.array([s.draw(np.random.default_rng(i)) - s.mode for i in range(400)]) for s in (dense, sparse)]
    variance = np.diag(dense.parts[0].factor @ dense.parts[0].factor.T)
    for drawn in draws:
        assert np.abs(drawn.var(axis=0) / variance - 1).max() < 0.4
        assert np.abs(drawn.var(axis=0) / variance - 1).mean() < 0.1


def test_the_log_determinant_is_that_of_the_matrix() -> None:
    wins = mesh(400, 4)
    weight = np.full(len(wins.low), 0.7)
    _, right = module._dense(np.arange(400), wins.low, wins.high, weight, 0.25)
    _, found = module._sparse(np.arange(400), wins.low, wins.high, weight, 0.25)
    assert found == pytest.approx(right, rel=0.02)


def test_a_response_common_to_all_items_takes_no_matrix_of_all_pairs() -> None:
    """A matrix of 6,000 by 6,000 would take 288 MB."""
    tracemalloc.start()
    found = fit_strengths(star(6_000))
    found.draw(np.random.default_rng(1))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 60 << 20
    assert found.mode[0] > found.mode[1:].mean()
