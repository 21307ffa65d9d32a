"""One annotator in pictures: work over time, confusions, what its reliability is made of, its sequential test, and how
soon a test finds whom.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from workbench.annotators.close_up import Over, WorkTest
from workbench.annotators.planning import Detection
from workbench.annotators.reliability import PARTS
from workbench.annotators.sequential import SequentialTest
from workbench.errors import counted
from workbench.figures.canvas import axis, canvas, cell_text, room_for
from workbench.figures.palette import BLUE, GREEN, GREY, OCHRE, VERMILLION, band_colour, plain, see_through
from workbench.wording.numbers import number, percent

PART_NAMES = {
    "gold": "gold answers",
    "peers": "agreement with others",
    "consistency": "self-consistency",
    "side": "leaning to a side",
    "speed": "speed",
    "drift": "drift",
}
"""Parts of a reliability, in words."""


def work_over_time(found: Over, *, usual: float | None = None, changed: int | None = None) -> go.Figure:
    """Share right in equal parts of an annotator's work, and below it the cumulative sum that watches for a fall.

    Parameters
    ----------
    found : of `workbench.annotators.close_up.over_time`.
    usual : the crew's share, drawn as a dashed line.
    changed : label after which the annotator became worse, where that is known.
    """
    parts = found.parts[found.parts["labels"] > 0]
    middle = ((parts["from"] + parts["to"]) / 2).to_list()
    dates = [
        f"{a:%d %b} to {b:%d %b %Y}" if pd.notna(a) and pd.notna(b) else "date unknown"
        for a, b in zip(parts["since"], parts["until"], strict=True)
    ]
    traces: list[dict[str, Any]] = [
        {
            "type": "scatter",
            "mode": "lines+markers",
            "x": middle,
            "y": parts["right"].to_list(),
            "name": "looks right",
            "line": {"color": BLUE, "width": 2},
            "marker": {"symbol": "diamond", "size": 9, "color": BLUE},
            "error_y": {
                "type": "data",
                "symmetric": False,
                "array": (parts["high"] - parts["right"]).to_list(),
                "arrayminus": (parts["right"] - parts["low"]).to_list(),
                "color": band_colour(BLUE),
                "thickness": 1.6,
                "width": 4,
            },
            "hovertext": [
                f"labels {a:,} to {b:,}, {d}<br>right in {percent(r)} of {n:,}"
                for a, b, d, r, n in zip(
                    parts["from"], parts["to"], dates, parts["right"], parts["labels"], strict=True
                )
            ],
            "hoverinfo": "text",
        },
        {
            "type": "scatter",
            "mode": "lines",
            "x": found.path["label"].to_list(),
            "y": found.path["sum"].to_list(),
            "yaxis": "y2",
            "name": "cumulative sum",
            "line": {"color": OCHRE, "width": 1.8},
            "hovertemplate": "label %{x:,}: %{y:.2f}<extra></extra>",
        },
    ]
    shapes: list[dict[str, Any]] = []
    notes: list[dict[str, Any]] = []
    if usual is not None:
        shapes.append(
            {
                "type": "line",
                "xref": "paper",
                "yref": "y",
                "x0": 0,
                "x1": 1,
                "y0": usual,
                "y1": usual,
                "line": {"width": 1.2, "dash": "dash", "color": GREY},
            }
        )
        traces.append(
            {
                "type": "scatter",
                "mode": "lines",
                "x": [None],
                "y": [None],
                "line": {"width": 1.2, "dash": "dash", "color": GREY},
                "name": f"usual in this crew ({percent(usual)})",
            }
        )
    if found.signals and math.isfinite(found.cusum.signal_at):
        line = found.cusum.signal_at
        shapes.append(
            {
                "type": "line",
                "xref": "paper",
                "yref": "y2",
                "x0": 0,
                "x1": 1,
                "y0": line,
                "y1": line,
                "line": {"width": 1.2, "dash": "dot", "color": VERMILLION},
            }
        )
    for at in found.signals:
        shapes.append(
            {
                "type": "line",
                "xref": "x",
                "yref": "paper",
                "x0": at,
                "x1": at,
                "y0": 0,
                "y1": 0.28,
                "line": {"width": 1.4, "dash": "dot", "color": VERMILLION},
            }
        )
    if changed is not None:
        shapes.append(
            {
                "type": "line",
                "xref": "x",
                "yref": "paper",
                "x0": changed + 0.5,
                "x1": changed + 0.5,
                "y0": 0,
                "y1": 1,
                "line": {"width": 1.8, "color": VERMILLION},
            }
        )
        notes.append(
            {
                "x": changed + 0.5,
                "xanchor": "left",
                "yref": "paper",
                "y": 1,
                "yanchor": "top",
                "text": " change",
                "showarrow": False,
                "font": {"size": 11, "color": VERMILLION},
            }
        )
    said = "; ".join(
        f"labels {a} to {b}: {percent(r)}" for a, b, r in zip(parts["from"], parts["to"], parts["right"], strict=True)
    )
    return canvas(
        traces,
        alt=f"Share that looks right over the course of the work. {said}."
        + (f" {len(found.signals)} signals of a fall." if found.signals else " No signal of a fall."),
        height=380,
        layout={
            "margin": {"l": 64, "r": 24, "t": 34, "b": 46},
            "xaxis": axis(
                "labels in order of time" if found.dated else "labels in order of the file: times are unknown",
                showgrid=False,
                tickformat=",",
                anchor="y2",
            ),
            "yaxis": axis(
                "share that looks right",
                domain=[0.38, 1.0],
                tickformat=".0%",
                range=[min(0.0 if parts.empty else float(parts["low"].min()) - 0.03, 0.45), 1.03],
            ),
            "yaxis2": axis("sum", domain=[0.0, 0.28], anchor="x", rangemode="tozero", nticks=4),
            "shapes": shapes,
            "annotations": notes,
        },
    )


def confusion_map(counts: np.ndarray, labels: Sequence[str]) -> go.Figure:
    """What an annotator said (across) of items that are what (down), as shares of each row; the diagonal is right.

    Parameters
    ----------
    counts : (K, K) at [right label, said label].
    """
    whole = counts.sum(1, keepdims=True)
    share = np.divide(counts, whole, out=np.full(counts.shape, np.nan), where=whole > 0.5)
    names = [plain(name, 20) for name in labels]
    grid = [[None if np.isnan(v) else float(v) for v in row] for row in share]
    text = [["" if v is None else percent(v) for v in row] for row in grid]
    trace: dict[str, Any] = {
        "type": "heatmap",
        "z": grid,
        "x": names,
        "y": [f"{name}  ({n:,.0f})" for name, n in zip(names, whole[:, 0], strict=True)],
        "zmin": 0,
        "zmax": 1,
        "xgap": 2,
        "ygap": 2,
        "colorscale": [[0.0, see_through(BLUE, 0.05)], [1.0, see_through(BLUE, 0.62)]],
        "showscale": False,
        "text": text,
        "hoverongaps": False,
        "hovertemplate": "right %{y}, said %{x}: %{text}<extra></extra>",
    }
    diagonal = [
        {
            "type": "rect",
            "xref": "x",
            "yref": "y",
            "x0": i - 0.5,
            "x1": i + 0.5,
            "y0": i - 0.5,
            "y1": i + 0.5,
            "line": {"width": 1.6, "color": GREY},
        }
        for i in range(len(names))
    ]
    said = "; ".join(
        f"{label} said as {label} {percent(float(share[i, i]))}"
        for i, label in enumerate(labels)
        if not np.isnan(share[i, i])
    )
    return canvas(
        [trace, cell_text(trace["x"], trace["y"], text)],
        alt=f"Confusion table, the right label down and the label said across: {said}.",
        height=120 + 38 * len(names),
        layout={
            "margin": {"l": room_for([f"{n} (000)" for n in names]) + 24, "r": 12, "t": 10, "b": 56},
            "xaxis": axis("said", type="category", showgrid=False),
            "yaxis": axis("right label (labels)", type="category", autorange="reversed", showgrid=False),
            "shapes": diagonal,
        },
    )


def evidence_bars(row: Mapping[str, Any]) -> go.Figure:
    """What pulls an annotator's reliability up (blue) or down (vermillion) from the crew's, in log-odds.

    Parameters
    ----------
    row : of `workbench.annotators.annotator_table`.
    """
    names = [PART_NAMES[p] for p in PARTS]
    values = [float(row[f"part_{p}"]) for p in PARTS]
    reach = 1.35 * max(0.5, *(abs(v) for v in values))
    trace = {
        "type": "bar",
        "orientation": "h",
        "y": names,
        "x": values,
        "text": ["" if round(v, 2) == 0 else f"{'+' if v > 0 else ''}{number(v, 2)}" for v in values],
        "textposition": "outside",
        "cliponaxis": False,
        "hoverinfo": "skip",
        "marker": {"color": [see_through(BLUE if v >= 0 else VERMILLION, 0.8) for v in values]},
        "showlegend": False,
    }
    said = ", ".join(f"{n} {number(v, 2)}" for n, v in zip(names, values, strict=True))
    return canvas(
        [trace],
        alt=f"Parts of the reliability in log-odds, beside the crew's {number(float(row['crew']), 2)}: {said}.",
        height=250,
        layout={
            "margin": {"l": room_for(names), "r": 24, "t": 8, "b": 46},
            "xaxis": axis(
                "← pulls down      beside the crew (log-odds)      pulls up →",
                range=[-reach, reach],
                zeroline=True,
                zerolinecolor=see_through(GREY, 0.7),
            ),
            "yaxis": axis(type="category", autorange="reversed", showgrid=False),
        },
    )


def test_path(run: WorkTest, test: SequentialTest) -> go.Figure:
    """How strongly the answers so far speak for careless work, as odds, between the two lines of a sequential test;
    grey after the decision.
    """
    n = len(run.path)
    x, y = list(range(n + 1)), [0.0, *run.path.tolist()]
    if n > 1_000:
        keep = sorted(
            {*range(0, run.used + 1, max(1, run.used // 500)), run.used, *range(run.used, n + 1, max(1, n // 500)), n}
        )
        x, y = keep, [y[i] for i in keep]
    before = [i for i, at in enumerate(x) if at <= run.used]
    after = [i for i, at in enumerate(x) if at >= run.used]
    colour = {"flag": VERMILLION, "clear": GREEN, "undecided": BLUE}[run.decision]
    traces = [
        {
            "type": "scatter",
            "mode": "lines",
            "x": [x[i] for i in after],
            "y": [y[i] for i in after],
            "line": {"color": see_through(GREY, 0.6), "width": 1.4, "shape": "hv"},
            "hoverinfo": "skip",
            "showlegend": False,
        },
        {
            "type": "scatter",
            "mode": "lines",
            "x": [x[i] for i in before],
            "y": [y[i] for i in before],
            "line": {"color": colour, "width": 2.2, "shape": "hv"},
            "hovertext": [f"answer {x[i]:,}: {odds_words(y[i])} for careless work" for i in before],
            "hoverinfo": "text",
            "showlegend": False,
        },
        {
            "type": "scatter",
            "mode": "markers",
            "x": [run.used],
            "y": [y[x.index(run.used)]],
            "marker": {
                "symbol": {"flag": "square", "clear": "circle", "undecided": "diamond"}[run.decision],
                "size": 11,
                "color": colour,
            },
            "hoverinfo": "skip",
            "showlegend": False,
        },
    ]
    span = test.flag_at - test.clear_at
    low, high = max(min([test.clear_at, *y]), test.clear_at - span), min(max([test.flag_at, *y]), test.flag_at + span)
    step = math.log(10) * max(1, math.ceil((high - low) / math.log(10) / 6))
    ticks = [
        step * k for k in range(math.ceil((low - 0.12 * span) / step), math.floor((high + 0.12 * span) / step) + 1)
    ]
    return canvas(
        traces,
        alt=(
            f"Odds of careless work in a sequential test over {counted(run.answers, 'answer')}: {run.decision} after"
            f" {run.used:,}."
        ),
        height=300,
        layout={
            "margin": {"l": 110, "r": 12, "t": 12, "b": 46},
            "xaxis": axis("answers in order of time", showgrid=False, rangemode="tozero", tickformat=","),
            "yaxis": axis(
                "odds that the work is careless",
                range=[low - 0.12 * span, high + 0.12 * span],
                tickmode="array",
                tickvals=ticks,
                ticktext=[odds_words(v) for v in ticks],
            ),
            "shapes": [
                {
                    "type": "line",
                    "xref": "paper",
                    "yref": "y",
                    "x0": 0,
                    "x1": 1,
                    "y0": v,
                    "y1": v,
                    "line": {"width": 1.4, "dash": "dash", "color": c},
                }
                for v, c in ((test.flag_at, VERMILLION), (test.clear_at, GREEN))
            ],
            "annotations": [
                {
                    "xref": "paper",
                    "x": 1,
                    "xanchor": "right",
                    "y": v,
                    "yanchor": a,
                    "text": t,
                    "showarrow": False,
                    "font": {"size": 11, "color": c},
                }
                for v, a, t, c in ((test.flag_at, "bottom", "flag", VERMILLION), (test.clear_at, "top", "clear", GREEN))
            ],
        },
    )


def odds_words(log_odds: float) -> str:
    """Odds in words, to one figure.

    >>> odds_words(0.0), odds_words(math.log(20)), odds_words(-math.log(1_000))
    ('even', '20 to 1', '1 to 1,000')
    """
    odds = math.exp(min(abs(log_odds), 700.0))
    if odds < 1.05:
        return "even"
    figure = f"{odds:,.0f}" if odds < 1e9 else f"10^{math.log10(odds):.0f}"
    if odds < 9.95 and round(odds, 1) != round(odds):
        figure = f"{odds:.1f}"
    return f"{figure} to 1" if log_odds > 0 else f"1 to {figure}"


test_path.__test__ = False  # type: ignore[attr-defined]


def plan_curves(curves: Mapping[str, Detection], tasks: int = 300) -> go.Figure:
    """Chance to have been flagged after so many tasks, one line a rule and annotator.

    Parameters
    ----------
    curves : name -> detection. Names with `honest` in them are dashed.
    """
    traces = []
    for i, (name, found) in enumerate(curves.items()):
        shown = found.flagged_by[: tasks + 1]
        honest = "honest" in name
        traces.append(
            {
                "type": "scatter",
                "mode": "lines",
                "x": list(range(len(shown))),
                "y": shown.tolist(),
                "name": name,
                "line": {
                    "width": 2.2,
                    "dash": "dot" if honest else "solid",
                    "color": BLUE if i < 2 else OCHRE,
                    "shape": "linear",
                },
                "hovertemplate": f"{plain(name)}: %{{y:.1%}} after %{{x}} tasks<extra></extra>",
            }
        )
    said = "; ".join(
        f"{name} {percent(float(f.flagged_by[min(100, len(f.flagged_by) - 1)]), 1)} after 100 tasks"
        for name, f in curves.items()
    )
    return canvas(
        traces,
        alt=f"Chance to have been flagged against tasks done: {said}.",
        height=330,
        layout={
            "margin": {"l": 64, "r": 12, "t": 50, "b": 46},
            "xaxis": axis("tasks done"),
            "yaxis": axis("chance to have been flagged", tickformat=".0%", range=[-0.02, 1.04]),
        },
    )
