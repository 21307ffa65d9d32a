"""Shares and means: on gold, of rankings, of repeats, of places; over prompts, over people, and paired."""

from __future__ import annotations

import numpy as np
import pandas as pd

from benchmarks.interval_cells.cells import Draw, Row, correlated
from workbench.aggregation.gold_score import interval_on_gold
from workbench.aggregation.paired import mean_difference
from workbench.annotators.gold import gold_accuracy
from workbench.auditing.check import BothOrders
from workbench.auditing.checks_of_estimates import order, steady
from workbench.auditing.thresholds import Thresholds
from workbench.dataset.assembly import Export, assemble
from workbench.estimates import Estimate, Interval
from workbench.report.intervals import of_mean, of_median
from workbench.reversals.decomposition import _difference, _noise
from workbench.reversals.rates import Occasions, rate
from workbench.reward.pairs import Pairs
from workbench.reward.ranking import LeaveOneOut, clustered_share, leave_one_out, paired_difference
from workbench.statistics.clustered import clustered_mean
from workbench.statistics.proportions import clopper_pearson, jeffreys, wilson

CLUSTERED = {"25 prompts x 20": (25, 20, 0.3), "60 prompts x 5": (60, 5, 0.3), "200 alone": (200, 1, 0.0)}


def both(found: Estimate | None, crew: str = "same") -> tuple[float, float]:
    i = None if found is None else found.same_crew if crew == "same" else found.new_crew
    return (np.nan, np.nan) if i is None else (i.low, i.high)


def share_cells(make: object, levels: tuple[float, ...] = (0.8, 0.95)) -> dict[str, Draw]:
    """`make(right, prompt) -> (low, high)` on clustered answers."""

    def cell(p: float, clusters: int, size: int, icc: float) -> Draw:
        def draw(rng: np.random.Generator):  # type: ignore[no-untyped-def]
            x = correlated(rng, p, clusters, size, icc).ravel()
            yield (*make(x, np.repeat(np.arange(clusters), size)), p)  # type: ignore[operator]

        return draw

    return {f"{name}, {p:g}": cell(p, *shape) for name, shape in CLUSTERED.items() for p in levels}


def difference_cells(make: object) -> dict[str, Draw]:
    """`make(first, second, prompt)` of two methods that err on the same items: .85 and .80."""

    def cell(clusters: int, size: int, icc: float) -> Draw:
        def draw(rng: np.random.Generator):  # type: ignore[no-untyped-def]
            base = correlated(rng, 0.8, clusters, size, icc)
            gain = correlated(rng, 0.4, clusters, size, icc) * (1 - base)
            loss = correlated(rng, 0.0375, clusters, size, icc) * base
            prompt = np.repeat(np.arange(clusters), size)
            yield (*make((base + gain - loss).ravel(), base.ravel(), prompt), 0.2 * 0.4 - 0.8 * 0.0375)  # type: ignore[operator]

        return draw

    return {name: cell(*shape) for name, shape in CLUSTERED.items()}


def binomial(make: object) -> dict[str, Draw]:
    def cell(n: int, p: float) -> Draw:
        def draw(rng: np.random.Generator):  # type: ignore[no-untyped-def]
            low, high = make(float(rng.binomial(n, p)), n)  # type: ignore[operator]
            yield float(low), float(high), p

        return draw

    return {f"{n} alone, {p:g}": cell(n, p) for n in (20, 100, 400) for p in (0.6, 0.9)}


def rates(crew: str) -> dict[str, Draw]:
    """Occasions on prompts that differ (ICC .2) by people who differ (SD .5 on the logit)."""

    def cell(prompts: int, people: int, base: float) -> Draw:
        middle = np.log(base / (1 - base))
        spread = np.hypot(0.9, 0.5 if crew == "new" else 0.0)
        truth = float((1 / (1 + np.exp(-middle - np.random.default_rng(0).normal(0, spread, 2_000_000)))).mean())

        def draw(rng: np.random.Generator):  # type: ignore[no-untyped-def]
            n = prompts * 5
            prompt, person = np.repeat(np.arange(prompts), 5), rng.integers(0, people, n)
            own = rng.normal(0, 0.5, people) if crew == "new" else np.zeros(people)
            logit = middle + rng.normal(0, 0.9, prompts)[prompt] + own[person]
            happened = rng.random(n) < 1 / (1 + np.exp(-logit))
            yield (*both(rate("r", Occasions(happened, prompt, person), "none"), crew), truth)

        return draw

    return {
        f"{p} prompts x 5, {a} people, {b:g}": cell(p, a, b) for p, a in ((30, 8), (150, 15)) for b in (0.05, 0.2, 0.5)
    }


