r"""A rate of something that can happen on some occasions, with intervals for new prompts and for new annotators.

What happens on pairs of one prompt goes together, and so does what one annotator does. With $\psi_t = (x_t - R) / n$
summed within clusters g, $V = \frac{G}{G - 1} \sum_g (\sum_{t \in g} \psi_t)^2$. Same crew: clusters are prompts (pairs
where prompts are not known). New crew: $V_\text{prompts} + \max(V_\text{annotators} - V_\text{both}, 0)$, *both* being
one annotator on one prompt (Cameron, Gelbach & Miller 2011, Journal of Business & Economic Statistics 29(2), 238-249).
The interval has Wilson's form with the effective number $R (1 - R) / V$, and Student's t for the effective number of
clusters (`workbench.statistics.clustered`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy import special

from workbench.estimates import FEW_CLUSTERS, Crew, Estimate, Interval, rests_on_few
from workbench.statistics.clustered import effective_clusters
from workbench.statistics.proportions import clopper_pearson, wilson


@dataclass(frozen=True, eq=False)
class Occasions:
    """Occasions on which something could happen, each of one annotator on one pair.

    Attributes
    ----------
    happened : bool (n,).
    cluster, annotator : int64 (n,): what stands and falls together, and whose occasion it is.
    unit : what a cluster is: a `prompt`, or a `pair` where no prompts are known to be shared.
    """

    happened: np.ndarray
    cluster: np.ndarray
    annotator: np.ndarray
    unit: str = "pair"

    def __len__(self) -> int:
        return len(self.happened)

    @property
    def rate(self) -> float:
        """Share of occasions on which it happened; NaN where there are none."""
        return float(self.happened.mean()) if len(self) else math.nan

    def clusters(self) -> tuple[int, int]:
        """Number of prompts and of annotators with an occasion."""
        return len(np.unique(self.cluster)), len(np.unique(self.annotator))

    def degrees(self) -> tuple[float, float]:
        """Degrees of freedom of the two variances: the effective number of prompts less one, and for a new crew that of
        annotators where these are fewer.
        """
        of_prompts, of_people = (
            effective_clusters(np.unique(codes, return_counts=True)[1]) - 1 for codes in (self.cluster, self.annotator)
        )
        return of_prompts, min(of_prompts, of_people)

    def variances(self) -> tuple[float, float]:
        """Variance of the rate for the same crew and for a new crew."""
        influence = (self.happened - self.rate) / len(self)
        person = np.unique(self.annotator, return_inverse=True)[1].ravel()
        prompt = np.unique(self.cluster, return_inverse=True)[1].ravel()
        both = np.unique(person.astype(np.int64) * (int(prompt.max()) + 1) + prompt, return_inverse=True)[1].ravel()
        by_prompt = _clustered(influence, prompt)
        crew = _clustered(influence, person) - _clustered(influence, both)
        return by_prompt, by_prompt + max(crew, 0.0)


def rate(name: str, occasions: Occasions, nothing: str, level: float = 0.95) -> Estimate:
    """The rate with both intervals.

    Where it is 0 or 1 each prompt counts once, whatever the number of occasions on it, and the bounds are Clopper and
    Pearson's.

    Parameters
    ----------
    nothing : the reason to give where there were no occasions.
    level : nominal coverage.

    Examples
    --------
    >>> n = np.arange(40)
    >>> found = rate("flips", Occasions(n % 4 == 0, n, n % 5), "nothing was repeated")
    >>> found.value, round(found.same_crew.low, 2), round(found.same_crew.high, 2)
    (0.25, 0.14, 0.41)
    """
    n, value = len(occasions), occasions.rate
    if n == 0:
        return Estimate(name=name, value=None, reason=nothing)
    prompts, annotators = occasions.clusters()
    few = (rests_on_few(prompts, occasions.unit),) if prompts < FEW_CLUSTERS else ()
    if value in (0.0, 1.0):
        low, high = clopper_pearson(value * prompts, prompts, level)
        note = "it never happened" if value == 0.0 else "it always happened"
        exact = Interval(
            float(low), float(high), "same crew", f"Clopper-Pearson, over {prompts:,} {occasions.unit}s", level
        )
        return Estimate(
            name=name,
            value=value,
            same_crew=exact,
            new_crew=None,
            n=n,
            interval_notes=(f"new crew: {note}, so the data do not show how annotators differ", *few),
        )
    (same, new), (df_same, df_new) = occasions.variances(), occasions.degrees()
    notes: list[str] = []
    if prompts < 2:
        notes.append(f"same crew: there is one {occasions.unit} only")
    if annotators < 3 or prompts < 2:
        notes.append(
            f"new crew: it needs three annotators {'or more' if annotators < 3 else f'and two {occasions.unit}s'}"
        )
    return Estimate(
        name=name,
        value=value,
        same_crew=_around(value, same, n, df_same, "same crew", f"over {occasions.unit}s", level)
        if prompts >= 2
        else None,
        new_crew=(
            _around(value, new, n, df_new, "new crew", f"over {occasions.unit}s and annotators", level)
            if annotators >= 3 and prompts >= 2
            else None
        ),
        n=n,
        interval_notes=(*notes, *few),
    )


def _clustered(influence: np.ndarray, cluster: np.ndarray) -> float:
    sums = np.bincount(cluster, weights=influence)
    groups = len(sums)
    return float((sums**2).sum() * groups / max(groups - 1, 1))


def _around(value: float, variance: float, n: int, df: float, crew: Crew, over: str, level: float) -> Interval:
    # The same rate on every prompt shows no spread at all; then each occasion counts, and no more than once.
    effective = min(value * (1 - value) / variance, n) if variance > 1e-15 else n
    low, high = wilson(value, effective, quantile=float(special.stdtrit(max(df, 1.0), (1 + level) / 2)))
    return Interval(float(low), float(high), crew, f"{over}, Wilson, t({df:.3g})", level)
