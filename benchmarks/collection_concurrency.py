"""Many annotators on one labelling server that is killed again and again: is every acknowledged label there, once?

    python benchmarks/collection_concurrency.py --on sqlite [--people 32] [--items 20000] [--overlap 3] [--kills 10]
    python benchmarks/collection_concurrency.py --on postgresql --database-kills 2
    python benchmarks/collection_concurrency.py --table

Each annotator is a process of its own (`collection_client.py`, standard library alone) that talks HTTP to the real
server (`workbench collect serve`). At even spaces of the work the server is killed with SIGKILL and started again, and
so is the database server; each client hangs up on one answer in a hundred before the reply comes. A run ends when the
clients are told that nothing is left, writes its figures to `collection_results/`, and fails where a promise is broken.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import Counter
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
RESULTS = Path(__file__).with_name("collection_results")
PAGE = Path(__file__).with_name("COLLECTION_CONCURRENCY.md")
sys.path.insert(0, str(ROOT))
CUTS = 0.01


class Server:
    """The labelling server, started again after each kill on the same port."""

    def __init__(self, url: str, folder: Path) -> None:
        self.url, self.log = url, folder / "server.log"
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Starts it and waits until it answers."""
        command = [sys.executable, "-m", "workbench", "collect", "serve", "--store", self.url, "--port", str(self.port)]
        with self.log.open("ab") as stream:
            self.process = subprocess.Popen(command, cwd=ROOT, stdout=stream, stderr=stream)
        until = time.monotonic() + 240
        while time.monotonic() < until:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/label/health", timeout=5):
                    return
            except OSError:
                time.sleep(0.1)
        raise SystemExit(f"the server did not start:\n{self.log.read_text('utf-8', 'replace')[-2000:]}")

    def kill(self) -> None:
        """Kills it with SIGKILL."""
        if self.process is not None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait(30)


