"""The smallest kind of work there is: counts. For trying out runs, and as a pattern for kinds of one's own."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import numpy as np

from workbench.runs.context import RunContext


def count(config: Mapping[str, Any], run: RunContext) -> dict[str, Any]:
    """Counts to `steps`, `pause` seconds between two, and goes on where it was after a kill."""
    kept = run.checkpoints.load("counted")
    done = int(kept[0]["done"][0]) if kept else 0
    steps = int(config["steps"])
    while done < steps:
        time.sleep(float(config.get("pause", 0.0)))
        done += 1
        run.watch.step(done, steps, "Counting", left=steps - done)
        run.checkpoints.save("counted", {"done": np.array([done])}, {})
    return {"counted": done}
