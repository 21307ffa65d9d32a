"""Opens a model folder, whichever kind of reward model lies in it."""

from __future__ import annotations

from pathlib import Path

from workbench.errors import WorkbenchError
from workbench.reward.model import RewardModel, read_about
from workbench.reward.sequence_model import SequenceModel


def load_model(folder: Path | str) -> RewardModel | SequenceModel:
    """The reward model in a folder: a head on frozen features, or a fine-tuned sequence classifier.

    Raises
    ------
    WorkbenchError
        There is no model, or none that this version reads; only safetensors are opened.
    """
    place = Path(folder)
    kind = read_about(place).get("kind")
    if kind == "head":
        return RewardModel.load(place)
    if kind == "finetune":
        return SequenceModel.load(place)
    raise WorkbenchError(
        f"The model in {place.name} is of an unknown kind, {str(kind)[:40]!r}.",
        "Open it with the version that trained it.",
    )
