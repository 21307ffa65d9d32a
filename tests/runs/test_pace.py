"""Rate and time left: right for steady work, unshaken by one pause, unknown where nobody can know."""

from __future__ import annotations

import numpy as np
import pytest

from workbench.runs.pace import SAMPLES, Pace


def test_steady_work() -> None:
    pace = Pace()
    for step in range(200):
        pace.tell(0.1 * step, step)
    assert pace.rate() == pytest.approx(10.0, rel=0.05)
    assert pace.left(now=19.9, of=300) == pytest.approx(10.1, abs=0.6)


def test_one_long_pause_does_not_shake_it() -> None:
    pace = Pace()
    clock = 0.0
    for step in range(80):
        pace.tell(clock, step)
        clock += 30.0 if step == 60 else 0.5
    assert pace.rate() == pytest.approx(2.0, rel=0.25)  # the mean over the window would be 0.9


def test_noise_evens_out() -> None:
    rng = np.random.default_rng(5)
    pace = Pace()
    clock = 0.0
    for step in range(SAMPLES * 2):
        pace.tell(clock, step)
        clock += float(rng.exponential(1.0))
    assert pace.rate() == pytest.approx(1.0, rel=0.3)


def test_a_change_of_speed_is_followed() -> None:
    pace = Pace()
    clock = 0.0
    for step in range(2 * SAMPLES):
        pace.tell(clock, step)
        clock += 1.0 if step < SAMPLES else 4.0
    assert pace.rate() == pytest.approx(0.25)


def test_too_little_is_not_guessed_from() -> None:
    pace = Pace()
    assert pace.rate() is None
    pace.tell(0.0, 0)
    pace.tell(1.0, 1)
    assert pace.rate() is None
    assert pace.left(now=1.0, of=10) is None
    pace.tell(2.0, 2)
    assert pace.left(now=2.0, of=0) is None
    pace.tell(3.0, 0)  # a new count
    assert pace.rate() is None


def test_time_goes_by_between_steps_too() -> None:
    pace = Pace()
    for step in range(4):
        pace.tell(10.0 * step, step)
    assert pace.left(now=30.0, of=6) == pytest.approx(30.0)
    assert pace.left(now=35.0, of=6) == pytest.approx(25.0)
    assert pace.left(now=95.0, of=6) == 0.0
