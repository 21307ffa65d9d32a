"""What contradicts what, said in a sentence before any chart."""

from __future__ import annotations

from workbench.estimates import Estimate
from workbench.reversals import PUBLISHED, Reversals
from workbench.reversals.cycles import Triads
from workbench.reversals.decomposition import Decomposition
from workbench.reversals.order import OrderEffect
from workbench.reversals.within import Within
from workbench.wording.numbers import p_value, percent, percent_bounds


def reversals_sentence(found: Reversals) -> str:
    """How often two annotators choose opposite responses, how often one contradicts herself, and whether the order
    sways.
    """
    return " ".join([_between(found.between.rate), _within(found.within.rate), order_sentence(found.order)])


def _between(rate: Estimate) -> str:
    if rate.value is None:
        return f"How often two annotators choose opposite responses cannot be said: {rate.reason}."
    low, high = min(v for _, v, _ in PUBLISHED), max(v for _, v, _ in PUBLISHED)
    beside = "as in"
    if rate.value < low - 0.005:
        beside = "less often than in"
    elif rate.value > high + 0.005:
        beside = "more often than in"
    return (
        f"Two annotators who both choose take opposite responses {percent(rate.value)} of the time{_spans(rate)},"
        f" {beside} published sets ({published_range()})."
    )


def published_range() -> str:
    """How often two annotators choose opposite responses in published sets: `27 to 37%`."""
    shares = [share for _, share, _ in PUBLISHED]
    return f"{100 * min(shares):.0f} to {percent(max(shares))}"


def _within(rate: Estimate) -> str:
    if rate.value is None:
        return f"Whether annotators contradict themselves cannot be said: {rate.reason}."
    return (
        f"An annotator who sees a pair again takes the other response {percent(rate.value)} of the time{_spans(rate)}."
    )


def order_sentence(order: OrderEffect) -> str:
    """Whether the position of a response sways the choice, and what says so."""
    if order.p_value is None:
        why = order.first_position.reason or "there is too little to test"
        return f"Whether the order sways the choice cannot be said: {why}."
    swayed = order.p_value < 0.05
    says = "The order sways the choice" if swayed else "No sway of the order can be seen"
    split = order.always_first + order.always_second
    if split:
        all_ = "all " if split == order.always_first > 1 else ""
        return (
            f"{says}: of {split:,} choices that changed with the order, {all_}{order.always_first:,} took the response"
            f" shown first both times ({p_value(order.p_value)})."
        )
    return (
        f"{says}: the response shown first was chosen {percent(order.first_position.value, 1)} of the"
        f" time{_spans(order.first_position)} ({p_value(order.p_value)})."
    )


def leaning_sentence(leaning: int, annotators: int) -> str:
    """How many annotators lean to a side, and how sure that is.

    >>> leaning_sentence(1, 18)
    'One of 18 annotators leans to one side beyond doubt (square; of such findings one in twenty at most is expected to
    be false).'
    """
    if leaning == 0:
        return (
            f"None of {annotators:,} annotators leans to one side beyond doubt, the number of annotators looked at"
            " allowed for."
        )
    who = (
        f"One of {annotators:,} annotators leans" if leaning == 1 else f"{leaning:,} of {annotators:,} annotators lean"
    )
    return (
        f"{who} to one side beyond doubt (square{'s' if leaning > 1 else ''}; of such findings one in twenty at most is"
        " expected to be false)."
    )


def parts_sentence(parts: Decomposition) -> str:
    """Which of position bias, self-noise and ambiguity the data show, and which they cannot tell from nothing.

    Position bias is there as well where McNemar's test says so and the difference of the two rates leaves open how
    large it is.
    """
    known = {"position bias": parts.position_bias, "self-noise": parts.self_noise, "ambiguity": parts.ambiguity}
    unknown = [name for name, e in known.items() if e.value is None]
    if len(unknown) == len(known):
        return (
            f"The parts cannot be told apart: {parts.self_noise.reason}. Show some pairs to the same annotator twice,"
            " in the same order and in swapped order."
        )
    shown = [
        f"{name} {percent(e.value)}"
        for name, e in known.items()
        if e.value is not None and e.same_crew and e.same_crew.low > 0
    ]
    open_ = [name for name, e in known.items() if e.value is not None and not (e.same_crew and e.same_crew.low > 0)]
    bias = parts.position_bias
    if parts.order_p is not None and parts.order_p < 0.05 and "position bias" in open_:
        open_.remove("position bias")
        sized = f": {percent_bounds(bias.same_crew)}" if bias.same_crew else ""
        shown.append(f"position bias ({p_value(parts.order_p)}), its size uncertain{sized}")
    said = [f"Clearly there: {'; '.join(shown)}." if shown else "None of the parts can be told from nothing yet."]
    if open_ and shown:
        said.append(f"Not told from nothing yet: {', '.join(open_)}.")
    if unknown:
        said.append(f"Not known: {', '.join(unknown)} ({known[unknown[0]].reason}).")
    return " ".join(said)


def noise_sentence(found: Within) -> str:
    """How often a single judgement is the wrong way round, and from which repeats that follows; nothing where it is not
    known.
    """
    if found.flips_per_judgement is None or found.same_order.value is None:
        return ""
    same = found.same_order
    return (
        f"Of repeats in the same order alone {percent(same.value, 1)} ({same.n:,} repeats) took the other response; at"
        f" that rate a single judgement is the wrong way round in {percent(found.flips_per_judgement, 1)} of cases."
    )


def cycles_sentence(found: Triads, whose: str) -> str:
    """How many circles there are beside what noise and coin tosses would give.

    >>> cycles_sentence(
    ...     Triads(triads=100, cyclic=12, expected=11.3, p_value=0.4, by_chance=25.0, modelled=100),
    ...     "within single annotators",
    ... )
    'Within single annotators 12 of 100 triples of responses run in a circle; judgement noise alone would give about 11,
    coin tosses 25: no more than noise explains.'
    """
    if found.triads == 0:
        return f"Circles {whose} cannot be counted: {found.reason}."
    said = f"{whose[:1].upper()}{whose[1:]} {found.cyclic:,} of {found.triads:,} triples of responses run in a circle"
    if found.expected is None or found.p_value is None:
        return f"{said}; coin tosses would give {found.by_chance:,.0f}."
    more = "more than noise explains" if found.p_value < 0.05 else "no more than noise explains"
    return (
        f"{said}; judgement noise alone would give about {found.expected:,.0f}, coin tosses {found.by_chance:,.0f}:"
        f" {more}."
    )


def repeats_sentence(parts: Decomposition) -> str:
    """How many repeats are needed, beside how many there are."""
    same, swapped = parts.repeats
    enough = min(same, swapped) >= parts.repeats_needed
    return (
        f"To know the position bias to within {percent(parts.half_width, 1).replace('.0', '')} points either way,"
        f" {parts.repeats_needed:,} repeats in the same order and as many in swapped order are needed; the data have"
        f" {same:,} and {swapped:,}{', which is enough' if enough else ''}."
    ).replace(" % points", " points")


def _spans(rate: Estimate) -> str:
    few = f"; {rate.few}" if rate.few else ""
    return f" ({percent_bounds(rate.same_crew)} for this crew{few})" if rate.same_crew else ""
