"""Which of three numbers is the tie follows from which two meet least on the same items; else it is asked."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import workbench
from workbench.dataset.numeric_labels import Unclear, readings, told_by_the_tie


def votes(items: int, tie: int, seed: int, tied_items: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    """Three votes an item: right in eight of ten, half way in one."""
    rng = np.random.default_rng(seed)
    sides = [v for v in (0, 1, 2) if v != tie]
    truth = np.where(rng.random(items) < tied_items, tie, rng.choice(sides, items))
    item = np.repeat(np.arange(items), 3)
    draw = rng.random(len(item))
    other = np.where(truth[item] == sides[0], sides[1], sides[0])
    return np.where(draw < 0.8, truth[item], np.where(draw < 0.93, tie, other)).astype(float), item


@pytest.mark.parametrize("tie", [0, 1, 2])
def test_the_tie_lies_between(tie: int) -> None:
    labels, item = votes(1_500, tie, tie)
    found = told_by_the_tie(readings({0.0, 1.0, 2.0}), labels, item)
    assert found is not None
    assert found.strengths[float(tie)] == 0


def test_few_votes_and_ties_on_items_of_their_own_tell_nothing() -> None:
    ways = readings({0.0, 1.0, 2.0})
    assert told_by_the_tie(ways, *votes(30, 2, 1)) is None
    assert all(told_by_the_tie(ways, *votes(1_500, 2, seed, tied_items=0.4)) is None for seed in range(5))
    # Of 1, 2, 3 with the tie in the middle, which end is A is still not known.
    labels, item = votes(1_500, 1, 4)
    assert told_by_the_tie(readings({1.0, 2.0, 3.0}), labels + 1, item) is None


@pytest.mark.parametrize(("items", "asked"), [(40, True), (1_500, False)])
def test_a_file_is_read_so_and_says_it(tmp_path: Path, items: int, asked: bool) -> None:
    labels, item = votes(items, 2, 7)
    rows = pd.DataFrame(
        {
            "prompt": [f"p{i}" for i in item],
            "response_a": [f"one {i}" for i in item],
            "response_b": [f"two {i}" for i in item],
            "annotator": np.tile(["x", "y", "z"], items),
            "label": labels.astype(int),
        }
    )
    path = tmp_path / "votes.csv"
    rows.to_csv(path, index=False)
    if asked:
        with pytest.raises(Unclear):
            workbench.load(path)
        return
    data = workbench.load(path)
    counts = np.bincount(data.codes.label, minlength=3)
    assert counts.tolist() == [int((labels == 0).sum()), int((labels == 2).sum()), int((labels == 1).sum())]
    assert any("2 is a tie, because" in f.message for f in data.findings)
