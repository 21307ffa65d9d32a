"""The annotators: how reliable each is, what that rests on, and whom to talk to."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from workbench.annotators import KINDS, agreement_with_others
from workbench.auditing.audit import Audit
from workbench.figures.palette import BLUE, VERMILLION
from workbench.report.contents import Column, Drawing, Figure, Section, Table
from workbench.report.drawing import Row, forest
from workbench.report.intervals import of_median
from workbench.report.names import Name, renamed
from workbench.statistics.proportions import normal_quantile, wilson
from workbench.wording.annotators import flags_sentence

DRAWN = 30
"""Annotators in the drawing, the least reliable first."""
_FEW = "the middle of fewer than six has none at 95%"
_COLUMNS = (
    Column("annotator", "Annotator", "id"),
    Column("kind", "Kind"),
    Column("annotations", "Judgements", "count"),
    Column("reliability", "Reliability", "share", low="reliability_low", high="reliability_high"),
    Column("gold_direction_accuracy", "Right side on gold", "share", low="gold_low", high="gold_high", n="gold_n"),
    Column(
        "agreement_with_others",
        "Agrees with others",
        "share",
        low="agreement_low",
        high="agreement_high",
        n="shared_items",
    ),
    Column(
        "first_position_rate",
        "Chose the first",
        "share",
        low="first_position_low",
        high="first_position_high",
        n="first_position_n",
    ),
    Column("median_seconds", "Median seconds", "plain"),
    Column("flags", "Flags"),
)


def people_section(result: Audit, code: str, name: Name, *, looked: bool) -> Section:
    """Who labels well, whom to talk to, and why?

    Parameters
    ----------
    name : what an annotator is called in the report.
    looked : whether the audit estimated accuracies and raised flags.
    """
    flags = renamed(result.flags, name)
    frame = _frame(result, name)
    n, whole = len(result.flags.flagged), len(frame)
    says = (
        [flags_sentence(flags)]
        if looked
        else [
            "No annotator's accuracy was estimated and nobody was flagged: there are too many judgements for that"
            " unless it is asked for."
        ]
    )
    if result.flags.note:
        says.append(result.flags.note)
    figures = [
        Figure(
            name="annotators.flagged",
            title="Annotators with a flag",
            value=n if looked else None,
            python="len(result.flags.flagged)",
            unit="count",
            n=n if looked else None,
            of=whole,
            counted="annotators",
            reason=None if looked else "annotators were not looked at closely",
            measure="flags",
        )
    ]
    figures += [
        Figure(
            name=f"annotators.flagged.{kind}",
            title=f"Flagged: {kind}",
            value=result.flags.counts.get(kind, 0),
            python=f"result.flags.counts.get({kind!r}, 0)",
            unit="count",
            n=result.flags.counts.get(kind, 0),
            of=whole,
            counted="annotators",
            note=says_kind,
            measure="flags",
        )
        for kind, says_kind in KINDS.items()
        if looked
    ]
    figures += [
        _median(frame, column, title, measure)
        for column, title, measure in (
            ("reliability", "Reliability of the middle annotator", "reliability"),
            ("agreement_with_others", "Agreement with others, middle annotator", "agreement_with_others"),
        )
    ]
    times = result.times
    figures.append(
        Figure(
            name="speed.median_seconds",
            title="Median seconds of a judgement",
            value=times.median_seconds,
            python="result.times.median_seconds",
            unit="plain",
            spans=of_median(_seconds(result)),
            n=times.known if times.usable else None,
            of=times.annotations,
            counted="judgements",
            reason=None if times.usable else times.reason,
            note=(times.reason or "") if times.usable else "",
            measure="pace",
            exact=_FEW if times.usable and times.known < 6 else "",
        )
    )
    if looked and times.usable:
        figures.append(
            Figure(
                name="speed.fast",
                title="Judgements faster than the texts can be read",
                value=result.fast,
                python="result.fast",
                unit="count",
                n=times.known,
                of=times.annotations,
                counted="judgements",
                reason=None if result.fast is not None else "it was not looked at",
                measure="reading_floor",
            )
        )
    shown = tuple(c for c in _COLUMNS if c.name != "kind" or frame["kind"].nunique() > 1)
    tables = [
        Table(
            name="annotators",
            title="All annotators",
            frame=frame,
            columns=shown,
            python=(
                "result.annotators.sort_values(['flagged', 'annotations'], ascending=False, kind='stable')"
                if looked
                else "result.annotators.sort_values('annotations', ascending=False, kind='stable')"
            ),
            shown=100,
            note="Those with a flag first, then those with the most judgements. Below a share its 95% interval and what"
            " it"
            " was counted from; median seconds are those of the file's times. More columns are in the CSV and JSON"
            " files.",
        )
    ]
    listed = flags.to_frame()
    if len(listed):
        columns = (
            Column("annotator", "Annotator", "id"),
            Column("kind", "Flag"),
            Column("why", "Why"),
            Column("p_value", "p, corrected", "p"),
        )
        tables.insert(
            0,
            Table(
                name="flags",
                title="Flags, the surest first",
                frame=listed,
                columns=columns,
                python="result.flags.to_frame()",
                shown=60,
                note="A flag is a reason to look at somebody's work, not a verdict. Of each kind, one in twenty at most"
                " is"
                " expected to be false.",
            ),
        )
    drawings = (
        (Drawing(f"Reliability, the {min(DRAWN, whole):,} lowest" if whole > DRAWN else "Reliability", _drawn(frame)),)
        if looked and frame["reliability"].notna().any()
        else ()
    )
    return Section(
        name="annotators",
        title="Annotators",
        says=tuple(says),
        code=code,
        figures=tuple(figures),
        tables=tuple(tables),
        drawings=drawings,
    )


def _frame(result: Audit, name: Name) -> pd.DataFrame:
    """One row an annotator, those with a flag first, with an interval beside each share."""
    frame = result.annotators.copy()
    peers = agreement_with_others(result.data)
    reach = normal_quantile() * peers["standard_error"].to_numpy(float)
    frame["agreement_low"] = np.clip(frame["agreement_with_others"] - reach, 0, 1)
    frame["agreement_high"] = np.clip(frame["agreement_with_others"] + reach, 0, 1)
    for share, count in (("first_position_rate", "first_position_n"), ("self_consistency", "repeated")):
        stem = share.removesuffix("_rate")
        frame[f"{stem}_low"], frame[f"{stem}_high"] = wilson(frame[share].to_numpy(float), frame[count].to_numpy(float))
    for column in ("flags", "flagged"):
        if column not in frame:
            frame[column] = "" if column == "flags" else False
    frame = frame.sort_values(["flagged", "annotations"], ascending=False, kind="stable")
    names = [c for c in ("annotator", "copies_with") if c in frame]
    for column in names:
        frame[column] = [name(who) if isinstance(who, str) and who else who for who in frame[column]]
    return frame.reset_index(drop=True)


def _seconds(result: Audit) -> np.ndarray:
    """Known times, in seconds; none where they cannot be used."""
    seconds = result.data.annotations["seconds"].to_numpy(float)
    return seconds[np.isfinite(seconds)] if result.times.usable else seconds[:0]


def _median(frame: pd.DataFrame, column: str, title: str, measure: str) -> Figure:
    known = frame[column].dropna()
    value = float(known.median()) if len(known) else None
    spread: Mapping[str, float] = (
        {} if value is None else {"low": float(known.quantile(0.1)), "high": float(known.quantile(0.9))}
    )
    note = f"Eight in ten annotators lie between {spread['low']:.0%} and {spread['high']:.0%}." if spread else ""
    return Figure(
        name=f"annotators.{column}.median",
        title=title,
        value=value,
        python=f"result.annotators[{column!r}].median()",
        unit="share",
        spans=of_median(known.to_numpy(float), "new crew"),
        n=len(known),
        of=len(frame),
        counted="annotators",
        reason=None if value is not None else "it is known of nobody",
        note=note,
        measure=measure,
        exact=_FEW if 0 < len(known) < 6 else "",
    )


def _drawn(frame: pd.DataFrame) -> str:
    known = frame[frame["reliability"].notna()].sort_values("reliability", kind="stable").head(DRAWN)
    rows = [
        Row(
            name=str(r.annotator),
            value=float(r.reliability),  # type: ignore[arg-type]
            same=(float(r.reliability_low), float(r.reliability_high)),  # type: ignore[arg-type]
            new=None,
            beside=str(r.flags),
            colour=VERMILLION if r.flagged else BLUE,
        )
        for r in known.itertuples()
    ]
    return forest(
        rows,
        unit="share",
        alt=(
            "Reliability of annotators with its 95% interval, the lowest first; those with a flag in vermillion, the"
            " flag beside."
        ),
        within=(0.0, 1.0),
    )
