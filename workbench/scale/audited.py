"""The audit of a sharded set: the same checks, figures and verdict, from sums; annotators closely, in a part of it."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import replace
from pathlib import Path

import pandas as pd

from workbench.aggregation import DEFAULT, Comparison, compare
from workbench.annotators import Flags, FlagThresholds, Survey, annotator_findings, annotator_table, flag_annotators
from workbench.annotators import survey as look_closely
from workbench.auditing.audit import Audit, audit, of_labelling
from workbench.auditing.people import NOT_LOOKED_AT, beside_counted, with_nothing_estimated
from workbench.auditing.verdict import Thresholds, Verdict
from workbench.dataset.annotation_set import AnnotationSet
from workbench.errors import counted
from workbench.findings import Finding, finding
from workbench.progress import UNWATCHED, Watch
from workbench.reversals import Reversals, cycles, pair_judgements
from workbench.reversals.cycles import Cycles, Triads
from workbench.scale.backends import Backend, Serial
from workbench.scale.finishing import Figures
from workbench.scale.labelling import aggregate_shards
from workbench.scale.part import ROWS, Part, looked_at_in_part, open_part
from workbench.scale.shards import Shards
from workbench.scale.tallying import figures

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

    Counts are those of `workbench.audit` on all rows at once, and figures agree to the last digits. Two things differ
    where not all rows are held: annotators are looked at closely on a random part of the items, and circles are held
    against noise on the prompts of one bucket.

    Parameters
    ----------
    thresholds : where the verdict's checks draw their lines.
    close_look : estimate each annotator's accuracy and raise flags, on about `ROWS` judgements; if True, on as many as
        the memory holds; if False, not at all.
    memory : bytes that rows may take for that.
    backend : where buckets are worked on; in this process by default.

    Examples
    --------
    >>> import tempfile
    >>> from workbench.scale.simulated import simulate_shards
    >>> made = simulate_shards(tempfile.mkdtemp(), 3_000, buckets=3, annotators=12, seed=3)
    >>> audit_shards(made).verdict.status in ("ready", "review", "stop")
    True
    """
    here = backend or Serial()
    scratch = Path(tempfile.mkdtemp(prefix="labels-"))
    try:
        # Labels first: their passes and the sums are what takes most memory, and never stand beside each other.
        labelled = aggregate_shards(shards, ("majority", DEFAULT), backend=here, scratch=scratch, watch=watch)
        found = figures(shards, here, watch)
        if close_look is False or not shards.buckets:
            return _audit(found, shards.head(), labelled, None).judged(thresholds)
        watch.step(0, 0, "Looking at annotators closely")
        part = open_part(shards, rows=max(memory // BYTES_AN_ANNOTATION, 1) if close_look else ROWS)
        return _audit(found, shards.head(), labelled, _Look(part)).judged(thresholds)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def audit_part(
    part: AnnotationSet,
    *,
    thresholds: Thresholds | None = None,
    close_look: bool | None = None,
    backend: Backend | None = None,
    watch: Watch = UNWATCHED,
) -> Audit:
    """The audit of a sharded set for somebody who looks at a part of it, such as a page or a report; of any other set,
    that of `workbench.audit`.

    Figures that follow from sums are of the whole; labels, flags and everything else that needs rows are of the part.

    Parameters
    ----------
    part : of `open_part`.
    thresholds, close_look, backend, watch : as of `audit_shards`.

    Examples
    --------
    >>> import tempfile
    >>> from workbench.scale.simulated import simulate_shards
    >>> made = simulate_shards(tempfile.mkdtemp(), 3_000, buckets=3, annotators=12, seed=3)
    >>> found = audit_part(open_part(made, rows=1_000))
    >>> found.counts["annotations"], len(found.data.annotations)
    (3000, 1000)
    """
    if not isinstance(part, Part) or part.shards is None:
        return audit(part, thresholds=thresholds, close_look=close_look)
    found = figures(part.shards, backend or Serial(), watch)
    watch.step(0, 0, "Looking at a part closely")
    labelled = compare(part, ("majority", DEFAULT))
    look = None if close_look is False else _Look(part)
    return _audit(found, part, labelled, look, rows=part).judged(thresholds)


class _Look:
    """What a close look at a part says of annotators."""

    def __init__(self, part: Part) -> None:
        self.part = part
        self.survey: Survey = look_closely(part, pair_judgements(part))
        self.flags = flag_annotators(self.survey)

    def beside(self, counted_on_all: pd.DataFrame) -> pd.DataFrame:
        """The table of what was counted on all, with what was estimated on the part."""
        return beside_counted(annotator_table(self.survey, flags=self.flags), counted_on_all)


def _audit(
    found: Figures, data: AnnotationSet, labelled: Comparison, look: _Look | None, rows: Part | None = None
) -> Audit:
    shards = found.shards
    noticed: tuple[Finding, ...] = _left_out(found, look is not None)
    if rows is not None:
        noticed += looked_at_in_part(rows, "Labels, flags, accuracies, cleaning and single items")
    elif look is not None:
        noticed += looked_at_in_part(look.part, "Flags and accuracies of annotators")
    if look is not None:
        noticed += tuple(annotator_findings(look.survey, look.flags))
    return Audit(
        data=data,
        of=shards.key,
        counts=found.counts,
        labels=found.labels,
        agreement=found.agreement,
        direction=found.direction,
        pairs=found.pairs,
        annotators=with_nothing_estimated(found.people) if look is None else look.beside(found.people),
        flags=Flags({}, len(shards.annotators), FlagThresholds()) if look is None else look.flags,
        fast=look.survey.speed.flagged_annotations if look is not None and look.part.is_all else None,
        times=found.times,
        reversals=_against_noise(found),
        labelled=labelled,
        findings=(*noticed, *of_labelling(labelled)),
        verdict=Verdict(()),
        surveyed=None if look is None else look.survey,
        weeks=found.weeks,
        slices=found.slices,
    )


def _left_out(found: Figures, looked: bool) -> tuple[Finding, ...]:
    """What sums cannot say."""
    said = [] if looked else [NOT_LOOKED_AT]
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
