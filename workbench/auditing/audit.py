"""Everything the workbench can say about one annotation set, with the verdict."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from workbench.aggregation import DEFAULT, METHODS, Comparison, compare
from workbench.agreement import Choice, CohenPairs, all_coefficients, by_slice, by_week, cohen_kappas, tally
from workbench.annotators import Flags, Survey
from workbench.auditing.people import CLOSE_LOOK_UP_TO, counted_only, looked_at_closely
from workbench.auditing.text import audit_lines
from workbench.auditing.verdict import BothOrders, Crowding, Flagged, Thresholds, Verdict, judge
from workbench.dataset.annotation_set import AnnotationSet
from workbench.dataset.scales import NULL
from workbench.dataset.usable_times import Times
from workbench.estimates import Estimate
from workbench.findings import Finding
from workbench.messages import Words, in_python
from workbench.parallel import beside
from workbench.reversals import OrderEffect, Reversals, pair_judgements, reversals
from workbench.version import __version__

_ALPHA = "krippendorff_alpha.nominal"
_SLICES_CHECKED = 100
"""Slice columns with more values than this are not looked through for an uneven one: they are ids, not slices."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Audit:
    """What an audit found.

    Attributes
    ----------
    data : the annotations it is about.
    counts : rows read, annotations, items, items with overlap, annotators, repeats, skips, and rows set aside by
        reason.
    labels : label -> how often it was given, in the order of the scale.
    agreement : coefficient -> estimate; keys as in `workbench.agreement.all_coefficients`.
    direction : the same with strength ignored; equal to `agreement` where the scale has no strengths.
    pairs : Cohen's kappa of each pair of annotators.
    annotators : one row an annotator, with the columns of `workbench.annotators.annotator_table`.
    flags : whom to talk to, and why.
    fast : judgements faster than their texts can be read; None where times cannot be used.
    times : whether the export's times can be used, and the reason where not.
    reversals : within annotators, by order, between annotators, and in circles.
    labelled : one label an item by majority and by the default method, scored against gold that they were not given.
    findings : about the annotators and the gold; those about the file are `data.findings`.
    verdict : the checks and what they add up to.
    surveyed : what was seen of the annotators; None where they were not looked at closely.
    weeks : Monday -> nominal alpha on direction of the items of that week.
    slices : slice column -> value -> the same of its items; columns that are ids rather than slices are left out.
    of : content key of the whole where `data` is not all it is about; else empty.
    """

    data: AnnotationSet
    counts: Mapping[str, Any]
    labels: Mapping[str, int]
    agreement: Mapping[str, Estimate]
    direction: Mapping[str, Estimate]
    pairs: CohenPairs
    annotators: pd.DataFrame
    flags: Flags
    fast: int | None
    times: Times
    reversals: Reversals
    labelled: Comparison
    findings: tuple[Finding, ...]
    verdict: Verdict
    surveyed: Survey | None = None
    weeks: Mapping[str, Estimate] = field(default_factory=dict)
    slices: Mapping[str, Mapping[str, Estimate]] = field(default_factory=dict)
    of: str = ""

    @property
    def key(self) -> str:
        """Content key of the annotations it is about."""
        return self.of or self.data.key

    def to_dict(self, pairs: int | None = 2_000, words: Words = in_python) -> dict[str, Any]:
        """The audit as one JSON-ready object; parts that are not computed yet are null.

        Parameters
        ----------
        pairs : annotator pairs listed, most common items first; None = all. The number left out is given.
        words : how remedies name what to set.
        """
        listed = self.pairs.to_frame(pairs)
        return {
            "workbench": __version__,
            "key": self.key,
            "sources": list(self.data.sources),
            "format": self.data.format,
            "counts": dict(self.counts),
            "labels": {"scale": list(self.data.scale.labels), "counts": dict(self.labels)},
            "agreement": {
                **_agreement_dict(self.agreement),
                "direction": _agreement_dict(self.direction),
                "cohen_kappa": [_cohen_dict(row) for row in _records(listed)],
                "cohen_kappa_pairs": len(self.pairs),
                "cohen_kappa_left_out": len(self.pairs) - len(listed),
            },
            "annotators": [_annotator_dict(row, self.flags) for row in _records(self.annotators)],
            "speed": {
                **self.times.to_dict(),
                "flagged_annotations": self.fast,
                "flagged_annotators": self.flags.counts.get("speeding", 0) if self.times.usable else None,
            },
            "reversals": self.reversals.to_dict(),
            "aggregation": {
                "default": DEFAULT,
                "methods": {
                    name: {
                        "items": result.n_decided,
                        **_some(self.labelled.scores[name].to_dict(), "gold_n", "gold_accuracy", "posterior_nll"),
                    }
                    for name, result in self.labelled.results.items()
                },
            },
            "findings": [finding.to_dict(words) for finding in (*self.data.findings, *self.findings)],
            "verdict": self.verdict.to_dict(),
        }

    def judged(self, thresholds: Thresholds | None = None) -> Audit:
        """The same audit with the verdict that these lines give; the defaults where None."""
        scale, labelled = self.data.scale, self.labelled
        verdict = judge(
            counts=self.counts,
            labels=self.labels,
            alpha=self.direction[_ALPHA],
            sided=scale.has_sides,
            tie=None if scale.tie is None else scale.labels[scale.tie],
            first_position=self.reversals.order.first_position,
            both_orders=_both_orders(self.reversals.order),
            within=self.reversals.within.rate,
            weeks=self.weeks.items(),
            slices=[
                (f"{column.removeprefix('slice.')} {name}", estimate)
                for column, values in self.slices.items()
                for name, estimate in values.items()
            ],
            flagged=None if self.surveyed is None else _flagged(self.flags, self.annotators, self.data.slots),
            camps=None if self.surveyed is None else self.surveyed.camps,
            crowding=self._crowding(),
            gold={METHODS[name].title: labelled.scores[name].on_direction() for name in (DEFAULT, "majority")},
            findings=of_labelling(labelled),
            thresholds=thresholds,
        )
        return replace(self, verdict=verdict)

    def _crowding(self) -> Crowding | None:
        """How the items spread over prompts; None where each has one of its own, all the same, or a part is at hand
        only.
        """
        data = self.data if self.surveyed is None else self.surveyed.data
        groups = data.group_codes
        if groups is None or len(groups) != self.counts["items"]:
            return None
        sizes = np.bincount(groups)
        return Crowding(int(sizes.max()), len(groups), len(sizes))

    def to_text(self, words: Words = in_python) -> str:
        """The audit as lines for a terminal; `words` is how remedies name what to set."""
        return "\n".join(audit_lines(self, words))

    def __str__(self) -> str:
        return self.to_text()


