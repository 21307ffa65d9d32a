"""Shares and means over clusters: by hand, against an independent computation, and how often they cover."""

from __future__ import annotations

import numpy as np
import pytest

from workbench.statistics.clustered import clustered_mean, clustered_share, effective_clusters
from workbench.statistics.proportions import wilson


def test_each_cluster_of_one_kind_is_worth_one_value() -> None:
    """20 clusters that are all right and 5 that are all wrong: as 25 values, with G / (G - 1) for the spread."""
    cluster = np.repeat(np.arange(25), 20)
    found = clustered_share((cluster < 20).astype(float), cluster)
    by_hand = 0.8 * 0.2 / (25 / 24 * 25 * (20 * np.array([0.2] * 20 + [-0.8] * 5)) ** 2).mean() * 500**2
    from scipy import stats

    low, high = wilson(0.8, by_hand, quantile=stats.t.ppf(0.975, 24))
    assert (found.low, found.high) == pytest.approx((float(low), float(high)))
    assert found.df == 24


def test_a_mean_of_values_that_stand_alone_is_students() -> None:
    from scipy import stats

    x = np.random.default_rng(0).normal(size=30)
    found = clustered_mean(x)
    assert (found.low, found.high) == pytest.approx(stats.t.interval(0.95, 29, x.mean(), stats.sem(x)))


def test_one_large_cluster_leaves_few_that_count() -> None:
    assert effective_clusters(np.array([90, 5, 5])) == pytest.approx(10_000 / 8_150)


def test_one_cluster_is_about_new_values_of_it_and_says_so() -> None:
    found = clustered_share(np.array([1.0, 1, 0, 1]), np.zeros(4, int))
    assert found.one_cluster
    assert found.clusters == 4
    assert np.isnan(clustered_share(np.ones(1)).low)


def test_it_covers_where_answers_to_a_prompt_are_alike() -> None:
    """25 prompts of 20 answers, ICC .3: an interval over answers covers half of the time."""
    rng = np.random.default_rng(1)
    prompt, hit = np.repeat(np.arange(25), 20), np.zeros(2)
    for _ in range(400):
        x = (rng.random((25, 20)) < rng.beta(0.8 * 7 / 3, 0.2 * 7 / 3, 25)[:, None]).ravel().astype(float)
        over, alone = clustered_share(x, prompt), clustered_share(x)
        hit += [over.low <= 0.8 <= over.high, alone.low <= 0.8 <= alone.high]
    assert hit[0] > 0.91 * 400
    assert hit[1] < 0.65 * 400
