"""One damaged or foreign folder among the runs stops nothing but itself; what was deleted stays deleted."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from workbench.checkpoints import FolderCheckpoints
from workbench.errors import WorkbenchError
from workbench.runs import Run, all_runs, find, run_table
from workbench.runs.folder import CONFIG, LOG, PROCESS, STATUS, write_json
from workbench.runs.process import is_alive, kill, note_process

GOOD = {"kind": "example", "title": "Good", "config": {}, "created_at": 1.7e9, "entry": "x:y", "devices": ["cpu"]}


def folder(root: Path, number: int, config: Any, status: Any = None) -> Path:
    place = root / f"20260101-00000{number}-example-00000{number}"
    place.mkdir(parents=True)
    (place / CONFIG).write_text(config if isinstance(config, str) else json.dumps(config))
    if status is not None:
        (place / STATUS).write_text(status if isinstance(status, str) else json.dumps(status))
    return place


@pytest.mark.parametrize(
    "config",
    [
        {**GOOD, "created_at": "yesterday"},
        {**GOOD, "created_at": 1e300},
        {**GOOD, "created_at": None},
        {**GOOD, "config": [1]},
        {**GOOD, "title": 3},
        {"kind": "example"},
        {},
        "[" * 100_000,
        "nonsense",
        "[1, 2]",
        "",
    ],
    ids=repr,
)
def test_a_damaged_config_leaves_the_list_as_it_is(root: Path, config: Any) -> None:
    folder(root, 1, GOOD, {"state": "done"})
    bad = folder(root, 2, config, {"state": "done"})
    assert [run.title for run in all_runs()] == ["Good"]
    assert run_table(all_runs())["state"].tolist() == ["done"]
    with pytest.raises(WorkbenchError):
        find(bad.name)


@pytest.mark.parametrize(
    "status",
    [
        {"state": 7},
        {"state": "resting"},
        {"state": "done", "seconds": "long", "created_at": {}, "done": None, "of": "x", "ahead": True},
        {"state": "done", "figures": [1], "devices": "cpu", "advice": 4, "gpu": "big", "what": 9, "settled": "no"},
        {"state": "failed", "seconds": 1e300, "attempt": "first", "memory": "much"},
        "[]",
        "{",
        '{"state": ' + "[" * 50_000,
    ],
    ids=lambda s: repr(s)[:30],
)
def test_a_damaged_status_leaves_the_list_as_it_is(root: Path, status: Any) -> None:
    folder(root, 1, GOOD, {"state": "done"})
    folder(root, 2, {**GOOD, "title": "Bad", "created_at": 1.8e9}, status)
    table = run_table(all_runs())
    assert table["title"].tolist()[1] == "Good"
    assert set(table["state"]) <= {"done", "failed", "interrupted", "cancelled"}


def test_foreign_things_among_the_runs_are_no_runs(root: Path) -> None:
    folder(root, 1, GOOD, {"state": "done"})
    (root / "notes.txt").write_text("mine")
    (root / "20260101-000009-example-000009").write_text("a file with the name of a run")
    (root / "other").mkdir()
    (root / "20260101-000008-example-000008").mkdir()
    assert [run.title for run in all_runs()] == ["Good"]


def test_a_folder_deleted_while_its_run_works_is_not_made_again(root: Path, begin: Callable[..., Run]) -> None:
    run = begin("train", epochs=100_000)
    until = time.monotonic() + 60
    while run.status().done < 2 and time.monotonic() < until:
        time.sleep(0.05)
    pid = json.loads((run.folder / PROCESS).read_text())["pid"]
    until = time.monotonic() + 30
    while run.folder.exists() and time.monotonic() < until:  # what is written meanwhile keeps a folder from going
        shutil.rmtree(run.folder, ignore_errors=True)
    while (
        Path(f"/proc/{pid}/cmdline").exists() and Path(f"/proc/{pid}/cmdline").read_bytes() and time.monotonic() < until
    ):
        time.sleep(0.1)
    assert not run.folder.exists()
    assert all_runs() == []


def test_checkpoints_make_no_folder_of_a_run_again(tmp_path: Path) -> None:
    kept = FolderCheckpoints(tmp_path / "run" / "checkpoints")
    with pytest.raises(FileNotFoundError):
        kept.save("state", {"x": np.zeros(2)}, {})
    assert not (tmp_path / "run").exists()


def test_a_kill_before_the_first_word_says_so_and_can_be_resumed(root: Path) -> None:
    queued = {"state": "queued", "attempt": 1, "log_bytes": 0}
    place = folder(root, 1, GOOD, queued)
    (place / LOG).write_text("")
    gone = subprocess.Popen(["true"])
    note_process(place, gone.pid)
    gone.wait()
    status = find(place.name).status()
    assert (status.state, status.can_resume) == ("interrupted", True)
    assert "before its first word" in status.what
    (place / LOG).write_text("Traceback: no module named workbench\n")
    status = find(place.name).status()
    assert (status.state, status.what) == ("failed", "Its process could not start.")
    write_json(place / STATUS, {**queued, "log_bytes": (place / LOG).stat().st_size})
    assert find(place.name).status().state == "interrupted"


def test_a_run_killed_at_once_goes_on_when_resumed(root: Path, begin: Callable[..., Run]) -> None:
    run = begin("train", epochs=3)
    os.kill(json.loads((run.folder / PROCESS).read_text())["pid"], signal.SIGKILL)
    status = run.wait(20)
    assert status.state in ("interrupted", "done"), status
    if status.state == "interrupted":
        run.resume()
        assert run.wait(60).state == "done"
    kill(run.folder)


@pytest.mark.parametrize("pid", [0, -1, 1, "12", None, True, 2**40, 1.5])
def test_a_damaged_note_of_the_process_is_nobody(root: Path, pid: Any) -> None:
    """0 and -1 mean every process to a signal."""
    place = folder(root, 1, GOOD, {"state": "running"})
    note_process(place, os.getpid())
    noted = json.loads((place / PROCESS).read_text())
    (place / PROCESS).write_text(json.dumps({**noted, "pid": pid}))
    assert not is_alive(place)
    assert find(place.name).status().state == "interrupted"
    kill(place)
