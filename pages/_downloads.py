"""Tables and figures to take away: the bytes are made on the click, the file name says what is in them."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from typing import Any

import pandas as pd
import streamlit as st

from workbench.formats.files.spreadsheet import defused


def download(what: Any, name: str, *, key: str | None = None, label: str = "Download", **params: Any) -> None:
    """Offers a table or a figure for download; the bytes are made on the click.

    Parameters
    ----------
    what : a data frame or a function without arguments that gives one (CSV, Parquet, JSON), a plotly figure (HTML that
        opens anywhere, JSON), or bytes.
    name : what the file is about; the data key and the parameters are added to it. For bytes, the file name with its
        ending.
    params : the choices that shaped it.
    """
    key = key or f"download_{name}"
    if isinstance(what, bytes | str):
        stem, _, ending = name.rpartition(".")
        st.download_button(label, what, f"{file_stem(stem, **params)}.{ending}", key=key, on_click="ignore")
        return
    with st.popover(label, key=f"{key}_menu", type="tertiary"):
        if hasattr(what, "to_plotly_json"):
            figure_buttons(what, file_stem(name, **params), key)
        else:
            table_buttons(what, file_stem(name, **params), key)


def figure_buttons(figure: Any, stem: str, key: str) -> None:
    st.caption("Chart (as a picture: the camera above it)")
    _buttons(
        ("HTML", lambda: figure.to_html(include_plotlyjs=True).encode(), f"{stem}.html", "text/html", f"{key}_html"),
        ("Plotly JSON", lambda: figure.to_json().encode(), f"{stem}.json", "application/json", f"{key}_spec"),
    )


def table_buttons(frame: Any, stem: str, key: str, title: str = "Table") -> None:
    table = frame if callable(frame) else lambda: frame
    st.caption(title)
    parquet = "application/vnd.apache.parquet"
    _buttons(
        ("CSV", lambda: to_csv(table()), f"{stem}.csv", "text/csv", f"{key}_csv"),
        ("Parquet", lambda: to_parquet(table()), f"{stem}.parquet", parquet, f"{key}_parquet"),
        ("JSON", lambda: to_json(table()), f"{stem}.json", "application/json", f"{key}_json"),
    )


_HELP = {
    "HTML": "Opens in any browser, without a network",
    "Plotly JSON": "The chart's specification, to be changed in a notebook",
    "CSV": "For a spreadsheet; cells it would run as formulas are defused",
    "Parquet": "For pandas and DuckDB; types are kept",
    "JSON": "One object a row",
}


def _buttons(*offered: tuple[str, Callable[[], bytes], str, str, str]) -> None:
    """A row of downloads: kind, bytes, file name, media type, key."""
    with st.container(horizontal=True):
        for kind, made, name, media, key in offered:
            st.download_button(kind, made, name, media, key=key, on_click="ignore", help=_HELP[kind])


def file_stem(name: str, **params: Any) -> str:
    """A file name that says what is in it: `agreement-by-slice_level-ordinal_3f2a9c1d`."""
    key = str(st.session_state.get("data") or "")[:8]
    parts = [name, *(f"{k}-{v}" for k, v in params.items() if v not in (None, "", (), [], False)), key]
    clean = [re.sub(r"[^A-Za-z0-9.-]+", "-", str(p)).strip("-.") for p in parts if p]
    return "_".join([*[c for c in clean[:-1] if c], clean[-1]])[:120]


def to_csv(frame: pd.DataFrame) -> bytes:
    """CSV for a spreadsheet: cells that it would run as formulas are defused."""
    return defused(frame).to_csv(index=False).encode("utf-8-sig")


def to_parquet(frame: pd.DataFrame) -> bytes:
    """Parquet."""
    stream = io.BytesIO()
    frame.to_parquet(stream, index=False)
    return stream.getvalue()


def to_json(frame: pd.DataFrame) -> bytes:
    """One JSON object a row."""
    return str(frame.to_json(orient="records", date_format="iso", force_ascii=False, indent=1)).encode()
