"""The judgements annotator by annotator, in the order in which each was given."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from workbench.dataset.annotation_set import AnnotationSet, Codes


@dataclass(frozen=True, eq=False)
class InOrder:
    """Where each annotator's judgements lie, and when they were given. It depends on the data alone.

    Attributes
    ----------
    data : the annotations; first judgements with a label are looked at.
    """

    data: AnnotationSet

    @property
    def codes(self) -> Codes:
        """The judgements."""
        return self.data.codes

    @cached_property
    def order(self) -> np.ndarray:
        """Positions in `codes` by annotator, and by time within each where times are known; int64 (n,)."""
        from workbench.annotators.kernels import by_annotator

        return by_annotator(self.codes.annotator, self.moments, self.codes.n_annotators)

    @cached_property
    def bounds(self) -> np.ndarray:
        """int64 (n_annotators + 1,): annotator k has `order[bounds[k]:bounds[k + 1]]`."""
        return np.concatenate([[0], np.cumsum(np.bincount(self.codes.annotator, minlength=self.codes.n_annotators))])

    @cached_property
    def moments(self) -> np.ndarray:
        """int64 (n,): when each judgement ended, in ms; unknown ones last."""
        ended = self.data.annotations["ended_at"].to_numpy()[self.codes.row].astype("datetime64[ms]").astype(np.int64)
        return np.where(ended == np.iinfo(np.int64).min, np.iinfo(np.int64).max, ended)

    @cached_property
    def dated(self) -> np.ndarray:
        """Whether most of an annotator's judgements have a date of their own, so that their order is known; bool
        (n_annotators,).
        """
        from workbench.annotators.kernels import dates_of_their_own

        known, distinct = dates_of_their_own(self.order, self.bounds, self.moments)
        n = np.diff(self.bounds)
        enough: np.ndarray = (n > 0) & (known >= 0.9 * n) & (distinct >= 0.5 * n)
        return enough
