"""The correction for many tests, by hand and against statsmodels."""

from __future__ import annotations

import numpy as np
import pytest

from workbench.annotators import false_discovery_adjusted


def test_by_hand() -> None:
    # m = 4: .01 * 4/1 = .04; .02 * 4/2 = .04; .03 * 4/3 = .04; .5.
    assert false_discovery_adjusted(np.array([0.5, 0.03, 0.01, 0.02])).tolist() == pytest.approx(
        [0.5, 0.04, 0.04, 0.04]
    )


def test_no_test_made_counts_for_nothing() -> None:
    found = false_discovery_adjusted(np.array([0.01, np.nan, 0.04]))
    assert found[[0, 2]].tolist() == pytest.approx([0.02, 0.04])
    assert np.isnan(found[1])
    assert len(false_discovery_adjusted(np.array([]))) == 0


def test_against_statsmodels() -> None:
    multitest = pytest.importorskip("statsmodels.stats.multitest")
    p = np.random.default_rng(1).uniform(size=50) ** 3
    assert false_discovery_adjusted(p) == pytest.approx(multitest.multipletests(p, method="fdr_bh")[1])
