"""One label an item: methods side by side, how sure they are, where they contradict each other or gold, and training
rows to export."""

from __future__ import annotations

from typing import Any

import _labels
import _ui
import streamlit as st
from _labels import Chosen

from workbench.aggregation import METHODS, Comparison
from workbench.aggregation.differences import Differences, in_few_columns, undecided_items
from workbench.dataset.annotation_set import AnnotationSet
from workbench.errors import WorkbenchError, counted
from workbench.figures.canvas import describe, estimates_table
from workbench.figures.labelling import (
    calibration_plot,
    confidence_histogram,
    gold_estimates,
    gold_forest,
    method_heat_map,
    methods_table,
)
from workbench.wording.aggregation import (
    best_sentence,
    calibration_sentence,
    cost_sentence,
    labels_sentence,
    suspect_sentence,
    why_sentence,
)


def run_all(data: AnnotationSet, chosen: Chosen) -> Comparison:
    """Runs what is not at hand, and shows how far it is."""
    held = st.empty()
    with held.container(), st.spinner("Giving each item one label ...", show_time=True):
        progress = st.progress(0.0)
        for done, name in enumerate(chosen.methods):
            progress.progress(done / len(chosen.methods), text=METHODS[name].title)
            _labels.labels_of(data, name, chosen.gold, chosen.classifier)
        found: Comparison = _ui.shared(
            _labels.compared, data, methods=chosen.methods, gold=chosen.gold, classifier=chosen.classifier
        )
    held.empty()
    return found


def side_by_side_tab(data: AnnotationSet, found: Comparison, chosen: Chosen) -> None:
    """Methods against gold and against each other."""
    method, gold = chosen.method, chosen.gold
    found = suspect_gold_line(data, found, method)
    rows = gold_estimates(found)
    if any(e.value is not None for e in rows.values()):
        st.write(_ui.safe(best_sentence(found, method)))
        figure = gold_forest(found)
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
    shown = methods_table(found, method)
    listed = (
        "title",
        "decided",
        "tied",
        "gold_accuracy",
        "gold_interval",
        "beside",
        "gold_direction_accuracy",
        "posterior_nll",
        "direction_nll",
        "converged",
    )
    st.dataframe(
        shown,
        hide_index=True,
        key="lbl_table",
        placeholder="–",
        alt="Methods side by side",
        column_order=[c for c in listed if shown[c].notna().any()],
        column_config=columns(METHODS[method].title),
    )
    costs = cost_sentence(found, method)
    if costs:
        st.caption(
            _ui.safe(costs) + " A star marks a difference that is more than chance, all comparisons allowed for."
        )
    with st.container(horizontal=True, vertical_alignment="center"):
        _ui.download(lambda: found.table, "methods", key="lbl_table_file", label="Download table", gold=gold)
        if found.skipped:
            st.caption(
                _ui.safe(
                    "Not run: " + "; ".join(f"{METHODS[m].title} ({why})" for m, why in found.skipped.items()) + "."
                )
            )
    if len(found.results) > 1:
        st.markdown("##### Do the methods agree with each other?", help=_ui.measure_help("method_agreement"))
        square = _ui.cached(
            _labels.agreeing, data, methods=tuple(found.results), gold=gold, classifier=chosen.classifier
        )
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


def suspect_gold_line(data: AnnotationSet, found: Comparison, method: str) -> Comparison:
    """Says what suspect gold does to the scores, and gives the comparison without it where the reader wants that."""
    got = found.scores[method]
    if got.items is None or len(data.codes) > _labels.SUSPECTS_UP_TO:
        return found
    doubted = _ui.shared(_labels.suspects, data)
    counting = got.items.item[doubted[got.items.item]]
    if len(counting) == 0:
        return found
    without = found.without(doubted)
    st.warning(f"**Look at this.** {_ui.safe(suspect_sentence(found, without, method, len(counting)))}")
    with st.container(horizontal=True, vertical_alignment="center"):
        left_out = st.toggle(
            "Judge without suspect gold", key="lbl_suspect", bind="query-params", help=_ui.measure_help("suspect_gold")
        )
        if st.button(f"Open {counted(len(counting), 'item')}", key="lbl_open_suspect", type="tertiary"):
            _ui.open_items(counting, "gold that annotators who are right elsewhere contradict")
    return without if left_out else found


def columns(title: str) -> dict[str, Any]:
    number, share, text = st.column_config.NumberColumn, {"format": "percent"}, st.column_config.TextColumn
    return {
        "title": text("Method", width=190),
        "decided": number("Labelled", format="localized", help="Items with a label"),
        "tied": number("Tied", format="localized", help="Directions equally probable: left open"),
        "gold_accuracy": number("Right", **share, help=_ui.measure_help("gold_accuracy_labels")),
        "gold_interval": text(
            "95% interval",
            help="For new items labelled by this crew. Two of these that overlap say nothing: see the next column",
        ),
        "beside": text(f"Less {title}, points", help=_ui.measure_help("gold_lead")),
        "gold_direction_accuracy": number("Right side", **share),
        "posterior_nll": number("Cost, nats", format="%.3f", help=_ui.measure_help("posterior_nll")),
        "direction_nll": number("Side, nats", format="%.3f", help="The same of the side alone, strength left out"),
        "converged": st.column_config.CheckboxColumn(
            "Converged", help="Off: it was stopped before nothing moved any more"
        ),
    }


