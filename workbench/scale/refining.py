"""The second, smaller pass over buckets: what could not be counted before it was known where to look."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from workbench.agreement import tally
from workbench.agreement.pairs import listed_pairs, tables_of
from workbench.scale.keyed import Keyed, Sums
from workbench.scale.moments import Wanted, wanted
from workbench.scale.shards import Bucket, Shards


@dataclass(frozen=True, eq=False)
class Where:
    """Where to look.

    Attributes
    ----------
    bins : of times that hold a median.
    pairs : int64: sorted numbers of the annotator pairs whose tables are counted.
    """

    bins: Wanted
    pairs: np.ndarray


def where_to_look(sums: Sums, people: int, labels: int) -> Where:
    """What a second pass has to look at, by the sums of the first."""
    pairs = sums.get("pairs", 2)
    return Where(
        wanted(sums.get("seconds", 2)),
        listed_pairs(pairs.keys[:, 0], pairs.keys[:, 1], pairs.values[:, 0], people, labels),
    )


def refine_bucket(shards: Shards, bucket: Bucket, where: Where) -> Sums:
    """Single times of the bins that hold medians, and the tables of annotator pairs."""
    data = shards.open(bucket)
    rows = data.annotations
    values = where.bins.look(rows["annotator"].to_numpy(), rows["seconds"].to_numpy())
    found = tables_of(tally(data), where.pairs)
    pair, cell = np.nonzero(found.reshape(len(found), -1))
    kappas = Keyed.of(np.column_stack([pair, cell]), found.reshape(len(found), -1)[pair, cell])
    return Sums({"values": values, "kappas": kappas}, {}, (bucket.key,))
