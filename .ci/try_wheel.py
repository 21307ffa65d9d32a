"""Builds the wheel and tries it as a newcomer would, outside the clone: `make wheel`.

In an empty virtual environment: the base installs without torch, audits a Label Studio export, gates it with the exit
codes a pipeline relies on, and names the missing extra; with `[app]` a real browser opens the demo, what it keeps goes
to the user's folder, and ending the command ends its server.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
EXPORT = "label_studio_export.json.gz"
MOST_MEGABYTES = 600
"""Of the base as its wheels unpack; pip's bytecode comes on top."""


def main() -> int:
    """Tries all of it; the first thing that is not as it should be ends the script with what was said."""
    with tempfile.TemporaryDirectory() as scratch:
        place = Path(scratch)
        wheel = build(place)
        shutil.copy(ROOT / "data" / "demo" / EXPORT, place)
        subprocess.run([sys.executable, "-m", "venv", place / "venv"], check=True)
        bare, began = megabytes(place / "venv"), time.monotonic()
        install(place, str(wheel))
        seconds, size = time.monotonic() - began, megabytes(place / "venv") - bare
        print(f"The base is installed: {seconds:.0f} s, {size:.0f} MB without bytecode.", flush=True)
        assert size < MOST_MEGABYTES, f"the base takes {size:.0f} MB"
        try_base(place)
        install(place, f"{wheel}[app]", "--no-compile")  # few of its modules are ever imported
        try_app(place)
    print("The wheel works.")
    return 0


def build(place: Path) -> Path:
    """The wheel of this clone."""
    pip = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--disable-pip-version-check"]
    subprocess.run([*pip, "-w", place, ROOT], check=True)
    shutil.rmtree(ROOT / "dist", ignore_errors=True)
    (ROOT / "dist").mkdir()
    (built,) = place.glob("*.whl")
    return Path(shutil.copy(built, ROOT / "dist"))


def install(place: Path, *what: str) -> None:
    """Installs in the environment, in the versions the tests ran with."""
    pip = [place / "venv" / "bin" / "python", "-m", "pip", "install", "-q", "--disable-pip-version-check"]
    subprocess.run([*pip, "-c", ROOT / "constraints.txt", *what], check=True, cwd=place)


def megabytes(folder: Path) -> float:
    """What the files of a folder hold, but for bytecode."""
    files = (f for f in folder.rglob("*") if f.is_file() and not f.is_symlink() and f.suffix != ".pyc")
    return sum(f.stat().st_size for f in files) / 1e6


def environment(place: Path) -> dict[str, str]:
    """That of a user with an empty home."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("WORKBENCH_", "PYTHON", "XDG_"))}
    return {**kept, "HOME": str(place / "home"), "PYTHONUNBUFFERED": "1"}


def say(place: Path, code: int, *arguments: str) -> str:
    """Runs the command and gives what it said; it must end with this exit code and without a traceback."""
    command = [place / "venv" / "bin" / "workbench", *arguments]
    done = subprocess.run(command, cwd=place, env=environment(place), capture_output=True, text=True, check=False)
    said = done.stdout + done.stderr
    assert done.returncode == code, f"{arguments} ended with {done.returncode}, not {code}:\n{said}"
    assert "Traceback" not in said, said
    return said


def try_base(place: Path) -> None:
    """The command line without any extra."""
    listed = subprocess.run(
        [place / "venv" / "bin" / "python", "-m", "pip", "list"], capture_output=True, text=True, check=True
    ).stdout.lower()
    for absent in ("torch", "streamlit", "scikit-learn", "plotly"):
        assert absent not in listed, f"{absent} came with the base"
    assert "alpha" in say(place, 0, "audit", EXPORT)
    assert "Passed." in say(place, 0, "check", EXPORT, "--min-alpha-lower", "0.01")
    assert "Failed" in say(place, 1, "check", EXPORT, "--min-alpha-lower", "0.99")
    assert "no such file" in say(place, 2, "check", "nowhere.json")
    assert "preference-workbench[reward]" in say(place, 2, "train", EXPORT)
    assert "preference-workbench[app]" in say(place, 2, "app")
    say(place, 0, "aggregate", EXPORT, "--out", "labels.csv")
    say(place, 0, "convert", EXPORT, "--to", "trl", "--out", "train.jsonl")
    say(place, 0, "simulate", "--annotations", "2000", "--out", "simulated")
    say(place, 0, "costs", "--preset", "hybrid")
    say(place, 0, "report", EXPORT, "--out", "report.html")
    print("The command line works without extras.", flush=True)


def try_app(place: Path) -> None:
    """The pages in a real browser."""
    from playwright.sync_api import expect, sync_playwright

    from tests.browser.conftest import FLAGS, chromium

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [place / "venv" / "bin" / "workbench", "app", "--port", str(port), "--no-browser"]
    with (place / "app.log").open("w+") as log:
        server = subprocess.Popen(command, cwd=place, env=environment(place), stdout=log, stderr=log)
        try:
            until, said = time.monotonic() + 120, ""
            while "Ctrl-C" not in said:
                said = (place / "app.log").read_text()
                assert server.poll() is None, f"it does not start:\n{said}"
                assert time.monotonic() < until, f"it takes too long to start:\n{said}"
                time.sleep(0.2)
            address = next(word for word in said.split() if word.startswith("http"))
            with sync_playwright() as play:
                browser = play.chromium.launch(executable_path=chromium(), args=FLAGS)
                page = browser.new_page()
                page.goto(address)
                main = page.get_by_test_id("stMain")
                expect(main.get_by_text("agreement beyond chance").first).to_be_visible(timeout=120_000)
                assert main.get_by_test_id("stException").count() == 0
                page.get_by_role("link", name="Reward models", exact=True).click()
                expect(main.get_by_text("preference-workbench[reward]").first).to_be_visible(timeout=60_000)
                browser.close()
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(30)
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0, "the server outlived the command"
    kept = [path for path in (place / "home").rglob("*.json") if "uploads" in path.parts]
    assert kept, "the demo was not kept in the user's folder"
    strays = list((place / "venv").rglob("uploads"))
    assert not strays, f"files of the user lie beside the code: {strays}"
    print("The demo opens in a browser.", flush=True)


if __name__ == "__main__":
    sys.exit(main())
