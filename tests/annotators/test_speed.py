"""Speed: the reading floor by hand, idle times, placeholders, batches, and planted speeders."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import workbench
from tests.annotators.people import annotated
from workbench.annotators import Speed, floor_seconds, speed
from workbench.annotators.reading import FLOORS, pace_table, reading, time_bars
from workbench.simulation.simulate import simulate


def rows(n: int, *names: str) -> list[tuple[str, str, str]]:
    return [(str(i), name, "AB"[i % 2]) for name in names for i in range(n)]


def test_floor_by_hand() -> None:
    # 450 words at 238 a minute take 113 s; three times as fast, 37.8 s.
    assert floor_seconds(np.array([450]), skim=1).round(1).tolist() == [113.4]
    assert floor_seconds(np.array([450])).round(1).tolist() == [37.8]


def test_one_long_pause_hides_nothing() -> None:
    # The mean of x is above that of the others; its pace is a twentieth of theirs.
    rng = np.random.default_rng(0)
    seconds = [*([1.0] * 99 + [600.0]), *rng.lognormal(3, 0.3, 200)]
    found = speed(annotated(rows(100, "x", "y", "z"), seconds=seconds))
    assert found.annotators["pace"][0] < 0.1
    assert found.capped >= 1


@pytest.mark.parametrize("seconds", [None, 83.0, 0.0])
def test_placeholders_flag_nobody(seconds: float | None) -> None:
    found = speed(annotated(rows(20, "x", "y"), seconds=seconds))
    assert not found.times.usable
    assert found.times.reason
    assert found.flagged_annotations is None
    assert found.annotators["speed_p"].isna().all()


def test_times_of_a_batch_are_one_time() -> None:
    rng = np.random.default_rng(1)
    shared = np.repeat(rng.lognormal(4, 0.5, 30), 4)
    found = speed(annotated(rows(40, "x", "y", "z"), seconds=shared, batch=np.repeat([f"b{i}" for i in range(30)], 4)))
    assert found.unit == "batch"
    assert found.annotators["timed"].tolist() == [10, 10, 10]
    assert (found.times.unit, found.times.units, found.times.known) == ("batch", 30, 120)
    assert found.times.median_seconds == pytest.approx(np.median(shared[::4]))
    assert (
        found.times.reason
        == "a time belongs to an assignment of up to 4 judgements, so 30 assignments are compared, not single"
        " judgements"
    )
    data = annotated(rows(40, "x", "y", "z"), seconds=shared, batch=np.repeat([f"b{i}" for i in range(30)], 4))
    bars = time_bars(found, data)
    # Everything counts assignments: bars, annotators, and the table of paces.
    assert (bars["rapid"] + bars["ordinary"]).sum() == 30 == found.annotators["timed"].sum()
    table = pace_table(data, found, reading(data), FLOORS[0]).set_index("annotator")
    assert table["timed"].sum() == 30
    assert table.loc["x", "median_seconds"] == pytest.approx(np.median(shared[:40:4]))
    own = speed(
        annotated(
            rows(40, "x", "y", "z"),
            seconds=rng.lognormal(4, 0.5, 120),
            batch=np.repeat([f"b{i}" for i in range(30)], 4),
        )
    )
    assert own.unit == "judgement"


def test_planted_speeders_stand_out() -> None:
    made = simulate(6_000, annotators=30, seed=4, speeders=2, spammers=0, left_clickers=0, drifters=0, colluders=0)
    found = speed(made.data)
    planted = made.truth.troubled("speeder")
    table = found.annotators
    assert set(np.argsort(table["speed_p"])[:2]) == set(planted)
    assert (table["speed_p"].to_numpy()[planted] < 1e-4).all()
    assert table["pace"].to_numpy()[planted] == pytest.approx(0.2, abs=0.12)
    assert (table["under_floor_share"].drop(planted) < 0.1).all()
    assert found.slope == pytest.approx(0.8, abs=0.25)  # reading grows with the words, deciding does not


def test_nothing_is_rapid_where_there_is_one_kind_of_judgement() -> None:
    seconds = np.random.default_rng(3).lognormal(3, 0.4, 300)
    found = speed(annotated(rows(100, "x", "y", "z"), seconds=seconds))
    assert np.nanmax(found.rapid) == 0


def test_ai_judges_do_not_set_the_pace() -> None:
    made = simulate(
        6_000,
        annotators=20,
        seed=5,
        judges=2,
        speeders=1,
        spammers=0,
        left_clickers=0,
        drifters=0,
        colluders=0,
        texts=True,
    )
    table = speed(made.data).annotators
    kinds = made.truth.annotators["kind"]
    assert table["speed_p"][kinds == "ai"].isna().all()
    assert table["speed_p"].idxmin() == made.truth.troubled("speeder")[0]


def kinds_of(seconds: np.ndarray) -> Speed:
    n = len(seconds) // 3
    return speed(annotated(rows(n, "x", "y", "z"), seconds=seconds))


@pytest.mark.parametrize("shape", ["even", "quick end long", "slow end long", "wide", "two close together"])
def test_one_hump_has_no_rapid_group(shape: str) -> None:
    rng = np.random.default_rng(7)
    n = 3_000
    logs = {
        "even": rng.normal(4, 0.4, n),
        "quick end long": np.log(rng.gamma(2.0, 50.0, n)),
        "slow end long": rng.normal(4, 0.35, n) + rng.exponential(0.7, n),
        "wide": rng.normal(4, 1.0, n),
        "two close together": np.where(rng.random(n) < 0.25, rng.normal(3.3, 0.35, n), rng.normal(4.2, 0.55, n)),
    }[shape]
    found = kinds_of(np.exp(logs))
    assert found.kinds == 1
    assert np.nanmax(found.rapid) == 0
    assert found.annotators["rapid_share"].isna().all()


def test_a_rapid_group_that_stands_apart_is_counted() -> None:
    # A tenth at a fifth of the usual time.
    rng = np.random.default_rng(8)
    clicked = rng.random(3_000) < 0.1
    found = kinds_of(np.exp(rng.normal(4, 0.45, 3_000) - np.log(5) * clicked))
    assert found.kinds == 2
    assert found.rapid.mean() == pytest.approx(0.1, abs=0.015)
    assert ((found.rapid > 0.5) == clicked).mean() > 0.97


def test_argument_pairs_have_one_hump(real_data: Path) -> None:
    data = workbench.load(real_data / "ukpconvarg" / "dev")
    found = speed(data)
    assert (found.unit, found.kinds) == ("batch", 1)
    assert "assignment of up to 3 judgements" in str(found.times.reason)
    bars = time_bars(found, data)
    assert (bars["rapid"] + bars["ordinary"]).sum() == found.annotators["timed"].sum() == found.times.units == 5_739


@pytest.mark.parametrize("name", ["rte", "temp", "wsd"])
def test_the_readers_reason_is_given(real_data: Path, name: str) -> None:
    data = workbench.load(real_data / "snow2008" / f"{name}.standardized.csv")
    told = next(f.message for f in data.findings if f.code == "no-usable-times")
    reason = str(speed(data).times.reason)
    assert reason == f"all {len(data.annotations):,} judgements take the same 83 s: a placeholder, not a measurement"
    assert reason[1:] in told
