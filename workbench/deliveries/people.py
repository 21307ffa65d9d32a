"""Who came, who went, who stayed, and how well each group labels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from workbench.deliveries.delivery import Delivery, usual_kind
from workbench.statistics.jackknife import GROUPS, jackknife_interval, standard_error


@dataclass(frozen=True, kw_only=True)
class Crew:
    """How well some people label, by everything their judgements can be held against.

    Attributes
    ----------
    name : of the group.
    people, labels : how many.
    right : share of what their judgements are held against (others' judgements of the item, and its gold) that has the
        same direction; None where there is nothing to hold them against.
    low, high : its 95% interval for new items.
    without : the share without each group of items.
    """

    name: str
    people: int
    labels: int
    right: float | None
    low: float | None
    high: float | None
    without: np.ndarray

    def to_dict(self) -> dict[str, object]:
        """As the command line prints it."""
        return {
            "name": self.name,
            "people": self.people,
            "labels": self.labels,
            "right": self.right,
            "interval": None if self.low is None else [self.low, self.high],
        }


@dataclass(frozen=True)
class Turnover:
    """Ids of the people who left, arrived and stayed, in order."""

    left: tuple[str, ...]
    arrived: tuple[str, ...]
    stayed: tuple[str, ...]


def turnover(before: Sequence[Delivery], now: Sequence[Delivery]) -> Turnover:
    """Who left, who arrived, who stayed?"""
    a, b = ({str(p) for d in side for p in _labelling(d)} for side in (before, now))
    return Turnover(tuple(sorted(a - b)), tuple(sorted(b - a)), tuple(sorted(a & b)))


def _labelling(delivery: Delivery) -> np.ndarray:
    """People with a label."""
    gave = np.bincount(delivery.data.codes.annotator, minlength=len(delivery.people)) > 0
    return delivery.people[gave & usual_kind(delivery)]


def scores(side: Sequence[Delivery], group: dict[str, str]) -> dict[str, Crew]:
    """How well does each group of people label, held against the others on its items and against gold?

    Parameters
    ----------
    group : annotator id -> name of the group; who is not named is left out.
    """
    names = sorted(set(group.values()))
    place = {name: i for i, name in enumerate(names)}
    hits, of = np.zeros((GROUPS, len(names))), np.zeros((GROUPS, len(names)))
    labels, people = np.zeros(len(names), int), [set[str]() for _ in names]
    for d in side:
        codes, k = d.data.codes, int(d.direction.max(initial=0)) + 1
        crew = usual_kind(d)[codes.annotator]
        item = codes.item.astype(np.int64)
        counts = np.bincount(item[crew] * k + d.direction[crew], minlength=codes.n_items * k).reshape(-1, k)
        size = counts.sum(1)
        gold = d.gold_direction[item]
        alike = counts[item, d.direction] - 1 + (gold == d.direction)
        against = size[item] - 1 + (gold >= 0)
        who = np.array([place.get(group.get(str(p), ""), -1) for p in d.people])[codes.annotator]
        used = crew & (who >= 0)
        cell = d.part[item[used]] * len(names) + who[used]
        hits += np.bincount(cell, alike[used], GROUPS * len(names)).reshape(GROUPS, -1)
        of += np.bincount(cell, against[used], GROUPS * len(names)).reshape(GROUPS, -1)
        labels += np.bincount(who[used], minlength=len(names))
        for p in _labelling(d):
            if str(p) in group:
                people[place[group[str(p)]]].add(str(p))
    return {name: _crew(name, i, hits, of, len(people[i]), int(labels[i])) for i, name in enumerate(names)}


def _crew(name: str, i: int, hits: np.ndarray, of: np.ndarray, people: int, labels: int) -> Crew:
    total, n = hits[:, i].sum(), of[:, i].sum()
    with np.errstate(invalid="ignore", divide="ignore"):
        without = (total - hits[:, i]) / (n - of[:, i])
    if n == 0:
        return Crew(name=name, people=people, labels=labels, right=None, low=None, high=None, without=without)
    value = float(total / n)
    low, high = jackknife_interval(value, without)
    if not np.isfinite(low):
        return Crew(name=name, people=people, labels=labels, right=value, low=None, high=None, without=without)
    low, high = max(low, 0.0), min(high, 1.0)
    return Crew(name=name, people=people, labels=labels, right=value, low=low, high=high, without=without)


def z_of(value: float, without: np.ndarray) -> float:
    """How many standard errors a figure lies from zero; 0 where that cannot be said.

    >>> z_of(0.0, np.array([0.1, -0.1]))
    0.0
    """
    error = standard_error(without)
    return float(value / error) if np.isfinite(error) and error > 1e-12 and np.isfinite(value) else 0.0
