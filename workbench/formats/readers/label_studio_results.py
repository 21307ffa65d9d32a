"""What the controls of a Label Studio annotation hold: pairwise choices, choices, ratings, rankings, numbers and
texts.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from workbench.formats.records.nested import dict_of, list_of, number_of, text_of
from workbench.formats.records.orderings import ranks_of

_TIES = {
    "tie",
    "tied",
    "equal",
    "draw",
    "same",
    "both",
    "neither",
    "bothbad",
    "bothgood",
    "noprefer",
    "nopreference",
    "aboutthesame",
    "bothbad(tie)",
}


@dataclass
class Controls:
    """The answers of one annotation.

    Attributes
    ----------
    pairwise : what the Pairwise control has selected, None where there is none.
    ranking : the ordered ids of a Ranker, None where there is none.
    answers : control -> answer of all others.
    shown : tags that the controls point at, where the export names several of them (`answer1,answer2`).
    """

    pairwise: str | None = None
    ranking: Any = None
    answers: dict[str, Any] = field(default_factory=dict)
    shown: tuple[str, ...] = ()

    @property
    def empty(self) -> bool:
        """Whether nothing was answered."""
        return self.pairwise is None and self.ranking is None and not self.answers

    @property
    def says_tie(self) -> bool:
        """Whether a Choices control beside the Pairwise says that neither is better: Pairwise itself has no tie."""
        return any(
            isinstance(a, str) and "".join(c for c in a.casefold() if c.isalnum()) in _TIES
            for a in self.answers.values()
        )

    def add(self, name: str, kind: str, value: Mapping[str, Any]) -> None:
        """Adds one control's value as the full export writes it."""
        if "selected" in value and kind in ("pairwise", ""):
            self.pairwise = text_of(value["selected"]) or self.pairwise
        elif "ranker" in value:
            self.ranking = value["ranker"]
        else:
            answer = answer_of(value, kind)
            if answer is not None:
                self.answers[name] = answer


def controls_of(result: Iterable[Any]) -> Controls:
    """The controls of an annotation's `result`; entries that are none are passed over."""
    controls = Controls()
    for entry in result:
        each = dict_of(entry)
        name = text_of(each.get("from_name")) or text_of(each.get("type")) or "answer"
        to_name = text_of(each.get("to_name")) or ""
        if "," in to_name:
            controls.shown = tuple(part.strip() for part in to_name.split(","))
        controls.add(name, (text_of(each.get("type")) or "").lower(), dict_of(each.get("value")))
    return controls


def answer_of(value: Mapping[str, Any], kind: str = "") -> Any:
    """One answer: the choice, the rating, the number or the text.

    >>> answer_of({"choices": ["A slightly"]}), answer_of({"rating": 4}), answer_of({"text": ["shorter"]})
    ('A slightly', 4.0, 'shorter')
    """
    for key in ("choices", "text", "taxonomy"):
        if key in value:
            listed = list_of(value[key]) or [value[key]]
            parts = [
                part
                for each in listed
                if (part := text_of(each)) is not None or (part := " / ".join(text_of(e) or "" for e in list_of(each)))
            ]
            return ", ".join(parts) or None
    for key in ("rating", "number", kind):
        if key and key in value:
            number = number_of(value[key])
            return text_of(value[key]) if math.isnan(number) else number
    return None


def ranks_in_order(ranking: Any, options: Sequence[str], texts: Sequence[str | None]) -> list[float]:
    """Ranks of the responses, whose ids in the Ranker are field names, texts, their numbers or their letters."""
    for names in (
        options,
        [t or "" for t in texts],
        *([str(i + start) for i in range(len(options))] for start in (1, 0)),
        list("ABCDEFGH"[: len(options)]),
    ):
        ranks = ranks_of(ranking, names)
        if sum(rank == rank for rank in ranks) >= 2:
            return ranks
    return [math.nan] * len(options)
