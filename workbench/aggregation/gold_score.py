"""How well the labels of one method match the gold it was not given, as a whole and item by item."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from workbench.aggregation.contract import Aggregation, candidate_labels
from workbench.dataset.scales import NULL
from workbench.estimates import Estimate, Finite, Interval
from workbench.statistics.clustered import clustered_share
from workbench.statistics.proportions import jeffreys

LEAST = 1e-12
"""Smallest probability counted for a gold label a method held impossible: 27.6 nats, instead of infinity."""


@dataclass(frozen=True, eq=False, kw_only=True)
class ItemScores:
    """What each gold item says of a method: what a comparison of two methods on the same items is made of.

    Attributes
    ----------
    item : int64 (n,): position of the item, rising.
    right : float64 (n,): 1 / (labels tied for the most probable) where the gold label is among them, else 0.
    strict : bool (n,): the item has a label, and the right one.
    side : float64 (n,): as `right`, of the direction alone.
    cost : float64 (n,): -ln P(gold label), in nats.
    side_cost : float64 (n,): -ln P(direction of the gold label), in nats.
    group : int64 (n,): items of one number share a prompt and vary together; None where none do.
    """

    item: np.ndarray
    right: np.ndarray
    strict: np.ndarray
    side: np.ndarray
    cost: np.ndarray
    side_cost: np.ndarray
    group: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.item)

    def take(self, rows: np.ndarray) -> ItemScores:
        """Those of some rows, by bool (n,) or position."""
        return ItemScores(
            item=self.item[rows],
            right=self.right[rows],
            strict=self.strict[rows],
            side=self.side[rows],
            cost=self.cost[rows],
            side_cost=self.side_cost[rows],
            group=None if self.group is None else self.group[rows],
        )


@dataclass(frozen=True, kw_only=True)
class GoldScore(Finite):
    """How well labels match the gold that was not given to the method.

    Attributes
    ----------
    n : items with gold and a posterior.
    n_set_aside : items with gold but without a posterior, given to the method, or left out on purpose.
    accuracy : expected share of right labels when equally probable ones are drawn at random: ties shared. None where n
        = 0.
    interval : 95% interval of `accuracy`, for new items labelled by this crew: Jeffreys', or over prompts where gold
        items share some.
    strict : share of items with a label and the right one; an undecided item counts as wrong.
    direction : as `accuracy`, of the direction alone.
    nll : mean of -ln P(gold label), in nats; what overconfidence costs.
    direction_nll : the same of the direction of the gold label, in nats.
    reason : why there is no figure.
    items : the same item by item; None where n = 0.
    """

    n: int
    n_set_aside: int
    accuracy: float | None = None
    interval: tuple[float, float] | None = None
    strict: float | None = None
    direction: float | None = None
    nll: float | None = None
    direction_nll: float | None = None
    reason: str | None = None
    items: ItemScores | None = field(default=None, repr=False, compare=False)

    def on_direction(self) -> Estimate:
        """`direction` with its interval, for new items labelled by this crew."""
        name = "direction accuracy of the labels on gold"
        if self.direction is None or self.items is None:
            return Estimate(name=name, value=None, n=self.n, n_set_aside=self.n_set_aside, reason=self.reason)
        (low, high), over = (
            interval_on_gold(self.items.side, self.items.group) if self.items else ((0.0, 1.0), "nothing")
        )
        return Estimate(
            name=name,
            value=self.direction,
            same_crew=Interval(low, high, "same crew", over),
            new_crew=None,
            n=self.n,
            n_set_aside=self.n_set_aside,
        )

    def without(self, left_out: np.ndarray) -> GoldScore:
        """The score on the gold items that are not left out: bool (n_items,)."""
        if self.items is None:
            return self
        kept = ~left_out[self.items.item]
        if not kept.any():
            return GoldScore(
                n=0, n_set_aside=self.n_set_aside + self.n, reason="all gold it could be judged by is left out"
            )
        return _of(self.items.take(kept), self.n_set_aside + int((~kept).sum()))

    def to_dict(self) -> dict[str, object]:
        """The score as the command line prints it."""
        return {
            "gold_n": self.n,
            "gold_set_aside": self.n_set_aside,
            "gold_accuracy": self.accuracy,
            "gold_interval": None if self.interval is None else list(self.interval),
            "gold_accuracy_strict": self.strict,
            "gold_direction_accuracy": self.direction,
            "posterior_nll": self.nll,
            "direction_nll": self.direction_nll,
            "reason": self.reason,
        }


def score(result: Aggregation, gold: np.ndarray, group: np.ndarray | None = None) -> GoldScore:
    """How often is the label the gold label?

    Parameters
    ----------
    result : labels of some method.
    gold : int (n_items,): code of the right label, -1 where it is not known.
    group : int (n_items,): items of one number share a prompt, as `AnnotationSet.group_codes`.

    Examples
    --------
    An item with one vote each way counts half where ties are shared, and not at all strictly:

    >>> import pandas as pd
    >>> from workbench.aggregation import aggregate
    >>> from workbench.dataset.assembly import Export, assemble
    >>> rows = pd.DataFrame({"item_id": ["1", "1", "2"], "annotator": ["x", "y", "x"], "label": ["A", "B", "B"]})
    >>> data = assemble(
    ...     [Export(items=rows[["item_id"]], rows=rows[["annotator", "label"]], source="t", format="t", sides=True)]
    ... )
    >>> found = score(aggregate(data, "majority"), np.array([0, 1]))
    >>> found.accuracy, found.strict
    (0.75, 0.5)
    """
    gold = np.asarray(gold)
    has = gold != NULL
    asked = np.flatnonzero(has & ~result.clamped)
    judged = asked[~np.isnan(result.posterior[asked]).any(1)]
    left = int(has.sum()) - len(judged)
    if len(judged) == 0:
        return GoldScore(n=0, n_set_aside=left, reason=_why_none(has, result.clamped))
    right, posterior = gold[judged], result.posterior[judged]
    rows = np.arange(len(judged))
    candidates = candidate_labels(posterior, result.scale)
    table = result.scale.direction_table()[:-1]
    same_side = table[None] == table[right][:, None]
    tied = candidates.sum(1)
    found = ItemScores(
        item=judged,
        right=candidates[rows, right] / tied,
        strict=result.label[judged] == right,
        side=(candidates & same_side).sum(1) / tied,
        cost=-np.log(np.maximum(posterior[rows, right], LEAST)),
        side_cost=-np.log(np.clip((posterior * same_side).sum(1), LEAST, 1.0)),
        group=None if group is None else np.asarray(group)[judged],
    )
    return _of(found, left)


def _of(items: ItemScores, n_set_aside: int) -> GoldScore:
    n, accuracy = len(items), float(items.right.mean())
    return GoldScore(
        n=n,
        n_set_aside=n_set_aside,
        accuracy=accuracy,
        interval=interval_on_gold(items.right, items.group)[0],
        strict=float(items.strict.mean()),
        direction=float(items.side.mean()),
        nll=float(items.cost.mean()),
        direction_nll=float(items.side_cost.mean()),
        reason=None,
        items=items,
    )


def _why_none(has: np.ndarray, clamped: np.ndarray) -> str:
    if not has.any():
        return "no gold"
    return "all gold was given to the method" if (clamped | ~has).all() else "no judgement of an item with gold"


def interval_on_gold(right: np.ndarray, group: np.ndarray | None) -> tuple[tuple[float, float], str]:
    """Interval of the mean, and what it is over: prompts where items share them, else items (Jeffreys)."""
    if group is not None and len(np.unique(group)) < len(group):
        found = clustered_share(right, group)
        return (found.low, found.high), f"Wilson, over {found.clusters:,} prompts, t({found.df:.3g})"
    low, high = jeffreys(right.sum(), len(right))
    return (float(low), float(high)), "Jeffreys, over gold items"
