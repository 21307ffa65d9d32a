"""Sequential tests of everybody on gold and on what others say, and their planner: two tabs of the Annotators page."""

from __future__ import annotations

from typing import Any

import _ui
import pandas as pd
import streamlit as st

from workbench.annotators import Design, Flags, SequentialTest, Survey, floor_rule, sequential_plan, survey
from workbench.annotators.close_up import decisions, position_of, sequential_on_work
from workbench.dataset.annotation_set import AnnotationSet
from workbench.errors import counted
from workbench.figures.canvas import describe
from workbench.figures.judging import watched_chart, watched_table
from workbench.figures.people import plan_curves, test_path
from workbench.figures.people_tables import decision_rows
from workbench.judging.watched import Watched, gold_watched
from workbench.wording.annotators import differ_sentence, plan_sentence, test_sentence
from workbench.wording.judging import watched_sentence

RATES = (0.001, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2)


def tested(data: AnnotationSet, test: SequentialTest, peers: bool) -> pd.DataFrame:
    return decisions(_ui.shared(survey, data).others, test, peers=peers)


def planned(data: AnnotationSet, test: SequentialTest, design: Design) -> Any:  # noqa: ARG001
    """Detections of a clicker and of an honest annotator, by the test and by the usual rule."""
    return (
        sequential_plan(test, 0.5, design),
        sequential_plan(test, test.p_good, design),
        floor_rule(0.5),
        floor_rule(test.p_good),
    )


def test_chosen(annotators: int, *, correct: bool) -> SequentialTest:
    """The test's sliders."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        alpha = st.select_slider(
            "Honest ones flagged, at most",
            RATES,
            0.05,
            format_func=lambda r: f"{100 * r:g}%",
            key="ann_alpha",
            bind="query-params",
            persist_state="session",
            width=220,
        )
        beta = st.select_slider(
            "Unreliable ones cleared, at most",
            RATES,
            0.05,
            format_func=lambda r: f"{100 * r:g}%",
            key="ann_beta",
            bind="query-params",
            persist_state="session",
            width=220,
        )
        good = st.select_slider(
            "Honest: right in",
            (0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95),
            0.8,
            format_func=lambda r: f"{100 * r:g}%",
            key="ann_good",
            bind="query-params",
            persist_state="session",
            width=200,
        )
        bad = st.select_slider(
            "Unreliable: right in",
            (0.35, 0.4, 0.45, 0.5, 0.55, 0.6),
            0.5,
            format_func=lambda r: f"{100 * r:g}%",
            key="ann_bad",
            bind="query-params",
            persist_state="session",
            width=200,
        )
    test = SequentialTest(good, bad, alpha, beta)
    return test.corrected(annotators) if correct else test


def gold_tests(data: AnnotationSet, found: Survey, flags: Flags) -> None:
    """The sequential test of everybody, and its path for one."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        with_peers = st.toggle(
            "Others' labels count too", value=True, key="ann_peers", bind="query-params", help="Else gold alone"
        )
        correct = st.toggle(
            f"Allow for {counted(len(data.annotators), 'annotator')}",
            value=True,
            key="ann_many",
            bind="query-params",
            help=(
                "So many are tested at once: the rate of false flags is shared among all, so that all together err as"
                " rarely as one would (Bonferroni)"
            ),
        )
    test = test_chosen(len(data.annotators), correct=correct)
    table = _ui.cached(tested, data, test=test, peers=with_peers)
    counts = table["decision"].value_counts().to_dict()
    st.markdown(
        f"#### {counts.get('flag', 0):,} flagged, {counts.get('clear', 0):,} cleared, {counts.get('undecided', 0):,}"
        " undecided.",
        help=_ui.measure_help("sequential_test"),
    )
    rows = decision_rows(table, flags)
    st.caption(differ_sentence(rows))
    st.session_state["ann_tested"] = table["annotator"].head(1_000).tolist()
    st.dataframe(
        rows.head(1_000),
        hide_index=True,
        key="ann_tests",
        on_select=pick_tested,
        selection_mode="single-cell",
        placeholder="–",
        height=min(38 + 35 * max(len(table), 1), 320),
        alt="Decisions of the sequential test",
        column_config={
            "annotator": st.column_config.TextColumn("Annotator", width=250),
            "decision": st.column_config.TextColumn("Test", width=110),
            "answers": st.column_config.TextColumn("after answers", width=150),
            "evidence": st.column_config.NumberColumn(
                "Evidence",
                format="%.1f",
                width=110,
                help=(
                    "How strongly all answers speak for careless work (above 0) or against it: the logarithm of the"
                    " odds, ln P(answers | unreliable) / P(answers | honest). 3 is 20 to 1."
                ),
            ),
            "flags": st.column_config.TextColumn(
                "Flagged above for", width=250, help="By all evidence, as in the tab Annotators"
            ),
        },
    )
    _ui.download(
        lambda: table.assign(flags=rows["flags"]),
        "sequential-test",
        key="ann_tests_file",
        label="Download table",
        alpha=test.alpha,
    )
    name = st.session_state.get("ann_test_who")
    if name not in st.session_state["ann_tested"]:
        name = table["annotator"].iloc[0]
    run = sequential_on_work(found.others, position_of(found.others, name), test, peers=with_peers)
    st.markdown(f"**{_ui.safe(name)}**: {_ui.safe(test_sentence(run, test, with_peers))}")
    if run.answers:
        figure = test_path(run, test)
        _ui.chart(
            figure,
            "ann_path",
            alt=describe(figure),
            rows=lambda: pd.DataFrame({"answer": range(1, run.answers + 1), "evidence": run.path}),
            name="sequential-test",
            annotator=name,
            code=(
                "from workbench.annotators import SequentialTest, survey\nfrom workbench.annotators.close_up import"
                " position_of, sequential_on_work\n\nfound = survey(data).others\nsequential_on_work(found,"
                f" position_of(found, {name!r}), {test!r}, peers={with_peers!r})"
            ),
        )
    right_so_far(data, name)
    st.caption(
        "Keep scoring until one of the two lines is crossed. Error rates are chosen beforehand, and looking after every"
        " answer costs nothing. Pick a row to see its path."
    )


