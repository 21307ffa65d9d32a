"""Items that come in groups are left out and redrawn together, at a cost that does not depend on how many groups hold
one item."""

import numpy as np
import pytest

from workbench.agreement import resampling
from workbench.agreement.intervals import estimate, item_spread
from workbench.agreement.measures import COEFFICIENTS, coefficient
from workbench.agreement.resampling import sums
from workbench.agreement.tally import tally_of
from workbench.wording.agreement import agreement_sentence

RNG = np.random.default_rng(7)
ITEMS = 60
LABEL = np.where(RNG.random((ITEMS, 3)) < 0.7, RNG.integers(0, 3, ITEMS)[:, None], RNG.integers(0, 3, (ITEMS, 3)))
GROUP = np.concatenate(
    [np.repeat(np.arange(8), 3), np.arange(8, 8 + ITEMS - 24)]
)  # eight groups of three items, the rest alone


def made(label: np.ndarray, group: np.ndarray | None):
    n = len(label)
    return tally_of(np.repeat(np.arange(n), 3), np.tile(np.arange(3), n), label.ravel(), ("A", "=", "B"), group=group)


@pytest.mark.parametrize("key", COEFFICIENTS)
def test_each_group_is_left_out_as_a_whole(key):
    t = made(LABEL, GROUP)
    summed = sums(t, coefficient(key, t))
    values, frequency = summed.without_item()
    by_hand = []
    for group in np.unique(GROUP):
        less = made(LABEL[group != GROUP], None)
        by_hand.append(sums(less, coefficient(key, less)).value)
    assert np.sort(np.repeat(values, frequency)) == pytest.approx(np.sort(by_hand), abs=1e-12)


def test_groups_of_one_item_that_look_alike_are_counted_and_not_listed():
    t = made(LABEL, GROUP)
    assert t.clusters is not None
    assert t.clusters.frequency.sum() == len(np.unique(GROUP))
    assert t.clusters.patterns.shape[0] <= 8 + len(t.frequency)
    assert (t.clusters.frequency @ t.clusters.patterns).tolist() == t.frequency.tolist()


def test_without_groups_of_several_items_there_are_no_clusters():
    assert made(LABEL, np.arange(ITEMS)).clusters is None


@pytest.mark.parametrize("key", ["krippendorff_alpha.ordinal", "gwet_ac1", "percent_agreement"])
def test_beyond_many_groups_the_first_order_gives_the_same_spread(key, monkeypatch):
    many = np.random.default_rng(3)
    truth = many.integers(0, 3, 3_000)
    label = np.where(many.random((3_000, 3)) < 0.7, truth[:, None], many.integers(0, 3, (3_000, 3)))
    t = made(label, np.arange(3_000) // 2)
    exact = item_spread(sums(t, coefficient(key, t))).variance
    assert sums(t, coefficient(key, t)).variance_over_many_groups() is None
    monkeypatch.setattr(resampling, "_EXACT", 100)
    # 1,500 groups: the second order is about 1 / 1,500 of the first.
    assert item_spread(sums(t, coefficient(key, t))).variance == pytest.approx(exact, rel=2e-3)


def test_pairs_of_items_of_the_same_group_are_counted_by_pattern():
    t = made(LABEL, GROUP)
    patterns = t.clusters.patterns.toarray()
    together, groups = t.together
    assert together == pytest.approx(patterns.T @ (patterns * t.clusters.frequency[:, None]))
    assert groups == t.clusters.frequency.sum()
    part = t.part(np.arange(10))
    together, groups = part.together
    patterns = part.clusters.patterns.toarray()
    assert together == pytest.approx(patterns.T @ (patterns * part.clusters.frequency[:, None]))
    assert groups == 4


def test_a_part_counts_only_its_own_items():
    whole = made(LABEL, GROUP)
    part = whole.part(np.arange(10))  # three groups of three, and one item of the fourth
    assert part.clusters.frequency.sum() == 4
    assert (part.clusters.frequency @ part.clusters.patterns).tolist() == part.frequency.tolist()


def test_the_bootstrap_of_groups_spreads_as_the_groups_do():
    t = made(LABEL, GROUP)
    summed = sums(t, coefficient("percent_agreement", t))
    drawn = summed.bootstrap(4_000, np.random.default_rng(1))
    assert drawn.var() == pytest.approx(item_spread(summed).variance, rel=0.15)


def test_few_prompts_are_named_beside_the_interval():
    few, many = made(LABEL, np.arange(ITEMS) % 3), made(LABEL, np.arange(ITEMS) % 12)
    found = estimate(few, coefficient("percent_agreement", few))
    assert found.interval_notes[-1] == found.few == "rests on 3 prompts"
    assert "(rests on 3 prompts), n = 60" in str(found)
    assert estimate(many, coefficient("percent_agreement", many)).few is None
    assert estimate(made(LABEL, None), coefficient("percent_agreement", few)).few is None
    assert "the intervals rest on 3 prompts" in agreement_sentence(found, found, direction=False, sides=True)
