"""One label an item of a sharded set, by the methods that work in memory, their passes made bucket by bucket."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from workbench.aggregation import DEFAULT, METHODS, Aggregation, Comparison
from workbench.aggregation.comparison import scored
from workbench.aggregation.contract import UNDECIDED
from workbench.aggregation.kernels import stretches
from workbench.aggregation.registry import aggregation_of
from workbench.aggregation.votes import Votes
from workbench.dataset.annotation_set import AnnotationSet, Codes
from workbench.dataset.scales import NULL, LabelScale
from workbench.drafts import drafted
from workbench.errors import WorkbenchError
from workbench.progress import UNWATCHED, Watch
from workbench.scale.backends import Backend, Serial
from workbench.scale.bucket_codes import BucketCodes, held_of
from workbench.scale.on_disk import let_go
from workbench.scale.shards import LABELS, Shards

BY_BUCKET = ("consensus", "latent_strength", "hard_items", "majority", "weighted", "one_coin", "dawid_skene")
"""Methods whose passes can be made bucket by bucket."""
JOINED_UP_TO = 2_000_000
"""Judgements up to which their codes are simply held in memory (17 bytes each)."""
_WHY_NOT = {
    "glad": "its ability and difficulty are climbed together, in steps that look at all items at once",
    "mace": "it starts from random posteriors of all items",
    "crowdlab": "it needs probabilities of all items in the order of the items",
    "bradley_terry": "strengths of responses tie items of different buckets together",
}


@dataclass(frozen=True, eq=False)
class _Data:
    """What methods and scores ask of an annotation set beside its codes."""

    scale: LabelScale
    gold: np.ndarray
    group_codes: np.ndarray | None


@dataclass(frozen=True, eq=False)
class BucketVotes(Votes):
    """The judgements of all buckets, as methods take them."""

    in_buckets: BucketCodes = field(default_factory=lambda: cast(BucketCodes, None))

    @property
    def per_item(self) -> np.ndarray:
        """Judgements of each item."""
        return self.in_buckets.per_item

    @property
    def per_annotator(self) -> np.ndarray:
        """Judgements of each annotator."""
        return self.in_buckets.per_annotator

    def clamped_rows(self, posterior: np.ndarray) -> np.ndarray:
        """The posterior with certainty where the label is known; it stands in a file, where it is changed."""
        sure = np.eye(self.in_buckets.n_labels)
        if (self.clamp != NULL).any():
            for low, high in stretches(self.codes):
                known = low + np.flatnonzero(self.clamp[low:high] != NULL)
                posterior[known] = sure[self.clamp[known]]
        return posterior


def aggregate_shards(
    shards: Shards,
    methods: str | Sequence[str] = DEFAULT,
    *,
    clamp_gold: bool = False,
    backend: Backend | None = None,
    joined_up_to: int = JOINED_UP_TO,
    scratch: str | Path | None = None,
    watch: Watch = UNWATCHED,
    **options: object,
) -> Comparison:
    """What is the one label of each item, by one method or several, and how do they do on gold?

    Items are in the order of the buckets. Numbers of every item are files in `scratch`, not memory.

    Parameters
    ----------
    methods : names among `BY_BUCKET`.
    clamp_gold : give methods the gold.
    backend : where passes over buckets are made; in this process by default.
    joined_up_to : judgements up to which their codes are held in memory instead.
    scratch : a folder on a disk with room for 8 bytes an item, label and method; removed by whoever names it.
    watch, options : of the method.

    Raises
    ------
    WorkbenchError
        A method cannot work bucket by bucket; the reason is said.
    """
    named = [methods] if isinstance(methods, str) else list(methods)
    for name in named:
        if name not in METHODS:
            raise WorkbenchError(f"There is no aggregation method {name!r}.", f"Choose one of {', '.join(BY_BUCKET)}.")
        if name not in BY_BUCKET:
            raise WorkbenchError(
                f"{METHODS[name].title} cannot work bucket by bucket: {_WHY_NOT.get(name, 'it is not of this house')}.",
                f"Choose one of {', '.join(BY_BUCKET)}, or open a set that fits into memory.",
            )
    place = Path(scratch) if scratch is not None else Path(tempfile.mkdtemp(prefix="labels-"))
    buckets = BucketCodes(shards, backend or Serial(), clamp_gold, place)
    data, votes = _votes(shards, buckets, clamp_gold, joined_up_to)
    results = {name: _one(name, shards, votes, watch, options) for name in named}
    return scored(cast(AnnotationSet, data), results, {}, after=_let_go_of)


def _let_go_of(result: Aggregation) -> None:
    """Gives back the memory of a result: gold lies anywhere, so that scoring brought all pages of its posteriors in."""
    let_go(*(each for each in vars(result).values() if isinstance(each, np.ndarray)))


def _votes(shards: Shards, buckets: BucketCodes, clamp_gold: bool, joined_up_to: int) -> tuple[_Data, Votes]:
    codes: Codes
    if shards.n_annotations <= joined_up_to:
        codes, gold, group = buckets.joined()
    else:
        every = list(buckets.over(_golds))
        gold = np.concatenate([g for g, _, _ in every])
        done, numbered = 0, []
        for _, group, n in every:
            numbered.append(group + done)
            done += n
        group = np.concatenate(numbered)
        codes = cast(Codes, buckets)
    data = _Data(shards.scale, gold, group if len(group) and group.max() + 1 < len(group) else None)
    clamp = gold.astype(np.int8) if clamp_gold else np.full(len(gold), NULL, np.int8)
    if codes is buckets:
        return data, BucketVotes(cast(AnnotationSet, data), codes, clamp, buckets)
    return data, Votes(cast(AnnotationSet, data), codes, clamp)


def _golds(bucket: Any, shards: Shards) -> tuple[np.ndarray, np.ndarray, int]:
    one = held_of(bucket, shards)
    return one.gold.astype(np.int8), one.group.astype(np.int32), int(one.group.max(initial=-1)) + 1


def _one(name: str, shards: Shards, votes: Votes, watch: Watch, options: dict[str, object]) -> Aggregation:
    chosen = METHODS[name]
    watched = {"watch": watch} if chosen.iterative else {}
    fitted = chosen.fit(votes, **watched, **{k: v for k, v in options.items() if k in chosen.options})
    return aggregation_of(
        chosen,
        fitted,
        votes,
        scale=shards.scale,
        names=shards.names,
        options=options,
        set_aside={},
    )


def write_labels(result: Aggregation, shards: Shards, folder: str | Path | None = None) -> Path:
    """Writes the labels back by bucket: a Parquet file each, a row an item, in the order of the bucket's items.

    Parameters
    ----------
    folder : where; by default beside the buckets, under the method's name.
    """
    target = Path(folder) if folder is not None else shards.folder / LABELS / result.method
    target.mkdir(parents=True, exist_ok=True)
    names = np.array([*result.scale.labels, None], object)
    first = 0
    for bucket in shards.buckets:
        items = shards.open(bucket).items["item_id"]
        own = slice(first, first + bucket.items)
        table = pd.DataFrame(
            {
                "item_id": items.to_numpy(),
                "label": pd.array(names[result.label[own]], dtype="str"),
                "confidence": result.confidence[own],
                "direction_confidence": result.direction_confidence[own],
                "why_undecided": np.array([None, *UNDECIDED[1:]], object)[result.undecided[own]],
                **{f"p.{name}": result.posterior[own, k] for k, name in enumerate(result.scale.labels)},
            }
        )
        with drafted(target / f"{bucket.name.removesuffix('.pwb')}.parquet") as draft:
            pq.write_table(pa.Table.from_pandas(table, preserve_index=False), draft, compression="zstd")
        first += bucket.items
        let_go(result.posterior, result.confidence)
    return target
