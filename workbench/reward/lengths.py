"""Texts as a sequence model reads them: prompt and response as tokens, and which pairs are longer than it can read.

TRL's RewardTrainer leaves out every pair in which one response is over `max_length`, and prints no count. Long
responses are the preferred ones more often than not, so that is a selection by what is to be learned. Here the pairs
are counted first, and whoever trains chooses whether they are cut or set aside.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from workbench.errors import WorkbenchError
from workbench.progress import UNWATCHED, Watch
from workbench.reward.pairs import Pairs
from workbench.reward.tokens import OverLength, Tokens, tokens_of

_DONE = {
    "truncate": "they are cut to it",
    "keep start": "their ends are cut off",
    "keep end": "their beginnings are cut off",
    "set aside": "they are set aside",
}


@dataclass(frozen=True, kw_only=True)
class LengthReport:
    """How many pairs are longer than the model reads, and what became of them.

    Attributes
    ----------
    n : pairs looked at.
    over : pairs with at least one response (its prompt counted in) over `max_length` tokens.
    preferred_over, other_over : pairs in which the preferred response is over it, and the other one; ties count in
        neither.
    max_length : tokens the model reads of prompt and response together.
    longest : tokens of the longest.
    action : what becomes of them, see `workbench.reward.tokens.OverLength`.
    """

    n: int
    over: int
    preferred_over: int
    other_over: int
    max_length: int
    longest: int
    action: OverLength

    def to_dict(self) -> dict[str, object]:
        """The report as JSON holds it."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}

    def __str__(self) -> str:
        if self.over == 0:
            return f"All {self.n:,} pairs fit into {self.max_length:,} tokens; the longest text has {self.longest:,}."
        done = _DONE[self.action]
        return (
            f"{self.over:,} of {self.n:,} pairs are longer than {self.max_length:,} tokens ({done}): the preferred"
            f" response in {self.preferred_over:,}, the other one in {self.other_over:,}; the longest text has"
            f" {self.longest:,}."
        )


@dataclass(frozen=True, eq=False)
class TokenPairs:
    """Both texts of each pair as tokens.

    Attributes
    ----------
    a, b : the tokens of the two sides.
    kept : int64: positions of the pairs that are trained on; the others are set aside.
    report : how many were too long.
    """

    a: Tokens
    b: Tokens
    kept: np.ndarray
    report: LengthReport


def token_pairs(
    tokenizer: Any, pairs: Pairs, max_length: int, over_length: OverLength = "truncate", watch: Watch = UNWATCHED
) -> TokenPairs:
    """Reads all pairs and says which are too long, before anything is trained.

    Raises
    ------
    WorkbenchError
        Nothing is left after the pairs that are too long are set aside.
    """
    sides: list[Tokens] = []
    for k, response in enumerate((pairs.response_a, pairs.response_b)):
        parts = []
        for start in range(0, len(pairs), 2_000):
            watch.step(k * len(pairs) + start, 2 * len(pairs), "Reading texts")
            stop = start + 2_000
            parts.append(
                tokens_of(
                    tokenizer,
                    pairs.prompt[start:stop].tolist(),
                    response[start:stop].tolist(),
                    max_length,
                    over_length,
                )
            )
        sides.append(_joined(parts))
    a, b = sides
    over_a, over_b = a.length > max_length, b.length > max_length
    for_a, for_b = pairs.target > 0.5, pairs.target < 0.5
    report = LengthReport(
        n=len(pairs),
        over=int((over_a | over_b).sum()),
        preferred_over=int((for_a & over_a).sum() + (for_b & over_b).sum()),
        other_over=int((for_a & over_b).sum() + (for_b & over_a).sum()),
        max_length=max_length,
        longest=int(max(a.length.max(initial=0), b.length.max(initial=0))),
        action=over_length,
    )
    kept = np.flatnonzero(~(over_a | over_b)) if over_length == "set aside" else np.arange(len(pairs))
    if len(kept) == 0:
        raise WorkbenchError(
            f"No pair is left to train on. {report}",
            "Have long texts cut instead of setting the pairs aside, or raise the maximum length.",
        )
    return TokenPairs(a, b, kept, report)


def _joined(parts: Sequence[Tokens]) -> Tokens:
    length = np.concatenate([p.length for p in parts]) if parts else np.empty(0, np.int64)
    return Tokens([i for p in parts for i in p.ids], [t for p in parts for t in p.types], length)
