"""What every page shares: the open data set, cached answers, downloads, finding boxes, "used n of m". The only home of
`st.cache_*`."""

from __future__ import annotations

import gc
import hashlib
import html
import tempfile
from collections.abc import Callable, Iterable, Mapping
from contextlib import nullcontext
from copy import copy
from pathlib import Path
from typing import Any, TypeGuard

import pandas as pd
import streamlit as st
from _downloads import download, figure_buttons, file_stem, table_buttons, to_csv, to_json, to_parquet  # noqa: F401
from _words import STYLE, findings, on_pages, problem, safe, safe_plain, text_block, used_line  # noqa: F401

from workbench.collection.collected import collected
from workbench.collection.serving import labels_url
from workbench.collection.store import Store
from workbench.dataset.annotation_set import AnnotationSet
from workbench.errors import WorkbenchError, counted
from workbench.extras import need
from workbench.figures.canvas import wide
from workbench.glossary import GLOSSARY
from workbench.locations import runs_folder, short_path, uploads_folder
from workbench.scale.part import Part, open_part, parts_of, said_of
from workbench.scale.shards import open_shards
from workbench.workspace.dataset_store import Kept, Shelf
from workbench.workspace.deletion import delete_dataset, delete_expired
from workbench.workspace.demos import DEMOS
from workbench.workspace.import_request import FileLook, Request, look_at, name_people, preview_rows
from workbench.workspace.projects import Project, Projects

COLLECTED = "collection "
"""Begins the origin of a data set that was collected here; the id of its batch follows."""

# ---------------------------------------------------------------- one-time setup and the open data set


@st.cache_resource(show_spinner=False)
def settle_once() -> bool:
    """Once in the life of the server: what the imports made never needs to be looked at by the garbage collector
    again."""
    gc.collect()
    gc.freeze()
    return True


@st.cache_resource(ttl="1h", show_spinner=False)
def keep_no_longer(folder: str) -> int:  # noqa: ARG001
    """Once an hour: deletes the data sets whose retention time is over, with all that was made from them."""
    return len(delete_expired(shelf(), runs_folder(), projects()))


def shelf() -> Shelf:
    """Data sets opened on this machine; their folder is `workbench.locations.uploads_folder()`."""
    return Shelf(uploads_folder())


def projects() -> Projects:
    """Projects of this workspace, beside its data sets."""
    return Projects(uploads_folder())


def who() -> str:
    """The login of the person at the browser; '' where no login is set up or nobody is logged in."""
    user = st.user.to_dict()
    return str(user.get("email") or user.get("sub") or "") if user.get("is_logged_in") else ""


def project_of(key: str) -> Project | None:
    """The project that holds a data set, the first by name that this person may see; None where none does."""
    if not key:
        return None
    every = projects().every(who() or None)
    return next((p for p in every if any(d.key == key for d in projects().deliveries(p.id))), None)


def may_see(kept: Kept) -> bool:
    """Whether this person may open a data set: without a login everybody may; with one, whose it is, and who shares a
    project that holds it."""
    me = who()
    if not kept.owners or me in kept.owners:
        return True
    return bool(me) and projects().may_open(kept.key, me)


def visible(limit: int) -> list[Kept]:
    """Data sets of the shelf that this person may open, the last opened first."""
    return [kept for kept in shelf().listing(1_000) if may_see(kept)][:limit]


def delete_data(key: str) -> None:
    """Deletes a data set with all that was made from it."""
    delete_dataset(key, shelf(), runs_folder(), projects())
    _opened.clear()


def data_of(key: str) -> AnnotationSet:
    """Another data set of the shelf, by its key."""
    kept = shelf().about(key)
    if kept is not None and not may_see(kept):
        raise WorkbenchError("This data set belongs to somebody else.", "Ask its owner to share a project with it.")
    return _opened(key, str(shelf().folder))


@st.cache_resource(show_spinner=False)
def _in_hand() -> dict[str, tuple[AnnotationSet, Kept]]:
    """Sets just opened, until they are first read from the shelf; and the last few that could not be written there."""
    return {}


@st.cache_resource(max_entries=4, show_spinner="Reading the data set ...")
def _opened(key: str, folder: str) -> AnnotationSet:
    held = _in_hand().get(key)
    data = held[0] if held else _made_again(key, folder) or Shelf(Path(folder)).read(key)
    _ = data.key, data.codes, data.shared_groups  # once, not on each view
    return data


def _made_again(key: str, folder: str) -> AnnotationSet | None:
    """A demo is not copied to the shelf; it is made again where a link asks for it."""
    which = _demo_of(Shelf(Path(folder)).about(key))
    if which is None:
        return None
    data = demo_data(which)
    return data if data.key == key else None