def differences_of_rates(rng: np.random.Generator):  # type: ignore[no-untyped-def]
    n, people = 150, 12
    made = []
    for base in (0.3, 0.15):
        happened = rng.random(n) < base
        made.append(rate("r", Occasions(happened, np.arange(n), rng.integers(0, people, n)), "none"))
    yield (*both(_difference("d", *made, 0.95)), 0.15)


def noise_of_repeats(rng: np.random.Generator):  # type: ignore[no-untyped-def]
    q = 0.1
    differs = rng.random(120) < 2 * q * (1 - q)
    yield (*both(_noise(rate("r", Occasions(differs, np.arange(120), np.arange(120) % 9), "none"), 0.95)), q)


def people_on_gold(clusters: int, size: int, icc: float) -> Draw:
    """Twelve people on gold that shares prompts; each has an interval."""

    def draw(rng: np.random.Generator):  # type: ignore[no-untyped-def]
        skill = rng.uniform(0.7, 0.95, 12)
        n = clusters * size
        rows = []
        for who, p in enumerate(skill):
            right = correlated(rng, p, clusters, size, icc).ravel() > 0
            rows.append(
                pd.DataFrame({"item_row": np.arange(n), "annotator": f"p{who}", "label": np.where(right, "A", "B")})
            )
        items = pd.DataFrame({"item_id": [f"i{k}" for k in range(n)], "gold": "A"})
        items["prompt"] = [f"question {k}" for k in np.repeat(np.arange(clusters), size)]
        found = gold_accuracy(assemble([Export(items=items, rows=pd.concat(rows), source="t", format="t", sides=True)]))
        yield from zip(found["low"], found["high"], skill, strict=True)

    return draw


def middle(make: object, truth: float) -> dict[str, Draw]:
    """Times of people: lognormal around 40 seconds."""

    def cell(n: int) -> Draw:
        def draw(rng: np.random.Generator):  # type: ignore[no-untyped-def]
            spans = make(rng.lognormal(np.log(40), 0.6, n))  # type: ignore[operator]
            yield from ((s.low, s.high, truth) for s in spans)

        return draw

    return {f"{n} lognormal": cell(n) for n in (20, 200)}


def means_of_people(rng: np.random.Generator):  # type: ignore[no-untyped-def]
    pace = rng.normal(0, 0.3, 20)
    who = np.repeat(np.arange(20), 30)
    found = clustered_mean(rng.lognormal(np.log(40) + pace[who], 0.5), who)
    yield found.low, found.high, 40 * np.exp((0.3**2 + 0.5**2) / 2)


def brier_scores(rng: np.random.Generator):  # type: ignore[no-untyped-def]
    p = rng.beta(4, 2, (60, 1)) * np.ones((60, 5))
    found = clustered_mean(((p - (rng.random((60, 5)) < p)) ** 2).ravel(), np.repeat(np.arange(60), 5))
    yield found.low, found.high, 4 / 6 - (4 * 5) / (6 * 7)


def sources_left_out(rng: np.random.Generator):  # type: ignore[no-untyped-def]
    accuracy = np.clip(rng.normal(0.75, 0.05, 8), 0, 1)
    source = np.repeat(np.arange(8), 100)
    n, blank = len(source), np.full(len(source), "", object)
    hit = rng.random(n) < accuracy[source]
    name, number = source.astype(str).astype(object), np.arange(n)
    pairs = Pairs(
        prompt=blank,
        response_a=blank,
        response_b=blank,
        target=np.ones(n),
        level=np.zeros(n, np.int8),
        levels=2,
        weight=np.ones(n),
        group=number,
        source=name,
        item=number,
    )
    found: LeaveOneOut = leave_one_out(np.where(hit, 1.0, -1.0), pairs)
    yield (*both(found.macro), 0.75)


def orders(rng: np.random.Generator):  # type: ignore[no-untyped-def]
    first, second, _ = rng.multinomial(300, [0.15, 0.07, 0.78])
    found = order(BothOrders(300, int(first), int(second), None), Thresholds())
    if found is not None:
        yield found.intervals[0].low, found.intervals[0].high, 0.04


def weeks(rng: np.random.Generator):  # type: ignore[no-untyped-def]
    """How far the lowest of eight alike weeks lies below the whole: nothing, Bonferroni over the weeks."""

    def alpha(x: float, half: float) -> Estimate:
        return Estimate(
            name="alpha", value=x, same_crew=Interval(x - half, x + half, "same crew", "normal"), new_crew=None, n=100
        )

    of_weeks = rng.normal(0.4, 0.06, 8)
    whole = alpha(float(of_weeks.mean()), 1.96 * 0.06 / 8**0.5)
    found = steady(
        "weeks", "week", [(str(k), alpha(float(x), 1.96 * 0.06)) for k, x in enumerate(of_weeks)], whole, Thresholds()
    )
    if found is not None:
        yield found.intervals[0].low, 1.0, 0.0


