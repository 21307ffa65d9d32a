"""GLAD, MACE and Bradley-Terry: gradients, the models written out, planted truth."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit

from tests.aggregation.cases import judged, planted
from workbench.aggregation import aggregate
from workbench.aggregation.bradley_terry import Model, _levels, _places
from workbench.aggregation.glad import Target
from workbench.aggregation.votes import Votes
from workbench.dataset.scales import BINARY, FIVE, TERNARY, LabelScale, categories
from workbench.errors import WorkbenchError


def slopes_agree(target: object, x: np.ndarray, where: np.ndarray) -> None:
    slope = target(x)[1]  # type: ignore[operator]
    for j in where:
        step = np.zeros(len(x))
        step[j] = 1e-5
        numeric = (target(x + step)[0] - target(x - step)[0]) / 2e-5  # type: ignore[operator]
        assert numeric == pytest.approx(slope[j], rel=1e-6, abs=1e-6)


@pytest.mark.parametrize("clamped", [0, 5])
def test_glad_gradient(clamped: int) -> None:
    data, _ = planted(seed=1, items=25, annotators=5, per_item=3, k=4)
    clamp = np.where(np.arange(25) < clamped, data.gold, -1).astype(np.int8)
    target = Target(Votes(data, data.codes, clamp), (1.0, 1.0), (1.0, 1.0), None)
    x = target.start() + np.random.default_rng(0).normal(0, 0.7, len(target.start()))
    slopes_agree(target, x, np.arange(len(x)))


def test_glad_sums_the_truths_out() -> None:
    """The value is the model written out: sum over truths of prior times the chance of each judgement, times the
    Gaussian densities."""
    data, _ = planted(seed=2, items=6, annotators=3, per_item=3, k=3)
    target = Target(Votes(data, data.codes, np.full(6, -1, np.int8)), (1.0, 2.0), (1.0, 0.5), None)
    x = np.random.default_rng(1).normal(0.5, 0.6, len(target.start()))
    a, b, logits = target.parts(x)
    p = np.exp(logits) / np.exp(logits).sum()
    total = np.log(p).sum() - (((a - 1) / 2) ** 2).sum() / 2 - (((b - 1) / 0.5) ** 2).sum() / 2
    for i in range(6):
        chance = 0.0
        for t in range(3):
            term = p[t]
            for v in np.flatnonzero(data.codes.item == i):
                right = expit(a[data.codes.annotator[v]] * np.exp(b[i]))
                term *= right if data.codes.label[v] == t else (1 - right) / 2
            chance += term
        total += np.log(chance)
    assert target(x)[0] == pytest.approx(total)


def test_glad_holds_class_shares_that_are_given() -> None:
    data, _ = planted(seed=1, items=25, annotators=5, per_item=3, k=3)
    target = Target(Votes(data, data.codes, np.full(25, -1, np.int8)), (1.0, 1.0), (1.0, 1.0), np.log([0.2, 0.3, 0.5]))
    x = target.start() + np.append(np.random.default_rng(0).normal(0, 0.7, 30), np.zeros(3))
    slopes_agree(target, x, np.arange(len(x)))
    assert target(x)[1][-3:].tolist() == [0.0, 0.0, 0.0]
    np.testing.assert_allclose(aggregate(data, "glad", class_prior=np.array([2.0, 3.0, 5.0])).prior, [0.2, 0.3, 0.5])
    with pytest.raises(WorkbenchError, match="no class prior 'odd'"):
        aggregate(data, "glad", class_prior="odd")
    with pytest.raises(WorkbenchError, match="one positive share"):
        aggregate(data, "glad", class_prior=np.array([1.0, 2.0]))


def test_glad_tells_hard_items_from_easy_ones() -> None:
    rng = np.random.default_rng(3)
    truth = rng.integers(0, 2, 400)
    hard = np.arange(400) < 100
    votes = np.stack([np.where(rng.random(400) < np.where(hard, 0.6, 0.95), truth, 1 - truth) for _ in range(8)], 1)
    data = judged(np.repeat(np.arange(400), 8), np.tile(np.arange(8), 400), votes.ravel(), BINARY)
    easy = aggregate(data, "glad").details["easiness"]
    assert np.median(easy[hard]) < 0.6 * np.median(easy[~hard])


def test_mace_bound_stays_below_the_evidence_and_its_posterior_is_the_models() -> None:
    """Two annotators, three items: the E-step written out over all truths with the tables the fit reports."""
    data = judged(np.array([0, 0, 1, 1, 2, 2]), np.array([0, 1, 0, 1, 0, 1]), np.array([0, 0, 1, 1, 0, 1]), BINARY)
    found = aggregate(data, "mace", tolerance=1e-13)
    draws = np.random.default_rng(0)
    theta, xi = draws.beta(0.5, 0.5, (40_000, 2)), draws.dirichlet([0.5, 0.5], (40_000, 2))
    evidence = 0.0
    for truth in product((0, 1), repeat=3):
        chance = np.full(40_000, 0.5**3)
        for i, a, label in zip(data.codes.item, data.codes.annotator, data.codes.label, strict=True):
            chance *= theta[:, a] * xi[:, a, label] + (1 - theta[:, a]) * (label == truth[i])
        evidence += chance.mean()
    assert found.objective[-1] < np.log(evidence)
    assert found.objective[-1] > np.log(evidence) - 3.0
    assert found.posterior[2, 0] == pytest.approx(0.5, abs=0.25)


def test_mace_finds_the_spammer_and_its_habit() -> None:
    rng = np.random.default_rng(4)
    truth = rng.integers(0, 3, 500)
    votes = [np.where(rng.random(500) < 0.85, truth, rng.integers(0, 3, 500)) for _ in range(4)] + [
        np.where(rng.random(500) < 0.95, 2, truth)
    ]
    data = judged(
        np.repeat(np.arange(500), 5), np.tile(np.arange(5), 500), np.stack(votes, 1).ravel(), categories("abc")
    )
    found = aggregate(data, "mace")
    assert found.annotators["spam"][4] > 0.9
    np.testing.assert_allclose(found.annotators["knows"][:4], 0.85, atol=0.06)
    np.testing.assert_allclose(found.confusion[4, :, 2], [0.95, 0.95, 1.0], atol=0.04)


def comparisons(scale: LabelScale, n: int = 60) -> Model:
    rng = np.random.default_rng(5)
    a = rng.integers(0, 8, n)
    return Model(
        item=rng.integers(0, 30, n),
        a=a,
        b=(a + rng.integers(1, 8, n)) % 8,
        annotator=rng.integers(0, 4, n),
        label=rng.integers(0, len(scale), n),
        first=rng.choice([-1.0, 0.0, 1.0], n),
        n_entities=8,
        n_items=30,
        n_annotators=5,
        place=_places(scale.strengths),
        level=_levels(scale.strengths),
        departure=0.8,
        reliability=0.5,
        side_pull=0.4,
        regulariser=0.1,
    )


@pytest.mark.parametrize("scale", [BINARY, TERNARY, FIVE], ids=lambda s: s.name)
def test_bradley_terry_gradient(scale: LabelScale) -> None:
    model = comparisons(scale)
    x = model.start() + np.random.default_rng(6).normal(0, 0.5, len(model.start()))
    held = {8 + 4, 8 + 5 + 4}  # reliability and pull of the gold do not move
    slopes_agree(model, x, np.array([j for j in range(len(x)) if j not in held]))
    assert model(x)[1][sorted(held)].tolist() == [0.0, 0.0]


def test_two_labels_are_bradley_terry_and_three_are_davidson() -> None:
    two, three = comparisons(BINARY), comparisons(TERNARY)
    apart = np.array([np.log(2.0)])
    np.testing.assert_allclose(two.probabilities(apart, np.zeros(1)), [[2 / 3, 1 / 3]])
    # Strengths 2 and 1, nu = 1: 2, 1 and the geometric mean, each divided by their sum.
    root = np.sqrt(2.0)
    expected = np.array([2.0, root, 1.0]) / (3 + root)
    np.testing.assert_allclose(three.probabilities(apart, np.zeros(2))[0], expected)
    assert expected.round(4).tolist() == [0.4531, 0.3204, 0.2265]


def tournament(seed: int = 0, n: int = 4000, entities: int = 12, pull: float = 0.6) -> tuple[object, np.ndarray]:
    """Comparisons of a few models by six annotators, the last of whom decides by coin; the side shown first is pulled
    to."""
    rng = np.random.default_rng(seed)
    strength = rng.normal(0, 1, entities)
    a = rng.integers(0, entities, n)
    b = (a + rng.integers(1, entities, n)) % entities
    annotator, first = rng.integers(0, 6, n), rng.integers(0, 2, n)
    reliable = np.array([1.3, 1.2, 1.0, 0.8, 0.7, 0.0])[annotator]
    logit = reliable * (strength[a] - strength[b]) + pull * np.where(first == 0, 1, -1)
    label = (rng.random(n) > expit(logit)).astype(int)
    data = judged(np.arange(n), annotator, label, BINARY, sides=np.stack([a, b], 1) + 1, shown_first=first)
    names = np.array([f"m{i}" for i in range(entities)])
    items = data.items.assign(model_a=names[a], model_b=names[b])
    return replace(data, items=items), strength


@pytest.mark.parametrize("by", ["model", "response"])
def test_strengths_pull_and_the_coin_thrower_are_found(by: str) -> None:
    data, strength = tournament()
    found = aggregate(data, "bradley_terry", by=by, departure=0.0)
    table = found.details["strengths"]
    assert len(table) == 12
    if by == "model":
        order = [int(name[1:]) for name in table["model"]]
        ours, planted_ones = table["strength"].to_numpy(), strength[order]
        np.testing.assert_allclose(ours - ours.mean(), planted_ones - planted_ones.mean(), atol=0.25)
    assert found.details["first_side_pull"] == pytest.approx(0.6, abs=0.12)
    assert abs(found.annotators["reliability"][5]) < 0.2
    assert (found.annotators["reliability"][:5] > 0.5).all()


def test_an_entity_that_always_wins_has_a_finite_strength() -> None:
    data = judged(np.arange(6), np.zeros(6, int), np.zeros(6, int), BINARY, sides=np.array([[1, 2]] * 6))
    found = aggregate(data, "bradley_terry")
    assert np.isfinite(found.details["strengths"]["strength"]).all()
    assert (found.label == 0).all()


def test_transitivity_decides_where_a_pair_has_not_been_judged_well() -> None:
    """1 beats 2 and 2 beats 3, often; of 1 against 3 there is one judgement, for 3."""
    sides = np.array([[1, 2]] * 20 + [[2, 3]] * 20 + [[1, 3]])
    label = np.array([0] * 40 + [1])
    data = judged(np.arange(41), np.arange(41) % 4, label, BINARY, sides=sides)
    assert aggregate(data, "bradley_terry", departure=0.0).label[40] == 0


def test_what_bradley_terry_cannot_do_is_said() -> None:
    data, _ = planted(seed=1, items=10)
    with pytest.raises(WorkbenchError, match="categories without sides"):
        aggregate(data, "bradley_terry")
    paired, _ = planted(seed=1, items=10, k=2, scale=BINARY)
    with pytest.raises(WorkbenchError, match="which model wrote"):
        aggregate(paired, "bradley_terry", by="model")
    with pytest.raises(WorkbenchError, match="cannot go by 'colour'"):
        aggregate(paired, "bradley_terry", by="colour")
    unnamed = judged(np.array([0]), np.array([0]), np.array([0]), BINARY, sides=np.zeros((1, 2)))
    with pytest.raises(WorkbenchError, match="names neither responses nor models"):
        aggregate(unnamed, "bradley_terry")


def test_items_with_unknown_sides_have_no_posterior() -> None:
    sides = np.array([[1, 2], [0, 2], [3, 3], [2, 1]])
    data = judged(np.arange(4), np.zeros(4, int), np.array([0, 0, 0, 1]), BINARY, sides=sides)
    found = aggregate(data, "bradley_terry")
    assert found.label.tolist() == [0, -1, -1, 1]
    assert found.details["items_without_entities"] == 2
    assert isinstance(found.details["strengths"], pd.DataFrame)
