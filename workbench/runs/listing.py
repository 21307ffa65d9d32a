"""Runs as a table: what each is, how it stands, what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from workbench.errors import WorkbenchError
from workbench.runs.comparing import flat
from workbench.runs.kinds import kind_named
from workbench.runs.run import Run

if TYPE_CHECKING:
    import pandas as pd


def run_table(runs: Sequence[Run]) -> pd.DataFrame:
    """One row a run, in the order given.

    Returns
    -------
    Columns `run`, `title`, `kind`, `state`, `ahead`, `started` (local time), `seconds` at work, `headline` (name of the
    figure its kind is judged by), `figure` (its value; missing before the end), `doing`, `done`, `of`, `device`.
    """
    import pandas as pd

    rows = []
    for run in runs:
        status = run.status()
        kind = _kind(run)
        found = dict(flat(run.result() or {})).get(kind[1]) if kind[1] and status.state == "done" else None
        rows.append(
            {
                "run": run.id,
                "title": run.title,
                "kind": kind[0],
                "state": status.state,
                "ahead": status.ahead,
                "started": pd.Timestamp.fromtimestamp(run.created_at).floor("s"),
                "seconds": status.seconds,
                "headline": kind[1],
                "figure": float(found) if isinstance(found, int | float) else None,
                "doing": status.doing,
                "done": status.done,
                "of": status.of,
                "device": ", ".join(status.devices),
            }
        )
    columns = [
        "run",
        "title",
        "kind",
        "state",
        "ahead",
        "started",
        "seconds",
        "headline",
        "figure",
        "doing",
        "done",
        "of",
        "device",
    ]
    return pd.DataFrame(rows, columns=columns).astype({"figure": "float64", "seconds": "float64"})


def _kind(run: Run) -> tuple[str, str]:
    try:
        kind = kind_named(run.kind)
        return kind.title, kind.headline
    except WorkbenchError:  # of another version
        return run.kind, ""