def audit(data: AnnotationSet, *, thresholds: Thresholds | None = None, close_look: bool | None = None) -> Audit:
    """Can these annotations be trusted?

    Parameters
    ----------
    data : the annotations, as `workbench.load` returns them.
    thresholds : where the verdict's checks draw their lines.
    close_look : whether to estimate each annotator's accuracy and raise flags; by default up to `CLOSE_LOOK_UP_TO`
        annotations. Where it is left out, these are unknown and a finding says so.

    Examples
    --------
    >>> import workbench
    >>> result = workbench.audit(workbench.simulate(2_000, seed=1).data)
    >>> result.verdict.status in ("ready", "review", "stop")
    True
    """
    closely = len(data.annotations) <= CLOSE_LOOK_UP_TO if close_look is None else close_look
    with beside(len(data.annotations)) as meanwhile:
        # Labels and annotators take longest; what waits for neither is counted meanwhile.
        labelling = meanwhile.submit(compare, data, ("majority", DEFAULT))
        judgements = pair_judgements(data)
        looking = meanwhile.submit(looked_at_closely if closely else counted_only, data, judgements)
        meanwhile.submit(
            getattr, data, "key"
        )  # whoever prints or keeps an audit asks for it, and hashing takes a while
        full = tally(data)
        direction = tally(data, Choice(direction=True)) if data.scale.directional() != data.scale else full
        agreement = all_coefficients(full)
        along = agreement if direction is full else all_coefficients(direction)
        turned, pairs = reversals(data, direction, judgements), cohen_kappas(data)
        weeks = by_week(data, _ALPHA, Choice(direction=True))
        slices = {
            c: by_slice(data, c, _ALPHA, Choice(direction=True))
            for c in data.slices
            if data.items[c].nunique() <= _SLICES_CHECKED
        }
        people, labelled = looking.result(), labelling.result()
    return Audit(
        data=data,
        counts=_counts(data),
        labels=_labels(data),
        agreement=agreement,
        direction=along,
        pairs=pairs,
        annotators=people.table,
        flags=people.flags,
        fast=people.fast,
        times=people.times,
        reversals=turned,
        labelled=labelled,
        findings=(*people.findings, *of_labelling(labelled)),
        verdict=Verdict(()),
        surveyed=people.surveyed,
        weeks=weeks,
        slices=slices,
    ).judged(thresholds)


