"""crowd-kit beside us: found in an environment of its own, run as a process of its own, on the same judgements."""

from __future__ import annotations

import os
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from crowd import Crowd

RUNNER = Path(__file__).with_name("peers") / "crowd_kit.py"
PYTHON = "WORKBENCH_PEERS_PYTHON"


@dataclass(frozen=True, eq=False)
class Ran:
    """What crowd-kit made of the judgements."""

    posterior: np.ndarray
    seconds: float
    cpu: float
    iterations: int
    confusion: np.ndarray | None
    prior: np.ndarray | None


def peers_python() -> str | None:
    """The interpreter that has crowd-kit, or None with a word on how to get one."""
    found = os.environ.get(PYTHON)
    if not found or not Path(found).is_file():
        print(
            "crowd-kit is not measured: make an environment with benchmarks/requirements.txt and name its python in"
            f" {PYTHON}."
        )
        return None
    return found


def run(python: str, method: str, judged: Crowd, ids: str = "integers") -> Ran:
    """crowd-kit's `fit` of this method with its defaults; `ids` are `integers` or `text`."""
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "in.npz", Path(folder) / "out.npz"
        np.savez(source, item=judged.item, annotator=judged.annotator, label=judged.label, labels=judged.labels)
        subprocess.run([python, str(RUNNER), method, ids, str(source), str(target)], check=True)
        out = np.load(target)
        parts = {name: out.get(name, None) for name in ("confusion", "prior")}
        return Ran(out["posterior"], float(out["seconds"]), float(out["cpu"]), int(out["iterations"]), **parts)
