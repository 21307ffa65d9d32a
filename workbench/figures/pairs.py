"""Who agrees with whom: Cohen's kappa of each pair of annotators as a heat map."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from workbench.figures.canvas import axis, canvas, room_for
from workbench.figures.palette import GREY, TRANSPARENT, around_zero, plain, see_through
from workbench.wording.numbers import number

ANNOTATORS_SHOWN = 60
"""More rows than this cannot be read; the table beside the figure has them all."""


def pair_heat_map(
    pairs: pd.DataFrame, labels_given: Mapping[str, int], *, measure: str = "kappa", limit: int = ANNOTATORS_SHOWN
) -> go.Figure:
    """Cohen's kappa of each annotator pair, lower triangle, annotators ordered by their mean kappa.

    Blue agrees beyond chance, vermillion agrees less than chance; a grey cell with a cross has items in common but no
    kappa (the reason is in its hover text); an empty cell has none in common. `customdata` of a cell is the two ids.

    Parameters
    ----------
    pairs : columns `first`, `second` (annotator ids), `items` (labelled by both), the column `measure` (NaN =
        undefined) and `reason`.
    labels_given : annotator -> labels; the `limit` with the most are shown, and the rest is counted in the title.
    measure : column drawn.
    limit : most annotators shown.
    """
    chosen = most_active(labels_given, limit)
    part = pairs.loc[(pairs["first"].isin(chosen) & pairs["second"].isin(chosen)).to_numpy()]
    order = by_mean(part, chosen, measure)
    place = {name: i for i, name in enumerate(order)}
    a, b = part["first"].map(place).to_numpy(np.int64), part["second"].map(place).to_numpy(np.int64)
    row, column = np.maximum(a, b), np.minimum(a, b)
    value = part[measure].to_numpy(np.float64)
    known = np.isfinite(value)

    grid = np.full((len(order), len(order)), np.nan)
    grid[row[known], column[known]] = value[known]
    undefined = np.full(grid.shape, np.nan)
    undefined[row[~known], column[~known]] = 0.0
    low = min(0.0, float(value[known].min(initial=0.0)))
    names = [plain(n, 24) for n in order]
    shown = [[order[r], order[c]] for r, c in zip(row, column, strict=True)]
    hover = [
        _hover(order[r], order[c], n, v, why)
        for r, c, n, v, why in zip(row, column, part["items"], value, part["reason"], strict=True)
    ]
    step = 1 if len(order) <= 40 else 2
    down: dict[str, Any] = {
        "tickmode": "array",
        "tickvals": list(range(1, len(order), step)),
        "ticktext": names[1::step],
    }
    wide = 1 + (len(order) > 22) + (len(order) > 44)
    along: dict[str, Any] = {
        "tickmode": "array",
        "tickvals": list(range(0, len(order) - 1, wide)),
        "ticktext": names[:-1:wide],
    }
    size = max(6, min(26, 560 // max(len(order), 1)))
    traces = [
        {
            "type": "heatmap",
            "z": _listed(grid),
            "zmin": low,
            "zmax": 1.0,
            "colorscale": around_zero(low, 1.0),
            "xgap": 1,
            "ygap": 1,
            "hoverinfo": "skip",
            "colorbar": {"title": {"text": measure, "side": "right"}, "thickness": 12, "outlinewidth": 0, "len": 0.8},
        },
        {
            "type": "heatmap",
            "z": _listed(undefined),
            "zmin": 0,
            "zmax": 1,
            "colorscale": [[0, see_through(GREY, 0.3)], [1, see_through(GREY, 0.3)]],
            "showscale": False,
            "xgap": 1,
            "ygap": 1,
            "hoverinfo": "skip",
        },
        {
            # Cells of a heat map cannot be picked in Plotly; marks on top of them can.
            "type": "scatter",
            "mode": "markers",
            "x": column.tolist(),
            "y": row.tolist(),
            "customdata": shown,
            "hovertext": hover,
            "hoverinfo": "text",
            "marker": {
                "symbol": np.where(known, "square", "x-thin").tolist(),
                "size": np.where(known, size, max(4, size // 2)).tolist(),
                "color": TRANSPARENT,
                "line": {"width": np.where(known, 0.0, 1.2).tolist(), "color": GREY},
            },
            "selected": {"marker": {"opacity": 1}},
            "unselected": {"marker": {"opacity": 1}},
            "showlegend": False,
            "name": "pairs",
        },
    ]
    rest = len(labels_given) - len(order)
    title = f"the {len(order)} annotators with the most labels; {rest:,} more are in the table" if rest > 0 else ""
    return canvas(
        traces,
        alt=_in_words(value[known], int((~known).sum()), len(order), rest, measure),
        height=max(300, min(760, 110 + 24 * len(order))),
        layout={
            "margin": {"l": room_for(names), "r": 12, "t": 10, "b": room_for(names) + (24 if title else 0)},
            "xaxis": axis(title, showgrid=False, range=[-0.6, len(order) - 1.4], tickangle=-60, **along),
            "yaxis": axis(showgrid=False, range=[len(order) - 0.4, 0.4], **down),
            "clickmode": "event+select",
        },
    )


def most_active(labels_given: Mapping[str, int], limit: int) -> list[str]:
    """The annotators with the most labels; alike counts by name.

    >>> most_active({"b": 3, "a": 3, "c": 9}, 2)
    ['c', 'a']
    """
    return sorted(labels_given, key=lambda name: (-labels_given[name], name))[:limit]


def by_mean(pairs: pd.DataFrame, names: list[str], measure: str) -> list[str]:
    """Names by their mean over pairs, each pair weighted by its items, highest first; without any pair last."""
    known = pairs.loc[pairs[measure].notna().to_numpy()]
    both = pd.concat(
        [
            known[["first", measure, "items"]].rename(columns={"first": "name"}),
            known[["second", measure, "items"]].rename(columns={"second": "name"}),
        ]
    )
    total = (both[measure] * both["items"]).groupby(both["name"]).sum() / both.groupby("name")["items"].sum()
    return sorted(names, key=lambda name: (-float(total.get(name, -np.inf)), name))


def _listed(grid: np.ndarray) -> list[list[float | None]]:
    return [[None if np.isnan(v) else float(v) for v in line] for line in grid]


def _hover(first: str, second: str, items: int, value: float, reason: object) -> str:
    said = number(value) if np.isfinite(value) else f"undefined, {plain(reason, 120)}"
    return f"{plain(first)} and {plain(second)}: <b>{said}</b><br>{items:,} items labelled by both"


def _in_words(known: np.ndarray, undefined: int, shown: int, rest: int, measure: str) -> str:
    more = f" {rest:,} annotators with fewer labels are not drawn." if rest > 0 else ""
    if len(known) == 0:
        return f"Heat map of {measure} for {shown} annotators: no pair has a defined value.{more}"
    lack = f", {undefined:,} undefined" if undefined else ""
    return (
        f"Heat map of {measure} between {shown} annotators, {len(known):,} pairs{lack}: median"
        f" {number(float(np.median(known)), 2)}, from {number(float(known.min()), 2)} to"
        f" {number(float(known.max()), 2)}.{more}"
    )
