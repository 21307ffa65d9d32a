"""How far annotators agree: every coefficient with both intervals, by slice, week, label count and pair of
annotators."""

from __future__ import annotations

from typing import Any

import _agreement
import _ui
import streamlit as st

from workbench.agreement import COEFFICIENTS, Choice, all_coefficients
from workbench.agreement.bands import KRIPPENDORFF, LANDIS_KOCH
from workbench.agreement.ranges import Ranges
from workbench.agreement.spread import Along
from workbench.dataset.annotation_set import AnnotationSet
from workbench.estimates import Estimate
from workbench.figures.canvas import describe, estimates_table
from workbench.figures.forest import forest_plot, published
from workbench.figures.slider_dots import bars_html
from workbench.scale.choosing import judgements_of_all, ranges_of_all, spread_of_all, tally_of_all
from workbench.wording.agreement import agreement_sentence, along_sentence, reading_sentence

FULL, DIRECTION = "Full scale", "Direction"
BANDS = {"Landis & Koch": LANDIS_KOCH, "Krippendorff": KRIPPENDORFF, "None": ()}
VARIANTS = ("fleiss_kappa_generalised", "percent_agreement_pooled")  # in the table, not in the chart
PARTS = {
    "Numbers": _agreement.numbers,
    "By slice": _agreement.slices,
    "By week": _agreement.weeks,
    "By label count": _agreement.label_counts,
    "Annotator pairs": _agreement.pairs,
    "Leave one out": _agreement.without_one,
    "Bootstrap": _agreement.replicates,
}


def coefficients(data: AnnotationSet, choice: Choice) -> dict[str, Estimate]:
    """Every coefficient of these judgements, from one tally."""
    return all_coefficients(_ui.shared(tally_of_all, data, choice=choice))


def title_of(key: str) -> str:
    """A coefficient's name in the list of choices."""
    name, _, level = key.partition(".")
    titles = {
        "krippendorff_alpha": "Alpha",
        "fleiss_kappa": "Fleiss' kappa",
        "fleiss_kappa_generalised": "Fleiss' kappa, generalised",
        "gwet_ac1": "Gwet's AC1",
        "gwet_ac2": "Gwet's AC2",
        "brennan_prediger": "Brennan-Prediger",
        "percent_agreement": "Percent agreement",
        "percent_agreement_pooled": "Percent agreement, pooled",
    }
    return titles.get(name, name) + (f", {level}" if level else "")


def defaults(data: AnnotationSet, r: Ranges) -> dict[str, Any]:
    """Where each choice stands before the reader touches it, by the name it has in the address."""
    return {
        "agr_read": FULL,
        "agr_coef": "krippendorff_alpha.ordinal" if data.scale.has_sides else "krippendorff_alpha.nominal",
        "agr_items": 1,
        "agr_annotators": 1,
        "agr_seconds": 0,
        "agr_weeks": (r.weeks[0], r.weeks[-1]) if len(r.weeks) > 1 else None,
        "agr_kinds": list(r.kinds),
    }


def undo(values: dict[str, Any]) -> None:
    """Puts every choice back."""
    for name, value in values.items():
        if name in st.session_state and value is not None:
            st.session_state[name] = value


def strip(lies: Along | None, one: str, how: str, first: int, last: int | None = None) -> None:
    """What lies along the slider above, and how much of it is outside the places chosen on it."""
    if lies is not None:
        out = lies.outside(first, last)
        st.html(bars_html(lies.counts, out, along_sentence(int(out.sum()), int(lies.counts.sum()), one, how)))


def controls(data: AnnotationSet, r: Ranges) -> tuple[Choice, str]:
    """The choices, kept in the address."""
    start = defaults(data, r)
    lies = _ui.cached(spread_of_all, data)
    reading = FULL
    if data.scale.directional() != data.scale:
        reading = st.segmented_control(
            "Labels read as",
            [FULL, DIRECTION],
            default=FULL,
            required=True,
            key="agr_read",
            bind="query-params",
            help="Direction takes A>> and A> as the same label: which response is better, not by how much.",
        )
    key = st.selectbox(
        "Coefficient",
        COEFFICIENTS,
        index=COEFFICIENTS.index(start["agr_coef"]),
        format_func=title_of,
        key="agr_coef",
        bind="query-params",
        help="What the sentence, the slices and the weeks are about",
    )
    least = 1
    if r.labels_per_item[-1] > 1:
        least = st.slider(
            "Fewest labels per item",
            1,
            r.labels_per_item[-1],
            1,
            key="agr_items",
            bind="query-params",
            help="Items with fewer labels, after the other choices, are set aside.",
        )
        strip(lies.items, "item", "with fewer", r.labels_per_item.index(least))
    given = 1
    if len(r.labels_per_annotator) > 1:
        given = st.select_slider(
            "Fewest labels per annotator",
            r.labels_per_annotator,
            1,
            format_func=lambda n: f"{n:,}",
            key="agr_annotators",
            bind="query-params",
            help="Annotators who gave fewer labels are set aside.",
        )
        strip(lies.annotators, "annotator", "gave fewer", r.labels_per_annotator.index(given))
    seconds = 0
    if len(r.seconds) > 1:
        seconds = st.select_slider(
            "Fewest seconds",
            r.seconds,
            0,
            key="agr_seconds",
            bind="query-params",
            help="Faster judgements are set aside. A judgement without a time stays: unknown is not fast.",
        )
        strip(lies.judgements, "judgement", "faster", r.seconds.index(seconds))
    else:
        st.caption(_ui.safe(f"No choice by speed: {r.why_no_seconds or 'the median time is under a second'}."))
    days = None
    if len(r.weeks) > 1:
        first, last = st.select_slider(
            "Weeks (from Monday)",
            r.weeks,
            start["agr_weeks"],
            key="agr_weeks",
            bind="query-params",
            help="Judgements of these weeks; one without a date is set aside as soon as a week is.",
        )
        days = r.days(first, last)
        strip(lies.weeks, "judgement", "of other weeks", r.weeks.index(first), r.weeks.index(last))
    kinds: tuple[str, ...] | None = None
    if len(r.kinds) > 1:
        picked = st.pills(
            "Annotators",
            r.kinds,
            selection_mode="multi",
            default=r.kinds,
            key="agr_kinds",
            bind="query-params",
            help="Which kinds of annotator are compared",
        )
        kinds = None if not picked or len(picked) == len(r.kinds) else tuple(k for k in r.kinds if k in picked)
    choice = Choice(
        min_labels_per_item=least,
        min_labels_per_annotator=given,
        min_seconds=seconds,
        kinds=kinds,
        weeks=days,
        direction=reading == DIRECTION,
    )
    st.button(
        "Undo all choices",
        key="agr_undo",
        on_click=undo,
        args=(start,),
        disabled=choice == Choice() and key == start["agr_coef"],
        type="tertiary",
    )
    return choice, key


