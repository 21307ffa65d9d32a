"""What every aggregation method takes and returns, and how one label is chosen from a posterior."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd

from workbench.dataset.annotation_set import AnnotationSet
from workbench.dataset.scales import NULL, LabelScale
from workbench.errors import counted
from workbench.findings import Fact, Finding, finding

TIE_TOLERANCE = 1e-9
"""Probabilities closer than this are equal: sums of the same votes in another order differ by less."""

UNDECIDED = ("decided", "no judgement", "tied")
"""Why an item has no label, by the codes of `Aggregation.undecided`."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Fit:
    """What one method found, before labels are chosen.

    Attributes
    ----------
    posterior : float64 (n_items, K): probability of each label; rows of NaN where there was nothing to go by.
    annotators : columns of the annotator table, each of shape (n_annotators,); at least `accuracy` and `weight`.
    confusion : float64 (n_annotators, K, K): P(annotator says l | truth is t) at [annotator, t, l], where the method
        has one.
    prior : float64 (K,): how common each label is, where the method estimates it.
    objective : what the method maximises, after each iteration; never decreases. Empty where nothing is iterated.
    objective_name : what that is.
    iterations, converged : how often, and whether it stopped because nothing moved any more.
    details : whatever else the method learned, by name.
    """

    posterior: np.ndarray
    annotators: Mapping[str, np.ndarray]
    confusion: np.ndarray | None = None
    prior: np.ndarray | None = None
    objective: np.ndarray = field(default_factory=lambda: np.empty(0))
    objective_name: str = ""
    iterations: int = 0
    converged: bool = True
    details: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, eq=False, kw_only=True)
