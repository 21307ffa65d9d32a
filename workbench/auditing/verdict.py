"""Can these labels be trusted? A few checks, each with its threshold and its reason, and the verdict they add up to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from workbench.annotators.schools import Camps
from workbench.auditing import checks_of_camps, checks_of_counts, checks_of_estimates
from workbench.auditing.check import ORDER, BothOrders, Check, Crowding, Flagged, Status
from workbench.auditing.remedies import with_remedy
from workbench.auditing.thresholds import Thresholds
from workbench.estimates import Estimate
from workbench.findings import Finding

__all__ = ["BothOrders", "Check", "Crowding", "Flagged", "Status", "Thresholds", "Verdict", "judge"]


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
        by_name = {check.name: check for check in self.checks}
        none, few = by_name.get("preferences"), by_name.get("overlap")
        if none is not None and none.status != "ready":
            said = f"No preferences to learn from: {none.why[:1].lower()}{none.why[1:]}"
        elif few is not None and few.status == "review" and few.unit == "count":
            said, none = f"Too few to say: {few.why}", few
        else:
            return self._turning() + self._beside()
        rest = self._turning(without=none.name)
        return f"{said} {rest}" if rest else said

    def _turning(self, without: str = "") -> str:
        """The status in words, with the names of the checks that have it and the reason of the first; '' where none of
        them is left to name.
        """
        if self.status == "ready":
            return "Ready: no check found a reason against training on these labels."
        turning = [c for c in self.checks if c.status == self.status and c.name != without]
        if not turning:
            return ""
        head = "Review first" if self.status == "review" else "Do not train on these labels yet"
        why = turning[0].why
        return f"{head}: {', '.join(c.name for c in turning)}. {why[:1].upper()}{why[1:]}"

    def _beside(self) -> str:
        """What a verdict of ready leaves to be looked at: annotators who are flagged but gave little."""
        found = next((c for c in self.checks if c.name == "annotators"), None)
        if self.status != "ready" or found is None or not found.value:
            return ""
        return f" {found.why[:-1]}, too little to matter: look at their work before they are given more."

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
    camps: Camps | None = None,
    crowding: Crowding | None = None,
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
    camps : schools of annotators and files with A and B exchanged; None where nobody was looked at closely.
    crowding : how the items spread over prompts; None where no prompt has several.
    gold : method -> how often its labels name the side of the gold, the default first; empty where there is none.
    findings : of the aggregation, such as that methods disagree.
    thresholds : the lines; defaults where None.
    """
    t = thresholds or Thresholds()
    by_method = gold or {}
    agreement = checks_of_estimates.agreement(alpha, t)
    asked: tuple[Check | None, ...] = (
        checks_of_counts.preferences(labels, sided, tie, t),
        checks_of_camps.files(camps),
        checks_of_counts.overlap(counts, t),
        checks_of_camps.schools(camps, agreement),
        agreement,
        checks_of_counts.missing(counts, t),
        checks_of_counts.label_mix(labels, t),
        checks_of_counts.crowding(crowding, t),
        checks_of_estimates.sides(first_position, t),
        checks_of_estimates.order(both_orders, t),
        checks_of_estimates.contradictions(within, t),
        checks_of_estimates.steady("consistency over time", "week", weeks, alpha, t),
        checks_of_estimates.steady("consistency across slices", "slice", slices, alpha, t),
        checks_of_counts.annotators(flagged, t),
        checks_of_estimates.on_gold(by_method, t),
        checks_of_estimates.aggregation(by_method, findings),
    )
    return Verdict(tuple(with_remedy(check, t) for check in asked if check is not None), t)
