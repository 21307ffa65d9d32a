"""The labelling page in a real browser: 200 items by keyboard alone, and how long from a key to the next painted item.

    python benchmarks/collection_browser.py [--items 200] [--timed 40] [--only session|latency]

The session: each key is pressed as people do and as they should not: held (one press and ten repeats), twice 15 ms
apart, and in turn; with a reload in the middle, a minute without a network, and a second tab of the same person that
labels too. What was painted when a key was pressed is written down in the page; the labels in the store must equal it
item by item. Latency is measured in the page, from the key to two frames after the next item was drawn: alone
(`collect serve`), under the workbench's own server while another tab makes it work, and on an empty page that shows the
next of some texts it has already. On a shared machine look at the ratios.
"""

from __future__ import annotations

import argparse
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
PAGE = Path(__file__).with_name("COLLECTION_BROWSER.md")
sys.path.insert(0, str(ROOT))

LISTEN = """() => {
  window.log = JSON.parse(sessionStorage.getItem('log') || '[]');
  window.waits = window.waits || [];
  let since = performance.now(), pressedAt = null;
  const task = document.querySelector('#task');
  new MutationObserver(() => {
    if (!task.dataset.painted) return;
    since = performance.now();
    if (pressedAt !== null) { window.waits.push(since - pressedAt); pressedAt = null; }
  }).observe(task, { attributes: true, attributeFilter: ['data-painted'] });
  addEventListener('keydown', (event) => {
    const lease = task.dataset.painted;
    if (!lease || event.repeat || !'12345s'.includes(event.key)) return;
    if (performance.now() - since >= FLOOR) pressedAt = performance.now();
    window.log.push([lease, event.key, performance.now() - since]);
    sessionStorage.setItem('log', JSON.stringify(window.log));
  }, true);
}"""
EMPTY = """<!doctype html><body><div id=a></div><div id=b></div><script>
const texts = Array.from({length: 200}, (_, i) => `text ${i} ` + 'word '.repeat(260));
let n = 0; window.waits = [];
addEventListener('keydown', () => {
  const at = performance.now(); n += 1;
  document.getElementById('a').textContent = texts[n % 200];
  document.getElementById('b').textContent = texts[(n + 1) % 200];
  requestAnimationFrame(() => requestAnimationFrame(() => window.waits.push(performance.now() - at)));
});
</script>"""
CHOICE = {"1": "left>>", "2": "left>", "3": "=", "4": "right>", "5": "right>>", "s": "skip"}
FLOOR = 120


def served(url: str, folder: Path) -> tuple[subprocess.Popen[bytes], str]:
    """`collect serve` on a free port, and its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "workbench", "collect", "serve", "--store", url, "--port", str(port)]
    with (folder / "serve.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log)
    for _ in range(600):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/label/health", timeout=2).close()
            return process, f"http://127.0.0.1:{port}"
        except OSError:
            time.sleep(0.1)
    raise SystemExit((folder / "serve.log").read_text())


def person(store: Any, items: int) -> Any:
    """A batch of so many pairs of 1,300 characters a side, and one person's link."""
    from tests.collection.batch import PLAIN, pool
    from workbench.collection import schema
    from workbench.collection.batches import Settings, add_people, make_batch

    made = make_batch(store, pool(items), "browser", Settings(overlap=1, shares=PLAIN, floor_ms=FLOOR))
    with store.writing() as connection:
        item = schema.item
        filler = " word" * 260
        connection.execute(
            item.update()
            .where(item.c.batch == made)
            .values(response_a=item.c.response_a + filler, response_b=item.c.response_b + filler)
        )
    return add_people(store, made, ["ann"])[0]


def enter(context: Any, address: str) -> Any:
    """A tab on the first item, listening."""
    page = context.new_page()
    page.set_default_timeout(120_000)
    page.goto(address)
    listen(page)
    return page


