"""Intervals over seeds and prompt groups at once, paired wherever two cells saw the same seeds and groups.

A study trains with several seeds, and each seed is measured on held-out prompt groups. Both are a sample: another seed
would have given another model, other prompts another accuracy. So both are drawn again with replacement, the same draw
for all cells that are compared (Owen 2007, "The pigeonhole bootstrap", Annals of Applied Statistics 1, 386-411). Groups
are gathered into at most `BUCKETS` buckets, whole groups each, which keeps a record of a cell short and an interval by
whole buckets valid.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from workbench.studies.measured import Measured

BUCKETS = 60
"""At most so many buckets of prompt groups."""

FEWEST_BUCKETS = 8
"""With fewer groups there is no interval: three groups do not say how far others would differ, and an interval over
seeds alone would be taken for one that does."""

DRAWS = 2_000


def buckets_of(group: np.ndarray, most: int = BUCKETS) -> tuple[np.ndarray, int]:
    """Gathers whole prompt groups into buckets of about equal size, the same ones each time.

    Parameters
    ----------
    group : int (n,): group of each pair.

    Returns
    -------
    int64 (n,) bucket of each pair, and how many there are.

    >>> buckets_of(np.array([7, 7, 3, 9]))[0].tolist()
    [1, 1, 0, 2]
    """
    _, code, size = np.unique(group, return_inverse=True, return_counts=True)
    n = min(most, len(size))
    of_group = np.arange(len(size)) if len(size) <= most else np.random.default_rng(0).permutation(len(size)) % n
    return of_group[code.ravel()].astype(np.int64), n


@dataclass(frozen=True, eq=False)
class Scores:
    """How one cell did: float64 arrays over (seeds, buckets).

    Attributes
    ----------
    right : held-out pairs ranked as the truth ranks them; a margin of exactly 0 counts one half.
    loss : sum of their log losses, in nats.
    n : held-out pairs.
    """

    right: np.ndarray
    loss: np.ndarray
    n: np.ndarray

    @property
    def accuracy(self) -> float:
        """Share right over all seeds and buckets."""
        return float(self.right.sum() / self.n.sum())

    @classmethod
    def of_records(cls, records: Sequence[dict]) -> Scores:
        """From records of `scored`, one a seed."""
        return cls(*(np.array([r[name] for r in records], float) for name in ("right", "loss", "n")))


def scored(margin: np.ndarray, truth: np.ndarray, bucket: np.ndarray, n_buckets: int) -> dict[str, list[float]]:
    """One seed's record: right, loss and n of each bucket.

    Parameters
    ----------
    margin : float (n,): log odds that A is preferred, as the model sees it.
    truth : float (n,): 1 where A is preferred, 0 where B is.
    bucket : int (n,).

    >>> scored(np.array([2.0, -1.0, 0.0]), np.array([1.0, 1.0, 0.0]), np.array([0, 0, 1]), 2)["right"]
    [1.0, 0.5]
    """
    right = np.where(margin == 0, 0.5, (margin > 0) == (truth > 0.5))
    loss = np.logaddexp(0.0, np.where(truth > 0.5, -margin, margin))
    count = [np.bincount(bucket, w, n_buckets).tolist() for w in (right, loss, np.ones(len(truth)))]
    return {"right": count[0], "loss": [round(v, 6) for v in count[1]], "n": count[2]}


@dataclass(frozen=True, eq=False)
class Resampler:
    """The draws that all cells of a study share.

    Attributes
    ----------
    seeds, buckets : how many there are of each.
    draws, seed : how many draws, and what makes them the same each time.
    """

    seeds: int
    buckets: int
    draws: int = DRAWS
    seed: int = 0

    @cached_property
    def seed_counts(self) -> np.ndarray:
        """How often each seed is drawn, (draws, seeds)."""
        rng = np.random.default_rng([self.seed, 1])
        return rng.multinomial(self.seeds, np.full(self.seeds, 1 / self.seeds), self.draws).astype(float)

    @cached_property
    def bucket_counts(self) -> np.ndarray:
        """How often each bucket is drawn, (draws, buckets); all once where there are too few to draw from."""
        if not self.groups_drawn:
            return np.ones((self.draws, self.buckets))
        rng = np.random.default_rng([self.seed, 2])
        return rng.multinomial(self.buckets, np.full(self.buckets, 1 / self.buckets), self.draws).astype(float)

    @property
    def groups_drawn(self) -> bool:
        """Whether prompt groups are drawn again."""
        return self.buckets >= FEWEST_BUCKETS

    @property
    def units(self) -> int:
        """What there is least of: seeds, or buckets of prompt groups where these are drawn."""
        return min(self.seeds, self.buckets) if self.groups_drawn else self.seeds

    @property
    def note(self) -> str:
        """What the intervals are about."""
        if self.groups_drawn:
            return "over seeds and held-out prompt groups"
        return (
            f"not given: {self.buckets} held-out prompt groups are too few to say anything of others, which takes"
            f" {FEWEST_BUCKETS}"
        )

    def of_scores(self, scores: Scores, what: str = "accuracy") -> np.ndarray:
        """The figure in each draw, (draws,): `accuracy`, or mean log `loss`."""
        top = scores.right if what == "accuracy" else scores.loss
        above = ((self.seed_counts @ top) * self.bucket_counts).sum(1)
        below = ((self.seed_counts @ scores.n) * self.bucket_counts).sum(1)
        with np.errstate(invalid="ignore", divide="ignore"):
            return above / below

    def measured(self, value: float | None, drawn: np.ndarray, n: int, reason: str = "undefined") -> Measured:
        """A figure with the interval its draws give; draws in which it is undefined are left out, and said."""
        if value is None or not math.isfinite(value):
            return Measured(value=None, n=n, seeds=self.seeds, reason=reason)
        if not self.groups_drawn:
            why = f"no interval: {self.buckets} held-out prompt groups, {FEWEST_BUCKETS} are needed"
            return Measured(value=float(value), n=n, seeds=self.seeds, note=why)
        known = drawn[np.isfinite(drawn)]
        lost = len(drawn) - len(known)
        if self.seeds < 2 or len(known) < 0.9 * len(drawn):
            why = (
                "one seed gives no interval"
                if self.seeds < 2
                else f"no interval: undefined in {lost:,} of {len(drawn):,} draws"
            )
            return Measured(value=float(value), n=n, seeds=self.seeds, note=why)
        low, high = expanded_percentiles(known, self.units)
        return Measured(
            value=float(value),
            low=low,
            high=high,
            n=n,
            seeds=self.seeds,
            note=self.note + (f"; undefined in {lost:,} draws" if lost else ""),
        )

    def accuracy(self, scores: Scores) -> Measured:
        """Held-out accuracy with its interval."""
        return self.measured(scores.accuracy, self.of_scores(scores), int(scores.n.sum()))

    def difference(
        self, scores: Scores, base: Scores, of: Callable[[Scores], float] = lambda s: s.accuracy
    ) -> Measured:
        """Accuracy of one cell minus that of another, paired by seed and group."""
        return self.measured(of(scores) - of(base), self.of_scores(scores) - self.of_scores(base), int(scores.n.sum()))


def expanded_percentiles(drawn: np.ndarray, units: int, level: float = 0.95) -> tuple[float, float]:
    r"""Percentile interval, widened for few units as Student's t is wider than the normal.

    The plain percentile interval of a mean of `k` units is too narrow by $\sqrt{(k-1)/k}$ and by $t$ over $z$; the
    percentiles are moved outwards to $\Phi(-\sqrt{k/(k-1)}\, t_{k-1})$ (Hesterberg 2015, "What teachers should know
    about the bootstrap", The American Statistician 69, 371-386).

    >>> low, high = expanded_percentiles(np.random.default_rng(0).normal(size=20_000), 10)
    >>> round(low, 1), round(high, 1)
    (-2.4, 2.4)
    """
    tail = expanded_tail(units, level)
    low, high = np.quantile(drawn, [tail, 1 - tail])
    return float(low), float(high)


def expanded_tail(units: int, level: float = 0.95) -> float:
    """Share of the draws beyond each end of such an interval.

    >>> round(expanded_tail(10), 4), round(expanded_tail(10_000), 4)
    (0.0086, 0.025)
    """
    from scipy import stats

    t = stats.t.ppf(0.5 + level / 2, units - 1) * math.sqrt(units / (units - 1))
    return float(stats.norm.cdf(-t))
