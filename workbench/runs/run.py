"""Long work as a folder and a process of its own: start it, find it again, watch it, stop it, let it go on, take it
away.

>>> import tempfile
>>> run = start("workbench.runs.example:count", {"steps": 3}, root=Path(tempfile.mkdtemp()))
>>> run.wait(60).state, run.result()
('done', {'counted': 3})
"""

from __future__ import annotations

import re
import secrets
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.errors import WorkbenchError
from workbench.locations import runs_folder, working_folder
from workbench.runs.devices import devices_for, environment, gpus
from workbench.runs.folder import (
    CANCEL,
    CHECKPOINTS,
    CONFIG,
    LOG,
    PROCESS,
    RESULT,
    STATUS,
    log_tail,
    plain,
    read_json,
    read_metrics,
    write_json,
)
from workbench.runs.kinds import KINDS, kind_named
from workbench.runs.process import adopt, is_alive, kill, note_process, tell_to_stop
from workbench.runs.status import Status, read_status
from workbench.runs.turns import Turns

if TYPE_CHECKING:
    import pandas as pd

_ID = re.compile(r"\d{8}-\d{6}-[a-z0-9-]{1,40}-[0-9a-f]{6}")
KILL_AFTER_SECONDS = 3.0


@dataclass(frozen=True)
class Run:
    """One run: everything about it is read from its folder, by whoever looks.

    Attributes
    ----------
    folder : where its files lie.
    kind, title : what it does.
    config : what it was started with.
    created_at : seconds of the clock.
    """

    folder: Path
    kind: str
    title: str
    config: Mapping[str, Any]
    created_at: float

    @property
    def id(self) -> str:
        """What names it in links and on the command line."""
        return self.folder.name

    def status(self) -> Status:
        """How it stands now."""
        return read_status(self.folder)

    def metrics(self) -> pd.DataFrame:
        """What it measured, one row a step: `attempt`, `doing`, `done`, `of`, `seconds`, and one column a figure."""
        return read_metrics(self.folder)

    def log_tail(self, lines: int = 30, *, details: bool = False) -> list[str]:
        """The last lines of its log; `details` says where in the code an error happened, too."""
        return log_tail(self.folder, lines, details=details)

    def result(self) -> dict[str, Any] | None:
        """What the work gave back, or None before it is done."""
        return read_json(self.folder / RESULT)

    def has_checkpoint(self) -> bool:
        """Whether it kept some state to go on from."""
        return any((self.folder / CHECKPOINTS).glob("[!.]*"))

    def wait(self, seconds: float) -> Status:
        """Waits until it has ended, at most so long; gives how it stands then."""
        until = time.monotonic() + seconds
        while (status := self.status()).living and time.monotonic() < until:
            time.sleep(0.05)
        return status

    def cancel(self, wait: float = KILL_AFTER_SECONDS) -> Status:
        """Asks it to stop, and sees that it does: a process that is still there after `wait` seconds is killed. Its
        checkpoints stay.
        """
        if not self.status().living:
            return self.status()
        (self.folder / CANCEL).touch()
        tell_to_stop(self.folder)
        if wait and self.wait(wait).living:
            kill(self.folder)
            self.wait(1.0)
        return self.status()

    def resume(self, *, from_start: bool = False) -> None:
        """Queues it again; it goes on from its last checkpoint.

        Parameters
        ----------
        from_start : forget the checkpoints and begin again.

        Raises
        ------
        WorkbenchError : it runs, or is done.
        """
        turns = _turns(self.folder.parent)
        with turns.alone():
            status = self.status()
            if not status.can_resume:
                raise WorkbenchError(
                    f"Run {self.id} is {status.state}.",
                    "Only a run that failed, was cancelled or was interrupted can be resumed.",
                )
            if from_start:
                shutil.rmtree(self.folder / CHECKPOINTS, ignore_errors=True)
            (self.folder / CANCEL).unlink(missing_ok=True)
            _launch(self, turns, status.attempt + 1, status.seconds)

    def delete(self) -> None:
        """Takes it away for good, with what it made.

        Raises
        ------
        WorkbenchError : it runs.
        """
        with _turns(self.folder.parent).alone():
            if self.status().living:
                raise WorkbenchError(f"Run {self.id} is still {self.status().state}.", "Cancel it first.")
            grave = self.folder.with_name(f".deleted-{self.id}")
            self.folder.replace(grave)
        shutil.rmtree(grave, ignore_errors=True)


