r"""How often is an annotator right, as far as gold and everybody else's labels tell?

What an annotator said is held against what gold or the others say of the same items, own vote left out, at every level of skill
(`workbench.annotators.crew`), from nearly perfect down to blind and on to reading the scale backwards. Each level has an accuracy over
the items as they are, clear and close ones; so the likelihood of the levels gives a posterior of the accuracy. Comparing labels one by one would not do:
the items that others are sure of are the easy ones, on which everybody looks good.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import stats
from scipy.interpolate import PchipInterpolator
from scipy.special import logit

from workbench.annotators.others import Others

_GRID = (np.arange(200) + 0.5) / 200
_WIDEST, _NARROWEST = 1.0, 0.6

_COMMON_ERROR = 0.25
"""Standard error, in log-odds, of the accuracy of the crew as a whole: agreement alone tells it only as well as its model fits."""


def estimated_accuracy(found: Others, level: float = 0.95, part: np.ndarray | None = None) -> pd.DataFrame:
    """How often does each annotator give the right direction, over items like these?

    Parameters
    ----------
    found : of `others(data)`.
    level : probability that the interval covers.
    part : bool (n,): judgements to use; all by default.

    Returns
    -------
    Frame with one row an annotator: `estimated_accuracy` (posterior mean), `estimated_low`, `estimated_high`, and `estimated_n` (labels that
    could be held against gold or others). NaN where there is none. The prior is the crew: log-odds around its mean, with its spread or wider.
    """
    codes, a = found.codes, found.codes.n_annotators
    used = found.informed if part is None else found.informed & part
    n = np.bincount(codes.annotator[used], minlength=a)
    if n.sum() == 0 or codes.n_labels < 2:
        return pd.DataFrame({"estimated_accuracy": np.full(a, np.nan), "estimated_low": np.nan, "estimated_high": np.nan, "estimated_n": n})
    totals, seen = found.by_skill() if part is None else found.by_skill_of(part)
    return _from_totals(found, totals, seen, n, level)


def accuracy_around(found: Others, after: np.ndarray) -> tuple[pd.DataFrame, pd.DataFrame]:
    """`estimated_accuracy` of the judgements that are not `after` (bool, (n,)), and of those that are."""
    codes, a = found.codes, found.codes.n_annotators
    if not found.informed.any() or codes.n_labels < 2:
        return estimated_accuracy(found, part=~after), estimated_accuracy(found, part=after)
    whole, later = found.by_skill(), found.by_skill_of(after)
    n = np.bincount(codes.annotator[found.informed], minlength=a)
    n_later = np.bincount(codes.annotator[found.informed & after], minlength=a)
    return _from_totals(found, whole[0] - later[0], whole[1] - later[1], n - n_later), _from_totals(found, *later, n_later)


def _from_totals(found: Others, totals: np.ndarray, seen: np.ndarray, n: np.ndarray, level: float = 0.95) -> pd.DataFrame:
    # Of very many labels a sample was looked at; it stands for all of them.
    scores = PchipInterpolator(found.crew.every_accuracy, totals, axis=1)(_within(found.crew.every_accuracy))
    centre, spread = _crew_prior(found)
    prior = stats.norm.logpdf(logit(_GRID), centre, spread) - np.log(_GRID * (1 - _GRID))
    density = np.exp(scores + prior - (scores + prior).max(1, keepdims=True))
    density /= density.sum(1, keepdims=True)
    density = density @ _smear(_COMMON_ERROR)
    below = np.cumsum(density, axis=1)
    low, high = (_GRID[np.minimum((below < t).sum(1), len(_GRID) - 1)] for t in ((1 - level) / 2, (1 + level) / 2))
    known = (n > 0) & (seen > 0)
    return pd.DataFrame(
        {
            "estimated_accuracy": np.where(known, density @ _GRID, np.nan), "estimated_low": np.where(known, low, np.nan),
            "estimated_high": np.where(known, high, np.nan), "estimated_n": n,
        }
    )  # fmt: skip


def others_agree(found: Others) -> np.ndarray:
    """Chance that each judgement's direction is right, by gold or what the others say; float32 (n,) in the order of `data.codes`."""
    return found.agreement


def confusion_counts(found: Others, annotator: int) -> np.ndarray:
    """What one annotator said of items that are probably what: float64 (K, K) at [right label, said label], adding up to the labels used.

    The right label is gold or what the others say, so its rows are blurred where they are unsure.
    """
    own = found.order[found.bounds[annotator] : found.bounds[annotator + 1]]
    own = own[found.informed[own]]
    counts: np.ndarray = found.right_label(own).T @ np.eye(found.codes.n_labels)[found.codes.label[own]]
    return counts


def _within(accuracies: np.ndarray) -> np.ndarray:
    """The grid, with its ends held at the lowest and the highest accuracy there is a table for."""
    return np.clip(_GRID, accuracies[0], accuracies[-1])


def _crew_prior(found: Others) -> tuple[float, float]:
    """Mean and standard deviation of the log-odds of being right in the crew."""
    crew = found.crew
    x = logit(np.clip(crew.accuracy, 0.01, 0.99))
    centre = float((crew.weights * x).sum())
    spread = float(np.sqrt((crew.weights * (x - centre) ** 2).sum()))
    return centre, float(np.clip(2 * spread, _NARROWEST, _WIDEST))


def _smear(error: float) -> np.ndarray:
    """What an error in log-odds makes of each accuracy of the grid, (200, 200); rows sum to 1."""
    x = logit(_GRID)
    spread = np.exp(-0.5 * ((x[None, :] - x[:, None]) / error) ** 2) / (_GRID * (1 - _GRID))[None, :]
    matrix: np.ndarray = spread / spread.sum(1, keepdims=True)
    return matrix
