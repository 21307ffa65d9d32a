"""Fits what a model's margins mean on pairs of held-out prompts, and says how far its probabilities can be believed
before and after.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from workbench.dataset.annotation_set import AnnotationSet
from workbench.errors import WorkbenchError
from workbench.progress import UNWATCHED, Watch
from workbench.reward.calibration import Calibration, calibration
from workbench.reward.calibrator import Calibrator, Method, fit_calibrator
from workbench.reward.model import RewardModel
from workbench.reward.pairs import AUTOMATIC, Pairs, group_folds, pairs_of
from workbench.reward.reliability import FEWEST_GROUPS
from workbench.reward.scorecard import Scorecard, scorecard
from workbench.reward.sequence_model import SequenceModel

FEWEST_PAIRS = 40
"""With fewer pairs a calibration says more about the draw than about the model."""

FEWEST_FOR_ISOTONIC = 1_000
"""With fewer pairs isotonic regression follows the noise (Niculescu-Mizil & Caruana 2005)."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Calibrating:
    """What came of it.

    Attributes
    ----------
    calibrator : fitted on all pairs.
    card : the scorecard of the model on these pairs, whose reliability is that of a temperature.
    before : calibration of the probabilities as the model gave them.
    after : the same after calibrating, each pair by what was fitted on the other prompt groups.
    notes : what to keep in mind.
    """

    calibrator: Calibrator
    card: Scorecard
    before: Calibration
    after: Calibration
    notes: tuple[str, ...] = field(default=())

    def to_dict(self) -> dict[str, object]:
        """As `calibrate --json` prints it."""
        return {
            "method": self.calibrator.method,
            "temperature": self.calibrator.temperature,
            "before": self.before.to_dict(),
            "after": self.after.to_dict(),
            "eval": self.card.to_dict(),
            "notes": list(self.notes),
        }


def calibrate(
    model: RewardModel | SequenceModel,
    data: AnnotationSet,
    method: Method = "temperature",
    labels: str = AUTOMATIC,
    watch: Watch = UNWATCHED,
    seed: int = 0,
) -> Calibrating:
    """What do this model's margins mean on these data?

    Parameters
    ----------
    model : any reward model; its ranking stays as it is.
    data : pairs it was not trained on.
    method : `temperature`, or `isotonic` where there are a thousand pairs or more.
    labels : what the pairs are judged by, as `pairs_of` takes it.

    Raises
    ------
    WorkbenchError
        There are fewer than 40 pairs, or all of them are of one prompt group.
    """
    pairs = pairs_of(data, labels)
    margin = model.margin(pairs.prompt.tolist(), pairs.response_a.tolist(), pairs.response_b.tolist(), watch)
    return calibrated_on(margin, pairs, model.probability_of_margin(margin), method, data, model.cutpoints, seed)


def calibrated_on(
    margin: np.ndarray,
    pairs: Pairs,
    probability: np.ndarray,
    method: Method,
    data: AnnotationSet | None = None,
    cutpoints: np.ndarray | None = None,
    seed: int = 0,
) -> Calibrating:
    """The same from margins and from the probabilities they stood for so far.

    Examples
    --------
    Margins three times what they should be:

    >>> rng, n = np.random.default_rng(0), 2_000
    >>> e, true = np.full(n, "", object), rng.normal(size=n)
    >>> held = Pairs(
    ...     prompt=e,
    ...     response_a=e,
    ...     response_b=e,
    ...     target=(rng.random(n) < 1 / (1 + np.exp(-true))).astype(float),
    ...     level=np.zeros(n, np.int8),
    ...     levels=2,
    ...     weight=np.ones(n),
    ...     group=np.arange(n) // 4,
    ...     source=e,
    ...     item=np.arange(n),
    ... )
    >>> found = calibrated_on(3 * true, held, 1 / (1 + np.exp(-3 * true)), "temperature")
    >>> 2.7 < found.calibrator.temperature < 3.3, found.before.ece.value > 3 * found.after.ece.value
    (True, True)
    """
    if len(pairs) < FEWEST_PAIRS or pairs.groups < 2:
        raise WorkbenchError(
            f"{len(pairs):,} pairs of {pairs.groups:,} prompt groups are too few to calibrate on.",
            f"Give data with at least {FEWEST_PAIRS} labelled pairs of several prompts.",
        )
    cuts = np.empty(0) if cutpoints is None else cutpoints
    level = pairs.level if len(cuts) and bool((pairs.level >= 0).any()) else None

    def fitted(part: np.ndarray) -> Calibrator:
        some = None if level is None else level[part]
        return fit_calibrator(margin[part], pairs.target[part], pairs.weight[part], method, cuts, some)

    rng = np.random.default_rng(seed)
    fold, after = group_folds(pairs.group, 5, rng), np.empty(len(pairs))
    for k in np.unique(fold):
        after[fold == k] = fitted(np.flatnonzero(fold != k)).of_margin(margin[fold == k], cuts)
    whole = fitted(np.arange(len(pairs)))
    about = {
        "pairs": len(pairs),
        "groups": pairs.groups,
        "labels": pairs.labels,
        "key": data.key if data is not None else "",
    }
    notes = []
    if pairs.groups < FEWEST_GROUPS:
        notes.append(f"it rests on {pairs.groups} prompt groups: whether it holds for other prompts cannot be said")
    if method == "isotonic" and len(pairs) < FEWEST_FOR_ISOTONIC:
        notes.append(
            f"isotonic regression on {len(pairs):,} pairs follows their noise; from {FEWEST_FOR_ISOTONIC:,} on it pays"
        )
    before_ = calibration(probability, pairs.target, pairs.group)
    after_ = calibration(after, pairs.target, pairs.group)
    short = {"before": {"ece": before_.ece.value, "nll": before_.nll}, "after": {"ece": after_.ece.value}}
    return Calibrating(
        calibrator=replace(whole, about={**about, **short}),
        card=scorecard(margin, pairs, rng, data=data, cutpoints=cuts),
        before=before_,
        after=after_,
        notes=tuple(notes),
    )
