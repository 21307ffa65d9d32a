"""Agreement where labels are skewed, calibration of probabilities, studies over seeds and prompts."""

from __future__ import annotations

import numpy as np

from benchmarks.interval_cells.cells import Draw, Row
from workbench.agreement.coefficients import krippendorff
from workbench.agreement.intervals import estimate
from workbench.agreement.mean_kappa import mean_pairwise_kappa
from workbench.agreement.pairs import cohen_kappas, kappa_of
from workbench.agreement.tally import Tally, tally_of
from workbench.economics.alpha import alpha_of, expected_alpha
from workbench.reward.calibration import equal_mass
from workbench.reward.calibration_error import debiased_error
from workbench.reward.ceiling import _mapped, accuracy_of_agreement
from workbench.reward.ranking import clustered_share
from workbench.studies.resampling import Resampler, Scores
from workbench.studies.savings import measure_saving, saving

BINARY = np.arange(2.0)


def table(common: float, right: float) -> np.ndarray:
    """Chances of two independent labels, (2, 2)."""
    accuracy = np.array([[right, 1 - right], [1 - right, right]])
    return np.einsum("k,kc,kd->cd", [common, 1 - common], accuracy, accuracy)


def labelled(rng: np.random.Generator, items: int, people: int, common: float, right: float) -> Tally:
    truth = rng.random(items) > common
    label = np.where(rng.random((items, people)) < right, truth[:, None], ~truth[:, None]).astype(int)
    return tally_of(np.repeat(np.arange(items), people), np.tile(np.arange(people), items), label.ravel(), ("A", "B"))


def alphas(items: int, people: int, common: float, right: float, marked: bool | None = None) -> Draw:
    joint = table(common, right)
    truth = 1 - 2 * joint[0, 1] / (1 - (joint.sum(0) ** 2).sum())

    def draw(rng: np.random.Generator):  # type: ignore[no-untyped-def]
        found = estimate(labelled(rng, items, people, common, right), krippendorff("nominal", BINARY))
        if found.same_crew is not None and (marked is None or marked == (found.few is not None)):
            yield found.same_crew.low, found.same_crew.high, truth

    return draw


def kappas(items: int, common: float, right: float) -> Draw:
    truth = float(kappa_of(table(common, right)[None] * 1e6, 1 - np.eye(2))[0])

    def draw(rng: np.random.Generator):  # type: ignore[no-untyped-def]
        found = cohen_kappas(labelled(rng, items, 2, common, right)).to_frame()
        yield float(found["kappa_low"].iloc[0]), float(found["kappa_high"].iloc[0]), truth

    return draw


def mean_kappas(rng: np.random.Generator):  # type: ignore[no-untyped-def]
    truth = float(kappa_of(table(0.6, 0.85)[None] * 1e6, 1 - np.eye(2))[0])
    found = mean_pairwise_kappa(labelled(rng, 150, 5, 0.6, 0.85))
    if found.same_crew is not None:
        yield found.same_crew.low, found.same_crew.high, truth


def off(n: int, size: int, kind: str) -> Draw:
    """Probabilities of a model: calibrated, too sure by half, a little too sure, or off in the surest bins alone."""

    def draw(rng: np.random.Generator):  # type: ignore[no-untyped-def]
        margin = np.abs(rng.normal(0, 1.5, n))
        sure = 1 / (1 + np.exp(-margin))
        real = {
            "calibrated": sure,
            "too sure": 1 / (1 + np.exp(-margin / 2)),
            "a little too sure": 1 / (1 + np.exp(-margin / 1.25)),
            "off where surest": np.where(sure > 0.93, sure - 0.25, sure),
        }[kind]
        group = np.arange(n) // size
        shared = np.sqrt(0.3 if size > 1 else 0.0) * rng.normal(size=group.max() + 1)[group]
        from scipy.stats import norm

        right = norm.cdf(shared + np.sqrt(0.7 if size > 1 else 1.0) * rng.normal(size=n)) < real
        place = equal_mass(sure, 15)
        found = debiased_error(right - sure, place, group, seed=int(rng.integers(1 << 31)))
        truth = float(np.abs(np.bincount(place, real - sure)).sum() / n)
        if found is not None:
            yield found.low, found.high, truth

    return draw


def curves(
    rng: np.random.Generator, seeds: int, buckets: int, size: float, rate: float
) -> tuple[np.ndarray, np.ndarray]:
    """Right and pairs of each point, seed and bucket: a curve that seeds shift by .5 points and prompts by 5."""
    labels = np.array([100.0, 200, 400, 800, 1_600])
    mean = 0.9 - size * (labels / 100) ** -rate
    seed, prompt = rng.normal(0, 0.005, (seeds, 1)), np.clip(rng.normal(0, 0.05, buckets), -0.09, 0.09)
    n = np.full((seeds, buckets), 20.0)
    p = np.clip(mean[:, None, None] + seed + prompt, 0.01, 0.99)
    return rng.binomial(20, p).astype(float), n


