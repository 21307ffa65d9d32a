"""Who labels well, whom to talk to and why: everything about each annotator, one seen closely, sequential gold tests,
and what they cost."""

from __future__ import annotations

from typing import Any

import _annotator
import _ids
import _sequential
import _ui
import pandas as pd
import streamlit as st

from workbench.annotators import (
    COMPOSITE_CAVEAT,
    KINDS,
    PARTS,
    Flags,
    Survey,
    Weights,
    annotator_table,
    composite_preset,
    flag_annotators,
    reliability,
    survey,
)
from workbench.annotators.reliability import evidence_of
from workbench.annotators.weeks import items_judged_in
from workbench.dataset.annotation_set import AnnotationSet
from workbench.figures.canvas import describe, room_for
from workbench.figures.crew_weeks import crew_weeks, weeks_sentence
from workbench.figures.people import PART_NAMES
from workbench.figures.people_tables import GROUPS, annotator_rows, pair_rows, suspect_rows, worst_first
from workbench.figures.reliability import least_reliable, reliability_forest, usual_levels
from workbench.figures.tables import whole_percents
from workbench.wording.annotators import (
    annotator_sentence,
    copies_sentence,
    flags_sentence,
    notices,
    suspect_sentence,
    usual_sentence,
)

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


def chance_and_usual(data: AnnotationSet) -> tuple[float, float, int]:
    """How often labels given without a look would be right, how often the crew's usually are, and of how many
    annotators that is the middle."""
    found = _ui.shared(survey, data)
    return *usual_levels(found, _ui.shared(table_of, data)), int(found.accuracy["estimated_accuracy"].count())


def composite(data: AnnotationSet) -> pd.DataFrame:
    return composite_preset(data)[["composite", "passes"]]


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
    with left:
        st.subheader("Reliability", help=_ui.measure_help("reliability"))
    with right, st.container(horizontal=True, horizontal_alignment="right"):
        weights = weights_chosen()
    table = _ui.cached(weighed, data, weights=weights)
    lowest = least_reliable(table)
    chance, usual, known = _ui.cached(chance_and_usual, data)
    if lowest.empty:
        st.info(
            "Of nobody is it known how reliable they are: there is no gold answer, and no two annotators labelled the"
            " same item."
        )
    else:
        figure = reliability_forest(lowest, chance=chance, usual=usual)
        code = (
            f"from workbench.annotators import Weights, annotator_table\n\nannotator_table(data, weights={weights!r})"
        )
        event = _ui.chart(
            figure,
            "ann_forest",
            alt=describe(figure),
            rows=lambda: table,
            name="annotators",
            select="points",
            code=code,
        )
        if _picked(event) in set(lowest["annotator"]) and st.session_state.get("ann_picked") != _picked(event):
            st.session_state["ann_picked"] = st.session_state["ann_who"] = _picked(event)
        st.caption(f"Pick a mark, or a row of the table, to see one closely.{_left_out(table, lowest)}")
        st.caption(_ui.safe(usual_sentence(usual, known)), help=_ui.measure_help("usual_reliability"))
        if found.others.scale.note:
            st.caption(_ui.safe(found.others.scale.note))
    listing(data, table, flags)
    one(data, found, flags, table, chance)


def _left_out(table: pd.DataFrame, lowest: pd.DataFrame) -> str:
    """Who is not drawn, and why."""
    unknown = int(table["reliability"].isna().sum())
    more = (
        f" The {len(lowest)} least reliable of {len(table):,} are drawn." if len(lowest) + unknown < len(table) else ""
    )
    return more + (
        f" Of {unknown:,} it is not known how reliable they are, so they are in the table alone." if unknown else ""
    )


