"""An audit as lines of text, for a terminal: the verdict, then a few lines for each thing it looked at."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from workbench.aggregation import Comparison
from workbench.annotators import Flags, Survey
from workbench.auditing.check import ORDER, Check
from workbench.auditing.verdict import Verdict
from workbench.dataset.annotation_set import AnnotationSet
from workbench.dataset.usable_times import Times
from workbench.errors import counted
from workbench.estimates import Estimate
from workbench.findings import Finding
from workbench.messages import Words, in_python
from workbench.reversals import Reversals
from workbench.reversals.cycles import Triads

NAMED = 10
"""Flagged annotators that are named; the rest is counted."""


class Audited(Protocol):
    """What is written down of an audit; `workbench.auditing.audit.Audit` says what each part is."""

    @property
    def data(self) -> AnnotationSet: ...  # noqa: D102
    @property
    def counts(self) -> Mapping[str, Any]: ...  # noqa: D102
    @property
    def labels(self) -> Mapping[str, int]: ...  # noqa: D102
    @property
    def agreement(self) -> Mapping[str, Estimate]: ...  # noqa: D102
    @property
    def flags(self) -> Flags: ...  # noqa: D102
    @property
    def fast(self) -> int | None: ...  # noqa: D102
    @property
    def times(self) -> Times: ...  # noqa: D102
    @property
    def reversals(self) -> Reversals: ...  # noqa: D102
    @property
    def labelled(self) -> Comparison: ...  # noqa: D102
    @property
    def findings(self) -> tuple[Finding, ...]: ...  # noqa: D102
    @property
    def verdict(self) -> Verdict: ...  # noqa: D102
    @property
    def surveyed(self) -> Survey | None: ...  # noqa: D102


def audit_lines(result: Audited, words: Words = in_python) -> list[str]:
    """The whole audit, a blank line between its parts."""
    parts = [
        [result.verdict.sentence],
        _checks(result.verdict.checks),
        _rows(result),
        _assumed(result),
        ["Agreement", *(f"  {estimate}" for estimate in result.agreement.values())],
        ["Annotators", *_annotators(result)],
        ["Reversals", *_reversals(result)],
        ["Labels", *_labels(result)],
        [
            f"  {f.level}: {f.message} {f.advice(words)}"
            for f in (*result.data.findings, *result.findings)
            if f.level != "info"
        ],
    ]
    lines: list[str] = []
    for part in parts:
        if part:
            lines += [*([""] if lines else []), *part]
    return lines


def _checks(checks: tuple[Check, ...]) -> list[str]:
    """What stops first, what is ready last; below each what to do about it."""
    lines = []
    for check in sorted(checks, key=lambda each: -ORDER.index(each.status)):
        lines.append(f"  {check.status:<7} {check.name}: {check.why}{_line(check)}")
        if check.remedy:
            lines.append(f"  {'':<7} -> {check.remedy}")
    return lines


def _line(check: Check) -> str:
    """The figure a check turns on, beside its line."""
    figure, line = check.held()
    return f" [{check.figure} {figure}; {line}]" if line and check.value is not None else ""


def _rows(result: Audited) -> list[str]:
    c = result.counts
    set_aside = "".join(f", {n:,} set aside ({reason})" for reason, n in c["set_aside"].items())
    return [
        (
            f"{counted(c['annotations'], 'annotation')} of {counted(c['items'], 'item')} by"
            f" {_people(result)}; {counted(c['items_with_overlap'], 'item')} with two labels or"
            " more."
        ),
        (
            f"Read {counted(c['rows_read'], 'row')}: {counted(c['repeats'], 'repeat')}, {c['skips']:,} without a"
            f" label{set_aside}."
        ),
        "Labels: " + ", ".join(f"{label} {n:,}" for label, n in list(result.labels.items())[:9]) + ".",
    ]


def _people(result: Audited) -> str:
    """How many people there are, as far as they have ids."""
    slots = len(result.data.slots)
    named = result.counts["annotators"] - slots
    if not slots:
        return counted(named, "annotator")
    without = f"people without ids, at most {slots:,} an item"
    return f"{counted(named, 'annotator')} and {without}" if named else without


def _assumed(result: Audited) -> list[str]:
    """What reading the files took for granted, and how to say otherwise."""
    found = [f"  {f.message} {f.remedy}".rstrip() for f in result.data.findings if f.level == "info"]
    return ["Read so", *found] if found else []


def _annotators(result: Audited) -> list[str]:
    """Who is flagged and why, and how fast the judgements are."""
    flags = {name: result.flags.by_annotator[name] for name in result.flags.flagged}
    lines = [
        f"  {name}: {'; '.join(f'{flag.kind} ({flag.why})' for flag in found if flag.kind != 'few-labels')}"
        for name, found in list(flags.items())[:NAMED]
    ]
    if len(flags) > NAMED:
        lines.append(f"  and {len(flags) - NAMED:,} more")
    if result.surveyed is None:
        lines.append("  Nobody was looked at closely.")
    elif result.counts["annotators"] == len(result.data.slots):
        lines.append("  Nobody can be looked at: the judgements carry no annotator ids.")
    elif not flags:
        lines.append("  Nobody is flagged.")
    if result.times.usable:
        fast = (
            "" if result.fast is None else f"; {counted(result.fast, 'judgement')} faster than the texts can be skimmed"
        )
        lines.append(f"  Times: median {result.times.median_seconds:.3g} seconds{fast}.")
    else:
        lines.append(f"  Times cannot be used: {result.times.reason}.")
    return lines


def _reversals(result: Audited) -> list[str]:
    """Contradictions of each kind, of how many."""
    found = result.reversals
    between, within, order = found.between, found.within, found.order
    p = "" if order.p_value is None else f", p = {order.p_value:.2g}"
    return [
        (
            f"  between annotators: {_share(between.rate)} ({between.reversed:,} of {counted(between.pairs, 'pair')} of"
            " choices)"
        ),
        (
            f"  within an annotator: {_share(within.rate)} ({within.contradictory:,} of"
            f" {counted(within.decisive, 'pair')} judged again)"
        ),
        f"  shown first and chosen: {_share(order.first_position)}{p}",
        f"  circles within an annotator: {_circles(found.cycles.within_annotator)}",
        f"  circles in the majority: {_circles(found.cycles.majority)}",
    ]


def _circles(found: Triads) -> str:
    if found.reason:
        return found.reason
    expected = "" if found.expected is None else f", {found.expected:.3g} expected from noise"
    return f"{found.cyclic:,} of {found.triads:,} triples{expected}"


def _labels(result: Audited) -> list[str]:
    """How the methods do on gold that they were not given."""
    lines = []
    for name, labels in result.labelled.results.items():
        score = result.labelled.scores[name]
        if score.accuracy is None or score.interval is None or score.nll is None:
            lines.append(f"  {name}: {labels.n_decided:,} items decided; not held against gold ({score.reason})")
        else:
            low, high = score.interval
            lines.append(
                f"  {name}: {labels.n_decided:,} items decided; right on {score.accuracy:.1%} ({low:.1%} to {high:.1%},"
                f" same crew) of {counted(score.n, 'gold item')}, {score.nll:.3f} nats"
            )
    return lines


def _share(estimate: Estimate) -> str:
    """A share with its interval, or why there is none."""
    if estimate.value is None:
        return f"undefined, {estimate.reason}"
    intervals = "".join(f", {i.crew} {i.low:.1%} to {i.high:.1%}" for i in (estimate.same_crew, estimate.new_crew) if i)
    return f"{estimate.value:.1%}{intervals}"
