"""The choices of the Agreement page, and what lies along its sliders."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import _ui
import streamlit as st

from workbench.agreement import COEFFICIENTS, Choice
from workbench.agreement.ranges import Ranges
from workbench.agreement.spread import Along
from workbench.dataset.annotation_set import AnnotationSet
from workbench.figures.slider_dots import bars_html
from workbench.scale.choosing import ranges_of_all, spread_of_all
from workbench.wording.agreement import along_sentence

FULL, DIRECTION = "Full scale", "Direction"


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


def strip(lies: Along | None, slider: str, steps: Sequence[Any], one: str, how: str) -> None:
    """What lies along the slider above, and how much of it is outside the places chosen on it.

    Parameters
    ----------
    lies : how much lies where; None draws nothing.
    slider : its key.
    steps : the places on it.
    one, how : what is counted, and how what is outside differs.
    """
    if lies is None:
        return
    at = st.session_state[slider]
    out = lies.outside(*(steps.index(end) for end in (at if isinstance(at, tuple) else (at,))))
    st.html(bars_html(lies.counts, out, along_sentence(int(out.sum()), int(lies.counts.sum()), one, how)))


def chosen(data: AnnotationSet) -> tuple[Choice, str]:
    """The choices as they stand, and the coefficient that the sentence is about: known before the sliders are drawn
    again."""
    r: Ranges = _ui.cached(ranges_of_all, data)
    at = {name: st.session_state.get(name, value) for name, value in defaults(data, r).items()}
    some = tuple(k for k in r.kinds if k in (at["agr_kinds"] or ()))
    choice = Choice(
        min_labels_per_item=at["agr_items"] if r.labels_per_item[-1] > 1 else 1,
        min_labels_per_annotator=at["agr_annotators"] if len(r.labels_per_annotator) > 1 else 1,
        min_seconds=at["agr_seconds"] if len(r.seconds) > 1 else 0,
        kinds=some if 0 < len(some) < len(r.kinds) else None,
        weeks=r.days(*at["agr_weeks"]) if len(r.weeks) > 1 else None,
        direction=two_readings(data) and at["agr_read"] == DIRECTION,
    )
    return choice, at["agr_coef"]


def two_readings(data: AnnotationSet) -> bool:
    """Whether the labels say by how much a response is better, too."""
    return data.scale.directional() != data.scale


def controls(data: AnnotationSet) -> None:
    """The choices, kept in the address."""
    r: Ranges = _ui.cached(ranges_of_all, data)
    start = defaults(data, r)
    lies = _ui.cached(spread_of_all, data)
    if two_readings(data):
        st.segmented_control(
            "Labels read as",
            [FULL, DIRECTION],
            default=FULL,
            required=True,
            key="agr_read",
            bind="query-params",
            help="Direction takes A>> and A> as the same label: which response is better, not by how much.",
        )
    st.selectbox(
        "Coefficient",
        COEFFICIENTS,
        index=COEFFICIENTS.index(start["agr_coef"]),
        format_func=title_of,
        key="agr_coef",
        bind="query-params",
        help="What the sentence, the slices and the weeks are about",
    )
    if r.labels_per_item[-1] > 1:
        st.slider(
            "Fewest labels per item",
            1,
            r.labels_per_item[-1],
            1,
            key="agr_items",
            bind="query-params",
            help="Items with fewer labels, after the other choices, are set aside.",
        )
        strip(lies.items, "agr_items", r.labels_per_item, "item", "with fewer")
    if len(r.labels_per_annotator) > 1:
        st.select_slider(
            "Fewest labels per annotator",
            r.labels_per_annotator,
            1,
            format_func=lambda n: f"{n:,}",
            key="agr_annotators",
            bind="query-params",
            help="Annotators who gave fewer labels are set aside.",
        )
        strip(lies.annotators, "agr_annotators", r.labels_per_annotator, "annotator", "gave fewer")
    if len(r.seconds) > 1:
        st.select_slider(
            "Fewest seconds",
            r.seconds,
            0,
            key="agr_seconds",
            bind="query-params",
            help="Faster judgements are set aside. A judgement without a time stays: unknown is not fast.",
        )
        strip(lies.judgements, "agr_seconds", r.seconds, "judgement", "faster")
    else:
        st.caption(_ui.safe(f"No choice by speed: {r.why_no_seconds or 'the median time is under a second'}."))
    if len(r.weeks) > 1:
        st.select_slider(
            "Weeks (from Monday)",
            r.weeks,
            start["agr_weeks"],
            key="agr_weeks",
            bind="query-params",
            help="Judgements of these weeks; one without a date is set aside as soon as a week is.",
        )
        strip(lies.weeks, "agr_weeks", r.weeks, "judgement", "of other weeks")
    if len(r.kinds) > 1:
        st.pills(
            "Annotators",
            r.kinds,
            selection_mode="multi",
            default=r.kinds,
            key="agr_kinds",
            bind="query-params",
            help="Which kinds of annotator are compared",
        )
    st.button(
        "Undo all choices",
        key="agr_undo",
        on_click=undo,
        args=(start,),
        disabled=chosen(data) == (Choice(), start["agr_coef"]),
        type="tertiary",
    )
