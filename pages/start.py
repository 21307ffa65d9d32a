"""Three ways in: the demo, an upload, a path on the server. Then what was read and how, and the way to the verdict."""

from __future__ import annotations

import html
import shutil
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import _reading
import _ui
import streamlit as st

from workbench.collection.opening import is_store, open_store
from workbench.errors import WorkbenchError
from workbench.formats.files.paths import find_files, refuse_outside
from workbench.locations import short_path, working_folder
from workbench.scale.choosing import figures_of
from workbench.scale.part import open_part
from workbench.scale.shards import is_sharded, open_shards
from workbench.workspace.demos import DEMOS
from workbench.workspace.import_request import Request, allowed_roots

STALE = 24 * 3600  # seconds after which an upload that was never opened is removed


@dataclass(frozen=True)
class Intake:
    """Files that were named or uploaded but not opened yet."""

    paths: tuple[str, ...]
    title: str
    opened_from: str
    folder: str | None = None
    within: tuple[str, ...] = ()


def hero() -> None:
    """What this is, for somebody who has never seen it."""
    st.title("Can these labels be trusted?")
    st.html(
        '<p class="pw-lead">Open the export of your annotation tool. The first thing you get is a verdict: whether'
        " these preference labels are good enough to train a reward model on. Behind it stand the checks, each with its"
        " interval, its count and the rows it rests on.</p>"
    )


def ways_in() -> None:
    """Demo, upload, path."""
    with st.container(key="ways"):
        demo, upload, path = st.columns(3, gap="medium")
    with demo, st.container(border=True, height="stretch"):
        st.markdown("##### Look at the demo")
        st.caption(DEMOS[0].about)
        if st.button("Open the demo", type="primary", key="demo_demo", width="stretch"):
            open_demo(0)
        for i, each in enumerate(DEMOS[1:], 1):
            if st.button(each.title, key=f"demo_{each.name}", help=each.about, width="stretch"):
                open_demo(i)
    with upload, st.container(border=True, height="stretch"):
        st.markdown("##### Upload an export")
        st.caption(
            "From Label Studio, Argilla, Prodigy, Toloka, MTurk, Appen, a public preference set, or any table. Several"
            " files are merged on their items."
        )
        files = st.file_uploader("Export files", accept_multiple_files=True, key="upload", label_visibility="collapsed")
        st.caption("Nothing leaves this machine.")
        if files:
            take_uploads(files)
    with path, st.container(border=True, height="stretch"):
        st.markdown("##### Open from this server")
        st.caption(
            "A file, a folder or a pattern such as `data/exports/*.jsonl`. The best way for large files, and for a"
            " folder that `shard` made."
        )
        with st.form("by_path", border=False):
            named = st.text_input("Path", key="path", placeholder="data/…", label_visibility="collapsed")
            asked = st.form_submit_button("Open", width="stretch")
        st.caption("Allowed folders: " + ", ".join(_ui.safe(short_path(root)) for root in allowed_roots()))
        if asked and named.strip():
            take_path(named.strip())


def open_demo(which: int) -> None:
    """Opens a demo and goes to its verdict."""
    demo = DEMOS[which]
    with st.spinner(f"Opening {demo.title.lower()} ..."):
        _ui.open_demo(which)
    st.switch_page("overview.py", query_params={"data": st.session_state["data"]})


def take_uploads(files: list) -> None:
    """Copies the uploads to a folder of this session and begins to read them."""
    sweep()
    folder = Path(tempfile.mkdtemp(prefix="workbench-upload-"))
    paths = []
    for i, file in enumerate(files):
        place = folder / str(i) if any(f.name == file.name for f in files[:i]) else folder
        place.mkdir(exist_ok=True)
        path = place / (Path(file.name).name or f"upload-{i}")
        with path.open("wb") as out:
            shutil.copyfileobj(file, out)
        paths.append(str(path))
    begin(Intake(tuple(paths), ", ".join(f.name for f in files), "upload", str(folder), (str(folder),)))


def take_path(named: str) -> None:
    """Looks whether the path may be read, and begins."""
    path = Path(named).expanduser()
    path = path if path.is_absolute() else working_folder() / path
    try:
        if is_sharded(path):
            open_sharded(path)
            return
        found = find_files([path], allowed_roots())
    except WorkbenchError as error:
        _ui.problem(error)
        return
    except (OSError, ValueError):
        _ui.problem(WorkbenchError("This is not a path that can exist on this server.", "Check its spelling."))
        return
    if is_store(path):
        try:
            _ui.open_data(open_store(path), path.name, short_path(path))
        except WorkbenchError as error:
            _ui.problem(error)
            return
        st.switch_page("overview.py", query_params={"data": st.session_state["data"]})
    title = path.name if len(found.files) == 1 else f"{named} ({len(found.files):,} files)"
    begin(Intake((str(path),), title, short_path(path), within=tuple(str(r) for r in allowed_roots())))


