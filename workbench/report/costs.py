"""What labels cost: one scenario, its parts, and every input with its unit, its source and its date."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from workbench.figures.palette import BLUE
from workbench.report.contents import Column, Drawing, Figure, Section, Span, Table, Unit
from workbench.report.drawing import Row, bars

_FIGURES: tuple[tuple[str, str, Unit, str], ...] = (
    ("cost_per_item", "Cost of a usable item, dollars", "money", "cost_per_item"),
    ("total", "Total, dollars", "money", "cost_total"),
    ("weeks", "Weeks", "plain", "weeks"),
    ("label_accuracy", "Expected accuracy of a label", "share", "label_accuracy"),
    ("effective_labels", "Effective labels", "count", "effective_labels"),
    ("cost_per_effective_label", "Cost of an effective label, dollars", "money", "cost_per_effective_label"),
)
"""Key in the summary, title, unit, entry in the glossary."""


def costs_section(summary: Mapping[str, Any] | None, code: str = "") -> Section:
    """What does it cost to label so many pairs this way?

    Parameters
    ----------
    summary : what the command `costs --json` prints: `scenario`, `pairs`, `cost_per_item`, `total`, `weeks`, `label_accuracy`, `effective_labels`,
        `cost_per_effective_label`, `parts` (name -> dollars), `inputs` (name -> value, unit, source, date), and where inputs are uncertain
        `ranges` (key -> low and high).
    code : Python that makes the same mapping as `costs`.
    """
    if summary is None:
        return Section("costs", "Costs", absent="No scenario was given to this report; name one with --scenario.")
    pairs = int(summary["pairs"])
    ranges: Mapping[str, Any] = summary.get("ranges") or {}
    figures = []
    for key, title, unit, measure in _FIGURES:
        value = summary.get(key)
        span = (Span("uncertain inputs", float(ranges[key][0]), float(ranges[key][1])),) if key in ranges else ()
        figures.append(Figure(f"costs.{key}", title, value, f"costs[{key!r}]" if code else "", unit, span, pairs, counted="pairs", reason=None if value is not None else "the scenario does not say", measure=measure))  # fmt: skip
    parts = {str(k): float(v) for k, v in dict(summary.get("parts") or {}).items()}
    whole = sum(parts.values()) or 1.0
    rows = [
        Row(k.replace("_", " "), v, beside=f"{100 * v / whole:.0f} %", colour=BLUE) for k, v in sorted(parts.items(), key=lambda p: -p[1]) if v > 0
    ]
    inputs = _inputs(summary.get("inputs") or {})
    columns = (
        Column("input", "Input"),
        Column("value", "Value", "plain"),
        Column("unit", "Unit"),
        Column("source", "Source"),
        Column("date", "Date"),
    )
    tables = [
        Table("cost_parts", "Parts", pd.DataFrame({"part": list(parts), "dollars": list(parts.values())}), (Column("part", "Part"), Column("dollars", "Dollars", "money")), "costs['parts']" if code else ""),
        Table("cost_inputs", "Inputs", inputs, columns, "costs['inputs']" if code else "", 80),
    ]  # fmt: skip
    name = str(summary.get("title") or summary.get("scenario") or "the scenario")
    total, each = summary.get("total"), summary.get("cost_per_item")
    said = f"{name}: {pairs:,} pairs" + (f" cost {total:,.0f} dollars" if total is not None else "") + (f", {each:,.3g} a usable item" if each is not None else "") + "."  # fmt: skip
    drawings = (Drawing("Where the money goes, dollars", bars(rows, unit="money", alt="Parts of the cost: " + ", ".join(f"{r.name} {r.value:,.2f}" for r in rows) + ".")),) if rows else ()  # fmt: skip
    return Section("costs", "Costs", (said,), code, tuple(figures), tuple(tables), drawings)


def _inputs(inputs: Any) -> pd.DataFrame:
    """Inputs as rows, from a mapping of name to its particulars or from a list of them."""
    listed = [{"input": name, **dict(each)} for name, each in inputs.items()] if isinstance(inputs, Mapping) else [dict(each) for each in inputs]
    rows = [
        (str(i.get("input") or i.get("name") or ""), i.get("value"), str(i.get("unit") or ""), str(i.get("source") or ""), str(i.get("date") or ""))
        for i in listed
    ]
    return pd.DataFrame(rows, columns=["input", "value", "unit", "source", "date"])
