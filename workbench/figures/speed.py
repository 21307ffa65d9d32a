"""How long judgements took, beside what is usual for the length of their texts."""

from __future__ import annotations

import math

import pandas as pd
import plotly.graph_objects as go

from workbench.annotators.reading import Reading
from workbench.annotators.times import Times
from workbench.figures.canvas import ROW, axis, canvas, room_for
from workbench.figures.palette import BLUE, GREY, VERMILLION, plain, see_through
from workbench.figures.shares import percent

_TICKS = (1 / 16, 1 / 8, 1 / 4, 1 / 2, 1, 2, 4)
_TICK_TEXT = ("1/16", "1/8", "1/4", "1/2", "usual", "2 x", "4 x")


def time_histogram(bars: pd.DataFrame, beside: pd.DataFrame | None = None, *, name: str = "this annotator") -> go.Figure:
    """Judgements by how long they took, as a multiple of what is usual for the length of their texts; rapid ones hatched.

    Parameters
    ----------
    bars : of `workbench.annotators.reading.time_bars`.
    beside : the same for the whole crew, drawn as a line scaled to as many judgements.
    name : whose the bars are, where there is a line beside them.
    """
    total, rapid = float((bars["rapid"] + bars["ordinary"]).sum()), float(bars["rapid"].sum())
    shown = bars[((bars["rapid"] + bars["ordinary"]) > 0).to_numpy() if beside is None else ((beside["rapid"] + beside["ordinary"]) > 0).to_numpy()]
    middle = [math.log2(math.sqrt(a * b)) for a, b in zip(shown["from"], shown["to"], strict=True)]
    hover = [f"{percent(a)} to {percent(b)} of the usual time: {r + o:,.0f} judgements, {r:,.0f} of them rapid" for a, b, r, o in zip(shown["from"], shown["to"], shown["rapid"], shown["ordinary"], strict=True)]  # fmt: skip
    common = {"type": "bar", "x": middle, "width": 0.12, "hovertext": hover, "hoverinfo": "text"}
    traces = [
        {
            **common,
            "y": shown["rapid"].to_list(),
            "name": "rapid",
            "marker": {
                "color": see_through(VERMILLION, 0.85),
                "pattern": {"shape": "/", "fillmode": "overlay", "fgcolor": "#ffffff", "fgopacity": 0.45},
            },
        },
        {**common, "y": shown["ordinary"].to_list(), "name": "ordinary" if beside is None else name, "marker": {"color": see_through(BLUE, 0.75)}},
    ]
    if beside is not None:
        crew = (beside["rapid"] + beside["ordinary"])[shown.index]
        scale = total / max(float((beside["rapid"] + beside["ordinary"]).sum()), 1.0)
        traces.append({"type": "scatter", "mode": "lines", "x": middle, "y": (crew * scale).to_list(), "line": {"color": GREY, "width": 2, "shape": "hvh"}, "name": "the crew, scaled", "hoverinfo": "skip"})  # fmt: skip
    return canvas(
        traces,
        alt=f"Histogram of the time of {total:,.0f} judgements beside the usual one for their length; {percent(rapid / total if total else None, 1)} look rapid.",
        height=300,
        layout={
            "margin": {"l": 64, "r": 12, "t": 34, "b": 46},
            "barmode": "stack",
            "bargap": 0.03,
            "xaxis": axis("time, as a multiple of the usual one for texts of this length", tickmode="array", tickvals=[math.log2(t) for t in _TICKS], ticktext=list(_TICK_TEXT), showgrid=False),
            "yaxis": axis("judgements", tickformat=","),
            "shapes": [{"type": "line", "xref": "x", "yref": "paper", "x0": 0, "x1": 0, "y0": 0, "y1": 1, "line": {"width": 1.2, "dash": "dash", "color": GREY}}],
        },
    )  # fmt: skip


