"""The order of answers that are words of a rating scale: agreement, quality, frequency, amount."""

from __future__ import annotations

import re
from collections.abc import Iterable

_AGREE = re.compile(r"^(?:i )?(?:(?P<how>\w+(?: \w+)?) )?(?P<which>agree|disagree)$")
_HOW = {
    "strongly": 3, "completely": 3, "totally": 3, "fully": 3, "entirely": 3, "": 2, "mostly": 2, "moderately": 2,
    "somewhat": 1, "slightly": 1, "partly": 1, "partially": 1, "mildly": 1, "rather": 1, "tend to": 1, "a little": 1,
}  # fmt: skip
_BETWEEN = {"neutral", "neither agree nor disagree", "neither", "undecided", "neither nor"}
_SCALES = (
    ("very poor", "poor", "fair", "average", "good", "very good", "excellent"),
    ("very bad", "bad", "okay", "good", "very good"),
    ("terrible", "bad", "ok", "good", "great"),
    ("never", "rarely", "sometimes", "often", "always"),
    ("never", "seldom", "occasionally", "frequently", "always"),
    ("none", "very low", "low", "medium", "high", "very high"),
    ("none", "minor", "moderate", "major", "critical"),
    ("not at all", "slightly", "somewhat", "moderately", "very", "extremely"),
    ("very unlikely", "unlikely", "neutral", "likely", "very likely"),
    ("very dissatisfied", "dissatisfied", "neutral", "satisfied", "very satisfied"),
)


def in_rating_order(answers: Iterable[str]) -> list[str] | None:
    """The answers from the least to the most; None where they are not the words of one well-known scale.

    >>> in_rating_order(["Agree", "Disagree", "Neutral", "Strongly agree"])
    ['Disagree', 'Neutral', 'Agree', 'Strongly agree']
    >>> in_rating_order(["good", "Very good", "poor"]), in_rating_order(["red", "blue"])
    (['poor', 'good', 'Very good'], None)
    """
    words = {answer: re.sub(r"[\s_\-]+", " ", answer.casefold()).strip(" .") for answer in answers}
    agreement = {answer: _agreement(word) for answer, word in words.items()}
    ranks = {answer: rank for answer, rank in agreement.items() if rank is not None}
    if len(ranks) < len(words) or not any(ranks.values()):
        scale = next((scale for scale in _SCALES if set(words.values()) <= set(scale)), None)
        if scale is None or len(words) < 2:
            return None
        ranks = {answer: scale.index(word) for answer, word in words.items()}
    return sorted(ranks, key=lambda answer: (ranks[answer], answer))


def _agreement(word: str) -> int | None:
    """How far somebody agrees, -3 to 3; None where the answer says nothing of the kind."""
    if word in _BETWEEN:
        return 0
    found = _AGREE.match(word)
    if found is None or (found["how"] or "") not in _HOW:
        return None
    return _HOW[found["how"] or ""] * (1 if found["which"] == "agree" else -1)
