"""Dawid-Skene against its published example, against a literal transcription of its equations, and against planted
truth."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from tests.aggregation.cases import anaesthesia, judged, planted
from workbench.aggregation import aggregate
from workbench.aggregation.kernels import counts_given, expectation
from workbench.aggregation.pooling import first_pool
from workbench.dataset.annotation_set import AnnotationSet
from workbench.dataset.scales import BINARY, categories
from workbench.errors import WorkbenchError


def literal_em(data: AnnotationSet, rounds: int) -> tuple[list[float], np.ndarray, np.ndarray, np.ndarray]:
    """Dawid & Skene 1979, equations 2.3 to 2.5 and 3.1, written down with loops over every index."""
    c, k = data.codes, len(data.scale)
    n, crew = c.n_items, c.n_annotators
    said = np.zeros((n, crew, k))
    for i, a, label in zip(c.item, c.annotator, c.label, strict=True):
        said[i, a, label] += 1
    t = said.sum(1) / said.sum((1, 2))[:, None]
    likelihoods = []
    for _ in range(rounds):
        p = [t[:, j].sum() / n for j in range(k)]
        pi = np.zeros((crew, k, k))
        for a in range(crew):
            for j in range(k):
                for label in range(k):
                    pi[a, j, label] = sum(t[i, j] * said[i, a, label] for i in range(n)) / max(
                        sum(t[i, j] * said[i, a].sum() for i in range(n)), 1e-300
                    )
        joint = np.zeros((n, k))
        for i in range(n):
            for j in range(k):
                joint[i, j] = p[j]
                for a in range(crew):
                    for label in range(k):
                        joint[i, j] *= pi[a, j, label] ** said[i, a, label]
        likelihoods.append(float(np.log(joint.sum(1)).sum()))
        t = joint / joint.sum(1, keepdims=True)
    return likelihoods, t, pi, np.array(p)


@pytest.mark.parametrize("seed", range(3))
def test_maximum_likelihood_is_what_the_equations_say(seed: int) -> None:
    data, _ = planted(seed=seed, items=40, annotators=4, per_item=3, k=3)
    found = aggregate(data, "dawid_skene", prior="none", max_iterations=8, tolerance=-1.0)
    likelihoods, t, pi, p = literal_em(data, 8)
    np.testing.assert_allclose(found.objective, likelihoods, rtol=0, atol=1e-9)
    np.testing.assert_allclose(found.posterior, t, atol=1e-9)
    np.testing.assert_allclose(found.prior, p, atol=1e-9)
    np.testing.assert_allclose(found.confusion, pi, atol=1e-9)


@pytest.mark.parametrize(
    ("patient_7", "likelihood", "shares"),
    [("122", -192.89088, (0.3996, 0.4220, 0.1118, 0.0667)), ("112", -190.73100, (0.4000, 0.4216, 0.1118, 0.0667))],
)
def test_the_anaesthetists(patient_7: str, likelihood: float, shares: tuple[float, ...]) -> None:
    found = aggregate(anaesthesia(patient_7), "dawid_skene", prior="none", tolerance=1e-14)
    assert found.converged
    assert found.objective[-1] == pytest.approx(likelihood, abs=5e-6)
    np.testing.assert_allclose(found.prior, shares, atol=5e-5)
    assert (np.diff(found.objective) >= -1e-9).all()
    # Where the posterior overrules or settles the vote: patients 2 and 36 are of class 4, 12 of class 3.
    assert found.label[[1, 35, 11]].tolist() == [3, 3, 2]
    if patient_7 == "112":
        assert found.posterior[34, 1] == pytest.approx(0.948, abs=5e-4)
        assert found.posterior[37, 2] == pytest.approx(0.979, abs=5e-4)
    else:
        published = [[0.89, 0.11, 0, 0], [0.07, 0.88, 0.05, 0], [0, 0.34, 0.66, 0], [0, 0, 0.56, 0.44]]
        np.testing.assert_allclose(found.confusion[0], published, atol=5e-3)


def test_the_published_solution_is_a_local_maximum() -> None:
    found = aggregate(anaesthesia(), "dawid_skene", prior="none", tolerance=1e-10, restarts=40, seed=0)
    assert found.objective[-1] > -192.0
    assert len({round(v, 3) for v in found.details["objectives"]}) > 2


def test_the_bound_is_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    """Four items, two annotators: the evidence under a given pool by averaging over tables drawn from it and adding
    over all truths."""
    monkeypatch.setattr("workbench.aggregation.dawid_skene.improve", lambda pool, counts, memory: pool)
    label = np.array([0, 0, 1, 1, 0, 1, 0, 0])
    data = judged(np.repeat(np.arange(4), 2), np.tile([0, 1], 4), label, BINARY)
    found = aggregate(data, "dawid_skene", tolerance=1e-13)
    pool = first_pool(counts_given(data.codes, np.stack([1 - label, label], 1).reshape(4, 2, 2).mean(1))[0])

    rng = np.random.default_rng(0)
    n = 20_000
    kinds = rng.choice(len(pool.weights), (n, 2), p=pool.weights)
    gammas = rng.standard_gamma(pool.pseudo_counts[kinds])
    tables = gammas / gammas.sum(-1, keepdims=True)  # (draw, annotator, truth, label)
    share = rng.random(n)
    evidence = 0.0
    for truth in product((0, 1), repeat=4):
        chance = np.prod([np.where(t, 1 - share, share) for t in truth], 0)
        for i, k, said in zip(data.codes.item, data.codes.annotator, data.codes.label, strict=True):
            chance = chance * tables[:, k, truth[i], said]
        evidence += chance.mean()
    bound = found.objective[-1] - pool.log_hyperprior()
    assert np.log(evidence) - 1.5 < bound < np.log(evidence) + 0.02


@pytest.mark.parametrize(("annotators", "per_item", "k"), [(60, 3, 5), (12, 5, 3), (200, 3, 4)])
def test_the_learned_pool_beats_maximum_likelihood_majority_and_one_coin(
    annotators: int, per_item: int, k: int
) -> None:
    accuracy, nll = [], []
    for seed in range(3):
        data, _ = planted(seed=seed, items=1200, annotators=annotators, per_item=per_item, k=k, skill=(0.45, 0.9))
        found = {m: aggregate(data, m) for m in ("majority", "one_coin", "dawid_skene")}
        found["likelihood"] = aggregate(data, "dawid_skene", prior="none")
        rows = np.arange(1200)
        accuracy.append([(f.label == data.gold).mean() for f in found.values()])
        nll.append([-np.log(np.maximum(f.posterior[rows, data.gold], 1e-12)).mean() for f in found.values()])
    majority, one_coin, learned, likelihood = np.mean(accuracy, 0)
    assert learned > majority
    assert learned > likelihood
    assert learned > one_coin - 0.002
    assert np.mean(nll, 0).argmin() == 2


def test_confusion_tables_are_found_where_there_is_enough_to_find_them() -> None:
    """Annotator 0 mistakes 1 for 2 and nothing else; the others are plain."""
    rng = np.random.default_rng(5)
    truth = rng.integers(0, 3, 3000)
    votes = [np.where((truth == 1) & (rng.random(3000) < 0.6), 2, truth)]
    votes += [np.where(rng.random(3000) < 0.8, truth, (truth + rng.integers(1, 3, 3000)) % 3) for _ in range(4)]
    data = judged(
        np.repeat(np.arange(3000), 5), np.tile(np.arange(5), 3000), np.stack(votes, 1).ravel(), categories("abc")
    )
    found = aggregate(data, "dawid_skene")
    np.testing.assert_allclose(found.confusion[0], [[1, 0, 0], [0, 0.4, 0.6], [0, 0, 1]], atol=0.04)
    assert found.annotators["ability"].notna().all()


def test_spammers_are_seen_as_careless() -> None:
    rng = np.random.default_rng(6)
    truth = rng.integers(0, 5, 800)
    honest = [
        np.where(rng.random(800) < 0.75, truth, np.clip(truth + rng.choice([-1, 1], 800), 0, 4)) for _ in range(5)
    ]
    votes = [*honest, rng.integers(0, 5, 800), rng.integers(0, 5, 800)]
    data = judged(
        np.repeat(np.arange(800), 7), np.tile(np.arange(7), 800), np.stack(votes, 1).ravel(), categories(range(5))
    )
    found = aggregate(data, "dawid_skene")
    assert (found.annotators["careless"][5:] > 0.9).all()
    assert (found.annotators["careless"][:5] < 0.1).all()
    assert (found.annotators["weight"][5:].abs() < 0.3).all()


def test_a_fixed_strength_stays() -> None:
    data, _ = planted(seed=2)
    assert aggregate(data, "dawid_skene", strength=30.0).details["strength"].tolist() == pytest.approx([30.0] * 3)


def test_the_diagonal_prior_is_a_pseudo_count() -> None:
    """One annotator, one item, label 1 of 2: with pseudo-counts [[9, 1], [1, 9]] and the vote as start, T = (0, 1)
    gives pi[1, 1] = 10 / 11."""
    data = judged(np.array([0]), np.array([0]), np.array([1]), BINARY)
    found = aggregate(data, "dawid_skene", prior="diagonal", max_iterations=1)
    np.testing.assert_allclose(found.confusion[0], [[0.9, 0.1], [1 / 11, 10 / 11]])
    odds = (2 / 3 * 10 / 11) / (1 / 3 * 0.1)
    assert found.posterior[0, 1] == pytest.approx(odds / (1 + odds))


@pytest.mark.parametrize("options", [{"prior": "flat"}, {"strength": 0.0}, {"strength": float("nan")}])
def test_senseless_options_are_refused(options: dict[str, object]) -> None:
    with pytest.raises(WorkbenchError, match="prior"):
        aggregate(anaesthesia(), "dawid_skene", **options)


def test_cutting_the_items_into_parts_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    data, _ = planted(seed=4, items=900, annotators=5, per_item=4)
    rng = np.random.default_rng(0)
    table = np.log(rng.dirichlet(np.ones(3), (5, 3)).transpose(0, 2, 1))
    clamp = np.full(900, -1, np.int8)
    whole, parts = (np.full((900, 3), np.nan) for _ in range(2))
    one = expectation(data.codes, clamp, np.log(np.full(3, 1 / 3)), np.ascontiguousarray(table), whole)
    monkeypatch.setattr("workbench.aggregation.kernels.PART", 100)
    other = expectation(data.codes, clamp, np.log(np.full(3, 1 / 3)), np.ascontiguousarray(table), parts)
    np.testing.assert_array_equal(whole, parts)
    for a, b in zip(one, other, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-12)
