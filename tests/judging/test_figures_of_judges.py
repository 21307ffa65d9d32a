"""Worked numbers of the methods: prediction-powered means, thresholds, confidence sequences, prices."""

from __future__ import annotations

import numpy as np
import pytest

from workbench.errors import WorkbenchError
from workbench.judging.answers import Usage
from workbench.judging.prediction_powered import prediction_powered_mean, rogan_gladen
from workbench.judging.prices import Price, read_prices
from workbench.judging.thresholds import (
    certified_threshold,
    choose_start,
    fewest_labels,
    risk_upper_bound,
    split_threshold,
)
from workbench.statistics import confidence_sequence


def test_four_labels_by_hand() -> None:
    y, f, rest = np.array([1, 0, 1, 1]), np.array([1, 0, 1, 0]), np.array([1, 1, 1, 0, 0])
    full = prediction_powered_mean(y, f, rest, weight=1.0, reference="normal")
    assert full.value == pytest.approx(0.85)
    assert full.standard_error == pytest.approx(0.35)
    assert full.interval == pytest.approx((0.164013, 1.535987), abs=1e-6)
    tuned = prediction_powered_mean(y, f, rest)
    assert tuned.weight == pytest.approx(1 / 3)
    assert tuned.value == pytest.approx(0.783333, abs=1e-6)
    assert tuned.standard_error == pytest.approx(0.225051, abs=1e-6)
    assert "few labels" in tuned.note


def test_two_hundred_of_two_thousand() -> None:
    def stream(n: int) -> tuple[np.ndarray, np.ndarray]:
        i = np.arange(n)
        y = (7 * i % 10 < 6).astype(float)
        return y, np.where(11 * i % 10 < 8, y, 1 - y)

    (y, f), (_, rest) = stream(200), stream(2_000)
    got = prediction_powered_mean(y, f, rest, reference="normal")
    assert got.weight == pytest.approx(0.532726, abs=1e-6)
    assert got.value == pytest.approx(0.6)
    assert got.standard_error == pytest.approx(0.028858, abs=1e-6)
    assert got.interval == pytest.approx((0.543439, 0.656561), abs=1e-6)
    assert got.alone_standard_error == pytest.approx(0.034728, abs=1e-6)
    wider = prediction_powered_mean(y, f, rest)
    assert wider.interval[0] < got.interval[0] < got.interval[1] < wider.interval[1]
    assert wider.note is None


def test_a_judge_that_says_always_the_same_is_not_used() -> None:
    got = prediction_powered_mean(np.array([1, 0, 1]), np.ones(3), np.ones(5))
    assert got.value == pytest.approx(2 / 3)
    assert got.multiplier == 1.0
    assert prediction_powered_mean(np.array([1.0]), np.array([1.0]), np.ones(3)).reason == "fewer than two labels"
    with pytest.raises(WorkbenchError, match="missing"):
        prediction_powered_mean(np.array([1, np.nan]), np.ones(2), np.ones(3))


def test_rogan_and_gladen() -> None:
    assert rogan_gladen(0.70, 0.90, 0.80).value == pytest.approx(0.714286, abs=1e-6)
    assert rogan_gladen(0.05, 0.9, 0.8).value == 0.0


@pytest.mark.parametrize(
    ("wrong", "n", "delta", "bound"),
    [
        (0, 30, 0.1, 0.073881),
        (3, 100, 0.1, 0.065586),
        (10, 200, 0.05, 0.083335),
        (2, 30, 0.1, 0.167813),
        (6, 30, 0.1, 0.324689),
        (3, 69, 0.1, 0.094263),
        (12, 120, 0.1, 0.144586),
        (27, 175, 0.1, 0.195123),
        (46, 221, 0.1, 0.247337),
        (50, 239, 0.1, 0.246792),
    ],
)
def test_rows_of_the_bound(wrong: int, n: int, delta: float, bound: float) -> None:
    assert risk_upper_bound(wrong, n, delta) == pytest.approx(bound, abs=1e-6)


def test_the_fewest_labels() -> None:
    pairs = ((0.1, 0.1), (0.05, 0.1), (0.05, 0.05), (0.02, 0.05))
    assert [fewest_labels(*pair) for pair in pairs] == [22, 45, 59, 149]
    assert risk_upper_bound(0, 45, 0.1) <= 0.05 < risk_upper_bound(0, 44, 0.1)


