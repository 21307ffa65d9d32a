"""Each test has a folder of runs of its own, and leaves no process behind."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from workbench.runs import Run, all_runs, start
from workbench.runs.process import kill


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    folder = tmp_path / "runs"
    monkeypatch.setenv("WORKBENCH_RUNS", str(folder))
    monkeypatch.setenv("WORKBENCH_EMBEDDINGS", str(tmp_path / "embeddings"))
    yield folder
    for run in all_runs():
        kill(run.folder)


@pytest.fixture
def begin(root: Path) -> Callable[..., Run]:
    """Starts one of the works of `tests.runs.loop`: `begin("train", epochs=5)`."""

    def go(work: str, **config: Any) -> Run:
        return start(f"tests.runs.loop:{work}", config)

    return go
