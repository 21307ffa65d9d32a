"""One label an item: methods side by side, how sure they are, where they contradict each other or gold, and training rows to take away."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import _runs
import _ui
import pandas as pd
import streamlit as st

from workbench.aggregation import DEFAULT, METHODS, Aggregation, Comparison
from workbench.aggregation.asking import GOLD_USES, aggregate_asking, costly_methods, probability_of_a, quick_methods, side_by_side
from workbench.aggregation.calibration import Calibration, calibration, confidence_bars
from workbench.aggregation.differences import Differences, against_gold, methods_differ, undecided_items
from workbench.aggregation.run import labels_of_run
from workbench.annotations import AnnotationSet
from workbench.errors import WorkbenchError
from workbench.figures.canvas import describe, estimates_table
from workbench.figures.labelling import calibration_plot, confidence_histogram, gold_estimates, method_heat_map
from workbench.figures.labelling_words import best_sentence, calibration_sentence, labels_sentence
from workbench.figures.shares import share_forest
from workbench.formats.preference_rows import decide, write_preference_rows
from workbench.runs import Run, all_runs, start
from workbench.studies.opening import data_file

KINDS = ("aggregate",)


# ---------------------------------------------------------------- what is computed, each once a data set


def made(data: AnnotationSet, method: str, gold: str) -> Aggregation | WorkbenchError:
    """One method's labels, or why it refuses these data."""
    try:
        run = runs_of(data, gold).get(method)
        if run is not None and run.status().state == "done" and method in costly_methods(data):
            return labels_of_run(run.folder, data)
        return aggregate_asking(data, method, gold_use=gold)
    except WorkbenchError as error:
        return error


def compared(data: AnnotationSet, methods: tuple[str, ...], gold: str) -> Comparison:
    """Several methods, each from its own cache."""
    every = {m: _ui.shared(made, data, method=m, gold=gold) for m in methods}
    return side_by_side(
        data,
        {m: r for m, r in every.items() if isinstance(r, Aggregation)},
        {m: r.what.rstrip(".") for m, r in every.items() if isinstance(r, WorkbenchError)},
    )


def agreeing(data: AnnotationSet, methods: tuple[str, ...], gold: str) -> pd.DataFrame:
    return _ui.shared(compared, data, methods=methods, gold=gold).agreement


def contradicting(data: AnnotationSet, methods: tuple[str, ...], gold: str, method: str, what: str, direction: bool) -> Differences:
    results = _ui.shared(compared, data, methods=methods, gold=gold).results
    return (against_gold if what == "gold" else methods_differ)(data, results, method, direction_only=direction)


def bars(data: AnnotationSet, method: str, gold: str) -> pd.DataFrame:
    return confidence_bars(_ui.shared(made, data, method=method, gold=gold))


def calibrated(data: AnnotationSet, method: str, gold: str) -> Calibration:
    return calibration(_ui.shared(made, data, method=method, gold=gold), data.gold)


def table_of(data: AnnotationSet, method: str, gold: str) -> pd.DataFrame:
    return _ui.shared(made, data, method=method, gold=gold).to_frame(data)


def fate_of_items(data: AnnotationSet, method: str, gold: str, ties: str) -> dict[str, int]:
    """Items that become training rows, and why the others do not."""
    result = _ui.shared(made, data, method=method, gold=gold)
    reasons = decide(data, labels=result.label, soft=probability_of_a(result), ties=ties).sidecar["reason"].fillna("training rows")
    return reasons.value_counts().to_dict()


def training_rows(data: AnnotationSet, method: str, gold: str, ties: str, conversational: bool, kind: str) -> bytes:
    """The file of training rows with soft labels."""
    result = _ui.shared(made, data, method=method, gold=gold)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"rows.{kind}"
        write_preference_rows(data, path, labels=result.label, soft=probability_of_a(result), ties=ties, conversational=conversational)
        return path.read_bytes()


# ---------------------------------------------------------------- what takes longer is a run


