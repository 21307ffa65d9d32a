"""How long a run will take, told from those that ended here."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from workbench.runs.run import Run, all_runs

ALIKE = ("model", "method", "study")
"""Settings in which runs must be alike for one to tell how long another takes."""


def last_like(kind: str, config: Mapping[str, Any], root: Path | None = None) -> Run | None:
    """The last finished run of a kind with the same model or method: on the same data, else on any.

    Parameters
    ----------
    kind, config : as `workbench.runs.start` takes them.
    """
    done = [
        run
        for run in all_runs((kind,), root)
        if run.status().state == "done" and all(run.config.get(name) == config.get(name) for name in ALIKE)
    ]
    same = [run for run in done if run.config.get("data") == config.get("data")]
    return next(iter([*same, *done]), None)
