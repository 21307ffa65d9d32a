"""A reward model's scorecard as charts: what it is held against, where it is good, and whether its probabilities mean
what they say.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from workbench.estimates import Estimate
from workbench.figures.canvas import axis, canvas, estimates_table
from workbench.figures.palette import BLUE, GREY, OCHRE, band_colour
from workbench.figures.shares import share_forest
from workbench.reward.calibration import Calibration
from workbench.reward.scorecard import Scorecard
from workbench.reward.verdict_words import ceiling_of
from workbench.wording.numbers import percent

MODEL, LONGER = "This model", "Always the longer text"


def headline_rows(card: Scorecard) -> dict[str, Estimate]:
    """What the model is held against, each with its interval, the model first."""
    rows = {MODEL: card.accuracy, LONGER: card.length_only}
    if card.ceiling is not None:
        people = {
            "One person, against the others' majority": card.ceiling.one_person,
            "One person, against the gold": card.ceiling.against_gold,
            "Ceiling for single labels": card.ceiling.single,
            "Ceiling for the majority of labels": card.ceiling.majority,
        }
        rows |= {name: estimate for name, estimate in people.items() if estimate.value is not None}
    return rows


def headline_chart(card: Scorecard) -> go.Figure:
    """The model beside the length rule and people, as a forest."""
    lines = [(0.5, "a coin")]
    highest = ceiling_of(card)
    if highest is not None and highest.value is not None and card.labels != "gold":
        lines.append((highest.value, "ceiling"))
    return share_forest(headline_rows(card), lines=lines, title="pairs ranked right", digits=1)


def cut_chart(estimates: Mapping[str, Estimate], card: Scorecard) -> go.Figure:
    """Accuracy by one cut of the pairs, beside that of all of them.

    Parameters
    ----------
    estimates : value -> accuracy on its pairs.
    card : whose accuracy over all pairs is the dashed line.
    """
    lines = (
        [(card.accuracy.value, f"all pairs {percent(card.accuracy.value)}")] if card.accuracy.value is not None else []
    )
    return share_forest(estimates, lines=lines, counts="pairs", title="pairs ranked right")


def cuts_of(card: Scorecard) -> dict[str, Mapping[str, Estimate]]:
    """The ways a scorecard cuts the pairs, those that say something: name -> value -> accuracy."""
    cuts: dict[str, Mapping[str, Estimate]] = {
        "Length": card.by_length,
        "Label strength": card.by_strength,
        "Source": card.by_source,
        **{
            f"Slice: {name}": values for name, values in card.by_slice.items() if name != "source" or not card.by_source
        },
        "Kind of annotator": card.against.by_kind,
        "Annotator": card.against.by_annotator,
    }
    if card.left_out is not None:
        cuts["Sources not trained on"] = {"Mean over sources": card.left_out.macro, **card.left_out.by_source}
    return {name: values for name, values in cuts.items() if len(values) > (0 if name == "Kind of annotator" else 1)}


def reliability_diagram(found: Calibration, beside: Calibration | None = None) -> go.Figure:
    """How often the label sides with the model, by how sure the model is; on the dashed line its probabilities mean
    what they say.

    Parameters
    ----------
    found : drawn as diamonds with their 95% intervals.
    beside : another calibration of the same pairs, drawn as open circles without.
    """
    bins = [b for b in found.bins if b.right.value is not None]
    x = [b.confidence for b in bins]
    y = [float(b.right.value) for b in bins if b.right.value is not None]
    up = [b.right.same_crew.high - v if b.right.same_crew else 0.0 for b, v in zip(bins, y, strict=True)]
    down = [v - b.right.same_crew.low if b.right.same_crew else 0.0 for b, v in zip(bins, y, strict=True)]
    low = min([0.5, *(v - d for v, d in zip(y, down, strict=True))]) - 0.02
    traces: list[dict[str, Any]] = [
        {
            "type": "scatter",
            "mode": "lines",
            "x": [0.5, 1.0],
            "y": [0.5, 1.0],
            "line": {"dash": "dash", "width": 1.2, "color": GREY},
            "hoverinfo": "skip",
            "showlegend": False,
        },
        {
            "type": "scatter",
            "mode": "markers",
            "x": x,
            "y": y,
            "name": "as given",
            "error_y": {
                "type": "data",
                "array": up,
                "arrayminus": down,
                "color": band_colour(BLUE),
                "thickness": 2.4,
                "width": 0,
            },
            "marker": {"symbol": "diamond", "size": 10, "color": BLUE},
            "hovertext": [
                f"{b.right.n:,} pairs: {percent(b.confidence, 1)} sure, right in {percent(v, 1)}"
                for b, v in zip(bins, y, strict=True)
            ],
            "hoverinfo": "text",
        },
    ]
    if beside is not None:
        other = [(b.confidence, b.right.value, b.right.n) for b in beside.bins if b.right.value is not None]
        traces.append(
            {
                "type": "scatter",
                "mode": "markers",
                "x": [o[0] for o in other],
                "y": [o[1] for o in other],
                "name": "after temperature scaling",
                "marker": {"symbol": "circle-open", "size": 9, "color": OCHRE, "line": {"width": 1.8, "color": OCHRE}},
                "hovertext": [
                    f"{n:,} pairs: {percent(c, 1)} sure after scaling, right in {percent(v, 1)}" for c, v, n in other
                ],
                "hoverinfo": "text",
            }
        )
    alt = (
        "Reliability diagram. "
        + "; ".join(f"{percent(a)} sure: right in {percent(b)}" for a, b in zip(x, y, strict=True))
        + "."
    )
    return canvas(
        traces,
        alt=alt if bins else "Reliability diagram without a bin: there are too few pairs.",
        height=380,
        layout={
            "xaxis": axis("how sure the model is of the response it prefers", range=[0.49, 1.01], tickformat=".0%"),
            "yaxis": axis("how often the label agrees", range=[max(low, -0.02), 1.03], tickformat=".0%"),
            "margin": {"l": 64, "r": 12, "t": 34, "b": 46},
            "showlegend": beside is not None,
        },
    )


def reliability_table(found: Calibration, scaled: Calibration) -> pd.DataFrame:
    """The bins of both diagrams, one row each."""
    rows = [
        {
            "scaled": after,
            "confidence": b.confidence,
            "right": b.right.value,
            "low": b.right.same_crew.low if b.right.same_crew else None,
            "high": b.right.same_crew.high if b.right.same_crew else None,
            "pairs": b.right.n,
        }
        for after, part in ((False, found), (True, scaled))
        for b in part.bins
    ]
    return pd.DataFrame(rows, columns=["scaled", "confidence", "right", "low", "high", "pairs"])


def scorecard_table(card: Scorecard) -> pd.DataFrame:
    """Every accuracy of a scorecard, one row each, with the cut it belongs to."""
    parts = {"": headline_rows(card), **cuts_of(card)}
    frames = [estimates_table(values, "of").assign(cut=name) for name, values in parts.items()]
    return pd.concat(frames, ignore_index=True)


def models_chart(cards: Mapping[str, Scorecard]) -> go.Figure:
    """Several models below one another, and the length rule of each one's pairs as a row of its own where they differ.

    Parameters
    ----------
    cards : name of the run -> its scorecard.
    """
    rows: dict[str, Estimate] = {name: card.accuracy for name, card in cards.items()}
    rules = {card.length_only.value: card.length_only for card in cards.values()}
    rows |= {LONGER if len(rules) == 1 else f"{LONGER} ({i + 1})": rule for i, rule in enumerate(rules.values())}
    return share_forest(rows, counts="pairs", title="pairs ranked right", digits=1)


def latency_table(measured: Sequence[Mapping[str, Any]], beside: Sequence[Mapping[str, Any]] = ()) -> pd.DataFrame:
    """Scoring time by batch size, as a person reads it; with the 8-bit form beside where it was measured."""
    quick = {int(row["batch"]): row for row in beside}
    rows = []
    for row in measured:
        shown = {
            "Texts at once": int(row["batch"]),
            "Median": f"{row['median']:,.0f} ms",
            "9 of 10 within": f"{row['slow']:,.0f} ms",
            "Texts a second": f"{row['per_second']:,.0f}",
        }
        if beside:
            other = quick.get(int(row["batch"]))
            shown |= {
                "8-bit median": f"{other['median']:,.0f} ms" if other else "–",
                "8-bit texts a second": f"{other['per_second']:,.0f}" if other else "–",
            }
        rows.append(shown)
    return pd.DataFrame(rows)
