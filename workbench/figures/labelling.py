"""Aggregated labels: how sure they are, whether gold bears that out, and how far methods agree."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from workbench.aggregation.calibration import Calibration
from workbench.aggregation.comparison import Comparison
from workbench.aggregation.gold_score import GoldScore
from workbench.aggregation.paired import Lead
from workbench.aggregation.registry import METHODS
from workbench.estimates import Estimate, Interval, with_sign
from workbench.figures.canvas import axis, canvas, cell_text, room_for
from workbench.figures.palette import BLUE, GREY, plain, see_through
from workbench.figures.shares import share_forest
from workbench.wording.numbers import number, percent, percent_bounds


def gold_estimates(comparison: Comparison) -> dict[str, Estimate]:
    """Gold accuracy of each method as estimates by its title, for `share_forest`."""
    return {METHODS[name].title: _as_estimate(got) for name, got in comparison.scores.items()}


def _as_estimate(got: GoldScore) -> Estimate:
    if got.accuracy is None:
        return Estimate(name="gold accuracy", value=None, n_set_aside=got.n_set_aside, reason=got.reason or "no gold")
    around = Interval(*got.interval, "same crew", "Jeffreys") if got.interval else None
    return Estimate(
        name="gold accuracy", value=got.accuracy, same_crew=around, new_crew=None, n=got.n, n_set_aside=got.n_set_aside
    )


def gold_forest(comparison: Comparison) -> go.Figure:
    """Gold accuracy of each method with its interval, below one another; the key says what the interval is about.

    The interval is of one method alone. Whether two methods differ is not seen from intervals that overlap: both answer
    the same items.
    """
    figure = share_forest(
        gold_estimates(comparison), counts="gold items", title="gold label given (ties shared)", digits=1
    )
    called = {"value": "right on the gold", "same crew": "95% interval (new items, this crew)"}
    for trace in figure.data:
        if trace.name in called:
            trace.name = called[trace.name]
        if trace.hovertext is not None:
            # There is no interval for a new crew: labels are not made again from other annotators.
            trace.hovertext = [
                text.replace("<br>new crew –", "").replace("same crew", "95% interval") for text in trace.hovertext
            ]
    return figure


def methods_table(comparison: Comparison, over: str) -> pd.DataFrame:
    """Methods side by side as a page shows them: shares to a tenth of a per cent, each figure beside its interval as
    text.

    Parameters
    ----------
    over : the method the others are held against.

    Returns
    -------
    One row a method: `method`, `title`, `decided`, `tied`, `gold_accuracy`, `gold_interval`, `beside` (gold accuracy
    less that of `over`, in points, with its interval; a star where it is more than chance), `gold_direction_accuracy`,
    `posterior_nll`, `direction_nll` (both of directions NaN where labels have no strength, so that they would say the
    same again), `iterations`, `converged`. Full precision is in `Comparison.table`.
    """
    table, ahead = comparison.table, comparison.leads(over)
    scores = [comparison.scores[name] for name in table["method"]]
    shown = table[["method", "title", "decided", "tied"]].copy()
    shown["gold_accuracy"] = table["gold_accuracy"].round(3)
    shown["gold_interval"] = pd.array(
        [percent_bounds(_as_estimate(got).same_crew, 1) if got.interval else None for got in scores], dtype="str"
    )
    shown["beside"] = pd.array(
        [_points(ahead[name]) if name in ahead else None for name in table["method"]], dtype="str"
    )
    shown["gold_direction_accuracy"] = table["gold_direction_accuracy"].round(3)
    for name in ("posterior_nll", "direction_nll", "iterations", "converged"):
        shown[name] = table[name]
    scale = next(iter(comparison.results.values())).scale
    if scale.directional() == scale:
        shown[["gold_direction_accuracy", "direction_nll"]] = np.nan
    return shown


def _points(lead: Lead) -> str:
    value, around = lead.accuracy.value, lead.accuracy.same_crew
    if value is None:
        return "–"
    spans = f" ({number(100 * around.low, 1)} to {number(100 * around.high, 1)})" if around else ""
    return f"{with_sign(100 * value)}{spans}{' *' if lead.told_apart else ''}"


def confidence_histogram(bars: pd.DataFrame, *, sides: bool) -> go.Figure:
    """How many items have a label of which confidence.

    Parameters
    ----------
    bars : of `workbench.aggregation.calibration.confidence_bars`.
    sides : whether the confidence is that of the direction.
    """
    shown = bars[bars["items"].cumsum() > 0] if bars["items"].any() else bars
    total, sure = int(bars["items"].sum()), int(bars.loc[bars["from"] >= 0.9 - 1e-9, "items"].sum())
    trace = {
        "type": "bar",
        "x": ((shown["from"] + shown["to"]) / 2).to_list(),
        "y": shown["items"].to_list(),
        "width": (shown["to"] - shown["from"]).to_list(),
        "marker": {"color": see_through(BLUE, 0.8)},
        "customdata": [[percent(a), percent(b)] for a, b in zip(shown["from"], shown["to"], strict=True)],
        "hovertemplate": "%{customdata[0]} to %{customdata[1]}: %{y:,} items<extra></extra>",
        "showlegend": False,
    }
    return canvas(
        [trace],
        alt=f"Histogram of the confidence of {total:,} labels; {sure:,} are at least 90% sure.",
        height=290,
        layout={
            "margin": {"l": 64, "r": 12, "t": 12, "b": 46},
            "xaxis": axis(
                (
                    "chance that the side is right, by the method"
                    if sides
                    else "chance that the label is right, by the method"
                ),
                tickformat=".0%",
                showgrid=False,
                range=[min(shown["from"].min(), 0.5), 1.0],
            ),
            "yaxis": axis("items", tickformat=","),
            "bargap": 0.04,
        },
    )


def calibration_plot(found: Calibration) -> go.Figure:
    """Share right among gold items against the confidence claimed; on the diagonal the method knows how sure it is."""
    bins = found.bins
    low = min(0.5, float(bins[["confidence", "low"]].min().min())) if len(bins) else 0.0
    diagonal = {
        "type": "scatter",
        "mode": "lines",
        "x": [low, 1.0],
        "y": [low, 1.0],
        "line": {"width": 1.2, "dash": "dash", "color": GREY},
        "name": "as sure as right",
        "hoverinfo": "skip",
    }
    points = {
        "type": "scatter",
        "mode": "markers",
        "x": bins["confidence"].to_list(),
        "y": bins["right"].to_list(),
        "name": "items with gold",
        "error_y": {
            "type": "data",
            "symmetric": False,
            "array": (bins["high"] - bins["right"]).to_list(),
            "arrayminus": (bins["right"] - bins["low"]).to_list(),
            "color": see_through(BLUE, 0.6),
            "thickness": 1.6,
            "width": 4,
        },
        "marker": {"symbol": "diamond", "size": 9, "color": BLUE},
        "customdata": [
            [percent(c, 1), percent(r, 1), f"{n:,}"]
            for c, r, n in zip(bins["confidence"], bins["right"], bins["items"], strict=True)
        ],
        "hovertemplate": "said %{customdata[0]}, right %{customdata[1]} of %{customdata[2]} items<extra></extra>",
    }
    said = "; ".join(
        f"said {percent(c)}, right {percent(r)}" for c, r in zip(bins["confidence"], bins["right"], strict=True)
    )
    return canvas(
        [diagonal, points],
        alt=f"Calibration against {found.n:,} items with gold: {said}.",
        height=290,
        layout={
            "margin": {"l": 64, "r": 12, "t": 30, "b": 46},
            "xaxis": axis("confidence, mean of the items", tickformat=".0%", range=[low - 0.02, 1.02]),
            "yaxis": axis("share right", tickformat=".0%", range=[low - 0.02, 1.03]),
        },
    )


def method_heat_map(square: pd.DataFrame) -> go.Figure:
    """Share of items on which two methods give the same label.

    Parameters
    ----------
    square : of `Comparison.agreement`: methods by methods.
    """
    names = [METHODS[m].title if m in METHODS else m for m in square.index]
    grid: list[list[float | None]] = [
        [None if v != v or i == j else float(v) for j, v in enumerate(row)]
        for i, row in enumerate(square.to_numpy(float))
    ]
    known = [v for row in grid for v in row if v is not None]
    low = min(known, default=0.0)
    trace: dict[str, Any] = {
        "type": "heatmap",
        "z": grid,
        "x": [plain(n, 24) for n in names],
        "y": [plain(n, 24) for n in names],
        "xgap": 2,
        "ygap": 2,
        "zmin": low - 0.02,
        "zmax": 1.0,
        "colorscale": [[0.0, see_through(BLUE, 0.08)], [1.0, see_through(BLUE, 0.62)]],
        "showscale": False,
        "hovertemplate": "%{y} and %{x}: %{z:.1%}<extra></extra>",
        "hoverongaps": False,
    }
    # Whole per cents without their sign stand in the cells of a telephone too.
    said = [["" if v is None else f"{100 * v:.0f}" for v in row] for row in grid]
    return canvas(
        [trace, cell_text(trace["x"], trace["y"], said)],
        alt=(
            f"Share of items with the same label, between {len(names)} methods: {percent(low, 1)} to"
            f" {percent(max(known, default=1.0), 1)}."
        ),
        height=60 + room_for(trace["x"]) + 34 * len(names),
        layout={
            "margin": {"l": room_for(trace["y"]), "r": 12, "t": 10, "b": 40 + room_for(trace["x"])},
            "xaxis": axis("% of items with the same label", type="category", showgrid=False, tickangle=-90),
            "yaxis": axis(type="category", autorange="reversed", showgrid=False),
        },
    )
