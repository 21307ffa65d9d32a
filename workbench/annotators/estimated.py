r"""How often is an annotator right, as far as gold and everybody else's labels tell?

Gold answers are counted: k right of n. On items without gold, what an annotator said is held against what the others
say, own vote left out, at every level of skill (`workbench.annotators.crew`), from nearly perfect down to blind and on
to reading the scale backwards. Each level has an accuracy over the items as they are, on the scale of the gold
(`workbench.annotators.gold_calibration`); so both together give a posterior of the accuracy. Comparing labels one by
one would not do: the items that others are sure of are the easy ones, on which everybody looks good.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats
from scipy.interpolate import PchipInterpolator
from scipy.special import logit

from workbench.annotators.gold_calibration import crew_spread
from workbench.annotators.peer_posterior import Others

_GRID = (np.arange(200) + 0.5) / 200
_SMEARS = np.linspace(0.0, 1.0, 9)
_WIDE = 2.0
_LEAST_TOLD = 1e-3
_FAR, _FAR_SHARE = 1.2, 0.1


def estimated_accuracy(found: Others, level: float = 0.95, part: np.ndarray | None = None) -> pd.DataFrame:
    """How often does each annotator give the right direction, over items like these?

    Parameters
    ----------
    found : of `others(data)`.
    level : probability that the interval covers.
    part : bool (n,): judgements to use; all by default.

    Returns
    -------
    Frame with one row an annotator: `estimated_accuracy` (posterior mean), `estimated_low`, `estimated_high`, and
    `estimated_n` (labels that could be held against gold or others). NaN where there is none. The prior is the crew:
    log-odds around its mean with its spread, but for one in ten who may be far off. Intervals allow for the error of
    the scale, which is large without gold.
    """
    return _posterior(found, _seen(found, part), level)


def accuracy_around(found: Others, after: np.ndarray) -> tuple[pd.DataFrame, pd.DataFrame]:
    """`estimated_accuracy` of the judgements that are not `after` (bool, (n,)), and of those that are."""
    whole, later = _seen(found), _seen(found, after)
    return _posterior(found, whole - later), _posterior(found, later)


def told_log_odds(found: Others, part: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What some judgements (bool, (n,)) alone tell of each annotator's accuracy: log-odds and standard error, NaN where
    nothing.

    What a wide prior put in is taken out again, so that two parts of the evidence do not both count what is known of
    the crew.
    """
    seen = _seen(found, part)
    if found.codes.n_labels < 2:
        return np.full(len(seen.n), np.nan), np.full(len(seen.n), np.nan)
    x = logit(_GRID)
    density = _normal(_scores(found, seen) + _log_prior(x, 0.0, _WIDE))
    mean = density @ x
    precision = 1 / np.maximum(density @ x**2 - mean**2, 1e-6)
    told = np.maximum(precision - 1 / _WIDE**2, 0.0)
    known = (seen.n > 0) & (told > _LEAST_TOLD)
    middle = np.divide(mean * precision, told, out=np.full(len(told), np.nan), where=known)
    return np.clip(middle, x[0], x[-1]), np.where(known, 1 / np.sqrt(np.maximum(told, 1e-9)), np.nan)


@dataclass(frozen=True, eq=False)
class _Seen:
    """What is held against each annotator: log-likelihood of the labels without gold at each table (n_annotators, T),
    how many they are, gold answers, and right ones.
    """

    totals: np.ndarray
    votes: np.ndarray
    answers: np.ndarray
    right: np.ndarray

    @property
    def n(self) -> np.ndarray:
        return np.asarray(self.votes + self.answers)

    def __sub__(self, other: _Seen) -> _Seen:
        return _Seen(
            self.totals - other.totals, self.votes - other.votes, self.answers - other.answers, self.right - other.right
        )


def _seen(found: Others, part: np.ndarray | None = None) -> _Seen:
    from workbench.annotators.kernels import answers_and_votes

    codes, a = found.codes, found.codes.n_annotators
    used = found.informed if part is None else found.informed & part
    direction, votes = found.data.scale.direction_table().astype(np.int64), np.zeros(len(codes), bool)
    answers, correct, n = (np.zeros(a, np.int64) for _ in range(3))
    answers_and_votes(codes.item, codes.annotator, codes.label, found.gold, direction, used, answers, correct, n, votes)
    if codes.n_labels < 2 or not n.any():
        return _Seen(np.zeros((a, len(found.crew.every_table) if codes.n_labels else 0)), n, answers, correct)
    return _Seen((found.by_skill() if part is None else found.by_skill_of(votes))[0], n, answers, correct)


