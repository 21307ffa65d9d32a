"""Can these labels be trusted? A few checks, each with its threshold and its reason, and the verdict they add up to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from workbench.auditing import checks_of_counts, checks_of_estimates
from workbench.auditing.check import ORDER, BothOrders, Check, Flagged, Status
from workbench.auditing.thresholds import Thresholds
from workbench.estimates import Estimate
from workbench.findings import Finding

__all__ = ["BothOrders", "Check", "Flagged", "Status", "Thresholds", "Verdict", "judge"]


@dataclass(frozen=True)
class Verdict:
    """All checks, and the worst status among them.

    Attributes
    ----------
    checks : in the order they were asked.
    thresholds : the lines they were held to.
    """

    checks: tuple[Check, ...]
    thresholds: Thresholds = field(default_factory=Thresholds)

    @property
    def status(self) -> Status:
        """The worst status of any check."""
        return max((check.status for check in self.checks), key=ORDER.index, default="review")

    @property
    def sentence(self) -> str:
        """The verdict in a sentence, naming what it turns on; that there are no preferences is said first."""
        turning = [check for check in self.checks if check.status == self.status]
        names = ", ".join(check.name for check in turning)
        said = {
            "ready": "Ready: no check found a reason against training on these labels.",
            "review": f"Review first: {names}.",
            "stop": f"Do not train on these labels yet: {names}.",
        }[self.status]
        none = next((c for c in self.checks if c.name == "preferences" and c.status != "ready"), None)
        return said if none is None else f"No preferences to learn from: {none.why[:1].lower()}{none.why[1:]} {said}"

    def to_dict(self) -> dict[str, object]:
        """The verdict as the command line prints it."""
        return {
            "status": self.status,
            "sentence": self.sentence,
            "checks": [check.to_dict() for check in self.checks],
            "thresholds": self.thresholds.to_dict(),
        }


def judge(
    *,
    counts: Mapping[str, int],
    labels: Mapping[str, int],
    alpha: Estimate,
    sided: bool = True,
    tie: str | None = None,
    first_position: Estimate | None = None,
    both_orders: BothOrders | None = None,
    within: Estimate | None = None,
    weeks: Iterable[tuple[str, Estimate]] = (),
    slices: Iterable[tuple[str, Estimate]] = (),
    flagged: Flagged | None = None,
    gold: Mapping[str, Estimate] | None = None,
    findings: Iterable[Finding] = (),
    thresholds: Thresholds | None = None,
) -> Verdict:
    """Asks every check.

    Parameters
    ----------
    counts : `items`, `items_with_overlap`, `annotations`, `skips`.
    labels : label -> how often it was given.
    alpha : Krippendorff's alpha on direction.
    sided, tie : whether labels compare two responses, and which label prefers neither.
    first_position : how often the response shown first was chosen; None where that is not known.
    both_orders : pairs judged in both orders; None where there are none.
    within : how often an annotator who judges a pair again takes the other response.
    weeks, slices : the same alpha within each week and each slice, by name.
    flagged : how many annotators are flagged, and how much they gave; None where nobody was looked at closely.
    gold : method -> how often its labels name the side of the gold, the default first; empty where there is none.
    findings : of the aggregation, such as that methods disagree.
    thresholds : the lines; defaults where None.
    """
    t = thresholds or Thresholds()
    by_method = gold or {}
    asked = (
        checks_of_counts.preferences(labels, sided, tie, t),
        checks_of_counts.overlap(counts, t),
        checks_of_estimates.agreement(alpha, t),
        checks_of_counts.missing(counts, t),
        checks_of_counts.label_mix(labels, t),
        checks_of_estimates.sides(first_position, t),
        checks_of_estimates.order(both_orders, t),
        checks_of_estimates.contradictions(within, t),
        checks_of_estimates.steady("consistency over time", "week", weeks, alpha, t),
        checks_of_estimates.steady("consistency across slices", "slice", slices, alpha, t),
        checks_of_counts.annotators(flagged, t),
        checks_of_estimates.on_gold(by_method, t),
        checks_of_estimates.aggregation(by_method, findings),
    )
    return Verdict(tuple(check for check in asked if check is not None), t)
