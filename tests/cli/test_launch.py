"""`make run`: the demo is there at once, and what stands in the way is said in one line."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from functools import partial
from pathlib import Path

import pytest

from workbench.cli.launch import _end, demo_on_the_shelf, main, what_is_wrong
from workbench.workspace.dataset_store import Shelf

ROOT = Path(__file__).resolve().parents[2]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_a_taken_port_is_named_with_the_next_one(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        assert main(["--port", str(port)]) == 2
    said = capsys.readouterr().err
    assert f"Port {port} is taken" in said
    assert f"PORT={port + 1}" in said
    assert len(said.strip().splitlines()) == 1


def test_a_port_that_does_not_exist_is_refused() -> None:
    assert "does not exist" in (what_is_wrong(70_000, "127.0.0.1") or "")


def test_the_demo_is_put_where_the_pages_find_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKBENCH_UPLOADS", str(tmp_path))
    key = demo_on_the_shelf()
    assert Shelf(tmp_path).read(key).key == key


@pytest.mark.parametrize(("told", "code"), [(signal.SIGINT, 0), (signal.SIGTERM, 128 + signal.SIGTERM)])
def test_it_starts_says_where_and_stops_with_its_server(tmp_path: Path, told: signal.Signals, code: int) -> None:
    port = free_port()
    environment = {**os.environ, "WORKBENCH_UPLOADS": str(tmp_path), "PYTHONUNBUFFERED": "1"}
    command = [sys.executable, "-m", "workbench.cli.launch", "--port", str(port), "--no-browser"]
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        # A shell starts what runs in the background deaf to Ctrl-C, and its children stay so: tests may be run so.
        preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),
    )
    try:
        assert process.stdout is not None
        shown, deadline = "", time.monotonic() + 90
        while "Ctrl-C" not in shown and time.monotonic() < deadline and process.poll() is None:
            shown += process.stdout.readline()
        found = re.search(r"http://127\.0\.0\.1:\d+/overview\?data=[0-9a-f]{32}", shown)
        assert found, shown
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=30) as answer:
            assert answer.status == 200
    finally:
        process.send_signal(told)
        process.wait(120)
    assert process.returncode == code
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0, "the server outlived the command"


def test_a_server_that_does_not_listen_is_ended_all_the_same() -> None:
    deaf = (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(60)"
    )
    server = subprocess.Popen([sys.executable, "-c", deaf], stdout=subprocess.PIPE)
    assert server.stdout is not None
    assert server.stdout.readline() == b"deaf\n"
    _end(server, patience=0.2)
    assert server.returncode == -signal.SIGKILL


def test_compiling_ahead_calls_what_pages_call(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from workbench.cli import compile_ahead

    called: list[tuple[str, int]] = []
    watched = {
        what: lambda data, what=what, call=call: (call(data), called.append((what, len(data.scale))))
        for what, call in compile_ahead.STEPS.items()
    }
    monkeypatch.setattr(compile_ahead, "STEPS", watched)
    monkeypatch.setattr(compile_ahead, "AHEAD", ("binary",))
    assert compile_ahead.main() == 0
    assert called == [(what, 2) for what in ("audit", "labels", "agreement", "cleaning", "selection")]
    assert capsys.readouterr().err.startswith("Compiled in ")


def test_an_old_python_is_named_in_one_line(tmp_path: Path) -> None:
    """The script runs on any Python, so the check is tried by raising what it needs."""
    script = (ROOT / "scripts" / "make_venv.py").read_text("utf-8").replace("NEEDED = (3, 11)", "NEEDED = (3, 99)")
    (tmp_path / "make_venv.py").write_text(script, "utf-8")
    shown = subprocess.run(
        [sys.executable, tmp_path / "make_venv.py", tmp_path / "venv"], capture_output=True, text=True, check=False
    )
    assert shown.returncode == 2
    assert "needs Python 3.99 or newer" in shown.stderr
    assert len(shown.stderr.strip().splitlines()) == 1


def _upgrade(port: int, host: str) -> str:
    """The first line of what the server answers to a page of that name that opens its stream."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as link:
        link.sendall(
            (
                f"GET /_stcore/stream HTTP/1.1\r\nHost: {host}\r\nOrigin: http://{host}\r\nUpgrade: websocket\r\n"
                "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
            ).encode()
        )
        return link.recv(200).decode("latin-1").splitlines()[0]


def test_a_page_under_another_name_gets_no_answer(tmp_path: Path) -> None:
    """A name that its owner points at this machine after the page was loaded: the origin fits, the host does not."""
    port = free_port()
    command = [sys.executable, "-m", "workbench.cli.launch", "--port", str(port), "--no-browser", "--no-demo"]
    environment = {**os.environ, "WORKBENCH_UPLOADS": str(tmp_path)}
    server = subprocess.Popen(
        [*command, "--host", "labels.example.org"],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=2).read()
                break
            except OSError:
                time.sleep(0.3)
        for host in ("127.0.0.1", "localhost", "labels.example.org"):
            assert " 101 " in _upgrade(port, f"{host}:{port}"), host
        for host in ("rebound.example", "127.0.0.1.rebound.example", "localhost.rebound.example"):
            assert " 101 " not in _upgrade(port, f"{host}:{port}"), host
    finally:
        os.killpg(server.pid, signal.SIGKILL)
        server.wait()
