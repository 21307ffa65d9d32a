"""Where annotators and items lie on the scale of a threshold, and who goes next where it is drawn closer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from workbench.cleaning.evidence import Evidence
from workbench.cleaning.rules import Cleaning
from workbench.cleaning.selection import annotators_to_go

ABOVE_GO = {"rapid_share": "most_rapid", "fall": "largest_fall"}
"""Figure of an annotator -> the threshold above which one goes."""
BELOW_GO = {"reliability": "least_reliability", "agreement": "least_agreement", "gold": "least_gold"}
"""Figure of an annotator -> the threshold below which one goes."""

ITEM_RULES = {"confidence": "least_confidence", "contested": "most_contested"}
"""Figure of an item -> its threshold: below the first items go, above the second."""


@dataclass(frozen=True, eq=False, kw_only=True)
class OnScale:
    """Annotators along the scale of one threshold.

    Attributes
    ----------
    values : float64 (n,): what the rule compares, as shares; those of whom it is known.
    goes : bool (n,): whether the annotator goes as the rules stand, for whatever reason.
    next_name : who goes next where this threshold is drawn closer; '' where nobody would.
    next_value : the share at which that is; NaN where nobody would.
    """

    values: np.ndarray
    goes: np.ndarray
    next_name: str
    next_value: float


def annotators_on_scale(evidence: Evidence, cleaning: Cleaning, figure: str) -> OnScale:
    """Where every annotator lies on the scale of a threshold, and who goes next where it is drawn closer.

    Parameters
    ----------
    figure : one of `BELOW_GO` and `ABOVE_GO`.

    Returns
    -------
    Values are those the rule compares: with `cleaning.assured`, upper bounds of the figures that have them.
    """
    frame = evidence.annotators
    bound = f"{figure}_high"
    compared = frame[bound if cleaning.assured and bound in frame else figure].to_numpy(float)
    judged = np.isfinite(compared)
    if figure == "gold":
        judged &= frame["gold_n"].to_numpy() >= cleaning.gold_answers
    goes = np.array([len(why) > 0 for why in annotators_to_go(evidence, cleaning)], bool)
    stays = judged & ~goes & ~frame["annotator"].isin(cleaning.keep).to_numpy()
    nearest = np.flatnonzero(stays)
    if len(nearest):
        at = compared[nearest]
        nearest = nearest[[at.argmax() if figure in ABOVE_GO else at.argmin()]]
    return OnScale(
        values=compared[judged],
        goes=goes[judged],
        next_name=str(frame["annotator"].iloc[nearest[0]]) if len(nearest) else "",
        next_value=float(compared[nearest[0]]) if len(nearest) else float("nan"),
    )


def items_on_scale(evidence: Evidence, figure: str) -> np.ndarray:
    """How many items lie in each hundredth of the scale of a threshold, int64 (100,).

    Parameters
    ----------
    figure : one of `ITEM_RULES`.
    """
    values = evidence.confidence if figure == "confidence" else evidence.contested
    known = values[np.isfinite(values)]
    return np.histogram(known, bins=100, range=(0.0, 1.0))[0]


def items_beyond(counts: np.ndarray, cleaning: Cleaning, figure: str) -> np.ndarray:
    """Those of `items_on_scale` that lie beyond the threshold, to the hundredth.

    >>> int(items_beyond(np.array([3] + [0] * 98 + [5]), Cleaning(least_confidence=0.4), "confidence").sum())
    3
    """
    ends = np.arange(len(counts)) / len(counts)
    threshold = getattr(cleaning, ITEM_RULES[figure])
    beyond = ends < threshold - 1e-9 if figure == "confidence" else ends >= threshold - 1e-9
    return np.where(beyond, counts, 0)
