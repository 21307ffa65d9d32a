"""What labels cost in one scenario: its parts, what they are worth, and every input with its unit, its source and its
date.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from workbench.economics import Cost, Scenario, draw, presets
from workbench.economics.inputs import kind_of
from workbench.economics.sensitivity import Measure, Spread
from workbench.report.contents import Column, Drawing, Figure, Section, Table, of_estimate
from workbench.report.drawing import Row, bars
from workbench.report.written import Span, Unit
from workbench.wording.economics import alpha_sentence, claims_sentences, cost_sentence

NOT_PRICED = "No scenario of what labels cost was given to this report."
_STILL = "no input with a range of its own moves it"
_FIGURES: tuple[tuple[str, Measure | None, str, Unit], ...] = (
    ("cost_per_item", "cost_per_item", "Cost of a usable pair", "money"),
    ("total", "total", "Total", "money"),
    ("weeks", "weeks", "Weeks", "weeks"),
    ("label_accuracy", "accuracy", "Expected accuracy of a label", "share"),
    ("effective_labels", "effective_labels", "Effective labels", "count"),
    ("cost_per_effective_label", "cost_per_effective", "Cost of an effective label", "money"),
)
"""Attribute of the cost, the same among uncertain figures, title, unit."""


def costs_section(found: Cost | str | None, code: str = "") -> Section:
    """What does it cost to label so many pairs this way, and what are they worth?

    Parameters
    ----------
    found : of `workbench.economics.cost(scenario)`, or why there is none.
    code : Python that makes the same as `costs`.
    """
    if found is None or isinstance(found, str):
        return Section(name="costs", title="Costs", absent=found or NOT_PRICED)
    spreads = _spreads(found)
    figures = [
        Figure(
            name=f"costs.{name}",
            title=title,
            value=getattr(found, name),
            python=f"costs.{name}" if code else "",
            unit=unit,
            spans=_span(spreads, measure),
            n=found.pairs,
            counted="pairs",
            reason=None if getattr(found, name) is not None else found.reason,
            measure=name,
            exact="" if getattr(found, name) is None or _span(spreads, measure) else _STILL,
        )
        for name, measure, title, unit in _FIGURES
    ]
    figures.append(
        of_estimate(
            "costs.expected_alpha",
            "Expected alpha of the human labels",
            found.alpha,
            "costs.alpha" if code else "",
            measure="expected_alpha",
        )
    )
    rows = [
        Row(name=p.name, value=p.per_item, beside=f"{100 * p.per_item / (found.cost_per_item or 1.0):.0f}%")
        for p in sorted(found.parts, key=lambda p: -p.per_item)
    ]
    parts = pd.DataFrame(
        [(p.name, p.how, p.per_item, p.total) for p in found.parts], columns=["part", "how", "per_item", "total"]
    )
    inputs = pd.DataFrame(
        [
            (
                i.name,
                i.value,
                kind_of(i.name).unit.name,
                i.source,
                i.date,
                i.low,
                i.high,
                "measured" if i.measured else "",
            )
            for i in found.scenario.inputs.values()
        ],
        columns=["input", "value", "unit", "source", "date", "low", "high", "measured"],
    )
    set_here = ~inputs["source"].str.startswith("not part of this scenario")
    inputs = pd.concat([inputs[set_here], inputs[~set_here]], ignore_index=True)
    money, plain = "money", "plain"
    tables = (
        Table(
            name="cost_parts",
            title="Parts",
            frame=parts,
            columns=(
                Column("part", "Part"),
                Column("how", "How it comes about"),
                Column("per_item", "A pair", money),  # type: ignore[arg-type]
                Column("total", "In all", money),  # type: ignore[arg-type]
            ),
            python="costs.parts" if code else "",
        ),
        Table(
            name="cost_inputs",
            title="Inputs",
            frame=inputs,
            columns=(
                Column("input", "Input", "id"),
                Column("value", "Value", plain),  # type: ignore[arg-type]
                Column("", "Range", plain, low="low", high="high"),  # type: ignore[arg-type]
                Column("unit", "Unit"),
                Column("source", "Source"),
                Column("date", "Date"),
                Column("measured", "From these data"),
            ),
            python="costs.scenario.inputs" if code else "",
            shown=int(set_here.sum()),
            note="Inputs that this scenario leaves at nothing come last.",
        ),
    )
    drawing = Drawing(
        "Where the money goes, dollars a pair",
        bars(
            rows,
            unit="money",
            alt="Parts of the cost of a pair: " + ", ".join(f"{r.name} {r.value:.2f}" for r in rows) + ".",
        ),
    )
    title = found.scenario.title
    says = [
        f"{title[:1].upper()}{title[1:]}. {cost_sentence(found)}",
        alpha_sentence(found),
        *claims_sentences(found),
        *found.scenario.notes,
    ]
    if spreads:
        drawn = next(iter(spreads.values())).drawn
        says.append(
            f"Ranges come from {len(drawn):,} inputs whose own range is known, drawn together; nine in ten draws lie"
            " within. The other inputs stand still."
        )
    return Section(
        name="costs",
        title="Costs",
        says=tuple(s for s in says if s),
        code=code,
        figures=tuple(figures),
        tables=tables,
        drawings=(drawing,) if rows else (),
    )


def costs_code(scenario: Scenario, pairs: int | None = None) -> str:
    """Python that prices a scenario as `costs`: by the name of a preset where it is one as it stands, with the whole
    scenario otherwise.

    >>> from workbench.economics import preset
    >>> print(costs_code(preset("human-1.50"), 5_000))
    from workbench.economics import cost, preset
    <BLANKLINE>
    costs = cost(preset('human-1.50'), 5000)
    """
    many = f", {pairs}" if pairs is not None else ""
    if presets().get(scenario.name) is scenario:
        return f"from workbench.economics import cost, preset\n\ncosts = cost(preset({scenario.name!r}){many})"
    lines = "\n".join(f"    {line!r}," for line in scenario.to_toml().splitlines() if line)
    return (
        f"from workbench.economics import cost, scenario_from\n\ntoml = '\\n'.join([\n{lines}\n])\ncosts ="
        f" cost(scenario_from(toml.encode()){many})"
    )


def _spreads(found: Cost) -> Mapping[Measure, Spread]:
    """Figures under uncertain inputs; none where no input has a range."""
    measures = tuple(m for _, m, _, _ in _FIGURES if m is not None)
    spreads = draw(found.scenario, found.pairs, np.random.default_rng(0), measures=measures)
    return spreads if any(s.drawn for s in spreads.values()) else {}


def _span(spreads: Mapping[Measure, Spread], measure: Measure | None) -> tuple[Span, ...]:
    spread = spreads.get(measure) if measure is not None else None
    if spread is None or not np.isfinite([spread.low, spread.high]).all() or spread.low == spread.high:
        return ()
    return (Span("uncertain inputs", spread.low, spread.high),)
