"""Published worked examples, to the digits in which they were published."""

from __future__ import annotations

import numpy as np
import pytest

from tests.agreement import published as data
from workbench.agreement import (
    all_coefficients,
    brennan_prediger,
    cohen_kappas,
    fleiss_kappa,
    gwet_ac1,
    gwet_ac2,
    krippendorff_alpha,
    percent_agreement,
)
from workbench.agreement.coefficients import gwet, krippendorff
from workbench.agreement.intervals import item_spread
from workbench.agreement.pairs import kappa_of
from workbench.agreement.resampling import sums


@pytest.mark.parametrize(
    ("level", "alpha"), [("nominal", 0.743421), ("ordinal", 0.815388), ("interval", 0.849107), ("ratio", 0.797403)]
)
def test_krippendorffs_own_example(level: str, alpha: float) -> None:
    found = krippendorff_alpha(data.KRIPPENDORFF_2011, level)
    assert found.value == pytest.approx(alpha, abs=5e-7)
    assert (found.n, found.n_set_aside) == (11, 1)


def test_krippendorffs_example_by_hand() -> None:
    # 40 pairable labels 9 13 10 5 3; observed disagreement .2 of pairs, expected (1600 - 384) / (40 * 39) = .779487
    pairable = data.KRIPPENDORFF_2011
    several = pairable.sizes >= 2
    assert (pairable.frequency[several] @ pairable.counts[several]).tolist() == [9, 13, 10, 5, 3]
    assert krippendorff_alpha(pairable, "nominal").value == pytest.approx(1 - 0.2 / 0.779487, abs=1e-6)


@pytest.mark.parametrize(("level", "alpha"), [("nominal", 0.691358), ("interval", 0.810845)])
def test_wikipedias_alpha(level: str, alpha: float) -> None:
    assert krippendorff_alpha(data.WIKIPEDIA_ALPHA, level).value == pytest.approx(alpha, abs=5e-7)


def test_unequal_numbers_of_labels() -> None:
    # Five items aa, bbbbb, aaa, bb, aba. Agreement 1, 1, 1, 1, 1/3; shares of a: (1 + 0 + 1 + 0 + 2/3) / 5 = 8/15.
    tally = data.from_counts([[2, 0], [0, 5], [3, 0], [0, 2], [2, 1]])
    agreed, chance = 13 / 15, (8 / 15) ** 2 + (7 / 15) ** 2
    assert fleiss_kappa(tally, items="all").value == pytest.approx((agreed - chance) / (1 - chance))
    assert fleiss_kappa(tally, items="all").value == pytest.approx(0.732, abs=5e-4)


def test_one_contested_item_among_clear_pairs() -> None:
    # Two clear pairs at each of 0 to 4, and one item with five 0 and five 4: an item weighs as its labels, not as its
    # pairs. Observed: 2 * 25 * 16 / 9 / 30; expected: 2 * (30 * 200 - 60 ** 2) / (30 * 29), from the sums of squares
    # and of labels.
    clear = [[2 * (k == category) for k in range(5)] for category in range(5) for _ in range(2)]
    tally = data.from_counts([*clear, [5, 0, 0, 0, 5]])
    observed, expected = 2 * 25 * 16 / 9 / 30, 2 * (30 * 200 - 60**2) / (30 * 29)
    assert krippendorff_alpha(tally, "interval").value == pytest.approx(1 - observed / expected)
    assert krippendorff_alpha(tally, "interval").value == pytest.approx(0.463, abs=5e-4)


def test_fleiss_1971() -> None:
    found = all_coefficients(data.FLEISS_1971)
    assert found["fleiss_kappa"].value == pytest.approx(0.4302445, abs=5e-8)
    assert found["fleiss_kappa_generalised"].value == pytest.approx(0.4302445, abs=5e-8)
    assert found["percent_agreement"].value == pytest.approx(0.55556, abs=5e-6)
    assert found["gwet_ac1"].value == pytest.approx(0.447885, abs=5e-7)
    assert found["brennan_prediger"].value == pytest.approx(0.44444, abs=5e-6)
    assert found["krippendorff_alpha.nominal"].value == pytest.approx(0.433410, abs=5e-7)


def test_wikipedias_fleiss() -> None:
    assert fleiss_kappa(data.WIKIPEDIA_FLEISS).value == pytest.approx(0.210, abs=5e-4)


def test_randolph() -> None:
    tally = data.from_counts([[7, 1], [3, 5]])
    assert fleiss_kappa(tally).value == pytest.approx(0.161905, abs=5e-7)
    assert brennan_prediger(tally).value == pytest.approx(0.214286, abs=5e-7)


def test_gwets_four_raters() -> None:
    tally = data.GWET_RAW4RATERS
    assert gwet_ac1(tally).value == pytest.approx(0.77544, abs=5e-6)
    assert fleiss_kappa(tally, items="all").value == pytest.approx(0.76117, abs=5e-6)
    assert brennan_prediger(tally).value == pytest.approx(0.773, abs=5e-4)
    assert krippendorff_alpha(tally, "nominal").value == pytest.approx(0.743, abs=5e-4)
    assert gwet_ac2(tally).value == pytest.approx(0.914, abs=5e-4)
    assert gwet_ac2(tally, weights="linear").value == pytest.approx(0.859, abs=5e-4)
    assert brennan_prediger(tally, weights="quadratic").value == pytest.approx(0.902, abs=5e-4)


