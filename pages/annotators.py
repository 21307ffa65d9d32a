"""Who labels well, whom to talk to and why: everything about each annotator, one seen closely, sequential gold tests, and what they cost."""

from __future__ import annotations

from typing import Any

import _annotator
import _ui
import pandas as pd
import streamlit as st

from workbench.annotations import AnnotationSet
from workbench.annotators import (
    COMPOSITE_CAVEAT,
    KINDS,
    PARTS,
    Design,
    Flags,
    SequentialTest,
    Survey,
    Weights,
    annotator_findings,
    annotator_table,
    composite_preset,
    flag_annotators,
    floor_rule,
    reliability,
    sequential_plan,
    survey,
)  # fmt: skip
from workbench.annotators.close_up import decisions, position_of, sequential_on_work
from workbench.annotators.reliability import evidence_of
from workbench.annotators.weeks import items_judged_in
from workbench.figures.canvas import describe
from workbench.figures.crew_weeks import crew_weeks, weeks_sentence
from workbench.figures.people import PART_NAMES, plan_curves, reliability_estimates, test_path
from workbench.figures.people_words import annotator_sentence, copies_sentence, flags_sentence, plan_sentence, test_sentence
from workbench.figures.shares import share_forest

FIRST = [
    "annotator",
    "flags",
    "reliability",
    "reliability_low",
    "reliability_high",
    "annotations",
    "agreement_with_others",
    "gold_n",
    "gold_estimate",
    "self_consistency",
    "first_position_rate",
    "pace",
    "rapid_share",
    "skips",
]
RATES = (0.001, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2)


# ---------------------------------------------------------------- what is computed, each once a data set


def flags_of(data: AnnotationSet) -> Flags:
    return flag_annotators(_ui.shared(survey, data))


def table_of(data: AnnotationSet) -> pd.DataFrame:
    return annotator_table(_ui.shared(survey, data), flags=_ui.shared(flags_of, data))


def evidence(data: AnnotationSet) -> Any:
    return evidence_of(_ui.shared(survey, data))


def weighed(data: AnnotationSet, weights: Weights) -> pd.DataFrame:
    """The table with the reliability under these weights."""
    table = _ui.shared(table_of, data)
    if weights == Weights():
        return table
    return table.assign(**reliability(_ui.shared(survey, data), weights, evidence=_ui.shared(evidence, data)))


def composite(data: AnnotationSet) -> pd.DataFrame:
    return composite_preset(data)[["composite", "passes"]]


def tested(data: AnnotationSet, test: SequentialTest, peers: bool) -> pd.DataFrame:
    return decisions(_ui.shared(survey, data).others, test, peers=peers)


def planned(data: AnnotationSet, test: SequentialTest, design: Design) -> Any:  # noqa: ARG001
    """Detections of a clicker and of an honest annotator, by the test and by the usual rule."""
    return sequential_plan(test, 0.5, design), sequential_plan(test, test.p_good, design), floor_rule(0.5), floor_rule(test.p_good)


# ---------------------------------------------------------------- what is shown


def weights_chosen() -> Weights:
    """One slider for each kind of evidence."""
    plain = Weights()
    with st.popover("What counts", key="ann_weights", type="tertiary", on_change="rerun") as menu:
        if menu.open:
            st.caption("1 counts evidence for what its standard error says, 0 leaves it out.")
            for name in PARTS:
                st.slider(
                    PART_NAMES[name][:1].upper() + PART_NAMES[name][1:],
                    0.0,
                    2.0,
                    getattr(plain, name),
                    0.25,
                    key=f"ann_w_{name}",
                    bind="query-params",
                    persist_state="session",
                )
    return Weights(**{name: st.session_state.get(f"ann_w_{name}", getattr(plain, name)) for name in PARTS})


