"""The sums of a sharded set: kept beside it, made where they are missing, added up and refused where one is not there.

What one bucket comes to is a file named after its content. So the work can be stopped and taken up, a bucket that was
counted twice counts once, and a new delivery has only its own buckets counted. The files can also be made by jobs that
know nothing of each other (`tally_part`), on machines that share nothing but the folder.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from workbench.drafts import write_all
from workbench.errors import WorkbenchError
from workbench.progress import UNWATCHED, Watch
from workbench.scale.backends import Backend, Serial
from workbench.scale.finishing import Figures
from workbench.scale.keyed import Sums, added
from workbench.scale.mapping import map_bucket
from workbench.scale.refining import Where, refine_bucket, where_to_look
from workbench.scale.shards import SUMS, Bucket, Shards

VERSION = 1
"""Of what is counted; other files are counted anew."""
AT_A_TIME = 4
"""Buckets whose sums are in memory beside those of all."""


def figures(shards: Shards, backend: Backend | None = None, watch: Watch = UNWATCHED) -> Figures:
    """Everything that follows from sums, which are made where they are not there yet.

    Parameters
    ----------
    backend : where buckets are counted; in this process by default.

    Examples
    --------
    >>> import tempfile
    >>> from workbench.scale.simulated import simulate_shards
    >>> made = simulate_shards(tempfile.mkdtemp(), 3_000, buckets=3, annotators=12, seed=3)
    >>> figures(made).counts["items"] == made.n_items
    True
    """
    here = backend or Serial()
    lacking = [b for b in shards.buckets if not place(shards, b).is_file()]
    for _ in here.over(_count, lacking, shards, doing="Counting buckets", watch=watch):
        pass
    return _refined(shards, _sums(shards), here, watch)


def figures_at_hand(shards: Shards) -> Figures | None:
    """The same where everything was counted before; None where something is missing."""
    if not all(place(shards, b).is_file() for b in shards.buckets):
        return None
    sums = _sums(shards)
    where = where_to_look(sums, len(shards.annotators), len(shards.scale))
    fine = _place_of_fine(shards, sums, where)
    return Figures(shards, sums, Sums.from_bytes(fine.read_bytes()), where) if fine.is_file() else None


def tally_part(shards: Shards, part: int, of: int, watch: Watch = UNWATCHED) -> list[Path]:
    """Counts every `of`-th bucket, beginning with the `part`-th (from 1): the work of one job of many.

    Buckets that were counted before are counted again only where their file is gone.

    Returns
    -------
    The files of these buckets.

    Raises
    ------
    WorkbenchError
        There is no such part.
    """
    if not 1 <= part <= of:
        raise WorkbenchError(f"There is no part {part} of {of}.", "Parts are numbered from 1.")
    own = shards.buckets[part - 1 :: of]
    for done, bucket in enumerate(own):
        watch.step(done, len(own), "Counting buckets")
        if not place(shards, bucket).is_file():
            _count(bucket, shards)
    watch.step(len(own), len(own), "Counting buckets")
    return [place(shards, bucket) for bucket in own]


def refuse_uncounted(shards: Shards) -> None:
    """Stops where a bucket was not counted by any job.

    Raises
    ------
    WorkbenchError
        The sums of some bucket are missing; they are named.
    """
    lacking = [i for i, b in enumerate(shards.buckets, 1) if not place(shards, b).is_file()]
    if lacking:
        named = ", ".join(f"{shards.buckets[i - 1].name} (number {i})" for i in lacking[:5])
        raise WorkbenchError(
            f"{len(lacking):,} of {len(shards.buckets):,} buckets are not counted: {named}.",
            "Run the jobs that have to count them, then merge again.",
        )


def place(shards: Shards, bucket: Bucket) -> Path:
    """Where the sums of a bucket are kept."""
    return shards.folder / SUMS / f"{bucket.key}-{VERSION}.npz"


def _count(bucket: Bucket, shards: Shards) -> None:
    target = place(shards, bucket)
    target.parent.mkdir(exist_ok=True)
    write_all({target: map_bucket(shards, bucket).to_bytes()})


def _sums(shards: Shards) -> Sums:
    """All buckets together, a few in memory at a time."""
    total = Sums({})
    waiting: list[Sums] = []
    for bucket in shards.buckets:
        waiting.append(_read(shards, bucket))
        if len(waiting) >= AT_A_TIME:
            total, waiting = added([total, *waiting]), []
    return added([total, *waiting])


def _read(shards: Shards, bucket: Bucket) -> Sums:
    found = Sums.from_bytes(place(shards, bucket).read_bytes())
    if found.made_of != (bucket.key,):
        raise WorkbenchError(f"{place(shards, bucket)}: these are the sums of another bucket.", "Remove the file.")
    return found


def _refined(shards: Shards, sums: Sums, here: Backend, watch: Watch) -> Figures:
    """The second pass, kept under a name of everything that it looks at."""
    where = where_to_look(sums, len(shards.annotators), len(shards.scale))
    target = _place_of_fine(shards, sums, where)
    if target.is_file():
        return Figures(shards, sums, Sums.from_bytes(target.read_bytes()), where)
    fine = Sums({})
    for one in here.over(refine_bucket_of, list(shards.buckets), shards, where, doing="Looking again", watch=watch):
        fine = added([fine, one])
    target.parent.mkdir(exist_ok=True)
    write_all({target: fine.to_bytes()})
    return Figures(shards, sums, fine, where)


def _place_of_fine(shards: Shards, sums: Sums, where: Where) -> Path:
    return shards.folder / SUMS / f"fine-{_digest(sums, where)}-{VERSION}.npz"


def refine_bucket_of(bucket: Bucket, shards: Shards, where: Where) -> Sums:
    """`refine_bucket` with the bucket first, as back-ends hand it out."""
    return refine_bucket(shards, bucket, where)


def _digest(sums: Sums, where: Where) -> str:
    state = hashlib.blake2b("".join(sums.made_of).encode(), digest_size=12)
    state.update(where.bins.bins.tobytes())
    state.update(where.pairs.tobytes())
    return state.hexdigest()
