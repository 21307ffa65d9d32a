"""What to set aside, and what that does: rules as sliders, the effect beside that of removing as much at random, the
cleaned set."""

from __future__ import annotations

import _cleaning_rules
import _ui
import pandas as pd
import streamlit as st

from workbench.agreement.ranges import ranges
from workbench.cleaning import (
    Cleaning,
    Effect,
    FlippedLabels,
    JudgementsSetAside,
    clean,
    cleaning_effect,
    flipped_labels,
    judgements_set_aside,
    packed,
    who_goes,
)
from workbench.dataset.annotation_set import AnnotationSet
from workbench.errors import WorkbenchError
from workbench.figures.canvas import describe
from workbench.figures.cleaning import cleaning_chart
from workbench.figures.cleaning_tables import effect_table, readable_table
from workbench.figures.tables import table_html
from workbench.formats.writers.writing import WRITERS
from workbench.wording.cleaning import (
    cleaning_sentence,
    flips_sentence,
    gold_sentence,
    money_sentence,
    remedy_sentence,
)

# ---------------------------------------------------------------- answers, remembered by data and rules


def effect(data: AnnotationSet, cleaning: Cleaning, price: float | None) -> Effect:
    return cleaning_effect(data, cleaning, _cleaning_rules.evidence(data), price)


def people(data: AnnotationSet, cleaning: Cleaning) -> pd.DataFrame:
    return who_goes(_cleaning_rules.evidence(data), cleaning)


def judgements(
    data: AnnotationSet, cleaning: Cleaning, annotator: str | None = None, reason: str | None = None
) -> JudgementsSetAside:
    return judgements_set_aside(data, cleaning, _cleaning_rules.evidence(data), annotator=annotator, reason=reason)


def flipped(data: AnnotationSet, cleaning: Cleaning, refit: bool) -> FlippedLabels:
    return flipped_labels(data, cleaning, _cleaning_rules.evidence(data), refit=refit)


# ---------------------------------------------------------------- what comes of them


@st.fragment(key="cln_result")
def result(data: AnnotationSet) -> None:
    """What the rules do; a rule that moves reruns this and nothing else of the page."""
    try:
        rules = _cleaning_rules.rules_now(_cleaning_rules.evidence(data))
        outcome(data, rules, st.session_state.get("cln_price") or None)
    except WorkbenchError as error:
        _ui.problem(error)


def outcome(data: AnnotationSet, cleaning: Cleaning, price: float | None) -> None:
    """The sentence, the chart, the cleaned set, and the open tab."""
    found: Effect = _ui.cached(effect, data, cleaning=cleaning, price=price)
    # Drawn before anything is sent: what is sent piece by piece the browser lays out piece by piece.
    drawable = not found.nothing_left and (found.alpha_before.value is not None or found.gold_before.value is not None)
    figure = cleaning_chart(found) if drawable else None
    st.markdown(f"#### {_ui.safe(cleaning_sentence(found))}", help=_ui.measure_help("krippendorff_alpha"))
    lines = [line for line in (gold_sentence(found), flips_sentence(found), money_sentence(found)) if line]
    if lines:
        st.markdown("  \n".join(_ui.safe(line) for line in lines))
    _ui.used_line(found.after.annotations, found.before.annotations, found.set_aside)
    if found.nothing_left:
        with st.container(border=True):
            st.write("**Every label is set aside, so there is nothing to compare.**")
            st.write(_ui.safe(remedy_sentence(found)))
        return
    if figure is None:
        st.caption("There is no chart: neither agreement nor accuracy on gold can be computed.")
    else:
        _ui.chart(
            figure,
            "cln_chart",
            alt=describe(figure),
            rows=lambda: effect_table(found),
            name="cleaning",
            code=python_of(cleaning, price),
        )
    for note in found.notes:
        st.caption(_ui.safe(note))
    take_away(data, cleaning, found)
    for tab, draw in zip(st.tabs(list(TABS), key="cln_tab", bind="query-params"), TABS.values(), strict=True):
        if tab.open:
            with tab:
                draw(data, cleaning, found)


def python_of(cleaning: Cleaning, price: float | None) -> str:
    """The lines of Python that give the same figures."""
    return (
        "from workbench.cleaning import Cleaning, clean, cleaning_effect, gather_evidence\n\nrules ="
        f" {cleaning.to_python()}\nevidence = gather_evidence(data)\ncleaning_effect(data, rules,"
        f" evidence{f', cost_per_label={price!r}' if price else ''})\ncleaned = clean(data, rules, evidence)"
    )


