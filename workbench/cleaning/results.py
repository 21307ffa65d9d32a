"""The cleaned data, with a ledger that says what went and why; and the labels that change."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from workbench.aggregation import aggregate
from workbench.cleaning.evidence import METHOD, OPTIONS, Evidence, gather_evidence, labels_of
from workbench.cleaning.rules import Cleaning
from workbench.cleaning.selection import Selection, annotators_to_go, select
from workbench.dataset.annotation_set import AnnotationSet
from workbench.dataset.scales import NULL
from workbench.dataset.texts import SomeTexts
from workbench.errors import WorkbenchError
from workbench.findings import ROWS_KEPT, finding


def clean(data: AnnotationSet, cleaning: Cleaning, evidence: Evidence | None = None) -> AnnotationSet:
    """The data without what the rules set aside.

    Annotators and items of which no judgement is left are not listed any more; a finding names the items. A repeat
    whose first judgement is set aside stays a repeat and is not promoted.

    Parameters
    ----------
    evidence : of `gather_evidence(data)`, where it is at hand.

    Returns
    -------
    The cleaned set; its ledger has one step for each reason, with the judgements that went for it.

    Raises
    ------
    WorkbenchError
        Nothing is left, or an annotator named is not in the data.

    Examples
    --------
    >>> from workbench.simulation.simulate import simulate
    >>> data = simulate(1_000, annotators=12, seed=1).data
    >>> cleaned = clean(data, Cleaning(min_seconds=10))
    >>> cleaned.ledger.steps[-1][0], len(data.annotations) - len(cleaned.annotations) == cleaned.ledger.steps[-1][1]
    ('faster than 10 seconds', True)
    """
    chosen = select(data, cleaning, evidence or gather_evidence(data))
    if chosen.n_rows == 0:
        return data
    if not chosen.kept.any():
        listed = "; ".join(f"{n:,} {reason}" for reason, n in chosen.rows.items())
        raise WorkbenchError(
            f"Nothing is left: the rules set every label aside ({listed}).",
            "Lower a threshold, or keep annotators in by name.",
        )
    return _listed_anew(data, _without(data, chosen))


def _without(data: AnnotationSet, chosen: Selection) -> AnnotationSet:
    """The judgements that stay, items and annotators at their positions."""
    ledger = data.ledger
    for reason, rows in chosen.rows.items():
        ledger = ledger.with_step(reason, rows)
    return replace(data, annotations=data.annotations.loc[chosen.row_reason == 0].reset_index(drop=True), ledger=ledger)


def _listed_anew(data: AnnotationSet, left: AnnotationSet) -> AnnotationSet:
    """The set without the annotators and items that had judgements and have none left."""
    rows = left.annotations.copy(deep=False)
    tables, kept, gone = {"annotator": data.annotators, "item": data.items}, {}, {}
    for name, table in tables.items():
        before, after = (np.bincount(s.annotations[name].to_numpy(), minlength=len(table)) > 0 for s in (data, left))
        kept[name], gone[name] = np.flatnonzero(after | ~before), int((before & ~after).sum())
        position = np.full(len(table), -1, np.int64)
        position[kept[name]] = np.arange(len(kept[name]))
        rows[name] = position[rows[name].to_numpy()].astype(rows[name].dtype)
    n = len(data.annotations) - len(left.annotations)
    lost = np.setdiff1d(np.arange(len(data.items)), kept["item"])
    note = finding(
        "info",
        "cleaned",
        f"Cleaning set {n:,} judgements aside; {gone['annotator']:,} annotators and {gone['item']:,} items have none"
        " left and are not listed any more.",
        "The original is unchanged.",
        data.items["item_id"].to_numpy()[lost[:ROWS_KEPT]],
        len(lost),
    )
    return replace(
        left,
        annotations=rows,
        annotators=data.annotators.iloc[kept["annotator"]].reset_index(drop=True),
        items=data.items.iloc[kept["item"]].reset_index(drop=True) if len(lost) else data.items,
        gold=data.gold[kept["item"]],
        texts=SomeTexts(data.texts, kept["item"]) if len(lost) else data.texts,
        findings=(*data.findings, note),
    )


@dataclass(frozen=True, eq=False)
class FlippedLabels:
    """Items whose label changes.

    Attributes
    ----------
    frame : `position`, `item_id`, `before`, `after` (labels, None = undecided), `direction` (whether the side changes),
        `labels_before`, `labels_after`, `gold`; those whose side changes first.
    positions : int64: all of them, also those that `frame` leaves out.
    refitted : whether annotators' tables were fitted again to what is left.
    """

    frame: pd.DataFrame
    positions: np.ndarray
    refitted: bool


def flipped_labels(
    data: AnnotationSet, cleaning: Cleaning, evidence: Evidence, *, refit: bool = False, limit: int = 1_000
) -> FlippedLabels:
    """Which items get another label?

    Parameters
    ----------
    refit : fit the method again to the cleaned data, instead of reading the rest with the annotators' tables
        held fixed.
    limit : rows of the frame.

    """
    chosen = select(data, cleaning, evidence)
    whole = evidence.whole
    left = (
        np.add.reduceat(np.append(chosen.kept, False), whole.codes.starts[:-1])
        if len(whole.codes)
        else np.zeros(len(data.items), int)
    )
    had = np.diff(whole.codes.starts)
    left = np.where(had > 0, left, 0)
    if refit:
        after = aggregate(_without(data, chosen), METHOD, **OPTIONS).label
    else:
        after, _ = labels_of(whole.codes, chosen.kept, evidence.tables, whole.beyond, whole.gold, whole)
    flipped = np.flatnonzero((after != whole.label) & (left > 0))
    table = data.scale.direction_table()
    turned = table[whole.label[flipped]] != table[after[flipped]]
    order = np.argsort(~turned, kind="stable")
    listed = flipped[order][:limit]
    names = np.array([*data.scale.labels, None], object)
    frame = pd.DataFrame(
        {
            "position": listed,
            "item_id": data.items["item_id"].to_numpy()[listed],
            "before": names[whole.label[listed]],
            "after": names[after[listed]],
            "direction": turned[order][:limit],
            "labels_before": had[listed],
            "labels_after": left[listed],
            "gold": names[np.where(data.gold[listed] == NULL, NULL, data.gold[listed])],
        }
    )
    return FlippedLabels(frame, flipped, refit)


def who_goes(evidence: Evidence, cleaning: Cleaning) -> pd.DataFrame:
    """One row an annotator: every figure the rules look at, whether the annotator goes, and all reasons why.

    Returns
    -------
    `annotator`, `goes`, `why` (reasons joined, empty where the annotator stays), and the columns of
    `Evidence.annotators`; those who go first, then the least reliable.
    """
    reasons = annotators_to_go(evidence, cleaning)
    frame = evidence.annotators.copy()
    frame.insert(1, "goes", np.array([len(r) > 0 for r in reasons], bool))
    frame.insert(2, "why", ["; ".join(r) for r in reasons])
    frame["flags"] = [", ".join(f) for f in frame["flags"]]
    return frame.sort_values(
        ["goes", "reliability"], ascending=[False, True], kind="stable", na_position="last", ignore_index=True
    )


@dataclass(frozen=True, eq=False)
class JudgementsSetAside:
    """Judgements and why they go.

    Attributes
    ----------
    frame : judgements in words with `why` in front (None = stays), at most as many as asked for.
    n : how many there are.
    """

    frame: pd.DataFrame
    n: int


def judgements_set_aside(
    data: AnnotationSet,
    cleaning: Cleaning,
    evidence: Evidence,
    *,
    annotator: str | None = None,
    reason: str | None = None,
    limit: int = 1_000,
) -> JudgementsSetAside:
    """The judgements behind a figure: those that go, or all of one annotator.

    Parameters
    ----------
    annotator : an id: all judgements of this one, also those that stay; None = those of everybody that go.
    reason : only those that go for this reason.
    limit : rows of the frame.
    """
    chosen = select(data, cleaning, evidence)
    names = np.array([None, *chosen.reasons[1:]], object)
    if annotator is None:
        wanted = chosen.row_reason > 0
    else:
        wanted = (
            data.annotations["annotator"].to_numpy()
            == np.flatnonzero(data.annotators["annotator"].to_numpy() == annotator)[0]
        )
    if reason is not None:
        number = chosen.reasons.index(reason) if reason in chosen.reasons[1:] else 255
        wanted = wanted & (chosen.row_reason == number)
    found = np.flatnonzero(wanted)
    frame = data.rows(found[:limit])
    frame.insert(0, "why", names[chosen.row_reason[found[:limit]]])
    return JudgementsSetAside(frame, len(found))
