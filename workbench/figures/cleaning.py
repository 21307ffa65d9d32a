"""What cleaning changes, as a sentence, a chart and a table: before, after, and as many set aside at random."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from workbench.cleaning import Compared, Effect
from workbench.estimates import Estimate, Interval
from workbench.figures.canvas import axis, bounds, canvas, number
from workbench.figures.palette import BLUE, GREEN, GREY, VERMILLION, see_through
from workbench.figures.words import short

NOW, BEFORE, AFTER, RANDOM = "Now", "Before", "After", "As many at random"
_ROWS = {NOW: 0, BEFORE: 0, AFTER: -1, RANDOM: -2}


def cleaning_sentence(effect: Effect) -> str:
    """What the rules do to agreement, as one would tell a colleague."""
    before, after = effect.alpha_before, effect.alpha_after
    if effect.n_set_aside == 0:
        base = f"alpha is {short(before.value)}" if before.value is not None else f"alpha is undefined: {before.reason}"
        verb = "Nothing is set aside yet" if not effect.cleaning.chosen else "These rules set nothing aside"
        return f"{verb}: {base}, for {effect.before.labels:,} labels of {effect.before.items:,} items by {effect.before.annotators:,} annotators."
    if effect.nothing_left:
        return f"Nothing is left: these rules set all {effect.before.labels:,} labels aside. Lower a threshold, or keep annotators in by name."
    what = f"Setting aside {_what(effect)}"
    if after.value is None:
        return f"{what} leaves alpha undefined: {after.reason}."
    if before.value is None:
        return f"{what} gives alpha a value, {short(after.value)}; before, {before.reason}."
    change = after.value - before.value
    if short(after.value) == short(before.value):
        moved = f"leaves alpha at {short(before.value)}"
    else:
        moved = f"{'raises' if change > 0 else 'lowers'} alpha from {short(before.value)} to {short(after.value)}"
    return f"{what} {moved}{_beside_random(effect, change)}."


def gold_sentence(effect: Effect) -> str:
    """What the rules do to the labels, measured on gold; empty where there is none."""
    before, after, change = effect.gold_before, effect.gold_after, effect.gold_change
    if before.value is None or effect.n_set_aside == 0:
        return "" if before.value is None else f"On gold, the labels name the right side of {_percent(before.value)} of {before.n:,} items."
    if after.value is None or change.value is None or change.same_crew is None:
        return f"No item with gold keeps a label ({before.n:,} had one)."
    seen = f"On the {change.n:,} gold items with a label before and after, the labels get {_points(change.value)} better"
    if change.value < 0:
        seen = seen.replace(_points(change.value) + " better", _points(-change.value) + " worse")
    if change.value == 0:
        seen = f"On the {change.n:,} gold items with a label before and after, the labels are as often right as before"
    at_random = ""
    if effect.placebo and effect.placebo.gold:
        at_random = f"; as many set aside at random change that by {_points(effect.placebo.gold.mean, signed=True)}"
    return f"{seen} (95 % interval {100 * change.same_crew.low:+.1f} to {100 * change.same_crew.high:+.1f}){at_random}.".replace("-", "−")


def flips_sentence(effect: Effect) -> str:
    """How many labels change."""
    f = effect.flips
    if effect.n_set_aside == 0 or effect.nothing_left:
        return ""
    said = f"{f.label:,} of {f.items:,} labels change, {f.direction:,} of them sides" if f.label else "No label changes"
    lost = f"; {f.lost:,} items are left without a label" if f.lost else ""
    random = effect.placebo.flips if effect.placebo else None
    return f"{said}{lost}." + (f" At random {_percent(random, 1)} of the labels change." if random is not None and f.label else "")


def money_sentence(effect: Effect) -> str:
    """What was paid for what is set aside; empty where no price is given."""
    if not effect.cost_per_label or effect.spent is None or effect.spent_in_all is None:
        return ""
    return f"{effect.spent:,.2f} of the {effect.spent_in_all:,.2f} paid so far went for what is set aside."


def cleaning_chart(effect: Effect) -> go.Figure:
    """Before, after, and each random removal: agreement, and beside it the labels' accuracy on gold where there is gold.

    Thick bars are intervals for this crew, thin lines with caps for a new one; the diamond is the value. Of the random removals every draw
    is a tick and their mean the diamond.
    """
    placebo = effect.placebo
    panels = [("alpha (1 = perfect agreement, 0 = chance)", effect.alpha_before, effect.alpha_after, placebo.alpha if placebo else None)]
    if effect.gold_before.value is not None:
        panels.append(("right sides on gold", effect.gold_before, effect.gold_after, placebo.gold if placebo else None))
    traces: list[dict[str, Any]] = []
    layout: dict[str, Any] = {"margin": {"l": 128, "r": 12, "t": 8, "b": 44}, "showlegend": False}
    width = 1.0 if len(panels) == 1 else 0.44
    for i, (title, before, after, drawn) in enumerate(panels):
        suffix = "" if i == 0 else str(i + 1)
        place = {"xaxis": f"x{suffix}", "yaxis": "y"}
        marks, bars = _panel(before, after if effect.n_set_aside else None, drawn, i == 1)
        traces += [{**t, **place} for t in marks]
        layout.setdefault("shapes", []).extend({**bar, "xref": place["xaxis"], "yref": "y"} for bar in bars)
        reach = _reach(before, after, drawn, share=i == 1)
        layout[f"xaxis{suffix}"] = axis(title, range=reach, domain=[i * (1 - width), i * (1 - width) + width], tickformat=".0%" if i else None)
        if before.value is not None:
            line = {"width": 1.2, "dash": "dash", "color": GREY}
            layout["shapes"].append({"type": "line", "xref": place["xaxis"], "yref": "y", "x0": before.value, "x1": before.value, "y0": -2.4, "y1": 0.4, "line": line})  # fmt: skip
    moved = effect.n_set_aside > 0
    names = [BEFORE, AFTER, *([RANDOM] if placebo else [])] if moved else [NOW]
    layout["yaxis"] = axis(tickmode="array", tickvals=[_ROWS[n] for n in names], ticktext=names, range=[-len(names) + 0.5, 0.5], showgrid=False)
    return canvas(traces, alt=_in_words(effect), height=75 + 45 * len(names), layout=layout)


def effect_table(effect: Effect) -> pd.DataFrame:
    """Every figure before and after, with its change and the change at random.

    Returns
    -------
    One row a figure: `figure`, `before`, `after`, `change`, `at_random` (mean change), `random_low`, `random_high` (smallest and largest draw), NaN where
    undefined.
    """
    b, a, placebo = effect.before, effect.after, effect.placebo
    rows: list[tuple[str, float | None, float | None, float | None, Compared | None]] = []

    def add(name: str, before: float | None, after: float | None, change: float | None = None, drawn: Compared | None = None) -> None:
        rows.append((name, before, after, change if change is not None else None if before is None or after is None else after - before, drawn))

    add("Judgements", b.annotations, a.annotations)
    add("Labels that count", b.labels, a.labels)
    add("Annotators", b.annotators, a.annotators)
    add("Items with a label", b.items, a.items)
    add("Items with two labels or more", b.overlapping, a.overlapping)
    add("Labels per item", b.labels_per_item, a.labels_per_item)
    add("Krippendorff's alpha", effect.alpha_before.value, effect.alpha_after.value, None, placebo.alpha if placebo else None)
    if effect.gold_before.value is not None:
        add("Right sides on gold", effect.gold_before.value, effect.gold_after.value)
        add("Right sides on gold, same items", None, None, effect.gold_change.value, placebo.gold if placebo else None)
    return pd.DataFrame(
        {
            "figure": pd.array([r[0] for r in rows], dtype="str"),
            "before": [_or_nan(r[1]) for r in rows],
            "after": [_or_nan(r[2]) for r in rows],
            "change": [_or_nan(r[3]) for r in rows],
            "at_random": [_or_nan(r[4].mean if r[4] else None) for r in rows],
            "random_low": [_or_nan(min(r[4].changes) if r[4] else None) for r in rows],
            "random_high": [_or_nan(max(r[4].changes) if r[4] else None) for r in rows],
        }
    )


def readable_table(effect: Effect) -> pd.DataFrame:
    """The same as text, for people."""
    table = effect_table(effect)
    share = table["figure"].str.startswith("Right sides")
    whole = table["figure"].isin(["Judgements", "Labels that count", "Annotators", "Items with a label", "Items with two labels or more"])

    def text(value: float, i: int, signed: bool = False) -> str:
        if math.isnan(value):
            return "–"
        sign = "+" if signed and value > 0 else ""
        if whole[i]:
            return f"{sign}{value:,.0f}".replace("-", "−")
        if share[i]:
            return sign + (_points(value) if signed else _percent(value, 1))
        return sign + number(value, 3)

    shown = pd.DataFrame({"": table["figure"]})
    for column, title, signed in (
        ("before", "Before", False),
        ("after", "After", False),
        ("change", "Change", True),
        ("at_random", "Change at random", True),
    ):
        shown[title] = [text(v, i, signed) for i, v in enumerate(table[column])]
    return shown


def _what(effect: Effect) -> str:
    named = len(effect.annotators_gone)
    rest = effect.n_set_aside - effect.by_annotator
    total = f"of {effect.before.annotations:,} judgements"
    if named:
        some = f"{named:,} of {max(effect.before.annotators, named):,} annotators"
        return f"{some} and {rest:,} more {total}" if rest else some
    return f"{effect.n_set_aside:,} {total}"


def _beside_random(effect: Effect, change: float) -> str:
    placebo = effect.placebo
    if placebo is None or placebo.alpha is None:
        return ""
    drawn = placebo.alpha
    where, more = drawn.beyond(change), drawn.advantage(change)
    if where == "within":
        return f", no more than setting aside as many at random can do ({_signed(min(drawn.changes))} to {_signed(max(drawn.changes))})"
    return f", {short(abs(more))} {'more' if more > 0 else 'less'} than setting aside as many at random"


def _panel(before: Estimate, after: Estimate | None, drawn: Compared | None, percent: bool) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Traces and shapes of one panel: one trace a kind of mark, because a slider waits for each of them."""
    rise = after is not None and (after.value or 0.0) >= (before.value or 0.0)
    rows = [(0, before, GREY), (-1, after, GREEN if rise else VERMILLION)]
    known = [(row, e, colour) for row, e, colour in rows if e is not None]
    reach = [(row, e.new_crew) for row, e, _ in known if e.new_crew is not None]
    bars = [_bar(row, e.same_crew, colour) for row, e, colour in known if e.same_crew is not None]
    points = [(e.value, row, colour, _value(e.value, percent), _hover(e, percent)) for row, e, colour in known if e.value is not None]
    said = [(before.value or 0.5, row, e.reason) for row, e, _ in known if e.value is None and row == -1]
    traces: list[dict[str, Any]] = []
    if reach:
        x = [v for _, i in reach for v in (i.low, i.high, None)]
        marker = {"symbol": "line-ns-open", "size": 11, "color": GREY, "line": {"width": 1.8, "color": GREY}}
        traces.append({"type": "scatter", "mode": "lines+markers", "x": x, "y": [v for row, _ in reach for v in (row, row, None)], "hoverinfo": "skip",
                       "line": {"width": 1.8, "color": GREY}, "marker": marker})  # fmt: skip
    if drawn is not None and before.value is not None:
        draws = [before.value + c for c in drawn.changes]
        middle = before.value + drawn.mean
        traces.append({"type": "scatter", "mode": "markers", "x": draws, "y": [-2] * len(draws), "hovertemplate": "a random removal: %{x:.3f}<extra></extra>",
                       "marker": {"symbol": "line-ns-open", "size": 13, "line": {"width": 1.6, "color": see_through(BLUE, 0.65)}, "color": BLUE}})  # fmt: skip
        points.append((middle, -2, BLUE, _value(middle, percent), f"mean of {len(draws)} random removals: {middle:.3f}"))
    if points:
        x, y, colour, text, hover = (list(column) for column in zip(*points, strict=True))
        traces.append({"type": "scatter", "mode": "markers+text", "x": x, "y": y, "text": text, "textposition": "top right", "cliponaxis": False,
                       "marker": {"symbol": "diamond", "size": 11, "color": colour}, "hovertext": hover, "hoverinfo": "text"})  # fmt: skip
    for place, row, reason in said:
        traces.append({"type": "scatter", "mode": "text", "x": [place], "y": [row], "text": [reason], "hoverinfo": "skip"})
    return traces, bars


