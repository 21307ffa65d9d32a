"""10,000 judgements at 64 calls at once against a server that misbehaves, over three `kill -9`.

Run `python benchmarks/judge_calls.py` (some minutes); it writes `benchmarks/JUDGE_CALLS.md`. The server
(`tests/judging/server.py`) is a process of its own on 127.0.0.1 and counts what it is asked; the client is killed three
times and started again.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import signal
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

FAULTS = {
    "busy": 0.01,
    "busy_silent": 0.005,
    "broken": 0.01,
    "page": 0.003,
    "cut": 0.005,
    "no_usage": 0.02,
    "closed": 0.005,
}
IN, OUT = 1.0, 5.0
PRICES = f"[model.m]\nin = {IN}\nout = {OUT}\n"


def client(url: str, folder: Path, items: int, budget: float | None) -> dict:
    """One run of the client in this process; returns what it prints and its processor time a call."""
    from tests.judging.conftest import marked_pairs
    from workbench.judging.constitution import default_constitution
    from workbench.judging.judged import Options
    from workbench.judging.prompt import Asking
    from workbench.judging.run import ask_judge
    from workbench.judging.spec import Settings, parse_judge

    data = marked_pairs(items)
    spec = parse_judge(f"openai:m@{url}", Settings(timeout=5.0, max_tokens=100))
    asking = Asking(default_constitution(), principles=False)
    (folder / "prices.toml").write_text(PRICES)
    options = Options(canaries=0, at_once=64, prices=folder / "prices.toml", budget=budget)
    before, begun = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter()
    shown = ask_judge(data, spec, folder, asking, options).to_dict()
    after = resource.getrusage(resource.RUSAGE_SELF)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {**shown, "processor_ms": 1e3 * used / max(shown["sent"], 1), "seconds": time.perf_counter() - begun}


def started(behaviour: dict) -> tuple[subprocess.Popen, int]:
    command = [sys.executable, "-m", "tests.judging.server", json.dumps(behaviour)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    return process, int(process.stdout.readline())


def asked(port: int) -> dict:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/stats") as answer:
        return json.loads(answer.read())


def killed(items: int, faults: dict[str, float], budget: float | None) -> dict:
    """The judgements over three kills; what the ledger and the server count."""
    server, port = started({"faults": faults, "seconds": 0.02, "seed": 1})
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        url = f"http://127.0.0.1:{port}/v1"
        command = [sys.executable, __file__, "--client", url, str(folder), str(items), str(budget or 0)]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        try:
            for kill in range(3):
                child = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
                while asked(port)["counts"].get("whole", 0) < 2 * items * (kill + 1) / 4 and child.poll() is None:
                    time.sleep(0.1)
                child.send_signal(signal.SIGKILL)
                child.wait()
            last = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
            found = json.loads(last.stdout.splitlines()[-1])
            counted = asked(port)
            rows = (
                sqlite3.connect(folder / "ledger.sqlite")
                .execute("SELECT SUM(attempts), SUM(resent), SUM(usd), SUM(attempts > 0) FROM call")
                .fetchone()
            )
        finally:
            server.kill()
            server.wait()
    usd = (counted["tokens"][0] * IN + counted["tokens"][1] * OUT) / 1e6
    ledger = {"sent": rows[0], "resent": rows[1], "usd": rows[2], "repeats": rows[0] - rows[3]}
    return {**found, "server": {**counted, "usd": usd}, "ledger": ledger}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--client", nargs=4)
    parser.add_argument("--items", type=int, default=5_000, help="pairs; each is asked in both orders")
    options = parser.parse_args()
    if options.client:
        url, folder, items, budget = options.client
        print(json.dumps(client(url, Path(folder), int(items), float(budget) or None)))
        return
    calm, port = started({})
    medians = []
    with tempfile.TemporaryDirectory() as scratch:
        for number in range(5):
            folder = Path(scratch) / str(number)
            folder.mkdir()
            medians.append(client(f"http://127.0.0.1:{port}/v1", folder, 500, None)["processor_ms"])
    calm.kill()
    calm.wait()
    got = killed(options.items, FAULTS, None)
    calls = 2 * options.items
    cap = round(0.4 * got["ledger"]["usd"], 2)
    poor = killed(options.items // 2, FAULTS, cap)
    server, ledger = got["server"], got["ledger"]
    faults = ", ".join(f"{k} {v:.1%}" for k, v in FAULTS.items())
    times = ", ".join(f"{m:.2f}" for m in medians)
    lost = f"{got['unreadable']:,} unreadable, {got['failed']:,} failed"
    lines = [
        "# Calls to a judge",
        "",
        "Written by `benchmarks/judge_calls.py`. The machine was shared; processor time is steadier than wall time. A",
        "sending is a call of which a byte left; one that a kill met before that is none, for the ledger as for the",
        "server.",
        "",
        "| | by the ledger | by the server |",
        "|---|---|---|",
        f"| sendings of {calls:,} judgements and the probe, 64 at once, three kill -9 | {ledger['sent']:,} |"
        f" {server['asked']:,} |",
        f"| sendings of a call that was sent before | {ledger['repeats']:,} | {server['repeats']:,} |",
        f"| of these: in flight at a kill (at most {3 * 64}); the server's whole answers asked for again |"
        f" {ledger['resent']:,} | {server['repeated_after_whole']:,} |",
        f"| with a budget of ${cap:.2f} for {calls // 2:,} judgements and the same kills: $ |"
        f" {poor['ledger']['usd']:.4f} | {poor['server']['usd']:.4f} |",
        f"| the same: sendings | {poor['ledger']['sent']:,} | {poor['server']['asked']:,} |",
        "",
        f"Faults of the server: {faults}. Pairs judged: {got['judged']:,} of {options.items:,}; {lost}. The server's $",
        "count every answer that it worked on, broken ones too.",
        "",
        f"**{statistics.median(medians):.2f} ms** of the client's processor time a call at the median, ledger included:"
        f" {times} in five runs of 1,000 calls, the",
        "first with all imports.",
    ]
    (Path(__file__).parent / "JUDGE_CALLS.md").write_text("\n".join(lines) + "\n", "utf-8")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
