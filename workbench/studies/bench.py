"""What studies stand on: pairs as features, what is known to be true of them, and for each seed a split that cuts no
prompt group.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from workbench.dataset.annotation_set import AnnotationSet
from workbench.errors import WorkbenchError
from workbench.hashing import digest_of_arrays, digest_of_strings
from workbench.messages import by, message
from workbench.studies.resampling import BUCKETS, FEWEST_BUCKETS, buckets_of

TEST_SHARE = 0.3
"""Share of the pairs held out where no evaluation set is given."""

LEFT_OUT = 0.2
"""Share of the groups each seed leaves out of training where there is an evaluation set, so that seeds differ."""

FEWEST_HELD_OUT = 20
"""With fewer held-out pairs a study says nothing."""


@dataclass(frozen=True, eq=False)
class HeldOut:
    """Pairs that accuracy is measured on.

    Attributes
    ----------
    features : float32 (m, d).
    truth : float64 (m,): 1 where A is better, 0 where B is.
    group : int64 (m,).
    """

    features: np.ndarray
    truth: np.ndarray
    group: np.ndarray

    def __len__(self) -> int:
        return len(self.truth)


@dataclass(frozen=True, eq=False)
class Split:
    """What one seed trains on and is measured on.

    Attributes
    ----------
    train : int64: rows of the bench that may be trained on.
    features, truth, bucket : of the held-out pairs, (m, d), (m,), (m,).
    buckets : how many buckets there are.
    test : int64: rows of the bench that are held out; none where there is an evaluation set.
    """

    train: np.ndarray
    features: np.ndarray
    truth: np.ndarray
    bucket: np.ndarray
    buckets: int
    test: np.ndarray = field(default_factory=lambda: np.empty(0, np.int64))


@dataclass(frozen=True, eq=False, kw_only=True)
class Bench:
    """Pairs to train on and to be measured on.

    Attributes
    ----------
    features : float32 (n, d): features of A minus features of B, scaled without centring.
    group : int64 (n,): prompt group of each pair; no split cuts one.
    truth : float64 (n,): 1 where A is known to be better, 0 where B is, NaN where that is unknown or a tie.
    label : float64 (n,): what a label of the pair says where that is not the truth, as in a simulation on arrays; None
        = the truth.
    evaluation : an evaluation set of its own; None = groups of the bench are held out.
    data : the judgements, where there are any.
    item : int64 (n,): position of each row in `data.items`.
    encoder : what made the features, in words.
    truth_is : where the truth comes from, in words.
    set_aside : reason -> pairs that are not on the bench.

    >>> x = np.random.default_rng(0).normal(size=(100, 3)).astype(np.float32)
    >>> bench = Bench(features=x, group=np.arange(100), truth=(x[:, 0] > 0).astype(float))
    >>> split = bench.split(seed=0)
    >>> len(split.train), len(split.truth)
    (70, 30)
    """

    features: np.ndarray
    group: np.ndarray
    truth: np.ndarray
    label: np.ndarray | None = None
    evaluation: HeldOut | None = None
    data: AnnotationSet | None = None
    item: np.ndarray = field(default_factory=lambda: np.empty(0, np.int64))
    encoder: str = "features as given"
    truth_is: str = "truth as given"
    set_aside: Mapping[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        n = len(self.features)
        if len(self.group) != n or len(self.truth) != n:
            raise ValueError(f"there are {n} pairs, {len(self.group)} groups and {len(self.truth)} truths")
        if len(self.item) != n:
            object.__setattr__(self, "item", np.arange(n))

    def __len__(self) -> int:
        return len(self.features)

    @property
    def groups(self) -> int:
        """Prompt groups among the pairs."""
        return len(np.unique(self.group))

    @cached_property
    def key(self) -> str:
        """Content hash of everything a result depends on."""
        arrays = [self.features, self.group, np.nan_to_num(self.truth, nan=-1.0), self.item]
        if self.label is not None:
            arrays.append(self.label)
        if self.evaluation is not None:
            arrays += [self.evaluation.features, self.evaluation.truth, self.evaluation.group]
        import pandas as pd

        return digest_of_strings(
            [pd.Series([digest_of_arrays(arrays), self.data.key if self.data is not None else ""])]
        )

    @cached_property
    def row_of_item(self) -> np.ndarray:
        """Row of each item of `data`, -1 = not on the bench."""
        n = len(self.data.items) if self.data is not None else int(self.item.max(initial=-1)) + 1
        found = np.full(n, -1, np.int64)
        found[self.item] = np.arange(len(self))
        return found

    @cached_property
    def _buckets(self) -> tuple[np.ndarray, int]:
        return buckets_of(self.group if self.evaluation is None else self.evaluation.group, BUCKETS)

    @property
    def buckets(self) -> int:
        """Buckets of held-out prompt groups that all seeds share."""
        return self._buckets[1]

    def split(self, seed: int, share: float = TEST_SHARE) -> Split:
        """Pairs to train on and held-out ones, for one seed.

        Without an evaluation set, whole groups are held out, other ones for each seed. With one, each seed trains on
        another four fifths of the groups (of the pairs, where there are few groups).

        Raises
        ------
        WorkbenchError
            There are too few groups, or too few pairs with a known truth.
        """
        bucket, n = self._buckets
        rng = np.random.default_rng([seed, 101])
        if self.evaluation is not None:
            e, several = self.evaluation, self.groups >= FEWEST_BUCKETS
            left_out = held_out_rows(self.group if several else np.arange(len(self)), LEFT_OUT, rng)
            split = Split(np.flatnonzero(~left_out), e.features, e.truth, bucket, n)
        else:
            held = held_out_rows(self.group, share, rng)
            test = np.flatnonzero(held & np.isfinite(self.truth))
            split = Split(np.flatnonzero(~held), self.features[test], self.truth[test], bucket[test], n, test)
        if len(split.truth) < FEWEST_HELD_OUT:
            raise WorkbenchError(
                f"Only {len(split.truth)} held-out pairs have a known right side; a study needs {FEWEST_HELD_OUT}.",
                message(
                    "Give an evaluation set ", by("evaluation"), ", or a file of known right labels ", by("gold"), "."
                ),
            )
        return split

    def smaller(self, most: int, seed: int = 0) -> Bench:
        """The bench with at most so many pairs, whole groups at random; the rest is counted as set aside."""
        if len(self) <= most:
            return self
        _, code, size = np.unique(self.group, return_inverse=True, return_counts=True)
        order = np.random.default_rng([seed, 303]).permutation(len(size))
        kept = np.zeros(len(size), bool)
        kept[order[np.cumsum(size[order]) <= most]] = True
        rows = np.flatnonzero(kept[code.ravel()])
        reason = f"beyond the {most:,} pairs a study takes"
        return replace(
            self,
            features=self.features[rows],
            group=self.group[rows],
            truth=self.truth[rows],
            item=self.item[rows],
            label=None if self.label is None else self.label[rows],
            set_aside={**self.set_aside, reason: len(self) - len(rows)},
        )


def held_out_rows(group: np.ndarray, share: float, rng: np.random.Generator) -> np.ndarray:
    """Which pairs are held out: whole groups in random order until about the share is reached; bool (n,).

    Raises
    ------
    WorkbenchError
        All pairs belong to one group.
    """
    _, code, size = np.unique(group, return_inverse=True, return_counts=True)
    if len(size) < 2:
        raise WorkbenchError(
            "All pairs belong to one prompt group, so none can be held out.",
            message("Give other data to measure on, ", by("evaluation"), "."),
        )
    order = rng.permutation(len(size))
    before = np.cumsum(size[order]) - size[order] / 2
    chosen = order[before <= max(share * len(group), 1)]
    chosen = (chosen if len(chosen) else order[:1])[: len(size) - 1]
    return np.isin(code.ravel(), chosen)