def made_batch(url: str, options: argparse.Namespace) -> tuple[str, list[Any]]:
    """A batch with gold, repeats and texts of about 1,300 characters, and its links."""
    from tests.collection.batch import pool
    from workbench.collection import schema
    from workbench.collection.batches import Settings, add_people, make_batch
    from workbench.collection.schedule import Shares
    from workbench.collection.store import Store

    store = Store(url)
    gold = max(options.items // 20, 20)
    settings = Settings(overlap=options.overlap, shares=Shares(gold=0.05, repeat=0.05), lease_minutes=24 * 60)
    batch = make_batch(store, pool(options.items + gold, gold), "load", settings)
    with store.writing() as connection:
        filler = " word" * 260
        item = schema.item
        connection.execute(
            item.update().values(response_a=item.c.response_a + filler, response_b=item.c.response_b + filler)
        )
        # The clients choose at random: without this the monitor would pause every one of them.
        connection.execute(schema.annotator.update().values(state_by="lead"))
    links = add_people(store, batch, [f"person-{i}" for i in range(options.people)])
    with store.writing() as connection:
        connection.execute(schema.annotator.update().values(state_by="lead"))
    store.close()
    return batch, links


def lines_of(folder: Path, kind: str) -> list[list[str]]:
    """What the clients wrote down of one kind."""
    found = []
    for log in sorted(folder.glob("client-*.log")):
        found += [line.split() for line in log.read_text("utf-8").splitlines() if line.startswith(kind + " ")]
    return found


def kept_so_far(folder: Path) -> int:
    """Acknowledged labels, counted without a parse."""
    return sum(log.read_bytes().count(b"kept ") for log in folder.glob("client-*.log"))


def run(options: argparse.Namespace) -> dict[str, Any]:
    """One run; its figures."""
    folder = Path(tempfile.mkdtemp(prefix="workbench-load-"))
    database = None
    if options.on == "postgresql":
        from tests.collection.postgres import Postgres

        database = Postgres()
    url = database.url if database is not None else str(folder / "labels.sqlite")
    batch, links = made_batch(url, options)
    server = Server(url, folder)
    server.start()
    began = time.monotonic()
    client = [sys.executable, "-I", "-S", str(Path(__file__).with_name("collection_client.py"))]
    clients = []
    for i, link in enumerate(links):
        seed = str(i + options.seed * 1_000)
        place = ["127.0.0.1", str(server.port), link.token, str(folder / f"client-{i}.log"), seed, str(CUTS)]
        clients.append(subprocess.Popen([*client, *place]))
    expected = options.items * options.overlap
    events = [(expected * (k + 1) // (options.kills + 1), "server") for k in range(options.kills)]
    if database is not None:
        n = options.database_kills
        events += [(expected * (2 * k + 1) // (2 * n), "database") for k in range(n)]
    events.sort()
    killed = Counter[str]()
    said = time.monotonic()
    try:
        while any(each.poll() is None for each in clients):
            time.sleep(0.2)
            done = kept_so_far(folder)
            if events and done >= events[0][0]:
                _, what = events.pop(0)
                killed[what] += 1
                if what == "server":
                    server.kill()
                    server.start()
                elif database is not None:
                    database.kill()
                    database.start()
            if time.monotonic() - said > 30:
                said = time.monotonic()
                print(f"{done:,} of {expected:,}, {said - began:.0f} s, killed {dict(killed)}", flush=True)
        seconds = time.monotonic() - began
        found = check(url, batch, folder, options, seconds, killed, server.log)
    finally:
        for each in clients:
            each.kill()
        server.kill()
        if database is not None:
            database.stop()
    return found


def check(
    url: str,
    batch: str,
    folder: Path,
    options: argparse.Namespace,
    seconds: float,
    killed: Counter[str],
    server_log: Path,
) -> dict[str, Any]:
    """What the clients wrote down, held against what the store has."""
    from sqlalchemy import select

    from workbench.collection import schema
    from workbench.collection.store import Store

    store = Store(url)
    j, item = schema.judgement, schema.item
    with store.reading() as connection:
        stored = connection.execute(
            select(j.c.id, j.c.lease, j.c.item, j.c.annotator, j.c.round, j.c.choice).where(j.c.batch == batch)
        ).fetchall()
        items = connection.execute(
            select(item.c.id, item.c.role, item.c.want, item.c.held, item.c.done).where(item.c.batch == batch)
        ).fetchall()
    store.close()
    sent = {line[1]: tuple(line[2:5]) for line in lines_of(folder, "sent")}
    kept = [line[1] for line in lines_of(folder, "kept")]
    statuses = Counter(line[1] for line in lines_of(folder, "status"))
    ids = Counter(row.id for row in stored)
    regular = {row.id for row in items if row.role == "regular"}
    people = Counter(row.item for row in stored if row.round == 0 and row.item in regular)
    twice = Counter((row.item, row.annotator, row.round) for row in stored)
    log = server_log.read_text("utf-8", "replace")
    return {
        "on": options.on,
        "people": options.people,
        "items": options.items,
        "overlap": options.overlap,
        "server kills": killed["server"],
        "database kills": killed["database"],
        "requests without a reply": statuses.pop("0", 0),
        "other statuses met": dict(sorted(statuses.items())),
        "judgements": len(stored),
        "acknowledged": len(kept),
        "acknowledged, not stored": len(set(kept) - set(ids)),
        "stored more than once": sum(n > 1 for n in ids.values()),
        "stored, never sent": len(set(ids) - set(sent)),
        "stored otherwise than sent": sum(
            sent.get(row.id) != (row.lease, row.item, row.choice) for row in stored if row.id in sent
        ),
        "items with more people than wanted": sum(people[i] > options.overlap for i in regular),
        "items left behind": sum(people[i] < options.overlap for i in regular),
        "items twice to one person": sum(n > 1 for n in twice.values()),
        "held is not done": sum(row.held != row.want or row.done < row.want for row in items if row.role == "regular"),
        "locked errors": len(re.findall("locked", log)),
        "seconds": round(seconds),
        "judgements a second": round(len(stored) / seconds, 1),
    }


PROMISES = (
    "acknowledged, not stored",
    "stored more than once",
    "stored, never sent",
    "stored otherwise than sent",
    "items with more people than wanted",
    "items left behind",
    "items twice to one person",
    "held is not done",
    "locked errors",
)


def table() -> str:
    """The runs side by side."""
    runs = [json.loads(path.read_text("utf-8")) for path in sorted(RESULTS.glob("concurrency-*.json"))]
    rows = [f"| | {' | '.join(run['on'] for run in runs)} |", "|---|" + "---|" * len(runs)]
    for name in runs[0]:
        if name != "on":
            rows.append(f"| {name} | {' | '.join(_said(run[name]) for run in runs)} |")
    return "\n".join(rows)


def _said(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{n} x {status}" for status, n in value.items()) or "none"
    return f"{value:,}"


def main() -> None:
    """Runs, or puts the table together."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--on", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--people", type=int, default=32)
    parser.add_argument("--items", type=int, default=20_000)
    parser.add_argument("--overlap", type=int, default=3)
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--database-kills", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--table", action="store_true")
    options = parser.parse_args()
    if options.table:
        PAGE.write_text(f"{__doc__.strip().splitlines()[0]}\n\n{table()}\n", "utf-8")
        print(table())
        return
    found = run(options)
    print(json.dumps(found, indent=1))
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"concurrency-{options.on}.json").write_text(json.dumps(found, indent=1) + "\n", "utf-8")
    broken = [name for name in PROMISES if found[name]]
    raise SystemExit(f"BROKEN: {', '.join(broken)}" if broken else 0)


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    main()
