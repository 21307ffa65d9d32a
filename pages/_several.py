"""Several of a list, one after another: a menu that closes after each pick, and what was picked below it, to take out.

Streamlit's own menu for several stays open over the page until one clicks elsewhere, and begins with "select all".
"""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st
from _words import safe, safe_plain


def several(
    title: str, options: Sequence[str], chosen: Sequence[str], key: str, *, most: int = 40, **menu: str
) -> list[str]:
    """What is chosen of the options, in the order it was picked.

    Parameters
    ----------
    title : of the menu.
    options : what there is.
    chosen : to begin with; where that changes, as with other files, the choice begins anew.
    key : of the menu; `key`_in is that of what was picked.
    most : at most so many.
    menu : `help`, and `placeholder` while nothing is chosen.
    """
    if st.session_state.get(f"{key}_from") != tuple(chosen):
        st.session_state[f"{key}_from"], st.session_state[f"{key}_held"] = tuple(chosen), list(chosen)
    now = [each for each in st.session_state[f"{key}_held"] if each in options]
    st.selectbox(
        title,
        [each for each in options if each not in now],
        index=None,
        key=key,
        format_func=safe_plain,
        disabled=len(now) >= most,
        on_change=_add,
        args=(key,),
        **(menu | ({"placeholder": "add another"} if now else {})),
    )
    if now:
        st.session_state[f"{key}_in"] = list(now)
        st.pills(
            f"{title}: chosen. Press one to take it out.",
            now,
            selection_mode="multi",
            key=f"{key}_in",
            format_func=lambda each: f"{safe(each)} ✕",
            on_change=_take_out,
            args=(key,),
            label_visibility="collapsed",
        )
    return now


def _add(key: str) -> None:
    picked = st.session_state[key]
    if picked is not None:
        st.session_state[f"{key}_held"] = [*st.session_state[f"{key}_held"], picked]
        st.session_state[key] = None


def _take_out(key: str) -> None:
    left = st.session_state[f"{key}_in"] or []
    st.session_state[f"{key}_held"] = [each for each in st.session_state[f"{key}_held"] if each in left]
