"""How often do two annotators choose opposite responses of the same item?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from workbench.agreement import Choice, Tally, tally
from workbench.agreement.coefficients import Coefficient
from workbench.agreement.intervals import estimate
from workbench.dataset.annotation_set import AnnotationSet
from workbench.estimates import Estimate

PUBLISHED = (
    ("InstructGPT, among training labellers", 0.274, "Ouyang et al. 2022"),
    ("Summaries, among researchers", 0.27, "Stiennon et al. 2020"),
    ("Anthropic helpful and harmless, researchers and crowd", 0.37, "Bai et al. 2022"),
)
"""Between-annotator reversal rates of published sets: one minus their agreement on the better response."""


@dataclass(frozen=True)
class Between:
    """Opposite choices of two annotators.

    Attributes
    ----------
    pairs : pairs of decisive judgements of one item by two annotators.
    reversed : pairs that chose opposite responses.
    rate : reversed / pairs, with both intervals; its n is items.
    """

    pairs: int
    reversed: int
    rate: Estimate

    def to_dict(self) -> dict[str, object]:
        """As the command line prints it."""
        same = self.rate.same_crew
        return {
            "pairs": self.pairs,
            "reversed": self.reversed,
            "rate": self.rate.value,
            "interval": same.to_list() if same else None,
            "estimate": self.rate.to_dict(),
        }


def between_annotators(data: AnnotationSet, counted: Tally | None = None) -> Between:
    """How often do two annotators who both choose, choose opposite responses?

    On an item with a judgements for A and b for B, $a b$ of its $(a + b)(a + b - 1) / 2$ decisive pairs are reversed;
    both are summed over items. Strength and ties play no part.

    Parameters
    ----------
    counted : `tally(data, Choice(direction=True))`, where it is at hand already.
    """
    along = counted if counted is not None else tally(data, Choice(direction=True))
    if not data.scale.has_sides:
        return Between(
            0, 0, Estimate(name="reversals between annotators", value=None, reason="the labels have no sides")
        )
    a, b = along.counts[:, 0].astype(np.int64), along.counts[:, -1].astype(np.int64)
    reversed_, pairs = int(along.frequency @ (a * b)), int(along.frequency @ ((a + b) * (a + b - 1) // 2))
    if pairs == 0:
        return Between(
            0,
            0,
            Estimate(name="reversals between annotators", value=None, reason="no item has two decisive judgements"),
        )
    return Between(pairs, reversed_, estimate(along, _reversal()))


def _reversal() -> Coefficient:
    def statistic(counts: np.ndarray) -> np.ndarray:
        a, b = counts[:, 0].astype(float), counts[:, -1].astype(float)
        return np.column_stack([a * b, (a + b) * (a + b - 1) / 2])

    def value(sums: np.ndarray) -> np.ndarray:
        with np.errstate(invalid="ignore", divide="ignore"):
            return sums[..., 0] / sums[..., 1]

    return Coefficient(
        key="reversals.between",
        name="reversals between annotators",
        statistic=statistic,
        value=value,
        chance_corrected=False,
        share=True,
    )
