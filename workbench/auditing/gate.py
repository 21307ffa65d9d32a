"""Lines a pipeline draws: each a figure of the audit that must not be below, or above, a value."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from workbench.auditing.audit import Audit
from workbench.errors import WorkbenchError
from workbench.estimates import Estimate
from workbench.statistics.clustered import clustered_share

Result = Literal["pass", "fail", "undecided"]


@dataclass(frozen=True)
class Known:
    """How well the figure of a line is known.

    Attributes
    ----------
    value, low, high : the figure with its 95% interval.
    labels : judgements it rests on.
    """

    value: float
    low: float
    high: float
    labels: float

    def holds(self, line: float) -> bool:
        """Whether the figure may lie on either side of a line, as far as anybody knows."""
        return self.low < line < self.high

    def labels_needed(self, line: float) -> int | None:
        """How many more judgements it takes to tell on which side the figure lies, were it where it seems to be: an
        interval shrinks as one over the square root of their number. None where it lies on the line.

        >>> Known(0.5, 0.3, 0.7, 100).labels_needed(0.4)
        300
        """
        reach = self.value - self.low if line < self.value else self.high - self.value
        apart = abs(self.value - line)
        if apart < 1e-9:
            return None
        return max(0, math.ceil(round(self.labels * ((reach / apart) ** 2 - 1), 6)))


@dataclass(frozen=True)
class Rule:
    """One line that can be drawn.

    Attributes
    ----------
    name : of the option, `min-...` or `max-...`.
    asks : what it asks, for the help.
    unit : `share` (0 to 1), `alpha` (-1 to 1) or `count`.
    figure : audit -> the figure it looks at, and why there is none.
    known : audit -> how well that is known; None where it is a count, or nothing is known.
    """

    name: str
    asks: str
    unit: str
    figure: Callable[[Audit], tuple[float | None, str | None]]
    known: Callable[[Audit], Known | None] = lambda _: None

    @property
    def least(self) -> bool:
        """Whether the figure must not be below the line (otherwise not above it)."""
        return self.name.startswith("min-")

    def checked(self, line: float) -> float:
        """The line, if a figure of this unit can have that value."""
        low, high = {"share": (0.0, 1.0), "alpha": (-1.0, 1.0), "count": (0.0, float("inf"))}[self.unit]
        if not low <= line <= high:
            hint = (
                "Give a share, such as 0.05 for 5%."
                if self.unit == "share"
                else f"Give a number from {low:g} up to {high:g}."
            )
            raise WorkbenchError(f"--{self.name} {line:g}: a line for this lies between {low:g} and {high:g}.", hint)
        return line


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """How the data did against one line.

    Attributes
    ----------
    name, line, value : the rule, where it was drawn, and what was found (None where undefined).
    passed : False also where the figure is undefined: a line that cannot be checked is not met.
    why : in words.
    outcome : `undecided` where the figure is undefined, or its interval has the line in it.
    labels_needed : about how many more judgements would decide it; None where it is decided, or nobody can say.
    """

    name: str
    line: float | str
    value: float | str | None
    passed: bool
    why: str
    outcome: Result = "pass"
    labels_needed: int | None = None


@dataclass(frozen=True)
class Gate:
    """All lines together.

    Attributes
    ----------
    outcomes : one a line.
    thresholds : the lines of the verdict.
    undecided : what a line that is undecided counts as: `pass`, `fail`, or None = as its figure alone says.
    key : content key of the data.
    """

    outcomes: tuple[Outcome, ...]
    thresholds: Mapping[str, float] = field(default_factory=dict)
    undecided: Literal["pass", "fail"] | None = None
    key: str = ""

    @property
    def passed(self) -> bool:
        """Whether every line is met."""
        return all(self.counts_as_met(outcome) for outcome in self.outcomes)

    def counts_as_met(self, outcome: Outcome) -> bool:
        """Whether a line counts as met, an undecided one as was asked for."""
        if outcome.outcome == "undecided" and self.undecided is not None:
            return self.undecided == "pass"
        return outcome.passed

    @property
    def outcome(self) -> Result:
        """`fail` where a line is missed beyond doubt, else `undecided` where one is, else `pass`."""
        found = {outcome.outcome for outcome in self.outcomes}
        if "fail" in found:
            return "fail"
        return "undecided" if "undecided" in found else "pass"

    @property
    def labels_needed(self) -> int | None:
        """About how many more judgements would decide every undecided line; None where nobody can say, or all are
        decided.
        """
        asked = [o.labels_needed for o in self.outcomes if o.outcome == "undecided"]
        known = [n for n in asked if n is not None]
        return max(known) if known and len(known) == len(asked) else None

    def to_dict(self) -> dict[str, object]:
        """As the command line prints it."""
        checks = [vars(outcome) for outcome in self.outcomes]
        return {
            "passed": self.passed,
            "outcome": self.outcome,
            "labels_needed": self.labels_needed,
            "key": self.key,
            "checks": checks,
            "thresholds": dict(self.thresholds),
        }

    def __str__(self) -> str:
        head = "Passed." if self.passed else "Failed: " + ", ".join(self._missed) + "."
        if self.passed and self._reviewed:
            head = "Passed, but the verdict says to review first; held to 'ready' it would fail."
        return "\n".join([head, "", *(f"  {self._mark(o)}  {o.name}: {o.why}" for o in self.outcomes)])

    @property
    def _reviewed(self) -> bool:
        """Whether the verdict was held to `review`, and is no better."""
        return any(o.name == "verdict" and o.value == o.line == "review" for o in self.outcomes)

    @property
    def _missed(self) -> list[str]:
        return [o.name for o in self.outcomes if not self.counts_as_met(o)]

    def _mark(self, outcome: Outcome) -> str:
        return "pass" if self.counts_as_met(outcome) else "FAIL"


def gate(
    audit: Audit,
    lines: Mapping[str, float],
    *,
    strict: bool = False,
    undecided: Literal["pass", "fail"] | None = None,
    more: Sequence[Outcome] = (),
) -> Gate:
    """Do the data meet these lines?

    Parameters
    ----------
    audit : of the data.
    lines : rule name -> line. Without any, the verdict itself is the line: `stop` fails, and with `strict` `review`
        does, too.
    strict : hold the verdict to `ready` as well.
    undecided : what a line that is undecided counts as; by default as its figure alone says, and as missed where there
        is none.
    more : outcomes of lines held elsewhere, such as against an earlier delivery; they are lines of one's own, too.

    Raises
    ------
    WorkbenchError
        A line is one that no figure of its kind can have.
    """
    outcomes = [_outcome(rule, rule.checked(lines[rule.name]), audit) for rule in RULES if rule.name in lines]
    outcomes += more
    if strict or not outcomes:
        status = audit.verdict.status
        passed = status == "ready" or (status == "review" and not strict)
        outcomes.append(
            Outcome(
                name="verdict",
                line="ready" if strict else "review",
                value=status,
                passed=passed,
                why=audit.verdict.sentence,
                outcome="pass" if passed else _of_verdict(audit, strict),
            )
        )
    return Gate(tuple(outcomes), audit.verdict.thresholds.to_dict(), undecided, audit.data.key)


def _of_verdict(audit: Audit, strict: bool) -> Result:
    """Whether a verdict that is not good enough says that the data are bad, or that nothing is known of them."""
    missed = [c for c in audit.verdict.checks if c.status == "stop" or (strict and c.status == "review")]
    return "undecided" if missed and all(c.value is None for c in missed) else "fail"


def _outcome(rule: Rule, line: float, audit: Audit) -> Outcome:
    value, reason = rule.figure(audit)
    if value is None:
        return Outcome(
            name=rule.name,
            line=line,
            value=None,
            passed=False,
            why=f"cannot be checked: {reason}",
            outcome="undecided",
        )
    passed = value >= line if rule.least else value <= line
    known = rule.known(audit)
    wanted = f"{value:.4g}, {'at least' if rule.least else 'at most'} {line:g} wanted"
    outcome: Result = "pass" if passed else "fail"
    needed = None
    # Where a line asks for the lower end of an interval, an end above it decides; below it, only the other end does.
    if known is not None and known.holds(line) and not (passed and rule.name.startswith("min-alpha-lower")):
        outcome, needed = "undecided", known.labels_needed(line)
        wanted += f"; [{known.low:.3g}, {known.high:.3g}] leaves it open"
        wanted += f", about {needed:,} more labels would tell" if needed else ""
    return Outcome(
        name=rule.name, line=line, value=value, passed=passed, why=wanted, outcome=outcome, labels_needed=needed
    )


def _known(audit: Audit, estimate: Estimate, crew: str = "same crew", labels: float | None = None) -> Known | None:
    """How well an estimate is known; where its n counts items, an item has as many labels as the mean one."""
    interval = estimate.same_crew if crew == "same crew" else estimate.new_crew
    if estimate.value is None or interval is None:
        return None
    each = audit.counts["annotations"] / max(audit.counts["items"], 1)
    return Known(estimate.value, interval.low, interval.high, estimate.n * each if labels is None else labels)


def _gold_known(audit: Audit) -> Known | None:
    people = audit.annotators
    n = int(people["gold_n"].sum())
    if n == 0:
        return None
    right = int(people["gold_direction_correct"].sum())
    found = clustered_share(np.repeat([1.0, 0.0], [right, n - right]))
    return None if n == 1 else Known(found.value, found.low, found.high, n)


def _position_known(audit: Audit) -> Known | None:
    rate = audit.reversals.order.first_position
    if rate.value is None or rate.same_crew is None:
        return None
    off = sorted((abs(rate.same_crew.low - 0.5), abs(rate.same_crew.high - 0.5)))
    low = 0.0 if rate.same_crew.low < 0.5 < rate.same_crew.high else off[0]
    return Known(abs(rate.value - 0.5), low, off[1], rate.n)


def _bound(estimate: Estimate, crew: str) -> tuple[float | None, str | None]:
    """Lower end of an interval; without an interval there is nothing to hold a line against."""
    interval = estimate.same_crew if crew == "same crew" else estimate.new_crew
    if estimate.value is None or interval is None:
        return None, estimate.reason or "; ".join(estimate.interval_notes) or f"there is no {crew} interval"
    return interval.low, None


def _share(part: int, whole: int, nothing: str) -> tuple[float | None, str | None]:
    return (part / whole, None) if whole else (None, nothing)


def _gold(audit: Audit) -> tuple[float | None, str | None]:
    people = audit.annotators
    n = int(people["gold_n"].sum())
    return (float(people["gold_direction_correct"].sum()) / n, None) if n else (None, "there is no gold")


def _off_centre(audit: Audit) -> tuple[float | None, str | None]:
    rate = audit.reversals.order.first_position
    return (abs(rate.value - 0.5), None) if rate.value is not None else (None, rate.reason)


RULES = (
    Rule(
        "min-alpha",
        "least Krippendorff's alpha (ordinal)",
        "alpha",
        lambda a: (a.agreement["krippendorff_alpha.ordinal"].value, a.agreement["krippendorff_alpha.ordinal"].reason),
        lambda a: _known(a, a.agreement["krippendorff_alpha.ordinal"]),
    ),
    Rule(
        "min-alpha-lower",
        "least lower end of its same-crew interval",
        "alpha",
        lambda a: _bound(a.agreement["krippendorff_alpha.ordinal"], "same crew"),
        lambda a: _known(a, a.agreement["krippendorff_alpha.ordinal"]),
    ),
    Rule(
        "min-alpha-lower-new-crew",
        "least lower end of its new-crew interval",
        "alpha",
        lambda a: _bound(a.agreement["krippendorff_alpha.ordinal"], "new crew"),
        lambda a: _known(a, a.agreement["krippendorff_alpha.ordinal"], "new crew"),
    ),
    Rule(
        "min-percent",
        "least percent agreement, as a share",
        "share",
        lambda a: (a.agreement["percent_agreement"].value, a.agreement["percent_agreement"].reason),
        lambda a: _known(a, a.agreement["percent_agreement"]),
    ),
    Rule("min-gold-accuracy", "least share of gold answers with the right direction", "share", _gold, _gold_known),
    Rule(
        "min-overlap",
        "least share of items with two labels or more",
        "share",
        lambda a: _share(a.counts["items_with_overlap"], a.counts["items"], "there are no items"),
    ),
    Rule("min-annotators", "fewest annotators", "count", lambda a: (float(a.counts["annotators"]), None)),
    Rule("min-items", "fewest items", "count", lambda a: (float(a.counts["items"]), None)),
    Rule(
        "max-missing",
        "largest share of judgements without a label",
        "share",
        lambda a: _share(a.counts["skips"], a.counts["skips"] + a.counts["annotations"], "there are no judgements"),
    ),
    Rule(
        "max-reversal-rate",
        "largest share of opposite choices between annotators",
        "share",
        lambda a: (a.reversals.between.rate.value, a.reversals.between.rate.reason),
        lambda a: _known(a, a.reversals.between.rate),
    ),
    Rule(
        "max-self-reversal-rate",
        "largest share of repeated pairs an annotator contradicts",
        "share",
        lambda a: (a.reversals.within.rate.value, a.reversals.within.rate.reason),
        lambda a: _known(a, a.reversals.within.rate, labels=2.0 * a.reversals.within.rate.n),
    ),
    Rule(
        "max-position-bias",
        "furthest the first-position rate may lie from one half",
        "share",
        _off_centre,
        _position_known,
    ),
    Rule(
        "max-warnings",
        "most findings of level warning or error",
        "count",
        lambda a: (float(sum(f.level != "info" for f in a.data.findings)), None),
    ),
)
"""Every line that can be drawn, in the order they are reported."""
