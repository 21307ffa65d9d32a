"""A sharded set, or some items of its parts, as one annotation set: for what needs rows, where these can be held."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd

from workbench.dataset.annotation_set import AnnotationSet, Ledger
from workbench.dataset.texts import TEXT_COLUMNS, Texts
from workbench.hashing import digest_of_strings
from workbench.scale.shards import Shards


def whole(shards: Shards) -> AnnotationSet:
    """All buckets as one set in memory; texts stay on disk."""
    made = joined([data for _, data in shards.sets()])
    return replace(
        made,
        annotators=shards.annotators.reset_index(drop=True),
        scale=shards.scale,
        ledger=shards.ledger,
        findings=shards.findings,
        sources=shards.sources,
        format=shards.format,
    )


def joined(sets: Sequence[AnnotationSet]) -> AnnotationSet:
    """Sets of one sharded set, one after the other; they share scale and annotators."""
    shift = np.cumsum([0, *(len(data.items) for data in sets)])
    items = pd.concat([data.items for data in sets], ignore_index=True)
    for column in (c for c in items if str(c).startswith("slice.")):
        items[column] = pd.Categorical(items[column])
    rows = [
        data.annotations.assign(item=(data.annotations["item"].to_numpy() + first).astype(np.int32))
        for data, first in zip(sets, shift.tolist(), strict=False)
    ]
    annotations = pd.concat(rows, ignore_index=True)
    return AnnotationSet(
        items=items,
        annotators=sets[0].annotators.reset_index(drop=True),
        annotations=annotations,
        gold=np.concatenate([data.gold for data in sets]),
        scale=sets[0].scale,
        texts=_Several([data.texts for data in sets], shift),
        ledger=Ledger(len(annotations)),
        findings=sets[0].findings,
        sources=sets[0].sources,
        format=sets[0].format,
    )


def only_items(data: AnnotationSet, items: np.ndarray) -> AnnotationSet:
    """A set of these items alone, in this order, with their judgements.

    Parameters
    ----------
    items : int (n,): positions, none twice.
    """
    place = np.full(len(data.items), -1, np.int64)
    place[items] = np.arange(len(items))
    now = place[data.annotations["item"].to_numpy()]
    rows = data.annotations[now >= 0]
    return AnnotationSet(
        items=data.items.iloc[items].reset_index(drop=True),
        annotators=data.annotators,
        annotations=rows.assign(item=now[now >= 0].astype(np.int32)).reset_index(drop=True),
        gold=data.gold[items],
        scale=data.scale,
        texts=_Some(data.texts, np.asarray(items, np.int64)),
        ledger=Ledger(len(rows)),
        findings=data.findings,
        sources=data.sources,
        format=data.format,
    )


@dataclass(frozen=True, eq=False)
class _Some:
    """Texts of some items of a set."""

    of: Texts
    items: np.ndarray

    def __len__(self) -> int:
        return len(self.items)

    @cached_property
    def digest(self) -> str:
        return digest_of_strings([[self.of.digest], self.items.astype(str).tolist()])

    def frame(self, items: Sequence[int] | np.ndarray | None = None) -> pd.DataFrame:
        return self.of.frame(self.items if items is None else self.items[np.asarray(items, np.int64)])


@dataclass(frozen=True, eq=False)
class _Several:
    """Texts of several buckets, one after the other; only what is asked for is read."""

    parts: Sequence[Texts]
    shift: np.ndarray

    def __len__(self) -> int:
        return int(self.shift[-1])

    @cached_property
    def digest(self) -> str:
        return digest_of_strings([[part.digest for part in self.parts]])

    def frame(self, items: Sequence[int] | np.ndarray | None = None) -> pd.DataFrame:
        wanted = np.arange(len(self)) if items is None else np.asarray(items, np.int64)
        of = np.searchsorted(self.shift, wanted, side="right") - 1
        found = pd.DataFrame({c: pd.array([None] * len(wanted), dtype="str") for c in TEXT_COLUMNS})
        for part in np.unique(of).tolist():
            here = np.flatnonzero(of == part)
            found.loc[here, list(TEXT_COLUMNS)] = self.parts[part].frame(wanted[here] - self.shift[part]).to_numpy()
        return found
