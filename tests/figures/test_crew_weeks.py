"""The crew week by week: intervals around what looks right, a mark on confused weeks, and what is said of them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from workbench.figures.crew_weeks import crew_weeks, week_estimates, weeks_sentence

TABLE = pd.DataFrame(
    {
        "week": ["2026-01-05", "2026-01-12", "2026-01-19"], "labels": [100, 80, 0], "annotators": [6, 6, 0], "right": [0.7, 0.5, np.nan],
        "usual": [0.6, 0.7, np.nan], "change": [0.1, -0.2, np.nan], "low": [0.0, -0.3, np.nan], "high": [0.2, -0.1, np.nan],
        "p_annotators": [0.9, 0.001, np.nan], "p_prompts": [np.nan, 0.002, np.nan], "confused": [False, True, False],
    }
)  # fmt: skip


def test_intervals_lie_around_what_looks_right() -> None:
    first, second, empty = week_estimates(TABLE).values()
    assert (first.same_crew.low, first.same_crew.high) == pytest.approx((0.6, 0.8))  # type: ignore[union-attr]
    assert (second.value, second.n) == (0.5, 80)
    assert empty.value is None
    assert "no label" in str(empty.reason)


def test_a_confused_week_is_marked_and_named() -> None:
    figure = crew_weeks(TABLE)
    assert [(a.x, a.text) for a in figure.layout.annotations if a.text == "confused"] == [("2026-01-12", "confused")]
    assert "the week of 2026-01-12 (50 % of labels look right, where 70 % is usual)" in weeks_sentence(TABLE).replace("\u2060", "").replace(
        "\u00a0", " "
    ).replace("\u202f", " ")


def test_calm_weeks_and_too_few() -> None:
    assert "In none of the 2 weeks" in weeks_sentence(TABLE.assign(confused=False))
    assert "fewer than two weeks" in weeks_sentence(TABLE.head(1))
