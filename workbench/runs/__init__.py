"""Long work as processes of their own: start, watch, cancel, resume, queue, compare."""

from workbench.runs.comparing import compare
from workbench.runs.context import RunContext
from workbench.runs.kinds import KINDS, Kind
from workbench.runs.listing import run_table
from workbench.runs.run import Run, all_runs, find, runs_folder, start
from workbench.runs.status import ENDED, LIVING, Status

__all__ = [
    "ENDED",
    "KINDS",
    "LIVING",
    "Kind",
    "Run",
    "RunContext",
    "Status",
    "all_runs",
    "compare",
    "find",
    "run_table",
    "runs_folder",
    "start",
]
