"""A real server on a free port and the Chromium of this machine; every request the browser makes is written down."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest

ROOT = Path(__file__).resolve().parents[2]
DEADLINE = 60.0
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--force-color-profile=srgb",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A test in a real browser that failed is tried once more, and counted as `rerun` in the last line: on a machine
    shared with others Chromium or its server may be starved past any deadline. One that fails twice has failed."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.flaky(reruns=1))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    """Beside a failure stands what each open tab showed: a wait that timed out says nothing of it by itself."""
    report = yield
    if report.when == "call" and report.failed:
        for at, tab in enumerate(getattr(item, "tabs", ())):
            report.sections.append((f"tab {at + 1}", tab.shown()))
    return report


def chromium() -> str | None:
    """The browser named in WORKBENCH_CHROMIUM, or the first found on the path, or Playwright's own."""
    named = os.environ.get("WORKBENCH_CHROMIUM")
    if named:
        return named
    for name in ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"):
        if shutil.which(name):
            return shutil.which(name)
    for place in (
        "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
        "/Applications/Chromium.app/Contents/MacOS/Chromium",
    ):
        if Path(place).exists():
            return place
    own = sorted(Path.home().glob(".cache/ms-playwright/chromium-*/chrome-linux*/chrome"))
    return str(own[-1]) if own else None


@dataclass
class Server:
    """A running workbench."""

    url: str
    uploads: Path
    process: subprocess.Popen[bytes]
    log: Path

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(5)


def start_server(uploads: Path, home: Path = ROOT, **environment: str) -> Server:
    """Starts the workbench (or the `app.py` of another folder) on a free port and waits until it answers."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = uploads / "server.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    command = [
        sys.executable,
        "-m",
        "streamlit",
        "run",
        "app.py",
        "--server.port",
        str(port),
        "--server.address",
        "127.0.0.1",
        "--server.headless",
        "true",
        "--server.fileWatcherType",
        "none",
    ]
    with log.open("wb") as stream:
        process = subprocess.Popen(
            command,
            cwd=home,
            stdout=stream,
            stderr=subprocess.STDOUT,
            env={
                **os.environ,
                "WORKBENCH_UPLOADS": str(uploads),
                "WORKBENCH_RUNS": str(uploads / "runs"),
                "WORKBENCH_LABELS": str(uploads / "labels.sqlite"),
                **environment,
            },
        )
    server = Server(f"http://127.0.0.1:{port}", uploads, process, log)
    until = time.monotonic() + DEADLINE
    while time.monotonic() < until:
        try:
            with urllib.request.urlopen(f"{server.url}/_stcore/health", timeout=1) as answer:
                if answer.status == 200:
                    return server
        except OSError:
            pass
        if process.poll() is not None:
            break
        time.sleep(0.1)
    server.stop() if process.poll() is None else None
    raise AssertionError(f"the server did not start; it said:\n{log.read_text('utf-8', 'replace')[-3000:]}")


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """One workbench for all tests, with a shelf of its own."""
    folder = Path(tempfile.mkdtemp(prefix="workbench-test-"))
    running = start_server(folder)
    yield running
    running.stop()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def root(server: Server) -> Iterator[Path]:
    """The folder of runs of the server under test; what a test leaves there is ended and deleted."""
    from workbench.runs import all_runs
    from workbench.runs.process import kill

    before, place = os.environ.get("WORKBENCH_RUNS"), server.uploads / "runs"
    os.environ["WORKBENCH_RUNS"] = str(place)
    yield place
    for run in all_runs():
        kill(run.folder)
    os.environ.pop("WORKBENCH_RUNS") if before is None else os.environ.update(WORKBENCH_RUNS=before)
    shutil.rmtree(place, ignore_errors=True)


@pytest.fixture(scope="session")
def browser() -> Iterator[object]:
    """Chromium, headless, with a profile of its own."""
    try:
        from playwright.sync_api import Error, sync_playwright
    except ImportError:
        _skip("playwright is not installed (requirements-dev.txt)")
    path = chromium()
    if path is None:
        _skip("no Chromium was found; install one (Debian: apt-get install chromium) or name it in WORKBENCH_CHROMIUM")
    with sync_playwright() as play:
        try:
            running = play.chromium.launch(executable_path=path, args=FLAGS)
        except Error as error:
            _skip(f"{path} does not start: {str(error).splitlines()[0]}")
        yield running
        running.close()


def _skip(why: str) -> None:
    warnings.warn(f"BROWSER TESTS SKIPPED: {why}", stacklevel=2)
    pytest.skip(why)


@dataclass
class Visit:
    """A browser tab that remembers what was asked of whom, and what went wrong."""

    page: object
    requests: list[str] = field(default_factory=list)
    dialogs: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def foreign(self) -> list[str]:
        """Requests to any host but this machine's."""
        return [
            u
            for u in self.requests
            if urlsplit(u).scheme in ("http", "https", "ws", "wss") and urlsplit(u).hostname != "127.0.0.1"
        ]

    def settle(self) -> None:
        """Waits until the app has nothing left to run."""
        self.page.wait_for_selector('[data-testid="stApp"]', timeout=DEADLINE * 1000)
        self.page.wait_for_function(
            "() => { const app = document.querySelector('[data-testid=\"stApp\"]');"
            " return app && app.getAttribute('data-test-script-state') === 'notRunning'"
            " && !document.querySelector('[data-testid=\"stSkeleton\"]'); }",
            timeout=DEADLINE * 1000,
        )
        self.page.wait_for_timeout(150)

    def click_in(self, place: object, x: float, y: float) -> None:
        """Clicks at a point of a place (pixels from its corner) once the page has stopped moving: charts above a table
        that are drawn late push it down, and a click at its old place hits another row."""
        place.scroll_into_view_if_needed()
        still, before = 0, None
        for _ in range(100):
            box = place.bounding_box()
            still = still + 1 if box == before else 0
            if still == 4:
                break
            before = box
            self.page.wait_for_timeout(150)
        place.click(position={"x": x, "y": y})

    def open(self, url: str) -> None:
        self.page.goto(url)
        self.settle()

    def shown(self) -> str:
        """The address and the first words of the page, for the report of a failure."""
        try:
            return f"{self.page.url}\n{self.page.inner_text('body', timeout=2000)[:4000]}"
        except Exception as error:  # the tab may be what broke
            return f"it could not be read: {str(error).splitlines()[0]}"


@pytest.fixture
def visit(browser: object, request: pytest.FixtureRequest) -> Iterator[Callable[..., Visit]]:
    """Opens tabs; at the end none may have asked a foreign host, opened a dialog or failed in script."""
    contexts, visits = [], []
    request.node.tabs = visits

    def make(theme: str = "light", width: int = 1360, height: int = 900) -> Visit:
        context = browser.new_context(
            viewport={"width": width, "height": height}, color_scheme=theme, accept_downloads=True
        )
        contexts.append(context)
        tab = Visit(context.new_page())
        tab.page.set_default_timeout(DEADLINE * 1000)
        tab.page.on("request", lambda request: tab.requests.append(request.url))
        tab.page.on("websocket", lambda socket: tab.requests.append(socket.url))
        tab.page.on("dialog", lambda dialog: (tab.dialogs.append(dialog.message), dialog.dismiss()))
        tab.page.on("pageerror", lambda error: tab.errors.append(str(error)))
        visits.append(tab)
        return tab

    yield make
    for tab in visits:
        assert tab.foreign() == []
        assert tab.dialogs == []
        assert tab.errors == []
    for context in contexts:
        context.close()
