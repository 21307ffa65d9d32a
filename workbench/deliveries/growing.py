r"""A delivery that is still coming in, looked at every day: is it out of the usual already?

The charts of `deliveries.charts` hold for deliveries that are whole. One that grows is looked at again and again, and
a line drawn for one look is crossed sooner or later by chance. Here the figure of the delivery so far has bounds that
hold after every item at once (a confidence sequence, Waudby-Smith & Ramdas 2024), and what is usual has its own, by
what deliveries vary; it is out where the two have nothing in common. Each takes half of the rate. Figures that are a
mean over items (shares) can be watched so; alpha and times cannot, and wait for the whole delivery.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import special

from workbench.deliveries.charts import A_YEAR, LEAST
from workbench.deliveries.delivery import Delivery
from workbench.deliveries.measures import BY_NAME, RATIOS, item_sums
from workbench.estimates import Finite
from workbench.statistics import confidence_sequence

GROWING = ("percent_agreement", "gold_accuracy", "judge_agreement", "ties", "strong", "chosen_first", "missing")
"""Figures that can be watched while a delivery grows."""
RATE = 0.2
"""False alarms to expect in a year: with those of the charts, one."""


@dataclass(frozen=True, kw_only=True)
class Day(Finite):
    """A figure of the delivery so far, at the end of one day.

    Attributes
    ----------
    day : ISO 8601.
    n : items it rests on.
    value : the figure so far: mean over its items.
    low, high : bounds that hold on every day at once.
    """

    day: str
    n: int
    value: float
    low: float
    high: float


@dataclass(frozen=True, kw_only=True)
class Growing(Finite):
    """One figure of a delivery that comes in.

    Attributes
    ----------
    name, title : of the figure.
    usual_low, usual_high : between which a whole delivery usually lies.
    days : the delivery so far, day by day.
    out_since : first day on which it is out of the usual; None where it is not.
    """

    name: str
    title: str
    usual_low: float
    usual_high: float
    days: tuple[Day, ...]
    out_since: str | None

    def to_dict(self) -> dict[str, object]:
        """As JSON."""
        return {
            "name": self.name,
            "title": self.title,
            "usual": [self.usual_low, self.usual_high],
            "days": [vars(d) for d in self.days],
            "out_since": self.out_since,
        }


def watch_growing(
    before: Sequence[Delivery], now: Delivery, *, rate: float = RATE, a_year: int = A_YEAR
) -> tuple[Growing, ...]:
    """Which figures of the delivery that comes in are out of the usual already, however often one looks?

    An item counts from the day of its last judgement on. Items of one prompt count as one.

    Parameters
    ----------
    before : whole deliveries, the usual ones; fewer than five say nothing.
    now : what came of this one so far, with times of judgements.
    rate, a_year : false alarms to expect in a year, and deliveries a year, from all figures together.

    Returns
    -------
    One a figure that can be watched; () where there are too few deliveries before, or no times.
    """
    if len(before) < LEAST:
        return ()
    every = [_by_prompt(d) for d in before]
    coming = _by_prompt(now)
    used = [n for n in GROWING if coming.of[n] and all(each.of[n] for each in every)]
    alpha = rate / (a_year * max(len(used), 1))
    found = []
    for name in used:
        low, high = _usual([each.values(name)[0] for each in every], alpha / 2)
        values, day = coming.values(name)
        known = ~np.isnat(day)
        order = np.argsort(day[known], kind="stable")
        values, day = values[known][order], day[known][order]
        if len(values) == 0:
            continue
        bounds = confidence_sequence(values, level=1 - alpha / 2).intersected()
        last = np.r_[np.flatnonzero(day[1:] != day[:-1]), len(day) - 1]
        days = tuple(
            Day(
                day=str(day[i]),
                n=int(i) + 1,
                value=float(values[: i + 1].mean()),
                low=float(bounds.lower[i]),
                high=float(bounds.upper[i]),
            )
            for i in last
        )
        out = next((d.day for d in days if d.low > high or d.high < low), None)
        found.append(
            Growing(name=name, title=BY_NAME[name].title, usual_low=low, usual_high=high, days=days, out_since=out)
        )
    return tuple(found)


def _usual(before: Sequence[np.ndarray], alpha: float) -> tuple[float, float]:
    """Between which the true figure of one more delivery lies, from those of whole ones: their mean, with what they
    vary beyond chance and the error of the mean (as in `deliveries.charts`).
    """
    means = np.array([v.mean() for v in before])
    within = float(np.mean([v.var(ddof=1) / len(v) if len(v) > 1 else np.nan for v in before]))
    between = max(float(means.var(ddof=1)) - within, 0.0)
    reach = float(special.stdtrit(len(means) - 1, 1 - alpha / 2))
    spread = reach * (between + (within + between) / len(means)) ** 0.5
    return float(max(means.mean() - spread, 0.0)), float(min(means.mean() + spread, 1.0))


@dataclass(frozen=True, eq=False)
class _Prompts:
    """Sums of each prompt: float (prompts, columns), the day of its last judgement, and which figures it has."""

    sums: np.ndarray
    day: np.ndarray
    of: dict[str, bool]

    def values(self, name: str) -> tuple[np.ndarray, np.ndarray]:
        """The figure of each prompt that has it, and the day."""
        hits, of = (self.sums[:, 2 * RATIOS.index(name) + k] for k in (0, 1))
        has = of > 0
        return hits[has] / of[has], self.day[has]


def _by_prompt(delivery: Delivery) -> _Prompts:
    data = delivery.data
    one = item_sums(delivery, np.ones(len(delivery.people), bool))
    group = data.group_codes if data.group_codes is not None else np.arange(len(data.items))
    n = int(group.max(initial=-1)) + 1
    sums = np.zeros((n, one.shape[1]))
    np.add.at(sums, group, one)
    rows = data.annotations
    ended = pd.Series(rows["ended_at"].to_numpy()).groupby(group[rows["item"].to_numpy()]).max()
    day = ended.reindex(range(n)).to_numpy().astype("datetime64[D]")
    has = {name: bool((sums[:, 2 * RATIOS.index(name) + 1] > 0).sum() > 1) for name in GROWING}
    return _Prompts(sums, day, has)
