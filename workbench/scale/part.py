"""A sharded set as pages, reports and close looks see it: the single rows of a part of it, and the sums of all.

Items fall into buckets by a hash, so that a few buckets are a random part of the whole, with all rows of each item and
prompt. What needs single rows is said of such a part; what follows from sums is said of the whole beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace
from itertools import groupby

from workbench.dataset.annotation_set import AnnotationSet, Ledger
from workbench.errors import WorkbenchError, counted
from workbench.findings import Finding, finding
from workbench.scale.shards import Bucket, Shards
from workbench.scale.together import whole

ROWS = 1_000_000
"""Judgements of a part, unless a bucket alone holds more."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Part(AnnotationSet):
    """The annotations of some buckets of a sharded set. A set that is made of it, by cleaning, is an ordinary one.

    Attributes
    ----------
    shards : the sharded set; None once something was changed.
    buckets : names of the buckets that are in it.
    """

    shards: Shards | None = field(default=None, init=False)
    buckets: tuple[str, ...] = field(default=(), init=False)

    @property
    def is_all(self) -> bool:
        """Whether nothing is missing."""
        return self.shards is not None and len(self.buckets) == len(self.shards.buckets)


def parts_of(shards: Shards, rows: int = ROWS) -> list[tuple[str, ...]]:
    """The set cut into parts of about so many judgements: names of the buckets of each.

    Buckets of one number, from all deliveries, are in the same part, so that each is like the whole.

    >>> import tempfile
    >>> from workbench.scale.simulated import simulate_shards
    >>> made = simulate_shards(tempfile.mkdtemp(), 3_000, buckets=3, annotators=12, seed=3)
    >>> [len(names) for names in parts_of(made, rows=2_000)]
    [2, 1]
    """

    def number(bucket: Bucket) -> int:
        return bucket.number

    parts: list[tuple[str, ...]] = []
    held = rows + 1
    for _, alike in groupby(sorted(shards.buckets, key=number), key=number):
        buckets = list(alike)
        size = sum(b.annotations for b in buckets)
        names = tuple(b.name for b in buckets)
        if held + size > rows:
            parts.append(names)
            held = size
        else:
            parts[-1] += names
            held += size
    return parts


def open_part(shards: Shards, buckets: Sequence[str] | None = None, *, rows: int = ROWS) -> Part:
    """The annotations of some buckets.

    Parameters
    ----------
    buckets : names; by default the first of `parts_of`.
    rows : as of `parts_of`.

    Raises
    ------
    WorkbenchError
        A bucket of that name is not there (any more).

    Examples
    --------
    >>> import tempfile
    >>> from workbench.scale.simulated import simulate_shards
    >>> made = simulate_shards(tempfile.mkdtemp(), 3_000, buckets=3, annotators=12, seed=3)
    >>> found = open_part(made, rows=1_000)
    >>> len(found.annotations), found.is_all
    (1000, False)
    """
    names = tuple(buckets) if buckets is not None else parts_of(shards, rows)[0]
    chosen = tuple(b for b in shards.buckets if b.name in set(names))
    if len(chosen) < len(names):
        raise WorkbenchError(
            f"{shards.folder}: the sharded set has no longer the buckets that were looked at.", "Open it again."
        )
    few = whole(replace(shards, buckets=chosen))
    ledger = shards.ledger if len(chosen) == len(shards.buckets) else Ledger(len(few.annotations))
    made = Part(**{f.name: getattr(few, f.name) for f in fields(AnnotationSet)} | {"ledger": ledger})
    object.__setattr__(made, "shards", shards)
    object.__setattr__(made, "buckets", tuple(b.name for b in chosen))
    return made


def said_of(part: Part) -> str:
    """How much of the set a part is, in words."""
    if part.shards is None or part.is_all:
        return f"all {counted(len(part.annotations), 'judgement')}"
    every = parts_of(part.shards)
    place = f"part {every.index(part.buckets) + 1} of {len(every):,}, " if part.buckets in every else ""
    return (
        f"{place}{len(part.annotations):,} of {part.shards.n_annotations:,} judgements: whole items, drawn at random by"
        " a hash"
    )


def looked_at_in_part(part: Part, what: str) -> tuple[Finding, ...]:
    """The finding that says what was looked at in a part only; none where the part is all."""
    if part.is_all:
        return ()
    return (finding("info", "looked-at-in-part", f"{what} are of {said_of(part)}. The rest is counted on all."),)
