"""What sways a judge that sways people less: place, length, layout, its own kin; each beside people on the same
items.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from workbench.dataset.annotation_set import AnnotationSet
from workbench.estimates import Estimate
from workbench.judging.beside_people import BesidePeople
from workbench.judging.reconciling import Reconciled
from workbench.reward.ranking import clustered_share, paired_difference

_MARKDOWN = re.compile(r"^\s*(?:[-*+]\s|\d+[.)]\s|#{1,6}\s|\|)|\*\*|```", re.M)
LOPSIDED = 1.2
"""A response counts as the longer one where it has this many times the words of the other."""
VERBOSE = 1.5
"""A response counts as verbose beside one that says as much: both models' or people's scores tie and it is this much
longer.
"""


@dataclass(frozen=True)
class Bias:
    """One leaning of a judge.

    Attributes
    ----------
    name : `position`, `length`, `verbosity`, `format`, `self-preference`.
    judge : how often the judge prefers the response that has it (shown first, longer, more laid out, its own kin's).
    people : how often people do on the same items; None for the position, where an unbiased judge is at one half.
    excess : judge less people (less one half for the position), with the interval over groups.
    """

    name: str
    judge: Estimate
    people: Estimate | None
    excess: Estimate

    @property
    def found(self) -> bool:
        """Whether the interval of the excess leaves zero out."""
        i = self.excess.same_crew
        return i is not None and not i.low <= 0 <= i.high

    def to_dict(self) -> dict[str, object]:
        """As JSON has it."""
        people = self.people.to_dict() if self.people else None
        return {"name": self.name, "judge": self.judge.to_dict(), "people": people, "excess": self.excess.to_dict()}


def position_bias(verdicts: Reconciled, data: AnnotationSet) -> Bias:
    """How often is the response shown first preferred, over items answered in both orders? Content cancels out: an
    unbiased judge is at one half, and each item counts once.
    """
    table = verdicts.table
    place = pd.Series(np.arange(len(data.items)), index=data.items["item_id"].astype(str))
    items = place.reindex(table["item_id"]).to_numpy()
    first = (table["first_order"].to_numpy(float) + 1 - table["second_order"].to_numpy(float)) / 2
    groups = data.group_codes if data.group_codes is not None else np.arange(len(data.items))
    group = groups[items.astype(np.int64)] if len(items) else np.empty(0, np.int64)
    share = clustered_share(first, group, "The response shown first is preferred")
    excess = paired_difference(first, np.where(np.isfinite(first), 0.5, np.nan), group, "Over one half")
    return Bias("position", share, None, excess)


def content_biases(data: AnnotationSet, found: BesidePeople, kin: Sequence[str] = ()) -> list[Bias]:
    """Leanings that need the texts or the models' names, each on the items where just one response has the feature.

    Parameters
    ----------
    kin : beginnings of the names of models that are the judge itself or its family, such as `gpt-4`.
    """
    words_a, words_b = (data.items[c].to_numpy(float)[found.items] for c in ("words_a", "words_b"))
    known = (words_a > 0) & (words_b > 0)
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio = np.where(known, words_a / words_b, np.nan)
    longer = _side(ratio >= LOPSIDED, ratio <= 1 / LOPSIDED)
    much_longer = _side(ratio >= VERBOSE, ratio <= 1 / VERBOSE)
    alike = np.abs(found.people - 0.5) <= 0.17  # people are split: the longer one is no better
    biases = [
        _bias("length", "The longer response is preferred", longer, found),
        _bias(
            "verbosity",
            "The longer response is preferred where people see no difference",
            np.where(alike, much_longer, 0),
            found,
        ),
    ]
    texts = data.item_texts(found.items)
    marks_a, marks_b = (_count(texts[c], _MARKDOWN) for c in ("response_a", "response_b"))
    biases.append(_bias("format", "The response with more layout is preferred", np.sign(marks_a - marks_b), found))
    if kin and "model_a" in data.items:
        own_a, own_b = (_of_kin(data.items[c].to_numpy(object)[found.items], kin) for c in ("model_a", "model_b"))
        biases.append(
            _bias(
                "self-preference",
                "The response of its own kin is preferred",
                _side(own_a & ~own_b, own_b & ~own_a),
                found,
            )
        )
    return biases


def _side(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return a.astype(float) - b.astype(float)


def _count(texts: pd.Series, form: re.Pattern[str]) -> np.ndarray:
    count: Callable[[object], int] = lambda text: len(form.findall(text)) if isinstance(text, str) else 0  # noqa: E731
    return texts.map(count).to_numpy(float)


def _of_kin(models: np.ndarray, kin: Sequence[str]) -> np.ndarray:
    starts = tuple(name.lower() for name in kin)
    return np.array([isinstance(m, str) and m.lower().startswith(starts) for m in models], bool)


def _bias(name: str, title: str, side: np.ndarray, found: BesidePeople) -> Bias:
    """The leaning towards the side (1 = A, -1 = B, 0 = neither has more of it)."""

    def towards(score: np.ndarray) -> np.ndarray:
        return np.where(side == 0, np.nan, np.where(side > 0, score, 1 - score))

    mine, theirs = towards(found.said), towards(found.people)
    excess = paired_difference(mine, theirs, found.group, "Judge less people")
    if not side.any():
        excess = replace(excess, reason="no two responses differ enough in it")
    return Bias(name, clustered_share(mine, found.group, title), clustered_share(theirs, found.group, title), excess)
