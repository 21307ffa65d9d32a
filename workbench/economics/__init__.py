"""What labels cost, how long they take and what they are worth: scenarios, their comparison, plans for a budget, and
power.
"""

from workbench.economics import power
from workbench.economics.break_even import BreakEven, break_even
from workbench.economics.cost import (
    Cost,
    Curve,
    Part,
    against_claims,
    compare,
    cost,
    over_scale,
    pace,
    pairs_of_ranking,
    votes_or_items,
)
from workbench.economics.information import Redundancy, VotesOrItems, best_redundancy, information_factor
from workbench.economics.inputs import CHOICES, INPUTS, Input, InputKind
from workbench.economics.judge_runs import inputs_of_judge, judge_result
from workbench.economics.judges import (
    Supported,
    Tier,
    cascade_cost,
    escalation_for,
    judge_correlation,
    supported_by_judge,
    token_price,
)
from workbench.economics.link import Link, read_link, write_link
from workbench.economics.measured import Measured, inputs_from
from workbench.economics.plans import Plan, Plans, best_plan
from workbench.economics.scenario import (
    DEFAULT_PRESET,
    Scenario,
    preset,
    presets,
    read_scenario,
    scenario_from,
    scenario_with,
)
from workbench.economics.sensitivity import MEASURES, Measure, Spread, Swing, Tornado, draw, tornado
from workbench.economics.units import Quantity, Unit, UnitError
from workbench.economics.votes import adjudicated_accuracy, majority_accuracy, panel_size, weighted_accuracy

__all__ = [
    "CHOICES",
    "DEFAULT_PRESET",
    "INPUTS",
    "MEASURES",
    "BreakEven",
    "Cost",
    "Curve",
    "Input",
    "InputKind",
    "Link",
    "Measure",
    "Measured",
    "Part",
    "Plan",
    "Plans",
    "Quantity",
    "Redundancy",
    "Scenario",
    "Spread",
    "Supported",
    "Swing",
    "Tier",
    "Tornado",
    "Unit",
    "UnitError",
    "VotesOrItems",
    "adjudicated_accuracy",
    "against_claims",
    "best_plan",
    "best_redundancy",
    "break_even",
    "cascade_cost",
    "compare",
    "cost",
    "draw",
    "escalation_for",
    "information_factor",
    "inputs_from",
    "inputs_of_judge",
    "judge_correlation",
    "judge_result",
    "majority_accuracy",
    "over_scale",
    "pace",
    "pairs_of_ranking",
    "panel_size",
    "power",
    "preset",
    "presets",
    "read_link",
    "read_scenario",
    "scenario_from",
    "scenario_with",
    "supported_by_judge",
    "token_price",
    "tornado",
    "votes_or_items",
    "weighted_accuracy",
    "write_link",
]
