"""Drawings: marks stand where the numbers say."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest

from workbench.report.drawing import Row, bars, forest, nice_step


def numbers(svg: str, pattern: str) -> list[float]:
    return [float(v) for v in re.findall(pattern, svg)]


def test_a_diamond_stands_in_the_middle_of_its_interval() -> None:
    svg = forest([Row(name="x", value=0.5, same=(0.4, 0.6), new=(0.2, 0.8))], unit="number", alt="One.")
    bar = next(e for e in ElementTree.fromstring(svg).iter("line") if e.get("stroke-width") == "8")
    (middle,) = numbers(svg, r'd="M([\d.]+) [\d.]+l5.5')
    assert middle == pytest.approx((float(bar.get("x1")) + float(bar.get("x2"))) / 2, abs=0.1)
    ends = numbers(svg, r'd="M([\d.]+) [\d.]+v10') + numbers(svg, r"H([\d.]+)M")
    assert ends[1] - ends[0] == pytest.approx(3 * (float(bar.get("x2")) - float(bar.get("x1"))), abs=0.3)


def test_bars_are_as_long_as_their_values() -> None:
    svg = bars([Row(name="a", value=0.4), Row(name="b", value=0.1)], unit="share", alt="Two.")
    first, second = numbers(svg, r'width="([\d.]+)"')
    assert first == pytest.approx(4 * second, abs=0.5)
    assert "40.0%" in svg


def test_an_undefined_row_says_so_and_draws_no_mark() -> None:
    svg = forest([Row(name="x", value=None)], unit="number", alt="None.")
    assert "undefined" in svg
    assert "l5.5" not in svg


def test_drawings_are_xml_with_hostile_names_inside() -> None:
    rows = [Row(name="<script>&\"'", value=0.5, beside="<b>")]
    for svg in (forest(rows, unit="share", alt="<i>&", lines=((0.5, "<u>"),)), bars(rows, unit="share", alt="<i>")):
        root = ElementTree.fromstring(svg)
        assert {e.tag for e in root.iter()} <= {"svg", "title", "text", "tspan", "line", "path", "rect"}


@pytest.mark.parametrize("reach", [1e-6, 0.003, 0.37, 1, 7, 1234.5])
def test_a_scale_has_four_to_nine_parts(reach: float) -> None:
    step = nice_step(reach)
    assert 2 <= reach / step <= 9
    assert float(f"{step:e}"[0]) in (1, 2, 5)


def test_nothing_to_draw_is_a_drawing() -> None:
    assert ElementTree.fromstring(forest([], unit="number", alt="Nothing.")).get("aria-label") == "Nothing."
