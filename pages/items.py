"""The items behind the figures, the most contested first; one opened shows its texts, all its labels and who gave
them."""

from __future__ import annotations

import html
from typing import Any

import _collect
import _ids
import _ui
import streamlit as st

from workbench.agreement.contested import (
    RANKINGS,
    ContestedItems,
    contested_items,
    judgements_of,
    label_spread,
    slice_values,
)
from workbench.collection.triage import MARKS, mark
from workbench.dataset.annotation_set import AnnotationSet
from workbench.errors import WorkbenchError, counted
from workbench.wording.word_diff import spans_html, word_diff

ORDER = {name: sentence for name, sentence in RANKINGS.items() if name != "labels"} | {"labels": RANKINGS["labels"]}


def choices(data: AnnotationSet) -> dict[str, Any]:
    """The row of choices, kept in the address."""
    most = int(_ui.shared(label_spread, data).labels.max(initial=0))
    known = {name: text for name, text in ORDER.items() if says_something(name, data)}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        ranking = st.selectbox(
            "Most contested by",
            list(known),
            format_func=lambda n: known[n].split(":")[0],
            key="itm_by",
            bind="query-params",
            width=210,
            help="\n\n".join(known.values()),
        )
        counts = [str(n) for n in range(1, max(1, min(most, 12)) + 1)]
        least = st.selectbox(
            "Labels, at least",
            counts,
            index=min(1, len(counts) - 1),
            key="itm_min",
            bind="query-params",
            width=140,
            help="With one label there is nothing to disagree about.",
        )
        slices = {}
        for column in data.slices[:4]:
            values = ["all", *_ui.cached(slice_values, data, column=column)]
            picked = st.selectbox(
                _ui.safe(column.removeprefix("slice.")[:40]),
                values,
                key=f"itm_{column}",
                persist_state="session",
                width=170,
            )
            if picked != "all":
                slices[column] = picked
        words = st.text_input(
            "Search id and texts",
            key="itm_find",
            persist_state="session",
            type="search",
            max_chars=200,
            width=240,
            placeholder="words, in any case",
        )
    return {"ranking": ranking, "min_labels": int(least), "slices": slices, "text": words or ""}


def chip(data: AnnotationSet, titled: str) -> None:
    """Which items alone are shown, above everything else, and the way to all of them."""
    with st.container(horizontal=True, vertical_alignment="center", key="itm_chip"):
        st.html(f'<div class="pw-chips"><span>Showing only: <b>{html.escape(titled)}</b></span></div>', width="content")
        if st.button("Show all items", key="itm_all", type="tertiary"):
            st.query_params.pop("set", None)
            st.query_params.pop("item", None)
            st.rerun()
        if st.button("Have them judged", key="itm_collect", help="As a batch on Collect"):
            st.switch_page("collect.py", query_params={"data": data.key, "set": st.query_params["set"]})


def says_something(ranking: str, data: AnnotationSet) -> bool:
    """Whether an order differs from the others on this data: gold needs gold, and sides need labels that have strengths
    too."""
    strengths = data.has_pairs and data.scale.directional() != data.scale
    return {
        "against_gold": (data.gold >= 0).any(),
        "direction": data.has_pairs,
        "disagreement": not data.has_pairs or strengths,
    }.get(ranking, True)


def listing(data: AnnotationSet, token: str | None, **choice: Any) -> ContestedItems:
    """The list for these choices; the set behind a token is read inside, so that the cache sees plain values only."""
    chosen = _ui.shelf().items(data.key, token) if token else None
    return contested_items(data, spread=_ui.shared(label_spread, data), items=chosen[0] if chosen else None, **choice)


