"""What a plan may come to, as charts: random draws, plans side by side, votes or items."""

from __future__ import annotations

from typing import Any

import plotly.graph_objects as go

from workbench.economics import Plans, Spread
from workbench.economics.amounts import dollars, value
from workbench.economics.information import VotesOrItems
from workbench.figures.canvas import axis, canvas
from workbench.figures.keys import IN_DOLLARS, axis_title, key_room, key_title
from workbench.figures.palette import BLUE, GREY, VERMILLION, see_through
from workbench.wording.economics import (
    plan_sentence,
    spread_sentence,
)


def spread_chart(found: Spread) -> go.Figure:
    """The figure over all draws; dashed lines hold nine of ten, the full line, named above the others, is the figure as
    it stands.
    """
    low, high = float(found.draws.min()), float(found.draws.max())
    size = (high - low) / 40 or 1.0
    counts, starts = [0] * 40, [low + i * size for i in range(40)]
    for v in found.draws.tolist():
        counts[min(int((v - low) / size), 39)] += 1
    bars = {
        "type": "bar",
        "x": [s + size / 2 for s in starts],
        "y": [c / len(found.draws) for c in counts],
        "width": size,
        "marker": {"color": see_through(BLUE, 0.55)},
        "hovertemplate": "%{x:,.4~g}: %{y:.1%} of the draws<extra></extra>",
    }
    lines = [(found.low, "dash"), (found.high, "dash"), (found.value, "solid")]
    # The line of the figure as it stands may lie beside either of the others: its name stands in a row of its own.
    named = [(x, 0, value(found.measure, x)) for x in (found.low, found.high)] + [
        (found.value, 16, f"as it stands {value(found.measure, found.value)}")
    ]
    layout = {
        "bargap": 0,
        "showlegend": False,
        "yaxis": axis("share of draws", tickformat=".0%"),
        "margin": {"l": 60, "r": 16, "t": 46, "b": 46},
        "xaxis": axis(
            axis_title(found.measure),
            tickprefix="$" if found.measure in IN_DOLLARS else "",
            tickformat=".0%" if found.measure == "accuracy" else None,
        ),
        "shapes": [
            {
                "type": "line",
                "xref": "x",
                "yref": "paper",
                "x0": x,
                "x1": x,
                "y0": 0,
                "y1": 1,
                "line": {"color": VERMILLION if d == "dash" else GREY, "width": 1.6, "dash": d},
            }
            for x, d in lines
        ],
        "annotations": [
            {
                "xref": "x",
                "yref": "paper",
                "x": x,
                "y": 1,
                "yanchor": "bottom",
                "showarrow": False,
                "yshift": up,
                "text": said,
            }
            for x, up, said in named
        ],
    }
    return canvas([bars], alt=spread_sentence(found), height=300, layout=layout)


def plans_chart(found: Plans) -> go.Figure:
    """Plans that no other beats: label accuracy against effective labels; a diamond is the best plan."""
    rows = found.frontier
    traces: list[dict[str, Any]] = [
        {
            "type": "scatter",
            "mode": "lines+markers",
            "x": [r[2] for r in rows],
            "y": [r[1] for r in rows],
            "line": {"color": see_through(BLUE, 0.5), "width": 1.4, "shape": "hv"},
            "marker": {"color": BLUE, "size": 7},
            "hovertext": [f"{r[2]:.1%} right, {r[1]:,.0f} effective labels, {dollars(r[0])}" for r in rows],
            "hoverinfo": "text",
        }
    ]
    if found.best is not None:
        c = found.best.cost
        traces.append(
            {
                "type": "scatter",
                "mode": "markers",
                "x": [c.label_accuracy],
                "y": [c.effective_labels],
                "marker": {"color": VERMILLION, "size": 13, "symbol": "diamond"},
                "hovertext": [f"best: {c.label_accuracy:.1%} right, {c.effective_labels:,.0f} effective labels"],
                "hoverinfo": "text",
            }
        )
    layout = {
        "xaxis": axis("label accuracy", tickformat=".0%"),
        "yaxis": axis("effective labels", rangemode="tozero", exponentformat="SI"),
        "showlegend": False,
        "margin": {"l": 70, "r": 16, "t": 12, "b": 46},
    }
    return canvas(traces, alt=plan_sentence(found), height=300, layout=layout)


def votes_chart(found: VotesOrItems) -> go.Figure:
    """Effective labels per 1,000 dollars at each number of labels an item, as one label or as all votes."""
    best = max(range(len(found.labels)), key=lambda i: found.as_label[i])
    bars = [see_through(BLUE, 0.9 if i == best else 0.4) for i in range(len(found.labels))]
    traces = [
        {
            "type": "bar",
            "name": "votes made one label",
            "x": list(found.labels),
            "y": list(found.as_label),
            "marker": {"color": bars},
            "hovertemplate": "%{x} labels an item: %{y:,.0f}<extra></extra>",
        },
        {
            "type": "scatter",
            "mode": "lines+markers",
            "name": "every vote kept (soft labels)",
            "x": list(found.labels),
            "y": list(found.as_votes),
            "line": {"color": VERMILLION, "width": 1.8, "dash": "dash"},
            "marker": {"symbol": "diamond", "size": 7},
            "hovertemplate": "%{x} labels an item: %{y:,.0f}<extra></extra>",
        },
    ]
    signs = [("█", "votes made one label", BLUE), ("◆", "every vote kept (soft labels)", VERMILLION)]
    layout = {
        "xaxis": axis(key_title("human labels per item", signs), dtick=1, showgrid=False),
        "yaxis": axis("effective labels for $1,000", rangemode="tozero"),
        "showlegend": False,
        "margin": {"l": 70, "r": 16, "t": 10, "b": key_room(signs)},
    }
    alt = f"Effective labels for $1,000: most with {found.labels[best]} labels an item where votes become one label."
    return canvas(traces, alt=alt, height=300, layout=layout)
