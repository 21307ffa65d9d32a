"""The form of a new batch: which pairs, choices left, what they mean right."""

from __future__ import annotations

from typing import Any

import _collect
import _ui
import streamlit as st

from workbench.collection.attention import CHECKS
from workbench.collection.batches import (
    GUIDELINE,
    SCALES_OFFERED,
    Settings,
    add_people,
    crowd_url,
    link_table,
    make_batch,
)
from workbench.collection.plan import plan_batch
from workbench.collection.schedule import Shares
from workbench.collection.store import Store
from workbench.collection.task_files import answers
from workbench.collection.triage import to_relabel
from workbench.dataset.annotation_set import AnnotationSet
from workbench.dataset.scales import NULL, SCALES
from workbench.errors import WorkbenchError
from workbench.wording.collection import plan_sentences


def set_up(kept: Store, data: AnnotationSet) -> None:
    """A batch from pairs of the open data set."""
    st.subheader("A new batch", help="Pairs of the open data set; its gold is mixed among them, unseen.")
    only = which_pairs(kept, data)
    choices, meaning = st.columns([2, 3], gap="large")
    with choices:
        name, people, settings, guideline, crowd = asked(has_gold=bool((data.gold != NULL).any()))
    with meaning:
        try:
            plan = plan_batch(data, people, settings, only=only)
        except WorkbenchError as error:
            _ui.problem(error)
            return
        for sentence in plan_sentences(plan):
            st.write(_ui.safe(sentence))
        preview(data, only, settings, guideline)
        if st.button("Make the batch and its links", type="primary", key="col_make"):
            try:
                made = make_batch(
                    kept,
                    data,
                    name,
                    settings,
                    checks=CHECKS if settings.shares.check > 0 else (),
                    guideline=guideline,
                    only=only,
                    crowd=crowd,
                )
            except WorkbenchError as error:
                _ui.problem(error)
                return
            links = add_people(kept, made, [f"person-{i + 1}" for i in range(people)])
            st.session_state["col_links"] = link_table(links, _collect.base_url())
            st.session_state["col_crowd_url"] = crowd_url(_collect.base_url(), made) if crowd else None
            st.rerun()


def which_pairs(kept: Store, data: AnnotationSet) -> list[int] | None:
    """Positions of the pairs to judge: those another page sent here, those marked in Items, or None for all."""
    token = st.query_params.get("set")
    sent = _ui.shelf().items(data.key, token) if token else None
    marked = to_relabel(kept, _collect.source_of(data), data)
    named = {"all": f"all {len(data.items):,} pairs of the open data set"}
    if sent is not None:
        named["sent"] = f"{sent[1]} ({len(sent[0]):,})"
    if marked:
        named["marked"] = f"marked in Items to be asked of more people ({len(marked):,})"
    if len(named) == 1:
        return None
    picked = st.radio(
        "Which pairs",
        list(named),
        index=1,
        format_func=lambda key: _ui.safe(named[key]),
        key=f"col_which_{token or ''}",
    )
    if picked == "sent" and sent is not None:
        return [int(i) for i in sent[0]]
    return marked if picked == "marked" else None


def asked(*, has_gold: bool) -> tuple[str, int, Settings, str, bool]:
    """Name, people, settings, guideline, and whether a crowd comes in."""
    name = st.text_input("Name", "Week 1", max_chars=100, key="col_name")
    people = int(st.number_input("People", 1, 1_000, 6, key="col_people"))
    overlap = st.slider("People an item", 1, 9, 3, key="col_overlap", help="Three lets peers vouch for each other.")
    gold = st.slider(
        "Gold among the tasks, %",
        0,
        30,
        10 if has_gold else 0,
        key="col_gold",
        help="Answers that are known test people while they work. Without gold only their peers vouch for them.",
    )
    scale = st.selectbox("Answers", SCALES_OFFERED, format_func=scale_name, key="col_scale")
    guideline = st.text_area("Guideline", GUIDELINE, height=140, key="col_guideline")
    with st.expander("More choices", key="col_more"):
        repeat = st.slider("Shown again with sides exchanged, %", 0, 20, 5, key="col_repeat")
        check = st.slider(
            "Attention checks, %",
            0,
            10,
            0,
            key="col_check",
            help="Pairs that say in their text which one to choose. They count apart from gold.",
        )
        most = st.slider(
            "Undecided items: people at most",
            0,
            15,
            0,
            key="col_most",
            help="0 = the number above and no more. Else one more is asked until one side is 90% sure.",
        )
        reason = st.toggle("Ask for a reason", key="col_reason")
        dimensions = st.text_input(
            "Also ask, separated by commas", "", key="col_dimensions", placeholder="helpful, harmless"
        )
        pay = st.number_input("Paid a task, $", 0.0, 100.0, None, step=0.05, key="col_pay_task")
        crowd = st.toggle(
            "Let a crowd platform's people in",
            key="col_crowd",
            help="By the id their platform puts into the address; a keyed hash of it is kept.",
        )
    settings = Settings(
        overlap=int(overlap),
        most_overlap=int(most) if most > overlap else 0,
        shares=Shares.from_percent(gold=gold, repeat=repeat, check=check),
        scale=scale,
        ask_reason=reason,
        dimensions=tuple(dict.fromkeys(each.strip()[:60] for each in dimensions.split(",") if each.strip())),
        pay_per_task=pay,
    )
    return name, people, settings, guideline, crowd


def scale_name(scale: str) -> str:
    """What can be answered on a scale: how many answers, and which."""
    labels = SCALES[scale].labels
    return f"{scale} ({'  '.join(labels)})"


def preview(data: AnnotationSet, only: list[int] | None, settings: Settings, guideline: str) -> None:
    """How a pair and the guideline will look."""
    with st.expander("What people will see", key="col_preview", expanded=True):
        task, rules = st.tabs(["Task", "Guideline"])
        with task:
            texts = data.item_texts([only[0] if only else 0]).iloc[0]
            _ui.text_block(_short(texts["prompt"]), empty="(no prompt)")
            for column, side in zip(st.columns(2), ("response_a", "response_b"), strict=True):
                with column:
                    _ui.text_block(_short(texts[side]), empty="(no text)")
            asked_for = [*settings.dimensions, *(["a reason"] if settings.ask_reason else [])]
            beside = f" Also asked: {', '.join(asked_for)}." if asked_for else ""
            given = answers(SCALES[settings.scale])
            said = ", ".join(given).replace("A is", "left is").replace("B is", "right is").replace("Equal", "equal")
            st.caption(
                _ui.safe(f"Keys 1 to {len(given)} or buttons: {said}. S skips, U undoes.{beside} Sides by chance.")
            )
        with rules:
            _ui.text_block(guideline, empty="(no guideline)")


def _short(text: Any) -> Any:
    return f"{text[:600]} ..." if isinstance(text, str) and len(text) > 600 else text
