"""The comparison counts what it says it counts."""

from __future__ import annotations

import numpy as np
import pytest

from tests.selection.pools import ALL, pool_of
from workbench.selection import Pool, select
from workbench.selection.comparison import compare_strategies, compared
from workbench.selection.information import log_det_gain


def test_every_strategy_is_compared() -> None:
    pool = pool_of()
    found = compare_strategies(pool, 30, seed=2, balance="equal", cost_aware=True)
    assert tuple(found.selections) == ALL
    for name, selection in found.selections.items():
        assert selection.options.get("cost_aware", True) is True
        assert found.table.set_index("strategy").loc[name, "information"] == pytest.approx(
            log_det_gain(pool, selection.picks, noise_aware=False)
        )
    assert (np.diag(found.overlap) == 1).all()
    one, two = (set(found.selections[n].picks.tolist()) for n in ("random", "k_centre"))
    assert found.overlap.loc["Random", "k-centre"] == pytest.approx(len(one & two) / 30)
    np.testing.assert_allclose(found.slices.loc[["Random", "BADGE"]], 1 / 3)
    np.testing.assert_allclose(found.slices.sum(axis=1), 1)


def test_d_optimal_expects_the_most_information() -> None:
    table = compare_strategies(pool_of(), 30).table.set_index("strategy")["information"]
    assert table.idxmax() == "d_optimal"
    assert table["random"] < table["d_optimal"]


def test_what_cannot_run_is_skipped_with_the_reason() -> None:
    found = compare_strategies(Pool(features=pool_of().features), 10)
    assert set(found.skipped) == {"uncertainty", "bald", "badge", "hybrid"}
    assert "needs a model" in found.skipped["bald"]
    assert found.slices.empty


def test_nothing_picked() -> None:
    pool = pool_of(0)
    found = compared(pool, {"random": select(pool, 3, "random")})
    assert found.table["information"].tolist() == [0.0]
