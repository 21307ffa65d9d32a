"""What became of times and dates when an export was read."""

from __future__ import annotations

import numpy as np

from workbench.dataset.annotation_set import AnnotationSet


def times_sentence(data: AnnotationSet) -> str:
    """How many judgements have a date and a length of time, and which; the rest was missing or could not be read.

    >>> from workbench.simulation.simulate import simulate
    >>> times_sentence(simulate(300, seed=1).data).startswith("Dates: 300 of 300 judgements, from ")
    True
    """
    rows = len(data.annotations)
    ended = data.annotations["ended_at"].to_numpy()
    seconds = data.annotations["seconds"].to_numpy(float)
    dated, timed = int((~np.isnat(ended)).sum()), int(np.isfinite(seconds).sum())
    dates, times = "No judgement has a date.", "None has a length of time."
    if dated:
        first, last = (str(day)[:10] for day in (np.nanmin(ended), np.nanmax(ended)))
        dates = f"Dates: {dated:,} of {rows:,} judgements, from {first} to {last}{_rest(rows - dated)}."
    if timed:
        times = f"Seconds: {timed:,} of {rows:,}, median {np.nanmedian(seconds):,.0f}{_rest(rows - timed)}."
    return f"{dates} {times}"


def _rest(missing: int) -> str:
    return f"; {missing:,} had none that could be read" if missing else ""
