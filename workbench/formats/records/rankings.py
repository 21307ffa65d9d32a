"""A ranking of several responses, or a score for each, as all their pairs.

Pairs of one ranking are not independent: they keep the ranking as their `group`, which intervals cluster by. Which of
the two is A is decided by content (`workbench.formats.records.side_assignment`), because many files list the best
response first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from workbench.formats.records.side_assignment import second_goes_first
from workbench.hashing import hash_strings


@dataclass(frozen=True)
class Option:
    """One of the responses to a prompt.

    Attributes
    ----------
    response, model : its text and who wrote it.
    score : how good it is, higher is better; NaN = unknown.
    aspects : further scores by name.
    """

    response: str
    model: str | None
    score: float
    aspects: Mapping[str, float] = field(default_factory=dict)


class Rankings:
    """Rankings gathered one by one and turned into tables at once.

    >>> rankings = Rankings()
    >>> rankings.add(1, "Name a prime", [Option("11", "x", 3.0), Option("9", "y", 1.0), Option("7", "z", 3.0)])
    >>> items, rows = rankings.pairs()
    >>> len(items), sorted(rows["label"].tolist().count(label) for label in ("A", "=", "B"))[-1] <= 2
    (3, True)
    """

    def __init__(self) -> None:
        self._ref: list[int] = []
        self._prompt: list[str | None] = []
        self._slices: list[Mapping[str, Any]] = []
        self._judged: list[Mapping[str, Any]] = []
        self._size: list[int] = []
        self._options: list[Option] = []

    def __len__(self) -> int:
        return len(self._size)

    def add(
        self,
        ref: int,
        prompt: str | None,
        options: Sequence[Option],
        slices: Mapping[str, Any] | None = None,
        judged: Mapping[str, Any] | None = None,
    ) -> None:
        """Adds one ranking, of record `ref`; `judged` are columns of `Export.rows` that all its pairs share."""
        self._ref.append(ref)
        self._prompt.append(prompt)
        self._slices.append(slices or {})
        self._judged.append(judged or {})
        self._size.append(len(options))
        self._options += options

    def pairs(self, only_decided: bool = False) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Items and rows of an `Export`: k (k - 1) / 2 pairs of each ranking of k.

        Labels are A, = and B by the scores, `dim.NAME` the same by each aspect, `dim.margin` the difference of the
        scores without its sign. A pair with an unknown score has no label.

        Parameters
        ----------
        only_decided : leave out pairs of equal scores, where the file names only the best.
        """
        of, one, two = self._positions()
        score = np.array([option.score for option in self._options], np.float64)
        if only_decided:
            decided = score[one] != score[two]
            of, one, two = of[decided], one[decided], two[decided]
        response = pd.Series([option.response for option in self._options], dtype="str")
        model = np.array([option.model for option in self._options], object)
        prompt = pd.Series(self._prompt, dtype="str")
        hashed = hash_strings(response)
        swap = second_goes_first(hash_strings(prompt)[of], hashed[one], hashed[two])
        one, two = np.where(swap, two, one), np.where(swap, one, two)

        items = pd.DataFrame(
            {
                "prompt": prompt.to_numpy(object)[of],
                "response_a": response.to_numpy(object)[one],
                "response_b": response.to_numpy(object)[two],
            }
        )
        items["model_a"], items["model_b"] = model[one], model[two]
        for name in dict.fromkeys(name for each in self._slices for name in each):
            items[name] = np.array([each.get(name) for each in self._slices], object)[of]
        rows = pd.DataFrame(
            {"item_row": np.arange(len(of)), "label": _better(score, one, two), "ref": np.array(self._ref, object)[of]}
        )
        for name in dict.fromkeys(name for each in self._judged for name in each):
            rows[name] = np.array([each.get(name) for each in self._judged], object)[of]
        for name in dict.fromkeys(name for option in self._options for name in option.aspects):
            rows[f"dim.{name}"] = _better(
                np.array([option.aspects.get(name, np.nan) for option in self._options]), one, two
            )
        rows["dim.margin"] = np.abs(score[one] - score[two])
        return items, rows

    def _positions(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Ranking and the two options of every pair, in order of the rankings."""
        size = np.array(self._size, np.int64)
        start = np.concatenate([[0], np.cumsum(size)])[:-1]
        parts = []
        for k in np.unique(size):
            which = np.flatnonzero(size == k)
            i, j = np.triu_indices(k, 1)
            parts.append(
                (np.repeat(which, len(i)), (start[which][:, None] + i).ravel(), (start[which][:, None] + j).ravel())
            )
        if not parts:
            return (np.empty(0, np.int64),) * 3
        of, one, two = (np.concatenate(part) for part in zip(*parts, strict=True))
        order = np.argsort(of, kind="stable")
        return of[order], one[order], two[order]


def _better(score: np.ndarray, one: np.ndarray, two: np.ndarray) -> np.ndarray:
    difference = score[one] - score[two]
    names = np.array(["B", "=", "A", None], object)
    return names[np.where(np.isnan(difference), 3, np.sign(np.nan_to_num(difference)) + 1).astype(np.int64)]
