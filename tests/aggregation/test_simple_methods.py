"""Majority, weighted vote and one-coin, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from tests.aggregation.cases import judged, planted
from workbench.aggregation import aggregate
from workbench.aggregation.weighted import _average_accuracy
from workbench.dataset.scales import BINARY, TERNARY
from workbench.errors import WorkbenchError


def test_vote_shares_and_agreement_without_the_own_vote() -> None:
    # Item 0: x, y say A, z says B. Item 1: x says B alone. Item 2: y says A, z says =.
    data = judged(np.array([0, 0, 0, 1, 2, 2]), np.array([0, 1, 2, 0, 1, 2]), np.array([0, 0, 2, 2, 0, 1]), TERNARY)
    found = aggregate(data, "majority")
    np.testing.assert_allclose(found.posterior, [[2 / 3, 0, 1 / 3], [0, 0, 1], [0.5, 0.5, 0]])
    assert found.label.tolist() == [0, 2, -1]
    assert found.undecided_counts == {"tied": 1}
    # x: one of two others on item 0; y: 1/2 on item 0 and 0 on item 2; z: never.
    np.testing.assert_allclose(found.annotators["accuracy"], [0.5, 0.25, 0.0])


def test_one_coin_with_known_accuracies() -> None:
    """A, A, B by annotators right with .8, .8 and .6: odds 4 * 4 / 1.5 = 10.667 for A."""
    data = judged(np.zeros(3, int), np.arange(3), np.array([0, 0, 1]), BINARY)
    found = aggregate(data, "one_coin", accuracy=np.array([0.8, 0.8, 0.6]))
    assert found.posterior[0, 0] == pytest.approx((16 / 1.5) / (16 / 1.5 + 1), abs=1e-12)
    assert round(found.posterior[0, 0], 4) == 0.9143
    np.testing.assert_allclose(found.annotators["weight"], [np.log(4), np.log(4), np.log(1.5)])


def test_one_coin_weight_with_more_labels() -> None:
    """Right with 1/2 among three labels: each wrong one has 1/4, so a vote is worth ln 2."""
    data = judged(np.zeros(1, int), np.zeros(1, int), np.array([0]), TERNARY)
    found = aggregate(data, "one_coin", accuracy=np.array([0.5]), class_prior=np.array([1.0, 1.0, 2.0]))
    assert found.annotators["weight"][0] == pytest.approx(np.log(2))
    np.testing.assert_allclose(found.posterior[0], np.array([1 * 0.5, 1 * 0.25, 2 * 0.25]) / 1.25)


def test_one_coin_wants_an_accuracy_for_each() -> None:
    data = judged(np.zeros(2, int), np.arange(2), np.array([0, 1]), BINARY)
    with pytest.raises(WorkbenchError, match="there are 2 annotators"):
        aggregate(data, "one_coin", accuracy=np.array([0.5]))
    with pytest.raises(WorkbenchError, match="no prior 'flat'"):
        aggregate(data, "one_coin", prior="flat")


@pytest.mark.parametrize(("k", "q"), [(2, 0.8), (3, 0.6), (5, 0.9)])
def test_the_average_accuracy_follows_from_the_agreement_of_two(k: int, q: float) -> None:
    agreement = q**2 + (1 - q) ** 2 / (k - 1)
    assert _average_accuracy(agreement, k) == pytest.approx(q)


def test_the_weighted_vote_finds_planted_accuracies() -> None:
    data, accuracy = planted(seed=11, items=4000, annotators=10, per_item=4, k=2, skill=(0.5, 0.95))
    found = aggregate(data, "weighted")
    np.testing.assert_allclose(found.annotators["accuracy"], accuracy, atol=0.05)
    posterior = found.posterior[:, 1]
    first = np.flatnonzero(data.codes.item == 0)
    weight = found.annotators["weight"].to_numpy()[data.codes.annotator[first]]
    log_odds = (weight * np.where(data.codes.label[first] == 1, 1, -1)).sum()
    assert posterior[0] == pytest.approx(1 / (1 + np.exp(-log_odds)))


def test_one_who_is_always_wrong_counts_against_what_it_says() -> None:
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 2, 200)
    votes = np.stack([np.where(rng.random(200) < p, truth, 1 - truth) for p in (0.9, 0.9, 0.9, 0.05)], 1)
    data = judged(np.repeat(np.arange(200), 4), np.tile(np.arange(4), 200), votes.ravel(), BINARY)
    for method in ("weighted", "one_coin", "dawid_skene", "glad"):
        assert aggregate(data, method).annotators["weight"][3] < -1


@pytest.mark.parametrize("prior", ["learned", "none"])
def test_one_coin_learns_how_common_labels_are_if_asked(prior: str) -> None:
    rng = np.random.default_rng(0)
    truth = (rng.random(2000) < 0.2).astype(int)
    label = np.where(rng.random((2000, 3)) < 0.75, truth[:, None], 1 - truth[:, None])
    data = judged(np.repeat(np.arange(2000), 3), np.tile(np.arange(3), 2000), label.ravel(), BINARY)
    np.testing.assert_allclose(
        aggregate(data, "one_coin", prior=prior, class_prior="learned").prior, [0.8, 0.2], atol=0.04
    )
    assert aggregate(data, "one_coin", prior=prior, class_prior="even").prior.tolist() == [0.5, 0.5]


def test_one_coin_learns_planted_accuracies() -> None:
    data, accuracy = planted(seed=12, items=3000, annotators=10, per_item=4, k=2)
    np.testing.assert_allclose(aggregate(data, "one_coin").annotators["accuracy"], accuracy, atol=0.05)
    np.testing.assert_allclose(aggregate(data, "one_coin", prior="none").annotators["accuracy"], accuracy, atol=0.05)
