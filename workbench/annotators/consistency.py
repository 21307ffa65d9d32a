"""Does an annotator who sees a pair again say the same?"""

from __future__ import annotations

import numpy as np
import pandas as pd

from workbench.dataset.annotation_set import AnnotationSet
from workbench.reversals.judgements import PairJudgements, pair_judgements
from workbench.reversals.within import successive


def self_consistency(data: AnnotationSet, judgements: PairJudgements | None = None) -> pd.DataFrame:
    """How often do two successive judgements of the same pair by one annotator have the same direction?

    Ties count as a direction of their own; the order of the sides does not matter, the content does.

    Parameters
    ----------
    judgements : of `pair_judgements(data)`, where it is at hand already.

    Returns
    -------
    Frame with one row an annotator, in the order of `data.annotators`: `self_consistency` (0..1, NaN where nothing was
    repeated) and `self_consistency_n` (how many times a pair was judged again, `repeated` by another name). A pair can
    come again as another item, with the sides exchanged or under another id; so this is not the number of repeats of
    items.
    """
    steps = successive(judgements or pair_judgements(data))
    repeated = np.bincount(steps.annotator, minlength=len(data.annotators))
    alike = np.bincount(steps.annotator, weights=steps.sign == steps.next_sign, minlength=len(data.annotators))
    with np.errstate(invalid="ignore"):
        return pd.DataFrame(
            {"self_consistency": alike / repeated, "self_consistency_n": repeated, "repeated": repeated}
        )
