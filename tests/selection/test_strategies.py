"""Each strategy against its definition written out: brute force, literal loops, integrals, hand arithmetic."""

from __future__ import annotations

import numpy as np
import pytest

from tests.selection.pools import literal_hybrid, pool_of
from workbench.selection import Pool, select
from workbench.selection.admitting import Admission, quotas
from workbench.selection.badge import draw_far_apart
from workbench.selection.d_optimal import LogDetGain
from workbench.selection.disagreement import next_label_information
from workbench.selection.greedy import Task, pick_greedily
from workbench.selection.information import LinearInformation, expected_information, log_det_gain
from workbench.selection.k_centre import FarthestFirst
from workbench.selection.nearest import Nearest


def brute_force(
    pool: Pool, budget: int, start: np.ndarray, weight: np.ndarray, factor: np.ndarray
) -> tuple[list[int], list[float]]:
    """The largest growth of ln det of the information over the factor, every determinant computed."""
    x, precision = pool.features.astype(float), np.linalg.inv(start)
    rows: list[int] = []
    gains = []
    for _ in range(budget):
        now = np.linalg.slogdet(precision)[1]
        gain = [
            (
                -np.inf
                if i in rows
                else (np.linalg.slogdet(precision + weight[i] * np.outer(x[i], x[i]))[1] - now) * factor[i]
            )
            for i in range(len(x))
        ]
        rows.append(int(np.argmax(gain)))
        gains.append(max(gain))
        precision += weight[rows[-1]] * np.outer(x[rows[-1]], x[rows[-1]])
    return rows, gains


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(("cost_aware", "noise_aware"), [(False, False), (True, True)])
def test_d_optimal_is_greedy_on_the_determinant(seed: int, cost_aware: bool, noise_aware: bool) -> None:
    pool = pool_of(80, 7, seed)
    p = pool.probability
    weight = p * (1 - p) * ((1 - 2 * pool.flip) ** 2 if noise_aware else 1)
    factor = pool.cost.mean() / pool.cost if cost_aware else np.ones(80)
    rows, gains = brute_force(pool, 30, pool.covariance, weight, factor)
    found = select(pool, 30, "d_optimal", cost_aware=cost_aware, noise_aware=noise_aware)
    assert found.picks.tolist() == rows
    np.testing.assert_allclose(found.gain, gains, rtol=1e-7)
    if not cost_aware:
        assert log_det_gain(pool, found.picks, noise_aware=noise_aware) == pytest.approx(found.gain.sum())


def test_d_optimal_starts_from_what_is_labelled() -> None:
    labelled = np.random.default_rng(0).standard_normal((40, 7)).astype(np.float32)
    pool = Pool(features=pool_of(60, 7, 5).features, labelled=labelled)
    start = np.linalg.inv(3.0 * np.eye(7) + 0.25 * labelled.T.astype(float) @ labelled)
    assert (
        select(pool, 20, "d_optimal", penalty=3.0).picks.tolist()
        == brute_force(pool, 20, start, np.full(60, 0.25), np.ones(60))[0]
    )
    votes = np.zeros((100, 2), int)
    votes[60:, 0] = 2
    held = Pool(features=np.concatenate([pool.features, labelled]), votes=votes)
    assert (
        select(held, 20, "d_optimal", penalty=3.0).picks.tolist()
        == select(pool, 20, "d_optimal", penalty=3.0).picks.tolist()
    )


def test_a_clear_pair_and_a_repeated_pair_are_worth_little() -> None:
    pool = Pool(features=np.array([[1.0, 0], [1, 0], [0, 0.9], [3, 0]]), probability=np.array([0.5, 0.5, 0.5, 0.999]))
    assert select(pool, 2, "d_optimal").picks[0] in (0, 1)
    assert select(pool, 2, "d_optimal").picks[1] == 2
    # ln(1 + 1/4), by hand; the same pair again is then worth ln(1 + 0.25 * 1 / 1.25).
    assert select(pool, 1, "d_optimal").gain[0] == pytest.approx(np.log(1.25))
    assert select(Pool(features=pool.features[:2]), 2, "d_optimal").gain[1] == pytest.approx(np.log(1.2))


