"""What to set aside, and what that changes, next to what setting aside as much at random would."""

from workbench.cleaning.archive import ledger_of, packed
from workbench.cleaning.effect import Counts, Effect, Flips, cleaning_effect
from workbench.cleaning.evidence import Evidence, gather_evidence
from workbench.cleaning.placebo import DRAWS, Compared, Placebo, random_removal
from workbench.cleaning.results import (
    FlippedLabels,
    JudgementsSetAside,
    clean,
    flipped_labels,
    judgements_set_aside,
    who_goes,
)
from workbench.cleaning.rules import USUAL, Cleaning
from workbench.cleaning.selection import Selection, select

__all__ = [
    "DRAWS",
    "USUAL",
    "Cleaning",
    "Compared",
    "Counts",
    "Effect",
    "Evidence",
    "FlippedLabels",
    "Flips",
    "JudgementsSetAside",
    "Placebo",
    "Selection",
    "clean",
    "cleaning_effect",
    "flipped_labels",
    "gather_evidence",
    "judgements_set_aside",
    "ledger_of",
    "packed",
    "random_removal",
    "select",
    "who_goes",
]
