"""The best way to spend: over a small grid of plans, the one with the most effective labels for a budget, or the
cheapest that is accurate enough.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product
from math import floor

import numpy as np

from workbench.economics.cost import Cost, cost
from workbench.economics.model import outcome
from workbench.economics.scenario import MOST_PAIRS, Scenario, checked_pairs
from workbench.errors import WorkbenchError

LABELS = tuple(float(m) for m in (1, 2, 3, 4, 5, 7, 9))
GOLD = (0.0, 0.02, 0.05, 0.1, 0.2)
MIX = (0.0, 0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1.0)
CHECKS = (0.0, 0.02, 0.05, 0.1, 0.2)
ADJUDICATED = (0.0, 0.05, 0.1, 0.2)


@dataclass(frozen=True, eq=False)
class Plan:
    """One way to spend.

    Attributes
    ----------
    scenario : the scenario with the plan's settings.
    cost : what it comes to.
    settings : what was chosen.
    """

    scenario: Scenario
    cost: Cost
    settings: Mapping[str, float]


@dataclass(frozen=True, eq=False, kw_only=True)
class Plans:
    """The outcome of a search.

    Attributes
    ----------
    best : or None, with the reason.
    wanted : what was asked for, in words.
    tried, feasible : plans looked at, and those that meet every condition.
    reason : why there is no plan, or None.
    runners_up : the next best of other settings of redundancy or mix.
    frontier : rows (cost, effective labels, accuracy) of feasible plans that no other beats in both.
    unspent : $ of the budget that the best plan cannot spend within the weeks; 0 where money is what limits it.
    """

    best: Plan | None
    wanted: str
    tried: int
    feasible: int
    reason: str | None
    runners_up: tuple[Plan, ...] = ()
    frontier: tuple[tuple[float, float, float], ...] = ()
    unspent: float = 0.0


def best_plan(
    scenario: Scenario,
    *,
    budget: float | None = None,
    weeks: float | None = None,
    accuracy: float | None = None,
    pairs: int | None = None,
    keep: tuple[str, ...] = (),
) -> Plans:
    """What to buy: labels per item, the share that goes to people, gold, spot checks and adjudication.

    With a budget: the plan with the most effective labels that stays within it (and within the weeks, and at least as
    accurate as asked); how many pairs follows from the money. With `pairs`, that many at least. Without a budget: the
    cheapest plan for `pairs` that meets the rest. Every combination of the grid is computed, in one call of the model;
    the scenario's own settings are part of it, so that the best plan is never worse than one's own.

    Parameters
    ----------
    scenario : prices, people and accuracies; AI is part of the mix only if it has judges.
    budget : $.
    weeks : from start to end.
    accuracy : least label accuracy.
    pairs : usable pairs; least number with a budget, exact number without.
    keep : inputs that stay as they are.

    >>> from workbench.economics import preset
    >>> found = best_plan(preset("human-gold"), budget=20_000)
    >>> found.best.cost.total <= 20_000 and found.best.settings["labels_per_item"] == 1
    True
    """
    _asked(budget, weeks, accuracy, pairs)
    names, grid = _grid(scenario, keep)
    over = {name: grid[:, i] for i, name in enumerate(names)}
    tried = len(grid)
    if budget is None:
        n = np.full(tried, float(checked_pairs(scenario.pairs if pairs is None else pairs)))
    else:
        n = _affordable(scenario, over, tried, budget)
    affordable = n
    if weeks is not None and budget is not None:
        n = _in_time(scenario, over, n, weeks)
    enough = n >= (pairs or 1) if budget is not None else np.ones(tried, bool)
    found = outcome(scenario, np.maximum(n, 1.0), over)
    total, effective, right, took = (
        np.broadcast_to(np.asarray(v, float), (tried,))
        for v in (found.total, found.effective_labels, found.accuracy, found.weeks)
    )
    conditions = {
        "pairs": enough,
        "weeks": np.ones(tried, bool) if weeks is None else took <= weeks * (1 + 1e-9),
        "accuracy": np.ones(tried, bool) if accuracy is None else right >= accuracy - 1e-12,
    }
    fits = np.logical_and.reduce(list(conditions.values()))
    wanted = _in_words(budget, weeks, accuracy, pairs, scenario)
    if not fits.any():
        return Plans(
            best=None,
            wanted=wanted,
            tried=tried,
            feasible=0,
            reason=_why_none(conditions, n, took, right, weeks, accuracy, pairs, budget),
        )
    better = np.where(fits, effective if budget is not None else -total, -np.inf)
    # Of equals, the cheaper; of those, the simpler, which comes first.
    order = np.lexsort((np.arange(tried), total, -np.round(better, 6)))
    chosen: list[Plan] = []
    seen: set[tuple[float, ...]] = set()
    for i in order:
        if not fits[i] or len(chosen) == 4:
            break
        kind = tuple(
            round(float(grid[i, names.index(k)]), 4) for k in ("labels_per_item", "escalated_share") if k in names
        )
        if kind not in seen:
            seen.add(kind)
            chosen.append(_plan(scenario, dict(zip(names, (float(v) for v in grid[i]), strict=True)), n[i]))
    first = int(order[0])
    unspent = budget - chosen[0].cost.total if budget is not None and n[first] < affordable[first] else 0.0
    line = _frontier(total[fits], effective[fits], right[fits])
    return Plans(
        best=chosen[0],
        wanted=wanted,
        tried=tried,
        feasible=int(fits.sum()),
        reason=None,
        runners_up=tuple(chosen[1:]),
        frontier=line,
        unspent=unspent,
    )


def _grid(scenario: Scenario, keep: tuple[str, ...]) -> tuple[list[str], np.ndarray]:
    """Every combination of what may be chosen; rows of settings, the scenario's own first in each."""
    axes: dict[str, tuple[float, ...]] = {
        "labels_per_item": LABELS,
        "gold_share": GOLD,
        "adjudicated_share": ADJUDICATED,
    }
    if scenario["ai_judges"] > 0:
        axes |= {"escalated_share": MIX, "check_share": CHECKS}
    axes = {
        name: (scenario[name], *(() if name in keep else (v for v in values if v != scenario[name])))
        for name, values in axes.items()
    }
    rows = np.array(list(product(*axes.values())))
    names = list(axes)
    if scenario["ai_judges"] > 0:
        # Without anybody labelling, redundancy, gold and adjudication are one and the same plan.
        at = {name: rows[:, i] for i, name in enumerate(names)}
        nobody = at["escalated_share"] == 0
        plain = (at["labels_per_item"] == axes["labels_per_item"][0]) & (
            at["adjudicated_share"] == axes["adjudicated_share"][0]
        )
        everybody = (at["escalated_share"] == 1) & (at["check_share"] != axes["check_share"][0])
        rows = rows[(~nobody | plain) & ~everybody]
    return names, rows