def runs_of(data: AnnotationSet, gold: str) -> dict[str, Run]:
    """Method -> its last run on these data with gold used in this way."""
    found: dict[str, Run] = {}
    for run in all_runs(KINDS):
        if run.config.get("data") == data.key and run.config.get("gold") == gold:
            found.setdefault(run.config["method"], run)
    return found


def start_method(data: AnnotationSet, method: str, gold: str) -> None:
    """Starts a run of a method."""
    try:
        path = data_file(data, _ui.shelf())
        start("aggregate", {"paths": [str(path)], "data": data.key, "method": method, "gold": gold}, title=f"Labels by {METHODS[method].title}")
    except (OSError, WorkbenchError) as error:
        _ui.problem(error if isinstance(error, WorkbenchError) else WorkbenchError("The data set cannot be written to this machine's shelf, so no run can read it.", "Make room on the disk, or name another folder in WORKBENCH_UPLOADS."))  # fmt: skip
        return
    st.rerun()


def follow_link(data: AnnotationSet) -> None:
    """A link to a run shows its method with gold as it used it, once."""
    if "run" not in st.query_params:
        return
    run = _runs.chosen_run(KINDS)
    _runs.choose_run(None, KINDS)
    if run is None or run.config.get("data") != data.key:
        return
    if (data.gold >= 0).any():
        st.session_state["lbl_gold"] = run.config["gold"]
    if run.status().state == "done":
        st.session_state["lbl_method"] = run.config["method"]


# ---------------------------------------------------------------- what is shown


def code_of(method: str, gold: str) -> str:
    """The Python that gives the same labels."""
    if gold == "judge":
        return f"from workbench.aggregation import aggregate\n\nresult = aggregate(data, {method!r})\n"
    return f"from workbench.aggregation import aggregate\nfrom workbench.aggregation.asking import gold_to_learn_from\n\nresult = aggregate(data, {method!r}, clamp_gold=gold_to_learn_from(data, {gold!r}))\n"


def choices(data: AnnotationSet) -> tuple[str, str, tuple[str, ...]]:
    """Which method, what gold is used for, and which methods have labels; costly ones get them from a run."""
    costly, gold = costly_methods(data), "judge"
    with st.container(horizontal=True, vertical_alignment="bottom"):
        left = st.container(width=230)
        if (data.gold >= 0).any():
            gold = st.selectbox(
                "Gold is used", list(GOLD_USES), format_func=GOLD_USES.__getitem__, key="lbl_gold", bind="query-params", width=290,
                help="Methods can learn from gold who is right how often. Gold that a method was given says nothing about how good it is, so it is judged on the rest.",
            )  # fmt: skip
        runs = runs_of(data, gold) if costly else {}
        methods = (*quick_methods(data), *(m for m in costly if m in runs and runs[m].status().state == "done"))
        if st.session_state.get("lbl_method", DEFAULT) not in methods:
            del st.session_state["lbl_method"]
        method = left.selectbox(
            "Labels by", sorted(methods, key=lambda m: m != DEFAULT), format_func=lambda m: METHODS[m].title, key="lbl_method", bind="query-params", width=230,
            help="  \n".join(f"**{METHODS[m].title}.** {METHODS[m].summary}" for m in METHODS),
        )  # fmt: skip
        for name in (m for m in costly if m not in runs):
            if st.button(
                f"Run {METHODS[name].title} too",
                key=f"lbl_run_{name}",
                help=f"It takes longer on {len(data.codes):,} judgements, so it runs beside this page; it can be cancelled.",
            ):
                start_method(data, name, gold)
    for name in (m for m in costly if m in runs and m not in methods):
        _runs.show_run(runs[name], key=f"lbl_run_of_{name}", chart=False)
    return method, gold, methods


def run_all(data: AnnotationSet, methods: tuple[str, ...], gold: str) -> Comparison:
    """Runs what is not at hand, and shows how far it is."""
    held = st.empty()
    with held.container(), st.spinner("Giving each item one label ...", show_time=True):
        progress = st.progress(0.0)
        for done, name in enumerate(methods):
            progress.progress(done / len(methods), text=METHODS[name].title)
            _ui.shared(made, data, method=name, gold=gold)
        found: Comparison = _ui.shared(compared, data, methods=methods, gold=gold)
    held.empty()
    return found


