"""AI judges: ask one (what it would take, a run), and whether one can be trusted, beside people on the same items."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import _runs
import _ui
import streamlit as st
from _constitution import constitution
from _judge_asking import asking, shown_run
from _judge_panel import panel
from _judges_here import KINDS, judges_here

from workbench.dataset.annotation_set import AnnotationSet
from workbench.errors import WorkbenchError
from workbench.figures.canvas import describe
from workbench.figures.judge_runs import conflict_table, slice_table
from workbench.figures.judging import (
    bias_chart,
    bias_table,
    person_table,
    watched_chart,
    watched_table,
)
from workbench.figures.reward import reliability_diagram, reliability_table
from workbench.figures.tables import whole_percents
from workbench.judging.alternative_annotator import EPSILON
from workbench.judging.export import with_verdicts
from workbench.judging.trust import Trust, trust
from workbench.judging.watched import CorrectedShare, Watched, agreement_watched, corrected_share
from workbench.judging.work import verdicts_of_run
from workbench.wording.judging import (
    beyond_chance_sentence,
    corrected_sentence,
    saving_sentence,
    trust_sentence,
    watched_sentence,
)

# ---------------------------------------------------------------- what is computed


def trusted(data: AnnotationSet, judge: str, run: str, epsilon: float, kin: tuple[str, ...]) -> Trust:
    """The report about a judge of the data, or about the judge of a finished run."""
    if not run:
        return trust(data, judge, epsilon=epsilon, kin=kin)
    judged = verdicts_of_run(data, _config(run))
    judged = replace(judged, spec=replace(judged.spec, model=judge.removeprefix("judge:")))
    return trust(with_verdicts(data, judged), judge, judged.verdicts, epsilon=epsilon, kin=kin)


def watched(data: AnnotationSet, judge: str, run: str) -> tuple[Watched, CorrectedShare]:
    """Agreement in bounds that may be looked at, and the share behind the judge's by its error rates."""
    if run:
        judged = verdicts_of_run(data, _config(run))
        spec = replace(judged.spec, model=judge.removeprefix("judge:"))
        data = with_verdicts(data, replace(judged, spec=spec))
    return agreement_watched(data, judge), corrected_share(data, judge)


def _config(run: str) -> dict[str, Any]:
    from workbench.runs import find

    return dict(find(run).config)


# ---------------------------------------------------------------- trust


