"""The rules of Cleaning as sliders, with annotators and items along them."""

from __future__ import annotations

from typing import Any

import _ids
import _ui
import streamlit as st

from workbench.agreement.ranges import Ranges
from workbench.annotators import KINDS, survey
from workbench.cleaning import Cleaning, Evidence, gather_evidence
from workbench.cleaning.on_scale import ITEM_RULES, annotators_on_scale, items_beyond, items_on_scale
from workbench.dataset.annotation_set import AnnotationSet
from workbench.errors import WorkbenchError
from workbench.figures.slider_dots import bars_html, dots_html
from workbench.wording.cleaning import items_sentence, next_sentence

WORDS_A_MINUTE = (0, 5_000, 3_000, 2_000, 1_500, 1_000, 800, 700, 600, 500, 400, 300)
START: dict[str, Any] = {
    "cln_rel": 0,
    "cln_agree": 0,
    "cln_gold": 0,
    "cln_golds": 10,
    "cln_rapid": 100,
    "cln_fall": 100,
    "cln_flags": [],
    "cln_sure": False,
    "cln_out": [],
    "cln_in": [],
    "cln_secs": 0,
    "cln_wpm": 0,
    "cln_skips": False,
    "cln_conf": 0,
    "cln_cont": 100,
    "cln_left": 1,
}


def evidence(data: AnnotationSet) -> Evidence:
    """What the rules are compared with, gathered once."""
    return _ui.shared(gathered, data)


def gathered(data: AnnotationSet) -> Evidence:
    return gather_evidence(data, _ui.shared(survey, data))


def undo() -> None:
    """Puts every rule back."""
    for name, value in START.items():
        if name in st.session_state:
            st.session_state[name] = list(value) if isinstance(value, list) else value


def again() -> None:
    """A rule has moved: the result and what lies along the sliders are drawn again; the sliders stay as they stand."""
    st.rerun(["cln_result", *st.session_state.get("cln_dots", ())])


def rules_now(known: Evidence) -> Cleaning:
    """The rules as the sliders stand.

    Raises
    ------
    WorkbenchError : they do not go together.
    """
    now = {name: st.session_state.get(name, value) for name, value in START.items()}
    share = {
        name: now[name] / 100
        for name in ("cln_rel", "cln_agree", "cln_gold", "cln_rapid", "cln_fall", "cln_conf", "cln_cont")
    }
    without = tuple(now["cln_out"])
    return Cleaning(
        least_reliability=share["cln_rel"],
        least_agreement=share["cln_agree"],
        least_gold=share["cln_gold"],
        gold_answers=now["cln_golds"],
        most_rapid=share["cln_rapid"],
        largest_fall=share["cln_fall"],
        flags=tuple(now["cln_flags"]),
        assured=now["cln_sure"],
        without=without,
        keep=tuple(name for name in now["cln_in"] if name not in without),
        min_seconds=now["cln_secs"],
        max_words_per_minute=now["cln_wpm"] if known.usable_words else 0,
        skips=now["cln_skips"],
        least_confidence=share["cln_conf"],
        most_contested=share["cln_cont"],
        min_labels_left=now["cln_left"],
    )


def share(label: str, key: str, help: str) -> None:
    """A slider in per cent."""
    st.slider(label, 0, 100, START[key], format="%d%%", key=key, bind="query-params", on_change=again, help=help)


def along(data: AnnotationSet, figure: str) -> None:
    """Annotators or items as dots along the slider above, drawn again with the rules."""
    key = f"cln_dots_{figure}"
    st.session_state.setdefault("cln_dots", [])
    if key not in st.session_state["cln_dots"]:
        st.session_state["cln_dots"].append(key)
    st.fragment(dots, key=key)(data, figure)


def dots(data: AnnotationSet, figure: str) -> None:
    """One strip of dots, and who goes next."""
    known = evidence(data)
    try:
        cleaning = rules_now(known)
        if figure in ITEM_RULES:
            counts = _ui.shared(item_counts, data, figure=figure)
            gone = items_beyond(counts, cleaning, figure)
            st.html(bars_html(counts, gone, items_sentence(int(gone.sum()), int(counts.sum()))))
            return
        found = annotators_on_scale(known, cleaning, figure)
    except WorkbenchError:
        return  # the result says what is wrong with the rules
    st.html(dots_html(found.values, found.goes, next_sentence(found)))


def item_counts(data: AnnotationSet, figure: str) -> Any:
    return items_on_scale(evidence(data), figure)