def everybody(data: AnnotationSet, found: Survey, flags: Flags) -> None:
    """All annotators, then the one that is open."""
    left, right = st.columns([3, 2], vertical_alignment="center")
    with right, st.container(horizontal=True, horizontal_alignment="right", vertical_alignment="center"):
        old = st.toggle("Composite score too", key="ann_old", bind="query-params", help=COMPOSITE_CAVEAT)
        weights = weights_chosen()
    with left:
        st.subheader("Reliability", help=_ui.measure_help("reliability"))
    table = _ui.cached(weighed, data, weights=weights)
    rows = reliability_estimates(table)
    figure = share_forest(rows, flagged=flags.flagged, counts="labels compared", title="chance that a label has the right direction")
    code = f"from workbench.annotators import Weights, annotator_table\n\nannotator_table(data, weights={weights!r})"
    event = _ui.chart(figure, "ann_forest", alt=describe(figure), rows=lambda: table, name="annotators", select="points", code=code)
    if _picked(event) in rows and st.session_state.get("ann_picked") != _picked(event):
        st.session_state["ann_picked"] = st.session_state["ann_who"] = _picked(event)
    more = f" The {len(rows)} least reliable of {len(table):,}." if len(rows) < len(table) else ""
    st.caption(f"Squares are flagged annotators. Pick a mark, or a row of the table, to see one closely.{more}")
    shown = worst_first(table)
    columns = [c for c in FIRST if c in shown and (c in ("annotator", "reliability", "annotations") or shown[c].replace("", None).notna().any())]
    view = shown[columns]
    if old:
        scores = _ui.cached(composite, data)
        view = view.join(scores)
    st.session_state["ann_listed"] = view["annotator"].head(1_000).tolist()
    st.dataframe(
        view.head(1_000), hide_index=True, key="ann_table", on_select=pick, selection_mode="single-cell", column_config=settings(), placeholder="–", height=min(38 + 35 * max(len(view), 1), 320),
        alt="Annotators, flagged ones and the least reliable first",
    )  # fmt: skip
    with st.container(horizontal=True, vertical_alignment="center"):
        _ui.download(lambda: table, "annotators", key="ann_table_file", label="Download all columns")
        _ui.download(lambda: flags.to_frame(), "flags", key="ann_flags_file", label="Download flags")
        with st.popover("What flags mean", key="ann_kinds", type="tertiary", on_change="rerun") as menu:
            if menu.open:
                st.markdown("\n".join(f"- **{kind}**: {_ui.safe(meaning)}" for kind, meaning in KINDS.items()))
                st.caption(
                    "A flag is a reason to look at somebody's work, not a verdict. Of each kind one flag in twenty at most is expected to be false, however many annotators there are."
                )
    one(data, found, flags, table)


def worst_first(table: pd.DataFrame) -> pd.DataFrame:
    return table.sort_values(["flagged", "reliability"], ascending=[False, True], kind="stable")


def one(data: AnnotationSet, found: Survey, flags: Flags, table: pd.DataFrame) -> None:
    """The annotator that is open."""
    st.divider()
    names = worst_first(_ui.shared(table_of, data))["annotator"].tolist()  # in an order that no slider changes
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.selectbox("Annotator", names, format_func=_ui.safe_plain, key="ann_who", bind="query-params", width=340)
        if st.button("Open what it labelled", key="ann_open"):
            from workbench.agreement.behind import items_labelled_by

            _ui.open_items(items_labelled_by(data, (name,)), f"labelled by {name}")
    row = table[table["annotator"] == name].iloc[0].to_dict()
    st.markdown(f"#### {_ui.safe(annotator_sentence(row, [flag.why for flag in flags.by_annotator.get(name, ())]))}")
    seen = _annotator.Seen(data, found, flags, name, row)
    for tab, draw in zip(st.tabs(list(_annotator.TABS), key="ann_close", bind="query-params"), _annotator.TABS.values(), strict=True):
        if tab.open:
            with tab:
                draw(seen)


def pick() -> None:
    """A cell of the table was picked: its annotator is the open one."""
    cells = st.session_state["ann_table"]["selection"]["cells"]
    if cells:
        st.session_state["ann_who"] = st.session_state["ann_listed"][cells[0][0]]


