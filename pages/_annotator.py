"""One annotator seen closely: one function a tab, run only while its tab is open."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import _ui
import pandas as pd
import streamlit as st

from workbench.annotators import Flags, Survey, confusion_counts, drift_by_slice, survey
from workbench.annotators.close_up import gold_answers, over_time, position_of, stands_alone, usually_right
from workbench.annotators.reading import time_bars
from workbench.dataset.annotation_set import AnnotationSet
from workbench.errors import counted
from workbench.figures.canvas import describe
from workbench.figures.people import PART_NAMES, confusion_map, evidence_bars, work_over_time
from workbench.figures.speed import time_histogram
from workbench.figures.tables import small_p, whole_percents
from workbench.reversals import pair_judgements
from workbench.reversals.drill_down import contradicted_items
from workbench.wording.annotators import course_sentence, evidence_sentence, gold_sentence, signals_sentence
from workbench.wording.numbers import number, percent

SURVEY = "from workbench.annotators import survey\nfrom workbench.annotators.close_up import position_of\n"


@dataclass(frozen=True)
class Seen:
    """The annotator that is open."""

    data: AnnotationSet
    found: Survey
    flags: Flags
    name: str
    row: dict[str, Any]

    @property
    def place(self) -> int:
        """Position among the annotators."""
        return position_of(self.found.others, self.name)

    def code(self, imported: str, call: str) -> str:
        """Python that gives what a tab shows."""
        return f"{SURVEY}from {imported}\n\nfound = survey(data)\nk = position_of(found.others, {self.name!r})\n{call}"


def over_the_work(seen: Seen) -> None:
    """Right over the course of the work, and since when not."""
    course = over_time(seen.found.others, seen.place)
    drifted = any(flag.kind == "drift" for flag in seen.flags.by_annotator.get(seen.name, ()))
    changed = int(seen.row["labels_before"]) if drifted else None
    if not course.parts["labels"].any():
        st.info(
            "None of these labels can be held against gold or against another annotator, so nothing is known about"
            " their course."
        )
        return
    crew, judged = _ui.cached(usual, seen.data)
    st.markdown(
        _ui.safe(f"{course_sentence(course.parts, crew)} n = {judged:,} labels of the crew."),
        help=_ui.measure_help("usual_right"),
    )
    figure = work_over_time(course, usual=crew, changed=changed)
    _ui.chart(
        figure,
        "ann_course",
        alt=describe(figure),
        rows=lambda: course.parts,
        name="work-over-time",
        annotator=seen.name,
        code=seen.code("workbench.annotators.close_up import over_time", "over_time(found.others, k).parts"),
    )
    known = (
        "" if course.dated else " The export has no dates for most of these labels, so a change in time cannot be told."
    )
    when = (
        f" Since {seen.row['changed_at']:%d %B %Y} right in about {percent(seen.row['accuracy_after'])}, before that in"
        f" {percent(seen.row['accuracy_before'])}."
        if drifted and pd.notna(seen.row["changed_at"])
        else ""
    )
    st.caption(
        _ui.safe(
            "Looks right: by gold, or by what everybody else says of the same item; where the others are unsure even a"
            f" good label looks half right, so compare with the crew (dashed). {signals_sentence(course)}{when}{known}"
        )
    )


def by_slice(seen: Seen) -> None:
    """Where the annotator became worse: one row a slice, each tested apart."""
    if not seen.data.slices:
        st.info(
            "The export has no slices (topics, languages, ...), so a change in one of them cannot be looked for. Map"
            " their columns when opening the file."
        )
        return
    column = seen.data.slices[0]
    if len(seen.data.slices) > 1:
        column = st.selectbox(
            "Slices by",
            seen.data.slices,
            format_func=lambda c: _ui.safe_plain(c.removeprefix("slice.")),
            key="ann_slice",
            bind="query-params",
            width=260,
        )
    with st.spinner("Looking for changes in every slice ...", show_time=True):
        whole: pd.DataFrame = _ui.shared(drifts, seen.data, column=column)
    table = (
        whole[whole["annotator"] == seen.place]
        .drop(columns="annotator")
        .sort_values("drift_adjusted", kind="stable", na_position="last")
    )
    changed = table[
        (table["drift_adjusted"] <= seen.flags.thresholds.level)
        & (table["drift_evidence"] >= seen.flags.thresholds.least_evidence)
    ]
    st.write(
        _ui.safe(
            f"Became less accurate in {', '.join(map(str, changed['slice']))}, as far as these labels alone tell."
            if len(changed)
            else "In no slice alone did this annotator become less accurate, as far as its labels there can tell."
        )
    )
    st.dataframe(
        table.assign(p=small_p(table["drift_adjusted"])),
        hide_index=True,
        key="ann_slices",
        placeholder="–",
        height=min(38 + 35 * max(len(table), 1), 320),
        alt="Changes by slice, the clearest first",
        column_order=["slice", "changed_at", "labels_before", "labels_after", "drift_evidence", "p"],
        column_config={
            "slice": st.column_config.TextColumn("Slice"),
            "changed_at": st.column_config.DatetimeColumn("Likeliest change (UTC)", format="YYYY-MM-DD HH:mm"),
            "labels_before": st.column_config.NumberColumn("Labels before"),
            "labels_after": st.column_config.NumberColumn("since"),
            "drift_evidence": st.column_config.NumberColumn(
                "Evidence",
                format="%.1f",
                help=(
                    "How strongly the labels speak for a fall against none: logarithm of the odds; 3 is 20 to 1, which"
                    " is strong"
                ),
            ),
            "p": st.column_config.TextColumn("p", help="Corrected for all annotators and slices"),
        },
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        _ui.download(
            lambda: table, "drift-by-slice", key="ann_slices_file", label="Download table", annotator=seen.name
        )
        _ui.copy_as_python(
            seen.code("workbench.annotators import drift_by_slice", f"drift_by_slice(found.others, {column!r})"),
            key="ann_slices_code",
        )
        st.caption("A change in one language or category alone is lost in the whole; few labels in a slice say little.")


def confusions(seen: Seen) -> None:
    """What was said of items that are what, and the mix of labels."""
    counts = confusion_counts(seen.found.others, seen.place)
    if counts.sum() == 0:
        st.info("None of these labels can be held against gold or against another annotator.")
        return
    labels = seen.data.scale.labels
    left, right = st.columns([3, 2], gap="large")
    with left:
        figure = confusion_map(counts, labels)
        _ui.chart(
            figure,
            "ann_confusion",
            alt=describe(figure),
            rows=lambda: pd.DataFrame(counts, index=labels, columns=labels).rename_axis("right").reset_index(),
            name="confusion",
            annotator=seen.name,
            code=seen.code("workbench.annotators import confusion_counts", "confusion_counts(found.others, k)"),
        )
    with right:
        row = seen.row
        facts = [
            (
                "Label given most",
                f"{labels[int(row['commonest'])]}, {percent(row['commonest_share'])}" if row["commonest"] >= 0 else "–",
            ),
            ("expected on these items", percent(row["commonest_expected"])),
        ]
        if row["longest_run"] == row["longest_run"]:
            facts += [
                ("Longest run of one label", f"{int(row['longest_run']):,} times {labels[int(row['run_label'])]}"),
                ("runs like it reach", f"about {row['run_expected']:.0f}"),
            ]
        if row["first_position_n"]:
            facts += [
                (
                    "Chose the response shown first",
                    f"{percent(row['first_position_rate'])} of {int(row['first_position_n']):,}",
                ),
                ("expected", percent(row["first_position_expected"])),
            ]
        if row["repeated"]:
            facts += [
                ("Same again when asked again", f"{percent(row['self_consistency'])} of {int(row['repeated']):,}")
            ]
        st.dataframe(
            pd.DataFrame(facts, columns=["What", "Value"]),
            hide_index=True,
            key="ann_facts",
            column_config={
                "What": st.column_config.TextColumn(width=210),
                "Value": st.column_config.TextColumn(width=130),
            },
            alt="Label mix, runs, first position and self-consistency",
        )
        if row["repeated"] and st.button("Open the pairs it contradicted itself on", key="ann_open_self"):
            _ui.open_items(
                contradicted_items(seen.data, _ui.shared(pair_judgements, seen.data), seen.name),
                f"{seen.name} contradicts itself",
            )
    st.caption(
        "Down: what gold says, or what the others say as far as they are sure; across: what this annotator said. A"
        " framed cell is a right one."
    )


def speed(seen: Seen) -> None:
    """Times beside the crew's."""
    found = seen.found.speed
    if not found.times.usable:
        st.info(_ui.safe(f"Times cannot be used: {found.times.reason}."))
        return
    if not seen.row["timed"]:
        st.info("No judgement of this annotator has a time.")
        return
    own, crew = time_bars(found, seen.data, seen.place), _ui.cached(crew_bars, seen.data)
    figure = time_histogram(own, crew, name=seen.name)
    _ui.chart(
        figure,
        "ann_times",
        alt=describe(figure),
        rows=lambda: own,
        name="times",
        annotator=seen.name,
        code=seen.code("workbench.annotators.reading import time_bars", "time_bars(found.speed, data, k)"),
    )
    floor = (
        ""
        if seen.row["under_floor_share"] != seen.row["under_floor_share"]
        else f" {percent(seen.row['under_floor_share'])} of them came faster than anybody can skim the texts."
    )
    timed = counted(seen.row["timed"], *(("batch", "batches") if found.unit == "batch" else ("judgement",)))
    st.caption(
        f"Takes {percent(seen.row['pace'])} of the usual time for texts of the same length, over {timed}.{floor}"
    )


