"""Inputs as people meet them: under their title, in per cent where they are shares, and only where they play a part."""

from __future__ import annotations

import re

from workbench.economics.inputs import INPUTS, kind_of
from workbench.economics.scenario import Scenario
from workbench.economics.units import SHARE
from workbench.errors import WorkbenchError

CHOICE_TITLES: dict[str, str] = {
    "pay": "People are paid",
    "ai_pay": "Judges are paid",
    "aggregation": "Votes become a label by",
    "training_target": "Training uses",
}
CHOICE_WORDS: dict[str, dict[str, str]] = {
    "pay": {"label": "per label", "hour": "per hour"},
    "ai_pay": {"judgement": "per judgement", "token": "by tokens"},
    "aggregation": {"majority": "majority", "weighted": "weighted"},
    "training_target": {"label": "one label", "votes": "all votes"},
}
_PAIRS = "Usable pairs"
_BY_TOKEN = frozenset({"tokens_in", "tokens_out", "price_in", "price_out", "cached_share", "price_cached"})
_JUDGED = frozenset(k.name for k in INPUTS.values() if k.group == "AI judges") - {"ai_judges"}
_EXPERTS = frozenset({"expert_price", "expert_accuracy", "experts", "expert_seconds"})
_PACE = frozenset({"hours_per_week", "utilisation"})
_PEOPLE = (
    (frozenset(k.name for k in INPUTS.values() if k.group == "People") | {"gold_share", "rejected_share"})
    - _PACE
    - {"ramp_weeks"}
)


def as_shown(name: str, value: float) -> float:
    """The number as it is shown and typed: 10 for a share of 0.1.

    >>> as_shown("gold_share", 0.1), as_shown("label_price", 1.5)
    (10.0, 1.5)
    """
    return round(100 * value, 9) if kind_of(name).unit.name == SHARE.name else value


def as_kept(name: str, shown: float) -> float:
    """The value of a number that was typed.

    Raises
    ------
    WorkbenchError
        It lies outside the input's range; the message names the input by its title.

    >>> as_kept("gold_share", 12.5)
    0.125
    >>> as_kept("gold_share", 700)
    Traceback (most recent call last):
        ...
    workbench.errors.WorkbenchError: Gold share: 700% is not possible. Give a share from 0% to 90%.
    """
    kind = kind_of(name)
    share = kind.unit.name == SHARE.name
    try:
        return kind.checked(
            round(shown / 100, 12) if share else float(shown), f"{shown:,.10g}%" if share else f"{shown:,.10g}"
        )
    except WorkbenchError as error:
        raise in_titles(error) from None


def in_titles(error: WorkbenchError) -> WorkbenchError:
    """The error with inputs by the titles their fields have, for those who never see a scenario file.

    >>> print(
    ...     in_titles(
    ...         WorkbenchError(
    ...             "escalated_share: 20% of the items.", "Set escalated_share to 1, or ai_judges to 1 or more."
    ...         )
    ...     )
    ... )
    Sent to people: 20% of the items. Set “Sent to people” to 100%, or “AI judges” to 1 or more.
    """

    def set_to(found: re.Match[str]) -> str:
        name, number = found.groups()
        if name not in INPUTS:
            return found.group()
        percent = "%" if INPUTS[name].unit.name == SHARE.name else ""
        return f"“{INPUTS[name].title}” to {as_shown(name, float(number)):g}{percent}"

    name, colon, rest = error.what.partition(":")
    title = INPUTS[name].title if name in INPUTS else name
    if name == "pairs":
        title = _PAIRS
    words = (title + colon + rest, re.sub(r"\b(\w+) to (\d+(?:\.\d+)?)", set_to, error.remedy))
    return WorkbenchError(*words)


def asks_people(scenario: Scenario) -> bool:
    """Whether anybody gives a label: on pairs of their own, as spot checks, or for an audit.

    >>> from workbench.economics.scenario import preset
    >>> asks_people(preset("hybrid")), asks_people(preset("ai-0.02"))
    (True, False)
    """
    q = scenario["escalated_share"]
    return q > 0 or scenario["check_share"] > 0 or scenario["audit_items"] > 0


def in_play(scenario: Scenario) -> frozenset[str]:
    """Inputs and choices that change anything in this scenario as it stands, or that bring others into it.

    >>> from workbench.economics.scenario import preset
    >>> sorted(set(INPUTS) - in_play(preset("human-1.50")))[:4], "label_price" in in_play(preset("ai-0.02"))
    (['ai_accuracy', 'ai_orders', 'ai_price', 'ai_samples'], False)
    """
    q, checks = scenario["escalated_share"], scenario["check_share"]
    idle: set[str] = {"wage"} if scenario.choices["pay"] == "label" else {"label_price"}
    idle |= {"ai_price"} if scenario.choices["ai_pay"] == "token" else _BY_TOKEN
    if scenario["ai_judges"] == 0:
        idle |= _JUDGED | {"ai_pay", "escalated_share", "check_share", "check_disagreement"}
    if scenario["ai_judges"] < 2:
        idle |= {"judge_correlation"}
    if q == 1:
        idle |= {"ai_accuracy", "judge_correlation", "check_share", "check_disagreement"}
    if checks == 0:
        idle |= {"check_disagreement"}
    if q == 0:
        idle |= {"adjudicated_share", "aggregation", "training_target"}
    if not asks_people(scenario):
        idle |= _PEOPLE | {"pay"}
    disputed = (1 - q) * checks * scenario["check_disagreement"]
    asks_experts = (
        q * scenario["adjudicated_share"] > 0
        or disputed > 0
        or scenario["expert_review_share"] > 0
        or scenario["gold_items"] > 0
    )
    if not asks_experts:
        idle |= _EXPERTS
    if not asks_experts and not asks_people(scenario):
        idle |= _PACE
    if scenario["gold_items"] == 0:
        idle |= {"gold_labels"}
    return frozenset({*INPUTS, *scenario.choices} - idle)
