from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from tests.agreement.published import COHEN_SAS, from_pairs
from tests.agreement.test_resampling import crowd, of_matrix
from workbench import WorkbenchError
from workbench.agreement import cohen_kappas, mean_pairwise_kappa, tally_of
from workbench.agreement.pairs import disagreement, kappa_of


def test_every_pair_with_a_common_item_is_there_once() -> None:
    t, labels = crowd(30, items=25, annotators=6)
    pairs = cohen_kappas(t)
    given = labels >= 0
    wanted = {
        (a, b): int((given[a] & given[b]).sum())
        for a in range(6)
        for b in range(a + 1, 6)
        if (given[a] & given[b]).any()
    }
    assert {(int(a), int(b)): int(n) for a, b, n in zip(pairs.first, pairs.second, pairs.items, strict=True)} == wanted
    assert pairs.items.tolist() == sorted(pairs.items, reverse=True)
    row = pairs.pair("annotator 3", "annotator 1")
    table = np.zeros((3, 3), int)
    np.add.at(table, (labels[0, given[0] & given[2]], labels[2, given[0] & given[2]]), 1)
    assert (pairs.table[row] == table).all()


def test_pairs_of_very_many_annotators_are_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    import workbench.agreement.pairs as module

    t, _ = crowd(31)
    dense, mean = cohen_kappas(t), mean_pairwise_kappa(t)
    monkeypatch.setattr(module, "_DENSE", 0)
    assert cohen_kappas(t).to_frame().equals(dense.to_frame())
    assert mean_pairwise_kappa(t) == mean
    monkeypatch.setattr(module, "MOST_PAIRS", 9)
    few = cohen_kappas(t)
    assert few.to_frame().equals(dense.to_frame(9))
    assert (len(few), few.there_are) == (9, len(dense))
    assert mean_pairwise_kappa(t, min_items=1).n_set_aside == len(dense) - 9


def test_interval_is_the_jackknife_over_items_and_two_more() -> None:
    """Two items more, spread evenly over the table: 2 / 9 of one in each cell."""
    t = from_pairs(COHEN_SAS)
    table, v = np.array(COHEN_SAS) + 2 / 9, disagreement("kappa", t)
    values, weights = [], []
    for i, j in np.ndindex(3, 3):
        less = table.copy()
        less[i, j] -= 1
        values.append(float(kappa_of(less, v)))
        weights.append(table[i, j])
    n, kappa = 21, float(kappa_of(table, v))
    mean = np.average(values, weights=weights)
    error = np.sqrt((n - 1) / n * (np.array(weights) * (np.array(values) - mean) ** 2).sum())
    reach = stats.t.ppf(0.975, n - 3) * error / (1 - kappa**2)
    row = cohen_kappas(t).to_frame().iloc[0]
    assert [row["kappa_low"], row["kappa_high"]] == pytest.approx(
        np.tanh(np.arctanh(kappa) + np.array([-reach, reach]))
    )


@pytest.mark.parametrize(("items", "common", "right"), [(20, 0.9, 0.85), (50, 0.95, 0.97)])
def test_the_interval_covers_on_skewed_tables_of_few_items(items: int, common: float, right: float) -> None:
    from workbench.agreement.pairs import _intervals

    accuracy = np.array([[right, 1 - right], [1 - right, right]])
    joint = np.einsum("k,kc,kd->cd", [common, 1 - common], accuracy, accuracy)
    truth = kappa_of(joint[None] * 1e6, 1 - np.eye(2))[0]
    drawn = np.random.default_rng(0).multinomial(items, joint.ravel(), 2_000).reshape(-1, 2, 2)
    low, high = _intervals(drawn, 1 - np.eye(2), kappa_of(drawn, 1 - np.eye(2)), 0.95)
    known = np.isfinite(low)
    assert ((low <= truth) & (truth <= high))[known].mean() > 0.93
    assert known.mean() > 0.85


def test_constant_labels_leave_kappa_undefined() -> None:
    pairs = cohen_kappas(tally_of([0, 0, 1, 1, 2, 2], [0, 1] * 3, [0] * 6, ("A", "B")))
    assert np.isnan(pairs.kappa[0])
    assert pairs.percent[0] == 1.0
    assert pairs.to_frame()["reason"][0] == "both gave 'A' to all 3 common items"


def test_no_pairs_at_all() -> None:
    pairs = cohen_kappas(tally_of([0, 1], [0, 1], [0, 1], ("A", "B")))
    assert len(pairs) == 0
    assert pairs.to_frame().empty
    with pytest.raises(WorkbenchError, match="no common item"):
        pairs.pair("annotator 1", "annotator 2")
    assert mean_pairwise_kappa(tally_of([0, 1], [0, 1], [0, 1], ("A", "B"))).reason == "no two annotators share an item"


@pytest.mark.parametrize("kind", ["kappa", "linear", "quadratic"])
def test_mean_kappa_and_its_intervals_equal_doing_it_by_hand(kind: str) -> None:
    t, labels = crowd(32, items=80, annotators=6)
    found = mean_pairwise_kappa(t, kind=kind, min_items=5)

    def mean(matrix: np.ndarray) -> float:
        return mean_pairwise_kappa(of_matrix(matrix, 3), kind=kind, min_items=4).value

    assert found.value == pytest.approx(getattr(cohen_kappas(t), kind).mean())
    assert found.n == len(cohen_kappas(t)) == 15
    several = np.flatnonzero((labels >= 0).sum(0) >= 2)
    values = np.array([mean(np.delete(labels, i, axis=1)) for i in several])
    n = len(values)
    reach = (
        stats.t.ppf(0.975, n - 1) * np.sqrt((n - 1) / n * ((values - values.mean()) ** 2).sum()) / (1 - found.value**2)
    )
    assert found.same_crew.to_list() == pytest.approx(np.tanh(np.arctanh(found.value) + np.array([-reach, reach])))
    assert found.new_crew.low <= found.same_crew.low


def test_pairs_with_few_common_items_are_set_aside() -> None:
    t, _ = crowd(33, items=30)
    pairs = cohen_kappas(t)
    found = mean_pairwise_kappa(t, min_items=8)
    assert found.n == (pairs.items >= 8).sum()
    assert found.n_set_aside == (pairs.items < 8).sum() > 0
