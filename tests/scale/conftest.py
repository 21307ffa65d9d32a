from __future__ import annotations

from pathlib import Path

import pytest

from workbench.dataset.annotation_set import AnnotationSet
from workbench.scale.shards import Shards
from workbench.scale.simulated import simulate_shards
from workbench.scale.together import whole


@pytest.fixture(scope="session")
def shards(tmp_path_factory: pytest.TempPathFactory) -> Shards:
    """A small sharded set with prompts of several items, repeats, skips and gold."""
    folder = tmp_path_factory.mktemp("shards") / "set"
    return simulate_shards(folder, 3_000, buckets=4, annotators=14, seed=5, skip_share=0.02)


@pytest.fixture(scope="session")
def data(shards: Shards) -> AnnotationSet:
    """The same in memory."""
    return whole(shards)


@pytest.fixture
def votes(tmp_path: Path) -> Path:
    """An export whose rows are scattered, and shown now one way round, now the other."""
    import numpy as np
    import pandas as pd

    rng = np.random.default_rng(3)
    pair = rng.integers(0, 150, 900)
    flipped = rng.random(900) < 0.4
    left, right = np.char.add("good ", pair.astype(str)), np.char.add("bad ", pair.astype(str))
    table = pd.DataFrame(
        {
            "pair": np.char.add("p", pair.astype(str)),
            "question": np.char.add("question ", (pair // 3).astype(str)),
            "a": np.where(flipped, right, left),
            "b": np.where(flipped, left, right),
            "who": np.char.add("w", rng.integers(0, 9, 900).astype(str)),
            "choice": np.where(rng.random(900) < 0.7, np.where(flipped, "B", "A"), np.where(flipped, "A", "tie")),
            "took": rng.integers(3, 90, 900),
        }
    )
    path = tmp_path / "votes.csv"
    pd.concat([table, table.iloc[:7]]).to_csv(path, index=False)
    return path
