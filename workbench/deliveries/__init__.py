"""Delivery after delivery: what changed, why, and when to be alarmed."""

from workbench.deliveries.causes import CAUSES, Cause, likely_cause
from workbench.deliveries.comparing import DRIVERS, Change, changes
from workbench.deliveries.comparison import Alarm, Comparison, compare_deliveries
from workbench.deliveries.delivery import Delivery
from workbench.deliveries.measures import MEASURES, Measure

__all__ = [
    "CAUSES",
    "DRIVERS",
    "MEASURES",
    "Alarm",
    "Cause",
    "Change",
    "Comparison",
    "Delivery",
    "Measure",
    "changes",
    "compare_deliveries",
    "likely_cause",
]
