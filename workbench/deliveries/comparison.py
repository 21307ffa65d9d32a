"""Two deliveries side by side: figures, what drives them, people, gold, vendors, money, and what to be alarmed at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from workbench.deliveries.causes import Cause, likely_cause
from workbench.deliveries.comparing import Change, changes
from workbench.deliveries.delivery import Delivery
from workbench.deliveries.gold_wear import GoldWear, gold_wear
from workbench.deliveries.people import Crew, Turnover, scores, turnover
from workbench.estimates import Estimate, Finite, Interval

RATE = 0.05
"""False alarms to expect in one comparison of two deliveries between which nothing changed."""


@dataclass(frozen=True, kw_only=True)
class Alarm(Finite):
    """A figure that changed by more than chance would have it.

    Attributes
    ----------
    measure, title : the figure.
    kind : `worse`, `better`, or `changed` where neither side is the good one.
    difference, low, high : the change and its 95% interval for new items and the same crew.
    p_value : chance of so large a change where nothing changed but the items.
    rate : false alarms to expect from all figures of the comparison together.
    """

    measure: str
    title: str
    kind: str
    difference: float
    low: float
    high: float
    p_value: float
    rate: float

    def to_dict(self) -> dict[str, object]:
        """As the command line prints it."""
        return {
            "measure": self.measure,
            "title": self.title,
            "kind": self.kind,
            "difference": self.difference,
            "interval": [self.low, self.high],
            "p_value": self.p_value,
            "false_alarm_rate": self.rate,
        }


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Two deliveries side by side.

    Attributes
    ----------
    a, b : what the two are called.
    measures : every figure, in their order.
    alarms : those that changed beyond chance, the least likely first; corrected for how many were looked at.
    cause : what the change most likely comes from; None where nothing is clear.
    shared_items : items that are in both.
    people : who left, arrived and stayed.
    wear : gold seen before.
    crews : people who left and stayed as they were, people who stayed and arrived as they are: group -> (then, now).
    vendors : vendor -> (then, now).
    usd_per_effective_label : then and now, None where the price is not known.
    """

    a: str
    b: str
    measures: tuple[Change, ...]
    alarms: tuple[Alarm, ...]
    cause: Cause | None
    shared_items: int
    people: Turnover
    wear: GoldWear
    crews: dict[str, tuple[Crew | None, Crew | None]] = field(default_factory=dict)
    vendors: dict[str, tuple[Crew | None, Crew | None]] = field(default_factory=dict)
    usd_per_effective_label: tuple[Estimate | None, Estimate | None] = (None, None)

    @property
    def worse(self) -> tuple[Alarm, ...]:
        """Alarms about figures that moved to their bad side."""
        return tuple(alarm for alarm in self.alarms if alarm.kind == "worse")

    def measure(self, name: str) -> Change:
        """A figure by its name."""
        return next(change for change in self.measures if change.measure.name == name)

    def to_dict(self) -> dict[str, object]:
        """As the command line prints it."""

        def pair(found: dict[str, tuple[Crew | None, Crew | None]]) -> dict[str, object]:
            return {name: [None if c is None else c.to_dict() for c in both] for name, both in found.items()}

        return {
            "a": {"name": self.a},
            "b": {"name": self.b},
            "measures": [change.to_dict() for change in self.measures],
            "alarms": [alarm.to_dict() for alarm in self.alarms],
            "cause": None if self.cause is None else self.cause.to_dict(),
            "shared_items": self.shared_items,
            "people": {
                "left": list(self.people.left),
                "arrived": list(self.people.arrived),
                "stayed": list(self.people.stayed),
                "groups": pair(self.crews),
            },
            "gold_wear": self.wear.to_dict(),
            "vendors": pair(self.vendors),
            "usd_per_effective_label": [None if e is None else e.to_dict() for e in self.usd_per_effective_label],
        }


