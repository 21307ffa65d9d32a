"""How fast pairs are picked, and in how much memory, beside the hybrid formula of the original design notes taken
literally.

Run `python benchmarks/selection_speed.py`; it prints the tables and writes `benchmarks/SELECTION_SPEED.md`. Then
`--large NAME...` adds rows of strategies at 10,000 of 1,000,000 pairs to that file, some minutes each. `--small` is a
try-out. Every measurement runs in a process of its own.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import subprocess
import sys
import threading
import time
import tracemalloc
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
from literal_hybrid import literal_hybrid

from workbench.selection import STRATEGIES, Pool, select

OUT = Path(__file__).with_name("SELECTION_SPEED.md")
DIM = 384


def features(n: int, seed: int = 0) -> np.ndarray:
    """Made-up difference features, float32 (n, 384): directions with a decaying spectrum as sentence embeddings have,
    lengths 0.5 to 1.3."""
    rng = np.random.default_rng(seed)
    spectrum = (1 / np.sqrt(1 + np.arange(DIM))).astype(np.float32)
    x = np.empty((n, DIM), np.float32)
    for i in range(0, n, 50_000):
        part = x[i : i + 50_000]
        part[:] = rng.standard_normal(part.shape, dtype=np.float32) * spectrum
        part *= (rng.uniform(0.5, 1.3, len(part)) / np.linalg.norm(part, axis=1)).astype(np.float32)[:, None]
    return x


def pool(n: int) -> Pool:
    """A pool with a model's margins and covariance; the hybrid measures its distances in `prompts`, here the same
    array."""
    x = features(n)
    margin = (x @ np.random.default_rng(1).standard_normal(DIM).astype(np.float32) * 3).astype(float)
    return Pool(features=x, probability=1 / (1 + np.exp(-margin)), margin=margin, covariance=np.eye(DIM), prompts=x)


class Resident:
    """Most memory of this process while the block runs, beyond what it had before, looked at every 5 ms."""

    def __enter__(self) -> Resident:
        self.before = self.most = _resident()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._look)
        self._thread.start()
        return self

    def _look(self) -> None:
        while not self._stop.wait(0.005):
            self.most = max(self.most, _resident())

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    @property
    def megabytes(self) -> float:
        return (self.most - self.before) / 1e6


def _resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


def measured(what: str, n: int, budget: int) -> dict[str, float | list[int]]:
    """One measurement in this process: seconds, CPU seconds, memory beyond the pool's, picks."""
    held = pool(n)
    if what != "literal":
        small = pool(400)
        select(small, 5, what)  # loads what is compiled
        held.features[: 1 << 12] @ held.features[: 1 << 8].T  # and BLAS's buffers

    def run() -> list[int]:
        if what == "literal":
            assert held.margin is not None
            return literal_hybrid(held.margin, held.features, budget)
        return select(held, budget, what).picks.tolist()

    with Resident() as resident:
        started, cpu = time.perf_counter(), time.process_time()
        picks = run()
        taken, cpu = time.perf_counter() - started, time.process_time() - cpu
    traced = 0.0
    if what != "literal" and n <= 100_000:
        tracemalloc.start()
        run()
        traced = tracemalloc.get_traced_memory()[1] / 1e6
    return {"wall": taken, "cpu": cpu, "resident": resident.megabytes, "traced": traced, "picks": picks}


def measure(what: str, n: int, budget: int) -> dict:
    """The same in a process of its own."""
    done = subprocess.run(
        [sys.executable, __file__, "--one", what, str(n), str(budget)], capture_output=True, text=True, check=True
    )
    found = json.loads(done.stdout)
    print(what, n, budget, {k: round(v, 2) for k, v in found.items() if k != "picks"}, flush=True)
    return found


