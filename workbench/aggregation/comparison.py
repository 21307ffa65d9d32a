"""Do the methods agree with gold, and with each other?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from workbench.aggregation.contract import Aggregation, candidate_labels
from workbench.aggregation.registry import METHODS, aggregate
from workbench.annotations import AnnotationSet
from workbench.errors import WorkbenchError
from workbench.estimates import Estimate, Interval
from workbench.labels import NULL
from workbench.watch import UNWATCHED, Watch

LEAST = 1e-12
"""Smallest probability counted for a gold label a method held impossible: 27.6 nats, instead of infinity."""


@dataclass(frozen=True)
class GoldScore:
    """How well labels match the gold that was not given to the method.

    Attributes
    ----------
    n : items with gold and a posterior.
    n_set_aside : items with gold but without a posterior, or given to the method.
    accuracy : expected share of right labels when equally probable ones are drawn at random: ties shared. None where n = 0.
    interval : 95 % Jeffreys interval of `accuracy`, for new items labelled by this crew.
    strict : share of items with a label and the right one; an undecided item counts as wrong.
    direction : as `accuracy`, of the direction alone.
    nll : mean of -ln P(gold label), in nats; what overconfidence costs.
    reason : why there is no figure.
    """

    n: int
    n_set_aside: int
    accuracy: float | None = None
    interval: tuple[float, float] | None = None
    strict: float | None = None
    direction: float | None = None
    nll: float | None = None
    reason: str | None = None

    def on_direction(self) -> Estimate:
        """`direction` with its interval: Jeffreys, for new items labelled by this crew."""
        name = "direction accuracy of the labels on gold"
        if self.direction is None:
            return Estimate(name, None, n=self.n, n_set_aside=self.n_set_aside, reason=self.reason)
        low, high = _jeffreys(self.direction * self.n, self.n)
        return Estimate(name, self.direction, Interval(low, high, "same crew", "Jeffreys, over gold items"), None, self.n, self.n_set_aside)

    def to_dict(self) -> dict[str, object]:
        """The score as the command line prints it."""
        return {
            "gold_n": self.n, "gold_set_aside": self.n_set_aside, "gold_accuracy": self.accuracy,
            "gold_interval": None if self.interval is None else list(self.interval),
            "gold_accuracy_strict": self.strict, "gold_direction_accuracy": self.direction, "posterior_nll": self.nll, "reason": self.reason,
        }  # fmt: skip


def score(result: Aggregation, gold: np.ndarray) -> GoldScore:
    """How often is the label the gold label?

    Parameters
    ----------
    result : labels of some method.
    gold : int (n_items,): code of the right label, -1 where it is not known.

    Examples
    --------
    An item with one vote each way counts half where ties are shared, and not at all strictly:

    >>> import pandas as pd
    >>> from workbench.assembly import Export, assemble
    >>> rows = pd.DataFrame({"item_id": ["1", "1", "2"], "annotator": ["x", "y", "x"], "label": ["A", "B", "B"]})
    >>> data = assemble([Export(rows[["item_id"]], rows[["annotator", "label"]], "t", "t", sides=True)])
    >>> found = score(aggregate(data, "majority"), np.array([0, 1]))
    >>> found.accuracy, found.strict
    (0.75, 0.5)
    """
    has = np.asarray(gold) != NULL
    judged = has & ~result.clamped & ~np.isnan(result.posterior).any(1)
    n, left = int(judged.sum()), int((has & ~judged).sum())
    if n == 0:
        return GoldScore(
            0,
            left,
            reason="no gold"
            if not has.any()
            else "all gold was given to the method"
            if (result.clamped | ~has).all()
            else "no judgement of an item with gold",
        )
    right, posterior = np.asarray(gold)[judged], result.posterior[judged]
    rows = np.arange(n)
    candidates = candidate_labels(posterior, result.scale)
    shared = candidates[rows, right] / candidates.sum(1)
    table = result.scale.direction_table()[:-1]
    towards = candidates & (table[None] == table[right][:, None])
    accuracy = float(shared.mean())
    return GoldScore(
        n, left, accuracy, _jeffreys(accuracy * n, n), float((result.label[judged] == right).mean()),
        float((towards.sum(1) / candidates.sum(1)).mean()), float(-np.log(np.maximum(posterior[rows, right], LEAST)).mean()),
    )  # fmt: skip


def _jeffreys(hits: float, n: int) -> tuple[float, float]:
    """Quantiles of Beta(hits + 1/2, misses + 1/2), reaching to 0 and 1 where all or none are right (Brown, Cai & DasGupta 2001)."""
    from scipy.stats import beta

    low, high = beta.ppf([0.025, 0.975], hits + 0.5, n - hits + 0.5)
    return (0.0 if hits <= 0 else float(low), 1.0 if hits >= n else float(high))


@dataclass(frozen=True, eq=False)
class Comparison:
    """Several methods on the same annotations.

    Attributes
    ----------
    results : method -> its labels.
    scores : method -> how they match gold.
    skipped : method -> why it did not run.
    clamped : whether gold was given to the methods (then only the rest of it scores them).
    """

    results: Mapping[str, Aggregation]
    scores: Mapping[str, GoldScore]
    skipped: Mapping[str, str]
    clamped: bool = False

    @property
    def table(self) -> pd.DataFrame:
        """One row a method: items decided, gold accuracy with interval (ties shared, and strict), posterior NLL, iterations."""
        rows = []
        for name, result in self.results.items():
            got = self.scores[name]
            low, high = got.interval or (np.nan, np.nan)
            rows.append({
                "method": name, "title": METHODS[name].title, "items": len(result.label), "decided": result.n_decided,
                "tied": result.undecided_counts.get("tied", 0), "no_judgement": result.undecided_counts.get("no judgement", 0),
                "gold_n": got.n, "gold_accuracy": _or_nan(got.accuracy), "gold_low": low, "gold_high": high,
                "gold_accuracy_strict": _or_nan(got.strict), "gold_direction_accuracy": _or_nan(got.direction), "posterior_nll": _or_nan(got.nll),
                "iterations": result.iterations, "converged": result.converged,
            })  # fmt: skip
        return pd.DataFrame(rows)

    @property
    def agreement(self) -> pd.DataFrame:
        """Share of items decided by both on which two methods give the same label; a square frame, NaN where there are none."""
        names = list(self.results)
        square = np.full((len(names), len(names)), np.nan)
        for i, a in enumerate(names):
            for j, b in enumerate(names):
                one, other = self.results[a].label, self.results[b].label
                both = (one != NULL) & (other != NULL)
                if both.any():
                    square[i, j] = (one[both] == other[both]).mean()
        return pd.DataFrame(square, index=names, columns=names)

    def disagreements(self, data: AnnotationSet, methods: Sequence[str] | None = None) -> pd.DataFrame:
        """Items on which methods, or a method and gold, differ: id, each method's label, gold, votes."""
        names = np.array([*data.scale.labels, None], object)
        chosen = list(methods or self.results)
        labels = np.stack([self.results[m].label for m in chosen], 1) if chosen else np.empty((len(data.items), 0), int)
        with_gold = np.column_stack([labels, data.gold])
        high = np.where(with_gold == NULL, -1, with_gold).max(1, initial=-1)
        low = np.where(with_gold == NULL, 127, with_gold).min(1, initial=127)
        differ = np.flatnonzero((low < high) & (high >= 0))
        return pd.DataFrame(
            {
                "item_id": data.items["item_id"].to_numpy()[differ],
                **{m: names[self.results[m].label[differ]] for m in chosen},
                "gold": names[data.gold[differ]],
                "judgements": np.diff(data.codes.starts)[differ],
            }
        )

    def to_dict(self) -> dict[str, object]:
        """The comparison as the command line prints it: method -> its summary with its score."""
        return {name: {**result.to_dict(), **self.scores[name].to_dict()} for name, result in self.results.items()}


