"""The process of a run: `python -m workbench.runs.worker FOLDER`. It waits for its turn, does the work, and writes down
how it ended.
"""

from __future__ import annotations

import faulthandler
import os
import signal
import sys
import threading
import time
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

from workbench.checkpoints import FolderCheckpoints
from workbench.progress import Cancelled, Watch
from workbench.runs.context import RunContext
from workbench.runs.failures import explain, traceback_for_log
from workbench.runs.folder import (
    CANCEL,
    CHECKPOINTS,
    CONFIG,
    RESULT,
    STATUS,
    log,
    read_json,
    release,
    reserve,
    write_json,
)
from workbench.runs.kinds import function_of
from workbench.runs.process import is_alive, note_process
from workbench.runs.reporter import Reporter
from workbench.runs.stopping import Stop
from workbench.runs.turns import Turns

LOOK_SECONDS = 0.2
"""How often a waiting run looks whether it is its turn."""


def main(folder: Path) -> int:
    """Drives the run in this folder to its end."""
    faulthandler.enable()
    _tell_without_quotes(folder)
    _stand_back()
    note_process(folder, os.getpid())
    job = read_json(folder / CONFIG) or {}
    turns = Turns(folder.parent, lambda run: is_alive(folder.parent / run))
    reporter: Reporter

    def stopped_state() -> str:
        return "cancelled" if (folder / CANCEL).exists() else "interrupted"

    def give_up() -> None:
        with suppress(OSError):
            log(folder, "Stopped between two steps that were far apart; the last checkpoint is kept.")
            reporter.end(stopped_state(), **_why_stopped(stopped_state()))
        _end_at_once()

    stop = Stop(on_ask=lambda: reporter.stopping(), on_deaf=give_up)
    reporter = Reporter(folder, read_json(folder / STATUS) or {"attempt": 1}, stop)
    stop.listen()
    reporter.start_beating()
    try:
        with _turn(turns, folder.name, tuple(job["devices"]), reporter, stop):
            reserve(folder)
            reporter.begin()
            log(folder, f"Begins as attempt {reporter.attempt} on {', '.join(job['devices'])}, process {os.getpid()}.")
            run = RunContext(
                folder, FolderCheckpoints(folder / CHECKPOINTS), Watch(reporter.step, stop.asked), reporter.attempt
            )
            result = function_of(job["entry"])(dict(job["config"]), run)
            write_json(folder / RESULT, result)
            release(folder)
            _end(folder, reporter, stop, "done", "Done.")
    except Cancelled:
        _end(folder, reporter, stop, stopped_state(), "Stopped as asked.", **_why_stopped(stopped_state()))
    except BaseException as error:  # every end of a run has to be told
        release(folder)
        failure = explain(error)
        with suppress(OSError):
            if failure.error_id:
                log(folder, f"Error {failure.error_id}:", traceback_for_log(error))
        _end(
            folder,
            reporter,
            stop,
            "failed",
            f"Failed: {failure.what} {failure.remedy}",
            what=failure.what,
            remedy=failure.remedy,
            advice=failure.advice,
            error_id=failure.error_id,
            settled=failure.settled,
        )
    finally:
        turns.give_back(folder.name)
    return 0


def _turn(turns: Turns, run: str, devices: tuple[str, ...], reporter: Reporter, stop: Stop) -> ExitStack:
    """Waits for the run's devices, and holds them.

    Raises
    ------
    Cancelled : somebody did not want to wait for it.
    """
    while True:
        if stop.asked():
            raise Cancelled("waiting")
        ahead = turns.ahead_of(run)
        held = turns.take(devices) if ahead == 0 else None
        if held is not None:
            return held
        reporter.waiting(max(ahead or 0, 1))
        time.sleep(LOOK_SECONDS)


def _end(folder: Path, reporter: Reporter, stop: Stop, state: str, line: str, **words: Any) -> None:
    stop.ended()
    with suppress(OSError):
        log(folder, line)
    reporter.end(state, **words)


def _why_stopped(state: str) -> dict[str, str]:
    if state == "cancelled":
        return {}
    return {
        "what": "It was told to stop from outside, as when the machine shuts down.",
        "remedy": "Resume: it goes on from its last checkpoint.",
    }


def _tell_without_quotes(folder: Path) -> None:
    """Errors that nobody catches, in a thread of a library too, go to the log like the others: without the values they
    quote.
    """

    def in_thread(what: threading.ExceptHookArgs) -> None:
        if what.exc_value is not None:
            log(
                folder,
                f"Error in the thread {what.thread.name if what.thread else ''}:",
                traceback_for_log(what.exc_value),
            )

    threading.excepthook = in_thread
    sys.excepthook = lambda _, error, __: log(folder, "Error:", traceback_for_log(error))


def _stand_back() -> None:
    """Pages come first: lower priority, and first to go where memory runs out."""
    with suppress(OSError):
        os.nice(5)
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("500")


def _end_at_once() -> None:
    """Ends this process and those it started, which share its group where it leads one."""
    if os.getpgrp() == os.getpid():
        os.killpg(os.getpgrp(), signal.SIGKILL)
    os._exit(1)


if __name__ == "__main__":
    code = main(Path(sys.argv[1]))
    sys.stdout.flush()
    os._exit(code)  # threads that a library left behind keep nobody waiting
