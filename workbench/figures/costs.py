"""Costs as charts: where the money goes, over scale, what matters, break-even, random draws, plans, votes or items."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from html import unescape
from typing import Any

import numpy as np
import plotly.graph_objects as go

from workbench.economics import INPUTS, BreakEven, Cost, Curve, Plans, Spread, Tornado
from workbench.economics.amounts import amount, dollars, percent, value
from workbench.economics.information import VotesOrItems
from workbench.economics.inputs import kind_of
from workbench.economics.units import SHARE
from workbench.figures.canvas import ROW, axis, canvas, room_for
from workbench.figures.palette import BLUE, GREEN, GREY, OCHRE, PURPLE, SERIES, VERMILLION, plain, see_through
from workbench.wording.economics import (
    break_even_sentence,
    comparison_sentence,
    plan_sentence,
    spread_sentence,
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
_MONEY = ("total", "cost_per_item", "cost_per_effective")
_ROWS = 10
_A_ROW = 44
"""Characters in a row of a key, signs and spaces counted."""
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
        "margin": {"l": room_for(names), "r": 16, "t": 6, "b": _key_room(signs)},
        "showlegend": False,
        "xaxis": axis(_key("$ per usable pair", signs), range=[0, 1.14 * most], tickprefix="$"),
        "yaxis": axis(autorange="reversed", showgrid=False),
    }
    alt = (
        "Cost of a usable pair by part. "
        + "; ".join(f"{c.scenario.name} {dollars(c.cost_per_item)}" for c in costs)
        + ". "
        + comparison_sentence(costs)
    )
    return canvas(traces, alt=alt, height=12 + _key_room(signs) + ROW * max(len(costs), 1), layout=layout)


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
            _key("usable pairs", signs), type="log", tickvals=list(_TENS)[3:8], ticktext=list(_TENS.values())[3:8]
        ),
        "yaxis": axis("total", type="log", tickprefix="$", exponentformat="none", separatethousands=True, dtick=1),
        "showlegend": False,
        "margin": {"l": 92, "r": 16, "t": 10, "b": _key_room(signs)},
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
            _key(_axis_title(found.measure), [("▭", "input at its low end", BLUE), ("█", "at its high end", BLUE)]),
            range=[low - pad, high + pad],
            tickprefix="$" if found.measure in _MONEY else "",
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
            _key(over, signs),
            **(
                {"type": "log", "tickvals": list(_TENS), "ticktext": list(_TENS.values())}
                if log
                else _ticks(share=_is_share(found.over))
            ),
        ),
        "yaxis": axis(
            _axis_title(found.measure),
            rangemode="tozero",
            tickprefix="$" if found.measure in _MONEY else "",
            **(
                by_tens
                if log and found.measure not in ("accuracy", "cost_per_item")
                else _ticks(share=found.measure == "accuracy")
            ),
        ),
        "shapes": shapes,
        "annotations": notes,
        "margin": {"l": 92, "r": 16, "t": 24, "b": _key_room(signs)},
        "showlegend": False,
    }
    return canvas(traces, alt=break_even_sentence(found), height=360, layout=layout)


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
            _axis_title(found.measure),
            tickprefix="$" if found.measure in _MONEY else "",
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
        "xaxis": axis(_key("human labels per item", signs), dtick=1, showgrid=False),
        "yaxis": axis("effective labels for $1,000", rangemode="tozero"),
        "showlegend": False,
        "margin": {"l": 70, "r": 16, "t": 10, "b": _key_room(signs)},
    }
    alt = f"Effective labels for $1,000: most with {found.labels[best]} labels an item where votes become one label."
    return canvas(traces, alt=alt, height=300, layout=layout)


def _key(title: str, signs: Sequence[tuple[str, str, str]]) -> str:
    """An axis title with the key of the figure below it: a legend takes the browser as long to draw as the rest of a
    chart under a slider.
    """
    if len(signs) < 2:
        return title
    rows = [
        "   ".join(f"<span style='color:{colour}'>{sign}</span> {word}" for sign, word, colour in row)
        for row in _key_rows(signs)
    ]
    return f"{title}<br><span style='font-size:12px'>{'<br>'.join(rows)}</span>"


def _key_rows(signs: Sequence[tuple[str, str, str]]) -> list[list[tuple[str, str, str]]]:
    """The key in rows that a narrow chart holds."""
    rows: list[list[tuple[str, str, str]]] = [[]]
    for each in signs:
        if rows[-1] and sum(len(unescape(word)) + 5 for _, word, _ in [*rows[-1], each]) > _A_ROW:
            rows.append([])
        rows[-1].append(each)
    return rows


def _key_room(signs: Sequence[tuple[str, str, str]]) -> int:
    """Pixels below the axis for its ticks, its title and the key."""
    return 45 + 17 * (len(_key_rows(signs)) if len(signs) > 1 else 0)


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


def _axis_title(measure: str) -> str:
    titles = {
        "total": "total",
        "cost_per_item": "$ per usable pair",
        "cost_per_effective": "$ per effective label",
        "weeks": "weeks",
        "accuracy": "label accuracy",
        "effective_labels": "effective labels",
    }
    return titles[measure]
