"""Costs said in sentences and short tables of text: what people read before any chart."""

from __future__ import annotations

from collections.abc import Sequence

from workbench.economics.amounts import amount, dollars, percent, spans, value
from workbench.economics.break_even import PAIRS, BreakEven
from workbench.economics.cost import Cost, against_claims
from workbench.economics.information import VotesOrItems
from workbench.economics.inputs import INPUTS, kind_of
from workbench.economics.judges import Supported
from workbench.economics.plans import Plan, Plans
from workbench.economics.scenario import Scenario
from workbench.economics.sensitivity import MEASURES, Spread, Tornado
from workbench.economics.units import Unit


def cost_sentence(found: Cost) -> str:
    """The verdict: what it comes to, and what it is worth.

    >>> from workbench.economics import cost, preset
    >>> cost_sentence(cost(preset("human-gold"), 10_000))
    '10,000 usable pairs cost $78,824 and take 1.4 weeks, limited by experts: $7.88 a pair, of which 57% is for
    labelling (labels 19%, redundancy 38%). Labels will be right 95.1% of the time, so they teach as much as 8,134
    labels without noise, at $9.69 each.'
    """
    p = {part.name: part.per_item for part in found.parts}
    for_labels = {name: p[name] for name in ("labels", "redundancy", "AI judges") if p.get(name)}
    labels, share = sum(for_labels.values()), ""
    if 0 < labels < 0.995 * found.cost_per_item:
        rows = ", ".join(f"{name} {part / found.cost_per_item:.0%}" for name, part in for_labels.items())
        share = f", of which {labels / found.cost_per_item:.0%} is for labelling"
        share += f" ({rows})" if len(for_labels) > 1 else ""
    slow = ", limited by experts" if found.limited_by == "experts" else ""
    took = f" and take {spans(found.weeks)}{slow}" if found.weeks > 0 else ", with no human work"
    first = (
        f"{found.pairs:,} usable {_pairs(found.pairs)} cost {dollars(found.total)}{took}:"
        f" {dollars(found.cost_per_item)} a pair{share}."
    )
    if found.cost_per_effective_label is None:
        return f"{first} The labels teach nothing: {found.reason}."
    worth = (
        f"they teach as much as {found.effective_labels:,.0f} labels without noise, at"
        f" {dollars(found.cost_per_effective_label)} each"
    )
    return f"{first} Labels will be right {100 * found.label_accuracy:.1f}% of the time, so {worth}."


def alpha_sentence(found: Cost) -> str:
    """Which alpha to expect, between which bounds."""
    a = found.alpha
    if a.value is None or a.same_crew is None:
        return f"No alpha can be computed from these labels: {a.reason}."
    new = f", and {a.new_crew.low:.2f} to {a.new_crew.high:.2f} for a new one" if a.new_crew else ""
    return (
        f"Expect a Krippendorff's alpha of {a.value:.2f} among people, measured as {a.same_crew.low:.2f} to"
        f" {a.same_crew.high:.2f} for this crew{new}, from {a.n:,} items with two labels or more."
    )


def claims_sentences(found: Cost) -> list[str]:
    """Where the source says something else than these inputs give. What agrees needs no line, and what this model does
    not answer has none.

    >>> from workbench.economics import cost, preset
    >>> claims_sentences(cost(preset("scale-10k")))
    ['The source says 2 weeks; these inputs give 0.85.']
    """
    names = {
        "cost_per_pair": "a pair",
        "total": "in all",
        "weeks": "weeks",
        "kappa": "kappa",
        "annotators": "annotators",
    }
    lines = []
    for name, (said, ours) in against_claims(found).items():
        shown = [
            dollars(v) if name in ("cost_per_pair", "total") else f"{v:,.2f}".rstrip("0").rstrip(".")
            for v in (said, ours)
            if v is not None
        ]
        if len(shown) == 2 and shown[0] != shown[1]:
            lines.append(f"The source says {shown[0]} {names.get(name, name)}; these inputs give {shown[1]}.")
    return lines


def title_of(scenario: Scenario, most: int = 4) -> str:
    """What the scenario is: its title, or from which one it was changed and how, since a title speaks of the numbers it
    was given for.

    >>> from workbench.economics import preset
    >>> title_of(preset("ai-0.02")), title_of(preset("ai-0.02").with_values(escalated_share=0.5))
    ('AI only, $0.02 a pair', 'changed from “AI only, $0.02 a pair”: sent to people 50% instead of 0%')
    """
    changes = scenario.changes
    if not changes:
        return scenario.title
    said = [
        f"{_low(INPUTS[name].title) if name in INPUTS else name.replace('_', ' ')} {_value_of(name, now)} instead of"
        f" {_value_of(name, was)}"
        for name, (was, now) in changes.items()
    ]
    more = f" and {len(said) - most} more" if len(said) > most else ""
    return f"changed from “{scenario.title}”: {', '.join(said[:most])}{more}"


