"""What a plan comes to: items, dollars and error at each tier and as a whole, beside people only and each judge
only.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from workbench.estimates import Estimate
from workbench.routing.tiers import Rule


@dataclass(frozen=True)
class TierOutcome:
    """One tier.

    Attributes
    ----------
    name : of the tier.
    asked, items : items its judge was asked about, and those it decided.
    threshold, upper_bound : certified, or None.
    usd : $ for asking.
    error : of what it decided, where that can be known.
    reason : why it decides nothing.
    """

    name: str
    asked: int
    items: int
    threshold: float | None
    upper_bound: float | None
    usd: float
    error: Estimate
    reason: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """As JSON has it."""
        return {**self.__dict__, "error": self.error.to_dict()}


@dataclass(frozen=True)
class Beside:
    """One other way to label the same items.

    Attributes
    ----------
    name : `people only`, or a judge only.
    usd : $ for all items.
    error : of its labels.
    """

    name: str
    usd: float
    error: Estimate


@dataclass(frozen=True, eq=False, kw_only=True)
class Routed:
    """The outcome of a plan.

    Attributes
    ----------
    tiers : in order.
    rule : thresholds and their certificates.
    items : items in all; `calibration` of them were labelled by people for the thresholds, `to_people` go to people.
    checked, disagreed : decided items that people checked, and those where they differ (to experts).
    usd : $ in all: judges, calibration, people, checks, experts.
    parts : what it is made of.
    error : of all delivered labels.
    decided_error : of what judges decided, from the random checks alone, as it would be known in practice.
    beside : other ways, people only first.
    where : int64 (n,): tier of each item, -1 = people, -2 = calibration, -4 = not paid for.
    chance, checked_mask : chance with which each item was to be checked, and whether it was.
    certificate : what was promised and how it was kept.
    notes : what to know.
    unpaid : items that would go to people and that the budget does not pay for; they have no label.
    """

    tiers: tuple[TierOutcome, ...]
    rule: Rule
    items: int
    calibration: int
    to_people: int
    checked: int
    disagreed: int
    usd: float
    parts: dict[str, float]
    error: Estimate
    decided_error: Estimate
    beside: tuple[Beside, ...]
    where: np.ndarray
    chance: np.ndarray
    checked_mask: np.ndarray
    certificate: dict[str, Any]
    notes: tuple[str, ...]
    unpaid: int = 0

    @property
    def saving(self) -> float | None:
        """Share of the people-only price that is saved; negative where the plan costs more."""
        people = next((b.usd for b in self.beside if b.name == "people only"), 0.0)
        return 1 - self.usd / people if people > 0 else None

    def budget(self, share: float) -> float:
        """$ that are this share of what people only would cost."""
        return share * next((b.usd for b in self.beside if b.name == "people only"), 0.0)

    @property
    def worse(self) -> bool:
        """Whether its error is surely over that of people only: the two intervals leave a gap."""
        mine, theirs = (
            self.error.same_crew,
            next((b.error.same_crew for b in self.beside if b.name == "people only"), None),
        )
        return bool(mine and theirs and mine.low > theirs.high)

    @property
    def worth_it(self) -> bool:
        """Whether it labels everything, is cheaper than people only and not surely worse."""
        return self.saving is not None and self.saving > 0 and not self.worse and not self.unpaid

    @property
    def judge_alone(self) -> Beside | None:
        """The cheapest judge that, asked about every item, costs less than the plan and errs no more often on these
        data; None where there is none. Nothing is promised of it.
        """
        error = self.error.value
        better = (
            b
            for b in self.beside
            if b.name != "people only"
            and b.usd < self.usd
            and error is not None
            and b.error.value is not None
            and b.error.value <= error
        )
        return min(better, key=lambda b: b.usd, default=None)

    def verdict(self) -> str:
        """What a data lead is told in one sentence."""
        if self.unpaid:
            return (
                f"The money ends: {self.unpaid:,} of {self.items:,} items stay without a label; judges decide"
                f" {sum(t.items for t in self.tiers):,}."
            )
        return self._worth()

    def without_promise(self) -> str:
        """What is to be said of a judge that would do alone, on these data; empty where none would."""
        alone = self.judge_alone
        if alone is None:
            return ""
        return (
            f"On these data {alone.name} would cost ${alone.usd:,.2f} and err on {alone.error.value:.1%}, against"
            f" {self.error.value:.1%} here; nothing is promised of it on others."
        )

    def _worth(self) -> str:
        """Whether it is worth it, for what has a label."""
        if self.saving is None:
            return "People cost nothing in this plan, so there is nothing to save."
        if all(t.items == 0 for t in self.tiers):
            return "Not worth it: no tier keeps the promised risk with that certainty, so every item goes to people."
        if self.saving <= 0:
            return (
                "Not worth it: calibration, checks and experts cost more than the judges save"
                f" ({-self.saving:.0%} dearer than people only)."
            )
        decided = sum(t.items for t in self.tiers)
        cheaper = f"{self.saving:.0%} cheaper than people only; judges decide {decided:,} of {self.items:,} items"
        if self.worse:
            people = next(b.error.value for b in self.beside if b.name == "people only")
            return (
                f"Cheaper but worse: {cheaper}, with {self.error.value:.1%} of the labels wrong against {people:.1%}."
            )
        return f"Worth it: {cheaper}."

    def to_dict(self) -> dict[str, Any]:
        """As the command line prints it."""
        return {
            "tiers": [tier.to_dict() for tier in self.tiers],
            "to_people": self.to_people,
            "unpaid": self.unpaid,
            "usd": self.usd,
            "error": self.error.to_dict(),
            "certificate": self.certificate,
            "items": self.items,
            "calibration": self.calibration,
            "checked": self.checked,
            "disagreed": self.disagreed,
            "parts": self.parts,
            "decided_error": self.decided_error.to_dict(),
            "beside": [{"name": b.name, "usd": b.usd, "error": b.error.to_dict()} for b in self.beside],
            "saving": self.saving,
            "worth_it": self.worth_it,
            "verdict": self.verdict(),
            "without_promise": self.without_promise(),
            "notes": list(self.notes),
        }