def listen(page: Any) -> None:
    """Waits for a painted item and writes down from now on what is pressed on what."""
    page.wait_for_selector("#task[data-painted]", state="attached")
    if page.locator("#guideline[open]").count():
        page.click("#read")
    page.evaluate(LISTEN.replace("FLOOR", str(FLOOR)))
    page.wait_for_timeout(FLOOR + 60)


def painted(page: Any) -> str:
    return str(page.get_attribute("#task", "data-painted"))


def press(page: Any, n: int) -> None:
    """One key, as people press it, and on to the next painted item."""
    key, before = "12345s"[n % 6], painted(page)
    if n % 5 == 1:
        page.keyboard.press(key)
        page.wait_for_timeout(15)
        page.keyboard.press(key)
    elif n % 5 == 3:
        page.keyboard.down(key)
        for _ in range(10):
            page.keyboard.down(key)
        page.keyboard.up(key)
    else:
        page.keyboard.press(key)
    page.wait_for_selector(f"#task[data-painted]:not([data-painted='{before}'])")
    page.wait_for_timeout(FLOOR + 40)


def session(browser: Any, store: Any, address: str, items: int, offline_ms: int) -> dict[str, Any]:
    """The session of `items` items; what was painted held against what is stored."""
    from sqlalchemy import select

    from workbench.collection import schema

    link = person(store, items + 3)
    context = browser.new_context()
    page = enter(context, link.url(address))
    logs: list[list[Any]] = []
    for n in range(items):
        if n == items // 4:
            page.wait_for_selector("#state[data-state='saved']")
            page.reload()
            listen(page)
        if n == items // 2:
            context.set_offline(True)
            before = painted(page)
            page.keyboard.press("2")
            page.wait_for_selector(f"#task[data-painted]:not([data-painted='{before}'])")
            page.wait_for_timeout(offline_ms)
            context.set_offline(False)
            page.wait_for_selector("#state[data-state='saved']")
            page.wait_for_timeout(FLOOR + 40)
            continue
        if n == 3 * items // 4:
            page.wait_for_selector("#state[data-state='saved']")
            other = enter(context, link.url(address))
            other.bring_to_front()
            before = painted(other)
            other.keyboard.press("5")
            other.wait_for_selector(f"#task[data-painted]:not([data-painted='{before}'])")
            other.wait_for_selector("#state[data-state='saved']")
            logs += other.evaluate("window.log")
            other.close()
            page.bring_to_front()
            page.wait_for_timeout(FLOOR + 60)
        press(page, n)
    page.wait_for_selector("#state[data-state='saved']")
    page.wait_for_timeout(2_000)
    logs += page.evaluate("window.log")
    context.close()
    table = schema.judgement
    with store.reading() as connection:
        rows = connection.execute(
            select(table.c.lease, table.c.choice).where(table.c.annotator == link.annotator).order_by(table.c.seq)
        ).fetchall()
    stored = [(row.lease, row.choice) for row in rows]
    possible: dict[str, set[str]] = {}
    for lease, key, since in logs:
        if since >= FLOOR:
            possible.setdefault(lease, set()).add(CHOICE[key])
    return {
        "items labelled": len(stored),
        "labels stored twice": len(stored) - len({lease for lease, _ in stored}),
        "labels that were not pressed on the painted item": sum(
            choice not in possible.get(lease, ()) for lease, choice in stored
        ),
        "pressed and not stored": len(set(possible) - {lease for lease, _ in stored}),
    }


def waits(page: Any, timed: int) -> np.ndarray:
    """Milliseconds from a key to the next painted item."""
    for n in range(timed):
        before = painted(page)
        page.keyboard.press("12345"[n % 5])
        page.wait_for_selector(f"#task[data-painted]:not([data-painted='{before}'])")
        page.wait_for_timeout(FLOOR + 120)
    return np.array(page.evaluate("window.waits"), float)


