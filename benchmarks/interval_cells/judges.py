"""AI judges beside people, and what was routed: means, agreement, risk, the error of what nobody checked."""

from __future__ import annotations

import numpy as np

from benchmarks.interval_cells.cells import Draw, Row
from workbench.judging.prediction_powered import prediction_powered_mean
from workbench.judging.thresholds import risk_upper_bound
from workbench.judging.trust import _two_way
from workbench.routing.checks import error_of_all, inclusion


def powered(labels: int, accuracy: float, share: float = 0.6, others: int = 3_000) -> Draw:
    """A judge that is right so often, on labels of which some people gave."""

    def draw(rng: np.random.Generator):  # type: ignore[no-untyped-def]
        truth = rng.random(labels + others) < share
        judge = np.where(rng.random(labels + others) < accuracy, truth, ~truth).astype(float)
        found = prediction_powered_mean(truth[:labels].astype(float), judge[:labels], judge[labels:])
        if found.interval is not None:
            yield *found.interval, share

    return draw


def agreeing(items: int, people: int, spread: float, votes: int = 3) -> Draw:
    """A judge beside people who differ in how often they agree with it, `votes` of them an item: to new people."""

    def draw(rng: np.random.Generator):  # type: ignore[no-untyped-def]
        person = rng.beta(0.75 / spread - 0.75, 0.25 / spread - 0.25, people)
        ease = rng.normal(0, 0.1, items)
        hits = rng.random((items, people)) < np.clip(person[None, :] + ease[:, None], 0, 1)
        known = np.argsort(rng.random((items, people)), axis=1) < votes
        found = _two_way("agreement", hits, known, np.arange(items))
        if found.new_crew is not None:
            yield found.new_crew.low, found.new_crew.high, 0.75

    return draw


def risky(items: int, risk: float) -> Draw:
    """One-sided: the risk is at most the bound."""

    def draw(rng: np.random.Generator):  # type: ignore[no-untyped-def]
        yield 0.0, float(risk_upper_bound(int(rng.binomial(items, risk)), items, 0.05)), risk

    return draw


def unchecked(items: int, share: float, error: float, unsure_times: float) -> Draw:
    """Decisions of which a share is checked, the unsure ones more often, which are wrong more often, too."""

    def draw(rng: np.random.Generator):  # type: ignore[no-untyped-def]
        confidence = rng.random(items)
        wrong = rng.random(items) < np.clip(error * (1.6 - 1.2 * confidence), 0, 1)
        chance = inclusion(confidence, share, unsure_times)
        found = error_of_all(wrong, chance, rng.random(items) < chance)
        if found.same_crew is not None:
            yield found.same_crew.low, found.same_crew.high, float(wrong.mean())

    return draw


def rows() -> list[Row]:
    return [
        Row(
            "an AI judge's mean with people's labels added",
            ("judging.prediction_powered.prediction_powered_mean",),
            {
                f"{n} labels, judge right in {accuracy:.0%}, share {share:g}": powered(n, accuracy, share)
                for n, accuracy, share in ((50, 0.6, 0.6), (50, 0.9, 0.6), (300, 0.75, 0.6), (300, 0.9, 0.9))
            },
            runs=2_000,
            note="[JUDGE_GUARANTEES.md](JUDGE_GUARANTEES.md) has it from 30 labels on",
        ),
        Row(
            "an AI judge's agreement with people, for new people",
            ("judging.trust._two_way",),
            {
                "4 people, alike": agreeing(150, 4, 0.02),
                "8 people, unlike": agreeing(150, 8, 0.1),
                "20 people, unlike, 600 items": agreeing(600, 20, 0.1),
                "30 people, alike": agreeing(300, 30, 0.02),
            },
            runs=1_000,
            note="under three people there is none",
        ),
        Row(
            "upper bound of an AI judge's risk (one-sided)",
            ("judging.thresholds.risk_upper_bound",),
            {f"{n} items, risk {risk:g}": risky(n, risk) for n, risk in ((59, 0.05), (200, 0.1), (500, 0.02))},
            runs=4_000,
        ),
        Row(
            "error of everything that was routed",
            ("routing.checks.error_of_all",),
            {
                "1,000 decided, 5% checked, 10% wrong": unchecked(1_000, 0.05, 0.1, 2.0),
                "3,000 decided, 5% checked, 10% wrong": unchecked(3_000, 0.05, 0.1, 2.0),
                "3,000 decided, 10% checked, 3% wrong": unchecked(3_000, 0.1, 0.03, 3.0),
                "500 decided, 30% checked, 25% wrong": unchecked(500, 0.3, 0.25, 2.0),
            },
            runs=1_500,
            note="from under 30 checks it says that it rests on few",
        ),
    ]
