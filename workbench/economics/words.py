"""Costs said in sentences and short tables of text: what people read before any chart."""

from __future__ import annotations

from collections.abc import Sequence

from workbench.economics.amounts import amount, dollars, percent, spans, value
from workbench.economics.break_even import PAIRS, BreakEven
from workbench.economics.cost import Cost, against_claims
from workbench.economics.information import VotesOrItems
from workbench.economics.inputs import INPUTS, kind_of
from workbench.economics.plans import Plan, Plans
from workbench.economics.sensitivity import MEASURES, Spread, Tornado


def cost_sentence(found: Cost) -> str:
    """The verdict: what it comes to, and what it is worth.

    >>> from workbench.economics import cost, preset
    >>> cost_sentence(cost(preset("human-gold"), 10_000))
    '10,000 usable pairs cost $78,824 and take 1.4 weeks, limited by experts: $7.88 a pair, of which 57 % is for the labels themselves. Labels will be right 95.1 % of the time, so they teach as much as 8,134 labels without noise, at $9.69 each.'
    """
    p = {part.name: part.per_item for part in found.parts}
    labels = p.get("labels", 0.0) + p.get("redundancy", 0.0) + p.get("AI judges", 0.0)
    share = (
        f", of which {labels / found.cost_per_item:.0%} is for the labels themselves".replace("%", " %")
        if 0 < labels < 0.995 * found.cost_per_item
        else ""
    )
    slow = ", limited by experts" if found.limited_by == "experts" else ""
    took = f" and take {spans(found.weeks)}{slow}" if found.weeks > 0 else ", with no human work"
    first = f"{found.pairs:,} usable {_pairs(found.pairs)} cost {dollars(found.total)}{took}: {dollars(found.cost_per_item)} a pair{share}."
    if found.cost_per_effective_label is None:
        return f"{first} The labels teach nothing: {found.reason}."
    worth = f"they teach as much as {found.effective_labels:,.0f} labels without noise, at {dollars(found.cost_per_effective_label)} each"
    return f"{first} Labels will be right {100 * found.label_accuracy:.1f} % of the time, so {worth}."


def alpha_sentence(found: Cost) -> str:
    """Which alpha to expect, between which bounds."""
    a = found.alpha
    if a.value is None or a.same_crew is None:
        return f"No alpha can be computed from these labels: {a.reason}."
    new = f", and {a.new_crew.low:.2f} to {a.new_crew.high:.2f} for a new one" if a.new_crew else ""
    return f"Expect a Krippendorff's alpha of {a.value:.2f} among people, measured as {a.same_crew.low:.2f} to {a.same_crew.high:.2f} for this crew{new}, from {a.n:,} items with two labels or more."


def claims_sentences(found: Cost) -> list[str]:
    """What the source says, beside what these inputs give, where the two differ."""
    names = {
        "cost_per_pair": "a pair",
        "total": "in all",
        "weeks": "weeks",
        "kappa": "kappa",
        "annotators": "annotators",
        "pairs_a_day": "pairs a day",
    }
    money = ("cost_per_pair", "total")
    lines = []
    for name, (said, ours) in against_claims(found).items():
        shown = [dollars(v) if name in money else f"{v:,.2f}".rstrip("0").rstrip(".") for v in (said, ours) if v is not None]
        if len(shown) == 2 and shown[0] == shown[1]:
            continue
        lines.append(f"The source says {shown[0]} {names.get(name, name)}" + (f"; these inputs give {shown[1]}." if len(shown) == 2 else "."))
    return lines


def comparison_sentence(costs: Sequence[Cost]) -> str:
    """Who is cheapest, a pair and for what it teaches."""
    if len(costs) < 2:
        return ""
    cheap = min(costs, key=lambda c: c.cost_per_item)
    worth = [c for c in costs if c.cost_per_effective_label is not None]
    if not worth:
        return f"{cheap.scenario.name} is the cheapest a pair, at {dollars(cheap.cost_per_item)}."
    best = min(worth, key=lambda c: c.cost_per_effective_label or 0.0)
    accurate = max(costs, key=lambda c: c.label_accuracy)
    first = f"{cheap.scenario.name} is the cheapest a pair, at {dollars(cheap.cost_per_item)}"
    second = (
        f"{'it' if best is cheap else best.scenario.name} is also the cheapest for what it teaches"
        if best is cheap
        else f"{best.scenario.name} for what it teaches"
    )
    return f"{first}; {second}, at {dollars(best.cost_per_effective_label or 0.0)} per effective label. The most accurate labels come from {accurate.scenario.name}: {100 * accurate.label_accuracy:.1f} % right."


