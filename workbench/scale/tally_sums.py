"""The tally of a bucket as tables that add up, and the tally that any of their sums is.

Everything `workbench.agreement` says of a tally follows from its patterns, from who gave which label on which pattern,
and from which patterns come together in a group. All three are counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import sparse

from workbench.agreement import Choice, Tally
from workbench.agreement.tally import Cells, Clusters, tally_of_codes
from workbench.dataset.annotation_set import Codes, SharedGroups
from workbench.dataset.scales import LabelScale
from workbench.scale.keyed import MOST_LISTED, Keyed

WHOLE = 0
"""The part of a tally that is all of it."""
PAIRED = 1 << 10
"""Patterns up to which pairs of them are counted, as there."""
_BITS = 20
_TO_A_COLUMN = 3


def packed(counts: np.ndarray) -> np.ndarray:
    """Counts (P, K) as few whole numbers each, int64 (P, C), in the same order.

    >>> unpacked(packed(np.array([[1, 2, 0, 7]])), 4).tolist()
    [[1, 2, 0, 7]]
    """
    k = counts.shape[1]
    columns = -(-k // _TO_A_COLUMN)
    padded = np.zeros((len(counts), columns * _TO_A_COLUMN), np.int64)
    padded[:, :k] = counts
    shifts = np.int64(1) << (_BITS * np.arange(_TO_A_COLUMN - 1, -1, -1, dtype=np.int64))
    return (padded.reshape(len(counts), columns, _TO_A_COLUMN) * shifts).sum(2)


def unpacked(keys: np.ndarray, k: int) -> np.ndarray:
    """The counts (P, K) again."""
    shifts = _BITS * np.arange(_TO_A_COLUMN - 1, -1, -1, dtype=np.int64)
    digits = (keys[:, :, None] >> shifts) & ((1 << _BITS) - 1)
    return digits.reshape(len(keys), keys.shape[1] * _TO_A_COLUMN)[:, :k]


def tally_sums(
    t: Tally, prefix: str, parts: Mapping[int, np.ndarray | None], shared: SharedGroups | None, bucket: int
) -> dict[str, Keyed]:
    """The tables of a tally and of parts of it.

    Parameters
    ----------
    parts : number of the part -> positions of its items, None = all.
    shared : the groups of several items.
    bucket : number of the bucket, by which its groups differ from those of others.
    """
    made: dict[str, list[Keyed]] = {name: [] for name in ("frequency", "cells", "together", "groups", "clusters")}
    n_shared = t.n_shared_groups
    for part, items in parts.items():
        one = t if items is None else t.part(items)
        pattern = packed(one.counts)
        of_part = np.full((len(pattern), 1), part, np.int64)
        there = one.frequency > 0
        made["frequency"].append(Keyed.of(np.hstack([of_part, pattern])[there], one.frequency[there]))
        made["cells"].append(_cells(one, pattern, part))
        if n_shared and len(pattern) <= PAIRED:
            pairs, groups = one.together
            p, q = np.nonzero(np.rint(pairs))
            made["together"].append(
                Keyed.of(np.hstack([of_part[p], pattern[p], pattern[q]]), np.rint(pairs[p, q]).astype(np.int64))
            )
            made["groups"].append(Keyed.of(np.array([[part]]), np.array([groups])))
        elif not n_shared:
            made["together"].append(Keyed.of(np.hstack([of_part, pattern, pattern])[there], one.frequency[there]))
            made["groups"].append(Keyed.of(np.array([[part]]), np.array([one.n_items])))
        if shared is not None and n_shared <= MOST_LISTED:
            made["clusters"].append(_groups(one, pattern, part, bucket, shared))
    tables = {f"{prefix}.{name}": Keyed.sum(found) for name, found in made.items() if found}
    return {**tables, f"{prefix}.shared": Keyed.total(n_shared)}


def _cells(t: Tally, pattern: np.ndarray, part: int) -> Keyed:
    cells = t.cells
    table = cells.counts.tocoo()
    who, cell = cells.annotators[table.row].astype(np.int64), table.col
    keys = np.column_stack([np.full(len(who), part), who, pattern[cells.pattern[cell]], cells.label[cell]])
    return Keyed.of(keys, table.data)


def _groups(t: Tally, pattern: np.ndarray, part: int, bucket: int, shared: SharedGroups) -> Keyed:
    """Groups of several items, each under a number of its own; single items follow from the frequencies."""
    inside = np.full(len(t.pattern), -1, np.int64)
    inside[t.items] = t.pattern[t.items]
    group = np.repeat(np.arange(len(shared.starts) - 1), np.diff(shared.starts))
    found = inside[shared.items]
    used = found >= 0
    row = group[used]
    of_part, of_bucket = np.full(len(row), part), np.full(len(row), bucket)
    return Keyed.of(np.column_stack([of_part, of_bucket, row, pattern[found[used]]]))


@dataclass(frozen=True, eq=False, kw_only=True)
class SummedTally(Tally):
    """A tally that was counted in parts: all but the items themselves."""

    shared_count: int = 0
    group_count: int = 0
    pairs_of_patterns: np.ndarray | None = None
    listed: Clusters | None = None

    @property
    def n_shared_groups(self) -> int:
        """Groups of several items, which are resampled as one."""
        return self.shared_count

    @cached_property
    def together(self) -> tuple[np.ndarray, int]:
        """As of any tally."""
        if self.pairs_of_patterns is None:
            return np.diag(self.frequency.astype(float)), self.n_items
        return self.pairs_of_patterns, self.group_count

    @cached_property
    def clusters(self) -> Clusters | None:
        """As of any tally; None too where there are more groups than are listed."""
        return self.listed


def summed_tally(
    tables: Mapping[str, Keyed],
    prefix: str,
    scale: LabelScale,
    names: np.ndarray,
    *,
    part: int = WHOLE,
    choice: Choice | None = None,
    anonymous: bool = False,
) -> SummedTally:
    """The tally that sums of `tally_sums` stand for.

    Parameters
    ----------
    scale : of this tally, directional for one on direction.
    names : ids of all annotators.
    part : one of the parts; its patterns are those of the whole, as in `Tally.part`.
    """
    k = len(scale)
    everything = tables[f"{prefix}.frequency"].within(WHOLE)
    counts = unpacked(everything.keys, k) if len(everything.keys) else np.zeros((0, k), np.int64)
    place = _Places(everything.keys)
    here = tables[f"{prefix}.frequency"].within(part)
    frequency = np.zeros(len(counts), np.int64)
    frequency[place(here.keys)] = here.values[:, 0]
    shared = int(tables[f"{prefix}.shared"].values[0, 0])
    pairs, groups = _paired(tables, prefix, part, place, len(counts)) if shared else (None, 0)
    nothing = Codes(
        item=np.zeros(0, np.int32),
        annotator=np.zeros(0, np.int32),
        label=np.zeros(0, np.int8),
        row=np.zeros(0, np.int64),
        starts=np.zeros(1, np.int64),
        n_annotators=len(names),
        n_labels=k,
    )
    empty = tally_of_codes(nothing, np.zeros(0, bool), scale, names, anonymous=anonymous)
    return SummedTally(
        counts=counts,
        frequency=frequency,
        pattern=empty.pattern,
        scale=scale,
        judgements=empty.judgements,
        choice=choice or Choice(),
        counted=_counted(tables.get(f"{prefix}.cells"), part, place, counts, frequency, len(names)),
        shared_count=shared,
        group_count=groups,
        pairs_of_patterns=pairs,
        listed=_listed(tables.get(f"{prefix}.clusters"), part, place, frequency) if 0 < shared <= MOST_LISTED else None,
    )


class _Places:
    """Where packed patterns stand among sorted ones."""

    def __init__(self, keys: np.ndarray) -> None:
        self.keys = keys

    def __call__(self, wanted: np.ndarray) -> np.ndarray:
        if len(self.keys) == 0 or len(wanted) == 0:
            return np.zeros(0, np.int64)
        both = np.concatenate([self.keys, wanted])
        distinct, number = np.unique(both, axis=0, return_inverse=True)
        at = np.empty(len(distinct), np.int64)
        number = number.ravel()
        at[number[: len(self.keys)]] = np.arange(len(self.keys))
        return at[number[len(self.keys) :]]


def _counted(
    cells: Keyed | None, part: int, place: _Places, counts: np.ndarray, frequency: np.ndarray, n: int
) -> Cells | None:
    if cells is None:
        return None
    found = cells.within(part)
    pattern, label = np.nonzero(counts * (frequency > 0)[:, None])
    number = np.full(counts.shape, -1, np.int64)
    number[pattern, label] = np.arange(len(pattern))
    who, said = found.keys[:, 0], found.keys[:, -1]
    column = number[place(found.keys[:, 1:-1]), said] if len(who) else np.zeros(0, np.int64)
    table = sparse.coo_matrix((found.values[:, 0].astype(np.int64), (who, column)), shape=(n, len(pattern))).tocsr()
    active = np.flatnonzero(np.diff(table.indptr) > 0)
    return Cells(active, pattern, label, table[active])


def _paired(
    tables: Mapping[str, Keyed], prefix: str, part: int, place: _Places, n: int
) -> tuple[np.ndarray | None, int]:
    found = tables.get(f"{prefix}.together")
    if found is None:
        return None, 0
    rows = found.within(part)
    half = rows.keys.shape[1] // 2
    table = np.zeros((n, n))
    table[place(rows.keys[:, :half]), place(rows.keys[:, half:])] = rows.values[:, 0]
    groups = tables[f"{prefix}.groups"].within(part).values
    return table, int(groups.sum())


def _listed(found: Keyed | None, part: int, place: _Places, frequency: np.ndarray) -> Clusters:
    """Groups one by one, and the single items by their patterns: as `Tally.clusters` has them."""
    rows = Keyed.nothing(3) if found is None else found.within(part)
    if len(rows.keys):
        _, group = np.unique(rows.keys[:, :2], axis=0, return_inverse=True)
        group, column, n = group.ravel(), place(rows.keys[:, 2:]), rows.values[:, 0]
    else:
        group = column = n = np.zeros(0, np.int64)
    lone = frequency.copy()
    np.subtract.at(lone, column, n)
    alone = np.flatnonzero(lone)
    several = int(group.max(initial=-1)) + 1
    table = sparse.coo_matrix(
        (
            np.concatenate([np.ones(len(alone)), n.astype(float)]),
            (np.concatenate([np.arange(len(alone)), len(alone) + group]), np.concatenate([alone, column])),
        ),
        shape=(len(alone) + several, len(frequency)),
    ).tocsr()
    return Clusters(table, np.concatenate([lone[alone], np.ones(several, np.int64)]))
