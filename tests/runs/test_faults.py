"""What can go wrong: each fault ends the run as failed, with a plain reason, and nothing else."""

from __future__ import annotations

import errno
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.runs import loop
from tests.runs.test_life import LONG, until
from workbench.checkpoints import FolderCheckpoints
from workbench.errors import WorkbenchError
from workbench.runs import Run, RunContext, start
from workbench.runs.failures import explain, traceback_for_log, without_quotes
from workbench.runs.folder import CHECKPOINTS, METRICS, RESERVE, write_json
from workbench.runs.kinds import KINDS, function_of, kind_named
from workbench.runs.memory import oom_kills
from workbench.runs.process import is_alive, this_machine
from workbench.runs.status import read_status
from workbench.runs.turns import Turns
from workbench.wording.runs import memory_words

SECRET = "How do I tell my landlord that the heating is broken?"


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of half a megabyte."""
    place = tmp_path / "disk"
    place.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=512k", "none", str(place)], capture_output=True).returncode:
        pytest.skip("a small file system can be mounted by root only")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def test_a_full_disk(small_disk: Path) -> None:
    run = start("tests.runs.loop:fills", {}, root=small_disk / "runs")
    status = run.wait(LONG)
    assert status.state == "failed"
    assert status.what.startswith("The disk is full")
    assert "deleting old runs" in status.remedy
    assert not (run.folder / RESERVE).exists()
    assert run.has_checkpoint()
    run.delete()
    again = start("tests.runs.loop:train", {"epochs": 3}, root=small_disk / "runs")
    assert again.wait(LONG).state == "done"


def test_a_disk_that_fills_while_metrics_are_written(root: Path, begin: Callable[..., Run]) -> None:
    turns = Turns(root, lambda run: is_alive(root / run))
    with turns.alone():
        pass
    held = turns.take(("cpu",))
    assert held is not None
    run = begin("train", epochs=5)
    (run.folder / METRICS).symlink_to("/dev/full")
    held.close()
    status = run.wait(LONG)
    assert (status.state, status.what) == ("failed", "The disk is full.")


@pytest.mark.parametrize(
    ("how", "what", "remedy"),
    [
        ("full disk", "The disk is full (", "Free some space"),
        ("memory", "There was not enough memory.", "smaller batch"),
        ("gpu memory", "There was not enough GPU memory.", "smaller batch"),
        ("cpu memory", "There was not enough memory.", "smaller batch"),
        ("missing model", "The encoder folder /models/none is not there.", "hashed encoder"),
        ("missing file", "/models/none.safetensors: no such file or directory.", "Check the path"),
        ("missing package", "The package no_such_package_at_all is not installed here.", "requirements.txt"),
        ("leaves", "Something went wrong that nobody foresaw (SystemExit, error ", "log.txt"),
    ],
)
def test_each_fault_has_a_plain_reason(how: str, what: str, remedy: str, tmp_path: Path) -> None:
    with pytest.raises(BaseException) as caught:  # noqa: PT011
        loop.crash({"how": how}, RunContext(tmp_path, FolderCheckpoints(tmp_path)))
    failure = explain(caught.value)
    assert failure.what.startswith(what)
    assert remedy in failure.remedy


def test_a_fault_nobody_foresaw_has_a_number_and_no_text_of_the_data(begin: Callable[..., Run]) -> None:
    run = begin("crash", how="unforeseen")
    status = run.wait(LONG)
    assert status.state == "failed"
    assert len(status.error_id) == 8
    assert status.error_id in status.what
    log = (run.folder / "log.txt").read_text("utf-8")
    assert f"Error {status.error_id}" in log
    assert "float(secret)" in log
    assert "float(secret)" not in "".join(run.log_tail())
    assert "float(secret)" in "".join(run.log_tail(details=True))
    assert "ValueError: could not convert string to float: '…'" in log
    everything = b"".join(p.read_bytes() for p in run.folder.rglob("*") if p.is_file())
    assert SECRET.encode() not in everything


def test_a_broken_checkpoint_says_how_to_begin_again(begin: Callable[..., Run]) -> None:
    run = begin("train", epochs=10_000, pause=0.02, every=1)
    until(run.has_checkpoint)
    run.cancel()
    kept = next((run.folder / CHECKPOINTS).glob("*.safetensors"))
    kept.write_bytes(kept.read_bytes()[:20])
    run.resume()
    status = run.wait(LONG)
    assert status.state == "failed"
    assert status.what == "The checkpoint training.safetensors cannot be read (SafetensorError)."
    assert status.can_resume
    write_json(run.folder / "config.json", {**_job(run), "config": {"epochs": 3}})
    run.resume(from_start=True)
    assert run.wait(LONG).state == "done"


def _job(run: Run) -> dict[str, object]:
    from workbench.runs.folder import read_json

    return read_json(run.folder / "config.json") or {}


@pytest.mark.parametrize(
    ("last", "state"),
    [
        ({"memory_free": 0.01}, "failed"),
        ({"memory_free": 0.5, "oom_kills": 2}, "failed"),
        ({"memory_free": 0.5, "oom_kills": 3}, "interrupted"),
    ],
)
def test_killed_for_want_of_memory_says_so(
    last: dict[str, float], state: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workbench.runs.status.oom_kills", lambda: 3)
    write_json(tmp_path / "status.json", {"state": "running", "done": 5, "attempt": 1, "memory": 1, **last})
    write_json(tmp_path / "process.json", {"pid": os.getpid(), "began": "ticks 0", "machine": this_machine()})
    status = read_status(tmp_path)
    assert status.state == state
    assert ("ran out of memory" in status.what) == (state == "failed")
    assert status.can_resume


def test_the_systems_own_count_of_kills(tmp_path: Path) -> None:
    (tmp_path / "vmstat").write_text("nr_free_pages 12\noom_kill 7\n")
    assert oom_kills(tmp_path / "vmstat") == 7
    assert oom_kills(tmp_path / "none") is None


def test_memory_that_is_really_gone(begin: Callable[..., Run]) -> None:
    run = begin("crash", how="memory filled")
    status = run.wait(LONG)
    assert (status.state, status.what) == ("failed", "There was not enough memory.")


def test_what_the_gpu_holds_is_told(begin: Callable[..., Run]) -> None:
    run = begin("crash", how="gpu")
    status = run.wait(LONG)
    assert status.state == "done"
    assert memory_words(status).endswith("Pretended: 1.0 of 4.0 GB, at most 2.0 GB")


def test_messages_keep_no_quotations() -> None:
    assert SECRET not in without_quotes(f"could not convert string to float: {SECRET!r}")
    assert SECRET not in without_quotes(f'bad value "{SECRET}" in row 3')
    cut = without_quotes("unexpected token: '" + SECRET)
    assert "landlord" not in cut
    assert without_quotes("'Index' object has no attribute 'foo'") == "'Index' object has no attribute 'foo'"
    assert len(without_quotes("x" * 5000)) < 500
    try:
        try:
            {}[SECRET]
        except KeyError as error:
            raise ValueError(f"nothing for {SECRET!r}") from error
    except ValueError as error:
        told = traceback_for_log(error)
    assert "which came after" in told
    assert "KeyError" in told
    assert "landlord" not in told


def test_errors_of_the_system_by_number() -> None:
    for number in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        assert explain(OSError(number, "x")).what == "The disk is full."
    assert "memory" in explain(OSError(errno.ENOMEM, "x")).what
    assert explain(np.exceptions.AxisError("x")).error_id
    assert explain(RuntimeError("CUDA error: device-side assert triggered")).what.startswith("The GPU refused")


def test_every_kind_is_named_by_a_function_of_the_library() -> None:
    for name, kind in KINDS.items():
        assert kind.entry.startswith("workbench.")
        assert kind.title
        assert kind_named(name) is kind
    with pytest.raises(WorkbenchError, match=r"has no workbench\.runs.example:nothing"):
        function_of("workbench.runs.example:nothing")
    with pytest.raises(WorkbenchError, match=r"has no workbench\.nowhere:f"):
        function_of("workbench.nowhere:f")
