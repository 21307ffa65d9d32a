"""Which processors this machine has to run on, and which of them a run takes; found without loading torch."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path

from workbench.errors import WorkbenchError

CPU = "cpu"


def gpus(dev: Path = Path("/dev")) -> tuple[str, ...]:
    """NVIDIA devices that may be used here, as `CUDA_VISIBLE_DEVICES` would name them."""
    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    if visible is not None:
        return tuple(name.strip() for name in visible.split(",") if name.strip() and name.strip() != "-1")
    try:
        numbers = [int(found.group(1)) for p in dev.iterdir() if (found := re.fullmatch(r"nvidia(\d+)", p.name))]
        return tuple(str(n) for n in sorted(numbers)) or (("0",) if (dev / "dxg").exists() else ())
    except OSError:
        return ()


def devices_for(asked: str | None, here: Sequence[str], busy: Sequence[str] = ()) -> tuple[str, ...]:
    """The devices a run takes.

    Parameters
    ----------
    asked : `cpu`; `cuda:N`, the N-th GPU here; `cuda:all`; `cuda`, `auto`, empty or None: the GPU with the fewest runs,
        or the CPU without one.
    here : the GPUs of this machine.
    busy : devices of the runs that wait or run, one entry each.

    Raises
    ------
    WorkbenchError : there is no such device.

    >>> devices_for(None, ["0", "1"], busy=["cuda:0"]), devices_for("auto", []), devices_for("cuda:all", ["0", "1"])
    (('cuda:1',), ('cpu',), ('cuda:0', 'cuda:1'))
    """
    named = [f"cuda:{name}" for name in here]
    if asked == CPU or (not named and asked in (None, "", "auto", "cuda")):
        return (CPU,)
    if asked in (None, "", "auto", "cuda"):
        return (min(named, key=busy.count),)
    if asked == "cuda:all" and named:
        return tuple(named)
    at = re.fullmatch(r"cuda:(\d+)", str(asked))
    if at and int(at.group(1)) < len(named):
        return (named[int(at.group(1))],)
    have = f"cpu, {', '.join(f'cuda:{i}' for i in range(len(named)))}" if named else "cpu only"
    raise WorkbenchError(f"There is no device {asked} on this machine.", f"It has {have}; 'auto' takes what is free.")


def visible_to(devices: Sequence[str]) -> str:
    """What `CUDA_VISIBLE_DEVICES` has to say for a run with these devices; empty hides every GPU.

    >>> visible_to(["cuda:1"]), visible_to(["cpu"])
    ('1', '')
    """
    return ",".join(device.removeprefix("cuda:") for device in devices if device.startswith("cuda:"))


def environment(devices: Sequence[str]) -> dict[str, str]:
    """The variables a run is started with.

    It sees its own GPUs and no others; libraries draw no progress bars into its log; and linear algebra leaves one core
    to the pages, since OpenBLAS waits by turning in circles: with more threads than free cores a small fit takes many
    times as long. What is set already stays as it is.
    """
    quiet = {
        "PYTHONUNBUFFERED": "1",
        "TQDM_DISABLE": "1",
        "TRANSFORMERS_VERBOSITY": "error",
        "TOKENIZERS_PARALLELISM": "false",
    }
    hub = {"HF_HUB_DISABLE_PROGRESS_BARS": "1", "HF_HUB_DISABLE_TELEMETRY": "1"}
    threads = {"OPENBLAS_NUM_THREADS": os.environ.get("OMP_NUM_THREADS") or str(max(1, _cores() - 1))}
    seen = {"CUDA_VISIBLE_DEVICES": visible_to(devices)} if gpus() else {}
    return {**threads, **os.environ, **quiet, **hub, **seen}


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
