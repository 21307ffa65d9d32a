"""How far can a model's probabilities be believed on held-out pairs: as it gives them, and with a temperature fitted on
other prompts.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from workbench.estimates import Finite
from workbench.reward.calibration import Calibration, calibration, fit_temperature
from workbench.reward.heads import preference_of_margin
from workbench.reward.pairs import Pairs, group_folds

FEWEST_GROUPS = 8
"""With fewer prompt groups nothing is said of other prompts."""

_NONE = np.empty(0)


@dataclass(frozen=True)
class Reliability(Finite):
    """Calibration on held-out pairs, twice.

    Attributes
    ----------
    as_given : of the probabilities as the model gives them.
    scaled : after temperature scaling, each pair with a temperature fitted on the other prompt groups.
    temperature : by which margins are divided, fitted on all these pairs; above 1 the model is too sure of itself.
    note : what to keep in mind.
    """

    as_given: Calibration
    scaled: Calibration
    temperature: float
    note: str = ""

    @property
    def on_other_prompts(self) -> bool:
        """Whether the temperature of a pair was fitted on other prompt groups."""
        return not self.note

    def to_dict(self) -> dict[str, object]:
        """As JSON has it."""
        return {
            "as_given": self.as_given.to_dict(),
            "scaled": self.scaled.to_dict(),
            "temperature": self.temperature,
            "note": self.note,
        }


def reliability(
    margin: np.ndarray, pairs: Pairs, rng: np.random.Generator, cutpoints: np.ndarray = _NONE, folds: int = 5
) -> Reliability:
    """Do the model's probabilities mean what they say, and would they after temperature scaling?

    Parameters
    ----------
    margin : (n,): score of A minus score of B.
    rng : deals the prompt groups into folds: the temperature of a pair is fitted on the groups of the other folds.
    cutpoints : of a cumulative logit; without them P(A) is the logistic of the margin.

    Examples
    --------
    Margins twice as large as they should be:

    >>> n = 4_000
    >>> rng, e = np.random.default_rng(0), np.full(n, "", object)
    >>> margin = rng.normal(size=n)
    >>> target = (rng.random(n) < 1 / (1 + np.exp(-margin))).astype(float)
    >>> held = Pairs(
    ...     prompt=e,
    ...     response_a=e,
    ...     response_b=e,
    ...     target=target,
    ...     level=np.zeros(n, np.int8),
    ...     levels=2,
    ...     weight=np.ones(n),
    ...     group=np.arange(n),
    ...     source=e,
    ...     item=np.arange(n),
    ... )
    >>> found = reliability(2 * margin, held, rng)
    >>> 1.8 < found.temperature < 2.2, found.as_given.ece.value > 0.05 > found.scaled.ece.value
    (True, True)
    """
    known = np.flatnonzero(np.isfinite(margin))
    m, held = np.asarray(margin, float)[known], pairs.take(known)
    level = held.level if len(cutpoints) else None

    def probability(by: float, part: np.ndarray | slice = slice(None)) -> np.ndarray:
        return preference_of_margin(m[part] / by, cutpoints / by)

    def temperature(part: np.ndarray | slice = slice(None)) -> float:
        return fit_temperature(
            m[part], held.target[part], held.weight[part], cutpoints, None if level is None else level[part]
        )

    overall, note = temperature(), ""
    if held.groups < 2:
        scaled, note = (
            probability(overall),
            "all pairs share one prompt group, so that the temperature was fitted on the pairs it is judged on",
        )
    else:
        fold, scaled = group_folds(held.group, folds, rng), np.empty(len(m))
        for k in np.unique(fold):
            scaled[fold == k] = probability(temperature(fold != k), fold == k)
    return Reliability(
        calibration(probability(1.0), held.target, held.group),
        calibration(scaled, held.target, held.group),
        overall,
        note,
    )