def rows() -> list[Row]:
    return [
        Row(
            "share over prompts: ranking accuracy, agreement with gold, ceilings, pairs turned by 8 bits, bins of a"
            " reliability diagram, measured inputs of the costs",
            ("statistics.clustered.clustered_share", "reward.ranking.clustered_share"),
            share_cells(lambda x, g: both(clustered_share(x, g, "share"))),
        ),
        Row(
            "accuracy of labels on gold: Labels, Cleaning, verdict, report",
            (
                "aggregation.gold_score.interval_on_gold",
                "aggregation.gold_score.GoldScore.on_direction",
                "cleaning.effect._gold",
            ),
            share_cells(lambda x, g: interval_on_gold(x, g)[0]),
        ),
        Row(
            "lead of one method over another, change of gold accuracy by cleaning",
            ("aggregation.paired.mean_difference",),
            difference_cells(lambda a, b, g: both(mean_difference("d", a - b, g, share=True)[0])),
        ),
        Row(
            "one reward model less another, or less the rule of the longer text",
            ("reward.ranking.paired_difference",),
            difference_cells(lambda a, b, g: both(paired_difference(a, b, g, "d"))),
        ),
        Row(
            "mean over sources left out",
            ("reward.ranking.leave_one_out",),
            {"8 sources x 100": sources_left_out},
        ),
        Row(
            "mean over prompts or people: Brier score, seconds of a label",
            ("statistics.clustered.clustered_mean", "reward.calibration._brier", "policy.measures.mean_estimate"),
            {"20 people x 30 times": means_of_people, "60 prompts x 5, Brier": brier_scores},
        ),
        Row(
            "an annotator's accuracy on gold",
            ("annotators.gold.accuracy_of", "annotators.gold._worth"),
            {
                "25 prompts x 20": people_on_gold(25, 20, 0.3),
                "15 prompts x 4": people_on_gold(15, 4, 0.3),
                "60 alone": people_on_gold(60, 1, 0.0),
            },
            runs=60,
        ),
        Row("contradictions and place, same crew", ("reversals.rates.rate", "reversals.rates._around"), rates("same")),
        Row("contradictions and place, new crew", ("reversals.rates.rate", "reversals.rates._around"), rates("new")),
        Row(
            "position bias, ambiguity: difference of two rates",
            ("reversals.decomposition._difference", "reversals.decomposition.decompose"),
            {"150 and 150 repeats": differences_of_rates},
        ),
        Row("self-noise", ("reversals.decomposition._noise",), {"120 repeats": noise_of_repeats}),
        Row(
            "share of what stands alone: Jeffreys (an annotator's labels over time, bins of label confidence)",
            ("statistics.proportions.jeffreys", "annotators.close_up.over_time", "aggregation.calibration.calibration"),
            binomial(jeffreys),
        ),
        Row(
            "share of what stands alone: Wilson (shares that the report counts)",
            (
                "statistics.proportions.wilson",
                "report.intervals.of_share",
                "report.agreement.agreement_section",
                "report.people._frame",
            ),
            binomial(lambda k, n: wilson(k / n, n)),
        ),
        Row(
            "share of what stands alone: Clopper-Pearson (an annotator's first-position rate)",
            (
                "statistics.proportions.clopper_pearson",
                "reversals.drill_down.leaning",
                "reversals.drill_down.leaning_estimates",
            ),
            binomial(clopper_pearson),
            note="never below its level, and so above it",
        ),
        Row(
            "median of times, of an annotator's pace",
            (
                "report.intervals.of_median",
                "report.people._median",
                "annotators.reading._pace_interval",
                "figures.speed.pace_dots",
            ),
            middle(of_median, 40.0),
        ),
        Row("mean of times in the report", ("report.intervals.of_mean",), middle(of_mean, 40 * np.exp(0.18))),
        Row("how far the order moves choices", ("auditing.checks_of_estimates.order",), {"300 in both orders": orders}),
        Row(
            "how far the lowest week or slice lies below the whole",
            ("auditing.checks_of_estimates.steady", "auditing.checks_of_estimates._by_chance"),
            {"8 weeks alike: none is called lower": weeks},
            note="the chance that none of several alike is called lower",
        ),
    ]
