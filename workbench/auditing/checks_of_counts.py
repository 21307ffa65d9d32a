"""The checks of the verdict that rest on counts: figure, line and sentence. All lines come from `Thresholds`."""

from __future__ import annotations

from collections.abc import Mapping

from workbench.auditing.check import Check, Crowding, Flagged, Status
from workbench.auditing.thresholds import Thresholds

LEAST_GROUPS = 20
"""With fewer prompts than this it is plain that the labels are about few things."""


def preferences(labels: Mapping[str, int], sided: bool, tie: str | None, t: Thresholds) -> Check:
    """Do the data hold preferences at all?"""
    total = sum(labels.values())
    ties = labels.get(tie, 0) if tie is not None else 0
    decisive = (total - ties) / total if total and sided else None
    status: Status = "ready"
    why, figure = f"{total - ties:,} of {total:,} labels prefer one of two responses.", "labels that prefer a side"
    if total == 0:
        status, why = "stop", "There is no label."
    elif not sided:
        status, why = "review", "The labels rate or sort single things, they do not compare two responses."
    elif ties == total:
        status, why = "stop", f"Every label is a tie ({total:,} of {total:,})."
    elif max(labels.values()) == total:
        only = max(labels, key=labels.__getitem__)
        status, decisive, figure = "stop", 0.0, "labels other than the one"
        why = f"Every label is {only} ({total:,} of {total:,}): the sides were sorted after labelling, or nobody chose."
    elif decisive is not None and decisive < 1 - t.one_label:
        status, why = "stop", f"Nearly every label is a tie: {ties:,} of {total:,}."
    return Check(
        name="preferences",
        status=status,
        value=decisive,
        threshold=1 - t.one_label if sided else None,
        why=why,
        page="overview",
        figure=figure,
        n=total,
        of=total,
        counted="labels",
    )


def overlap(counts: Mapping[str, int], t: Thresholds) -> Check:
    """Was enough labelled twice?"""
    items, shared = counts["items"], counts["items_with_overlap"]
    share = shared / items if items else None
    said = f"{shared:,} of {items:,} items were labelled by two annotators or more"
    status: Status = "review"
    if shared == 0:
        status = "stop"
        why = "No item was labelled by two annotators, so nothing is known about how far the labels can be trusted."
    elif share is not None and share < t.overlap:
        why = f"Only {said}; the rest rests on one opinion each."
    elif shared < t.overlapping_items:
        return Check(
            name="overlap",
            status=status,
            value=float(shared),
            threshold=float(t.overlapping_items),
            why=f"{said}; fewer than {t.overlapping_items:,.0f} are too few to decide on.",
            page="items",
            figure="items with two labels or more",
            unit="count",
            n=items,
            of=items,
            counted="items",
        )
    else:
        status, why = "ready", f"{said}."
    return Check(
        name="overlap",
        status=status,
        value=share,
        threshold=t.overlap,
        why=why,
        page="items",
        figure="items with two labels or more",
        n=items,
        of=items,
        counted="items",
    )


def missing(counts: Mapping[str, int], t: Thresholds) -> Check:
    """How many judgements have no label?"""
    total = counts["annotations"] + counts["skips"]
    share = counts["skips"] / total if total else None
    status: Status = "ready"
    if share is not None and share > t.missing_review:
        status = "review" if share <= t.missing_stop else "stop"
    return Check(
        name="missing labels",
        status=status,
        value=share,
        threshold=t.missing_review,
        why=f"{counts['skips']:,} of {total:,} judgements have no label.",
        page="start",
        sense="at most",
        figure="judgements without a label",
        n=total,
        of=total,
        counted="judgements",
    )


def label_mix(labels: Mapping[str, int], t: Thresholds) -> Check:
    """Is it nearly all one label?"""
    total = sum(labels.values())
    top = max(labels, key=labels.__getitem__) if total else ""
    share = labels[top] / total if total else None
    status: Status = "review" if share is None or share > t.one_label else "ready"
    why = f"The commonest label is {top}, {share:.0%} of all." if share is not None else "There are no labels."
    return Check(
        name="label mix",
        status=status,
        value=share,
        threshold=t.one_label,
        why=why,
        page="overview",
        sense="at most",
        figure="share of the commonest label",
        n=total,
        of=total,
        counted="labels",
    )


def crowding(found: Crowding | None, t: Thresholds) -> Check | None:
    """Do many items share one of many prompts, so that they say little about the others?"""
    if found is None or found.groups < LEAST_GROUPS:
        return None
    share = found.largest / found.items
    crowded = share > t.one_group
    why = f"The commonest of {found.groups:,} prompts or groups has {found.largest:,} of {found.items:,} items"
    return Check(
        name="spread over prompts",
        status="review" if crowded else "ready",
        value=share,
        threshold=t.one_group,
        why=f"{why}: what the labels teach is mostly about that one." if crowded else f"{why}.",
        page="items",
        sense="at most",
        figure="items of the commonest prompt",
        n=found.items,
        of=found.items,
        counted="items",
    )


def annotators(found: Flagged | None, t: Thresholds) -> Check | None:
    """How much did flagged annotators give?"""
    if found is None or found.of_labels == 0:
        return None
    share = found.labels / found.of_labels
    if found.annotators == 0:
        why = "Nobody is flagged." if found.of_annotators > 1 else "The one annotator is not flagged."
    else:
        why = f"{found.said}; {share:.0%} of the labels are theirs."
    return Check(
        name="annotators",
        status="review" if share > t.flagged else "ready",
        value=share,
        threshold=t.flagged,
        why=why,
        page="annotators",
        sense="at most",
        figure="labels by flagged annotators",
        n=found.of_labels,
        of=found.of_labels,
        counted="labels",
    )
