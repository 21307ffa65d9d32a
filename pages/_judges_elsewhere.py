"""Judges on other machines: named, asked for once a project and host, shown, and taken back with one click."""

from __future__ import annotations

from collections.abc import Sequence

import _ui
import streamlit as st

from workbench.dataset.annotation_set import AnnotationSet
from workbench.judging.allowed import allow_host, allowed_hosts, revoke_host


def scope_of(data: AnnotationSet) -> tuple[str, str]:
    """What a permission is about, as it is kept and as it is called: the project of the data, else the data."""
    project = _ui.project_of(data.key)
    if project is None:
        return f"data {data.key}", "these data"
    return f"project {project.id} {project.made_at}", f"the project {project.name}"


def permitted(data: AnnotationSet, hosts: Sequence[str], *, key: str) -> list[str]:
    """Hosts that may be sent the texts of these data; those asked for now and not yet allowed have a button.

    Parameters
    ----------
    hosts : of the judges that are named on the page, this machine's and its network's left out.
    """
    scope, called = scope_of(data)
    found = {each.host: each for each in allowed_hosts(scope)}
    for number, host in enumerate(dict.fromkeys(hosts)):
        if host in found:
            continue
        with st.container(horizontal=True, vertical_alignment="center"):
            st.warning(
                _ui.safe(f"Asking sends the texts of all pairs to {host}. That is asked once for {called}."),
                width="stretch",
            )
            if st.button("Allow it", key=f"{key}_allow_{number}", help="Kept until you take it back here"):
                allow_host(scope, host, _ui.who())
                st.rerun()
    for number, each in enumerate(found.values()):
        with st.container(horizontal=True, vertical_alignment="center"):
            by = f" by {each.who}" if each.who else ""
            st.caption(
                _ui.safe(f"{each.host} may be sent the texts of {called}: allowed{by} on {each.at[:10]}."),
                width="content",
            )
            if st.button("Take back", key=f"{key}_revoke_{number}", type="tertiary"):
                revoke_host(scope, each.host)
                st.rerun()
    return list(found)
