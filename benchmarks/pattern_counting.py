"""How often does each pattern of labels occur? The pass that all agreement rests on, beside data-frame engines.

python benchmarks/pattern_counting.py --judgements 12e6 --engines engines/bin/python --out benchmarks/PATTERNS.md
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

ROOT = Path(__file__).resolve().parents[1]
FILES = 8
LABELS = 5

OURS = """
import sys, time
from pathlib import Path
import numpy as np
import pyarrow.parquet as pq
import workbench.agreement.kernels
from workbench.agreement.patterns import count_patterns
from workbench.scale.keyed import Keyed
from workbench.scale.tally_sums import packed
began = time.perf_counter()
total = Keyed.nothing(2)
for path in sorted(Path(sys.argv[1]).iterdir()):
    table = pq.read_table(path, columns=["item", "label"])
    item, label = table["item"].to_numpy(), table["label"].to_numpy()
    if (np.diff(item) < 0).any():
        order = np.argsort(item, kind="stable")
        item, label = item[order], label[order]
    starts = np.append(np.flatnonzero(np.diff(item, prepend=-1)), len(item)).astype(np.int64)
    counts, frequency, _ = count_patterns(starts, label, np.zeros(0, bool), 5, 1)
    total = total + Keyed.of(packed(counts), frequency)
print(time.perf_counter() - began, len(total.keys), int(total.values.sum()))
"""
ENGINES = {
    "Polars": """
import sys, time
import polars as pl
began = time.perf_counter()
rows = pl.scan_parquet(sys.argv[1] + "/*.parquet")
each = rows.group_by("item").agg([(pl.col("label") == k).sum().alias(str(k)) for k in range(5)])
found = each.group_by([str(k) for k in range(5)]).len().collect(engine="streaming")
print(time.perf_counter() - began, found.height, found["len"].sum())
""",
    "DuckDB": """
import sys, time
import duckdb
began = time.perf_counter()
duckdb.sql("set preserve_insertion_order = false")
found = duckdb.sql(
    "select p, count(*) n from (select sum(1::bigint << (12 * label)::int) p from"
    f" '{sys.argv[1]}/*.parquet' group by item) group by p"
).fetchall()
print(time.perf_counter() - began, len(found), sum(n for _, n in found))
""",
    "Dask DataFrame": """
import sys, time
import dask.dataframe as dd
began = time.perf_counter()
rows = dd.read_parquet(sys.argv[1], columns=["item", "label"])
rows = rows.assign(key=4096 ** rows["label"].astype("int64"))
each = rows.groupby("item")["key"].sum(split_out=8)
found = each.value_counts().compute()
print(time.perf_counter() - began, len(found), int(found.sum()))
""",
}


def export(folder: Path, judgements: int, scattered: bool, rng: np.random.Generator) -> None:
    """Integer codes in Parquet: files hold items of their own (as buckets do), rows in any order where scattered."""
    items = judgements // 3
    for number in range(FILES):
        own = np.arange(items * number // FILES, items * (number + 1) // FILES)
        item = np.repeat(own, 3)
        label = rng.choice(LABELS, len(item), p=[0.3, 0.25, 0.1, 0.2, 0.15]).astype(np.int8)
        order = rng.permutation(len(item)) if scattered else np.arange(len(item))
        annotator = rng.integers(0, 5_000, len(item)).astype(np.int32)
        table = pa.table({"item": item[order], "annotator": annotator, "label": label[order]})
        pq.write_table(table, folder / f"{number:02d}.parquet", row_group_size=500_000)


def measured(python: str, code: str, folder: Path) -> tuple[float, float, str]:
    """Seconds, peak memory in GB, and what it found."""
    process = subprocess.Popen([python, "-c", code, str(folder)], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    said = process.stdout.read().strip() if process.stdout else ""
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"{python} ended with {status}")
    seconds, _, found = said.splitlines()[-1].partition(" ")
    return float(seconds), usage.ru_maxrss / 1024**2, found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--judgements", type=float, default=3e6)
    parser.add_argument("--engines", default=sys.executable, help="the Python that has the engines")
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    lines = [
        f"{int(options.judgements):,} judgements, three an item, five labels; seconds from the first file opened to the"
        " last count, in a process of its own.",
        "",
        "| engine | rows in order | ratio | rows scattered | ratio | peak memory, GB |",
        "|---|---|---|---|---|---|",
    ]
    found: dict[str, list[tuple[float, float, str]]] = {}
    with TemporaryDirectory() as place:
        for scattered in (False, True):
            folder = Path(place) / ("scattered" if scattered else "ordered")
            folder.mkdir()
            export(folder, int(options.judgements), scattered, np.random.default_rng(1))
            found.setdefault("the workbench", []).append(measured(sys.executable, OURS, folder))
            for name, code in ENGINES.items():
                found.setdefault(name, []).append(measured(options.engines, code, folder))
    for name, (one, two) in found.items():
        ours = found["the workbench"]
        assert one[2] == ours[0][2] and two[2] == ours[1][2], f"{name} counts otherwise"  # noqa: PT018
        ratios = (one[0] / ours[0][0], two[0] / ours[1][0])
        memory = max(one[1], two[1])
        lines.append(f"| {name} | {one[0]:.1f} | {ratios[0]:.1f} | {two[0]:.1f} | {ratios[1]:.1f} | {memory:.2f} |")
    text = "\n".join(lines) + "\n"
    print(text)
    if options.out is not None:
        options.out.write_text(text, "utf-8")


if __name__ == "__main__":
    main()
