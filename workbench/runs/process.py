"""Whether the process of a run still lives: its number, when it began, and when it was last heard of.

A process number is used again after its process ended, so the number alone says nothing; the start time tells two
processes of one number apart. On another machine, or in another container, numbers mean nothing at all: there the age
of the last sign of life decides.
"""

from __future__ import annotations

import os
import platform
import signal
import subprocess
import time
from contextlib import suppress
from functools import cache
from pathlib import Path

from workbench.runs.folder import PROCESS, STATUS, read_json, write_json

BEAT_SECONDS = 0.5
"""How often a living run says so."""
SILENT_SECONDS = 30.0
"""A run of another machine that was not heard of for so long is taken for dead."""
STARTING_SECONDS = 20.0
"""How long a process may take to its first sign of life."""

_children: dict[int, subprocess.Popen[bytes]] = {}


def began(pid: int) -> str | None:
    """When a process began, as a text that is only good to be compared; None where there is no such process, or it has
    ended.
    """
    try:
        state, *rest = Path(f"/proc/{pid}/stat").read_text("ascii", "replace").rpartition(")")[2].split()
        return None if state in "ZX" else f"ticks {rest[18]}"
    except OSError:
        return None if Path("/proc/self/stat").exists() else _began_elsewhere(pid)


def _began_elsewhere(pid: int) -> str | None:
    import psutil

    with suppress(psutil.Error):
        process = psutil.Process(pid)
        if process.status() != psutil.STATUS_ZOMBIE:
            return f"clock {process.create_time():.2f}"
    return None


@cache
def this_machine() -> str:
    """Names the machine, its boot, and the container: where all three agree, process numbers mean the same."""
    parts = [platform.node()]
    with suppress(OSError):
        parts.append(Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip())
    with suppress(OSError):
        parts.append(os.readlink("/proc/self/ns/pid"))
    return " ".join(parts)


def note_process(folder: Path, pid: int) -> None:
    """Writes down which process drives a run."""
    write_json(folder / PROCESS, {"pid": pid, "began": began(pid), "machine": this_machine()})


def is_alive(folder: Path) -> bool:
    """Whether a process drives this run now."""
    noted = read_json(folder / PROCESS)
    if noted is None:
        return _age(folder) < STARTING_SECONDS
    if noted.get("machine") != this_machine():
        return _age(folder) < SILENT_SECONDS
    pid = noted.get("pid")
    if isinstance(pid, bool) or not isinstance(pid, int) or not 1 < pid < 2**31 or noted.get("began") is None:
        return False
    _reap(pid)
    return began(pid) == noted["began"]


def tell_to_stop(folder: Path) -> None:
    """Sends SIGTERM to the process of a run, where it is the very one."""
    _signal(folder, signal.SIGTERM)


def kill(folder: Path) -> None:
    """Ends the process of a run and those it started, at once."""
    _signal(folder, signal.SIGKILL)


def _signal(folder: Path, which: signal.Signals) -> None:
    noted = read_json(folder / PROCESS)
    if noted is None or noted.get("machine") != this_machine() or not is_alive(folder):
        return
    with suppress(ProcessLookupError):
        # Its own session: the group is the run and its children, and nobody else.
        if which == signal.SIGKILL and os.getpgid(noted["pid"]) == noted["pid"]:
            os.killpg(noted["pid"], which)
        else:
            os.kill(noted["pid"], which)


def adopt(process: subprocess.Popen[bytes]) -> None:
    """Remembers a child, so that it does not stay a zombie after its end."""
    for pid in [pid for pid, child in _children.items() if child.poll() is not None]:
        _children.pop(pid, None)
    _children[process.pid] = process


def _reap(pid: int) -> None:
    child = _children.get(pid)
    if child is not None and child.poll() is not None:
        _children.pop(pid, None)


def _age(folder: Path) -> float:
    """Seconds since the run was last heard of."""
    try:
        return time.time() - (folder / STATUS).stat().st_mtime
    except OSError:
        return float("inf")
