"""The fast ways equal the slow ones: leaving out, and drawing items with replacement."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from workbench import WorkbenchError
from workbench.agreement import COEFFICIENTS, Tally, bootstrap, leave_one_annotator_out, tally_of
from workbench.agreement.measures import coefficient
from workbench.agreement.resampling import sums

KEYS = [key for key in COEFFICIENTS if key != "fleiss_kappa"]


def crowd(
    seed: int = 0, items: int = 40, annotators: int = 8, k: int = 3, group: np.ndarray | None = None
) -> tuple[Tally, np.ndarray]:
    """Items with 0 to 5 labels, annotators of unequal skill; and the labels as an annotators x items matrix."""
    rng = np.random.default_rng(seed)
    truth, skill = rng.integers(0, k, items), rng.uniform(0.4, 0.95, annotators)
    labels = np.where(rng.random((annotators, items)) < skill[:, None], truth, rng.integers(0, k, (annotators, items)))
    labels = np.where(rng.random((annotators, items)) < rng.uniform(0.1, 0.6, items), labels, -1)
    return of_matrix(labels, k, group), labels


def of_matrix(labels: np.ndarray, k: int, group: np.ndarray | None = None) -> Tally:
    annotators, items = labels.shape
    where = np.tile(np.arange(items), annotators), np.repeat(np.arange(annotators), items)
    return tally_of(*where, labels.ravel(), tuple("abcde"[:k]), items, group)


def value(labels: np.ndarray, key: str, k: int = 3) -> float:
    t = of_matrix(labels, k)
    return sums(t, coefficient(key, t)).value


@pytest.mark.parametrize("key", KEYS)
def test_without_each_annotator_equals_computing_again(key: str) -> None:
    t, labels = crowd()
    found = leave_one_annotator_out(t, key).set_index("annotator")
    for a in range(len(labels)):
        less = labels.copy()
        less[a] = -1
        assert found.loc[f"annotator {a + 1}", "without"] == pytest.approx(value(less, key), abs=1e-12)
    assert np.allclose(found["change"], found["without"] - value(labels, key))
    assert found["labels"].sum() == (labels >= 0).sum()
    assert found["change"].is_monotonic_decreasing


def test_modal_fleiss_without_an_annotator_keeps_its_items() -> None:
    """Leaving an annotator out takes their labels off the modal items; it does not change which items these are."""
    t, labels = crowd()
    modal = np.argmax(np.bincount((labels >= 0).sum(0))[2:]) + 2
    inside = labels[:, (labels >= 0).sum(0) == modal]
    found = leave_one_annotator_out(t, "fleiss_kappa").set_index("annotator")
    for a in range(len(labels)):
        less = inside.copy()
        less[a] = -1
        assert found.loc[f"annotator {a + 1}", "without"] == pytest.approx(
            value(less, "fleiss_kappa_generalised"), abs=1e-12
        )


@pytest.mark.parametrize("key", KEYS)
def test_without_each_item_equals_computing_again(key: str) -> None:
    t, labels = crowd(1)
    values, frequency = sums(t, coefficient(key, t)).without_item()
    found = np.sort(np.repeat(values, frequency))
    least = 1 if key.startswith(("fleiss", "gwet", "brennan")) else 2
    wanted = [
        value(np.delete(labels, i, axis=1), key) for i in range(labels.shape[1]) if (labels[:, i] >= 0).sum() >= least
    ]
    assert found == pytest.approx(np.sort(wanted), abs=1e-12)


@pytest.mark.parametrize("key", ["krippendorff_alpha.ordinal", "gwet_ac1"])
def test_without_each_label_equals_computing_again(key: str) -> None:
    t, labels = crowd(2, items=15)
    values, frequency = sums(t, coefficient(key, t)).without_label()
    wanted = []
    for a, i in zip(*np.nonzero(labels >= 0), strict=True):
        less = labels.copy()
        less[a, i] = -1
        wanted.append(value(less, key))
    assert np.sort(np.repeat(values, frequency)) == pytest.approx(np.sort(wanted), abs=1e-12)


def test_without_each_group_equals_computing_again() -> None:
    group = np.repeat(np.arange(12), [1, 1, 2, 3, 5, 1, 4, 6, 7, 2, 3, 5])
    t, labels = crowd(3, group=group)
    values, frequency = sums(t, coefficient("krippendorff_alpha.nominal", t)).without_item()
    several = (labels >= 0).sum(0) >= 2
    wanted = [
        value(labels[:, group != g], "krippendorff_alpha.nominal") for g in range(12) if several[group == g].any()
    ]
    assert np.sort(np.repeat(values, frequency)) == pytest.approx(np.sort(wanted), abs=1e-12)


def test_many_groups_are_left_out_to_first_order(monkeypatch: pytest.MonkeyPatch) -> None:
    import workbench.agreement.resampling as resampling

    group = np.arange(2_000) // 2
    t, _ = crowd(4, items=2_000, group=group)
    for key in COEFFICIENTS:
        exact, times = sums(t, coefficient(key, t)).without_item()
        with monkeypatch.context() as patch:
            patch.setattr(resampling, "_EXACT", 10)
            first, again = sums(t, coefficient(key, t)).without_item()
        assert np.sqrt(np.cov(first, fweights=again)) == pytest.approx(np.sqrt(np.cov(exact, fweights=times)), rel=5e-3)


@pytest.mark.parametrize("grouped", [False, True])
def test_bootstrap_is_the_plain_one_in_distribution(grouped: bool) -> None:
    items = 60
    group = np.arange(items) // 3 if grouped else None
    t, labels = crowd(5, items=items, group=group)
    rng = np.random.default_rng(6)
    found = bootstrap(t, "krippendorff_alpha.ordinal", replicates=3_000, rng=rng)
    plain = []
    for _ in range(600):
        size = 3 if grouped else 1
        drawn = (rng.integers(0, items // size, items // size)[:, None] * size + np.arange(size)).ravel()
        plain.append(value(labels[:, drawn], "krippendorff_alpha.ordinal"))
    assert stats.ks_2samp(found, plain).pvalue > 0.001
    assert found.std() == pytest.approx(np.std(plain), rel=0.1)


def test_bootstrap_is_the_same_for_the_same_seed_and_any_batch_size(monkeypatch: pytest.MonkeyPatch) -> None:
    import workbench.agreement.resampling as resampling

    t, _ = crowd(7)
    once = bootstrap(t, replicates=50, rng=np.random.default_rng(1))
    monkeypatch.setattr(
        resampling, "_batches", lambda replicates, width: iter([7] * (replicates // 7) + [replicates % 7])
    )
    assert bootstrap(t, replicates=50, rng=np.random.default_rng(1)) == pytest.approx(once)


def test_leaving_out_says_why_not_where_there_is_no_value() -> None:
    t = tally_of([0, 1, 2], [0, 1, 2], [0, 1, 0], ("a", "b"))
    with pytest.raises(WorkbenchError, match="no item has labels from two annotators"):
        leave_one_annotator_out(t)