def break_even_sentence(found: BreakEven) -> str:
    """Where the two cost the same, or why nowhere.

    >>> from workbench.economics import break_even, preset
    >>> break_even_sentence(break_even(preset("ai-0.02").with_values(fixed_cost=20_000), preset("human-1.50"), 10_000))
    'human-1.50 has the lower total up to 13,514 pairs, ai-0.02 beyond.'
    """
    if found.reason is not None:
        return f"Never: {found.reason}."
    what = MEASURES[found.measure]
    unit = "pairs" if found.over == PAIRS else found.unit
    at = [f"{x:,.0f} {unit}" if found.over == PAIRS else amount(x, kind_of(found.over).unit) for x in found.at]
    where = "" if found.over == PAIRS else f"{INPUTS[found.over].title.lower()} of {found.one} "
    if len(at) == 1:
        return f"{_name(found.cheaper[0])} has the lower {what} up to {where}{at[0]}, {_name(found.cheaper[1])} beyond."
    steps = [f"{_name(found.cheaper[0])} up to {where}{at[0]}"] + [f"{_name(c)} up to {x}" for c, x in zip(found.cheaper[1:], at[1:], strict=False)]
    return f"The lower {what} has " + ", ".join(steps) + f", and {_name(found.cheaper[-1])} beyond."


def tornado_sentence(found: Tornado) -> str:
    """Which inputs matter most."""
    if not found.swings:
        return "No input moves this figure."
    first = found.swings[0]
    kind = INPUTS[first.name]
    ends = f"{value(found.measure, first.at_low)} to {value(found.measure, first.at_high)}"
    range_ = f"{amount(first.low, kind.unit)} to {amount(first.high, kind.unit)}"
    more = f"; then {', '.join(INPUTS[s.name].title.lower() for s in found.swings[1:3])}" if len(found.swings) > 1 else ""
    return f"{kind.title} matters most: from {range_} {MEASURES[found.measure]} goes from {ends}{more}."


def spread_sentence(found: Spread) -> str:
    """How far a figure may be off."""
    if not found.drawn:
        return "No input of this scenario has a range, so nothing can be said about how far the figures may be off. Give inputs a low and a high value in a scenario file."
    n = len(found.drawn)
    return f"With {n} uncertain {'input' if n == 1 else 'inputs'} drawn from {'its range' if n == 1 else 'their ranges'}, {MEASURES[found.measure]} lies between {value(found.measure, found.low)} and {value(found.measure, found.high)} nine times out of ten, with {value(found.measure, found.middle)} in the middle."  # fmt: skip


def plan_sentence(found: Plans) -> str:
    """The best plan, or why there is none."""
    if found.best is None:
        return f"Wanted: {found.wanted}. No plan does it: {found.reason}."
    c = found.best.cost
    worth = f"{c.effective_labels:,.0f} effective labels" + (
        f" at {dollars(c.cost_per_effective_label)}" if c.cost_per_effective_label is not None else ""
    )
    took = f" in {spans(c.weeks)}" if c.weeks > 0 else ", with no human work"
    ai = found.best.settings.get("escalated_share", 1.0) < 0.5
    caution = (
        " This counts the AI's errors as random. What it gets wrong in one direction, every label teaches: check a sample against people."
        if ai
        else ""
    )
    return f"Wanted: {found.wanted}. Best of {found.tried:,} plans: {settings_in_words(found.best)}. {c.pairs:,} {_pairs(c.pairs)} for {dollars(c.total)}{took}, right {100 * c.label_accuracy:.1f} % of the time: {worth}.{caution}"  # fmt: skip


