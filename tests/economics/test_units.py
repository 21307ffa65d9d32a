"""A quantity meets only its own kind; the error names both units."""

from __future__ import annotations

import numpy as np
import pytest

from workbench.economics import units as u
from workbench.economics.units import Quantity, UnitError


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (u.DOLLARS_PER_ITEM, u.DOLLARS_PER_THOUSAND),
        (u.DOLLARS_PER_ITEM, u.DOLLARS_PER_LABEL),
        (u.SECONDS, u.WEEKS),
        (u.SHARE, u.DOLLARS),
        (u.HOURS, u.PEOPLE),
    ],
)
def test_sums_of_different_units_name_both(one: u.Unit, other: u.Unit) -> None:
    for operation in (lambda a, b: a + b, lambda a, b: a - b, lambda a, b: a < b, lambda a, b: a > b):
        with pytest.raises(UnitError, match="cannot be") as caught:
            operation(Quantity(1.0, one), Quantity(1.0, other))
        assert one.name in str(caught.value)
        assert other.name in str(caught.value)


def test_conversions() -> None:
    assert Quantity(50.0, u.DOLLARS_PER_THOUSAND).plain(u.DOLLARS_PER_ITEM) == pytest.approx(0.05)
    assert (Quantity(2.5, u.DOLLARS_PER_MILLION_TOKENS) * Quantity(1_200, u.TOKENS_PER_JUDGEMENT)).plain(
        u.DOLLARS_PER_JUDGEMENT
    ) == pytest.approx(0.003)
    assert (Quantity(10_000.0, u.LABELS) * Quantity(36.0, u.SECONDS_PER_LABEL)).plain(u.HOURS) == pytest.approx(100)
    crew = Quantity(5.0, u.PEOPLE) * Quantity(20.0, u.HOURS_PER_WEEK)
    assert (Quantity(100.0, u.HOURS) / crew).plain(u.WEEKS) == pytest.approx(1.0)
    with pytest.raises(UnitError, match="seconds cannot be turned into \\$ per item"):
        Quantity(1.0, u.SECONDS).to(u.DOLLARS_PER_ITEM)


def test_a_unit_is_offered_only_where_it_fits() -> None:
    assert set(u.fitting(u.NUMBER)) == {"number"}
    assert set(u.fitting(u.DOLLARS_PER_ITEM)) == {"$ per item", "$ per 1,000 items", "$/item"}


def test_one_thing_a_number_may_meet_is_a_share() -> None:
    assert (1 - Quantity(0.1, u.SHARE)).value == 0.9
    with pytest.raises(UnitError):
        1 - Quantity(0.1, u.DOLLARS)


def test_arrays_keep_their_unit() -> None:
    many = np.array([1.0, 2.0]) * Quantity(3.0, u.DOLLARS_PER_ITEM)
    assert many.unit.name == "$ per item"
    assert many.value.tolist() == [3.0, 6.0]
