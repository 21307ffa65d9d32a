"""Lines a pipeline draws: each a figure of the audit that must not be below, or above, a value."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from workbench.auditing.audit import Audit
from workbench.errors import WorkbenchError
from workbench.estimates import Estimate


@dataclass(frozen=True)
class Rule:
    """One line that can be drawn.

    Attributes
    ----------
    name : of the option, `min-...` or `max-...`.
    asks : what it asks, for the help.
    unit : `share` (0 to 1), `alpha` (-1 to 1) or `count`.
    figure : audit -> the figure it looks at, and why there is none.
    """

    name: str
    asks: str
    unit: str
    figure: Callable[[Audit], tuple[float | None, str | None]]

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


@dataclass(frozen=True)
class Outcome:
    """How the data did against one line.

    Attributes
    ----------
    name, line, value : the rule, where it was drawn, and what was found (None where undefined).
    passed : False also where the figure is undefined: a line that cannot be checked is not met.
    why : in words.
    """

    name: str
    line: float | str
    value: float | str | None
    passed: bool
    why: str


@dataclass(frozen=True)
class Gate:
    """All lines together.

    Attributes
    ----------
    outcomes : one a line.
    thresholds : the lines of the verdict.
    """

    outcomes: tuple[Outcome, ...]
    thresholds: Mapping[str, float] = field(default_factory=dict)

    @property
    def passed(self) -> bool:
        """Whether every line is met."""
        return all(outcome.passed for outcome in self.outcomes)

    def to_dict(self) -> dict[str, object]:
        """As the command line prints it."""
        checks = [vars(outcome) for outcome in self.outcomes]
        return {"passed": self.passed, "checks": checks, "thresholds": dict(self.thresholds)}

    def __str__(self) -> str:
        head = "Passed." if self.passed else "Failed: " + ", ".join(o.name for o in self.outcomes if not o.passed) + "."
        return "\n".join([head, "", *(f"  {'pass' if o.passed else 'FAIL'}  {o.name}: {o.why}" for o in self.outcomes)])


def gate(audit: Audit, lines: Mapping[str, float], *, strict: bool = False) -> Gate:
    """Do the data meet these lines?

    Parameters
    ----------
    audit : of the data.
    lines : rule name -> line. Without any, the verdict itself is the line: `stop` fails, and with `strict` `review`
        does, too.
    strict : hold the verdict to `ready` as well.

    Raises
    ------
    WorkbenchError
        A line is one that no figure of its kind can have.
    """
    outcomes = [_outcome(rule, rule.checked(lines[rule.name]), audit) for rule in RULES if rule.name in lines]
    if strict or not outcomes:
        status = audit.verdict.status
        passed = status == "ready" or (status == "review" and not strict)
        outcomes.append(Outcome("verdict", "ready" if strict else "review", status, passed, audit.verdict.sentence))
    return Gate(tuple(outcomes), audit.verdict.thresholds.to_dict())


def _outcome(rule: Rule, line: float, audit: Audit) -> Outcome:
    value, reason = rule.figure(audit)
    if value is None:
        return Outcome(rule.name, line, None, False, f"cannot be checked: {reason}")
    passed = value >= line if rule.least else value <= line
    return Outcome(
        rule.name, line, value, passed, f"{value:.4g}, {'at least' if rule.least else 'at most'} {line:g} wanted"
    )


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
    ),
    Rule(
        "min-alpha-lower",
        "least lower end of its same-crew interval",
        "alpha",
        lambda a: _bound(a.agreement["krippendorff_alpha.ordinal"], "same crew"),
    ),
    Rule(
        "min-alpha-lower-new-crew",
        "least lower end of its new-crew interval",
        "alpha",
        lambda a: _bound(a.agreement["krippendorff_alpha.ordinal"], "new crew"),
    ),
    Rule(
        "min-percent",
        "least percent agreement, as a share",
        "share",
        lambda a: (a.agreement["percent_agreement"].value, a.agreement["percent_agreement"].reason),
    ),
    Rule("min-gold-accuracy", "least share of gold answers with the right direction", "share", _gold),
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
    ),
    Rule(
        "max-self-reversal-rate",
        "largest share of repeated pairs an annotator contradicts",
        "share",
        lambda a: (a.reversals.within.rate.value, a.reversals.within.rate.reason),
    ),
    Rule("max-position-bias", "furthest the first-position rate may lie from one half", "share", _off_centre),
    Rule(
        "max-warnings",
        "most findings of level warning or error",
        "count",
        lambda a: (float(sum(f.level != "info" for f in a.data.findings)), None),
    ),
)
"""Every line that can be drawn, in the order they are reported."""
