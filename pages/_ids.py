"""Ids that a link carries: as short digests, which the server resolves (`workbench.workspace.addresses`)."""

from __future__ import annotations

from collections.abc import Iterable

import streamlit as st

from workbench.workspace.addresses import digest, resolved


def from_address(parameter: str, key: str, names: Iterable[str]) -> list[str]:
    """The ids that a parameter of the address names in the data set with this key; none where it names nobody."""
    return resolved(key, st.query_params.get(parameter, ""), names)


def into_address(parameter: str, key: str, names: Iterable[str]) -> None:
    """Says in the address which ids are chosen."""
    said = ".".join(digest(key, name) for name in names)
    if st.query_params.get(parameter, "") == said:
        return
    if said:
        st.query_params[parameter] = said
    else:
        st.query_params.pop(parameter, None)