def listing(data: AnnotationSet, table: pd.DataFrame, flags: Flags) -> None:
    """The table of all annotators, in one of two groups of columns."""
    with st.container(horizontal=True, vertical_alignment="center"):
        group = st.segmented_control(
            "Columns",
            list(GROUPS),
            default=next(iter(GROUPS)),
            required=True,
            key="ann_columns",
            bind="query-params",
            label_visibility="collapsed",
        )
        old = st.toggle("Composite score too", key="ann_old", bind="query-params", help=COMPOSITE_CAVEAT)
    shown = worst_first(table).head(1_000)
    view = annotator_rows(shown, group, _ui.cached(composite, data) if old else None)
    st.session_state["ann_listed"] = view["annotator"].tolist()
    st.dataframe(
        view,
        hide_index=True,
        key="ann_table",
        on_select=pick,
        selection_mode="single-cell",
        column_config=settings(view),
        placeholder="–",
        height=min(38 + 35 * max(len(view), 1), 320),
        alt="Annotators, flagged ones and the least reliable first",
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        _ui.download(lambda: table, "annotators", key="ann_table_file", label="Download all columns")
        _ui.download(lambda: flags.to_frame(), "flags", key="ann_flags_file", label="Download flags")
        with st.popover("What flags mean", key="ann_kinds", type="tertiary", on_change="rerun") as menu:
            if menu.open:
                st.markdown("\n".join(f"- **{kind}**: {_ui.safe(meaning)}" for kind, meaning in KINDS.items()))
                st.caption(
                    "A flag is a reason to look at somebody's work, not a verdict. Of each kind one flag in twenty at"
                    " most is expected to be false, however many annotators there are."
                )


def one(data: AnnotationSet, found: Survey, flags: Flags, table: pd.DataFrame, chance: float | None) -> None:
    """The annotator that is open."""
    st.divider()
    names = worst_first(_ui.shared(table_of, data))["annotator"].tolist()  # in an order that no slider changes
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if "ann_who" not in st.session_state and (linked := _ids.from_address("who", data.key, names)):
            st.session_state["ann_who"] = linked[0]
        name = st.selectbox(
            "Annotator", names, format_func=_ui.safe_plain, key="ann_who", persist_state="session", width=340
        )
        _ids.into_address("who", data.key, [name])
        if st.button("Open what it labelled", key="ann_open"):
            from workbench.agreement.drill_down import items_labelled_by

            _ui.open_items(items_labelled_by(data, (name,)), f"labelled by {name}")
    row = table[table["annotator"] == name].iloc[0].to_dict()
    st.markdown(
        f"#### {_ui.safe(annotator_sentence(row, [flag.why for flag in flags.by_annotator.get(name, ())], chance))}"
    )
    seen = _annotator.Seen(data, found, flags, name, row)
    for tab, draw in zip(
        st.tabs(list(_annotator.TABS), key="ann_close", bind="query-params"), _annotator.TABS.values(), strict=True
    ):
        if tab.open:
            with tab:
                draw(seen)


def pick() -> None:
    """A cell of the table was picked: its annotator is the open one."""
    cells = st.session_state["ann_table"]["selection"]["cells"]
    if cells:
        st.session_state["ann_who"] = st.session_state["ann_listed"][cells[0][0]]


def settings(view: pd.DataFrame) -> dict[str, Any]:
    """Titles, formats and widths of the columns."""
    number, text, share = st.column_config.NumberColumn, st.column_config.TextColumn, {"format": "percent"}
    return {
        "annotator": text("Annotator", width=room_for(view["annotator"], 13.5, 220)),
        "flags": text("Flags", width=max(64, room_for(view["flags"], 12, 260)) if "flags" in view else None),
        "reliability": st.column_config.ProgressColumn(
            "Reliability",
            format="percent",
            min_value=0.0,
            max_value=1.0,
            width=92,
            help=_ui.measure_help("reliability"),
        ),
        "interval": text("95%", width=80, help="Interval of the reliability"),
        "composite": number("Composite", format="%.2f", width=85, help=COMPOSITE_CAVEAT),
        "passes": st.column_config.CheckboxColumn("Passes .6", width=80),
        "annotations": number("Labels", format="localized", width=56),
        "on_gold": text("On gold", width=70, help="Gold items on which the direction is right, of all judged"),
        "on_gold_exact": text("exact", width=66, help="Gold items on which the very label is right, strength included"),
        "gold_interval": text(
            "gold 95%",
            width=80,
            help=(
                "Interval of the chance to be right on the direction of gold; with few answers it leans on what is"
                " usual in the crew (Beta posterior)"
            ),
        ),
        "gold_chance": number(
            "Guessing",
            **share,
            width=76,
            help="How often guessing evenly among the labels would be right on these gold items",
        ),
        "agreement_with_others": number(
            "Agrees", **share, width=62, help="Mean share of the others' labels on the same item that are alike"
        ),
        "self_consistency": number("Same again", **share, help="Pairs seen twice that got the same label both times"),
        "first_position_rate": number("Chose the first", **share, help="Share of choices for the response shown first"),
        "pace": number("Pace", **share, help=_ui.measure_help("pace")),
        "rapid_share": number("Rapid", **share, help=_ui.measure_help("rapid")),
        "skips": number("Skips", format="localized"),
    }


def copies(data: AnnotationSet, found: Survey, flags: Flags) -> None:  # noqa: ARG001
    """Pairs that give the same answers too often, and how many opinions the crew is worth."""
    pairs, names = found.collusion, data.annotators["annotator"].to_numpy()
    if pairs.tested == 0:
        st.info("No two annotators share ten items or more, so nothing can be said of answers in common.")
        return
    st.write(_ui.safe(f"{copies_sentence(len(found.copies), pairs.tested)} {found.independence}"))
    if pairs.partial:
        st.caption("On items with many labels only neighbours among them were compared: there are too many pairs.")
    table = pair_rows(pairs.pairs, names)
    event = st.dataframe(
        whole_percents(table, ("share",)),
        hide_index=True,
        key="ann_pairs",
        on_select="rerun",
        selection_mode="single-row",
        placeholder="–",
        height=min(38 + 35 * max(len(table), 1), 400),
        alt="Pairs of annotators, the most alike first",
        column_order=["first", "second", "items", "alike", "expected", "share", "p"],
        column_config={
            "first": st.column_config.TextColumn("Annotator"),
            "second": st.column_config.TextColumn("and"),
            "items": st.column_config.NumberColumn("Both labelled", help="Items"),
            "alike": st.column_config.NumberColumn("Same label"),
            "expected": st.column_config.NumberColumn(
                "expected", format="%.0f", help="From two typical annotators on the same items"
            ),
            "share": st.column_config.NumberColumn(
                "Answers in common", format="percent", help="Likeliest share of answers one has from the other"
            ),
            "p": st.column_config.TextColumn("p", help="Corrected for all pairs"),
        },
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        _ui.download(lambda: table, "pairs", key="ann_pairs_file", label="Download table")
        _ui.copy_as_python(
            "from workbench.annotators import survey\n\nsurvey(data).collusion.pairs", key="ann_pairs_code"
        )
        st.caption(
            "Pick a row to open the items that both labelled. Two who are right agree too, and so do two who share"
            " habits, a school or popular errors: what counts is agreement beyond that. Ask before you judge."
        )
    if event.selection.rows:
        from workbench.agreement.drill_down import items_labelled_by

        pair = table.iloc[event.selection.rows[0]]
        _ui.open_items(
            items_labelled_by(data, (pair["first"], pair["second"])),
            f"labelled by {pair['first']} and {pair['second']}",
        )


def weeks(data: AnnotationSet, found: Survey, flags: Flags) -> None:  # noqa: ARG001
    """The crew week by week, said and drawn; a week opens what was judged in it."""
    st.write(_ui.safe(weeks_sentence(found.weeks)))
    if len(found.weeks) < 2:
        return
    table, figure = found.weeks, crew_weeks(found.weeks)
    event = _ui.chart(
        figure,
        "ann_weeks",
        alt=describe(figure),
        rows=lambda: table,
        name="crew-by-week",
        select="points",
        code="from workbench.annotators import survey\n\nsurvey(data).weeks",
    )
    st.caption(
        "Each annotator's labels that look right (by gold, or by what everybody else says of the same item) beside the"
        " same annotator's in other weeks. A week counts as confused where annotators fall below their own other weeks,"
        " over annotators and over prompts alike. Pick a point or a bar to open what was judged in that week."
    )
    week = _picked(event) or _ui.by_name(table["week"].astype(str), "ann_weeks", "week")
    if week is not None:
        _ui.open_items(items_judged_in(found.others, str(week)), f"judged in the week of {week}")


def suspect(data: AnnotationSet, found: Survey, flags: Flags) -> None:  # noqa: ARG001
    """Gold that good annotators fail, and the likeliest that is still held to be right."""
    rows = suspect_rows(found.gold)
    st.write(_ui.safe(suspect_sentence(found.gold)))
    if rows.empty:
        return
    event = st.dataframe(
        whole_percents(rows, ("chance_wrong",)),
        hide_index=True,
        key="ann_suspect",
        on_select="rerun",
        selection_mode="single-row",
        placeholder="–",
        height=min(38 + 35 * len(rows), 400),
        alt="Gold items, the likeliest wrong first",
        column_order=["item_id", "gold", "instead", "against", "chance_wrong", "set_aside"],
        column_config={
            "item_id": st.column_config.TextColumn("Item"),
            "gold": st.column_config.TextColumn("Gold says"),
            "instead": st.column_config.TextColumn("Votes speak for"),
            "against": st.column_config.TextColumn(
                "Another direction", help="Votes for another direction than the gold's, of all votes"
            ),
            "chance_wrong": st.column_config.ProgressColumn(
                "Chance that the gold is wrong",
                format="percent",
                min_value=0.0,
                max_value=1.0,
                help="Each vote counts by how its annotator labels elsewhere",
            ),
            "set_aside": st.column_config.CheckboxColumn("Held against nobody"),
        },
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        _ui.download(lambda: found.gold.items, "suspect-gold", key="ann_suspect_file", label="Download all gold items")
        _ui.copy_as_python("from workbench.annotators import survey\n\nsurvey(data).gold.items", key="ann_suspect_code")
        st.caption("Pick a row to open its item.")
    if event.selection.rows:
        row = rows.iloc[event.selection.rows[0]]
        _ui.open_items([int(row["item"])], f"gold {row['gold']}, where votes speak for {row['instead']}")


def to_know(found: Survey, flags: Flags) -> None:
    """What to know before trusting a number: one line each, with the tab that says more."""
    for code, line in notices(found, flags).items():
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.markdown(f":orange-badge[Look at this] {_ui.safe(line)}", width="content")
            if code in ABOUT:
                st.button(
                    f"See {ABOUT[code]}", key=f"ann_see_{code}", type="tertiary", on_click=see, args=(ABOUT[code],)
                )


def see(tab: str) -> None:
    """Goes to a tab."""
    st.session_state["ann_tab"] = tab


def _picked(event: Any) -> Any:
    points = event.selection.points if event else []
    found = next((p["customdata"] for p in points if p.get("customdata") not in (None, [])), None)
    return found[0] if isinstance(found, list) and len(found) == 1 else found


TABS = {
    "Annotators": everybody,
    "Weeks": weeks,
    "Suspect gold": suspect,
    "Same answers": copies,
    "Sequential test": _sequential.gold_tests,
    "Planner": _sequential.planner,
}
ABOUT = {"suspect-gold": "Suspect gold", "confused-weeks": "Weeks"}


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
        st.write(
            "Every judgement of this export is a skip or could not be read, so nothing is known about the annotators."
        )
        st.page_link("start.py", label="**Go to Start**", query_params={"data": data.key})
    st.stop()
with st.spinner("Holding every annotator against gold and everybody else ...", show_time=True):
    found: Survey = _ui.shared(survey, data)
    flags: Flags = _ui.shared(flags_of, data)
st.markdown(f"#### {_ui.safe(flags_sentence(flags))}", help=_ui.measure_help("flags"))
to_know(found, flags)
explore(data, found, flags)
