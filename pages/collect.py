"""Have pairs labelled: set up a batch with gold, send links, watch it grow, take the labels over."""

from __future__ import annotations

from typing import Any

import _collect
import _ui
import pandas as pd
import streamlit as st

from workbench.collection.batches import (
    GUIDELINE,
    SCALES_OFFERED,
    Settings,
    add_people,
    link_table,
    make_batch,
    new_guideline,
    set_batch_state,
    settings_of,
)
from workbench.collection.collected import collected, collected_text, file_name
from workbench.collection.monitor import decide_by_lead
from workbench.collection.plan import plan_batch
from workbench.collection.progress import bonus_rows, people_table, progress
from workbench.collection.schedule import Shares
from workbench.collection.store import Store
from workbench.dataset.annotation_set import AnnotationSet
from workbench.errors import WorkbenchError
from workbench.wording.collection import plan_sentences, progress_sentence


def set_up(kept: Store, data: AnnotationSet) -> None:
    """A batch from the pairs of the open data set: choices left, what they mean right."""
    st.subheader("A new batch", help="Pairs of the open data set; its gold is mixed among them, unseen.")
    choices, meaning = st.columns([2, 3], gap="large")
    with choices:
        name = st.text_input("Name", "Week 1", max_chars=100, key="col_name")
        people = st.number_input("People", 1, 1_000, 6, key="col_people")
        overlap = st.slider("People an item", 1, 9, 3, key="col_overlap", help="Three lets peers vouch for each other.")
        gold = st.slider("Gold among the tasks, %", 0, 30, 10, key="col_gold")
        repeat = st.slider("Shown again with sides exchanged, %", 0, 20, 5, key="col_repeat")
        scale = st.selectbox("Labels", SCALES_OFFERED, key="col_scale")
        reason = st.toggle("Ask for a reason", key="col_reason")
        guideline = st.text_area("Guideline", GUIDELINE, height=140, key="col_guideline")
    shares = Shares.from_percent(gold=gold, repeat=repeat)
    settings = Settings(overlap=int(overlap), shares=shares, scale=scale, ask_reason=reason)
    with meaning:
        try:
            plan = plan_batch(data, int(people), settings)
        except WorkbenchError as error:
            _ui.problem(error)
            return
        for sentence in plan_sentences(plan):
            st.write(_ui.safe(sentence))
        preview(data)
        if st.button("Make the batch and its links", type="primary", key="col_make"):
            made = make_batch(kept, data, name, settings, guideline=guideline)
            links = add_people(kept, made, [f"person-{i + 1}" for i in range(int(people))])
            st.session_state["col_links"] = link_table(links, _collect.base_url())
            st.rerun()


def preview(data: AnnotationSet) -> None:
    """How a pair will look, sides by chance."""
    with st.expander("What people will see", key="col_preview"):
        texts = data.item_texts([0]).iloc[0]
        _ui.text_block(texts["prompt"], empty="(no prompt)")
        left, right = st.columns(2)
        with left:
            _ui.text_block(texts["response_a"], empty="(no text)")
        with right:
            _ui.text_block(texts["response_b"], empty="(no text)")
        st.caption("Keys 1 to 5, S to skip, U to undo. Markdown is shown, nothing in it is executed.")


def links_once() -> None:
    """The links just made; they cannot be shown again."""
    links = st.session_state.get("col_links")
    if links is None:
        return
    with st.container(border=True):
        st.subheader("Send these links")
        st.write("One for each person. They are shown this once: the store keeps a hash of them alone.")
        st.dataframe(links, hide_index=True, key="col_links_table", alt="A link for each person")
        with st.container(horizontal=True):
            _ui.download(links, "links", key="col_links_file")
            if st.button("I have them", key="col_links_done"):
                st.session_state.pop("col_links")
                st.rerun()


def watch(kept: Store, batch: Any) -> None:
    """How a batch goes, and what the lead can do about it."""
    found = progress(kept, batch.id)
    st.subheader(_ui.safe(f"{found.name}: {progress_sentence(found)}"))
    st.progress(found.share_done)
    facts = [
        ("Items done", f"{found.items_done:,} of {found.items:,}"),
        ("Gold answers", f"{found.gold:,}"),
        ("Repeats", f"{found.repeats:,}"),
        ("Skips", f"{found.skips:,}"),
        ("Hours worked", f"{found.active_hours:.1f}"),
    ]
    for column, (title, value) in zip(st.columns(len(facts)), facts, strict=True):
        column.metric(title, value)
    with st.container(horizontal=True):
        open_state = batch.state == "open"
        if st.button("Pause" if open_state else "Go on", key="col_pause"):
            set_batch_state(kept, batch.id, "paused" if open_state else "open")
            st.rerun()
        if st.button("Refresh", key="col_refresh", help="Counts as they are now; nothing else changes."):
            st.rerun()
        take_over(kept, batch)
    people(kept, found.people)
    guideline(kept, batch)
    _ui.download(bonus_rows(found), "pay", key="col_pay")


def take_over(kept: Store, batch: Any) -> None:
    """The labels so far: as the open data set, or as a file."""
    if st.button("Open the labels so far", key="col_open", type="primary"):
        try:
            _ui.open_data(collected(kept, batch.id), f"Collected: {batch.name}", "collection")
        except WorkbenchError as error:
            _ui.problem(error)
            return
        st.switch_page("overview.py", query_params={"data": st.session_state["data"]})
    st.download_button(
        "Everything recorded (.jsonl)",
        lambda: collected_text(kept, batch.id),
        file_name(kept, batch.id),
        "application/x-ndjson",
        key="col_export",
    )


def people(kept: Store, table: pd.DataFrame) -> None:
    """Who works, who is watched or paused and why, and the lead's word on it."""
    st.subheader("People", help="States come from a sequential test on gold and peers; people are never told theirs.")
    st.dataframe(people_table(table), hide_index=True, key="col_table", alt="People, their work and their states")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        names = dict(zip(table["annotator"], table["name"], strict=True))
        who = st.selectbox("Person", list(names), format_func=lambda key: names[key], key="col_who")
        why = st.text_input("For the record", "", max_chars=200, key="col_why")
        for label, state in (("Pause this person", "paused"), ("Let go on", "trusted")):
            if st.button(label, key=f"col_{state}", disabled=who is None):
                decide_by_lead(kept, who, state, why or f"{state} by the lead")
                st.rerun()


def guideline(kept: Store, batch: Any) -> None:
    """A new version of the guideline, which everybody reads before the next task."""
    with st.expander("Change the guideline", key="col_guideline_open"):
        text = st.text_area("New text", key="col_guideline_new", height=140)
        if st.button("Publish it", key="col_guideline_go", disabled=not text.strip()):
            version = new_guideline(kept, batch.id, text)
            st.success(f"Version {version} is shown to everybody before their next task.")
    st.caption(_ui.safe(f"Labels stand on the scale {settings_of(batch).scale}."))


st.title("Collect")
labels = _collect.store()
links_once()
current = _collect.chosen_batch(labels)
if current is not None:
    watch(labels, current)
    st.divider()
opened = _ui.dataset()
if opened is None:
    st.subheader("Nothing is open to make a batch from")
    st.write("Open an export with pairs, or the demo; labels it has are not shown to anybody.")
    st.page_link("start.py", label="**Go to Start** to open a file or the demo", query_params={})
else:
    set_up(labels, opened)