def _affordable(scenario: Scenario, over: Mapping[str, np.ndarray], size: int, budget: float) -> np.ndarray:
    """Pairs the budget buys: what is left of it after what is paid once, over what a pair costs. Gold that finds the
    careless makes a pair's cost depend on their number, so a few rounds are gone.
    """
    n = np.full(size, 10_000.0)
    for _ in range(6 if scenario["careless_share"] > 0 else 2):
        found = outcome(scenario, n, over)
        once = (
            sum((np.asarray(found.parts[name]) for name in ("audit", "gold writing", "fixed cost")), np.zeros(size)) * n
        )
        per_item = np.broadcast_to(np.asarray(found.cost_per_item, float), (size,)) - once / n
        with np.errstate(divide="ignore"):
            n = np.clip(np.floor(np.maximum(budget - once, 0.0) / np.maximum(per_item, 1e-12) + 1e-9), 1.0, MOST_PAIRS)
        short = budget < once + per_item
    return np.where(short, 0.0, n)


def _in_time(scenario: Scenario, over: Mapping[str, np.ndarray], n: np.ndarray, weeks: float) -> np.ndarray:
    """Fewer pairs where so many would take too long: weeks grow in proportion after the start."""
    for _ in range(4):
        took = np.broadcast_to(np.asarray(outcome(scenario, np.maximum(n, 1.0), over).weeks, float), n.shape)
        start = scenario["ramp_weeks"]
        rate = np.maximum(took - start, 0.0) / np.maximum(n, 1.0)
        most = np.where(rate > 0, np.floor(max(weeks - start, 0.0) / np.maximum(rate, 1e-300) * (1 + 1e-12)), n)
        n = np.minimum(n, most)
    return n


