"""Runs on pages: a button that starts one, a panel that shows it live, the link that finds it again."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import _ui
import streamlit as st

from workbench.errors import WorkbenchError
from workbench.figures.canvas import describe
from workbench.figures.runs import figures_in, learning_chart
from workbench.runs import Run, Status, all_runs, find, start
from workbench.runs.expected import last_like
from workbench.runs.kinds import kind_named
from workbench.wording.runs import (
    expected_words,
    lasting,
    memory_words,
    moment,
    progress_words,
    state_words,
    whole_words,
)

EVERY = 1.0
"""Seconds between two looks at a living run."""
_BOXES = {
    "done": "green",
    "failed": "red",
    "cancelled": "gray",
    "interrupted": "orange",
    "queued": "gray",
    "running": "blue",
    "stopping": "orange",
}


def may_see_run(run: Run) -> bool:
    """Whether this person may see a run: one about a data set is for those who may open that; a reading of a file is
    for whoever started it."""
    key = run.config.get("data")
    if not key:
        owner = str(run.config.get("owner", ""))
        return not owner or owner == _ui.who()
    try:
        kept = _ui.shelf().about(str(key))
    except WorkbenchError:
        kept = None
    return kept is None or _ui.may_see(kept)


def runs_of(kinds: Sequence[str] = ()) -> list[Run]:
    """Runs of these kinds, of all kinds where none is named, that this person may see, the last first."""
    return [run for run in all_runs(tuple(kinds)) if may_see_run(run)]


def run_named(run_id: str) -> Run:
    """A run by its id.

    Raises
    ------
    WorkbenchError
        There is none, or it is about somebody else's data: both say the same.
    """
    run = find(run_id)
    return run if may_see_run(run) else find("")


def start_run(
    kind: str,
    config: Mapping[str, Any],
    *,
    title: str = "",
    label: str = "Start",
    key: str = "start_run",
    disabled: bool = False,
    help: str | None = None,
    check: Callable[[], None] | None = None,
) -> None:
    """A button that starts a run and puts it into the address; the page is run again and finds it with `chosen_run`.

    Parameters
    ----------
    kind, config, title : as `workbench.runs.start` takes them.
    check : raises where it cannot be done, before anything is started.
    """
    st.caption(expected_words(usual_seconds(kind, config)))
    if not st.button(label, type="primary", key=key, disabled=disabled, help=help):
        return
    try:
        if check is not None:
            check()
        run = start(kind, config, title=title)
    except WorkbenchError as error:
        _ui.problem(error)
        return
    choose_run(run.id, (kind,))
    st.rerun()


def usual_seconds(kind: str, config: Mapping[str, Any]) -> float | None:
    """How long the last run like this one took here; None where there was none."""
    last = last_like(kind, config)
    return None if last is None else last.status().seconds


def choose_run(run_id: str | None, kinds: Sequence[str]) -> None:
    """Makes a run the one this page shows, in the address too; None shows none."""
    st.session_state[_memory(kinds)] = run_id
    if run_id:
        st.query_params["run"] = run_id
    else:
        st.query_params.pop("run", None)


def chosen_run(kinds: Sequence[str], *, data: str = "") -> Run | None:
    """The run that the address names, or that this page showed last in this session; else the last that ended well on
    these data; None without one.

    Parameters
    ----------
    kinds : the page shows runs of these kinds; a link to a run of another kind says so. Empty: all kinds.
    data : content key; without it no run is shown that was not asked for.
    """
    named = st.query_params.get("run") or st.session_state.get(_memory(kinds))
    if not named:
        on_these = [run for run in runs_of(kinds) if run.config.get("data") == data] if data else []
        return next((run for run in on_these if run.status().state == "done"), None)
    try:
        run = run_named(named)
    except WorkbenchError as error:
        if st.query_params.get("run"):
            _ui.problem(error)
        choose_run(None, kinds)
        return None
    if kinds and run.kind not in kinds:
        st.info(_ui.safe(f"The link names a run of another kind: {run.title}."))
        link_to(run, "Open it")
        return None
    choose_run(run.id, kinds)
    return run


def _memory(kinds: Sequence[str]) -> str:
    return f"run_shown_{'_'.join(kinds) or 'all'}"


def earlier_runs(kinds: Sequence[str], *, data: str = "", key: str = "earlier_runs") -> Run | None:
    """A menu of the runs of these kinds, the last first, with the one shown; choosing another shows that one.

    Parameters
    ----------
    data : content key; only runs whose configuration names it under `data` are offered.

    Returns
    -------
    The chosen run, or None where there is none yet.
    """
    runs = [run for run in runs_of(kinds) if not data or run.config.get("data") == data]
    now = chosen_run(kinds, data=data)
    if not runs:
        return now
    every = [run.id for run in runs]
    titles = {run.id: f"{run.title}, {moment(run.created_at)}: {state_words(run.status())}" for run in runs}
    if now is not None and now.id not in titles:
        every, titles = [now.id, *every], {now.id: f"{now.title}, {moment(now.created_at)}", **titles}
    at = every.index(now.id) if now else None
    picked = st.selectbox(
        "Runs",
        every,
        index=at,
        format_func=lambda run_id: titles[run_id],
        key=f"{key}_{now.id if now else ''}",
        placeholder="Choose a run",
    )
    if picked and (now is None or picked != now.id):
        choose_run(picked, kinds)
        st.rerun()
    return now


def finished(kinds: Sequence[str], *, data: str, key: str) -> tuple[Run, dict[str, Any]] | None:
    """The run of these kinds that is looked at, chosen in a menu and shown, with its result; None until it has one."""
    run = earlier_runs(kinds, data=data, key=f"{key}_runs")
    if run is None:
        return None
    status, result = show_run(run, key=f"{key}_run", chart=False), run.result()
    return (run, result) if status.state == "done" and result else None


def link_to(run: Run, label: str = "Open") -> None:
    """A link to the page that shows this run's result."""
    query = {"run": run.id, **({"data": run.config["data"]} if run.config.get("data") else {})}
    st.page_link(page_of(run), label=label, query_params=query)


