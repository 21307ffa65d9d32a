"""Reading files that were uploaded or named: how each is read, changed by hand where it is wrong, and what came of
it."""

from __future__ import annotations

import html
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import _ui
import streamlit as st
from _several import several

from workbench.dataset.annotation_set import AnnotationSet
from workbench.dataset.numeric_labels import Unclear
from workbench.dataset.scales import SCALES
from workbench.errors import WorkbenchError
from workbench.formats import format_names
from workbench.formats.records.date_order import UnclearDates
from workbench.runs import Run, all_runs, start
from workbench.wording.reading import times_sentence
from workbench.workspace.import_request import (
    FileLook,
    Request,
    ledger_table,
    preview_rows,
    sample_table,
    spelling_table,
)
from workbench.workspace.import_run import import_config, looked_at

LARGE = 20_000_000  # bytes from which files are read in a process of their own
ABANDONED = 3_600.0  # seconds after which a reading that nobody took is taken away
GROUPS = {
    "Needed: the judgement, and what it is about": ("label", "item", "annotator"),
    "Instead of a label: who won, or a score of each side": ("winner", "loser", "score_a", "score_b"),
    "The pair": ("prompt", "response_a", "response_b", "model_a", "model_b", "group"),
    "When and how": ("seconds", "ended_at", "started_at", "shown_first", "exchanged", "batch", "annotator_kind"),
    "More": ("gold", "reason", "confidence"),
}
JOINED = ("label", "item", "group")
"""Fields that several columns can make; of every other one column is chosen."""
SETTLING = ("label", "item", "annotator", "winner", "loser", "score_a", "score_b", "shown_first", "exchanged", "gold")
"""Fields that a doubt about the columns can be about."""
MOST_JOINED = 40
MEANING = {
    "item": "What names the item: the same in all judgements of it. Several columns join into one key.",
    "prompt": "The text both responses answer.",
    "response_a": "The response shown as A, first or left.",
    "response_b": "The response shown as B, second or right.",
    "model_a": "Who wrote response A.",
    "model_b": "Who wrote response B.",
    "group": "The prompt or ranking that several items belong to; intervals count it as one draw.",
    "label": "The judgement: which is better, or a rating or category. Several columns: one for each annotator.",
    "winner": "The response, model or file that won; with the loser it takes the place of the label.",
    "loser": "The response, model or file that lost.",
    "score_a": "A score or rank of response A; with that of B it takes the place of the label.",
    "score_b": "A score or rank of response B.",
    "annotator": "Who judged.",
    "reason": "Why, in words.",
    "confidence": "How sure the annotator was, as a number.",
    "gold": "The known right label of the item, where there is one.",
    "seconds": "How long the judgement took.",
    "started_at": "When the item was opened; with the end it gives the seconds.",
    "ended_at": "When the judgement was sent.",
    "shown_first": "Which response stood first or left when it was judged.",
    "exchanged": "Whether the sides were shown the other way round: the label then names them as shown, and is turned.",
    "batch": "The batch or round of work.",
    "annotator_kind": "human, expert or ai.",
}


def read(request: Request, title: str, opened_from: str) -> str | None:
    """The whole panel. Gives the key once the data set is on the shelf and the reader wants to go on."""
    top = st.container()
    large = sum(file_bytes(path) for path in request.paths) > LARGE
    try:
        looks = _ui.looked_at(request) if not large else None
    except WorkbenchError as error:
        with top:
            _ui.problem(error)
        return None
    with st.expander(
        "How it is read", expanded=looks is not None and not recognised(looks), key="read_how", on_change="rerun"
    ):
        request = options(request, looks)
    if st.session_state.get("read_asked_of") != request.paths:  # answers given for other files
        for answer in ("read_meaning", "read_dates"):
            st.session_state.pop(answer, None)
        st.session_state["read_asked_of"] = request.paths
    request = replace(
        request,
        spelling=(*st.session_state.get("read_meaning", ()), *request.spelling),
        dates=st.session_state.get("read_dates", ""),
    )
    with top:
        return large_files(request, title, opened_from) if large else small_files(request, title, opened_from)


