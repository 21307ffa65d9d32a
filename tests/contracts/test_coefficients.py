"""What every agreement coefficient must do."""

from __future__ import annotations

import numpy as np
import pytest

from workbench.agreement import COEFFICIENTS, Tally, all_coefficients, tally_of
from workbench.agreement.intervals import estimate
from workbench.agreement.measures import coefficient
from workbench.agreement.resampling import sums
from workbench.estimates import Estimate

KEYS = (*COEFFICIENTS, "krippendorff_alpha.ratio")
K = 3


def judgements(seed: int = 0, items: int = 50, annotators: int = 9) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Item, annotator and label of 0 to 6 judgements an item."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, K, items)
    item, annotator = np.nonzero(rng.random((items, annotators)) < rng.choice([0.1, 0.4, 0.7], (items, 1)))
    label = np.where(rng.random(len(item)) < 0.7, truth[item], rng.integers(0, K, len(item)))
    return item, annotator, label


def computed(
    item: np.ndarray, annotator: np.ndarray, label: np.ndarray, key: str, labels: tuple[str, ...] = ("x", "y", "z")
) -> Estimate:
    t = tally_of(item, annotator, label, labels, 50)
    return estimate(t, coefficient(key, t))


def numbers(found: Estimate) -> list[float]:
    return [found.value, *found.same_crew.to_list(), *found.new_crew.to_list(), found.n]


@pytest.mark.parametrize("key", KEYS)
def test_the_order_of_rows_items_and_annotators_does_not_matter(key: str) -> None:
    item, annotator, label = judgements()
    plain = numbers(computed(item, annotator, label, key))
    rng = np.random.default_rng(1)
    order = rng.permutation(len(item))
    assert numbers(computed(item[order], annotator[order], label[order], key)) == pytest.approx(plain)
    assert numbers(computed(rng.permutation(50)[item], rng.permutation(9)[annotator], label, key)) == pytest.approx(
        plain
    )


@pytest.mark.parametrize("key", [k for k in KEYS if not k.endswith("ratio")])
def test_turning_the_scale_round_does_not_matter(key: str) -> None:
    item, annotator, label = judgements(2)
    assert numbers(computed(item, annotator, K - 1 - label, key)) == pytest.approx(
        numbers(computed(item, annotator, label, key))
    )


@pytest.mark.parametrize("key", [k for k in KEYS if not k.endswith(("ordinal", "interval", "ratio", "ac2"))])
def test_renaming_the_labels_does_not_matter_without_an_order(key: str) -> None:
    item, annotator, label = judgements(3)
    renamed = np.array([2, 0, 1])[label]
    assert numbers(computed(item, annotator, renamed, key)) == pytest.approx(
        numbers(computed(item, annotator, label, key))
    )


@pytest.mark.parametrize("key", KEYS)
def test_perfect_agreement_is_one_without_intervals(key: str) -> None:
    found = computed(np.repeat(np.arange(6), 3), np.tile(np.arange(3), 6), np.repeat([0, 1, 2, 0, 1, 2], 3), key)
    assert found.value == pytest.approx(1.0)
    assert found.same_crew is found.new_crew is None
    assert any("no disagreement was seen" in note for note in found.interval_notes)


@pytest.mark.parametrize("key", KEYS)
def test_labels_at_random_agree_as_chance_does(key: str) -> None:
    rng = np.random.default_rng(4)
    t = tally_of(
        np.repeat(np.arange(20_000), 3), np.tile(np.arange(3), 20_000), rng.integers(0, K, 60_000), ("x", "y", "z")
    )
    wanted = 1 / K if key.startswith("percent") else 0.0
    assert sums(t, coefficient(key, t)).value == pytest.approx(wanted, abs=0.01)


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ([], "there are no labels"),
        ([(0, 0, 1)], "no item has labels from two annotators"),
        ([(i, 0, i % 3) for i in range(9)], "no item has labels from two annotators"),
        ([(i, a, 1) for i in range(9) for a in range(3)], "every label is 'y'"),
    ],
)
def test_undefined_is_undefined_with_a_reason(key: str, rows: list[tuple[int, int, int]], reason: str) -> None:
    columns = np.array(rows, int).reshape(-1, 3).T
    found = computed(*columns, key)
    if key.startswith("percent") and reason.startswith("every"):
        assert found.value == 1.0
    else:
        assert (found.value, found.same_crew, found.new_crew) == (None, None, None)
        assert reason in found.reason


@pytest.mark.parametrize("key", KEYS)
def test_an_item_with_one_label_is_counted_as_set_aside(key: str) -> None:
    item, annotator, label = judgements(5)
    found = computed(item, annotator, label, key)
    per_item = np.bincount(item, minlength=50)
    if key == "fleiss_kappa":
        assert found.n == np.bincount(per_item[per_item >= 2]).max()
    else:
        assert found.n == (per_item >= 2).sum()
    assert found.n + found.n_set_aside == (per_item >= 1).sum()


@pytest.mark.parametrize("key", [k for k in KEYS if not k.startswith(("gwet", "brennan"))])
def test_a_label_nobody_used_does_not_matter(key: str) -> None:
    item, annotator, label = judgements(6)
    more = computed(item, annotator, label, key, ("x", "y", "z", "unused"))
    assert numbers(more) == pytest.approx(numbers(computed(item, annotator, label, key)))


@pytest.mark.parametrize("key", KEYS)
def test_intervals_contain_the_value_and_new_crew_contains_same_crew(key: str) -> None:
    for seed in range(6):
        found = computed(*judgements(seed), key)
        assert found.new_crew.low <= found.same_crew.low < found.value < found.same_crew.high <= found.new_crew.high


@pytest.mark.parametrize("key", KEYS)
def test_doubling_every_item_narrows_the_interval_by_the_root_of_two(key: str) -> None:
    item, annotator, label = judgements(7, items=400)
    once = tally_of(item, annotator, label, ("x", "y", "z"))
    twice = tally_of(np.concatenate([item, item + 400]), np.tile(annotator, 2), np.tile(label, 2), ("x", "y", "z"))
    widths = [estimate(t, coefficient(key, t)).same_crew.width for t in (once, twice)]
    assert widths[0] / widths[1] == pytest.approx(np.sqrt(2), rel=0.05)


def test_inputs_are_not_changed() -> None:
    item, annotator, label = judgements(8)
    before = [column.copy() for column in (item, annotator, label)]
    t = tally_of(item, annotator, label, ("x", "y", "z"))
    counts, frequency = t.counts.copy(), t.frequency.copy()
    all_coefficients(t)
    assert all((a == b).all() for a, b in zip(before, (item, annotator, label), strict=True))
    assert isinstance(t, Tally)
    assert (t.counts == counts).all()
    assert (t.frequency == frequency).all()
