"""What cleaning changes, as a chart: before, after, and as many set aside at random."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go

from workbench.cleaning import Compared, Effect
from workbench.estimates import Estimate, Interval
from workbench.figures.canvas import axis, canvas
from workbench.figures.palette import BLUE, GREEN, GREY, VERMILLION, band_colour, see_through
from workbench.wording.cleaning import cleaning_sentence, gold_sentence
from workbench.wording.numbers import bounds, number, percent

NOW, BEFORE, AFTER, RANDOM = "Now", "Before", "After", "As many at random"
_ROWS = {NOW: 0, BEFORE: 0, AFTER: -1, RANDOM: -2}


def cleaning_chart(effect: Effect) -> go.Figure:
    """Before, after, and each random removal: agreement, and beside it the labels' accuracy on gold where there is
    gold.

    Thick bars are intervals for this crew, thin lines with caps for a new one, as the key under the axis says; the
    diamond is the value. Of the random removals every draw is a tick and their mean the diamond.
    """
    placebo = effect.placebo
    panels = [
        (
            f"alpha (1 = perfect agreement, 0 = chance)<br>{_key(effect)}",
            effect.alpha_before,
            effect.alpha_after,
            placebo.alpha if placebo else None,
        )
    ]
    if effect.gold_before.value is not None:
        panels.append(("right sides on gold", effect.gold_before, effect.gold_after, placebo.gold if placebo else None))
    traces: list[dict[str, Any]] = []
    layout: dict[str, Any] = {"margin": {"l": 128, "r": 12, "t": 8, "b": 62}, "showlegend": False}
    width = 1.0 if len(panels) == 1 else 0.44
    for i, (title, before, after, drawn) in enumerate(panels):
        suffix = "" if i == 0 else str(i + 1)
        place = {"xaxis": f"x{suffix}", "yaxis": "y"}
        marks, bars = _panel(before, after if effect.n_set_aside else None, drawn, i == 1)
        traces += [{**t, **place} for t in marks]
        layout.setdefault("shapes", []).extend({**bar, "xref": place["xaxis"], "yref": "y"} for bar in bars)
        reach = _reach(before, after, drawn, share=i == 1)
        layout[f"xaxis{suffix}"] = axis(
            title, range=reach, domain=[i * (1 - width), i * (1 - width) + width], tickformat=".0%" if i else None
        )
        if before.value is not None:
            line = {"width": 1.2, "dash": "dash", "color": GREY}
            layout["shapes"].append(
                {
                    "type": "line",
                    "xref": place["xaxis"],
                    "yref": "y",
                    "x0": before.value,
                    "x1": before.value,
                    "y0": -2.4,
                    "y1": 0.4,
                    "line": line,
                }
            )
    moved = effect.n_set_aside > 0
    names = [BEFORE, AFTER, *([RANDOM] if placebo else [])] if moved else [NOW]
    layout["yaxis"] = axis(
        tickmode="array",
        tickvals=[_ROWS[n] for n in names],
        ticktext=names,
        range=[-len(names) + 0.5, 0.5],
        showgrid=False,
    )
    return canvas(traces, alt=_in_words(effect), height=93 + 45 * len(names), layout=layout)


def _key(effect: Effect) -> str:
    """What the marks mean, in the axis title: a legend takes the browser as long to draw as the rest of the chart."""
    signs = [("▬", "same crew"), ("├─┤", "new crew"), *([("|", "one random removal")] if effect.placebo else [])]
    return f"<span style='font-size:12px'>{'   '.join(f'{sign} {word}' for sign, word in signs)}</span>"


def _panel(
    before: Estimate, after: Estimate | None, drawn: Compared | None, in_percent: bool
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Traces and shapes of one panel: one trace a kind of mark, because a slider waits for each of them."""
    rise = after is not None and (after.value or 0.0) >= (before.value or 0.0)
    rows = [(0, before, GREY), (-1, after, GREEN if rise else VERMILLION)]
    known = [(row, e, colour) for row, e, colour in rows if e is not None]
    reach = [(row, e.new_crew) for row, e, _ in known if e.new_crew is not None]
    bars = [_bar(row, e.same_crew, colour) for row, e, colour in known if e.same_crew is not None]
    points = [
        (e.value, row, colour, _value(e.value, in_percent), _hover(e, in_percent))
        for row, e, colour in known
        if e.value is not None
    ]
    said = [(before.value or 0.5, row, e.reason) for row, e, _ in known if e.value is None and row == -1]
    traces: list[dict[str, Any]] = []
    if reach:
        x = [v for _, i in reach for v in (i.low, i.high, None)]
        marker = {"symbol": "line-ns-open", "size": 11, "color": GREY, "line": {"width": 1.8, "color": GREY}}
        traces.append(
            {
                "type": "scatter",
                "mode": "lines+markers",
                "x": x,
                "y": [v for row, _ in reach for v in (row, row, None)],
                "hoverinfo": "skip",
                "line": {"width": 1.8, "color": GREY},
                "marker": marker,
            }
        )
    if drawn is not None and before.value is not None:
        draws = [before.value + c for c in drawn.changes]
        middle = before.value + drawn.mean
        traces.append(
            {
                "type": "scatter",
                "mode": "markers",
                "x": draws,
                "y": [-2] * len(draws),
                "hovertemplate": "a random removal: %{x:.3f}<extra></extra>",
                "marker": {
                    "symbol": "line-ns-open",
                    "size": 13,
                    "line": {"width": 1.6, "color": see_through(BLUE, 0.65)},
                    "color": BLUE,
                },
            }
        )
        points.append(
            (middle, -2, BLUE, _value(middle, in_percent), f"mean of {len(draws)} random removals: {middle:.3f}")
        )
    if points:
        x, y, colour, text, hover = (list(column) for column in zip(*points, strict=True))
        traces.append(
            {
                "type": "scatter",
                "mode": "markers+text",
                "x": x,
                "y": y,
                "text": text,
                "textposition": "top right",
                "cliponaxis": False,
                "marker": {"symbol": "diamond", "size": 11, "color": colour},
                "hovertext": hover,
                "hoverinfo": "text",
            }
        )
    for place, row, reason in said:
        traces.append(
            {"type": "scatter", "mode": "text", "x": [place], "y": [row], "text": [reason], "hoverinfo": "skip"}
        )
    return traces, bars


