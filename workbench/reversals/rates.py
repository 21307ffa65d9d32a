"""A rate of something that can happen on some occasions, with intervals for new pairs and for new annotators."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy import special, stats

from workbench.estimates import FEW_CLUSTERS, Estimate, Interval, rests_on_few


@dataclass(frozen=True, eq=False)
class Occasions:
    """Occasions on which something could happen, each of one annotator on one pair.

    Attributes
    ----------
    happened : bool (n,).
    pair, annotator : int64 (n,).
    cell : int64 (n,): the same number for occasions of one annotator on one pair.
    """

    happened: np.ndarray
    pair: np.ndarray
    annotator: np.ndarray
    cell: np.ndarray

    def __len__(self) -> int:
        return len(self.happened)

    @property
    def rate(self) -> float:
        """Share of occasions on which it happened; NaN where there are none."""
        return float(self.happened.mean()) if len(self) else math.nan

    def clusters(self) -> tuple[int, int]:
        """Number of pairs and of annotators with an occasion."""
        return int((np.bincount(self.pair) > 0).sum()), int((np.bincount(self.annotator) > 0).sum())

    def variances(self) -> tuple[float, float]:
        r"""Variance of the rate for the same crew and for a new crew.

        With influence $\psi_t = (x_t - R) / n$ summed within clusters g, $V = \frac{G}{G - 1} \sum_g (\sum_{t \in g}
        \psi_t)^2$. Same crew: clusters are pairs. New crew: $V_\text{pairs} + \max(V_\text{annotators} -
        V_\text{cells}, 0)$, a cell being one annotator on one pair (Cameron, Gelbach & Miller 2011, Journal of Business
        & Economic Statistics 29(2), 238-249).
        """
        influence = (self.happened - self.rate) / len(self)
        by_pair = _clustered(influence, self.pair)
        crew = _clustered(influence, self.annotator) - _clustered(influence, self.cell)
        return by_pair, by_pair + max(crew, 0.0)


def rate(name: str, occasions: Occasions, nothing: str, level: float = 0.95) -> Estimate:
    """The rate with both intervals, on the logit scale; exact (Clopper-Pearson) bounds where it is 0 or 1.

    Parameters
    ----------
    nothing : the reason to give where there were no occasions.
    level : nominal coverage.

    Examples
    --------
    >>> n = np.arange(40)
    >>> found = rate("flips", Occasions(n % 4 == 0, n, n % 5, n), "nothing was repeated")
    >>> found.value, round(found.same_crew.low, 2), round(found.same_crew.high, 2)
    (0.25, 0.14, 0.41)
    """
    n, value = len(occasions), occasions.rate
    if n == 0:
        return Estimate(name, None, reason=nothing)
    pairs, annotators = occasions.clusters()
    if value in (0.0, 1.0):
        low, high = stats.binomtest(int(occasions.happened.sum()), n).proportion_ci(level, method="exact")
        note = "it never happened" if value == 0.0 else "it always happened"
        exact = Interval(float(low), float(high), "same crew", "Clopper-Pearson, occasions taken as independent", level)
        return Estimate(
            name,
            value,
            exact,
            None,
            n,
            interval_notes=(f"new crew: {note}, so the data do not show how annotators differ",),
        )
    same, new = occasions.variances()
    notes: list[str] = []
    if pairs < 2:
        notes.append("same crew: there is one pair only")
    if annotators < 3:
        notes.append("new crew: it needs three annotators or more")
    if 2 <= pairs < FEW_CLUSTERS:
        notes.append(rests_on_few(pairs, "pair"))
    return Estimate(
        name,
        value,
        _around(value, same, pairs - 1, "same crew", "pair-clustered", level) if pairs >= 2 and same > 0 else None,
        (
            _around(
                value, new, min(pairs, annotators) - 1, "new crew", "pairs and annotators, two-way clustered", level
            )
            if annotators >= 3 and new > 0
            else None
        ),
        n,
        interval_notes=tuple(notes),
    )


def _clustered(influence: np.ndarray, cluster: np.ndarray) -> float:
    groups = int((np.bincount(cluster) > 0).sum())
    sums = np.bincount(cluster, weights=influence)
    return float((sums**2).sum() * groups / max(groups - 1, 1))


def _around(value: float, variance: float, df: int, crew: str, method: str, level: float) -> Interval:
    reach = stats.t.ppf((1 + level) / 2, df) * math.sqrt(variance) / (value * (1 - value))
    low, high = special.expit(special.logit(value) + np.array([-reach, reach]))
    return Interval(float(low), float(high), crew, f"{method}, logit, t({df})", level)  # type: ignore[arg-type]
