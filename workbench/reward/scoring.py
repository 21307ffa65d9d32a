"""An export scored by a trained reward model: both responses of each item, which is preferred, and whether the labels
say so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import pandas as pd

from workbench.dataset.annotation_set import AnnotationSet
from workbench.errors import WorkbenchError
from workbench.estimates import Estimate
from workbench.messages import by, message
from workbench.progress import UNWATCHED, Watch
from workbench.reward.best_of_n import Scorer
from workbench.reward.model import RewardModel
from workbench.reward.pairs import pairs_of
from workbench.reward.ranking import clustered_share, hits
from workbench.reward.sequence_model import SequenceModel
from workbench.reward.too_long import TooLong, pairs_too_long


class Calibrated(Scorer, Protocol):
    """A model whose margins mean something."""

    def probability_of_margin(self, margin: np.ndarray) -> np.ndarray:
        """Probability that A is preferred, float64 (n,)."""


@dataclass(frozen=True, eq=False)
class Scored:
    """The scores of an export.

    Attributes
    ----------
    table : a row an item: `item_id`, `score_a`, `score_b`, `margin`, `probability_a`, `label` (probability that A is
        preferred, by the labels; NaN where there is none).
    accuracy : how often the model prefers what the labels prefer.
    labels : where these come from.
    set_aside : reason -> items without scores.
    group : int64, one a row of the table: what stands and falls together.
    cut : in how many pairs a text is longer than the model reads at once; None where the model does not say.
    """

    table: pd.DataFrame
    accuracy: Estimate
    labels: str
    set_aside: Mapping[str, int]
    group: np.ndarray
    cut: TooLong | None = None

    def to_dict(self) -> dict[str, object]:
        """The summary, without the table."""
        return {
            "pairs": len(self.table),
            "accuracy": self.accuracy.to_dict(),
            "labels": self.labels,
            "set_aside": dict(self.set_aside),
            "cut": self.cut.to_dict() if self.cut else None,
        }


def score_items(model: Calibrated, data: AnnotationSet, watch: Watch = UNWATCHED) -> Scored:
    """What does the model think of these pairs?

    Parameters
    ----------
    model : a reward head or a fine-tuned model.
    data : with the texts of the responses; labels are looked at afterwards only.

    Raises
    ------
    WorkbenchError
        No item has the texts of two responses.
    """
    texts = data.item_texts()
    prompt, a, b = (texts[name].to_numpy(object) for name in ("prompt", "response_a", "response_b"))
    known = np.flatnonzero(~(texts["response_a"].isna() | texts["response_b"].isna()).to_numpy(bool))
    if len(known) == 0:
        raise WorkbenchError(
            "These data hold no texts of two responses.",
            message("Open the export that has them, or name their columns ", by("mapping"), "."),
        )
    asked = np.where(texts["prompt"].isna().to_numpy(bool), "", prompt)[known]
    both = model.score([*asked, *asked], [*a[known], *b[known]], watch)
    score_a, score_b = both[: len(known)], both[len(known) :]
    margin = score_a - score_b
    label, source, group = np.full(len(data.items), np.nan), "", np.arange(len(data.items))
    if data.has_pairs and (len(data.codes) or (data.gold >= 0).any()):
        pairs = pairs_of(data)
        label[pairs.item], group[pairs.item], source = pairs.target, -1 - pairs.group, pairs.labels
    table = pd.DataFrame(
        {
            "item_id": data.items["item_id"].to_numpy()[known],
            "score_a": score_a,
            "score_b": score_b,
            "margin": margin,
            "probability_a": model.probability_of_margin(margin),
            "label": label[known],
        }
    )
    lost = len(data.items) - len(known)
    accuracy = agreement_with_labels(margin, label[known], group[known])
    cut = None
    if isinstance(model, RewardModel | SequenceModel):
        cut = pairs_too_long(model, asked.tolist(), a[known].tolist(), b[known].tolist(), watch)
    return Scored(table, accuracy, source, {"a response has no text": lost} if lost else {}, group[known], cut)


def agreement_with_labels(margin: np.ndarray, label: np.ndarray, group: np.ndarray) -> Estimate:
    """How often does a model prefer what the labels prefer, float (n,) each; a label is NaN where there is none."""
    hit = np.where(np.isnan(label), np.nan, hits(margin, np.nan_to_num(label, nan=0.5)))
    return clustered_share(hit, group, "The model prefers what the labels prefer")