def _demo_of(kept: Kept | None) -> int | None:
    """Which demo a card of the shelf stands for, or None."""
    if kept is None or kept.opened_from != "demo":
        return None
    return next((i for i, demo in enumerate(DEMOS) if kept.name == f"Demo: {demo.title}"), None)


def open_demo(which: int) -> str:
    """Makes a demo the session's data set, and gives its key."""
    return open_data(demo_data(which), f"Demo: {DEMOS[which].title}", "demo", copied=False)


def open_data(
    data: AnnotationSet, name: str, opened_from: str, *, copied: bool = True, original: str = "", cleaning: str = ""
) -> str:
    """Makes a data set the session's own, keeps it on the shelf, and gives its key.

    Where the shelf cannot be written the set stays in memory, and its link ends with the server.
    """
    try:
        kept = shelf().keep(
            data, name, opened_from, copy=copied, original=original, cleaning=cleaning, owner=_owner(opened_from)
        )
        _in_hand()[kept.key] = (data, kept)
        _opened(kept.key, str(shelf().folder))
        _in_hand().pop(kept.key, None)
    except (OSError, WorkbenchError):
        kept = Shelf.card(
            data, name, f"{opened_from}, in memory only: {shelf().folder} cannot be written", original, cleaning
        )
        hand = _in_hand()
        hand[kept.key] = (data, kept)
        while len(hand) > 4:
            hand.pop(next(iter(hand)))
    choose(kept.key)
    return kept.key


def _owner(opened_from: str) -> str:
    """Whose a data set is that is opened now: nobody's where there is no login, and for the demos."""
    return "" if opened_from == "demo" else who()


def choose(key: str) -> None:
    """Makes a data set of the shelf the session's own."""
    st.session_state["data"] = key
    st.query_params.from_dict({"data": key})


def close_data() -> None:
    """Forgets the session's data set; it stays on the shelf."""
    st.session_state.pop("data", None)
    st.query_params.clear()


def follow_address() -> None:
    """A link names its data set in `?data=`; a session keeps its own over a change of page."""
    named = st.query_params.get("data")
    if named:
        st.session_state["data"] = named
    elif st.session_state.get("data"):
        st.query_params["data"] = st.session_state["data"]


def dataset() -> AnnotationSet | None:
    """The data set of this session, or None where none is open or the link's is not on this machine.

    The frames are views of their own: what one page adds to them no other session sees.
    """
    key = st.session_state.get("data")
    if not key:
        return None
    kept = about()
    if kept is not None and not may_see(kept):
        return None
    try:
        data = _opened(key, str(shelf().folder))
    except WorkbenchError:
        return None
    view = copy(data)
    for name in ("items", "annotators", "annotations"):
        object.__setattr__(view, name, getattr(data, name).copy(deep=False))
    return view


def about() -> Kept | None:
    """Name, origin and counts of this session's data set, or None."""
    key = st.session_state.get("data")
    held = _in_hand().get(key or "")
    if held:
        return held[1]
    try:
        return shelf().about(key) if key else None
    except WorkbenchError:
        return None


def require_data(*, counts_all: bool = False) -> AnnotationSet:
    """The open data set; without one, the page says what to do and ends here.

    Parameters
    ----------
    counts_all : the figures of this page are of all of a sharded set.
    """
    data = dataset()
    if data is not None:
        say_part(data, counts_all=counts_all)
        return data
    missing_set()
    st.page_link("start.py", label="**Go to Start** to open a file or the demo", query_params={})
    st.stop()


def is_part(data: AnnotationSet) -> TypeGuard[Part]:
    """Whether the open data are a part of a sharded set, and not all of it."""
    return isinstance(data, Part) and data.shards is not None and not data.is_all


def say_part(data: AnnotationSet, *, counts_all: bool = False) -> None:
    """Of a part of a sharded set: what this page counts, and what it does not."""
    if not is_part(data) or data.shards is None:
        return
    if counts_all:
        told = (
            f"Counted here: all {data.shards.n_annotations:,} judgements of this sharded set. Labels on gold, flags of"
            f" annotators and what opens single items are of {said_of(data)}."
        )
    else:
        told = (
            f"Counted here: {said_of(data)}. Overview and Agreement count all of them; *Part*, on the left, opens"
            " another."
        )
    st.caption(f":material/grid_view: {told}", width="stretch")


def need_extra(extra: str, what: str) -> None:
    """Where an extra of the installation is missing, the page says how to get it and ends here."""
    try:
        need(extra, what)
    except WorkbenchError as error:
        problem(error)
        st.stop()