def test_gwets_four_raters_standard_errors() -> None:
    """Alpha's published standard error is .146. AC1's (.14295) also counts the item with one label as a disagreement.

    Gwet's formula centres that item's zero on the coefficient; in the ratio of two means it does not move p_a at all.
    """
    tally = data.GWET_RAW4RATERS
    assert np.sqrt(item_spread(sums(tally, krippendorff("nominal", tally.values))).variance) == pytest.approx(
        0.146, abs=5e-4
    )
    published, without_single = _gwet_standard_error(tally, singles=True), _gwet_standard_error(tally, singles=False)
    assert published == pytest.approx(0.14295, abs=5e-6)
    jackknife = np.sqrt(item_spread(sums(tally, gwet("identity", tally.values))).variance)
    assert jackknife == pytest.approx(without_single, rel=0.05)


def _gwet_standard_error(tally, singles: bool) -> float:  # type: ignore[no-untyped-def]
    """Gwet (2014): linearised standard error of AC1, written out item by item."""
    r = np.repeat(tally.counts, tally.frequency, axis=0)
    n, m, q = len(r), r.sum(1), r.shape[1]
    several = m >= 2
    agree = np.where(several, (r * (r - 1)).sum(1) / np.maximum(m * (m - 1), 1), 0.0)
    share = r / m[:, None]
    pi = share.mean(0)
    chance = (pi * (1 - pi)).sum() / (q - 1)
    kappa = (agree.sum() / several.sum() - chance) / (1 - chance)
    item = n / several.sum() * (agree - chance * several) / (1 - chance)
    if not singles:
        item = np.where(several, item, 0.0) + kappa * (1 - n / several.sum() * several)
    item = item - 2 * (1 - kappa) * ((share @ (1 - pi)) / (q - 1) - chance) / (1 - chance)
    return float(np.sqrt(((item - kappa) ** 2).sum() / (n * (n - 1))))


@pytest.mark.parametrize(
    ("table", "figures"),
    [
        (data.COHEN_SAS, {"kappa": 0.4842, "linear": 0.4701}),
        (data.ABSTRACTORS, {"kappa": 0.7964, "linear": 0.8429, "quadratic": 0.8922, "percent": 0.89}),
        (data.PARADOX, {"kappa": -0.0234, "percent": 0.944}),
    ],
)
def test_cohens_kappa(table: list[list[int]], figures: dict[str, float]) -> None:
    row = cohen_kappas(data.from_pairs(table)).to_frame().iloc[0]
    for name, value in figures.items():
        assert row[name] == pytest.approx(value, abs=5e-5)


def test_cohens_kappa_interval_is_near_the_published_one() -> None:
    # SAS: asymptotic standard error .1380, interval (.2137, .7547); on Fisher's z it leans to the left.
    row = cohen_kappas(data.from_pairs(data.COHEN_SAS)).to_frame().iloc[0]
    assert row["kappa_low"] < 0.2137 < row["kappa_high"] < 0.7547
    assert row["kappa_high"] - row["kappa_low"] == pytest.approx(0.7547 - 0.2137, rel=0.2)


def test_two_abstractors() -> None:
    tally = data.from_pairs(data.ABSTRACTORS)
    assert gwet_ac1(tally).value == pytest.approx(0.849, abs=5e-4)
    assert gwet_ac2(tally).value == pytest.approx(0.940, abs=5e-4)


def test_the_paradox() -> None:
    # 118 of 125 alike, yet kappa is below zero: nearly all labels are the same.
    tally = data.from_pairs(data.PARADOX)
    assert percent_agreement(tally).value == pytest.approx(0.944)
    assert gwet_ac1(tally).value == pytest.approx(0.9408, abs=5e-5)
    assert fleiss_kappa(tally).value < 0


def test_anxiety_ratings() -> None:
    """The second and third rater of the anxiety data that the R package irr and statsmodels test with; label 5 was
    given by neither."""
    second = [3, 6, 4, 6, 2, 4, 2, 4, 3, 3, 2, 3, 3, 3, 2, 2, 1, 3, 3, 4]
    third = [2, 1, 4, 4, 3, 2, 1, 6, 1, 1, 1, 2, 3, 3, 1, 1, 3, 3, 2, 2]
    given = sorted(set(second + third))
    table = [[sum((a, b) == (x, y) for a, b in zip(second, third, strict=True)) for y in given] for x in given]
    row = cohen_kappas(data.from_pairs(table)).to_frame().iloc[0]
    assert [row["kappa"], row["linear"], row["quadratic"]] == pytest.approx([-0.006289, 0.1459075, 0.2520325], abs=5e-7)


def test_weights_of_ones_own() -> None:
    """Cohen (1968), 200 cases: sum of v p = .90, of v expected by chance = 1.38."""
    share = np.array([[0.44, 0.07, 0.09], [0.05, 0.20, 0.05], [0.01, 0.03, 0.06]])
    v = np.array([[0.0, 1.0, 3.0], [1.0, 0.0, 6.0], [3.0, 6.0, 0.0]])
    assert kappa_of(200 * share, v) == pytest.approx(1 - 0.90 / 1.38)
    assert kappa_of(200 * share, 1 - np.eye(3)) == pytest.approx(0.4915, abs=5e-5)
