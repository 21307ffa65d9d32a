"""What reversals are made of: position bias, self-noise, and genuine ambiguity."""

from __future__ import annotations

import math
from dataclasses import dataclass

from scipy import stats

from workbench.estimates import Estimate, Finite, Interval
from workbench.reversals.between import Between
from workbench.reversals.order import OrderEffect
from workbench.reversals.within import Within, flip_probability


@dataclass(frozen=True, kw_only=True)
class Decomposition(Finite):
    """Three parts of what is seen, each with an interval for this crew.

    Attributes
    ----------
    position_bias : reversals when the order is swapped, less those when it is not.
    self_noise : chance that a single judgement is the wrong way round, from repeats in the same order.
    ambiguity : reversals between annotators, less those that two such noisy judgements of one opinion would show.
    repeats : repeats in the same order and in swapped order that these rest on.
    order_p : of McNemar's test that the order sways the choice (`workbench.reversals.order`); None where no pair was
        judged in both orders. It can be sure that there is position bias where the difference of two rates leaves open
        how large it is.
    repeats_needed : repeats of each sort needed to know the position bias to within `half_width`.
    half_width : of the 95% interval aimed at.
    """

    position_bias: Estimate
    self_noise: Estimate
    ambiguity: Estimate
    repeats: tuple[int, int]
    repeats_needed: int
    half_width: float
    order_p: float | None = None

    def to_dict(self) -> dict[str, object]:
        """As the command line prints it."""
        parts = {name: getattr(self, name).to_dict() for name in ("position_bias", "self_noise", "ambiguity")}
        counts = {"repeats": list(self.repeats), "repeats_needed": self.repeats_needed, "half_width": self.half_width}
        return {**parts, **counts, "order_p": self.order_p}


def decompose(
    within: Within, between: Between, order: OrderEffect | None = None, *, half_width: float = 0.05, level: float = 0.95
) -> Decomposition:
    r"""Splits reversals into position bias, self-noise and ambiguity.

    $\text{position} = R_\text{swap} - R_\text{same}$; $\text{noise } q = (1 - \sqrt{1 - 2 R_\text{same}}) / 2$;
    $\text{ambiguity} = R_\text{between} - 2 q (1 - q)$, and since $2 q (1 - q) = R_\text{same}$ by the definition of q,
    that is $R_\text{between} - R_\text{same}$. The rates come from different judgements, so their variances add.

    Parameters
    ----------
    within, between, order : of the same data; the order effect says whether there is position bias at all, where its
        size is uncertain.
    half_width : how well position bias is to be known, for the count of repeats needed.
    """
    z = float(stats.norm.ppf((1 + level) / 2))
    same, swapped, across = within.same_order, within.swapped, between.rate
    # Where one of the rates is not known yet, the count assumes the most demanding one.
    spread = sum(r * (1 - r) for r in (_or_half(same), _or_half(swapped)))
    return Decomposition(
        position_bias=_difference("position bias", swapped, same, level),
        self_noise=_noise(same, level),
        ambiguity=_difference("ambiguity", across, same, level),
        repeats=(same.n, swapped.n),
        repeats_needed=math.ceil(z**2 * spread / half_width**2),
        half_width=half_width,
        order_p=order.p_value if order is not None and order.inconsistent else None,
    )


def _or_half(estimate: Estimate) -> float:
    return 0.5 if estimate.value is None else estimate.value


def _noise(same: Estimate, level: float) -> Estimate:
    """The flip probability is a rising function of R, so the bounds of R become its bounds."""
    q = flip_probability(same.value)
    if q is None:
        reason = same.reason or "repeats differ more often than not, which independent flips cannot do"
        return Estimate(name="self-noise", value=None, reason=reason)
    interval = None
    if same.same_crew is not None:
        low, high = (flip_probability(min(bound, 0.5)) for bound in same.same_crew.to_list())
        interval = Interval(low or 0.0, high if high is not None else 0.5, "same crew", same.same_crew.method, level)
    return Estimate(name="self-noise", value=q, same_crew=interval, new_crew=None, n=same.n, interval_notes=_few(same))


def _difference(name: str, more: Estimate, less: Estimate, level: float) -> Estimate:
    if more.value is None or less.value is None:
        return Estimate(name=name, value=None, reason=more.reason or less.reason)
    value = more.value - less.value
    if more.same_crew is None or less.same_crew is None:
        return Estimate(
            name=name,
            value=value,
            same_crew=None,
            new_crew=None,
            n=min(more.n, less.n),
            interval_notes=("same crew: one of the two rates has no interval",),
        )
    # Newcombe's square-and-add: each bound of the difference takes the bound of each rate that lies on its side.
    down = math.hypot(more.value - more.same_crew.low, less.same_crew.high - less.value)
    up = math.hypot(more.same_crew.high - more.value, less.value - less.same_crew.low)
    interval = Interval(
        value - down, value + up, "same crew", "square-and-add of the two intervals (Newcombe 1998)", level
    )
    return Estimate(
        name=name,
        value=value,
        same_crew=interval,
        new_crew=None,
        n=min(more.n, less.n),
        interval_notes=_few(more, less),
    )


def _few(*rates: Estimate) -> tuple[str, ...]:
    """On how few clusters one of the rates rests, if it does."""
    return tuple(dict.fromkeys(rate.few for rate in rates if rate.few is not None))
