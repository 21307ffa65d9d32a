"""A head that learns whom to believe: planted reliabilities, a rising objective, ties that say nothing of anybody."""

from __future__ import annotations

import numpy as np
import pytest

from workbench.reward.annotator_aware import fit_annotator_aware
from workbench.reward.heads import fit_bradley_terry


def votes(seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    eta, beta = np.array([0.97, 0.95, 0.9, 0.5, 0.5, 0.1]), np.array([2.0, -1.5, 1.0, 0.0])
    x, who = rng.normal(size=(6_000, 4)), rng.integers(0, 6, 6_000)
    clean = rng.random(6_000) < 1 / (1 + np.exp(-x @ beta))
    return x, np.where(rng.random(6_000) < eta[who], clean, ~clean).astype(float), who, eta, beta


@pytest.mark.parametrize("seed", [0, 1])
def test_planted_reliabilities_and_coefficients_are_found(seed: int) -> None:
    x, y, who, eta, beta = votes(seed)
    found = fit_annotator_aware(x, y, who)
    assert np.abs(found.reliability - eta).max() < 0.06
    assert np.abs(found.head.coefficients - beta).max() < 0.35
    plain = fit_bradley_terry(x, y).coefficients
    assert np.linalg.norm(found.head.coefficients - beta) < 0.5 * np.linalg.norm(plain - beta)


def test_the_objective_never_decreases() -> None:
    x, y, who, _, _ = votes()
    y = np.where(np.arange(len(y)) % 7 == 0, 0.5, y)
    found = fit_annotator_aware(x[:1500], y[:1500], who[:1500])
    assert (np.diff(found.objective) > -1e-7).all()
    assert len(found.objective) > 3


def test_ties_say_nothing_about_who_gave_them() -> None:
    x, y, who, _, _ = votes()
    tied = np.where(who == 5, 0.5, y)
    found = fit_annotator_aware(x, tied, who)
    assert found.votes[5] == 0
    assert found.reliability[5] == pytest.approx(0.8)