def gold_seen(data: AnnotationSet, annotator: str) -> Watched:
    """How often somebody is right on gold, after each gold item."""
    return gold_watched(data, annotator)


def right_so_far(data: AnnotationSet, name: str) -> None:
    """Accuracy on gold in bounds that may be looked at every day."""
    seen = _ui.cached(gold_seen, data, annotator=name)
    st.markdown(_ui.safe(watched_sentence(seen, "Right on gold")), help=_ui.measure_help("confidence_sequence"))
    if len(seen):
        figure = watched_chart(seen)
        _ui.chart(figure, "ann_gold_seen", alt=describe(figure), rows=lambda: watched_table(seen), name="gold-watched")


def pick_tested() -> None:
    cells = st.session_state["ann_tests"]["selection"]["cells"]
    if cells:
        st.session_state["ann_test_who"] = st.session_state["ann_tested"][cells[0][0]]


def share_slider(label: str, options: tuple[float, ...], value: float, key: str, width: int) -> float:
    """A choice among shares, told in per cent."""
    return st.select_slider(
        label, options, value, format_func=lambda r: f"{100 * r:g}%", key=key, bind="query-params", width=width
    )


def planner(data: AnnotationSet, found: Survey, flags: Flags) -> None:  # noqa: ARG001
    """How soon who is found, before the work begins."""
    test = test_chosen(1, correct=False)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        share = share_slider("Tasks with gold", (0.02, 0.05, 0.1, 0.15, 0.2, 0.3), 0.1, "ann_share", 220)
        overlap = share_slider("Others judged by two peers", (0.0, 0.1, 0.25, 0.5, 0.75, 1.0), 1.0, "ann_overlap", 220)
        peers = share_slider("Peers are right in", (0.7, 0.75, 0.8, 0.84, 0.9, 0.95), 0.84, "ann_peer", 200)
    design = Design(gold_share=share, overlap=overlap, peer_accuracy=peers)
    clicker, honest, rule_clicker, rule_honest = _ui.cached(planned, data, test=test, design=design)
    st.markdown(
        f"#### {_ui.safe(plan_sentence(design, test, clicker, honest, rule_clicker, rule_honest))}",
        help=_ui.measure_help("sequential_test"),
    )
    curves = {
        "sequential test, random clicker": clicker,
        "sequential test, honest": honest,
        "usual rule, random clicker": rule_clicker,
        "usual rule, honest": rule_honest,
    }
    figure = plan_curves(curves)
    rows = (
        pd.DataFrame({name: pd.Series(c.flagged_by) for name, c in curves.items()}).rename_axis("tasks").reset_index()
    )
    _ui.chart(
        figure,
        "ann_plan",
        alt=describe(figure),
        rows=lambda: rows,
        name="plan",
        code=(
            "from workbench.annotators import Design, SequentialTest, floor_rule, sequential_plan\n\ntest, design ="
            f" {test!r}, {design!r}\nsequential_plan(test, 0.5, design), sequential_plan(test, test.p_good,"
            " design)\nfloor_rule(0.5), floor_rule(test.p_good)"
        ),
    )
    st.caption(
        "For a choice between two responses. The usual rule looks at gold alone, five in fifty tasks, and flags when"
        " cumulative accuracy is below 60% from the fifth answer on: it finds clickers late, and goes on flagging"
        " honest people for ever."
    )
