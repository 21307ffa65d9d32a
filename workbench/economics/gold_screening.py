"""What gold does about annotators who click at random: how many are found before their work is over, and how much is
done again.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from workbench.annotators.planning import Design, sequential_plan
from workbench.annotators.sequential import SequentialTest
from workbench.economics.units import Value

_LOOKED_AT = 400


@lru_cache(maxsize=1)
def _found_after() -> tuple[np.ndarray, float]:
    """Chance that a random clicker is flagged within k gold answers, k = 0, 1, ...; and the mean of k where flagged."""
    plan = sequential_plan(SequentialTest(), 0.5, Design(gold_share=1.0, overlap=0.0), tasks=_LOOKED_AT)
    return plan.flagged_by, float(plan.mean or 0.0)


def careless_left(share: Value, gold_answers: Value) -> tuple[Value, Value]:
    """Careless annotators whose labels stay, and work that is thrown away because its annotator was found, both as
    shares of all labels.

    A sequential test (good .8 against chance .5, both error rates 5%) runs on each annotator's gold; who is flagged is
    replaced and what they did is set aside.

    Parameters
    ----------
    share : of annotators who click at random.
    gold_answers : gold tasks each annotator gets in all.

    >>> careless_left(0.1, 0.0), [round(float(x), 3) for x in careless_left(0.1, 100.0)]
    ((0.1, 0.0), [0.004, 0.013])
    """
    if not np.any(np.asarray(share) > 0) or not np.any(np.asarray(gold_answers) > 0):
        return share, 0.0
    curve, mean = _found_after()
    found = np.interp(np.minimum(gold_answers, _LOOKED_AT), np.arange(len(curve)), curve)
    until = np.minimum(mean / np.maximum(gold_answers, 1e-9), 1.0)
    return share * (1 - found), share * found * until
