r"""What a linear head is fed: the difference between what is known of response A and of response B.

A response is described in blocks: its embedding; the embedding times that of its prompt, number by number, which lets a
linear head ask how the two go together; and what the text looks like. A pair is A's description minus B's, so that
exchanging the sides changes the sign and nothing else. Columns are divided by the root mean square of the training
differences (never centred, which would bring an intercept in), and by the root of their block's width, so that every
block, wide or narrow, may say equally much before anything is learned.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from workbench.progress import UNWATCHED, Watch
from workbench.reward.embedding_cache import EmbeddingCache
from workbench.reward.encoders import Encoder
from workbench.reward.pairs import Pairs
from workbench.reward.surface import NAMES, surface

AT_ONCE = 50_000
"""Pairs that are described at once: what is held beside the matrix itself does not grow with their number."""


@dataclass(frozen=True)
class Blocks:
    """Which descriptions of a response are used.

    Attributes
    ----------
    embedding : its embedding.
    prompt : its embedding times that of its prompt; nothing where no pair has a prompt.
    surface : how long, varied, punctuated and laid out it is.
    """

    embedding: bool = True
    prompt: bool = False
    surface: bool = True

    def to_dict(self) -> dict[str, bool]:
        """As a model's JSON keeps it."""
        return {"embedding": self.embedding, "prompt": self.prompt, "surface": self.surface}

    def widths(self, dim: int) -> dict[str, int]:
        """Columns of each block in use, in order."""
        every = {
            "embedding": (self.embedding, dim),
            "prompt": (self.prompt, dim + 1),
            "surface": (self.surface, len(NAMES)),
        }
        return {name: width for name, (used, width) in every.items() if used}


@dataclass(frozen=True, eq=False)
class PairFeatures:
    """Difference features of pairs.

    Attributes
    ----------
    matrix : float32 (n, d): scaled difference, A minus B.
    names : what each column is.
    scale : float32 (d,): what the raw differences were multiplied by.
    blocks : which blocks there are.
    encoder : the encoder as it was used (fitted), to describe other pairs the same way.
    """

    matrix: np.ndarray
    names: tuple[str, ...]
    scale: np.ndarray
    blocks: Blocks
    encoder: Encoder

    def __len__(self) -> int:
        return len(self.matrix)

    def take(self, index: np.ndarray) -> PairFeatures:
        """Of these pairs only."""
        return replace(self, matrix=self.matrix[index])

    def like(self, pairs: Pairs, watch: Watch = UNWATCHED, cache: EmbeddingCache | None = None) -> PairFeatures:
        """The same features of other pairs, by the same encoder and on the same scale."""
        return pair_features(pairs, self.encoder, blocks=self.blocks, scale=self.scale, cache=cache, watch=watch)


def pair_features(
    pairs: Pairs,
    encoder: Encoder,
    *,
    blocks: Blocks | None = None,
    scale: np.ndarray | None = None,
    cache: EmbeddingCache | None = None,
    watch: Watch = UNWATCHED,
    views: Sequence[Encoder] = (),
) -> PairFeatures:
    """How do the two responses of each pair differ, in numbers?

    Parameters
    ----------
    pairs : the pairs.
    encoder : is fitted on their texts where it has learned nothing yet.
    blocks : which descriptions to use; embedding and surface by default.
    scale : what to multiply the columns by; from these pairs where it is not given. Held-out pairs take that of the
        training pairs.
    cache : where vectors are kept; the one on disk by default.
    views : other views of the same encoder that will be asked for next.

    Examples
    --------
    >>> import dataclasses
    >>> from workbench.reward.encoders import encoder_named
    >>> one, two = np.array(["a short one"], object), np.array(["and one that is longer"], object)
    >>> there = Pairs(
    ...     prompt=np.array([""], object),
    ...     response_a=one,
    ...     response_b=two,
    ...     target=np.ones(1),
    ...     level=np.zeros(1, np.int8),
    ...     levels=2,
    ...     weight=np.ones(1),
    ...     group=np.zeros(1, int),
    ...     source=np.array([""]),
    ...     item=np.zeros(1, int),
    ... )
    >>> back = dataclasses.replace(there, response_a=two, response_b=one)
    >>> found = pair_features(there, encoder_named("hashed"))
    >>> bool(np.allclose(found.like(back).matrix, -found.matrix))
    True
    """
    used, n = blocks or Blocks(), len(pairs)
    columns = (pairs.prompt, pairs.response_a, pairs.response_b)
    if n > AT_ONCE:
        encoder = encoder.fitted(list({str(text) for column in columns for text in column}), watch)
    matrix, told = np.empty((0, 0), np.float32), None
    for begin in range(0, max(n, 1), AT_ONCE):
        prompt, a, b = (column[begin : begin + AT_ONCE] for column in columns)
        told = describe(prompt, (a, b), encoder, used, cache, within(watch, begin, n), views)
        if begin == 0:
            matrix = np.empty((n, told.rows[0].shape[1]), np.float32)
        np.subtract(told.rows[0], told.rows[1], out=matrix[begin : begin + AT_ONCE])
    assert told is not None
    if scale is None:
        scale = scale_of(matrix, told.widths)
    matrix *= scale
    return PairFeatures(matrix, told.names, scale, told.blocks, told.encoder)


