"""Replay: the same start for all, honest ratios, planted pools where the answer is known."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.studies.grounds import crowd, crowd_bench, linear_bench
from workbench.errors import WorkbenchError
from workbench.studies.bench import Bench, HeldOut
from workbench.studies.cells import Cells
from workbench.studies.label_reveal import Desk, hidden_labels
from workbench.studies.replay import OVERLAP, ReplaySettings, replay


def test_d_optimal_saves_labels_in_a_linear_pool() -> None:
    """METHODS: with 32 features and 1,600 labels D-optimal needs half the labels of random; here a small copy of that
    pool."""
    found = replay(
        linear_bench(4_000, d=24), ReplaySettings(strategies=("d_optimal",), budget=800, start=40, seeds=8, points=8)
    )
    saved = found.savings["d_optimal"]
    assert saved.ratio.value is not None
    assert saved.ratio.low is not None
    assert 1.3 < saved.ratio.value < 4.5
    assert saved.ratio.low > 1.0
    assert found.sure == ("d_optimal",)


def test_all_strategies_begin_alike_and_a_strategy_like_random_saves_nothing() -> None:
    """Pure noise in the features: nobody can choose well, and no interval claims it."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(1_200, 6)).astype(np.float32)
    bench = Bench(features=x, group=np.arange(1_200), truth=(rng.random(1_200) < 0.5).astype(float))
    found = replay(bench, ReplaySettings(strategies=("uncertainty", "k_means"), budget=200, seeds=6, points=5))
    firsts = {curve[0].value for curve in found.curves.values()}
    assert len(firsts) == 1
    assert found.sure == ()
    for saved in found.savings.values():
        assert saved.gain.low is not None
        assert saved.gain.low <= 0 <= saved.gain.high


def test_a_replay_resumed_is_the_replay(tmp_path: Path) -> None:
    bench = linear_bench(900, d=6)
    settings = ReplaySettings(strategies=("uncertainty",), budget=120, seeds=3, points=4)
    whole = replay(bench, settings)
    path = tmp_path / "cells.jsonl"
    replay(bench, settings, cells=Cells(path, "r"))
    lines = path.read_text("utf-8").splitlines(keepends=True)
    path.write_text("".join(lines[:2]) + lines[2][:30], "utf-8")
    assert replay(bench, settings, cells=Cells(path, "r")).to_dict() == whole.to_dict()


def test_single_judgements_are_bought_again_only_by_those_who_relabel() -> None:
    bench = crowd_bench(crowd(1_500))
    settings = ReplaySettings(
        strategies=("disagreement", OVERLAP), budget=240, start=40, seeds=3, points=4, labels="votes"
    )
    found = replay(bench, settings)
    assert set(found.savings) == {"disagreement", OVERLAP}
    assert found.labels[-1] == 240
    assert "single judgements" in found.labels_are


def test_overlap_fills_an_item_before_it_opens_the_next() -> None:
    from workbench.studies.replay import choose

    desk = Desk(np.arange(0, 31, 3), np.tile([1.0, 0.0, 1.0], 10))
    desk.reveal(np.array([4, 7]))
    rows = choose(
        np.zeros((10, 2), np.float32), desk, None, 10, OVERLAP, ReplaySettings(overlap=3), np.random.default_rng(0)
    )  # type: ignore[arg-type]
    desk.reveal(rows)
    assert desk.bought == 12
    assert sorted(desk.seen.tolist()) == [0, 0, 0, 0, 0, 0, 3, 3, 3, 3]
    assert desk.seen[4] == desk.seen[7] == 3


def test_the_desk_sells_what_is_there() -> None:
    bench = crowd_bench(crowd(1_000))
    hidden = hidden_labels(bench, "votes")
    assert bench.data is not None
    assert len(hidden.target) == len(bench.data.codes)
    desk = hidden.desk(hidden.rows[:5], np.random.default_rng(0))
    for _ in range(int(desk.left.max())):
        desk.reveal(np.flatnonzero(desk.left > 0))
    rows, target, weight = desk.labelled
    for place, row in enumerate(hidden.rows[:5]):
        votes = bench.data.codes.label[bench.data.codes.item == row]
        assert target[place] == pytest.approx((votes == 0).mean())
        assert weight[place] == len(votes)
    assert rows.tolist() == list(range(5))
    with pytest.raises(ValueError, match="no label left"):
        desk.reveal(np.array([0]))


def test_an_evaluation_set_is_what_accuracy_is_measured_on() -> None:
    bench = linear_bench(800, d=4)
    rng = np.random.default_rng(9)
    x = rng.normal(size=(300, 4)).astype(np.float32)
    nonsense = HeldOut(x, (rng.random(300) < 0.5).astype(float), np.arange(300) // 10)
    measured = Bench(features=bench.features, group=bench.group, truth=bench.truth, evaluation=nonsense)
    found = replay(measured, ReplaySettings(strategies=("uncertainty",), budget=100, seeds=3, points=3))
    assert found.n_held_out == 900
    last = found.curves["random"][-1]
    assert last.value == pytest.approx(0.5, abs=0.12)


def test_what_cannot_be_asked_is_said() -> None:
    bench = linear_bench(300, d=3)
    with pytest.raises(WorkbenchError, match="no strategy"):
        replay(bench, ReplaySettings(strategies=("guess",), budget=60, seeds=2))
    with pytest.raises(WorkbenchError, match="each has one"):
        replay(bench, ReplaySettings(strategies=(OVERLAP,), budget=60, seeds=2))
    with pytest.raises(WorkbenchError, match="nothing to choose"):
        replay(bench, ReplaySettings(strategies=("uncertainty",), budget=20, start=16, seeds=2))
    with pytest.raises(WorkbenchError, match="without judgements"):
        replay(bench, ReplaySettings(strategies=("uncertainty",), labels="votes", seeds=2))
    with pytest.raises(WorkbenchError, match="seeds is 0"):
        ReplaySettings(seeds=0)
    one = Bench(features=np.ones((50, 2), np.float32), group=np.zeros(50), truth=np.ones(50))
    with pytest.raises(WorkbenchError, match="one prompt group"):
        replay(one, ReplaySettings(strategies=("uncertainty",), seeds=2))


def test_what_is_not_shown_is_not_counted_as_saved() -> None:
    from workbench.studies.selection_gain import selection_gain

    def result(**ratios: tuple[float, float, float] | None) -> dict:
        rows = {
            n: {
                "saving": {
                    "ratio": {"value": r[1], "interval": [r[0], r[2]]} if r else {"value": None, "interval": None}
                }
            }
            for n, r in ratios.items()
        }
        return {"strategies": {"random": {"saving": None}, **rows}, "seeds": 10}

    unsure = selection_gain(result(bald=(0.7, 3.0, 6.0), uncertainty=(0.9, 1.1, 1.4)), "2026-11")
    assert (unsure.value, unsure.low, unsure.high) == (1.0, 0.9, 1.4)
    sure = selection_gain(result(bald=(1.1, 1.3, 1.6), badge=(1.2, 1.8, 2.9)), "2026-11")
    assert (sure.value, sure.low, sure.high, sure.measured) == (1.8, 1.2, 2.9, True)
    assert "badge" in sure.note
    assert selection_gain(result(bald=(0.4, 0.6, 0.9)), "2026-11", "bald").value == 0.6
    assert selection_gain(result(bald=None), "2026-11").value == 1.0
