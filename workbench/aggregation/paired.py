r"""How much better one method does on gold than another, on the same items.

Two methods answer the same gold items and mostly err on the same ones, so that their own intervals overlap long after
one of them is clearly better. What tells them apart is the difference on each item, $d_i = x_i - y_i$: its mean $\bar
d$ has the variance

$$V = \frac{G}{G - 1} \sum_g \Big( \sum_{i \in g} \frac{d_i - \bar d}{n} \Big)^2$$

over groups of items that share a prompt (each item its own group where none do), with Student's t. Below ten groups the
groups cannot show how far prompts vary; the items are then taken one by one, and the result speaks of new items of the
same prompts.

A difference in right labels rests on the few items where the methods part. For these the interval is that of Agresti &
Min (2005, *Simple improved confidence intervals for comparing matched proportions*, Statistics in Medicine 24,
729-740): two items are added, half of one won, half lost, one equal.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from workbench.aggregation.gold_score import ItemScores
from workbench.estimates import FEW_CLUSTERS, Estimate, Finite, Interval, rests_on_few


@dataclass(frozen=True)
class Lead(Finite):
    """One method less another on the gold items both were judged on.

    Attributes
    ----------
    method, over : names of the two.
    accuracy : share of right labels (ties shared) of `method` less that of `over`; above 0 = `method` is better.
    cost : nats an item its soft labels cost more; above 0 = `method` is worse.
    accuracy_p, cost_p : two-sided, for no difference, corrected for all the methods compared (Holm 1979); None where it
        cannot be told.
    """

    method: str
    over: str
    accuracy: Estimate
    cost: Estimate
    accuracy_p: float | None
    cost_p: float | None

    @property
    def told_apart(self) -> bool:
        """Whether the difference in right labels is more than chance, all comparisons allowed for."""
        return self.accuracy_p is not None and self.accuracy_p < 0.05

    @property
    def costs_told_apart(self) -> bool:
        """The same of what the soft labels cost."""
        return self.cost_p is not None and self.cost_p < 0.05

    def to_dict(self) -> dict[str, object]:
        """As the command line prints it."""
        return {
            "over": self.over,
            "accuracy": self.accuracy.to_dict(),
            "accuracy_p": self.accuracy_p,
            "nll": self.cost.to_dict(),
            "nll_p": self.cost_p,
        }


def leads(scores: dict[str, ItemScores], over: str, group: np.ndarray | None = None) -> dict[str, Lead]:
    """Each method less one of them, by name.

    Parameters
    ----------
    scores : method -> its scores item by item.
    over : the one the others are held against.
    group : int (n_items,): prompt group of each item; None where no items share one.

    Examples
    --------
    Of a hundred items one method has 90 right, the other these and five more. Their own intervals are 83 to 95% and 89
    to 98%:

    >>> item, right = np.arange(100), np.arange(100) < 90
    >>> of = lambda right: ItemScores(
    ...     item=item,
    ...     right=right.astype(float),
    ...     strict=right,
    ...     side=right.astype(float),
    ...     cost=np.where(right, 0.1, 1.0),
    ...     side_cost=np.where(right, 0.1, 1.0),
    ... )
    >>> found = leads({"old": of(right), "new": of(item < 95)}, "old")["new"]
    >>> round(found.accuracy.value, 3), round(found.accuracy.same_crew.low, 3), round(found.accuracy_p, 3)
    (0.05, 0.002, 0.041)
    """
    found: dict[str, tuple[Estimate, float | None, Estimate, float | None]] = {}
    base = scores[over]
    for name, own in scores.items():
        if name == over:
            continue
        one, other = own.take(np.isin(own.item, base.item)), base.take(np.isin(base.item, own.item))
        groups = None if group is None else group[one.item]
        right = mean_difference("gold accuracy, difference", one.right - other.right, groups, share=True)
        cost = mean_difference("cost of soft labels, difference", one.cost - other.cost, groups)
        found[name] = (*right, *cost)
    accuracy_p = holm({name: p for name, (_, p, _, _) in found.items()})
    cost_p = holm({name: p for name, (_, _, _, p) in found.items()})
    return {
        name: Lead(name, over, accuracy, cost, accuracy_p[name], cost_p[name])
        for name, (accuracy, _, cost, _) in found.items()
    }


def mean_difference(
    name: str, difference: np.ndarray, group: np.ndarray | None = None, *, share: bool = False, level: float = 0.95
) -> tuple[Estimate, float | None]:
    """The mean of paired differences with its interval, and the two-sided p-value of no difference (None where there is
    no interval).

    Parameters
    ----------
    difference : float64 (n,): of each item both were judged on.
    group : int (n,): items of one number vary together.
    share : the differences are of right and wrong, between -1 and 1: two items are added.
    """
    from scipy import stats

    n = len(difference)
    if n == 0:
        return Estimate(name=name, value=None, reason="no gold item judges both"), None
    mean = float(difference.mean())
    place = np.arange(n) if group is None else np.unique(group, return_inverse=True)[1]
    groups = int(place.max()) + 1
    notes: tuple[str, ...] = ()
    if groups < min(n, FEW_CLUSTERS):
        notes, place, groups = (rests_on_few(groups, "prompt"),), np.arange(n), n
    if groups < 2:
        return Estimate(
            name=name,
            value=mean,
            same_crew=None,
            new_crew=None,
            n=n,
            interval_notes=("same crew: there is one gold item only",),
        ), None
    added = 2 if share else 0
    centre = float(difference.sum()) / (n + added)
    sums = np.bincount(place, weights=difference - centre)
    # Of the added items half of one lies at +1, half at -1, and one at 0.
    around_centre = (1 + 2 * centre**2 if share else 0.0) + groups / (groups - 1) * float((sums**2).sum())
    error = math.sqrt(around_centre) / (n + added)
    if error <= 1e-15:
        return (
            Estimate(
                name=name,
                value=mean,
                same_crew=None,
                new_crew=None,
                n=n,
                interval_notes=("same crew: every gold item shows the same difference", *notes),
            ),
            None,
        )
    df = groups - 1
    reach = float(stats.t.ppf((1 + level) / 2, df)) * error
    low, high = (max(centre - reach, -1.0), min(centre + reach, 1.0)) if share else (centre - reach, centre + reach)
    unit = "items" if groups == n else "prompt groups"
    method = f"paired differences over {unit}{', Agresti-Min' if share else ''}, t({df})"
    interval = Interval(low, high, "same crew", method, level)
    return Estimate(name=name, value=mean, same_crew=interval, new_crew=None, n=n, interval_notes=notes), float(
        2 * stats.t.sf(abs(centre) / error, df)
    )


def holm(p_values: dict[str, float | None]) -> dict[str, float | None]:
    """P-values corrected so that one false finding among all of them is made in one of twenty sets at most (Holm 1979,
    Scand. J. Statist. 6).

    Comparisons without a p-value count as made.

    >>> holm({"a": 0.01, "b": 0.04, "c": 0.03, "d": None})
    {'a': 0.04, 'b': 0.09, 'c': 0.09, 'd': None}
    """
    known = sorted((p, name) for name, p in p_values.items() if p is not None)
    corrected: dict[str, float | None] = dict.fromkeys(p_values)
    highest = 0.0
    for rank, (p, name) in enumerate(known):
        highest = max(highest, min(1.0, (len(p_values) - rank) * p))
        corrected[name] = highest
    return corrected