def side_by_side_tab(data: AnnotationSet, found: Comparison, method: str, gold: str) -> None:
    """Methods against gold and against each other."""
    rows = gold_estimates(found)
    if any(e.value is not None for e in rows.values()):
        st.write(_ui.safe(best_sentence(found)))
        figure = share_forest(rows, counts="gold items", title="items whose gold label is given (ties shared)", digits=1)
        _ui.chart(
            figure,
            "lbl_gold_chart",
            alt=describe(figure),
            rows=lambda: estimates_table(rows, "method"),
            name="methods-against-gold",
            code="from workbench.aggregation import compare\n\ncompare(data).table",
            gold=gold,
        )
    else:
        st.info(_ui.safe(f"The methods cannot be held against gold: {found.scores[method].reason}."))
    table = found.table
    st.dataframe(
        table, hide_index=True, key="lbl_table", placeholder="–", alt="Methods side by side",
        column_order=[c for c in ("title", "decided", "tied", "gold_n", "gold_accuracy", "gold_direction_accuracy", "posterior_nll", "iterations", "converged") if table[c].notna().any()],
        column_config=columns(),
    )  # fmt: skip
    with st.container(horizontal=True, vertical_alignment="center"):
        _ui.download(lambda: table, "methods", key="lbl_table_file", label="Download table", gold=gold)
        st.caption(_ui.safe("Not run: " + "; ".join(f"{METHODS[m].title} ({why})" for m, why in found.skipped.items()) + "."))
    if len(found.results) > 1:
        st.markdown("##### Do the methods agree with each other?", help=_ui.measure_help("method_agreement"))
        square = _ui.cached(agreeing, data, methods=tuple(found.results), gold=gold)
        figure = method_heat_map(square)
        _ui.chart(
            figure,
            "lbl_agree",
            alt=describe(figure),
            rows=lambda: square.rename_axis("method").reset_index(),
            name="methods-agreement",
            code="from workbench.aggregation import compare\n\ncompare(data).agreement",
            gold=gold,
        )


def columns() -> dict[str, Any]:
    number, share = st.column_config.NumberColumn, {"format": "percent"}
    return {
        "title": st.column_config.TextColumn("Method"),
        "decided": number("Items with a label", format="localized"),
        "tied": number("Tied", format="localized", help="Directions equally probable: left open"),
        "gold_n": number("Gold items", format="localized"),
        "gold_accuracy": number("Right", **share, help=_ui.measure_help("gold_accuracy_labels")),
        "gold_direction_accuracy": number("Right side", **share),
        "posterior_nll": number("Cost of its soft labels, nats", format="%.3f", help=_ui.measure_help("posterior_nll")),
        "iterations": number("Iterations"),
        "converged": st.column_config.CheckboxColumn("Settled", help="Off: it was stopped before nothing moved any more"),
    }


def confidence_tab(data: AnnotationSet, found: Comparison, method: str, gold: str) -> None:
    """How sure the labels are, and whether gold bears that out."""
    left, right = st.columns(2, gap="large")
    code = code_of(method, gold)
    with left:
        st.markdown("##### How sure", help=_ui.measure_help("confidence"))
        counted = _ui.cached(bars, data, method=method, gold=gold)
        figure = confidence_histogram(counted, sides=data.has_pairs)
        _ui.chart(
            figure,
            "lbl_bars",
            alt=describe(figure),
            rows=lambda: counted,
            name="confidence",
            code="from workbench.aggregation.calibration import confidence_bars\n" + code + "confidence_bars(result)",
            method=method,
        )
    with right:
        st.markdown("##### And how right", help=_ui.measure_help("calibration"))
        checked = _ui.cached(calibrated, data, method=method, gold=gold)
        if checked.error is None:
            st.info(_ui.safe(calibration_sentence(checked)))
        else:
            figure = calibration_plot(checked)
            _ui.chart(
                figure,
                "lbl_calibration",
                alt=describe(figure),
                rows=lambda: checked.bins,
                name="calibration",
                code="from workbench.aggregation.calibration import calibration\n" + code + "calibration(result, data.gold)",
                method=method,
            )
    if checked.error is not None:
        st.caption(_ui.safe(calibration_sentence(checked)))
    result = found.results[method]
    if result.undecided_counts:
        st.markdown("##### Items without a label")
        with st.container(horizontal=True, vertical_alignment="center"):
            for reason, n in result.undecided_counts.items():
                if st.button(f"{reason[:1].upper()}{reason[1:]}: {n:,}", key=f"lbl_none_{reason}", help="Open these items"):
                    _ui.open_items(undecided_items(result, reason), f"{METHODS[method].title}: {reason}")
        st.caption(
            "Tied: the directions are equally probable, so no label is made up. They can be kept as soft labels of one half, or judged once more."
        )


