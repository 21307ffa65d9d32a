"""Kills a real training with SIGKILL at ten random moments and holds what it ends with against a training that nobody
touched.

    python benchmarks/kill_and_resume.py > benchmarks/KILL_AND_RESUME.md

Data are simulated; the encoder is the hashed one, whose vectors are computed anew after each kill.
"""

from __future__ import annotations

import os
import signal
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np

from workbench.formats.writers.native import write_own
from workbench.runs import Run, start
from workbench.runs.folder import PROCESS, read_json
from workbench.simulation.simulate import simulate

KILLS = 10


def configuration(folder: Path) -> dict[str, Any]:
    write_own(simulate(4_000, annotators=12, seed=8).data, folder / "set.pwb")
    return {
        "paths": [str(folder / "set.pwb")],
        "labels": "dawid-skene-soft",
        "head": {"encoder": "hashed", "members": 200},
    }


def kill(run: Run) -> str:
    os.kill((read_json(run.folder / PROCESS) or {})["pid"], signal.SIGKILL)
    while run.status().living:
        time.sleep(0.01)
    status = run.status()
    assert status.state == "interrupted", status
    return f"{status.doing}, {status.done:,} of {status.of:,}" if status.of else status.doing


def final(run: Run) -> dict[str, Any]:
    """Everything the training found; how long scoring takes is the one thing that differs between two runs of the
    same."""
    return {name: value for name, value in (run.result() or {}).items() if name != "latency"}


def main() -> None:
    folder = Path(tempfile.mkdtemp(prefix="workbench-kills-"))
    os.environ["WORKBENCH_EMBEDDINGS"] = str(folder / "embeddings")
    config = configuration(folder)
    plain = start("train", config, root=folder / "runs")
    began = time.monotonic()
    assert plain.wait(900).state == "done", plain.status()
    lasted = plain.status().seconds
    rng = np.random.default_rng(4)
    run = start("train", config, root=folder / "runs")
    moments = []
    while len(moments) < KILLS:
        while run.status().state == "queued":
            time.sleep(0.02)
        time.sleep(float(rng.uniform(1.0, 12.0)))
        if not run.status().living:
            break
        moments.append((run.status().seconds, kill(run)))
        run.resume()
    assert run.wait(900).state == "done", run.status()
    same_weights = [
        (p.relative_to(plain.folder), p.read_bytes() == (run.folder / p.relative_to(plain.folder)).read_bytes())
        for p in sorted((plain.folder / "model").rglob("*.safetensors"))
    ]
    print("# A training killed at random moments\n")
    print(
        f"`python benchmarks/kill_and_resume.py`: {(plain.result() or {})['pairs']:,} pairs, untouched {lasted:.0f} s,"
        f" {time.monotonic() - began:.0f} s in all.\n"
    )
    print("| killed after, s at work | while |\n|---|---|")
    for seconds, stage in moments:
        print(f"| {seconds:.1f} | {stage} |")
    print(
        f"\nKilled {len(moments)} times. Held-out accuracy {final(run)['eval']['accuracy']!r}, untouched"
        f" {final(plain)['eval']['accuracy']!r}."
    )
    print(
        f"All results but scoring times equal: {final(run) == final(plain)}.",
        "; ".join(f"{name} equal: {same}" for name, same in same_weights) + ".",
    )


if __name__ == "__main__":
    main()