def _plan(scenario: Scenario, settings: dict[str, float], pairs: float) -> Plan:
    chosen = scenario.with_values(settings, source="chosen by the plan")
    return Plan(chosen, cost(chosen, max(1, floor(pairs))), settings)


def _frontier(
    total: np.ndarray, effective: np.ndarray, accuracy: np.ndarray, most: int = 60
) -> tuple[tuple[float, float, float], ...]:
    """Plans no other beats in both accuracy and effective labels."""
    order = np.lexsort((-effective, -accuracy))
    best, rows = -np.inf, []
    for i in order:
        if effective[i] > best:
            best = effective[i]
            rows.append((float(total[i]), float(effective[i]), float(accuracy[i])))
    return tuple(rows[:most])


def _asked(budget: float | None, weeks: float | None, accuracy: float | None, pairs: int | None) -> None:
    for name, value, low, high in (
        ("budget", budget, 0.01, 1e12),
        ("weeks", weeks, 0.01, 1_040.0),
        ("accuracy", accuracy, 0.5, 1.0),
    ):
        if value is not None and not low <= value <= high:
            raise WorkbenchError(f"{name}: {value:g} is not possible.", f"Give a number from {low:g} to {high:,.10g}.")
    if budget is None and weeks is None and accuracy is None:
        raise WorkbenchError("Nothing is asked of the plan.", "Give a budget, a number of weeks, or a least accuracy.")
    if pairs is not None:
        checked_pairs(pairs)


def _in_words(
    budget: float | None, weeks: float | None, accuracy: float | None, pairs: int | None, scenario: Scenario
) -> str:
    goal = (
        f"the most effective labels for ${budget:,.0f}"
        if budget is not None
        else f"the cheapest way to {pairs or scenario.pairs:,} pairs"
    )
    more = [f"within {weeks:g} {'week' if weeks == 1 else 'weeks'}"] if weeks is not None else []
    more += [f"right at least {100 * accuracy:g}% of the time"] if accuracy is not None else []
    more += [f"with {pairs:,} pairs at least"] if pairs is not None and budget is not None else []
    return ", ".join([goal, *more])


def _why_none(
    conditions: Mapping[str, np.ndarray],
    n: np.ndarray,
    took: np.ndarray,
    right: np.ndarray,
    weeks: float | None,
    accuracy: float | None,
    pairs: int | None,
    budget: float | None,
) -> str:
    if accuracy is not None and not conditions["accuracy"].any():
        return (
            f"no plan of the grid is right {100 * accuracy:g}% of the time; the best reaches {100 * right.max():.1f}%"
        )
    if not conditions["pairs"].any():
        return (
            f"${budget:,.0f} buys {int(n.max()):,} pairs at most"
            + (f" in {weeks:g} weeks" if weeks is not None else "")
            + (f", and {pairs:,} are wanted" if pairs else "")
        )
    if not conditions["weeks"].any():
        return (
            f"no plan is done in {weeks:g} {'week' if weeks == 1 else 'weeks'}; the quickest takes {took.min():.1f}."
            " Hire more people"
        )
    return "every plan that meets one condition misses another: ask for less accuracy, or give more money or time"