def studies(seeds: int, buckets: int, what: str) -> Draw:
    labels = np.array([100.0, 200, 400, 800, 1_600])
    sampler = Resampler(seeds, buckets, draws=400)

    def truth(size: float, rate: float) -> np.ndarray:
        return 0.9 - size * (labels / 100) ** -rate

    def draw(rng: np.random.Generator):  # type: ignore[no-untyped-def]
        state = rng.bit_generator.state
        own, n = curves(rng, seeds, buckets, 0.25, 0.45)
        # The same seeds and prompts for both, as in a replay.
        rng.bit_generator.state = state
        base, _ = curves(rng, seeds, buckets, 0.25, 0.30)
        scores = [[Scores(r, np.zeros_like(r), n) for r in each] for each in (own, base)]
        if what == "accuracy":
            found = sampler.accuracy(scores[0][2])
            yield found.low or np.nan, found.high or np.nan, truth(0.25, 0.45)[2]
        elif what == "difference":
            found = sampler.difference(scores[0][2], scores[1][2])
            yield found.low or np.nan, found.high or np.nan, truth(0.25, 0.45)[2] - truth(0.25, 0.30)[2]
        else:
            value = tuple(np.array([s.accuracy for s in each]) for each in scores)
            drawn = tuple(np.stack([sampler.of_scores(s) for s in each], 1) for each in scores)
            found = measure_saving(labels, value, drawn, sampler, int(n.sum())).ratio  # type: ignore[arg-type]
            if found.low is not None and found.high is not None:
                yield found.low, found.high, saving(labels, truth(0.25, 0.45), truth(0.25, 0.30))

    return draw


def foreseen(rng: np.random.Generator):  # type: ignore[no-untyped-def]
    """The alpha that comes of 500 items with three labels lies where it was foreseen."""
    found = expected_alpha(0.8, 500, 3.0, 12)
    made = estimate(labelled(rng, 500, 3, 0.5, 0.8), krippendorff("nominal", BINARY))
    if found.same_crew is not None and made.value is not None:
        yield found.same_crew.low, found.same_crew.high, made.value


def ceilings(rng: np.random.Generator):  # type: ignore[no-untyped-def]
    agree = (rng.random(300) < 0.68).astype(float)
    found = _mapped(clustered_share(agree, np.arange(300) // 3, "a"), "p", accuracy_of_agreement)
    if found.same_crew is not None:
        yield found.same_crew.low, found.same_crew.high, accuracy_of_agreement(0.68)


def rows() -> list[Row]:
    assert abs(alpha_of(0.8, 0.0) - 0.36) < 1e-9
    return [
        Row(
            "agreement coefficients, both crews; weeks, slices, kinds; reversals between annotators",
            (
                "agreement.intervals.interval_around",
                "agreement.intervals._bootstrapped",
                "agreement.intervals._widened",
                "agreement.replicates.bootstrap_distribution",
                "agreement.bands._standard_error",
            ),
            elsewhere="[AGREEMENT_COVERAGE.md](AGREEMENT_COVERAGE.md)",
        ),
        Row(
            "alpha where labels are skewed, same crew",
            ("agreement.intervals.interval_around",),
            {
                f"{n} items x {m}, {c:g} of one label, right {r:g}": alphas(n, m, c, r)
                for n, m, c, r in ((100, 3, 0.95, 0.9), (100, 3, 0.97, 0.97), (100, 5, 0.97, 0.95), (50, 3, 0.9, 0.9))
            },
            note="marked `rests on n items of another label` where fewer than ten carry one",
        ),
        Row(
            "Cohen's kappa of two annotators",
            ("agreement.pairs._intervals",),
            {
                f"{n} items, {c:g} of one label, right {r:g}": kappas(n, c, r)
                for n, c, r in ((20, 0.9, 0.85), (20, 0.8, 0.85), (50, 0.9, 0.9), (50, 0.95, 0.97), (200, 0.5, 0.8))
            },
        ),
        Row("mean pairwise kappa", ("agreement.mean_kappa.mean_pairwise_kappa",), {"150 items, 5 people": mean_kappas}),
        Row(
            "calibration error of a reward model, chance taken out",
            ("reward.calibration_error.debiased_error", "reward.calibration._debiased"),
            {
                f"{n} pairs{f', {m} a prompt' if m > 1 else ''}, {kind}": off(n, m, kind)
                for n, m in ((300, 1), (1_000, 4))
                for kind in ("calibrated", "too sure", "a little too sure", "off where surest")
            },
            runs=120,
        ),
        Row("human ceiling", ("reward.ceiling._mapped",), {"300 pairs of labels": ceilings}),
        Row(
            "figures of studies over seeds and prompts",
            (
                "studies.resampling.expanded_percentiles",
                "studies.resampling.expanded_tail",
                "studies.resampling.Resampler.measured",
                "studies.learning_curve.LearningCurve.labels_for",
                "studies.stopping.where_to_stop",
                "studies.stopping.where_to_stop.most",
            ),
            {
                f"{what}, {s} seeds, {b} buckets": studies(s, b, what)
                for what in ("accuracy", "difference")
                for s, b in ((3, 20), (5, 60), (10, 60))
            },
            runs=150,
        ),
        Row(
            "labels that selection saves (replay)",
            ("studies.savings.measure_saving",),
            {f"{s} seeds, {b} buckets": studies(s, b, "saving") for s, b in ((3, 20), (5, 60), (10, 60))},
            runs=80,
        ),
        Row(
            "alpha that a plan foresees",
            ("economics.alpha._interval", "economics.alpha.expected_alpha"),
            {"500 items x 3": foreseen},
        ),
    ]
