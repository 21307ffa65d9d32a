"""The checks of the verdict that ask whether all judge by one rule: schools of annotators, and files turned round."""

from __future__ import annotations

from workbench.annotators.schools import Camps
from workbench.auditing.check import Check


def files(found: Camps | None) -> Check | None:
    """Has one file A and B exchanged? Trained on as they are, its labels teach the opposite."""
    if found is None or found.swapped is None:
        return None
    swapped = found.swapped
    return Check(
        name="sides of the files",
        status="stop",
        value=swapped.against / swapped.items,
        threshold=0.5,
        why=swapped.said,
        page="start",
        sense="at most",
        figure="items on which a file says the opposite",
        n=swapped.items,
        of=swapped.items,
        counted="gold items" if swapped.on_gold else "shared items",
    )


def schools(found: Camps | None, agreement: Check) -> Check | None:
    """Do annotators fall into schools that judge by different rules? One label an item then averages two wishes.

    Parameters
    ----------
    agreement : the check of the whole: where it stops, this is the reason, and stops as well.
    """
    if found is None or not found.schools:
        return None
    widest = max(found.schools, key=lambda each: each.within - each.between)
    more = len(found.schools) - 1
    return Check(
        name="agreement between schools",
        status="stop" if agreement.status == "stop" else "review",
        value=widest.between,
        threshold=widest.within / 2,
        why=widest.said + (f" So do they in {more:,} other {'slice' if more == 1 else 'slices'}." if more else ""),
        page="annotators",
        figure="agreement beyond chance between schools",
        unit="alpha",
        n=len(widest.first) + len(widest.second),
        of=len(widest.first) + len(widest.second),
        counted="annotators",
    )
