"""How many requests a second a served reward model answers, how long each takes, and what 8-bit weights change.

Run `python benchmarks/reward_serving.py`; it starts `workbench serve` as its users do, asks it from several clients at
once, prints the table and writes `benchmarks/REWARD_SERVING.md`. `--requests`, `--clients`, `--words` and `--pairs`
change the size; `--model FOLDER` takes a model of your own instead of a fine-tuned MiniLM made here.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import platform
import socket
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import ExitStack
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
import torch

from workbench.reward.finetune import FineTuning, fine_tune
from workbench.reward.pairs import pairs_of
from workbench.reward.quantisation import measure_head
from workbench.reward.settings import HeadSettings
from workbench.reward.training import train
from workbench.simulation.simulate import simulate

OUT = Path(__file__).with_name("REWARD_SERVING.md")
BASE = "all-MiniLM-L6-v2"
A_BLOCK = 4
"""Requests of one client to one server before the other server has its turn."""
PLAIN = simulate(2_000, annotators=12, seed=3)


def made(folder: Path) -> Path:
    """A MiniLM fine-tuned for a few steps on simulated pairs: what matters here is its size."""
    pairs = pairs_of(PLAIN.data, "majority")
    settings = FineTuning(base=BASE, max_steps=2, batch_size=8, max_length=256, saves=1, learning_rate=1e-4)
    return fine_tune(pairs, settings, folder / "work").model.save(folder / "model")


def texts(n: int, words: int, seed: int) -> list[str]:
    """Texts of about so many words, cut from those of the simulation."""
    rng = np.random.default_rng(seed)
    frame = PLAIN.data.item_texts()
    pool = " ".join([*frame["response_a"].dropna().head(400), *frame["response_b"].dropna().head(400)]).split()
    return [" ".join(pool[k : k + words]) for k in rng.integers(0, len(pool) - words, n)]


class Server:
    """`workbench serve` in a process of its own."""

    def __init__(self, model: Path, *options: str) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        command = [sys.executable, "-m", "workbench", "serve", str(model), "--port", str(self.port), *options]
        self.process = subprocess.Popen(command, stderr=subprocess.DEVNULL, cwd=Path(__file__).resolve().parents[1])

    def __enter__(self) -> Server:
        until = time.monotonic() + 120
        while time.monotonic() < until:
            try:
                connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
                connection.request("GET", "/health")
                if json.loads(connection.getresponse().read())["status"] == "ok":
                    return self
            except OSError:
                time.sleep(0.2)
        raise SystemExit("the server did not come up")

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        self.process.wait(20)


def asked(port: int, bodies: list[str], clients: int) -> tuple[list[float], float]:
    """Milliseconds of each request, and the seconds all clients together took; each keeps its connection."""
    taken: list[float] = []
    lock = threading.Lock()

    def client(part: list[str]) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        own = []
        for body in part:
            start = time.perf_counter()
            connection.request("POST", "/compare", body, {"Content-Type": "application/json"})
            answer = connection.getresponse()
            content = answer.read()
            own.append(1e3 * (time.perf_counter() - start))
            assert answer.status == 200, content
        with lock:
            taken.extend(own)

    threads = [threading.Thread(target=client, args=(bodies[k::clients],)) for k in range(clients)]
    start = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return taken, time.perf_counter() - start


def in_turns(ports: dict[str, int], bodies: list[str], words: int, clients: int) -> list[str]:
    """A row for each form of weights and one for their ratio. The servers are asked in turns, a block of requests each,
    so that whatever else the machine does meets both alike.
    """
    blocks = [bodies[k : k + A_BLOCK * clients] for k in range(0, len(bodies), A_BLOCK * clients)]
    taken: dict[str, list[float]] = {form: [] for form in ports}
    seconds: dict[str, list[float]] = {form: [] for form in ports}
    for port in ports.values():
        asked(port, blocks[0], clients)  # warms up
    for k, block in enumerate(blocks):
        for form in list(ports) if k % 2 else reversed(ports):
            own, spent = asked(ports[form], block, clients)
            taken[form] += own
            seconds[form].append(spent)
    rows = []
    for form in ports:
        p50, p95 = np.quantile(taken[form], [0.5, 0.95])
        rows.append(
            f"| {form} | {words} | {clients} | {len(bodies) / sum(seconds[form]):.1f} | {p50:.0f} | {p95:.0f} |"
        )
    if len(ports) == 2:
        ratios = np.divide(*(np.array(spent) for spent in seconds.values()))
        low, middle, high = np.quantile(ratios, [0.25, 0.5, 0.75])
        first, second = ports
        rows.append(f"| {second} over {first} | {words} | {clients} | {middle:.2f} ({low:.2f} to {high:.2f}) | | |")
    return rows


def flips(n: int) -> list[str]:
    """What 8-bit weights change in a head on the same encoder, trained to its end."""
    data = simulate(3 * n + 1_500, annotators=12, seed=4).data
    pairs = pairs_of(data, "majority")
    out, rest = np.arange(min(n, len(pairs) // 2)), np.arange(min(n, len(pairs) // 2), len(pairs))
    head = train(pairs.take(rest), HeadSettings(encoder=BASE, views=False, penalty=3.0))
    found = measure_head(head, pairs.take(out), batches=(1,))
    at, change = found.flips.same_crew, found.change
    between = f" [{at.low:.1%}, {at.high:.1%}]" if at else ""
    return [
        f"In a head on the same encoder 8-bit weights take {found.bytes_after / 1e6:.0f} MB instead of",
        f"{found.bytes_before / 1e6:.0f} MB, turn {found.flips.value:.1%}{between} of {found.flips.n:,} pairs round and"
        f" change accuracy by {100 * (change.value or 0):+.1f} points.",
    ]


def processor() -> str:
    """The card, or the processor with its cores."""
    if torch.cuda.is_available():
        return torch.cuda.get_device_name()
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    name = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())
    return f"{name}, {os.cpu_count()} cores"


def main() -> None:
    """Measures, prints and writes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=64)
    parser.add_argument("--clients", type=int, nargs="+", default=[1, 8])
    parser.add_argument("--words", type=int, nargs="+", default=[60, 180])
    parser.add_argument("--pairs", type=int, default=300)
    parser.add_argument("--model", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        model = options.model or made(Path(place))
        lines = [
            "# Serving a reward model",
            "",
            f"`python benchmarks/reward_serving.py` on {processor()}; {BASE} fine-tuned (22.7 M weights), one pair",
            "a request, two texts of so many words. Requests that come together are scored together (of 32, 5 ms",
            "of waiting). Times are of whole requests, as a client sees them. Both servers run at once, asked in",
            f"turns, {A_BLOCK} requests a client at a time; the ratio is the median over blocks, with its quartiles.",
            "",
            "| weights | words a text | clients | requests a second | p50 ms | p95 ms |",
            "|---|---|---|---|---|---|",
        ]
        forms = {"float32": ()} if torch.cuda.is_available() else {"float32": (), "int8": ("--int8",)}
        with ExitStack() as stack:
            ports = {form: stack.enter_context(Server(model, *flags)).port for form, flags in forms.items()}
            for words in options.words:
                for clients in options.clients:
                    a, b = texts(options.requests, words, 1), texts(options.requests, words, 2)
                    bodies = [
                        json.dumps({"pairs": [{"prompt": "Which is better?", "a": x, "b": y}]})
                        for x, y in zip(a, b, strict=True)
                    ]
                    lines += in_turns(ports, bodies, words, clients)
                    print("\n".join(lines[-len(ports) - 1 :]), flush=True)
        lines[7:7] = [f"The machine had a load of {os.getloadavg()[2]:.0f} on {os.cpu_count()} cores meanwhile.", ""]
        if not torch.cuda.is_available():
            lines += ["", *flips(options.pairs)]
            print("\n".join(lines[-2:]))
    OUT.write_text("\n".join(lines) + "\n", "utf-8")


if __name__ == "__main__":
    main()
