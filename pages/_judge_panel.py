"""Several judges together: what they decide, what they are worth, and what a filter by consistency costs."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import _ui
import streamlit as st

from workbench.dataset.annotation_set import AnnotationSet
from workbench.errors import WorkbenchError
from workbench.judging.anchors import drift_in_data
from workbench.judging.export import with_verdicts
from workbench.judging.several import several
from workbench.judging.work import verdicts_of_run
from workbench.runs import find
from workbench.wording.judging import drift_sentence, filtered_sentence, several_sentence

Judges = dict[str, tuple[str, str]]
"""Name on the page -> (annotator, run; empty where it stands in the data)."""


def with_runs(data: AnnotationSet, chosen: list[tuple[str, str, str]]) -> AnnotationSet:
    """The data with the verdicts of runs among the annotators, each under its name on the page."""
    for name, _, run in chosen:
        if run:
            judged = verdicts_of_run(data, find(run).config)
            data = with_verdicts(data, replace(judged, spec=replace(judged.spec, kind="judge", model=name)))
    return data


def names_of(chosen: list[tuple[str, str, str]]) -> list[str]:
    """Names of the annotators of `with_runs`."""
    return [f"judge:{name}" if run else who for name, who, run in chosen]


def together(data: AnnotationSet, chosen: list[tuple[str, str, str]], quorum: int, least: int, share: float) -> Any:
    """What they decide together."""
    return several(with_runs(data, chosen), names_of(chosen), quorum=quorum, least_votes=least, share=share)


def drifted(data: AnnotationSet, chosen: list[tuple[str, str, str]]) -> Any:
    """Whether the second is still the first."""
    return drift_in_data(with_runs(data, chosen), *names_of(chosen))


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