def take_away(data: AnnotationSet, cleaning: Cleaning, found: Effect) -> None:
    """The cleaned set: used from here on, or downloaded with its ledger."""
    nothing = found.n_set_aside == 0
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button(
            "Use the cleaned set from here on",
            key="cln_use_button",
            type="primary",
            disabled=nothing,
            help="It becomes the open data set on all pages. The original is kept and can be restored.",
        ):
            st.session_state["cln_use"] = cleaning
            st.rerun()
        with st.popover(
            "Download the cleaned set", key="cln_files", type="tertiary", on_change="rerun", disabled=nothing
        ) as menu:
            if menu.open:
                downloads(data, cleaning)


def downloads(data: AnnotationSet, cleaning: Cleaning) -> None:
    """Every format, each with the ledger in the same archive."""
    st.caption("Each is a zip archive with the data and `ledger.json`: what was set aside, why, and by which rules.")
    for name, writer in WRITERS.items():
        if name == "trl" and not data.has_pairs:
            continue
        st.write(writer.title)
        with st.container(horizontal=True):
            for ending in writer.endings:
                if name == "workbench" and ending != writer.endings[0]:
                    continue
                st.download_button(
                    ending.lstrip("."),
                    lambda n=name, e=ending: packed(
                        clean(data, cleaning, _cleaning_rules.evidence(data)), cleaning, n, e
                    ),
                    f"{_ui.file_stem('cleaned', form=name)}{ending}.zip",
                    "application/zip",
                    key=f"cln_file_{name}_{ending}",
                    on_click="ignore",
                )


def what_changes(data: AnnotationSet, cleaning: Cleaning, found: Effect) -> None:  # noqa: ARG001
    """Every figure before and after, and at random."""
    # Not st.dataframe: a table that is drawn on a canvas takes the browser longer than a chart, on every move of a
    # slider.
    st.html(table_html(readable_table(found, intervals=True), words=("Change at random",)))
    with st.popover("Download table", key="cln_changes_menu", type="tertiary", on_change="rerun") as menu:
        if menu.open:
            _ui.table_buttons(lambda: effect_table(found), _ui.file_stem("cleaning-effect"), "cln_changes_file")
    placebo = found.placebo
    if placebo:
        where = (
            "all items"
            if placebo.items == placebo.of_items
            else f"{placebo.items:,} items drawn at random, in proportion"
        )
        st.caption(
            f"At random: {placebo.draws} times as many annotators ({placebo.annotators:,}), judgements"
            f" ({placebo.judgements:,}) and items ({placebo.items_gone:,}) were set aside at random, on {where}. A"
            " change beyond all of them would come up one time in 20 if the choice were as good as random; trying many"
            " thresholds makes that more often."
        )
    st.caption(
        "Labels: the default of the Labels page, gold left aside; what is left of an item is read with each annotator's"
        " table as fitted to all data. Repeats count once."
    )


def annotators(data: AnnotationSet, cleaning: Cleaning, found: Effect) -> None:  # noqa: ARG001
    """Who goes and why; one row opens the judgements."""
    frame = _ui.cached(people, data, cleaning=cleaning)
    percent = {
        name: st.column_config.NumberColumn(title, format="percent")
        for name, title in (
            ("reliability", "Reliability"),
            ("agreement", "Agrees with others"),
            ("gold", "On gold"),
            ("rapid_share", "Rapid"),
        )
    }
    shown = frame.round(2)[
        [
            "annotator",
            "goes",
            "why",
            "annotations",
            "reliability",
            "agreement",
            "gold",
            "gold_n",
            "rapid_share",
            "flags",
        ]
    ]
    event = st.dataframe(
        shown,
        hide_index=True,
        key="cln_people",
        on_select="rerun",
        selection_mode="single-row",
        placeholder="–",
        height=320,
        column_config={
            **percent,
            "goes": "Goes",
            "why": st.column_config.TextColumn("Why", width="medium"),
            "annotations": "Judgements",
            "gold_n": "Gold answers",
            "flags": "Flags",
            "annotator": "Annotator",
        },
        alt="Annotators, those who go first, with the figures the rules look at",
    )
    st.caption("Pick a row to see the annotator's judgements.")
    _ui.download(frame, "cleaning-annotators", key="cln_people_file")
    rows = event["selection"]["rows"] if event else []
    if rows and rows[0] < len(frame):
        name = str(frame["annotator"].iloc[rows[0]])
        st.markdown(f"**{_ui.safe(name)}**")
        listing(_ui.cached(judgements, data, cleaning=cleaning, annotator=name), "cln_of_one")


def set_aside(data: AnnotationSet, cleaning: Cleaning, found: Effect) -> None:
    """The judgements that go, by reason."""
    if not found.set_aside:
        st.info("Nothing is set aside: move a slider on the left.")
        return
    reason = st.selectbox(
        "Why",
        ["any reason", *found.set_aside],
        format_func=lambda r: f"{r} ({found.set_aside.get(r, found.n_set_aside):,})",
        key="cln_reason",
    )
    listing(
        _ui.cached(judgements, data, cleaning=cleaning, reason=None if reason == "any reason" else reason), "cln_aside"
    )


