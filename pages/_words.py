"""Words on the pages: text of the data that stays text, errors, findings, "used n of m", and the style sheet."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Mapping

import pandas as pd
import streamlit as st
from _downloads import download

from workbench.errors import WorkbenchError
from workbench.findings import Finding
from workbench.messages import Choices

STYLE = """<style>
.pw-eyebrow {font-size:.72rem; letter-spacing:.06em; text-transform:uppercase; opacity:.65}
.pw-name {font-weight:600; overflow-wrap:anywhere; line-height:1.3; margin:.1rem 0 .3rem}
.pw-quiet {font-size:.82rem; opacity:.75; line-height:1.5; overflow-wrap:anywhere}
.pw-quiet code, .pw-facts code {font-size:.88em; background:rgba(128,136,145,.16); padding:.05em .35em;
  border-radius:4px}
.pw-text {white-space:pre-wrap; overflow-wrap:anywhere; line-height:1.55; font-size:.95rem}
.pw-empty {opacity:.6; font-style:italic}
.pw-lead {font-size:1.1rem; line-height:1.55; max-width:46rem; margin:0 0 .4rem}
.pw-text mark {color:inherit; padding:.05em .1em; border-radius:3px; text-decoration-line:underline;
  text-decoration-thickness:2px; text-underline-offset:3px}