def _bar(row: int, interval: Interval, colour: str) -> dict[str, Any]:
    return {
        "type": "rect",
        "x0": interval.low,
        "x1": interval.high,
        "y0": row - 0.07,
        "y1": row + 0.07,
        "line": {"width": 0},
        "fillcolor": band_colour(colour),
        "layer": "below",
    }


def _hover(estimate: Estimate, in_percent: bool) -> str:
    said = f"{_value(estimate.value or 0.0, in_percent)}<br>this crew {bounds(estimate.same_crew)}"
    return said if in_percent else f"{said}<br>new crew {bounds(estimate.new_crew)}"


def _reach(before: Estimate, after: Estimate, drawn: Compared | None, share: bool) -> list[float]:
    seen = [e.value for e in (before, after) if e.value is not None]
    seen += [
        bound for e in (before, after) for i in (e.same_crew, e.new_crew) if i is not None for bound in (i.low, i.high)
    ]
    if drawn is not None and before.value is not None:
        seen += [before.value + c for c in drawn.changes]
    low, high = min(seen, default=0.0), max(seen, default=1.0)
    pad = 0.06 * max(high - low, 0.1)
    # Ends at round tenths, so that the axis stands still under a moving threshold.
    low, high = math.floor((low - pad) * 10) / 10, math.ceil((high + pad) * 10) / 10
    return [max(low, -0.03 if share else -1.05), min(high, 1.03 if share else 1.05)]


def _in_words(effect: Effect) -> str:
    said: Sequence[str] = [s for s in (cleaning_sentence(effect), gold_sentence(effect)) if s]
    return "Before, after and random removals. " + " ".join(said)


def _value(value: float, in_percent: bool) -> str:
    return percent(value, 1) if in_percent else number(value)
