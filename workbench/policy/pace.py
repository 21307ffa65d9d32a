"""How long a training goes on, and which units it comes to; the loop itself is `workbench.reward.loop`."""

from __future__ import annotations

import math

import numpy as np

from workbench.policy.settings import PolicySettings
from workbench.reward.loop import Pace, order_of


def steps_of(units: int, settings: PolicySettings) -> int:
    """How many steps a training makes.

    >>> steps_of(33, PolicySettings(base="m", batch_size=16, epochs=2))
    6
    """
    planned = max(math.ceil(math.ceil(units / settings.batch_size) * settings.epochs), 1)
    return min(settings.max_steps, planned) if settings.max_steps else planned


def units_of(units: int, settings: PolicySettings) -> np.ndarray:
    """The units that a training comes to; all of them, but where it ends before one pass is over.

    >>> len(units_of(100, PolicySettings(base="m", batch_size=4, max_steps=3)))
    12
    """
    steps = min(steps_of(units, settings), math.ceil(units / settings.batch_size))
    return np.unique(np.concatenate([order_of(units, settings.batch_size, settings.seed, s) for s in range(steps)]))


def pace_of(units: int, settings: PolicySettings, processes: int = 1) -> Pace:
    """The pace of a training on so many units; the batch is divided over the processes."""
    of_steps = steps_of(units, settings)
    return Pace(
        of_steps=of_steps,
        batch_size=max(settings.batch_size // processes, 1),
        at_once=settings.pairs_at_once,
        learning_rate=settings.rate,
        warmup=math.ceil(settings.warmup * of_steps),
        weight_decay=settings.weight_decay,
        saves=settings.saves,
        seed=settings.seed,
        save_memory=settings.save_memory,
        doing="Training",
    )
