"""What is the one label of each item, and how sure is it? One method a file, one contract (`contract.py`)."""

from workbench.aggregation.comparison import Comparison, GoldScore, compare, score
from workbench.aggregation.contract import Aggregation, ChosenLabels, choose, direction_posterior
from workbench.aggregation.registry import DEFAULT, METHODS, Method, aggregate

__all__ = [
    "DEFAULT",
    "METHODS",
    "Aggregation",
    "ChosenLabels",
    "Comparison",
    "GoldScore",
    "Method",
    "aggregate",
    "choose",
    "compare",
    "direction_posterior",
    "score",
]
