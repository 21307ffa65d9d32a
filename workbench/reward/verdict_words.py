"""A scorecard said in sentences: the verdict first, then what to hold it against."""

from __future__ import annotations

from workbench.estimates import Estimate
from workbench.reward.scorecard import Scorecard


def verdict_sentence(card: Scorecard) -> str:
    """What the model is worth, as one would tell a colleague.

    >>> from workbench.estimates import Interval
    >>> percent(Estimate("x", 0.8234, Interval(0.79, 0.85, "same crew", ""), n=100))
    '82 % [79, 85]'
    """
    if card.accuracy.value is None:
        return f"How well the model ranks cannot be said: {card.accuracy.reason}."
    parts = [f"Ranks {percent(card.accuracy)} of {card.accuracy.n:,} held-out pairs right"]
    highest = ceiling_of(card)
    if highest is not None and highest.value is not None:
        if card.labels == "gold":
            parts.append(f"one person names the gold's side on {percent(highest, interval=False)}")
        else:
            parts.append(f"people agree so far that {percent(highest, interval=False)} is the ceiling")
    if card.length_only.value is not None:
        parts.append(f"always choosing the longer text gets {percent(card.length_only, interval=False)}")
    return "; ".join(parts) + "."


def beside_length_sentence(card: Scorecard) -> str:
    """Whether the model is better than counting characters; empty where that is not known."""
    gain, interval = card.over_length.value, card.over_length.same_crew
    if gain is None or interval is None:
        return ""
    how = f"{points(gain)} [{_signed(interval.low)}, {_signed(interval.high)}]"
    if interval.low > 0:
        return f"That is {how} better than the longer text."
    if interval.high < 0:
        return f"That is {how}: worse than the longer text, so do not use it."
    return f"The data do not show that it is better than the longer text: {how}."


def calibration_sentence(card: Scorecard) -> str:
    """What its probabilities are worth.

    An error is held against what chance alone would show with so many pairs.
    """
    given, scaled = card.reliability.as_given, card.reliability.scaled
    if given.ece.value is None or scaled.ece.value is None:
        return f"What its probabilities are worth cannot be said: {given.ece.reason}."
    t = card.reliability.temperature
    sure = "about right" if 0.9 <= t <= 1.1 else "too sure of itself" if t > 1 else "not sure enough"
    first = f"Its probabilities are off by {100 * given.ece.value:.1f} points on average (calibration error; chance alone shows {100 * given.ece_by_chance:.1f})"
    return f"{first}: it is {sure}. Scaled by a temperature of {t:.2f}, fitted on other prompts, they are off by {100 * scaled.ece.value:.1f}."


def noise_sentence(card: Scorecard) -> str:
    """Whether minding label noise paid; empty where it was not tried."""
    found = card.noise
    if found is None or found.difference.value is None or found.difference.same_crew is None:
        return ""
    d, interval = found.difference.value, found.difference.same_crew
    how = f"{points(d)} [{_signed(interval.low)}, {_signed(interval.high)}]"
    shown = "better" if interval.low > 0 else "worse" if interval.high < 0 else "which the data cannot tell from nothing"
    return f"{found.names[0]} against {found.names[1].lower()}, on the same split: {how}, {shown}."


def ceiling_of(card: Scorecard) -> Estimate | None:
    """What to hold the accuracy against, where people's labels are known."""
    return card.ceiling.against(card.labels) if card.ceiling is not None else None


def percent(estimate: Estimate, *, interval: bool = True) -> str:
    """A share with its interval in brackets, in per cent."""
    if estimate.value is None:
        return "–"
    at = estimate.same_crew
    return f"{100 * estimate.value:.0f} %" + (f" [{100 * at.low:.0f}, {100 * at.high:.0f}]" if interval and at else "")


def points(value: float) -> str:
    """A difference of shares: `+4.1 points`.

    >>> points(-0.041)
    '−4.1 points'
    """
    return f"{_signed(value)} points"


def _signed(value: float) -> str:
    return f"{100 * value:+.1f}".replace("-", "−")
