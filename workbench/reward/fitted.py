"""One trained model of either kind, with what there is to say about it: trained, measured and saved the same way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from workbench.checkpoints import Checkpoints
from workbench.errors import WorkbenchError
from workbench.progress import UNWATCHED, Watch
from workbench.reward.calibration import fit_temperature
from workbench.reward.finetune import FineTuning, fine_tune
from workbench.reward.lengths import LengthReport
from workbench.reward.model import RewardModel
from workbench.reward.pairs import Pairs, leave_one_source_out, split_by_group
from workbench.reward.quantisation import DirectEncoder, Quantisation, measure_head, measure_sequence_model
from workbench.reward.ranking import LeaveOneOut, leave_one_out
from workbench.reward.sentence import SentenceEncoder
from workbench.reward.sequence_model import SequenceModel
from workbench.reward.settings import HeadSettings
from workbench.reward.training import fit_head, loss_for, train

Model = RewardModel | SequenceModel

CALIBRATION_SHARE = 0.1
"""Of the training pairs, whole groups, that a fine-tuned model does not learn from: its temperature is fitted on them.
"""

FEWEST_FOR_TEMPERATURE = 40
"""With fewer pairs a temperature says more about the draw than about the model; then all pairs are learned from and it
stays 1."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Fitted:
    """A trained model.

    Attributes
    ----------
    model : scores texts.
    base, reason : name of the encoder or of the model that was fine-tuned, and why that one where another was asked
        for.
    settings : how it was trained.
    about : counts and choices of the training.
    notes : what a user of the model should know.
    lengths : of a fine-tuned model, how many pairs were too long.
    """

    model: Model
    base: str
    settings: HeadSettings | FineTuning
    about: Mapping[str, Any]
    reason: str = ""
    notes: list[str] = field(default_factory=list)
    lengths: LengthReport | None = None

    def direct(self) -> Model:
        """The model without kept vectors, whose scoring takes the time it takes on new texts."""
        return uncached(self.model)

    def quantised(self, pairs: Pairs, watch: Watch = UNWATCHED) -> Quantisation:
        """What 8-bit weights change on these pairs."""
        if isinstance(self.model, RewardModel):
            return measure_head(self.model, pairs, watch=watch)
        return measure_sequence_model(self.model, pairs, watch=watch)

    def save(self, folder: Path, more: Mapping[str, Any]) -> None:
        """Writes the model folder; `more` joins what its JSON says about it."""
        if isinstance(self.model, RewardModel):
            replace(self.model, about={**self.model.about, **more}).save(folder)
            return
        self.model.about = {**self.about, **more}
        self.model.save(folder)


def uncached(model: Model) -> Model:
    """The model as it computes every vector anew: nothing of the texts it scores is kept on disk."""
    if isinstance(model, RewardModel) and isinstance(model.encoder, SentenceEncoder):
        return replace(model, encoder=DirectEncoder(model.encoder, model.encoder.transformer()))
    return model


