"""AI judges: what they are asked, what they answered, what it cost, and whether they can be trusted."""

from workbench.judging.prediction_powered import prediction_powered_mean
from workbench.judging.thresholds import certified_threshold

__all__ = ["certified_threshold", "prediction_powered_mean"]
