"""Costs as tables: for files, and as plain HTML for people, light enough to be drawn anew on every move of a slider."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import pandas as pd

from workbench.economics import INPUTS, BreakEven, Cost, Curve, Plans, Spread, Tornado
from workbench.economics.amounts import amount, dollars
from workbench.economics.fields import CHOICE_TITLES, CHOICE_WORDS, as_shown, in_play
from workbench.economics.information import VotesOrItems
from workbench.economics.inputs import kind_of
from workbench.economics.units import SHARE


def readable_parts(found: Cost) -> pd.DataFrame:
    """Parts of the cost of a pair as text, largest first, and how each comes about."""
    parts = sorted(found.parts, key=lambda p: -p.per_item)
    return pd.DataFrame(
        {
            "Part": [p.name for p in parts],
            "A pair": [dollars(p.per_item) for p in parts],
            "Total": [dollars(p.total) for p in parts],
            "Share": [f"{100 * p.per_item / found.cost_per_item:.0f}%" for p in parts],
            "How it comes about": [p.how for p in parts],
        }
    )


def parts_table(costs: Sequence[Cost]) -> pd.DataFrame:
    """One row a scenario and part: `scenario`, `part`, `per_item`, `total`, `how`."""
    rows = [(c.scenario.name, p.name, p.per_item, p.total, p.how) for c in costs for p in c.parts]
    return pd.DataFrame(rows, columns=["scenario", "part", "per_item", "total", "how"])


def side_by_side(costs: Sequence[Cost]) -> pd.DataFrame:
    """One row a scenario: `scenario`, `pairs`, `cost_per_item`, `total`, `weeks`, `limited_by`, `label_accuracy`,
    `alpha`, `effective_labels`, `cost_per_effective_label`.
    """
    return pd.DataFrame(
        {
            "scenario": [c.scenario.name for c in costs],
            "pairs": [c.pairs for c in costs],
            "cost_per_item": [c.cost_per_item for c in costs],
            "total": [c.total for c in costs],
            "weeks": [c.weeks for c in costs],
            "limited_by": pd.array([c.limited_by for c in costs], dtype="str"),
            "label_accuracy": [c.label_accuracy for c in costs],
            "alpha": [math.nan if c.alpha.value is None else c.alpha.value for c in costs],
            "effective_labels": [c.effective_labels for c in costs],
            "cost_per_effective_label": [
                math.nan if c.cost_per_effective_label is None else c.cost_per_effective_label for c in costs
            ],
        }
    )


def readable_costs(costs: Sequence[Cost]) -> pd.DataFrame:
    """The same as text, for people; weeks that the experts make say so."""
    return pd.DataFrame(
        {
            "Scenario": [c.scenario.name for c in costs],
            "A pair": [dollars(c.cost_per_item) for c in costs],
            "Total": [dollars(c.total) for c in costs],
            "Weeks": [
                f"{c.weeks:.1f}{f' ({c.limited_by})' if c.limited_by == 'experts' else ''}" if c.weeks else "–"
                for c in costs
            ],
            "Right": [f"{100 * c.label_accuracy:.1f}%" for c in costs],
            "Alpha": ["–" if c.alpha.value is None else f"{c.alpha.value:.2f}" for c in costs],
            "Effective labels": [f"{c.effective_labels:,.0f}" for c in costs],
            "Each": ["–" if c.cost_per_effective_label is None else dollars(c.cost_per_effective_label) for c in costs],
        }
    )


def inputs_table(found: Cost) -> pd.DataFrame:
    """Every input: `input`, `title`, `value`, `unit`, `low`, `high`, `measured`, `source`, `date`, `note`."""
    rows = [
        (n, kind_of(n).title, i.value, kind_of(n).unit.name, i.low, i.high, i.measured, i.source, i.date, i.note)
        for n, i in found.scenario.inputs.items()
    ]
    return pd.DataFrame(
        rows, columns=["input", "title", "value", "unit", "low", "high", "measured", "source", "date", "note"]
    )


def readable_inputs(found: Cost) -> pd.DataFrame:
    """Inputs that play a part as text, for people: title, value with its unit, range, date, and where it comes from;
    then the choices.
    """
    used, kept = in_play(found.scenario), found.scenario.inputs
    rows = [
        (
            kind_of(n).title,
            amount(i.value, kind_of(n).unit),
            _range(n, i.low, i.high),
            i.date or "–",
            f"{i.source}{f': {i.note}' if i.note else ''}",
        )
        for n, i in kept.items()
        if n in used
    ]
    rows += [
        (CHOICE_TITLES[n], CHOICE_WORDS[n][c], "–", "–", "chosen")
        for n, c in found.scenario.choices.items()
        if n in used
    ]
    return pd.DataFrame(rows, columns=["Input", "Value", "Range", "Date", "Source"])


def ranges_table(found: Spread) -> pd.DataFrame:
    """Inputs that were drawn at random, as text: title, both ends of the range, and where the draws peak."""
    rows = [
        (kind_of(n).title, amount(low, kind_of(n).unit), amount(high, kind_of(n).unit))
        for n, (low, high) in found.drawn.items()
    ]
    return pd.DataFrame(rows, columns=["Uncertain input", "From", "To"])


def draws_table(found: Spread) -> pd.DataFrame:
    """The figure in every draw."""
    return pd.DataFrame({found.measure: found.draws})


def break_even_table(found: BreakEven) -> pd.DataFrame:
    """Both curves: what is moved, and the figure of either scenario."""
    return pd.DataFrame(
        {
            found.over: found.x,
            f"{found.measure}: {found.one}": found.one_values,
            f"{found.measure}: {found.other}": found.other_values,
        }
    )


def votes_table(found: VotesOrItems) -> pd.DataFrame:
    """Effective labels for $1,000 at each number of labels an item, with votes made one label and with all of them
    kept.
    """
    return pd.DataFrame({"labels_per_item": found.labels, "as_label": found.as_label, "as_votes": found.as_votes})


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
    """One row a scenario and number of pairs: `scenario`, `pairs`, `total`, `cost_per_item`, `weeks`,
    `effective_labels`.
    """
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


def _range(name: str, low: float | None, high: float | None) -> str:
    if low is None or high is None:
        return "–"
    unit = kind_of(name).unit
    return (
        f"{dollars(low)} to {dollars(high)}"
        if unit.name.startswith("$")
        else f"{as_shown(name, low):,.4g} to {as_shown(name, high):,.4g}" + ("%" if unit.name == SHARE.name else "")
    )
