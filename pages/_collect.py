"""The label store of this workbench, and the batch that is looked at."""

from __future__ import annotations

import os
from typing import Any

import _ui
import streamlit as st

from workbench.collection.batches import batches
from workbench.collection.serving import labels_url
from workbench.collection.store import Store
from workbench.dataset.annotation_set import AnnotationSet
from workbench.errors import WorkbenchError


def store() -> Store:
    """The store named in `WORKBENCH_LABELS`, or the workbench's own; a page that cannot open it says why and ends."""
    try:
        return _ui.label_store(labels_url())
    except WorkbenchError as error:
        _ui.problem(error)
        st.stop()


def lead() -> str:
    """Who is at work here. Where an identity provider is set up (`[auth]` in Streamlit's secrets), people log in first,
    and where `WORKBENCH_LEADS` names addresses, only those go on.
    """
    try:
        set_up = "auth" in st.secrets
    except FileNotFoundError:
        set_up = False
    if not set_up:
        return "lead"
    if not st.user.get("is_logged_in"):
        st.write("This page is for those who lead the labelling.")
        st.button("Log in", type="primary", on_click=st.login, key="col_login")
        st.stop()
    who = str(st.user.get("email") or st.user.get("name") or "lead")
    leads = {each.strip().lower() for each in os.environ.get("WORKBENCH_LEADS", "").split(",") if each.strip()}
    if leads and who.lower() not in leads:
        st.warning(_ui.safe(f"{who} is not among those who lead the labelling. Ask for a place in WORKBENCH_LEADS."))
        st.button("Log out", on_click=st.logout, key="col_logout")
        st.stop()
    return who


def source_of(data: AnnotationSet) -> str:
    """What marks on items of this data set belong to: its batch where it was collected here, else the set itself."""
    kept = _ui.about()
    origin = kept.opened_from if kept is not None else ""
    return origin.removeprefix(_ui.COLLECTED) if origin.startswith(_ui.COLLECTED) else data.key


def chosen_batch(kept: Store) -> Any | None:
    """The batch looked at: the newest, or the one chosen; None where there is none."""
    known = batches(kept)
    if not known:
        return None
    if len(known) == 1:
        return known[0]
    names = {row.id: f"{row.name} ({row.state})" for row in known}
    picked = st.selectbox("Batch", list(names), format_func=lambda key: names[key], key="col_batch")
    return next(row for row in known if row.id == picked)


def base_url() -> str:
    """What links begin with: where this page was opened, or `WORKBENCH_LABEL_URL`."""
    return os.environ.get("WORKBENCH_LABEL_URL") or str(st.context.url or "http://127.0.0.1:8501").split("/collect")[0]
