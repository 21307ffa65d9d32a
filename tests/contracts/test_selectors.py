"""What every selection strategy must do."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest

from tests.selection.pools import ALL, pool_of, rearranged, turned
from workbench.errors import WorkbenchError
from workbench.progress import Cancelled, Watch
from workbench.selection import STRATEGIES, Pool, select

COSTED = tuple(name for name in ALL if "cost_aware" in STRATEGIES[name].options)
NOISY = tuple(name for name in ALL if "noise_aware" in STRATEGIES[name].options)
DRAWN = ("random", "badge", "k_means")


@pytest.fixture(scope="module")
def pool() -> Pool:
    return pool_of()


@pytest.mark.parametrize("strategy", ALL)
def test_the_budget_is_kept_and_nothing_is_picked_twice(strategy: str, pool: Pool) -> None:
    found = select(pool, 40, strategy)
    assert found.picks.shape == found.gain.shape == (40,)
    assert found.picks.dtype == np.int64
    assert len(set(found.picks.tolist())) == 40
    assert found.picks.min() >= 0
    assert found.picks.max() < len(pool)
    assert np.isfinite(found.gain).all()
    assert (found.strategy, found.budget, found.candidates, found.reason) == (strategy, 40, 300, "")
    assert found.to_frame(pool)["id"].tolist() == [f"pair {i}" for i in found.picks]
    assert found.to_dict()["picked"] == 40


@pytest.mark.parametrize("strategy", ALL)
def test_the_order_of_the_pool_does_not_matter(strategy: str, pool: Pool) -> None:
    order = np.random.default_rng(9).permutation(len(pool))
    again = select(rearranged(pool, order), 40, strategy, 3)
    assert order[again.picks].tolist() == select(pool, 40, strategy, 3).picks.tolist()


@pytest.mark.parametrize("strategy", ALL)
def test_the_sides_of_a_pair_do_not_matter(strategy: str, pool: Pool) -> None:
    sides = np.random.default_rng(5).random(len(pool)) < 0.5
    assert select(turned(pool, sides), 40, strategy, 3).picks.tolist() == select(pool, 40, strategy, 3).picks.tolist()


@pytest.mark.parametrize("strategy", ALL)
def test_the_sides_do_not_matter_at_even_chances(strategy: str) -> None:
    even = pool_of(probability=np.full(300, 0.5), members=np.full((3, 300), 0.5))
    sides = np.random.default_rng(6).random(300) < 0.5
    assert select(turned(even, sides), 40, strategy).picks.tolist() == select(even, 40, strategy).picks.tolist()


@pytest.mark.parametrize("strategy", ALL)
def test_the_seed_decides(strategy: str, pool: Pool) -> None:
    one, again, other = (select(pool, 40, strategy, np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert one.picks.tolist() == again.picks.tolist()
    assert np.array_equal(one.gain, again.gain)
    assert (one.picks.tolist() == other.picks.tolist()) == (strategy not in DRAWN)


@pytest.mark.parametrize("strategy", ALL)
def test_an_empty_pool_has_nothing_to_pick(strategy: str) -> None:
    found = select(pool_of(0), 5, strategy)
    assert len(found) == 0
    assert found.reason == "there is no candidate"


@pytest.mark.parametrize("strategy", ALL)
@pytest.mark.parametrize("n", [1, 2, 30])
def test_a_budget_above_the_pool_picks_all(strategy: str, n: int) -> None:
    found = select(pool_of(n), n + 10, strategy)
    assert sorted(found.picks.tolist()) == list(range(n))
    assert found.reason == f"all {n} candidates are picked"


@pytest.mark.parametrize("strategy", ALL)
def test_a_budget_of_nothing_is_refused(strategy: str, pool: Pool) -> None:
    with pytest.raises(WorkbenchError, match="at least one"):
        select(pool, 0, strategy)


@pytest.mark.parametrize("strategy", ALL)
def test_duplicates_are_picked_up_to_the_budget_and_passed_over_on_request(strategy: str) -> None:
    pool = pool_of(20)
    copies = rearranged(pool, np.repeat(np.arange(20), 5))
    assert len(select(copies, 60, strategy)) == 60
    found = select(copies, 60, strategy, alike=0.9999)
    assert sorted(found.picks // 5) == list(range(20))
    assert found.set_aside == {"nearly the same as a pick": 80}
    assert "80 pairs: nearly the same as a pick" in found.reason


@pytest.mark.parametrize("strategy", ALL)
@pytest.mark.parametrize("value", [0.0, 1.0])
def test_features_that_never_differ(strategy: str, value: float) -> None:
    pool = pool_of(50)
    assert len(set(select(replace(pool, features=np.full((50, 6), value)), 30, strategy).picks.tolist())) == 30


@pytest.mark.parametrize("strategy", ALL)
@pytest.mark.parametrize("alike", ["all", "chances", "rows"])
def test_a_large_pool_in_which_much_is_alike(strategy: str, alike: str) -> None:
    """More pairs than are kept up to date at once, and no first among equals."""
    n, rng = 5_000, np.random.default_rng(0)
    x = (
        np.ones((n, 3))
        if alike == "all"
        else np.repeat(rng.standard_normal((50, 3)), 100, 0)
        if alike == "rows"
        else rng.standard_normal((n, 3))
    )
    pool = Pool(features=x, probability=np.full(n, 0.5), covariance=np.eye(3))
    assert len(set(select(pool, 60, strategy).picks.tolist())) == 60


@pytest.mark.parametrize("strategy", ALL)
def test_no_features_at_all(strategy: str) -> None:
    pool = pool_of(10)
    none = Pool(features=np.empty((10, 0)), probability=pool.probability, members=pool.members)
    assert len(select(none, 4, strategy)) == 4


@pytest.mark.parametrize("strategy", ALL)
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_features_that_are_not_finite_are_refused_by_name(strategy: str, value: float) -> None:
    pool = pool_of(50)
    x = pool.features.copy()
    x[[3, 17], 2] = value
    with pytest.raises(
        WorkbenchError, match="2 of 50 pairs have a feature that is not a finite number: pair 3, pair 17"
    ):
        select(replace(pool, features=x), 5, strategy)


@pytest.mark.parametrize("name", ["probability", "cost", "flip", "members"])
def test_other_numbers_out_of_place_are_refused_by_name(name: str) -> None:
    pool = pool_of(10)
    value = np.asarray(getattr(pool, name)).copy()
    value[..., 4] = np.nan
    with pytest.raises(WorkbenchError, match=r"1 of 10 pairs .*: pair 4"):
        replace(pool, **{name: value})


@pytest.mark.parametrize("strategy", ALL)
def test_arguments_stay_as_they_are(strategy: str) -> None:
    pool = pool_of(100, votes=np.random.default_rng(0).integers(0, 2, (100, 2)))
    before = {f.name: np.array(getattr(pool, f.name), copy=True) for f in fields(Pool)}
    select(pool, 10, strategy, balance="equal", alike=0.95)
    for name, was in before.items():
        assert np.array_equal(was, np.asarray(getattr(pool, name)))


@pytest.mark.parametrize("strategy", ALL)
def test_slices_get_equal_shares(strategy: str, pool: Pool) -> None:
    found = select(pool, 31, strategy, balance="equal")
    counts = dict(zip(*np.unique(pool.slice[found.picks], return_counts=True), strict=True))
    assert sorted(counts.values()) == [10, 10, 11]
    assert found.quotas == counts


@pytest.mark.parametrize("strategy", ALL)
def test_a_small_slice_leaves_its_share_to_the_others(strategy: str) -> None:
    few = pool_of(100, slice=np.array(["rare"] * 3 + ["usual"] * 97))
    found = select(few, 20, strategy, balance={"rare": 0.5, "usual": 0.5})
    assert found.quotas == {"rare": 3, "usual": 17}
    assert (found.picks < 3).sum() == 3
    assert len(found) == 20


@pytest.mark.parametrize("strategy", ALL)
def test_spending_stops_at_the_limit(strategy: str, pool: Pool) -> None:
    found = select(pool, 200, strategy, spend=20.0)
    spent = pool.cost[found.picks].sum()
    assert spent <= 20.0
    left = np.setdiff1d(np.arange(300), found.picks)
    assert spent + pool.cost[left].min() > 20.0
    assert "costs more than is left" in found.reason


@pytest.mark.parametrize("strategy", ALL)
def test_pairs_with_labels_are_candidates_of_relabelling_only(strategy: str) -> None:
    votes = np.zeros((300, 2), int)
    votes[:100] = [1, 1]
    found = select(pool_of(votes=votes), 200, strategy)
    if STRATEGIES[strategy].relabels:
        assert found.candidates == 300
        assert (found.picks < 100).any()
    else:
        assert found.candidates == 200
        assert (found.picks >= 100).all()
        assert found.set_aside["labelled already"] == 100


@pytest.mark.parametrize("strategy", COSTED)
def test_cost_aware_picks_cost_less(strategy: str) -> None:
    pool = pool_of(members=None)
    plain, aware = select(pool, 60, strategy), select(pool, 60, strategy, cost_aware=True)
    assert pool.cost[aware.picks].mean() < pool.cost[plain.picks].mean() - 0.2
    even = replace(pool, cost=np.full(300, 7.0))
    assert select(even, 60, strategy, cost_aware=True).picks.tolist() == plain.picks.tolist()


@pytest.mark.parametrize("strategy", NOISY)
def test_noise_aware_picks_are_less_noisy(strategy: str) -> None:
    pool = pool_of(members=None)
    plain, aware = select(pool, 60, strategy), select(pool, 60, strategy, noise_aware=True)
    assert pool.flip[aware.picks].mean() < pool.flip[plain.picks].mean() - 0.02


@pytest.mark.parametrize("strategy", ALL)
def test_it_can_be_stopped(strategy: str, pool: Pool) -> None:
    with pytest.raises(Cancelled):
        select(pool, 100, strategy, watch=Watch(stop_asked=lambda: True))


@pytest.mark.parametrize("strategy", [name for name in ALL if STRATEGIES[name].needs])
def test_what_a_strategy_needs_is_asked_for(strategy: str) -> None:
    with pytest.raises(WorkbenchError, match="needs a model's"):
        select(Pool(features=np.eye(3)), 1, strategy)


@pytest.mark.parametrize("strategy", [name for name in ALL if not STRATEGIES[name].needs])
def test_the_others_run_on_features_alone(strategy: str) -> None:
    assert len(select(Pool(features=pool_of().features), 10, strategy)) == 10


@pytest.mark.parametrize("strategy", ALL)
def test_wrong_names_are_answered_with_the_right_ones(strategy: str, pool: Pool) -> None:
    with pytest.raises(WorkbenchError, match="has no option nonsense"):
        select(pool, 1, strategy, nonsense=1)
    with pytest.raises(WorkbenchError, match="d_optimal"):
        select(pool, 1, strategy + "x")
    assert STRATEGIES[strategy].summary
