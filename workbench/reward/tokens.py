"""Prompt and response as the tokens a sequence model reads, and what is left out of a text that is too long.

What is cut is what people and models wrote, never the token that begins a text, the roles of a conversation, or the
token that ends it: a model that scores at the last token would score something else, and one that was trained on roles
would read a text nobody wrote.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np

from workbench.reward.chat import Rendered, Words, rendered, text_of_words, turns_in

OverLength = Literal["truncate", "keep start", "keep end", "set aside"]
"""What becomes of a text that is too long: `truncate` is what its kind of model is used to (of prompt and response as
two texts the longer one at its end, as transformers does; of a conversation the beginning), `keep start` cuts the end,
`keep end` the beginning, `set aside` leaves the pair out."""

OVER_LENGTH: tuple[str, ...] = get_args(OverLength)


@dataclass(frozen=True, eq=False)
class Tokens:
    """Texts as token ids, cut to what the model reads.

    Attributes
    ----------
    ids, types : one list of token ids a text, and of segment numbers where the model has them (otherwise empty).
    length : int64 (n,): tokens before cutting.
    """

    ids: list[list[int]]
    types: list[list[int]]
    length: np.ndarray


def longest_readable(tokenizer: Any, config: Any, asked: int) -> int:
    """How many tokens can be read: what was asked for, and no more than the model's positions and its tokenizer
    allow.
    """
    positions = getattr(config, "max_position_embeddings", None) or asked
    if getattr(config, "model_type", "") in ("roberta", "xlm-roberta", "camembert"):
        positions -= (getattr(config, "pad_token_id", None) or 1) + 1  # their positions begin behind the padding index
    return int(min(asked, positions, tokenizer.model_max_length))


def tokens_of(
    tokenizer: Any,
    prompt: Sequence[Words],
    response: Sequence[Words],
    max_length: int,
    over_length: OverLength = "truncate",
) -> Tokens:
    """Prompt and response as tokens, in the form this tokenizer's models were trained on.

    A chat template is used where there is one, with the turns of the conversation; otherwise a tokenizer with
    separators joins the two as a pair of texts, and any other gets prompt, empty line, response, end of text.

    Parameters
    ----------
    prompt, response : texts, or lists of messages; '' where there is none.
    over_length : how a text over `max_length` is cut; those that are to be set aside are cut here and left out by who
        asked.
    """
    if not len(response):
        return Tokens([], [], np.empty(0, np.int64))
    if tokenizer.chat_template:
        turns = [(*turns_in(p, "user"), *turns_in(r, "assistant")) for p, r in zip(prompt, response, strict=True)]
        return _conversations(tokenizer, turns, max_length, over_length)
    p, r = [text_of_words(each) for each in prompt], [text_of_words(each, "assistant") for each in response]
    if tokenizer.sep_token is None:
        return _joined(tokenizer, p, r, max_length, over_length)
    return _paired(tokenizer, p, r, max_length, over_length)


def shortened(ids: Sequence[int], cuttable: np.ndarray, most: int, *, keep: Literal["start", "end"]) -> list[int]:
    """Positions that stay of tokens which are too many: all that may not be cut, and the beginning or end of the rest.

    Where what may not be cut is itself too much, the first token and the last ones stay.

    >>> shortened([9, 1, 2, 3, 9], np.array([False, True, True, True, False]), 3, keep="end")
    [0, 3, 4]
    """
    over, may = len(ids) - most, np.flatnonzero(cuttable)
    if over <= 0:
        return list(range(len(ids)))
    if over > len(may):
        return [0, *range(len(ids) - most + 1, len(ids))]
    gone = may[:over] if keep == "end" else may[len(may) - over :]
    return np.setdiff1d(np.arange(len(ids)), gone).tolist()


def _conversations(tokenizer: Any, turns: Sequence[Sequence[tuple[str, str]]], most: int, over: OverLength) -> Tokens:
    texts = [rendered(tokenizer, each) for each in turns]
    exact = bool(tokenizer.is_fast)
    how = {"add_special_tokens": False, "return_attention_mask": False, "verbose": False}
    read = tokenizer([each.text for each in texts], return_offsets_mapping=exact, **how)
    ids = [list(each) for each in read["input_ids"]]
    length = np.array([len(each) for each in ids], np.int64)
    keep: Literal["start", "end"] = "start" if over == "keep start" else "end"
    for i in np.flatnonzero(length > most).tolist():
        cuttable = _inside(texts[i], read["offset_mapping"][i]) if exact else np.arange(len(ids[i])) > 0
        if len(ids[i]) - cuttable.sum() > most // 2 and len(turns[i]) > 2:
            # Roles would take the room of words: the oldest turns go, and what told the model who it is stays.
            fewer = _without_oldest(turns[i])
            ids[i] = _conversations(tokenizer, [fewer], most, over).ids[0]
        else:
            ids[i] = [ids[i][k] for k in shortened(ids[i], cuttable, most, keep=keep)]
    return Tokens(ids, [], length)


def _without_oldest(turns: Sequence[tuple[str, str]]) -> Sequence[tuple[str, str]]:
    """Without the first two turns behind a system turn, so that the roles still alternate."""
    begin = 1 if turns[0][0] == "system" else 0
    rest = list(turns[begin + 2 :]) or [turns[-1]]
    return [*turns[:begin], *rest]


def _inside(text: Rendered, offsets: Sequence[tuple[int, int]]) -> np.ndarray:
    """Which tokens lie wholly within what was written, bool (tokens,)."""
    spans = np.array(offsets, np.int64).reshape(-1, 2)
    found = np.zeros(len(spans), bool)
    for start, end in text.contents:
        found |= (spans[:, 0] >= start) & (spans[:, 1] <= end) & (spans[:, 1] > spans[:, 0])
    return found


def _joined(tokenizer: Any, prompt: list[str], response: list[str], most: int, over: OverLength) -> Tokens:
    texts = [f"{p}\n\n{r}" if p else r for p, r in zip(prompt, response, strict=True)]
    read = tokenizer(texts, verbose=False, return_special_tokens_mask=True)
    end = [tokenizer.eos_token_id] if tokenizer.eos_token_id is not None else []
    ids, length = [], []
    for row, special in zip(read["input_ids"], read["special_tokens_mask"], strict=True):
        whole = [*row, *end]
        cuttable = np.array([*special, *(1 for _ in end)]) == 0
        keep: Literal["start", "end"] = "start" if over == "keep start" else "end"
        ids.append([whole[k] for k in shortened(whole, cuttable, most, keep=keep)])
        length.append(len(whole))
    return Tokens(ids, [], np.array(length, np.int64))


def _paired(tokenizer: Any, prompt: list[str], response: list[str], most: int, over: OverLength) -> Tokens:
    n = len(response)
    ids: list[list[int]] = [[] for _ in range(n)]
    types: list[list[int]] = [[] for _ in range(n)]
    length = np.zeros(n, np.int64)
    segments = "token_type_ids" in tokenizer.model_input_names
    how = {"verbose": False, "return_token_type_ids": segments, "return_attention_mask": False}
    for bare in (True, False):
        part = [i for i in range(n) if (prompt[i] == "") == bare]

        def read(these: list[int], bare: bool = bare, **more: Any) -> Any:
            sides = ([response[i] for i in these],)
            return tokenizer(*(sides if bare else ([prompt[i] for i in these], *sides)), **how, **more)

        _fill(part, read(part, truncation=False) if part else None, ids, types)
        length[part] = [len(ids[i]) for i in part]
        long = [i for i in part if length[i] > most]
        if long:
            _cut_pairs(tokenizer, long, read, ids, types, most, over)
    return Tokens(ids, types if segments else [], length)


def _cut_pairs(
    tokenizer: Any,
    long: list[int],
    read: Callable[..., Any],
    ids: list[list[int]],
    types: list[list[int]],
    most: int,
    over: OverLength,
) -> None:
    if over in ("truncate", "set aside"):
        _fill(long, read(long, truncation="longest_first", max_length=most), ids, types)
        return
    for i in long:
        special = np.array(tokenizer.get_special_tokens_mask(ids[i], already_has_special_tokens=True)) > 0
        kept = shortened(ids[i], ~special, most, keep="start" if over == "keep start" else "end")
        ids[i] = [ids[i][k] for k in kept]
        types[i] = [types[i][k] for k in kept] if types[i] else []


def _fill(part: list[int], read: Any, ids: list[list[int]], types: list[list[int]]) -> None:
    for k, i in enumerate(part):
        ids[i] = list(read["input_ids"][k])
        if "token_type_ids" in read:
            types[i] = list(read["token_type_ids"][k])
