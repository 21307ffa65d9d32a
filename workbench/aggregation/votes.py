"""The judgements as every method reads them: item by item, with the items whose answer is known."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from workbench.dataset.annotation_set import AnnotationSet, Codes
from workbench.dataset.scales import NULL, LabelScale


@dataclass(frozen=True, eq=False)
class Votes:
    """First judgements with a label, and the gold a method may use.

    Attributes
    ----------
    data : where they come from.
    codes : judgements sorted by item.
    clamp : int8 (n_items,): code of the label an item is known to have, -1 where the method has to find out.
    """

    data: AnnotationSet
    codes: Codes
    clamp: np.ndarray

    @property
    def scale(self) -> LabelScale:
        """The labels in order."""
        return self.data.scale

    @cached_property
    def per_item(self) -> np.ndarray:
        """int64 (n_items,): judgements of each item."""
        return np.diff(self.codes.starts)

    @cached_property
    def per_annotator(self) -> np.ndarray:
        """int64 (n_annotators,): judgements of each annotator."""
        return np.bincount(self.codes.annotator, minlength=self.codes.n_annotators)

    def tallies(self) -> np.ndarray:
        """int64 (n_items, K): how often each label was given to each item."""
        c = self.codes
        flat = c.item.astype(np.int64) * c.n_labels + c.label
        return np.bincount(flat, minlength=c.n_items * c.n_labels).reshape(c.n_items, c.n_labels)

    def clamped_rows(self, posterior: np.ndarray) -> np.ndarray:
        """The posterior with certainty where the label is known."""
        known = np.flatnonzero(self.clamp != NULL)
        if len(known) == 0:
            return posterior
        fixed = posterior.copy()
        fixed[known] = np.eye(self.codes.n_labels)[self.clamp[known]]
        return fixed


def log_odds_weight(accuracy: np.ndarray, n_labels: int) -> np.ndarray:
    r"""What a vote is worth in nats: $\ln[s (K - 1) / (1 - s)]$; 0 for a random clicker, negative for one who is wrong
    on purpose.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.log(accuracy * (n_labels - 1) / (1 - accuracy))