def file_bytes(path: str) -> int:
    """Bytes of a file or of all files in a folder; a pattern counts what it matches."""
    place = Path(path)
    if place.is_file():
        return place.stat().st_size
    files = place.rglob("*") if place.is_dir() else place.parent.glob(place.name)
    return sum(f.stat().st_size for f in files if f.is_file())


def recognised(looks: list[FileLook]) -> bool:
    """Whether every file has a format, or all it lacks is labels that another file has."""
    return all(look.formats for look in looks) or any(look.formats for look in looks)


# ---------------------------------------------------------------- reading


def small_files(request: Request, title: str, opened_from: str) -> str | None:
    """Reads at once, and shows what came of it."""
    if doubted := in_doubt(request):
        ask_columns(request, doubted)
        return None
    try:
        with st.spinner("Reading ...", show_time=True):
            data = _ui.read_files(request)
    except Unclear as error:
        ask(error)
        return None
    except UnclearDates as error:
        ask_dates(error)
        return None
    except WorkbenchError as error:
        if asks_for_columns(request):
            st.markdown("##### Which column holds what?")
            st.write(
                _ui.safe(
                    f"{title} is a table of no format that is known. Say below what its columns are: the label, what it"
                    " is about (the item, or a prompt with its two responses), and who judged."
                )
            )
            st.caption(_ui.safe(f"So far: {error.told[0].say(_ui.on_pages)}"))
            return None
        _ui.problem(error)
        st.caption("Change below how it is read, or start over with another file.")
        return None
    summary(data)
    go_on = st.button("See whether these labels can be trusted", type="primary", key="read_go")
    if go_on:
        return _ui.open_data(data, title, opened_from)
    if data.findings:
        st.markdown("##### What reading it found")
        _ui.findings(data.findings, key="read_findings")
    ledger(data)
    return None


def in_doubt(request: Request) -> list[FileLook]:
    """The files whose columns are doubted, until the choices that matter are changed or said to be right."""
    given = dict(request.mapping)
    if not {"label", "winner", "score_a"} & set(given):
        return []
    if st.session_state.get("read_sure_of") == (request.paths, request.mapping):
        return []
    return [
        look
        for look in _ui.looked_at(request)
        if look.doubt and all(given.get(f, ()) == tuple(look.guess.get(f, ())) for f in SETTLING)
    ]


def ask_columns(request: Request, doubted: list[FileLook]) -> None:
    """What is in doubt about the columns, before anything is read by them."""
    st.markdown("##### Is this what the columns hold?")
    for look in doubted:
        st.warning(_ui.safe(f"{look.name}: {look.doubt}."), icon=":material/help:")
        for when, fields in look.ways:
            choose = "; ".join(f"{f}: {c.replace(',', ' and ') or 'no column'}" for f, c in fields.items())
            st.markdown(f"- {_ui.safe(f'If {when}, choose below {choose}')}")
    said = "; ".join(f"{field} is {' and '.join(columns)}" for field, columns in request.mapping if columns)
    st.write(
        _ui.safe(f"Guessed so far: {said}. Nothing is read yet. Change the columns below, or say that they are right.")
    )
    st.button("The columns are right as they are", key="read_sure", on_click=settle_columns, args=(request,))


def settle_columns(request: Request) -> None:
    """Keeps that these columns are right, for these files and no other choice."""
    st.session_state["read_sure_of"] = (request.paths, request.mapping)


def asks_for_columns(request: Request) -> bool:
    """Whether no file has a format that is known, so that the columns are asked for, and nothing is wrong yet."""
    try:
        looks = _ui.looked_at(request)
    except WorkbenchError:
        return False
    return bool(looks) and not recognised(looks) and any(look.columns for look in looks)