def page_of(run: Run) -> str:
    """The page of a kind, or the page Runs where its own is not there."""
    try:
        page = kind_named(run.kind).page
    except WorkbenchError:
        page = ""
    return page if page and (Path(__file__).parent / page).exists() else "runs.py"


def show_run(run: Run, *, key: str = "run", chart: bool = True) -> Status:
    """How a run stands: live while it lives, with Cancel; at its end why it ended, with what can be done.

    Parameters
    ----------
    key : names the panel on the page.
    chart : whether to draw what it measured.

    Returns
    -------
    How it stood when the page was run; the page is run again when the run ends.
    """
    status = run.status()
    st.fragment(_panel, run_every=EVERY if status.living else None)(run.id, key, chart, status.living)
    return status


def _panel(run_id: str, key: str, chart: bool, was_living: bool) -> None:
    """What `show_run` shows, run once a second while the run lives."""
    try:
        run = run_named(run_id)
    except WorkbenchError as error:
        _ui.problem(error)
        return
    status = run.status()
    if was_living and not status.living:
        st.rerun()
    with st.container(border=True, key=f"{key}_panel"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{_ui.safe(run.title)}**", width="content")
            st.badge(state_words(status), color=_BOXES.get(status.state, "gray"))
            st.space("stretch")
            _actions(run, status, key)
        if status.living:
            st.progress(status.share or 0.0, text=_ui.safe(progress_words(status)))
            whole = whole_words(status, usual_seconds(run.kind, run.config))
            if whole:
                st.caption(f"{whole[:1].upper()}{whole[1:]}.")
        _outcome(status)
        st.caption(_ui.safe(_facts(run, status)))
        if chart:
            _measured(run, key)
        _log(run, status, key)


def _actions(run: Run, status: Status, key: str) -> None:
    """What can be done with the run now."""
    if status.living:
        waiting = status.state == "stopping"
        with st.popover("Cancel", key=f"{key}_asks", disabled=waiting):
            st.write("Stops within a second. Its last checkpoint is kept, so it can go on later.")
            if st.button("Stop it now", key=f"{key}_cancel", disabled=waiting, type="primary"):
                run.cancel()
                st.rerun()
        return
    if not status.can_resume:
        return
    kept = run.has_checkpoint()
    goes_on = "Goes on from its last checkpoint" if kept else "It kept nothing to go on from, so it begins at its start"
    if st.button("Resume", type="primary", key=f"{key}_resume", help=goes_on):
        _again(run, from_start=False)
    if kept and st.button(
        "Begin again", key=f"{key}_restart", help="The same settings from the start; its checkpoints are forgotten"
    ):
        _again(run, from_start=True)


def _again(run: Run, *, from_start: bool) -> None:
    try:
        run.resume(from_start=from_start)
    except WorkbenchError as error:  # somebody else was quicker
        _ui.problem(error)
        return
    st.rerun()


def _outcome(status: Status) -> None:
    if status.state == "failed":
        _ui.problem(status.error)
    elif status.state == "interrupted":
        st.warning(f"{_ui.safe(status.what)}  \n{_ui.safe(status.remedy)}")


def _facts(run: Run, status: Status) -> str:
    parts = [
        f"Started {moment(run.created_at)}",
        f"{lasting(status.seconds)} at work",
        ", ".join(status.devices),
        memory_words(status) if status.living else "",
    ]
    again = f"attempt {status.attempt}" if status.attempt > 1 else ""
    return "; ".join(part for part in (*parts, again, run.id) if part)


def _measured(run: Run, key: str) -> None:
    metrics = run.metrics()
    if figures_in(metrics):
        figure = learning_chart(metrics)
        _ui.chart(figure, f"{key}_measured", alt=describe(figure), rows=lambda: metrics, name=f"metrics-{run.id}")


def _log(run: Run, status: Status, key: str) -> None:
    """The last lines of the log: open by itself where the run failed."""
    with st.expander(
        "Log, last 30 lines", expanded=status.state == "failed", key=f"{key}_log", on_change="rerun"
    ) as shown:
        if shown.open or status.state == "failed":
            lines = run.log_tail(30)
            st.code("\n".join(lines) or "Nothing yet.", language=None, wrap_lines=True)
