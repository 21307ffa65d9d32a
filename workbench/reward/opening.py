"""Opens any reward model: a head of the workbench, a fine-tuned model, or a classifier made elsewhere."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from workbench.errors import WorkbenchError
from workbench.reward import calibrator
from workbench.reward.calibrator import Calibrator
from workbench.reward.classifiers import is_classifier
from workbench.reward.model import RewardModel, read_about
from workbench.reward.sequence_model import ABOUT, SequenceModel
from workbench.reward.tokens import OverLength


def load_model(
    folder: Path | str, *, max_length: int | None = None, over_length: OverLength | None = None
) -> RewardModel | SequenceModel:
    """The reward model in a folder, with its calibration where one lies beside it.

    A head on frozen features, a model that was fine-tuned here, a sequence classifier of transformers (one score, or
    two classes; in one file or in shards), or a LoRA adapter with its base.

    Parameters
    ----------
    folder : of the model, or the name of one that is on this machine.
    max_length, over_length : tokens a sequence classifier reads, and how longer texts are cut; by default as it was
        trained, or what it can.

    Raises
    ------
    WorkbenchError
        There is no model, or none that this version reads; only safetensors are opened.
    """
    place = model_folder(folder)
    model: RewardModel | SequenceModel
    if (place / ABOUT).is_file() or not is_classifier(place):
        kind = read_about(place).get("kind")
        if kind not in ("head", "finetune"):
            raise WorkbenchError(
                f"The model in {place.name} is of an unknown kind, {str(kind)[:40]!r}.",
                "Open it with the version that trained it.",
            )
        model = RewardModel.load(place) if kind == "head" else SequenceModel.load(place, max_length)
    else:
        model = SequenceModel.load(place, max_length)
    if over_length is not None and isinstance(model, SequenceModel):
        model.over_length = over_length
    kept = place / calibrator.FILE
    return calibrated(model, Calibrator.load(kept)) if kept.is_file() else model


def model_folder(name: Path | str) -> Path:
    """Where a model lies: the folder itself, or where the weights of that name are on this machine."""
    place = Path(name).expanduser()
    if place.exists():
        return place
    from workbench.reward.weights import find_weights

    try:
        return find_weights(str(name))
    except WorkbenchError:
        return place  # whose reader says what is not there


def calibrated(model: RewardModel | SequenceModel, by: Calibrator) -> RewardModel | SequenceModel:
    """The model with another way from margins to probabilities; a sequence model is changed in place."""
    curve = by if by.method == "isotonic" else None
    if isinstance(model, RewardModel):
        return replace(model, temperature=by.temperature, calibrator=curve)
    model.temperature, model.calibrator = by.temperature, curve
    return model
