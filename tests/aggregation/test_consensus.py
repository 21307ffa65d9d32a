"""The default: what methods of different structure say together, with planted truth and by hand."""

from __future__ import annotations

import numpy as np
import pytest

from tests.aggregation.cases import judged, planted
from workbench.aggregation import METHODS, aggregate, score
from workbench.aggregation.contradiction import contradiction
from workbench.aggregation.latent_strength import grid
from workbench.aggregation.stacking import LEAST_GOLD, pooled, stacked
from workbench.dataset.annotation_set import AnnotationSet
from workbench.dataset.scales import BINARY, FIVE, TERNARY, categories
from workbench.errors import WorkbenchError
from workbench.findings import Fact


def contested(seed: int, items: int = 500, true_ties: float = 0.0, per_item: int = 5) -> AnnotationSet:
    """Items of every strength, many near zero; annotators also say "=" where they see little difference."""
    rng = np.random.default_rng(seed)
    crew = items * per_item // 40
    z = rng.normal(0, 1.1, items)
    tied = rng.random(items) < true_ties
    item = np.repeat(np.arange(items), per_item)
    who = rng.permuted(np.tile(np.arange(crew), (items, 1)), axis=1)[:, :per_item].ravel()
    seen = np.where(tied, 0.0, z)[item] * rng.lognormal(0.1, 0.4, crew)[who] + rng.logistic(size=len(item))
    label = np.where(np.abs(seen) < 0.4, 1, np.where(seen > 0, 2, 0))
    label = np.where(tied[item] & (rng.random(len(item)) < 0.7), 1, label)
    truth = np.where(tied, 1, np.where(z > 0, 2, 0))
    return judged(item, who, label, TERNARY, truth, annotators=crew)


@pytest.mark.parametrize("true_ties", [0.0, 0.35])
def test_contested_items_are_no_heap(true_ties: float) -> None:
    """Where a third label is said of contested items, pooled tables take it for a class of its own."""
    right = {m: [] for m in ("majority", "weighted", "dawid_skene", "consensus")}
    for seed in range(3):
        data = contested(seed, true_ties=true_ties)
        for method, found in right.items():
            options = {"gold": "unused"} if method == "consensus" else {}
            found.append(score(aggregate(data, method, **options), data.gold).accuracy)
    mean = {method: float(np.mean(found)) for method, found in right.items()}
    assert mean["consensus"] > max(mean["majority"], mean["weighted"], mean["dawid_skene"]) - 0.02


def test_rare_labels_stay_rare_for_every_method_that_learns_how_common_they_are() -> None:
    """Two labels, 97 to 3, people right in 85%: one that takes both for equally common finds too many rare ones."""
    rng = np.random.default_rng(1)
    truth = (rng.random(1000) < 0.03).astype(int)
    item, who = np.repeat(np.arange(1000), 3), rng.integers(0, 40, 3000)
    label = np.where(rng.random(3000) < 0.85, truth[item], 1 - truth[item])
    data = judged(item, who, label, BINARY, truth, annotators=40)
    for method in ("one_coin", "mace", "consensus"):
        assert score(aggregate(data, method), data.gold).accuracy > 0.97
    assert score(aggregate(data, "one_coin", class_prior="even"), data.gold).accuracy < 0.96


def test_gold_corrects_without_judging_itself() -> None:
    data, _ = planted(seed=5, items=400, annotators=12, per_item=4, k=3, scale=TERNARY)
    plain, learned = aggregate(data, gold="unused"), aggregate(data)
    assert plain.details["gold_used"] == 0
    assert score(learned, data.gold).nll <= score(plain, data.gold).nll
    # Changing one item's gold leaves that item's own label as it is.
    other = data.gold.copy()
    other[7] = (other[7] + 1) % 3
    changed = aggregate(judged(*_rows(data), TERNARY, other, annotators=12))
    np.testing.assert_allclose(changed.posterior[7], learned.posterior[7], atol=1e-12)


def _rows(data: AnnotationSet) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return tuple(data.annotations[name].to_numpy() for name in ("item", "annotator", "label"))


