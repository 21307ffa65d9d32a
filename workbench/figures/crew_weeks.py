"""The crew week by week: how far it was above or below its own other weeks, which weeks stand out, in a chart and in a
sentence.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from workbench.errors import counted
from workbench.estimates import Estimate, Interval
from workbench.figures.canvas import axis, canvas
from workbench.figures.palette import BLUE, GREY, VERMILLION, see_through
from workbench.wording.numbers import number, percent


def week_estimates(table: pd.DataFrame) -> dict[str, Estimate]:
    """How much more of the labels look right in a week than in the same annotators' other weeks: the mean over
    annotators, as a share.

    Parameters
    ----------
    table : of `workbench.annotators.crew_by_week`.
    """
    found = {}
    for row in table.to_dict("records"):
        known = row["low"] == row["low"]
        interval = Interval(row["low"], row["high"], "same crew", "t, over annotators") if known else None
        value = (row["low"] + row["high"]) / 2 if known else None
        if value is None and row["change"] == row["change"]:
            value = float(row["change"])
        few = (
            "too few annotators have labels in this week and in others"
            if row["labels"] > 0
            else "no label of this week can be held against gold or others"
        )
        found[str(row["week"])] = Estimate(
            name="beside other weeks",
            value=value,
            same_crew=interval,
            new_crew=None,
            n=int(row["labels"]),
            reason=None if value is not None else few,
        )
    return found


def crew_weeks(table: pd.DataFrame) -> go.Figure:
    """Points above or below the annotators' own other weeks, week by week; below it how many labels there are. Confused
    weeks are squares with a word.

    The chart is of differences: where others are unsure even good labels look half right, so how often labels look
    right says little by itself.
    """
    estimates = week_estimates(table)
    rows = table.to_dict("records")
    weeks = list(estimates)
    hover = [_hover(row, e) for row, e in zip(rows, estimates.values(), strict=True)]
    traces: list[dict[str, Any]] = []
    for confused, colour, symbol, name in (
        (False, BLUE, "diamond", "difference, with 95% interval"),
        (True, VERMILLION, "square", "confused week"),
    ):
        of = [
            i
            for i, (row, e) in enumerate(zip(rows, estimates.values(), strict=True))
            if bool(row["confused"]) is confused and e.value is not None
        ]
        held = [list(estimates.values())[i] for i in of]
        middle = [100 * float(e.value or 0.0) for e in held]
        reach = [100 * (e.same_crew.high - e.same_crew.low) / 2 if e.same_crew else 0.0 for e in held]
        traces.append(
            {
                "type": "scatter",
                "mode": "markers",
                "x": [weeks[i] for i in of],
                "y": middle,
                "customdata": [weeks[i] for i in of],
                "name": name,
                "error_y": {
                    "type": "data",
                    "array": reach,
                    "color": see_through(colour, 0.6),
                    "thickness": 5,
                    "width": 0,
                },
                "marker": {"symbol": symbol, "size": 10, "color": colour},
                "selected": {"marker": {"opacity": 1}},
                "unselected": {"marker": {"opacity": 1}},
                "hovertext": [hover[i] for i in of],
                "hoverinfo": "text",
            }
        )
    traces = [trace for trace in traces if trace["x"]]
    traces.append(
        {
            "type": "scatter",
            "mode": "lines",
            "x": [None],
            "y": [None],
            "line": {"width": 1.2, "dash": "dash", "color": GREY},
            "name": "as in their other weeks",
        }
    )
    traces.append(
        {
            "type": "bar",
            "x": weeks,
            "y": [e.n for e in estimates.values()],
            "yaxis": "y2",
            "customdata": weeks,
            "marker": {"color": see_through(GREY, 0.55)},
            "selected": {"marker": {"opacity": 1}},
            "unselected": {"marker": {"opacity": 1}},
            "hovertext": hover,
            "hoverinfo": "text",
            "textposition": "none",
            "showlegend": False,
        }
    )
    ends = [0.0] + [100 * b for e in estimates.values() if e.same_crew for b in (e.same_crew.low, e.same_crew.high)]
    ends += [100 * e.value for e in estimates.values() if e.value is not None]
    room = 0.12 * max(max(ends) - min(ends), 5.0)
    return canvas(
        traces,
        alt=_in_words(estimates, table),
        height=380,
        layout={
            "margin": {"l": 64, "r": 12, "t": 34, "b": 40},
            "xaxis": axis(
                anchor="y2",
                showgrid=False,
                type="date",
                tickmode="array",
                tickvals=weeks[:: max(1, -(-len(weeks) // 10))],
                tickformat="%b %-d\n%Y",
            ),
            "yaxis": axis(
                "points beside other weeks",
                domain=[0.34, 1.0],
                range=[min(ends) - room, max(ends) + room],
                tickformat="+d",
                labelalias={"+0": "0"},
            ),
            "yaxis2": axis("labels", domain=[0.0, 0.24], anchor="x", rangemode="tozero", nticks=4, tickformat=","),
            "shapes": [
                {
                    "type": "line",
                    "xref": "paper",
                    "yref": "y",
                    "x0": 0,
                    "x1": 1,
                    "y0": 0,
                    "y1": 0,
                    "line": {"width": 1.2, "dash": "dash", "color": GREY},
                }
            ],
            "annotations": [
                *(
                    {
                        "x": row["week"],
                        "y": 100 * float(e.value),
                        "text": "confused",
                        "showarrow": False,
                        "xshift": 12,
                        "xanchor": "left",
                        "font": {"size": 11},
                    }
                    for row, e in zip(rows, estimates.values(), strict=True)
                    if row["confused"] and e.value is not None
                )
            ],
            "bargap": 0.35,
            "clickmode": "event+select",
        },
    )


def _hover(row: Mapping[Any, Any], estimate: Estimate) -> str:
    counts = (
        f"<b>week of {row['week']}</b><br>{counted(row['labels'], 'label')} by"
        f" {counted(row['annotators'], 'annotator')}"
    )
    if row["right"] != row["right"]:
        return f"{counts}<br>{estimate.reason}"
    usual = f", where {percent(row['usual'])} is usual for them" if row["usual"] == row["usual"] else ""
    return f"{counts}<br>{percent(row['right'])} look right{usual}<br>{points(estimate)}"


def points(estimate: Estimate) -> str:
    """A difference of shares in points, with its interval.

    >>> points(Estimate(name="beside other weeks", value=-0.2, same_crew=Interval(-0.3, -0.1, "same crew", "t")))
    '−20 points (−30 to −10)'
    """
    if estimate.value is None:
        return str(estimate.reason)
    inside = (
        f" ({number(100 * estimate.same_crew.low, 0)} to {number(100 * estimate.same_crew.high, 0)})"
        if estimate.same_crew
        else ""
    )
    return f"{'+' if round(100 * estimate.value) > 0 else ''}{number(100 * estimate.value, 0)} points{inside}"


def _in_words(estimates: dict[str, Estimate], table: pd.DataFrame) -> str:
    known = {week: e for week, e in estimates.items() if e.value is not None}
    marked = list(table.loc[table["confused"], "week"])
    said = "; ".join(f"{week} {points(e)}" for week, e in list(known.items())[:12])
    return (
        "Labels that look right, week by week beside the annotators' own other weeks, in points:"
        f" {said or 'no week can be compared'}. Confused: {', '.join(marked) or 'none'}."
    )


def weeks_sentence(table: pd.DataFrame) -> str:
    """In which weeks the whole crew was worse, by how much, and what that means."""
    confused = table[table["confused"]]
    if len(table) < 2:
        return "The labels lie in fewer than two weeks, so weeks cannot be compared."
    if len(confused) == 0:
        tested = int(table["p_annotators"].notna().sum())
        if tested == 0:
            return "No week has enough labels of the same annotators as others, so weeks cannot be compared."
        if tested == 1:
            return "In the one week that can be compared the crew was not worse than usual."
        return f"In none of the {tested} weeks that can be compared was nearly the whole crew worse than usual."
    parts = [
        f"the week of {row['week']} ({percent(row['right'])} of labels look right, where {percent(row['usual'])} is"
        " usual)"
        for row in confused.to_dict("records")
    ]
    return (
        f"Nearly the whole crew was worse in {' and '.join(parts)}: look at what changed then, not at people. Nobody is"
        " held to it."
    )
