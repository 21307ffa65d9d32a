"""One coefficient along an order: over weeks, or over the number of labels an item has; volume beneath."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go

from workbench.estimates import Estimate, Interval
from workbench.figures.canvas import axis, canvas
from workbench.figures.palette import BLUE, GREY, band_colour, plain, see_through
from workbench.wording.numbers import bounds, number


def over_weeks(
    estimates: Mapping[str, Estimate],
    *,
    reference: float | None = None,
    measure: str = "coefficient",
    unit: str = "items",
) -> go.Figure:
    """A coefficient week by week: line, both intervals as ribbons, and below it how many units each week has.

    The same-crew ribbon is the darker inner one; the new-crew ribbon is fainter with dotted edges. A week whose value
    is undefined interrupts the line, and its bar says why on hover. `customdata` of points and bars is the week.

    Parameters
    ----------
    estimates : first day of the week (`2026-03-02`) -> estimate, in order.
    reference : the value over all weeks, drawn as a dashed line.
    measure : name of the axis.
    """
    weeks = list(estimates)
    values = list(estimates.values())
    traces: list[dict[str, Any]] = []
    traces += _ribbon("new crew", weeks, [e.new_crew for e in values], alpha=0.10, dotted=True)
    traces += _ribbon("same crew", weeks, [e.same_crew for e in values], alpha=0.32, dotted=False)
    traces.append(_points(weeks, values, unit, line=True))
    traces.append(_volume(weeks, values, unit))
    return _two_storeys(
        traces,
        weeks,
        values,
        reference,
        measure,
        unit,
        f"{measure} by week",
        {
            "type": "date",
            "tickmode": "array",
            "tickvals": weeks[:: max(1, -(-len(weeks) // 10))],
            "tickformat": "%b %-d\n%Y",
        },
    )


def over_label_counts(
    estimates: Mapping[int, Estimate],
    *,
    reference: float | None = None,
    measure: str = "coefficient",
    unit: str = "items",
) -> go.Figure:
    """A coefficient among the items with two labels, with three, and so on; below it how many items there are of each.

    Parameters
    ----------
    estimates : labels of the item -> estimate among these items, in order.
    reference : the value over all items, drawn as a dashed line.
    measure : name of the axis.
    """
    names = [f"{count} labels" if str(count).isdigit() else str(count) for count in estimates]
    values = list(estimates.values())
    traces: list[dict[str, Any]] = [
        _whiskers("new crew", names, [e.new_crew for e in values], width=1.8),
        _whiskers("same crew", names, [e.same_crew for e in values], width=6),
        _points(names, values, unit, line=False) | {"customdata": [str(c) for c in estimates]},
        _volume(names, values, unit) | {"customdata": [str(c) for c in estimates]},
    ]
    return _two_storeys(
        traces,
        names,
        values,
        reference,
        measure,
        unit,
        f"{measure} by number of labels",
        {"type": "category", "categoryorder": "array", "categoryarray": names},
    )


def _two_storeys(
    traces: list[dict[str, Any]],
    names: Sequence[str],
    values: Sequence[Estimate],
    reference: float | None,
    measure: str,
    unit: str,
    about: str,
    across: Mapping[str, Any],
) -> go.Figure:
    shapes = []
    if reference is not None:
        shapes.append(
            {
                "type": "line",
                "xref": "paper",
                "yref": "y",
                "x0": 0,
                "x1": 1,
                "y0": reference,
                "y1": reference,
                "line": {"width": 1.2, "dash": "dash", "color": GREY},
            }
        )
    return canvas(
        traces,
        alt=_in_words(about, names, values, reference, unit),
        height=400,
        layout={
            "margin": {"l": 64, "r": 12, "t": 40, "b": 40},
            "xaxis": axis(anchor="y2", showgrid=False, **across),
            "yaxis": axis(measure, domain=[0.34, 1.0]),
            "yaxis2": axis(unit, domain=[0.0, 0.24], anchor="x", rangemode="tozero", nticks=4),
            "shapes": shapes,
            "bargap": 0.35,
            "clickmode": "event+select",
        },
    )


def _points(names: Sequence[str], values: Sequence[Estimate], unit: str, *, line: bool) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines+markers" if line else "markers",
        "x": list(names),
        "y": [e.value for e in values],
        "connectgaps": False,
        "customdata": list(names),
        "line": {"width": 2, "color": BLUE},
        "marker": {"symbol": "diamond", "size": 9, "color": BLUE},
        "selected": {"marker": {"opacity": 1}},
        "unselected": {"marker": {"opacity": 1}},
        "hovertext": [_hover(n, e, unit) for n, e in zip(names, values, strict=True)],
        "hoverinfo": "text",
        "name": "value",
    }


def _volume(names: Sequence[str], values: Sequence[Estimate], unit: str) -> dict[str, Any]:
    return {
        "type": "bar",
        "x": list(names),
        "y": [e.n for e in values],
        "yaxis": "y2",
        "customdata": list(names),
        "marker": {"color": see_through(GREY, 0.55)},
        "selected": {"marker": {"opacity": 1}},
        "unselected": {"marker": {"opacity": 1}},
        "hovertext": [_hover(n, e, unit) for n, e in zip(names, values, strict=True)],
        "hoverinfo": "text",
        "textposition": "none",
        "name": unit,
        "showlegend": False,
    }


def _hover(name: str, e: Estimate, unit: str) -> str:
    if e.value is None:
        return f"<b>{plain(name)}</b>: undefined, {plain(e.reason, 120)}<br>{e.n:,} {unit}"
    return (
        f"<b>{plain(name)}</b>: {number(e.value)}<br>same crew {bounds(e.same_crew)}<br>new crew"
        f" {bounds(e.new_crew)}<br>{e.n:,} {unit}"
    )


def _ribbon(
    name: str, weeks: Sequence[str], intervals: Sequence[Interval | None], *, alpha: float, dotted: bool
) -> list[dict[str, Any]]:
    """Closed outlines, one for each run of weeks with an interval; a week alone becomes an upright line."""
    x: list[str | None] = []
    y: list[float | None] = []
    for run in _runs(intervals):
        low = [intervals[i].low for i in run]  # type: ignore[union-attr]
        high = [intervals[i].high for i in run]  # type: ignore[union-attr]
        around = [weeks[i] for i in run]
        x += [*around, *reversed(around), around[0], None]
        y += [*low, *reversed(high), low[0], None]
    if not x:
        return []
    line = {
        "width": 1.2 if dotted else 1,
        "dash": "dot" if dotted else "solid",
        "color": band_colour(BLUE),
    }
    return [
        {
            "type": "scatter",
            "mode": "lines",
            "x": x[:-1],
            "y": y[:-1],
            "fill": "toself",
            "fillcolor": see_through(BLUE, alpha),
            "line": line,
            "name": name,
            "hoverinfo": "skip",
        }
    ]


def _runs(intervals: Sequence[Interval | None]) -> list[list[int]]:
    runs: list[list[int]] = []
    for i, interval in enumerate(intervals):
        if interval is None:
            continue
        if runs and runs[-1][-1] == i - 1:
            runs[-1].append(i)
        else:
            runs.append([i])
    return runs


def _whiskers(name: str, names: Sequence[str], intervals: Sequence[Interval | None], *, width: float) -> dict[str, Any]:
    x: list[str | None] = []
    y: list[float | None] = []
    for at, interval in zip(names, intervals, strict=True):
        if interval is not None:
            x += [at, at, None]
            y += [interval.low, interval.high, None]
    return {
        "type": "scatter",
        "mode": "lines",
        "x": x,
        "y": y,
        "line": {"width": width, "color": band_colour(BLUE)},
        "name": name,
        "hoverinfo": "skip",
    }


def _in_words(about: str, names: Sequence[str], values: Sequence[Estimate], reference: float | None, unit: str) -> str:
    known = [(n, e) for n, e in zip(names, values, strict=True) if e.value is not None]
    if not known:
        return f"{about[:1].upper()}{about[1:]}: undefined everywhere."
    least, most = min(known, key=lambda p: float(p[1].value or 0)), max(known, key=lambda p: float(p[1].value or 0))
    whole = f"; {number(reference)} over all" if reference is not None else ""
    undefined = len(names) - len(known)
    gap = f"; {undefined} undefined" if undefined else ""
    return (
        f"{about[:1].upper()}{about[1:]}, {len(names)} points from {names[0]} to {names[-1]}: lowest"
        f" {number(least[1].value)} ({least[0]}, {least[1].n:,} {unit}), highest {number(most[1].value)} ({most[0]},"
        f" {most[1].n:,} {unit}){whole}{gap}."
    )