def empty(browser: Any, timed: int) -> np.ndarray:
    """The same on a page that does nothing else."""
    context = browser.new_context()
    page = context.new_page()
    page.set_content(EMPTY)
    for _ in range(timed):
        page.keyboard.press("1")
        page.wait_for_timeout(FLOOR + 120)
    found = np.array(page.evaluate("window.waits"), float)
    context.close()
    return found


def keep_busy(address: str, stop: threading.Event) -> None:
    """Makes the workbench's server compute: a browser of its own reloads a page of figures."""
    code = (
        "import sys, time\n"
        f"sys.path.insert(0, {str(ROOT)!r})\n"
        "from tests.browser.conftest import FLAGS, chromium\n"
        "from playwright.sync_api import sync_playwright\n"
        "with sync_playwright() as p:\n"
        "    page = p.chromium.launch(executable_path=chromium(), args=FLAGS).new_page()\n"
        f"    page.goto({address!r})\n"
        "    page.get_by_role('button', name='Open').first.click()\n"
        "    while True:\n"
        f"        page.goto({address + '/agreement'!r}); page.wait_for_timeout(1500)\n"
    )
    process = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stderr=subprocess.DEVNULL)
    stop.wait()
    process.kill()
    process.wait()


def main() -> None:
    """Runs it and writes the tables."""
    from playwright.sync_api import sync_playwright

    from tests.browser.conftest import FLAGS, chromium, start_server
    from workbench.collection.store import Store

    parser = argparse.ArgumentParser()
    parser.add_argument("--items", type=int, default=200)
    parser.add_argument("--timed", type=int, default=40)
    parser.add_argument("--offline", type=int, default=60_000, help="milliseconds without a network")
    parser.add_argument("--only", choices=("session", "latency"))
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="workbench-browser-"))
    store = Store(folder / "labels.sqlite")
    process, address = served(str(folder / "labels.sqlite"), folder)
    lines = [__doc__.strip().splitlines()[0], ""]
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium(), args=FLAGS)
        if options.only != "session":
            context = browser.new_context()
            page = enter(context, person(store, options.timed + 5).url(address))
            found = {"empty page": empty(browser, options.timed), "alone": waits(page, options.timed)}
            context.close()
            app = start_server(folder / "uploads", WORKBENCH_LABELS=str(folder / "labels.sqlite"))
            context = browser.new_context()
            page = enter(context, person(store, options.timed + 5).url(app.url))
            stop = threading.Event()
            busy = threading.Thread(target=keep_busy, args=(app.url, stop))
            busy.start()
            time.sleep(8)
            found["beside a busy Streamlit"] = waits(page, options.timed)
            stop.set()
            busy.join()
            context.close()
            app.stop()
            base = {q: float(np.quantile(found["empty page"], q)) for q in (0.5, 0.95)}
            lines += ["| key to next item painted | items | median | p95 | median / empty | p95 / empty |"]
            lines += ["|---|---|---|---|---|---|"]
            for name, ms in found.items():
                half, most = float(np.quantile(ms, 0.5)), float(np.quantile(ms, 0.95))
                ratios = f"{half / base[0.5]:.2f} | {most / base[0.95]:.2f}"
                lines.append(f"| {name} | {len(ms)} | {half:.0f} ms | {most:.0f} ms | {ratios} |")
            load = os.getloadavg()[0]
            lines += ["", f"Measured on {os.cpu_count()} cores with a load of {load:.1f} by other work.", ""]
        if options.only != "latency":
            result = session(browser, store, address, options.items, options.offline)
            lines += [f"| session of {options.items} items | |", "|---|---|"]
            lines += [f"| {name} | {value} |" for name, value in result.items()]
        browser.close()
    process.kill()
    store.close()
    text = "\n".join(lines) + "\n"
    (PAGE if options.only is None else PAGE.with_suffix(f".{options.only}.md")).write_text(text, "utf-8")
    print(text)


if __name__ == "__main__":
    main()