def notes_of(scenario: Scenario) -> tuple[str, ...]:
    """What to know about the scenario; nothing where values were changed, since notes speak of the numbers that stood
    there before.
    """
    return () if scenario.changes else scenario.notes


def comparison_sentence(costs: Sequence[Cost]) -> str:
    """Who is cheapest, a pair and for what it teaches."""
    if len(costs) < 2:
        return ""
    cheap = min(costs, key=lambda c: c.cost_per_item)
    worth = [c for c in costs if c.cost_per_effective_label is not None]
    if not worth:
        return f"{name_of(cheap)} is the cheapest a pair, at {dollars(cheap.cost_per_item)}."
    best = min(worth, key=lambda c: c.cost_per_effective_label or 0.0)
    accurate = max(costs, key=lambda c: c.label_accuracy)
    first = f"{name_of(cheap)} is the cheapest a pair, at {dollars(cheap.cost_per_item)}"
    second = "it is also the cheapest for what it teaches" if best is cheap else f"{name_of(best)} for what it teaches"
    return (
        f"{first}; {second}, at {dollars(best.cost_per_effective_label or 0.0)} per effective label. The most accurate"
        f" labels come from {name_of(accurate)}: {100 * accurate.label_accuracy:.1f}% right."
    )


def break_even_sentence(found: BreakEven) -> str:
    """Where the two cost the same, or why nowhere.

    >>> from workbench.economics import break_even, preset
    >>> break_even_sentence(break_even(preset("ai-0.02").with_values(fixed_cost=20_000), preset("human-1.50"), 10_000))
    'human-1.50 has the lower total up to 13,514 pairs, ai-0.02 beyond.'
    >>> break_even_sentence(
    ...     break_even(preset("human-gold"), preset("human-1.50"), 10_000, "label_price", "cost_per_effective")
    ... )
    'human-gold has the lower cost per effective label up to $0.179 for “price per label” of human-gold, human-1.50
    beyond.'
    """
    if found.reason is not None:
        return f"Never: {found.reason}."
    what = MEASURES[found.measure]
    at = [f"{x:,.0f} pairs" if found.over == PAIRS else _bare(x, kind_of(found.over).unit) for x in found.at]
    where = "" if found.over == PAIRS else f" for “{_low(INPUTS[found.over].title)}” of {found.one}"
    if len(at) == 1:
        return f"{_name(found.cheaper[0])} has the lower {what} up to {at[0]}{where}, {_name(found.cheaper[1])} beyond."
    steps = [f"{_name(found.cheaper[0])} up to {at[0]}{where}"] + [
        f"{_name(c)} up to {x}" for c, x in zip(found.cheaper[1:], at[1:], strict=False)
    ]
    return f"The lower {what} has " + ", ".join(steps) + f", and {_name(found.cheaper[-1])} beyond."


def tornado_sentence(found: Tornado) -> str:
    """Which inputs matter most.

    >>> from workbench.economics import preset, tornado
    >>> tornado_sentence(tornado(preset("human-gold"), 10_000))
    'What matters most: price per expert label. From $5.00 to $25.00 per label, cost per usable pair goes from $6.88 to
    $10.88. Then: price per label and labels per item.'
    """
    if not found.swings:
        return "No input moves this figure."
    first = found.swings[0]
    unit = INPUTS[first.name].unit
    range_ = f"{_bare(first.low, unit)} to {amount(first.high, unit)}"
    ends = f"{value(found.measure, first.at_low)} to {value(found.measure, first.at_high)}"
    then = [_low(INPUTS[s.name].title) for s in found.swings[1:3]]
    more = f" Then: {' and '.join(then)}." if then else ""
    return (
        f"What matters most: {_low(INPUTS[first.name].title)}. From {range_}, {MEASURES[found.measure]} goes from"
        f" {ends}.{more}"
    )