def beside_the_literal(sizes: list[tuple[int, int]], target: tuple[int, int]) -> list[str]:
    """The formula taken literally and as `hybrid`, at sizes where the former fits, and what follows for the target."""
    rows, unit = [], 0.0
    for n, budget in sizes:
        theirs, ours = measure("literal", n, budget), measure("hybrid", n, budget)
        same = sum(a == b for a, b in zip(theirs["picks"], ours["picks"], strict=True))
        unit = theirs["cpu"] / (n * DIM * budget**2 / 2)
        rows.append(
            f"{n:,} | {budget} | {theirs['wall']:.1f} | {theirs['cpu']:.1f} | {1e9 * unit:.2f} |"
            f" {theirs['resident']:,.0f} | {ours['wall']:.2f} | {ours['cpu']:.2f} | {ours['resident']:.0f} |"
            f" **{theirs['wall'] / ours['wall']:.0f} x** | {theirs['cpu'] / ours['cpu']:.0f} x | {same} of {budget}"
        )
    n, budget = target
    ours = measure("hybrid", n, budget)
    work = n * DIM * budget**2 / 2
    gigabytes = n * (budget - 1) * DIM * 4 / 1e9
    rows.append(
        f"{n:,} | {budget:,} | *extrapolated* | *{unit * work:,.0f}* | | *{gigabytes * 1e3:,.0f} for one array* |"
        f" {ours['wall']:.1f} | {ours['cpu']:.1f} | {ours['resident']:.0f} | | *{unit * work / ours['cpu']:,.0f} x* | "
    )
    return rows


def table_of(strategies: list[str], n: int, budget: int) -> list[str]:
    rows = []
    for name in strategies:
        found = measure(name, n, budget)
        traced = f"{found['traced']:.0f}" if found["traced"] else ""
        rows.append(
            f"{STRATEGIES[name].title} | {budget:,} of {n:,} | {found['wall']:.1f} | {found['cpu']:.1f} |"
            f" {found['resident']:.0f} | {traced}"
        )
    return rows


def add_large(strategies: list[str], n: int, budget: int) -> None:
    """Adds a row for each to the file, one after the other, in place of an earlier one."""
    for name in strategies:
        (row,) = table_of([name], n, budget)
        begin = row.partition(" | ")[0] + f" | {budget:,} of {n:,} |"
        kept = [line for line in OUT.read_text("utf-8").splitlines() if not line.startswith(begin)]
        OUT.write_text("\n".join([*kept, row]) + "\n", "utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", action="store_true")
    parser.add_argument("--large", nargs="*", default=[], choices=list(STRATEGIES))
    parser.add_argument("--one", nargs=3)
    asked = parser.parse_args()
    if asked.one:
        print(json.dumps(measured(asked.one[0], int(asked.one[1]), int(asked.one[2]))))
        return
    sizes = [(500, 20), (1_000, 20)] if asked.small else [(5_000, 50), (10_000, 50), (5_000, 100), (10_000, 100)]
    target = (5_000, 50) if asked.small else (100_000, 1_000)
    if asked.large:
        add_large(asked.large, *((20_000, 200) if asked.small else (1_000_000, 10_000)))
        return
    beside = beside_the_literal(sizes, target)
    rows = table_of([name for name in STRATEGIES if name != "hybrid"], *target)
    text = (
        f"""# Speed and memory of selection

Written by `python benchmarks/selection_speed.py` on {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, numpy {np.__version__}; load
average at the end {os.getloadavg()[0]:.1f}. Made-up difference features, float32, {DIM} a pair, with a decaying spectrum as sentence embeddings have. Other work ran on the
machine, so CPU seconds say more than wall times. Memory is what the process took while it picked, beyond the pool that was there before (looked at every 5 ms).
Compiling once on a machine is not in the times.

## Beside the formula taken literally

The hybrid of the original design notes forms all differences between the n pairs and the picks so far, anew before every pick: time grows as n d b²/2 and
memory as n d b, so both were measured where they fit. Ours keeps one running minimum a pair: time grows at most as n d b, and memory beyond the embeddings as n.
"Same picks" counts places of the two lists that are equal; the literal one rounds to single precision, ours does not.
The last row is *extrapolated* for the literal formula from the row above it, by that growth; ours is measured.

pairs | budget | literal, s | CPU s | CPU ns a term of n d b²/2 | MB | ours, s | CPU s | MB | faster | in CPU s | same picks
---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:
"""  # noqa: E501
        + "\n".join(beside)
        + """

## Every strategy

Rows of 1,000,000 pairs were added by `--large NAME` (1.5 GB of features), and are the only ones that take minutes.

strategy | picks | seconds | CPU seconds | MB beyond the pool | MB of arrays (tracemalloc)
---|---|---:|---:|---:|---:
"""
        + "\n".join(rows)
        + "\n"
    )
    print(text)
    if not asked.small:
        OUT.write_text(text, "utf-8")


if __name__ == "__main__":
    main()