def compare_deliveries(
    a: Delivery | Sequence[Delivery],
    b: Delivery | Sequence[Delivery],
    *,
    new_crew: bool = True,
    column: str | None = None,
    rate: float = RATE,
) -> Comparison:
    """What is different in this delivery, by more than chance, and why?

    Parameters
    ----------
    a, b : before and now; several deliveries on a side are taken together.
    new_crew : whether to work out new-crew intervals too.
    column : slice column by which the mix of items is compared; by default the one whose mix changed most.
    rate : false alarms to accept in one comparison.

    Raises
    ------
    WorkbenchError
        The labels of the two are not of one kind, or there is no such slice.

    Examples
    --------
    >>> from workbench.simulation.simulate import simulate
    >>> good, bad = (simulate(900, seed=s, annotators=10, spammers=n, texts=False).data for s, n in ((1, 0), (2, 6)))
    >>> found = compare_deliveries(Delivery(good, "May"), Delivery(bad, "June"), new_crew=False)
    >>> found.worse[0].title
    'Percent agreement on direction'
    """
    before, now = ((s,) if isinstance(s, Delivery) else tuple(s) for s in (a, b))
    found = changes(before, now, new_crew=new_crew, column=column)
    came = turnover(before, now)
    stayed, left, arrived = (
        dict.fromkeys(x, n)
        for x, n in zip((came.stayed, came.left, came.arrived), ("stayed", "left", "arrived"), strict=True)
    )
    then, here = scores(before, stayed | left), scores(now, stayed | arrived)
    crews: dict[str, tuple[Crew | None, Crew | None]] = {
        n: (then.get(n), here.get(n)) for n in ("stayed", "left", "arrived") if n in then or n in here
    }
    vendor = {who: name for d in (*before, *now) for who, name in d.vendors.items() if name}
    sold = (scores(before, vendor), scores(now, vendor)) if vendor else ({}, {})
    names = sorted({*sold[0], *sold[1]})
    pairs = [{str(p) for d in side for p in d.pair} for side in (before, now)]
    return Comparison(
        a=" + ".join(d.name for d in before),
        b=" + ".join(d.name for d in now),
        measures=found,
        alarms=alarms_of(found, rate),
        cause=likely_cause(before, now),
        shared_items=len(pairs[0] & pairs[1]),
        people=came,
        wear=gold_wear(before, now),
        crews=crews,
        vendors={n: (sold[0].get(n), sold[1].get(n)) for n in names},
        usd_per_effective_label=(_price(before, found, "a"), _price(now, found, "b")),
    )


def alarms_of(found: Sequence[Change], rate: float) -> tuple[Alarm, ...]:
    """Figures that changed beyond chance, at so many false alarms from all of them together (Bonferroni)."""
    tested = [c for c in found if c.p_value is not None and c.difference.value is not None]
    raised = []
    for change in tested:
        inside, p = change.difference.same_crew, change.p_value
        if p is None or change.difference.value is None or inside is None or p * len(tested) > rate:
            continue
        kind = "worse" if change.worse else "better"
        if change.measure.better == "steady":
            kind = "changed"
        raised.append(
            Alarm(
                measure=change.measure.name,
                title=change.measure.title,
                kind=kind,
                difference=change.difference.value,
                low=inside.low,
                high=inside.high,
                p_value=p,
                rate=rate,
            )
        )
    return tuple(sorted(raised, key=lambda alarm: alarm.p_value))


def _price(side: Sequence[Delivery], found: Sequence[Change], which: str) -> Estimate | None:
    r"""What a label as good as a perfect one costs: price / alpha, as $\alpha = (1 - 2 \eta)^2$ for labels that are
    wrong with chance $\eta$, which is what an error rate leaves of a label's information about a reward.
    """
    labels = [len(d.data.codes) for d in side]
    if any(d.price is None for d in side) or not sum(labels):
        return None
    price = sum((d.price or 0.0) * n for d, n in zip(side, labels, strict=True)) / sum(labels)
    name = "US dollars an effective label"
    alpha = next((getattr(c, which) for c in found if c.measure.name == "alpha"), None)
    if alpha is None or alpha.value is None or alpha.value <= 0.01:
        return Estimate(name=name, value=None, n=sum(labels), reason="alpha is not above chance")
    intervals = [
        Interval(price / min(i.high, 1.0), price / max(i.low, 0.01), i.crew, i.method)
        if i is not None and i.high > 0.01
        else None
        for i in (alpha.same_crew, alpha.new_crew)
    ]
    return Estimate(name=name, value=price / alpha.value, same_crew=intervals[0], new_crew=intervals[1], n=sum(labels))
