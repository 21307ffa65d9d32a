"""Several judges together: what they decide, what they are worth, and what a filter by consistency costs."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import _ui
import streamlit as st
from _judges_elsewhere import scope_of
from _judges_here import Judges

from workbench.dataset.annotation_set import AnnotationSet
from workbench.errors import WorkbenchError
from workbench.figures.canvas import describe
from workbench.figures.judge_runs import anchors_chart, anchors_table
from workbench.judging.anchor_rounds import anchors_file, drift_since_first, rounds_of
from workbench.judging.anchors import drift_in_data
from workbench.judging.export import with_verdicts
from workbench.judging.reconciling import Reconciled
from workbench.judging.several import several
from workbench.judging.work import verdicts_of_run
from workbench.runs import find
from workbench.wording.judging import drift_sentence, filtered_sentence, several_sentence


def with_runs(data: AnnotationSet, chosen: list[tuple[str, str, str]]) -> tuple[AnnotationSet, dict[str, Reconciled]]:
    """The data with the verdicts of runs among the annotators, each under its name on the page; and the answers of
    these.
    """
    answers, asked = {}, data  # the ledger of a run is found by the data it was asked about
    for name, _, run in chosen:
        if run:
            judged = verdicts_of_run(asked, find(run).config)
            data = with_verdicts(data, replace(judged, spec=replace(judged.spec, kind="judge", model=name)))
            answers[f"judge:{name}"] = judged.verdicts
    return data, answers


def names_of(chosen: list[tuple[str, str, str]]) -> list[str]:
    """Names of the annotators of `with_runs`."""
    return [f"judge:{name}" if run else who for name, who, run in chosen]


def together(data: AnnotationSet, chosen: list[tuple[str, str, str]], quorum: int, least: int, share: float) -> Any:
    """What they decide together."""
    judged, answers = with_runs(data, chosen)
    given = {"quorum": quorum, "least_votes": least, "share": share}
    return several(judged, names_of(chosen), answers=answers, **given)


def drifted(data: AnnotationSet, chosen: list[tuple[str, str, str]]) -> Any:
    """Whether the second is still the first."""
    return drift_in_data(with_runs(data, chosen)[0], *names_of(chosen))


def anchored(data: AnnotationSet, judge: str) -> None:
    """Whether a judge is still the one of its first round on the frozen pairs."""
    try:
        rounds = rounds_of(anchors_file(scope_of(data)[0]), judge)
        drift = drift_since_first(rounds)
    except WorkbenchError as error:
        _ui.problem(error)
        return
    found = drift[-1] if drift else None
    if found is None:
        if rounds:
            st.caption(f"{len(rounds[0].scores):,} frozen pairs were judged once: the next run is held against that.")
        return
    st.write(_ui.safe(f"Since {rounds[0].judged_at[:10]}, on the frozen pairs: {drift_sentence(found)}"))
    figure = anchors_chart(rounds, drift)
    _ui.chart(
        figure, f"jdg_anchors_{judge}", alt=describe(figure), rows=lambda: anchors_table(rounds, drift), name="anchors"
    )


def every_anchored(data: AnnotationSet) -> None:
    """All judges with rounds on the frozen pairs."""
    rounds = rounds_of(anchors_file(scope_of(data)[0]))
    for judge in dict.fromkeys(each.judge for each in rounds):
        st.markdown(f"##### {_ui.safe(judge)} on the frozen pairs", help=_ui.measure_help("judge_drift"))
        anchored(data, judge)


def panel(data: AnnotationSet, judges: Judges) -> None:
    """Choice of judges, and what comes of it."""
    if not judges:
        st.info("No AI judge stands in these data and none was asked yet.")
        return
    picked = st.multiselect(
        "Judges together", list(judges), default=list(judges)[:3], format_func=_ui.safe_plain, key="jdg_panel"
    )
    left, middle, right = st.columns(3)
    quorum = int(left.number_input("Verdicts an item needs", 1, 20, 2, key="jdg_quorum"))
    least = int(
        middle.number_input(
            "Answers the filter needs", 2, 100, 4, key="jdg_least", help="One answer always agrees with itself."
        )
    )
    share = right.slider("Share of answers alike", 0.5, 1.0, 0.8, 0.05, key="jdg_alike")
    if not picked:
        st.info("Choose at least one judge. Of one alone, its repeated answers are looked at.")
        return
    chosen = [(name, *judges[name]) for name in picked]
    try:
        found = _ui.shared(together, data, chosen=chosen, quorum=quorum, least=least, share=share)
    except WorkbenchError as error:
        _ui.problem(error)
        return
    st.markdown(f"#### {_ui.safe(several_sentence(found))}", help=_ui.measure_help("effective_judges"))
    st.write(_ui.safe(filtered_sentence(found.filtered)))
    st.caption("Consistency is not correctness: a filter keeps easy items, and figures from the kept are biased.")
    _ui.download(lambda: found.verdicts.table, "panel", key="jdg_panel_file", label="Download what they decide")
    versions(data, judges)
    every_anchored(data)


def versions(data: AnnotationSet, judges: Judges) -> None:
    """Two versions of a judge on unchanged pairs."""
    if len(judges) < 2:
        return
    st.markdown("##### Did the data change, or the judge?")
    left, right = st.columns(2)
    listed = list(judges)
    before = left.selectbox("Earlier", listed, format_func=_ui.safe_plain, key="jdg_before")
    after = right.selectbox("Later", listed, format_func=_ui.safe_plain, key="jdg_after")
    if before == after:
        st.caption("Choose two runs, or two versions in the data: what differs on unchanged pairs is the judge's own.")
        return
    try:
        found = _ui.shared(drifted, data, chosen=[(name, *judges[name]) for name in (before, after)])
    except WorkbenchError as error:
        _ui.problem(error)
        return
    st.write(_ui.safe(drift_sentence(found)))
