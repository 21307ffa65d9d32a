"""A sharded set as one annotation set: for what needs rows, where it is small enough to be held."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from workbench.dataset.annotation_set import AnnotationSet
from workbench.dataset.texts import TEXT_COLUMNS, Texts
from workbench.hashing import digest_of_strings
from workbench.scale.shards import Shards


def whole(shards: Shards) -> AnnotationSet:
    """All buckets as one set in memory; texts stay on disk."""
    opened = [data for _, data in shards.sets()]
    shift = np.cumsum([0, *(len(data.items) for data in opened)])
    items = pd.concat([data.items for data in opened], ignore_index=True)
    for column in (c for c in items if str(c).startswith("slice.")):
        items[column] = pd.Categorical(items[column])
    rows = [
        data.annotations.assign(item=(data.annotations["item"].to_numpy() + first).astype(np.int32))
        for data, first in zip(opened, shift.tolist(), strict=False)
    ]
    return AnnotationSet(
        items=items,
        annotators=shards.annotators.reset_index(drop=True),
        annotations=pd.concat(rows, ignore_index=True),
        gold=np.concatenate([data.gold for data in opened]),
        scale=shards.scale,
        texts=_Several([data.texts for data in opened], shift),
        ledger=shards.ledger,
        findings=shards.findings,
        sources=shards.sources,
        format=shards.format,
    )


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
