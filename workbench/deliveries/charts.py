r"""Control charts over many deliveries: when is a figure out of what chance allows, at a false-alarm rate that is said?

Each delivery is held against the mean of those before it, since the last alarm. With $s_t$ the standard error of figure
$x_t$ and $\tau^2$ what deliveries vary beyond that (moment estimator of DerSimonian & Laird 1986, over the stretches
between alarms), the distance $x_t - \bar x$ has variance $s_t^2 + \tau^2 + (\overline{s^2} + \tau^2) / n$. The mean of
the last two is held against those before them in the same way, so that a change too small for one delivery is found in
the second. All tests of a year share the rate (Bonferroni): with c charts, d deliveries a year and two tests each, one
test may give a false alarm with probability rate / 2cd. After an alarm the figures that moved learn anew what is usual;
where they then lie as they did before it, it was of one delivery alone, and all deliveries count again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from scipy import special

from workbench.deliveries.causes import Cause, likely_cause
from workbench.deliveries.delivery import Delivery
from workbench.deliveries.measures import BY_NAME, MEASURES
from workbench.deliveries.people import scores
from workbench.deliveries.sums import sums_of
from workbench.errors import WorkbenchError
from workbench.estimates import Finite
from workbench.statistics.jackknife import standard_error

CHARTED = ("alpha", "gold_accuracy", "judge_agreement", "ties", "strong", "chosen_first", "missing", "seconds")
"""Measures that are charted; the others say the same again, or nothing about quality."""
A_YEAR = 26
"""Deliveries a year: one every fortnight."""
RATE = 0.8
"""False alarms to expect in a year from all charts together."""
LEAST = 5
"""Deliveries before which nothing is said: what is usual is not known yet."""
_AGAIN = 2
"""Deliveries after an alarm before the next one is held against them."""
_LASTS, _SETTLED = 2.0, 5
"""Standard errors from which the deliveries after an alarm lie elsewhere than those before it, and how many of them
there are once that is settled."""
_LOOK_BACK = 8
"""Deliveries before an alarm that its cause is looked for against."""


@dataclass(frozen=True, kw_only=True)
class Point(Finite):
    """One delivery on a chart.

    Attributes
    ----------
    delivery : its place.
    value, error : the figure and its standard error; None where undefined.
    centre, low, high : what is usual by then, and between which values one delivery may lie; None before `LEAST`.
    alarm : `one` where it lies outside, `two` where it and the one before do so together, else ''.
    """

    delivery: int
    value: float | None
    error: float | None
    centre: float | None = None
    low: float | None = None
    high: float | None = None
    alarm: str = ""


@dataclass(frozen=True)
class Chart:
    """One figure over all deliveries.

    Attributes
    ----------
    name, title : of the figure; `vendor NAME` for how often a vendor's people are right.
    points : one a delivery.
    """

    name: str
    title: str
    points: tuple[Point, ...]


@dataclass(frozen=True)
class Raised:
    """An alarm of some charts at one delivery.

    Attributes
    ----------
    delivery : its place.
    charts : names of the charts.
    cause : the likeliest cause; None where no sign is clear.
    """

    delivery: int
    charts: tuple[str, ...]
    cause: Cause | None


@dataclass(frozen=True)
class Watch:
    """All charts, and what they raised.

    Attributes
    ----------
    charts, alarms : in order of time.
    rate : false alarms to expect in a year.
    threshold : standard errors from which a point is outside.
    """

    charts: tuple[Chart, ...]
    alarms: tuple[Raised, ...]
    rate: float
    threshold: float

    def to_dict(self) -> dict[str, object]:
        """As the command line prints it."""
        return {
            "false_alarms_a_year": self.rate,
            "standard_errors": self.threshold,
            "charts": [{"name": c.name, "title": c.title, "points": [vars(p) for p in c.points]} for c in self.charts],
            "alarms": [
                {
                    "delivery": a.delivery,
                    "charts": list(a.charts),
                    "cause": None if a.cause is None else a.cause.to_dict(),
                }
                for a in self.alarms
            ],
        }


def watch(deliveries: Sequence[Delivery], *, rate: float = RATE, a_year: int = A_YEAR) -> Watch:
    """Which deliveries are out of the usual, in what, and why?

    Parameters
    ----------
    deliveries : in the order they came.
    rate : false alarms to accept in a year.
    a_year : deliveries a year.

    Raises
    ------
    WorkbenchError
        There is no delivery.
    """
    if not deliveries:
        raise WorkbenchError("There is no delivery to chart.", "Add one.")
    series = _series(deliveries)
    threshold = limit(rate, a_year, len(series))
    stretches = {name: _Stretches() for name in series}
    alarms: list[Raised] = []
    points: dict[str, list[Point]] = {name: [] for name in series}
    for t in range(len(deliveries)):
        for name, (_, value, error) in series.items():
            stretches[name].merge(value, error, t)
            points[name].append(_point(value, error, stretches[name].starts, t, threshold))
        raised = tuple(name for name in series if points[name][t].alarm)
        if raised:
            begun = max(stretches[name].starts[-1] for name in raised)
            two = all(points[name][t].alarm == "two" for name in raised)
            first = t - 1 if two and t - 1 > begun else t
            cause = likely_cause(deliveries[max(begun, first - _LOOK_BACK) : first], deliveries[first : t + 1])
            alarms.append(Raised(t, raised, cause))
            for name, stretch in stretches.items():
                if _moved(points[name][t], threshold):
                    stretch.begin(first, t)
    charts = tuple(Chart(name, series[name][0], tuple(points[name])) for name in series)
    return Watch(charts, tuple(alarms), rate, threshold)


def limit(rate: float, a_year: int, charts: int) -> float:
    """Standard errors that one test may lie from the usual, for so many false alarms a year from all charts.

    >>> round(limit(0.8, 26, 8), 2)
    3.1
    """
    return float(special.ndtri(1 - rate / (2 * 2 * max(charts, 1) * a_year)))


def _series(deliveries: Sequence[Delivery]) -> dict[str, tuple[str, np.ndarray, np.ndarray]]:
    """Name -> title, values and standard errors, (deliveries,)."""
    place = [[m.name for m in MEASURES].index(name) for name in CHARTED]
    sums = [sums_of([d]) for d in deliveries]
    value = np.array([s.value[place] for s in sums])
    error = np.array([[standard_error(s.without[:, i]) for i in place] for s in sums])
    found = {
        name: (BY_NAME[name].title, value[:, i], error[:, i])
        for i, name in enumerate(CHARTED)
        if np.isfinite(value[:, i]).any() and np.nanmax(np.abs(value[:, i])) > 0
    }
    vendors = sorted({v for d in deliveries for v in d.vendors.values() if v})
    if len(vendors) > 1:
        for name in vendors:
            ahead = [_ahead(d, name) for d in deliveries]
            title = f"{name}: judgements borne out by others and gold, less those of other vendors"
            found[f"vendor {name}"] = (title, np.array([a for a, _ in ahead]), np.array([e for _, e in ahead]))
    return found


def _ahead(delivery: Delivery, name: str) -> tuple[float, float]:
    """How much better a vendor's people are than the others' in one delivery, and its standard error."""
    crews = scores([delivery], {who: "own" if v == name else "others" for who, v in delivery.vendors.items() if v})
    own, others = crews.get("own"), crews.get("others")
    if own is None or others is None or own.right is None or others.right is None:
        return np.nan, np.nan
    return own.right - others.right, standard_error(own.without - others.without)


def _point(value: np.ndarray, error: np.ndarray, starts: Sequence[int], t: int, threshold: float) -> Point:
    own = Point(delivery=t, value=_or_none(value[t]), error=_or_none(error[t]))
    if own.value is None or own.error is None:
        return own
    usual = _usual(value, error, starts, t)
    if usual is None:
        return own
    centre, between, spread = usual
    reach = threshold * float(error[t] ** 2 + between + spread) ** 0.5
    alarm = "one" if abs(own.value - centre) > reach else ""
    before = _usual(value, error, starts, t - 1) if t - 1 > starts[-1] and np.isfinite(value[t - 1]) else None
    if not alarm and before is not None:
        last = (value[t] + value[t - 1]) / 2
        variance = (error[t] ** 2 + error[t - 1] ** 2 + 2 * before[1]) / 4 + before[2]
        alarm = "two" if abs(last - before[0]) > threshold * float(variance) ** 0.5 else ""
    return Point(
        delivery=t,
        value=own.value,
        error=own.error,
        centre=centre,
        low=centre - reach,
        high=centre + reach,
        alarm=alarm,
    )


def _moved(point: Point, threshold: float) -> bool:
    """Whether a chart has to learn anew what is usual after an alarm: it gave one, or lies a standard error off."""
    if point.alarm or point.value is None or point.centre is None or point.high is None:
        return True
    return abs(point.value - point.centre) > (point.high - point.centre) / threshold


@dataclass
class _Stretches:
    """Where stretches of alike deliveries begin, and at which delivery that was seen."""

    starts: list[int] = field(default_factory=lambda: [0])
    seen: list[int] = field(default_factory=lambda: [0])

    def begin(self, first: int, t: int) -> None:
        """A new stretch."""
        if first > self.starts[-1]:
            self.starts.append(first)
            self.seen.append(t)

    def merge(self, value: np.ndarray, error: np.ndarray, t: int) -> None:
        """The last two stretches are one where deliveries after an alarm, before t, lie where those before it did."""
        if len(self.starts) < 2:
            return
        after, before = np.arange(self.seen[-1] + 1, t), np.arange(self.starts[-2], self.starts[-1])
        after, before = (part[np.isfinite(value[part]) & np.isfinite(error[part])] for part in (after, before))
        if not _AGAIN <= len(after) <= _SETTLED or len(before) < _AGAIN:
            return
        between = _between(value, error, self.starts, t)
        variance = sum((float((error[part] ** 2).mean()) + between) / len(part) for part in (after, before))
        if abs(value[after].mean() - value[before].mean()) <= _LASTS * variance**0.5:
            self.starts.pop()
            self.seen.pop()


def _usual(value: np.ndarray, error: np.ndarray, starts: Sequence[int], t: int) -> tuple[float, float, float] | None:
    """Mean of the deliveries before t since the last alarm, what deliveries vary beyond their errors, and the variance
    of the mean; None where too few are known.
    """
    known = np.isfinite(value[:t]) & np.isfinite(error[:t])
    now = np.flatnonzero(known & (np.arange(t) >= starts[-1]))
    if known.sum() < LEAST or len(now) < (LEAST if len(starts) == 1 else _AGAIN):
        return None
    between = _between(value, error, starts, t)
    return float(value[now].mean()), between, (float((error[now] ** 2).mean()) + between) / len(now)


def _between(value: np.ndarray, error: np.ndarray, starts: Sequence[int], t: int) -> float:
    """What the deliveries before t vary beyond their errors, within the stretches between alarms."""
    known = np.isfinite(value[:t]) & np.isfinite(error[:t])
    stretch = np.searchsorted(starts, np.arange(t), side="right")
    squares, free = 0.0, 0
    for each in np.unique(stretch[known]):
        inside = value[:t][known & (stretch == each)]
        squares, free = squares + float(((inside - inside.mean()) ** 2).sum()), free + len(inside) - 1
    within = float((error[:t][known] ** 2).mean())
    return max(squares / max(free, 1) - within, 0.0)


def _or_none(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
