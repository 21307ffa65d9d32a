"""Several judges, or several answers of one: what they decide together, and how many independent ones they are
worth.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from workbench.errors import WorkbenchError
from workbench.judging.thresholds import risk_upper_bound


@dataclass(frozen=True, eq=False)
class PanelVerdicts:
    """What a panel decided.

    Attributes
    ----------
    table : a row an item: `item_id`, `label` (A, B, =, or None), `votes_a`, `votes_tie`, `votes_b`, `share` (of the
        winner), `why`.
    decided : items with a label.
    """

    table: pd.DataFrame
    decided: int


def panel(scores: pd.DataFrame, *, quorum: int = 2, majority: float = 0.5) -> PanelVerdicts:
    """What do several judges decide together? Each has one vote an item: its verdict averaged over both orders.

    Parameters
    ----------
    scores : a row an item (the index its id), a column a judge: its score for A, NaN where it has no verdict. One half
        is a vote for a tie only where `reconciled` gave it as one; a judge whose orders cancel out has no vote (NaN).
    quorum : votes an item needs; below it there is no label.
    majority : share of the votes that the winner must pass.

    Raises
    ------
    WorkbenchError : a quorum under 1, or a majority under one half, which two labels could have.
    """
    if quorum < 1 or not 0.5 <= majority < 1:
        raise WorkbenchError(
            f"A quorum of {quorum} with a majority of {majority:g} is not possible.", "Use 1 or more, and 0.5 or more."
        )
    side = np.sign(scores.to_numpy(float) - 0.5)
    counts = {name: (side == value).sum(axis=1) for name, value in (("votes_a", 1), ("votes_tie", 0), ("votes_b", -1))}
    table = pd.DataFrame({"item_id": scores.index.astype(str), **counts})
    votes = np.stack([*counts.values()], axis=1)
    total, best = votes.sum(axis=1), votes.max(axis=1)
    share = np.where(total > 0, best / np.maximum(total, 1), np.nan)
    enough, clear = total >= quorum, share > majority
    names = np.array(["A", "=", "B"], object)
    table["label"] = pd.Series(np.where(enough & clear, names[votes.argmax(axis=1)], None), dtype=object)
    table["share"] = share
    reasons = np.array([None, "no majority", "below the quorum"], object)
    table["why"] = pd.Series(reasons[np.where(~enough, 2, np.where(~clear, 1, 0))], dtype=object)
    return PanelVerdicts(table, int((enough & clear).sum()))


@dataclass(frozen=True)
class Independence:
    """How many independent judges a panel is worth.

    Attributes
    ----------
    judges : in the panel.
    correlation : mean correlation of their errors, on items whose answer is known; None where undefined.
    effective : k / (1 + (k - 1) x correlation); None likewise.
    best : the best single judge's accuracy, `panel` the majority's, `independent` what the majority of independent ones
        would reach.
    n : items all of them judged.
    reason : why it is undefined.
    """

    judges: int
    correlation: float | None
    effective: float | None
    best: float | None
    panel: float | None
    independent: float | None
    n: int
    reason: str | None = None


def effective_judges(right: np.ndarray) -> Independence:
    """How many independent judges is the panel worth, by how their errors go together?

    Parameters
    ----------
    right : bool (n, k): whether each judge was right on each audited item.

    >>> nine = effective_number(9, 0.4375)
    >>> round(nine, 6)
    2.0
    """
    hits = np.asarray(right, float)
    n, k = hits.shape if hits.ndim == 2 else (0, 0)
    varied = hits.std(axis=0) > 0 if n else np.zeros(0, bool)
    if n < 10 or k < 2 or varied.sum() < 2:
        reason = "it takes two judges that are sometimes wrong and ten audited items"
        return Independence(k, None, None, None, None, None, n, reason)
    table = np.corrcoef(hits[:, varied], rowvar=False)
    rho = float(np.clip(table[np.triu_indices(int(varied.sum()), 1)].mean(), -1 / (k - 1) + 1e-9, 1))
    accuracy = hits.mean(axis=0)
    votes = hits.sum(axis=1)
    together = float((votes > k / 2).mean() + 0.5 * (votes == k / 2).mean())
    p = float(accuracy.mean())
    independent = float(stats.binom.sf(k // 2, k, p) + (0.5 * stats.binom.pmf(k // 2, k, p) if k % 2 == 0 else 0.0))
    return Independence(k, rho, effective_number(k, rho), float(accuracy.max()), together, independent, n)


def effective_number(judges: int, correlation: float) -> float:
    """K / (1 + (k - 1) rho): the independent judges that a panel with correlated errors is worth, at most k."""
    return min(float(judges), judges / (1 + (judges - 1) * max(correlation, 0.0)))


@dataclass(frozen=True, eq=False)
class Filtered:
    """What a filter by consistency keeps, and what that costs.

    Attributes
    ----------
    kept : bool (n,): items kept.
    winner : `A` or `B` of the kept ones, None elsewhere.
    set_aside : reason -> items.
    accuracy_kept, accuracy_all : share of verdicts that agree with the known labels, among the kept and all; None
        without labels.
    error_bound : what the error among the kept may be at 95%; None without labels.
    bias : mean of the known labels among the kept less among all: what a win rate computed from the kept is off by;
        None likewise.
    """

    kept: np.ndarray
    winner: np.ndarray
    set_aside: dict[str, int]
    accuracy_kept: float | None
    accuracy_all: float | None
    error_bound: float | None
    bias: float | None


def consistent_only(
    votes_a: np.ndarray, votes: np.ndarray, *, least_votes: int = 4, share: float = 0.8, truth: np.ndarray | None = None
) -> Filtered:
    """Which items does a filter by consistency keep? Pairs in one orientation, winners kept, single votes refused.

    A filter keeps easy items: consistency is not correctness, and figures computed from the kept are biased. Both are
    shown.

    Parameters
    ----------
    votes_a, votes : int (n,): votes for A among all votes that choose a side, both orders turned to the item's
        orientation.
    least_votes : fewer say nothing about consistency: one vote always agrees with itself.
    share : of the votes that the winner must have.
    truth : float (n,): known labels, 1 = A, 0 = B, NaN = unknown.
    """
    n, a = np.asarray(votes), np.asarray(votes_a)
    enough = n >= least_votes
    top = np.maximum(a, n - a) / np.maximum(n, 1)
    kept = enough & (top >= share) & (2 * a != n)
    winner = np.array([None, "A", "B"], object)[np.where(kept, np.where(2 * a > n, 1, 2), 0)]
    aside = {"too few votes": int((~enough).sum()), "not consistent": int((enough & ~kept).sum())}
    if truth is None or not np.isfinite(truth[kept]).any():
        return Filtered(kept, winner, aside, None, None, None, None)
    known = np.isfinite(truth) & (truth != 0.5)
    decided = known & (2 * a != n) & (n > 0)
    good = (2 * a > n) == (np.nan_to_num(truth, nan=0.5) > 0.5)
    inside = known & kept
    wrong = int((~good & inside).sum())
    return Filtered(
        kept,
        winner,
        aside,
        float(good[inside].mean()) if inside.any() else None,
        float(good[decided].mean()) if decided.any() else None,
        float(risk_upper_bound(wrong, int(inside.sum()), 0.05)) if inside.any() else None,
        float(truth[inside].mean() - truth[known].mean()) if inside.any() else None,
    )
