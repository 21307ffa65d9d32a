"""Who labelled, and how well: one figure a module, everything together in `survey`, `annotator_table` and
`flag_annotators`.
"""

from workbench.annotators.activity import annotator_activity
from workbench.annotators.bias import expected_run, first_position, label_mix, run_probability
from workbench.annotators.careless_responding import Attention, attention
from workbench.annotators.collusion import Collusion, collusion, effective_annotators
from workbench.annotators.consistency import self_consistency
from workbench.annotators.drift import Cusum, Timeline, drift, drift_by_slice, timeline
from workbench.annotators.estimated import confusion_counts, estimated_accuracy
from workbench.annotators.flags import KINDS, Flag, Flags, FlagThresholds, annotator_findings, flag_annotators
from workbench.annotators.gold import gold_accuracy
from workbench.annotators.independence import Independence, independence
from workbench.annotators.peer_posterior import Others, others
from workbench.annotators.peers import agreement_with_others
from workbench.annotators.planning import Design, floor_rule, sequential_plan
from workbench.annotators.reliability import COMPOSITE, COMPOSITE_CAVEAT, PARTS, Weights, composite_preset, reliability
from workbench.annotators.sequential import SequentialTest, course, least_answers
from workbench.annotators.speed import Speed, floor_seconds, speed
from workbench.annotators.survey import Copy, Survey, survey
from workbench.annotators.suspect_gold import SuspectGold, suspect_gold
from workbench.annotators.table import annotator_table
from workbench.annotators.weeks import confused_weeks, crew_by_week
from workbench.dataset.usable_times import usable_times
from workbench.statistics.multiplicity import false_discovery_adjusted

__all__ = [
    "COMPOSITE",
    "COMPOSITE_CAVEAT",
    "KINDS",
    "PARTS",
    "Attention",
    "Collusion",
    "Copy",
    "Cusum",
    "Design",
    "Flag",
    "FlagThresholds",
    "Flags",
    "Independence",
    "Others",
    "SequentialTest",
    "Speed",
    "Survey",
    "SuspectGold",
    "Timeline",
    "Weights",
    "agreement_with_others",
    "annotator_activity",
    "annotator_findings",
    "annotator_table",
    "attention",
    "collusion",
    "composite_preset",
    "confused_weeks",
    "confusion_counts",
    "course",
    "crew_by_week",
    "drift",
    "drift_by_slice",
    "effective_annotators",
    "estimated_accuracy",
    "expected_run",
    "false_discovery_adjusted",
    "first_position",
    "flag_annotators",
    "floor_rule",
    "floor_seconds",
    "gold_accuracy",
    "independence",
    "label_mix",
    "least_answers",
    "others",
    "reliability",
    "run_probability",
    "self_consistency",
    "sequential_plan",
    "speed",
    "survey",
    "suspect_gold",
    "timeline",
    "usable_times",
]