def confidence_tab(data: AnnotationSet, found: Comparison, chosen: Chosen) -> None:
    """How sure the labels are, and whether gold bears that out."""
    left, right = st.columns(2, gap="large")
    method, code = chosen.method, chosen.code
    with left:
        st.markdown("##### How sure", help=_ui.measure_help("confidence"))
        counted = _ui.cached(_labels.bars, data, **chosen.one)
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
        checked = _ui.cached(_labels.calibrated, data, **chosen.one)
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
                code="from workbench.aggregation.calibration import calibration\n"
                + code
                + "calibration(result, data.gold)",
                method=method,
            )
    if checked.error is not None:
        st.caption(_ui.safe(calibration_sentence(checked)))
    result = found.results[method]
    if result.undecided_counts:
        st.markdown("##### Items without a label")
        with st.container(horizontal=True, vertical_alignment="center"):
            for reason, n in result.undecided_counts.items():
                if st.button(
                    f"{reason[:1].upper()}{reason[1:]}: {n:,}", key=f"lbl_none_{reason}", help="Open these items"
                ):
                    _ui.open_items(undecided_items(result, reason), f"{METHODS[method].title}: {reason}")
        st.caption(
            "Tied: the directions are equally probable, so no label is made up. They can be kept as soft labels of one"
            " half, or judged once more."
        )


def contradictions_tab(data: AnnotationSet, found: Comparison, chosen: Chosen) -> None:
    """Items on which the label contradicts gold, or the methods each other."""
    method = chosen.method
    has_gold, strengths = bool((data.gold >= 0).any()), data.has_pairs and data.scale.directional() != data.scale
    with st.container(horizontal=True, vertical_alignment="bottom"):
        kinds = {"gold": "the gold label", "methods": "another method"} if has_gold else {"methods": "another method"}
        what = st.segmented_control(
            "Contradicts",
            list(kinds),
            default=next(iter(kinds)),
            format_func=kinds.__getitem__,
            required=True,
            key="lbl_what",
            bind="query-params",
        )
        direction = (
            not st.toggle(
                "Strength counts too",
                key="lbl_strength",
                bind="query-params",
                help="A>> beside A> counts as a contradiction",
            )
            if strengths
            else True
        )
    asked: dict[str, Any] = {
        "methods": tuple(found.results),
        "gold": chosen.gold,
        "classifier": chosen.classifier,
        "method": method,
        "what": what,
        "direction": direction,
    }
    differing: Differences = _ui.shared(_labels.contradicting, data, **asked)
    n = len(differing.positions)
    if n == 0:
        st.info("No item's label contradicts " + ("its gold one." if what == "gold" else "that of another method."))
        return
    shown, same = in_few_columns(differing, method, found.results)
    share = {"min_value": 0.0, "max_value": 1.0, "format": "percent", "width": "small"}
    event = st.dataframe(
        shown,
        hide_index=True,
        key=f"lbl_differ_{what}_{direction}",
        on_select="rerun",
        selection_mode="single-row",
        placeholder="–",
        height=min(38 + 35 * n, 400),
        alt="Items with contradicting labels",
        column_config={
            "item_id": st.column_config.TextColumn("Item"),
            "gold": st.column_config.TextColumn("Gold"),
            "p_gold": st.column_config.ProgressColumn(
                "Gold side",
                **share,
                help=(
                    "Chance of the gold side by the method chosen; near 0 with several judgements: look at the gold"
                    " label"
                ),
            ),
            "confidence": st.column_config.ProgressColumn("Confidence", **share, help=_ui.measure_help("confidence")),
            "judgements": st.column_config.NumberColumn("Judgements"),
        },
    )
    if same:
        st.caption(_ui.safe(f"The same labels on all of these by {', '.join(same)}."))
    title = f"{METHODS[method].title} contradicts {kinds[what]}"
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button(f"Open all {n:,} in Items", key="lbl_open"):
            _ui.open_items(differing.positions, title)
        _ui.download(
            lambda: differing.frame,
            "contradictions",
            key="lbl_differ_file",
            label="Download table",
            method=method,
            with_=what,
        )
        order = (
            "the surest first: a hard item, or a gold label that is wrong" if what == "gold" else "the least sure first"
        )
        st.caption(
            f"Pick a row to open its item; {order}."
            + (f" The first {len(differing.frame):,} are listed." if n > len(differing.frame) else "")
        )
    if event.selection.rows:
        _ui.open_items(differing.positions[[event.selection.rows[0]]], title)


