"""How long judgements took, beside what is usual for the length of their texts."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from workbench.annotators.reading import FLOORS, Reading
from workbench.dataset.usable_times import Times
from workbench.errors import counted
from workbench.estimates import Interval
from workbench.figures.canvas import ROW, axis, canvas, room_for
from workbench.figures.palette import BLUE, GREY, VERMILLION, band_colour, plain, see_through
from workbench.figures.slider_dots import dots_html
from workbench.figures.tables import small_p, spans, whole_percents
from workbench.wording.numbers import percent, percent_bounds

_TICKS = (1 / 16, 1 / 8, 1 / 4, 1 / 2, 1, 2, 4)
_TICK_TEXT = ("1/16", "1/8", "1/4", "1/2", "usual", "2 x", "4 x")
_HALF_STEP = 1 / 16


def time_histogram(
    bars: pd.DataFrame, beside: pd.DataFrame | None = None, *, name: str = "this annotator"
) -> go.Figure:
    """Judgements by how long they took, as a multiple of what is usual for the length of their texts; rapid ones
    hatched.

    Parameters
    ----------
    bars : of `workbench.annotators.reading.time_bars`.
    beside : the same for the whole crew, drawn as a line scaled to as many judgements.
    name : whose the bars are, where there is a line beside them.
    """
    total, rapid = float((bars["rapid"] + bars["ordinary"]).sum()), float(bars["rapid"].sum())
    shown = bars[
        (
            ((bars["rapid"] + bars["ordinary"]) > 0).to_numpy()
            if beside is None
            else ((beside["rapid"] + beside["ordinary"]) > 0).to_numpy()
        )
    ]
    middle = [_middle(a, b) for a, b in zip(shown["from"], shown["to"], strict=True)]
    hover = [
        f"{_step(a, b)}: {counted(r + o, 'judgement')}, {r:,.0f} of them rapid"
        for a, b, r, o in zip(shown["from"], shown["to"], shown["rapid"], shown["ordinary"], strict=True)
    ]
    ticks, words = _ticks(shown)
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
        {
            **common,
            "y": shown["ordinary"].to_list(),
            "name": "ordinary" if beside is None else name,
            "marker": {"color": see_through(BLUE, 0.75)},
        },
    ]
    if rapid == 0:
        traces = traces[1:]
    if beside is not None:
        crew = (beside["rapid"] + beside["ordinary"])[shown.index]
        scale = total / max(float((beside["rapid"] + beside["ordinary"]).sum()), 1.0)
        traces.append(
            {
                "type": "scatter",
                "mode": "lines",
                "x": middle,
                "y": (crew * scale).to_list(),
                "line": {"color": GREY, "width": 2, "shape": "hvh"},
                "name": "the crew, scaled",
                "hoverinfo": "skip",
            }
        )
    return canvas(
        traces,
        alt=(
            f"Histogram of the time of {total:,.0f} judgements beside the usual one for their length;"
            f" {percent(rapid / total if total else None, 1)} look rapid."
        ),
        height=300,
        layout={
            "margin": {"l": 64, "r": 52, "t": 34, "b": 46},
            "barmode": "stack",
            "bargap": 0.03,
            "xaxis": axis(
                "time, as a multiple of the usual one for texts of this length",
                tickmode="array",
                tickvals=ticks,
                ticktext=words,
                showgrid=False,
            ),
            "yaxis": axis("judgements", tickformat=","),
            "shapes": [
                {
                    "type": "line",
                    "xref": "x",
                    "yref": "paper",
                    "x0": 0,
                    "x1": 0,
                    "y0": 0,
                    "y1": 1,
                    "line": {"width": 1.2, "dash": "dash", "color": GREY},
                }
            ],
        },
    )


def _middle(low: float, high: float) -> float:
    """Where a step of the histogram stands, in octaves; an open step is as wide as the others."""
    if low == 0:
        return math.log2(high) - _HALF_STEP
    return math.log2(low) + _HALF_STEP


def _step(low: float, high: float) -> str:
    if low == 0:
        return f"less than {percent(high)} of the usual time"
    return (
        f"{low:.0f} times the usual time and more"
        if math.isinf(high)
        else f"{percent(low)} to {percent(high)} of the usual time"
    )


def _ticks(shown: pd.DataFrame) -> tuple[list[float], list[str]]:
    """Marks of the axis; an open step at an end is named as what it is."""
    marks = dict(zip((math.log2(t) for t in _TICKS), _TICK_TEXT, strict=True))
    for low, high in zip(shown["from"], shown["to"], strict=True):
        if low == 0:
            marks[_middle(low, high)] = f"1/{1 / high:.0f} and less"
        elif math.isinf(high):
            marks.pop(math.log2(low), None)
            marks[_middle(low, high)] = f"{low:.0f} x and more"
    return list(marks), list(marks.values())


def pace_dots(table: pd.DataFrame, limit: int = 25) -> go.Figure:
    """Median pace of each annotator as a share of the usual time with its interval, the clearest evidence first; the
    clearly fast ones as squares.

    `customdata` of a mark is the annotator.

    Parameters
    ----------
    table : of `workbench.annotators.reading.pace_table`.
    limit : most annotators drawn.
    """
    shown = table.head(limit)
    names = [f"{plain(n, 40)} ({t:,})" for n, t in zip(shown["annotator"], shown["timed"], strict=True)]
    held = [
        Interval(a, b, "same crew", "order statistics") if a == a else None
        for a, b in zip(shown["pace_low"], shown["pace_high"], strict=True)
    ]
    x, y = [_octaves(p) for p in shown["pace"]], [-i for i in range(len(shown))]
    ends = [_octaves(i.high) if i else at for i, at in zip(held, x, strict=True)]
    bars: list[tuple[float | None, float | None]] = [
        (v, row) for i, row in zip(held, y, strict=True) if i for v in (_octaves(i.low), _octaves(i.high), None)
    ]
    traces: list[dict[str, Any]] = [
        {
            "type": "scatter",
            "mode": "lines",
            "x": [v for v, _ in bars],
            "y": [None if v is None else row for v, row in bars],
            "line": {"width": 5, "color": band_colour(BLUE)},
            "name": "95% interval",
            "hoverinfo": "skip",
        },
        {
            "type": "scatter",
            "mode": "text",
            "x": ends,
            "y": y,
            "text": [f"\u2002\u2002{percent(p)}" for p in shown["pace"]],
            "textposition": "middle right",
            "textfont": {"size": 11},
            "cliponaxis": False,
            "hoverinfo": "skip",
            "showlegend": False,
        },
    ]
    for fast, colour, symbol, name in (
        (False, BLUE, "diamond", "estimate"),
        (True, VERMILLION, "square", "clearly fast"),
    ):
        of = [i for i, f in enumerate(shown["fast"]) if bool(f) is fast]
        part = shown.iloc[of]
        traces.append(
            {
                "type": "scatter",
                "mode": "markers",
                "x": [x[i] for i in of],
                "y": [y[i] for i in of],
                "customdata": part["annotator"].to_list(),
                "name": name,
                "cliponaxis": False,
                "marker": {"symbol": symbol, "size": 10, "color": colour, "line": {"width": 1.5, "color": colour}},
                "hoverinfo": "text",
                "hovertext": [
                    f"<b>{plain(r['annotator'], 44)}</b>: {percent(r['pace'])} of the usual time<br>95% interval"
                    f" {percent_bounds(held[i]) if held[i] else 'unknown: fewer than six times'}<br>median"
                    f" {r['median_seconds']:,.0f} s, {r['timed']:,} timed"
                    for i, r in zip(of, part.to_dict("records"), strict=True)
                ],
                "selected": {"marker": {"opacity": 1}},
                "unselected": {"marker": {"opacity": 1}},
            }
        )
    traces = [trace for trace in traces if trace["x"]]
    reach = [*x, *(v for v, _ in bars if v is not None)]
    low, high = min([-1.0, *reach]) - 0.25, max([1.0, *reach]) + 0.6
    first = f"; first {shown['annotator'].iloc[0]} at {percent(shown['pace'].iloc[0])}" if len(shown) else ""
    return canvas(
        traces,
        alt=(
            f"Median pace of {len(shown):,} of {counted(len(table), 'annotator')} beside the usual one, with"
            f" intervals{first}; {int(table['fast'].sum()):,} clearly fast."
        ),
        height=106 + round(ROW * 0.7) * max(len(shown), 1),
        layout={
            "margin": {"l": room_for(names), "r": 24, "t": 30, "b": 62},
            "xaxis": axis(
                "median time, as a multiple of the usual one<br>(number of judgements timed)",
                tickmode="array",
                tickvals=[math.log2(t) for t in _TICKS],
                ticktext=list(_TICK_TEXT),
                range=[low, high],
            ),
            "yaxis": axis(tickmode="array", tickvals=y, ticktext=names, showgrid=False, range=[-len(shown) + 0.4, 0.6]),
            "shapes": [
                {
                    "type": "line",
                    "xref": "x",
                    "yref": "paper",
                    "x0": 0,
                    "x1": 0,
                    "y0": 0,
                    "y1": 1,
                    "line": {"width": 1.2, "dash": "dash", "color": GREY},
                }
            ],
            "clickmode": "event+select",
        },
    )


def _octaves(pace: float) -> float:
    return math.log2(min(max(pace, 1 / 64), 64.0))


def pace_rows(table: pd.DataFrame) -> pd.DataFrame:
    """`pace_table` as a page shows it: shares in whole per cents, the interval and p in words."""
    named = table.assign(interval=spans(table["pace_low"], table["pace_high"]), p=small_p(table["adjusted_p"]))
    return whole_percents(named, ("pace", "rapid_share", "under_floor_share"))


def floor_dots(read: Reading, names: np.ndarray, floor: int) -> str:
    """Annotators along the scale of the floor, each at the speed of the middle judgement, as HTML; rings are above it.

    Parameters
    ----------
    names : of the annotators, in their order.
    floor : words a minute.
    """
    known = np.flatnonzero(np.isfinite(read.medians))
    medians = read.medians[known]
    above = medians > floor
    so_far = f"{int(above.sum()):,} of {counted(len(known), 'annotator')} mostly faster"
    below = known[~above]
    if len(below):
        nearest = below[read.medians[below].argmax()]
        so_far += f"; next: {names[nearest]} at {read.medians[nearest]:,.0f}"
    return dots_html((medians - FLOORS[0]) / (FLOORS[-1] - FLOORS[0]), above, so_far)


def speed_sentence(
    times: Times, read: Reading, fast: int, annotators: int, rapid: float | None, floor: int, unit: str = "judgement"
) -> str:
    """Whether times can be used, and what they say.

    Parameters
    ----------
    fast, annotators : annotators who are clearly faster than the crew, and all with times.
    rapid : share of judgements of the rapid kind; None or 0 where no rapid kind stands apart.
    floor : words a minute that the floor stands at.
    unit : what a time belongs to, `judgement` or `batch`.
    """
    if not times.usable:
        return f"Times cannot be used: {times.reason}."
    kind = (
        f"{percent(rapid, 1)} of judgements look rapid"
        if rapid and rapid == rapid
        else "No group of rapid judgements stands apart"
    )
    said = (
        f"The median judgement takes {times.median_seconds:,.0f} seconds. {kind}, and {_who_is_fast(fast, annotators)}."
    )
    above, held, often = read.faster(floor)
    if held == 0:
        return f"{said} Without texts it is not known how much there was to read."
    units = "batches" if unit == "batch" else "judgements"
    theirs = (
        f" For {'one annotator' if often == 1 else f'{often:,} annotators'} it is a quarter of theirs or more."
        if often
        else ""
    )
    return (
        f"{said} {above:,} of {held:,} {units} whose texts are known ({percent(above / held, 1)}) came faster than"
        f" {floor:,} words a minute.{theirs}"
    )


def _who_is_fast(fast: int, annotators: int) -> str:
    if annotators == 1:
        return "there is only one annotator, so nobody to compare with"
    who = {0: "none", 1: "one"}.get(fast, f"{fast:,}")
    return f"{who} of {annotators:,} annotators {'is' if fast < 2 else 'are'} clearly faster than the rest"


def length_sentence(slope: float) -> str:
    """How the usual time follows the length of the texts.

    >>> length_sentence(0.76)
    'Twice as long a text usually takes 1.7 times as long.'
    """
    if slope != slope or slope < 0.05:
        return "The usual time does not depend on the length of the texts here."
    return f"Twice as long a text usually takes {2**slope:.1f} times as long."
