"""Quality per dollar: reward models trained as each plan would train them, priced by the cost model, and where to stop paying."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from workbench.annotations import AnnotationSet
from workbench.cleaning import Cleaning
from workbench.errors import WorkbenchError
from workbench.studies.bench import Bench
from workbench.studies.buying import EVERYBODY, Counter, Mix, counter, dollars, kinds_in
from workbench.studies.cells import Cells, finish
from workbench.studies.label_set import hidden_gold, label_set, on_items
from workbench.studies.label_sets import USUAL_CLEANING, cleaned
from workbench.studies.learning_curve import Forecast, LearningCurve, fit_learning_curve
from workbench.studies.measured import Measured
from workbench.studies.resampling import Resampler, Scores
from workbench.studies.stopping import WORTH, Step, StopHere, pareto_line, steps_along, where_to_stop
from workbench.studies.training import PENALTY, score_of
from workbench.watch import UNWATCHED, Watch

if TYPE_CHECKING:
    from workbench.economics.scenario import Scenario


@dataclass(frozen=True)
class Plan:
    """One way to spend money.

    Attributes
    ----------
    items, labels : items bought, and judgements of each.
    labels_as : the label set they become (`workbench.studies.label_set.SETS`).
    cleaned : whether annotators are cleaned out first.
    mix : who labels.
    """

    items: int
    labels: int
    labels_as: str
    cleaned: bool
    mix: Mix

    @property
    def way(self) -> str:
        """Everything but the number of items."""
        clean = ", cleaned" if self.cleaned else ""
        return f"{self.labels} label{'s' if self.labels > 1 else ''} an item by {self.mix.name}, {self.labels_as}{clean}"

    @property
    def name(self) -> str:
        """As people read it."""
        return f"{self.items:,} items, {self.way}"


@dataclass(frozen=True)
class FrontierSettings:
    """Which plans are tried, and how.

    Attributes
    ----------
    labels_per_item : as far as the data have so many.
    labels_as : label sets; with one label an item those that differ only by voting are tried once.
    cleaning : whether to try plans without, with, or both; with, only where items get several labels.
    rules : what cleaning means.
    mixes : who labels, as `Mix.parse` reads it; by default everybody, and each kind of annotator in the data.
    items : numbers of items; by default five geometric steps.
    scenario : preset of `workbench.economics`.
    prices : inputs of it that are set to other values.
    seeds, penalty : splits, and the penalty of the reward head.
    worth : smallest gain in accuracy that counts.
    dollars_per_point : what one point of accuracy is worth; None = any gain of `worth`.
    """

    labels_per_item: tuple[int, ...] = (1, 2, 3, 5)
    labels_as: tuple[str, ...] = ("majority", "dawid-skene-soft")
    cleaning: tuple[bool, ...] = (False, True)
    rules: Cleaning = USUAL_CLEANING
    mixes: tuple[str, ...] = ()
    items: tuple[int, ...] = ()
    scenario: str = "human-1.50"
    prices: Mapping[str, float | str] = field(default_factory=dict)
    seeds: int = 8
    penalty: float = PENALTY
    worth: float = WORTH
    dollars_per_point: float | None = None

    def __post_init__(self) -> None:
        for name in ("labels_per_item", "items"):
            given = tuple(sorted({int(v) for v in getattr(self, name)}))
            if any(v < 1 for v in given):
                raise WorkbenchError(f"{name} holds {given[0]}.", "Give numbers from 1 up.")
            object.__setattr__(self, name, given)
        if not self.labels_per_item or not self.labels_as or not self.cleaning:
            raise WorkbenchError("There is no plan to try.", "Name at least one number of labels an item, one label set, and whether to clean.")
        if self.seeds < 1 or self.worth <= 0:
            raise WorkbenchError(f"{self.seeds} seeds and a gain of {self.worth:g} are asked for.", "Give at least 1 seed and a gain above 0.")


@dataclass(frozen=True)
class Tried:
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
            "name": p.name, "items": p.items, "labels_per_item": p.labels, "labels_as": p.labels_as, "cleaned": p.cleaned, "labellers": p.mix.name,
            "dollars": self.dollars, "judgements": self.judgements, "accuracy": self.accuracy.to_dict(),
        }  # fmt: skip


@dataclass(frozen=True)
class Onward:
    """What the learning curve of the best way says of more money: a forecast of accuracy, and its price."""

    way: str
    dollars: float
    forecast: Forecast


@dataclass(frozen=True, eq=False)
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
            "study": "frontier", "seeds": self.settings.seeds, "truth": self.truth_is, "encoder": self.encoder, "priced_by": self.priced_by,
            "plans": [{**t.to_dict(), "on_line": i in self.line} for i, t in enumerate(self.tried)],
            "steps": [
                {
                    "from": self.tried[s.start].plan.name, "to": self.tried[s.end].plan.name, "dollars": s.dollars, "gain": s.gain.to_dict(),
                    "dollars_per_point": s.dollars_per_point.to_dict(),
                }
                for s in self.steps
            ],
            "stop": {
                "verdict": stop.verdict, "supported": stop.supported, "at": None if stop.at is None else self.tried[stop.at].plan.name,
                "dollars": None if stop.at is None else self.tried[stop.at].dollars, "most_gain": stop.most_gain, "sure_gain": stop.sure_gain,
                "worth": stop.worth, "dollars_per_point": stop.dollars_per_point,
            },
            "curve": None if self.curve is None else self.curve.to_dict(),
            "onward": [{"way": o.way, "dollars": o.dollars, **o.forecast.to_dict()} for o in self.onward],
            "set_aside": dict(self.set_aside), "notes": list(self.notes),
        }  # fmt: skip


def frontier(bench: Bench, settings: FrontierSettings | None = None, *, cells: Cells | None = None, watch: Watch = UNWATCHED) -> Frontier:
    """Which plan buys the best reward model for each sum, and when is more money no longer worth it?

    Each plan's judgements are drawn from those there are, its labels aggregated from these alone, and a head trained on them; the held-out pairs are the same
    for all plans of a seed, and a plan that buys more buys what the smaller one bought.

    Raises
    ------
    WorkbenchError
        The bench has no judgements, or no plan can be carried out with them.
    """
    chosen = settings or FrontierSettings()
    if bench.data is None:
        raise WorkbenchError("These are arrays without judgements.", "Open data with annotators, or simulate some.")
    data = hidden_gold(bench.data)
    scenario = _scenario(chosen)
    mixes = [Mix.parse(m) for m in chosen.mixes] or usual_mixes(bench)
    most = {mix.name: _most_labels(bench, mix, chosen.labels_per_item) for mix in mixes}

    @lru_cache(maxsize=2 * len(mixes))
    def of_seed(seed: int, mix: Mix) -> tuple:
        split = bench.split(seed)
        rng = np.random.default_rng([seed, 41])
        part = on_items(data, bench.item[split.train])
        return split, counter(part, np.sort(bench.item[split.train]), mix, most[mix.name], rng)

    room = min((len(of_seed(s, mix)[1].items) for mix in mixes for s in range(min(chosen.seeds, 3))), default=0)
    plans = _plans(chosen, mixes, most, room)

    @lru_cache(maxsize=64)
    def after_cleaning(seed: int, mix: Mix, items: int, labels: int) -> AnnotationSet:
        """Cleaned once for all label sets: looking at the annotators takes longer than training."""
        return cleaned(of_seed(seed, mix)[1].bought(items, labels)[0], chosen.rules)

    def trained(plan: Plan, seed: int) -> dict:
        split, desk = of_seed(seed, plan.mix)
        assert isinstance(desk, Counter)
        items = min(plan.items, len(desk.items))
        bought, judgements = desk.bought(items, plan.labels)
        source = after_cleaning(seed, plan.mix, items, plan.labels) if plan.cleaned else bought
        record = score_of(bench, split, label_set(source, plan.labels_as), chosen.penalty) if len(source.codes) else None
        return {"judgements": judgements, "trained": record is not None, **(record or {})}

    kept = cells if cells is not None else Cells()
    work = [(f"{p.name}/{seed}", lambda p=p, seed=seed: trained(p, seed)) for seed in range(chosen.seeds) for p in plans]
    records = finish(kept, work, watch, "Training")
    return _summary(bench, chosen, scenario, plans, records)


def usual_mixes(bench: Bench) -> list[Mix]:
    """Everybody where all annotators are of one kind; else each kind alone, and half and half of the two with most judgements."""
    assert bench.data is not None
    kinds = kinds_in(bench.data)
    if len(kinds) < 2:
        return [Mix(((kinds[0] if kinds else EVERYBODY, 1.0),))]
    return [*(Mix(((kind, 1.0),)) for kind in kinds), Mix(((kinds[0], 0.5), (kinds[1], 0.5)))]


def _most_labels(bench: Bench, mix: Mix, wanted: Sequence[int]) -> int:
    """The largest of the wanted numbers of labels that at least half of the items have from each kind of the mix."""
    assert bench.data is not None
    codes = bench.data.codes
    kinds = bench.data.annotators["kind"].to_numpy(object)[codes.annotator]
    able = []
    for kind, _ in mix.shares:
        mine = np.ones(len(codes), bool) if kind == EVERYBODY else kinds == kind
        counts = np.bincount(codes.item[mine], minlength=len(bench.data.items))[bench.item]
        # Experts judge a part of the items only: the half is of those anybody of the kind judged.
        judged = counts[counts > 0]
        if len(judged) == 0:
            raise WorkbenchError(f"No annotator in this data is of the kind {kind!r}.", f"There is {', '.join(kinds_in(bench.data))}.")
        able.append([m for m in wanted if (judged >= m).mean() >= 0.5])
    fit = set.intersection(*(set(a) for a in able))
    if not fit:
        raise WorkbenchError(f"Fewer than half of the items have {min(wanted)} labels by {mix.name}.", "Ask for fewer labels an item.")
    return max(fit)


def _plans(chosen: FrontierSettings, mixes: Sequence[Mix], most: Mapping[str, int], room: int) -> list[Plan]:
    if room < 40:
        raise WorkbenchError(f"Only {room:,} items have the labels that the plans buy.", "Ask for fewer labels an item, or open more data.")
    numbers = [n for n in chosen.items if n <= room] or [int(n) for n in np.unique(np.geomspace(max(room // 16, 30), room, 5).round())]
    plans = []
    for mix in mixes:
        for labels in (m for m in chosen.labels_per_item if m <= most[mix.name]):
            # One vote is its own majority, weighted or not.
            hard = [s for s in chosen.labels_as if s in ("majority", "weighted", "raw")]
            once = [s for s in chosen.labels_as if labels > 1 or s not in hard[1:]]
            # Without overlap annotators cannot be told apart, so there is nothing to clean by.
            cleanings = [c for c in chosen.cleaning if labels > 1 or not c]
            plans += [Plan(n, labels, s, c, mix) for s in once for c in cleanings for n in numbers]
    return plans


def _scenario(chosen: FrontierSettings) -> Scenario:
    from workbench.economics.scenario import preset

    return preset(chosen.scenario).with_values(dict(chosen.prices))


def _summary(bench: Bench, chosen: FrontierSettings, scenario: Scenario, plans: Sequence[Plan], records: Mapping[str, dict]) -> Frontier:
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
    tried = tuple(Tried(p, price[p], float(np.mean([r["judgements"] for r in of_plan[p]])), sampler.accuracy(scores[p])) for p in done)
    line = pareto_line(cost, accuracy)
    steps = steps_along(line, cost, accuracy, drawn, sampler, n)
    stop = (
        where_to_stop(line, cost, drawn, chosen.worth, chosen.dollars_per_point, sampler.units)
        if chosen.seeds > 1
        else StopHere("undecided", None, None, None, chosen.worth)
    )
    curve, onward = _onward(done, scores, line, scenario, sampler)
    notes = [
        f"Intervals are {sampler.note}; all plans are compared on the same seeds and held-out pairs.",
        "The line is drawn through the best plans measured, which flatters them a little: judge a step by its interval.",
        "Every label bought is paid, also those that cleaning sets aside.",
    ]
    if len(done) < len(plans):
        notes.append(f"{len(plans) - len(done)} plans left too few labels to train on and are not shown.")
    told = {**bench.set_aside}
    return Frontier(
        chosen,
        tried,
        tuple(line),
        tuple(steps),
        stop,
        curve,
        onward,
        bench.truth_is,
        bench.encoder,
        f"{scenario.title}, {scenario.source}",
        told,
        tuple(notes),
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
    return curve, tuple(Onward(last.way, dollars(scenario, last.mix, most * k, last.labels), curve.forecast(most * k)) for k in (2, 4))
