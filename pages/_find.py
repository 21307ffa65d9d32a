"""Find: a page, an annotator or an item by a part of its name, from anywhere; and which keys do what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import _ui
import streamlit as st

from workbench.dataset.annotation_set import AnnotationSet
from workbench.errors import WorkbenchError
from workbench.workspace.addresses import digest

LISTED = 2_000
"""Annotators and items offered while typing; the others are found by their whole id."""
SHORTCUT = "Ctrl+K"
KEYS = {
    SHORTCUT: "find a page, an annotator or an item",
    "← →": "the previous and the next item, on Items",
    "1 to 5, S, U": "the choices, skip and undo, while labelling",
    "Tab, Enter": "from one control to the next, and into it; in a table the arrows move and Enter picks",
    "Esc": "closes menus and this window",
}


def button(pages: Sequence[st.Page]) -> None:
    """The button at the top of every page, which a key presses too.

    Parameters
    ----------
    pages : all there are.
    """
    if st.button("Find", key="find", shortcut=SHORTCUT):
        window({each.title: each for each in pages})


@st.dialog("Find")
def window(pages: dict[str, st.Page]) -> None:
    """What can be gone to, narrowed while one types."""
    data = _ui.dataset()
    listed = places(pages, data)
    picked = st.selectbox(
        "A page, an annotator or an item" if data is not None else "A page",
        list(listed),
        index=None,
        key="find_what",
        placeholder="Type a part of its name",
    )
    if picked:
        go(listed[picked], data)
    if data is not None and max(len(data.items), len(data.annotators)) > LISTED:
        named = st.text_input(
            "Or by its whole id", key="find_id", help=f"Of annotators and items the first {LISTED:,} are listed above."
        )
        if named:
            try:
                go(by_id(data, named.strip()), data)
            except WorkbenchError as error:
                _ui.problem(error)
    st.markdown("**Keys**")
    st.markdown("\n".join(f"- `{key}` {what}" for key, what in KEYS.items()))


def places(pages: Mapping[str, st.Page], data: AnnotationSet | None) -> dict[str, tuple[str, Any]]:
    """What is offered -> its kind, and the page or id."""
    found = {f"{title} · page": ("page", page) for title, page in pages.items()}
    if data is not None:
        found |= {f"{n} · annotator": ("annotator", n) for n in data.annotators["annotator"].head(LISTED).tolist()}
        found |= {f"{n} · item": ("item", n) for n in data.items["item_id"].head(LISTED).tolist()}
    return found


def by_id(data: AnnotationSet, name: str) -> tuple[str, str]:
    """An annotator or an item by its whole id."""
    for kind, ids in (("annotator", data.annotators["annotator"]), ("item", data.items["item_id"])):
        if (ids == name).any():
            return kind, name
    raise WorkbenchError(f"No annotator or item is called {name!r}.", "Type the whole id, as the export writes it.")


def go(place: tuple[str, Any], data: AnnotationSet | None) -> None:
    """Goes there."""
    kind, name = place
    open_set = {"data": data.key} if data is not None else {}
    if kind == "page":
        st.switch_page(name, query_params=open_set)
    if data is not None and kind == "annotator":
        st.session_state["ann_who"] = name
        st.switch_page("annotators.py", query_params=open_set | {"who": digest(data.key, name)})
    if data is not None:
        st.switch_page("items.py", query_params=open_set | {"item": digest(data.key, name)})