def settings() -> dict[str, Any]:
    number, text, share = st.column_config.NumberColumn, st.column_config.TextColumn, {"format": "percent"}
    return {
        "annotator": text("Annotator"), "flags": text("Flags"),
        "reliability": st.column_config.ProgressColumn("Reliability", format="percent", min_value=0.0, max_value=1.0, help=_ui.measure_help("reliability")),
        "reliability_low": number("from", **share), "reliability_high": number("to", **share),
        "annotations": number("Labels", format="localized"), "agreement_with_others": number("Agrees with others", **share),
        "gold_n": number("Gold items", format="localized"), "gold_estimate": number("Right on gold", **share, help="Direction, drawn to the crew's where answers are few"),
        "self_consistency": number("Same again", **share), "first_position_rate": number("Chose the first", **share),
        "pace": number("Pace", **share, help=_ui.measure_help("pace")), "rapid_share": number("Rapid", **share), "skips": number("Skips", format="localized"),
        "composite": number("Composite", format="%.2f", help=COMPOSITE_CAVEAT), "passes": st.column_config.CheckboxColumn("Passes .6"),
    }  # fmt: skip


def copies(data: AnnotationSet, found: Survey, flags: Flags) -> None:  # noqa: ARG001
    """Pairs that choose too much alike."""
    pairs, names = found.collusion, data.annotators["annotator"].to_numpy()
    if pairs.tested == 0:
        st.info("No two annotators share ten items or more, so nobody can be seen to copy.")
        return
    st.write(copies_sentence(len(found.copies), pairs.tested, len(names), pairs.effective(len(names))))
    table = pairs.pairs.assign(first=names[pairs.pairs["first"].astype(int)], second=names[pairs.pairs["second"].astype(int)]).head(200)
    event = st.dataframe(
        table, hide_index=True, key="ann_pairs", on_select="rerun", selection_mode="single-row", placeholder="–", height=min(38 + 35 * max(len(table), 1), 400), alt="Pairs of annotators, the most alike first",
        column_order=["first", "second", "items", "alike", "expected", "share", "adjusted"],
        column_config={
            "first": st.column_config.TextColumn("Annotator"), "second": st.column_config.TextColumn("and"), "items": st.column_config.NumberColumn("Items both labelled"),
            "alike": st.column_config.NumberColumn("Same label"), "expected": st.column_config.NumberColumn("expected", format="%.0f", help="From two typical annotators on the same items"),
            "share": st.column_config.NumberColumn("Likeliest share copied", format="percent"), "adjusted": st.column_config.NumberColumn("p", format="%.3g", help="Corrected for all pairs"),
        },
    )  # fmt: skip
    with st.container(horizontal=True, vertical_alignment="center"):
        _ui.download(lambda: table, "pairs", key="ann_pairs_file", label="Download table")
        _ui.copy_as_python("from workbench.annotators import survey\n\nsurvey(data).collusion.pairs", key="ann_pairs_code")
        st.caption("Pick a row to open the items that both labelled. Two who are right agree too: what counts is agreement beyond that.")
    if event.selection.rows:
        from workbench.agreement.behind import items_labelled_by

        pair = table.iloc[event.selection.rows[0]]
        _ui.open_items(items_labelled_by(data, (pair["first"], pair["second"])), f"labelled by {pair['first']} and {pair['second']}")


def weeks(data: AnnotationSet, found: Survey, flags: Flags) -> None:  # noqa: ARG001
    """The crew week by week, said and drawn."""
    st.write(_ui.safe(weeks_sentence(found.weeks)))
    if len(found.weeks) > 1:
        by_week(found, "ann_weeks_tab")


def by_week(found: Survey, key: str) -> None:
    """The crew's labels week by week; a week opens what was judged in it."""
    table, figure = found.weeks, crew_weeks(found.weeks)
    event = _ui.chart(
        figure, key, alt=describe(figure), rows=lambda: table, name="crew-by-week", select="points",
        code="from workbench.annotators import survey\n\nsurvey(data).weeks",
    )  # fmt: skip
    st.caption(
        "Looks right: by gold, or by what everybody else says of the same item. A week counts as confused where annotators fall below their own other weeks, over annotators and over prompts alike. Pick a point or a bar to open what was judged in that week."
    )
    week = _picked(event)
    if week is not None:
        _ui.open_items(items_judged_in(found.others, str(week)), f"judged in the week of {week}")