def votes_sentence(found: VotesOrItems) -> str:
    """More votes, or more items? For votes that become one label, and for votes that are all kept.

    >>> votes_sentence(VotesOrItems((1, 2, 3), (300.0, 200.0, 250.0), (300.0, 280.0, 260.0)))
    'Where votes become one label, 1 label an item teaches most for the money: more items are worth more than more votes. Where every vote is kept (soft labels), 1 label does so too.'
    >>> votes_sentence(VotesOrItems((1, 2, 3), (300.0, 200.0, 250.0), (300.0, 310.0, 320.0)))
    'Where votes become one label, 1 label an item teaches most for the money: more items are worth more than more votes. Where every vote is kept (soft labels), it is 3 labels, the most looked at: 1.1 times as much as with 1.'
    """
    best = max(range(len(found.labels)), key=lambda i: found.as_label[i])
    kept = max(range(len(found.labels)), key=lambda i: found.as_votes[i])
    n, m = found.labels[best], found.labels[kept]
    why = "more items are worth more than more votes" if n == 1 else f"an item costs so much beside its labels that {n} votes pay"
    one = f"Where votes become one label, {_labels(n)} an item {'teaches' if n == 1 else 'teach'} most for the money: {why}."
    if m == n:
        return f"{one} Where every vote is kept (soft labels), {_labels(n)} {'does' if n == 1 else 'do'} so too."
    edge = ", the most looked at" if kept == len(found.labels) - 1 else ""
    gain = f": {found.as_votes[kept] / found.as_votes[0]:.1f} times as much as with 1" if found.as_votes[0] > 0 and m != 1 else ""
    return f"{one} Where every vote is kept (soft labels), it is {_labels(m)}{edge}{gain}."


def settings_in_words(plan: Plan) -> str:
    """What the plan says to do."""
    s = plan.settings
    people = s.get("escalated_share", 1.0)
    said = ["an AI labels all"] if people == 0 else [f"{s['labels_per_item']:g} human {'label' if s['labels_per_item'] == 1 else 'labels'} an item"]
    if 0 < people < 1:
        said.append(f"on the {percent(people)} the AI is least sure of")
    if s.get("check_share", 0.0) > 0 and people < 1:
        said.append(f"{percent(s['check_share'])} of the AI's labels checked")
    said.append(f"{percent(s['gold_share'])} gold" if s["gold_share"] > 0 else "no gold")
    if s["adjudicated_share"] > 0 and people > 0:
        said.append(f"the closest {percent(s['adjudicated_share'])} decided by an expert")
    return ", ".join(said)


def printed(found: Cost) -> str:
    """A cost as the command line prints it for people: the sentence, then the parts."""
    width = max((len(part.name) for part in found.parts), default=0)
    lines = [f"{found.scenario.name}: {found.scenario.title}", "", cost_sentence(found), alpha_sentence(found), ""]
    lines += [f"  {part.name:<{width}}  {dollars(part.per_item):>12} a pair  {dollars(part.total):>14}   {part.how}" for part in found.parts]
    lines += [f"  {'in all':<{width}}  {dollars(found.cost_per_item):>12} a pair  {dollars(found.total):>14}"]
    claims = claims_sentences(found)
    lines += ["", *claims] if claims else []
    lines += ["", *(f"Note: {note}" for note in found.scenario.notes)] if found.scenario.notes else []
    lines += ["", f"Source: {found.scenario.source}" + (f", {found.scenario.date}." if found.scenario.date else ".")]
    own = [each for each in found.scenario.inputs.values() if each.measured]
    lines += [f"Measured: {each.name} {amount(each.value, kind_of(each.name).unit)} ({each.note})." for each in own]
    return "\n".join(lines)


def printed_side_by_side(costs: Sequence[Cost]) -> str:
    """Several costs under each other, one line each."""
    width = max(len(c.scenario.name) for c in costs)
    head = f"{'':<{width}}  {'a pair':>10} {'total':>14} {'weeks':>7} {'right':>7} {'effective':>12} {'each':>10}"
    rows = [
        f"{c.scenario.name:<{width}}  {dollars(c.cost_per_item):>10} {dollars(c.total):>14} {c.weeks:>7.1f} {c.label_accuracy:>7.1%} {c.effective_labels:>12,.0f} {dollars(c.cost_per_effective_label) if c.cost_per_effective_label is not None else '–':>10}"
        for c in costs
    ]
    return "\n".join([head, *rows, "", comparison_sentence(costs)])


def _labels(n: int) -> str:
    return f"{n} {'label' if n == 1 else 'labels'}"


def _pairs(n: int) -> str:
    return "pair" if n == 1 else "pairs"


def _name(name: str) -> str:
    return "neither" if name == "neither" else name
