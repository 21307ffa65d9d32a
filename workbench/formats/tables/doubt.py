"""A doubt about what the columns of a table hold, and the ways in which it can be settled."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

A_ROW_AN_ANSWER = (
    "Open a table with a row an answer and the columns who answered, what was judged, and the answer; or keep only the"
    " columns of one question that was asked about each item."
)
"""What to do with a survey whose questions are of several kinds."""


@dataclass(frozen=True)
class Doubt:
    """What speaks against a guess.

    Attributes
    ----------
    says : what was seen, as half a sentence.
    about : the fields it is about; whoever names one of them has settled it.
    ways : the readings: when each is the right one, and the mapping that says it.
    remedy : what to do where no mapping can say it.
    """

    says: str
    about: frozenset[str] = frozenset({"item", "annotator", "label"})
    ways: tuple[tuple[str, Mapping[str, str]], ...] = ()
    remedy: str = ""


def doubt_about(fields: str, says: str, *ways: tuple[str, Mapping[str, str]]) -> Doubt:
    """A doubt about some fields, named with spaces between.

    >>> doubt_about("item label", "nothing fits").about == {"item", "label"}
    True
    """
    return Doubt(says, frozenset(fields.split()), ways)
