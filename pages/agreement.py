"""How far annotators agree: every coefficient with both intervals, by slice, week, label count and pair of
annotators."""

from __future__ import annotations

from contextlib import nullcontext

import _agreement
import _ui
import streamlit as st
from _agreement_choices import chosen, controls

from workbench.agreement import Choice, all_coefficients
from workbench.agreement.bands import KRIPPENDORFF, LANDIS_KOCH
from workbench.dataset.annotation_set import AnnotationSet
from workbench.estimates import Estimate
from workbench.figures.canvas import describe, estimates_table
from workbench.figures.forest import forest_plot, published
from workbench.scale.choosing import judgements_of_all, ranges_of_all, tally_of_all
from workbench.wording.agreement import agreement_sentence, reading_sentence

BANDS = {"Landis & Koch": LANDIS_KOCH, "Krippendorff": KRIPPENDORFF, "None": ()}
VARIANTS = ("fleiss_kappa_generalised", "percent_agreement_pooled")  # in the table, not in the chart
MANY = 10_000_000
"""Judgements above which counting them anew after a move takes long enough to say so."""
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


def result(looked: _agreement.Looked) -> bool:
    """The sentence and the forest; whether there is anything to look at closer."""
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
        return False
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
    return True


def look_closer(looked: _agreement.Looked) -> None:
    """The part that is looked at."""
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
    """Choices and charts together: a change reruns this and nothing else of the page.

    What a choice changes is sent to the browser before the choices themselves, which take as long to draw.
    """
    opened = st.session_state.pop("agr_opened", False)
    left, right = _ui.beside([1, 2.8])
    if opened:
        with left:
            controls(data)
    choice, key = chosen(data)
    with right:
        with st.spinner("Counting ...", show_time=True) if opened or judgements_of_all(data) > MANY else nullcontext():
            found = _ui.cached(coefficients, data, choice=choice)
        looked = _agreement.Looked(data, choice, key, found, _ui.cached(ranges_of_all, data))
        closer = result(looked)
    if not opened:
        with left:
            controls(data)
    if closer:
        with right:
            look_closer(looked)


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
    st.session_state["agr_opened"] = True
    explore(data)