class Aggregation:
    """One label an item, how sure it is, and what the method thinks of each annotator.

    Attributes
    ----------
    method, options : which method, and every option it ran with.
    scale : the labels in order.
    posterior : float64 (n_items, K): probability of each label; rows of NaN where an item has no judgement.
    label : int8 (n_items,): code of the chosen label, -1 where none is.
    direction : int8 (n_items,): direction of the chosen label, coded as in `LabelScale.direction`; -1 where undecided.
    confidence : float64 (n_items,): probability of the chosen label.
    direction_confidence : float64 (n_items,): probability of the chosen direction.
    undecided : int8 (n_items,): 0 = decided, 1 = no judgement, 2 = directions equally probable.
    strength_tied : bool (n_items,): the direction is decided, two strengths of it are equally probable, and the milder
        one is given.
    annotators : one row an annotator: `annotator`, `n` (labels used), `accuracy`, `weight` (log-odds), and what the
        method adds.
    confusion : float64 (n_annotators, K, K) at [annotator, truth, label], or None.
    prior : float64 (K,): how common each label is, or None.
    objective, objective_name : what the method maximises after each iteration (never decreases), and its name.
    iterations, converged : how often it went round, and whether it stopped by itself.
    clamped : bool (n_items,): items whose gold was given to the method; do not judge the method on them.
    n_used : labels used.
    set_aside : reason -> judgements not used.
    details : whatever else the method learned.
    """

    method: str
    options: Mapping[str, object]
    scale: LabelScale
    posterior: np.ndarray
    label: np.ndarray
    direction: np.ndarray
    confidence: np.ndarray
    direction_confidence: np.ndarray
    undecided: np.ndarray
    strength_tied: np.ndarray
    annotators: pd.DataFrame
    confusion: np.ndarray | None
    prior: np.ndarray | None
    objective: np.ndarray
    objective_name: str
    iterations: int
    converged: bool
    clamped: np.ndarray
    n_used: int
    set_aside: Mapping[str, int]
    details: Mapping[str, object]

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What is wrong with the labels, such as methods that contradict each other."""
        said = self.details.get("contradiction")
        if not said:
            return ()
        remedy = "Look at the items on which methods differ on the Labels page, and give some of them gold labels."
        return (finding("warning", Fact.METHODS_DISAGREE, str(said), remedy, count=int(str(self.details["parted"]))),)

    @property
    def n_decided(self) -> int:
        """Items that have a label."""
        return int((self.label != NULL).sum())

    @cached_property
    def undecided_counts(self) -> dict[str, int]:
        """Reason -> items without a label."""
        counts = np.bincount(self.undecided, minlength=len(UNDECIDED))
        return {UNDECIDED[i]: int(counts[i]) for i in range(1, len(UNDECIDED)) if counts[i]}

    @property
    def direction_posterior(self) -> np.ndarray:
        """Probability of each direction, float64 (n_items, directions)."""
        return direction_posterior(self.posterior, self.scale)

    def to_frame(self, data: AnnotationSet) -> pd.DataFrame:
        """One row an item, as a person or a training set reads it: id, label, confidence, a probability for each
        label.
        """
        names = np.array([*self.scale.labels, None], object)
        return pd.DataFrame(
            {
                "item_id": data.items["item_id"].to_numpy(),
                "label": names[self.label],
                "confidence": self.confidence,
                "direction_confidence": self.direction_confidence,
                "why_undecided": np.array([None, *UNDECIDED[1:]], object)[self.undecided],
                "judgements": np.diff(data.codes.starts),
                **{f"p.{name}": self.posterior[:, k] for k, name in enumerate(self.scale.labels)},
            }
        )

    def to_dict(self) -> dict[str, object]:
        """The summary the command line prints; posteriors are exported as a table."""
        return {
            "method": self.method,
            "options": {name: _plain(value) for name, value in self.options.items()},
            "items": len(self.label),
            "items_decided": self.n_decided,
            "items_undecided": self.undecided_counts,
            "items_clamped": int(self.clamped.sum()),
            "strength_tied": int(self.strength_tied.sum()),
            "labels_used": self.n_used,
            "set_aside": dict(self.set_aside),
            "prior": None if self.prior is None else self.prior.tolist(),
            "objective": {
                "name": self.objective_name,
                "value": float(self.objective[-1]) if len(self.objective) else None,
            },
            "iterations": self.iterations,
            "converged": self.converged,
            "details": {name: _plain(value) for name, value in self.details.items()},
        }

    def __str__(self) -> str:
        left = ", ".join(f"{n:,} {reason}" for reason, n in self.undecided_counts.items())
        ended = (
            f", {counted(self.iterations, 'iteration')}{'' if self.converged else ' (stopped before it converged)'}"
            if self.iterations
            else ""
        )
        return (
            f"{self.method}: {self.n_decided:,} of {counted(len(self.label), 'item')}"
            f" decided{f' ({left})' if left else ''} from {counted(self.n_used, 'label')}{ended}"
        )


def direction_posterior(posterior: np.ndarray, scale: LabelScale) -> np.ndarray:
    """How probable is each direction: all labels for A together, the tie, all labels for B together?

    Parameters
    ----------
    posterior : float (n_items, K).
    scale : the labels in order.

    Returns
    -------
    float64 (n_items, D): columns A, tie, B; A, B on a scale without a tie; the K columns themselves for categories.

    Examples
    --------
    Three of seven votes are for `B>`, the largest share, but four are for A:

    >>> from workbench.dataset.scales import FOUR
    >>> direction_posterior(np.array([[2, 2, 3, 0]]) / 7, FOUR).round(3).tolist()
    [[0.571, 0.429]]
    """
    table, p = scale.direction_table()[:-1], np.asarray(posterior, float)
    if not scale.has_sides:
        return p.copy()
    found = np.zeros((len(p), int(table.max()) + 1))
    for label, d in enumerate(table):
        found[:, d] += p[:, label]
    return found


@dataclass(frozen=True, eq=False)
class ChosenLabels:
    """Labels chosen from a posterior; the fields are those of `Aggregation`."""

    label: np.ndarray
    direction: np.ndarray
    confidence: np.ndarray
    direction_confidence: np.ndarray
    undecided: np.ndarray
    strength_tied: np.ndarray


def choose(posterior: np.ndarray, scale: LabelScale) -> ChosenLabels:
    """Which label does each item get?

    First the most probable direction, then the most probable strength within it. A plain plurality over labels could
    name a label for B where most of the probability is on A. Equally probable directions leave the item undecided;
    equally probable strengths of a decided direction give the milder one.

    Parameters
    ----------
    posterior : float (n_items, K), rows of NaN where an item has no judgement.
    scale : the labels in order.

    Examples
    --------
    >>> from workbench.dataset.scales import FOUR
    >>> made = choose(np.array([[2, 2, 3, 0], [1, 0, 1, 0]]) / [[7], [2]], FOUR)
    >>> [FOUR.labels[made.label[0]], int(made.label[1]), UNDECIDED[made.undecided[1]]]
    ['A>', -1, 'tied']
    """
    from workbench.aggregation.choosing import choose_labels
    from workbench.aggregation.kernels import as_type

    if len(scale) == 0:
        nothing, unknown = np.full(len(posterior), NULL, np.int8), np.full(len(posterior), np.nan)
        return ChosenLabels(
            nothing, nothing, unknown, unknown, np.ones(len(posterior), np.int8), np.zeros(len(posterior), bool)
        )
    table = scale.direction_table()[:-1].astype(np.int64)
    strength = np.abs(np.asarray(scale.strengths)) if scale.has_sides else np.zeros(len(scale))
    p = np.ascontiguousarray(posterior, float)
    return ChosenLabels(*choose_labels(as_type(len(scale)), p, table, strength, TIE_TOLERANCE))


def candidate_labels(posterior: np.ndarray, scale: LabelScale) -> np.ndarray:
    """Which labels are equally good choices for an item: bool (n_items, K), with one True a row where nothing is tied.

    These are the most probable strengths of the most probable direction, or of each of the equally probable ones. A
    method that breaks ties at random is right with probability (gold among them) / (their number).
    """
    table = scale.direction_table()[:-1]
    p = np.nan_to_num(np.asarray(posterior, float), nan=0.0)
    by_direction = direction_posterior(p, scale)
    best = by_direction >= by_direction.max(1, initial=0.0, keepdims=True) - TIE_TOLERANCE
    found = np.zeros(p.shape, bool)
    for d in range(by_direction.shape[1]):
        own = np.flatnonzero(table == d)
        found[:, own] = best[:, [d]] & (p[:, own] >= p[:, own].max(1, keepdims=True) - TIE_TOLERANCE)
    return found & ~np.isnan(posterior).any(1, keepdims=True)


def _plain(value: object) -> object:
    if isinstance(value, np.ndarray):
        return value.tolist() if value.size <= 100 else f"array of shape {value.shape}"
    if isinstance(value, pd.DataFrame):
        return f"table of {len(value)} rows: {', '.join(map(str, value.columns))}"
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return None  # nothing to say, such as a score on judgements held out where none could be
    return value if isinstance(value, (str, int, float, bool, list, dict, tuple)) or value is None else str(value)
