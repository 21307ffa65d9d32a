"""One verdict an item from the answers in both orders and all samples: averaged, with the flips beside it; disagreement
is never a tie.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from workbench.judging.answers import STRENGTH, score_of, turned

COLUMNS = (
    "item_id",
    "score",
    "first_order",
    "second_order",
    "label",
    "confidence",
    "flipped",
    "answers",
    "asked",
    "why",
    "votes_a",
    "votes_b",
)


@dataclass(frozen=True, eq=False)
class Reconciled:
    """The verdicts of one judge.

    Attributes
    ----------
    table : a row an item: `item_id`; `score` (how much the judge is for A, 0 to 1, averaged over both orders; NaN where
        nothing was answered), `first_order` and `second_order` (the same with A, and with B, shown first), `label` (of
        the five-point scale in the item's orientation, None where there is none), `confidence` (0.5 to 1: the score of
        the side it is for), `flipped` (the direction changes with the order; None where an order is missing),
        `answers`, `asked`, `why` (no label), `votes_a` and `votes_b`
        (answers that choose that side).
    principles : a row an item, a column a principle: the score of its labels, NaN where there is none.
    flips, both_orders : items whose direction changes with the order, of those answered in both.
    """

    table: pd.DataFrame
    principles: pd.DataFrame
    flips: int
    both_orders: int

    @property
    def flip_rate(self) -> float | None:
        """Share of the items answered in both orders whose direction changes with the order; None where there are
        none.
        """
        return self.flips / self.both_orders if self.both_orders else None


def reconciled(calls: Iterable[Mapping[str, Any]]) -> Reconciled:
    """What does the judge say of each item, whichever order it was shown in?

    The score is ½ (P₁(A) + P₂(A)), each the mean over samples. The label is the direction of the score with the
    strength nearest to the answers' mean; where both orders cancel out it is none, unless every answer was a tie: a
    judge that follows the order has not called the pair equal.

    Parameters
    ----------
    calls : rows of a ledger: `item`, `shown` (0 = A first), `state`, `label`, `probabilities` (towards the order
        shown), `principles`.
    """
    items: dict[str, list[Mapping[str, Any]]] = {}
    for call in calls:
        items.setdefault(str(call["item"]), []).append(call)
    rows, adherence = [], []
    for item, of_item in items.items():
        rows.append(_row(item, of_item))
        adherence.append(_principles(of_item))
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    table["label"] = table["label"].astype(object).where(table["label"].notna(), None)
    known = table["flipped"].notna()
    return Reconciled(
        table, pd.DataFrame(adherence, index=table.index), int(table["flipped"][known].sum()), int(known.sum())
    )


def _row(item: str, calls: list[Mapping[str, Any]]) -> list[Any]:
    scores: tuple[list[float], list[float]] = ([], [])
    strengths = []
    for call in calls:
        score = score_of(call["label"], call["probabilities"]) if call["state"] == "answered" else None
        if score is None:
            continue
        second = int(call["shown"]) == 1
        scores[second].append(1 - score if second else score)
        towards_a = str(turned(call["label"]) if second else call["label"])
        strengths.append(STRENGTH[towards_a])
    first, second_mean = (float(np.mean(s)) if s else np.nan for s in scores)
    answered = [s for s in (first, second_mean) if not np.isnan(s)]
    score = float(np.mean(answered)) if answered else np.nan
    flipped = None if len(answered) < 2 else bool(_sign(first) != _sign(second_mean))
    label, why = _label(score, strengths, calls)
    confidence = np.nan if np.isnan(score) else max(score, 1 - score)
    votes = [sum(s > 0 for s in strengths), sum(s < 0 for s in strengths)]
    return [item, score, first, second_mean, label, confidence, flipped, len(strengths), len(calls), why, *votes]


def _sign(score: float) -> int:
    return int(score > 0.5 + 1e-9) - int(score < 0.5 - 1e-9)


def _label(score: float, strengths: list[float], calls: list[Mapping[str, Any]]) -> tuple[str | None, str | None]:
    if not strengths:
        states = sorted({str(call["state"]) for call in calls})
        return None, ", ".join(states)
    side = _sign(score)
    if all(s == 0 for s in strengths):
        return "=", None
    if side == 0:
        return None, "the answers cancel out"
    agreeing = [abs(s) for s in strengths if s * side > 0]
    strong = 2 * sum(agreeing) / len(strengths) >= 3  # nearer to 2 than to 1, over all answers
    return ("A" if side > 0 else "B") + (">>" if strong else ">"), None


def _principles(calls: list[Mapping[str, Any]]) -> dict[str, float]:
    found: dict[str, list[float]] = {}
    for call in calls:
        if call["state"] != "answered":
            continue
        for name, label in call["principles"].items():
            score = score_of(turned(label) if int(call["shown"]) == 1 else label, None)
            if score is not None:
                found.setdefault(name, []).append(score)
    return {name: float(np.mean(values)) for name, values in found.items()}
