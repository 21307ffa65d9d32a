r"""How diverse are the texts that score high, and do texts come again?

With unit vectors $v$, the distance of two texts is $1 - \langle v, w \rangle$. *Spread within prompts* is its mean over
pairs of high-scoring texts of one prompt, averaged over prompts: it falls where the policy writes one and the same
answer again and again. *Spread across prompts* is its mean over pairs of prompts, each prompt standing as the mean of
its texts: it falls where answers to different prompts become alike. Neither depends on how many texts there are. Both
are held against the earlier cycle by leaving out groups of prompts on both sides at once, which pairs prompts that come
again.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from workbench.cycles.cycle import Generated
from workbench.cycles.figure import Figure, part_of, ratio, without_each
from workbench.deliveries.measures import Measure

WITHIN = Measure("spread_within", "Spread of high-scoring texts within prompts", "number", "higher", "prompts")
ACROSS = Measure("spread_across", "Spread of high-scoring texts across prompts", "number", "higher", "prompts")
ALIKE = Measure("alike", "Texts much like another of their prompt", "share", "lower", "texts")
TWICE = Measure("twice", "Texts word for word as another of the cycle", "share", "lower", "texts")
SEEN = Measure("seen", "Texts word for word as in an earlier cycle", "share", "lower", "texts")
HIGH = 0.25
"""Share of the texts that score high."""
SEVERAL = 4
"""Texts a prompt, on average, from which the high-scoring ones are chosen within each prompt, not over all."""
NEAR = 0.95
"""Cosine from which two texts are much alike."""


def high_scoring(made: Generated, share: float = HIGH) -> np.ndarray:
    """Which texts score high: bool (n,).

    Where prompts have several texts, the best of each prompt, two at least, so that easy prompts do not crowd out hard
    ones; else the best of all.
    """
    score = np.asarray(made.score, float)
    known = np.isfinite(score)
    prompts = pd.factorize(made.prompt)[0]
    counts = np.bincount(prompts[known], minlength=prompts.max(initial=-1) + 1)
    if not known.any():
        return known
    if known.sum() < SEVERAL * (counts > 0).sum():
        return known & (score >= np.quantile(score[known], 1 - share))
    order = np.lexsort((-np.where(known, score, -np.inf), prompts))
    starts = np.r_[0, np.cumsum(np.bincount(prompts))[:-1]]
    place = np.empty(len(score), int)
    place[order] = np.arange(len(score)) - starts[prompts[order]]
    return known & (place < np.maximum(np.ceil(share * counts), 2)[prompts])


def spreads(made: Generated) -> dict[Measure, Figure]:
    """Spread of the high-scoring texts, within prompts and across them; nothing where there are no vectors.

    Examples
    --------
    >>> vectors = np.array([[1.0, 0], [0, 1], [1, 0], [1, 0]])
    >>> found = spreads(Generated(np.array(["p", "p", "q", "q"], object), np.ones(4), vectors))
    >>> found[WITHIN].value, found[ACROSS].value  # 1 and 0, on average; (.5, .5) against (1, 0)
    (0.5, 0.5)
    """
    if made.vectors is None:
        return {}
    high = high_scoring(made)
    index, names = pd.factorize(made.prompt[high])
    n = len(names)
    if n == 0:
        return {}
    unit = _unit(made.vectors[high])
    many = np.bincount(index, minlength=n).astype(float)
    total = np.zeros((n, unit.shape[1]))
    np.add.at(total, index, unit)
    squares = (total**2).sum(1)
    several = many >= 2
    apart = np.where(several, 1 - (squares - many) / np.maximum(many * (many - 1), 1), 0.0)
    part = part_of(np.asarray(names, object))
    mean = total / many[:, None]
    own = (mean**2).sum(1)

    def across(stays: np.ndarray) -> float:
        m = int(stays.sum())
        if m < 2:
            return np.nan
        return float(1 - ((mean[stays].sum(0) ** 2).sum() - own[stays].sum()) / (m * (m - 1)))

    return {
        WITHIN: ratio(apart, several.astype(float), part, int(several.sum())),
        ACROSS: Figure(across(np.ones(n, bool)), without_each(part, across), n),
    }


def repeats(made: Generated, earlier: Iterable[Generated]) -> dict[Measure, Figure]:
    """How many texts come again: in the cycle, from an earlier one, or nearly so in their prompt."""
    part = part_of(made.prompt)
    found: dict[Measure, Figure] = {}
    if made.text is not None:
        keys = pd.Series(_plain(made.text))
        found[TWICE] = ratio(keys.duplicated(keep=False).to_numpy(float), np.ones(len(keys)), part)
        before = [e.text for e in earlier if e.text is not None]
        if before:
            known = set().union(*(set(_plain(t)) for t in before))
            found[SEEN] = ratio(keys.isin(known).to_numpy(float), np.ones(len(keys)), part)
    if made.vectors is not None:
        found[ALIKE] = _alike(made, part)
    return found


def _alike(made: Generated, part: np.ndarray) -> Figure:
    """Share of the texts that another of the same prompt is near to, of those that have another."""
    vectors = _unit(np.asarray(made.vectors, float))
    index = pd.factorize(made.prompt)[0]
    order = np.argsort(index, kind="stable")
    near, several = np.zeros(len(index)), np.zeros(len(index))
    for rows in np.split(order, np.cumsum(np.bincount(index))[:-1]):
        if len(rows) < 2:
            continue
        alike = vectors[rows] @ vectors[rows].T
        np.fill_diagonal(alike, -1.0)
        near[rows], several[rows] = alike.max(1) >= NEAR, 1.0
    return ratio(near, several, part, int(several.sum()))


def _unit(vectors: np.ndarray) -> np.ndarray:
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.where(length > 0, length, 1.0), float)


def _plain(texts: np.ndarray) -> list[str]:
    """Texts without what does not tell them apart: case and spaces."""
    return [" ".join(str(t).casefold().split()) for t in texts]
