"""`python -m workbench runs`: lists, follows, stops and compares what pages started too."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.runs.test_life import LONG, stands_at, until
from workbench.cli import main
from workbench.runs import Run, all_runs


def test_without_runs(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["runs", "list"]) == 0
    assert "No run was started yet" in capsys.readouterr().err
    assert main(["runs", "list", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"runs": []}
    for action in ("show", "watch", "cancel", "resume", "delete", "compare"):
        assert main(["runs", action, "last"]) == 2
        assert "not on this machine" in capsys.readouterr().err


def test_two_runs_from_start_to_deletion(begin: Callable[..., Run], capsys: pytest.CaptureFixture[str]) -> None:
    done, failed = begin("train", epochs=4), begin("crash", how="missing model")
    assert main(["runs", "watch", done.id[-6:]]) == 0
    assert json.loads(capsys.readouterr().out) == done.result()
    assert failed.wait(LONG).state == "failed"
    assert main(["runs", "watch", failed.id]) == 2
    assert (
        capsys.readouterr().err
        == "workbench: Failed: The encoder folder /models/none is not there. Name a folder with a model, or take the"
        f" hashed encoder. Once that is mended, it goes on with: python -m workbench runs resume {failed.id}\n"
    )
    assert main(["runs", "list"]) == 0
    shown = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in shown] == [failed.id, done.id]
    assert "✓ Done" in shown[1]
    assert main(["runs", "show", done.id, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["status"]["state"], found["config"], found["result"]) == ("done", {"epochs": 4}, done.result())
    assert main(["runs", "show", failed.id]) == 0
    assert "Failed: The encoder folder" in capsys.readouterr().out
    assert main(["runs", "compare", done.id, failed.id, "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)["runs"]
    assert [row["config.epochs"] for row in rows] == [4, None]
    assert main(["runs", "compare", done.id, failed.id]) == 0
    assert "config.epochs" in capsys.readouterr().out
    assert main(["runs", "show", done.id[:8]]) == 2
    assert "fits 2 runs" in capsys.readouterr().err
    assert main(["runs", "resume", done.id]) == 2
    assert "is done" in capsys.readouterr().err
    assert main(["runs", "delete", done.id, failed.id]) == 0
    assert all_runs() == []


def test_cancel_and_resume(begin: Callable[..., Run], capsys: pytest.CaptureFixture[str]) -> None:
    run = begin("train", epochs=100_000, pause=0.02)
    until(lambda: stands_at(run, 1))
    assert main(["runs", "cancel", "last"]) == 0
    assert capsys.readouterr().out == f"{run.id}: cancelled\n"
    assert main(["runs", "cancel", "last"]) == 0
    assert "was cancelled already" in capsys.readouterr().out
    assert main(["runs", "resume", "last"]) == 0
    assert run.status().living
    assert main(["runs", "cancel", "last"]) == 0