def compare(
    data: AnnotationSet,
    methods: Sequence[str] | None = None,
    *,
    clamp_gold: bool | np.ndarray = False,
    options: Mapping[str, Mapping[str, Any]] | None = None,
    watch: Watch = UNWATCHED,
) -> Comparison:
    """Which method fits these annotations, by gold and by each other?

    Parameters
    ----------
    data : the annotations.
    methods : names of `METHODS`; by default all that can run on this data with the options given.
    clamp_gold : give methods all gold, or that of some items (bool (n_items,)); they are scored on the rest.
    options : method -> its own options.
    watch : is told each iteration of each method.

    Raises
    ------
    WorkbenchError
        A method that was asked for by name cannot run. Without names, methods that cannot are skipped with the reason.
    """
    given = options or {}
    results: dict[str, Aggregation] = {}
    skipped: dict[str, str] = {}
    for name in methods if methods is not None else METHODS:
        try:
            results[name] = aggregate(data, name, clamp_gold=clamp_gold, watch=watch, **given.get(name, {}))
        except WorkbenchError as error:
            if methods is not None:
                raise
            skipped[name] = error.what
    clamped = bool(np.any(clamp_gold))
    return Comparison(results, {name: score(result, data.gold) for name, result in results.items()}, skipped, clamped)


def _or_nan(value: float | None) -> float:
    return np.nan if value is None else value
