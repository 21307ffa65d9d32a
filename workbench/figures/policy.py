"""A policy's scorecard as charts: what it is held against, what moved, and where it should have stopped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from workbench.estimates import Estimate
from workbench.figures.canvas import axis, canvas, estimates_table
from workbench.figures.palette import BLUE, GREY, OCHRE, VERMILLION, band_colour, see_through
from workbench.figures.shares import share_forest
from workbench.policy.curve import Curve, Point
from workbench.policy.scorecard import TITLES, PolicyScorecard
from workbench.policy.verdict_words import figure
from workbench.wording.numbers import number, percent

RANKERS = ("accuracy", "reference", "length_only", "reward_model")
RESPONSES = ("kl", "length", "finished", "diversity")


def rankers_chart(card: PolicyScorecard) -> go.Figure:
    """Policy, reference, the length rule and the reward model on the same held-out pairs."""
    return share_forest(rankers(card), lines=[(0.5, "a coin")], title="pairs ranked right", digits=1)


def rankers(card: PolicyScorecard) -> dict[str, Estimate]:
    """What ranks the held-out pairs, the policy first."""
    return {TITLES[name]: found for name in RANKERS if (found := getattr(card, name)) is not None}


def drift_chart(card: PolicyScorecard) -> go.Figure:
    """How the log-probabilities of preferred and other responses moved, with their intervals."""
    rows = {"Preferred responses": card.chosen_drift, "Other responses": card.rejected_drift}
    known = {name: found for name, found in rows.items() if found.value is not None}
    y = list(range(len(known), 0, -1))
    values = [float(found.value or 0.0) for found in known.values()]
    spans = [found.same_crew for found in known.values()]
    traces: list[dict[str, Any]] = [
        {
            "type": "scatter",
            "mode": "markers+text",
            "x": values,
            "y": y,
            "text": [number(v, 1) if v < 0 else f"+{number(v, 1)}" for v in values],
            "textposition": "top center",
            "marker": {"symbol": "diamond", "size": 11, "color": BLUE},
            "error_x": {
                "type": "data",
                "array": [span.high - v if span else 0.0 for span, v in zip(spans, values, strict=True)],
                "arrayminus": [v - span.low if span else 0.0 for span, v in zip(spans, values, strict=True)],
                "color": band_colour(BLUE),
                "thickness": 5,
                "width": 0,
            },
            "hovertext": [str(found) for found in known.values()],
            "hoverinfo": "text",
        }
    ]
    said = "; ".join(f"{name.lower()} {number(v, 1)} nats" for name, v in zip(known, values, strict=True))
    return canvas(
        traces,
        alt=f"Change of the log-probability of a response: {said}." if known else "No log-probabilities were measured.",
        height=190,
        layout={
            "xaxis": axis("change of the log-probability of a response, nats", zeroline=True, zerolinecolor=GREY),
            "yaxis": axis("", tickvals=y, ticktext=list(known), range=[0.4, len(known) + 0.8]),
            "margin": {"l": 150, "r": 12, "t": 12, "b": 46},
            "showlegend": False,
        },
    )


def curve_chart(curve: Curve) -> go.Figure:
    """Win rate, and the reward that was optimised, against KL; the best step is marked, and where it goes down after
    that.
    """
    judged = [point for point in curve.points if point.wins.value is not None]
    traces: list[dict[str, Any]] = []
    if judged:
        traces += _line(judged, "wins", "win rate", BLUE, "circle")
        traces.append(_best(judged, curve))
    rewarded = [point for point in curve.points if point.reward.value is not None]
    if rewarded:
        traces += [{**trace, "yaxis": "y2"} for trace in _line(rewarded, "reward", "optimised", OCHRE, "square-open")]
    layout: dict[str, Any] = {
        "xaxis": axis("KL divergence from the reference, nats a response", rangemode="tozero"),
        "yaxis": axis("win rate against the reference", tickformat=".0%", range=[-0.02, 1.02]),
        "margin": {"l": 64, "r": 64 if rewarded else 12, "t": 34, "b": 46},
        "showlegend": bool(rewarded),
        "legend": {"orientation": "h", "y": 1.12, "x": 0},
    }
    if rewarded:
        layout["yaxis2"] = axis("reward that was optimised", overlaying="y", side="right", showgrid=False)
    if judged:
        line = {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": 0.5, "y1": 0.5}
        layout["shapes"] = [{**line, "line": {"width": 1.2, "dash": "dash", "color": GREY}}]
    return canvas(traces, alt=_curve_words(curve, judged, rewarded), height=360, layout=layout)


def _line(points: Sequence[Point], name: str, title: str, colour: str, symbol: str) -> list[dict[str, Any]]:
    found: list[Estimate] = [getattr(point, name) for point in points]
    values = [float(each.value or 0.0) for each in found]
    spans = [each.same_crew for each in found]
    return [
        {
            "type": "scatter",
            "mode": "lines+markers",
            "name": title,
            "x": [point.kl.value for point in points],
            "y": values,
            "line": {"color": colour, "width": 1.6},
            "marker": {"symbol": symbol, "size": 8, "color": colour},
            "error_y": {
                "type": "data",
                "array": [span.high - v if span else 0.0 for span, v in zip(spans, values, strict=True)],
                "arrayminus": [v - span.low if span else 0.0 for span, v in zip(spans, values, strict=True)],
                "color": see_through(colour, 0.4),
                "thickness": 2,
                "width": 0,
            },
            "hovertext": [
                f"step {point.step:,}: KL {number(point.kl.value, 2)} nats, {title} {_shown(name, value)}"
                for point, value in zip(points, values, strict=True)
            ],
            "hoverinfo": "text",
        }
    ]


def _shown(name: str, value: float) -> str:
    return percent(value) if name == "wins" else number(value, 2)


def _best(points: Sequence[Point], curve: Curve) -> dict[str, Any]:
    best = next(point for point in points if point.step == curve.best)
    return {
        "type": "scatter",
        "mode": "markers+text",
        "name": "best",
        "x": [best.kl.value],
        "y": [best.wins.value],
        "text": [f"best: step {best.step:,}"],
        "textposition": "top right",
        "marker": {"symbol": "star", "size": 15, "color": VERMILLION if curve.over_optimised else BLUE},
        "hoverinfo": "skip",
        "showlegend": False,
    }


def _curve_words(curve: Curve, judged: Sequence[Point], rewarded: Sequence[Point]) -> str:
    if not judged and not rewarded:
        kl = ", ".join(f"step {p.step:,} {number(p.kl.value, 2)}" for p in curve.points)
        return f"KL divergence from the reference by step, judged by nobody: {kl}."
    shown = judged or rewarded
    name = "wins" if judged else "reward"
    parts = "; ".join(
        f"step {p.step:,} at {number(p.kl.value, 2)} nats: {_shown(name, float(getattr(p, name).value))}" for p in shown
    )
    best = f" Best at step {curve.best:,}." if curve.best is not None else ""
    return f"{'Win rate' if judged else 'Reward'} against KL. {parts}.{best}"


def curve_table(curve: Curve) -> pd.DataFrame:
    """The points of the curve, one row a step."""
    rows = []
    for point in curve.points:
        row: dict[str, Any] = {"step": point.step}
        for name in ("kl", "wins", "reward", "length"):
            found: Estimate = getattr(point, name)
            row[name] = found.value
            row[f"{name}_low"] = found.same_crew.low if found.same_crew else None
            row[f"{name}_high"] = found.same_crew.high if found.same_crew else None
        rows.append(row)
    return pd.DataFrame(rows)


def responses_table(card: PolicyScorecard) -> pd.DataFrame:
    """What happened to responses: before, after and the change, each with its interval; as people read it."""
    words = {"length": "Tokens", "finished": "Come to an end", "diversity": "Distinct word pairs"}
    rows = []
    for name, title in words.items():
        parts = {when: getattr(card, f"{name}_{when}", None) for when in ("before", "after", "change")}
        if parts["before"] is None:
            continue
        shown = {when: figure(f"{name}_{when}", found) if found is not None else "–" for when, found in parts.items()}
        rows.append(
            {"Responses": title, "Reference": shown["before"], "Policy": shown["after"], "Change": shown["change"]}
        )
    return pd.DataFrame(rows, columns=["Responses", "Reference", "Policy", "Change"])


def policy_table(card: PolicyScorecard) -> pd.DataFrame:
    """Every figure of a scorecard, one row each."""
    found = {TITLES[name]: estimate for name, estimate in card.estimates.items()}
    if card.wins is not None:
        found[f"Win rate by {card.wins.judge}"] = card.wins.rate
    return estimates_table(found, "of")


def policies_chart(cards: Mapping[str, PolicyScorecard]) -> go.Figure:
    """Several policies below one another.

    Parameters
    ----------
    cards : name of the run -> its scorecard.
    """
    rows = {name: card.accuracy for name, card in cards.items()}
    return share_forest(rows, lines=[(0.5, "a coin")], counts="pairs", title="pairs ranked right", digits=1)
