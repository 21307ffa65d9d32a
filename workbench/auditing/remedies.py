"""What to do next about a check that is not ready."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from workbench.auditing.check import Check
from workbench.auditing.thresholds import Thresholds

REMEDIES: Mapping[str, str] = {
    "preferences": "See what was asked, how the labels were read, and whether the sides were sorted later.",
    "sides of the files": "See which response each file calls A, exchange A and B in the wrong one, and audit again.",
    "overlap": "Have items picked at random labelled by a second person, until {shared} have two labels or more.",
    "agreement between schools": (
        "Ask both how they read the guidelines, decide what is meant, and have the others' items labelled again."
    ),
    "agreement beyond chance": (
        "Read items on which annotators part: guidelines that can be read in two ways are to be mended; pairs that are"
        " nearly equal need more labels each, or soft labels."
    ),
    "missing labels": "Ask why these were left open, and have them labelled.",
    "label mix": "See whether the sides were randomised, and add pairs whose answer is not known beforehand.",
    "spread over prompts": "Train on a part of that prompt's items, or count each prompt alike.",
    "sides": "Show each pair in a random order, say which response came first, and have some judged in both orders.",
    "order": "Show pairs in a random order, and take the labels of pairs judged in both orders together.",
    "own judgements": "Take several labels an item, and show some items again to see whether it gets better.",
    "consistency over time": "Find out what changed then, and have a part of those items labelled again.",
    "consistency across slices": "See what the guidelines say of it; until then train without it, or take more labels.",
    "annotators": "Look at their work, leave out who did not judge (Cleaning shows what that does), and audit again.",
    "labels on gold": "Look at the items on which labels and gold part: one of the two is wrong.",
    "one label an item": "Compare the methods on the Labels page before taking the labels of one.",
}
"""Name of a check -> what to do about it, in a sentence."""


def with_remedy(check: Check, t: Thresholds) -> Check:
    """The check with what to do about it, where there is something to do."""
    if check.status == "ready":
        return check
    shared = f"{t.overlapping_items:,.0f}"
    if check.name == "overlap" and check.unit == "share":
        shared = f"{max(t.overlapping_items, t.overlap * (check.of or 0)):,.0f}"
    return replace(check, remedy=REMEDIES[check.name].format(shared=shared))