def ask(error: Unclear) -> None:
    """Numbers that can be read in several ways: what each way would make of the labels, and a button to choose it."""
    st.markdown(f"##### What do the {'numbers' if error.kind == 'numbers' else 'labels'} mean?")
    st.write(
        _ui.safe(
            f"The labels{f' in {error.name}' if error.name else ''} of {error.source} are {error.kind}, and nothing"
            " in the file says what they mean. Choose the reading; the labels would then be these."
        )
    )
    for i, (place, (says, spelling, counts)) in enumerate(zip(st.columns(len(error.ways)), error.ways, strict=True)):
        with place, st.container(border=True, height="stretch"):
            st.markdown(f"**{_ui.safe(says[:1].upper() + says[1:])}**")
            st.dataframe(
                {"label": list(counts), "judgements": list(counts.values())},
                hide_index=True,
                key=f"read_way_{i}",
                alt=f"How often each label would occur if {says}",
            )
            meant = tuple(spelling.items())
            st.button("Read them so", key=f"read_so_{i}", on_click=settle, args=(meant,), width="stretch")


def ask_dates(error: UnclearDates) -> None:
    """Dates whose day and month may stand either way: what each way would make of them, and a button to choose it."""
    st.markdown("##### What comes first in the dates?")
    st.write(
        _ui.safe(
            f"{error.count:,} dates in {error.column} of {error.source} could have the day or the month first, and"
            " nothing in the file says which. Choose the reading; the dates would then be these."
        )
    )
    for way, place in zip(error.ways, st.columns(2), strict=True):
        with place, st.container(border=True, height="stretch"):
            st.markdown(f"**{_ui.safe(way.says[:1].upper() + way.says[1:])}**")
            st.dataframe(
                {"in the file": [t for t, _ in way.examples], "would be": [d for _, d in way.examples]},
                hide_index=True,
                key=f"read_dates_{way.first}",
                alt=f"What the first dates would be if {way.says}",
            )
            st.caption(f"All of them from {way.earliest} to {way.latest}.")
            st.button(
                "Read them so", key=f"read_{way.first}_first", on_click=settle_dates, args=(way.first,), width="stretch"
            )


def settle_dates(first: str) -> None:
    """Keeps the order of day and month that was chosen for as long as these files are being read."""
    st.session_state["read_dates"] = first


def settle(meant: tuple[tuple[str, str], ...]) -> None:
    """Keeps the reading that was chosen for as long as these files are being read."""
    st.session_state["read_meaning"] = meant


def large_files(request: Request, title: str, opened_from: str) -> str | None:
    """Reads as a run, with progress and a way to stop it."""
    run: Run | None = st.session_state.get("reading")
    if run is None:
        st.write("These files are large, so they are read in the background; you can stop it at any time.")
        if st.button("Read them", type="primary", key="read_start"):
            take_away_abandoned()
            config = import_config(request, _ui.shelf(), title, opened_from, _ui.who())
            st.session_state["reading"] = start("import", config, title=title)
            st.rerun()
        return None
    if run.status().state == "done":
        return watch_end(run)
    watch()
    return None


@st.fragment(run_every=0.5)
def watch() -> None:
    """How far the background reading is."""
    run: Run | None = st.session_state.get("reading")
    if run is None:
        return
    looked_at(run.folder)
    status = run.status()
    if status.state == "done":
        st.rerun()
    if not status.living:
        _ui.problem(status.error)
        if st.button("Try again", key="read_again"):
            forget_reading()
            st.rerun()
        return
    doing = "Waiting for other files to be read" if status.ahead else status.doing or "Starting"
    st.progress(max(status.share or 0.0, 0.02), text=_ui.safe(f"{doing} ... {status.seconds:,.0f} s"))
    if st.button("Cancel", key="read_cancel"):
        forget_reading()
        st.rerun()


def watch_end(run: Run) -> str:
    """The background reading is done: its data set is on the shelf."""
    key = str((run.result() or {})["key"])
    forget_reading()
    _ui.choose(key)
    return key


def forget_reading() -> None:
    """Stops the background reading of this session, if there is one, and takes away what it wrote."""
    run: Run | None = st.session_state.pop("reading", None)
    if run is not None:
        run.cancel()
        with suppress(WorkbenchError):
            run.delete()


def take_away_abandoned() -> None:
    """Removes readings that ended after their tab was closed."""
    for run in all_runs(("import",)):
        if not run.status().living and time.time() - run.created_at > ABANDONED:
            with suppress(WorkbenchError):
                run.delete()


