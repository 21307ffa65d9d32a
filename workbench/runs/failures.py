"""Why a run failed, told so that its reader knows what to do; what nobody foresaw gets a number and goes to the log."""

from __future__ import annotations

import errno
import re
import secrets
import traceback
from dataclasses import dataclass
from typing import Any

from workbench.errors import SettledError, WorkbenchError


@dataclass(frozen=True)
class Failure:
    """Why a run ended before its end.

    Attributes
    ----------
    what : in plain words.
    remedy : what to do next, in Python's words.
    error_id : where it was not foreseen, the number its traceback has in the log; otherwise empty.
    settled : whether the cause lies in what it was started with, so that resuming it fails again.
    advice : the remedy as `Message.to_json` has it, where it names a choice; otherwise empty.
    """

    what: str
    remedy: str
    error_id: str = ""
    settled: bool = False
    advice: tuple[Any, ...] = ()


_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_NO_MEMORY = re.compile(
    r"out of memory|can't allocate memory|cannot allocate memory|not enough memory|CUBLAS_STATUS_ALLOC_FAILED",
    re.IGNORECASE,
)
_GPU_LOST = re.compile(r"CUDA error|device-side assert|cuDNN error|NCCL error|no kernel image", re.IGNORECASE)


def explain(error: BaseException) -> Failure:
    """What happened and what to do.

    >>> explain(OSError(28, "No space left on device")).what
    'The disk is full.'
    >>> explain(MemoryError()).remedy.split(",")[0]
    'Take a smaller batch'
    """
    if isinstance(error, WorkbenchError):
        advice = error.told[1].to_json()
        return Failure(
            error.what,
            error.remedy,
            settled=isinstance(error, SettledError),
            advice=() if isinstance(advice, str) else tuple(advice),
        )
    if isinstance(error, OSError) and error.errno in _FULL:
        where = f" ({error.filename})" if error.filename else ""
        return Failure(
            f"The disk is full{where}.",
            "Free some space, for example by deleting old runs, then resume: it goes on from its last checkpoint.",
        )
    if is_out_of_memory(error):
        on_gpu = "cuda" in f"{type(error).__module__} {error}".lower()
        return Failure(
            f"There was not enough {'GPU ' if on_gpu else ''}memory.",
            "Take a smaller batch, a shorter maximum length, a smaller model or fewer pairs, or close what else uses"
            " the memory, then start it again.",
        )
    if isinstance(error, RuntimeError) and _GPU_LOST.search(str(error)):
        return Failure(
            "The GPU refused the work or stopped answering.",
            "Look at nvidia-smi; resume once it answers, or start the run again with device cpu.",
        )
    if isinstance(error, ModuleNotFoundError) and error.name:
        return Failure(
            f"The package {error.name.partition('.')[0]} is not installed here.",
            "Install requirements.txt, then resume.",
        )
    if (
        isinstance(error, FileNotFoundError | PermissionError | IsADirectoryError | NotADirectoryError)
        and error.filename
    ):
        return Failure(
            f"{error.filename}: {(error.strerror or type(error).__name__).lower()}.",
            "Check the path and the rights, then resume.",
        )
    error_id = secrets.token_hex(4)
    return Failure(
        f"Something went wrong that nobody foresaw ({type(error).__name__}, error {error_id}).",
        f"The log.txt in the run's folder has the details under {error_id}; send them along when you report it.",
        error_id,
    )


def is_out_of_memory(error: BaseException) -> bool:
    """Whether memory ran out, of the machine or of the GPU; torch's own error is known by its name, so that torch need
    not be here.
    """
    named = any(kind.__name__ == "OutOfMemoryError" for kind in type(error).__mro__)
    no_room = isinstance(error, OSError) and error.errno == errno.ENOMEM
    return (
        isinstance(error, MemoryError)
        or named
        or no_room
        or (isinstance(error, RuntimeError) and bool(_NO_MEMORY.search(str(error))))
    )


def traceback_for_log(error: BaseException) -> str:
    """Where it happened, cause by cause, for the log.

    Messages are cut, and what they quote is left out: Python quotes the value it stumbled over, which may be the text
    of an annotation.
    """
    parts = []
    seen: set[int] = set()
    at: BaseException | None = error
    while at is not None and id(at) not in seen:
        seen.add(id(at))
        frames = "".join(traceback.format_list(traceback.extract_tb(at.__traceback__)[-25:]))
        parts.append(f"{frames}{type(at).__name__}: {without_quotes(str(at))}")
        at = at.__cause__ or (None if at.__suppress_context__ else at.__context__)
    return "\n\nwhich came after\n\n".join(parts)


_QUOTED = re.compile(r"""'[^']*'|"[^"]*"|`[^`]*`|“[^”]*”""", re.DOTALL)
_NAME = re.compile(r"[\w.\[\], -]{0,40}")


def without_quotes(message: str, limit: int = 400) -> str:
    """A message without the values it quotes, except those that look like a name.

    >>> without_quotes("could not convert string to float: 'How do I, well ...?'")
    "could not convert string to float: '…'"
    >>> without_quotes("no attribute 'shape'")
    "no attribute 'shape'"
    """

    def shown(found: re.Match[str]) -> str:
        inner = found.group(0)[1:-1]
        return (
            found.group(0)
            if _NAME.fullmatch(inner) and " " not in inner.strip()
            else f"{found.group(0)[0]}…{found.group(0)[-1]}"
        )

    quiet = _QUOTED.sub(shown, " ".join(message.split()))
    for mark in "'\"`":
        if quiet.count(mark) % 2:  # a quotation that does not end hides everything after it
            quiet = quiet[: quiet.rindex(mark)] + f"{mark}…"
    return quiet if len(quiet) <= limit else quiet[:limit] + "…"
