"""The intervals against statsmodels, scipy and arithmetic by hand."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from workbench.statistics.proportions import clopper_pearson, jeffreys, wilson

COUNTS = [(0, 1), (1, 1), (0, 12), (12, 12), (3, 12), (7, 9), (250, 1_000), (999, 1_000)]


@pytest.mark.parametrize(
    ("mine", "theirs"),
    [
        (lambda k, n, level: wilson(k / n, n, level), "wilson"),
        (clopper_pearson, "beta"),
    ],
)
@pytest.mark.parametrize("level", [0.9, 0.95])
def test_against_statsmodels(mine, theirs: str, level: float) -> None:  # type: ignore[no-untyped-def]
    proportion = pytest.importorskip("statsmodels.stats.proportion")
    for k, n in COUNTS:
        low, high = proportion.proportion_confint(k, n, 1 - level, method=theirs)
        assert np.array(mine(k, n, level)) == pytest.approx([low, high], abs=1e-9)


def test_jeffreys_are_quantiles_of_the_posterior() -> None:
    for k, n in COUNTS:
        low, high = jeffreys(k, n)
        around = stats.beta(k + 0.5, n - k + 0.5)
        assert low == (0.0 if k == 0 else pytest.approx(around.ppf(0.025)))
        assert high == (1.0 if k == n else pytest.approx(around.ppf(0.975)))


def test_wilson_by_hand() -> None:
    # z = 2, p = 1/2, n = 12: middle (.5 + 4/24) / (1 + 4/12) = .5; reach 2 / (4/3) * sqrt(.25/12 + 4/576) = .25.
    assert np.array(wilson(0.5, 12, quantile=2.0)) == pytest.approx([0.25, 0.75])


@pytest.mark.parametrize("interval", [wilson, jeffreys, clopper_pearson])
def test_nothing_counted_has_no_interval(interval) -> None:  # type: ignore[no-untyped-def]
    low, high = interval(np.array([0.0, 0.0]), np.array([0, 5]))
    assert np.isnan(low[0])
    assert np.isnan(high[0])
    assert low[1] == 0.0
    assert 0 < high[1] < 1