def start(kind: str, config: Mapping[str, Any], *, title: str = "", root: Path | None = None) -> Run:
    """Starts a run in a process of its own; it waits there until a device is free.

    Parameters
    ----------
    kind : a name of `KINDS`, or `module:function`.
    config : what the work needs, as JSON has it; paths absolute. `device` may say `cpu`, `cuda`, `cuda:N`, `cuda:all`;
        otherwise a free GPU is taken, or the CPU where there is none.
    title : what people call it; by default what its kind is called.
    root : the folder of the runs; by default `runs_folder()`.

    Raises
    ------
    WorkbenchError : there is no such kind or device, or the folder cannot be written.
    """
    what = kind_named(kind)
    root = Path(root).resolve() if root else runs_folder()
    turns = _turns(root)
    try:
        with turns.alone():
            busy = [device for ticket in turns.tickets() for device in ticket.devices]
            devices = (what.lane,) if what.lane else devices_for(config.get("device"), gpus(), busy)
            folder = _new_folder(root, kind)
            job = {
                "kind": kind,
                "entry": what.entry,
                "title": " ".join(title.split()) or what.title,
                "config": plain(config),
                "devices": devices,
                "created_at": time.time(),
            }
            write_json(folder / CONFIG, job)
            run = Run(folder, kind, str(job["title"]), job["config"], float(job["created_at"]))
            _launch(run, turns, attempt=1, seconds=0.0)
    except OSError as error:
        raise WorkbenchError(
            f"The run cannot be started in {root}: {(error.strerror or type(error).__name__).lower()}.",
            "Free some space there, or name another folder in WORKBENCH_RUNS.",
        ) from error
    return run


def find(run_id: str, root: Path | None = None) -> Run:
    """The run with this id.

    Raises
    ------
    WorkbenchError : there is none here.
    """
    folder = (Path(root) if root else runs_folder()) / str(run_id)
    job = read_json(folder / CONFIG) if _ID.fullmatch(str(run_id)) else None
    if job is None:
        raise WorkbenchError("This run is not on this machine, or was deleted.", "Look for it among the runs.")
    began = job.get("created_at")
    whole = all(isinstance(job.get(name), str) for name in ("kind", "title")) and isinstance(job.get("config"), dict)
    if not whole or isinstance(began, bool) or not isinstance(began, int | float) or not 0 <= began < 1e10:
        raise WorkbenchError(f"The {CONFIG} of run {run_id} is damaged.", "Delete its folder, or copy it again.")
    return Run(folder, job["kind"], job["title"], job["config"], began)


def all_runs(kinds: tuple[str, ...] = (), root: Path | None = None) -> list[Run]:
    """All runs that lists show, or those of some kinds, the last started first."""
    root = Path(root) if root else runs_folder()
    found = []
    for folder in sorted(root.iterdir(), reverse=True) if root.is_dir() else ():
        with suppress(WorkbenchError):
            run = find(folder.name, root)
            if run.kind in kinds or not (kinds or (run.kind in KINDS and not KINDS[run.kind].listed)):
                found.append(run)
    return sorted(found, key=lambda run: run.created_at, reverse=True)


def _turns(root: Path) -> Turns:
    return Turns(root, lambda run: is_alive(root / run))


def _new_folder(root: Path, kind: str) -> Path:
    slug = re.sub(r"[^a-z0-9]+", "-", kind.rpartition(":")[2].lower()).strip("-")[:40] or "run"
    folder = root / f"{datetime.now():%Y%m%d-%H%M%S}-{slug}-{secrets.token_hex(3)}"
    folder.mkdir(parents=True)
    return folder


def _launch(run: Run, turns: Turns, attempt: int, seconds: float) -> None:
    """Queues the run and starts its process; to be called while nobody else can."""
    job = read_json(run.folder / CONFIG) or {}
    devices = tuple(job["devices"])
    (run.folder / PROCESS).unlink(missing_ok=True)
    queued = {
        "state": "queued",
        "ahead": 0,
        "attempt": attempt,
        "seconds": seconds,
        "created_at": run.created_at,
        "devices": devices,
        "log_bytes": (run.folder / LOG).stat().st_size if (run.folder / LOG).exists() else 0,
    }
    write_json(run.folder / STATUS, queued)
    turns.draw(run.id, devices)
    with (run.folder / LOG).open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "workbench.runs.worker", str(run.folder)],
            cwd=working_folder(),
            env=environment(devices),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    adopt(process)
    note_process(run.folder, process.pid)
