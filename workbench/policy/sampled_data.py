"""What a reward model's choice among samples gives to learn from: pairs of samples, or the best one of each prompt."""

from __future__ import annotations

from itertools import combinations

import numpy as np
from scipy.special import expit

from workbench.checkpoints import Checkpoints
from workbench.policy.samples import Samples
from workbench.policy.texts import Sequences

NAME = "samples"


def best_of_each(samples: Samples, score: np.ndarray) -> np.ndarray:
    """Position of the best sample of each prompt, of equal scores the first.

    >>> none = Sequences([], np.empty(0, np.int64))
    >>> drawn = Samples(np.array([0, 0, 1, 1]), ["a", "b", "c", "d"], none, np.ones(4, bool))
    >>> best_of_each(drawn, np.array([1.0, 2.0, 5.0, 5.0])).tolist()
    [1, 2]
    """
    order = np.lexsort((np.arange(len(score)), -score, samples.prompt))
    return order[np.unique(samples.prompt[order], return_index=True)[1]]


def pairs_of_samples(samples: Samples, score: np.ndarray, which: str) -> tuple[np.ndarray, np.ndarray, int]:
    r"""Pairs of samples of the same prompt, the better scored first, with how sure the reward model is of each.

    Parameters
    ----------
    which : `best against worst`, one pair a prompt, or `all`.

    Returns
    -------
    int64 (pairs, 2): positions of the better and the worse one; float64 (pairs,): $\sigma$ of the difference of their
    scores; how many pairs were left out because both score or read the same.

    >>> none = Sequences([], np.empty(0, np.int64))
    >>> drawn = Samples(np.array([0, 0, 0]), ["a", "b", "b"], none, np.ones(3, bool))
    >>> pairs, sure, alike = pairs_of_samples(drawn, np.array([0.0, 1.0, 1.0]), "all")
    >>> pairs.tolist(), sure.round(3).tolist(), alike
    ([[1, 0], [2, 0]], [0.731, 0.731], 1)
    """
    found, alike = [], 0
    for prompt in np.unique(samples.prompt):
        place = np.flatnonzero(samples.prompt == prompt)
        ranked = place[np.argsort(-score[place], kind="stable")]
        chosen = combinations(ranked.tolist(), 2) if which == "all" else [(int(ranked[0]), int(ranked[-1]))]
        for better, worse in chosen:
            if score[better] == score[worse] or samples.texts[better] == samples.texts[worse]:
                alike += 1
            else:
                found.append((better, worse))
    pairs = np.array(found, np.int64).reshape(-1, 2)
    return pairs, expit(score[pairs[:, 0]] - score[pairs[:, 1]]), alike


def kept(checkpoints: Checkpoints, about: str) -> tuple[Samples, np.ndarray] | None:
    """Samples and scores that were kept of the same settings and data, or None."""
    found = checkpoints.load(NAME)
    if found is None or found[1].get("about") != about:
        return None
    arrays, note = found
    ids = np.split(arrays["ids"], np.cumsum(arrays["length"])[:-1])
    tokens = Sequences([part.tolist() for part in ids], arrays["start"])
    return Samples(arrays["prompt"], list(note["texts"]), tokens, arrays["finished"].astype(bool)), arrays["score"]


def keep(checkpoints: Checkpoints, samples: Samples, score: np.ndarray, about: str) -> None:
    """Keeps them, so that a resumed run need not draw them again."""
    arrays = {
        "ids": np.concatenate([np.array(ids, np.int64) for ids in samples.tokens.ids]),
        "length": np.array([len(ids) for ids in samples.tokens.ids], np.int64),
        "start": samples.tokens.start,
        "prompt": samples.prompt,
        "finished": samples.finished.astype(np.uint8),
        "score": score,
    }
    checkpoints.save(NAME, arrays, {"about": about, "texts": samples.texts})
