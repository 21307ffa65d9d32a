"""Two deliveries against each other, what a difference is made of, and one figure over all deliveries."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from workbench.cycles import Step
from workbench.deliveries import DRIVERS, Change, Comparison
from workbench.deliveries.charts import Chart
from workbench.figures.canvas import ROW, axis, canvas, room_for
from workbench.figures.palette import BLUE, GREEN, GREY, OCHRE, VERMILLION, plain, see_through
from workbench.wording.deliveries import between, difference, figure

_KINDS = {"worse": (VERMILLION, "square"), "better": (GREEN, "diamond"), "changed": (OCHRE, "triangle-up")}
_SHORT = {
    "mix": "other items",
    "people_left": "people who left",
    "people_arrived": "people who arrived",
    "same_people": "the same people",
}


def difference_chart(found: Comparison | Step) -> go.Figure:
    """Every share and coefficient: how far it moved, in points, with both intervals; alarms in colour and shape."""
    rows = [c for c in found.measures if c.measure.unit in ("share", "alpha") and c.difference.value is not None]
    alarms = {alarm.measure: alarm.kind for alarm in found.alarms}
    names = [plain(c.measure.title, 44) for c in rows]
    traces: list[dict[str, Any]] = []
    for crew, width, shade in (("new_crew", 1.8, 1.0), ("same_crew", 6, 0.82)):
        x: list[float | None] = []
        y: list[int | None] = []
        for place, change in enumerate(rows):
            interval = getattr(change.difference, crew)
            if interval is not None:
                x += [100 * interval.low, 100 * interval.high, None]
                y += [-place, -place, None]
        line = {"width": width, "color": see_through(BLUE, shade)}
        traces.append({"type": "scatter", "mode": "lines", "x": x, "y": y, "line": line, "hoverinfo": "skip"})
    for place, change in enumerate(rows):
        colour, symbol = _KINDS.get(alarms.get(change.measure.name, ""), (BLUE, "circle"))
        traces.append(
            {
                "type": "scatter",
                "mode": "markers",
                "x": [100 * (change.difference.value or 0.0)],
                "y": [-place],
                "marker": {"color": colour, "symbol": symbol, "size": 12},
                "hovertemplate": f"{_hover(change)}<extra></extra>",
            }
        )
    key = (
        f"<span style='color:{VERMILLION}'>■</span> worse   <span style='color:{GREEN}'>◆</span> better  "
        f" <span style='color:{OCHRE}'>▲</span> changed   <span style='color:{BLUE}'>●</span> within chance;  "
        " thick: same crew, thin: new crew"
    )
    said = [f"{c.measure.title} {difference(c.difference.value, c.measure.unit)}" for c in rows]
    return canvas(
        traces,
        alt=f"Change from {found.a} to {found.b}: {'; '.join(said) or 'nothing to compare'}.",
        height=86 + ROW * max(len(rows), 1),
        layout={
            "showlegend": False,
            "margin": {"l": room_for(names), "r": 12, "t": 6, "b": 68},
            "xaxis": axis(
                f"change in points (alpha: hundredths)<br><span style='font-size:12px'>{key}</span>",
                zeroline=True,
                zerolinecolor=GREY,
            ),
            "yaxis": axis(
                tickmode="array", tickvals=[-i for i in range(len(rows))], ticktext=names,
                range=[-len(rows) + 0.4, 0.6], showgrid=False,
            ),
        },
    )  # fmt: skip


def drivers_chart(change: Change) -> go.Figure:
    """What one difference is made of: the parts add up to it."""
    scale = 1.0 if change.measure.unit in ("seconds", "number") else 100.0
    parts = [(name, e) for name, e in change.drivers.items() if e.value is not None]
    names = [_SHORT[name] for name, _ in parts] + ["all together"]
    every = [*(e for _, e in parts), change.difference]
    values = [scale * (e.value or 0.0) for e in every]
    reach = [scale * e.same_crew.width / 2 if e.same_crew else 0.0 for e in every]
    bar = {
        "type": "bar",
        "orientation": "h",
        "x": values,
        "y": names,
        "error_x": {"type": "data", "array": reach, "color": GREY, "thickness": 1.6},
        "marker": {"color": [see_through(BLUE, 0.7)] * len(parts) + [see_through(GREY, 0.7)]},
        "hovertemplate": "%{y}: %{x:.2f}<extra></extra>",
    }
    said = "; ".join(f"{n} {difference(e.value, change.measure.unit)}" for n, e in zip(names, every, strict=True))
    unit = {"seconds": "seconds", "number": "labels an item"}.get(change.measure.unit, "points (alpha: hundredths)")
    return canvas(
        [bar],
        alt=f"{change.measure.title}: {said}.",
        height=70 + ROW * len(names),
        layout={
            "showlegend": False,
            "margin": {"l": room_for(names), "r": 12, "t": 6, "b": 48},
            "xaxis": axis(unit, zeroline=True, zerolinecolor=GREY),
            "yaxis": axis(autorange="reversed", showgrid=False),
        },
    )


def control_chart(chart: Chart, names: Sequence[str], unit: str) -> go.Figure:
    """One figure over all deliveries, with the band in which chance keeps it, and its alarms."""
    scale = 100.0 if unit == "share" else 1.0
    at = [plain(n, 18) for n in names]
    x = list(range(len(at)))
    points = chart.points
    traces: list[dict[str, Any]] = []
    for which, fill in (("low", None), ("high", "tonexty")):
        line = {"width": 0}
        y = [None if getattr(p, which) is None else scale * getattr(p, which) for p in points]
        traces.append(
            {
                "type": "scatter", "mode": "lines", "x": x, "y": y, "line": line, "fill": fill,
                "fillcolor": see_through(GREY, 0.28), "hoverinfo": "skip", "showlegend": fill is not None,
                "name": "what chance allows",
            }
        )  # fmt: skip
    values = [None if p.value is None else scale * p.value for p in points]
    traces.append(
        {
            "type": "scatter", "mode": "lines+markers", "x": x, "y": values, "line": {"color": BLUE, "width": 1.6},
            "marker": {"size": 7, "color": BLUE}, "name": "delivery", "hovertemplate": "%{y:.2f}<extra></extra>",
        }
    )  # fmt: skip
    out = [i for i, p in enumerate(points) if p.alarm]
    if out:
        mark = {"size": 13, "color": VERMILLION, "symbol": "square"}
        traces.append(
            {
                "type": "scatter", "mode": "markers", "x": out, "y": [values[i] for i in out], "marker": mark,
                "name": "alarm", "hoverinfo": "skip",
            }
        )  # fmt: skip
    alarms = ", ".join(at[i] for i in out) or "none"
    title = {"share": "%", "alpha": "alpha", "seconds": "seconds"}.get(unit, "")
    every = max(1, -(-len(at) // 13))
    return canvas(
        traces,
        alt=f"{chart.title} over {len(at)} deliveries; alarms: {alarms}.",
        height=250,
        layout={
            "margin": {"l": 60, "r": 12, "t": 34, "b": 70},
            "xaxis": axis(tickmode="array", tickvals=x[::every], ticktext=at[::every], tickangle=-35),
            "yaxis": axis(title),
        },
    )


def comparison_table(found: Comparison | Step) -> pd.DataFrame:
    """One row a figure, in words: before, now, the difference with both intervals, and what drives it."""
    alarms = {alarm.measure: alarm.kind for alarm in found.alarms}
    rows = []
    for c in found.measures:
        unit, d = c.measure.unit, c.difference
        driven = "; ".join(
            f"{_SHORT[n]} {difference(e.value, unit)}" for n, e in c.drivers.items() if abs(e.value or 0.0) > _NOTHING
        )
        rows.append(
            {
                "figure": c.measure.title,
                "before": figure(c.a.value, unit),
                "now": figure(c.b.value, unit),
                "difference": difference(d.value, unit) if d.value is not None else f"not compared: {d.reason}",
                "same crew": between(d.same_crew, unit),
                "new crew": between(d.new_crew, unit),
                "driven by": driven,
                "alarm": alarms.get(c.measure.name, ""),
            }
        )
    return pd.DataFrame(rows)


_NOTHING = 0.0005


def crews_table(found: Comparison) -> pd.DataFrame:
    """People who left, stayed and arrived, and the vendors: how many, and how much of their work others bear out."""
    rows = []
    groups = [*(("people", n, both) for n, both in found.crews.items())]
    groups += [("vendor", n, both) for n, both in found.vendors.items()]
    for what, name, (then, now) in groups:
        rows.append(
            {
                "what": what,
                "who": name,
                "people before": None if then is None else then.people,
                "people now": None if now is None else now.people,
                "borne out before": None if then is None else then.right,
                "borne out now": None if now is None else now.right,
                "labels now": None if now is None else now.labels,
            }
        )
    return pd.DataFrame(rows)


def _hover(change: Change) -> str:
    d = change.difference
    unit = change.measure.unit
    return (
        f"{change.measure.title}<br>{figure(change.a.value, unit)} to {figure(change.b.value, unit)}:"
        f" {difference(d.value, unit)}<br>same crew {between(d.same_crew, unit)}<br>new crew"
        f" {between(d.new_crew, unit)}"
    )


assert set(_SHORT) == set(DRIVERS)
