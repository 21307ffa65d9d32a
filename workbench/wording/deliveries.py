"""What changed from one delivery to the next, as one would tell a colleague."""

from __future__ import annotations

from workbench.auditing.gate import Outcome
from workbench.deliveries import CAUSES, DRIVERS, Alarm, Cause, Change, Comparison
from workbench.errors import counted
from workbench.estimates import Estimate, Interval, with_sign
from workbench.wording.numbers import p_value, percent, points, short, signed

_SMALL = 0.0005


def figure(value: float | None, unit: str) -> str:
    """A headline figure in its unit.

    >>> figure(0.913, "share"), figure(0.4, "alpha"), figure(None, "share")
    ('91%', '0.40', '–')
    """
    if value is None:
        return "–"
    return {
        "share": percent(value),
        "alpha": short(value),
        "seconds": f"{value:.1f} s",
        "usd": f"${value:,.2f}",
    }.get(unit, short(value))


def difference(value: float | None, unit: str) -> str:
    """A change in its unit, with its sign; shares in points.

    >>> difference(-0.021, "share"), difference(0.05, "alpha")
    ('−2.1 points', '+0.05')
    """
    if value is None:
        return "–"
    if unit == "share":
        return points(value, signed=True)
    if unit == "alpha":
        return signed(value)
    return f"{with_sign(value, 2)}{' s' if unit == 'seconds' else ''}"


def between(interval: Interval | None, unit: str) -> str:
    """The interval of a change, or a dash."""
    if interval is None:
        return "–"
    return _span(interval.low, interval.high, unit)


def _span(low: float, high: float, unit: str) -> str:
    """Both ends of an interval in their unit.

    >>> _span(-0.021, 0.05, "share")
    '−2.1 to +5.0 points'
    """
    return f"{difference(low, unit).removesuffix(' points')} to {difference(high, unit)}"


def comparison_sentence(found: Comparison) -> str:
    """The outcome in a sentence or two."""
    if not found.alarms:
        head = f"{found.b} is no different from {found.a} beyond chance, in any figure."
    else:
        worse = [alarm for alarm in found.alarms if alarm.kind == "worse"]
        head = (
            f"{found.b} got worse in {_listed([a.title for a in worse])}."
            if worse
            else f"{found.b} changed in {_listed([a.title for a in found.alarms])}; no figure got worse beyond chance."
        )
    return f"{head} {cause_sentence(found.cause)}".strip() if found.alarms else head


def cause_sentence(cause: Cause | None) -> str:
    """What the change most likely comes from."""
    if cause is None:
        return "No single cause stands out."
    who = f" ({cause.who})" if cause.who else ""
    return f"Most likely{who}: {CAUSES[cause.name]}, by {cause.strength:.1f} standard errors."


def alarm_line(alarm: Alarm, unit: str) -> str:
    """An alarm in a line."""
    return (
        f"{alarm.kind}: {alarm.title} {difference(alarm.difference, unit)}"
        f" ({_span(alarm.low, alarm.high, unit)}, same crew; {p_value(alarm.p_value)})"
    )


def drivers_line(change: Change) -> str:
    """What a difference is made of; empty where it cannot be told apart.

    The parts add up to the difference.
    """
    unit = change.measure.unit
    told = [
        f"{difference(e.value, unit)} {_SHORT[name]}"
        for name, e in change.drivers.items()
        if e.value is not None and abs(e.value) > _SMALL
    ]
    return ", ".join(told)


_SHORT = {
    "mix": "other items",
    "people_left": "people who left",
    "people_arrived": "people who arrived",
    "same_people": "the same people",
}
assert set(_SHORT) == set(DRIVERS)