def listing(listed: JudgementsSetAside, key: str) -> None:
    """Judgements as a table."""
    st.dataframe(
        listed.frame, hide_index=True, key=key, height=300, placeholder="–", alt="Judgements, with why they go"
    )
    st.caption(
        f"{listed.n:,} judgements"
        + (f", the first {len(listed.frame):,} listed" if len(listed.frame) < listed.n else "")
        + "."
    )
    _ui.download(listed.frame, "cleaning-judgements", key=f"{key}_file")


def labels(data: AnnotationSet, cleaning: Cleaning, found: Effect) -> None:
    """Which labels change; they open on the Items page."""
    if not found.set_aside:
        st.info("No label changes while nothing is set aside.")
        return
    refit = st.toggle(
        "Fit annotators again to what is left",
        key="cln_refit",
        help="Exact, and slower: without it each annotator's confusion table stays as it was fitted to all data.",
    )
    with st.spinner("Fitting ...") if refit else st.container():
        changed: FlippedLabels = _ui.shared(flipped, data, cleaning=cleaning, refit=refit)
    if len(changed.positions) == 0:
        st.info("No label changes.")
        return
    more = (
        f", the first {len(changed.frame):,} listed, changed sides first"
        if len(changed.frame) < len(changed.positions)
        else ""
    )
    st.caption(f"{len(changed.positions):,} labels change{more}.")
    names = {
        "item_id": "Item",
        "before": "Before",
        "after": "After",
        "direction": "Changes side",
        "labels_before": "Labels before",
        "labels_after": "Labels after",
        "gold": "Gold",
    }
    st.dataframe(
        changed.frame[list(names)],
        hide_index=True,
        key="cln_flips",
        height=300,
        column_config=names,
        placeholder="–",
        alt="Items whose label changes",
    )
    with st.container(horizontal=True):
        if st.button("Open these items", key="cln_open", help="On the Items page, with texts and all labels"):
            _ui.open_items(changed.positions, "labels that change by cleaning")
        _ui.download(changed.frame, "cleaning-labels", key="cln_flips_file")


TABS = {"What changes": what_changes, "Annotators": annotators, "Set aside": set_aside, "Labels that change": labels}


# ---------------------------------------------------------------- the page


@st.fragment
def explore(data: AnnotationSet) -> None:
    """Rules beside their effect."""
    with st.spinner("Looking once at every annotator, judgement and item ..."):
        known = _cleaning_rules.evidence(data)
    r = _ui.cached(ranges, data)
    left, right = _ui.beside([1, 2.8])
    with left:
        _cleaning_rules.annotator_rules(data, known)
        _cleaning_rules.judgement_rules(known, r, r.not_looked_at["without a label"])
        _cleaning_rules.item_rules(data, r)
        st.number_input(
            "Paid per judgement",
            0.0,
            None,
            0.0,
            0.05,
            key="cln_price",
            bind="query-params",
            on_change=_cleaning_rules.again,
            help="In your currency. Repeats and skips are counted: they were paid too.",
        )
        st.button("Undo all rules", key="cln_undo", on_click=_cleaning_rules.undo, type="tertiary")
    with right:
        result(data)


def use(data: AnnotationSet, cleaning: Cleaning) -> None:
    """Makes the cleaned set the open one; the original stays on the shelf."""
    kept = _ui.about()
    name = kept.name if kept else "data"
    try:
        with st.spinner("Setting aside and keeping the cleaned set ..."):
            cleaned = clean(data, cleaning, _cleaning_rules.evidence(data))
            original = st.session_state["data"]
            _cleaning_rules.undo()
            _ui.open_data(
                cleaned, f"{name}, cleaned", f"cleaning of {name}", original=original, cleaning=cleaning.in_words
            )
    except WorkbenchError as error:
        _ui.problem(error)
        return
    st.rerun()


data = _ui.require_data()
st.title("Cleaning")
wanted = st.session_state.pop("cln_use", None)
if wanted is not None:
    use(data, wanted)
kept = _ui.about()
if kept is not None and kept.original:
    with st.container(border=True):
        st.write(
            f"**This is a cleaned set.** Left out: {_ui.safe(kept.cleaning)}. Restore the original from the side bar;"
            " both stay on this machine."
        )
if len(data.codes) == 0:
    with st.container(border=True):
        st.subheader("There is no label to set aside")
        st.write(
            "Every judgement of this data set is without a label. Check on the Start page how the labels were read."
        )
        st.page_link("start.py", label="**Go to Start**", query_params={})
else:
    explore(data)