def spread_sentence(found: Spread) -> str:
    """How far a figure may be off, and because of which inputs; where none of them moves it, that its doubt is
    unknown.
    """
    if not found.drawn:
        return (
            "No input of this scenario has a range, so nothing can be said about how far the figures may be off. Give"
            " inputs a low and a high value in a scenario file."
        )
    what = MEASURES[found.measure]
    if not found.varied:
        return (
            f"Nothing can be said about how far {what} may be off: the inputs with a range ({_drawn(found)}) do not"
            " move it, and those that do have none."
        )
    lies = (
        f"{what} lies between {value(found.measure, found.low)} and {value(found.measure, found.high)} nine times out"
        f" of ten, with {value(found.measure, found.middle)} in the middle"
    )
    return (
        f"With {_drawn(found)} drawn at random from {'its range' if len(found.drawn) == 1 else 'their ranges'}, {lies}."
    )


def spreads_sentences(found: Sequence[Spread]) -> list[str]:
    """How far several figures of the same draws may be off: the inputs once, then a figure each, then the figures that
    nothing drawn moves.
    """
    moved, still = [s for s in found if s.varied], [s for s in found if not s.varied]
    if not moved:
        return list(dict.fromkeys(spread_sentence(s) for s in found))
    n = len(found[0].drawn)
    lines = [
        f"Drawn at random from {'its range' if n == 1 else 'their ranges'}: {_drawn(found[0])}. Every other input"
        " stands still, and nine times out of ten"
    ]
    lines += [
        f"  {MEASURES[s.measure]} lies between {value(s.measure, s.low)} and {value(s.measure, s.high)}, with"
        f" {value(s.measure, s.middle)} in the middle"
        for s in moved
    ]
    if still:
        lines.append(
            "Not varied, so nothing is said about how far it may be off:"
            f" {', '.join(f'{MEASURES[s.measure]} ({value(s.measure, s.value)})' for s in still)}."
        )
    return lines


def plan_sentence(found: Plans) -> str:
    """The best plan, or why there is none."""
    if found.best is None:
        return f"Wanted: {found.wanted}. No plan does it: {found.reason}."
    c = found.best.cost
    worth = f"{c.effective_labels:,.0f} effective labels" + (
        f" at {dollars(c.cost_per_effective_label)}" if c.cost_per_effective_label is not None else ""
    )
    took = f" in {spans(c.weeks)}" if c.weeks > 0 else ", with no human work"
    time = (
        f" Time is the limit: {dollars(found.unspent)} of the money cannot be spent in it. More annotators could."
        if found.unspent > 0
        else ""
    )
    return (
        f"Wanted: {found.wanted}. Best of {found.tried:,} plans: {settings_in_words(found.best)}. {c.pairs:,}"
        f" {_pairs(c.pairs)} for {dollars(c.total)}{took}, right {100 * c.label_accuracy:.1f}% of the time:"
        f" {worth}.{time}{_cautions(found.best)}"
    )


def _cautions(plan: Plan) -> str:
    """What the model does not count against a plan and its reader should."""
    people = plan.settings.get("escalated_share", 1.0)
    said = ""
    if people < 0.5:
        said += (
            " This counts the AI's errors as random. What it gets wrong in one direction, every label teaches: check a"
            " sample against people."
        )
    if people > 0 and plan.settings["labels_per_item"] <= 1:
        blind = (
            " and no gold, neither agreement nor careless people can"
            if plan.settings["gold_share"] == 0
            else ", agreement between people cannot"
        )
        said += (
            f" With one label an item{blind} be measured: give 20 to 30% of the items a second label, which this plan"
            " does not pay for."
        )
    return said


def judge_sentence(found: Supported, accuracy: float, human_price: float, judge_price: float) -> str:
    """Is a judge beside people worth its price, where the estimate must stay unbiased?

    >>> from workbench.economics import judge_correlation, supported_by_judge
    >>> judge_sentence(supported_by_judge(judge_correlation(0.8), 1.5, 0.02), 0.8, 1.5, 0.02)
    'A judge that agrees with people on 80% of the items makes one of their labels worth up to 1.56. The cheapest split
    at $0.02 a judgement and $1.50 a label: it judges 6.5 items for each one that people label, and a label’s worth
    costs $1.13 instead of $1.50, a saving of 24%.'
    >>> judge_sentence(supported_by_judge(judge_correlation(0.65), 0.67, 0.06), 0.65, 0.67, 0.06)[:91]
    'Not worth it: a judge that agrees with people on 65% of the items makes one of their labels'
    """
    worth = (
        f"a judge that agrees with people on {percent(accuracy)} of the items makes one of their labels worth up to"
        f" {found.multiplier:.2f}"
    )
    prices = f"at {dollars(judge_price)} a judgement and {dollars(human_price)} a label"
    if not found.worth_it:
        cost = (
            f"a label’s worth would cost {dollars(found.cost_per_effective)} instead of {dollars(human_price)},"
            f" {percent(round(-found.saving, 2))} more"
        )
        few = "it would have to see fewer items than people label to pay"
        return f"Not worth it: {worth}, and {prices} {cost if found.saving < 0 else few}. Let people label alone."
    seen = (
        "it judges every item there is"
        if found.judged_per_human == float("inf")
        else f"it judges {found.judged_per_human:,.1f} items for each one that people label"
    )
    saved = (
        f"a label’s worth costs {dollars(found.cost_per_effective)} instead of {dollars(human_price)}, a saving of"
        f" {percent(round(found.saving, 2))}"
    )
    return f"{worth[0].upper()}{worth[1:]}. The cheapest split {prices}: {seen}, and {saved}."


