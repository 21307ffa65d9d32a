"""A judge's server in a process of its own, and pairs whose better response is known."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from workbench.dataset.annotation_set import AnnotationSet
from workbench.dataset.assembly import Export, assemble

ROOT = Path(__file__).resolve().parents[2]


class Running:
    """A server that runs."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        assert process.stdout is not None
        self.port = int(process.stdout.readline())

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    def stats(self) -> dict[str, Any]:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/stats") as answer:
            found: dict[str, Any] = json.loads(answer.read())
            return found

    def behave(self, **changes: Any) -> None:
        data = json.dumps(changes).encode()
        urllib.request.urlopen(urllib.request.Request(f"http://127.0.0.1:{self.port}/behave", data)).read()


@pytest.fixture
def serve() -> Iterator[Callable[..., Running]]:
    running: list[Running] = []

    def start(**behaviour: Any) -> Running:
        command = [sys.executable, "-m", "tests.judging.server", json.dumps(behaviour)]
        running.append(Running(subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)))
        return running[-1]

    yield start
    for each in running:
        each.process.kill()
        each.process.wait()


def marked_pairs(n: int, seed: int = 0) -> AnnotationSet:
    """Pairs of which one response carries the mark of the better one, and what three people said: the truth, mostly."""
    rng = np.random.default_rng(seed)
    better = rng.integers(2, size=n)
    words = [" ".join(f"w{int(k)}" for k in rng.integers(0, 500, 12)) for _ in range(2 * n)]
    a = [f"{words[2 * i]} {'[good]' if better[i] == 0 else ''}".strip() for i in range(n)]
    b = [f"{words[2 * i + 1]} {'[good]' if better[i] == 1 else ''}".strip() for i in range(n)]
    items = pd.DataFrame(
        {
            "item_id": [f"p{i}" for i in range(n)],
            "prompt": [f"question {i}" for i in range(n)],
            "response_a": a,
            "response_b": b,
        }
    )
    items["slice.topic"] = np.where(np.arange(n) % 2 == 0, "even", "odd")
    wrong = rng.random((n, 3)) < 0.1
    said = np.where(wrong, 1 - better[:, None], better[:, None])
    rows = pd.DataFrame(
        {
            "item_row": np.repeat(np.arange(n), 3),
            "annotator": np.tile(["ann", "bob", "cyd"], n),
            "label": np.array(["A", "B"])[said.ravel()],
        }
    )
    return assemble([Export(items=items, rows=rows, source="pairs", format="test", sides=True)])


@pytest.fixture
def pairs() -> Callable[..., AnnotationSet]:
    return marked_pairs