def test_chosen(annotators: int, *, correct: bool) -> SequentialTest:
    """The test's sliders."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        alpha = st.select_slider(
            "Honest ones flagged, at most",
            RATES,
            0.05,
            format_func=lambda r: f"{100 * r:g} %",
            key="ann_alpha",
            bind="query-params",
            persist_state="session",
            width=220,
        )
        beta = st.select_slider(
            "Unreliable ones cleared, at most",
            RATES,
            0.05,
            format_func=lambda r: f"{100 * r:g} %",
            key="ann_beta",
            bind="query-params",
            persist_state="session",
            width=220,
        )
        good = st.select_slider(
            "Honest: right in",
            (0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95),
            0.8,
            format_func=lambda r: f"{100 * r:g} %",
            key="ann_good",
            bind="query-params",
            persist_state="session",
            width=200,
        )
        bad = st.select_slider(
            "Unreliable: right in",
            (0.35, 0.4, 0.45, 0.5, 0.55, 0.6),
            0.5,
            format_func=lambda r: f"{100 * r:g} %",
            key="ann_bad",
            bind="query-params",
            persist_state="session",
            width=200,
        )
    test = SequentialTest(good, bad, alpha, beta)
    return test.corrected(annotators) if correct else test


def gold_tests(data: AnnotationSet, found: Survey, flags: Flags) -> None:  # noqa: ARG001
    """The sequential test of everybody, and its path for one."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        with_peers = st.toggle("Others' labels count too", value=True, key="ann_peers", bind="query-params", help="Else gold alone")
        correct = st.toggle(
            f"Allow for {len(data.annotators):,} annotators",
            key="ann_many",
            bind="query-params",
            help="Shares the rate of false flags among all, so that all together err as rarely as one did (Bonferroni)",
        )
    test = test_chosen(len(data.annotators), correct=correct)
    table = _ui.cached(tested, data, test=test, peers=with_peers)
    counts = table["decision"].value_counts().to_dict()
    st.markdown(
        f"#### {counts.get('flag', 0):,} flagged, {counts.get('clear', 0):,} cleared, {counts.get('undecided', 0):,} undecided.",
        help=_ui.measure_help("sequential_test"),
    )
    left, right = st.columns([2, 3], gap="large")
    with left:
        st.session_state["ann_tested"] = table["annotator"].head(1_000).tolist()
        st.dataframe(
            table.head(1_000), hide_index=True, key="ann_tests", on_select=pick_tested, selection_mode="single-cell", placeholder="–", height=min(38 + 35 * max(len(table), 1), 340), alt="Decisions of the sequential test",
            column_config={
                "annotator": st.column_config.TextColumn("Annotator"), "decision": st.column_config.TextColumn("Decision"), "used": st.column_config.NumberColumn("after"),
                "answers": st.column_config.NumberColumn("of"), "evidence": st.column_config.NumberColumn("Evidence", format="%.1f", help="Nats for unreliable against honest, at the end"),
            },
        )  # fmt: skip
        _ui.download(lambda: table, "sequential-test", key="ann_tests_file", label="Download table", alpha=test.alpha)
    with right:
        name = st.session_state.get("ann_test_who")
        if name not in st.session_state["ann_tested"]:
            name = table["annotator"].iloc[0]
        run = sequential_on_work(found.others, position_of(found.others, name), test, peers=with_peers)
        st.write(_ui.safe(f"{name}: {test_sentence(run, test, with_peers)}"))
        if run.answers:
            figure = test_path(run, test)
            _ui.chart(
                figure, "ann_path", alt=describe(figure), rows=lambda: pd.DataFrame({"answer": range(1, run.answers + 1), "evidence": run.path}), name="sequential-test", annotator=name,
                code=f"from workbench.annotators import SequentialTest, survey\nfrom workbench.annotators.close_up import position_of, sequential_on_work\n\nfound = survey(data).others\nsequential_on_work(found, position_of(found, {name!r}), {test!r}, peers={with_peers!r})",
            )  # fmt: skip
    st.caption(
        "Keep scoring until one of the two lines is crossed. Error rates are chosen beforehand, and looking after every answer costs nothing. Pick a row to see its path."
    )


def pick_tested() -> None:
    cells = st.session_state["ann_tests"]["selection"]["cells"]
    if cells:
        st.session_state["ann_test_who"] = st.session_state["ann_tested"][cells[0][0]]


