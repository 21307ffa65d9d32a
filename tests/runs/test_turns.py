"""One run a device, first come first served, whoever is killed on the way."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path

import pytest

from tests.runs.test_life import LONG, kill_dash_nine, stands_at, until
from workbench.errors import WorkbenchError
from workbench.runs import Run, start
from workbench.runs.devices import devices_for, environment, gpus
from workbench.runs.folder import read_json
from workbench.runs.turns import Turns


def test_those_who_start_at_once_run_one_after_the_other(root: Path) -> None:
    with ThreadPoolExecutor(3) as people:
        runs = list(people.map(lambda _: start("tests.runs.loop:alone", {}, root=root), range(3)))
    spans = []
    for run in runs:
        assert run.wait(LONG).state == "done"
        spans.append(((run.result() or {})["from"], (run.result() or {})["to"]))
    spans.sort()
    assert all(before[1] <= after[0] for before, after in pairwise(spans))


def test_who_waits_sees_how_many_come_first_and_the_dead_block_nobody(begin: Callable[..., Run]) -> None:
    first, second, third = (begin("train", epochs=100_000, pause=0.02) for _ in range(3))
    until(lambda: stands_at(first, 1) and (second.status().ahead, third.status().ahead) == (1, 2))
    assert (second.status().state, third.status().state) == ("queued", "queued")
    kill_dash_nine(second)
    assert second.status().state == "interrupted"
    until(lambda: third.status().ahead == 1)
    kill_dash_nine(first)
    until(lambda: third.status().state == "running")
    second.resume()
    first.resume()
    until(lambda: (second.status().ahead, first.status().ahead) == (1, 2))
    assert second.cancel().state == "cancelled"
    assert second.metrics().empty
    until(lambda: first.status().ahead == 1)


def test_places_are_in_the_order_of_asking_and_only_for_the_same_device(tmp_path: Path) -> None:
    alive = {"a", "b", "c", "d"}
    turns = Turns(tmp_path, lambda run: run in alive)
    with turns.alone():
        for run, devices in (("a", ("cuda:0",)), ("b", ("cuda:1",)), ("c", ("cuda:0", "cuda:1")), ("d", ("cuda:1",))):
            turns.draw(run, devices)
    assert [turns.ahead_of(run) for run in "abcd"] == [0, 0, 2, 2]
    held = turns.take(("cuda:0",))
    assert held is not None
    assert turns.take(("cuda:0", "cuda:1")) is None
    other = turns.take(("cuda:1",))
    assert other is not None
    other.close()
    held.close()
    alive.remove("a")
    assert [turns.ahead_of(run) for run in "bcd"] == [0, 1, 2]
    turns.give_back("b")
    assert turns.ahead_of("b") is None
    assert turns.ahead_of("c") == 0


def test_devices_are_those_of_the_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    assert gpus(tmp_path) == ()
    for name in ("nvidia1", "nvidia0", "nvidiactl", "nvidia-uvm", "null"):
        (tmp_path / name).touch()
    assert gpus(tmp_path) == ("0", "1")
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "3")
    assert gpus(tmp_path) == ("3",)
    assert devices_for("cuda:0", gpus(tmp_path)) == ("cuda:3",)
    assert environment(("cuda:3",))["CUDA_VISIBLE_DEVICES"] == "3"
    assert environment(("cpu",))["CUDA_VISIBLE_DEVICES"] == ""
    assert devices_for("cpu", ["0"]) == ("cpu",)
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "7")
    assert environment(("cpu",))["OPENBLAS_NUM_THREADS"] == "7"
    monkeypatch.delenv("OPENBLAS_NUM_THREADS")
    assert int(environment(("cpu",))["OPENBLAS_NUM_THREADS"]) >= 1
    for asked in ("cuda:0", "cuda:all", "tpu"):
        with pytest.raises(WorkbenchError, match=f"no device {asked}"):
            devices_for(asked, [])


def test_a_lock_ends_with_its_process(begin: Callable[..., Run], root: Path) -> None:
    run = begin("train", epochs=100_000, pause=0.02, device="cpu")
    until(lambda: stands_at(run, 1))
    assert run.status().state == "running"
    assert (read_json(run.folder / "config.json") or {})["devices"] == ["cpu"]
    turns = Turns(root, lambda _: True)
    assert turns.take(("cpu",)) is None
    kill_dash_nine(run)
    until(lambda: (held := turns.take(("cpu",))) is not None and held.close() is None)
