"""Cycle after cycle: what changed against the one before and against the first, and when to be alarmed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from workbench.cycles.cycle import Cycle
from workbench.cycles.figure import Figure, change_of
from workbench.cycles.reward_models import drift, held_out
from workbench.cycles.spread import ACROSS, WITHIN, repeats, spreads
from workbench.cycles.verdicts import balance, by_judge, by_principle
from workbench.deliveries.comparing import Change, changes, estimate_of
from workbench.deliveries.comparison import Alarm, alarms_of
from workbench.deliveries.measures import BY_NAME, Measure
from workbench.errors import WorkbenchError
from workbench.estimates import Estimate

RATE = 0.05
"""False alarms to expect at one cycle where nothing changed, from all figures and both comparisons together."""
COLLAPSE = (WITHIN.name, ACROSS.name)
"""Figures whose fall is mode collapse."""
FIRST = " since the first cycle"
"""What the name of a figure ends with where it is held against the first cycle rather than the one before."""
_OF_LABELS = ("alpha", "percent_agreement", "gold_accuracy", "judge_agreement", "ties", "strong", "chosen_first")


@dataclass(frozen=True, kw_only=True)
class Step:
    """One cycle against the one before it.

    Attributes
    ----------
    a, b : names of the cycle before and of this one.
    measures : every figure that both have.
    since_first : the same against the first cycle; () in the second, where that is the one before.
    alarms : figures of either that changed beyond chance, or beyond their margin, the least likely first.
    judges : judge -> how often it agrees with the majority of people in this cycle.
    rate : false alarms to expect at this cycle.
    """

    a: str
    b: str
    measures: tuple[Change, ...]
    since_first: tuple[Change, ...]
    alarms: tuple[Alarm, ...]
    judges: dict[str, Estimate]
    rate: float

    @property
    def worse(self) -> tuple[Alarm, ...]:
        """Alarms about figures that moved to their bad side."""
        return tuple(alarm for alarm in self.alarms if alarm.kind == "worse")

    @property
    def collapse(self) -> tuple[Alarm, ...]:
        """Alarms that say mode collapse: high-scoring texts lie closer together."""
        return tuple(a for a in self.worse if a.measure.removesuffix(FIRST) in COLLAPSE)

    def to_dict(self) -> dict[str, object]:
        """As the command line prints it."""
        return {
            "a": self.a,
            "b": self.b,
            "measures": [change.to_dict() for change in self.measures],
            "since_first": [change.to_dict() for change in self.since_first],
            "alarms": [alarm.to_dict() for alarm in self.alarms],
            "collapse": bool(self.collapse),
            "judges": {name: estimate.to_dict() for name, estimate in self.judges.items()},
            "false_alarm_rate": self.rate,
        }


@dataclass(frozen=True)
class Loop:
    """All cycles, each against the one before it.

    Attributes
    ----------
    names : of the cycles.
    steps : one a cycle, but for the first.
    """

    names: tuple[str, ...]
    steps: tuple[Step, ...]

    def to_dict(self) -> dict[str, object]:
        """As the command line prints it."""
        return {"cycles": list(self.names), "steps": [step.to_dict() for step in self.steps]}


def follow_cycles(cycles: Sequence[Cycle], *, rate: float = RATE) -> Loop:
    """What changed from cycle to cycle in verdicts, texts and reward models, beyond chance?

    Parameters
    ----------
    cycles : in order, two at least.
    rate : false alarms to accept at one cycle, from all figures together.

    Raises
    ------
    WorkbenchError
        There are fewer than two cycles, or two that follow each other have nothing in common that could be compared.

    Examples
    --------
    >>> import numpy as np
    >>> from workbench.cycles.cycle import Generated
    >>> rng = np.random.default_rng(0)
    >>> prompt = np.repeat(np.arange(80), 6)
    >>> def made(width):
    ...     return Generated(prompt, rng.random(480), 1 + width * rng.normal(size=(480, 8)))
    >>> loop = follow_cycles([Cycle("1", generated=made(1.0)), Cycle("2", generated=made(0.2))])
    >>> sorted(alarm.measure for alarm in loop.steps[0].collapse)
    ['spread_across', 'spread_within']
    """
    if len(cycles) < 2:
        raise WorkbenchError("There is one cycle only." if cycles else "There is no cycle.", "Give two or more.")
    lengths = {c.generated.vectors.shape[1] for c in cycles if c.generated and c.generated.vectors is not None}
    if len(lengths) > 1:
        raise WorkbenchError("The cycles have vectors of different lengths.", "Embed all texts with one encoder.")
    figures = [_figures(cycles, place) for place in range(len(cycles))]
    steps = []
    for place in range(1, len(cycles)):
        now = place
        before = _changes(cycles, figures, place - 1, now)
        first = _changes(cycles, figures, 0, now) if place > 1 else ()
        if not before and not first:
            raise WorkbenchError(
                f"{cycles[place - 1].name} and {cycles[now].name} have nothing in common that can be compared.",
                "Give labels, texts, anchors or held-out pairs of both.",
            )
        delivery = cycles[now].delivery
        judges = {} if delivery is None else by_judge(delivery)
        steps.append(
            Step(
                a=cycles[place - 1].name,
                b=cycles[now].name,
                measures=before,
                since_first=first,
                alarms=alarms_of([*before, *(_since_first(change) for change in first)], rate),
                judges={
                    name: estimate_of(BY_NAME["judge_agreement"], f.value, f.without, f.n) for name, f in judges.items()
                },
                rate=rate,
            )
        )
    return Loop(tuple(c.name for c in cycles), tuple(steps))


def _figures(cycles: Sequence[Cycle], place: int) -> dict[Measure, Figure]:
    """Figures that a cycle has by itself."""
    cycle, found = cycles[place], dict[Measure, Figure]()
    if cycle.delivery is not None:
        found |= by_principle(cycle.delivery) | balance(cycle.delivery)
    if cycle.generated is not None:
        found |= spreads(cycle.generated)
        found |= repeats(cycle.generated, [c.generated for c in cycles[:place] if c.generated is not None])
    return found


def _changes(
    cycles: Sequence[Cycle], figures: Sequence[dict[Measure, Figure]], before: int, now: int
) -> tuple[Change, ...]:
    a, b = cycles[before], cycles[now]
    found: list[Change] = []
    if a.delivery is not None and b.delivery is not None:
        of_labels = changes([a.delivery], [b.delivery], new_crew=False)
        found += [c for c in of_labels if c.measure.name in _OF_LABELS]
    for measure, figure in figures[now].items():
        if measure in figures[before]:
            found.append(change_of(measure, figures[before][measure], figure))
    found += [*drift(a.anchors, b.anchors), *held_out(a.held_out, b.held_out)]
    return tuple(found)


def _since_first(change: Change) -> Change:
    """The same under a name that says what it is held against."""
    named = replace(change.measure, name=change.measure.name + FIRST, title=change.measure.title + FIRST)
    return replace(change, measure=named)
