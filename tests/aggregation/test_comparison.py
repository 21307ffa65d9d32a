"""Methods side by side: the scores by hand, and the figures on real data."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import workbench
from tests.aggregation.cases import judged, planted
from workbench.aggregation import METHODS, aggregate, compare, score
from workbench.dataset.scales import FOUR, TERNARY
from workbench.errors import WorkbenchError


def test_scores_by_hand() -> None:
    # Votes (A>>, A>), (B>, B>), (A>, B>), no vote, (A>): gold A>>, B>, B>, A>, none.
    data = judged(
        np.array([0, 0, 1, 1, 2, 2, 4]),
        np.array([0, 1, 0, 1, 0, 1, 0]),
        np.array([0, 1, 2, 2, 1, 2, 1]),
        FOUR,
        np.array([0, 2, 2, 1, -1]),
        items=5,
    )
    found = score(aggregate(data, "majority"), data.gold)
    assert (found.n, found.n_set_aside) == (3, 1)
    assert found.accuracy == pytest.approx((1 / 2 + 1 + 1 / 2) / 3)
    assert found.strict == pytest.approx(1 / 3)  # item 0 gets the milder A>, item 2 stays open
    assert found.direction == pytest.approx((1 + 1 + 1 / 2) / 3)
    assert found.nll == pytest.approx(2 * np.log(2) / 3)
    assert found.interval[0] < found.accuracy < found.interval[1]


def test_without_gold_there_is_a_reason() -> None:
    data = judged(np.array([0]), np.array([0]), np.array([1]), TERNARY)
    found = score(aggregate(data, "majority"), data.gold)
    assert found.accuracy is None
    assert found.reason == "no gold"
    known = judged(np.array([0]), np.array([0]), np.array([1]), TERNARY, np.array([1]))
    assert score(aggregate(known, clamp_gold=True), known.gold).reason == "all gold was given to the method"


def test_given_gold_does_not_score() -> None:
    data, _ = planted(seed=1)
    given = np.arange(400) < 100
    found = compare(data, ["majority", "dawid_skene"], clamp_gold=given)
    assert [s.n for s in found.scores.values()] == [300, 300]
    assert [s.n_set_aside for s in found.scores.values()] == [100, 100]


def test_all_methods_that_can_run_do_and_the_others_say_why() -> None:
    data, _ = planted(seed=2, items=60)
    found = compare(data)
    assert set(found.results) | set(found.skipped) == set(METHODS)
    assert set(found.skipped) == {"crowdlab", "bradley_terry", "latent_strength"}
    assert list(found.table["method"]) == list(found.results)
    assert (np.diag(found.agreement) == 1.0).all()
    np.testing.assert_allclose(found.agreement, found.agreement.T)
    listed = found.disagreements(data)
    assert (listed[list(found.results)].apply(set, axis=1).map(len) + (listed["gold"] != listed["majority"]) > 1).all()
    assert set(found.to_dict()["majority"]) >= {"items", "gold_n", "gold_accuracy", "posterior_nll"}
    with pytest.raises(WorkbenchError, match="needs probabilities"):
        compare(data, ["crowdlab"])


def figures(path: Path | list[Path], methods: list[str]) -> dict[str, float]:
    return {name: s.accuracy for name, s in compare(workbench.load(path), methods).scores.items()}


@pytest.mark.parametrize(
    ("file", "majority", "at_least"), [("rte", 0.896875, 0.925), ("temp", 0.936147, 0.939), ("wsd", 0.994350, 0.994)]
)
def test_one_setting_serves_the_classic_crowd_sets(
    real_data: Path, file: str, majority: float, at_least: float
) -> None:
    found = figures(real_data / "snow2008" / f"{file}.standardized.csv", ["majority", "dawid_skene"])
    assert found["majority"] == pytest.approx(majority, abs=5e-7)
    assert found["dawid_skene"] >= max(at_least, found["majority"])


def test_one_setting_serves_the_argument_pairs(real_data: Path) -> None:
    data = workbench.load(sorted((real_data / "ukpconvarg" / "dev").glob("*.xml")))
    found = compare(data, ["majority", "dawid_skene"]).scores
    assert found["majority"].n == 1684
    assert found["majority"].accuracy == pytest.approx(0.905285, abs=5e-7)
    assert found["dawid_skene"].accuracy >= 0.917
    plain = score(aggregate(data, "dawid_skene", prior="none"), data.gold)
    assert plain.accuracy < found["majority"].accuracy  # what the learned pool is for
    assert found["dawid_skene"].nll < 0.25 < plain.nll