def summary(data: AnnotationSet) -> None:
    """What was read, in one line of figures."""
    titles = format_names()
    kinds = ", ".join(titles.get(name, name) for name in data.format.split("+")) or "own form"
    labels = " ".join(f"<code>{html.escape(label)}</code>" for label in data.scale.labels[:9]) + (
        " …" if len(data.scale) > 9 else ""
    )
    st.html(
        f'<div class="pw-facts"><b>{len(data.annotations):,}</b> judgements of <b>{len(data.items):,}</b> items by'
        f' <b>{len(data.annotators):,}</b> annotators <span class="pw-quiet">· read as {html.escape(kinds)} · labels'
        f" {labels}</span></div>"
    )
    st.caption(_ui.safe(times_sentence(data)))


def ledger(data: AnnotationSet) -> None:
    """Rows read, used and set aside, by reason."""
    rows = _ui.cached(ledger_table, data)
    with st.expander("Where every row went"):
        st.dataframe(rows, hide_index=True, key="ledger_table", alt="Rows read, used and set aside")
        _ui.download(rows, "ledger", key="ledger_download")


# ---------------------------------------------------------------- how it is read


def options(request: Request, looks: list[FileLook] | None) -> Request:
    """All choices, with a live preview of what they read."""
    columns, labels, more = st.tabs(["Format and columns", "Labels", "Gold, people, identical responses"])
    with columns:
        request = format_and_columns(request, looks)
    with labels:
        request = label_choices(request, looks)
    with more:
        request = other_choices(request, looks)
    if looks:
        preview(request, looks)
    st.caption("The same from Python")
    st.code(f"import workbench\n\ndata = {request.to_python([Path(p).name for p in request.paths])}", language="python")
    return request


def format_and_columns(request: Request, looks: list[FileLook] | None) -> Request:
    """The format of the files, and for a table which column holds what."""
    for look in looks or []:
        best = f"recognised as {look.formats[0][1]}" if look.formats else "not recognised"
        st.html(
            f'<div class="pw-facts"><b>{html.escape(look.name)}</b> <span'
            f' class="pw-quiet">{f"{look.rows:,} rows · " if look.rows else ""}{html.escape(best)}</span></div>'
        )
    titles = format_names()
    known = [look for look in looks or [] if look.columns]
    ways = ["", *titles]
    unsure = looks is not None and not recognised(looks)
    chosen = st.selectbox(
        "Read it as",
        ways,
        index=ways.index("columns") if unsure else 0,
        key="read_format",
        format_func=lambda n: titles.get(n, "the format recognised in each file"),
        width=420,
    )
    if chosen != "columns" or not known:
        return replace(request, format=chosen or None)
    st.caption(
        "Say which column holds what. What names and values suggest is filled in; below you see what your choice reads."
    )
    for look in known:
        st.dataframe(
            sample_table(look),
            hide_index=True,
            key=f"read_columns_{look.name}",
            height=min(38 + 35 * len(look.columns), 720),
            alt=f"Columns of {look.name} and their first values",
        )
    table = max(known, key=lambda look: ("label" in look.guess, len(look.columns)))
    every = list(dict.fromkeys(c for look in known for c in look.columns))
    samples = {c: v for look in known for c, v in look.samples.items()}
    mapping = []
    for group, fields in GROUPS.items():
        st.html(f'<div class="pw-eyebrow">{group}</div>')
        for first in range(0, len(fields), 3):
            for field, place in zip(fields[first : first + 3], st.columns(3), strict=False):
                with place:
                    picked = columns_of(field, every, [c for c in table.guess.get(field, ()) if c in every])
                    if picked:
                        mapping.append((field, tuple(picked)))
                        st.caption(_ui.safe("e.g. " + ", ".join(samples.get(picked[0], ())[:3])))
                    elif field in table.guess:
                        mapping.append((field, ()))  # taken out by hand
    slices = several(
        "slices",
        [c for c in every if not any(c in cs for _, cs in mapping)],
        [],
        "read_map_slices",
        placeholder="no column",
        help="Columns to compare groups of items by, such as language or source.",
    )
    mapping += [(f"slice.{column}", (column,)) for column in slices]
    return replace(request, format=None, mapping=tuple(mapping))


