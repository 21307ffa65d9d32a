"""Selections drawn: where picks lie on a map of the pool, how far strategies pick the same, which slices they draw
from.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from workbench.dataset.annotation_set import AnnotationSet
from workbench.figures.canvas import axis, canvas, cell_text, room_for
from workbench.figures.palette import BLUE, GREY, VERMILLION, plain, see_through
from workbench.selection import STRATEGIES


def selection_map(result: Mapping[str, Any], strategy: str, beside: str | None = None) -> go.Figure:
    """The pool as shades on a grid, picks as points: where a strategy looks, and where it does not.

    Parameters
    ----------
    result : of a selection, with its `plane`.
    strategy : whose picks are filled points.
    beside : whose picks are rings, for comparison.
    """
    plane, title = result["plane"], STRATEGIES[strategy].title
    counts = [[None if n == 0 else n for n in row] for row in plane["counts"]]
    x, y = _centres(plane["x"]), _centres(plane["y"])
    traces: list[dict[str, Any]] = [
        {
            "type": "heatmap",
            "z": [[None if n is None else n**0.5 for n in row] for row in counts],
            "x": x,
            "y": y,
            "customdata": counts,
            "colorscale": [[0.0, see_through(GREY, 0.12)], [1.0, see_through(GREY, 0.75)]],
            "showscale": False,
            "hoverongaps": False,
            "hovertemplate": "%{customdata} pairs here<extra></extra>",
        }
    ]
    shown = (
        [(beside, "circle-open", VERMILLION, 9)] if beside and beside != strategy and beside in plane["marks"] else []
    )
    for name, symbol, colour, size in [*shown, (strategy, "circle", BLUE, 6)]:
        marks = plane["marks"].get(name or "", [])
        gains = result["strategies"][name]["gains"][: len(marks)] if name else []
        traces.append(
            {
                "type": "scattergl" if len(marks) > 500 else "scatter",
                "mode": "markers",
                "name": STRATEGIES[name or strategy].title,
                "x": [m[0] for m in marks],
                "y": [m[1] for m in marks],
                "customdata": [[i + 1, gain] for i, gain in enumerate(gains)],
                "marker": {"symbol": symbol, "color": colour, "size": size, "line": {"width": 1.5}},
                "hovertemplate": "pick %{customdata[0]:,}, %{customdata[1]:.3g}<extra>%{fullData.name}</extra>",
            }
        )
    undrawn = plane["undrawn"].get(strategy, 0)
    more = f" The first {len(plane['marks'].get(strategy, [])):,} picks are drawn." if undrawn else ""
    pairs = sum(sum(row) for row in plane["counts"])
    return canvas(
        traces,
        alt=(
            f"Map of {pairs:,} pairs in the two directions in which they differ most ({100 * plane['explained']:.0f}%"
            f" of their variance), with the picks of {title}.{more}"
        ),
        height=460,
        layout={
            "margin": {"l": 48, "r": 12, "t": 34, "b": 46},
            "showlegend": bool(shown),
            "dragmode": "zoom",
            "xaxis": axis("first direction", fixedrange=False, showticklabels=False),
            "yaxis": axis("second direction", fixedrange=False, showticklabels=False),
        },
    )


def overlap_heat_map(result: Mapping[str, Any]) -> go.Figure:
    """Share of the row strategy's picks that the column strategy picked too."""
    names = [str(name) for name in result["overlap"]["names"]]
    share = result["overlap"]["share"]
    grid = [[None if i == j or v is None or v != v else v for j, v in enumerate(row)] for i, row in enumerate(share)]
    text = [["" if v is None else f"{100 * v:.0f}%" for v in row] for row in grid]
    trace: dict[str, Any] = {
        "type": "heatmap",
        "z": grid,
        "x": [plain(n, 24) for n in names],
        "y": [plain(n, 24) for n in names],
        "xgap": 2,
        "ygap": 2,
        "zmin": 0.0,
        "zmax": 1.0,
        "colorscale": [[0.0, see_through(BLUE, 0.06)], [1.0, see_through(BLUE, 0.62)]],
        "showscale": False,
        "text": text,
        "hovertemplate": "%{text} of the picks of %{y} are also picks of %{x}<extra></extra>",
        "hoverongaps": False,
    }
    return canvas(
        [trace, cell_text(trace["x"], trace["y"], text)],
        alt=f"Share of picks that two of {len(names)} strategies have in common.",
        height=120 + 36 * len(names),
        layout={
            "margin": {"l": room_for(names), "r": 12, "t": 10, "b": 96},
            "xaxis": axis(type="category", showgrid=False, tickangle=-30),
            "yaxis": axis(type="category", autorange="reversed", showgrid=False),
        },
    )


def picks_table(data: AnnotationSet, result: Mapping[str, Any], strategy: str) -> pd.DataFrame:
    """The picks in order as a person reads them: id, what the strategy gave, what is known of the pair."""
    found = result["strategies"][strategy]
    frame = pd.DataFrame(
        {
            "place": range(1, len(found["items"]) + 1),
            "item_id": data.items["item_id"].to_numpy()[found["items"]],
            "gain": found["gains"],
        }
    )
    for name in ("slice", "probability", "labels_so_far", "cost", "flip"):
        if name in found:
            frame[name] = found[name]
    return frame


def map_table(result: Mapping[str, Any]) -> pd.DataFrame:
    """The drawn picks as rows: strategy, rank, place on the map."""
    marks = result["plane"]["marks"]
    rows = [(name, i + 1, at[0], at[1]) for name, each in marks.items() for i, at in enumerate(each)]
    return pd.DataFrame(rows, columns=["strategy", "rank", "x", "y"])


def overlap_table(result: Mapping[str, Any]) -> pd.DataFrame:
    """The overlap as a square table."""
    names = result["overlap"]["names"]
    return pd.DataFrame(result["overlap"]["share"], index=pd.Index(names, name="strategy"), columns=names).reset_index()


def _centres(edges: list[float]) -> list[float]:
    return [(a + b) / 2 for a, b in pairwise(edges)]


def strategies_table(result: Mapping[str, Any]) -> pd.DataFrame:
    """A row a strategy: picks, expected information, the same over a random batch's, openness, cost."""
    frame = pd.DataFrame(result["table"])
    lot = frame.loc[frame["strategy"] == "random", "information"]
    frame["over_random"] = frame["information"] / lot.iloc[0] if len(lot) and lot.iloc[0] > 0 else float("nan")
    columns = ["title", "picks", "information", "over_random", "openness", "cost", "labelled_already"]
    return frame[[c for c in columns if frame[c].notna().any()]]


def slices_table(result: Mapping[str, Any]) -> pd.DataFrame:
    """Share of each slice in the pool and in the picks of each strategy; empty where no slice was named."""
    return pd.DataFrame(result["slices"])
