"""Which inputs matter: each moved to the ends of its range while the others stand still (a tornado), and all drawn at
once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from workbench.economics.inputs import INPUTS
from workbench.economics.model import Outcome, outcome
from workbench.economics.scenario import Scenario, checked_pairs
from workbench.errors import WorkbenchError

Measure = Literal["total", "cost_per_item", "cost_per_effective", "weeks", "accuracy", "effective_labels"]
MEASURES: dict[Measure, str] = {
    "total": "total",
    "cost_per_item": "cost per usable pair",
    "cost_per_effective": "cost per effective label",
    "weeks": "time",
    "accuracy": "label accuracy",
    "effective_labels": "effective labels",
}
"""Figures that can be looked at, and their names."""
DRAWS = 4_000
"""Random draws, everywhere the same: then one seed is one answer, on the page, on the command line and in the report.
"""
ASSUMED = 0.2
"""Where an input has no range of its own, this much of its value to each side."""


@dataclass(frozen=True)
class Swing:
    """What one input does to a figure.

    Attributes
    ----------
    name : the input.
    low, high : ends of its range.
    at_low, at_high : the figure there, all else as it stands.
    assumed : whether the range is the general +-20%, for want of a better one.
    """

    name: str
    low: float
    high: float
    at_low: float
    at_high: float
    assumed: bool

    @property
    def size(self) -> float:
        """How far the figure moves."""
        return abs(self.at_high - self.at_low)


@dataclass(frozen=True)
class Tornado:
    """Swings of a figure, largest first.

    Attributes
    ----------
    measure, value : the figure as it stands.
    swings : inputs that move it.
    still : inputs that do not.
    """

    measure: Measure
    value: float
    swings: tuple[Swing, ...]
    still: tuple[str, ...]


def tornado(scenario: Scenario, pairs: int, measure: Measure = "cost_per_item") -> Tornado:
    """Which input moves the figure most over its range?

    All ends are one call of the model: row 0 as it stands, then each input low and high.

    >>> from workbench.economics import preset
    >>> tornado(preset("human-gold"), 10_000).swings[0].name
    'expert_price'
    """
    ranges = {name: _range(scenario, name) for name in INPUTS}
    moved = {name: (low, high, assumed) for name, (low, high, assumed) in ranges.items() if low < high}
    over = {name: np.full(2 * len(moved) + 1, scenario[name]) for name in moved}
    for i, (name, (low, high, _)) in enumerate(moved.items()):
        over[name][2 * i + 1], over[name][2 * i + 2] = low, high
    values = figure(outcome(scenario, float(checked_pairs(pairs)), over), measure, 2 * len(moved) + 1)
    swings = [
        Swing(name, low, high, float(values[2 * i + 1]), float(values[2 * i + 2]), assumed)
        for i, (name, (low, high, assumed)) in enumerate(moved.items())
    ]
    move = sorted((s for s in swings if s.size > 1e-12 * max(abs(values[0]), 1e-12)), key=lambda s: -s.size)
    return Tornado(
        measure, float(values[0]), tuple(move), tuple(name for name in INPUTS if name not in {s.name for s in move})
    )


@dataclass(frozen=True, eq=False, kw_only=True)
class Spread:
    """A figure with its inputs drawn at random.

    Attributes
    ----------
    measure : the figure.
    value : with every input as it stands.
    low, middle, high : the 5th, 50th and 95th percentile of the draws.
    draws : (n,).
    drawn : inputs that were drawn, with the ends of their ranges.
    """

    measure: Measure
    value: float
    low: float
    middle: float
    high: float
    draws: np.ndarray
    drawn: dict[str, tuple[float, float]]

    @property
    def varied(self) -> bool:
        """Whether any of the drawn inputs moves it; where none does, its range says nothing about how far it may be
        off.
        """
        return bool(np.ptp(self.draws) > 1e-12 * max(abs(self.value), 1e-12))


def draw(
    scenario: Scenario,
    pairs: int,
    rng: np.random.Generator,
    draws: int = DRAWS,
    measures: tuple[Measure, ...] = ("total",),
) -> dict[Measure, Spread]:
    """How far may the figures be off, given how uncertain the inputs are?

    Inputs with a range of their own are drawn from a triangle over it that peaks at their value, independently; the
    others stand still. So a range nobody stated adds no certainty and no doubt: state it in the scenario.

    Parameters
    ----------
    rng : where the draws come from.
    draws : how many.

    >>> from workbench.economics import preset
    >>> found = draw(preset("human-gold"), 10_000, np.random.default_rng(0))["total"]
    >>> found.low < found.value < found.high
    True
    """
    n = float(checked_pairs(pairs))
    ranges = {
        name: (each.low if each.low is not None else each.value, each.high if each.high is not None else each.value)
        for name, each in scenario.inputs.items()
    }
    drawn = {name: ends for name, ends in ranges.items() if ends[0] < ends[1]}
    over = {name: rng.triangular(low, scenario[name], high, draws) for name, (low, high) in drawn.items()}
    found, base = outcome(scenario, n, over), outcome(scenario, n)
    result: dict[Measure, Spread] = {}
    for measure in measures:
        values = figure(found, measure, draws)
        low, middle, high = (float(x) for x in np.quantile(values, [0.05, 0.5, 0.95]))
        result[measure] = Spread(
            measure=measure,
            value=float(figure(base, measure, 1)[0]),
            low=low,
            middle=middle,
            high=high,
            draws=values,
            drawn=drawn,
        )
    return result


def drawn_with_seed(scenario: Scenario, pairs: int, measure: Measure, seed: int, draws: int = DRAWS) -> Spread:
    """One figure with its inputs drawn at random; the same seed gives the same draws."""
    return draw(scenario, pairs, np.random.default_rng(seed), draws, (measure,))[measure]


def figure(found: Outcome, measure: Measure, size: int) -> np.ndarray:
    """One figure of an outcome as an array."""
    if measure not in MEASURES:
        raise WorkbenchError(f"There is no figure {str(measure)[:40]!r}.", f"There are {', '.join(MEASURES)}.")
    return np.broadcast_to(np.asarray(getattr(found, measure), float), (size,))


def _range(scenario: Scenario, name: str) -> tuple[float, float, bool]:
    """Ends of an input's range, and whether they are only assumed. An input at zero is not part of the scenario and has
    none.
    """
    each, kind = scenario.inputs[name], INPUTS[name]
    if each.low is not None or each.high is not None:
        return (
            each.low if each.low is not None else each.value,
            each.high if each.high is not None else each.value,
            False,
        )
    if (
        name in ("ai_judges", "ai_samples")
        or (name == "escalated_share" and scenario["ai_judges"] == 0)
        or (kind.whole and kind.high <= 2)
    ):
        return each.value, each.value, True
    low, high = max(each.value * (1 - ASSUMED), kind.low), min(each.value * (1 + ASSUMED), kind.high)
    if kind.whole:
        low, high = (
            float(np.floor(low)) if each.value else each.value,
            float(np.ceil(high)) if each.value else each.value,
        )
    return max(low, kind.low), high, True
