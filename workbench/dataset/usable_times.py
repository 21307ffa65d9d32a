"""Whether the times of an export say anything about how long judgements took, what a time belongs to, and how much was
to be read.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd

from workbench.dataset.annotation_set import AnnotationSet
from workbench.estimates import Finite
from workbench.findings import Finding

NO_TIMES = "no-usable-times"
"""Code of the finding that says so."""

SO_NO_TIMES = ", so there are no usable times."
_BATCH_SAMPLE = 100_000
_SHARED = 0.9


@dataclass(frozen=True, kw_only=True)
class Times(Finite):
    """Whether times can be used.

    Attributes
    ----------
    usable : False where there are none, they are all alike, or they are not positive.
    reason : why not; or what to keep in mind.
    median_seconds : of the timed units; None where not usable.
    known : judgements with a time, of `annotations`.
    unit : what a time belongs to: `judgement`, or `batch` where those of an assignment share theirs.
    units : how many times there are.
    """

    usable: bool
    reason: str | None
    median_seconds: float | None
    known: int
    annotations: int
    unit: str = "judgement"
    units: int = 0

    def to_dict(self) -> dict[str, object]:
        """As the command line prints it."""
        return asdict(self)


def usable_times(data: AnnotationSet) -> Times:
    """Can this export's times be used to look at speed?

    A constant is a placeholder, not a measurement: with no spread there is no one to call fast.

    Examples
    --------
    >>> import pandas as pd
    >>> from workbench.dataset.assembly import Export, assemble
    >>> items = pd.DataFrame({"item_id": ["1", "2", "3"]})
    >>> rows = pd.DataFrame({"annotator": "x", "label": ["A", "B", "A"], "seconds": [83.0, 83.0, 83.0]})
    >>> usable_times(assemble([Export(items=items, rows=rows, source="t", format="t", sides=True)])).reason
    'all 3 times are 83 seconds: a placeholder, not a measurement'
    """
    seconds = data.annotations["seconds"].to_numpy(float)
    known = seconds[np.isfinite(seconds)]
    total = len(seconds)
    if len(known) == 0:
        return Times(
            usable=False,
            reason=why_no_times(data.findings) or "the export has no times",
            median_seconds=None,
            known=0,
            annotations=total,
        )
    if not (known > 0).any():
        return Times(
            usable=False, reason="no time is above zero", median_seconds=None, known=len(known), annotations=total
        )
    median = float(np.median(known))
    if len(known) > 1 and known.min() == known.max():
        return Times(
            usable=False,
            reason=f"all {len(known):,} times are {median:g} seconds: a placeholder, not a measurement",
            median_seconds=None,
            known=len(known),
            annotations=total,
        )
    share = float((known == median).mean())
    if share > 0.5:
        return Times(
            usable=False,
            reason=f"{share:.0%} of the times are exactly {median:g} seconds: a placeholder, not a measurement",
            median_seconds=None,
            known=len(known),
            annotations=total,
        )
    unit, of, stands = timed_units(data, seconds)
    notes = []
    if unit == "batch":
        units = int((stands & np.isfinite(seconds)).sum())
        most = int(np.bincount(of[np.isfinite(seconds)]).max())
        median = float(np.median(seconds[stands & np.isfinite(seconds)]))
        notes.append(
            f"a time belongs to an assignment of up to {most:,} judgements, so {units:,} assignments are compared, not"
            " single judgements"
        )
    else:
        units = len(known)
    if len(known) < total:
        notes.append(f"{total - len(known):,} judgements have no time")
    return Times(
        usable=True,
        reason="; ".join(notes) or None,
        median_seconds=median,
        known=len(known),
        annotations=total,
        unit=unit,
        units=units,
    )


def words_to_read(data: AnnotationSet) -> np.ndarray:
    """Words to read for each item, -1 where a text is missing."""
    columns = [data.items[c].to_numpy() for c in ("words_prompt", "words_a", "words_b") if c in data.items]
    if not columns:
        return np.full(len(data.items), -1)
    known = [c for c in columns if (c >= 0).any()]
    if not known:
        return np.full(len(data.items), -1)
    return np.where(np.min(known, axis=0) >= 0, np.sum(known, axis=0), -1)


def timed_units(data: AnnotationSet, seconds: np.ndarray) -> tuple[str, np.ndarray, np.ndarray]:
    """Whether a time belongs to one judgement or to a whole batch; the batch of each judgement; and which judgement
    stands for its batch.
    """
    rows = data.annotations
    alone = np.ones(len(rows), bool)
    if "batch" not in rows:
        return "judgement", np.arange(len(rows)), alone
    column, who = rows["batch"], rows["annotator"].to_numpy()
    batch = (
        column.cat.codes.to_numpy() if isinstance(column.dtype, pd.CategoricalDtype) else pd.factorize(column)[0]
    ).astype(np.int64)
    if not _batches_share(batch, who, len(data.annotators), seconds):
        return "judgement", np.arange(len(rows)), alone
    key = np.where(batch >= 0, batch * len(data.annotators) + who, -1 - np.arange(len(rows)))
    of = pd.factorize(key)[0]
    first = np.zeros(len(rows), bool)
    first[np.unique(of, return_index=True)[1]] = True
    return "batch", of, first


def _batches_share(batch: np.ndarray, who: np.ndarray, annotators: int, seconds: np.ndarray) -> bool:
    """Whether nearly all of an annotator's batches with several times have one and the same; a sample of the batches
    tells.
    """
    known = np.isfinite(seconds) & (batch >= 0)
    step = max(int(known.sum()) // _BATCH_SAMPLE, 1)
    chosen = np.flatnonzero(known & (batch % step == 0))
    frame = (
        pd.DataFrame({"key": batch[chosen] * annotators + who[chosen], "seconds": seconds[chosen]})
        .groupby("key")["seconds"]
        .agg(["size", "min", "max"])
    )
    several = frame[frame["size"] > 1]
    return len(several) > 0 and bool((several["min"] == several["max"]).mean() >= _SHARED)


def why_no_times(findings: Iterable[Finding]) -> str | None:
    """What a reader said of times that it did not take over, as the end of a sentence; None where it said nothing.

    >>> said = "All 9 judgements take the same 83 s: a placeholder, not a measurement" + SO_NO_TIMES
    >>> why_no_times([Finding("warning", NO_TIMES, said)])
    'all 9 judgements take the same 83 s: a placeholder, not a measurement'
    """
    said = [f.message for f in findings if f.code == NO_TIMES]
    return said[0][:1].lower() + said[0][1:].removesuffix(SO_NO_TIMES).removesuffix(".") if said else None
