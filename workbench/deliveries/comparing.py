"""What changed from one delivery to the next: every headline figure, with the interval of the difference."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from workbench.deliveries.delivery import Delivery, usual_kind
from workbench.deliveries.measures import MEASURES, Measure, counts_of
from workbench.deliveries.sums import sums_of
from workbench.errors import WorkbenchError
from workbench.estimates import Estimate, Finite, Interval
from workbench.statistics.jackknife import GROUPS, jackknife_interval, standard_error

METHOD = "delete-a-group jackknife over prompts"
DRIVERS = {
    "mix": "other items: slices more or less common than before",
    "people_left": "people who left",
    "people_arrived": "people who arrived",
    "same_people": "the same people, on items of the same slices",
}
"""What drives a difference -> in words. The parts add up to the difference."""
LEAST = 30
"""Labels, pairs or items below which a figure of one side is not compared."""


@dataclass(frozen=True, kw_only=True)
class Change(Finite):
    """One figure on both sides.

    Attributes
    ----------
    measure : which.
    a, b, difference : the figure before, the figure now, and now less before, each with both intervals.
    drivers : part -> its share of the difference, with the same-crew interval; they add up to it. A part that cannot be
        told apart is left out.
    p_value : chance of so large a difference where nothing changed but the items, two-sided; None where undefined.
    """

    measure: Measure
    a: Estimate
    b: Estimate
    difference: Estimate
    drivers: dict[str, Estimate] = field(default_factory=dict)
    p_value: float | None = None

    @property
    def worse(self) -> bool:
        """Whether the figure moved to its bad side."""
        d = self.difference.value
        return d is not None and {"higher": d < 0, "lower": d > 0, "steady": False}[self.measure.better]

    def to_dict(self) -> dict[str, object]:
        """As the command line prints it."""
        return {
            "name": self.measure.name,
            "title": self.measure.title,
            "unit": self.measure.unit,
            "better": self.measure.better,
            "a": self.a.to_dict(),
            "b": self.b.to_dict(),
            "difference": self.difference.to_dict(),
            "drivers": {name: estimate.to_dict() for name, estimate in self.drivers.items()},
            "p_value": self.p_value,
        }


def changes(
    before: Sequence[Delivery], now: Sequence[Delivery], *, new_crew: bool = True, column: str | None = None
) -> tuple[Change, ...]:
    """How did each headline figure change, and what drives it?

    Same-crew intervals come from leaving out groups of prompts on both sides at once, so that the difference of
    deliveries that share items is a paired one; new-crew intervals add what leaving out people, one or a few at a time,
    changes, on both sides at once too.

    Parameters
    ----------
    before, now : one delivery or several taken together on each side.
    new_crew : whether to work out new-crew intervals too.
    column : slice column by which the mix of items is compared; the one whose mix changed most where None.

    Raises
    ------
    WorkbenchError
        The labels of the two are not of one kind.
    """
    _same_kind(before, now)
    a, b = sums_of(before), sums_of(now)
    people = _people_variance(before, now) if new_crew else None
    parts = driving_parts(before, now, column)
    found = []
    for place, measure in enumerate(MEASURES):
        n = (counts_of(a.total)[place], counts_of(b.total)[place])
        if max(n) == 0:
            continue
        without = (a.without[:, place], b.without[:, place])
        sides = [
            estimate_of(measure, float(s.value[place]), w, round(float(m)))
            for s, w, m in zip((a, b), without, n, strict=True)
        ]
        if people is not None:
            sides = [_with_new_crew(e, v[place], people.groups) for e, v in zip(sides, people.sides, strict=True)]
        sides = [_possible(e, measure) for e in sides]
        difference = difference_of(measure, sides, without)
        p = None
        if difference.value is not None:
            p = p_value_of(difference.value, standard_error(without[1] - without[0]))
            if people is not None:
                difference = _with_new_crew(difference, people.difference[place], people.groups)
        drivers = {} if difference.value is None else _driver_estimates(parts, place)
        found.append(Change(measure=measure, a=sides[0], b=sides[1], difference=difference, drivers=drivers, p_value=p))
    return tuple(found)


def _same_kind(before: Sequence[Delivery], now: Sequence[Delivery]) -> None:
    kinds = {(d.data.scale.has_sides, d.data.scale.directional().labels) for d in (*before, *now)}
    if len(kinds) > 1:
        raise WorkbenchError(
            "The two deliveries have labels of different kinds: "
            + " and ".join(sorted("/".join(labels) for _, labels in kinds))
            + ".",
            "Open both with the same scale.",
        )


def estimate_of(measure: Measure, value: float, without: np.ndarray, n: int) -> Estimate:
    """A figure of one side with its same-crew interval, from the figure without each group of items."""
    if not np.isfinite(value) or n < 2:
        return Estimate(name=measure.title, value=None, n=n, reason=f"there are not enough {measure.counted}")
    low, high = jackknife_interval(value, without)
    inside = None if not np.isfinite(low) else Interval(low, high, "same crew", METHOD)
    return Estimate(name=measure.title, value=value, same_crew=inside, n=n)


def _possible(estimate: Estimate, measure: Measure) -> Estimate:
    """The same with intervals cut to what the figure can be."""
    low, high = {"alpha": (-1.0, 1.0), "share": (0.0, 1.0)}.get(measure.unit, (0.0, float("inf")))
    cut = [
        None if i is None else replace(i, low=max(i.low, low), high=min(i.high, high))
        for i in (estimate.same_crew, estimate.new_crew)
    ]
    return replace(estimate, same_crew=cut[0], new_crew=cut[1])


def difference_of(
    measure: Measure, sides: Sequence[Estimate], without: tuple[np.ndarray, np.ndarray], least: int = LEAST
) -> Estimate:
    """Now less before, with the interval of the difference: a paired one where groups of items are the same on both
    sides.
    """
    name = f"change of {measure.title}"
    n = min(e.n for e in sides)
    before, now = (e.value for e in sides)
    if before is None or now is None or n < least:
        return Estimate(name=name, value=None, n=n, reason=f"one side has fewer than {least} {measure.counted}")
    value = now - before
    low, high = jackknife_interval(value, without[1] - without[0])
    inside = None if not np.isfinite(low) else Interval(low, high, "same crew", METHOD)
    return Estimate(name=name, value=value, same_crew=inside, n=n)


def p_value_of(value: float, error: float, margin: float = 0.0) -> float | None:
    """Chance of so large a difference where there is none, or one of `margin` at most; two-sided.

    >>> p_value_of(0.0, 0.1), round(p_value_of(0.3, 0.1), 4), p_value_of(0.15, 0.1, margin=0.2)
    (1.0, 0.0047, 1.0)
    """
    from scipy import special

    if not np.isfinite(error):
        return None
    if error < 1e-12:
        return 1.0 if abs(value) <= margin + 1e-12 else 0.0
    return min(float(2 * special.stdtr(GROUPS - 1, -(abs(value) - margin) / error)), 1.0)


@dataclass(frozen=True, eq=False)
class _People:
    """Variance over people of each figure on both sides and of the difference, and how many groups of people."""

    sides: tuple[np.ndarray, np.ndarray]
    difference: np.ndarray
    groups: int


def _people_variance(before: Sequence[Delivery], now: Sequence[Delivery]) -> _People:
    every = sorted({str(p) for d in (*before, *now) for p in d.people[usual_kind(d)]})
    groups = min(GROUPS, len(every))
    if groups < 2:
        nothing = np.full(len(MEASURES), np.nan)
        return _People((nothing, nothing), nothing, 0)
    of = {who: place % groups for place, who in enumerate(every)}

    def without(side: Sequence[Delivery]) -> np.ndarray:
        group = [np.array([of.get(str(p), -1) for p in d.people]) for d in side]
        return np.stack([sums_of(side, [g != left for g in group]).value for left in range(groups)])

    a, b = without(before), without(now)
    variance = [np.array([standard_error(x[:, m]) ** 2 for m in range(len(MEASURES))]) for x in (a, b, b - a)]
    return _People((variance[0], variance[1]), variance[2], groups)


def _with_new_crew(estimate: Estimate, variance: float, groups: int) -> Estimate:
    """The same with its interval for new items and new people: the variances over items and people added."""
    from scipy import special

    if estimate.value is None or estimate.same_crew is None:
        return estimate
    if groups < 3 or not np.isfinite(variance):
        return replace(estimate, interval_notes=("new crew: there are too few people",))
    own = estimate.same_crew.width / 2 / float(special.stdtrit(GROUPS - 1, 0.975))
    reach = float(special.stdtrit(groups - 1, 0.975) * (own**2 + variance) ** 0.5)
    new = Interval(estimate.value - reach, estimate.value + reach, "new crew", f"{METHOD} and people")
    return replace(estimate, new_crew=new)


Parts = dict[str, tuple[np.ndarray, np.ndarray]]


def driving_parts(before: Sequence[Delivery], now: Sequence[Delivery], column: str | None) -> Parts:
    """Part -> its share of every difference, and the same without each group of items."""
    slices = _slices(before, now, column)
    here = (slices[: len(before)], slices[len(before) :]) if slices is not None else (None, None)
    n = 1 if slices is None else 1 + max(int(s.max(initial=0)) for s in slices)
    a, b = sums_of(before, slices=here[0], n_slices=n), sums_of(now, slices=here[1], n_slices=n)
    names = [{str(p) for d in side for p in d.people[usual_kind(d)]} for side in (before, now)]
    staying = names[0] & names[1]
    if not staying:
        mixed, mixed_without = b.under_mix_of(a)
        return {
            "mix": (b.value - mixed, b.without - mixed_without),
            "people_arrived": (mixed - a.value, mixed_without - a.without),
        }

    def stay(side: Sequence[Delivery]) -> list[np.ndarray]:
        return [np.array([str(p) in staying for p in d.people]) | d.is_ai for d in side]

    a_stay, b_stay = sums_of(before, stay(before), here[0], n), sums_of(now, stay(now), here[1], n)
    mixed, mixed_without = b_stay.under_mix_of(a_stay)
    return {
        "mix": (b_stay.value - mixed, b_stay.without - mixed_without),
        "people_left": (a_stay.value - a.value, a_stay.without - a.without),
        "people_arrived": (b.value - b_stay.value, b.without - b_stay.without),
        "same_people": (mixed - a_stay.value, mixed_without - a_stay.without),
    }


def _driver_estimates(parts: Parts, place: int) -> dict[str, Estimate]:
    found = {}
    for name, (value, without) in parts.items():
        one = float(value[place])
        if not np.isfinite(one):
            continue
        low, high = jackknife_interval(one, without[:, place])
        inside = Interval(low, high, "same crew", METHOD) if np.isfinite(low) else None
        found[name] = Estimate(name=DRIVERS[name], value=one, same_crew=inside)
    return found


def _slices(before: Sequence[Delivery], now: Sequence[Delivery], column: str | None) -> list[np.ndarray] | None:
    """The slice of each item of every delivery, numbered alike; None where the deliveries share no slice column."""
    every = [*before, *now]
    shared = [c for c in every[0].data.slices if all(c in d.data.slices for d in every)]
    if column is not None:
        wanted = column if column.startswith("slice.") else f"slice.{column}"
        if wanted not in shared:
            raise WorkbenchError(f"There is no slice {column!r} in both deliveries.", "Name another, or none.")
        shared = [wanted]
    best, most = None, -1.0
    for name in shared:
        texts = [d.data.items[name].astype(object).astype(str).to_numpy() for d in every]
        known, codes = np.unique(np.concatenate(texts), return_inverse=True)
        if len(known) > _MOST_SLICES:
            continue
        split = np.split(codes, np.cumsum([len(t) for t in texts])[:-1])
        moved = _moved(split[: len(before)], split[len(before) :], len(known))
        if moved > most:
            best, most = split, moved
    return best


_MOST_SLICES = 30


def _moved(a: Sequence[np.ndarray], b: Sequence[np.ndarray], n: int) -> float:
    """Share of the items that would have to change their slice (total variation)."""
    first, second = (np.bincount(np.concatenate(x), minlength=n).astype(float) for x in (a, b))
    return float(np.abs(first / max(first.sum(), 1) - second / max(second.sum(), 1)).sum() / 2)
