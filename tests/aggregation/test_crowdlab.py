"""CROWDLAB by hand."""

from __future__ import annotations

import numpy as np
import pytest

from tests.aggregation.cases import judged, planted
from workbench.aggregation import aggregate
from workbench.cli.saying import line_of
from workbench.dataset.scales import BINARY, categories
from workbench.errors import WorkbenchError


def test_by_hand() -> None:
    """Three items, three annotators: x, y, z say (A, A, B), (B, B, B), (A, A, -); the classifier finds A, B, B
    likelier."""
    data = judged(
        np.array([0, 0, 0, 1, 1, 1, 2, 2]),
        np.array([0, 1, 2, 0, 1, 2, 0, 1]),
        np.array([0, 0, 1, 1, 1, 1, 0, 0]),
        BINARY,
    )
    p = np.array([[0.7, 0.3], [0.2, 0.8], [0.4, 0.6]])
    found = aggregate(data, "crowdlab", probabilities=p, rounds=1)
    # Consensus A, B, A, agreed on by 2/3, 1, 1 of the votes. The commonest consensus is A, wrong for 1 of 3.
    trust, baseline = (2 / 3 + 1 + 1) / 3, 1 / 3
    # x agrees with 1 of 2, 2 of 2 and 1 of 1 others: 4/5, and so does y; z with 0 of 2 and 2 of 2: 1/2.
    w = np.maximum(1 - (1 - np.array([0.8, 0.8, 0.5])) / baseline, 1e-6)
    # The classifier errs on item 2 only: error 1/3, no better than the commonest label.
    w_model = 1e-6 * np.sqrt(8 / 3)
    assert found.details["classifier_weight"] == pytest.approx(w_model)
    np.testing.assert_allclose(found.annotators["weight"], w)
    first = (w_model * 0.7 + (w[0] + w[1]) * trust + w[2] * (1 - trust)) / (w_model + w.sum())
    assert found.posterior[0, 0] == pytest.approx(first)


def test_a_good_classifier_helps_where_there_is_one_judgement() -> None:
    data, _ = planted(seed=3, items=600, annotators=12, per_item=3, k=3, skill=(0.5, 0.8))
    rng = np.random.default_rng(0)
    guess = np.where(rng.random(600) < 0.85, data.gold, rng.integers(0, 3, 600))
    p = 0.1 + 0.7 * np.eye(3)[guess]
    with_classifier = aggregate(data, "crowdlab", probabilities=p)
    assert (with_classifier.label == data.gold).mean() > (aggregate(data, "majority").label == data.gold).mean() + 0.05


def test_an_item_without_judgements_has_the_classifiers_label() -> None:
    data = judged(np.array([0, 0]), np.array([0, 1]), np.array([1, 1]), BINARY, items=3)
    found = aggregate(data, "crowdlab", probabilities=np.array([[0.5, 0.5], [0.9, 0.1], [np.nan, np.nan]]))
    assert found.label.tolist() == [1, 0, -1]


@pytest.mark.parametrize(
    ("probabilities", "message"),
    [
        (np.ones((2, 3)) / 3, "have shape"),
        (np.array([[0.5, 0.6], [0.5, 0.5]]), "do not sum to 1"),
        (np.array([[1.5, -0.5], [0.5, 0.5]]), "do not sum to 1"),
    ],
)
def test_senseless_probabilities_are_refused(probabilities: np.ndarray, message: str) -> None:
    data = judged(np.array([0, 1]), np.array([0, 0]), np.array([1, 1]), categories("ab"))
    with pytest.raises(WorkbenchError, match=message):
        aggregate(data, "crowdlab", probabilities=probabilities)


def test_the_classifier_is_needed() -> None:
    data = judged(np.array([0]), np.array([0]), np.array([1]), BINARY)
    with pytest.raises(WorkbenchError, match="needs probabilities") as error:
        aggregate(data, "crowdlab")
    assert line_of(error.value).endswith("Give them with --probabilities.")


def test_a_second_round_starts_from_the_labels_of_the_first() -> None:
    data, _ = planted(seed=4, items=80, annotators=6, per_item=2, k=3)
    p = 0.2 + 0.4 * np.eye(3)[data.gold]
    one, two = (aggregate(data, "crowdlab", probabilities=p, rounds=r) for r in (1, 2))
    right = data.codes.label == one.posterior.argmax(1)[data.codes.item]
    share = np.bincount(data.codes.item, weights=right) / 2
    assert two.details["consensus_share"] == pytest.approx(share.mean())
    assert two.details["classifier_weight"] >= one.details["classifier_weight"]
