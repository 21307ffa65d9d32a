"""Circles beside what noise makes of them, the two orders of a pair against each other, and how many repeats a figure
costs.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any

import plotly.graph_objects as go

from workbench.figures.canvas import axis, canvas, room_for
from workbench.figures.palette import BLUE, GREY, OCHRE, plain, see_through
from workbench.figures.tables import STYLE
from workbench.reversals.cycles import Cycles
from workbench.reversals.decomposition import Decomposition
from workbench.reversals.order import OrderEffect
from workbench.wording.numbers import p_value, percent


def cycle_bars(found: Cycles) -> go.Figure:
    """Share of circular triads: seen, expected from judgement noise, and by coin tosses; within annotators and in the
    majority.

    `customdata` of a bar is `within_annotator` or `majority`.
    """
    rows = [
        (name, key, t)
        for name, key, t in (
            ("within one annotator", "within_annotator", found.within_annotator),
            ("in the majority", "majority", found.majority),
        )
        if t.triads
    ]
    parts = [
        ("seen", BLUE, "", lambda t: t.cyclic),
        ("from judgement noise", OCHRE, "/", lambda t: t.expected),
        ("by coin tosses", GREY, ".", lambda t: t.by_chance),
    ]
    traces = []
    for name, colour, pattern, number_of in parts:
        known = [(title, key, t, number_of(t)) for title, key, t in rows if number_of(t) is not None]
        traces.append(
            {
                "type": "bar",
                "orientation": "h",
                "name": name,
                "y": [title for title, _, _, _ in known],
                "x": [n / t.triads for _, _, t, n in known],
                "customdata": [key for _, key, _, _ in known],
                "text": [f"{percent(n / t.triads, 1)}  ({n:,.0f} of {t.triads:,})" for _, _, t, n in known],
                "textposition": "outside",
                "cliponaxis": False,
                "hoverinfo": "skip",
                "marker": {
                    "color": see_through(colour, 0.8),
                    "pattern": {"shape": pattern, "fillmode": "overlay", "fgcolor": "#ffffff", "fgopacity": 0.45},
                },
                "selected": {"marker": {"opacity": 1}},
                "unselected": {"marker": {"opacity": 1}},
            }
        )
    said = "; ".join(
        f"{title}: {t.cyclic:,} of {t.triads:,} seen"
        + (f", about {t.expected:,.0f} expected from noise" if t.expected is not None else "")
        + f", {t.by_chance:,.0f} by coin tosses"
        for title, _, t in rows
    )
    return canvas(
        traces,
        alt=f"Share of triples of responses whose preferences run in a circle. {said}.",
        height=110 + 100 * len(rows),
        layout={
            "margin": {"l": room_for(title for title, _, _ in rows), "r": 90, "t": 34, "b": 46},
            "barmode": "group",
            "bargap": 0.25,
            "xaxis": axis("share of triples that run in a circle", tickformat=".0%", rangemode="tozero"),
            "yaxis": axis(type="category", autorange="reversed", showgrid=False),
            "clickmode": "event+select",
        },
    )


def repeats_curve(plans: Sequence[Decomposition], chosen: Decomposition) -> go.Figure:
    """Repeats needed in each order against how well the position bias is to be known.

    Parameters
    ----------
    plans : decompositions of the same data for several half-widths.
    chosen : the one asked for, marked.
    """
    have = min(chosen.repeats)
    half, needed = [p.half_width for p in plans], [p.repeats_needed for p in plans]
    traces: list[dict[str, Any]] = [
        {
            "type": "scatter",
            "mode": "lines",
            "x": half,
            "y": needed,
            "line": {"width": 2, "color": BLUE},
            "name": "repeats needed in each order",
            "hovertemplate": "± %{x:.1%}: %{y:,} repeats in each order<extra></extra>",
        },
        {
            "type": "scatter",
            "mode": "markers+text",
            "x": [chosen.half_width],
            "y": [chosen.repeats_needed],
            "text": [f"{chosen.repeats_needed:,}"],
            "textposition": "top right",
            "marker": {"symbol": "diamond", "size": 11, "color": BLUE},
            "showlegend": False,
            "hoverinfo": "skip",
            "cliponaxis": False,
        },
    ]
    shapes, notes = [], []
    if have:
        shapes = [
            {
                "type": "line",
                "xref": "paper",
                "yref": "y",
                "x0": 0,
                "x1": 1,
                "y0": have,
                "y1": have,
                "line": {"width": 1.2, "dash": "dash", "color": GREY},
            }
        ]
        notes = [
            {
                "xref": "paper",
                "x": 1,
                "xanchor": "right",
                "y": _log(have),
                "yanchor": "bottom",
                "text": f"here: {have:,} in the rarer order",
                "showarrow": False,
                "font": {"size": 11, "color": GREY},
            }
        ]
    return canvas(
        traces,
        alt=(
            f"Repeats needed in each order: {chosen.repeats_needed:,} for a half-width of"
            f" {percent(chosen.half_width, 1)}; the data have {have:,} in the rarer order."
        ),
        height=300,
        layout={
            "margin": {"l": 64, "r": 24, "t": 20, "b": 46},
            "showlegend": False,
            "xaxis": axis("half-width of the 95% interval of the position bias", tickformat=".0%"),
            "yaxis": axis("repeats in each order", type="log", tickformat=",", dtick=1),
            "shapes": shapes,
            "annotations": notes,
        },
    )


def _log(value: float) -> float:
    """A place on a logarithmic axis, where annotations count in powers of ten."""
    from math import log10

    return log10(value)


def order_html(order: OrderEffect) -> str:
    """Pairs judged in both orders by the same annotator: what McNemar's test counts, as a small table."""
    kept = order.groups - order.inconsistent
    rows = [
        ("Chose the same response in both orders", kept),
        ("Took the response shown first both times", order.always_first),
        ("Took the response shown second both times", order.always_second),
    ]
    body = "".join(
        f"<tr><td>{escape(name)}</td><td>{n:,}</td>"
        f"<td>{percent(n / order.groups, 1) if order.groups else '–'}</td></tr>"
        for name, n in rows
    )
    return (
        f'{STYLE}<table class="pw-numbers"><thead><tr><th>Pairs judged in both orders by one annotator</th>'
        f"<th>Times</th><th>Share</th></tr></thead><tbody>{body}"
        f"<tr><td>{escape(plain(order.test or 'no test', 120))}</td>"
        f'<td colspan="2">{"–" if order.p_value is None else escape(p_value(order.p_value))}</td></tr></tbody></table>'
    )
