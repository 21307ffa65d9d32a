"""Which features and which penalty predict prompt groups best that were not trained on, and how sure may the model be
then?

Groups of the training pairs are dealt into folds; every candidate is fitted without each fold and asked about it. What
comes out serves twice: the candidate with the least loss is taken, and its margins, each by a model that had not seen
the pair's group, give the temperature. Nothing outside the training pairs is looked at.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from workbench.checkpoints import Checkpoints, NoCheckpoints
from workbench.estimates import Finite
from workbench.progress import UNWATCHED, Watch
from workbench.reward.calibration import each_negative_log_likelihood
from workbench.reward.heads import LinearHead, curvature
from workbench.reward.newton import gram
from workbench.reward.pairs import Pairs, group_folds
from workbench.reward.ranking import hits

_NONE = np.empty((0, 0))

FEWEST_GROUPS = 8
"""With fewer groups nothing tells one candidate from another, and the plain one is taken."""


class Fit(Protocol):
    """Fits a draft of a head; where it begins changes how long it takes, and not what it finds."""

    def __call__(
        self, x: np.ndarray, pairs: Pairs, penalty: float, start: LinearHead | None, hessian: np.ndarray | None
    ) -> LinearHead:
        """The head for these features and pairs."""


@dataclass(frozen=True)
class Tried(Finite):
    """A candidate and how it did on groups it had not seen.

    Attributes
    ----------
    features, penalty : what was tried.
    loss, accuracy : on the pairs of held-out groups.
    """

    features: str
    penalty: float
    loss: float
    accuracy: float

    def to_dict(self) -> dict[str, object]:
        """As JSON has it."""
        return {"features": self.features, "penalty": self.penalty, "loss": self.loss, "accuracy": self.accuracy}


@dataclass(frozen=True, eq=False)
class Choice:
    """What was chosen.

    Attributes
    ----------
    candidate, penalty : position among the candidates, and the penalty.
    margin : float64 (n,): of each pair by the model that had not seen its group.
    cutpoints : float64 (n, levels - 1) of that model; (n, 0) for Bradley-Terry.
    tried : everything that was tried.
    """

    candidate: int
    penalty: float
    margin: np.ndarray
    cutpoints: np.ndarray
    tried: tuple[Tried, ...]


def choose_features(
    candidates: Sequence[tuple[str, np.ndarray]],
    pairs: Pairs,
    fit: Fit,
    penalties: Sequence[float],
    folds: int,
    rng: np.random.Generator,
    watch: Watch = UNWATCHED,
    checkpoints: Checkpoints | None = None,
    key: str = "",
) -> Choice:
    """Which candidate predicts unseen groups best?

    The first candidate is the plain one, and another is taken only where it gains more than one standard error over
    groups (Breiman et al. 1984, the one-standard-error rule): the least of several losses is small by luck, too, and
    what is chosen by luck on these groups is worse on others.

    Parameters
    ----------
    candidates : name and features (n, d) of each.
    pairs : the training pairs.
    penalties : tried from the first to the last, each fit starting from the one before; a fold of a candidate whose
        loss grows twice in a row is not tried further down.
    folds : parts the groups are dealt into, at most as many as there are groups.
    key : of pairs and settings; a checkpoint of another key is passed over.
    """
    kept = checkpoints or NoCheckpoints()
    fold = group_folds(pairs.group, folds, rng)
    used = int(fold.max(initial=0)) + 1
    margins = [[np.full(len(pairs), np.nan) for _ in penalties] for _ in candidates]
    cuts: list[list[list[np.ndarray]]] = [[[] for _ in penalties] for _ in candidates]
    best = (np.inf, 0, 0)
    of_candidate = [(np.inf, 0)] * len(candidates)
    of = len(candidates) * len(penalties) * used
    tried: list[Tried] = []
    for c, (name, x) in enumerate(candidates):
        heads: list[LinearHead | None] = [None] * used
        losses: list[float] = []
        begin: _Begin | None = None
        for p, penalty in enumerate(penalties):
            mark = f"choice-{c}-{p}"
            found = kept.load(mark)
            if found is not None and found[1].get("key") == key:
                margins[c][p], flat = found[0]["margin"], found[0]["cutpoints"]
                cuts[c][p] = list(flat)
                heads = [
                    LinearHead(coefficients=each, covariance=_NONE, cutpoints=cuts)
                    for each, cuts in zip(found[0]["coefficients"], flat, strict=True)
                ]
                begin = _Begin(x, heads[-1], fold, pairs)
            else:
                begin = begin or _Begin(x, fit(x, pairs, penalty, None, None), fold, pairs)
                for k in range(used):
                    watch.step(
                        (c * len(penalties) + p) * used + k,
                        of,
                        "Choosing features",
                        **({"loss": best[0]} if np.isfinite(best[0]) else {}),
                    )
                    out, rest = np.flatnonzero(fold == k), np.flatnonzero(fold != k)
                    head = fit(x[rest], pairs.take(rest), penalty, heads[k], begin.without(k))
                    heads[k] = head
                    margins[c][p][out] = head.margin(x[out])
                    cuts[c][p].append(head.cutpoints)
                begin = _Begin(x, heads[-1], fold, pairs)
                kept.save(
                    mark,
                    {
                        "margin": margins[c][p],
                        "cutpoints": np.array(cuts[c][p]),
                        "coefficients": np.array([h.coefficients for h in heads if h]),
                    },
                    {"key": key},
                )
            loss = _loss(margins[c][p], cuts[c][p], fold, pairs)
            right = hits(margins[c][p], pairs.target)
            accuracy = float(np.nanmean(right)) if np.isfinite(right).any() else float("nan")
            tried.append(Tried(name, float(penalty), loss, accuracy))
            best = min(best, (loss, c, p))
            of_candidate[c] = min(of_candidate[c], (loss, p))
            losses.append(loss)
            watch.step((c * len(penalties) + p + 1) * used, of, "Choosing features", loss=best[0], accuracy=accuracy)
            if len(losses) > 2 and losses[-1] > losses[-2] > losses[-3]:
                break
    _, c, p = best
    plain = of_candidate[0][1]
    if c and not _clearly_less(
        _each_loss(margins[c][p], cuts[c][p], fold, pairs),
        _each_loss(margins[0][plain], cuts[0][plain], fold, pairs),
        pairs,
    ):
        c, p = 0, plain
    return Choice(c, float(penalties[p]), margins[c][p], np.array(cuts[c][p])[fold], tuple(tried))


class _Begin:
    """Hessians that the fits without each fold begin with: one pass over the data serves all folds."""

    def __init__(self, x: np.ndarray, head: LinearHead | None, fold: np.ndarray, pairs: Pairs) -> None:
        if head is None:
            raise ValueError("there is no head yet")
        bend = curvature(head, head.margin(x), pairs.level, pairs.weight)
        self.parts = [gram(x[fold == k], bend[fold == k]) for k in range(int(fold.max(initial=0)) + 1)]
        self.whole = np.sum(self.parts, axis=0)

    def without(self, fold: int) -> np.ndarray:
        """Of all pairs that are not in this fold."""
        return np.asarray(self.whole - self.parts[fold])


def _loss(margin: np.ndarray, cuts: list[np.ndarray], fold: np.ndarray, pairs: Pairs) -> float:
    """Mean loss over all pairs, each with the cutpoints of its fold."""
    return float(_each_loss(margin, cuts, fold, pairs).sum()) / max(float(pairs.weight.sum()), 1e-300)


def _each_loss(margin: np.ndarray, cuts: list[np.ndarray], fold: np.ndarray, pairs: Pairs) -> np.ndarray:
    """Weighted loss of each pair, float64 (n,)."""
    found = np.zeros(len(pairs))
    for k, cut in enumerate(cuts):
        here = np.flatnonzero(fold == k)
        found[here] = pairs.weight[here] * each_negative_log_likelihood(margin[here], pairs.target[here], cut)
    return found


def _clearly_less(loss: np.ndarray, than: np.ndarray, pairs: Pairs) -> bool:
    """Whether one loss is less than another by more than one standard error over groups; no where these are few."""
    groups, code = np.unique(pairs.group, return_inverse=True)
    if len(groups) < FEWEST_GROUPS:
        return False
    gain = np.bincount(code.ravel(), than - loss)
    weight = np.bincount(code.ravel(), pairs.weight)
    mean = gain.sum() / weight.sum()
    error = np.sqrt(len(groups) / (len(groups) - 1) * ((gain - mean * weight) ** 2).sum()) / weight.sum()
    return bool(mean > error)