def trust_of(data: AnnotationSet) -> None:
    """Everything about one judge beside people."""
    judges = judges_here(data)
    if not judges:
        st.info(
            "No AI judge stands in these data and none was asked yet. Open a judge's export together with the people's"
            " on *Start*, or ask one under *Ask*: `rule:longer` costs nothing and is the floor a judge should beat."
        )
        return
    left, middle, right = st.columns(3)
    chosen = left.selectbox("Judge", list(judges), format_func=_ui.safe_plain, key="jdg_who")
    stands_for = middle.segmented_control(
        "Would stand in for", list(EPSILON), default="crowd", required=True, key="jdg_for", bind="query-params",
        help=_ui.measure_help("alternative_annotator_test"),
    )  # fmt: skip
    kin = right.text_input(
        "Its own kin", key="jdg_kin", placeholder="gpt-4, o3", help="Beginnings of model names, by comma."
    )
    who, run = judges[chosen]
    families = tuple(k.strip() for k in kin.split(",") if k.strip())
    try:
        with st.spinner("Comparing"):
            found = _ui.shared(trusted, data, judge=who, run=run, epsilon=EPSILON[stands_for], kin=families)
    except WorkbenchError as error:
        _ui.problem(error)
        return
    st.markdown(f"#### {_ui.safe(trust_sentence(found))}", help=_ui.measure_help("alternative_annotator_test"))
    st.write(_ui.safe(beyond_chance_sentence(found)))
    st.write(_ui.safe(saving_sentence(found)))
    st.caption(f"{found.n:,} items judged by both; {found.n_set_aside:,} by one only are set aside.")
    seen, corrected = _ui.shared(watched, data, judge=who, run=run)
    st.markdown(_ui.safe(corrected_sentence(corrected)), help=_ui.measure_help("rogan_gladen"))
    st.markdown("##### What sways it", help=_ui.measure_help("judge_bias"))
    figure = bias_chart(found)
    _ui.chart(figure, "jdg_bias", alt=describe(figure), rows=lambda: bias_table(found), name="judge-bias")
    st.markdown("##### Beside each person")
    percent = st.column_config.NumberColumn
    st.dataframe(
        person_table(found),
        hide_index=True,
        key="jdg_people",
        placeholder="–",
        alt="The judge beside each person",
        column_config={
            "person": "Person",
            "n": percent("Items", format="localized"),
            "judge_rate": percent("Judge at least as good", format="%.3f"),
            "person_rate": percent("Person at least as good", format="%.3f"),
            "p_value": percent("p", format="%.3g"),
            "wins": "Keeps up",
            "kappa": percent("Kappa", format="%.3f"),
            "kappa_low": percent("from (same crew)", format="%.3f"),
            "kappa_high": percent("to", format="%.3f"),
        },
    )
    by_slice = slice_table(found)
    if len(by_slice):
        st.markdown("##### By slice")
        st.dataframe(
            whole_percents(by_slice, ("right", "low", "high", "no_verdict")),
            hide_index=True,
            key="jdg_slices",
            placeholder="–",
            alt="The judge on each value of each slice",
            column_config={
                "slice": "Slice",
                "value": "Value",
                "items": percent("Items", format="localized"),
                "right": percent("Direction of most people", format="percent"),
                "low": percent("from (same crew)", format="percent"),
                "high": percent("to", format="percent"),
                "no_verdict": percent("No verdict", format="percent"),
                "asked": percent("Asked", format="localized"),
            },
        )
    st.markdown("##### Looked at every day", help=_ui.measure_help("confidence_sequence"))
    st.write(_ui.safe(watched_sentence(seen, "Agreement with people")))
    if len(seen):
        figure = watched_chart(seen)
        _ui.chart(figure, "jdg_watched", alt=describe(figure), rows=lambda: watched_table(seen), name="judge-watched")
    distance, noise = found.kept.distance.value, found.kept.noise.value
    if distance is not None:
        beside = "" if noise is None else f"; between two halves of the people it is {noise:.3f}"
        st.write(
            f"Its answers lie {distance:.3f} from the people's distribution (Jensen-Shannon, 0 to 1){beside}.",
        )
    if found.calibration is not None and found.recalibrated is not None:
        st.markdown("##### Do its probabilities mean what they say?")
        figure = reliability_diagram(found.calibration, found.recalibrated)
        rows = reliability_table(found.calibration, found.recalibrated)
        _ui.chart(figure, "jdg_calibration", alt=describe(figure), rows=rows, name="judge-calibration")
    if found.principles is not None:
        st.markdown("##### Its principles")
        st.dataframe(
            [
                {
                    "principle": r.principle,
                    "with people": r.with_people.value,
                    "with its verdict": r.with_verdict.value,
                    "decides": r.decided,
                }
                for r in found.principles.reports
            ],
            hide_index=True,
            key="jdg_principle_table",
            alt="Which principle predicts people",
        )
        pulled = conflict_table(found.principles)
        if len(pulled):
            st.markdown("##### Principles that pull apart")
            st.dataframe(
                pulled.head(20),
                hide_index=True,
                key="jdg_conflicts",
                alt="Of the items on which both prefer a side, the share on which they prefer different ones",
                column_config={
                    "one": "Principle",
                    "other": "and",
                    "conflict": percent("prefer different sides", format="percent"),
                },
            )


st.title("Judges")
data = _ui.require_data()
if not data.has_pairs:
    st.info("These labels choose no side. Judges compare two responses.")
    st.stop()
tab_trust, tab_panel, tab_ask, tab_constitution = st.tabs(
    ["Trust", "Panel", "Ask", "Constitution"], key="jdg_tab", bind="query-params"
)
if tab_trust.open:
    with tab_trust:
        trust_of(data)
if tab_panel.open:
    with tab_panel:
        panel(data, judges_here(data))
if tab_constitution.open:
    with tab_constitution:
        constitution()
if tab_ask.open:
    with tab_ask:
        asking(data)
        run = _runs.chosen_run(KINDS)
        if run is not None:
            shown_run(data, run)
