"""What cleaning changes, as one would tell a colleague."""

from __future__ import annotations

from workbench.cleaning import Effect
from workbench.cleaning.on_scale import OnScale
from workbench.errors import counted
from workbench.estimates import with_sign
from workbench.wording.numbers import percent, points, short, signed


def cleaning_sentence(effect: Effect) -> str:
    """What the rules do to agreement, as one would tell a colleague."""
    before, after = effect.alpha_before, effect.alpha_after
    if effect.n_set_aside == 0:
        verb = "Nothing is set aside yet" if not effect.cleaning.chosen else "These rules set nothing aside"
        about = (
            f"{counted(effect.before.labels, 'label')} of {counted(effect.before.items, 'item')} by"
            f" {counted(effect.before.annotators, 'annotator')}"
        )
        if before.value is None:
            return f"{verb}. Of {about} alpha is undefined: {before.reason}."
        return f"{verb}: alpha is {short(before.value)}, for {about}."
    if effect.nothing_left:
        return (
            f"Nothing is left: these rules set all {counted(effect.before.labels, 'label')} aside, most of them"
            f" {_most(effect)}."
        )
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
        return (
            ""
            if before.value is None
            else f"On gold, the labels name the right side of {percent(before.value)} of {before.n:,} items."
        )
    if after.value is None or change.value is None or change.same_crew is None:
        return f"No item with gold keeps a label ({before.n:,} had one)."
    seen = f"On the {change.n:,} gold items with a label before and after, the labels get {points(change.value)} better"
    if change.value < 0:
        seen = seen.replace(points(change.value) + " better", points(-change.value) + " worse")
    if change.value == 0:
        seen = f"On the {change.n:,} gold items with a label before and after, the labels are as often right as before"
    at_random = ""
    if effect.placebo and effect.placebo.gold:
        at_random = f"; as many set aside at random change that by {points(effect.placebo.gold.mean, signed=True)}"
    interval = f"95% interval {with_sign(100 * change.same_crew.low)} to {with_sign(100 * change.same_crew.high)}"
    return f"{seen} ({interval}){at_random}.".replace("-", "−")


def flips_sentence(effect: Effect) -> str:
    """How many labels change."""
    f = effect.flips
    if effect.n_set_aside == 0 or effect.nothing_left:
        return ""
    said = (
        f"{f.label:,} of {counted(f.items, 'label')} change ({percent(f.label / f.items, 1)}), {f.direction:,} of them"
        " sides"
        if f.label
        else "No label changes"
    )
    lost = f"; {f.lost:,} {'item is' if f.lost == 1 else 'items are'} left without a label" if f.lost else ""
    random = effect.placebo.flips if effect.placebo else None
    at_random = (
        f" At random {percent(random.mean, 1)} change ({percent(min(random.changes), 1)} to"
        f" {percent(max(random.changes), 1)})."
        if random and f.label
        else ""
    )
    return f"{said}{lost}.{at_random}"


def remedy_sentence(effect: Effect) -> str:
    """What to do where nothing is left."""
    mend = "keep annotators in by name" if _most(effect).startswith("by annotators") else "lower that threshold"
    return (
        f"Most labels go {_most(effect)} ({effect.set_aside[_most(effect)]:,} judgements): {mend}, or undo all rules."
    )


def money_sentence(effect: Effect) -> str:
    """What was paid for what is set aside; empty where no price is given."""
    if not effect.cost_per_label or effect.spent is None or effect.spent_in_all is None:
        return ""
    return f"{effect.spent:,.2f} of the {effect.spent_in_all:,.2f} paid so far went for what is set aside."


def _most(effect: Effect) -> str:
    """The reason for which most judgements go."""
    return max(effect.set_aside, key=effect.set_aside.__getitem__)


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
        return (
            f", no more than setting aside as many at random can do ({signed(min(drawn.changes))} to"
            f" {signed(max(drawn.changes))})"
        )
    return f", {short(abs(more))} {'more' if more > 0 else 'less'} than setting aside as many at random"


def next_sentence(found: OnScale) -> str:
    """Who goes next where a threshold is drawn closer, below its slider."""
    gone = int(found.goes.sum())
    so_far = f"{gone:,} of {len(found.values):,} go" if gone else ""
    if not found.next_name:
        return so_far or "nobody is judged by this"
    closer = f"next to go: {found.next_name} at {percent(found.next_value)}"
    return f"{so_far}; {closer.replace('next to go', 'next')}" if so_far else closer


def items_sentence(gone: int, items: int) -> str:
    """How many items lie beyond a threshold, below its slider.

    >>> items_sentence(12, 1690)
    '12 of 1,690 items go'
    """
    return f"{gone:,} of {counted(items, 'item')} go" if gone else counted(items, "item")
