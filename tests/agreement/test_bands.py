from __future__ import annotations

from itertools import pairwise

import pytest

from workbench.agreement.bands import CEILINGS, KRIPPENDORFF, LANDIS_KOCH, assured_band, membership
from workbench.estimates import Estimate, Interval


def normal_estimate(value: float, error: float) -> Estimate:
    return Estimate(
        name="x",
        value=value,
        same_crew=Interval(value - 1.959964 * error, value + 1.959964 * error, "same crew", "by hand"),
    )


@pytest.mark.parametrize("bands", [LANDIS_KOCH, KRIPPENDORFF])
def test_bands_leave_no_gap(bands) -> None:  # type: ignore[no-untyped-def]
    assert bands[0].low == -1
    assert bands[-1].high == 1
    assert all(a.high == b.low for a, b in pairwise(bands))


def test_gwets_own_example() -> None:
    # AC1 .775 with standard error .143 is "substantial" as a number and only "moderate" with 95% assurance.
    estimate = normal_estimate(0.77544, 0.14295)
    assert assured_band(estimate, LANDIS_KOCH).name == "moderate"
    assert sum(membership(estimate, LANDIS_KOCH).values()) == pytest.approx(1)


def test_no_interval_no_assurance() -> None:
    assert assured_band(Estimate(name="x", value=0.9), LANDIS_KOCH) is None
    assert membership(Estimate(name="x", value=None, reason="no labels"), LANDIS_KOCH) == {}


def test_ceilings_name_their_source() -> None:
    assert all(c.source and 0 < c.low <= c.high < 1 for c in CEILINGS)
    published = [c for c in CEILINGS if c.measure == "percent_agreement"]
    # kappa of balanced binary labels is 2a - 1: nearly all published sets fall below Landis and Koch's "substantial".
    (substantial,) = (band.low for band in LANDIS_KOCH if band.name == "substantial")
    assert sum(2 * c.high - 1 < substantial for c in published) >= len(published) - 1
