"""Pairs as a language model reads them: the prompt and what comes after it as tokens, and which texts are too long.

A response begins where the tokens of its prompt alone and of prompt and response together part, as in TRL's
DPOTrainer, so that both train on the same tokens. A chat template is used where the tokenizer has one, each turn with
its role; otherwise the text is prompt, empty line, response, end of text.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from workbench.errors import WorkbenchError
from workbench.policy.settings import Cut
from workbench.progress import UNWATCHED, Watch
from workbench.reward.chat import turns_in
from workbench.reward.pairs import Pairs

Turns = Sequence[tuple[str, str]]
NO_ROOM = "the prompt alone fills what the model reads"


@dataclass(frozen=True)
class Sequences:
    """Texts as token ids.

    Attributes
    ----------
    ids : one list of token ids a text, prompt and response.
    start : int64 (n,): where the response begins.
    """

    ids: list[list[int]]
    start: np.ndarray

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def response_tokens(self) -> np.ndarray:
        """int64 (n,): tokens of each response."""
        return np.array([len(i) for i in self.ids], np.int64) - self.start


@dataclass(frozen=True, kw_only=True)
class ReadReport:
    """How many pairs were too long, and what became of them.

    Attributes
    ----------
    n : pairs looked at.
    over : pairs with a text over `max_length` tokens, its prompt counted in.
    preferred_over, other_over : pairs in which the preferred response is over it, and the other one; ties count in
        neither.
    set_aside : reason -> pairs that are not trained on.
    seams : pairs whose prompt reads otherwise by itself than in front of a response; such tokens are left out.
    max_length, longest : tokens read, and tokens of the longest text.
    action : what becomes of a pair that is too long.
    template : whether the tokenizer's chat template was used.
    """

    n: int
    over: int
    preferred_over: int
    other_over: int
    set_aside: Mapping[str, int]
    seams: int
    max_length: int
    longest: int
    action: Cut
    template: bool

    def to_dict(self) -> dict[str, object]:
        """As JSON holds it."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}

    def __str__(self) -> str:
        how = "through the model's chat template" if self.template else "as plain text (the model has no chat template)"
        if self.over == 0:
            said = f"All {self.n:,} pairs fit into {self.max_length:,} tokens; the longest text has {self.longest:,}"
        else:
            done = {
                "keep start": "the ends of their responses are cut",
                "keep end": "their prompts are cut at the beginning",
                "set aside": "they are set aside",
            }[self.action]
            said = (
                f"{self.over:,} of {self.n:,} pairs are longer than {self.max_length:,} tokens ({done}): the preferred"
                f" response in {self.preferred_over:,}, the other one in {self.other_over:,}"
            )
        seams = f" {self.seams:,} prompts read otherwise by themselves." if self.seams else ""
        return f"{said}. Read {how}.{seams}"


@dataclass(frozen=True)
class TokenPairs:
    """Both texts of each pair as tokens.

    Attributes
    ----------
    a, b : of the two sides.
    kept : int64: positions of the pairs that are trained on.
    report : how many were too long.
    """

    a: Sequences
    b: Sequences
    kept: np.ndarray
    report: ReadReport


def prompt_ids(tokenizer: Any, prompt: str) -> list[int]:
    """The tokens a response is to continue."""
    return _prompt_ids(tokenizer, turns_in(prompt, "user"))


def read_text(tokenizer: Any, prompt: str, response: str, max_length: int) -> tuple[list[int], int]:
    """Tokens of a prompt and its response, cut at the end, and where the response begins."""
    ids, start, _ = _joined(tokenizer, turns_in(prompt, "user"), response)
    return ids[:max_length], min(start, max_length)


