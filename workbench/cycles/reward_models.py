r"""Is the reward model of a cycle still the one that people would agree with?

*Anchors* are texts that stay the same in every cycle, scored anew by each reward model. Scores are known up to a shift
only where a model was trained on pairs, and a retrained model never scores quite alike; so a change counts where it is
beyond a margin: `SHIFT` standard deviations of the anchors for their mean, `ORDER` of the pairs of anchors for their
order. *Held-out pairs* were judged by people once and for all; each model is right on a pair where it scores the chosen
response higher, and half right where it scores both alike.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from workbench.cycles.figure import Figure, change_of, part_of, ratio, without_each
from workbench.deliveries.comparing import Change
from workbench.deliveries.measures import Measure

DRIFT = Measure("anchor_shift", "Mean score of the anchors (standard deviations)", "number", "steady", "anchors")
KEPT = Measure("anchor_order", "Pairs of anchors in the same order", "share", "higher", "anchors")
RIGHT = Measure("held_out", "Reward model right on held-out human pairs", "share", "higher", "pairs")
SHIFT = 0.2
"""Shift of the mean score of the anchors, in their standard deviations, up to which nothing is amiss."""
ORDER = 0.1
"""Share of the pairs of anchors that may change their order."""
_LEAST = 20
"""Anchors below which nothing is said."""


def drift(before: Mapping[str, float], now: Mapping[str, float]) -> tuple[Change, ...]:
    """How far the scores of the anchors moved, and how many pairs of them kept their order.

    Examples
    --------
    >>> old = {f"t{i}": float(i) for i in range(60)}
    >>> shift, order = drift(old, {name: score + 17.5 for name, score in old.items()})
    >>> round(shift.difference.value, 2), order.b.value
    (1.01, 1.0)
    """
    names = sorted(n for n in before.keys() & now.keys() if np.isfinite(before[n]) and np.isfinite(now[n]))
    if len(names) < _LEAST:
        return ()
    a, b = (np.array([scores[n] for n in names], float) for scores in (before, now))
    part = part_of(np.array(names, object))
    spread = float(a.std())
    if spread < 1e-12:
        return ()
    one = np.ones(len(names))
    shift = [ratio((x - a.mean()) / spread, one, part) for x in (a, b)]
    alike = np.sign(a[:, None] - a[None]) == np.sign(b[:, None] - b[None])

    def kept(stays: np.ndarray) -> float:
        m = int(stays.sum())
        return float((alike[np.ix_(stays, stays)].sum() - m) / (m * (m - 1))) if m > 1 else np.nan

    whole = Figure(1.0, np.ones(len(shift[0].without)), len(names))
    order = Figure(kept(np.ones(len(names), bool)), without_each(part, kept), len(names))
    return (
        change_of(DRIFT, shift[0], shift[1], margin=SHIFT, least=_LEAST),
        change_of(KEPT, whole, order, margin=ORDER, least=_LEAST),
    )


def held_out(before: Mapping[str, float], now: Mapping[str, float]) -> tuple[Change, ...]:
    """How much more often the later reward model is right on the pairs that both were tried on."""
    names = sorted(n for n in before.keys() & now.keys() if np.isfinite(before[n]) and np.isfinite(now[n]))
    if not names:
        return ()
    part = part_of(np.array(names, object))
    sides = [
        ratio((np.sign([margins[n] for n in names]) + 1) / 2, np.ones(len(names)), part) for margins in (before, now)
    ]
    return (change_of(RIGHT, sides[0], sides[1]),)
