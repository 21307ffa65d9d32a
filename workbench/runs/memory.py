"""What memory a run takes, of the machine and of its GPU, and whether the system has killed for want of it."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

LOW_MEMORY = 0.03
"""The share of free memory below which a process that vanished was most likely killed for want of it."""


def memory_now() -> dict[str, Any]:
    """`memory`: bytes this process uses; `memory_free`: the share of the machine's memory that is free. Empty where
    nobody can know.
    """
    import psutil

    try:
        whole = psutil.virtual_memory()
        return {"memory": psutil.Process().memory_info().rss, "memory_free": round(whole.available / whole.total, 4)}
    except (psutil.Error, OSError):
        return {}


def gpu_now() -> dict[str, Any] | None:
    """What the GPU's memory holds; asked only where the work itself has loaded torch, and is done loading it."""
    torch = sys.modules.get("torch")
    if torch is None or getattr(torch.__spec__, "_initializing", False):
        return None
    try:
        found = import_module("workbench.reward.device").gpu_memory()
    except Exception:  # a figure to look at: nothing it could say is worth the run
        return None
    return dict(found) if found else None


def oom_kills(counters: Path = Path("/proc/vmstat")) -> int | None:
    """How many processes the system has killed since it booted because memory ran out; None where it does not count
    them.
    """
    try:
        lines = counters.read_text("ascii", "replace").splitlines()
    except OSError:
        return None
    return next((int(line.split()[1]) for line in lines if line.startswith("oom_kill ")), None)


def killed_for_memory(last: Mapping[str, Any], kills: int | None) -> bool:
    """Whether a process that vanished was most likely killed because memory ran out.

    Parameters
    ----------
    last : what it wrote down last: `oom_kills` when it began, `memory_free`.
    kills : `oom_kills` now.

    >>> (
    ...     killed_for_memory({"oom_kills": 3, "memory_free": 0.5}, 4),
    ...     killed_for_memory({"oom_kills": 3, "memory_free": 0.5}, 3),
    ... )
    (True, False)
    """
    before, free = last.get("oom_kills"), last.get("memory_free")
    return (before is not None and kills is not None and kills > before) or (free is not None and free < LOW_MEMORY)
