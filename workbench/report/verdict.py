"""First of the report: the verdict, the checks it adds up from, what was read, and what was found in the file."""

from __future__ import annotations

from html import escape

import pandas as pd

from workbench.aggregation import DEFAULT
from workbench.auditing.audit import Audit
from workbench.auditing.verdict import Check
from workbench.estimates import Estimate
from workbench.figures.badges import check_html, verdict_html
from workbench.figures.labels import label_table
from workbench.figures.palette import label_colours
from workbench.report.agreement import ALPHA
from workbench.report.contents import Column, Drawing, Figure, Section, Table
from workbench.report.drawing import Row, bars
from workbench.report.intervals import of_share
from workbench.report.written import Span
from workbench.wording.numbers import number

_COUNTED = "counted in the file itself"


def verdict_section(result: Audit, code: str) -> Section:
    """Can these labels be trusted, and what does that rest on?"""
    checks = [_check(result, check, i) for i, check in enumerate(result.verdict.checks)]
    c = result.counts
    below = (
        f"{c['annotations']:,} judgements of {c['items']:,} items by {c['annotators']:,} annotators;"
        f" {c['items_with_overlap']:,} items have labels from two annotators or more."
    )
    cards = "".join(
        f'<div class="card">{check_html(check)}<div class="note">{escape(_basis(figure))}</div></div>'
        for check, figure in zip(result.verdict.checks, checks, strict=True)
    )
    return Section(
        "verdict",
        "Verdict",
        code=code,
        boxes=(verdict_html(result.verdict, below), f'<div class="cards">{cards}</div>'),
        figures=(
            Figure(
                "verdict.status",
                "Verdict",
                result.verdict.status,
                "result.verdict.status",
                "text",
                n=len(checks),
                counted="checks",
                measure="verdict",
            ),
            *checks,
        ),
        listed=False,
    )


def _check(result: Audit, check: Check, place: int) -> Figure:
    """A check as a figure: what it turns on, what that was counted from, and its interval or why it has none."""
    n, of, counted, spans = _rests_on(result, check)
    return Figure(
        f"verdict.{check.name.replace(' ', '_')}",
        f"{check.name[:1].upper()}{check.name[1:]}: {check.status}",
        check.value,
        f"result.verdict.checks[{place}].value",
        "number",
        spans,
        n,
        of,
        counted,
        check.why if check.value is None else None,
        check.why + ("" if check.threshold is None else f" Line at {check.threshold:.2f}."),
        "verdict",
        "" if spans or check.value is None else _COUNTED,
    )


def _rests_on(result: Audit, check: Check) -> tuple[int | None, int | None, str, tuple[Span, ...]]:
    """Used, of how many, what, and the interval of the figure a check looks at."""
    c = result.counts
    judged = c["annotations"] + c["skips"]
    if check.name == "agreement beyond chance":
        return _of(result.direction[ALPHA], "items")
    if check.name == "labels on gold":
        return _of(result.labelled.scores[DEFAULT].on_direction(), "gold items")
    if check.name == "sides":
        chosen = int(result.annotators["first_position_n"].sum())
        return chosen, c["annotations"], "choices", of_share(check.value, chosen)
    if check.name in ("consistency over time", "consistency across slices"):
        weeks = check.name == "consistency over time"
        parts = {f"the week of {k}": e for k, e in result.weeks.items()} if weeks else _slices(result)
        part = next(((k, e) for k, e in parts.items() if e.same_crew is not None and e.value == check.value), None)
        return (None, None, "items", ()) if part is None else _of(part[1], f"items of {part[0]}")
    n, counted = {
        "overlap": (c["items"], "items"),
        "label mix": (c["annotations"], "labels"),
        "annotators": (c["annotations"], "labels"),
    }.get(check.name, (judged, "judgements"))
    return n, n, counted, ()


def _of(found: Estimate, counted: str) -> tuple[int, int, str, tuple[Span, ...]]:
    return (
        found.n,
        found.n + found.n_set_aside,
        counted,
        tuple(Span(i.crew, i.low, i.high) for i in (found.same_crew, found.new_crew) if i),
    )


def _slices(result: Audit) -> dict[str, Estimate]:
    return {
        f"{column.removeprefix('slice.')} {value}": e
        for column, values in result.slices.items()
        for value, e in values.items()
    }


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
            f"counts.{name}",
            title,
            c[name],
            f"result.counts[{name!r}]",
            "count",
            n=c[name] if name in wholes else None,
            of=wholes.get(name, (None,))[0],
            counted=wholes.get(name, ("", ""))[1],
        )
        for name, title in titles.items()
    ]
    figures += [
        Figure(
            f"counts.set_aside.{i}",
            f"Set aside: {why}",
            n,
            f"result.counts['set_aside'][{why!r}]",
            "count",
            n=n,
            of=read,
            counted="rows",
        )
        for i, (why, n) in enumerate(c["set_aside"].items())
    ]
    labels = label_table(result.labels, scale)
    colours = label_colours(scale.labels, scale.has_sides)
    rows = [
        Row(str(label), float(share), beside=f"{n:,}", colour=colour)
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
        [(f.level, f.code, f.message, f.remedy, f.count) for f in sorted(findings, key=lambda f: order.index(f.level))],
        columns=["level", "code", "message", "remedy", "rows"],
    )
    tables = [
        Table(
            "labels",
            "Labels",
            labels,
            (Column("label", "Label"), Column("judgements", "Judgements", "count"), Column("share", "Share", "share")),
            "result.labels",
            0,
        ),
        Table(
            "findings",
            "Findings in the data",
            frame,
            (
                Column("level", "Level"),
                Column("message", "What"),
                Column("remedy", "What to do"),
                Column("rows", "Rows", "count"),
            ),
            "[*data.findings, *result.findings]",
            note=(
                "Each finding holds the rows behind it; they are left out here, because they can name annotators and"
                " items."
            ),
        ),
    ]
    return Section("data", "Data", code=code, figures=tuple(figures), tables=tuple(tables), drawings=(drawing,))
