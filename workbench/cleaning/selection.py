"""Who and what goes under some rules, and why: each judgement counts under the first reason that applies to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from workbench.agreement.tally import Tally
from workbench.cleaning.evidence import Evidence
from workbench.cleaning.incremental import Swept, swept_by
from workbench.cleaning.rules import Cleaning
from workbench.dataset.annotation_set import AnnotationSet
from workbench.errors import WorkbenchError, first_five


@dataclass(frozen=True, eq=False, kw_only=True)
class Selection:
    """What rules make of the judgements.

    Attributes
    ----------
    annotator_reasons : all reasons why an annotator goes, () = stays; one entry an annotator.
    reasons : sentences; the first is that of staying.
    kept : bool (n,): which of `data.codes` stay.
    rows : reason -> judgements that go, repeats and skips included; nothing that is 0.
    rows_by_annotator : those of them that go with their annotator.
    by_annotator, by_judgement : first judgements that go for a reason of their annotator, or of their own.
    items : items that go for a reason of their own, among those with a judgement left by then.
    parts : rows, and why they go as a position in `reasons`: first judgements, and the others.
    left : the tally of the judgements that stay.
    swept : what becomes of the labels.
    """

    annotator_reasons: tuple[tuple[str, ...], ...]
    reasons: tuple[str, ...]
    kept: np.ndarray
    rows: Mapping[str, int]
    rows_by_annotator: int
    by_annotator: int
    by_judgement: int
    items: int
    parts: tuple[tuple[np.ndarray, np.ndarray], ...]
    left: Tally
    swept: Swept

    @cached_property
    def row_reason(self) -> np.ndarray:
        """Why each judgement goes, a position in `reasons`; 0 = it stays: uint8 (n_annotations,)."""
        found = np.zeros(sum(len(rows) for rows, _ in self.parts), np.uint8)
        for rows, reason in self.parts:
            found[rows] = reason
        return found

    @cached_property
    def gone(self) -> np.ndarray:
        """Which annotators go, bool (n_annotators,)."""
        return np.array([len(r) > 0 for r in self.annotator_reasons], bool)

    @property
    def n_rows(self) -> int:
        """Judgements that go, repeats and skips included."""
        return sum(self.rows.values())


def annotators_to_go(evidence: Evidence, cleaning: Cleaning) -> list[tuple[str, ...]]:
    """All reasons why each annotator goes.

    Raises
    ------
    WorkbenchError
        An annotator named is not in the data.
    """
    frame, c = evidence.annotators, cleaning
    ids = frame["annotator"].to_numpy()
    unknown = sorted((set(c.without) | set(c.keep)) - set(ids))
    if unknown:
        raise WorkbenchError(
            f"There is no annotator {first_five(unknown)} in this data.", "Look the ids up on the Annotators page."
        )
    found: list[list[str]] = [[] for _ in ids]

    def go(mask: np.ndarray, reason: str) -> None:
        for a in np.flatnonzero(mask):
            found[a].append(reason)

    def below(name: str, least: float) -> np.ndarray:
        value = frame[name].to_numpy(float)
        if c.assured:
            # Where no interval is known nobody is sure, and nobody goes.
            value = frame[f"{name}_high"].to_numpy(float)
        return np.nan_to_num(value, nan=np.inf) < least

    surely = "surely " if c.assured else ""
    if c.without:
        go(np.isin(ids, c.without), "left out by name")
    if c.least_reliability:
        go(below("reliability", c.least_reliability), f"reliability {surely}below {_percent(c.least_reliability)}")
    if c.least_agreement:
        go(below("agreement", c.least_agreement), f"agreement with others {surely}below {_percent(c.least_agreement)}")
    if c.least_gold:
        enough = frame["gold_n"].to_numpy() >= c.gold_answers
        go(
            enough & below("gold", c.least_gold),
            f"accuracy on gold {surely}below {_percent(c.least_gold)} in {c.gold_answers:g} answers or more",
        )
    for flag in c.flags:
        go(np.array([flag in each for each in frame["flags"]], bool), f"flagged: {flag}")
    if c.most_rapid < 1:
        share = np.nan_to_num(frame["rapid_share"].to_numpy(float), nan=-np.inf)
        go(share > c.most_rapid, f"more than {_percent(c.most_rapid)} rapid judgements")
    if c.largest_fall < 1:
        go(
            np.nan_to_num(frame["fall"].to_numpy(float), nan=-np.inf) > c.largest_fall,
            f"accuracy fell by more than {_percent(c.largest_fall)}",
        )
    stays = np.isin(ids, c.keep)
    return [() if stays[a] else tuple(each) for a, each in enumerate(found)]


def select(data: AnnotationSet, cleaning: Cleaning, evidence: Evidence) -> Selection:
    """Applies the rules: annotators first, then judgements, then items, then items with too few labels left."""
    from workbench.cleaning.kernels import sift_others

    c, rows, codes = cleaning, data.annotations, data.codes
    if len(evidence.whole.codes) != len(codes) or len(evidence.annotators) != len(data.annotators):
        raise ValueError("this evidence was gathered from other data")
    listed = annotators_to_go(evidence, c)
    reasons = ["stays"]

    def number(reason: str) -> int:
        if reason not in reasons:
            reasons.append(reason)
        return reasons.index(reason)

    of_annotator = np.array([number(f"by annotators: {each[0]}") if each else 0 for each in listed], np.uint8)
    last_of_annotators = len(reasons) - 1
    skip = number("without a label") if c.skips else 0
    timed = len(evidence.seconds) > 0
    fast = number(f"faster than {c.min_seconds:g} seconds") if timed and c.min_seconds > 0 else 0
    hurried = (
        number(f"read faster than {c.max_words_per_minute:,.0f} words a minute")
        if evidence.usable_words and c.max_words_per_minute > 0
        else 0
    )
    last_of_judgements = len(reasons) - 1
    of_item = np.zeros(len(data.items) if c.least_confidence or c.most_contested < 1 else 0, np.uint8)
    if c.most_contested < 1:
        of_item[evidence.contested > c.most_contested] = number(
            f"on items whose pairs of labels name different sides in more than {_percent(c.most_contested)}"
        )
    if c.least_confidence:
        of_item[evidence.confidence < c.least_confidence] = number(
            f"on items whose label is less than {_percent(c.least_confidence)} sure"
        )
    too_few = number(f"on items with fewer than {c.min_labels_left:,} labels left") if c.min_labels_left > 1 else 0
    words = evidence.words if hurried else np.empty(0, np.int32)
    seconds = evidence.seconds if fast or hurried else np.empty(0)
    limits = float(c.min_seconds), fast, float(c.max_words_per_minute), hurried
    swept = swept_by(evidence, words, len(seconds) > 0, of_annotator, of_item, limits, c.min_labels_left, too_few)
    other_reason = np.empty(len(evidence.others), np.uint8)
    annotator, item, label = (rows[name].to_numpy() for name in ("annotator", "item", "label"))
    first = swept.goes[:256]
    counts = first + sift_others(
        evidence.others,
        item,
        annotator,
        label,
        seconds,
        words,
        of_annotator,
        of_item,
        *limits,
        skip,
        codes.starts,
        swept.reason,
        too_few > 0,
        too_few,
        other_reason,
    )
    with_annotator, by_itself = slice(1, last_of_annotators + 1), slice(last_of_annotators + 1, last_of_judgements + 1)
    return Selection(
        annotator_reasons=tuple(listed),
        reasons=tuple(reasons),
        kept=swept.kept,
        rows={reasons[r]: int(counts[r]) for r in range(1, len(reasons)) if counts[r]},
        rows_by_annotator=int(counts[with_annotator].sum()),
        by_annotator=int(first[with_annotator].sum()),
        by_judgement=int(first[by_itself].sum()),
        items=int(swept.goes[256]),
        parts=((codes.row, swept.reason), (evidence.others, other_reason)),
        left=swept.tally(data, evidence),
        swept=swept,
    )


def _percent(share: float) -> str:
    """A share as it stands in a reason: `60%`, `62.5%`."""
    return f"{100 * share:.4g}%"
