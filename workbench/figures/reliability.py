"""How likely labels are right, annotator by annotator: the least reliable below one another, with what is usual and
what guessing would give.
"""

from __future__ import annotations

from typing import Any

import pandas as pd
import plotly.graph_objects as go
from scipy.special import expit

from workbench.annotators.survey import Survey
from workbench.errors import counted
from workbench.figures.canvas import axis, canvas, room_for
from workbench.figures.palette import BLUE, GREY, VERMILLION, band_colour, plain
from workbench.figures.tables import spans
from workbench.wording.numbers import percent

_ROW = 24


def least_reliable(table: pd.DataFrame, limit: int = 20) -> pd.DataFrame:
    """The annotators with the lowest reliability, lowest first; those whose reliability is unknown are left out."""
    known = table[table["reliability"].notna()]
    return known.sort_values("reliability", kind="stable").head(limit)


def usual_levels(found: Survey, table: pd.DataFrame) -> tuple[float, float]:
    """How often labels given without a look would have the right direction, and how often the crew's usually have.

    Parameters
    ----------
    table : of `workbench.annotators.annotator_table(found)`.
    """
    return float(found.others.scale.chance), float(expit(table["crew"].iloc[0]))


def reliability_forest(table: pd.DataFrame, *, chance: float | None = None, usual: float | None = None) -> go.Figure:
    """Reliability of annotators with intervals; flagged ones are vermillion squares. `customdata` of a mark is the
    annotator.

    Parameters
    ----------
    table : of `least_reliable`: rows of `workbench.annotators.annotator_table`.
    chance, usual : what labels given without a look would reach, and what is usual in the crew; drawn as dashed lines.
    """
    rows = table.to_dict("records")
    names = [f"{plain(r['annotator'], 40)} ({r['estimated_n']:,.0f})" for r in rows]
    place = [-i for i in range(len(rows))]
    between = spans(table["reliability_low"], table["reliability_high"])
    x: list[float | None] = [v for r in rows for v in (r["reliability_low"], r["reliability_high"], None)]
    y: list[float | None] = [v for p in place for v in (p, p, None)]
    traces: list[dict[str, Any]] = [
        {
            "type": "scatter",
            "mode": "lines",
            "x": x,
            "y": y,
            "line": {"width": 5, "color": band_colour(BLUE)},
            "name": "95% interval",
            "hoverinfo": "skip",
        },
        {
            "type": "scatter",
            "mode": "text",
            "x": [r["reliability_high"] for r in rows],
            "y": place,
            "text": [f"\u2002{percent(r['reliability'])}" for r in rows],
            "textposition": "middle right",
            "textfont": {"size": 11},
            "cliponaxis": False,
            "hoverinfo": "skip",
            "showlegend": False,
        },
    ]
    for flagged, colour, symbol, name in (
        (False, BLUE, "diamond", "estimate"),
        (True, VERMILLION, "square", "estimate, flagged"),
    ):
        of = [i for i, r in enumerate(rows) if bool(r["flagged"]) is flagged]
        traces.append(
            {
                "type": "scatter",
                "mode": "markers",
                "x": [rows[i]["reliability"] for i in of],
                "y": [place[i] for i in of],
                "customdata": [rows[i]["annotator"] for i in of],
                "name": name,
                "marker": {"symbol": symbol, "size": 10, "color": colour, "line": {"width": 1.5, "color": colour}},
                "cliponaxis": False,
                "hoverinfo": "text",
                "hovertext": [
                    f"<b>{plain(rows[i]['annotator'], 44)}</b>: {percent(rows[i]['reliability'])}"
                    f" ({between[i]})<br>{counted(rows[i]['estimated_n'], 'label')}"
                    f" compared<br>{plain(rows[i]['flags'] or 'no flag', 80)}"
                    for i in of
                ],
                "selected": {"marker": {"opacity": 1}},
                "unselected": {"marker": {"opacity": 1}},
            }
        )
    traces = [trace for trace in traces if trace["x"]]
    lines = [
        (v, f"{word} {percent(v)}")
        for v, word in ((chance, "guessing"), (usual, "usual here"))
        if v is not None and v == v
    ]
    drawn = [v for v in x if v is not None] + [v for v, _ in lines]
    low, high = (min(drawn) - 0.04, max(drawn) + 0.07) if drawn else (0.0, 1.0)
    bottom = -len(rows) + 0.4
    said = "; ".join(
        f"{r['annotator']} {percent(r['reliability'])} ({b})" for r, b in zip(rows[:12], between, strict=False)
    )
    more = f"; and {counted(len(rows) - 12, 'more row')}" if len(rows) > 12 else ""
    held = "".join(f"; {text}" for _, text in lines)
    return canvas(
        traces,
        alt=(
            "Chance that a label has the right direction, the least reliable first, with 95% intervals."
            f" {said}{more}{held}."
        ),
        height=110 + _ROW * max(len(rows), 1),
        layout={
            "margin": {"l": room_for(names), "r": 24, "t": 30, "b": 60},
            "xaxis": axis(
                "chance that a label has the right direction<br>(number of labels compared)",
                range=[max(low, -0.02), min(high, 1.06)],
                tickformat=".0%",
            ),
            "yaxis": axis(
                tickmode="array", tickvals=place, ticktext=names, range=[bottom, 1.4 if lines else 0.65], showgrid=False
            ),
            "shapes": [
                {
                    "type": "line",
                    "xref": "x",
                    "yref": "y",
                    "x0": v,
                    "x1": v,
                    "y0": bottom,
                    "y1": 0.6,
                    "line": {"width": 1.2, "dash": "dash", "color": GREY},
                }
                for v, _ in lines
            ],
            "annotations": [
                {
                    "x": v,
                    "y": 0.6,
                    "yanchor": "bottom",
                    "xanchor": "center",
                    "text": text,
                    "showarrow": False,
                    "font": {"size": 11, "color": GREY},
                }
                for v, text in lines
            ],
            "clickmode": "event+select",
        },
    )
