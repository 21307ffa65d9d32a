"""The crew week by week: intervals around what looks right, a mark on confused weeks, and what is said of them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from workbench.figures.crew_weeks import crew_weeks, week_estimates, weeks_sentence

TABLE = pd.DataFrame(
    {
        "week": ["2026-01-05", "2026-01-12", "2026-01-19"],
        "labels": [100, 80, 0],
        "annotators": [6, 6, 0],
        "right": [0.7, 0.5, np.nan],
        "usual": [0.6, 0.7, np.nan],
        "change": [0.1, -0.2, np.nan],
        "low": [0.0, -0.3, np.nan],
        "high": [0.2, -0.1, np.nan],
        "p_annotators": [0.9, 0.001, np.nan],
        "p_prompts": [np.nan, 0.002, np.nan],
        "confused": [False, True, False],
    }
)


def test_differences_have_the_intervals_of_the_table() -> None:
    first, second, empty = week_estimates(TABLE).values()
    assert (first.same_crew.low, first.same_crew.high) == pytest.approx((0.0, 0.2))  # type: ignore[union-attr]
    assert (first.value, first.n) == (pytest.approx(0.1), 100)
    assert (second.value, second.n) == (pytest.approx(-0.2), 80)
    assert empty.value is None
    assert "no label" in str(empty.reason)


def test_the_chart_is_in_points_beside_a_named_line() -> None:
    figure = crew_weeks(TABLE)
    calm, confused, line, _ = figure.data
    assert (list(calm.x), list(calm.y), list(calm.error_y.array)) == (
        ["2026-01-05"],
        pytest.approx([10.0]),
        pytest.approx([10.0]),
    )
    assert (list(confused.x), list(confused.y), confused.marker.symbol) == (
        ["2026-01-12"],
        pytest.approx([-20.0]),
        "square",
    )
    assert [(s.y0, s.y1) for s in figure.layout.shapes] == [(0, 0)]
    assert (line.name, line.line.dash) == ("as in their other weeks", figure.layout.shapes[0].line.dash)
    assert "50% look right, where 70% is usual for them<br>−20 points (−30 to −10)" in confused.hovertext[0]


def test_a_week_with_too_few_annotators_says_so_or_has_no_interval() -> None:
    few = TABLE.assign(low=np.nan, high=np.nan, confused=False)
    first, second, _ = week_estimates(few).values()
    assert (first.value, first.same_crew, second.value) == (0.1, None, -0.2)
    unknown = next(iter(week_estimates(few.assign(change=np.nan)).values()))
    assert "too few annotators" in str(unknown.reason)


def test_a_confused_week_is_marked_and_named() -> None:
    figure = crew_weeks(TABLE)
    assert [(a.x, a.text) for a in figure.layout.annotations if a.text == "confused"] == [("2026-01-12", "confused")]
    assert "the week of 2026-01-12 (50% of labels look right, where 70% is usual)" in weeks_sentence(TABLE).replace(
        "\u2060", ""
    ).replace("\u00a0", " ").replace("\u202f", " ")


def test_calm_weeks_and_too_few() -> None:
    assert "In none of the 2 weeks" in weeks_sentence(TABLE.assign(confused=False))
    assert "In the one week" in weeks_sentence(TABLE.assign(confused=False, p_annotators=[0.9, np.nan, np.nan]))
    assert "cannot be compared" in weeks_sentence(TABLE.assign(confused=False, p_annotators=np.nan))
    assert "fewer than two weeks" in weeks_sentence(TABLE.head(1))
