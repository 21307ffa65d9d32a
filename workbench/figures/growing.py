"""A delivery that comes in, day by day, against what is usual."""

from __future__ import annotations

from typing import Any

import plotly.graph_objects as go

from workbench.deliveries.growing import Growing
from workbench.figures.canvas import axis, canvas
from workbench.figures.palette import BLUE, GREY, VERMILLION, see_through
from workbench.wording.numbers import percent


def growing_chart(found: Growing) -> go.Figure:
    """The figure so far with bounds that hold on every day at once, over the band in which whole deliveries lie."""
    days = [d.day for d in found.days]
    colour = BLUE if found.out_since is None else VERMILLION
    traces: list[dict[str, Any]] = []
    for values, fill in (([found.usual_low] * len(days), None), ([found.usual_high] * len(days), "tonexty")):
        traces.append(
            {
                "type": "scatter",
                "mode": "lines",
                "x": days,
                "y": [100 * v for v in values],
                "line": {"width": 0},
                "fill": fill,
                "fillcolor": see_through(GREY, 0.28),
                "hoverinfo": "skip",
                "showlegend": fill is not None,
                "name": "usual",
            }
        )
    traces.append(
        {
            "type": "scatter",
            "mode": "lines+markers",
            "x": days,
            "y": [100 * d.value for d in found.days],
            "line": {"color": colour, "width": 1.6},
            "marker": {"size": 7, "color": colour},
            "error_y": {
                "type": "data",
                "array": [100 * (d.high - d.value) for d in found.days],
                "arrayminus": [100 * (d.value - d.low) for d in found.days],
                "color": colour,
                "thickness": 1.6,
            },
            "name": "so far",
            "hovertemplate": "%{y:.1f}%<extra></extra>",
        }
    )
    last = found.days[-1]
    outcome = "not out of the usual" if found.out_since is None else f"out of the usual since {found.out_since}"
    return canvas(
        traces,
        alt=(
            f"{found.title} after {len(days)} days: {percent(last.value)}, bounds {percent(last.low)} to"
            f" {percent(last.high)}; {outcome}."
        ),
        height=250,
        layout={"margin": {"l": 60, "r": 12, "t": 34, "b": 60}, "xaxis": axis(type="category"), "yaxis": axis("%")},
    )