def comparison_lines(found: Comparison) -> list[str]:
    """The comparison for a terminal."""
    lines = [comparison_sentence(found), "", f"Figures ({found.a} | {found.b} | difference, same crew, new crew)"]
    for change in found.measures:
        unit = change.measure.unit
        lines.append(
            f"  {change.measure.title}: {figure(change.a.value, unit)} | {figure(change.b.value, unit)} |"
            f" {_difference_words(change.difference, unit)}"
        )
        driven = drivers_line(change)
        if driven and change.measure.name in {alarm.measure for alarm in found.alarms}:
            lines.append(f"    of which {driven}")
    units = {c.measure.name: c.measure.unit for c in found.measures}
    if found.alarms:
        rate = found.alarms[0].rate
        lines += ["", f"Alarms (all figures together give a false one in {rate:.0%} of comparisons)"]
        lines += [f"  {alarm_line(alarm, units[alarm.measure])}" for alarm in found.alarms]
    came = found.people
    lines += ["", f"People: {len(came.stayed):,} stayed, {len(came.arrived):,} arrived, {len(came.left):,} left."]
    lines.append(f"Items in both: {found.shared_items:,}.")
    wear = found.wear
    if wear.answers:
        lines.append(
            f"Gold: {wear.again:,} of {counted(wear.items, 'item')} were gold before; {wear.seen_before:,} of"
            f" {counted(wear.answers, 'answer')} by somebody who had seen the item."
        )
    for name, (then, now) in found.vendors.items():
        told = [percent(None if c is None else c.right) for c in (then, now)]
        lines.append(f"Vendor {name}: borne out by others and gold {told[0]} | {told[1]}.")
    return lines


def outcomes_against(found: Comparison) -> tuple[Outcome, ...]:
    """The comparison as lines of a gate: one that nothing got worse, and one for each figure that did."""
    units = {c.measure.name: c.measure.unit for c in found.measures}
    if found.worse:
        return tuple(
            Outcome(
                name=f"against: {alarm.measure}",
                line="no worse",
                value=alarm.difference,
                passed=False,
                why=alarm_line(alarm, units[alarm.measure]),
                outcome="fail",
            )
            for alarm in found.worse
        )
    compared = sum(c.difference.value is not None for c in found.measures)
    if not compared:
        why = f"cannot be checked: no figure can be compared with {found.a}"
        return (Outcome(name="against", line="no worse", value=None, passed=False, why=why, outcome="undecided"),)
    why = f"no figure of {compared} got worse than in {found.a} beyond chance"
    return (Outcome(name="against", line="no worse", value="no worse", passed=True, why=why),)


def _difference_words(estimate: Estimate, unit: str) -> str:
    if estimate.value is None:
        return f"not compared: {estimate.reason}"
    return (
        f"{difference(estimate.value, unit)}, {between(estimate.same_crew, unit)}, {between(estimate.new_crew, unit)}"
    )


def _listed(titles: list[str]) -> str:
    """Titles in a sentence.

    >>> _listed(["A", "B", "C"])
    'a, b and c'
    """
    low = [t[:1].lower() + t[1:] if t[1:2].islower() or len(t) == 1 else t for t in titles]
    return low[0] if len(low) == 1 else f"{', '.join(low[:-1])} and {low[-1]}"


def gold_sentences(found: Comparison) -> list[str]:
    """Items in both deliveries, gold seen before and what that gives, and what an effective label cost."""
    wear, told = found.wear, [f"Items in both deliveries: {found.shared_items:,}."]
    if wear.answers:
        told.append(
            f"Gold: {wear.again:,} of {counted(wear.items, 'gold item was', 'gold items were')} gold before;"
            f" {wear.seen_before:,} of {counted(wear.answers, 'answer is', 'answers are')} by somebody who had seen the"
            " item."
        )
    if wear.advantage.value is not None and wear.advantage.same_crew is not None:
        told.append(
            f"Answers to gold seen before are right {difference(wear.advantage.value, 'share')} more often"
            f" ({between(wear.advantage.same_crew, 'share')}, same crew)."
        )
    for when, price in zip(("before", "now"), found.usd_per_effective_label, strict=True):
        if price is not None and price.value is not None:
            told.append(f"An effective label cost ${price.value:,.2f} {when}.")
    return told