.pw-text mark.a {background:rgba(31,131,197,.18); text-decoration-color:#1F83C5}
.pw-text mark.b {background:rgba(213,94,0,.18); text-decoration-color:#D55E00}
.pw-dots {margin:-1.7rem 6px 0}
.stElementContainer:has(.stSlider):has(+ * .pw-dots) [data-testid="stSliderTickBar"] {visibility:hidden}
.pw-dots > div + div {font-size:.78rem; opacity:.8; line-height:1.35; min-height:2.7em; overflow-wrap:anywhere}
.pw-file {font-size:1.35rem; font-weight:650; overflow-wrap:anywhere; line-height:1.3}
.pw-answer {font-size:.9rem; line-height:1.5; opacity:.85; padding:.4rem 0}
.pw-chips span {display:inline-block; margin:.15rem .3rem .15rem 0; padding:.15rem .6rem; border-radius:999px;
  font-size:.85rem; background:rgba(128,136,145,.16)}
.st-key-ways > div {flex-wrap:wrap}
.st-key-ways .stColumn {min-width:min(100%, 15.5rem)}
[data-testid^="stBaseButton-primary"]:not([disabled]), .stMultiSelect :has(> span[title]),
.stMultiSelect :has(> span[title]) :is(span, svg, button) {color:light-dark(#ffffff, #0c1620) !important}
.stMainBlockContainer {padding-top:4rem; max-width:1280px}
.st-key-find {position:fixed; top:.55rem; right:4rem; width:auto !important; z-index:999991}
.st-key-find button {min-height:2rem; padding:.1rem .7rem}
kbd {color:light-dark(#565e6a, #a7b0bb) !important; opacity:1 !important}
:is(button, a, input, [role="tab"], [role="radio"], summary):focus-visible {
  outline:2px solid light-dark(#0a5c9e, #6db6ea) !important; outline-offset:2px}
.stSlider label:has(input:focus-visible), .stSlider div:has(> div > input[type="range"]:focus-visible) {
  outline:2px solid light-dark(#0a5c9e, #6db6ea); outline-offset:3px; border-radius:50%}
:is(.stButton, .stDownloadButton, .stFormSubmitButton, .stPopover) button:disabled,
:is(.stButton, .stDownloadButton, .stFormSubmitButton, .stPopover) button:disabled * {
  color:light-dark(#5a626e, #a2abb6) !important; opacity:1 !important}
.st-key-chooser {gap:.6rem}
[data-testid="stCaptionContainer"] {opacity:1 !important}
[data-testid="stCaptionContainer"], [data-testid="stCaptionContainer"] :not(a, a *, code) {
  color:light-dark(#565e6a, #a7b0bb) !important}
[data-testid="stPageLink-NavLink"] p {color:light-dark(#0a5c9e, #6db6ea) !important; text-decoration:underline;
  text-underline-offset:3px}
[class*="st-key-wide_"] {overflow-x:auto}
@media (max-width:640px) {[class*="st-key-wide_"] > .stElementContainer {min-width:34rem}}
@media (max-width:1100px) {
  .st-key-beside > * > .stHorizontalBlock {flex-direction:column}
  .st-key-beside > * > .stHorizontalBlock > .stColumn {width:100%; flex:1 1 auto}
  .st-key-beside > * > .stHorizontalBlock > .stColumn:first-child {order:2}
}
@media (max-width:640px) {.st-key-above > :first-child {order:2}}
.stButtonGroup [role="radiogroup"] {flex-wrap:wrap; row-gap:.3rem}
.stPlotlyChart :is(.xtick,.ytick,.x2tick,.y2tick,.textpoint,.annotation-text-g,.legendtext,
  .g-xtitle,.g-ytitle,.g-x2title,.g-y2title) text,
.stPlotlyChart text:is(.legendtext,.bartext-outside) {fill:currentColor !important; fill-opacity:.82}
</style>"""


def used_line(
    n_used: int, n_total: int, reasons: Mapping[str, int] | Iterable[str] = (), unit: str = "judgements"
) -> None:
    """Says how many were used and why not all: `Used 812,004 of 1,000,000 judgements (187,996 repeats).`"""
    listed = (
        [f"{n:,} {r}" for r, n in reasons.items() if n] if isinstance(reasons, Mapping) else [str(r) for r in reasons]
    )
    st.caption(
        safe(
            f"Used {n_used:,} of {n_total:,} {unit.removesuffix('s') if n_total == 1 else unit}"
            + (f" ({'; '.join(listed)})" if listed else "")
            + "."
        )
    )


def findings(listed: Iterable[Finding], *, key: str = "findings") -> None:
    """What is wrong, worst first, each in a box with what to do about it and the rows behind it; then what was assumed,
    as one list."""
    every = sorted(listed, key=lambda f: ("error", "warning", "info").index(f.level))
    assumed = [each for each in every if each.level == "info"]
    for i, each in enumerate(every[: len(every) - len(assumed)]):
        remedy = each.advice(on_pages)
        show, word = (st.error, "Error") if each.level == "error" else (st.warning, "Look at this")
        show(f"**{word}.** {safe(each.message)}" + (f"  \n{safe(remedy)}" if remedy else ""))
        _rows_behind(each, f"{key}_{i}")
    if assumed:
        st.info(
            "**What was assumed**\n"
            + "".join(f"\n- {safe(each.message)} {safe(each.advice(on_pages))}" for each in assumed)
        )
        for i, each in enumerate(assumed):
            _rows_behind(each, f"{key}_assumed_{i}", safe(f"of “{each.message[:60]}...”"))


def _rows_behind(each: Finding, key: str, of_what: str = "") -> None:
    """The rows behind a finding, to be opened and taken away."""
    rows = [row for row in each.rows if row]
    if not rows:
        return
    more = f", the first {len(rows):,} of them listed" if each.count > len(rows) else ""
    counted = "The row" if each.count == 1 else f"The {each.count:,} rows"
    with st.expander(f"{counted} {of_what or 'behind it'}{more}", key=f"{key}_open"):
        frame = pd.DataFrame({"row": rows})
        st.dataframe(
            frame,
            hide_index=True,
            key=f"{key}_rows",
            height=min(38 + 35 * len(rows), 260),
            alt="Rows behind this finding",
        )
        download(frame, f"finding-{each.code}", key=key)


def problem(error: WorkbenchError) -> None:
    """An error in a box: what is wrong, and what to do next."""
    what, remedy = error.told[0].say(on_pages), error.told[1].say(on_pages)
    st.error(safe(what) + (f"  \n**{safe(remedy)}**" if remedy else ""))


PLACES = {
    "mapping": "in the column mapping on the Start page",
    "spelling": "under Labels on the Start page",
    "scale": "under Labels on the Start page",
    "keep_identical": "with the switch on the Start page",
    "dates": "on the Start page",
    "format": "under Format on the Start page",
    "gold": "on the Start page",
    "evaluation": "under “Measure on”",
    "people": "under “People”",
    "store": "in the settings of the store",
    "batch": "among the batches",
    "make_batch": "on the page of collection",
    "folder": "beside the judge",
    "prices": "beside the judge",
    "reveal": "under “What a label is”",
    "close_look": "on the Annotators page",
    "memory": "on the command line",
    "again": "under “Choose among” on the Select page",
    "probabilities": "in a file on the Labels page",
}
"""Where on the pages each choice is made."""

NOUNS = {
    "start": "number of labels to start with",
    "gold_share": "the share of gold",
    "overlap": "the labels an item",
    "train_out": "a training",
    "train_help": "the help beside it",
}
"""What the pages call a choice."""


def on_pages(piece: Choices) -> str:
    """Choices as places on the pages."""
    first = piece.choices[0]
    if piece.how == "name":
        return NOUNS.get(first.name, first.name)
    if piece.how == "quoted":
        return str(first.field or first.value)
    return PLACES.get(first.name, "in Python")


_MARKUP = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~$^=\"'&%/]|:(?=[a-z]))", re.IGNORECASE)
_ICON_OR_LINK = re.compile(r":(?=[\w+-]+[:/\[{])|@(?=[\w-]+\.)|www(?=\.)|(?<=http)s?:(?=//)", re.IGNORECASE)


def safe(text: object) -> str:
    """Text of the data as Markdown that shows as that text: no markup, link, picture, formula or icon in it works.

    A zero-width joiner keeps Streamlit from making an icon, a colour or a link of what would read as one (`:name:`,
    `@host.`, `www.`, `://`); nothing else holds one, and what is copied from a page holds none (`_browser`).
    """
    line = _ICON_OR_LINK.sub("\\g<0>\u2060", " ".join(str(text).split()))
    return _MARKUP.sub(r"\\\1", line)


def safe_plain(text: object) -> str:
    """Text of the data on one line, for places that do not interpret it."""
    return " ".join(str(text).split())


def text_block(text: object, *, empty: str = "(empty)") -> None:
    """Text of the data as it is, line breaks kept, nothing in it interpreted."""
    shown = (
        html.escape(text)
        if isinstance(text, str) and text.strip()
        else f'<span class="pw-empty">{html.escape(empty)}</span>'
    )
    st.html(f'<div class="pw-text">{shown}</div>')