def annotator_rules(data: AnnotationSet, known: Evidence) -> None:
    """Thresholds for annotators, and names."""
    frame = known.annotators
    st.markdown("**Annotators**")
    share(
        "Least reliability",
        "cln_rel",
        "Estimated accuracy, all evidence about an annotator joined. Those below go; one of whom nothing is known"
        " stays.",
    )
    along(data, "reliability")
    share(
        "Least agreement with others",
        "cln_agree",
        "How often somebody else on the same item gives the same label. Agreement rises by construction when this is"
        " raised.",
    )
    along(data, "agreement")
    if (frame["gold_n"] > 0).any():
        share(
            "Least accuracy on gold",
            "cln_gold",
            "Right sides on items with a known answer, drawn to the crew's mean where there are few answers.",
        )
        along(data, "gold")
        st.number_input(
            "… with gold answers, at least",
            1,
            1_000,
            START["cln_golds"],
            key="cln_golds",
            bind="query-params",
            on_change=again,
            help="Annotators with fewer gold answers are not judged by gold.",
        )
    else:
        st.caption("No rule by gold: no item has a known answer.")
    if frame["rapid_share"].notna().any():
        share(
            "Most rapid judgements",
            "cln_rapid",
            "Share of an annotator's judgements that were given faster than the texts can be skimmed.",
        )
        along(data, "rapid_share")
    if frame["fall"].notna().any():
        share(
            "Largest fall in accuracy",
            "cln_fall",
            "Annotators who became less accurate at some date, by more points than this, go with all their labels. Only"
            " falls that are clear in spite of chance count.",
        )
        along(data, "fall")
    else:
        st.caption("No rule by drift: nobody clearly became less accurate.")
    flags = sorted({flag for each in frame["flags"] for flag in each})
    if flags:
        st.multiselect(
            "Flagged for",
            flags,
            key="cln_flags",
            bind="query-params",
            on_change=again,
            placeholder="no rule",
            help="Annotators with one of these flags go. "
            + "; ".join(f"{kind}: {KINDS[kind]}" for kind in flags if kind in KINDS)
            + ".",
        )
    st.toggle(
        "Only if surely below",
        key="cln_sure",
        bind="query-params",
        on_change=again,
        help=(
            "An annotator goes only if the whole 95% interval lies below the threshold, so that nobody goes for a few"
            " unlucky labels."
        ),
    )
    ids = frame["annotator"].tolist()
    for key, label in (("cln_out", "Leave out by name"), ("cln_in", "Keep in, whatever the thresholds say")):
        if key not in st.session_state:
            st.session_state[key] = _ids.from_address(key, st.session_state["data"], ids)
        st.multiselect(label, ids, key=key, persist_state="session", on_change=again, placeholder="nobody")
        _ids.into_address(key, st.session_state["data"], st.session_state[key])


def judgement_rules(known: Evidence, r: Ranges, skips: int) -> None:
    """Thresholds for single judgements."""
    st.markdown("**Judgements**")
    if len(r.seconds) > 1:
        st.select_slider(
            "Fewest seconds",
            r.seconds,
            0,
            key="cln_secs",
            bind="query-params",
            on_change=again,
            help="Faster judgements go. A judgement without a time stays: unknown is not fast.",
        )
    if known.usable_words:
        st.select_slider(
            "Fastest reading, words a minute",
            WORDS_A_MINUTE,
            0,
            format_func=lambda n: f"{n:,}" if n else "off",
            key="cln_wpm",
            bind="query-params",
            on_change=again,
            help=(
                "Prompt and both responses over the seconds taken. Most adults read 175 to 300 words a minute"
                " (Brysbaert 2019); three times that is skimming."
            ),
        )
    if known.no_times or known.no_words:
        st.caption(
            _ui.safe(
                f"No rule by {'speed' if known.no_times else 'reading speed'}: {known.no_times or known.no_words}."
            )
        )
    if skips:
        st.toggle(
            f"Drop {skips:,} skips",
            key="cln_skips",
            bind="query-params",
            on_change=again,
            help="Judgements without a label. They change no figure here, but are paid for and counted.",
        )


def item_rules(data: AnnotationSet, r: Ranges) -> None:
    """Thresholds for items."""
    st.markdown("**Items**")
    share(
        "Least sure label",
        "cln_conf",
        "Posterior probability of the side of the label, before anything is set aside.",
    )
    along(data, "confidence")
    share(
        "Most contested",
        "cln_cont",
        "Share of pairs of labels on the item that name different sides. Items above go. What is contested may be what"
        " there is to learn.",
    )
    along(data, "contested")
    if r.labels_per_item[-1] > 1:
        st.slider(
            "Fewest labels left",
            1,
            r.labels_per_item[-1],
            1,
            key="cln_left",
            bind="query-params",
            on_change=again,
            help="Items with fewer labels, after all else, go.",
        )
