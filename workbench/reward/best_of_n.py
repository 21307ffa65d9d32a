"""Which of several candidate responses to a prompt is best by a reward model, and how close was it?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import pandas as pd

from workbench.errors import WorkbenchError, first_five
from workbench.estimates import Finite
from workbench.progress import UNWATCHED, Watch
from workbench.reward.candidates import Candidates
from workbench.reward.chat import Words, text_of_words


class Scorer(Protocol):
    """Anything that scores a response to its prompt: a head on an encoder, a fine-tuned model."""

    def score(self, prompt: Sequence[Words], response: Sequence[Words], watch: Watch = UNWATCHED) -> np.ndarray:
        """Score of each response, float64 (n,)."""


@dataclass(frozen=True)
class BestOf(Finite):
    """The choice for one prompt.

    Attributes
    ----------
    best : position of the chosen candidate; of equal scores the first.
    scores : of all candidates.
    ranking : positions from best to worst.
    lead : score of the best less that of the second; None where there is one candidate.
    """

    best: int
    scores: tuple[float, ...]
    ranking: tuple[int, ...]
    lead: float | None

    def to_dict(self) -> dict[str, object]:
        """As the command line prints it."""
        return {"best": self.best, "scores": list(self.scores), "ranking": list(self.ranking), "lead": self.lead}


def best_of_n(
    model: Scorer, prompts: Sequence[Words], candidates: Sequence[Sequence[Words]], watch: Watch = UNWATCHED
) -> list[BestOf]:
    """Chooses the best candidate for each prompt.

    The best of n by a model that is not perfect is the one it overrates most (Gao et al. 2023, *Scaling laws for reward
    model overoptimization*): check a sample of the choices where n is large.

    Parameters
    ----------
    prompts : one for each list of candidates; '' where there is none. Texts, or lists of messages, as the candidates.
    candidates : at least one for each prompt; lists may differ in length.

    Raises
    ------
    WorkbenchError
        A prompt has no candidate, or there are not as many prompts as lists.

    Examples
    --------
    >>> class Length:
    ...     def score(self, prompt, response, watch=UNWATCHED):
    ...         return np.array([float(len(r)) for r in response])
    >>> best_of_n(Length(), ["p"], [["a", "abc", "ab"]])[0].ranking
    (1, 2, 0)
    """
    if len(prompts) != len(candidates):
        raise WorkbenchError(
            f"There are {len(prompts):,} prompts and {len(candidates):,} lists of candidates.",
            "Give one list for each prompt.",
        )
    empty = [i + 1 for i, each in enumerate(candidates) if len(each) == 0]
    if empty:
        raise WorkbenchError(
            f"{len(empty):,} prompts have no candidate (rows {first_five(empty)}).", "Leave these prompts out."
        )
    ends = np.cumsum([len(each) for each in candidates]) if len(candidates) else np.empty(0, int)
    score = model.score(
        [p for p, each in zip(prompts, candidates, strict=True) for _ in each],
        [text for each in candidates for text in each],
        watch,
    )
    return [_chosen(part) for part in np.split(np.asarray(score, float), ends[:-1])] if len(candidates) else []


def _chosen(score: np.ndarray) -> BestOf:
    ranking = np.argsort(-score, kind="stable")
    lead = float(score[ranking[0]] - score[ranking[1]]) if len(score) > 1 else None
    return BestOf(int(ranking[0]), tuple(score.tolist()), tuple(int(i) for i in ranking), lead)


def choices(found: Sequence[BestOf], given: Candidates) -> list[dict[str, object]]:
    """The choices as JSON has them, by the positions, rows and ids of the file; a candidate without a text has no score
    and no rank.
    """
    told = []
    for each, places, rows, ids, listed in zip(found, given.places, given.rows, given.ids, given.listed, strict=True):
        scores: list[float | None] = [None] * listed
        for place, score in zip(places, each.scores, strict=True):
            scores[place] = score
        told.append(
            {
                "row": rows[0],
                "id": ids[0],
                "best": places[each.best],
                "best_row": rows[each.best],
                "best_id": ids[each.best],
                "scores": scores,
                "ranking": [places[k] for k in each.ranking],
                "lead": each.lead,
            }
        )
    return told


def candidate_table(found: Sequence[BestOf], given: Candidates) -> pd.DataFrame:
    """A row a candidate, as `best-of-n --out` writes it: `row` and `id` of the file, `prompt`, `candidate` (position in
    the row's list, from 0), `response`, `score`, `rank` (1 = best), `lead` of the best, `candidates` scored.
    """
    rows = []
    for i, each in enumerate(found):
        rank = np.empty(len(each.ranking), int)
        rank[list(each.ranking)] = np.arange(1, len(rank) + 1)
        rows += [
            {
                "row": given.rows[i][k],
                "id": given.ids[i][k],
                "prompt": text_of_words(given.prompts[i]),
                "candidate": given.places[i][k],
                "response": text_of_words(words, "assistant"),
                "score": each.scores[k],
                "rank": int(rank[k]),
                "lead": each.lead if rank[k] == 1 else None,
                "candidates": len(each.scores),
            }
            for k, words in enumerate(given.responses[i])
        ]
    return pd.DataFrame(rows)