def show_list(data: AnnotationSet, listed: ContestedItems, choice: dict[str, Any]) -> None:
    """The table; a click opens an item."""
    frame = listed.frame
    by = listed.ranking
    columns = ["item_id", "votes", by, "labels", *(["gold"] if (data.gold >= 0).any() else []), "prompt", *data.slices]
    table = frame[list(dict.fromkeys(c for c in columns if c in frame))]
    title = RANKINGS[by].split(":")[0]
    widest = float(frame[by].max()) if frame[by].notna().any() else 1.0
    settings: dict[str, Any] = {
        "item_id": st.column_config.TextColumn("Item", width=110),
        "votes": st.column_config.TextColumn("Votes", width=200),
        "labels": st.column_config.NumberColumn("Labels", width=70),
        "gold": st.column_config.TextColumn("Gold", width=60),
        "prompt": st.column_config.TextColumn("Prompt", width="large"),
    }
    if by != "labels":
        settings[by] = st.column_config.ProgressColumn(
            title, min_value=0.0, max_value=max(widest, 1e-9), format="%.2f", width=110, help=_ui.measure_help(by)
        )
    settings |= {
        column: st.column_config.TextColumn(column.removeprefix("slice."), width=110) for column in data.slices
    }
    st.dataframe(
        table,
        key="itm_table",
        hide_index=True,
        column_config=settings,
        height=300,
        on_select=pick,
        selection_mode="single-cell",
        placeholder="–",
        alt=f"Items, the most contested by {title.lower()} first",
    )
    st.session_state["itm_listed"] = frame["item_id"].tolist()
    with st.container(horizontal=True, vertical_alignment="center"):
        more = f", the first {len(frame):,} listed" if listed.n_matching > len(frame) else ""
        why = "; ".join(f"{n:,} {reason}" for reason, n in listed.set_aside.items())
        looked = (
            f" Texts searched: the {listed.searched:,} most contested."
            if listed.searched is not None and listed.searched < listed.n_items
            else ""
        )
        st.caption(
            _ui.safe(
                f"Click a row to read it. {listed.n_matching:,} of {listed.n_items:,} items{more}"
                + (f" (left out: {why})" if why else "")
                + f".{looked}"
            )
        )
        _ui.download(
            frame.drop(columns="position"), "contested-items", key="itm_download", by=by, at_least=choice["min_labels"]
        )
        _ui.copy_as_python(snippet(choice), key="itm_code")


def snippet(choice: dict[str, Any]) -> str:
    """The list from a notebook."""
    extra = "".join(f", {name}={choice[name]!r}" for name in ("slices", "text") if choice[name])
    return (
        f"from workbench.agreement.contested import contested_items\n\ncontested_items(data, {choice['ranking']!r},"
        f" min_labels={choice['min_labels']}{extra}).frame"
    )


def pick() -> None:
    """A row was clicked: its item is the open one."""
    cells = st.session_state["itm_table"]["selection"]["cells"]
    if cells:
        go_to(st.session_state["itm_listed"][cells[0][0]])


def go_to(item_id: str) -> None:
    """Opens an item and says so in the address."""
    _ids.into_address("item", st.session_state["data"], [item_id])


def open_item(data: AnnotationSet, listed: list[str]) -> None:
    """One item: prompt, both responses with their differences, all labels."""
    named = st.query_params.get("item")
    likely = [*listed, *([st.session_state["itm_open"]] if "itm_open" in st.session_state else [])]
    linked = _ids.from_address("item", data.key, likely) if named else listed[:1]
    if named and not linked:
        linked = _ids.from_address("item", data.key, data.items["item_id"].tolist())
    if not linked:
        if named:
            st.info("The item that this link names is not in these data.")
        return
    item_id = st.session_state["itm_open"] = linked[0]
    position = data.item_position(item_id)
    at = listed.index(item_id) if item_id in listed else None
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            "Previous",
            key="itm_prev",
            shortcut="Left",
            disabled=not at,
            on_click=go_to,
            args=(listed[at - 1] if at else "",),
        )
        last = at is None or at + 1 >= len(listed)
        st.button(
            "Next",
            key="itm_next",
            shortcut="Right",
            disabled=last,
            on_click=go_to,
            args=("" if at is None or last else listed[at + 1],),
        )
        where = "not in the list above" if at is None else f"{at + 1:,} of {len(listed):,} in the list above"
        st.html(
            f'<div class="pw-facts">Item <code>{html.escape(item_id)}</code> <span'
            f' class="pw-quiet">{where}</span></div>'
        )
    show_texts(data, position)
    show_judgements(data, position, item_id)
    triage(data, item_id)


def show_texts(data: AnnotationSet, position: int) -> None:
    """Prompt and responses side by side."""
    texts = data.item_texts([position]).iloc[0]
    prompt, a, b = (
        t if isinstance(t, str) else None for t in (texts["prompt"], texts["response_a"], texts["response_b"])
    )
    if prompt is None and a is None and b is None:
        st.caption(
            "This export holds no texts for this item. Open it together with the file that has them to read them here."
        )
        return
    if prompt is not None:
        with st.container(border=True):
            st.html('<div class="pw-eyebrow">Prompt</div>')
            _ui.text_block(prompt[:20_000])
    if a is None and b is None:
        return
    marks = st.toggle("Mark differences", value=True, key="itm_marks") if a and b else False
    diff = word_diff(a or "", b or "")
    if marks and not diff.marked:
        st.caption(
            f"The two responses share {diff.shared:.0%} of their words in the same order; marking the rest would say"
            " nothing."
        )
    item = data.items.iloc[position]
    for side, column, spans, hidden, full in zip(
        "ab", st.columns(2), (diff.a, diff.b), (diff.hidden_a, diff.hidden_b), (a, b), strict=True
    ):
        with column, st.container(border=True, height="stretch"):
            model = item.get(f"model_{side}")
            words = item.get(f"words_{side}", -1)
            facts = [str(model)] if isinstance(model, str) else []
            facts += [counted(words, "word")] if words >= 0 else []
            st.html(
                '<div class="pw-eyebrow">Response'
                f" {side.upper()}{' · ' + html.escape(' · '.join(facts)) if facts else ''}</div>"
            )
            if not full:
                _ui.text_block(full, empty="(empty)" if full == "" else "(no text)")
                continue
            shown = spans_html(spans, side) if marks else html.escape("".join(span.text for span in spans))
            st.html(f'<div class="pw-text">{shown}</div>')
            if hidden:
                st.caption(f"{hidden:,} more characters are not shown.")
                _ui.download(full, f"response-{side}.txt", key=f"itm_full_{side}", label="Download the whole response")


