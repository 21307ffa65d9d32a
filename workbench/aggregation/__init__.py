"""What is the one label of each item, and how sure is it? One method a file, one contract (`contract.py`)."""

from workbench.aggregation.comparison import Comparison, compare
from workbench.aggregation.contract import Aggregation, ChosenLabels, choose, direction_posterior
from workbench.aggregation.gold_score import GoldScore, score
from workbench.aggregation.paired import Lead
from workbench.aggregation.registry import DEFAULT, DEFAULT_LABELS, METHODS, SOFT, Method, aggregate

__all__ = [
    "DEFAULT",
    "DEFAULT_LABELS",
    "METHODS",
    "SOFT",
    "Aggregation",
    "ChosenLabels",
    "Comparison",
    "GoldScore",
    "Lead",
    "Method",
    "aggregate",
    "choose",
    "compare",
    "direction_posterior",
    "score",
]