def gold(seen: Seen) -> None:
    """Its answers on gold items."""
    answers = gold_answers(seen.found.others, seen.place)
    if answers.empty:
        st.info("This annotator has judged no item with gold.")
        return
    st.write(_ui.safe(gold_sentence(seen.row)))
    event = st.dataframe(
        answers.drop(columns="item"),
        hide_index=True,
        key="ann_gold",
        on_select="rerun",
        selection_mode="single-row",
        placeholder="–",
        height=min(38 + 35 * len(answers), 320),
        alt="Answers on gold items in order of time",
        column_config={
            "item_id": st.column_config.TextColumn("Item"),
            "label": st.column_config.TextColumn("Said"),
            "gold": st.column_config.TextColumn("Gold"),
            "right": st.column_config.CheckboxColumn("Right side"),
            "when": st.column_config.DatetimeColumn("When (UTC)", format="YYYY-MM-DD HH:mm"),
        },
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        wrong = answers.loc[~answers["right"], "item"].to_numpy()
        if len(wrong) and st.button(f"Open the {len(wrong):,} it got wrong", key="ann_open_gold"):
            _ui.open_items(wrong, f"{seen.name} against gold")
        _ui.download(
            lambda: answers.drop(columns="item"),
            "gold-answers",
            key="ann_gold_file",
            label="Download table",
            annotator=seen.name,
        )
        st.caption("Pick a row to open its item.")
    if event.selection.rows:
        _ui.open_items(answers["item"].to_numpy()[[event.selection.rows[0]]], f"{seen.name} on a gold item")


def alone(seen: Seen) -> None:
    """Where it stands against gold or everybody else."""
    table = stands_alone(seen.found.others, seen.place)
    if table.empty:
        st.info("There is no label of this annotator that gold or the others speak against.")
        return
    event = st.dataframe(
        whole_percents(table.drop(columns="item").head(500), ("right_chance",)),
        hide_index=True,
        key="ann_alone",
        on_select="rerun",
        selection_mode="single-row",
        placeholder="–",
        height=min(38 + 35 * len(table), 320),
        alt="Labels that gold or the others speak against",
        column_config={
            "item_id": st.column_config.TextColumn("Item"),
            "label": st.column_config.TextColumn("Said"),
            "judgements": st.column_config.NumberColumn("Judgements of the item"),
            "right_chance": st.column_config.ProgressColumn(
                "Chance that it is right",
                format="percent",
                min_value=0.0,
                max_value=1.0,
                help="That the direction is right, by gold or what the others say",
            ),
        },
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button(f"Open all {len(table):,} in Items", key="ann_open_alone"):
            _ui.open_items(table["item"].to_numpy(), f"{seen.name} against the others")
        _ui.download(
            lambda: table.drop(columns="item"),
            "stands-alone",
            key="ann_alone_file",
            label="Download table",
            annotator=seen.name,
        )
        st.caption("Pick a row to open its item. An annotator who stands alone can be the only one who read it.")
    if event.selection.rows:
        _ui.open_items(table["item"].to_numpy()[[event.selection.rows[0]]], f"{seen.name} against the others")


def evidence(seen: Seen) -> None:
    """What the reliability is made of."""
    row = seen.row
    if row["reliability"] != row["reliability"]:
        st.info(
            _ui.safe(
                "Nothing is known of how reliable this annotator is:"
                f" {row.get('reliability_reason') or 'there is no evidence'}."
            )
        )
        return
    figure = evidence_bars(row)
    parts = pd.DataFrame(
        [(PART_NAMES[name], row[f"part_{name}"]) for name in PART_NAMES], columns=["evidence", "log_odds"]
    )
    st.write(_ui.safe(evidence_sentence(row)))
    _ui.chart(
        figure,
        "ann_evidence",
        alt=describe(figure),
        rows=lambda: parts,
        name="evidence",
        annotator=seen.name,
        code=seen.code("workbench.annotators import annotator_table", "annotator_table(found).iloc[k]"),
    )
    st.caption(
        "Evidence with a wide error pulls little; a weight of nought leaves it out (What counts). Bars are differences"
        " of log-odds, since these add up.",
        help=(
            f"Log-odds are ln(p / (1 - p)). The crew stands at {number(float(row['crew']), 2)}; with the bars that"
            f" gives {number(float(row['log_odds']), 2)} for this annotator. Each bar is weight x (what the evidence"
            " says - the crew's) / error^2, over the sum of all weight / error^2 and the crew's own."
        ),
    )


def drifts(data: AnnotationSet, column: str) -> pd.DataFrame:
    return drift_by_slice(_ui.shared(survey, data).others, column)


def usual(data: AnnotationSet) -> tuple[float | None, int]:
    return usually_right(_ui.shared(survey, data).others)


def crew_bars(data: AnnotationSet) -> pd.DataFrame:
    return time_bars(_ui.shared(survey, data).speed, data)


TABS = {
    "Over time": over_the_work,
    "By slice": by_slice,
    "Confusions": confusions,
    "Against the others": alone,
    "Gold": gold,
    "Speed": speed,
    "Evidence": evidence,
}
