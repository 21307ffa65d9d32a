"""Costs as charts: where the money goes, over scale, what matters, and where one thing becomes dearer than another."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from workbench.economics import INPUTS, BreakEven, Cost, Curve, Tornado
from workbench.economics.amounts import amount, dollars, percent, value
from workbench.economics.inputs import kind_of
from workbench.economics.units import SHARE
from workbench.figures.canvas import ROW, axis, canvas, room_for
from workbench.figures.keys import IN_DOLLARS, axis_title, key_room, key_title
from workbench.figures.palette import BLUE, GREEN, GREY, OCHRE, PURPLE, SERIES, VERMILLION, plain, see_through
from workbench.wording.economics import (
    break_even_sentence,
    comparison_sentence,
    tornado_sentence,
)

GROUPS: dict[str, tuple[str, tuple[str, ...]]] = {
    "Labels": (BLUE, ("labels", "redundancy")),
    "Gold and redone work": (OCHRE, ("gold tasks", "rejected work", "unusable items")),
    "Experts and checks": (VERMILLION, ("adjudication", "expert review", "spot checks")),
    "AI judges": (PURPLE, ("AI judges",)),
    "Items": (GREEN, ("generation", "selection")),
    "Paid once": (GREY, ("audit", "gold writing", "fixed cost")),
}
"""Parts of the cost that are drawn as one, with their colour."""

DASHES = ("solid", "dash", "dot", "dashdot", "longdash")
SIGNS = ("━━━", "╸╸╸", "••••", "━•━", "━ ━")
"""What the dashes look like in a line of text."""
_TENS = {
    1: "1",
    10: "10",
    100: "100",
    1_000: "1K",
    10_000: "10K",
    100_000: "100K",
    1_000_000: "1M",
    10_000_000: "10M",
    100_000_000: "100M",
}
"""Numbers of pairs on an axis by factors of ten, as people write them."""
_ROWS = 10
_CROSSINGS = 4
_SEEN = 1.6
"""How far beyond the last point of interest a break-even is drawn."""


def parts_chart(costs: Sequence[Cost]) -> go.Figure:
    """What a usable pair costs, one bar a scenario, stacked by kind of cost; the total stands at the end."""
    names = [plain(c.scenario.name, 28) for c in costs]
    most = max((c.cost_per_item for c in costs), default=1.0) or 1.0
    traces: list[dict[str, Any]] = []
    for title, (colour, members) in GROUPS.items():
        values = [sum(p.per_item for p in c.parts if p.name in members) for c in costs]
        if not any(values):
            continue
        hover = [
            (
                "<br>".join(
                    [f"<b>{title}</b>", *(f"{p.name} {dollars(p.per_item)}" for p in c.parts if p.name in members)]
                )
                if v
                else ""
            )
            for c, v in zip(costs, values, strict=True)
        ]
        traces.append(
            {
                "type": "bar",
                "orientation": "h",
                "name": title,
                "x": values,
                "y": names,
                "marker": {"color": see_through(colour, 0.85), "line": {"width": 1, "color": "rgba(255,255,255,0.5)"}},
                "text": [title if v > 0.02 * len(title) * most else "" for v in values],
                "textposition": "inside",
                "insidetextanchor": "middle",
                "insidetextfont": {"color": "white"},
                "textangle": 0,
                "constraintext": "none",
                "hovertext": hover,
                "hoverinfo": "text",
            }
        )
    signs = [("█", t["name"], t["marker"]["color"]) for t in traces]
    ends = [f" {dollars(c.cost_per_item)}" for c in costs]
    traces.append(
        {
            "type": "scatter",
            "mode": "text",
            "x": [c.cost_per_item for c in costs],
            "y": names,
            "text": ends,
            "textposition": "middle right",
            "hoverinfo": "skip",
            "cliponaxis": False,
        }
    )
    layout = {
        "barmode": "stack",
        "bargap": 0.35,
        "margin": {"l": room_for(names), "r": 16, "t": 6, "b": key_room(signs)},
        "showlegend": False,
        "xaxis": axis(key_title("$ per usable pair", signs), range=[0, 1.14 * most], tickprefix="$"),
        "yaxis": axis(autorange="reversed", showgrid=False),
    }
    alt = (
        "Cost of a usable pair by part. "
        + "; ".join(f"{c.scenario.name} {dollars(c.cost_per_item)}" for c in costs)
        + ". "
        + comparison_sentence(costs)
    )
    return canvas(traces, alt=alt, height=12 + key_room(signs) + ROW * max(len(costs), 1), layout=layout)


def scale_chart(curves: Mapping[str, Curve], pairs: int) -> go.Figure:
    """Totals from a thousand pairs to ten million, both axes by factors of ten; a dot marks the number of pairs looked
    at.
    """
    traces: list[dict[str, Any]] = []
    for i, (name, curve) in enumerate(curves.items()):
        colour, shown = SERIES[i % len(SERIES)], plain(name, 28)
        traces.append(
            {
                "type": "scatter",
                "mode": "lines",
                "name": shown,
                "x": curve.pairs.tolist(),
                "y": curve.total.tolist(),
                "line": {"color": colour, "width": 2.2, "dash": DASHES[i % len(DASHES)]},
                "hovertemplate": "%{x:,.0f} pairs: $%{y:,.0f}<extra>" + shown + "</extra>",
            }
        )
    signs = [(SIGNS[i % len(SIGNS)], t["name"], t["line"]["color"]) for i, t in enumerate(traces)]
    layout = {
        "xaxis": axis(
            key_title("usable pairs", signs), type="log", tickvals=list(_TENS)[3:8], ticktext=list(_TENS.values())[3:8]
        ),
        "yaxis": axis("total", type="log", tickprefix="$", exponentformat="none", separatethousands=True, dtick=1),
        "showlegend": False,
        "margin": {"l": 92, "r": 16, "t": 10, "b": key_room(signs)},
        "shapes": [
            {
                "type": "line",
                "xref": "x",
                "yref": "paper",
                "x0": pairs,
                "x1": pairs,
                "y0": 0,
                "y1": 1,
                "line": {"color": GREY, "width": 1.2, "dash": "dash"},
            }
        ],
    }
    said = "; ".join(
        f"{name} from {dollars(float(c.total[0]))} to {dollars(float(c.total[-1]))}" for name, c in curves.items()
    )
    return canvas(traces, alt=f"Total cost from 1,000 to 10,000,000 usable pairs: {said}.", height=360, layout=layout)


def tornado_chart(found: Tornado) -> go.Figure:
    """The inputs that move a figure most, each from the low end of its range (open bar) to the high end (full bar)."""
    swings = found.swings[:_ROWS]
    names = [INPUTS[s.name].title + (" *" if s.assumed else "") for s in swings]
    traces: list[dict[str, Any]] = []
    for end, title, fill in (("low", "input at its low end", 0.25), ("high", "input at its high end", 0.85)):
        at = [getattr(s, f"at_{end}") for s in swings]
        hover = [
            f"{INPUTS[s.name].title} {amount(getattr(s, end), INPUTS[s.name].unit)}: {value(found.measure, v)}"
            for s, v in zip(swings, at, strict=True)
        ]
        traces.append(
            {
                "type": "bar",
                "orientation": "h",
                "name": title,
                "y": names,
                "base": [found.value] * len(at),
                "x": [v - found.value for v in at],
                "hovertext": hover,
                "hoverinfo": "text",
                "marker": {"color": see_through(BLUE, fill), "line": {"color": BLUE, "width": 1.2}},
            }
        )
    ends = [v for s in swings for v in (s.at_low, s.at_high)] + [found.value]
    low, high = min(ends), max(ends)
    pad = 0.04 * ((high - low) or abs(high) or 1.0)
    layout = {
        "barmode": "overlay",
        "bargap": 0.3,
        "margin": {"l": room_for(names), "r": 16, "t": 6, "b": 62},
        "showlegend": False,
        "xaxis": axis(
            key_title(axis_title(found.measure), [("▭", "input at its low end", BLUE), ("█", "at its high end", BLUE)]),
            range=[low - pad, high + pad],
            tickprefix="$" if found.measure in IN_DOLLARS else "",
            tickformat=".0%" if found.measure == "accuracy" else None,
        ),
        "yaxis": axis(autorange="reversed", showgrid=False),
        "shapes": [
            {
                "type": "line",
                "xref": "x",
                "yref": "paper",
                "x0": found.value,
                "x1": found.value,
                "y0": 0,
                "y1": 1,
                "line": {"color": GREY, "width": 1.4},
            }
        ],
    }
    return canvas(traces, alt=tornado_sentence(found), height=96 + 30 * max(len(swings), 1), layout=layout)


def break_even_chart(found: BreakEven) -> go.Figure:
    """Both scenarios over what is moved, as far as there is something to see: dashed where they come to the same,
    dotted where the first stands.
    """
    log = found.over == "pairs"
    traces: list[dict[str, Any]] = []
    seen = (
        np.full(len(found.x), True)
        if log
        else found.x <= max(_SEEN * max((*found.at[:_CROSSINGS], found.stands)), found.x[min(20, len(found.x) - 1)])
    )
    for i, (name, values) in enumerate(((found.one, found.one_values), (found.other, found.other_values))):
        y = [v if math.isfinite(v) else None for v in values[seen].tolist()]
        traces.append(
            {
                "type": "scatter",
                "mode": "lines",
                "name": plain(name, 28) + (" as it stands" if i and not log else ""),
                "x": found.x[seen].tolist(),
                "y": y,
                "line": {"color": SERIES[i], "width": 2.2, "dash": DASHES[i]},
                "hovertemplate": "%{x:,.4~g}: %{y:,.4~g}<extra></extra>",
            }
        )
    marks = [(x, "dash", 1.4, _moved(found.over, x)) for x in found.at] + [(found.stands, "dot", 1.2, "")]
    shapes = [
        {
            "type": "line",
            "xref": "x",
            "yref": "paper",
            "x0": x,
            "x1": x,
            "y0": 0,
            "y1": 1,
            "line": {"color": GREY, "width": width, "dash": dash},
        }
        for x, dash, width, _ in marks
    ]
    notes = [
        {
            "xref": "x",
            "yref": "paper",
            "x": math.log10(x) if log else x,
            "y": 1,
            "yanchor": "bottom",
            "showarrow": False,
            "text": said,
        }
        for x, _, _, said in marks[:_CROSSINGS]
        if said
    ]
    over = (
        "usable pairs"
        if log
        else f"{kind_of(found.over).title} of {plain(found.one, 28)}"
        + ("" if _is_share(found.over) or found.unit == kind_of(found.over).title.lower() else f" ({found.unit})")
    )
    by_tens: dict[str, Any] = {"type": "log", "dtick": 1, "exponentformat": "none", "separatethousands": True}
    signs = [(SIGNS[i], t["name"], SERIES[i]) for i, t in enumerate(traces)] + [
        ("┊", f"{plain(found.one, 28)} now", GREY)
    ]
    layout = {
        "xaxis": axis(
            key_title(over, signs),
            **(
                {"type": "log", "tickvals": list(_TENS), "ticktext": list(_TENS.values())}
                if log
                else _ticks(share=_is_share(found.over))
            ),
        ),
        "yaxis": axis(
            axis_title(found.measure),
            rangemode="tozero",
            tickprefix="$" if found.measure in IN_DOLLARS else "",
            **(
                by_tens
                if log and found.measure not in ("accuracy", "cost_per_item")
                else _ticks(share=found.measure == "accuracy")
            ),
        ),
        "shapes": shapes,
        "annotations": notes,
        "margin": {"l": 92, "r": 16, "t": 24, "b": key_room(signs)},
        "showlegend": False,
    }
    return canvas(traces, alt=break_even_sentence(found), height=360, layout=layout)


def _moved(over: str, x: float) -> str:
    """A value of what is moved, short."""
    if over not in INPUTS:
        return f"{x:,.0f}"
    if _is_share(over):
        return percent(x)
    return dollars(x) if INPUTS[over].unit.name.startswith("$") else f"{x:,.3g}"


def _is_share(over: str) -> bool:
    return over in INPUTS and INPUTS[over].unit.name == SHARE.name


def _ticks(*, share: bool) -> dict[str, Any]:
    """Ticks of an axis in even steps."""
    return {
        "type": "linear",
        **({"tickformat": ".0%"} if share else {"exponentformat": "none", "separatethousands": True}),
    }
