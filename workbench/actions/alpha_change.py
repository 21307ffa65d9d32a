"""By how much alpha changes where some judgements go, with the interval of that paired change."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from workbench.agreement.measures import coefficient
from workbench.agreement.resampling import Sums, sums
from workbench.agreement.tally import tally_of_codes
from workbench.dataset.annotation_set import AnnotationSet, Codes
from workbench.dataset.scales import LabelScale
from workbench.statistics.jackknife import dealt, jackknife_interval


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
    group = dealt(of_item[judged])
    sides = [_alpha(codes, mask, scale, key) for mask in (np.ones(len(codes), bool), kept)]
    before, after = (side.value for side in sides)
    parts = np.stack([_without_each(side, judged, group) for side in sides], axis=1)
    differences = parts[:, 1] - parts[:, 0]
    low, high = jackknife_interval(after - before, differences)
    return AlphaChange(before, after, low, high)


def directed(data: AnnotationSet) -> tuple[Codes, LabelScale]:
    """The judgements with their strength ignored, and the scale of that."""
    scale = data.scale.directional()
    if scale == data.scale:
        return data.codes, data.scale
    table = data.scale.direction_table()[:-1].astype(data.codes.label.dtype)
    return replace(data.codes, label=table[data.codes.label], n_labels=len(scale)), scale


def _alpha(codes: Codes, kept: np.ndarray, scale: LabelScale, key: str) -> Sums:
    counted = tally_of_codes(codes, kept, scale, np.empty(0, object))
    return sums(counted, coefficient(key, counted))


def _without_each(side: Sums, items: np.ndarray, group: np.ndarray) -> np.ndarray:
    """Alpha of some items without each group of them: an item adds to the sums by its pattern of counts alone."""
    pattern = side.tally.pattern[items]
    n = int(group.max()) + 1
    has, many = pattern >= 0, len(side.table)
    counts = np.bincount(group[has] * many + pattern[has], minlength=n * many).reshape(n, many)
    parts = counts @ side.table
    return np.asarray(side.coefficient.value(parts.sum(0) - parts), float)
