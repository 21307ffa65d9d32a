"""What a scenario costs at a number of pairs, as one result that says everything: parts, weeks, accuracy, alpha,
effective labels, inputs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from workbench.economics.alpha import expected_alpha
from workbench.economics.information import VotesOrItems
from workbench.economics.model import PARTS, outcome
from workbench.economics.scenario import Scenario, checked_pairs
from workbench.estimates import Estimate, Finite

WORKING_DAYS = 5


@dataclass(frozen=True)
class Part:
    """One part of the cost of a usable item.

    Attributes
    ----------
    name, how : what it is, and how it comes about.
    per_item : $ per usable item.
    total : $.
    """

    name: str
    how: str
    per_item: float
    total: float


@dataclass(frozen=True, eq=False, kw_only=True)
class Cost(Finite):
    """What a scenario comes to.

    Attributes
    ----------
    scenario : with all its inputs.
    pairs : usable items.
    parts : they add up to `cost_per_item`, and to `total`.
    cost_per_item, total : $.
    weeks : from the start to the last label.
    label_accuracy : expected chance that a finished label names the better response.
    alpha : expected Krippendorff's alpha of the human labels, with both intervals; or why there is none.
    information : of one item, in labels without noise.
    effective_labels : labels without noise that would teach a reward model as much.
    cost_per_effective_label : $; None where the labels carry nothing, with the reason.
    human_labels, expert_labels : judgements paid for.
    reason : why `cost_per_effective_label` is undefined.
    limited_by : who makes the weeks, `annotators` or `experts`; None where nobody works.
    """

    scenario: Scenario
    pairs: int
    parts: tuple[Part, ...]
    cost_per_item: float
    total: float
    weeks: float
    label_accuracy: float
    alpha: Estimate
    information: float
    effective_labels: float
    cost_per_effective_label: float | None
    human_labels: float
    expert_labels: float
    reason: str | None = None
    limited_by: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """As the command line prints it."""
        return {
            "scenario": self.scenario.name,
            "title": self.scenario.title,
            "pairs": self.pairs,
            "cost_per_item": self.cost_per_item,
            "total": self.total,
            "weeks": self.weeks,
            "label_accuracy": self.label_accuracy,
            "expected_alpha": self.alpha.to_dict(),
            "information_per_item": self.information,
            "effective_labels": self.effective_labels,
            "cost_per_effective_label": self.cost_per_effective_label,
            "reason": self.reason,
            "human_labels": self.human_labels,
            "expert_labels": self.expert_labels,
            "limited_by": self.limited_by,
            "parts": [{"part": p.name, "how": p.how, "per_item": p.per_item, "total": p.total} for p in self.parts],
            "inputs": {name: each.to_dict() for name, each in self.scenario.inputs.items()},
            "choices": dict(self.scenario.choices),
            "claims": dict(self.scenario.claims),
            "notes": list(self.scenario.notes),
            "source": self.scenario.source,
            "date": self.scenario.date,
        }


def cost(scenario: Scenario, pairs: int | None = None) -> Cost:
    """What does it cost to get this many usable pairs this way, and what are they worth?

    Parameters
    ----------
    scenario : a preset, a file's, or your own.
    pairs : usable items wanted; the scenario's own number by default.

    Examples
    --------
    >>> from workbench.economics import cost, preset
    >>> round(cost(preset("human-gold"), 10_000).cost_per_item, 2)
    7.88
    """
    n = checked_pairs(scenario.pairs if pairs is None else pairs)
    found = outcome(scenario, n)
    parts = tuple(
        Part(name, PARTS[name], float(value), float(value) * n)
        for name, value in found.parts.items()
        if float(value) != 0
    )
    effective = float(found.effective_labels)
    return Cost(
        scenario=scenario,
        pairs=n,
        parts=parts,
        cost_per_item=float(found.cost_per_item),
        total=float(found.total),
        weeks=float(found.weeks),
        label_accuracy=float(found.accuracy),
        alpha=_alpha(scenario, n, float(found.people_accuracy)),
        information=float(found.information),
        effective_labels=effective,
        cost_per_effective_label=float(found.cost_per_effective) if effective > 0 else None,
        human_labels=float(found.human_labels),
        expert_labels=float(found.expert_labels),
        reason=None if effective > 0 else "labels that are right half of the time carry no information",
        limited_by=_slowest(float(found.people_weeks), float(found.expert_weeks)),
    )


def compare(scenarios: Sequence[Scenario], pairs: int) -> tuple[Cost, ...]:
    """The same number of pairs in several ways."""
    return tuple(cost(each, pairs) for each in scenarios)


@dataclass(frozen=True, eq=False)
class Curve:
    """Totals over the number of pairs.

    Attributes
    ----------
    pairs : (k,).
    total, cost_per_item, weeks, effective_labels : (k,) each.
    """

    pairs: np.ndarray
    total: np.ndarray
    cost_per_item: np.ndarray
    weeks: np.ndarray
    effective_labels: np.ndarray


def over_scale(scenario: Scenario, low: int = 1_000, high: int = 10_000_000, points: int = 41) -> Curve:
    """What it costs from a thousand pairs to ten million."""
    pairs = np.unique(np.round(np.geomspace(low, high, points)))
    found = outcome(scenario, pairs)
    return Curve(
        pairs,
        *(
            np.broadcast_to(v, pairs.shape)
            for v in (found.total, found.cost_per_item, found.weeks, found.effective_labels)
        ),
    )


def votes_or_items(scenario: Scenario, pairs: int, most: int = 9) -> VotesOrItems:
    """More votes an item, or more items? Effective labels for $1,000 at each number of human labels, all else as it
    stands.

    >>> from workbench.economics import preset
    >>> found = votes_or_items(preset("human-1.50"), 10_000)
    >>> max(zip(found.as_label, found.labels))[1]
    1
    """
    labels = np.arange(1, most + 1, dtype=float)
    n = float(checked_pairs(pairs))
    found = [
        outcome(scenario.with_values(training_target=target), n, {"labels_per_item": labels})
        for target in ("label", "votes")
    ]
    per_thousand = [
        tuple(
            float(x)
            for x in np.broadcast_to(1_000 * np.asarray(o.effective_labels) / np.maximum(o.total, 1e-12), labels.shape)
        )
        for o in found
    ]
    return VotesOrItems(tuple(int(m) for m in labels), per_thousand[0], per_thousand[1])


def pace(labels: float, annotators: float, weeks: float, days_a_week: float = WORKING_DAYS) -> float:
    """Labels of one annotator in one working day.

    >>> [round(pace(n, a, w)) for n, a, w in ((10_000, 5, 2), (100_000, 20, 4), (500_000, 30, 6), (1_000_000, 15, 8))]
    [200, 250, 556, 1667]
    """
    return labels / (annotators * weeks * days_a_week)


def pairs_of_ranking(responses: int) -> int:
    """Comparisons in a ranking of K responses: K(K - 1) / 2. They are correlated: weight them 1 over their number, and
    split by ranking.

    >>> pairs_of_ranking(4), pairs_of_ranking(9)
    (6, 36)
    """
    return responses * (responses - 1) // 2


def against_claims(found: Cost) -> Mapping[str, tuple[float, float | None]]:
    """What the source of a scenario says, and what these inputs give, by figure."""
    ours = {
        "cost_per_pair": found.cost_per_item,
        "total": found.total,
        "weeks": found.weeks,
        "kappa": found.alpha.value,
        "annotators": found.scenario["annotators"],
    }
    return {name: (value, ours.get(name)) for name, value in found.scenario.claims.items()}


def _slowest(people: float, experts: float) -> str | None:
    """Who takes longer."""
    if max(people, experts) <= 0:
        return None
    return "experts" if experts > people else "annotators"


def _alpha(scenario: Scenario, pairs: int, accuracy: float) -> Estimate:
    judged = round(pairs * scenario["escalated_share"])
    return expected_alpha(
        accuracy,
        judged,
        scenario["labels_per_item"],
        int(scenario["annotators"]),
        scenario["accuracy_spread"],
        scenario["split_share"],
    )
