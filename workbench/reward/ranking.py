r"""How often does a score rank the preferred response first, and how sure is that figure?

Pairs of one prompt, or of one ranking, stand and fall together, so that the interval counts prompts and not pairs
(`workbench.statistics.clustered`).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy import special

from workbench.estimates import Estimate, Interval
from workbench.reward.pairs import Pairs
from workbench.statistics import clustered


def hits(margin: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Is the preferred response the higher one? 1, 0, one half where the scores are equal, NaN where the label prefers
    neither.

    >>> hits(np.array([0.2, -1.0, 0.0, 3.0]), np.array([1.0, 0.9, 0.0, 0.5])).tolist()
    [1.0, 0.0, 0.5, nan]
    """
    side = np.sign(np.asarray(target, float) - 0.5)
    with np.errstate(invalid="ignore"):
        return np.where((side == 0) | ~np.isfinite(margin), np.nan, (1 + side * np.sign(margin)) / 2)


def ranking_accuracy(margin: np.ndarray, pairs: Pairs, name: str = "Ranking accuracy", level: float = 0.95) -> Estimate:
    """How often is the preferred response scored higher? Pairs whose label prefers neither are set aside and counted.

    Parameters
    ----------
    margin : (n,): score of A minus score of B.
    """
    return clustered_share(hits(margin, pairs.target), pairs.group, name, level)


def clustered_share(hit: np.ndarray, group: np.ndarray, name: str, level: float = 0.95) -> Estimate:
    """A share, with an interval over groups.

    Parameters
    ----------
    hit : float (n,) from 0 to 1; NaN is set aside.
    group : (n,): what stands and falls together.

    >>> found = clustered_share(np.array([1.0, 1, 1, 0, 1, 1, 0, 1]), np.array([0, 0, 1, 1, 2, 2, 3, 3]), "share")
    >>> found.value, [round(x, 3) for x in found.same_crew.to_list()]
    (0.75, [0.185, 0.975])
    """
    known = np.isfinite(hit)
    n, aside = int(known.sum()), int((~known).sum())
    if n == 0:
        return Estimate(name=name, value=None, n_set_aside=aside, reason="no pair has a label that prefers a side")
    found = clustered.clustered_share(np.asarray(hit, float)[known], np.asarray(group)[known], level)
    if n == 1:
        return Estimate(
            name=name,
            value=found.value,
            n=1,
            n_set_aside=aside,
            interval_notes=("one pair says nothing about how far it would vary",),
        )
    notes: tuple[str, ...] = ()
    if found.one_cluster:
        notes = ("all pairs share one prompt group: the interval is about new pairs of it, not about new prompts",)
    over = f"over {found.clusters:,} groups, Wilson, t({found.df:.3g})"
    return Estimate(
        name=name,
        value=found.value,
        same_crew=Interval(found.low, found.high, "same crew", over, level),
        new_crew=None,
        n=n,
        n_set_aside=aside,
        reason=None,
        interval_notes=notes,
    )


def paired_difference(
    first: np.ndarray, second: np.ndarray, group: np.ndarray, name: str, level: float = 0.95
) -> Estimate:
    """How much more often does the first score rank right than the second, on the same pairs?

    Parameters
    ----------
    first, second : `hits` of the two, (n,); a pair that either cannot judge is set aside.

    >>> paired_difference(np.array([1.0, 1, 0, 1]), np.array([1.0, 0, 0, 1]), np.arange(4), "gain").value
    0.25
    """
    d = np.asarray(first, float) - np.asarray(second, float)
    known = np.isfinite(d)
    d, codes = d[known], np.unique(np.asarray(group)[known], return_inverse=True)[1]
    n, aside = len(d), int((~known).sum())
    if n == 0:
        return Estimate(name=name, value=None, n_set_aside=aside, reason="no pair is judged by both")
    mean, size = float(d.mean()), np.bincount(codes)
    groups = len(size)
    if groups < 2:
        return Estimate(
            name=name, value=mean, n=n, n_set_aside=aside, interval_notes=("all pairs share one prompt group",)
        )
    variance = groups / (groups - 1) * float((np.bincount(codes, weights=d - mean) ** 2).sum()) / n**2
    df = max(n**2 / float((size.astype(float) ** 2).sum()) - 1, 1.0)
    # No difference seen in any group is as rare as one in so many; a width of zero would claim more than was seen.
    reach = float(special.stdtrit(df, (1 + level) / 2)) * max(
        math.sqrt(variance), 0.5 / max(groups, 2) if variance < 1e-15 else 0.0
    )
    interval = Interval(
        max(mean - reach, -1.0), min(mean + reach, 1.0), "same crew", f"over {groups:,} groups, t({df:.3g})", level
    )
    return Estimate(name=name, value=mean, same_crew=interval, new_crew=None, n=n, n_set_aside=aside)


