"""Several responses to one prompt and what somebody made of them - the best one, a rank or a score each - as pairs.

A ranking of k is all its k (k - 1) / 2 pairs; of a choice among k only the k - 1 pairs of the chosen one are known.
Pairs of one prompt are not independent: intervals cluster by it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from workbench.dataset.assembly import Export
from workbench.dataset.scales import BINARY, TERNARY
from workbench.formats.files.document import Document
from workbench.formats.records.conversations import prompt_text
from workbench.formats.records.nested import first_of, int_or_none, number_of, text_of
from workbench.formats.records.rankings import Option, Rankings
from workbench.formats.records.record_collector import Harvest, NothingRead, slices
from workbench.formats.records.remedies import ANOTHER_FORMAT
from workbench.formats.records.roles import shown_text

PROMPTS = ("prompt", "instruction", "question", "query", "user_prompt", "input", "context", "caption", "post")
PEOPLE = (
    *("annotator", "annotator_id", "worker", "worker_id", "WorkerId", "rater", "rater_id", "labeler", "labeler_id"),
    *("labeller", "user_id", "user", "user_hash", "judge", "judge_id", "expert_id", "participant_id", "respondent_id"),
)
RESPONSES = (
    *("response", "model_response", "answer", "completion", "output", "candidate", "generation", "summary"),
    *("translation", "reply", "text"),
)
MODELS = ("model", "model_name", "generator", "policy", "system", "source_model")
BEST = ("best", "winner", "chosen", "choice", "preferred", "preference", "selected", "best_response", "label")
BEST_FLAGS = ("if_chosen", "is_chosen", "chosen", "is_best", "best", "selected", "is_selected", "preferred", "winner")
_SECONDS = ("seconds", "lead_time", "duration", "time_spent", "seconds_spent")
_ENDED = ("ended_at", "submitted_at", "timestamp", "created_at", "annotated_at")
_SLICES = ("source", "dataset", "subset", "category", "domain", "language", "lang", "split", "conversation_type")


class Ballots:
    """Rankings of one file, gathered record by record.

    Parameters
    ----------
    document : the file.
    name : the reader's name.
    """

    def __init__(self, document: Document, name: str) -> None:
        self.harvest = Harvest(document, name)
        self._rankings = Rankings()
        self._most = 0
        self._level: list[int] = []

    def add(
        self,
        ref: int,
        record: Mapping[str, Any],
        options: Sequence[Option],
        *,
        prompt: str | None = None,
        judged: Mapping[str, Any] | None = None,
    ) -> None:
        """Adds what one person made of the responses to a prompt; sets it aside where there is no pair in it.

        Parameters
        ----------
        record : fields that the prompt, the person, times and slices are taken from.
        options : responses with a score each, higher is better; NaN = not judged. Empty texts are left out.
        prompt : where it is not in the record.
        judged : columns of `Export.rows` beside those of the record.
        """
        known = [option for option in options if option.response and not math.isnan(option.score)]
        if len(known) < 2:
            self.harvest.set_aside("fewer than two judged responses", ref)
            return
        if len({option.score for option in known}) == 1:
            self._level.append(ref)
        text = prompt if prompt is not None else shown_text(first_of(record, PROMPTS))
        who = {"annotator": text_of(first_of(record, PEOPLE)), **_times(record, ref), **(judged or {})}
        self._most = max(self._most, len(known))
        self._rankings.add(ref, None if text is None else prompt_text(text), known, slices(record, _SLICES), who)

    def export(self, what: str, *, only_decided: bool) -> Export:
        """All pairs.

        Parameters
        ----------
        what : what one record holds, for the finding.
        only_decided : equal scores say nothing, because only the best or the chosen are named; else they are ties.
        """
        for ref in self._level if only_decided else ():
            self.harvest.set_aside("no response above another", ref)
        if self._most > 2:
            which = "the pairs that it decides" if only_decided else "all its pairs"
            self.harvest.note(
                "info",
                "pairs-from-rankings",
                f"{what} is read as {which}, up to {self._most} responses each.",
                "Pairs of one prompt are not independent; intervals cluster by it.",
            )
        self.harvest.note(
            "info",
            "sides-assigned",
            "The file does not say which response was shown first; A and B were assigned by a hash of the texts.",
            "Position bias cannot be measured on this file.",
        )
        items, rows = self._rankings.pairs(only_decided)
        return self.harvest.export(BINARY if only_decided else TERNARY, frames=(items, rows.drop(columns="dim.margin")))


def not_of_this_kind(document: Document, name: str) -> NothingRead:
    """The error where somebody names a reader whose layout the file has not."""
    return NothingRead(f"{document.name}: nothing in it could be read as {name}.", ANOTHER_FORMAT)


def scores_from_ranks(ranks: Sequence[Any]) -> list[float]:
    """Ranks (1, or 0, is the best) as scores.

    >>> scores_from_ranks([2, 1, None])
    [-2.0, -1.0, nan]
    """
    return [-number_of(rank) for rank in ranks]


def scores_from_best(best: int | None, k: int) -> list[float]:
    """The place of the best of k as scores, NaN where it is none of them.

    >>> scores_from_best(1, 3), scores_from_best(3, 3)
    ([0.0, 1.0, 0.0], [nan, nan, nan])
    """
    known = best is not None and 0 <= best < k
    return [float(i == best) if known else math.nan for i in range(k)]


def counted_from(places: Sequence[Any], k: int) -> int | None:
    """Whether places among k responses are counted from 0 or from 1; None where nothing shows it.

    >>> counted_from([0, 1, 2], 3), counted_from(["1", "3"], 3), counted_from([1, 2], 3), counted_from([0, 3], 3)
    (0, 1, None, None)
    """
    whole = {int_or_none(place) for place in places if text_of(place) is not None}
    if not whole or None in whole:
        return None
    least, most = min(w for w in whole if w is not None), max(w for w in whole if w is not None)
    if least == 0 and most < k:
        return 0
    return 1 if least >= 1 and most == k else None


def _times(record: Mapping[str, Any], ref: int) -> dict[str, Any]:
    seconds, ended = first_of(record, _SECONDS), first_of(record, _ENDED)
    found = {"seconds": number_of(seconds), "ended_at": text_of(ended) if isinstance(ended, str) else number_of(ended)}
    known = {
        name: value for name, value in found.items() if isinstance(value, str) or (value is not None and value == value)
    }
    # The time is that of the whole ranking, not of each of its pairs.
    return {**known, "batch": f"ranking {ref}"} if known else {}
