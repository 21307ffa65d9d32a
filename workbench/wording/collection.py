"""What a batch takes and how collecting goes, as one would tell a colleague."""

from __future__ import annotations

from workbench.collection.plan import BatchPlan
from workbench.collection.progress import Progress
from workbench.errors import counted


def plan_sentences(plan: BatchPlan, currency: str = "$") -> list[str]:
    """What a batch will take: work, time, gold, and how soon the test finds somebody who does not look."""
    each = f"{plan.tasks_each:,} for each of {counted(plan.people, 'person', 'people')}"
    paid = "" if plan.cost is None else f", {currency}{plan.cost:,.2f}"
    return [
        f"{counted(plan.items, 'item')} x {plan.overlap} people = {plan.judgements:,} judgements; with gold and repeats"
        f" {plan.tasks:,} tasks, {each}.",
        f"About {plan.seconds_a_task:.0f} s a task: {plan.hours_each:.1f} hours each, {plan.hours:.1f} in all{paid}.",
        f"Gold: {counted(plan.gold_items, 'item')}, {plan.gold_each:.0f} for each person"
        f" ({plan.gold_share:.0%} of tasks), none twice to anybody.",
        _detection(plan),
    ]


def progress_sentence(found: Progress) -> str:
    """How far it is, at what pace, and until when."""
    if found.judgements >= found.wanted:
        return f"All {found.wanted:,} judgements are there."
    left = (
        "no labels came in the last hour"
        if found.hours_left is None
        else f"{found.per_hour:,} in the last hour, about {_hours(found.hours_left)} hours left at that pace"
    )
    return f"{found.judgements:,} of {found.wanted:,} judgements; {left}."


def _hours(hours: float) -> str:
    return f"{hours:.1f}" if hours < 100 else f"{hours:,.0f}"


def _detection(plan: BatchPlan) -> str:
    honest = f"somebody right in four of five is ever paused with a chance of {plan.honest_paused:.1%}."
    if plan.clicker_found_after is None:
        return (
            f"Somebody who clicks at random is found with a chance of {plan.clicker_found:.0%} only, for want of gold"
            f" or of peers on the same items; {honest}"
        )
    return f"Somebody who clicks at random is paused after {plan.clicker_found_after:,} tasks (median); {honest}"
