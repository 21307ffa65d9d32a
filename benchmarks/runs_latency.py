"""How soon a run starts, stops, is seen dead and goes on, and what watching it costs each step.

    python benchmarks/runs_latency.py > benchmarks/RUNS_LATENCY.md

The processes are real ones. Times are wall clock; the machine's load is printed with them.
"""

from __future__ import annotations

import os
import platform
import signal
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from workbench.progress import Watch
from workbench.runs import Run, start
from workbench.runs.folder import PROCESS, read_json
from workbench.runs.reporter import Reporter
from workbench.runs.stopping import Stop

TIMES = 10
COUNT = {"steps": 1_000_000, "pause": 0.05}


def until(true: Callable[[], bool]) -> float:
    began = time.perf_counter()
    while not true():
        time.sleep(0.005)
    return time.perf_counter() - began


def working(run: Run) -> bool:
    return run.status().done > 0


def one_life(root: Path) -> dict[str, float]:
    began = time.perf_counter()
    run = start("workbench.runs.example:count", COUNT, root=root)
    found = {"start() returns": time.perf_counter() - began}
    until(lambda: working(run))
    found["start() to the first step seen by a reader"] = time.perf_counter() - began
    os.kill((read_json(run.folder / PROCESS) or {})["pid"], signal.SIGKILL)
    found["kill -9 to 'interrupted'"] = until(lambda: run.status().state == "interrupted")
    at = run.status().done
    began = time.perf_counter()
    run.resume()
    until(lambda: run.status().done > at)
    found["resume() to the next new step seen"] = time.perf_counter() - began
    began = time.perf_counter()
    assert run.cancel().state == "cancelled"
    found["cancel() of work that steps 20 times a second"] = time.perf_counter() - began
    run.delete()
    deaf = start("workbench.runs.example:count", {"steps": 2, "pause": 3600}, root=root)
    until(lambda: deaf.status().state == "running")
    began = time.perf_counter()
    assert deaf.cancel().state == "cancelled"
    found["cancel() of work that does not step"] = time.perf_counter() - began
    deaf.delete()
    return found


def step_cost(folder: Path, figures: dict[str, float], n: int = 20_000) -> float:
    folder.mkdir()
    stop = Stop(lambda: None, lambda: None)
    reporter = Reporter(folder, {"attempt": 1}, stop)
    reporter.begin()
    watch = Watch(reporter.step, stop.asked)
    began = time.perf_counter()
    for i in range(n):
        watch.step(i, n, "Training", **figures)
    return (time.perf_counter() - began) / n


def main() -> None:
    root = Path(tempfile.mkdtemp(prefix="workbench-runs-"))
    lives = [one_life(root) for _ in range(TIMES)]
    print("# How soon a run starts, stops and goes on\n")
    print(
        f"`python benchmarks/runs_latency.py`, {TIMES} times each, on {os.cpu_count()} cores ({platform.machine()}),"
        f" load {os.getloadavg()[0]:.1f}.\n"
    )
    print("| | median, s | longest, s |\n|---|---|---|")
    for name in lives[0]:
        times = [life[name] for life in lives]
        print(f"| {name} | {statistics.median(times):.2f} | {max(times):.2f} |")
    print("\n| one call of `watch.step` | microseconds |\n|---|---|")
    print(f"| without figures | {1e6 * step_cost(root / 'a', {}):.1f} |")
    print(
        "| with two figures (a line each for the first 2,000, then one a second) |"
        f" {1e6 * step_cost(root / 'b', {'loss': 0.5, 'accuracy': 0.8}):.1f} |"
    )


if __name__ == "__main__":
    main()
