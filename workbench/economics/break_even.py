"""Where do two ways to label cost the same? Over the number of pairs, or over any input of one of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy.optimize import brentq

from workbench.economics.amounts import value
from workbench.economics.fields import in_play
from workbench.economics.inputs import INPUTS, kind_of
from workbench.economics.model import outcome
from workbench.economics.scenario import LEAST_PAIRS, Scenario, checked_pairs
from workbench.economics.sensitivity import MEASURES, Measure, figure

PAIRS = "pairs"
_POINTS = 241
_MOST_PAIRS = 100_000_000
_TRIED: tuple[tuple[str, Measure], ...] = (
    ("labels_per_item", "cost_per_effective"),
    ("pairs", "total"),
    ("label_price", "cost_per_effective"),
    ("annotator_accuracy", "cost_per_effective"),
    ("escalated_share", "cost_per_effective"),
    ("ai_accuracy", "cost_per_effective"),
    ("ai_price", "cost_per_effective"),
    ("escalated_share", "accuracy"),
)


@dataclass(frozen=True, eq=False, kw_only=True)
class BreakEven:
    """Where two scenarios cost the same.

    Attributes
    ----------
    one, other : their names.
    over, unit : what is moved: `pairs`, or an input of the first scenario; and what it is counted in.
    measure : what is compared.
    at : the points of equality, ascending; empty where there is none.
    cheaper : who is cheaper up to the first point, between the points, and beyond the last; one more than `at`.
    reason : why there is no point; None where there is one.
    x, one_values, other_values : the curves looked at.
    stands : the number of pairs, or the first scenario's value of the input, as it is.
    """

    one: str
    other: str
    over: str
    unit: str
    measure: Measure
    at: tuple[float, ...]
    cheaper: tuple[str, ...]
    reason: str | None
    x: np.ndarray
    one_values: np.ndarray
    other_values: np.ndarray
    stands: float


def break_even(one: Scenario, other: Scenario, pairs: int, over: str = PAIRS, measure: Measure = "total") -> BreakEven:
    """At which number of pairs, or which value of an input of the first scenario, do both come to the same?

    The difference is looked at on a grid over the allowed range and each change of its sign is narrowed down (Brent's
    method). A measure that is better when larger (accuracy, effective labels) is compared all the same: `cheaper` then
    names the one with less.

    Parameters
    ----------
    pairs : where an input is moved, how many usable items.
    over : `pairs`, or an input of `one`; the other scenario stands still.

    >>> from workbench.economics import preset
    >>> human, ai = preset("human-1.50"), preset("ai-0.02").with_values(fixed_cost=20_000)
    >>> [round(x) for x in break_even(ai, human, 10_000).at]
    [13514]
    >>> break_even(preset("ai-0.02"), human, 10_000).reason
    'ai-0.02 has the lower total at every number of pairs from 1 to 100,000,000; they come closest at 1, where they are
    $1.48 apart'
    """
    n = float(checked_pairs(pairs))
    if over == PAIRS:
        x, unit = np.geomspace(LEAST_PAIRS, _MOST_PAIRS, _POINTS), "pairs"
    else:
        kind = kind_of(over)
        low, high = _looked_at(one, over)
        x, unit = (
            (np.arange(low, high + 1) if kind.whole and high - low < 1_000 else _spaced(low, high, kind.low)),
            kind.unit.name,
        )

    def curve(scenario: Scenario, at: np.ndarray, moved: bool) -> np.ndarray:
        if over == PAIRS:
            return figure(outcome(scenario, at), measure, len(at))
        return figure(outcome(scenario, n, {over: at} if moved else None), measure, len(at))

    mine, theirs = curve(one, x, True), curve(other, x, False)
    with np.errstate(invalid="ignore"):
        gap = np.where(np.isinf(mine) & np.isinf(theirs), np.nan, mine - theirs)

    def difference(v: float) -> float:
        at = np.array([v])
        a, b = float(curve(one, at, True)[0]), float(curve(other, at, False)[0])
        return 0.0 if a == b else a - b

    roots = _roots(x, gap, difference)
    edges = [float(x[0]), *roots, float(x[-1])]
    cheaper = tuple(_cheaper(one, other, difference((a + b) / 2)) for a, b in pairwise(edges))
    reason = None if roots else _never(one, other, over, unit, measure, x, gap)
    return BreakEven(
        one=one.name,
        other=other.name,
        over=over,
        unit=unit,
        measure=measure,
        at=tuple(roots),
        cheaper=cheaper,
        reason=reason,
        x=x,
        one_values=mine,
        other_values=theirs,
        stands=n if over == PAIRS else one[over],
    )


def promising(one: Scenario, others: Sequence[Scenario], pairs: int) -> tuple[str, str, Measure]:
    """A break-even worth looking at first: the other's name, what is moved, what is compared. The first of a few
    questions that has an answer.

    >>> from workbench.economics import preset
    >>> promising(preset("human-gold"), [preset("ai-0.02"), preset("human-1.50")], 10_000)
    ('human-1.50', 'label_price', 'cost_per_effective')
    """
    moving = in_play(one) | {PAIRS}
    asked = [(other, over, measure) for over, measure in _TRIED if over in moving for other in others]
    for other, over, measure in asked:
        found = break_even(one, other, pairs, over, measure)
        # That a copy of itself costs the same where it stands is no answer.
        if any(abs(x - found.stands) > 1e-6 * max(abs(found.stands), 1e-6) for x in found.at):
            return other.name, over, measure
    return others[0].name, *_TRIED[1]


def _roots(x: np.ndarray, gap: np.ndarray, difference: Callable[[float], float]) -> list[float]:
    scale = np.nanmax(np.abs(gap[np.isfinite(gap)]), initial=0.0)
    if scale == 0:
        return []
    sign = np.where(np.isnan(gap), 0, np.sign(gap))
    found: list[float] = []
    for i in range(len(x) - 1):
        a, b = sign[i], sign[i + 1]
        if a == 0 and np.isfinite(gap[i]) and (i == 0 or sign[i - 1] != 0):
            found.append(float(x[i]))
        elif a * b < 0 and np.isfinite(gap[i]) and np.isfinite(gap[i + 1]):
            found.append(float(brentq(difference, x[i], x[i + 1], xtol=1e-9 * max(x[i + 1], 1e-9), rtol=1e-12)))
    if sign[-1] == 0 and np.isfinite(gap[-1]) and sign[-2] != 0:
        found.append(float(x[-1]))
    return found


def _cheaper(one: Scenario, other: Scenario, difference: float) -> str:
    if abs(difference) < 1e-12:
        return "neither"
    return one.name if difference < 0 else other.name


def _never(
    one: Scenario, other: Scenario, over: str, unit: str, measure: Measure, x: np.ndarray, gap: np.ndarray
) -> str:
    known = np.isfinite(gap)
    what = "number of pairs" if over == PAIRS else f"value of '{INPUTS[over].title.lower()}' ({unit})"
    reach = f"from {x[0]:,.6g} to {x[-1]:,.10g}"
    if not known.any():
        return f"one of them carries no information at any {what} {reach}"
    if (gap[known] == 0).all():
        return f"{one.name} and {other.name} have the same {MEASURES[measure]} at every {what} {reach}"
    if over != PAIRS and np.ptp(gap[known]) <= 1e-12 * np.abs(gap[known]).max():
        return (
            f"{one.name} as it stands does not depend on '{INPUTS[over].title.lower()}': it stays"
            f" {value(measure, abs(float(gap[known][0])))} {'above' if gap[known][0] > 0 else 'below'} {other.name}"
        )
    nearest = np.flatnonzero(known)[np.argmin(np.abs(gap[known]))]
    less = one.name if gap[nearest] < 0 else other.name
    return (
        f"{less} has the lower {MEASURES[measure]} at every {what} {reach}; they come closest at {x[nearest]:,.6g},"
        f" where they are {value(measure, abs(float(gap[nearest])))} apart"
    )


def _looked_at(scenario: Scenario, name: str) -> tuple[float, float]:
    """The allowed range, or as much of a vast one as anybody would look at: a hundred times the value."""
    kind, value = kind_of(name), scenario[name]
    high = min(kind.high, max(100 * value, kind.low + 1_000 * kind.step))
    low = 1.0 if name == "ai_judges" and scenario["escalated_share"] < 1 else kind.low
    if name == "escalated_share" and scenario["ai_judges"] == 0:
        low = 1.0
    return low, max(high, low)


def _spaced(low: float, high: float, least: float) -> np.ndarray:
    """Even steps, and finer ones near a lower end of zero where the range is wide."""
    if high <= low:
        return np.array([low, low])
    even = np.linspace(low, high, _POINTS)
    fine = np.geomspace(high * 1e-5, high, _POINTS // 2) if least == 0 and high > 2 else np.empty(0)
    return np.unique(np.concatenate([even, fine[fine > low]]))