def token_pairs(
    tokenizer: Any,
    pairs: Pairs,
    max_length: int,
    over_length: Cut = "keep start",
    watch: Watch = UNWATCHED,
) -> TokenPairs:
    """Reads all pairs and says which are too long, before anything is trained.

    Raises
    ------
    WorkbenchError
        Nothing is left to train on.
    """
    n = len(pairs)
    a, b = Sequences([], np.zeros(n, np.int64)), Sequences([], np.zeros(n, np.int64))
    over, room = np.zeros((n, 2), bool), np.ones(n, bool)
    seams, longest = 0, 0
    for i in range(n):
        if i % 200 == 0:
            watch.step(i, n, "Reading texts")
        turns = turns_in(pairs.prompt[i], "user")
        sides = (pairs.response_a[i], pairs.response_b[i])
        read = [_joined(tokenizer, turns, text) for text in sides]
        longest = max(longest, *(len(ids) for ids, _, _ in read))
        seams += any(seam for _, _, seam in read)
        excess = max(len(ids) for ids, _, _ in read) - max_length
        over[i] = [len(ids) > max_length for ids, _, _ in read]
        if excess > 0 and over_length == "keep end":
            shorter = _without_beginning(tokenizer, turns, excess)
            read = [_joined(tokenizer, shorter, text) for text in sides]
        start = min(at for _, at, _ in read)
        room[i] = start < max_length
        for side, (ids, _, _) in zip((a, b), read, strict=True):
            side.ids.append(ids[:max_length])
            side.start[i] = min(start, len(ids[:max_length]))
    kept = np.flatnonzero(room & ~over.any(1)) if over_length == "set aside" else np.flatnonzero(room)
    reasons = {
        NO_ROOM: int((~room).sum()),
        f"longer than {max_length:,} tokens": int(room.sum()) - len(kept),
    }
    for_a, for_b = pairs.target > 0.5, pairs.target < 0.5
    report = ReadReport(
        n=n,
        over=int(over.any(1).sum()),
        preferred_over=int((for_a & over[:, 0]).sum() + (for_b & over[:, 1]).sum()),
        other_over=int((for_a & over[:, 1]).sum() + (for_b & over[:, 0]).sum()),
        set_aside={reason: count for reason, count in reasons.items() if count},
        seams=seams,
        max_length=max_length,
        longest=longest,
        action=over_length,
        template=bool(tokenizer.chat_template),
    )
    if len(kept) == 0:
        raise WorkbenchError(
            f"No pair is left to train on. {report}", "Raise the maximum length, or choose another treatment of it."
        )
    return TokenPairs(a, b, kept, report)


def _joined(tokenizer: Any, turns: Turns, response: str) -> tuple[list[int], int, bool]:
    """Tokens of prompt and response, where the response begins, and whether the prompt's end reads otherwise alone."""
    alone = _prompt_ids(tokenizer, turns)
    if tokenizer.chat_template:
        whole = _templated(tokenizer, [*turns, ("assistant", response)])
    else:
        end = tokenizer.eos_token or ""
        whole = list(tokenizer(_plain(turns) + response + end, verbose=False)["input_ids"])
    same = next((k for k, (x, y) in enumerate(zip(alone, whole, strict=False)) if x != y), min(len(alone), len(whole)))
    return whole, same, same < len(alone)


def _prompt_ids(tokenizer: Any, turns: Turns) -> list[int]:
    if tokenizer.chat_template:
        return _templated(tokenizer, turns, add_generation_prompt=True)
    return list(tokenizer(_plain(turns), verbose=False)["input_ids"])


def _templated(tokenizer: Any, turns: Turns, **more: Any) -> list[int]:
    from jinja2 import TemplateError

    messages = [{"role": role, "content": text} for role, text in turns]
    try:
        return list(tokenizer.apply_chat_template(messages, tokenize=True, return_dict=False, **more))
    except (TemplateError, ValueError, TypeError, IndexError) as error:
        why = " ".join(str(error).split())[:160] or type(error).__name__
        raise WorkbenchError(
            f"The model's chat template takes no conversation of {', '.join(r for r, _ in turns[:6]) or 'no turn'}:"
            f" {why}",
            "Bring the turns into the order the model was trained on.",
        ) from error


def _plain(turns: Turns) -> str:
    """The prompt in front of a response, for a model without roles."""
    if not turns:
        return ""
    if len(turns) == 1:
        return f"{turns[0][1]}\n\n"
    return "".join(f"{role.capitalize()}: {text}\n\n" for role, text in turns)


def _without_beginning(tokenizer: Any, turns: Turns, excess: int) -> list[tuple[str, str]]:
    """The same turns with about so many tokens less, taken from their beginning; every turn keeps its role."""
    left, found = excess, []
    for role, text in turns:
        ids = tokenizer(text, add_special_tokens=False, verbose=False)["input_ids"] if left > 0 else []
        taken = min(left, len(ids))
        found.append((role, tokenizer.decode(ids[taken:]) if taken else text))
        left -= taken
    return found
