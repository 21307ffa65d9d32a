"""Time and memory of a sharded set at any size: simulated straight into buckets, written as an export, split again,
counted, labelled and audited, each in a process of its own.

    python benchmarks/scale_out.py --annotations 10e6 --folder /data/scale --out benchmarks/SCALE_OUT.md
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
import threading
import time
from dataclasses import asdict, dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
EXPORT = """
import sys
from pathlib import Path
import pandas as pd
from workbench.scale.shards import open_shards
shards, out = open_shards(sys.argv[1]), Path(sys.argv[2])
out.mkdir(parents=True, exist_ok=True)
for bucket, data in shards.sets():
    rows = data.rows()
    group = data.items["group"].to_numpy()[data.annotations["item"].to_numpy()]
    table = pd.DataFrame(rows[["item_id", "annotator", "label", "shown_first", "seconds", "ended_at"]])
    gold = [*data.scale.labels, None]
    table["gold"] = pd.array([gold[c] for c in data.gold[data.annotations["item"].to_numpy()]], dtype="str")
    table.assign(group=group).sample(frac=1, random_state=bucket.number).to_parquet(
        out / f"{bucket.number:04d}.parquet", index=False, row_group_size=250_000
    )
"""


@dataclass(frozen=True)
class Cost:
    """What a command took: seconds by the clock and of processors, and two peaks of memory of all processes together
    in GB: resident, with the pages of files that happen to lie in memory, and anonymous, which no file stands behind.
    """

    clock: float
    processor: float
    memory: float
    anonymous: float | None = None

    @property
    def said_anonymous(self) -> str:
        """For the table; empty where it was not measured."""
        return "" if self.anonymous is None else f"{self.anonymous:.2f}"


def measured(*command: str) -> Cost:
    """Runs a command in a process group of its own."""
    began = time.monotonic()
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, start_new_session=True)
    peaks, done = (0, 0), threading.Event()

    def watch() -> None:
        nonlocal peaks
        while not done.wait(0.1):
            resident, anonymous = memory_of(process.pid)
            peaks = max(peaks[0], resident), max(peaks[1], anonymous)

    watching = threading.Thread(target=watch)
    watching.start()
    _, status, usage = os.wait4(process.pid, 0)
    done.set()
    watching.join()
    if status:
        raise SystemExit(f"{' '.join(command[:6])} ended with {status}")
    most = max(peaks[0] / 1024**3, usage.ru_maxrss / 1024**2)
    return Cost(time.monotonic() - began, usage.ru_utime + usage.ru_stime, most, peaks[1] / 1024**3)


def memory_of(group: int) -> tuple[int, int]:
    """Resident and anonymous bytes that the processes of a group hold."""
    resident, anonymous = 0, 0
    for place in Path("/proc").iterdir():
        if place.name.isdigit():
            with contextlib.suppress(OSError, ValueError):
                if int((place / "stat").read_text().rpartition(")")[2].split()[2]) == group:
                    held = dict(re.findall(r"^(\w+):\s+(\d+) kB$", (place / "status").read_text(), re.MULTILINE))
                    resident += 1024 * int(held.get("VmRSS", 0))
                    anonymous += 1024 * int(held.get("RssAnon", 0))
    return resident, anonymous


def stages(n: int, options: argparse.Namespace) -> dict[str, Cost]:
    """All stages asked for, in order."""
    run = (sys.executable, "-m", "workbench")
    folder = options.folder / str(n)
    made, export, again = (folder / name for name in ("simulated", "export", "set"))
    buckets, scheduler = str(max(2, round(n / options.rows))), options.scheduler
    by_split = again if "shard" in options.stages else made
    plan = {
        "simulate": (
            *run, "simulate", "--annotations", str(n), "--annotators", str(options.annotators), "--buckets", buckets,
            "--out", str(made),
        ),
        "export": (sys.executable, "-c", EXPORT, str(made), str(export)),
        "shard": (*run, "shard", str(export), "--buckets", buckets, "--out", str(again)),
        "tally": (*run, "tally", str(by_split), "--bucket", "1/1"),
        "aggregate": (*run, "aggregate", str(by_split), "--scheduler", scheduler, "--json"),
        "audit": (*run, "audit", str(by_split), "--scheduler", scheduler, "--json"),
    }  # fmt: skip
    fresh = {"simulate": made, "export": export, "shard": again}
    found = {}
    for name, command in plan.items():
        if name not in options.stages:
            continue
        if name in fresh:
            shutil.rmtree(fresh[name], ignore_errors=True)
        found[name] = measured(*command)
        print(f"{n:,} {name}: {found[name]}", flush=True)
    return found


TITLES = {
    "simulate": "`simulate --buckets`",
    "export": "(the same as Parquet, rows scattered)",
    "shard": "`shard`",
    "tally": "`tally`, all buckets",
    "aggregate": "`aggregate`, default labels written",
    "audit": "`audit` with close look and default labels, counted before",
}


def table(found: dict[int, dict[str, Cost]]) -> str:
    """As Markdown: one table, a row a stage, three columns a size."""
    sizes = list(found)
    head = "| stage | " + " | ".join(f"{n / 1e6:g} M: s | s a million | GB | anonymous" for n in sizes) + " |"
    rows = [head, "|---|" + "---|---|---|---|" * len(sizes)]
    for name, title in TITLES.items():
        if any(name in costs for costs in found.values()):
            cells = [
                f"{c.processor:.0f} | {1e6 * c.processor / n:.2f} | {c.memory:.2f} | {c.said_anonymous}"
                if c
                else " | | | "
                for n, c in ((n, costs.get(name)) for n, costs in found.items())
            ]
            rows.append(f"| {title} | " + " | ".join(cells) + " |")
    said = (
        "Seconds are of processors, all processes of a command together: the machine was shared. GB is the highest"
        " resident memory of all processes of a command together, sampled ten times a second, pages of mapped files"
        " included, which the system takes back when it needs them; anonymous is the highest without them."
    )
    return "\n".join(["# More annotations than memory holds: time and memory", "", said, "", *rows, ""])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--annotations", type=float, nargs="+", default=[1e6])
    parser.add_argument("--annotators", type=int, default=5_000)
    parser.add_argument("--rows", type=float, default=1_666_667, help="judgements of a bucket")
    parser.add_argument("--scheduler", default="serial")
    parser.add_argument("--stages", nargs="+", choices=TITLES, default=list(TITLES), help="the others were run before")
    parser.add_argument("--folder", type=Path, default=Path("scale-benchmark"))
    parser.add_argument("--out", type=Path, help="results are kept beside it, so that sizes can be run one by one")
    options = parser.parse_args()
    kept = options.folder / "results.json"
    told = json.loads(kept.read_text("utf-8")) if kept.is_file() else {}
    options.folder.mkdir(parents=True, exist_ok=True)
    for n in map(int, options.annotations):
        for name, cost in stages(n, options).items():
            told.setdefault(str(n), {})[name] = asdict(cost)
        kept.write_text(json.dumps(told), "utf-8")
    found = {
        int(n): {k: Cost(**c) for k, c in costs.items()} for n, costs in sorted(told.items(), key=lambda e: int(e[0]))
    }
    print(table(found))
    if options.out is not None:
        options.out.write_text(table(found), "utf-8")


if __name__ == "__main__":
    main()
