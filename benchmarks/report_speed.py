"""How long the report of 4.2 million annotations takes, from the Parquet file to the HTML file, and how large it is.

    python benchmarks/report_speed.py [--annotations 4200000]

Writes the file that `audit_speed.py` writes (ids, labels, times, sides, a slice) and runs `report` on it as a process
of its own, cold: import, reading and audit included. Then the same as the page does it: from an audit that is at hand.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = Path(__file__).with_name("REPORT_SPEED.md")
sys.path[:0] = [str(ROOT), str(Path(__file__).parent)]


def run(export: Path, folder: Path, *more: str) -> tuple[float, float, float, float]:
    """Seconds, seconds of processor time, most memory in GB and size of the page in MB of one report from the command
    line."""
    from audit_speed import MAPPING

    out = folder / "report.html"
    command = [sys.executable, "-m", "workbench", "report", str(export), "--out", str(out), *more]
    command += [part for each in MAPPING for part in ("--map", each)]
    start = time.perf_counter()
    process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    assert status == 0
    return seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1e6, out.stat().st_size / 1e6


def at_hand(export: Path) -> tuple[float, float, float]:
    """Seconds of the report alone where the audit is at hand: without a close look, with one, and the size of the
    latter in MB."""
    from audit_speed import MAPPING

    import workbench
    from workbench.report import make_report, usual_cleaning

    data = workbench.load(export, mapping={m.partition("=")[0]: [m.partition("=")[2]] for m in MAPPING})
    plain, close = workbench.audit(data), workbench.audit(data, close_look=True)
    start = time.perf_counter()
    make_report(plain).to_html()
    first = time.perf_counter() - start
    start = time.perf_counter()
    page = make_report(close, cleaning=usual_cleaning(close)).to_html()
    return first, time.perf_counter() - start, len(page.encode()) / 1e6


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--annotations", type=int, default=4_200_000)
    options = parser.parse_args()
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        # In a process of its own: a child's peak memory, as the system counts it, starts from its parent's.
        writer = [
            sys.executable,
            str(Path(__file__).with_name("audit_speed.py")),
            "--annotations",
            str(options.annotations),
            "--write",
            name,
        ]
        subprocess.run(writer, check=True, cwd=ROOT)
        export = folder / "annotations.parquet"
        rows = [
            ("`report`, from file to file", *run(export, folder)),
            ("`report --close-look`, from file to file", *run(export, folder, "--close-look")),
        ]
        plain, close, size = at_hand(export)
    table = ["| what | seconds | processor | memory | page |", "|---|---|---|---|---|"]
    table += [
        f"| {what} | {s:.1f} s | {cpu:.1f} s | {memory:.2f} GB | {mb:.2f} MB |" for what, s, cpu, memory, mb in rows
    ]
    table += [
        f"| page: report from the audit at hand | {plain:.1f} s | | | |",
        f"| page: the same with flags and cleaning | {close:.1f} s | | | {size:.2f} MB |",
    ]
    text = "\n".join([f"{options.annotations:,} annotations, 500 annotators.", "", *table])
    print(text)
    head = (
        "# Speed of the report\n\nWritten by `python benchmarks/report_speed.py`. From file to file is the command"
        " line as a process of its own, import and reading included; the last two rows are what a click on *Report*"
        f" takes once the page has its audit. Load of the machine before the run: {load:.1f} on {os.cpu_count()}"
        " cores.\n\n"
    )
    PAGE.write_text(f"{head}{text}\n", "utf-8")


if __name__ == "__main__":
    main()
