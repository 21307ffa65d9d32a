"""The bootstrap distribution of a coefficient, as the few bars that are drawn of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from workbench.agreement.choice import Choice
from workbench.agreement.measures import bootstrap
from workbench.agreement.tally import Tally
from workbench.dataset.annotation_set import AnnotationSet


@dataclass(frozen=True, eq=False)
class Replicates:
    """How often each stretch of values came up.

    Attributes
    ----------
    bars : columns `from`, `to`, `replicates`.
    low, high : the 2.5% and 97.5% points.
    count : replicates with a value.
    undefined : replicates without one.
    seed : of the generator.
    """

    bars: pd.DataFrame
    low: float
    high: float
    count: int
    undefined: int
    seed: int


def bootstrap_distribution(
    data: AnnotationSet | Tally,
    key: str = "krippendorff_alpha.ordinal",
    choice: Choice | None = None,
    *,
    replicates: int = 2_000,
    bins: int = 40,
    seed: int = 0,
) -> Replicates | None:
    """Resamples the items (or their groups) and counts how the coefficient falls; None where no replicate has a value.

    Parameters
    ----------
    key : which coefficient, as in `workbench.agreement.COEFFICIENTS`.
    replicates : how many draws.
    bins : bars of equal width.
    seed : of the generator, so that the same data give the same bars.

    >>> from workbench.agreement.tally import tally_of
    >>> t = tally_of(
    ...     item=[0, 0, 1, 1, 2, 2, 3, 3], annotator=[0, 1] * 4, label=[0, 0, 1, 1, 1, 1, 0, 1], labels=("A", "B")
    ... )
    >>> drawn = bootstrap_distribution(t, "percent_agreement", replicates=200)
    >>> drawn.count, int(drawn.bars["replicates"].sum())
    (200, 200)
    """
    drawn = bootstrap(data, key, choice, replicates=replicates, rng=np.random.default_rng(seed))
    known = drawn[np.isfinite(drawn)]
    if len(known) == 0:
        return None
    counts, edges = np.histogram(known, bins=bins)
    low, high = np.quantile(known, [0.025, 0.975])
    bars = pd.DataFrame({"from": edges[:-1], "to": edges[1:], "replicates": counts})
    return Replicates(bars, float(low), float(high), len(known), len(drawn) - len(known), seed)
