"""How a run stands: what its process wrote down last, and what follows where that process is no more."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from workbench.errors import WorkbenchError
from workbench.messages import Message
from workbench.runs.folder import CANCEL, LOG, STATUS, read_json
from workbench.runs.memory import killed_for_memory, oom_kills
from workbench.runs.process import is_alive

LIVING = ("queued", "running", "stopping")
ENDED = ("done", "failed", "cancelled", "interrupted")


@dataclass(frozen=True, kw_only=True)
class Status:
    """How a run stands.

    Attributes
    ----------
    state : `queued`, `running`, `stopping` (asked to, not there yet); `done`, `failed`, `cancelled`, `interrupted` (its
        process ended without a word).
    ahead : while queued, how many runs come first.
    done, of, doing : steps done and in all of the present stage, and what that is; `of` is 0 where nobody knows.
    figures : what was measured last, such as `loss`.
    rate, left : steps a second, and seconds to the end of this stage; None before they are known.
    quiet : seconds since the last step.
    seconds : time spent at work, over all attempts.
    created_at, ended_at : seconds of the clock; `ended_at` is 0 before the end.
    attempt : 1, and one more for each time it was resumed.
    devices : what it runs on or waits for.
    memory : bytes its process uses; None before it said so.
    gpu : `name`, `used`, `peak`, `total` in bytes, where it uses one.
    what, remedy, error_id : why it failed, and what to do.
    advice : the remedy in pieces, where it names a choice of the reader's.
    settled : whether it failed for what it was started with, so that resuming it fails again.
    """

    state: str
    ahead: int = 0
    done: int = 0
    of: int = 0
    doing: str = ""
    figures: Mapping[str, float | None] = field(default_factory=dict)
    rate: float | None = None
    left: float | None = None
    quiet: float = 0.0
    seconds: float = 0.0
    created_at: float = 0.0
    ended_at: float = 0.0
    attempt: int = 1
    devices: tuple[str, ...] = ()
    memory: int | None = None
    gpu: Mapping[str, Any] | None = None
    what: str = ""
    remedy: str = ""
    advice: tuple[Any, ...] = ()
    error_id: str = ""
    settled: bool = False

    @property
    def error(self) -> WorkbenchError:
        """Why it failed and what to do, for somebody to put in their own words."""
        return WorkbenchError(self.what, Message.from_json(self.advice or self.remedy))

    @property
    def living(self) -> bool:
        """Whether a process drives it, or waits to."""
        return self.state in LIVING

    @property
    def can_resume(self) -> bool:
        """Whether it can go on from its last checkpoint."""
        return self.state in ("failed", "cancelled", "interrupted")

    @property
    def share(self) -> float | None:
        """The share of this stage that is done, 0 to 1; None where nobody knows."""
        return min(1.0, self.done / self.of) if self.of else None


def read_status(folder: Path) -> Status:
    """How the run in this folder stands now."""
    found = _written(folder)
    if found.state in ENDED or is_alive(folder):
        return found
    found = _written(folder)  # it may have ended between the two looks
    if found.state in ENDED:
        return found
    return _ended_without_a_word(folder, found)


def _written(folder: Path) -> Status:
    content = read_json(folder / STATUS)
    if content is None:
        content = {} if (folder / STATUS).exists() else {"state": "queued"}
    known = {f.name for f in fields(Status)}
    given = {key: value for key, value in content.items() if key in known and _fits(key, value)}
    given = {"state": "failed", "what": "Its status file is damaged.", **given} if "state" not in given else given
    return Status(**{**given, "devices": tuple(given.get("devices", ())), "advice": tuple(given.get("advice", ()))})


def _fits(name: str, value: Any) -> bool:
    """Whether what a file says of a field is of its kind: a damaged or foreign file must not stop the list of runs."""
    if name == "state":
        return value in (*LIVING, *ENDED)
    if name in ("what", "remedy", "doing", "error_id"):
        return isinstance(value, str)
    if name in ("devices", "advice"):
        return isinstance(value, list)
    if name in ("figures", "gpu"):
        return isinstance(value, dict) or (name == "gpu" and value is None)
    if name == "settled":
        return isinstance(value, bool)
    if value is None:
        return name in ("rate", "left", "memory")
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e15


def _said_anything(folder: Path) -> bool:
    """Whether the log grew since the run was queued: a process that cannot start says why, a killed one nothing."""
    before = (read_json(folder / STATUS) or {}).get("log_bytes", 0)
    try:
        return (folder / LOG).stat().st_size > (before if isinstance(before, int) else 0)
    except OSError:
        return False


def _ended_without_a_word(folder: Path, last: Status) -> Status:
    try:
        heard = (folder / STATUS).stat().st_mtime
    except OSError:
        heard = time.time()
    quiet = replace(last, ended_at=heard, rate=None, left=None, ahead=0)
    if (folder / CANCEL).exists():
        return replace(quiet, state="cancelled")
    if last.state == "queued" and last.memory is None and not _said_anything(folder):
        return replace(
            quiet,
            state="interrupted",
            what="Its process ended before its first word: it was killed, or the machine stopped.",
            remedy="Resume to queue it again.",
        )
    if last.state == "queued" and last.memory is None:
        return replace(
            quiet,
            state="failed",
            what="Its process could not start.",
            remedy="The log says why; mend that, then resume.",
        )
    if last.state == "queued":
        return replace(
            quiet, state="interrupted", what="Its process ended while it waited.", remedy="Resume to queue it again."
        )
    if killed_for_memory(read_json(folder / STATUS) or {}, oom_kills()):
        return replace(
            quiet,
            state="failed",
            what="Its process was killed, most likely because the machine ran out of memory.",
            remedy=(
                "Take a smaller batch, a smaller model or fewer pairs, or close what else uses the memory, then resume."
            ),
        )
    return replace(
        quiet,
        state="interrupted",
        what="Its process ended without a word: it was killed, or the machine stopped.",
        remedy="Resume: it goes on from its last checkpoint.",
    )
