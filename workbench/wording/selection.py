"""What a selection amounts to, in sentences."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workbench.selection import STRATEGIES


def verdict_sentence(result: Mapping[str, Any], strategy: str) -> str:
    """What to label next and what it is expected to bring, as one would tell a colleague.

    >>> picked = {"picked": 2, "candidates": 5, "reason": ""}
    >>> rows = [
    ...     {"strategy": "d_optimal", "information": 3.0, "labelled_already": 0},
    ...     {"strategy": "random", "information": 2.0, "labelled_already": 0},
    ... ]
    >>> verdict_sentence({"strategies": {"d_optimal": picked}, "table": rows, "again": False}, "d_optimal")
    'Label these 2 of 5 pairs next: they are expected to tell 1.5 times as much about the reward model as 2 drawn at
    random.'
    """
    found, table = result["strategies"][strategy], {row["strategy"]: row for row in result["table"]}
    n = found["picked"]
    if n == 0:
        return f"There is nothing to label: {found['reason'] or 'no pair is left'}."
    again = table[strategy]["labelled_already"]
    whole = f"all {n:,} candidates" if n == found["candidates"] else f"these {n:,} of {found['candidates']:,} pairs"
    begin = f"Label {whole} next"
    if result.get("again"):
        begin = f"Ask for one more label on {whole}"
    elif again:
        begin += f", {again:,} of them once more"
    if strategy == "random":
        return f"{begin}: a draw in which every pair is as likely, the yardstick for the other strategies."
    if n == found["candidates"]:
        return f"{begin}: the budget reaches for every one, so no strategy is needed."
    mine, lot = table[strategy]["information"], table.get("random", {}).get("information")
    if not lot or strategy == "disagreement":
        return f"{begin}: {STRATEGIES[strategy].summary[:1].lower()}{STRATEGIES[strategy].summary[1:]}"
    ratio = mine / lot
    if abs(ratio - 1) < 0.05:
        return f"{begin}; they are expected to tell about as much about the reward model as {n:,} drawn at random."
    return (
        f"{begin}: they are expected to tell {ratio:.1f} times as much about the reward model as {n:,} drawn at random."
    )


def promise_sentence() -> str:
    """What expected information is worth."""
    return (
        "Expected by the model of itself; accuracy follows less closely. Published savings run from none to about three"
        " times fewer labels: the replay on the Studies page measures it on your own labels."
    )


def pool_sentence(pool: Mapping[str, Any]) -> str:
    """What was chosen from, and how pairs are described.

    >>> pool_sentence(
    ...     {"pairs": 9, "new": 4, "labelled": 5, "encoder": "hashed", "encoder_reason": "", "model": "", "flip": 0.1}
    ... )
    'The pool: 9 pairs, 4 new and 5 with labels. Pairs are described by the encoder hashed. There is no model. A label
    names the wrong side in about 10% of cases.'
    """
    parts = [f"The pool: {pool['pairs']:,} pairs, {pool['new']:,} new and {pool['labelled']:,} with labels."]
    parts.append(
        f"Pairs are described by the encoder {pool['encoder']}"
        + (f": {pool['encoder_reason']}." if pool["encoder_reason"] else ".")
    )
    parts.append(
        f"Probabilities come from the {pool['model'].removeprefix('the ')}." if pool["model"] else "There is no model."
    )
    if pool["flip"] is not None:
        parts.append(f"A label names the wrong side in about {100 * pool['flip']:.0f}% of cases.")
    return " ".join(parts)


def nothing_new_sentence(labelled: int, items: int) -> str:
    """Why there is nothing to pick by most strategies.

    >>> nothing_new_sentence(591, 663)
    'All 591 pairs without a known answer have labels; the other 72 are gold, of which nothing is asked.'
    """
    if labelled == items:
        return f"All {labelled:,} pairs of this data set have labels."
    return (
        f"All {labelled:,} pairs without a known answer have labels; the other {items - labelled:,} are gold, of which"
        " nothing is asked."
    )
