"""Which labels to teach a model where nobody says otherwise."""

from __future__ import annotations

import numpy as np

from workbench.aggregation import DEFAULT_LABELS
from workbench.dataset.annotation_set import AnnotationSet
from workbench.dataset.scales import NULL
from workbench.reward.pairs import AUTOMATIC

MOSTLY = 0.5
"""Share of the items with gold from which on the gold is what is taught; with less it is worth more as the judge."""


def usual_labels(data: AnnotationSet) -> str:
    """Probabilities from all judgements where items have several and few have gold; otherwise what `auto` takes.

    >>> from workbench.simulation.simulate import simulate
    >>> usual_labels(simulate(300, annotators=6, seed=1).data)
    'consensus-soft'
    """
    several = bool((np.diff(data.codes.starts) > 1).any())
    on_gold = float((data.gold != NULL).mean()) if len(data.gold) else 0.0
    return DEFAULT_LABELS if several and on_gold < MOSTLY else AUTOMATIC
