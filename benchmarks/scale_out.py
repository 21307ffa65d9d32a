"""Time and memory of a sharded set at any size: simulated straight into buckets, written as an export, split again,
counted, labelled and audited, each in a process of its own.

    python benchmarks/scale_out.py --annotations 10e6 --folder /data/scale --out benchmarks/SCALE.md
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
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


def measured(*command: str) -> tuple[float, float]:
    """Seconds and the highest resident memory, in GB, of a command."""
    began = time.monotonic()
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"{' '.join(command[:6])} ended with {status}")
    return time.monotonic() - began, usage.ru_maxrss / 1024**2


def stages(n: int, folder: Path, annotators: int, buckets: int, scheduler: str) -> list[tuple[str, float, float]]:
    """All stages, in order."""
    run = (sys.executable, "-m", "workbench")
    made, export, again = folder / "simulated", folder / "export", folder / "set"
    for place in (made, export, again):
        shutil.rmtree(place, ignore_errors=True)
    plan = {
        "simulate --buckets": (
            *run, "simulate", "--annotations", str(n), "--annotators", str(annotators), "--buckets", str(buckets),
            "--out", str(made),
        ),
        "(the same as Parquet, rows scattered)": (sys.executable, "-c", EXPORT, str(made), str(export)),
        "shard": (*run, "shard", str(export), "--buckets", str(buckets), "--out", str(again)),
        "tally, all buckets": (*run, "tally", str(again), "--bucket", "1/1"),
        "aggregate, default": (*run, "aggregate", str(again), "--scheduler", scheduler, "--json"),
        "audit, counted before": (*run, "audit", str(again), "--scheduler", scheduler, "--json"),
    }  # fmt: skip
    found = []
    for name, command in plan.items():
        seconds, memory = measured(*command)
        print(f"{name}: {seconds:.1f} s, {memory:.2f} GB", flush=True)
        found.append((name, seconds, memory))
    return found


def table(n: int, found: list[tuple[str, float, float]]) -> str:
    """As Markdown."""
    rows = [f"| {name} | {seconds:.1f} | {1e6 * seconds / n:.2f} | {memory:.2f} |" for name, seconds, memory in found]
    head = ["| stage | seconds | seconds a million | peak memory, GB |", "|---|---|---|---|"]
    return "\n".join([f"### {n:,} judgements", "", *head, *rows, ""])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--annotations", type=float, nargs="+", default=[1e6])
    parser.add_argument("--annotators", type=int, default=5_000)
    parser.add_argument("--buckets", type=int, default=16)
    parser.add_argument("--scheduler", default="serial")
    parser.add_argument("--folder", type=Path, default=Path("scale-benchmark"))
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    parts = []
    for n in map(int, options.annotations):
        found = stages(n, options.folder, options.annotators, options.buckets, options.scheduler)
        parts.append(table(n, found))
        print(json.dumps({"annotations": n, "stages": found}))
    if options.out is not None:
        options.out.write_text("\n".join(parts), "utf-8")


if __name__ == "__main__":
    main()