def contradictions_tab(data: AnnotationSet, found: Comparison, method: str, gold: str) -> None:
    """Items on which the label contradicts gold, or the methods each other."""
    has_gold, strengths = bool((data.gold >= 0).any()), data.has_pairs and data.scale.directional() != data.scale
    with st.container(horizontal=True, vertical_alignment="bottom"):
        kinds = {"gold": "the gold label", "methods": "another method"} if has_gold else {"methods": "another method"}
        what = st.segmented_control(
            "Contradicts", list(kinds), default=next(iter(kinds)), format_func=kinds.__getitem__, required=True, key="lbl_what", bind="query-params"
        )
        direction = (
            not st.toggle("Strength counts too", key="lbl_strength", bind="query-params", help="A>> beside A> counts as a contradiction")
            if strengths
            else True
        )
    differing: Differences = _ui.shared(contradicting, data, methods=tuple(found.results), gold=gold, method=method, what=what, direction=direction)
    n = len(differing.positions)
    if n == 0:
        st.info("No item's label contradicts " + ("its gold one." if what == "gold" else "that of another method."))
        return
    share = {"min_value": 0.0, "max_value": 1.0, "format": "percent"}
    event = st.dataframe(
        differing.frame, hide_index=True, key=f"lbl_differ_{what}_{direction}", on_select="rerun", selection_mode="single-row", placeholder="–", height=min(38 + 35 * n, 400),
        alt="Items with contradicting labels",
        column_config={
            "item_id": st.column_config.TextColumn("Item"), "gold": st.column_config.TextColumn("Gold"),
            "p_gold": st.column_config.ProgressColumn("Chance of the gold side", **share, help="By the method chosen; near 0 with several judgements: look at the gold label"),
            "confidence": st.column_config.ProgressColumn("Confidence", **share), "judgements": st.column_config.NumberColumn("Judgements"),
        },
    )  # fmt: skip
    title = f"{METHODS[method].title} contradicts {kinds[what]}"
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button(f"Open all {n:,} in Items", key="lbl_open"):
            _ui.open_items(differing.positions, title)
        _ui.download(lambda: differing.frame, "contradictions", key="lbl_differ_file", label="Download table", method=method, with_=what)
        order = "the surest first: a hard item, or a gold label that is wrong" if what == "gold" else "the least sure first"
        st.caption(
            f"Pick a row to open its item; {order}." + (f" The first {len(differing.frame):,} are listed." if n > len(differing.frame) else "")
        )
    if event.selection.rows:
        _ui.open_items(differing.positions[[event.selection.rows[0]]], title)


