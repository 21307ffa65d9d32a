"""What is seen of annotators before anybody asks what others say: how fast they are, whether they repeat
themselves, and whether they fall into camps.

It follows from the annotations alone, so that it can be looked at while labels are worked out.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pandas as pd

from workbench.annotators.consistency import self_consistency
from workbench.annotators.schools import Camps, camps
from workbench.annotators.speed import SKIM, Speed, speed
from workbench.dataset.annotation_set import AnnotationSet
from workbench.reversals.judgements import PairJudgements


@dataclass(frozen=True, eq=False, kw_only=True)
class Groundwork:
    """What is seen of annotators without the votes of others.

    Attributes
    ----------
    camps : schools of annotators, and a file with A and B exchanged.
    speed : of `speed`.
    consistency : of `self_consistency`.
    """

    camps: Camps
    speed: Speed
    consistency: pd.DataFrame


def groundwork(data: AnnotationSet, judgements: PairJudgements | None = None, *, skim: float = SKIM) -> Groundwork:
    """How fast is everybody, who repeats themselves, and who belongs to whom?

    Parameters
    ----------
    data : the annotations.
    judgements : of `workbench.reversals.pair_judgements(data)`, where it is at hand already.
    skim : how many times the usual reading speed is impossible.

    Examples
    --------
    >>> from workbench.simulation.simulate import simulate
    >>> found = groundwork(simulate(3_000, annotators=12, seed=2, texts=False).data)
    >>> found.camps.camp is None, len(found.consistency)
    (True, 12)
    """
    with ThreadPoolExecutor(1, thread_name_prefix="groundwork") as beside:
        apart = beside.submit(camps, data)
        return Groundwork(
            speed=speed(data, skim=skim), consistency=self_consistency(data, judgements), camps=apart.result()
        )
