"""Judges that send nothing anywhere: a reward model of the workbench, and the longer text as the floor that any judge
must beat.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from workbench.errors import WorkbenchError
from workbench.judging.prompt import Question
from workbench.judging.spec import JudgeSpec
from workbench.progress import UNWATCHED, Watch


def ask_offline(spec: JudgeSpec, questions: Sequence[Question], watch: Watch = UNWATCHED) -> list[dict[str, Any]]:
    """Answers in the form of a ledger's rows; they cost nothing and are the same in both orders but for the order
    itself.

    Raises
    ------
    WorkbenchError : the judge is a server, or the folder holds no reward model.
    """
    if spec.kind == "rule":
        return [_row(q, _longer(q)) for q in questions]
    if spec.kind != "model":
        raise WorkbenchError(f"{spec.kind} is a server.", "Ask it through the ledger.")
    return [_row(q, p) for q, p in zip(questions, _preferences(spec.model, questions, watch), strict=True)]


def _longer(question: Question) -> float:
    """1 where the first response has more words, 0.5 where both have as many."""
    first, second = (len(re.findall(r"\S+", text)) for text in (question.first, question.second))
    return float(first > second) + 0.5 * float(first == second)


def _preferences(folder: str, questions: Sequence[Question], watch: Watch) -> np.ndarray:
    from workbench.reward.opening import load_model

    model = load_model(folder)
    requests = [q.request for q in questions]
    both = model.score([*requests, *requests], [*(q.first for q in questions), *(q.second for q in questions)], watch)
    margin = both[: len(questions)] - both[len(questions) :]
    return np.asarray(model.probability_of_margin(margin))


def _row(question: Question, p: float) -> dict[str, Any]:
    """A row as the ledger has them; a probability of one half is a tie only for the rule, which can see equality."""
    label = "A>" if p > 0.5 else "B>"
    if p == 0.5:
        label = "="
    probabilities: Mapping[str, float] | None = None if p in (0.0, 0.5, 1.0) else {"A>": float(p), "B>": float(1 - p)}
    return {
        "item": question.item,
        "shown": question.order,
        "sample": question.sample,
        "state": "answered",
        "label": label,
        "probabilities": probabilities,
        "principles": {},
        "reason": None,
        "model": None,
        "usd": 0.0,
    }
