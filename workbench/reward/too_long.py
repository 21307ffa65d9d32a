"""How many texts are longer than a model reads at once, and what becomes of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from workbench.estimates import Finite
from workbench.progress import UNWATCHED, Watch
from workbench.reward.chat import Words, text_of_words
from workbench.reward.model import RewardModel
from workbench.reward.sentence import SentenceEncoder
from workbench.reward.sequence_model import SequenceModel

_DONE = {
    "windows": "read in windows to their end",
    "cut": "cut at their end",
    "truncate": "cut",
    "keep start": "cut at their end",
    "keep end": "cut at their beginning",
    "set aside": "left out",
}


@dataclass(frozen=True)
class TooLong(Finite):
    """Texts, or pairs with at least one text, beyond what a model reads at once.

    Attributes
    ----------
    n, over : looked at, and longer than that.
    limit : tokens the model reads at once; None where it reads everything.
    action : what becomes of the longer ones, see `workbench.reward.windows.LongTexts` and
        `workbench.reward.tokens.OverLength`.
    unit : what is counted: `texts` or `pairs`.
    """

    n: int
    over: int
    limit: int | None
    action: str
    unit: str = "texts"

    @property
    def share_cut(self) -> float | None:
        """Share of which the model does not see everything; None of nothing."""
        if self.n == 0:
            return None
        return 0.0 if self.action == "windows" else self.over / self.n

    @property
    def sentence(self) -> str:
        """The count as one would tell it.

        >>> TooLong(200, 30, 256, "cut", "pairs").sentence
        '30 of 200 pairs (15.0%) have a text over the 256 tokens the model reads: cut at their end.'
        """
        if self.limit is None:
            return f"All {self.n:,} {self.unit} are read whole."
        if self.over == 0:
            return f"All {self.n:,} {self.unit} fit into the {self.limit:,} tokens the model reads."
        has = "have a text" if self.unit == "pairs" else "are"
        at_once = "at once" if self.action == "windows" else ""
        reads = f"the model reads {at_once}".rstrip()
        share = f"{self.over:,} of {self.n:,} {self.unit} ({self.over / max(self.n, 1):.1%})"
        return f"{share} {has} over the {self.limit:,} tokens {reads}: {_DONE[self.action]}."

    def to_dict(self) -> dict[str, object]:
        """As JSON has it."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__} | {"share_cut": self.share_cut}


def texts_too_long(
    model: RewardModel | SequenceModel, prompt: Sequence[Words], response: Sequence[Words], watch: Watch = UNWATCHED
) -> TooLong:
    """How many of these responses (with their prompts, where the model reads the two as one text) are too long?"""
    long, limit, action = _long(model, prompt, response, watch)
    return TooLong(len(response), int(long.sum()), limit, action)


def pairs_too_long(
    model: RewardModel | SequenceModel,
    prompt: Sequence[Words],
    response_a: Sequence[Words],
    response_b: Sequence[Words],
    watch: Watch = UNWATCHED,
) -> TooLong:
    """In how many of these pairs is a text too long?"""
    (a, limit, action), (b, _, _) = (_long(model, prompt, r, watch) for r in (response_a, response_b))
    return TooLong(len(a), int((a | b).sum()), limit, action, "pairs")


def _long(
    model: RewardModel | SequenceModel, prompt: Sequence[Words], response: Sequence[Words], watch: Watch
) -> tuple[np.ndarray, int | None, str]:
    if isinstance(model, SequenceModel):
        return model.too_long(prompt, response, watch), model.max_length, model.over_length
    encoder = model.encoder
    if not isinstance(encoder, SentenceEncoder):
        return np.zeros(len(response), bool), None, "windows"
    long = encoder.too_long([text_of_words(words, "assistant") for words in response])
    if model.blocks.prompt:
        long = long | encoder.too_long([text_of_words(words) for words in prompt])
    return long, encoder.limit, encoder.long