def _counts(data: AnnotationSet) -> dict[str, Any]:
    label, repeat = data.annotations["label"].to_numpy(), data.annotations["repeat"].to_numpy()
    return {
        "rows_read": data.ledger.rows_read,
        "annotations": int((label != NULL).sum()),
        "items": len(data.items),
        "items_with_overlap": int((np.diff(data.codes.starts) >= 2).sum()),
        "annotators": len(data.annotators),
        "repeats": int((repeat > 0).sum()),
        "skips": int((label == NULL).sum()),
        "set_aside": dict(data.ledger.set_aside),
    }


def _labels(data: AnnotationSet) -> dict[str, int]:
    label = data.annotations["label"].to_numpy()
    return dict(
        zip(data.scale.labels, np.bincount(label[label != NULL], minlength=len(data.scale)).tolist(), strict=True)
    )


def _both_orders(found: OrderEffect) -> BothOrders | None:
    """What became of pairs judged in both orders; None where there are none."""
    if found.groups == 0:
        return None
    p_value = found.p_value if found.inconsistent else None
    return BothOrders(found.groups, found.always_first, found.always_second, p_value)


def of_labelling(labelled: Comparison) -> tuple[Finding, ...]:
    """What the methods say about the labels they made, each kind once."""
    said = [f for result in labelled.results.values() for f in getattr(result, "findings", ())]
    return tuple({f.code: f for f in said}.values())


def _flagged(flags: Flags, people: pd.DataFrame, slots: Collection[str]) -> Flagged:
    """How much of the labels of people with ids the flagged annotators gave."""
    people = people[~people["annotator"].isin(list(slots))]
    given = people["annotations"].to_numpy()
    theirs = people["annotator"].isin(flags.flagged).to_numpy()
    kinds = {kind: n for kind, n in flags.counts.items() if kind != "few-labels"}
    return Flagged(int(theirs.sum()), len(people), int(given[theirs].sum()), int(given.sum()), kinds)


def _agreement_dict(estimates: Mapping[str, Estimate]) -> dict[str, Any]:
    """Nests `krippendorff_alpha.ordinal` under its coefficient."""
    nested: dict[str, Any] = {}
    for name, estimate in estimates.items():
        coefficient, _, level = name.partition(".")
        if level:
            nested.setdefault(coefficient, {})[level] = estimate.to_dict()
        else:
            nested[coefficient] = estimate.to_dict()
    return nested


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(k): v for k, v in row.items()} for row in frame.to_dict("records")]


def _cohen_dict(row: dict[str, Any]) -> dict[str, Any]:
    plain = {k: _number(v) for k, v in row.items() if k not in ("annotator_1", "annotator_2")}
    return {"annotators": [row["annotator_1"], row["annotator_2"]], **plain}


def _annotator_dict(row: dict[str, Any], flags: Flags) -> dict[str, Any]:
    """One annotator as the command line prints it. That it has few labels is a note, not a flag."""
    of_this = [flag.to_dict() for flag in flags.by_annotator.get(row["annotator"], ())]
    return {
        "annotator": row["annotator"],
        "kind": row["kind"],
        "annotations": int(row["annotations"]),
        "gold": {
            "n": int(row["gold_n"]),
            "direction_accuracy": _number(row["gold_direction_accuracy"]),
            "exact_accuracy": _number(row["gold_exact_accuracy"]),
            "interval": [_number(row["gold_low"]), _number(row["gold_high"])] if row["gold_n"] else None,
            "chance": _number(row["gold_chance"]),
        },
        "agreement_with_others": _number(row["agreement_with_others"]),
        "shared_items": int(row["shared_items"]),
        "estimated_accuracy": _number(row["estimated_accuracy"]),
        "estimated_interval": (
            [_number(row["estimated_low"]), _number(row["estimated_high"])] if row["estimated_n"] else None
        ),
        "reliability": {
            "value": _number(row["reliability"]),
            "interval": [_number(row["reliability_low"]), _number(row["reliability_high"])],
        },
        "median_seconds": _number(row["median_seconds"]),
        "first_position_rate": _number(row["first_position_rate"]),
        "self_consistency": _number(row["self_consistency"]),
        "self_consistency_n": int(row["self_consistency_n"]),
        "skips": int(row["skips"]),
        "repeats": int(row["repeats"]),
        "flags": [flag for flag in of_this if flag["kind"] != "few-labels"],
        "notes": [flag for flag in of_this if flag["kind"] == "few-labels"],
    }


def _some(mapping: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: mapping[name] for name in names}


def _number(value: Any) -> Any:
    """NaN becomes null; numpy numbers become Python's."""
    if value is None or isinstance(value, (str, bool)):
        return value
    if isinstance(value, (int, np.integer)):
        return int(value)
    return None if not np.isfinite(value) else float(value)
