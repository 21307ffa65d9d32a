"""Why did a delivery change? Each cause that can be told apart, with how strongly the data speak for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from workbench.deliveries.comparing import driving_parts
from workbench.deliveries.delivery import Delivery
from workbench.deliveries.measures import BY_NAME, MEASURES
from workbench.deliveries.people import Crew, scores, turnover, z_of
from workbench.estimates import Finite
from workbench.statistics.jackknife import GROUPS

CAUSES = {
    "new people": "people who arrived label otherwise than those who stayed",
    "vendor": "the people of one vendor got worse, those of the others did not",
    "guidelines": "the same people use the labels otherwise",
    "judge": "the AI judges answer otherwise, the people do not",
    "harder items": "the same people agree less on these items, and are as good as before on gold they had then",
    "same people": "the same people label otherwise, on all items and everywhere",
}
"""Cause -> in words."""
CLEAR = 2.0
"""Standard errors from which a cause is named, of a change that is known to be one."""
_GENERAL = 0.6
"""Weight of causes that every other cause looks like too."""
_SEEN, _FEW = 1.5, 20
"""Standard errors from which old gold is answered otherwise; answers below which it says nothing."""
_PLACE = {m.name: i for i, m in enumerate(MEASURES)}


@dataclass(frozen=True, kw_only=True)
class Cause(Finite):
    """What a change most likely comes from.

    Attributes
    ----------
    name : one of `CAUSES`.
    who : the vendor, where it is one.
    strength : how many standard errors the sign of it lies from nothing.
    others : the other causes and their strength, strongest first.
    """

    name: str
    strength: float
    who: str = ""
    others: tuple[tuple[str, float], ...] = ()

    def to_dict(self) -> dict[str, object]:
        """As the command line prints it."""
        return {
            "name": self.name,
            "who": self.who or None,
            "says": CAUSES[self.name],
            "standard_errors": self.strength,
            "others": dict(self.others),
        }


def likely_cause(before: Sequence[Delivery], now: Sequence[Delivery]) -> Cause | None:
    """What is the likeliest cause of the change? None where no sign is clear.

    Signs, each in standard errors: people who arrived against those who stayed, in this delivery; one vendor's people
    against the others, from then to now; the share of ties and of strong preferences among the same people; the AI
    judges against the people, beyond what people moved among themselves; agreement of the same people, and their
    answers to gold that was there before.
    """
    parts = driving_parts(before, now, None)
    own = parts.get("same_people")
    signs: dict[str, float] = {}
    who = ""
    came = turnover(before, now)
    if came.arrived and came.stayed:
        group = dict.fromkeys(came.arrived, "arrived") | dict.fromkeys(came.stayed, "stayed")
        crews = scores(now, group)
        signs["new people"] = -min(_apart(crews["arrived"], crews["stayed"]), 0.0)
    vendor, z = _worst_vendor(before, now, set(came.stayed))
    if vendor:
        who, signs["vendor"] = vendor, -min(z, 0.0)
    if own is not None:
        agreement, ties = _z(own, "alpha"), _z(own, "ties")
        right, old_ties = _on_old_gold(before, now)
        use = max(abs(ties), abs(_z(own, "strong")))
        # Harder items make more ties too, but not on gold that was there before.
        as_before = old_ties * np.sign(ties) < _SEEN
        signs["guidelines"] = use / 2 if as_before else use
        signs["judge"] = _beyond_people(own)
        worse = max(-agreement, use if as_before else 0.0, 0.0)
        signs["harder items"] = worse if right > -_SEEN else worse / 2
        signs["same people"] = max(-right, -agreement / 2, 0.0)
    general = ("harder items", "same people")
    ranked = sorted(signs.items(), key=lambda s: -(s[1] * (_GENERAL if s[0] in general else 1.0)))
    if not ranked or ranked[0][1] < CLEAR:
        return None
    name, strength = ranked[0]
    return Cause(name=name, strength=float(strength), who=who if name == "vendor" else "", others=tuple(ranked[1:]))


def _z(part: tuple[np.ndarray, np.ndarray], name: str) -> float:
    place = _PLACE[BY_NAME[name].name]
    return z_of(float(part[0][place]), part[1][:, place])


def _beyond_people(part: tuple[np.ndarray, np.ndarray]) -> float:
    """By how many standard errors judges moved towards or away from people, beyond what people did among themselves.

    Harder items lower both alike; people who get worse lower their own agreement twice as much, as both of a pair are
    people. What is left over is the judges' own.
    """
    value, without = part
    judge, people = (_PLACE[name] for name in ("judge_agreement", "percent_agreement"))
    moved = _z(part, "judge_agreement")
    beyond = z_of(float(value[judge] - value[people]), without[:, judge] - without[:, people])
    return min(abs(moved), abs(beyond)) if moved * beyond > 0 else 0.0


def _apart(a: Crew, b: Crew) -> float:
    """By how many standard errors the first group is better than the second."""
    if a.right is None or b.right is None:
        return 0.0
    return z_of(a.right - b.right, a.without - b.without)


def _worst_vendor(before: Sequence[Delivery], now: Sequence[Delivery], stayed: set[str]) -> tuple[str, float]:
    """The vendor whose staying people lost most against those of the others, and by how many standard errors."""
    vendor = {who: name for d in (*before, *now) for who, name in d.vendors.items() if name and who in stayed}
    names = sorted(set(vendor.values()))
    worst = ("", 0.0)
    for name in names if len(names) > 1 else ():
        group = {who: "own" if v == name else "others" for who, v in vendor.items()}
        a, b = scores(before, group), scores(now, group)
        right = [a["own"].right, a["others"].right, b["own"].right, b["others"].right]
        if any(r is None for r in right):
            continue
        own, others = b["own"].right - a["own"].right, b["others"].right - a["others"].right  # type: ignore[operator]
        without = (b["own"].without - a["own"].without) - (b["others"].without - a["others"].without)
        z = z_of(own - others, without)
        if z < worst[1]:
            worst = (name, z)
    return worst


def _on_old_gold(before: Sequence[Delivery], now: Sequence[Delivery]) -> tuple[float, float]:
    """What people do on gold that was gold before, by how many standard errors more often than then: name its side,
    and call it a tie; 0 where too few answered.
    """
    old = {pair for d in before for pair in d.pair[d.gold_direction >= 0]}
    found = []
    for side in (before, now):
        sums = np.zeros((GROUPS, 3))
        for d in side:
            codes, tie = d.data.codes, d.data.scale.tie
            again = np.array([pair in old for pair in d.pair]) & (d.gold_direction >= 0)
            used = again[codes.item] & ~d.is_ai[codes.annotator]
            item = codes.item[used]
            tied = codes.label[used] == tie if tie is not None else np.zeros(len(item), bool)
            for place, what in enumerate((d.direction[used] == d.gold_direction[item], tied, np.ones(len(item)))):
                sums[:, place] += np.bincount(d.part[item], what, GROUPS)
        total = sums.sum(0)
        if total[2] < _FEW:
            return 0.0, 0.0
        with np.errstate(invalid="ignore", divide="ignore"):
            found.append((total[:2] / total[2], (total - sums)[:, :2] / (total - sums)[:, 2:]))
    moved, without = found[1][0] - found[0][0], found[1][1] - found[0][1]
    return z_of(float(moved[0]), without[:, 0]), z_of(float(moved[1]), without[:, 1])
