"""What a judge gave back for one call: a state, a label with its probabilities, what it used, and which model said
so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

STATES = ("answered", "refused", "cut", "unreadable", "failed", "ambiguous")
"""Answered; refused, with a category; cut off at the limit; no verdict to be read; no answer; sent, and never known
what became of it.
"""

MOST_TOKENS = 100_000_000
"""No call takes more, whatever a server says."""

STRENGTH = {"A>>": 2.0, "A>": 1.0, "=": 0.0, "B>": -1.0, "B>>": -2.0}


@dataclass(frozen=True)
class Usage:
    """Tokens of one call.

    Attributes
    ----------
    fresh, cache_read, cache_write : tokens in, each counted once.
    out : tokens out, reasoning included.
    reasoning : those of `out` that were thought and not said.
    """

    fresh: int = 0
    cache_read: int = 0
    cache_write: int = 0
    out: int = 0
    reasoning: int = 0


@dataclass(frozen=True, kw_only=True)
class Answer:
    """One answer.

    Attributes
    ----------
    state : one of `STATES`.
    label : one of the labels offered, towards the order shown (A = first), or None.
    why : why there is no label, or what kind of refusal it was.
    probabilities : label -> probability, towards the order shown; None where the judge gives none.
    principles : principle id -> label, towards the order shown.
    reason : the judge's own words.
    usage : tokens, or None where the server did not say.
    model : the model that the answer names.
    raw : the answer as it came.
    """

    state: str
    label: str | None = None
    why: str | None = None
    probabilities: Mapping[str, float] | None = None
    principles: Mapping[str, str] = field(default_factory=dict)
    reason: str | None = None
    usage: Usage | None = None
    model: str | None = None
    raw: str = ""


_FOR_FIRST = {"A>>": 1.0, "A>": 1.0, "=": 0.5, "B>": 0.0, "B>>": 0.0}


def score_of(label: str | None, probabilities: Mapping[str, float] | None) -> float | None:
    """How much the answer is for the first response, 0 to 1: the probability that it is better, a tie counting half.

    >>> score_of("A>", None), score_of(None, None), round(score_of("B>", {"A>": 0.2, "=": 0.2, "B>": 0.6}), 2)
    (1.0, None, 0.3)
    """
    if probabilities:
        return sum(p * _FOR_FIRST[k] for k, p in probabilities.items())
    return None if label is None else _FOR_FIRST[label]


def turned(label: str | None) -> str | None:
    """The same label with both responses exchanged."""
    return None if label is None else label.translate(str.maketrans("AB", "BA"))


def normalised(found: Mapping[Any, Any], labels: Sequence[str]) -> dict[str, float] | None:
    """Probabilities of the labels, made to sum to 1; None where they are none (not a number, negative, or far from
    1).
    """
    try:
        values = {label: float(found.get(label, 0.0)) for label in labels}
    except (TypeError, ValueError, OverflowError):
        return None
    total = sum(values.values())
    if any(not 0 <= v <= 1.001 for v in values.values()) or not 0.9 <= total <= 1.1:
        return None
    return {label: value / total for label, value in values.items()}


def whole(value: object) -> int:
    """A count of tokens as a server gives it, at most `MOST_TOKENS`; anything else is 0.

    >>> whole(12), whole("12"), whole(float("inf"))
    (12, 0, 100000000)
    """
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not value >= 0:
        return 0
    return int(min(value, MOST_TOKENS))


def fields_of(value: Any) -> dict[str, Any]:
    """An object of an answer, empty where the server put something else in its place."""
    return value if isinstance(value, dict) else {}


def text_of(value: object, most: int = 200) -> str | None:
    """A text of an answer, cut where it is longer; None where it is none."""
    return value[:most] if isinstance(value, str) else None