def columns_of(field: str, every: list[str], guess: list[str]) -> list[str]:
    """The column of a field, or the columns of one that several make."""
    title, key = field.replace("_", " "), f"read_map_{field}"
    if field in JOINED or len(guess) > 1:
        return several(title, every, guess, key, most=MOST_JOINED, help=MEANING[field], placeholder="no column")
    one = st.selectbox(
        title,
        every,
        index=every.index(guess[0]) if guess else None,
        key=key,
        help=MEANING[field],
        placeholder="no column",
        format_func=_ui.safe_plain,
    )
    return [one] if one else []


def label_choices(request: Request, looks: list[FileLook] | None) -> Request:
    """The scale, and what each spelling means on it."""
    scales = ["", *SCALES]
    scale = st.selectbox(
        "Label scale",
        scales,
        key="read_scale",
        width=420,
        format_func=lambda n: "as recognised" if not n else f"{n}: {'  '.join(SCALES[n].labels)}",
    )
    request = replace(request, scale=(scale,) if scale else ())
    for look in looks or []:
        try:
            table, labels, how = spelling_table(look, request)
        except WorkbenchError as error:
            st.caption(_ui.safe(error.told[0].say(_ui.on_pages)))
            continue
        st.caption(_ui.safe(f"{look.name}: {how}"))
        edited = st.data_editor(
            table,
            key=f"read_spelling_{look.name}_{scale}",
            hide_index=True,
            disabled=["spelling", "rows"],
            width=460,
            column_config={
                "spelling": st.column_config.TextColumn("In the file"),
                "rows": st.column_config.NumberColumn("Rows looked at"),
                "label": st.column_config.SelectboxColumn(
                    "Means", options=["", *labels], help="Empty = counts as missing, not as a tie"
                ),
            },
        )
        changed = [
            (row["spelling"], row["label"] or "")
            for row, old in zip(edited.to_dict("records"), table["label"], strict=True)
            if (row["label"] or "") != old
        ]
        if changed:
            request = replace(request, spelling=(*request.spelling, *changed), scale=request.scale or tuple(labels))
    return request


def other_choices(request: Request, looks: list[FileLook] | None) -> Request:
    """Gold file, hashing of annotator ids, items with identical responses."""
    gold = st.file_uploader("A file of known right labels (columns item and label)", key="read_gold")
    if gold is not None:
        gold_path = _ui.kept_upload(gold)
        request = replace(
            request, gold=gold_path, within=(*request.within, str(Path(gold_path).parent)) if request.within else ()
        )
    keep = st.toggle(
        "Keep items whose two responses are the same text",
        key="read_keep",
        help="They are set aside otherwise, with a finding: nobody can prefer a text to itself.",
    )
    people = bool(looks) and _ui.have_person_ids(replace(request, hash_annotators=False))
    hashed = st.toggle(
        "Replace annotator ids by hashes",
        value=people,
        key=f"read_hash_{people}",
        help=(
            "The same id always gives the same hash. Set WORKBENCH_HASH_KEY on the server to make them impossible to"
            " guess back."
        ),
    )
    if people:
        st.caption("On, because the ids look like those of a crowd platform or e-mail addresses.")
    return replace(request, keep_identical=keep, hash_annotators=hashed)


def preview(request: Request, looks: list[FileLook]) -> None:
    """The first judgements as these choices read them."""
    for look in looks:
        try:
            rows = preview_rows(look, request)
        except WorkbenchError as error:
            if len(looks) == 1:
                st.caption(_ui.safe(f"Nothing to show yet. {error.told[0].say(_ui.on_pages)}"))
            continue
        st.caption(_ui.safe(f"The first judgements of {look.name}, as they will be read"))
        st.dataframe(
            rows,
            hide_index=True,
            key=f"read_preview_{look.name}",
            placeholder="–",
            alt="Preview of the first judgements",
        )
