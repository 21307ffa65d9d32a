"""Opens a large export in a process of its own, so that it can be watched and stopped and nobody else waits for it.

`python -m workbench.workspace.import_job FOLDER` reads `request.json` there, writes `status.json` as it goes on, and
puts the data set on the shelf named in `shelf.txt`.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from workbench.errors import WorkbenchError
from workbench.workspace.dataset_store import Shelf
from workbench.workspace.import_request import Request


@dataclass(frozen=True)
class Status:
    """How far a job is.

    Attributes
    ----------
    state : `running`, `done`, `failed`.
    share, doing : the share done, 0 to 1, and what is being done.
    seconds : since it began.
    key : of the data set, once it is done.
    what, remedy : why it failed, and what to do.
    """

    state: str
    share: float = 0.0
    doing: str = ""
    seconds: float = 0.0
    key: str = ""
    what: str = ""
    remedy: str = ""


@dataclass(frozen=True)
class Job:
    """A running or finished job.

    Attributes
    ----------
    folder : where its files lie.
    pid : of its process.
    began : when it was started (seconds of the clock).
    """

    folder: Path
    pid: int
    began: float

    @classmethod
    def start(cls, request: Request, shelf: Shelf, name: str, opened_from: str) -> Job:
        """Starts the process."""
        folder = Path(tempfile.mkdtemp(prefix="workbench-job-"))
        (folder / "request.json").write_text(request.to_json(), "utf-8")
        (folder / "shelf.txt").write_text(
            "\n".join([str(shelf.folder.resolve()), " ".join(name.split()), opened_from]), "utf-8"
        )
        with (folder / "log.txt").open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "workbench.workspace.import_job", str(folder)],
                cwd=Path(__file__).resolve().parents[2],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        return cls(folder, process.pid, time.time())

    def status(self) -> Status:
        """How far it is; a process that ended without a word has failed."""
        alive = self._alive()
        seconds = time.time() - self.began
        try:
            given = json.loads((self.folder / "status.json").read_text("utf-8"))
        except (OSError, ValueError):
            given = {"state": "running", "doing": "Starting"}
        if given["state"] == "running" and not alive:
            return Status(
                "failed",
                seconds=seconds,
                what="Reading stopped before its end, most likely for want of memory.",
                remedy="Open the export in parts, or as Parquet.",
            )
        return Status(**{"seconds": seconds, **given})

    def cancel(self) -> None:
        """Stops the process at once, if it still runs; nothing of what it read is kept. Its folder is removed."""
        if self._alive():
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _alive(self) -> bool:
        try:
            return os.waitpid(self.pid, os.WNOHANG) == (0, 0)
        except ChildProcessError:  # reaped already
            return False


def main(folder: Path) -> None:
    """Does the work; its outcome is `status.json`."""
    request = Request.from_json((folder / "request.json").read_text("utf-8"))
    shelf, name, opened_from = (folder / "shelf.txt").read_text("utf-8").split("\n")

    def say(share: float, doing: str) -> None:
        draft = folder / "status.draft"
        draft.write_text(json.dumps({"state": "running", "share": round(0.9 * share, 3), "doing": doing}), "utf-8")
        draft.replace(folder / "status.json")

    def end(**outcome: str) -> None:
        draft = folder / "status.draft"
        draft.write_text(json.dumps(outcome), "utf-8")
        draft.replace(folder / "status.json")

    try:
        data = request.read(say)
        say(1.0, "Keeping it on this machine")
        end(state="done", key=Shelf(Path(shelf)).keep(data, name, opened_from).key)
    except WorkbenchError as error:
        end(state="failed", what=error.what, remedy=error.remedy)
    except MemoryError:
        end(
            state="failed",
            what="There is not enough memory for this export.",
            remedy="Open it in parts, or as Parquet.",
        )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
