"""The constitution that judges weigh by: its principles to edit, and its earlier versions."""

from __future__ import annotations

from datetime import UTC, datetime

import _ui
import pandas as pd
import streamlit as st

from workbench.errors import WorkbenchError, counted
from workbench.judging.constitution import Constitution, default_constitution
from workbench.judging.own_constitution import edit_constitution, own_constitution


def constitution() -> None:
    """Principles in a table, a button that keeps them as a new version, and what went before."""
    try:
        found = own_constitution()
    except WorkbenchError as error:
        _ui.problem(error)
        return
    ours = default_constitution()
    st.markdown(
        f"#### {counted(len(found.used), 'principle')}, version {found.version}"
        + (" (our own twelve)" if found.version == ours.version else "")
    )
    st.caption(
        "What judges are told to weigh. A principle with weight 0 is not shown to them. Every change makes a new"
        " version of each judge: figures of two versions are never mixed, and recorded answers of the old one stay."
    )
    edited = st.data_editor(
        pd.DataFrame(
            [{"id": p.id, "dimension": p.dimension, "weight": p.weight, "text": p.text} for p in found.principles]
        ),
        num_rows="dynamic",
        hide_index=True,
        key=f"jdg_principles_{found.version}",
        column_config={
            "id": st.column_config.TextColumn("Id", required=True, max_chars=40, width=150),
            "dimension": st.column_config.SelectboxColumn(
                "Dimension", options=[d.id for d in found.dimensions], width=130
            ),
            "weight": st.column_config.NumberColumn("Weight", min_value=0.0, default=1.0, width=80),
            "text": st.column_config.TextColumn(
                "What the better response does", required=True, max_chars=1_000, width=700
            ),
        },
    )
    with st.container(horizontal=True):
        if st.button("Keep as a new version", type="primary", key="jdg_keep"):
            keep(edited.to_dict("records"), found)
        if found.version != ours.version and st.button("Back to our own twelve", key="jdg_twelve"):
            keep([p.__dict__ for p in ours.principles], found)
        _ui.download(found.text().encode(), "constitution.txt", key="jdg_constitution_text", label="As judges read it")
    history(found)


def keep(rows: list[dict], before: Constitution) -> None:
    """Keeps the rows, or says why not."""
    try:
        edited = edit_constitution(rows, datetime.now(UTC))
    except WorkbenchError as error:
        _ui.problem(error)
        return
    if edited.version == before.version:
        st.toast("Nothing has changed.")
        return
    st.toast(f"Kept as version {edited.version}.")
    st.rerun()


def history(found: Constitution) -> None:
    """Earlier versions, the last first, each as judges read it."""
    if not found.history:
        st.caption("No earlier versions yet.")
        return
    entries = list(reversed(found.history))
    place = st.selectbox(
        "Earlier versions",
        range(len(entries)),
        format_func=lambda i: f"{entries[i]['version']}, until {entries[i]['saved_at'].replace('T', ' ')[:16]}",
        index=None,
        placeholder="Choose one to read it",
        key="jdg_history",
    )
    if place is not None:
        st.code(entries[place]["text"], language=None, wrap_lines=True)