def accuracy_by(values: np.ndarray, margin: np.ndarray, pairs: Pairs, most: int = 40) -> dict[str, Estimate]:
    """Ranking accuracy for each value of a column, the most frequent ones first; pairs without a value are left out.

    Parameters
    ----------
    values : object (n,): a value for each pair, '' or None where there is none.
    most : values listed.
    """
    hit = hits(margin, pairs.target)
    text = np.array(["" if v is None else str(v) for v in values], object)
    names, counts = np.unique(text[(text != "") & np.isfinite(hit)].astype(str), return_counts=True)
    ordered = names[np.argsort(-counts, kind="stable")][:most]
    return {str(name): clustered_share(hit[text == name], pairs.group[text == name], str(name)) for name in ordered}


@dataclass(frozen=True)
class Compared:
    """Two scores on the same pairs.

    Attributes
    ----------
    names : of the first and the second.
    first, second : their ranking accuracies.
    difference : first less second, paired.
    """

    names: tuple[str, str]
    first: Estimate
    second: Estimate
    difference: Estimate

    def to_dict(self) -> dict[str, object]:
        """As JSON has it."""
        return {
            "names": list(self.names),
            "first": self.first.to_dict(),
            "second": self.second.to_dict(),
            "difference": self.difference.to_dict(),
        }


def compared(names: tuple[str, str], margins: tuple[np.ndarray, np.ndarray], pairs: Pairs) -> Compared:
    """Which of two scores ranks better, on the same pairs?"""
    first, second = (hits(margin, pairs.target) for margin in margins)
    return Compared(
        names,
        clustered_share(first, pairs.group, names[0]),
        clustered_share(second, pairs.group, names[1]),
        paired_difference(first, second, pairs.group, f"{names[0]} less {names[1]}"),
    )


@dataclass(frozen=True)
class LeaveOneOut:
    """Each source judged by a model that was trained on all others.

    Attributes
    ----------
    by_source : accuracy on each.
    macro : their mean, each source the same; the interval is over sources.
    pooled : over all pairs.
    """

    by_source: Mapping[str, Estimate]
    macro: Estimate
    pooled: Estimate

    def to_dict(self) -> dict[str, object]:
        """As JSON has it."""
        return {
            "by_source": {name: estimate.to_dict() for name, estimate in self.by_source.items()},
            "macro": self.macro.to_dict(),
            "pooled": self.pooled.to_dict(),
        }


def leave_one_out(margin: np.ndarray, pairs: Pairs, level: float = 0.95) -> LeaveOneOut:
    """How well does a model rank what comes from a source it has not seen?

    Parameters
    ----------
    margin : (n,): of each pair by the model trained without its source; NaN for pairs that none was asked about.
    """
    by_source = accuracy_by(np.where(np.isfinite(margin), pairs.source, ""), margin, pairs, most=10_000)
    values = np.array([e.value for e in by_source.values() if e.value is not None])
    name = "Mean over sources"
    if len(values) < 2:
        macro = Estimate(name=name, value=None, n=len(values), reason="fewer than two sources")
    else:
        spread = float(values.std(ddof=1)) / math.sqrt(len(values))
        reach = float(special.stdtrit(len(values) - 1, (1 + level) / 2)) * spread
        mean = float(values.mean())
        interval = Interval(
            max(mean - reach, 0.0),
            min(mean + reach, 1.0),
            "same crew",
            f"over {len(values)} sources, t({len(values) - 1})",
            level,
        )
        macro = Estimate(name=name, value=mean, same_crew=interval, new_crew=None, n=len(values))
    return LeaveOneOut(
        by_source, macro, clustered_share(hits(margin, pairs.target), pairs.source.astype(str), "All pairs", level)
    )
