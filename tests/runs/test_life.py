"""A run from its start to its end: done, cancelled, killed, resumed, deleted."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from workbench.errors import WorkbenchError
from workbench.runs import Run, all_runs, find, start
from workbench.runs.folder import METRICS, PROCESS, STATUS, read_json, write_json
from workbench.runs.process import began, this_machine

LONG = 60.0


def until(true: Callable[[], bool], seconds: float = LONG) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not come to pass"
        time.sleep(0.02)


def stands_at(run: Run, step: int) -> bool:
    frame = run.metrics()
    return len(frame) > 0 and int(frame["done"].iloc[-1]) >= step


def kill_dash_nine(run: Run) -> None:
    os.kill((read_json(run.folder / PROCESS) or {})["pid"], signal.SIGKILL)
    until(lambda: not run.status().living)


def test_a_run_ends_with_its_result_and_leaves_its_files(begin: Callable[..., Run]) -> None:
    run = begin("train", epochs=5)
    status = run.wait(LONG)
    assert (status.state, status.done, status.of, status.doing) == ("done", 5, 5, "Training")
    assert run.result() is not None
    assert run.metrics()["done"].tolist() == [1, 2, 3, 4, 5]
    assert run.metrics()["loss"].iloc[-1] == pytest.approx(run.result()["loss"])
    assert {p.name for p in run.folder.iterdir()} >= {
        "config.json",
        "status.json",
        "metrics.jsonl",
        "log.txt",
        "result.json",
        "checkpoints",
    }
    assert not list(run.folder.glob(".*"))
    assert any(line.endswith("Trained.") for line in run.log_tail())
    assert find(run.id) == run
    assert not status.can_resume


def test_killed_at_ten_random_moments_it_resumes_to_the_same_end(begin: Callable[..., Run]) -> None:
    plain = begin("train", epochs=40)
    run = begin("train", epochs=40, pause=0.02)
    assert plain.wait(LONG).state == "done"
    rng = np.random.default_rng(11)
    kills = 0
    while kills < 10:
        until(lambda: run.status().state == "running")
        time.sleep(float(rng.uniform(0.0, 0.12)))
        if not run.status().living:
            break
        kill_dash_nine(run)
        assert run.status().state == "interrupted"
        assert run.status().remedy.startswith("Resume")
        kills += 1
        run.resume()
    assert run.wait(LONG).state == "done"
    assert kills == 10
    assert run.status().attempt == 11
    assert run.result() == plain.result()
    figures = ["done", "loss", "accuracy"]
    assert run.metrics()[figures].to_dict("list") == plain.metrics()[figures].to_dict("list")


def test_cancelled_it_keeps_its_checkpoint_and_can_go_on(begin: Callable[..., Run]) -> None:
    plain = begin("train", epochs=30)
    run = begin("train", epochs=30, pause=0.05, every=1)
    until(lambda: stands_at(run, 3))
    status = run.cancel()
    assert status.state == "cancelled"
    assert run.has_checkpoint()
    assert status.can_resume
    at = status.done
    run.resume()
    assert run.wait(LONG).state == "done"
    assert run.metrics()["attempt"].iloc[-1] == 2
    assert (run.metrics().query("attempt == 2")["done"].min()) > at - 1
    assert plain.wait(LONG).state == "done"
    assert run.result() == plain.result()


def test_the_first_word_after_cancel_comes_at_once(begin: Callable[..., Run]) -> None:
    run = begin("tidy")
    until(lambda: run.status().doing == "Working")
    run.cancel(wait=0)
    until(lambda: run.status().state in ("stopping", "cancelled"))
    assert run.wait(LONG).state == "cancelled"
    assert (run.folder / "tidied").exists()


def test_a_run_that_does_not_listen_is_ended_with_its_children(begin: Callable[..., Run]) -> None:
    run = begin("deaf")
    until(lambda: run.status().doing == "Deep in thought")
    child = int((run.folder / "child").read_text())
    assert began(child) is not None
    assert run.cancel(wait=LONG).state == "cancelled"
    until(lambda: began(child) is None)


def test_what_is_told_to_a_forked_child_is_not_told_to_the_run(begin: Callable[..., Run], root: Path) -> None:
    run = begin("forks", stay=True)
    until(lambda: run.status().doing == "Waiting to be killed")
    os.kill((read_json(run.folder / PROCESS) or {})["pid"], signal.SIGKILL)
    child = int((run.folder / "child").read_text())
    assert began(child) is not None
    after = begin("train", epochs=2)
    assert after.wait(LONG).state == "done"  # the child that was left behind holds no device
    os.kill(child, signal.SIGKILL)


def test_a_process_that_cannot_start_says_where_to_look(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/cat")
    run = start("tests.runs.loop:train", {"epochs": 1})
    status = run.wait(LONG)
    assert (status.state, status.what) == ("failed", "Its process could not start.")
    assert status.can_resume


def test_stopped_from_outside_it_is_interrupted_not_cancelled(begin: Callable[..., Run]) -> None:
    run = begin("train", epochs=10_000, pause=0.02)
    until(lambda: stands_at(run, 2))
    os.kill((read_json(run.folder / PROCESS) or {})["pid"], signal.SIGTERM)
    status = run.wait(LONG)
    assert status.state == "interrupted"
    assert "from outside" in status.what


def test_a_number_used_again_is_not_taken_for_the_run(begin: Callable[..., Run]) -> None:
    run = begin("train", epochs=10_000, pause=0.02)
    until(lambda: stands_at(run, 2))
    kill_dash_nine(run)
    # Another process has the number now: this one, which began at another time.
    write_json(run.folder / PROCESS, {"pid": os.getpid(), "began": "ticks 1", "machine": this_machine()})
    assert run.status().state == "interrupted"
    run.cancel()  # and does not end the test's own process
    write_json(run.folder / PROCESS, {"pid": os.getpid(), "began": began(os.getpid()), "machine": this_machine()})
    assert run.status().state == "running"  # the same number and the same start would be the run
    write_json(run.folder / PROCESS, {"pid": 1, "began": None, "machine": this_machine()})
    assert run.status().state == "interrupted"


def test_on_another_machine_its_last_sign_of_life_decides(begin: Callable[..., Run]) -> None:
    run = begin("train", epochs=10_000, pause=0.02)
    until(lambda: stands_at(run, 2))
    kill_dash_nine(run)
    write_json(run.folder / PROCESS, {"pid": 1, "began": "ticks 1", "machine": "another"})
    os.utime(run.folder / STATUS)
    assert run.status().state == "running"
    os.utime(run.folder / STATUS, (time.time() - 300, time.time() - 300))
    assert run.status().state == "interrupted"


def test_half_a_line_of_metrics_is_not_read_and_does_not_spoil_the_next(begin: Callable[..., Run]) -> None:
    run = begin("train", epochs=8, every=1)
    assert run.wait(LONG).state == "done"
    whole = run.metrics()
    path = run.folder / METRICS
    with path.open("a") as stream:
        stream.write('{"attempt": 1, "doing": "Train')
    assert run.metrics().equals(whole)
    write_json(run.folder / STATUS, {**(read_json(run.folder / STATUS) or {}), "state": "running"})
    assert run.status().state == "interrupted"
    run.resume(from_start=True)
    assert run.wait(LONG).state == "done"
    assert run.metrics()[["done", "loss"]].equals(whole[["done", "loss"]])
    assert run.metrics()["attempt"].unique().tolist() == [2]


def test_two_who_resume_at_once_start_one_process(begin: Callable[..., Run]) -> None:
    run = begin("train", epochs=10_000, pause=0.02)
    until(lambda: stands_at(run, 1))
    with pytest.raises(WorkbenchError, match="is running"):
        run.resume()
    run.cancel()
    run.resume()
    with pytest.raises(WorkbenchError, match="Only a run that failed"):
        run.resume()


def test_deleting_takes_everything_and_only_what_has_ended(begin: Callable[..., Run]) -> None:
    run = begin("train", epochs=10_000, pause=0.02)
    until(lambda: run.status().state == "running")
    with pytest.raises(WorkbenchError, match="Cancel it first"):
        run.delete()
    run.cancel()
    run.delete()
    assert not run.folder.exists()
    assert all_runs() == []
    with pytest.raises(WorkbenchError, match="deleted"):
        find(run.id)


@pytest.mark.parametrize("name", ["../../etc", "", "20260101-000000-train-00000g", "x" * 300])
def test_an_id_from_a_link_names_a_run_or_nothing(root: Path, name: str) -> None:
    with pytest.raises(WorkbenchError, match="not on this machine"):
        find(name)


def test_what_cannot_be_started_says_so(root: Path, tmp_path: Path) -> None:
    with pytest.raises(WorkbenchError, match="no kind of run named nothing"):
        start("nothing", {})
    with pytest.raises(WorkbenchError, match="no device cuda:7"):
        start("tests.runs.loop:train", {"device": "cuda:7"})
    (tmp_path / "file").write_text("")
    with pytest.raises(WorkbenchError, match="cannot be started"):
        start("tests.runs.loop:train", {}, root=tmp_path / "file" / "runs")
    assert json.loads("[]") == all_runs()