def missing_set() -> None:
    """Says that nothing is open, or that the link's data set is not here."""
    with st.container(border=True):
        if st.session_state.get("data"):
            st.subheader("This data set is not here any more")
            st.write(
                "The link names a data set that is not on this machine, or was removed from it. Open the file again:"
                " the same content gets the same link."
            )
        else:
            st.subheader("Nothing is open yet")
            st.write(
                "This page shows figures about an export of your annotation tool. Open one, or look at the demo first."
            )


def collected_now(kept: Kept) -> None:
    """Opens the labels that a batch has now, in the place of those it had; the address keeps its choices."""
    try:
        data = collected(label_store(labels_url()), kept.opened_from.removeprefix(COLLECTED))
    except WorkbenchError as error:
        problem(error)
        return
    place = st.query_params.to_dict()
    open_data(data, kept.name, kept.opened_from)
    for name, value in place.items():
        # What a widget is bound to comes back from the widget.
        if name != "data" and name not in st.session_state:
            st.query_params[name] = value
    st.rerun()


def chooser() -> None:
    """The open data set in the sidebar: what it is, where it came from, another one, none."""
    key, kept = st.session_state.get("data"), about()
    kept = kept if kept is not None and may_see(kept) else None
    with st.sidebar, st.container(key="chooser"):
        if not key:
            st.caption("No data set is open.")
            return
        if kept is None:
            st.caption("The data set of this link is not on this machine.")
        else:
            counts = kept.counts
            facts = "<br>".join(
                counted(counts[n], one)
                for n, one in (("annotations", "judgement"), ("items", "item"), ("annotators", "annotator"))
            )
            st.html(
                '<div class="pw-set"><div class="pw-eyebrow">Data set</div><div'
                f' class="pw-name">{html.escape(kept.name)}</div><div class="pw-quiet">{facts}<br>from'
                f" {html.escape(kept.opened_from)}<br>key <code>{html.escape(kept.key[:8])}</code></div></div>"
            )
            if kept.sharded:
                choose_part(kept)
            if kept.opened_from.startswith(COLLECTED) and st.button(
                "Labels of now",
                key="collected_now",
                help="Labels of this batch that came in since it was opened. Page and choices stay as they are.",
            ):
                collected_now(kept)
            if kept.original and st.button(
                "Restore the original",
                key="restore_original",
                help="This set was cleaned. The data it was made from is kept; so is this set.",
            ):
                choose(kept.original)
                st.rerun()
        with st.container(horizontal=True):
            others = st.popover("Switch", key="switch_data", on_change="rerun", help="Data sets opened on this machine")
            if st.button("Close", key="close_data", help="Close this data set; it can be opened again from Start"):
                close_data()
                st.switch_page("start.py")
        if others.open:
            with others:
                listed = [k for k in visible(12) if k.key != key]
                if not listed:
                    st.caption("No other data set was opened here yet.")
                for other in listed:
                    if st.button(
                        safe(f"{other.name} ({other.counts['annotations']:,} judgements)"),
                        key=f"switch_{other.key}",
                        type="tertiary",
                    ):
                        choose(other.key)
                        st.rerun()


def choose_part(kept: Kept) -> None:
    """Which part of a sharded set is looked at; another one is opened in its place, and the address keeps its
    choices."""
    try:
        shards = open_shards(kept.sharded)
    except WorkbenchError:
        return
    parts = parts_of(shards)
    now = parts.index(kept.buckets) if kept.buckets in parts else None
    if len(parts) < 2:
        return
    picked = st.selectbox(
        f"Part of {shards.n_annotations:,} judgements",
        range(len(parts)),
        index=now,
        key=f"part_{kept.key}",
        format_func=lambda i: f"{i + 1} of {len(parts):,}",
        help="Whole items, drawn at random by a hash. Overview and Agreement are of all parts together.",
    )
    if picked is None or picked == now:
        return
    place = st.query_params.to_dict()
    try:
        open_data(open_part(shards, parts[picked]), kept.name, kept.opened_from)
    except WorkbenchError as error:
        problem(error)
        return
    for name, value in place.items():
        # Items that were chosen in one part are not in another.
        if name not in ("data", "set", "item") and name not in st.session_state:
            st.query_params[name] = value
    st.rerun()


# ---------------------------------------------------------------- reading files


@st.cache_resource(max_entries=8, show_spinner="Looking at the files ...")
def _looks(paths: tuple[str, ...], within: tuple[str, ...], state: str) -> list[FileLook]:  # noqa: ARG001
    return look_at(paths, within)


