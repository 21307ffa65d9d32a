"""Statistics that several wings share: proportions, multiplicity, bounds that hold at every moment."""

from workbench.statistics.anytime import ConfidenceSequence, confidence_sequence

__all__ = ["ConfidenceSequence", "confidence_sequence"]
