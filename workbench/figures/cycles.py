"""One figure over all cycles of generate, judge, train."""

from __future__ import annotations

from typing import Any

import plotly.graph_objects as go

from workbench.cycles import Loop
from workbench.cycles.following import FIRST
from workbench.deliveries.measures import Measure
from workbench.estimates import Estimate
from workbench.figures.canvas import axis, canvas
from workbench.figures.palette import BLUE, VERMILLION, plain
from workbench.wording.deliveries import figure


def measures_of(found: Loop) -> dict[str, Measure]:
    """Every figure that some cycle has, by name, in order."""
    return {c.measure.name: c.measure for step in found.steps for c in step.measures}


def cycles_chart(found: Loop, name: str) -> go.Figure:
    """A figure in each cycle, with its same-crew interval; alarms about it in another colour and shape."""
    measure = measures_of(found)[name]
    scale = 100.0 if measure.unit == "share" else 1.0
    every: list[Estimate | None] = [None] * len(found.names)
    alarmed = set()
    for place, step in enumerate(found.steps):
        for change in step.measures:
            if change.measure.name == name:
                every[place], every[place + 1] = change.a, change.b
        if name in {alarm.measure.removesuffix(FIRST) for alarm in step.alarms}:
            alarmed.add(place + 1)
    x = [i for i, e in enumerate(every) if e is not None and e.value is not None]
    known = [e for e in every if e is not None and e.value is not None]
    inside = [e.same_crew for e in known]
    values = [scale * (e.value or 0.0) for e in known]
    trace: dict[str, Any] = {
        "type": "scatter",
        "mode": "lines+markers",
        "x": x,
        "y": values,
        "line": {"color": BLUE, "width": 1.6},
        "marker": {
            "size": [13 if i in alarmed else 8 for i in x],
            "color": [VERMILLION if i in alarmed else BLUE for i in x],
            "symbol": ["square" if i in alarmed else "circle" for i in x],
        },
        "error_y": {
            "type": "data",
            "array": [scale * i.high - v if i else 0.0 for i, v in zip(inside, values, strict=True)],
            "arrayminus": [v - scale * i.low if i else 0.0 for i, v in zip(inside, values, strict=True)],
            "color": BLUE,
            "thickness": 1.6,
        },
        "hovertemplate": "%{y:.2f}<extra></extra>",
    }
    names = [plain(n, 18) for n in found.names]
    said = "; ".join(
        f"{names[i]} {figure(e.value, measure.unit)}{', alarm' if i in alarmed else ''}"
        for i, e in zip(x, known, strict=True)
    )
    return canvas(
        [trace],
        alt=f"{measure.title} over {len(names)} cycles: {said}.",
        height=280,
        layout={
            "showlegend": False,
            "margin": {"l": 60, "r": 12, "t": 12, "b": 60},
            "xaxis": axis(tickmode="array", tickvals=list(range(len(names))), ticktext=names),
            "yaxis": axis("%" if measure.unit == "share" else ""),
        },
    )
