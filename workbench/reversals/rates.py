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
from functools import cached_property

import numpy as np
import pandas as pd
from scipy import special

from workbench.estimates import FEW_CLUSTERS, Crew, Estimate, Interval, rests_on_few
from workbench.statistics.proportions import clopper_pearson, wilson


@dataclass(frozen=True, eq=False, kw_only=True)
class Clustered:
    """Clusters of occasions as whole numbers that add up over parts of the data, where no cluster is in two parts.

    Attributes
    ----------
    number : of clusters with an occasion.
    sizes, products, events : sums over clusters g of $n_g^2$, $n_g h_g$ and $h_g^2$, with n_g occasions of which it
        happened on h_g.
    """

    number: int
    sizes: int
    products: int
    events: int

    @staticmethod
    def of(happened: np.ndarray, cluster: np.ndarray) -> Clustered:
        """Those of these occasions."""
        if _dense(cluster):
            n = np.bincount(cluster)
            h = np.bincount(cluster[happened], minlength=len(n))
        else:
            ordered = np.sort(2 * cluster + happened)
            first = np.flatnonzero(np.diff(ordered >> 1, prepend=-1))
            n = np.diff(first, append=len(ordered))
            h = np.add.reduceat(ordered & 1, first)
        return Clustered(number=int(np.count_nonzero(n)), sizes=int(n @ n), products=int(n @ h), events=int(h @ h))

    def spread(self, n: int, h: int) -> float:
        r"""$\frac{G}{G - 1} \sum_g (\sum_{t \in g} \psi_t)^2$ where it happened on h of all n occasions.

        The numerator is a difference of whole numbers, so that nothing is lost in it.
        """
        squares = n * n * self.events - 2 * h * n * self.products + h * h * self.sizes
        return squares / n**4 * (self.number / max(self.number - 1, 1))


@dataclass(frozen=True, eq=False, kw_only=True)
class OccasionSums:
    """All that a rate and its intervals need of the occasions.

    Attributes
    ----------
    n, h : occasions, and on how many of them it happened.
    prompts : clusters of what stands and falls together.
    people_n, people_h : int64 (A,): the same two numbers for each annotator, by position.
    both : one annotator on one prompt.
    unit : what a cluster is: a `prompt`, or a `pair` where no prompts are known to be shared.
    """

    n: int
    h: int
    prompts: Clustered
    people_n: np.ndarray
    people_h: np.ndarray
    both: Clustered
    unit: str = "pair"

    def __len__(self) -> int:
        return self.n

    @property
    def rate(self) -> float:
        """Share of occasions on which it happened; NaN where there are none."""
        return self.h / self.n if self.n else math.nan

    @property
    def people(self) -> Clustered:
        """Annotators as clusters."""
        n, h = self.people_n, self.people_h
        return Clustered(number=int((n > 0).sum()), sizes=int(n @ n), products=int(n @ h), events=int(h @ h))

    def clusters(self) -> tuple[int, int]:
        """Number of prompts and of annotators with an occasion."""
        return self.prompts.number, self.people.number

    def degrees(self) -> tuple[float, float]:
        """Degrees of freedom of the two variances: the effective number of prompts less one, and for a new crew that of
        annotators where these are fewer.
        """
        of_prompts, of_people = (self.n**2 / c.sizes - 1 for c in (self.prompts, self.people))
        return of_prompts, min(of_prompts, of_people)

    def variances(self) -> tuple[float, float]:
        """Variance of the rate for the same crew and for a new crew."""
        by_prompt, by_person, by_both = (c.spread(self.n, self.h) for c in (self.prompts, self.people, self.both))
        return by_prompt, by_prompt + max(by_person - by_both, 0.0)


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

    @cached_property
    def sums(self) -> OccasionSums:
        """The whole numbers that everything said of them follows from."""
        happened = np.asarray(self.happened, bool)
        person, prompt = np.asarray(self.annotator, np.int64), np.asarray(self.cluster)
        prompt = (prompt if _dense(prompt) else pd.factorize(prompt)[0]).astype(np.int64)
        people_n = np.bincount(person, minlength=1)
        return OccasionSums(
            n=len(happened),
            h=int(happened.sum()),
            prompts=Clustered.of(happened, prompt),
            people_n=people_n,
            people_h=np.bincount(person[happened], minlength=len(people_n)),
            both=Clustered.of(happened, person * (int(prompt.max(initial=0)) + 1) + prompt),
            unit=self.unit,
        )


def _dense(cluster: np.ndarray) -> bool:
    """Whether these are numbers from 0 on, of which counting them all takes little memory."""
    return cluster.dtype.kind in "iu" and len(cluster) > 0 and cluster.min() >= 0 and cluster.max() < 4 * len(cluster)


def rate(name: str, seen: Occasions | OccasionSums, nothing: str, level: float = 0.95) -> Estimate:
    """The rate with both intervals.

    Where it is 0 or 1 each prompt counts once, whatever the number of occasions on it, and the bounds are Clopper and
    Pearson's.

    Parameters
    ----------
    seen : the occasions, or their sums.
    nothing : the reason to give where there were no occasions.
    level : nominal coverage.

    Examples
    --------
    >>> n = np.arange(40)
    >>> found = rate("flips", Occasions(n % 4 == 0, n, n % 5), "nothing was repeated")
    >>> found.value, round(found.same_crew.low, 2), round(found.same_crew.high, 2)
    (0.25, 0.14, 0.41)
    """
    occasions = seen.sums if isinstance(seen, Occasions) else seen
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


def _around(value: float, variance: float, n: int, df: float, crew: Crew, over: str, level: float) -> Interval:
    # The same rate on every prompt shows no spread at all; then each occasion counts, and no more than once.
    effective = min(value * (1 - value) / variance, n) if variance > 1e-15 else n
    low, high = wilson(value, effective, quantile=float(special.stdtrit(max(df, 1.0), (1 + level) / 2)))
    return Interval(float(low), float(high), crew, f"{over}, Wilson, t({df:.3g})", level)