def export_tab(data: AnnotationSet, found: Comparison, method: str, gold: str) -> None:  # noqa: ARG001
    """Training rows with soft labels, and the labels as a table."""
    stem = {"method": method, "gold": None if gold == "judge" else gold}
    code = code_of(method, gold)
    if data.has_pairs:
        st.markdown("##### Training rows for a reward model", help=_ui.measure_help("soft_label"))
        with st.container(horizontal=True, vertical_alignment="bottom"):
            ties = st.segmented_control(
                "Ties", ["drop", "soft"], default="drop", required=True, key="lbl_ties", bind="query-params",
                format_func={"drop": "leave out", "soft": "keep at one half"}.__getitem__,
            )  # fmt: skip
            conversational = st.toggle(
                "As message lists",
                key="lbl_chat",
                bind="query-params",
                help="prompt, chosen and rejected as lists of messages with roles, the conversational form of TRL",
            )
        fate = dict(_ui.cached(fate_of_items, data, method=method, gold=gold, ties=ties))
        rows = fate.pop("training rows", 0)
        _ui.used_line(rows, len(data.items), fate, unit="items")
        arguments: dict[str, Any] = {"method": method, "gold": gold, "ties": ties, "conversational": conversational}
        with st.container(horizontal=True):
            for kind, mime in (("jsonl", "application/jsonl"), ("parquet", "application/vnd.apache.parquet")):
                st.download_button(
                    f"Training rows, {kind.upper() if kind == 'jsonl' else 'Parquet'}", lambda kind=kind: rows_or_reason(data, kind, arguments), f"{_ui.file_stem('training-rows', **stem, ties=ties)}.{kind}", mime,
                    key=f"lbl_rows_{kind}", on_click="ignore", disabled=rows == 0, type="primary" if kind == "jsonl" else "secondary",
                )  # fmt: skip
            _ui.copy_as_python(
                code.replace("import aggregate\n", "import aggregate\nfrom workbench.aggregation.asking import probability_of_a\nfrom workbench.formats.preference_rows import write_preference_rows\n", 1)
                + f"write_preference_rows(data, 'rows.jsonl', labels=result.label, soft=probability_of_a(result), ties={ties!r}, conversational={conversational!r})",
                key="lbl_rows_code",
            )  # fmt: skip
        st.caption(
            "`p_chosen` is the chance, by the method, that the chosen response is the better one: the soft label. `margin` is the mean strength of the judgements. What TRL's RewardTrainer and DPOTrainer read."
        )
    else:
        st.info("These labels are categories, so there is no chosen and rejected response; the labels can be taken away as a table.")
    st.markdown("##### Labels as a table")
    with st.container(horizontal=True, vertical_alignment="center"):
        _ui.download(lambda: _ui.shared(table_of, data, method=method, gold=gold), "labels", key="lbl_labels_file", label="Download labels", **stem)
        _ui.copy_as_python(code + "result.to_frame(data)", key="lbl_labels_code")
        st.caption("One row an item: label, confidence, why undecided, and a probability for each label.")


def rows_or_reason(data: AnnotationSet, kind: str, arguments: dict[str, Any]) -> bytes:
    """The file, or a line that says why there is none."""
    try:
        return training_rows(data, kind=kind, **arguments)
    except WorkbenchError as error:
        return str(error).encode()


TABS = {"Side by side": side_by_side_tab, "Confidence": confidence_tab, "Contradictions": contradictions_tab, "Take away": export_tab}


@st.fragment
def explore(data: AnnotationSet) -> None:
    """Choices, sentence and the open tab."""
    method, gold, methods = choices(data)
    found = run_all(data, methods, gold)
    if method not in found.results:
        st.error(_ui.safe(f"{METHODS[method].title} did not run: {found.skipped[method]}. Choose another method."))
        return
    st.markdown(f"#### {_ui.safe(labels_sentence(found, method))}", help=_ui.measure_help("gold_accuracy_labels"))
    result = found.results[method]
    _ui.used_line(result.n_used, len(data.annotations), result.set_aside)
    if not result.converged:
        st.warning(
            f"**Look at this.** {METHODS[method].title} was stopped after {result.iterations:,} iterations, before it settled; its labels may still move."
        )
    for tab, draw in zip(st.tabs(list(TABS), key="lbl_tab", bind="query-params"), TABS.values(), strict=True):
        if tab.open:
            with tab:
                draw(data, found, method, gold)


data = _ui.require_data()
st.title("Labels")
if len(data.codes) == 0:
    with st.container(border=True):
        st.subheader("There is no judgement with a label")
        st.write(
            "Every judgement of this export is a skip or could not be read, so no item can get a label. See on the Start page how the labels were read."
        )
        st.page_link("start.py", label="**Go to Start**", query_params={"data": data.key})
else:
    follow_link(data)
    explore(data)