def _bar(row: int, interval: Interval, colour: str) -> dict[str, Any]:
    return {"type": "rect", "x0": interval.low, "x1": interval.high, "y0": row - 0.1, "y1": row + 0.1, "line": {"width": 0}, "fillcolor": see_through(colour, 0.45), "layer": "below"}  # fmt: skip


def _hover(estimate: Estimate, percent: bool) -> str:
    said = f"{_value(estimate.value or 0.0, percent)}<br>this crew {bounds(estimate.same_crew)}"
    return said if percent else f"{said}<br>new crew {bounds(estimate.new_crew)}"


def _reach(before: Estimate, after: Estimate, drawn: Compared | None, share: bool) -> list[float]:
    seen = [e.value for e in (before, after) if e.value is not None]
    seen += [bound for e in (before, after) for i in (e.same_crew, e.new_crew) if i is not None for bound in (i.low, i.high)]
    if drawn is not None and before.value is not None:
        seen += [before.value + c for c in drawn.changes]
    low, high = min(seen, default=0.0), max(seen, default=1.0)
    pad = 0.06 * max(high - low, 0.1)
    # Ends at round tenths, so that the axis stands still under a moving threshold.
    low, high = math.floor((low - pad) * 10) / 10, math.ceil((high + pad) * 10) / 10
    return [max(low, -0.03 if share else -1.05), min(high, 1.03 if share else 1.05)]


def _in_words(effect: Effect) -> str:
    said: Sequence[str] = [s for s in (cleaning_sentence(effect), gold_sentence(effect)) if s]
    return "Before, after and random removals. " + " ".join(said)


def _value(value: float, percent: bool) -> str:
    return _percent(value, 1) if percent else number(value)


def _percent(value: float, digits: int = 0) -> str:
    return f"{100 * value:.{digits}f} %".replace("-", "−")


def _points(value: float, signed: bool = False) -> str:
    text = f"{100 * value:+.1f}" if signed else f"{100 * value:.1f}"
    return text.replace("-", "−") + " points"


def _signed(value: float) -> str:
    text = short(value)
    return "0" if text in (".00", "−.00") else text if text.startswith("−") else f"+{text}"


def _or_nan(value: float | None) -> float:
    return math.nan if value is None else float(value)
