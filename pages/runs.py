"""All runs: what works now and what waits, what came of the others, chosen ones side by side."""

from __future__ import annotations

import _runs
import _ui
import pandas as pd
import streamlit as st

from workbench.errors import WorkbenchError
from workbench.figures.canvas import describe
from workbench.figures.runs import compared_runs, figures_in
from workbench.runs import Run, compare, run_table
from workbench.wording.runs import STATES, lasting, progress_words, side_by_side_table, state_words

SHOWN = 200


def _living(run_ids: list[str]) -> None:
    """Runs that work or wait, looked at once a second."""
    for run_id in run_ids:
        try:
            run = _runs.run_named(run_id)
        except WorkbenchError:
            st.rerun()
        status = run.status()
        if not status.living:
            st.rerun()
        with st.container(border=True, key=f"run_live_{run_id}"):
            with st.container(horizontal=True, vertical_alignment="center"):
                st.markdown(f"**{_ui.safe(run.title)}**", width="content")
                st.badge(state_words(status), color="blue" if status.state == "running" else "gray")
                st.space("stretch")
                if st.button("Watch", key=f"runs_watch_{run_id}"):
                    _runs.choose_run(run_id, ())
                    st.rerun()
                stopping = status.state == "stopping"
                with st.popover("Cancel", key=f"runs_asks_{run_id}", disabled=stopping):
                    st.write("Stops within a second. Its last checkpoint is kept, so it can go on later.")
                    if st.button("Stop it now", key=f"runs_cancel_{run_id}", disabled=stopping, type="primary"):
                        run.cancel()
                        st.rerun()
            st.progress(status.share or 0.0, text=_ui.safe(progress_words(status)))


def ended(runs: list[Run]) -> None:
    """Runs that have ended, to be chosen: one to open or delete, several to compare."""
    table = run_table(runs)
    shown = pd.DataFrame(
        {
            "title": table["title"],
            "state": table["state"].map(STATES),
            "kind": table["kind"],
            "figure": table["figure"],
            "headline": table["headline"],
            "started": table["started"],
            "took": [lasting(s) for s in table["seconds"]],
            "device": table["device"],
        }
    )
    columns = {
        "title": st.column_config.TextColumn("Run"),
        "state": st.column_config.TextColumn("State"),
        "kind": st.column_config.TextColumn("Kind"),
        "figure": st.column_config.NumberColumn("Result", format="%.3f"),
        "headline": st.column_config.TextColumn("Figure", help="The figure its kind is judged by"),
        "started": st.column_config.DatetimeColumn("Started", format="D MMM YYYY, HH:mm"),
        "took": st.column_config.TextColumn("At work"),
        "device": st.column_config.TextColumn("Device"),
    }
    event = st.dataframe(
        shown,
        hide_index=True,
        key="runs_table",
        on_select="rerun",
        selection_mode="multi-row",
        column_config=columns,
        placeholder="–",
        height=min(38 + 35 * len(shown), 420),
        alt="Runs that have ended, the last started first",
    )
    chosen = [runs[i] for i in event.selection.rows if i < len(runs)]
    if not chosen:
        st.caption("Tick one run to open or delete it, several to compare them.")
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        if len(chosen) == 1 and st.button("Open", type="primary", key="runs_open"):
            _runs.choose_run(chosen[0].id, ())
            st.rerun()
        with st.popover(f"Delete {len(chosen)} run{'s' if len(chosen) > 1 else ''}", key="runs_delete_menu"):
            st.write("Their settings, figures, checkpoints and models are removed from this machine.")
            if st.button("Delete for good", key="runs_delete"):
                remove(chosen)
    if len(chosen) > 1:
        side_by_side(chosen)


def remove(chosen: list[Run]) -> None:
    for run in chosen:
        try:
            run.delete()
        except WorkbenchError as error:
            _ui.problem(error)
            return
    st.session_state.pop("runs_table", None)
    st.rerun()


def side_by_side(chosen: list[Run]) -> None:
    """What was set up differently, what came of it, and how each learned."""
    st.subheader("Side by side")
    frame = compare(chosen)
    names = {run.id: f"{run.title} ({run.id[-6:]})" for run in chosen}
    turned = side_by_side_table(frame).rename(columns=names)
    st.dataframe(
        turned,
        hide_index=True,
        key="runs_compare",
        height=min(38 + 35 * len(turned), 460),
        alt="Settings that differ and results, one column a run",
    )
    _ui.download(lambda: frame, "runs-compared", key="runs_compare_file", label="Download table")
    metrics = {names[run.id]: run.metrics() for run in chosen}
    measured = list(dict.fromkeys(name for each in metrics.values() for name in figures_in(each)))
    if measured:
        figure_name = st.segmented_control("Figure", measured, default=measured[0], key="runs_figure", required=True)
        figure = compared_runs(metrics, figure_name or measured[0])
        _ui.chart(
            figure,
            "runs_curves",
            alt=describe(figure),
            rows=lambda: pd.concat([m.assign(run=n) for n, m in metrics.items()]),
            name="runs-metrics",
        )


def one(run: Run) -> None:
    """One run, live; then its settings and its result."""
    if st.button("← All runs", key="runs_back"):
        _runs.choose_run(None, ())
        st.rerun()
    _runs.show_run(run, key="runs_one")
    if _runs.page_of(run) != "runs.py" and run.result() is not None:
        _runs.link_to(run, "**See its result** on its own page")
    settings, result = st.columns(2)
    with settings, st.expander("Settings", expanded=False, key="runs_settings"):
        st.json(dict(run.config))
    found = run.result()
    if found is not None:
        with result, st.expander("Result", expanded=_runs.page_of(run) == "runs.py", key="runs_result"):
            st.json(found)


st.title("Runs")
shown_run = _runs.chosen_run(())
if shown_run is not None:
    one(shown_run)
    st.stop()
every = _runs.runs_of()
if not every:
    with st.container(border=True):
        st.subheader("No run was started yet")
        st.write(
            "Training a reward model or a policy, replaying a selection or a study takes minutes, so it works as a run:"
            " in a process of its own that goes on when this tab is closed, one at a time on each device. Start one on"
            " the pages of this section, or on the command line; it appears here."
        )
    st.stop()
alive = [run for run in every if run.status().living]
if alive:
    st.subheader("Now")
    st.fragment(_living, run_every=_runs.EVERY)([run.id for run in reversed(alive)])
past = [run for run in every if run not in alive]
if past:
    st.subheader("Ended")
    ended(past[:SHOWN])
    if len(past) > SHOWN:
        st.caption(f"The last {SHOWN:,} of {len(past):,} are listed.")
