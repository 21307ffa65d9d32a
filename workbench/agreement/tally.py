"""Items as counts of labels: the one pass over the judgements that all agreement measures share.

A measure that does not ask who gave a label sees an item only through how many labels of each category it has. Millions
of items have few such *patterns* (35 for three labels out of five categories), so sums over items become sums over
patterns, and the item bootstrap becomes one multinomial draw over patterns.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from scipy import sparse

from workbench.agreement.choice import Choice
from workbench.agreement.patterns import PARTED, count_patterns
from workbench.dataset.annotation_set import AnnotationSet, Codes, SharedGroups, shared_groups
from workbench.dataset.scales import LabelScale
from workbench.parallel import even_parts, in_parts

_DENSE = 1 << 25
"""Annotator x cell counts up to this size are counted in a dense table."""


@dataclass(frozen=True, eq=False)
class Cells:
    """Who gave which label on which pattern.

    Attributes
    ----------
    annotators : int64 (A,): positions of the annotators with a used label.
    pattern, label : int64 (C,): the pattern and the label of each cell.
    counts : sparse (A, C): labels of each annotator in each cell.
    """

    annotators: np.ndarray
    pattern: np.ndarray
    label: np.ndarray
    counts: sparse.csr_matrix


@dataclass(frozen=True, eq=False)
class Clusters:
    """Groups of items that are resampled as one.

    Attributes
    ----------
    patterns : sparse (R, P): items of each pattern in a group; a pattern may be listed several times.
    frequency : int64 (R,): groups that look like this; groups of a single item are counted by its pattern.
    """

    patterns: sparse.csr_matrix
    frequency: np.ndarray


@dataclass(frozen=True, eq=False)
class _Judgements:
    """The sorted codes behind a tally."""

    starts: np.ndarray
    annotator: np.ndarray
    label: np.ndarray
    kept: np.ndarray
    names: Sequence[str] | np.ndarray
    anonymous: bool = False


@dataclass(frozen=True, eq=False, kw_only=True)
class Tally:
    """Distinct count patterns, how many items have each, and who is behind them.

    Attributes
    ----------
    counts : int64 (P, K): labels of each category, one row a distinct pattern, in lexicographic order.
    frequency : int64 (P,): items with the pattern.
    pattern : int32 (n_items,): pattern of each item; -1 where no used label is left.
    members : positions of the items that count, where the tally is a part of a larger one; None = all with a pattern.
    scale : the labels, K of them.
    set_aside : reason -> judgements that are not used.
    shared : the groups of several items, where they were worked out before.
    counted : `cells`, where they were kept up elsewhere; None = to be counted.
    group : int64 (n_items,): group of each item, or None where no group holds several items; what is resampled as one.
    choice : what was selected.
    """

    counts: np.ndarray
    frequency: np.ndarray
    pattern: np.ndarray
    scale: LabelScale
    judgements: _Judgements
    set_aside: Mapping[str, int] = field(default_factory=dict)
    group: np.ndarray | None = None
    choice: Choice = field(default_factory=Choice)
    members: np.ndarray | None = None
    shared: SharedGroups | None = None
    counted: Cells | None = field(default=None, repr=False)

    @property
    def n_items(self) -> int:
        """Items with a used label."""
        return int(self.frequency.sum())

    @property
    def n_labels(self) -> int:
        """Used labels."""
        return int(self.frequency @ self.sizes)

    @property
    def n_overlapping(self) -> int:
        """Items with two used labels or more."""
        return int(self.frequency[self.sizes >= 2].sum())

    @property
    def symmetric(self) -> bool:
        """Whether each item counts in both orientations."""
        return self.choice.symmetric and self.scale.has_sides

    @cached_property
    def sizes(self) -> np.ndarray:
        """Labels of an item of each pattern, int64 (P,)."""
        return self.counts.sum(1)

    @cached_property
    def values(self) -> np.ndarray:
        """What each label counts on an interval scale, float (K,): its number where all labels are numbers, else its
        position.
        """
        try:
            numbers = np.array([float(label) for label in self.scale.labels])
        except ValueError:
            numbers = np.full(1, np.nan)
        positions = np.arange(len(self.scale), dtype=float)
        return (
            numbers
            if len(numbers) == len(positions) and np.isfinite(numbers).all() and not self.scale.has_sides
            else positions
        )

    @cached_property
    def label_counts(self) -> np.ndarray:
        """Used labels of each category, int64 (K,)."""
        return self.frequency @ self.counts

    @cached_property
    def cells(self) -> Cells:
        """Labels of each annotator by pattern and label: what leaving an annotator out takes away."""
        if self.counted is not None:
            return self.counted
        pattern, label = np.nonzero(self.counts * (self.frequency > 0)[:, None])
        number = np.full(self.counts.shape, -1, np.int32)
        number[pattern, label] = np.arange(len(pattern))
        behind = self.judgements
        n = len(behind.names)
        if n * len(pattern) <= _DENSE:
            from workbench.agreement.kernels import count_cells

            items = np.empty(0, np.int64) if self.members is None else self.members

            def counted(low: int, high: int) -> np.ndarray:
                return count_cells(
                    items,
                    low,
                    high,
                    behind.starts,
                    behind.annotator,
                    behind.label,
                    behind.kept,
                    self.pattern,
                    number,
                    n,
                    len(pattern),
                )

            size = len(self.pattern) if self.members is None else len(items)
            counts = sparse.csr_matrix(sum(in_parts(even_parts(size, PARTED), counted)))
        else:
            inside = np.full(len(self.pattern), -1, np.int32)
            inside[self.items] = self.pattern[self.items]
            of_row = np.repeat(inside, np.diff(behind.starts))
            used = np.flatnonzero((of_row >= 0) & (behind.kept if len(behind.kept) else True))
            column = number[of_row[used], behind.label[used]]
            counts = sparse.coo_matrix(
                (np.ones(len(used), np.int32), (behind.annotator[used], column)), shape=(n, len(pattern))
            ).tocsr()
        active = np.flatnonzero(np.diff(counts.indptr) > 0)
        return Cells(active, pattern, label, counts[active])

    @cached_property
    def _groups(self) -> SharedGroups | None:
        """The groups of several items; None where the items are resampled one by one."""
        return None if self.group is None else self.shared or shared_groups(self.group)

    @property
    def n_shared_groups(self) -> int:
        """Groups of several items, which are resampled as one; 0 where the items are resampled one by one."""
        return 0 if self._groups is None else len(self._groups.starts) - 1

    @cached_property
    def _inside(self) -> np.ndarray:
        """Pattern of each item that counts, -1 for the others: int32 (n_items,)."""
        if self.members is None:
            return self.pattern
        inside = np.full(len(self.pattern), -1, np.int32)
        inside[self.members] = self.pattern[self.members]
        return inside

    @cached_property
    def together(self) -> tuple[np.ndarray, int]:
        """Pairs of items of the same group by their patterns, float (P, P), an item with itself included; and how many
        groups there are.

        What a group adds to a sum of squares over groups depends on nothing else. Items of no group are groups of their
        own.
        """
        from workbench.agreement.kernels import count_together

        shared, inside, n = self._groups, self._inside, len(self.frequency)
        if shared is None:
            return np.diag(self.frequency.astype(float)), self.n_items
        parts = in_parts(
            even_parts(len(shared.starts) - 1, PARTED),
            lambda low, high: count_together(shared.starts, shared.items, inside, n, low, high),
        )
        found, groups = sum(p[0] for p in parts), sum(p[1] for p in parts)
        alone = self.frequency - found[n]
        return found[:n] + np.diag(alone), groups + round(alone.sum())

    @cached_property
    def clusters(self) -> Clusters | None:
        """What is resampled as one where items come in groups; None where the items are resampled one by one."""
        shared, inside = self._groups, self._inside
        if shared is None:
            return None
        pattern = inside[shared.items]
        used = pattern >= 0
        ends = np.concatenate([[0], np.cumsum(used)])[shared.starts]
        size = np.diff(ends)
        column = pattern[used]
        # Most groups hold one item; alike ones are counted, not listed, so that the cost is that of the true groups.
        lone = self.frequency - np.bincount(column, minlength=len(self.frequency))
        alone = np.flatnonzero(lone)
        pointers = np.concatenate([np.arange(len(alone)), len(alone) + np.append(0, np.cumsum(size[size > 0]))])
        columns = np.concatenate([alone.astype(np.int32), column])
        table = sparse.csr_matrix(
            (np.ones(len(columns)), columns, pointers), shape=(len(pointers) - 1, len(self.frequency))
        )
        return Clusters(table, np.concatenate([lone[alone], np.ones(int((size > 0).sum()), np.int64)]))

    @cached_property
    def items(self) -> np.ndarray:
        """Positions of the items that count, int64."""
        return np.flatnonzero(self.pattern >= 0) if self.members is None else self.members

    def part(self, items: np.ndarray) -> Tally:
        """The tally of some items only; its patterns keep their numbers, with new frequencies.

        Parameters
        ----------
        items : int: positions of the items that stay; those without a used label are ignored.
        """
        members = items[self.pattern[items] >= 0]
        return replace(
            self,
            frequency=np.bincount(self.pattern[members], minlength=len(self.frequency)),
            members=members,
            counted=None,
        )

    def changed(
        self, counts: np.ndarray, frequency: np.ndarray, pattern: np.ndarray, kept: np.ndarray, cells: Cells
    ) -> Tally:
        """The tally of some of its judgements, where what has changed was kept up elsewhere; nothing is counted
        again.
        """
        behind = replace(self.judgements, kept=kept)
        return replace(self, counts=counts, frequency=frequency, pattern=pattern, judgements=behind, counted=cells)

    def annotator_names(self, positions: np.ndarray) -> np.ndarray:
        """Ids of annotators by position."""
        return np.asarray(self.judgements.names, object)[positions]


def tally(data: AnnotationSet | Tally, choice: Choice | None = None) -> Tally:
    """Counts the labels of each item, once for all measures.

    Parameters
    ----------
    data : the annotations; a tally is returned as it is.
    choice : which judgements to look at; all by default.

    >>> from workbench.agreement.tally import tally_of
    >>> t = tally_of(item=[0, 0, 1, 1, 2, 2], annotator=[0, 1, 0, 1, 0, 1], label=[0, 0, 0, 1, 1, 0], labels=("A", "B"))
    >>> t.counts.tolist(), t.frequency.tolist()
    ([[1, 1], [2, 0]], [2, 1])
    """
    if isinstance(data, Tally):
        if choice is not None and choice != data.choice:
            raise ValueError("the tally was made with another choice; give the annotations to make a new one")
        return data
    choice = choice or Choice()
    codes = data.codes
    kept, set_aside = choice.kept(data)
    scale, label = data.scale, codes.label
    if choice.direction and scale.has_sides:
        label, scale = scale.direction_table()[label], scale.directional()
    behind = _Judgements(
        codes.starts,
        codes.annotator,
        label,
        kept,
        data.annotators["annotator"].to_numpy(),
        data.anonymous,
    )
    return _tally(behind, scale, choice, set_aside, data.group_codes, data.shared_groups)


def tally_kept(data: AnnotationSet, kept: np.ndarray, set_aside: Mapping[str, int] | None = None) -> Tally:
    """The tally of some of the first judgements, chosen elsewhere.

    Parameters
    ----------
    kept : bool (n,): which of `data.codes` count.
    set_aside : reason -> judgements that do not.
    """
    return tally_of_codes(
        data.codes,
        kept,
        data.scale,
        data.annotators["annotator"].to_numpy(),
        dict(set_aside or {}),
        data.group_codes,
        data.shared_groups,
        data.anonymous,
    )


def tally_of_codes(
    codes: Codes,
    kept: np.ndarray,
    scale: LabelScale,
    names: Sequence[str] | np.ndarray,
    set_aside: dict[str, int] | None = None,
    group: np.ndarray | None = None,
    shared: SharedGroups | None = None,
    anonymous: bool = False,
) -> Tally:
    """The tally of sorted codes, those that are kept; (0,) = all are."""
    behind = _Judgements(codes.starts, codes.annotator, codes.label, kept, names, anonymous)
    return _tally(behind, scale, Choice(), set_aside or {}, group, shared)


def tally_of(
    item: Sequence[int] | np.ndarray,
    annotator: Sequence[int] | np.ndarray,
    label: Sequence[int] | np.ndarray,
    labels: Sequence[str],
    n_items: int | None = None,
    group: np.ndarray | None = None,
) -> Tally:
    """The tally of plain integer codes, for simulations and worked examples; each annotator labels an item once at
    most.

    Parameters
    ----------
    item, annotator, label : int (n,), in any order; a label of -1 is missing.
    labels : names of the categories in order.
    """
    label = np.asarray(label)
    used = np.flatnonzero(label >= 0)
    items, who = np.asarray(item, np.int64)[used], np.asarray(annotator, np.int32)[used]
    n = int(items.max(initial=-1)) + 1 if n_items is None else n_items
    if len(items) and (np.diff(items) < 0).any():
        order = np.argsort(items, kind="stable")
        items, who, used = items[order], who[order], used[order]
    starts = np.concatenate([[0], np.cumsum(np.bincount(items, minlength=n))]).astype(np.int64)
    names = np.array([f"annotator {i + 1}" for i in range(int(who.max(initial=-1)) + 1)], object)
    behind = _Judgements(starts, who, label[used].astype(np.int8), np.ones(0, bool), names)
    from workbench.dataset.scales import scale_of

    return _tally(behind, scale_of(tuple(labels)), Choice(), {}, group)


def _tally(
    behind: _Judgements,
    scale: LabelScale,
    choice: Choice,
    set_aside: dict[str, int],
    group: np.ndarray | None,
    shared: SharedGroups | None = None,
) -> Tally:
    label, kept = behind.label, behind.kept
    least = max(1, choice.min_labels_per_item)
    counts, frequency, pattern = count_patterns(behind.starts, label, kept, len(scale), least)
    if least > 1:
        short = (len(label) if len(kept) == 0 else int(kept.sum())) - int(frequency @ counts.sum(1))
        if short:
            set_aside = {**set_aside, f"items with fewer than {least} labels": short}
    return Tally(
        counts=counts,
        frequency=frequency,
        pattern=pattern,
        scale=scale,
        judgements=behind,
        set_aside=set_aside,
        group=group,
        choice=choice,
        shared=shared,
    )
