"""The audit of a sharded set: the same checks, figures and verdict, from sums."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import replace
from pathlib import Path

from workbench.aggregation import DEFAULT
from workbench.annotators import Flags, FlagThresholds
from workbench.auditing.audit import Audit, of_labelling, with_nothing_estimated
from workbench.auditing.verdict import Thresholds, Verdict
from workbench.errors import WorkbenchError, counted
from workbench.findings import Finding, finding
from workbench.messages import by, message
from workbench.progress import UNWATCHED, Watch
from workbench.reversals import Reversals, cycles
from workbench.reversals.cycles import Cycles, Triads
from workbench.scale.backends import Backend, Serial
from workbench.scale.finishing import Figures
from workbench.scale.labelling import aggregate_shards
from workbench.scale.shards import Shards
from workbench.scale.tallying import figures
from workbench.scale.together import whole

BYTES_AN_ANNOTATION = 400
"""Memory of an annotation while annotators are looked at closely; measured (docs/scale.md)."""


def audit_shards(
    shards: Shards,
    *,
    thresholds: Thresholds | None = None,
    close_look: bool | None = None,
    memory: int = 2 << 30,
    backend: Backend | None = None,
    watch: Watch = UNWATCHED,
) -> Audit:
    """Can these annotations be trusted?

    Counts are those of `workbench.audit` on all rows at once, and figures agree to the last digits. Two things differ:
    nobody is looked at closely unless that is asked for, and circles are held against noise on the prompts of one
    bucket.

    Parameters
    ----------
    thresholds : where the verdict's checks draw their lines.
    close_look : estimate each annotator's accuracy and raise flags; it needs all rows in memory.
    memory : bytes that all rows may take for that.
    backend : where buckets are worked on; in this process by default.

    Raises
    ------
    WorkbenchError
        A close look was asked for and does not fit the memory.

    Examples
    --------
    >>> import tempfile
    >>> from workbench.scale.simulated import simulate_shards
    >>> made = simulate_shards(tempfile.mkdtemp(), 3_000, buckets=3, annotators=12, seed=3)
    >>> audit_shards(made).verdict.status in ("ready", "review", "stop")
    True
    """
    here = backend or Serial()
    if close_look:
        return audit_in_memory(shards, thresholds, memory, close_look=True)
    found = figures(shards, here, watch)
    scratch = Path(tempfile.mkdtemp(prefix="labels-"))
    try:
        labelled = aggregate_shards(shards, ("majority", DEFAULT), backend=here, scratch=scratch, watch=watch)
        return Audit(
            data=shards.head(),
            counts=found.counts,
            labels=found.labels,
            agreement=found.agreement,
            direction=found.direction,
            pairs=found.pairs,
            annotators=with_nothing_estimated(found.people),
            flags=Flags({}, len(shards.annotators), FlagThresholds()),
            fast=None,
            times=found.times,
            reversals=_against_noise(found),
            labelled=labelled,
            findings=(*_left_out(found), *of_labelling(labelled)),
            verdict=Verdict(()),
            weeks=found.weeks,
            slices=found.slices,
        ).judged(thresholds)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def audit_in_memory(
    shards: Shards, thresholds: Thresholds | None, memory: int, *, close_look: bool | None = None
) -> Audit:
    """The audit of all rows at once: for a close look at annotators, and for a report.

    Raises
    ------
    WorkbenchError
        They do not fit the memory.
    """
    from workbench.auditing.audit import audit

    need = shards.n_annotations * BYTES_AN_ANNOTATION
    if need > memory:
        raise WorkbenchError(
            f"A close look and a report need single rows: all {shards.n_annotations:,} judgements in memory, about"
            f" {need / 2**30:.1f} GB and more than the {memory / 2**30:.1f} GB they may have.",
            message("Allow more ", by("memory", value=f"{need / 2**30:.0f}GB"), ", or take the audit without it."),
        )
    return audit(whole(shards), thresholds=thresholds, close_look=close_look)


def _left_out(found: Figures) -> tuple[Finding, ...]:
    """What sums cannot say."""
    said = [
        finding(
            "info",
            "annotators-not-looked-at",
            "In a sharded set no annotator's accuracy was estimated and nobody was flagged.",
            message("Ask for it ", by("close_look", value=True), " where all rows fit into memory."),
        )
    ]
    if found.pairs_left_out:
        said.append(
            finding(
                "info",
                "pairs-not-counted",
                f"The pairs of {counted(len(found.shards.annotators), 'annotator')} are too many to be counted.",
            )
        )
    return tuple(said)


def _against_noise(found: Figures) -> Reversals:
    """Circles beside those that noise alone makes, learned on the prompts of the largest bucket: a random part of all,
    as buckets are.
    """
    seen = found.reversals
    triads = seen.cycles
    if triads.within_annotator.triads == 0 and triads.majority.triads == 0:
        return seen
    largest = max(found.shards.buckets, key=lambda bucket: bucket.items)
    part = cycles(found.shards.open(largest))

    def scaled(all_: Triads, some: Triads) -> Triads:
        if some.expected is None or some.triads == 0:
            return all_
        expected = some.expected * all_.triads / some.triads
        return replace(all_, expected=expected, p_value=some.p_value, modelled=some.modelled)

    both = Cycles(scaled(triads.within_annotator, part.within_annotator), scaled(triads.majority, part.majority))
    return replace(seen, cycles=both)
