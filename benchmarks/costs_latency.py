"""How long a slider of the Costs page takes: from the key press to the repainted page.

Starts the real server without any data, opens the page on a preset with a view below the chart, and moves sliders in
Chromium with the arrow keys. The clock runs inside the page: from the key press until two animation frames after the
sentence and the drawn chart of parts both show the new value, that is when both have surely been painted. Every
position is new. In between, the same is measured on a bare page (a slider, a line of text, a chart of three points):
what Streamlit, Plotly and the browser need on this machine at this moment, whatever else it is doing.

    python benchmarks/costs_latency.py [--moves 12]

Browser and server share the machine's cores, as they do on a laptop. The goal is 150 ms in the median. Other work on
the machine stretches all of these times; so the processor time of a move is printed beside them, of the page's own
thread in the browser and of the server, which other work hardly changes. On an idle machine a move takes about as long
as on the bare page (60 ms on two cores) plus what it needs more of processor time than that.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
from pathlib import Path
from statistics import median, quantiles

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.slider_latency import floor_of, opened, start_bare, thumb  # noqa: E402
from tests.browser.conftest import FLAGS, Server, Visit, chromium, start_server  # noqa: E402

WATCH = """
() => {
  const chart = () => document.querySelector('.st-key-cst_parts .cartesianlayer');
  const said = () => document.querySelector('[data-testid="stMain"] h4')?.textContent || '';
  window.__watch = () => {
    const before = [said(), chart()?.innerHTML];
    window.__took = null;
    window.addEventListener('keydown', () => {
      const start = performance.now();
      const look = () => {
        const now = [said(), chart()?.innerHTML];
        if (now[0] && now[1] && now[0] !== before[0] && now[1] !== before[1]) {
          requestAnimationFrame(() => requestAnimationFrame(() => { window.__took = performance.now() - start; }));
        } else if (performance.now() - start > 5000) { window.__took = -1; }
        else { requestAnimationFrame(look); }
      };
      requestAnimationFrame(look);
    }, {once: true, capture: true});
  };
}
"""

PAGES: tuple[tuple[str, str, str, str], ...] = (
    # view, group of inputs, slider, address
    ("Parts", "People", "Price per label", ""),
    ("Parts", "Quality", "Rejected work", ""),
    ("Parts", "Routing", "Sent to people", "?cst_preset=hybrid"),
    ("Parts", "AI judges", "Price per AI judgement", "?cst_preset=hybrid"),
    ("Scale", "People", "Price per label", ""),
    ("What matters", "People", "Price per label", ""),
    ("Break-even", "People", "Price per label", ""),
    ("Best plan", "People", "Price per label", ""),
    ("All inputs", "People", "Price per label", ""),
)


class Processor:
    """Processor time of the page's thread and of the server since it was made, per move, in milliseconds."""

    def __init__(self, tab: Visit, server: Server) -> None:
        self.server, self.devtools = server, tab.page.context.new_cdp_session(tab.page)
        self.devtools.send("Performance.enable", {"timeDomain": "threadTicks"})
        self.began = self._now()

    def per_move(self, moves: int) -> tuple[float, float]:
        """Browser, server."""
        return tuple((now - began) / moves for now, began in zip(self._now(), self.began, strict=True))

    def _now(self) -> tuple[float, float]:
        metrics = {m["name"]: m["value"] for m in self.devtools.send("Performance.getMetrics")["metrics"]}
        spent = Path(f"/proc/{self.server.process.pid}/stat").read_text().rpartition(")")[2].split()
        return 1_000 * metrics["TaskDuration"], 1_000 * (int(spent[11]) + int(spent[12])) / os.sysconf("SC_CLK_TCK")


def bare_processor(browser: object, bare: Server, moves: int) -> tuple[float, float]:
    """The same of the bare page."""
    tab = opened(browser, bare.url)
    thumb(tab.page, "Fewest seconds").focus()
    processor = Processor(tab, bare)
    for _ in range(moves):
        tab.page.keyboard.press("ArrowRight")
        tab.page.wait_for_timeout(700)
    spent = processor.per_move(moves)
    tab.page.context.close()
    return spent


def measure(
    server: Server, bare: Server, moves: int
) -> tuple[dict[str, list[float]], dict[str, tuple[float, float]], list[float]]:
    """Moves sliders; name of the view and slider -> milliseconds, and -> processor time of browser and server; and
    milliseconds of the bare page."""
    from playwright.sync_api import sync_playwright

    times: dict[str, list[float]] = {}
    spent: dict[str, tuple[float, float]] = {}
    floor: list[float] = []
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium(), args=FLAGS)
        for view, group, label, address in PAGES:
            tab = Visit(browser.new_context(viewport={"width": 1360, "height": 1000}).new_page())
            tab.page.set_default_timeout(60_000)
            tab.open(f"{server.url}/costs{address}")
            tab.page.wait_for_selector(".st-key-cst_parts .barlayer")
            for name in (group, view):
                tab.page.get_by_text(name, exact=True).first.click()
                tab.settle()
            tab.page.wait_for_timeout(800)
            tab.page.evaluate(WATCH)
            each = times.setdefault(f"{view}: {label}", [])
            for i in range(moves + 1):
                thumb(tab.page, label).focus()
                tab.page.evaluate("() => window.__watch()")
                tab.page.keyboard.press("ArrowRight")
                tab.page.wait_for_function("() => window.__took !== null", timeout=20_000)
                if i:  # the first one compiles
                    each.append(float(tab.page.evaluate("() => window.__took")))
                tab.page.wait_for_timeout(150)
            thumb(tab.page, label).focus()
            processor = Processor(tab, server)
            for _ in range(moves):
                tab.page.keyboard.press("ArrowLeft")
                tab.page.wait_for_timeout(700)
            spent[f"{view}: {label}"] = processor.per_move(moves)
            tab.page.context.close()
            floor += floor_of(browser, bare.url)
        spent["bare page"] = bare_processor(browser, bare, moves)
        browser.close()
    return times, spent, floor


def row(name: str, times: list[float], spent: tuple[float, float] | None = None) -> str:
    """One line of the table."""
    good = [t for t in times if t > 0]
    cpu = f"{spent[0]:.0f} + {spent[1]:.0f}" if spent else ""
    if len(good) < 2:
        return f"| {name} | {len(good)} | – | – | – | – | {cpu} |"
    return (
        f"| {name} | {len(good)} | {median(good):.0f} | {quantiles(good, n=20, method='inclusive')[-1]:.0f} |"
        f" {min(good):.0f} | {max(good):.0f} | {cpu} |"
    )


def main() -> None:
    """Serves, measures, prints a table."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--moves", type=int, default=12, help="positions of each slider")
    chosen = options.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="workbench-costs-"))
    server, bare = start_server(folder), start_bare(folder)
    try:
        times, spent, floor = measure(server, bare, chosen.moves)
    finally:
        server.stop()
        bare.stop()
        shutil.rmtree(folder, ignore_errors=True)
    print(
        "| view: slider | n | median ms | p95 ms | min | max | processor ms, browser + server"
        " |\n|---|---|---|---|---|---|---|"
    )
    for name, each in times.items():
        print(row(name, each, spent[name]))
    print(row("**all on the Costs page**", [t for each in times.values() for t in each]))
    print(row("bare page", floor, spent["bare page"]))
    print(f"\n{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}.")


if __name__ == "__main__":
    main()