def test_the_sequence_stops_at_the_first_failure() -> None:
    confidence = np.concatenate([np.full(50, 0.9), np.full(50, 0.8), np.full(200, 0.7)])
    right = np.concatenate([np.ones(50), np.ones(25), np.zeros(25), np.ones(200)]).astype(bool)
    got = certified_threshold(confidence, right, risk=0.1, delta=0.1)
    assert (got.value, got.n, got.wrong) == (0.9, 50, 0)
    all_of_them = risk_upper_bound(25, 300, 0.1)
    assert all_of_them > 0.1, "and even where the whole would pass it may not be jumped to"
    lower = certified_threshold(confidence, right, risk=0.12, delta=0.1)
    assert lower.value == 0.9


def test_where_the_surest_are_wrong_it_abstains() -> None:
    confidence = np.linspace(1, 0.5, 500)
    right = np.ones(500, bool)
    right[:6] = False
    top = certified_threshold(confidence, right, risk=0.1, delta=0.1)
    assert top.value is None
    assert "abstain" in top.reason
    start = choose_start(confidence, right, risk=0.1, delta=0.1)
    assert certified_threshold(confidence, right, risk=0.1, delta=0.1, start=start).value == 0.5
    few = certified_threshold(np.ones(20), np.ones(20, bool), risk=0.05, delta=0.1)
    assert few.value is None
    assert "45" in few.reason


def test_the_promise_holds_in_enough_of_calibrations() -> None:
    """A judge whose risk falls with its confidence; the true risk above each threshold is known."""
    rng, risk, delta, broken, found = np.random.default_rng(7), 0.1, 0.1, 0, 0
    for _ in range(300):
        confidence = rng.uniform(0.5, 1, 1_500)
        right = rng.random(1_500) < confidence
        got = split_threshold(confidence, right, risk=risk, delta=delta, rng=rng)
        if got.value is not None:
            found += 1
            broken += 1 - (got.value + 1) / 2 > risk  # mean confidence above it is how often the judge is right
    assert found > 200
    assert broken <= 300 * delta


def test_the_confidence_sequence() -> None:
    x = (np.arange(1, 1_001) % 20 == 0).astype(float)
    lower, upper = confidence_sequence(x)
    for n, low, high in ((100, -0.043937, 0.143937), (400, 0.011623, 0.088099), (1_000, 0.025473, 0.074300)):
        assert (lower[n - 1], upper[n - 1]) == pytest.approx((low, high), abs=1e-6)
    cut = confidence_sequence(x).intersected()
    assert (cut.lower[-1], cut.upper[-1]) == pytest.approx((0.025473, 0.073743), abs=1e-6)
    rng = np.random.default_rng(3)
    missed = 0
    for _ in range(300):
        low, high = confidence_sequence(rng.random(300) < 0.1)
        missed += bool(((low > 0.1) | (high < 0.1)).any())
    assert missed < 0.05 * 300
    with pytest.raises(WorkbenchError, match="between 0 and 1"):
        confidence_sequence(np.array([0.2, 1.5]))
    assert len(confidence_sequence(np.array([])).lower) == 0


@pytest.mark.parametrize(
    ("price_in", "price_out", "out", "usd"),
    [
        (0.10, 0.0, 20, 0.000240),
        (0.10, 0.50, 20, 0.000260),
        (1, 5, 20, 0.002600),
        (4, 20, 20, 0.010400),
        (2, 10, 300, 0.010800),
        (0.15, 0.60, 20, 0.000384),
        (2.50, 10, 20, 0.0064),
    ],
)
def test_the_price_of_one_pair_in_both_orders(price_in: float, price_out: float, out: int, usd: float) -> None:
    price = Price(fresh=price_in, cache_read=price_in, cache_write=price_in, out=price_out)
    assert 2 * price.of(Usage(fresh=1_200, out=out)) == pytest.approx(usd)


def test_prices_of_a_file(tmp_path) -> None:
    (tmp_path / "l.json").write_text(
        '{"sample_spec": {"input_cost_per_token": "text"}, "m": {"input_cost_per_token": 1e-06,'
        ' "output_cost_per_token": 5e-06, "input_cost_per_token_batches": 5e-07, "cache_read_input_token_cost": 1e-07}}'
    )
    price = read_prices(tmp_path / "l.json")["m"]
    assert (price.fresh, price.out, price.cache_read, price.batch_discount) == pytest.approx((1, 5, 0.1, 0.5))
    (tmp_path / "bad.toml").write_text("[model.m]\nin = -1\nout = 2\n")
    with pytest.raises(WorkbenchError, match="negative"):
        read_prices(tmp_path / "bad.toml")