def _scores(found: Others, seen: _Seen, gold: bool = True) -> np.ndarray:
    """Log-likelihood of each annotator's labels at each accuracy of the grid, (n_annotators, 200)."""
    scale = found.scale
    # Labels of one annotator have more in common than the level of skill says, so the n-th one tells less than the
    # first.
    scores = PchipInterpolator(scale.accuracy, seen.totals, axis=1)(
        np.clip(_GRID, scale.accuracy[0], scale.accuracy[-1])
    )
    scores = scores / (1 + scale.scatter * seen.votes)[:, None]
    if gold:
        p = np.clip(scale.answers_right(_GRID), 1e-4, 1 - 1e-4)
        scores = scores + seen.right[:, None] * np.log(p) + (seen.answers - seen.right)[:, None] * np.log1p(-p)
    return np.asarray(scores)


def _posterior(found: Others, seen: _Seen, level: float = 0.95) -> pd.DataFrame:
    a, n = len(seen.n), seen.n
    if n.sum() == 0 or found.codes.n_labels < 2:
        return pd.DataFrame(
            {
                "estimated_accuracy": np.full(a, np.nan),
                "estimated_low": np.nan,
                "estimated_high": np.nan,
                "estimated_n": n,
            }
        )
    x, prior = logit(_GRID), _crew_prior(logit(_GRID), *crew_spread(found, found.scale.accuracy))
    density, without = _normal(_scores(found, seen) + prior), _normal(_scores(found, seen, gold=False) + prior)
    # What one's own gold answers tell is exact; the rest shares the error of the scale.
    own = 1 - np.clip(_variance(density, x) / _variance(without, x), 0.0, 1.0)
    density = _smeared(density, found.scale.common_error(density @ x, own))
    below = np.cumsum(density, axis=1)
    low, high = (_GRID[np.minimum((below < t).sum(1), len(_GRID) - 1)] for t in ((1 - level) / 2, (1 + level) / 2))
    known = n > 0
    return pd.DataFrame(
        {
            "estimated_accuracy": np.where(known, density @ _GRID, np.nan),
            "estimated_low": np.where(known, low, np.nan),
            "estimated_high": np.where(known, high, np.nan),
            "estimated_n": n,
        }
    )


def others_agree(found: Others) -> np.ndarray:
    """Chance that each judgement's direction is right, by gold or what the others say; float32 (n,) in the order of
    `data.codes`.
    """
    return found.agreement


def confusion_counts(found: Others, annotator: int) -> np.ndarray:
    """What one annotator said of items that are probably what: float64 (K, K) at [right label, said label], adding up
    to the labels used.

    The right label is gold or what the others say, so its rows are blurred where they are unsure.
    """
    own = found.order[found.bounds[annotator] : found.bounds[annotator + 1]]
    own = own[found.informed[own]]
    counts: np.ndarray = found.right_label(own).T @ np.eye(found.codes.n_labels)[found.codes.label[own]]
    return counts


def _log_prior(x: np.ndarray, centre: float, spread: float) -> np.ndarray:
    """Log-density over the grid of accuracies, where the log-odds x are normal."""
    density: np.ndarray = stats.norm.logpdf(x, centre, spread) - np.log(_GRID * (1 - _GRID))
    return density


def _crew_prior(x: np.ndarray, centre: float, spread: float) -> np.ndarray:
    """Log-density over the grid of accuracies of somebody of this crew: as most of it are, or one of few far off."""
    usual, far = _log_prior(x, centre, spread), _log_prior(x, centre, max(_FAR, 2 * spread))
    return np.asarray(np.logaddexp(np.log1p(-_FAR_SHARE) + usual, np.log(_FAR_SHARE) + far))


def _normal(log_density: np.ndarray) -> np.ndarray:
    density = np.exp(log_density - log_density.max(1, keepdims=True))
    normal: np.ndarray = density / density.sum(1, keepdims=True)
    return normal


def _variance(density: np.ndarray, x: np.ndarray) -> np.ndarray:
    return np.asarray(np.maximum(density @ x**2 - (density @ x) ** 2, 1e-6))


def _smeared(density: np.ndarray, error: np.ndarray) -> np.ndarray:
    """Densities (n, 200) with errors (n,) in log-odds added, to the nearest of a few."""
    steps = _SMEARS * max(float(error.max(initial=0.0)), 1e-9)
    nearest = np.abs(error[:, None] - steps[None, :]).argmin(1)
    smeared = density.copy()
    for i in np.unique(nearest[nearest > 0]).tolist():
        smeared[nearest == i] = density[nearest == i] @ _smear(float(steps[i]))
    return smeared


def _smear(error: float) -> np.ndarray:
    """What an error in log-odds makes of each accuracy of the grid, (200, 200); rows sum to 1."""
    x = logit(_GRID)
    spread = np.exp(-0.5 * ((x[None, :] - x[:, None]) / error) ** 2) / (_GRID * (1 - _GRID))[None, :]
    matrix: np.ndarray = spread / spread.sum(1, keepdims=True)
    return matrix