def planner(data: AnnotationSet, found: Survey, flags: Flags) -> None:  # noqa: ARG001
    """How soon who is found, before the work begins."""
    test = test_chosen(1, correct=False)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        share = st.select_slider(
            "Tasks with gold",
            (0.02, 0.05, 0.1, 0.15, 0.2, 0.3),
            0.1,
            format_func=lambda r: f"{100 * r:g} %",
            key="ann_share",
            bind="query-params",
            width=220,
        )
        overlap = st.select_slider(
            "Others judged by two peers",
            (0.0, 0.1, 0.25, 0.5, 0.75, 1.0),
            1.0,
            format_func=lambda r: f"{100 * r:g} %",
            key="ann_overlap",
            bind="query-params",
            width=220,
        )
        peers = st.select_slider(
            "Peers are right in",
            (0.7, 0.75, 0.8, 0.84, 0.9, 0.95),
            0.84,
            format_func=lambda r: f"{100 * r:g} %",
            key="ann_peer",
            bind="query-params",
            width=200,
        )
    design = Design(gold_share=share, overlap=overlap, peer_accuracy=peers)
    clicker, honest, rule_clicker, rule_honest = _ui.cached(planned, data, test=test, design=design)
    st.markdown(f"#### {_ui.safe(plan_sentence(design, test, clicker, honest, rule_clicker, rule_honest))}", help=_ui.measure_help("sequential_test"))
    curves = {
        "sequential test, random clicker": clicker,
        "sequential test, honest": honest,
        "usual rule, random clicker": rule_clicker,
        "usual rule, honest": rule_honest,
    }
    figure = plan_curves(curves)
    rows = pd.DataFrame({name: pd.Series(c.flagged_by) for name, c in curves.items()}).rename_axis("tasks").reset_index()
    _ui.chart(
        figure, "ann_plan", alt=describe(figure), rows=lambda: rows, name="plan",
        code=f"from workbench.annotators import Design, SequentialTest, floor_rule, sequential_plan\n\ntest, design = {test!r}, {design!r}\nsequential_plan(test, 0.5, design), sequential_plan(test, test.p_good, design)\nfloor_rule(0.5), floor_rule(test.p_good)",
    )  # fmt: skip
    st.caption(
        "For a choice between two responses. The usual rule looks at gold alone, five in fifty tasks, and flags when cumulative accuracy is below 60 % from the fifth answer on: it finds clickers late, and goes on flagging honest people for ever."
    )


def _picked(event: Any) -> Any:
    points = event.selection.points if event else []
    found = next((p["customdata"] for p in points if p.get("customdata") not in (None, [])), None)
    return found[0] if isinstance(found, list) and len(found) == 1 else found


TABS = {"Annotators": everybody, "Weeks": weeks, "Copies": copies, "Sequential test": gold_tests, "Planner": planner}


@st.fragment
def explore(data: AnnotationSet, found: Survey, flags: Flags) -> None:
    """One tab a question."""
    for tab, draw in zip(st.tabs(list(TABS), key="ann_tab", bind="query-params"), TABS.values(), strict=True):
        if tab.open:
            with tab:
                draw(data, found, flags)


data = _ui.require_data()
st.title("Annotators")
if len(data.codes) == 0:
    with st.container(border=True):
        st.subheader("There is no judgement with a label")
        st.write("Every judgement of this export is a skip or could not be read, so nothing is known about the annotators.")
        st.page_link("start.py", label="**Go to Start**", query_params={"data": data.key})
    st.stop()
with st.spinner("Holding every annotator against gold and everybody else ...", show_time=True):
    found: Survey = _ui.shared(survey, data)
    flags: Flags = _ui.shared(flags_of, data)
st.markdown(f"#### {_ui.safe(flags_sentence(flags))}", help=_ui.measure_help("flags"))
if flags.note:
    st.warning(f"**Look at this.** {_ui.safe(flags.note)}")
_ui.findings([f for f in annotator_findings(found, flags) if f.code != "many-flagged"], key="ann_findings")
if found.confused:
    with st.expander("The crew week by week", key="ann_weeks_open", expanded=True):
        by_week(found, "ann_weeks")
explore(data, found, flags)
