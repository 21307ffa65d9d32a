"""Shares below one another, in per cent, each with its intervals; beside them what others published, and lines to hold
them against.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go

from workbench.estimates import Estimate, Interval
from workbench.figures.canvas import ROW, axis, canvas, folded, room_for
from workbench.figures.palette import BLUE, GREY, OCHRE, VERMILLION, band_colour, plain, see_through
from workbench.wording.numbers import percent, percent_bounds

ABOVE = 78
"""Pixels above the rows for what is written at the lines."""
Line = tuple[float, str]
"""Where an upright line stands, and what is written at it."""


def share_forest(
    estimates: Mapping[str, Estimate],
    *,
    published: Sequence[tuple[str, float, str]] = (),
    lines: Sequence[Line] = (),
    flagged: Sequence[str] = (),
    counts: str = "",
    title: str = "",
    signed: bool = False,
    digits: int = 0,
) -> go.Figure:
    """Draws shares as a forest: the same-crew interval thick, the new-crew interval thin with end caps, the value a
    diamond.

    `customdata` of each diamond is the name of its row.

    Parameters
    ----------
    estimates : name of the row -> estimate of a share.
    published : rows below them: name, share and source of figures published for other sets, drawn as open triangles.
    lines : upright dashed lines, and what is written at them.
    flagged : rows drawn in vermillion, with a square instead of a diamond.
    counts : unit written with the count behind each name, such as `choices`; nothing where empty. A count that is the
        same in all rows is said once, below the axis.
    title : of the axis.
    signed : whether the figures are differences, which can be negative.
    digits : decimals of the per cent.
    """
    names = [*estimates, *(name for name, _, _ in published)]
    place = {name: -i for i, name in enumerate(names)}
    low, high = _reach([*estimates.values()], [v for _, v, _ in published] + [v for v, _ in lines], signed)
    traces = [
        _span("new crew", [(place[n], e.new_crew) for n, e in estimates.items()], width=1.8, caps=True),
        _span("same crew", [(place[n], e.same_crew) for n, e in estimates.items()], width=6, caps=False),
        _values({n: e for n, e in estimates.items() if n not in flagged}, place, digits, flagged=False),
        _values({n: e for n, e in estimates.items() if n in flagged}, place, digits, flagged=True),
    ]
    if published:
        traces.append(_published(published, place, digits))
    traces = [trace for trace in traces if trace["x"]]
    seen = {each.n for each in estimates.values()}
    once = bool(counts) and len(estimates) > 1 and len(seen) == 1
    said = f"{title}<br>({next(iter(seen)):,} {counts} in each row)" if once else title
    each_its_own = counts and not once
    labels = [
        folded(plain(n, 54), f"{estimates[n].n:,} {counts}" if each_its_own and n in estimates else "") for n in names
    ]
    bottom = -len(names) + 0.4
    return canvas(
        traces,
        alt=_in_words(estimates, published, lines, digits),
        # On a phone the key of what others published takes lines of its own.
        height=86 + ROW * len(names) + (ABOVE if lines else 0) + (16 if once else 0) + (30 if published else 0),
        layout={
            "margin": {"l": room_for(labels), "r": 24, "t": 34, "b": 62 if once else 46},
            "xaxis": axis(
                said,
                range=[low, high],
                tickformat=".0%",
                zeroline=signed,
                zerolinecolor=see_through(GREY, 0.7),
                zerolinewidth=1,
            ),
            "yaxis": axis(
                tickmode="array",
                tickvals=[place[n] for n in names],
                ticktext=labels,
                range=[bottom, 0.65 + ABOVE / ROW if lines else 0.65],
                showgrid=False,
            ),
            "shapes": [
                {
                    "type": "line",
                    "xref": "x",
                    "yref": "y",
                    "x0": v,
                    "x1": v,
                    "y0": bottom,
                    "y1": 0.7,
                    "line": {"width": 1.2, "dash": "dash", "color": GREY},
                }
                for v, _ in lines
            ],
            "annotations": [
                {
                    "x": v,
                    "y": 0.72,
                    "yanchor": "bottom",
                    "xanchor": "left" if v < (low + high) / 2 else "right",
                    "text": "<br>".join(folded(part, most=20) for part in plain(written, 90).split(": ")),
                    "align": "left",
                    "showarrow": False,
                    "font": {"size": 11, "color": GREY},
                }
                for v, written in lines
                if written
            ],
            "clickmode": "event+select",
        },
    )


def _reach(estimates: Sequence[Estimate], others: Sequence[float], signed: bool) -> tuple[float, float]:
    drawn = [e.value for e in estimates if e.value is not None] + list(others)
    drawn += [b for e in estimates for i in (e.same_crew, e.new_crew) if i for b in (i.low, i.high)]
    low, high = min(drawn, default=0.0), max(drawn, default=1.0)
    margin = 0.06 * max(high - min(low, 0.0), 0.1)
    left = min(low, 0.0) - margin if signed else max(min(low - margin, 0.0 if low < 0.35 else low - margin), -0.02)
    return left, min(high + margin, 1.02)


def _span(name: str, spans: Sequence[tuple[int, Interval | None]], *, width: float, caps: bool) -> dict[str, Any]:
    x: list[float | None] = []
    y: list[float | None] = []
    for row, interval in spans:
        if interval is not None:
            x += [interval.low, interval.high, None]
            y += [row, row, None]
    colour = BLUE if caps else band_colour(BLUE)
    marker = {"symbol": "line-ns-open", "size": 11, "color": BLUE, "line": {"width": width, "color": BLUE}}
    return {
        "type": "scatter",
        "mode": "lines+markers" if caps else "lines",
        "x": x,
        "y": y,
        "line": {"width": width, "color": colour},
        "marker": marker,
        "name": name,
        "hoverinfo": "skip",
    }


def _values(
    estimates: Mapping[str, Estimate], place: Mapping[str, int], digits: int, *, flagged: bool
) -> dict[str, Any]:
    known = [(n, e) for n, e in estimates.items() if e.value is not None]
    unknown = [(n, e) for n, e in estimates.items() if e.value is None]
    hover = [
        f"<b>{plain(n)}</b>: {percent(e.value, 1)}<br>same crew {percent_bounds(e.same_crew, 1)}<br>new crew"
        f" {percent_bounds(e.new_crew, 1)}<br>n = {e.n:,}"
        for n, e in known
    ] + [f"<b>{plain(n)}</b>: undefined, {plain(e.reason, 120)}" for n, e in unknown]
    colours = [VERMILLION if flagged else BLUE] * len(known) + [GREY] * len(unknown)
    return {
        "type": "scatter",
        "mode": "markers+text",
        "x": [e.value for _, e in known] + [0.0] * len(unknown),
        "y": [place[n] for n, _ in known + unknown],
        "text": (
            [percent(e.value, digits) for _, e in known] + [f"undefined: {plain(e.reason, 80)}" for _, e in unknown]
        ),
        "textposition": ["top center"] * len(known) + ["middle right"] * len(unknown),
        "textfont": {"size": 11},
        "customdata": [n for n, _ in known + unknown],
        "hovertext": hover,
        "hoverinfo": "text",
        "cliponaxis": False,
        "marker": {
            "symbol": ["square" if flagged else "diamond"] * len(known) + ["x-thin"] * len(unknown),
            "size": 10,
            "color": colours,
            "line": {"width": 1.5, "color": colours},
        },
        "selected": {"marker": {"opacity": 1}},
        "unselected": {"marker": {"opacity": 1}},
        "name": "flagged" if flagged else "value",
    }


def _published(rows: Sequence[tuple[str, float, str]], place: Mapping[str, int], digits: int) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "markers+text",
        "x": [v for _, v, _ in rows],
        "y": [place[n] for n, _, _ in rows],
        "text": [percent(v, digits) for _, v, _ in rows],
        "textposition": "top center",
        "textfont": {"size": 11},
        "hovertext": [f"<b>{plain(n)}</b>: {percent(v, 1)}<br>{plain(source, 120)}" for n, v, source in rows],
        "hoverinfo": "text",
        "cliponaxis": False,
        "marker": {"symbol": "triangle-up-open", "size": 10, "color": OCHRE, "line": {"width": 1.8, "color": OCHRE}},
        "name": "published elsewhere",
    }


def _in_words(
    estimates: Mapping[str, Estimate], published: Sequence[tuple[str, float, str]], lines: Sequence[Line], digits: int
) -> str:
    def one(name: str, e: Estimate) -> str:
        if e.value is None:
            return f"{name} undefined ({e.reason})"
        return f"{name} {percent(e.value, digits)}" + (
            f" ({percent_bounds(e.same_crew, digits)})" if e.same_crew else ""
        )

    listed = list(estimates.items())
    more = f"; and {len(listed) - 12} more rows" if len(listed) > 12 else ""
    others = "".join(f"; {name} {percent(v, digits)}" for name, v, _ in published)
    held = "".join(f"; line at {percent(v, digits)}" for v, _ in lines)
    return (
        "Shares with intervals for this crew. "
        + "; ".join(one(n, e) for n, e in listed[:12])
        + more
        + others
        + held
        + "."
    )
