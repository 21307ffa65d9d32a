"""Have pairs labelled: set up a batch with gold, send links, watch it grow, take the labels over."""

from __future__ import annotations

from typing import Any

import _batch
import _collect
import _ui
import pandas as pd
import streamlit as st

from workbench.collection.batches import admit_crowd, crowd_url, new_guideline, set_batch_state, settings_of
from workbench.collection.collected import collected, collected_text, file_name
from workbench.collection.monitor import decide_by_lead, pauses_in_doubt
from workbench.collection.progress import bonus_rows, people_table, progress
from workbench.collection.store import Store
from workbench.errors import WorkbenchError
from workbench.wording.collection import progress_sentence


def links_once() -> None:
    """The links just made; they cannot be shown again."""
    links = st.session_state.get("col_links")
    if links is None:
        return
    with st.container(border=True):
        st.subheader("Send these links")
        st.write("One for each person. They are shown this once: the store keeps a hash of them alone.")
        st.dataframe(links, hide_index=True, key="col_links_table", alt="A link for each person")
        if address := st.session_state.get("col_crowd_url"):
            st.write("For the crowd platform, which puts a person's id in place of the braces:")
            st.code(address, language=None, wrap_lines=True)
        with st.container(horizontal=True):
            _ui.download(links, "links", key="col_links_file")
            if st.button("I have them", key="col_links_done"):
                st.session_state.pop("col_links")
                st.session_state.pop("col_crowd_url", None)
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
    people(kept, batch, found.people)
    guideline(kept, batch)
    crowd(kept, batch)
    _ui.download(bonus_rows(found), "pay", key="col_pay", label="Download what is owed")


def take_over(kept: Store, batch: Any) -> None:
    """The labels so far: as the open data set, or as a file."""
    if st.button("Open the labels so far", key="col_open", type="primary"):
        try:
            _ui.open_data(collected(kept, batch.id), f"Collected: {batch.name}", f"{_ui.COLLECTED}{batch.id}")
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


def people(kept: Store, batch: Any, table: pd.DataFrame) -> None:
    """Who works, who is watched or paused and why, and the lead's word on it."""
    st.subheader("People", help="States come from a sequential test on gold and peers; people are never told theirs.")
    st.dataframe(
        people_table(table),
        hide_index=True,
        key="col_table",
        alt="People, their work and their states",
        placeholder="–",
        column_config={
            "Why": st.column_config.TextColumn(width="medium"),
            "Hours": st.column_config.NumberColumn(format="%.2f"),
        },
    )
    if doubted := pauses_in_doubt(kept, batch.id):
        st.info(
            _ui.safe(
                f"On what is known today the test would not pause {', '.join(doubted)}: gold was repaired since, or"
                " peers came to agree. Let them go on, or leave it."
            )
        )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        names = dict(zip(table["annotator"], table["name"], strict=True))
        who = st.selectbox("Person", list(names), format_func=lambda key: names[key], key="col_who")
        why = st.text_input("For the record", "", max_chars=200, key="col_why")
        for label, state in (("Pause this person", "paused"), ("Let go on", "trusted")):
            if st.button(label, key=f"col_{state}", disabled=who is None):
                decide_by_lead(kept, who, state, why or f"{state} by the lead")
                st.rerun()


def crowd(kept: Store, batch: Any) -> None:
    """Whether people of a crowd platform come in, and by which address."""
    let_in = bool(batch.config.get("crowd"))
    if st.toggle("Let a crowd platform's people in", let_in, key=f"col_crowd_{batch.id}") != let_in:
        admit_crowd(kept, batch.id, not let_in)
        st.rerun()
    if let_in:
        st.code(crowd_url(_collect.base_url(), batch.id), language=None, wrap_lines=True)
        st.caption("The platform puts its person's id in place of the braces.")


def guideline(kept: Store, batch: Any) -> None:
    """A new version of the guideline, which everybody reads before the next task."""
    with st.expander("Change the guideline", key="col_guideline_open"):
        text = st.text_area("New text", key="col_guideline_new", height=140)
        if text.strip():
            st.caption("As people will see it:")
            _ui.text_block(text)
        if st.button("Publish it", key="col_guideline_go", disabled=not text.strip()):
            version = new_guideline(kept, batch.id, text)
            st.success(f"Version {version} is shown to everybody before their next task.")
    st.caption(_ui.safe(f"Answers: {_batch.scale_name(settings_of(batch).scale)}."))


st.title("Collect")
_collect.lead()
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
    _ui.say_part(opened)
    _batch.set_up(labels, opened)
