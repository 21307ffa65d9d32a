"""One client that means harm: how the labelling server takes a flood, 10 MB posts, forged links, and a stopwatch.

    python benchmarks/collection_attack.py [--seconds 10] [--rate 1000] [--items 300] [--seed 1]

One client sends as many requests a second as asked for, over 16 connections, while another one labels; then posts of
10 MB; then a thousand forged links. Last, an annotator times every answer of the server and tries to tell gold by it:
given are the areas under the curve, .5 being a coin, with 95% intervals (Hanley and McNeil).
"""

from __future__ import annotations

import argparse
import http.client
import json
import sys
import tempfile
import threading
import time
import uuid
from collections import Counter
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
PAGE = Path(__file__).with_name("COLLECTION_ATTACK.md")
sys.path[:0] = [str(ROOT), str(Path(__file__).parent)]


def ask(line: http.client.HTTPConnection, method: str, path: str, token: str, body: object = None) -> tuple[int, bytes]:
    """Status and content; 0 where the server hung up."""
    headers = {"Cookie": f"pw_label={token}", "Content-Type": "application/json"}
    content = body if isinstance(body, bytes) or body is None else json.dumps(body)
    try:
        line.request(method, path, content, headers)
        reply = line.getresponse()
        return reply.status, reply.read()
    except (OSError, http.client.HTTPException):
        line.close()
        return 0, b""


def flood(port: int, token: str, rate: float, seconds: float) -> tuple[Counter[int], float]:
    """Statuses met, and requests a second that were really sent."""
    met: Counter[int] = Counter()
    until = time.monotonic() + seconds

    def one() -> None:
        line = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        due = time.monotonic()
        while time.monotonic() < until:
            met[ask(line, "GET", "/label/api/next", token)[0]] += 1
            due += 16 / rate
            time.sleep(max(due - time.monotonic(), 0))

    threads = [threading.Thread(target=one) for _ in range(16)]
    began = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return met, sum(met.values()) / (time.monotonic() - began)


def label_on(port: int, token: str, times: list[tuple[str, float, float]], stop: threading.Event, most: int) -> None:
    """An honest client: prompt, milliseconds of the hand-out and of the save, of each task."""
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    while not stop.is_set() and len(times) < most:
        at = time.perf_counter()
        status, content = ask(line, "GET", "/label/api/next", token)
        handed = time.perf_counter() - at
        if status != 200:
            time.sleep(0.2)
            if status == 204:
                return
            continue
        task = json.loads(content)
        answer = {"id": str(uuid.uuid4()), "lease": task["lease"], "choice": "left>"}
        at = time.perf_counter()
        if ask(line, "POST", "/label/api/judgements", token, answer)[0] == 200:
            times.append((task["prompt"], handed * 1e3, (time.perf_counter() - at) * 1e3))
        time.sleep(0.03)


def told_apart(gold: np.ndarray, value: np.ndarray) -> str:
    """Area under the curve with its interval."""
    from scipy.stats import mannwhitneyu

    a, b = value[gold], value[~gold]
    area = float(mannwhitneyu(a, b).statistic / (len(a) * len(b)))
    q1, q2 = area / (2 - area), 2 * area**2 / (1 + area)
    spread = area * (1 - area) + (len(a) - 1) * (q1 - area**2) + (len(b) - 1) * (q2 - area**2)
    half = 1.96 * (spread / (len(a) * len(b))) ** 0.5
    return f"{area:.2f} ({area - half:.2f} to {area + half:.2f}), {len(a)} gold of {len(value)}"


def main() -> None:
    """Runs the attacks and writes the table."""
    from collection_browser import served

    from tests.collection.batch import pool
    from workbench.collection import schema
    from workbench.collection.batches import Settings, add_people, make_batch
    from workbench.collection.schedule import Shares
    from workbench.collection.store import Store

    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--rate", type=float, default=1_000.0)
    parser.add_argument("--items", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="workbench-attack-"))
    store = Store(folder / "labels.sqlite")
    gold = options.items // 3
    settings = Settings(overlap=2, shares=Shares(gold=0.2, repeat=0.05))
    made = make_batch(store, pool(options.items + gold, gold), "attacked", settings, seed=options.seed)
    honest, hostile = add_people(store, made, ["honest", "hostile"])
    with store.writing() as connection:
        connection.execute(schema.annotator.update().values(state_by="lead"))
    process, address = served(str(folder / "labels.sqlite"), folder)
    port = int(address.rsplit(":", 1)[1])
    stop, beside = threading.Event(), list[tuple[str, float, float]]()
    worker = threading.Thread(target=label_on, args=(port, honest.token, beside, stop, 10_000))
    worker.start()
    met, sent = flood(port, hostile.token, options.rate, options.seconds)
    stop.set()
    worker.join()
    during = len(beside)
    big = Counter(
        ask(
            http.client.HTTPConnection("127.0.0.1", port, timeout=60),
            "POST",
            "/label/api/judgements",
            hostile.token,
            b"x" * 10_000_000,
        )[0]
        for _ in range(20)
    )
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    forged = Counter(ask(line, "GET", f"/label/t/{uuid.uuid4().hex}", "x")[0] for _ in range(1_000))
    times: list[tuple[str, float, float]] = []
    time.sleep(6)
    label_on(port, hostile.token, times, threading.Event(), options.items)
    status, _ = ask(http.client.HTTPConnection("127.0.0.1", port, timeout=30), "GET", "/label/health", "")
    process.kill()
    store.close()
    is_gold = np.array([int(prompt.split("q")[-1]) < gold for prompt, _, _ in times])
    handed, saved = (np.array([row[k] for row in times]) for k in (1, 2))
    lines = [
        __doc__.strip().splitlines()[0],
        "",
        "| | |",
        "|---|---|",
        f"| flood from one client | {sent:.0f} requests a second for {options.seconds:.0f} s: {dict(met)} |",
        f"| labels that another client saved meanwhile | {during} |",
        f"| 20 posts of 10 MB (0 = hung up on) | {dict(big)} |",
        f"| 1,000 forged links | {dict(forged)} |",
        f"| the server answers afterwards | {status} |",
        f"| gold told by the time of the hand-out | {told_apart(is_gold, handed)} |",
        f"| gold told by the time of the save | {told_apart(is_gold, saved)} |",
        f"| gold told by its place | {told_apart(is_gold, np.arange(len(times), dtype=float))} |",
    ]
    PAGE.write_text("\n".join(lines) + "\n", "utf-8")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