@pytest.mark.parametrize("first", [8, 64])
def test_looking_at_few_pairs_picks_the_same(first: int) -> None:
    rng = np.random.default_rng(0)
    x = (rng.standard_normal((2_000, 12)) * rng.uniform(0.2, 2, (2_000, 1))).astype(np.float32)

    def task() -> Task:
        return Task(300, Admission(x, np.ones(2_000, bool)), rng.permutation(2_000), rng)

    def information() -> LogDetGain:
        return LogDetGain(LinearInformation(x, np.eye(12), np.full(2_000, 0.25)), np.ones(2_000))

    assert pick_greedily(information(), task(), first)[0] == pick_greedily(information(), task(), 2_000)[0]
    assert pick_greedily(_far(x), task(), first)[0] == pick_greedily(_far(x), task(), 2_000)[0]


def _far(x: np.ndarray) -> FarthestFirst:
    near = Nearest(x)
    near.squared = near.square.copy()
    return FarthestFirst(near)


@pytest.mark.parametrize("seed", range(3))
def test_k_centre_is_the_farthest_pair_on_either_side(seed: int) -> None:
    pool = pool_of(200, 5, seed, labelled=np.random.default_rng(seed).standard_normal((10, 5)))
    x = pool.features.astype(float)
    points = [np.zeros(5), *pool.labelled.astype(float)]
    rows = []
    for _ in range(60):
        distance = np.min([np.minimum(((x - c) ** 2).sum(1), ((x + c) ** 2).sum(1)) for c in points], axis=0)
        rows.append(int(np.argmax(distance)))
        points.append(x[rows[-1]])
    found = select(pool, 60, "k_centre")
    assert found.picks.tolist() == rows
    assert (np.diff(found.gain) <= 0).all()


