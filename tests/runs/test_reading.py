"""Metrics, results and comparisons as a reader gets them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pandas as pd

from tests.runs.test_life import LONG
from workbench.progress import Step
from workbench.runs import Run, compare, run_table
from workbench.runs.folder import METRICS, end_broken_line, log_tail, plain, read_metrics
from workbench.runs.reporter import EVERY_LINE, Reporter
from workbench.runs.stopping import Stop


def line(attempt: int, doing: str, done: int, **figures: float) -> str:
    return json.dumps({"attempt": attempt, "doing": doing, "done": done, "of": 9, "seconds": 1.0, **figures})


def test_steps_done_again_replace_the_earlier_ones(tmp_path: Path) -> None:
    rows = [
        line(1, "Encoding", 1, mb=1),
        line(1, "Training", 1, loss=5),
        line(1, "Training", 2, loss=4),
        line(1, "Training", 3, loss=3),
    ]
    rows += [line(2, "Training", 2, loss=4.5), '{"attempt": 2, "doing": "Tr', line(3, "Training", 3, loss=3.5)]
    (tmp_path / METRICS).write_text("\n".join(rows) + "\n")
    found = read_metrics(tmp_path)
    assert found["done"].tolist() == [1, 1, 2, 3]
    assert found["attempt"].tolist() == [1, 1, 2, 3]
    assert found["loss"].tolist()[1:] == [5, 4.5, 3.5]


def test_no_file_and_rubbish_are_no_rows(tmp_path: Path) -> None:
    assert read_metrics(tmp_path).empty
    (tmp_path / METRICS).write_bytes(b'\xff\xfe\n[1]\n"x"\n{}\n{"attempt": 1')
    assert read_metrics(tmp_path).empty
    end_broken_line(tmp_path / METRICS)
    assert (tmp_path / METRICS).read_bytes().endswith(b"\n")
    assert log_tail(tmp_path) == []


def test_many_steps_are_thinned_but_a_new_figure_is_never_lost(tmp_path: Path) -> None:
    reporter = Reporter(tmp_path, {"attempt": 1}, Stop(lambda: None, lambda: None))
    reporter.begin()
    n = EVERY_LINE + 5_000
    for i in range(1, n + 1):
        if i == n - 7:
            reporter.step(Step(i, n, "Training", {"loss": 1.0, "accuracy": 0.5}))
        else:
            reporter.step(Step(i, n, "Training", {"loss": float("nan")}))
    reporter.end("done")
    found = read_metrics(tmp_path)
    assert EVERY_LINE < len(found) < EVERY_LINE + 1_000
    assert found["accuracy"].notna().sum() == 1
    assert found["done"].iloc[-1] == n
    assert found["loss"].isna().sum() == len(found) - 1


def test_compared_are_settings_that_differ_and_results(begin: Callable[..., Run]) -> None:
    one, other, third = begin("train", epochs=4), begin("train", epochs=6), begin("crash", how="missing model")
    for run in (one, other, third):
        run.wait(LONG)
    frame = compare([one, other])
    assert frame["run"].tolist() == [one.id, other.id]
    assert frame["config.epochs"].tolist() == [4, 6]
    assert frame["result.loss"].tolist() == [one.result()["loss"], other.result()["loss"]]
    assert "config.how" not in frame
    every = compare([one, third])
    assert pd.isna(every["config.how"].iloc[0])
    assert every["config.how"].iloc[1] == "missing model"
    assert pd.isna(every["result.loss"].iloc[1])
    assert compare([]).empty
    table = run_table([third, other, one])
    assert table["state"].tolist() == ["failed", "done", "done"]
    assert run_table([]).empty


def test_what_is_not_json_becomes_it() -> None:
    import numpy as np

    assert plain(
        {"a": np.float64("inf"), "b": np.arange(2), "c": Path("x"), "d": {1: np.bool_(True)}, "e": float("nan")}
    ) == {"a": None, "b": [0, 1], "c": "x", "d": {"1": True}, "e": None}


def test_the_log_is_read_from_its_end(tmp_path: Path) -> None:
    (tmp_path / "log.txt").write_text("".join(f"line {i}\n" for i in range(100_000)))
    assert log_tail(tmp_path, 30)[-1] == "line 99999"
    assert len(log_tail(tmp_path, 30)) == 30