def open_sharded(path: Path) -> None:
    """Opens a part of a sharded set, whose figures on all of it are at hand, and goes to the verdict."""
    refuse_outside(path, allowed_roots())
    with st.spinner("Adding up what the buckets come to ...", show_time=True):
        part = open_part(open_shards(path))
        figures_of(part)
        _ui.open_data(part, path.name, short_path(path))
    st.switch_page("overview.py", query_params={"data": st.session_state["data"]})


def begin(intake: Intake) -> None:
    """From now on this session reads these files."""
    end_intake()
    st.session_state["intake"] = intake
    st.rerun()


def end_intake() -> None:
    """Forgets the files that were being read; copies of uploads are removed."""
    intake = st.session_state.pop("intake", None)
    _reading.forget_reading()
    if intake and intake.folder:
        shutil.rmtree(intake.folder, ignore_errors=True)
    for name in [n for n in st.session_state if str(n).startswith(("read_", "upload"))]:
        del st.session_state[name]


def sweep() -> None:
    """Removes copies of uploads that nobody came back for."""
    for folder in Path(tempfile.gettempdir()).glob("workbench-upload-*"):
        if folder.is_dir() and time.time() - folder.stat().st_mtime > STALE:
            shutil.rmtree(folder, ignore_errors=True)


def opened_before() -> None:
    """Data sets on the shelf, one click away."""
    listed = [kept for kept in _ui.visible(8) if kept.key != st.session_state.get("data")]
    if not listed:
        return
    st.markdown("##### Opened here before")
    if not _ui.who():
        st.caption("No login is set up: a link to one of these opens it for everybody who can reach this server.")
    for kept in listed:
        with st.container(horizontal=True, vertical_alignment="center"):
            when = kept.opened_at[:16].replace("T", " ")
            st.html(
                f'<div class="pw-facts"><b>{html.escape(kept.name)}</b> <span'
                f' class="pw-quiet">{kept.counts["annotations"]:,} judgements of '
                f"{kept.counts['items']:,} items by {kept.counts['annotators']:,} annotators · from"
                f" {html.escape(kept.opened_from)} · {when} UTC</span></div>"
            )
            if st.button("Open", key=f"again_{kept.key}"):
                _ui.choose(kept.key)
                st.switch_page("overview.py", query_params={"data": kept.key})
            with st.popover("Remove", type="tertiary", key=f"remove_{kept.key}"):
                st.caption(
                    "Deletes this copy, the sets cleaned from it, their runs, and what projects note about them. The"
                    " file it came from stays where it is."
                )
                st.button("Delete it", key=f"removed_{kept.key}", on_click=_ui.delete_data, args=(kept.key,))


def what_you_get() -> None:
    """What comes after opening, in four short answers."""
    answers = {
        "A verdict first": "Ready, look closer, or stop: each check with its threshold, its value and its reason.",
        "Agreement you can quote": "Every common coefficient, with the interval for this crew and for the next one.",
        "The rows behind it": (
            "A bar or a cell opens its items: both responses side by side, all labels, times and reasons."
        ),
        "Nothing lost in silence": (
            "Rows read, used and set aside, by reason. A skip is never a tie; an undefined figure says why."
        ),
    }
    for place, (title, text) in zip(st.columns(4, gap="medium"), answers.items(), strict=True):
        place.html(f'<div class="pw-answer"><b>{title}</b><br>{text}</div>')


def formats_read() -> None:
    """What can be opened."""
    from workbench.formats import format_names

    with st.expander("Formats it reads, each recognised by itself"):
        st.html(
            '<div class="pw-chips">'
            + "".join(f"<span>{html.escape(title)}</span>" for title in sorted(format_names().values()))
            + "</div>"
        )
        st.caption(
            "JSON, JSON lines, CSV, TSV, Parquet and XML, alone, in a folder, gzipped or in a zip. Any other table"
            " through a column mapping."
        )


def is_open() -> None:
    """The session has a data set: what it is, and the way on."""
    data = _ui.dataset()
    if data is None:
        _ui.missing_set()
        return
    kept = _ui.about()
    with st.container(border=True):
        st.html(
            '<div class="pw-eyebrow">Open now</div><div'
            f' class="pw-name">{html.escape(kept.name if kept else "data set")}</div>'
        )
        _ui.say_part(data)
        _reading.summary(data)
        if st.button("See whether these labels can be trusted", type="primary", key="to_overview"):
            st.switch_page("overview.py", query_params={"data": data.key})
        with st.expander(f"What reading it found ({len(data.findings)})"):
            _ui.findings(data.findings, key="open_findings")
            _reading.ledger(data)


intake: Intake | None = st.session_state.get("intake")
if intake is None:
    hero()
    if st.session_state.get("data"):
        is_open()
        st.markdown("##### Open something else")
    ways_in()
    opened_before()
    what_you_get()
    formats_read()
else:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.html(
            f'<div class="pw-eyebrow">Reading</div><div class="pw-file">{html.escape(intake.title[:200])}</div>',
            width="stretch",
        )
        st.button("Start over", key="start_over", on_click=end_intake, help="Forget these files and choose others")
    finished = _reading.read(Request(paths=intake.paths, within=intake.within), intake.title, intake.opened_from)
    if finished:
        end_intake()
        st.switch_page("overview.py", query_params={"data": finished})
