"""What the reference says of every pair: computed once before the training, and kept."""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from workbench.checkpoints import Checkpoints
from workbench.policy.base import as_reference
from workbench.policy.log_probabilities import pair_log_probabilities
from workbench.policy.texts import Sequences
from workbench.progress import UNWATCHED, Watch

PART = 512
"""Pairs computed between two looks at the clock."""
EVERY = 30.0
"""Seconds after which what is there is kept."""


def reference_log_probabilities(
    model: Any,
    sides: tuple[Sequences, Sequences],
    which: np.ndarray,
    pad: int,
    at_once: int,
    checkpoints: Checkpoints,
    about: str,
    watch: Watch = UNWATCHED,
    name: str = "reference",
    *,
    half: bool = False,
) -> np.ndarray:
    """Log-probabilities of both responses of each pair by the model before it is trained, float64 (len(which), 2).

    A second model is not needed: the first one has not moved yet, or is asked without its low-rank additions.

    Parameters
    ----------
    about : of what settings and data they are; those kept of others are passed over.
    """
    kept = checkpoints.load(name)
    found, done = np.zeros((len(which), 2)), 0
    if kept is not None and kept[1].get("about") == about and kept[0]["reference"].shape == found.shape:
        found, done = kept[0]["reference"].copy(), int(kept[1]["done"])
    if done == len(which):
        return found
    said = time.monotonic()
    while done < len(which):
        watch.step(done, len(which), "Reading with the reference")
        part = which[done : done + PART]
        with as_reference(model):
            found[done : done + len(part)] = pair_log_probabilities(
                model, sides, part, pad, at_once, Watch(stop_asked=watch.stop_asked), half=half
            )
        done += len(part)
        if done == len(which) or time.monotonic() - said > EVERY:
            checkpoints.save(name, {"reference": found}, {"about": about, "done": done})
            said = time.monotonic()
    return found
