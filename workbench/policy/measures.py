"""Means and differences with intervals over prompt groups, for measures without bounds (nats, tokens)."""

from __future__ import annotations

import numpy as np

from workbench.estimates import FEW_CLUSTERS, Estimate, Interval, rests_on_few
from workbench.statistics import clustered


def mean_estimate(values: np.ndarray, group: np.ndarray, name: str, level: float = 0.95) -> Estimate:
    """The mean of values that come in prompt groups; values that are not finite are set aside.

    Parameters
    ----------
    values : float (n,).
    group : int (n,): the prompt group of each.

    >>> found = mean_estimate(np.array([1.0, 3.0, np.nan]), np.arange(3), "drift")
    >>> found.value, found.n, found.n_set_aside
    (2.0, 2, 1)
    """
    known = np.isfinite(values)
    n, aside = int(known.sum()), int((~known).sum())
    if n == 0:
        return Estimate(name=name, value=None, n_set_aside=aside, reason="nothing was measured")
    found = clustered.clustered_mean(np.asarray(values, float)[known], np.asarray(group)[known], level)
    if n == 1:
        return Estimate(name=name, value=found.value, n=1, n_set_aside=aside, interval_notes=("one value alone",))
    notes: tuple[str, ...] = ()
    if found.one_cluster:
        notes = ("all values share one prompt group: the interval is about new values of it, not about new prompts",)
    elif found.clusters < FEW_CLUSTERS:
        notes = (rests_on_few(found.clusters, "prompt group"),)
    over = f"over {found.clusters:,} groups, t({found.df:.3g})"
    interval = Interval(found.low, found.high, "same crew", over, level)
    return Estimate(name=name, value=found.value, same_crew=interval, n=n, n_set_aside=aside, interval_notes=notes)