def votes_sentence(found: VotesOrItems) -> str:
    """More votes, or more items? For votes that become one label, and for votes that are all kept.

    >>> votes_sentence(VotesOrItems((1, 2, 3), (300.0, 200.0, 250.0), (300.0, 280.0, 260.0)))
    'Where votes become one label, 1 label an item teaches most for the money: more items are worth more than more
    votes. Where every vote is kept (soft labels), 1 label does so too.'
    >>> votes_sentence(VotesOrItems((1, 2, 3), (300.0, 200.0, 250.0), (300.0, 310.0, 320.0)))
    'Where votes become one label, 1 label an item teaches most for the money: more items are worth more than more
    votes. Where every vote is kept (soft labels), it is 3 labels, the most looked at: 1.1 times as much as with 1.'
    """
    best = max(range(len(found.labels)), key=lambda i: found.as_label[i])
    kept = max(range(len(found.labels)), key=lambda i: found.as_votes[i])
    n, m = found.labels[best], found.labels[kept]
    why = (
        "more items are worth more than more votes"
        if n == 1
        else f"an item costs so much beside its labels that {n} votes pay"
    )
    one = (
        f"Where votes become one label, {_labels(n)} an item {'teaches' if n == 1 else 'teach'} most for the money:"
        f" {why}."
    )
    if m == n:
        return f"{one} Where every vote is kept (soft labels), {_labels(n)} {'does' if n == 1 else 'do'} so too."
    edge = ", the most looked at" if kept == len(found.labels) - 1 else ""
    gain = (
        f": {found.as_votes[kept] / found.as_votes[0]:.1f} times as much as with 1"
        if found.as_votes[0] > 0 and m != 1
        else ""
    )
    return f"{one} Where every vote is kept (soft labels), it is {_labels(m)}{edge}{gain}."


def settings_in_words(plan: Plan) -> str:
    """What the plan says to do."""
    s = plan.settings
    people = s.get("escalated_share", 1.0)
    said = (
        ["an AI labels all"]
        if people == 0
        else [f"{s['labels_per_item']:g} human {'label' if s['labels_per_item'] == 1 else 'labels'} an item"]
    )
    if 0 < people < 1:
        said.append(f"on the {percent(people)} the AI is least sure of")
    if s.get("check_share", 0.0) > 0 and people < 1:
        said.append(f"{percent(s['check_share'])} of the AI's labels checked")
    said.append(f"{percent(s['gold_share'])} gold" if s["gold_share"] > 0 else "no gold")
    if s["adjudicated_share"] > 0 and people > 0:
        said.append(f"the closest {percent(s['adjudicated_share'])} decided by an expert")
    return ", ".join(said)


def _labels(n: int) -> str:
    return f"{n} {'label' if n == 1 else 'labels'}"


def _pairs(n: int) -> str:
    return "pair" if n == 1 else "pairs"


def name_of(found: Cost) -> str:
    """A scenario's name, marked where somebody set it to be another than the one that bears the name; a measured crew
    makes no other scenario.
    """
    s = found.scenario
    return (
        f"{s.name} (changed)"
        if any(name not in s.inputs or not s.inputs[name].measured for name in s.changes)
        else s.name
    )


def _low(title: str) -> str:
    """A title inside a sentence: `Price per label` becomes small, `AI judges` does not."""
    return title if title[1:2].isupper() else f"{title[:1].lower()}{title[1:]}"


def _bare(number: float, unit: Unit) -> str:
    """A value without its unit, for the first of two that share one."""
    return amount(number, unit).removesuffix(unit.name.removeprefix("$")).rstrip()


def _value_of(name: str, given: float | str) -> str:
    return given if isinstance(given, str) else amount(given, kind_of(name).unit)


def _drawn(found: Spread) -> str:
    """The inputs that were drawn, by title."""
    names = [_low(INPUTS[name].title) for name in found.drawn]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _name(name: str) -> str:
    return "neither" if name == "neither" else name
