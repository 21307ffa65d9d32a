"""The label store of this workbench, and the batch that is looked at."""

from __future__ import annotations

import os
from typing import Any

import _ui
import streamlit as st

from workbench.collection.batches import batches
from workbench.collection.serving import labels_url
from workbench.collection.store import Store
from workbench.errors import WorkbenchError


def store() -> Store:
    """The store named in `WORKBENCH_LABELS`, or the workbench's own; a page that cannot open it says why and ends."""
    try:
        return _ui.label_store(labels_url())
    except WorkbenchError as error:
        _ui.problem(error)
        st.stop()


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
