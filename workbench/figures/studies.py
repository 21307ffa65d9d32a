"""Studies as charts: learning curves of strategies, savings, thresholds beside chance, label sets, the fitted curve,
dollars against accuracy.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from workbench.estimates import with_sign
from workbench.figures.canvas import ROW, axis, canvas, room_for
from workbench.figures.palette import (
    BLUE,
    GREEN,
    GREY,
    OCHRE,
    SERIES,
    TRANSPARENT,
    VERMILLION,
    band_colour,
    plain,
    see_through,
)
from workbench.wording.studies import Result, strategy_title, verdict

DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")
SIGNS = ("circle", "square", "diamond", "triangle-up", "x", "cross", "star", "hexagon", "triangle-down")
_SHARE = {"tickformat": ".0%"}


def charts(result: Result) -> list[go.Figure]:
    """The charts of a study, the one that bears the verdict first."""
    made = {
        "replay": lambda r: [savings_chart(r), replay_chart(r)],
        "threshold": lambda r: [threshold_chart(r)],
        "label-sets": lambda r: [label_sets_chart(r)],
        "learning-curve": lambda r: [curve_chart(r)],
        "frontier": lambda r: [frontier_chart(r)],
    }
    return made[str(result["study"])](result)


def replay_chart(result: Result) -> go.Figure:
    """Held-out accuracy against labels bought, one line a strategy; the band is the interval of random."""
    x = result["points"]
    traces: list[dict[str, Any]] = []
    for i, (name, found) in enumerate(result["strategies"].items()):
        y = [a["value"] for a in found["accuracy"]]
        colour = GREY if name == "random" else SERIES[(i - 1) % (len(SERIES) - 1)]
        if name == "random":
            traces += _band(x, found["accuracy"], GREY)
        hover = [
            f"<b>{plain(strategy_title(name))}</b><br>{n:,} labels: {_said(a)}"
            for n, a in zip(x, found["accuracy"], strict=True)
        ]
        traces.append(
            {
                "type": "scatter",
                "mode": "lines+markers",
                "name": plain(strategy_title(name)),
                "x": x,
                "y": y,
                "hovertext": hover,
                "hoverinfo": "text",
                "line": {"color": colour, "width": 3 if name == "random" else 2, "dash": DASHES[i % len(DASHES)]},
                "marker": {"size": 7, "symbol": SIGNS[i % len(SIGNS)], "color": colour},
            }
        )
    layout = {
        "xaxis": axis("labels bought (geometric steps)", type="log", tickvals=x, ticktext=[f"{n:,}" for n in x]),
        "yaxis": axis("held-out accuracy", **_SHARE),
        "margin": {"l": 64, "r": 12, "t": 54, "b": 46},
    }
    return canvas(traces, alt="Held-out accuracy against labels bought. " + verdict(result), height=400, layout=layout)


def savings_chart(result: Result) -> go.Figure:
    """Labels at random over labels by the strategy, with its interval; 1, where nothing is saved, is the line."""
    rows = [
        (strategy_title(n), s["saving"]["ratio"])
        for n, s in result["strategies"].items()
        if s["saving"] and s["saving"]["ratio"]["value"] is not None
    ]
    figure = _forest(
        [(name, r["value"], r["interval"]) for name, r in rows],
        1.0,
        "labels at random / by the strategy",
        lambda v: f"{v:.2f} times",
        log=True,
    )
    figure.update_layout(meta={"alt": "Labels saved by each strategy. " + verdict(result)})
    return figure


def threshold_chart(result: Result) -> go.Figure:
    """Accuracy after drawing the line at each threshold, beside that after setting as much aside at random."""
    rows = [t for t in result["thresholds"] if t["accuracy"]["value"] is not None]
    x = [t["threshold"] for t in rows]
    traces: list[dict[str, Any]] = []
    for key, name, colour, dash, sign in (
        ("accuracy", "by the rule", BLUE, "solid", "circle"),
        ("at_random", "as much at random", GREY, "dash", "square"),
    ):
        found = [t[key] for t in rows]
        traces += _band(x, found, colour)
        hover = [
            f"<b>{name}, {t['threshold']:g}</b><br>{_said(t[key])}<br>{t['kept']:.0%} of judgements kept<br>over random"
            f" {_said(t['over_random'], 100)} points"
            for t in rows
        ]
        traces.append(
            {
                "type": "scatter",
                "mode": "lines+markers",
                "name": name,
                "x": x,
                "y": [f["value"] for f in found],
                "hovertext": hover,
                "hoverinfo": "text",
                "line": {"color": colour, "width": 2.5, "dash": dash},
                "marker": {"size": 8, "symbol": sign, "color": colour},
            }
        )
    base = result["everything"]["value"]
    layout: dict[str, Any] = {
        "xaxis": axis(f"threshold ({plain(result['unit'])})"),
        "yaxis": axis("held-out accuracy", **_SHARE),
    }
    if base is not None:
        layout["shapes"] = [_line_at(base, "y")]
        layout["annotations"] = [
            {
                "text": "everything kept",
                "x": 1,
                "xref": "paper",
                "xanchor": "right",
                "y": base,
                "yanchor": "bottom",
                "showarrow": False,
                "font": {"color": GREY},
            }
        ]
    return canvas(traces, alt="Held-out accuracy by threshold. " + verdict(result), height=360, layout=layout)


def label_sets_chart(result: Result) -> go.Figure:
    """Accuracy of each label set minus that of the first, in points; of policies too, where some were trained."""
    others = [s for s in result["sets"] if s["name"] != result["base"]]
    found = [(s["name"], s["over_base"]) for s in others]
    found += [(f"{s['name']}, policy", s["policy_over_base"]) for s in others if s.get("policy_over_base")]
    rows = [
        (name, 100 * over["value"], [100 * v for v in over["interval"]] if over["interval"] else None)
        for name, over in found
        if over["value"] is not None
    ]
    figure = _forest(rows, 0.0, f"points of accuracy over {plain(result['base'])}", lambda v: f"{with_sign(v)} points")
    figure.update_layout(meta={"alt": "Label sets compared. " + verdict(result)})
    return figure


def curve_chart(result: Result) -> go.Figure:
    """Measured points with their intervals, the fitted law, and beyond them, dashed, what it forecasts."""
    traces, reach = _curve_traces(result, BLUE)
    layout = {"xaxis": _log_axis("labelled pairs", *reach), "yaxis": axis("held-out accuracy", **_SHARE)}
    return canvas(traces, alt="Held-out accuracy against labelled pairs. " + verdict(result), height=380, layout=layout)


def frontier_chart(result: Result) -> go.Figure:
    """Every plan by price and accuracy; the line joins those that no cheaper one beats, with their intervals."""
    plans = result["plans"]
    off = [p for p in plans if not p["on_line"]]
    on = [p for p in plans if p["on_line"]]
    traces: list[dict[str, Any]] = [
        {
            "type": "scatter",
            "mode": "markers",
            "name": "plans",
            "x": [p["dollars"] for p in off],
            "y": [p["accuracy"]["value"] for p in off],
            "marker": {"size": 6, "symbol": "circle-open", "color": GREY},
            "hovertext": [_plan_hover(p) for p in off],
            "hoverinfo": "text",
        },
        {
            "type": "scatter",
            "mode": "lines+markers",
            "name": "no cheaper plan is better",
            "x": [p["dollars"] for p in on],
            "y": [p["accuracy"]["value"] for p in on],
            "error_y": _bars([p["accuracy"] for p in on]),
            "line": {"color": BLUE, "width": 2},
            "marker": {"size": 9, "symbol": "diamond", "color": BLUE},
            "hovertext": [_plan_hover(p) for p in on],
            "hoverinfo": "text",
        },
    ]
    stop = result["stop"]
    here = next((p for p in plans if p["name"] == stop["at"]), None)
    if here is not None:
        traces.append(
            {
                "type": "scatter",
                "mode": "markers+text",
                "name": "stop here" if stop["verdict"] == "stop" else "go on",
                "x": [here["dollars"]],
                "y": [here["accuracy"]["value"]],
                "text": ["stop here" if stop["verdict"] == "stop" else "go on"],
                "textposition": "bottom right",
                "hoverinfo": "skip",
                "marker": {"size": 18, "symbol": "circle-open", "color": VERMILLION, "line": {"width": 3}},
            }
        )
    if result["onward"]:
        far = result["onward"]
        start = on[-1:] if on else []
        traces.append(
            {
                "type": "scatter",
                "mode": "lines+markers",
                "name": "forecast",
                "x": [*(p["dollars"] for p in start), *(o["dollars"] for o in far)],
                "y": [*(p["accuracy"]["value"] for p in start), *(o["accuracy"]["value"] for o in far)],
                "line": {"color": OCHRE, "dash": "dot", "width": 2},
                "marker": {"size": 8, "symbol": "square-open", "color": OCHRE},
                "error_y": _bars([{"value": 0, "interval": None}] * len(start) + [o["accuracy"] for o in far]),
                "hovertext": [
                    "",
                    *(
                        f"<b>forecast</b><br>{o['labels']:,} items,"
                        f" {_money(o['dollars'])}<br>{_said(o['accuracy'])}<br>{plain(o['warning'], 90)}"
                        for o in far
                    ),
                ][1 - len(start) :],
                "hoverinfo": "text",
            }
        )
    spent = [p["dollars"] for p in plans] + [o["dollars"] for o in result["onward"]]
    layout = {
        "xaxis": _log_axis("dollars", min(spent, default=1.0), max(spent, default=10.0), "$"),
        "yaxis": axis("held-out accuracy", **_SHARE),
        "margin": {"l": 64, "r": 12, "t": 40, "b": 46},
    }
    return canvas(traces, alt="Dollars against held-out accuracy. " + verdict(result), height=440, layout=layout)


def _curve_traces(result: Result, colour: str) -> tuple[list[dict[str, Any]], tuple[float, float]]:
    points, far, law = result["points"], result["forecasts"], result["law"]
    x = [p["labels"] for p in points]
    last = max(x)
    ends = (float(min(x)), float(max([*x, *(f["labels"] for f in far)])))

    def fitted(low: float, high: float) -> tuple[list[float], list[float]]:
        grid = np.geomspace(low, max(high, low * 1.0001), 60)
        return grid.tolist(), (law["a"] - law["b"] * grid ** -law["c"]).tolist()

    inside, outside = fitted(ends[0], last), fitted(last, ends[1])
    ahead = [
        {"labels": last, "accuracy": points[-1]["accuracy"]},
        *[f for f in far if f["accuracy"]["value"] is not None],
    ]
    traces = [
        *_band([f["labels"] for f in ahead], [f["accuracy"] for f in ahead], colour),
        {
            "type": "scatter",
            "mode": "lines",
            "name": "fitted",
            "x": inside[0],
            "y": inside[1],
            "line": {"color": colour, "width": 2},
            "hoverinfo": "skip",
        },
        {
            "type": "scatter",
            "mode": "lines",
            "name": "forecast",
            "x": outside[0],
            "y": outside[1],
            "line": {"color": colour, "width": 2, "dash": "dash"},
            "hoverinfo": "skip",
        },
        {
            "type": "scatter",
            "mode": "markers",
            "name": "measured",
            "x": x,
            "y": [p["accuracy"]["value"] for p in points],
            "error_y": _bars([p["accuracy"] for p in points]),
            "marker": {"size": 8, "color": colour},
            "hovertext": [f"{p['labels']:,} pairs: {_said(p['accuracy'])}" for p in points],
            "hoverinfo": "text",
        },
        {
            "type": "scatter",
            "mode": "markers",
            "name": "forecasts",
            "showlegend": False,
            "x": [f["labels"] for f in ahead[1:]],
            "y": [f["accuracy"]["value"] for f in ahead[1:]],
            "marker": {"size": 8, "symbol": "circle-open", "color": colour},
            "hovertext": [
                f"{f['labels']:,} pairs: {_said(f['accuracy'])}<br>{plain(f['warning'], 90)}" for f in ahead[1:]
            ],
            "hoverinfo": "text",
        },
    ]
    return traces, ends


def _forest(
    rows: Sequence[tuple[str, float, Sequence[float] | None]],
    zero: float,
    title: str,
    form: Callable[[float], str],
    log: bool = False,
) -> go.Figure:
    """One row a name: a diamond with its interval, beside the line that means no difference."""
    names = [plain(name, 32) for name, *_ in rows]
    y = list(range(len(rows)))[::-1]
    traces: list[dict[str, Any]] = []
    for place, (name, value, interval) in zip(y, rows, strict=True):
        sure = interval is not None and (interval[0] > zero or interval[1] < zero)
        colour = GREY
        if sure:
            colour = GREEN if value > zero else VERMILLION
        if interval is not None:
            traces.append(
                {
                    "type": "scatter",
                    "mode": "lines",
                    "x": list(interval),
                    "y": [place, place],
                    "line": {"width": 5, "color": band_colour(colour)},
                    "hoverinfo": "skip",
                }
            )
        said = form(value) + ("" if interval is None else f", 95% interval {form(interval[0])} to {form(interval[1])}")
        traces.append(
            {
                "type": "scatter",
                "mode": "markers+text",
                "x": [value],
                "y": [place],
                "text": [form(value)],
                "textposition": "top right",
                "cliponaxis": False,
                "marker": {"symbol": "diamond", "size": 11, "color": colour},
                "hovertext": [f"<b>{plain(name)}</b><br>{said}"],
                "hoverinfo": "text",
            }
        )
    ends = [v for _, value, interval in rows for v in (value, *(interval or ()))] + [zero]
    if log:
        low, high = np.log10(max(min(ends), 1e-3)), np.log10(max(ends))
        ticks = [t for t in (0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20) if low - 0.1 <= np.log10(t) <= high + 0.1]
        horizontal = axis(
            title, type="log", range=[low - 0.1, high + 0.1], tickvals=ticks, ticktext=[f"{t:g}" for t in ticks]
        )
    else:
        pad = 0.12 * max(max(ends) - min(ends), 0.5)
        horizontal = axis(title, range=[min(ends) - pad, max(ends) + pad])
    layout = {
        "margin": {"l": room_for(names), "r": 16, "t": 20, "b": 46},
        "showlegend": False,
        "xaxis": horizontal,
        "shapes": [_line_at(zero, "x")],
        "yaxis": axis(tickmode="array", tickvals=y, ticktext=names, range=[-0.6, len(rows) - 0.3], showgrid=False),
    }
    return canvas(traces, alt="", height=80 + ROW * max(len(rows), 1), layout=layout)


def _log_axis(title: str, low: float, high: float, prefix: str = "") -> dict[str, Any]:
    """A logarithmic axis with round numbers: 1, 2 and 5 of each power of ten."""
    low, high = max(low, 1e-6) * 0.9, max(high, 1e-6) * 1.1
    powers = range(int(np.floor(np.log10(low))), int(np.ceil(np.log10(high))) + 1)
    ticks = [m * 10.0**p for p in powers for m in (1, 2, 5) if low <= m * 10.0**p <= high]
    words = [f"{prefix}{t:,.0f}" if t >= 1 else f"{prefix}{t:g}" for t in ticks]
    return axis(title, type="log", range=[float(np.log10(low)), float(np.log10(high))], tickvals=ticks, ticktext=words)


def _line_at(value: float, along: str) -> dict[str, Any]:
    other = "y" if along == "x" else "x"
    return {
        "type": "line",
        f"{along}0": value,
        f"{along}1": value,
        f"{other}ref": "paper",
        f"{other}0": 0,
        f"{other}1": 1,
        "line": {"width": 1.2, "dash": "dash", "color": GREY},
    }


def _band(x: Sequence[float], figures: Sequence[Result], colour: str) -> list[dict[str, Any]]:
    known = [(n, f["interval"]) for n, f in zip(x, figures, strict=True) if f["interval"]]
    if len(known) < 2:
        return []
    xs = [n for n, _ in known]
    outline = {
        "type": "scatter",
        "mode": "lines",
        "line": {"width": 0, "color": TRANSPARENT},
        "hoverinfo": "skip",
        "showlegend": False,
    }
    return [
        {**outline, "x": xs, "y": [i[1] for _, i in known]},
        {**outline, "x": xs, "y": [i[0] for _, i in known], "fill": "tonexty", "fillcolor": see_through(colour, 0.16)},
    ]


def _bars(figures: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    up = [f["interval"][1] - f["value"] if f["interval"] else 0 for f in figures]
    down = [f["value"] - f["interval"][0] if f["interval"] else 0 for f in figures]
    return {"type": "data", "symmetric": False, "array": up, "arrayminus": down, "thickness": 1.4, "width": 4}


def _plan_hover(plan: Result) -> str:
    return (
        f"<b>{plain(plan['name'], 90)}</b><br>{_money(plan['dollars'])}, {plan['judgements']:,.0f}"
        f" judgements<br>{_said(plan['accuracy'])}"
    )


def _said(figure: Result, times: float = 1.0) -> str:
    if figure["value"] is None:
        return plain(figure["reason"], 90)
    digits = 3 if times == 1 else 1
    interval = figure["interval"]
    between = f", 95% interval {times * interval[0]:.{digits}f} to {times * interval[1]:.{digits}f}" if interval else ""
    return f"{times * figure['value']:.{digits}f}{between}".replace("-", "−")


def _money(value: float) -> str:
    return f"${value:,.0f}" if value >= 100 else f"${value:,.2f}"
