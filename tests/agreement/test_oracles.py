"""Random small data against independent implementations."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score

from tests.agreement.published import from_counts
from workbench.agreement import Tally, cohen_kappas, fleiss_kappa, krippendorff_alpha, tally_of

krippendorff = pytest.importorskip("krippendorff")


def random_matrix(rng: np.random.Generator, missing: float) -> tuple[np.ndarray, int]:
    """Annotators x items of labels, -1 = missing; labels of an item resemble each other."""
    annotators, items, k = int(rng.integers(2, 7)), int(rng.integers(3, 15)), int(rng.integers(2, 6))
    truth = rng.integers(0, k, items)
    labels = np.where(rng.random((annotators, items)) < 0.6, truth, rng.integers(0, k, (annotators, items)))
    return np.where(rng.random((annotators, items)) < missing, -1, labels), k


def tally_matrix(labels: np.ndarray, k: int) -> Tally:
    annotators, items = labels.shape
    return tally_of(
        np.tile(np.arange(items), annotators),
        np.repeat(np.arange(annotators), items),
        labels.ravel(),
        tuple("abcdef"[:k]),
        items,
    )


@pytest.mark.parametrize("level", ["nominal", "ordinal", "interval", "ratio"])
def test_alpha_equals_krippendorff(level: str) -> None:
    rng, compared = np.random.default_rng(1), 0
    for _ in range(150):
        labels, k = random_matrix(rng, rng.choice([0.0, 0.3, 0.6]))
        found = krippendorff_alpha(tally_matrix(labels, k), level)
        with np.errstate(all="ignore"):
            try:
                wanted = krippendorff.alpha(
                    np.where(labels < 0, np.nan, labels), value_domain=np.arange(k), level_of_measurement=level
                )
            except ValueError:
                assert found.value is None
                continue
        if found.value is None:
            assert not np.isfinite(wanted) or "one category" in str(found.reason)
            continue
        assert found.value == pytest.approx(wanted, abs=1e-12)
        compared += 1
    assert compared > 100


def test_fleiss_equals_statsmodels() -> None:
    from statsmodels.stats.inter_rater import fleiss_kappa as oracle

    rng = np.random.default_rng(2)
    for _ in range(100):
        k, m, n = int(rng.integers(2, 6)), int(rng.integers(2, 8)), int(rng.integers(3, 20))
        table = rng.multinomial(m, rng.dirichlet(np.ones(k)), n)
        if (table.sum(0) > 0).sum() < 2:
            continue
        assert fleiss_kappa(from_counts(table)).value == pytest.approx(oracle(table), abs=1e-12)
        assert fleiss_kappa(from_counts(table), items="all").value == pytest.approx(oracle(table), abs=1e-12)


def test_fleiss_of_modal_items_ignores_the_others() -> None:
    rng = np.random.default_rng(3)
    table = rng.multinomial(3, [0.5, 0.3, 0.2], 20)
    more = np.vstack([table, rng.multinomial(5, [0.2, 0.3, 0.5], 7), [[1, 0, 0]]])
    assert fleiss_kappa(from_counts(more)).value == pytest.approx(fleiss_kappa(from_counts(table)).value, abs=1e-12)
    assert fleiss_kappa(from_counts(more)).n == 20
    assert fleiss_kappa(from_counts(more)).n_set_aside == 8


@pytest.mark.parametrize("kind", ["kappa", "linear", "quadratic"])
def test_cohen_equals_sklearn_for_every_pair(kind: str) -> None:
    rng, compared = np.random.default_rng(4), 0
    for _ in range(40):
        labels, k = random_matrix(rng, 0.3)
        pairs = cohen_kappas(tally_matrix(labels, k))
        for row in range(len(pairs)):
            a, b = labels[pairs.first[row]], labels[pairs.second[row]]
            both = (a >= 0) & (b >= 0)
            assert both.sum() == pairs.items[row]
            value = getattr(pairs, kind)[row]
            if len(set(a[both]) | set(b[both])) < 2:
                assert np.isnan(value)
                continue
            weights = None if kind == "kappa" else kind
            assert value == pytest.approx(
                cohen_kappa_score(a[both], b[both], labels=np.arange(k), weights=weights), abs=1e-12
            )
            compared += 1
    assert compared > 200


def test_cohen_equals_statsmodels() -> None:
    from statsmodels.stats.inter_rater import cohens_kappa

    rng = np.random.default_rng(5)
    for _ in range(30):
        table = rng.integers(0, 9, (3, 3)) + np.diag(rng.integers(1, 20, 3))
        item = np.arange(table.sum())
        a, b = (np.repeat(index.ravel(), table.ravel()) for index in np.indices((3, 3)))
        pairs = cohen_kappas(
            tally_of(
                np.concatenate([item, item]), np.repeat([0, 1], len(item)), np.concatenate([a, b]), ("a", "b", "c")
            )
        )
        assert pairs.kappa[0] == pytest.approx(cohens_kappa(table, return_results=False), abs=1e-12)
        assert pairs.linear[0] == pytest.approx(cohens_kappa(table, wt="linear", return_results=False), abs=1e-12)
        assert pairs.quadratic[0] == pytest.approx(cohens_kappa(table, wt="quadratic", return_results=False), abs=1e-12)
