"""The cost model: what a usable pair costs, part by part, how long it takes, and what it is worth.

Everything is computed with units, on floats or on arrays of one shape: a curve, a tornado and ten thousand random draws
are one call each.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from workbench.economics import units as u
from workbench.economics.gold_screening import careless_left
from workbench.economics.information import information_factor
from workbench.economics.inputs import INPUTS
from workbench.economics.scenario import Scenario
from workbench.economics.units import Quantity, Value
from workbench.economics.votes import (
    adjudicated_accuracy,
    clear_accuracy,
    majority_accuracy,
    panel_size,
    weighted_accuracy,
)

ONE_LABEL = Quantity(1.0, u.LABELS_PER_ITEM)

PARTS: dict[str, str] = {
    "generation": "candidates per item x generation",
    "selection": "candidates per item x scoring a candidate",
    "labels": "sent to people x one label",
    "redundancy": "sent to people x (labels per item - 1) x one label",
    "gold tasks": "human labels x g / (1 - g): tasks whose answer is known",
    "rejected work": (
        "human labels / (1 - g) x r / (1 - r): paid, refused and done again; careless work found by gold included"
    ),
    "adjudication": "sent to people x adjudicated x one expert label",
    "expert review": "expert review x one expert label",
    "AI judges": "judges x orders x samples x (1 + retries) x (1 - batch discount) x price of a judgement",
    "spot checks": "kept from AI x checked x (one label + disagree x one expert label)",
    "unusable items": "all of the above x u / (1 - u), u of the finished items cannot be used",
    "audit": "audit items x labels per item x label price with gold and rejects, over all items",
    "gold writing": "gold items x expert labels x their price, over all items",
    "fixed cost": "fixed cost over all items",
}
"""Every part of the cost of a usable item, in order, and how it comes about."""

_PER_ITEM = tuple(PARTS)[:10]
_MEANWHILE = "people and experts work at the same time"


@dataclass(frozen=True, eq=False, kw_only=True)
class Outcome:
    """What a scenario comes to, each value a float or an array.

    Attributes
    ----------
    parts : $ per usable item by part; they add up to `cost_per_item`.
    cost_per_item, total : $ per usable item, and $.
    weeks : from the start to the last label.
    accuracy : chance that a label names the better response.
    people_accuracy : of one human label, careless annotators included.
    information : of one item, in labels without noise.
    effective_labels, cost_per_effective : labels without noise that carry as much, and $ per one of them (infinite
        where there is none).
    human_labels, expert_labels : judgements paid for.
    people_weeks, expert_weeks : working time of each, without the weeks to start; the longer of the two makes `weeks`.
    """

    parts: Mapping[str, Value]
    cost_per_item: Value
    total: Value
    weeks: Value
    accuracy: Value
    people_accuracy: Value
    information: Value
    effective_labels: Value
    cost_per_effective: Value
    human_labels: Value
    expert_labels: Value
    people_weeks: Value
    expert_weeks: Value


def outcome(scenario: Scenario, pairs: Value, over: Mapping[str, Value] | None = None) -> Outcome:
    """Runs the model.

    Parameters
    ----------
    pairs : usable items.
    over : inputs to take instead of the scenario's, arrays of one shape or floats; not checked again.
    """
    over = over or {}
    q = {name: Quantity(over.get(name, each.value), INPUTS[name].unit) for name, each in scenario.inputs.items()}
    people = pairs if isinstance(pairs, np.ndarray) else float(pairs)
    n = Quantity(people, u.ITEMS)
    unusable, to_people, gold, checked = q["unusable_share"], q["escalated_share"], q["gold_share"], q["check_share"]
    kept = 1 - to_people
    handled = n / (1 - unusable)
    votes = q["labels_per_item"]

    # ---- people: work, and what gold finds in it
    base = (
        (q["wage"] * q["seconds_per_label"]).to(u.DOLLARS_PER_LABEL)
        if scenario.choices["pay"] == "hour"
        else q["label_price"]
    )
    label = base * (1 + q["platform_fee"])
    needed = to_people * votes + kept * checked * ONE_LABEL
    audit_labels = q["audit_items"] * votes
    rejected = q["rejected_share"]
    first_pass = (handled * needed + audit_labels) / (1 - gold) / (1 - rejected)
    golds_each = (first_pass * gold / (q["annotators"] * Quantity(1.0, u.LABELS / u.PEOPLE))).plain(u.NUMBER)
    careless, thrown_away = careless_left(q["careless_share"].value, golds_each)
    again = 1 - (1 - rejected) * (1 - Quantity(thrown_away, u.SHARE))
    human_labels = (handled * needed + audit_labels) / (1 - gold) / (1 - again)

    # ---- money per item
    expert, judgement = q["expert_price"], _judgement(scenario, q)
    calls = q["ai_judges"] * q["ai_orders"] * q["ai_samples"] * (1 + q["retry_share"])
    worked = (needed * label).to(u.DOLLARS_PER_ITEM)
    one = ONE_LABEL * expert
    by_part = {
        "generation": q["selection_pool"] * q["generation_price"],
        "selection": q["selection_pool"] * q["selection_price"],
        "labels": to_people * ONE_LABEL * label,
        "redundancy": to_people * (votes - ONE_LABEL) * label,
        "gold tasks": worked * (gold / (1 - gold)),
        "rejected work": worked / (1 - gold) * (again / (1 - again)),
        "adjudication": to_people * q["adjudicated_share"] * one,
        "expert review": q["expert_review_share"] * one,
        "AI judges": calls * Quantity(1.0, u.JUDGEMENTS_PER_ITEM) * judgement,
        "spot checks": kept * checked * (ONE_LABEL * label + q["check_disagreement"] * one),
    }
    running = _total([by_part[name] for name in _PER_ITEM])
    by_part["unusable items"] = running * (unusable / (1 - unusable))
    by_part["audit"] = audit_labels * label / (1 - gold) / (1 - again) / n
    by_part["gold writing"] = q["gold_items"] * q["gold_labels"] * expert / n
    by_part["fixed cost"] = q["fixed_cost"] / n
    per_item = _total(list(by_part.values()))
    total = (per_item * n).to(u.DOLLARS)

    # ---- weeks: whoever takes longer
    expert_labels = (
        handled
        * ONE_LABEL
        * (to_people * q["adjudicated_share"] + kept * checked * q["check_disagreement"] + q["expert_review_share"])
    )
    expert_labels = expert_labels + q["gold_items"] * q["gold_labels"]
    pace = q["hours_per_week"] * q["utilisation"]
    by_people = (human_labels * q["seconds_per_label"] / (q["annotators"] * pace)).to(u.WEEKS)
    by_experts = (expert_labels * q["expert_seconds"] / (q["experts"] * pace)).to(u.WEEKS)
    weeks = u.larger(by_people, by_experts) + q["ramp_weeks"]

    # ---- what it is worth
    worth = _Worth(scenario, {name: each.value for name, each in q.items()}, careless)
    effective = worth.information * people
    with np.errstate(divide="ignore", invalid="ignore"):
        cost_per_effective = np.where(np.asarray(effective) > 0, np.divide(total.value, effective), np.inf)
    return Outcome(
        parts={name: part.plain(u.DOLLARS_PER_ITEM) for name, part in by_part.items()},
        cost_per_item=per_item.value,
        total=total.value,
        weeks=weeks.value,
        accuracy=worth.accuracy,
        people_accuracy=worth.one_label,
        information=worth.information,
        effective_labels=effective,
        cost_per_effective=cost_per_effective,
        human_labels=human_labels.plain(u.LABELS),
        expert_labels=expert_labels.plain(u.LABELS),
        people_weeks=by_people.value,
        expert_weeks=by_experts.value,
    )


class _Worth:
    """Accuracy and information of a finished label, route by route."""

    def __init__(self, scenario: Scenario, x: Mapping[str, Value], careless: Value) -> None:
        p, votes, expert, split = x["annotator_accuracy"], x["labels_per_item"], x["expert_accuracy"], x["split_share"]
        one = p * (1 - careless) + 0.5 * careless
        clear = clear_accuracy(one, split)
        a, share, review, s = x["adjudicated_share"], x["escalated_share"], x["expert_review_share"], x["check_share"]
        by_people = adjudicated_accuracy(one, votes, a, expert, split)
        if scenario.choices["aggregation"] == "weighted":
            gain = weighted_accuracy(clear, votes, x["accuracy_spread"]) - majority_accuracy(clear, votes)
            by_people = np.minimum(by_people + (1 - np.asarray(split)) * gain * (1 - np.asarray(a)), 1.0)
        by_expert = (1 - split) * expert + 0.5 * split
        judges = np.maximum(panel_size(np.maximum(x["ai_judges"], 1), x["judge_correlation"]), 1)
        panel = (1 - split) * majority_accuracy(clear_accuracy(x["ai_accuracy"], split), judges) + 0.5 * split
        # A judge is compared with a human label: where both say the same, both are right or both are wrong.
        both_right, both_wrong = panel * one, (1 - panel) * (1 - one)
        disputed = x["check_disagreement"]
        by_check = (1 - disputed) * both_right / (both_right + both_wrong) + disputed * by_expert
        unreviewed = share * by_people + (1 - share) * ((1 - s) * panel + s * by_check)
        self.one_label = one
        self.accuracy = (1 - review) * unreviewed + review * by_expert

        def kept(accuracy: Value) -> Value:
            """Information of a label of this accuracy over all pairs; split ones teach nothing."""
            return (1 - split) * information_factor(clear_accuracy(accuracy, split), x["preference_strength"])

        from_people = (
            (1 - a) * votes * kept(one) + a * kept(by_expert)
            if scenario.choices["training_target"] == "votes"
            else kept(by_people)
        )
        from_ai = (1 - s) * kept(panel) + s * kept(by_check)
        known = share * from_people + (1 - share) * from_ai
        self.information = ((1 - review) * known + review * kept(by_expert)) * x["selection_gain"]


def _judgement(scenario: Scenario, q: Mapping[str, Quantity]) -> Quantity:
    """Price of one call of a judge, after the discount."""
    if scenario.choices["ai_pay"] == "judgement":
        price = q["ai_price"]
    else:
        read = q["tokens_in"]
        price = _total(
            [
                read * (1 - q["cached_share"]) * q["price_in"],
                read * q["cached_share"] * q["price_cached"],
                q["tokens_out"] * q["price_out"],
            ],
            u.DOLLARS_PER_JUDGEMENT,
        )
    return price * (1 - q["batch_discount"])


def _total(parts: list[Quantity], unit: u.Unit = u.DOLLARS_PER_ITEM) -> Quantity:
    """Sum in one unit."""
    total = parts[0].to(unit)
    for part in parts[1:]:
        total = total + part.to(unit)
    return total
