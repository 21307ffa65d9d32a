"""A scorecard said in sentences: the verdict first, then what to hold it against."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workbench.estimates import Estimate
from workbench.reward.calibration import Calibration
from workbench.reward.calibrator import Calibrator
from workbench.reward.reliability import FEWEST_GROUPS
from workbench.reward.scorecard import Scorecard

_SLIGHT = 0.03
"""An error of so little is called right, also where so many pairs were seen that it can be told from none."""


def verdict_sentence(card: Scorecard) -> str:
    """What the model is worth, as one would tell a colleague.

    >>> from workbench.estimates import Interval
    >>> percent(Estimate(name="x", value=0.8234, same_crew=Interval(0.79, 0.85, "same crew", ""), n=100))
    '82% [79, 85]'
    """
    if card.accuracy.value is None:
        return f"How well the model ranks cannot be said: {card.accuracy.reason}."
    parts = [f"Ranks {percent(card.accuracy)} of {card.accuracy.n:,} held-out pairs right"]
    highest = ceiling_of(card)
    if highest is not None and highest.value is not None:
        parts.append(_ceiling_words(card, percent(highest, interval=False)))
    if card.length_only.value is not None:
        parts.append(f"always choosing the longer text gets {percent(card.length_only, interval=False)}")
    return "; ".join(parts) + "." + few_groups_sentence(card)


def few_groups_sentence(card: Scorecard) -> str:
    """Why nothing is said of other prompts, with a space before it; empty where there are prompts enough."""
    if card.groups >= FEWEST_GROUPS:
        return ""
    of = "one prompt group" if card.groups == 1 else f"{card.groups} prompt groups"
    return f" The pairs are of {of}: how it does on other prompts cannot be said, which takes {FEWEST_GROUPS}."


def _ceiling_words(card: Scorecard, highest: str) -> str:
    machines = card.ceiling is not None and card.ceiling.by_machines
    if card.labels == "gold":
        return f"one {'AI annotator' if machines else 'person'} names the gold's side on {highest}"
    if machines:
        return f"the AI annotators agree so far that {highest} is the most that could match them"
    return f"people agree so far that {highest} is the ceiling"


def beside_length_sentence(card: Scorecard) -> str:
    """Whether the model is better than counting characters; empty where that is not known."""
    gain, interval = card.over_length.value, card.over_length.same_crew
    if gain is None or interval is None or card.groups < FEWEST_GROUPS:
        return ""
    if interval.low > 0:
        return (
            f"That is {100 * gain:.1f} points [{100 * interval.low:.1f}, {100 * interval.high:.1f}] better than the"
            " longer text."
        )
    if interval.high < 0:
        return (
            f"That is {-100 * gain:.1f} points [{-100 * interval.high:.1f}, {-100 * interval.low:.1f}] worse than the"
            " longer text: do not use it."
        )
    how = f"{points(gain)} [{_signed(interval.low)}, {_signed(interval.high)}]"
    return f"The data do not show that it is better than the longer text: {how}."


def calibration_sentence(card: Scorecard) -> str:
    """What its probabilities are worth.

    An error is held against what chance alone would show with so many pairs.
    """
    given, scaled = card.reliability.as_given, card.reliability.scaled
    if given.ece.value is None or scaled.ece.value is None:
        return f"What its probabilities are worth cannot be said: {given.ece.reason}."
    t = card.reliability.temperature
    off, right = given.debiased, False
    if off.value is not None and off.same_crew is not None:
        around = f"[{100 * off.same_crew.low:.1f}, {100 * off.same_crew.high:.1f}], chance taken out"
        first = f"Its probabilities are off by {100 * off.value:.1f} points on average {around}"
        right = given.p_value is not None and given.p_value > 0.05
        first += ", which cannot be told from calibrated ones" if right else ""
        right = right or off.value < _SLIGHT
    else:
        by_chance = f"; chance alone shows {100 * given.ece_by_chance:.1f}" if given.ece_by_chance is not None else ""
        first = f"Its probabilities are off by {100 * given.ece.value:.1f} points on average (calibration error"
        first += f"{by_chance})"
        right = given.ece.value < max(_SLIGHT, given.ece_by_chance or 0.0)
    after = 100 * (scaled.ece.value if scaled.debiased.value is None else scaled.debiased.value)
    fitted = "fitted on other prompts" if card.reliability.on_other_prompts else "fitted on these very pairs"
    return f"{first}: {_sureness(t, right)}. Scaled by a temperature of {t:.2f}, {fitted}, they are off by {after:.1f}."


def _sureness(temperature: float, right: bool) -> str:
    """Which way probabilities err; a temperature of about 1 says nothing good where the error is large."""
    if 0.9 <= temperature <= 1.1:
        return "it is about right" if right else "they err both ways, which no temperature mends"
    return "it is too sure of itself" if temperature > 1 else "it is not sure enough"


def calibrated_sentence(calibrator: Calibrator, before: Calibration, after: Calibration) -> str:
    """What calibrating did, each pair judged by what was fitted on other prompts."""
    how = (
        f"a temperature of {calibrator.temperature:.2f}"
        if calibrator.method == "temperature"
        else f"an isotonic curve of {len(calibrator.margin):,} points"
    )
    was, now = (
        f"{100 * (found.debiased.value if found.debiased.value is not None else found.ece.value or 0.0):.1f}"
        for found in (before, after)
    )
    return (
        f"Its probabilities were off by {was} points on average, chance taken out; by {how}, fitted on other prompts,"
        f" they are off by {now}."
    )


def noise_sentence(card: Scorecard) -> str:
    """Whether minding label noise paid; empty where it was not tried."""
    found = card.noise
    if found is None:
        return ""
    against = f"{found.names[0]} against {found.names[1].lower()}, on the same split"
    d, interval = found.difference.value, found.difference.same_crew
    if d is None:
        return f"{against}: no difference can be given, {found.difference.reason}."
    if interval is None or card.groups < FEWEST_GROUPS:
        return f"{against}: {points(d)}; whether that would hold on other prompts cannot be said."
    how = f"{points(d)} [{_signed(interval.low)}, {_signed(interval.high)}]"
    shown = "which the data cannot tell from nothing"
    if interval.low > 0 or interval.high < 0:
        shown = "better" if interval.low > 0 else "worse"
    return f"{against}: {how}, {shown}."


def quantisation_sentence(found: Mapping[str, Any] | None) -> str:
    """What 8-bit weights change, from the JSON of a measurement; empty where they were not measured.

    >>> share = {"value": 0.012, "same_crew": [0.004, 0.03], "n": 400}
    >>> quantisation_sentence(
    ...     {
    ...         "flips": share,
    ...         "change": {"value": -0.002, "same_crew": [-0.006, 0.002]},
    ...         "bytes_before": 91e6,
    ...         "bytes_after": 46e6,
    ...     }
    ... )
    '8-bit weights turn 1.2% of 400 pairs round and change accuracy by −0.2 points [−0.6, +0.2]; they take 46 MB
    instead of 91 MB.'
    """
    if not found or found["flips"].get("value") is None:
        return ""
    change = found["change"]
    bounds = (
        f" [{_signed(change['same_crew'][0])}, {_signed(change['same_crew'][1])}]" if change.get("same_crew") else ""
    )
    moved = (
        f"change accuracy by {points(change['value'])}{bounds}"
        if change.get("value") is not None
        else "change accuracy by nothing that is known"
    )
    size = f"{found['bytes_after'] / 1e6:.0f} MB instead of {found['bytes_before'] / 1e6:.0f} MB"
    return (
        f"8-bit weights turn {100 * found['flips']['value']:.1f}% of {found['flips']['n']:,} pairs round and {moved};"
        f" they take {size}."
    )


def ceiling_of(card: Scorecard) -> Estimate | None:
    """What to hold the accuracy against, where people's labels are known."""
    return card.ceiling.against(card.labels) if card.ceiling is not None else None


def percent(estimate: Estimate, *, interval: bool = True) -> str:
    """A share with its interval in brackets, in per cent."""
    if estimate.value is None:
        return "–"
    at = estimate.same_crew
    return f"{100 * estimate.value:.0f}%" + (f" [{100 * at.low:.0f}, {100 * at.high:.0f}]" if interval and at else "")


def points(value: float) -> str:
    """A difference of shares: `+4.1 points`.

    >>> points(-0.041)
    '−4.1 points'
    """
    return f"{_signed(value)} points"


def _signed(value: float) -> str:
    return f"{100 * value:+.1f}".replace("-", "−")
