"""Fixtures shared by all tests."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Generator
from itertools import groupby
from pathlib import Path

import hypothesis
import pytest

# Workers share the cores: libraries that each start as many threads as there are cores wait for each other, busily.
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ.setdefault(name, "1")

# How long an example takes says nothing about it on a busy machine.
hypothesis.settings.register_profile("untimed", deadline=None)
hypothesis.settings.load_profile("untimed")

ROOT = Path(__file__).resolve().parents[1]
MAIN = sys.modules["__main__"]


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Nothing of what collecting makes is ever garbage: the collector does not look at it, not meanwhile, nor later."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.collect()
        gc.freeze()
        gc.enable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests in a browser mostly wait. Several workers take file after file: spread over the others, one waits while the
    rest compute, where all would wait at once."""
    if "PYTEST_XDIST_WORKER" not in os.environ:
        return
    files = [list(tests) for _, tests in groupby(items, key=lambda item: item.path)]
    waiting = [tests for tests in files if "browser" in tests[0].path.parts]
    others = [tests for tests in files if "browser" not in tests[0].path.parts]
    apart = sum(ROOT / "tests" in tests[0].path.parents for tests in others) // max(len(waiting), 1)
    for at, tests in enumerate(waiting):
        others.insert(at * (apart + 1), tests)
    items[:] = [test for tests in others for test in tests]


@pytest.fixture(scope="session")
def real_data() -> Path:
    """Folder of real annotation data; tests that need it skip where it is absent."""
    folder = Path(os.environ.get("WORKBENCH_REAL_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"no real annotation data in {folder}; name its folder in WORKBENCH_REAL_DATA")
    return folder


@pytest.fixture(autouse=True)
def main_module(monkeypatch: pytest.MonkeyPatch) -> None:
    """A page that a test ran leaves itself behind as `__main__`; processes that a later test starts would run it."""
    monkeypatch.setitem(sys.modules, "__main__", MAIN)
