"""Costs as the command line prints them for people: the sentence first, then short tables of text."""

from __future__ import annotations

from collections.abc import Sequence

from workbench.economics.amounts import amount, dollars
from workbench.economics.cost import Cost
from workbench.economics.inputs import kind_of
from workbench.wording.economics import (
    alpha_sentence,
    claims_sentences,
    comparison_sentence,
    cost_sentence,
    name_of,
    notes_of,
    title_of,
)


def printed(found: Cost) -> str:
    """A cost as the command line prints it for people: the sentence, then the parts."""
    width = max((len(part.name) for part in found.parts), default=0)
    lines = [f"{found.scenario.name}: {title_of(found.scenario)}", "", cost_sentence(found), alpha_sentence(found), ""]
    lines += [
        f"  {part.name:<{width}}  {dollars(part.per_item):>12} a pair  {dollars(part.total):>14}   {part.how}"
        for part in found.parts
    ]
    lines += [f"  {'in all':<{width}}  {dollars(found.cost_per_item):>12} a pair  {dollars(found.total):>14}"]
    claims = claims_sentences(found)
    lines += ["", *claims] if claims else []
    notes = notes_of(found.scenario)
    lines += ["", *(f"Note: {note}" for note in notes)] if notes else []
    lines += ["", f"Source: {found.scenario.source}" + (f", {found.scenario.date}." if found.scenario.date else ".")]
    own = [each for each in found.scenario.inputs.values() if each.measured]
    lines += [f"Measured: {each.name} {amount(each.value, kind_of(each.name).unit)} ({each.note})." for each in own]
    return "\n".join(lines)


def printed_side_by_side(costs: Sequence[Cost]) -> str:
    """Several costs under each other, one line each."""
    width = max(len(name_of(c)) for c in costs)
    head = f"{'':<{width}}  {'a pair':>10} {'total':>14} {'weeks':>7} {'right':>7} {'effective':>12} {'each':>10}"
    rows = [
        f"{name_of(c):<{width}}  {dollars(c.cost_per_item):>10} {dollars(c.total):>14} {c.weeks:>7.1f}"
        f" {c.label_accuracy:>7.1%} {c.effective_labels:>12,.0f}"
        f" {dollars(c.cost_per_effective_label) if c.cost_per_effective_label is not None else '–':>10}"
        for c in costs
    ]
    return "\n".join([head, *rows, "", comparison_sentence(costs)])
