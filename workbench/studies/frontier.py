"""Quality per dollar: reward models trained as each plan would train them, priced by the cost model, and where to stop
paying.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from workbench.dataset.annotation_set import AnnotationSet
from workbench.errors import WorkbenchError
from workbench.estimates import Finite
from workbench.progress import UNWATCHED, Watch
from workbench.studies.bench import Bench
from workbench.studies.cells import Cells, finish
from workbench.studies.frontier_plans import FrontierSettings, Plan, Shop
from workbench.studies.label_set import label_set
from workbench.studies.label_sets import cleaned
from workbench.studies.labelling_plan import Mix, dollars
from workbench.studies.learning_curve import Forecast, LearningCurve, fit_learning_curve
from workbench.studies.measured import Measured
from workbench.studies.resampling import Resampler, Scores
from workbench.studies.stopping import Step, StopHere, pareto_line, steps_along, where_to_stop
from workbench.studies.training import score_of

if TYPE_CHECKING:
    from workbench.economics.scenario import Scenario


@dataclass(frozen=True)
class Tried(Finite):
    """What one plan came to.

    Attributes
    ----------
    plan : the plan.
    dollars : its price.
    judgements : labels bought, mean over seeds.
    accuracy : held-out accuracy of its reward model.
    """

    plan: Plan
    dollars: float
    judgements: float
    accuracy: Measured

    def to_dict(self) -> dict[str, object]:
        """As the command line prints it."""
        p = self.plan
        return {
            "name": p.name,
            "items": p.items,
            "labels_per_item": p.labels,
            "labels_as": p.labels_as,
            "cleaned": p.cleaned,
            "labellers": p.mix.name,
            "dollars": self.dollars,
            "judgements": self.judgements,
            "accuracy": self.accuracy.to_dict(),
        }


@dataclass(frozen=True)
class Onward:
    """What the learning curve of the best way says of more money: a forecast of accuracy, and its price."""

    way: str
    dollars: float
    forecast: Forecast


@dataclass(frozen=True, eq=False, kw_only=True)
class Frontier:
    """Dollars against accuracy.

    Attributes
    ----------
    settings : with which it was made.
    tried : every plan, by price.
    line : positions of the plans that no cheaper one beats.
    steps : what each step along the line costs and gains.
    stop : the statement the intervals support, or that they support none.
    curve : learning curve of the way the line ends with, over its numbers of items; None with fewer than three.
    onward : its forecasts for more items, priced.
    truth_is, encoder, priced_by : what accuracy is measured on, what the features are, what the price is.
    """

    settings: FrontierSettings
    tried: tuple[Tried, ...]
    line: tuple[int, ...]
    steps: tuple[Step, ...]
    stop: StopHere
    curve: LearningCurve | None
    onward: tuple[Onward, ...]
    truth_is: str
    encoder: str
    priced_by: str
    set_aside: Mapping[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, object]:
        """As the command line prints it."""
        stop = self.stop
        return {
            "study": "frontier",
            "seeds": self.settings.seeds,
            "truth": self.truth_is,
            "encoder": self.encoder,
            "priced_by": self.priced_by,
            "plans": [{**t.to_dict(), "on_line": i in self.line} for i, t in enumerate(self.tried)],
            "steps": [
                {
                    "from": self.tried[s.start].plan.name,
                    "to": self.tried[s.end].plan.name,
                    "dollars": s.dollars,
                    "gain": s.gain.to_dict(),
                    "dollars_per_point": s.dollars_per_point.to_dict(),
                }
                for s in self.steps
            ],
            "stop": {
                "verdict": stop.verdict,
                "supported": stop.supported,
                "at": None if stop.at is None else self.tried[stop.at].plan.name,
                "dollars": None if stop.at is None else self.tried[stop.at].dollars,
                "most_gain": stop.most_gain,
                "sure_gain": stop.sure_gain,
                "worth": stop.worth,
                "dollars_per_point": stop.dollars_per_point,
            },
            "curve": None if self.curve is None else self.curve.to_dict(),
            "onward": [{"way": o.way, "dollars": o.dollars, **o.forecast.to_dict()} for o in self.onward],
            "set_aside": dict(self.set_aside),
            "notes": list(self.notes),
        }


def frontier(
    bench: Bench, settings: FrontierSettings | None = None, *, cells: Cells | None = None, watch: Watch = UNWATCHED
) -> Frontier:
    """Which plan buys the best reward model for each sum, and when is more money no longer worth it?

    Each plan's judgements are drawn from those there are, its labels aggregated from these alone, and a head trained on
    them; the held-out pairs are the same for all plans of a seed, and a plan that buys more buys what the smaller one
    bought.

    Raises
    ------
    WorkbenchError
        The bench has no judgements, or no plan can be carried out with them.
    """
    chosen = settings or FrontierSettings()
    shop = Shop(bench, chosen)

    @lru_cache(maxsize=64)
    def after_cleaning(seed: int, mix: Mix, items: int, labels: int) -> AnnotationSet:
        """Cleaned once for all label sets: looking at the annotators takes longer than training."""
        return cleaned(shop.of_seed(seed, mix)[1].bought(items, labels)[0], chosen.rules)

    def trained(plan: Plan, seed: int) -> dict:
        split, desk = shop.of_seed(seed, plan.mix)
        items = min(plan.items, len(desk.items))
        bought, judgements = desk.bought(items, plan.labels)
        source = after_cleaning(seed, plan.mix, items, plan.labels) if plan.cleaned else bought
        record = (
            score_of(bench, split, label_set(source, plan.labels_as), chosen.penalty) if len(source.codes) else None
        )
        return {"judgements": judgements, "trained": record is not None, **(record or {})}

    kept = cells if cells is not None else Cells()
    work = [
        (f"{p.name}/{seed}", lambda p=p, seed=seed: trained(p, seed))
        for seed in range(chosen.seeds)
        for p in shop.plans
    ]
    records = finish(kept, work, watch, "Training")
    return _summary(shop, records)


def _summary(shop: Shop, records: Mapping[str, dict]) -> Frontier:
    bench, chosen, scenario, plans = shop.bench, shop.settings, shop.settings.priced(), shop.plans
    seeds = range(chosen.seeds)
    of_plan = {p: [records[f"{p.name}/{s}"] for s in seeds] for p in plans}
    done = [p for p in plans if all(r["trained"] for r in of_plan[p])]
    if not done:
        raise WorkbenchError("No plan left enough labels to train on.", "Ask for more items.")
    price = {p: dollars(scenario, p.mix, p.items, p.labels) for p in done}
    done.sort(key=lambda p: (price[p], p.name))
    sampler = Resampler(chosen.seeds, bench.buckets)
    scores = {p: Scores.of_records(of_plan[p]) for p in done}
    cost = np.array([price[p] for p in done])
    accuracy = np.array([scores[p].accuracy for p in done])
    drawn = np.stack([sampler.of_scores(scores[p]) for p in done], 1)
    n = int(scores[done[0]].n.sum())
    tried = tuple(
        Tried(p, price[p], float(np.mean([r["judgements"] for r in of_plan[p]])), sampler.accuracy(scores[p]))
        for p in done
    )
    line = pareto_line(cost, accuracy)
    steps = steps_along(line, cost, accuracy, drawn, sampler, n)
    stop = (
        where_to_stop(line, cost, drawn, chosen.worth, chosen.dollars_per_point, sampler.units)
        if chosen.seeds > 1 and sampler.groups_drawn
        else StopHere("undecided", None, None, None, chosen.worth)
    )
    curve, onward = _onward(done, scores, line, scenario, sampler)
    notes = [
        f"Intervals are {sampler.note}; all plans are compared on the same seeds and held-out pairs.",
        (
            "The line is drawn through the best plans measured, which flatters them a little: judge a step by its"
            " interval."
        ),
        "Every label bought is paid, also those that cleaning sets aside.",
    ]
    if shop.too_many:
        many = " or ".join(str(m) for m in shop.too_many)
        notes.append(
            f"Plans with {many} labels an item were not tried with every kind of labeller: fewer than half of the items"
            " have so many."
        )
    if len(done) < len(plans):
        notes.append(f"{len(plans) - len(done)} plans left too few labels to train on and are not shown.")
    told = {**bench.set_aside}
    return Frontier(
        settings=chosen,
        tried=tried,
        line=tuple(line),
        steps=tuple(steps),
        stop=stop,
        curve=curve,
        onward=onward,
        truth_is=bench.truth_is,
        encoder=bench.encoder,
        priced_by=f"{scenario.title}, {scenario.source}",
        set_aside=told,
        notes=tuple(notes),
    )


def _onward(
    plans: Sequence[Plan], scores: Mapping[Plan, Scores], line: Sequence[int], scenario: Scenario, sampler: Resampler
) -> tuple[LearningCurve | None, tuple[Onward, ...]]:
    """The learning curve of the way the line ends with, and what it says of twice and four times the items."""
    last = plans[line[-1]]
    same = sorted((p for p in plans if p.way == last.way), key=lambda p: p.items)
    if len(same) < 3:
        return None, ()
    curve = fit_learning_curve(np.array([p.items for p in same]), [scores[p] for p in same], sampler)
    most = same[-1].items
    return curve, tuple(
        Onward(last.way, dollars(scenario, last.mix, most * k, last.labels), curve.forecast(most * k)) for k in (2, 4)
    )
