"""Labels saved at equal accuracy, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from workbench.studies.resampling import Resampler
from workbench.studies.savings import labels_to_reach, measure_saving, rising, saving, saving_along

N = np.array([100.0, 200.0, 400.0, 800.0])


def test_a_crossing_lies_on_the_line_between_two_points() -> None:
    # From .60 at 100 to .70 at 200: .65 is half way, at 150; from .70 at 200 to .80 at 400: .725 is a quarter of the
    # way, at 250.
    curve = np.array([0.6, 0.7, 0.8, 0.8])
    assert labels_to_reach(N, curve, 0.65) == pytest.approx(150)
    assert labels_to_reach(N, curve, 0.725) == pytest.approx(250)
    assert labels_to_reach(N, curve, 0.8) == 400
    assert np.isnan(labels_to_reach(N, curve, 0.81))
    assert np.isnan(labels_to_reach(N, curve, 0.59))


def test_the_saving_is_read_at_the_highest_accuracy_both_reach() -> None:
    better, base = np.array([0.6, 0.7, 0.8, 0.9]), np.array([0.6, 0.65, 0.7, 0.8])
    # Random ends at .8, bought with 800; the strategy is there at 400.
    assert saving(N, better, base) == pytest.approx(2.0)
    # The other way round the same strategy, as random, costs twice as much: the measure treats winners and losers
    # alike.
    assert saving(N, base, better) == pytest.approx(0.5)
    assert saving(N, base, base) == pytest.approx(1.0)


def test_along_the_curve_the_ratio_is_a_mean_over_levels() -> None:
    # Twice as many labels at every level: the ratio is 2 wherever it is read.
    fast, slow = np.log(2 * N), np.log(N)
    inner = slice(0, 3)
    got = saving_along(N[inner], np.interp(N[inner], N, fast), np.interp(N[inner], N, slow))
    assert got == pytest.approx(2.0, rel=0.06)
    assert np.isnan(saving_along(N, np.full(4, 0.5), np.full(4, 0.5)))


def test_the_rising_curve_is_isotonic_regression() -> None:
    sklearn = pytest.importorskip("sklearn.isotonic")
    rng = np.random.default_rng(0)
    curves = rng.normal(size=(50, 9)).cumsum(1) * 0.1 + rng.normal(size=(50, 9))
    ours = rising(curves)
    for mine, curve in zip(ours, curves, strict=True):
        assert mine == pytest.approx(sklearn.IsotonicRegression().fit_transform(np.arange(9), curve), abs=1e-9)


def test_not_reached_is_a_value_with_a_reason() -> None:
    sampler = Resampler(5, 20, draws=50)
    worse, base = np.array([0.6, 0.62, 0.64, 0.66]), np.array([0.6, 0.7, 0.8, 0.9])
    drawn = tuple(np.tile(c, (50, 1)) for c in (worse, base))
    found = measure_saving(N, (worse, base), drawn, sampler, 100)  # type: ignore[arg-type]
    assert found.to_match.value is None
    assert found.to_match.reason is not None
    assert "not reached" in found.to_match.reason
    # At random .66 is passed on the way from .6 at 100 to .7 at 200, at 160; the strategy bought 800.
    assert found.labels_at_random == pytest.approx(160)
    assert found.ratio.value == pytest.approx(160 / 800)
    assert found.gain.value == pytest.approx(-0.24)


def test_curves_that_begin_where_they_end_give_no_ratio() -> None:
    sampler = Resampler(5, 20, draws=10)
    flat = np.full(4, 0.7)
    found = measure_saving(N, (flat, flat), (np.tile(flat, (10, 1)),) * 2, sampler, 100)
    assert found.ratio.value is None
    assert found.ratio.reason is not None
    assert "first point" in found.ratio.reason
