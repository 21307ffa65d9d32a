"""Photographs every page whole, at three widths, light and dark, and runs axe-core on it.

`python docs/photograph_pages.py --out FOLDER [NAME ...]` takes every page, or those named.

For looking at, not for the documentation (those pictures are `docs/make_screenshots.py`'s). Prints each finding of
axe-core with the elements it is about, and ends with 1 where one is serious or critical. The axe-core is that of the
package `axe-playwright-python` (requirements-dev.txt).
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "docs")]

from make_screenshots import OTHER_DEMO, collect_labels, kept_demo, made_runs  # noqa: E402

from tests.browser import conftest  # noqa: E402
from tests.browser.axe import Violation, violations  # noqa: E402
from tests.browser.conftest import FLAGS, Visit, chromium, start_server  # noqa: E402
from workbench.runs import all_runs  # noqa: E402

PAGES = (
    "",
    "overview",
    "deliveries",
    "agreement",
    "reversals",
    "items",
    "annotators",
    "speed",
    "labels",
    "cleaning",
    "select",
    "collect",
    "adjudicate",
    "judges",
    "routing",
    "reward-models",
    "policy",
    "studies",
    "runs",
    "costs",
)
WIDTHS = {1_440: 900, 1_024: 768, 390: 844}
"""Width -> height of the window, before it is stretched to the page."""
TALLEST = 9_000
RUN_OF = {"reward-models": "train", "policy": "policy", "select": "select"}


def main() -> int:
    """Opens the pages, photographs them, and says what axe-core finds."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("pages", nargs="*", help="names of pages; every page without one")
    parser.add_argument("--out", type=Path, required=True, help="folder of the pictures")
    parser.add_argument("--widths", type=int, nargs="*", default=list(WIDTHS))
    parser.add_argument("--themes", nargs="*", default=["light", "dark"])
    parser.add_argument("--no-axe", action="store_true", help="pictures only")
    parser.add_argument("--at", metavar="URL", help="a workbench that runs already, with --shelf")
    parser.add_argument("--shelf", type=Path, help="its folder of uploads")
    parser.add_argument("--runs", action="store_true", help="show runs too: trains a small model, which takes a minute")
    given = parser.parse_args()
    wanted = [p for p in PAGES if not given.pages or (p or "start") in given.pages]
    given.out.mkdir(parents=True, exist_ok=True)
    conftest.DEADLINE = 180.0  # nobody waits for these pictures, and the machine may be busy
    shelf = given.shelf or Path(tempfile.mkdtemp(prefix="workbench-photographs-"))
    server = None if given.at else start_server(shelf)
    url = server.url if server else given.at
    serious = 0
    try:
        addresses = prepared(url, shelf, wanted, given.runs)
        for page, theme, width, visit in visits(addresses, given.themes, given.widths):
            name = f"{page or 'start'}-{theme}-{width}"
            photograph(visit, given.out / f"{name}.png")
            found = [] if given.no_axe or width == 1_024 else violations(visit.page)
            serious += sum(each.serious for each in found)
            print(name, *(describe(each) for each in found), sep="\n  ", flush=True)
    finally:
        if server:
            server.stop()
            shutil.rmtree(shelf, ignore_errors=True)
    return 1 if serious else 0


def prepared(url: str, shelf: Path, wanted: list[str], with_runs: bool) -> dict[str, str]:
    """What each page is shown with, put in place; page -> its address."""
    if {"collect", "adjudicate"} & set(wanted) and not (shelf / "labels.sqlite").exists():
        collect_labels(shelf / "labels.sqlite")
    os.environ["WORKBENCH_RUNS"] = str(shelf / "runs")
    made = {run.kind: run.id for run in all_runs()}
    runs = made_runs(shelf, {RUN_OF[p] for p in wanted if p in RUN_OF} - set(made)) if with_runs else made
    demo = kept_demo(shelf, "demo")
    if "deliveries" in wanted:
        kept_demo(shelf, "clean")
    addresses = {}
    for page in wanted:
        key = kept_demo(shelf, OTHER_DEMO[page]) if page in OTHER_DEMO else demo
        run = f"&run={runs[RUN_OF[page]]}" if RUN_OF.get(page) in runs else ""
        addresses[page] = f"{url}/{page}?data={key}{run}" if page else url
    return addresses


def visits(addresses: dict[str, str], themes: list[str], widths: list[int]) -> Iterator[tuple[str, str, int, Visit]]:
    """Every page in every theme at every width, settled."""
    from playwright.sync_api import sync_playwright

    path = chromium()
    if path is None:
        sys.exit("No Chromium was found; install one, or name it in WORKBENCH_CHROMIUM.")
    with sync_playwright() as play:
        browser: Any = play.chromium.launch(executable_path=path, args=FLAGS)
        for theme in themes:
            for width in widths:
                size = {"width": width, "height": WIDTHS.get(width, 900)}
                context = browser.new_context(viewport=size, color_scheme=theme)
                visit = Visit(context.new_page())
                for page, address in addresses.items():
                    visit.page.set_viewport_size(size)
                    visit.open(address)
                    yield page, theme, width, visit
                context.close()
        browser.close()


def photograph(visit: Visit, picture: Path) -> None:
    """The whole page: the window is made as tall as what scrolls in it."""
    visit.page.wait_for_timeout(1_000)
    visit.settle()
    width = visit.page.viewport_size["width"]
    for _ in range(2):
        tall = visit.page.evaluate("document.querySelector('[data-testid=\"stMain\"]').scrollHeight")
        visit.page.set_viewport_size({"width": width, "height": min(max(tall, 600), TALLEST)})
        visit.page.wait_for_timeout(400)
    visit.page.mouse.move(2, 2)
    visit.page.screenshot(path=picture)


def describe(found: Violation) -> str:
    """A finding with the elements it is about."""
    return "\n      ".join([f"{found.impact}: {found.rule}: {found.help} ({len(found.elements)})", *found.elements[:6]])


if __name__ == "__main__":
    sys.exit(main())
