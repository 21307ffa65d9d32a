"""Climbing a smooth function of many parameters: limited-memory BFGS that never takes a step down.

Written here because the optimisers at hand start linear-algebra threads for a dozen parameters, which on a busy machine
costs milliseconds a step, and because the same memory serves a target that moves a little between calls.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from workbench.progress import UNWATCHED, Watch

Target = Callable[[np.ndarray], tuple[float, np.ndarray]]

ROUNDS = "Going round until nothing moves; often done early"
"""What an iterative method says it is doing, beside the number of its rounds and the most there can be."""
"""From parameters (P,) to the value and its gradient (P,)."""


@dataclass
class Memory:
    """What the last steps showed of the curvature; kept between calls by whoever owns it."""

    size: int = 10
    moves: list[np.ndarray] = field(default_factory=list)
    changes: list[np.ndarray] = field(default_factory=list)

    def remember(self, move: np.ndarray, change: np.ndarray) -> None:
        """Adds a step and by how much it lowered the gradient, where that shows curvature."""
        if move @ change > 1e-10 * (move @ move) and move @ change > 0:
            self.moves, self.changes = [*self.moves, move][-self.size :], [*self.changes, change][-self.size :]

    def forget(self) -> None:
        """Starts anew."""
        self.moves, self.changes = [], []

    def direction(self, slope: np.ndarray, scale: np.ndarray | None) -> np.ndarray:
        """The two-loop recursion (Nocedal & Wright 2006, algorithm 7.4): inverse curvature times the gradient."""
        way = slope.copy()
        weights = []
        for move, change in zip(reversed(self.moves), reversed(self.changes), strict=True):
            weights.append((move @ way) / (move @ change))
            way -= weights[-1] * change
        if scale is not None:
            way *= scale
        elif self.moves:
            way *= (self.moves[-1] @ self.changes[-1]) / (self.changes[-1] @ self.changes[-1])
        else:
            way /= max(1.0, float(np.abs(slope).max()))
        for move, change, weight in zip(self.moves, self.changes, reversed(weights), strict=True):
            way += move * (weight - (change @ way) / (move @ change))
        return way


@dataclass(frozen=True, eq=False)
class Climb:
    """Where a climb ended: parameters, value and slope there, the value after each step, and whether it is the top."""

    at: np.ndarray
    value: float
    slope: np.ndarray
    values: list[float]
    converged: bool


def climb(
    target: Target,
    start: np.ndarray,
    steps: int,
    gain: float = 0.0,
    memory: Memory | None = None,
    scale: np.ndarray | None = None,
    watch: Watch = UNWATCHED,
) -> Climb:
    """Steps uphill until `steps` are made or two in a row gain less than `gain`.

    Parameters
    ----------
    target : value and gradient; NaN or infinite values are taken as too low to go there.
    start : float64 (P,), where the target is finite.
    steps : most steps.
    gain : what a step has to gain to be worth another.
    memory : curvature seen before, brought up to date; None = start without.
    scale : float64 (P,): rough inverse curvature of each parameter, positive; None = the same for all.
    watch : is told each step, of as many as there can be.

    Examples
    --------
    >>> top = climb(lambda x: (-float(((x - 3) ** 2).sum()), -2 * (x - 3)), np.zeros(2), 20)
    >>> top.at.round(6).tolist()
    [3.0, 3.0]
    """
    memory = Memory() if memory is None else memory
    x = np.array(start, float)
    value, slope = target(x)
    values: list[float] = []
    small = 0
    for _ in range(steps):
        way = memory.direction(slope, scale)
        rise = float(way @ slope)
        if not rise > 0:
            memory.forget()
            way = memory.direction(slope, scale)
            rise = float(way @ slope)
        if not rise > 1e-300:
            return Climb(x, value, slope, values, True)
        found = _search(target, x, value, way, rise)
        if found is None and memory.moves:
            memory.forget()
            way = memory.direction(slope, scale)
            found = _search(target, x, value, way, float(way @ slope))
        if found is None:
            return Climb(x, value, slope, values, True)
        new_x, new_value, new_slope = found
        memory.remember(new_x - x, slope - new_slope)
        small = small + 1 if new_value - value < gain else 0
        x, value, slope = new_x, new_value, new_slope
        values.append(value)
        watch.step(len(values), steps, ROUNDS)
        if small == 2:
            return Climb(x, value, slope, values, True)
    return Climb(x, value, slope, values, False)


def _search(
    target: Target, x: np.ndarray, value: float, way: np.ndarray, rise: float
) -> tuple[np.ndarray, float, np.ndarray] | None:
    """The first of ever shorter steps that gains enough (Armijo); None where none does."""
    step = 1.0
    for _ in range(25):
        there = x + step * way
        new_value, new_slope = target(there)
        if np.isfinite(new_value) and new_value >= value + 1e-4 * step * rise and np.isfinite(new_slope).all():
            return there, new_value, new_slope
        curve = value + step * rise - new_value
        step *= float(np.clip(0.5 * step * rise / curve, 0.1, 0.5)) if np.isfinite(curve) and curve > 0 else 0.1
    return None