def looked_at(request: Request) -> list[FileLook]:
    """What the files seem to be, looked at once."""
    return _looks(request.paths, request.within, _state_of(request.paths))


@st.cache_resource(max_entries=2, show_spinner=False)
def _read(request: Request, state: str) -> AnnotationSet:  # noqa: ARG001
    data = request.read()
    _ = data.key, data.codes, data.shared_groups  # once, not on each view
    return data


def read_files(request: Request) -> AnnotationSet:
    """The data set these files and choices give, read once."""
    return _read(request, _state_of((*request.paths, *([request.gold] if request.gold else []))))


def have_person_ids(request: Request) -> bool:
    """Whether the annotator ids in the first rows could lead to a person."""
    try:
        return any(name_people(preview_rows(look, request, 400)["annotator"].unique()) for look in looked_at(request))
    except (WorkbenchError, KeyError):
        return False


def _state_of(paths: tuple[str, ...]) -> str:
    """Sizes and times of the files, so that a changed file is read again."""
    files = [
        f
        for p in paths
        for f in (sorted(Path(p).rglob("*")) if Path(p).is_dir() else sorted(Path(p).parent.glob(Path(p).name)))
    ]
    return repr([(str(f), f.stat().st_size, f.stat().st_mtime_ns) for f in files if f.is_file()])


def kept_upload(upload: Any) -> str:
    """Puts a small uploaded file into a folder of its own and gives its path."""
    content = upload.getvalue()
    folder = (
        Path(tempfile.gettempdir()) / f"workbench-upload-gold-{hashlib.blake2b(content, digest_size=8).hexdigest()}"
    )
    folder.mkdir(exist_ok=True)
    place = folder / (Path(upload.name).name or "gold")
    if not place.exists():
        place.write_bytes(content)
    return str(place)


@st.cache_resource(max_entries=3, show_spinner=False)
def demo_data(which: int) -> AnnotationSet:
    """A demo, made once in the life of the server."""
    data = DEMOS[which].open()
    _ = data.key, data.codes, data.shared_groups  # once, not on each view
    return data


@st.cache_resource(max_entries=4, show_spinner=False)
def label_store(url: str) -> Store:
    """The label store at a URL, opened once in the life of the server."""
    return Store(url)


# ---------------------------------------------------------------- cached answers


def cached(function: Callable[..., Any], data: AnnotationSet, **params: Any) -> Any:
    """`function(data, **params)`, remembered by the data's content key and the parameters.

    For results that are small (they are copied out of the cache each time): estimates, tables of a thousand rows.
    Parameters must be plain values; frames and arrays are never hashed (Streamlit hashes large ones from a sample).
    """
    return _answer(function, data, params, _name(function), data.key, _plain(params))


def shared(function: Callable[..., Any], data: AnnotationSet, **params: Any) -> Any:
    """Like `cached`, for large results that nobody changes: everybody is handed the same object."""
    return _held(function, data, params, _name(function), data.key, _plain(params))


@st.cache_data(max_entries=512, show_spinner=False)
def _answer(
    _function: Callable[..., Any],
    _data: AnnotationSet,
    _params: dict[str, Any],
    name: str,  # noqa: ARG001
    key: str,  # noqa: ARG001
    params: str,  # noqa: ARG001
) -> Any:
    return _function(_data, **_params)


@st.cache_resource(max_entries=24, show_spinner=False)
def _held(
    _function: Callable[..., Any],
    _data: AnnotationSet,
    _params: dict[str, Any],
    name: str,  # noqa: ARG001
    key: str,  # noqa: ARG001
    params: str,  # noqa: ARG001
) -> Any:
    return _function(_data, **_params)


def _name(function: Callable[..., Any]) -> str:
    if getattr(function, "__closure__", None) and not hasattr(function, "__wrapped__"):
        raise ValueError(
            f"{function.__qualname__} closes over values that the cache cannot see; pass them as parameters"
        )
    code = getattr(function, "__code__", None)
    place = f"{code.co_filename}:{code.co_firstlineno}" if code else ""
    return f"{function.__module__}.{function.__qualname__} {place}"


def _plain(params: Mapping[str, Any]) -> str:
    """The parameters as text that differs where they differ."""
    for name, value in params.items():
        if hasattr(value, "dtype") or hasattr(value, "dtypes"):
            raise ValueError(f"{name} is an array or a frame: give the cache a plain value that stands for it")
    return repr(sorted(params.items()))


# ---------------------------------------------------------------- downloads and "copy as Python"


def copy_as_python(code: str, *, key: str | None = None) -> None:
    """The few lines that give the same number from a notebook."""
    with st.popover("Copy as Python", key=key, type="tertiary", on_change="rerun" if key else "ignore") as menu:
        if menu.open or not key:
            st.code(f"import workbench\n\n{load_line()}\n{code}", language="python")