def fit_model(
    pairs: Pairs, settings: HeadSettings | FineTuning, folder: Path, watch: Watch, checkpoints: Checkpoints
) -> Fitted:
    """Trains either kind of model.

    Parameters
    ----------
    folder : for the checkpoints of a fine-tuning.
    checkpoints : for those of a head.
    """
    if isinstance(settings, HeadSettings):
        head = train(pairs, settings, watch, checkpoints)
        notes = [head.encoder.reason] if head.encoder.reason else []
        return Fitted(
            model=head,
            base=head.encoder.name,
            settings=settings,
            about=head.about,
            reason=head.encoder.reason,
            notes=notes,
        )
    learn, aside = _calibration_split(pairs, settings.seed)
    tuned = fine_tune(learn, settings, folder / "trainer", watch, aside)
    model, notes = tuned.model, [str(tuned.lengths)]
    if settings.flip_rate:
        notes.append(
            "the loss corrected for flipped labels has no lower bound of its own: a pair teaches nothing more once its"
            " margin towards its label is 10"
        )
    if settings.evaluate_every and not len(aside):
        notes.append("there are too few pairs to set some aside and look at them during the training")
    if tuned.early:
        notes.append(f"it ended after {tuned.steps:,} of {tuned.of_steps:,} steps, as nothing was gained any more")
    if len(aside):
        margin = model.margin(aside.prompt.tolist(), aside.response_a.tolist(), aside.response_b.tolist(), watch)
        model.temperature = fit_temperature(margin, aside.target, aside.weight)
        notes.append(
            f"{len(aside):,} training pairs of {aside.groups:,} prompt groups were not learned from: the temperature"
            " was fitted on them"
        )
    else:
        notes.append(
            "there are too few pairs to fit a temperature on some of them, so that its probabilities are as the"
            " training left them"
        )
    about = {
        "train": {
            "pairs": len(learn),
            "groups": learn.groups,
            "ties": learn.ties,
            "labels": pairs.labels,
            "set_aside": dict(pairs.set_aside),
        },
        "settings": settings.to_dict(),
        "temperature": model.temperature,
        **tuned.to_dict(),
    }
    return Fitted(
        model=model,
        base=Path(settings.base).name,
        settings=settings,
        about=about,
        reason="",
        notes=notes,
        lengths=tuned.lengths,
    )


def plain_settings(settings: HeadSettings | FineTuning) -> HeadSettings | FineTuning:
    """The same settings without anything that minds label noise."""
    if isinstance(settings, FineTuning):
        return replace(settings, smoothing=0.0, flip_rate=0.0, strength_margin=0.0)
    return replace(
        settings, loss="bradley-terry", smoothing=0.0, flips=0.0, margins=None, annotator_aware=False, members=0
    )


def without_each_source(fitted: Fitted, pairs: Pairs, truth: np.ndarray, watch: Watch = UNWATCHED) -> LeaveOneOut:
    """How well does a head like this one rank what comes from a source it was not trained on?

    Features and penalty stay those that were chosen with all sources; the coefficients are fitted without the source.

    Parameters
    ----------
    pairs : with the labels that are learned from.
    truth : (n,): the labels they are judged by; NaN where there is none.

    Raises
    ------
    WorkbenchError
        The model is no head, or the pairs name fewer than two sources.
    """
    model, settings = fitted.model, fitted.settings
    if not isinstance(model, RewardModel) or not isinstance(settings, HeadSettings):
        raise WorkbenchError(
            "Leaving out each source needs one training for each of them, which is done for heads only.",
            "Switch it off, or train a head.",
        )
    listed = list(leave_one_source_out(pairs))
    if len(listed) < 2:
        raise WorkbenchError(
            "The pairs name fewer than two sources.",
            "Choose a slice, such as the topic, that tells where pairs come from.",
        )
    features, loss = model.features(pairs, watch).matrix, loss_for(pairs, settings)
    margin = np.full(len(pairs), np.nan)
    for i, (_, learn, held) in enumerate(listed):
        watch.step(i, len(listed), "Leaving out each source")
        if len(learn):
            margin[held] = fit_head(features[learn], pairs.take(learn), settings, loss, model.head.penalty).margin(
                features[held]
            )
    return leave_one_out(margin, replace(pairs, target=np.where(np.isnan(truth), 0.5, truth)))


def _calibration_split(pairs: Pairs, seed: int) -> tuple[Pairs, Pairs]:
    """Pairs to learn from, and those for the temperature; none of these where they would be too few."""
    if pairs.groups < 20 or CALIBRATION_SHARE * len(pairs) < FEWEST_FOR_TEMPERATURE:
        return pairs, pairs.take(np.empty(0, np.int64))
    learn, aside = split_by_group(pairs, CALIBRATION_SHARE, np.random.default_rng(seed))
    return pairs.take(learn), pairs.take(aside)
