"""The crew week by week: how often labels look right, and which weeks stand out, in a chart and in a sentence."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from workbench.estimates import Estimate, Interval
from workbench.figures.profile import over_weeks
from workbench.figures.shares import percent


def week_estimates(table: pd.DataFrame) -> dict[str, Estimate]:
    """Share that looks right by week, with the interval of the crew's difference from its other weeks laid around it.

    Parameters
    ----------
    table : of `workbench.annotators.crew_by_week`.
    """
    found = {}
    for row in table.to_dict("records"):
        half = (row["high"] - row["low"]) / 2
        known = half == half
        interval = Interval(max(row["right"] - half, 0.0), min(row["right"] + half, 1.0), "same crew", "t, over annotators") if known else None
        told = row["labels"] > 0
        found[str(row["week"])] = Estimate(
            "looks right", float(row["right"]) if told else None, interval, None, int(row["labels"]),
            reason=None if told else "no label of this week can be held against gold or others",
        )  # fmt: skip
    return found


def crew_weeks(table: pd.DataFrame) -> go.Figure:
    """Share of labels that look right, week by week; below it how many labels there are. Confused weeks carry a mark."""
    calm = table.loc[~table["confused"] & (table["labels"] > 0)]
    usual = float((calm["right"] * calm["labels"]).sum() / calm["labels"].sum()) if len(calm) else None
    figure = over_weeks(week_estimates(table), reference=usual, measure="labels that look right", unit="labels")
    for row in table[table["confused"]].to_dict("records"):
        figure.add_annotation(x=row["week"], y=row["right"], text="confused", showarrow=True, arrowhead=0, ax=0, ay=32)
    return figure


def weeks_sentence(table: pd.DataFrame) -> str:
    """In which weeks the whole crew was worse, by how much, and what that means."""
    confused = table[table["confused"]]
    if len(table) < 2:
        return "The labels lie in fewer than two weeks, so weeks cannot be compared."
    if len(confused) == 0:
        tested = int(table["p_annotators"].notna().sum())
        return f"In none of the {tested} weeks that can be compared was nearly the whole crew worse than usual."
    parts = [f"the week of {row['week']} ({percent(row['right'])} of labels look right, where {percent(row['usual'])} is usual)" for row in confused.to_dict("records")]  # fmt: skip
    return f"Nearly the whole crew was worse in {' and '.join(parts)}: look at what changed then, not at people. Nobody is held to it."
