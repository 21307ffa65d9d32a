"""How long the whole audit of 4.2 million annotations takes, from Parquet files to the printed JSON, and in how much
memory.

    python benchmarks/audit_speed.py [--annotations 4200000] [--beside CHECKOUT]

Writes a file of ids, labels, times and sides and a second one of the item texts, then runs the command line on both as
a process of its own, cold: import and reading included. With a checkout of an earlier version beside it, the file of
labels is audited by both in turn, without and with a close look at annotators.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

ROOT = Path(__file__).resolve().parents[1]
PAGE = Path(__file__).with_name("AUDIT_SPEED.md")
MAPPING = [
    "item=item",
    "annotator=annotator",
    "label=label",
    "seconds=seconds",
    "ended_at=ended_at",
    "shown_first=side",
    "slice.category=category",
]


def write(folder: Path, annotations: int) -> None:
    """The two files a team would export."""
    sys.path.insert(0, str(ROOT))
    import workbench

    data = workbench.simulate(annotations, annotators=500, seed=1, texts=False).data
    rows = data.annotations
    item = rows["item"].to_numpy()
    columns = {
        "item": (
            pa.DictionaryArray.from_arrays(pa.array(item), pa.array(data.items["item_id"].to_numpy(object))).cast(
                pa.string()
            )
        ),
        "annotator": pa.array(data.annotators["annotator"].to_numpy(object)[rows["annotator"].to_numpy()]),
        "label": pa.array(np.array(data.scale.labels, object)[rows["label"].to_numpy()]),
        "seconds": pa.array(rows["seconds"].to_numpy()),
        "ended_at": pa.array(rows["ended_at"].to_numpy()),
        "side": pa.array(np.array(["a", "b", None], object)[rows["shown_first"].to_numpy()]),
        "category": pa.array(np.asarray(data.items[data.slices[0]].astype(object))[item]),
    }
    pq.write_table(pa.table(columns), folder / "annotations.parquet", compression="zstd")
    ids = data.items["item_id"].to_numpy(object)
    texts = {
        name: pa.array([f"{name} of {i} " + "lorem ipsum dolor sit amet " * 8 for i in ids])
        for name in ("prompt", "response_a", "response_b")
    }
    pq.write_table(
        pa.table({"item": pa.array(ids), **texts}), folder / "texts.parquet", compression="zstd", row_group_size=20_000
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--annotations", type=int, default=4_200_000)
    parser.add_argument("--beside", type=Path, help="checkout of an earlier version, with a .venv of its own")
    parser.add_argument("--write", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.write:
        write(options.write, options.annotations)
        return
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as name:
        # In a process of its own: a child's peak memory, as the system counts it, starts from its parent's.
        subprocess.run(
            [sys.executable, __file__, "--annotations", str(options.annotations), "--write", name], check=True, cwd=ROOT
        )
        files = [Path(name, "annotations.parquet"), Path(name, "texts.parquet")]
        sizes = ", ".join(f"{f.name} {f.stat().st_size / 1e6:,.0f} MB" for f in files)
        lines = [f"{options.annotations:,} annotations: {sizes}.", ""]
        if options.beside is None:
            lines += [f"* {audited(files[:n], options.annotations, Path(name))}" for n in (1, 2)]
        else:
            for root, look in ((options.beside, False), (ROOT, False), (ROOT, True)):
                flag = "--close-look" if look else "--no-close-look"
                for _ in range(2):  # the first run may compile
                    said = audited(files[:1], options.annotations, Path(name), flag, root=root)
                lines.append(f"* {'this version' if root == ROOT else 'the earlier one'}, `{flag}`: {said}")
    text = "\n".join(lines)
    print(text)
    head = (
        "# Speed of the whole audit\n\nWritten by `benchmarks/audit_speed.py`: the command line as a process of its"
        " own, import and reading included. "
    )
    PAGE.write_text(
        f"{head}Load of the machine before the run: {load:.1f} on {os.cpu_count()} cores.\n\n{text}\n", "utf-8"
    )


def audited(files: list[Path], annotations: int, folder: Path, *flags: str, root: Path = ROOT) -> str:
    """Runs the audit, checks that it read everything, and says what it took."""
    out = folder / "audit.json"
    mapping = [
        *MAPPING,
        *(["prompt=prompt", "response_a=response_a", "response_b=response_b"] if len(files) > 1 else []),
    ]
    python = sys.executable if root == ROOT else str(root / ".venv/bin/python")
    command = [python, "-m", "workbench", "audit", *map(str, files), "--json", "--out", str(out), *flags]
    command += [part for each in mapping for part in ("--map", each)]
    start = time.perf_counter()
    process = subprocess.Popen(command, cwd=root, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    assert status == 0
    found = json.loads(out.read_text("utf-8"))
    assert found["counts"]["rows_read"] == annotations
    cpu, alpha = usage.ru_utime + usage.ru_stime, found["agreement"]["krippendorff_alpha"]["ordinal"]["value"]
    what = "ids, labels, times and sides" if len(files) == 1 else "the same and the texts"
    return (
        f"{what}: {seconds:.1f} s ({cpu:.1f} s of processor time), {usage.ru_maxrss / 1e6:.2f} GB at most; ordinal"
        f" alpha {alpha:.4f}"
    )


if __name__ == "__main__":
    main()
