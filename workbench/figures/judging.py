"""Figures about judges and plans: leanings, the flow of a plan, and a plan beside other ways to label."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from workbench.economics.amounts import dollars
from workbench.estimates import Estimate
from workbench.figures.canvas import axis, canvas, room_for
from workbench.figures.forest import forest_plot
from workbench.figures.palette import BLUE, GREEN, GREY, OCHRE, PURPLE, VERMILLION, plain, see_through
from workbench.judging.trust import Trust
from workbench.judging.watched import Watched
from workbench.routing.routed import Routed
from workbench.wording.judging import bias_title, error_words


def bias_chart(found: Trust) -> go.Figure:
    """How much more than people the judge leans; an interval that leaves zero out is a leaning."""
    return forest_plot(
        {bias_title(bias.name): bias.excess for bias in found.biases},
        reference=0.0,
        title="Judge less people (shown first: less one half); 0 = no leaning",
    )


def bias_table(found: Trust) -> pd.DataFrame:
    """The leanings as a table."""
    rows = []
    for bias in found.biases:
        i = bias.excess.same_crew
        rows.append(
            {
                "prefers": bias_title(bias.name),
                "judge": bias.judge.value,
                "people": bias.people.value if bias.people else None,
                "excess": bias.excess.value,
                "low": i.low if i else None,
                "high": i.high if i else None,
                "items": bias.excess.n,
                "leaning": bias.found,
            }
        )
    return pd.DataFrame(rows, columns=["prefers", "judge", "people", "excess", "low", "high", "items", "leaning"])


def person_table(found: Trust) -> pd.DataFrame:
    """The judge against each person, with kappa."""
    rows = pd.DataFrame([one.__dict__ for one in found.test.against])
    kappas = found.kappas[["person", "kappa", "kappa_low", "kappa_high"]]
    return rows.merge(kappas, on="person", how="left")


def flow_chart(found: Routed) -> go.Figure:
    """Where the items go: calibration, each tier, people; with dollars and error of each."""
    names = ["Calibration by people", *(t.name for t in found.tiers), "People"]
    counts = [found.calibration, *(t.items for t in found.tiers), found.to_people]
    usd = [found.parts["calibration"], *(t.usd for t in found.tiers), found.parts["people"]]
    errors = ["", *(error_words(t.error) for t in found.tiers), ""]
    colours = [GREY, *([BLUE, GREEN, PURPLE, OCHRE] * (1 + len(found.tiers) // 4))[: len(found.tiers)], VERMILLION]
    # Checks and experts look at items that a tier decided: counted there, paid for here.
    names += ["Random checks by people", "Experts, where these differ"]
    counts += [found.checked, found.disagreed]
    usd += [found.parts["checks"], found.parts["experts"]]
    errors, colours = [*errors, "", ""], [*colours, GREY, GREY]
    if found.unpaid:
        names, counts, usd = [*names, "Without a label"], [*counts, found.unpaid], [*usd, 0.0]
        errors, colours = [*errors, ""], [*colours, GREY]
    text = [
        f"{n:,} items<br>{dollars(cost)}" + (f", error {error}" if error and n else "")
        for n, cost, error in zip(counts, usd, errors, strict=True)
    ]
    trace: dict[str, Any] = {
        "type": "bar",
        "orientation": "h",
        "x": counts,
        "y": [plain(name) for name in names],
        "marker": {"color": [see_through(c, 0.8) for c in colours]},
        "text": text,
        "textposition": "outside",
        "cliponaxis": False,
        "hovertemplate": "<b>%{y}</b>: %{text}<extra></extra>",
    }
    told = [words.replace("<br>", ", ") for words in text]
    alt = "Where the items go. " + "; ".join(f"{name}: {words}" for name, words in zip(names, told, strict=True)) + "."
    return canvas(
        [trace],
        alt=alt,
        height=70 + 44 * len(names),
        layout={
            # Words stand beside the bars, where they can be read on any colour and in both themes.
            "xaxis": axis("items", range=[0, 1.7 * max([1, *counts])], tickformat=",d"),
            "yaxis": axis(autorange="reversed", showgrid=False),
            "margin": {"l": room_for(names), "r": 20, "t": 10, "b": 46},
            "showlegend": False,
        },
    )


def beside_chart(found: Routed) -> go.Figure:
    """Cost and error of the plan beside people only and each judge only; lower left is better."""
    ways = [("this plan", found.usd, found.error), *((b.name, b.usd, b.error) for b in found.beside)]
    known = [(name, usd, error) for name, usd, error in ways if error.value is not None]
    most = max((usd for _, usd, _ in known), default=0.0) or 1.0
    bounds = [(e.value or 0.0, e.same_crew) for _, _, e in known]
    above = [i.high - value if i else 0.0 for value, i in bounds]
    below = [value - i.low if i else 0.0 for value, i in bounds]
    trace: dict[str, Any] = {
        "type": "scatter",
        "mode": "markers+text",
        "x": [usd for _, usd, _ in known],
        "y": [e.value for _, _, e in known],
        "error_y": {"type": "data", "array": above, "arrayminus": below, "color": see_through(GREY, 0.8)},
        "text": _beside_each_other(known, most),
        "customdata": [plain(name) for name, _, _ in known],
        "textposition": ["middle right" if usd <= most / 2 else "middle left" for _, usd, _ in known],
        "marker": {
            "size": 13,
            "color": [BLUE if n == "this plan" else GREY for n, _, _ in known],
            "symbol": ["diamond" if n == "this plan" else "circle" for n, _, _ in known],
        },
        "hovertemplate": "<b>%{customdata}</b>: $%{x:,.2f}, error %{y:.1%}<extra></extra>",
    }
    alt = "Cost and error. " + "; ".join(f"{n}: ${u:,.0f}, error {error_words(e)}" for n, u, e in ways) + "."
    return canvas(
        [trace],
        alt=alt,
        height=340,
        layout={
            "xaxis": axis("$ for all items", range=[-0.03 * most, 1.06 * most], tickformat="$,~r"),
            "yaxis": axis("error", rangemode="tozero", tickformat=".0%"),
            "showlegend": False,
        },
    )


def _beside_each_other(known: Sequence[tuple[str, float, Estimate]], most: float) -> list[str]:
    """Names at their marks; those of marks that lie on each other stand together at the first."""
    said: list[str] = []
    for i, (_, usd, error) in enumerate(known):
        here = [
            j
            for j, (_, u, e) in enumerate(known)
            if abs(u - usd) < 0.02 * most and abs((e.value or 0.0) - (error.value or 0.0)) < 0.015
        ]
        said.append(" = ".join(plain(known[j][0]) for j in here) if i == min(here) else "")
    return said


def routing_table(found: Routed) -> pd.DataFrame:
    """The plan as a table, a row a tier, then people."""
    rows = [
        {
            "tier": t.name,
            "asked": t.asked,
            "decides": t.items,
            "threshold": t.threshold,
            "risk at most": t.upper_bound,
            "error": t.error.value,
            "usd": t.usd,
            "why not": t.reason or "",
        }
        for t in found.tiers
    ]
    people = {"tier": "people", "asked": found.to_people, "decides": found.to_people, "usd": found.parts["people"]}
    nobody = {"tier": "nobody", "decides": found.unpaid, "why not": "the budget does not pay people for these"}
    return pd.DataFrame([*rows, {**people, "why not": ""}, *([nobody] if found.unpaid else [])])


def watched_chart(found: Watched) -> go.Figure:
    """A share after each answer, in bounds that hold at every one of them."""
    n = list(range(1, len(found) + 1))
    step = max(1, len(n) // 500)
    shown = slice(None, None, step)
    bounds: list[dict[str, Any]] = [
        {
            "type": "scatter",
            "mode": "lines",
            "x": n[shown],
            "y": values[shown].tolist(),
            "line": {"width": 0},
            "showlegend": False,
            "hoverinfo": "skip",
            **fill,
        }
        for values, fill in (
            (found.lower, {}),
            (found.upper, {"fill": "tonexty", "fillcolor": see_through(BLUE, 0.2)}),
        )
    ]
    line = {
        "type": "scatter",
        "mode": "lines",
        "x": n[shown],
        "y": found.mean[shown].tolist(),
        "line": {"color": BLUE, "width": 2},
        "name": "so far",
        "customdata": list(zip(found.lower[shown].tolist(), found.upper[shown].tolist(), strict=True)),
        "hovertemplate": "after %{x:,}: %{y:.1%}, surely %{customdata[0]:.1%} to %{customdata[1]:.1%}<extra></extra>",
    }
    alt = (
        f"Share after each of {len(found):,} answers: at the end {found.mean[-1]:.1%}, surely between"
        f" {found.lower[-1]:.1%} and {found.upper[-1]:.1%}."
    )
    return canvas(
        [*bounds, line],
        alt=alt,
        height=260,
        layout={
            "xaxis": axis("answers, in order"),
            "yaxis": axis("share", range=[0, 1], tickformat=".0%"),
            "showlegend": False,
        },
    )


def watched_table(found: Watched) -> pd.DataFrame:
    """The same as a table, a row an answer."""
    return pd.DataFrame(
        {"answer": range(1, len(found) + 1), "so far": found.mean, "low": found.lower, "high": found.upper}
    )