def load_line() -> str:
    """The line of a snippet that opens this session's data set."""
    kept = about()
    if kept is None:
        return "data = workbench.load(PATH)"
    which = _demo_of(kept)
    if which is not None:
        return DEMOS[which].to_python()
    if kept.sharded:
        folder, some = short_path(Path(kept.sharded)), list(kept.buckets)
        return (
            "from workbench.scale.part import open_part\nfrom workbench.scale.shards import open_shards\n\n"
            f"data = open_part(open_shards({folder!r}), {some!r})"
        )
    path = shelf().path(kept.key)
    return f"data = workbench.load({short_path(path)!r})  # {' '.join(kept.name.split())}"


# ---------------------------------------------------------------- words, boxes, charts


def chart(
    fig: Any,
    key: str,
    *,
    alt: str,
    rows: pd.DataFrame | Callable[[], pd.DataFrame] | None = None,
    name: str | None = None,
    select: str | tuple[str, ...] | None = None,
    code: str | None = None,
    height: Any = "content",
    **params: Any,
) -> Any:
    """Draws a plotly figure in the theme's colours, keeps its zoom, describes it, and offers it and its rows for
    download.

    Parameters
    ----------
    key : names the chart on the page.
    alt : what it shows, in words, for those who do not see it.
    rows : the figures drawn, or a function that gives them.
    name : of the files; the key by default.
    select : `points`, `box` or `lasso` (or several) to be told what the reader picks.
    code : the Python that gives the same figures, after the line that loads the data.
    params : the choices that shaped it, for the file names.

    Returns
    -------
    What was picked, where `select` is given.
    """
    fig.update_layout(uirevision="const")
    stem = file_stem(name or key, **params)
    config = {"displaylogo": False, "toImageButtonOptions": {"filename": stem, "format": "png", "scale": 2}}
    options: dict[str, Any] = {"key": key, "theme": "streamlit", "config": config, "alt": alt, "height": height}
    if select:
        options |= {"on_select": "rerun", "selection_mode": select}
    # On a telephone a wide chart is scrolled within its own box.
    with st.container(key=f"wide_{key}") if wide(fig) else nullcontext():
        event = st.plotly_chart(fig, **options)
    with st.container(horizontal=True):
        # What a closed menu holds is neither made nor sent: a chart under a slider is drawn again on every move.
        with st.popover("Download", key=f"{key}_menu", type="tertiary", on_change="rerun") as menu:
            if menu.open:
                figure_buttons(fig, stem, key)
                if rows is not None:
                    table_buttons(rows, stem, key, "Figures behind it")
        if code:
            copy_as_python(code, key=f"{key}_code")
    return event


def by_name(names: Iterable[Any], key: str, what: str) -> Any:
    """The way of the keyboard to what a mark of a chart opens: a menu of the marks and a button; None until it is
    pressed.

    Parameters
    ----------
    names : of the marks, in their order.
    what : what one is, such as `week`.
    """
    with st.popover("Open by name", key=f"{key}_by_name", type="tertiary", on_change="rerun") as menu:
        if menu.open:
            named = st.selectbox(what[:1].upper() + what[1:], list(names), format_func=safe_plain, key=f"{key}_named")
            if st.button("Open its items", key=f"{key}_named_open"):
                return named
    return None


def beside(widths: list[float]) -> list[Any]:
    """Two columns, choices and what comes of them; in a narrow window what comes of them stands first."""
    with st.container(key="beside"):
        return list(st.columns(widths, gap="large"))


def above() -> tuple[Any, Any]:
    """Choices above what comes of them; on a phone, where they fill the screen, below it."""
    with st.container(key="above"):
        return st.container(), st.container()


def measure_help(name: str) -> str | None:
    """Help text of a measure: what it answers, its formula, its range, and when not to use it."""
    entry = GLOSSARY.get(name) or next((m for known, m in GLOSSARY.items() if known.replace(".", "_") == name), None)
    return entry.to_markdown() if entry else None


def open_items(positions: Any, title: str) -> None:
    """Goes to the Items page and shows exactly these items (by position); the address then says so too."""
    key = st.session_state["data"]
    st.switch_page("items.py", query_params={"data": key, "set": shelf().keep_items(key, positions, title)})


def collect_items(positions: Any, title: str) -> None:
    """Goes to the Collect page, to have exactly these items (by position) judged."""
    key = st.session_state["data"]
    st.switch_page("collect.py", query_params={"data": key, "set": shelf().keep_items(key, positions, title)})
