"""What a row of the coverage table is: an interval, who makes it, and cells of simulation that draw it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import numpy as np

Drawn = Iterable[tuple[float, float, float]]
"""(low, high, truth) of one run; several where a run makes several; none where it makes no interval."""

Draw = Callable[[np.random.Generator], Drawn]


@dataclass(frozen=True)
class Row:
    """One interval of the product.

    Attributes
    ----------
    interval : what it is of, as people know it.
    made_by : functions of the library that form its bounds, `module.function` below `workbench`.
    cells : name of a simulated situation -> what draws it.
    runs : of each cell.
    elsewhere : where its coverage is measured, if not here.
    note : what to keep in mind.
    """

    interval: str
    made_by: tuple[str, ...]
    cells: dict[str, Draw] = field(default_factory=dict)
    runs: int = 400
    elsewhere: str = ""
    note: str = ""


@dataclass(frozen=True)
class Covered:
    """How a cell did: share of intervals that hold the truth, with its standard error, their median width, and runs
    without one.
    """

    share: float
    error: float
    width: float
    none: float


def measure(draw: Draw, runs: int, seed: int) -> Covered:
    """Runs one cell."""
    rng = np.random.default_rng(seed)
    hits, widths, none = [], [], 0
    for _ in range(runs):
        made = [(low, high, truth) for low, high, truth in draw(rng) if np.isfinite(low) and np.isfinite(high)]
        none += not made
        hits += [low - 1e-12 <= truth <= high + 1e-12 for low, high, truth in made]
        widths += [high - low for low, high, _ in made]
    share = float(np.mean(hits)) if hits else float("nan")
    error = (share * (1 - share) / max(len(hits), 1)) ** 0.5
    return Covered(share, error, float(np.median(widths)) if widths else float("nan"), none / runs)


def correlated(rng: np.random.Generator, share: float, clusters: int, size: int, icc: float) -> np.ndarray:
    """Right or wrong on clusters of answers that are alike: (clusters, size), the share of a cluster being Beta."""
    if icc == 0:
        return (rng.random((clusters, size)) < share).astype(float)
    s = (1 - icc) / icc
    return (rng.random((clusters, size)) < rng.beta(share * s, (1 - share) * s, clusters)[:, None]).astype(float)
