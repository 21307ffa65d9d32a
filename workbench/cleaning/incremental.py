"""What rules leave of the judgements, by what they change of the whole.

Only items that lose a judgement get their label and their place in the tables anew; the others keep what they have
where everything stays. Nothing is remembered from one set of rules to the next: it would save a small part of
what a step of a slider costs, and hang a state that changes on evidence that several pages share.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from workbench.aggregation.kernels import parts_of
from workbench.agreement.tally import Tally, tally_kept
from workbench.cleaning.evidence import Evidence
from workbench.dataset.annotation_set import AnnotationSet
from workbench.parallel import in_parts


@dataclass(frozen=True, eq=False, kw_only=True)
class Swept:
    """The first judgements after some rules.

    Attributes
    ----------
    reason, kept : uint8 and bool (n,): why each goes, 0 = it stays; and whether it stays.
    pattern : int32 (n_items,): of `Shrinkable.counts`; (0,) where counts are not kept up.
    label, credit : int8 and float32 (n_items,): label of each item from what is left, and its credit against the gold,
        as in `Labelled`.
    goes : int64 (257,): judgements that go for each reason, and items with a judgement that goes for a reason of the
        item.
    changes : int64 (3,): items with another label, with another direction, and without a judgement left.
    frequency, given : int64 (P,) and int32 (n_annotators, C): how the tables of `Shrinkable` have changed.
    """

    reason: np.ndarray
    kept: np.ndarray
    pattern: np.ndarray
    label: np.ndarray
    credit: np.ndarray
    goes: np.ndarray
    changes: np.ndarray
    frequency: np.ndarray
    given: np.ndarray

    def tally(self, data: AnnotationSet, evidence: Evidence) -> Tally:
        """The labels that are left, counted."""
        known = evidence.shrinkable
        return (
            tally_kept(data, self.kept)
            if known is None
            else known.less(self.kept, self.pattern, self.frequency, self.given)
        )


def untouched(evidence: Evidence) -> Swept:
    """Everything stays."""
    whole, known = evidence.whole, evidence.shrinkable
    n = len(whole.codes)
    pattern, size, cells = (
        (known.pattern, len(known.frequency), known.given.shape) if known else (np.empty(0, np.int32), 0, (0, 0))
    )
    return Swept(
        reason=np.zeros(n, np.uint8),
        kept=np.ones(n, bool),
        pattern=pattern,
        label=whole.label,
        credit=whole.credit,
        goes=np.zeros(257, np.int64),
        changes=np.zeros(3, np.int64),
        frequency=np.zeros(size, np.int64),
        given=np.zeros(cells, np.int32),
    )


def swept_by(
    evidence: Evidence,
    words: np.ndarray,
    timed: bool,
    of_annotator: np.ndarray,
    of_item: np.ndarray,
    limits: tuple[float, int, float, int],
    least: int,
    too_few: int,
) -> Swept:
    """What these rules leave; the parameters are those of `workbench.cleaning.kernels.sweep`."""
    from workbench.cleaning.kernels import sweep

    whole, codes, known = evidence.whole, evidence.whole.codes, evidence.shrinkable
    was = untouched(evidence)
    reason, kept, pattern, label, credit = (
        np.zeros(len(codes), np.uint8),
        was.kept.copy(),
        was.pattern.copy(),
        was.label.copy(),
        was.credit.copy(),
    )
    none = np.empty((0, 0), np.int32)
    tables = (known.pattern, known.down, known.cell) if known else (pattern, none, none)
    took = evidence.took if timed else np.empty(0)

    def work(low: int, high: int) -> tuple:
        added = np.zeros(257, np.int64), np.zeros(3, np.int64), np.zeros_like(was.frequency), np.zeros_like(was.given)
        sweep(  # type: ignore[call-arg]
            low,
            high,
            codes.starts,
            codes.annotator,
            codes.label,
            took,
            words,
            of_annotator,
            of_item,
            *limits,
            least,
            too_few,
            whole.beyond,
            *evidence.tables.passed,
            whole.label,
            whole.gold,
            *tables,
            reason,
            kept,
            pattern,
            label,
            credit,
            *added,
        )
        return added

    parts = in_parts(parts_of(codes, was.given.size), work) or [work(0, 0)]
    goes, changes, frequency, given = (np.sum(each, axis=0) for each in zip(*parts, strict=True))
    return Swept(
        reason=reason,
        kept=kept,
        pattern=pattern,
        label=label,
        credit=credit,
        goes=goes,
        changes=was.changes + changes,
        frequency=was.frequency + frequency,
        given=was.given + given,
    )
