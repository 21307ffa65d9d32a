"""Shares and means over clusters: by hand, against an independent computation, and how often they cover."""

from __future__ import annotations

import numpy as np
import pytest

from workbench.statistics.clustered import clustered_mean, clustered_share, effective_clusters
from workbench.statistics.proportions import wilson


def test_each_cluster_of_one_kind_is_worth_one_value() -> None:
    """20 clusters that are all right and 5 that are all wrong: as 24 values, which (G - 1) / (G + 1) lowers to 22.15.

    The kurtosis of 20 sums of 4 and 5 of -16 is (20 * 4^4 + 5 * 16^4) / 25 / 64^2 = 3.25: worth 2 * 25 / 2.25 = 22.2
    degrees of freedom.
    """
    from scipy import stats

    cluster = np.repeat(np.arange(25), 20)
    found = clustered_share((cluster < 20).astype(float), cluster)
    low, high = wilson(0.8, 24 * 24 / 26, quantile=stats.t.ppf(0.975, 50 / 2.25))
    assert (found.low, found.high) == pytest.approx((float(low), float(high)))
    assert found.df == pytest.approx(50 / 2.25)


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