@pytest.mark.parametrize("seed", range(5))
def test_hybrid_picks_are_those_of_the_design_notes(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n, budget = int(rng.integers(50, 600)), int(rng.integers(10, 50))
    margin, prompts = 3 * rng.standard_normal(n), rng.standard_normal((n, 16)).astype(np.float32)
    pool = Pool(features=rng.standard_normal((n, 4)), margin=margin, prompts=prompts)
    assert select(pool, budget, "hybrid").picks.tolist() == literal_hybrid(margin, prompts.astype(float), budget)
    weights = {"uncertainty_weight": 0.2, "diversity_weight": 0.9}
    assert select(pool, budget, "hybrid", **weights).picks.tolist() == literal_hybrid(
        margin, prompts.astype(float), budget, **weights
    )


def test_hybrid_picks_stay_those_of_the_notes_when_few_pairs_are_kept_up_to_date(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import workbench.selection.greedy
    import workbench.selection.hybrid

    rng = np.random.default_rng(3)
    margin, prompts = (
        3 * rng.standard_normal(900),
        (rng.standard_normal((900, 8)) * rng.uniform(0.1, 3, (900, 1))).astype(np.float32),
    )
    pool = Pool(features=rng.standard_normal((900, 4)), margin=margin, prompts=prompts)
    monkeypatch.setattr(workbench.selection.hybrid, "FIRST", 40)
    monkeypatch.setattr(workbench.selection.greedy.pick_greedily, "__defaults__", (40,))
    assert select(pool, 120, "hybrid").picks.tolist() == literal_hybrid(margin, prompts.astype(float), 120)


def test_hybrid_takes_its_margins_from_probabilities_and_works_on_pairs() -> None:
    rng = np.random.default_rng(0)
    margin, x = 2 * rng.standard_normal(100), rng.standard_normal((100, 5)).astype(np.float32)
    p = 1 / (1 + np.exp(-margin))
    assert (
        select(Pool(features=x, probability=p), 20, "hybrid").picks.tolist()
        == select(Pool(features=x, margin=margin), 20, "hybrid").picks.tolist()
    )


@pytest.mark.parametrize(
    ("margin", "variance"), [(0.0, 0.01), (0.5, 0.2), (-2.0, 1.0), (1.0, 9.0), (6.0, 4.0), (0.0, 60.0)]
)
def test_expected_information_is_the_integral(margin: float, variance: float) -> None:
    z = np.random.default_rng(0).standard_normal(400_000) if variance > 100 else np.linspace(-9, 9, 200_001)
    mass = np.exp(-(z**2) / 2)
    mass /= mass.sum()
    p = 1 / (1 + np.exp(-(margin + np.sqrt(variance) * z)))
    mean = p @ mass

    def entropy(q: np.ndarray | float) -> np.ndarray:
        return -(q * np.log(q) + (1 - np.asarray(q)) * np.log1p(-np.asarray(q)))

    exact = float(entropy(mean) - entropy(np.clip(p, 1e-300, 1 - 1e-16)) @ mass)
    assert expected_information(np.array([margin]), np.array([variance]))[0] == pytest.approx(exact, rel=0.02)


def test_expected_information_grows_with_the_variance() -> None:
    variance = np.linspace(0, 160, 20_000)
    for margin in (0.0, 0.37, 2.2, 5.0, 20.0):
        assert (np.diff(expected_information(np.full(20_000, margin), variance)) >= -1e-9).all()


def test_bald_leaves_true_ties_alone_where_uncertainty_takes_them() -> None:
    members = np.array([[0.5, 0.9], [0.5, 0.1]])
    pool = Pool(features=np.eye(2), probability=np.array([0.5, 0.55]), members=members)
    assert select(pool, 1, "bald").picks.tolist() == [1]
    assert select(pool, 1, "uncertainty").picks.tolist() == [0]
    # H(1/2) - H(0.9), by hand.
    assert select(pool, 1, "bald").gain[0] == pytest.approx(np.log(2) + 0.9 * np.log(0.9) + 0.1 * np.log(0.1))


def test_bald_with_a_covariance_does_not_pick_the_same_thing_twice() -> None:
    pool = Pool(
        features=np.array([[3.0, 0], [3.0, 0], [0, 2]]), probability=np.full(3, 0.5), covariance=np.diag([1.0, 1.0])
    )
    assert sorted(select(pool, 2, "bald").picks.tolist())[1] == 2
    ensemble = Pool(features=pool.features, members=np.array([[0.9, 0.9, 0.6], [0.1, 0.1, 0.4]]))
    assert sorted(select(ensemble, 2, "bald").picks.tolist()) == [0, 1]


def test_badge_draws_in_proportion_to_the_squared_distance() -> None:
    """Four points on a line; the first drawn is the longest, the second falls on each of the others by its squared
    distance."""
    x = np.array([[10.0], [9.0], [7.0], [4.0]], np.float32)
    counts = np.zeros(4)
    for seed in range(4_000):
        rng = np.random.default_rng(seed)
        rows, gain = draw_far_apart(
            Nearest(x, either_side=False), Task(2, Admission(x, np.ones(4, bool)), np.arange(4), rng)
        )
        assert rows[0] == 0
        assert gain[1] == (10 - x[rows[1], 0]) ** 2
        counts[rows[1]] += 1
    expected = 4_000 * np.array([0, 1, 9, 36]) / 46
    assert (np.abs(counts - expected) < 5 * np.sqrt(expected + 1)).all()


def test_badge_by_rejection_draws_as_kmeans_plus_plus_does() -> None:
    """The third draw, whose distances are bounds by then, against the exact chances."""
    x = np.random.default_rng(2).standard_normal((12, 2)).astype(np.float32)
    exact = x.astype(float)
    first = int((exact**2).sum(1).argmax())
    by_first = ((exact - exact[first]) ** 2).sum(1)
    chance = np.zeros(12)
    for second in range(12):
        both = np.minimum(by_first, ((exact - exact[second]) ** 2).sum(1))
        if by_first[second] > 0:
            chance += by_first[second] / by_first.sum() * both / both.sum()
    counts = np.zeros(12)
    for seed in range(4_000):
        task = Task(3, Admission(x, np.ones(12, bool)), np.arange(12), np.random.default_rng(seed))
        counts[draw_far_apart(Nearest(x, either_side=False), task)[0][2]] += 1
    assert (np.abs(counts - 4_000 * chance) < 5 * np.sqrt(4_000 * chance + 1)).all()


def test_badge_wants_long_gradients() -> None:
    rng = np.random.default_rng(0)
    x = rng.standard_normal((400, 8))
    x /= np.linalg.norm(x, axis=1, keepdims=True)
    p = np.where(np.arange(400) < 40, 0.5, 0.99)
    assert (select(Pool(features=x, probability=p), 40, "badge").picks < 40).sum() > 30


def test_k_means_finds_planted_clusters_whatever_side_is_first() -> None:
    rng = np.random.default_rng(1)
    centre = rng.standard_normal((8, 10)) * 5
    cluster = rng.integers(0, 8, 800)
    x = (centre[cluster] + 0.1 * rng.standard_normal((800, 10))) * rng.choice([-1, 1], (800, 1))
    found = select(Pool(features=x), 8, "k_means")
    assert sorted(cluster[found.picks]) == list(range(8))
    assert found.gain.sum() == 800


def test_k_means_comes_near_the_loss_of_scikit_learn() -> None:
    from sklearn.cluster import KMeans

    rng = np.random.default_rng(4)
    x = rng.standard_normal((1_500, 6)) + np.array([6.0, 0, 0, 0, 0, 0])  # all on one side, so that sides play no part
    ours = select(Pool(features=x), 25, "k_means").picks
    best = KMeans(25, n_init=3, random_state=0).fit(x)
    medoids = np.array([np.argmin(((x - c) ** 2).sum(1)) for c in best.cluster_centers_])

    def loss(rows: np.ndarray) -> float:
        return float(np.min(((x[:, None] - x[rows][None]) ** 2).sum(2), axis=1).sum())

    at_random = np.mean([loss(rng.choice(1_500, 25, replace=False)) for _ in range(5)])
    assert loss(ours) < 1.1 * loss(medoids)
    assert loss(ours) < 0.9 * at_random


def test_relabel_or_new_by_hand() -> None:
    """flip 0.2: posterior odds 4 for one vote, so q = 0.8 * 0.8 + 0.2 * 0.2 = 0.68 and the next label tells H(0.68) -
    H(0.2)."""
    votes = np.array([[1, 0], [2, 1], [1, 1], [3, 0], [0, 0]])
    pool = Pool(features=np.eye(5), votes=votes)
    gain = next_label_information(pool, np.full(5, 0.2))

    def entropy(q: float) -> float:
        return -q * np.log(q) - (1 - q) * np.log(1 - q)

    assert gain[0] == pytest.approx(entropy(0.68) - entropy(0.2))
    assert gain[1] == pytest.approx(gain[0])
    assert gain[2] == pytest.approx(gain[4]) == pytest.approx(np.log(2) - entropy(0.2))
    assert gain[3] < gain[0]
    found = select(pool, 2, "disagreement")
    assert sorted(found.picks.tolist()) == [2, 4]
    assert "1 of 2 picks have labels already" in found.notes[0]


def test_a_new_pair_the_model_is_sure_of_is_worth_less_than_a_conflict() -> None:
    pool = Pool(features=np.eye(3), votes=np.array([[1, 1], [0, 0], [2, 0]]), probability=np.array([0.5, 0.9, 0.5]))
    gain = next_label_information(pool, np.full(3, 0.1))
    assert gain[0] > gain[1] > gain[2]


@pytest.mark.parametrize(
    ("available", "budget", "shares", "expected"),
    [
        ([10, 10], 6, None, [3, 3]),
        ([1, 10], 6, None, [1, 5]),
        ([10, 10], 6, [2, 1], [4, 2]),
        ([10, 2], 12, [0, 1], [10, 2]),
        ([0, 0], 5, None, [0, 0]),
        ([3, 3, 3], 2, None, [1, 1, 0]),
    ],
)
def test_quotas(available: list[int], budget: int, shares: list[float] | None, expected: list[int]) -> None:
    assert quotas(np.array(available), budget, None if shares is None else np.array(shares)).tolist() == expected
