"""AI judges: what they are asked, what they answered, what it cost, and whether they can be trusted."""

from workbench.judging.alternative_annotator import alternative_annotator_test
from workbench.judging.prediction_powered import prediction_powered_mean, rogan_gladen
from workbench.judging.thresholds import certified_threshold
from workbench.judging.trust import trust
from workbench.judging.verdict import read_verdict

__all__ = [
    "alternative_annotator_test",
    "certified_threshold",
    "prediction_powered_mean",
    "read_verdict",
    "rogan_gladen",
    "trust",
]