def result(looked: _agreement.Looked) -> None:
    """The sentence, the forest, and the part that is looked at."""
    data, choice, found = looked.data, looked.choice, looked.found
    counted = _ui.shared(tally_of_all, data, choice=choice)
    said = agreement_sentence(
        found["percent_agreement"], looked.chosen, direction=choice.direction, sides=data.has_pairs
    )
    st.markdown(f"#### {_ui.safe(said)}", help=_agreement.help_of(looked.key))
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        _ui.used_line(counted.n_labels, judgements_of_all(data), {**looked.ranges.not_looked_at, **counted.set_aside})
        reading = st.popover("How to read these", key="agr_reading", type="tertiary", on_change="rerun")
    if counted.n_overlapping == 0:
        with st.container(border=True):
            st.write("**No item has labels from two annotators among the judgements chosen.**")
            st.write("Lower the sliders, widen the weeks, or undo all choices on the left.")
        return
    if reading.open:
        with reading:
            how_to_read(looked)
    bands = BANDS.get(st.session_state.get("agr_bands", "Landis & Koch"), ())
    figure = forest_plot(
        {e.name: e for key, e in found.items() if key not in VARIANTS},
        bands=bands,
        marks=published(found, len(counted.scale), direction=choice.direction),
    )
    code = (
        "from workbench.agreement import Choice, all_coefficients\n\nchoice ="
        f" {_agreement.choice_as_code(choice)}\nall_coefficients(data, choice)[{looked.key!r}]"
    )
    _ui.chart(
        figure,
        "agr_forest",
        alt=describe(figure),
        rows=lambda: estimates_table(found),
        name="agreement",
        code=code,
        **_agreement.named(looked),
    )
    # Not st.tabs: building those anew on every move of a slider takes a third of the browser's time.
    part = st.segmented_control(
        "Look closer",
        list(PARTS),
        default="Numbers",
        required=True,
        key="agr_tab",
        bind="query-params",
        label_visibility="collapsed",
    )
    PARTS[part](looked)


def how_to_read(looked: _agreement.Looked) -> None:
    """Bands as one reading among others, and what others reached."""
    st.radio("Shaded behind the chart", list(BANDS), key="agr_bands", horizontal=True)
    bands = BANDS[st.session_state["agr_bands"]]
    if bands:
        st.write(_ui.safe(reading_sentence(looked.chosen, bands)))
    st.write(
        "Such words are one reading among others and no gate for preferences, where people differ for good reasons."
        " Compare with what others reached (triangles in the chart where the scale fits):"
    )
    st.dataframe(_agreement.ceilings(), hide_index=True, key="agr_ceilings", placeholder="–")


@st.fragment
def explore(data: AnnotationSet) -> None:
    """Choices and charts together: a change reruns this and nothing else of the page."""
    r = _ui.cached(ranges_of_all, data)
    left, right = _ui.beside([1, 2.8])
    with left:
        choice, key = controls(data, r)
    with right:
        with st.spinner("Counting ...", show_time=True):
            found = _ui.cached(coefficients, data, choice=choice)
        result(_agreement.Looked(data, choice, key, found, r))


data = _ui.require_data(counts_all=True)
st.title("Agreement")
if _ui.cached(ranges_of_all, data).items_with_overlap == 0:
    with st.container(border=True):
        st.subheader("No item was labelled by two annotators")
        st.write(
            "Agreement needs items that two or more annotators judged. Have some of the items labelled again by"
            " somebody else: a fifth of them is enough to know how far the labels can be trusted."
        )
        st.write(
            "If the labels of each annotator are in a file of their own, open the files together on the Start page:"
            " they merge on the content of the items."
        )
        st.page_link("start.py", label="**Go to Start**", query_params={})
else:
    explore(data)
