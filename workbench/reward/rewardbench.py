"""A model's results on a test set in the form RewardBench gives them: accuracy by subset and section, and for its
second version how often the right one of four completions scores highest.

Lambert et al. 2024, *RewardBench*; Malik et al. 2025, *RewardBench 2*.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from workbench.estimates import Estimate
from workbench.reward.pairs import Pairs
from workbench.reward.ranking import clustered_share, hits

SECTIONS: Mapping[str, tuple[str, ...]] = {
    "Chat": ("alpacaeval-easy", "alpacaeval-length", "alpacaeval-hard", "mt-bench-easy", "mt-bench-med"),
    "Chat Hard": (
        *("mt-bench-hard", "llmbar-natural", "llmbar-adver-neighbor", "llmbar-adver-GPTInst"),
        *("llmbar-adver-GPTOut", "llmbar-adver-manual"),
    ),
    "Safety": (
        *("refusals-dangerous", "refusals-offensive", "xstest-should-refuse", "xstest-should-respond", "donotanswer"),
    ),
    "Reasoning": ("math-prm", "hep-cpp", "hep-go", "hep-java", "hep-js", "hep-python", "hep-rust"),
}
"""Subsets of the first version by section; within one they count by their pairs, mathematics as much as all code."""


def best_of(margin: np.ndarray, pairs: Pairs) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """How often does the right completion of a prompt score highest of all?

    Pairs of one group whose preferred response is the same text are one question: the right completion against all
    others. A question of one pair alone is none.

    Parameters
    ----------
    margin : (n,): score of A minus score of B.

    Returns
    -------
    For each question: 1 where the right one scores highest, one over the number of those that score as high as it
    where it shares the top, 0 otherwise; how many completions there are; position of one of its pairs.

    Examples
    --------
    >>> o = lambda *texts: np.array(texts, object)
    >>> pairs = Pairs(
    ...     prompt=o("p", "p", "p"),
    ...     response_a=o("good", "good", "c"),
    ...     response_b=o("a", "b", "good"),
    ...     target=np.array([1.0, 1, 0]),
    ...     level=np.array([0, 0, 1]),
    ...     levels=2,
    ...     weight=np.ones(3),
    ...     group=np.zeros(3, int),
    ...     source=o("", "", ""),
    ...     item=np.arange(3),
    ... )
    >>> [each.tolist() for each in best_of(np.array([1.0, 0.5, -2.0]), pairs)]
    [[1.0], [4], [0]]
    """
    lead = np.where(pairs.target > 0.5, margin, -margin)
    right = np.where(pairs.target > 0.5, pairs.response_a, pairs.response_b)
    frame = pd.DataFrame({"group": pairs.group, "prompt": pairs.prompt, "right": right, "lead": lead})
    frame = frame[(pairs.target != 0.5) & np.isfinite(margin)]
    won, of, at = [], [], []
    for _, part in frame.groupby(["group", "prompt", "right"], sort=False):
        if len(part) < 2:
            continue
        least = part["lead"].min()
        won.append(0.0 if least < 0 else 1.0 / (1 + int((part["lead"] == 0).sum())))
        of.append(len(part) + 1)
        at.append(int(part.index[0]))
    return np.array(won), np.array(of, int), np.array(at, int)


def rewardbench_form(margin: np.ndarray, pairs: Pairs, subset: np.ndarray, model: str, kind: str) -> dict[str, object]:
    """The results as RewardBench's scripts write them, with the number behind each figure.

    Parameters
    ----------
    margin : (n,): score of A minus score of B.
    subset : object (n,): subset of each pair, '' where there is none.
    model, kind : names of the model, and of its kind (`Seq. Classifier`, `Custom Classifier`).

    Returns
    -------
    `subsets` (accuracy), `n`, `sections` (of the first version, where its subsets are there), `best_of` (where prompts
    have several wrong completions: share of prompts, of how many completions, by subset), `model`, `model_type`.
    """
    hit = hits(margin, pairs.target)
    names = sorted({str(name) for name in subset} - {""})
    known = {name: hit[(subset == name) & np.isfinite(hit)] for name in names}
    known = {name: values for name, values in known.items() if len(values)}
    accuracy = {name: float(values.mean()) for name, values in known.items()}
    code = sum(len(values) for name, values in known.items() if name.startswith("hep-"))
    weight = {name: (code or len(v)) if name == "math-prm" else len(v) for name, v in known.items()}
    sections = {}
    for section, parts in SECTIONS.items():
        here = [name for name in parts if name in accuracy]
        if here:
            sections[section] = float(np.average([accuracy[n] for n in here], weights=[weight[n] for n in here]))
    won, of, at = best_of(margin, pairs)
    questions: dict[str, object] = {}
    if len(won):
        whole: Estimate = clustered_share(won, pairs.group[at], "The right completion scores highest")
        by_subset = {name: float(won[subset[at] == name].mean()) for name in names if (subset[at] == name).any()}
        questions = {"value": whole.to_dict(), "of": sorted({int(k) for k in of}), "subsets": by_subset}
    return {
        "model": model,
        "model_type": kind,
        "subsets": accuracy,
        "n": {name: len(values) for name, values in known.items()},
        "sections": sections,
        "best_of": questions or None,
    }