def pace_dots(table: pd.DataFrame, limit: int = 25) -> go.Figure:
    """Median pace of each annotator as a share of the usual time, the quickest first; the clearly fast ones as squares.

    `customdata` of a mark is the annotator.

    Parameters
    ----------
    table : of `workbench.annotators.reading.pace_table`.
    limit : most annotators drawn.
    """
    shown = table.head(limit)
    names = [plain(n, 44) for n in shown["annotator"]]
    fast = shown["fast"].to_list()
    colours = [VERMILLION if f else BLUE for f in fast]
    x = [math.log2(max(p, 1 / 64)) for p in shown["pace"]]
    y = [-i for i in range(len(shown))]
    stems = {"type": "scatter", "mode": "lines", "x": [v for p in x for v in (0.0, p, None)], "y": [v for p in y for v in (p, p, None)], "line": {"width": 2, "color": see_through(GREY, 0.5)}, "hoverinfo": "skip", "showlegend": False}  # fmt: skip
    marks = {
        "type": "scatter", "mode": "markers+text", "x": x, "y": y, "customdata": shown["annotator"].to_list(),
        "text": [f"\u2002{percent(p)}\u2002" for p in shown["pace"]], "textposition": ["middle left" if v < 0 else "middle right" for v in x], "textfont": {"size": 11}, "cliponaxis": False,
        "marker": {"symbol": ["square" if f else "diamond" for f in fast], "size": 10, "color": colours, "line": {"width": 1.5, "color": colours}},
        "hovertext": [f"<b>{n}</b>: {percent(p)} of the usual time<br>median {s:,.0f} s over {t:,} judgements" for n, p, s, t in zip(names, shown["pace"], shown["median_seconds"], shown["timed"], strict=True)],
        "hoverinfo": "text", "selected": {"marker": {"opacity": 1}}, "unselected": {"marker": {"opacity": 1}}, "showlegend": False,
    }  # fmt: skip
    low, high = min([-1.0, *x]) - 0.5, max([1.0, *x]) + 0.5
    first = f"; quickest {shown['annotator'].iloc[0]} at {percent(shown['pace'].iloc[0])}" if len(shown) else ""
    return canvas(
        [stems, marks],
        alt=f"Median pace of {len(shown):,} of {len(table):,} annotators beside the usual one{first}; {int(table['fast'].sum()):,} clearly fast.",
        height=90 + round(ROW * 0.8) * max(len(shown), 1),
        layout={
            "margin": {"l": room_for(names), "r": 24, "t": 8, "b": 46},
            "xaxis": axis("median time, as a multiple of the usual one", tickmode="array", tickvals=[math.log2(t) for t in _TICKS], ticktext=list(_TICK_TEXT), range=[low, high]),
            "yaxis": axis(tickmode="array", tickvals=y, ticktext=names, showgrid=False, range=[-len(shown) + 0.4, 0.6]),
            "shapes": [{"type": "line", "xref": "x", "yref": "paper", "x0": 0, "x1": 0, "y0": 0, "y1": 1, "line": {"width": 1.2, "dash": "dash", "color": GREY}}],
            "clickmode": "event+select",
        },
    )  # fmt: skip


def speed_sentence(times: Times, read: Reading, fast: int, annotators: int, rapid: float | None, floor: int) -> str:
    """Whether times can be used, and what they say.

    Parameters
    ----------
    fast, annotators : annotators who are clearly faster than the crew, and all with times.
    rapid : share of judgements of the rapid kind.
    floor : words a minute that the floor stands at.
    """
    if not times.usable:
        return f"Times cannot be used: {times.reason}."
    who = "nobody is" if fast == 0 else "one annotator is" if fast == 1 else f"{fast:,} annotators are"
    said = f"The median judgement takes {times.median_seconds:,.0f} seconds. {percent(rapid, 1)} of judgements look rapid, and {who} clearly faster than the rest of {annotators:,}."
    above, held, _ = read.faster(floor)
    if held == 0:
        return f"{said} Without texts it is not known how much there was to read."
    often = read.faster(floor)[2]
    theirs = (
        ""
        if often == 0
        else " One annotator gave a quarter or more of their judgements that fast."
        if often == 1
        else f" {often:,} annotators gave a quarter of theirs or more so fast."
    )
    return f"{said} {above:,} of {held:,} judgements ({percent(above / held, 1)}) came faster than {floor:,} words a minute.{theirs}"
