"""Texts longer than an encoder reads at once, as windows: pieces of about equal size, cut between words, each of which
it can read whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal

import numpy as np

LongTexts = Literal["windows", "cut"]
"""How a text is read that is longer than an encoder reads at once: in windows, whose vectors are averaged by their
tokens, or its beginning alone."""

_BACK = 32
"""Tokens that a window may be shorter, so that it ends where a word does."""


@dataclass(frozen=True, eq=False)
class Windows:
    """Pieces of texts.

    Attributes
    ----------
    pieces : the texts of the windows; of a text that can be read at once, itself.
    owner : int64 (pieces,): position of the text each is of.
    size : float64 (pieces,): its tokens.
    """

    pieces: list[str]
    owner: np.ndarray
    size: np.ndarray

    def pooled(self, vectors: np.ndarray, texts: int) -> np.ndarray:
        """Vectors of the texts from those of their windows, float32 (texts, dim): the mean over tokens, as long as the
        windows' own vectors are where these are all of length one.
        """
        alone = np.bincount(self.owner, minlength=texts)[self.owner] == 1
        found = np.zeros((texts, vectors.shape[1]), np.float32)
        found[self.owner[alone]] = vectors[alone]
        many = np.flatnonzero(~alone)
        if len(many) == 0:
            return found
        sums = np.zeros((texts, vectors.shape[1]))
        np.add.at(sums, self.owner[many], vectors[many] * self.size[many, None])
        long = np.unique(self.owner[many])
        total = np.bincount(self.owner, self.size, minlength=texts)
        mean = sums[long] / total[long, None]
        norms = np.linalg.norm(vectors[many], axis=1)
        if np.abs(norms - 1).max() < 1e-3:
            mean /= np.maximum(np.linalg.norm(mean, axis=1, keepdims=True), 1e-12)
        found[long] = mean
        return found


def windows_of(tokenizer: Any, texts: Sequence[str], limit: int) -> Windows:
    """The windows of these texts.

    Parameters
    ----------
    tokenizer : of the encoder.
    limit : tokens it reads at once, those that mark beginning and end counted in.
    """
    pieces: list[str] = []
    owner: list[int] = []
    size: list[int] = []
    room = max(limit - tokenizer.num_special_tokens_to_add(), 1)
    offsets = _offsets(tokenizer, texts, room)
    for i, text in enumerate(texts):
        spans = offsets.get(i)
        parts = [(0, len(text), 1)] if spans is None else _parts(text, spans, room)
        for start, stop, tokens in parts:
            pieces.append(text[start:stop])
            owner.append(i)
            size.append(tokens)
    return Windows(pieces, np.array(owner, np.int64), np.array(size, float))


def longer_than(tokenizer: Any, texts: Sequence[str], limit: int) -> np.ndarray:
    """Which texts have more tokens than an encoder reads at once, bool (n,)."""
    room = max(limit - tokenizer.num_special_tokens_to_add(), 1)
    found = np.zeros(len(texts), bool)
    found[list(_offsets(tokenizer, texts, room))] = True
    return found


def _offsets(tokenizer: Any, texts: Sequence[str], room: int) -> dict[int, np.ndarray]:
    """Where the tokens of each text lie that has more than fit; a token has at least a character, so that short texts
    need no counting.
    """
    found: dict[int, np.ndarray] = {}
    asked = [i for i, text in enumerate(texts) if len(text) > room]
    for begin in range(0, len(asked), 1_000):
        part = asked[begin : begin + 1_000]
        read = tokenizer(
            [texts[i] for i in part],
            add_special_tokens=False,
            truncation=False,
            return_offsets_mapping=bool(tokenizer.is_fast),
            return_attention_mask=False,
            verbose=False,
        )
        for k, i in enumerate(part):
            n = len(read["input_ids"][k])
            if n > room:
                spans = read["offset_mapping"][k] if tokenizer.is_fast else _even(len(texts[i]), n)
                found[i] = np.asarray(spans, np.int64).reshape(-1, 2)
    return found


def _even(characters: int, tokens: int) -> np.ndarray:
    """About where tokens lie, where the tokenizer does not say."""
    edges = np.linspace(0, characters, tokens + 1).round().astype(np.int64)
    return np.column_stack([edges[:-1], edges[1:]])


def _parts(text: str, spans: np.ndarray, room: int) -> list[tuple[int, int, int]]:
    """Start, end and tokens of each window."""
    n = len(spans)
    windows = -(-n // max(room - _BACK // 2, 1)) if room > 2 * _BACK else -(-n // room)
    begins = np.flatnonzero(np.r_[True, spans[1:, 0] > spans[:-1, 1]])  # behind a space
    edges, at = [0], 0
    while at < n:
        aim = min(at + -(-(n - at) // max(windows - len(edges) + 1, 1)), at + room)
        if aim < n:
            words = begins[(begins > max(at, aim - _BACK)) & (begins <= aim)]
            aim = int(words[-1]) if len(words) else aim
        edges.append(aim)
        at = aim
    return [(int(spans[a, 0]) if a else 0, int(spans[b, 0]) if b < n else len(text), b - a) for a, b in pairwise(edges)]