def within(watch: Watch, begin: int, of: int) -> Watch:
    """The watch for all of the work, or for one part of work that is done in parts, which says where that part is."""
    if of <= AT_ONCE:
        return watch
    part = f"pairs from {begin:,} of {of:,}"
    return Watch(lambda step: watch.step(step.done, step.of, f"{step.doing}, {part}"), watch.stop_asked)


@dataclass(frozen=True, eq=False)
class Described:
    """Raw descriptions: one float32 (n, d) array for each list of responses, and what the columns are."""

    rows: tuple[np.ndarray, ...]
    names: tuple[str, ...]
    widths: Mapping[str, int]
    blocks: Blocks
    encoder: Encoder


def describe(
    prompt: np.ndarray,
    responses: Sequence[np.ndarray],
    encoder: Encoder,
    blocks: Blocks,
    cache: EmbeddingCache | None = None,
    watch: Watch = UNWATCHED,
    views: Sequence[Encoder] = (),
) -> Described:
    """Describes responses to the same prompts; each distinct text is encoded once.

    Parameters
    ----------
    prompt : object (n,).
    responses : object arrays (n,), such as those of side A and of side B.
    """
    cache = cache or EmbeddingCache()
    n = len(prompt)
    everything = np.concatenate([*responses, prompt]) if blocks.prompt else np.concatenate(list(responses))
    place: dict[str, int] = {}
    position = np.array([place.setdefault(str(text), len(place)) for text in everything], np.int64)
    texts = list(place)
    encoder = encoder.fitted(texts, watch)
    widths = blocks.widths(encoder.dim)
    parts: list[list[np.ndarray]] = [[] for _ in responses]
    if blocks.embedding or blocks.prompt:
        vectors = cache.encode(encoder, texts, watch, views)
        for k in range(len(responses)):
            own = vectors[position[k * n : (k + 1) * n]]
            if blocks.embedding:
                parts[k].append(own)
            if blocks.prompt:
                asked = vectors[position[len(responses) * n :]]
                product = own * asked
                length = np.maximum(np.linalg.norm(own, axis=1) * np.linalg.norm(asked, axis=1), 1e-12)
                parts[k].append(np.column_stack([product, product.sum(1) / length]))
    if blocks.surface:
        looks = surface(texts, watch)
        for k in range(len(responses)):
            parts[k].append(looks[position[k * n : (k + 1) * n]])
    names = [f"{encoder.name} {i}" for i in range(encoder.dim)] if blocks.embedding else []
    names += (
        [*(f"prompt x {encoder.name} {i}" for i in range(encoder.dim)), "likeness to the prompt"]
        if blocks.prompt
        else []
    )
    names += list(NAMES) if blocks.surface else []
    rows = tuple(np.concatenate(p, axis=1, dtype=np.float32) if p else np.zeros((n, 0), np.float32) for p in parts)
    return Described(rows, tuple(names), widths, blocks, encoder)


def scale_of(difference: np.ndarray, widths: Mapping[str, int]) -> np.ndarray:
    """What to multiply each column by, float32 (d,): one over its root mean square, and over the root of its block's
    width.

    The mean squared length of a block is one then, so that one penalty suits encoders of any width; a column that never
    differs gets 0.
    """
    total = np.zeros(difference.shape[1])
    for begin in range(0, len(difference), AT_ONCE):
        total += np.square(difference[begin : begin + AT_ONCE], dtype=np.float64).sum(0)
    root = np.sqrt(total / max(len(difference), 1))
    width = np.repeat(list(widths.values()), list(widths.values())) if widths else np.empty(0)
    # What differs by rounding alone does not differ.
    alive = root > 1e-6
    return np.where(alive, 1 / (np.where(alive, root, 1.0) * np.sqrt(width)), 0.0).astype(np.float32)