def export_tab(data: AnnotationSet, found: Comparison, chosen: Chosen) -> None:  # noqa: ARG001
    """Training rows with soft labels, and the labels as a table."""
    stem = {"method": chosen.method, "gold": None if chosen.gold == "judge" else chosen.gold}
    code = chosen.code
    if data.has_pairs:
        st.markdown("##### Training rows for a reward model", help=_ui.measure_help("soft_label"))
        with st.container(horizontal=True, vertical_alignment="bottom"):
            ties = st.segmented_control(
                "Ties",
                ["drop", "soft"],
                default="drop",
                required=True,
                key="lbl_ties",
                bind="query-params",
                format_func={"drop": "leave out", "soft": "keep at one half"}.__getitem__,
            )
            conversational = st.toggle(
                "As message lists",
                key="lbl_chat",
                bind="query-params",
                help="prompt, chosen and rejected as lists of messages with roles, the conversational form of TRL",
            )
        fate = dict(_ui.cached(_labels.fate_of_items, data, **chosen.one, ties=ties))
        rows = fate.pop("training rows", 0)
        _ui.used_line(rows, len(data.items), fate, unit="items")
        arguments: dict[str, Any] = {**chosen.one, "ties": ties, "conversational": conversational}
        with st.container(horizontal=True):
            for kind, mime in (("jsonl", "application/jsonl"), ("parquet", "application/vnd.apache.parquet")):
                st.download_button(
                    f"Training rows, {kind.upper() if kind == 'jsonl' else 'Parquet'}",
                    lambda kind=kind: rows_or_reason(data, kind, arguments),
                    f"{_ui.file_stem('training-rows', **stem, ties=ties)}.{kind}",
                    mime,
                    key=f"lbl_rows_{kind}",
                    on_click="ignore",
                    disabled=rows == 0,
                    type="primary" if kind == "jsonl" else "secondary",
                )
            _ui.copy_as_python(
                code.replace(
                    "import aggregate\n",
                    "import aggregate\nfrom workbench.aggregation.asking import probability_of_a\nfrom"
                    " workbench.formats.writers.preference_rows import write_preference_rows\n",
                    1,
                )
                + "write_preference_rows(data, 'rows.jsonl', labels=result.label, soft=probability_of_a(result),"
                f" ties={ties!r}, conversational={conversational!r})",
                key="lbl_rows_code",
            )
        st.caption(
            "`p_chosen` is the chance, by the method, that the chosen response is the better one: the soft label."
            " `margin` is the mean strength of the judgements. What TRL's RewardTrainer and DPOTrainer read."
        )
    else:
        st.info(
            "These labels are categories, so there is no chosen and rejected response; the labels are exported as a"
            " table."
        )
    st.markdown("##### Labels as a table")
    with st.container(horizontal=True, vertical_alignment="center"):
        _ui.download(
            lambda: _ui.shared(_labels.table_of, data, **chosen.one),
            "labels",
            key="lbl_labels_file",
            label="Download labels",
            **stem,
        )
        _ui.copy_as_python(code + "result.to_frame(data)", key="lbl_labels_code")
        st.caption("One row an item: label, confidence, why undecided, and a probability for each label.")


def rows_or_reason(data: AnnotationSet, kind: str, arguments: dict[str, Any]) -> bytes:
    """The file, or a line that says why there is none."""
    try:
        return _labels.training_rows(data, kind=kind, **arguments)
    except WorkbenchError as error:
        return str(error).encode()


TABS = {
    "Side by side": side_by_side_tab,
    "Confidence": confidence_tab,
    "Contradictions": contradictions_tab,
    "Export": export_tab,
}


@st.fragment
def explore(data: AnnotationSet) -> None:
    """Choices, sentence and the open tab."""
    set_here, below = _ui.above()
    with set_here:
        chosen = _labels.choices(data)
    with below:
        result_of(data, chosen)


def result_of(data: AnnotationSet, chosen: _labels.Chosen) -> None:
    """What the chosen method says, and the open tab."""
    method = chosen.method
    found = run_all(data, chosen)
    if method not in found.results:
        st.error(_ui.safe(f"{METHODS[method].title} did not run: {found.skipped[method]}. Choose another method."))
        return
    st.markdown(f"#### {_ui.safe(labels_sentence(found, method))}", help=_ui.measure_help("gold_accuracy_labels"))
    if why := why_sentence(found, method):
        st.caption(_ui.safe(why))
    result = found.results[method]
    _ui.used_line(result.n_used, len(data.annotations), result.set_aside)
    if not result.converged:
        st.warning(
            f"**Look at this.** {METHODS[method].title} was stopped after {counted(result.iterations, 'iteration')},"
            " before it converged; its labels may still move."
        )
    for tab, draw in zip(st.tabs(list(TABS), key="lbl_tab", bind="query-params"), TABS.values(), strict=True):
        if tab.open:
            with tab:
                draw(data, found, chosen)


data = _ui.require_data()
st.title("Labels")
if len(data.codes) == 0:
    with st.container(border=True):
        st.subheader("There is no judgement with a label")
        st.write(
            "Every judgement of this export is a skip or could not be read, so no item can get a label. See on the"
            " Start page how the labels were read."
        )
        st.page_link("start.py", label="**Go to Start**", query_params={"data": data.key})
else:
    _labels.follow_link(data)
    explore(data)
