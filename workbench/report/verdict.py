"""First of the report: the verdict, the checks it adds up from, what was read, and what was found in the file."""

from __future__ import annotations

from html import escape

import pandas as pd

from workbench.aggregation import DEFAULT
from workbench.audit import Audit
from workbench.figures.badges import check_html, verdict_html
from workbench.figures.canvas import bounds
from workbench.figures.labels import label_table
from workbench.figures.palette import label_colours
from workbench.report.contents import Column, Drawing, Figure, Section, Table
from workbench.report.drawing import Row, bars


def verdict_section(result: Audit, code: str) -> Section:
    """Can these labels be trusted, and what does that rest on?"""
    counted = _counted(result)
    checks = [
        Figure(
            f"verdict.{check.name.replace(' ', '_')}", f"{check.name[:1].upper()}{check.name[1:]}: {check.status}", check.value, f"result.verdict.checks[{i}].value", "number",
            n=counted.get(check.name, (None, None, ""))[0], of=counted.get(check.name, (None, None, ""))[1], counted=counted.get(check.name, (None, None, ""))[2],
            reason=check.why if check.value is None else None, note=check.why + ("" if check.threshold is None else f" Line at {check.threshold:.2f}."), measure="verdict",
        )
        for i, check in enumerate(result.verdict.checks)
    ]  # fmt: skip
    c = result.counts
    below = f"{c['annotations']:,} judgements of {c['items']:,} items by {c['annotators']:,} annotators; {c['items_with_overlap']:,} items have labels from two annotators or more."
    cards = "".join(
        f'<div class="card">{check_html(check)}<div class="note">{_span(result, check.name)}Used {escape(figure.used)}.</div></div>'
        for check, figure in zip(result.verdict.checks, checks, strict=True)
    )
    return Section(
        "verdict", "Verdict", code=code,
        boxes=(verdict_html(result.verdict, below), f'<div class="cards">{cards}</div>'),
        figures=(Figure("verdict.status", "Verdict", result.verdict.status, "result.verdict.status", "text", n=len(checks), counted="checks", measure="verdict"), *checks),
        listed=False,
    )  # fmt: skip


def _span(result: Audit, name: str) -> str:
    """The new-crew interval of alpha beside the check that looks at its same-crew interval."""
    alpha = result.direction["krippendorff_alpha.nominal"]
    if name != "agreement beyond chance" or alpha.same_crew is None:
        return ""
    new = f", new crew {bounds(alpha.new_crew, 2)}" if alpha.new_crew else ""
    return f"Same crew {bounds(alpha.same_crew, 2)}{new}. "


def _counted(result: Audit) -> dict[str, tuple[int, int, str]]:
    """Check -> what its figure was computed from: used, of how many, what."""
    c, alpha = result.counts, result.direction["krippendorff_alpha.nominal"]
    judged = c["annotations"] + c["skips"]
    chosen = int(result.annotators["first_position_n"].sum())
    gold = result.labelled.scores[DEFAULT]
    return {
        "overlap": (c["items"], c["items"], "items"),
        "agreement beyond chance": (alpha.n, alpha.n + alpha.n_set_aside, "items"),
        "missing labels": (judged, judged, "judgements"),
        "label mix": (c["annotations"], c["annotations"], "labels"),
        "sides": (chosen, c["annotations"], "choices"),
        "consistency over time": (alpha.n, alpha.n + alpha.n_set_aside, "items"),
        "consistency across slices": (alpha.n, alpha.n + alpha.n_set_aside, "items"),
        "annotators": (c["annotations"], judged, "judgements"),
        "labels on gold": (gold.n, gold.n + gold.n_set_aside, "gold items"),
    }


def data_section(result: Audit, code: str) -> Section:
    """What was read, what became of it, and which labels were given."""
    c, scale = result.counts, result.data.scale
    read = c["rows_read"]
    titles = {
        "rows_read": "Rows read", "annotations": "Judgements with a label", "items": "Items", "items_with_overlap": "Items with two labels or more",
        "annotators": "Annotators", "repeats": "Repeats of one's own judgement", "skips": "Skips and unreadable labels",
    }  # fmt: skip
    wholes = {"annotations": (read, "rows"), "repeats": (read, "rows"), "skips": (read, "rows"), "items_with_overlap": (c["items"], "items")}
    figures = [
        Figure(f"counts.{name}", title, c[name], f"result.counts[{name!r}]", "count", n=c[name] if name in wholes else None, of=wholes.get(name, (None,))[0], counted=wholes.get(name, ("", ""))[1])
        for name, title in titles.items()
    ]  # fmt: skip
    figures += [
        Figure(f"counts.set_aside.{i}", f"Set aside: {why}", n, f"result.counts['set_aside'][{why!r}]", "count", n=n, of=read, counted="rows")
        for i, (why, n) in enumerate(c["set_aside"].items())
    ]
    labels = label_table(result.labels, scale)
    colours = label_colours(scale.labels, scale.has_sides)
    rows = [
        Row(str(label), float(share), beside=f"{n:,}", colour=colour)
        for label, n, share, colour in zip(labels["label"], labels["judgements"], labels["share"], colours, strict=True)
    ]
    drawing = Drawing(
        "Labels given", bars(rows[:40], unit="share", alt="Share of each label: " + ", ".join(f"{r.name} {r.value:.1%}" for r in rows[:12]) + ".")
    )
    findings = [*result.data.findings, *result.findings]
    order = ("error", "warning", "info")
    frame = pd.DataFrame(
        [(f.level, f.code, f.message, f.remedy, f.count) for f in sorted(findings, key=lambda f: order.index(f.level))],
        columns=["level", "code", "message", "remedy", "rows"],
    )
    tables = [
        Table("labels", "Labels", labels, (Column("label", "Label"), Column("judgements", "Judgements", "count"), Column("share", "Share", "share")), "result.labels", 0),
        Table(
            "findings", "Findings in the data", frame,
            (Column("level", "Level"), Column("message", "What"), Column("remedy", "What to do"), Column("rows", "Rows", "count")),
            "[*data.findings, *result.findings]", note="Each finding holds the rows behind it; they are left out here, because they can name annotators and items.",
        ),
    ]  # fmt: skip
    return Section("data", "Data", code=code, figures=tuple(figures), tables=tuple(tables), drawings=(drawing,))
