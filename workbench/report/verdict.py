"""First of the report: the verdict, the checks it adds up from, what was read, and what was found in the file."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

import pandas as pd

from workbench.auditing.audit import Audit
from workbench.auditing.check import Check
from workbench.auditing.thresholds import ASKS, DEFAULTS, Thresholds
from workbench.errors import counted
from workbench.figures.badges import check_html
from workbench.figures.palette import label_colours
from workbench.figures.tables import label_table
from workbench.report.contents import Column, Drawing, Figure, Section, Table
from workbench.report.drawing import Row, bars
from workbench.report.written import Span
from workbench.wording.numbers import number

_COUNTED = "counted in the file itself"


def judged_by(counts: Mapping[str, int]) -> str:
    """How many judgements, items and annotators there are, in words.

    >>> judged_by({"annotations": 1200, "items": 400, "annotators": 1})
    '1,200 judgements of 400 items by 1 annotator'
    """
    return (
        f"{counted(counts['annotations'], 'judgement')} of {counted(counts['items'], 'item')} by"
        f" {counted(counts['annotators'], 'annotator')}"
    )


def verdict_section(result: Audit, code: str) -> Section:
    """Can these labels be trusted, and what does that rest on?"""
    checks = [_check(check, i) for i, check in enumerate(result.verdict.checks)]
    c = result.counts
    below = (
        f"{judged_by(c)}; {counted(c['items_with_overlap'], 'item has', 'items have')} labels from two annotators or"
        " more."
    )
    cards = "".join(
        f'<div class="card">{check_html(check)}<div class="note">{escape(_basis(figure))}</div></div>'
        for check, figure in zip(result.verdict.checks, checks, strict=True)
    )
    return Section(
        name="verdict",
        title="The checks",
        code=code,
        says=(below,),
        boxes=(f'<div class="cards">{cards}</div>',),
        figures=(
            Figure(
                name="verdict.status",
                title="Verdict",
                value=result.verdict.status,
                python="result.verdict.status",
                unit="text",
                n=len(checks),
                counted="checks",
                measure="verdict",
            ),
            *checks,
        ),
        tables=(_lines(result.verdict.thresholds),),
        listed=False,
    )


def _check(check: Check, place: int) -> Figure:
    """A check as a figure: what it turns on, what that was counted from, and its interval or why it has none."""
    spans = tuple(Span(i.crew, i.low, i.high) for i in check.intervals)
    figure, line = check.held()
    return Figure(
        name=f"verdict.{check.name.replace(' ', '_')}",
        title=f"{check.name[:1].upper()}{check.name[1:]}: {check.status}",
        value=check.value,
        python=f"result.verdict.checks[{place}].value",
        unit="number",
        spans=spans,
        n=check.n,
        of=check.of,
        counted=check.counted,
        reason=check.why if check.value is None else None,
        note=check.why + (f" {check.figure[:1].upper()}{check.figure[1:]}: {figure}, {line}." if line else ""),
        measure="verdict",
        exact="" if spans or check.value is None else _COUNTED,
    )


def _lines(thresholds: Thresholds) -> Table:
    """The lines the checks were held to, and which of them are the project's own."""
    rows = [
        (name, ASKS[name], value, DEFAULTS[name], "own" if name in thresholds.changed else "default")
        for name, value in thresholds.to_dict().items()
    ]
    own = len(thresholds.changed)
    return Table(
        name="thresholds",
        title="Lines of the verdict",
        frame=pd.DataFrame(rows, columns=["line", "asks", "value", "default", "whose"]),
        columns=(
            Column("asks", "Line"),
            Column("value", "Drawn at", "number"),
            Column("default", "Default", "number"),
            Column("whose", "Whose"),
        ),
        python="result.verdict.thresholds.to_dict()",
        note=f"{own} of {len(rows)} lines are this project's own." if own else "All lines are the defaults.",
    )


def _basis(figure: Figure) -> str:
    """Interval and count of a check in a sentence or two."""
    spans = ", ".join(f"{s.about} {number(s.low, 2)} to {number(s.high, 2)}" for s in figure.spans)
    parts = [
        f"{spans[:1].upper()}{spans[1:]}.",
        f"Used {figure.used}." if figure.used else "",
        f"No interval: {figure.exact}." if figure.exact else "",
    ]
    return " ".join(part for part in parts if part and part != ".")


def data_section(result: Audit, code: str) -> Section:
    """What was read, what became of it, and which labels were given."""
    c, scale = result.counts, result.data.scale
    read = c["rows_read"]
    titles = {
        "rows_read": "Rows read",
        "annotations": "Judgements with a label",
        "items": "Items",
        "items_with_overlap": "Items with two labels or more",
        "annotators": "Annotators",
        "repeats": "Repeats of one's own judgement",
        "skips": "Skips and unreadable labels",
    }
    wholes = {
        "annotations": (read, "rows"),
        "repeats": (read, "rows"),
        "skips": (read, "rows"),
        "items_with_overlap": (c["items"], "items"),
    }
    figures = [
        Figure(
            name=f"counts.{name}",
            title=title,
            value=c[name],
            python=f"result.counts[{name!r}]",
            unit="count",
            n=c[name] if name in wholes else None,
            of=wholes.get(name, (None,))[0],
            counted=wholes.get(name, ("", ""))[1],
        )
        for name, title in titles.items()
    ]
    figures += [
        Figure(
            name=f"counts.set_aside.{i}",
            title=f"Set aside: {why}",
            value=n,
            python=f"result.counts['set_aside'][{why!r}]",
            unit="count",
            n=n,
            of=read,
            counted="rows",
        )
        for i, (why, n) in enumerate(c["set_aside"].items())
    ]
    labels = label_table(result.labels, scale)
    colours = label_colours(scale.labels, scale.has_sides)
    rows = [
        Row(name=str(label), value=float(share), beside=f"{n:,}", colour=colour)
        for label, n, share, colour in zip(labels["label"], labels["judgements"], labels["share"], colours, strict=True)
    ]
    drawing = Drawing(
        "Labels given",
        bars(
            rows[:40],
            unit="share",
            alt="Share of each label: " + ", ".join(f"{r.name} {r.value:.1%}" for r in rows[:12]) + ".",
        ),
    )
    findings = [*result.data.findings, *result.findings]
    order = ("error", "warning", "info")
    frame = pd.DataFrame(
        [
            (f.level, f.code, f.message, f.advice(), f.count)
            for f in sorted(findings, key=lambda f: order.index(f.level))
        ],
        columns=["level", "code", "message", "remedy", "rows"],
    )
    tables = [
        Table(
            name="labels",
            title="Labels",
            frame=labels,
            columns=(
                Column("label", "Label"),
                Column("judgements", "Judgements", "count"),
                Column("share", "Share", "share"),
            ),
            python="result.labels",
            shown=0,
        ),
        Table(
            name="findings",
            title="Findings in the data",
            frame=frame,
            columns=(
                Column("level", "Level"),
                Column("message", "What"),
                Column("remedy", "What to do"),
                Column("rows", "Rows", "count"),
            ),
            python="[*data.findings, *result.findings]",
            note=(
                "Each finding holds the rows behind it; they are left out here, because they can name annotators and"
                " items."
            ),
        ),
    ]
    return Section(
        name="data", title="Data", code=code, figures=tuple(figures), tables=tuple(tables), drawings=(drawing,)
    )
