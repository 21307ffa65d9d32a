"""Intervals over seeds and prompt groups: by hand where one can count, by simulation where not."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from workbench.studies.measured import Measured
from workbench.studies.resampling import FEWEST_BUCKETS, Resampler, Scores, buckets_of, expanded_percentiles, scored


def scores_of(right: np.ndarray, n: np.ndarray) -> Scores:
    return Scores(right.astype(float), np.zeros_like(right, float), n.astype(float))


def test_groups_stay_whole_in_buckets() -> None:
    group = np.random.default_rng(0).integers(0, 500, 3_000)
    bucket, n = buckets_of(group, 40)
    assert n == 40
    assert all(len(set(bucket[group == g])) == 1 for g in np.unique(group))
    assert np.bincount(bucket, minlength=40).min() > 0


def test_a_record_counts_right_and_half_right() -> None:
    record = scored(np.array([1.0, -1.0, 0.0, -2.0]), np.array([1.0, 1.0, 1.0, 0.0]), np.array([0, 0, 1, 1]), 2)
    assert record["right"] == [1.0, 1.5]
    assert record["n"] == [2.0, 2.0]
    assert record["loss"][1] == pytest.approx(np.log(2) + np.log1p(np.exp(-2)), abs=1e-5)


def test_accuracy_in_a_draw_is_that_of_the_drawn_seeds_and_buckets() -> None:
    rng = np.random.default_rng(1)
    n = rng.integers(1, 9, (4, 10))
    scores = scores_of(rng.binomial(n, 0.7), n)
    sampler = Resampler(4, 10, draws=25)
    literal = []
    for seeds, buckets in zip(sampler.seed_counts, sampler.bucket_counts, strict=True):
        rows, columns = np.repeat(np.arange(4), seeds.astype(int)), np.repeat(np.arange(10), buckets.astype(int))
        literal.append(scores.right[np.ix_(rows, columns)].sum() / scores.n[np.ix_(rows, columns)].sum())
    assert sampler.of_scores(scores) == pytest.approx(np.array(literal))


def test_few_groups_are_not_drawn_again_and_that_is_said() -> None:
    sampler = Resampler(5, FEWEST_BUCKETS - 1)
    assert (sampler.bucket_counts == 1).all()
    assert "too few" in sampler.note
    assert "prompt groups" in Resampler(5, FEWEST_BUCKETS).note


def test_the_same_cell_differs_from_itself_by_nothing() -> None:
    n = np.full((5, 20), 6)
    scores = scores_of(np.random.default_rng(0).binomial(n, 0.8), n)
    difference = Resampler(5, 20).difference(scores, scores)
    assert (difference.value, difference.low, difference.high) == (0.0, 0.0, 0.0)


def test_one_seed_has_a_value_and_no_interval() -> None:
    scores = scores_of(np.full((1, 20), 3), np.full((1, 20), 4))
    found = Resampler(1, 20).accuracy(scores)
    assert found.value == 0.75
    assert found.interval is None
    assert "one seed" in found.note


def test_the_interval_covers_a_mean_over_seeds() -> None:
    """8 seeds that differ by chance: an interval that claims 95% must hold the mean in about 95 of 100 repetitions."""
    rng = np.random.default_rng(2)
    hits = 0
    for trial in range(300):
        share = np.clip(rng.normal(0.7, 0.04, 8), 0, 1)
        right = np.tile(share[:, None] * 1_000, (1, 12))
        found = Resampler(8, 12, draws=600, seed=trial).accuracy(scores_of(right, np.full((8, 12), 1_000)))
        hits += found.low <= 0.7 <= found.high  # type: ignore[operator]
    assert 0.92 <= hits / 300 <= 0.985


def test_three_prompt_groups_say_nothing_of_others() -> None:
    """Five seeds agree to a hair, and the interval they gave was taken for one about prompts."""
    sampler = Resampler(5, 3, draws=200)
    right = np.full((5, 3), 700.0)
    better = sampler.difference(scores_of(right + 10, np.full((5, 3), 1_000)), scores_of(right, np.full((5, 3), 1_000)))
    assert better.value == pytest.approx(0.01)
    assert better.interval is None
    assert "8 are needed" in better.note
    assert not better.excludes(0.0)


def test_expanded_percentiles_have_the_reach_of_student() -> None:
    """The bootstrap of a mean of k values has the spread of the mean times sqrt((k - 1) / k); expanded, its ends lie
    where t puts them."""
    k = 10
    drawn = np.random.default_rng(0).normal(0, np.sqrt((k - 1) / k), 200_000)
    low, high = expanded_percentiles(drawn, k)
    assert high == pytest.approx(stats.t.ppf(0.975, k - 1), rel=0.03)
    assert low == pytest.approx(-high, rel=0.03)


def test_a_figure_comes_back_from_its_dictionary() -> None:
    for figure in (
        Measured(value=0.5, low=0.4, high=0.6, n=10, seeds=3, note="x"),
        Measured(value=None, reason="not reached"),
        Measured(value=0.5, n=3),
    ):
        assert Measured.from_dict(figure.to_dict()) == figure
    with pytest.raises(ValueError, match="never both"):
        Measured(value=0.5, reason="no")
