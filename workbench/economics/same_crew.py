"""Ways to label compared as the same people would do them: what was measured of crew and task goes into every scenario,
what a scenario decides stays its own.
"""

from __future__ import annotations

from collections.abc import Mapping

from workbench.economics.inputs import INPUTS, Input
from workbench.economics.scenario import Scenario

_OF_AI = (
    *("ai_accuracy", "ai_price", "check_disagreement", "escalated_share"),
    *("retry_share", "tokens_in", "tokens_out"),
)


def as_measured(scenario: Scenario, inputs: Mapping[str, Input]) -> Scenario:
    """The scenario with everything that was measured and applies to it: what an AI did counts only where there is one.

    Parameters
    ----------
    inputs : measured from a data set, by name.
    """
    return scenario.with_inputs(_applying(scenario, inputs))


def with_crew(scenario: Scenario, inputs: Mapping[str, Input]) -> Scenario:
    """The scenario with the crew and the task that were measured: who labels, how well, how fast, and what they read.
    How many labels an item gets, how much is gold and what goes to people is what makes it this scenario, and stays.

    >>> from workbench.economics.scenario import preset
    >>> found = {
    ...     n: Input(name=n, value=v, source="measured", date="", measured=True)
    ...     for n, v in {"annotator_accuracy": 0.7, "labels_per_item": 5.0, "ai_accuracy": 0.9}.items()
    ... }
    >>> human = with_crew(preset("human-gold"), found)
    >>> (
    ...     human["annotator_accuracy"],
    ...     human["labels_per_item"],
    ...     human["ai_accuracy"],
    ...     with_crew(preset("hybrid"), found)["ai_accuracy"],
    ... )
    (0.7, 3.0, 0.78, 0.9)
    """
    return scenario.with_inputs(_applying(scenario, crew_of(inputs)))


def crew_of(inputs: Mapping[str, Input]) -> dict[str, Input]:
    """Those of the measured inputs that are about the crew and the task, not about a choice of how to label."""
    return {name: each for name, each in inputs.items() if name == "annotators" or not INPUTS[name].decision}


def crew_sentence(inputs: Mapping[str, Input]) -> str:
    """What all scenarios share, and what stays each one's own."""
    shared = [INPUTS[name].title.lower().replace("ai ", "AI ") for name in crew_of(inputs)]
    own = [INPUTS[name].title.lower() for name in inputs if name not in crew_of(inputs)]
    if not shared:
        return "Nothing about the crew could be measured, so every scenario has its own."
    stays = f"; {', '.join(own)} {'stays' if len(own) == 1 else 'stay'} each one's own" if own else ""
    return f"In every scenario as measured from the open data: {', '.join(shared)}{stays}."


def _applying(scenario: Scenario, inputs: Mapping[str, Input]) -> dict[str, Input]:
    return {name: each for name, each in inputs.items() if scenario["ai_judges"] > 0 or name not in _OF_AI}
