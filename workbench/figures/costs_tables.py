"""Costs as tables: for files, and as plain HTML for people, light enough to be drawn anew on every move of a slider."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from html import escape

import pandas as pd

from workbench.economics import INPUTS, Cost, Curve, Plans, Tornado
from workbench.economics.amounts import dollars
from workbench.economics.inputs import kind_of
from workbench.figures.tables import STYLE


def table_html(frame: pd.DataFrame, words: Sequence[str] = (), chosen: int | None = None) -> str:
    """A table of text as HTML; every cell is escaped.

    Parameters
    ----------
    words : columns of sentences: set to the left, and wrapped.
    chosen : row set in bold.

    >>> "&lt;b&gt;" in table_html(pd.DataFrame({"<b>": ["x"]}))
    True
    """
    kind = [' class="why"' if str(c) in words else "" for c in frame.columns]
    head = "".join(f"<th{k}>{escape(str(c))}</th>" for c, k in zip(frame.columns, kind, strict=True))
    rows = "".join(
        f"<tr{' class=chosen' if i == chosen else ''}>" + "".join(f"<td{k}>{escape(str(v))}</td>" for v, k in zip(row, kind, strict=True)) + "</tr>"
        for i, row in enumerate(frame.itertuples(index=False, name=None))
    )
    return f'{STYLE}<table class="pw-numbers"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>'


def readable_parts(found: Cost) -> pd.DataFrame:
    """Parts of the cost of a pair as text, largest first, and how each comes about."""
    parts = sorted(found.parts, key=lambda p: -p.per_item)
    return pd.DataFrame(
        {
            "Part": [p.name for p in parts],
            "A pair": [dollars(p.per_item) for p in parts],
            "Total": [dollars(p.total) for p in parts],
            "Share": [f"{100 * p.per_item / found.cost_per_item:.0f} %" for p in parts],
            "How it comes about": [p.how for p in parts],
        }
    )


def parts_table(costs: Sequence[Cost]) -> pd.DataFrame:
    """One row a scenario and part: `scenario`, `part`, `per_item`, `total`, `how`."""
    rows = [(c.scenario.name, p.name, p.per_item, p.total, p.how) for c in costs for p in c.parts]
    return pd.DataFrame(rows, columns=["scenario", "part", "per_item", "total", "how"])


def side_by_side(costs: Sequence[Cost]) -> pd.DataFrame:
    """One row a scenario: `scenario`, `pairs`, `cost_per_item`, `total`, `weeks`, `label_accuracy`, `alpha`, `effective_labels`, `cost_per_effective_label`."""
    return pd.DataFrame(
        {
            "scenario": [c.scenario.name for c in costs],
            "pairs": [c.pairs for c in costs],
            "cost_per_item": [c.cost_per_item for c in costs],
            "total": [c.total for c in costs],
            "weeks": [c.weeks for c in costs],
            "label_accuracy": [c.label_accuracy for c in costs],
            "alpha": [math.nan if c.alpha.value is None else c.alpha.value for c in costs],
            "effective_labels": [c.effective_labels for c in costs],
            "cost_per_effective_label": [math.nan if c.cost_per_effective_label is None else c.cost_per_effective_label for c in costs],
        }
    )


def readable_costs(costs: Sequence[Cost]) -> pd.DataFrame:
    """The same as text, for people."""
    return pd.DataFrame(
        {
            "Scenario": [c.scenario.name for c in costs],
            "A pair": [dollars(c.cost_per_item) for c in costs],
            "Total": [dollars(c.total) for c in costs],
            "Weeks": [f"{c.weeks:.1f}" if c.weeks else "–" for c in costs],
            "Right": [f"{100 * c.label_accuracy:.1f} %" for c in costs],
            "Alpha": ["–" if c.alpha.value is None else f"{c.alpha.value:.2f}" for c in costs],
            "Effective labels": [f"{c.effective_labels:,.0f}" for c in costs],
            "Each": ["–" if c.cost_per_effective_label is None else dollars(c.cost_per_effective_label) for c in costs],
        }
    )


def inputs_table(found: Cost) -> pd.DataFrame:
    """Every input: `input`, `value`, `unit`, `low`, `high`, `measured`, `source`, `date`, `note`."""
    rows = [(n, i.value, kind_of(n).unit.name, i.low, i.high, i.measured, i.source, i.date, i.note) for n, i in found.scenario.inputs.items()]
    return pd.DataFrame(rows, columns=["input", "value", "unit", "low", "high", "measured", "source", "date", "note"])


def swings_table(found: Tornado) -> pd.DataFrame:
    """One row an input: `input`, `low`, `high`, `at_low`, `at_high`, `assumed_range`, `decision`."""
    rows = [(s.name, s.low, s.high, s.at_low, s.at_high, s.assumed, INPUTS[s.name].decision) for s in found.swings]
    return pd.DataFrame(rows, columns=["input", "low", "high", "at_low", "at_high", "assumed_range", "decision"])


def plans_table(found: Plans) -> pd.DataFrame:
    """The best plan and the next best, with their settings."""
    plans = [p for p in (found.best, *found.runners_up) if p is not None]
    rows = [
        {
            "pairs": p.cost.pairs,
            "total": p.cost.total,
            "weeks": p.cost.weeks,
            "label_accuracy": p.cost.label_accuracy,
            "effective_labels": p.cost.effective_labels,
            **p.settings,
        }
        for p in plans
    ]
    return pd.DataFrame(rows)


def curves_table(curves: Mapping[str, Curve]) -> pd.DataFrame:
    """One row a scenario and number of pairs: `scenario`, `pairs`, `total`, `cost_per_item`, `weeks`, `effective_labels`."""
    frames = [
        pd.DataFrame(
            {
                "scenario": name,
                "pairs": c.pairs.astype("int64"),
                "total": c.total,
                "cost_per_item": c.cost_per_item,
                "weeks": c.weeks,
                "effective_labels": c.effective_labels,
            }
        )
        for name, c in curves.items()
    ]
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame()
