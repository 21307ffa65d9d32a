"""By how much alpha changes where some judgements go, with the interval of that paired change."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from workbench.agreement.measures import coefficient
from workbench.agreement.resampling import sums
from workbench.agreement.tally import tally_of_codes
from workbench.dataset.annotation_set import AnnotationSet, Codes
from workbench.dataset.scales import LabelScale
from workbench.statistics.jackknife import dealt, jackknife_interval

MOST_ITEMS = 25_000
"""Items on which the interval is worked out; in larger data it is scaled from so many of them."""


@dataclass(frozen=True)
class AlphaChange:
    """Alpha before and after, and the change with its interval for new items.

    Attributes
    ----------
    before, after : alpha of all judgements, and of those kept; NaN where undefined.
    low, high : 95% interval of `after - before`.
    """

    before: float
    after: float
    low: float
    high: float

    @property
    def change(self) -> float:
        """After less before."""
        return self.after - self.before


def alpha_change(
    data: AnnotationSet, kept: np.ndarray, *, key: str = "krippendorff_alpha.nominal", direction: bool = False
) -> AlphaChange:
    """What does alpha become where only some of the first judgements stay?

    The interval is that of the paired change over prompts (delete-a-group jackknife): the same items are left out
    before and after.

    Parameters
    ----------
    kept : bool (n,): which of `data.codes` stay.
    key : the coefficient.
    direction : whether strengths are ignored.

    Examples
    --------
    >>> from workbench.simulation.simulate import simulate
    >>> made = simulate(1_200, annotators=10, spammers=2, seed=3)
    >>> spammers = made.truth.troubled("spammer")
    >>> found = alpha_change(made.data, ~np.isin(made.data.codes.annotator, spammers))
    >>> found.before < found.after, found.low < found.change < found.high
    (True, True)
    """
    codes, scale = (directed(data) if direction else (data.codes, data.scale))[:2]
    of_item = data.group_codes if data.group_codes is not None else np.arange(codes.n_items)
    judged = np.flatnonzero(np.diff(codes.starts) >= 2)
    if len(judged) == 0:
        return AlphaChange(np.nan, np.nan, np.nan, np.nan)
    chosen = judged
    if len(judged) > MOST_ITEMS:
        chosen = np.sort(np.random.default_rng(0).choice(judged, MOST_ITEMS, replace=False))
    group = np.full(codes.n_items, -1)
    group[chosen] = dealt(of_item[chosen])
    of_row = group[codes.item]
    sampled = of_row >= 0

    def change(mask: np.ndarray) -> tuple[float, float]:
        return _alpha(codes, mask, scale, key), _alpha(codes, mask & kept, scale, key)

    everything = np.ones(len(codes), bool)
    before, after = change(everything)
    n = int(group.max()) + 1
    parts = np.array([change(sampled & (of_row != g)) for g in range(n)])
    differences = parts[:, 1] - parts[:, 0]
    centre = float(np.nanmean(differences)) if np.isfinite(differences).any() else np.nan
    shrunk = centre + (differences - centre) * (len(chosen) / len(judged)) ** 0.5
    low, high = jackknife_interval(after - before, shrunk)
    return AlphaChange(before, after, low, high)


def directed(data: AnnotationSet) -> tuple[Codes, LabelScale]:
    """The judgements with their strength ignored, and the scale of that."""
    scale = data.scale.directional()
    if scale == data.scale:
        return data.codes, data.scale
    table = data.scale.direction_table()[:-1].astype(data.codes.label.dtype)
    return replace(data.codes, label=table[data.codes.label], n_labels=len(scale)), scale


def _alpha(codes: Codes, kept: np.ndarray, scale: LabelScale, key: str) -> float:
    counted = tally_of_codes(codes, kept, scale, np.empty(0, object))
    return sums(counted, coefficient(key, counted)).value