def show_judgements(data: AnnotationSet, position: int, item_id: str) -> None:
    """Who said what, when, and why."""
    rows = _ui.cached(judgements_of, data, position=position)
    gold = data.scale.labels[data.gold[position]] if data.gold[position] >= 0 else None
    st.markdown("##### Labels" + (f" · gold: {_ui.safe(gold)}" if gold else ""))
    kept = [c for c in rows.columns if c in ("annotator", "label", "kind") or rows[c].notna().any()]
    shown = rows[[c for c in kept if c != "kind" or len(set(rows["kind"])) > 1]]
    if "repeat" in shown and not (rows["repeat"] > 0).any():
        shown = shown.drop(columns="repeat")
    settings = {
        "annotator": st.column_config.TextColumn("Annotator"),
        "kind": st.column_config.TextColumn("Kind"),
        "label": st.column_config.TextColumn("Label"),
        "shown_first": st.column_config.TextColumn("Shown first"),
        "seconds": st.column_config.NumberColumn("Seconds", format="%.0f"),
        "ended_at": st.column_config.DatetimeColumn("Ended at (UTC)", format="YYYY-MM-DD HH:mm:ss"),
        "repeat": st.column_config.NumberColumn(
            "Repeat",
            help=(
                "0 = the first judgement of this annotator on this item; later ones do not count for agreement. -1 ="
                " without a label."
            ),
        ),
        "reason": st.column_config.TextColumn("Reason", width="large"),
    }
    st.dataframe(
        shown,
        key="itm_labels",
        hide_index=True,
        column_config=settings,
        placeholder="–",
        alt="All judgements of this item",
    )
    for row in rows.to_dict("records") if "reason" in rows else ():
        if isinstance(row["reason"], str) and len(row["reason"]) > 90:
            with st.expander(_ui.safe(f"Why {row['annotator']} chose {row['label']}")):
                _ui.text_block(row["reason"][:20_000])
    _ui.download(rows, "judgements", key="itm_rows", item=item_id)


def triage(data: AnnotationSet, item_id: str) -> None:
    """Marks the item for *Adjudicate*: its gold is wrong, nothing is right, or more people are to be asked."""
    with st.expander("Mark this item", key="itm_triage"), st.form(f"itm_mark_{item_id}", border=False):
        has_gold = data.gold[data.item_position(item_id)] >= 0
        offered = [name for name in MARKS if name != "gold wrong" or has_gold]
        picked = st.radio("Mark", offered, format_func=MARKS.__getitem__, horizontal=True)
        note = st.text_input("Note", max_chars=400, placeholder="what is wrong with it")
        if st.form_submit_button("Save the mark"):
            mark(_collect.store(), _collect.source_of(data), item_id, picked, note, _collect.lead())
            st.success("Saved. Marks are listed on Adjudicate; from there those to ask again become a batch.")


data = _ui.require_data()
st.title("Items")
token = st.query_params.get("set")
chosen = _ui.shelf().items(data.key, token) if token else None
if token and chosen is None:
    st.info("The choice of items in this link is not on this machine any more; all items are shown.")
if chosen:
    chip(data, f"{chosen[1]} ({counted(len(chosen[0]), 'item')})")
choice = choices(data)
try:
    with st.spinner("Looking through the items ..."):
        found = _ui.cached(listing, data, token=token if chosen else None, **choice)
except WorkbenchError as error:
    _ui.problem(error)
    st.stop()
if found.n_matching == 0:
    with st.container(border=True):
        st.write("**No item passes these choices.**")
        st.caption(
            _ui.safe(
                "; ".join(f"{n:,} {reason}" for reason, n in found.set_aside.items()) or "The data set has no items."
            )
        )
        if st.button("Undo the choices", key="itm_undo"):
            for name in [n for n in st.session_state if str(n).startswith("itm_")]:
                del st.session_state[name]
            st.query_params.from_dict({"data": data.key})
            st.rerun()
else:
    show_list(data, found, choice)
    open_item(data, found.frame["item_id"].tolist())
