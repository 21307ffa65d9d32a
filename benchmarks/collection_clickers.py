"""How soon is a random clicker among twenty honest people paused, and how many honest ones ever are?

    python benchmarks/collection_clickers.py [--clicker five|coin] [--crews 20] [--items 280] [--seed 1]

Each crew labels one batch through the real server, over HTTP: gold 10% of the tasks, three people an item. Honest
people choose the right side with a chance of their own, drawn from .76 to .92 (mean .84). The clicker presses one of
the five buttons at random, or, harder to tell, one of two sides by a coin. Everybody takes turns until nothing is left.
Counted are the clicker's tasks until the pause, and honest people paused at any time.
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
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
RESULTS = Path(__file__).with_name("collection_results")
PAGE = Path(__file__).with_name("COLLECTION_CLICKERS.md")
sys.path.insert(0, str(ROOT))
HONEST = 20
FIVE = ("left>>", "left>", "=", "right>", "right>>")


def crew(items: int, clicker: str, rng: np.random.Generator, folder: Path) -> tuple[int | None, int, int]:
    """One batch: the clicker's tasks when paused (None = never), honest people ever paused, and judgements made."""
    import uvicorn
    from sqlalchemy import select

    from tests.collection.batch import pool
    from workbench.collection import schema
    from workbench.collection.batches import Settings, add_people, make_batch
    from workbench.collection.schedule import Shares
    from workbench.collection.server import label_app
    from workbench.collection.store import Store

    store = Store(folder / f"{uuid.uuid4().hex}.sqlite")
    gold = max(items // 4, 20)
    settings = Settings(overlap=3, shares=Shares(gold=0.1, repeat=0.0))
    made = make_batch(store, pool(items + gold, gold), "crew", settings, seed=int(rng.integers(1 << 30)))
    links = add_people(store, made, ["clicker", *(f"honest-{i}" for i in range(HONEST))])
    config = uvicorn.Config(label_app(store), port=0, log_level="error", access_log=False, timeout_keep_alive=3_600)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    lines = {link.name: http.client.HTTPConnection("127.0.0.1", port) for link in links}
    right = {link.name: rng.uniform(0.76, 0.92) for link in links} | {"clicker": 0.5}
    tokens = {link.name: link.token for link in links}

    def ask(name: str, method: str, path: str, body: object = None) -> tuple[int, bytes]:
        headers = {"Cookie": f"pw_label={tokens[name]}", "Content-Type": "application/json"}
        lines[name].request(method, path, None if body is None else json.dumps(body), headers)
        reply = lines[name].getresponse()
        return reply.status, reply.read()

    working, n = [link.name for link in links], 0
    while working:
        for name in [str(each) for each in rng.permutation(working)]:
            status, content = ask(name, "GET", "/label/api/next")
            if status == 204:
                working.remove(name)
                continue
            task = json.loads(content)
            # The texts name their item; A is right on even ones, and `first of` is A.
            a_is_left = task["left"].startswith("first")
            a_is_right = int(task["prompt"].split("q")[-1]) % 2 == 0
            left = (a_is_left == a_is_right) == (rng.random() < right[name])
            choice = "left>" if left else "right>"
            if name == "clicker" and clicker == "five":
                choice = str(rng.choice(FIVE))
            answer = {"id": str(uuid.uuid4()), "lease": task["lease"], "choice": choice}
            status, content = ask(name, "POST", "/label/api/judgements", answer)
            assert status == 200, content
            n += 1
    server.should_exit = True
    thread.join(10)
    with store.reading() as connection:
        people = {row.id: row.name for row in connection.execute(select(schema.annotator))}
        paused = connection.execute(
            select(schema.event.c.annotator, schema.event.c.detail).where(schema.event.c.kind == "paused")
        ).fetchall()
        done = {row.name: row.done for row in connection.execute(select(schema.annotator))}
    store.close()
    names = {people[row.annotator] for row in paused}
    return done["clicker"] if "clicker" in names else None, len(names - {"clicker"}), n


def main() -> None:
    """Runs the crews and writes the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--clicker", choices=("five", "coin"), default="five")
    parser.add_argument("--crews", type=int, default=20)
    parser.add_argument("--items", type=int, default=280)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    rng = np.random.default_rng(options.seed)
    tasks, wrongly, judgements = [], 0, 0
    with tempfile.TemporaryDirectory(dir="/dev/shm" if Path("/dev/shm").is_dir() else None) as folder:
        for k in range(options.crews):
            found, honest, n = crew(options.items, options.clicker, rng, Path(folder))
            tasks.append(np.inf if found is None else found)
            wrongly, judgements = wrongly + honest, judgements + n
            print(f"crew {k + 1}: clicker paused after {tasks[-1]:.0f} tasks, {honest} honest paused", flush=True)
            keep(options, tasks, wrongly, judgements)
    print(table())


def keep(options: argparse.Namespace, tasks: list[float], wrongly: int, judgements: int) -> None:
    """Writes the figures so far down."""
    n = len(tasks)
    found = {
        "clicker": {"five": "one of five buttons", "coin": "one of two sides"}[options.clicker],
        "crews": n,
        "judgements": judgements,
        "seed": options.seed,
        "clicker's tasks until the pause, median": float(np.median(tasks)),
        "the quickest, the slowest paused": f"{min(tasks):.0f}, {max(t for t in tasks if np.isfinite(t)):.0f}",
        "clickers never paused": int(np.isinf(tasks).sum()),
        "honest people ever paused": f"{wrongly} of {n * HONEST} ({wrongly / (n * HONEST):.1%})",
    }
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"clickers-{options.clicker}.json").write_text(json.dumps(found, indent=1) + "\n", "utf-8")
    PAGE.write_text(f"{__doc__.strip().splitlines()[0]}\n\n{table()}\n", "utf-8")


def table() -> str:
    """The runs side by side."""
    runs = [json.loads(path.read_text("utf-8")) for path in sorted(RESULTS.glob("clickers-*.json"))]
    rows = [f"| {name} | {' | '.join(str(run[name]) for run in runs)} |" for name in runs[0]]
    return "\n".join([rows[0], "|---|" + "---|" * len(runs), *rows[1:]])


if __name__ == "__main__":
    main()
