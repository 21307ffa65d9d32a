"""What a run of selection keeps is plain values that say what the library says."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.selection.test_pooling import half_labelled
from workbench.formats.writers.native import write_own
from workbench.progress import UNWATCHED
from workbench.selection import STRATEGIES, select
from workbench.selection.planar import plane_of
from workbench.selection.pooling import pool_from
from workbench.selection.run import select_all, select_run


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKBENCH_EMBEDDINGS", str(tmp_path / "embeddings"))


def test_a_run_keeps_what_every_strategy_picks(tmp_path: Path) -> None:
    data = half_labelled()
    path = write_own(data, tmp_path / "data.pwb")
    config = {"paths": [str(path)], "budget": 8, "encoder": "hashed", "slice": "topic", "balance": "equal", "seed": 3}
    result = select_run(config, SimpleNamespace(watch=UNWATCHED))
    assert json.loads(json.dumps(result, allow_nan=False)) == result
    assert set(result["strategies"]) == set(STRATEGIES)
    made = pool_from(data, encoder="hashed", slice="topic")
    picked = select(made.pool, 8, "d_optimal", 3, balance="equal")
    assert result["strategies"]["d_optimal"]["items"] == made.items[picked.picks].tolist()
    assert result["pool"]["labelled"] == 30
    assert [row["strategy"] for row in result["table"]] == list(STRATEGIES)
    again = select_all(data, 8, encoder="hashed", again=True, strategies=["random", "disagreement"])
    assert again["strategies"]["random"]["candidates"] == 60


def test_the_map_counts_every_pair_and_puts_picks_where_they_lie() -> None:
    made = pool_from(half_labelled(), encoder="hashed")
    found = {"random": select(made.pool, 5, "random")}
    plane = plane_of(made.pool, found)
    assert plane.counts.sum() == 60
    assert plane.marks["random"].shape == (5, 2)
    assert (plane.marks["random"][:, 0] >= 0).all()
    assert 0 < plane.explained <= 1
    json.dumps(plane.to_dict())