def test_little_gold_corrects_nothing() -> None:
    opinion = np.tile([0.9, 0.1], (LEAST_GOLD + 10, 1))
    gold = np.full(len(opinion), -1)
    gold[: LEAST_GOLD - 1] = np.arange(LEAST_GOLD - 1) % 2
    assert stacked([opinion], np.ones(1), gold).n_gold == 0


def test_gold_makes_opinions_as_sure_as_they_are_right() -> None:
    """Opinions of .99 that are right in 70%: after correction they say about .7."""
    rng = np.random.default_rng(3)
    gold = rng.integers(0, 2, 1000)
    said = np.where(rng.random(1000) < 0.7, gold, 1 - gold)
    opinion = np.where(said[:, None] == np.arange(2), 0.99, 0.01)
    found = stacked([opinion], np.ones(1), gold)
    assert found.n_gold == 1000
    assert found.posterior.max(1).mean() == pytest.approx(0.7, abs=0.04)
    assert (found.posterior.argmax(1) == said).mean() > 0.99


def test_the_pool_is_geometric() -> None:
    one, other = np.array([[0.9, 0.1]]), np.array([[0.5, 0.5]])
    np.testing.assert_allclose(pooled([one, other], np.array([0.5, 0.5])), [[0.75, 0.25]])  # odds 9 -> 3


def test_methods_that_contradict_are_a_finding() -> None:
    """Sure of everything, and apart on a fifth of the items."""
    sure = np.tile([0.99, 0.01], (500, 1))
    other = sure.copy()
    other[:100] = other[:100, ::-1]
    found = contradiction(BINARY, {"weighted": sure, "hard_items": other})
    assert (found.parted, found.items) == (100, 500)
    assert found.allowed == pytest.approx(10 + 3 * np.sqrt(1000 * 0.99 * 0.01))
    assert "100 items of 500" in str(found)
    doubtful = np.tile([0.6, 0.4], (500, 1))
    assert (
        contradiction(
            BINARY,
            {"weighted": doubtful, "hard_items": np.where(np.arange(500)[:, None] < 100, doubtful[:, ::-1], doubtful)},
        )
        is None
    )


def test_a_finding_reaches_those_who_ask() -> None:
    data, _ = planted(seed=2, items=200, k=2, scale=BINARY)
    result = aggregate(data)
    assert result.findings == ()
    result.details["contradiction"], result.details["parted"] = "x and y", 3  # type: ignore[index]
    assert [(f.code, f.count) for f in result.findings] == [(Fact.METHODS_DISAGREE, 3)]


@pytest.mark.parametrize("k", [2, 3, 4, 5, 6, 7])
def test_kinds_say_something_of_every_strength(k: int) -> None:
    net = grid(k)
    assert net.chances.shape == (len(net.kinds), k, len(net.location))
    np.testing.assert_allclose(net.chances.sum(1), 1.0)
    label_of = net.label_of(net.first_weights)
    np.testing.assert_allclose(label_of.sum(1), 1.0)
    sides = slice(0, 16)
    np.testing.assert_allclose(label_of[sides][::-1, ::-1], label_of[sides])  # A and B exchanged
    assert (label_of[0].argmax(), label_of[15].argmax()) == (0, k - 1)


def test_categories_have_no_strength() -> None:
    data, _ = planted(seed=1, items=60, k=3, scale=categories("xyz"))
    with pytest.raises(WorkbenchError, match="labels in an order"):
        aggregate(data, "latent_strength")
    assert aggregate(data).details["methods"] == "hard_items, weighted"
    assert METHODS["consensus"].title in ("Consensus",)


def test_five_labels_go_by_direction_first() -> None:
    data, _ = planted(seed=4, items=200, annotators=8, per_item=4, k=5, scale=FIVE)
    result = aggregate(data)
    by_direction = result.direction_posterior
    decided = result.label >= 0
    assert (result.direction[decided] == by_direction[decided].argmax(1)).all()


def test_unknown_use_of_gold_is_refused() -> None:
    data, _ = planted(seed=1, items=60)
    with pytest.raises(WorkbenchError, match="Gold cannot be"):
        aggregate(data, gold="eaten")
