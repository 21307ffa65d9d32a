"""What keeps a training from being done, told before it is started."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from workbench.dataset.annotation_set import AnnotationSet
from workbench.errors import WorkbenchError
from workbench.messages import by, message
from workbench.reward.finetune import FineTuning
from workbench.reward.pairs import AUTOMATIC, pairs_of
from workbench.reward.run import settings_of


def check_training(
    config: Mapping[str, Any], data: AnnotationSet, evaluations: Mapping[str, AnnotationSet] | None = None
) -> None:
    """Refuses what would fail after the training, or at its begin.

    Parameters
    ----------
    config : of the run, see `workbench.reward.run`.
    evaluations : other pairs to judge by, by name.

    Raises
    ------
    WorkbenchError
        The data hold nothing to train on or to judge by, a source is to be left out where that cannot be done, the
        model or encoder is not on this machine, or the folder cannot be written.
    """
    settings = settings_of(config)
    slice_name = config.get("slice") or None
    pairs = pairs_of(data, str(config.get("labels") or AUTOMATIC), slice_name)
    if len(pairs) == 0 or not (pairs.target != 0.5).any():
        why = "; ".join(f"{n:,} {reason}" for reason, n in pairs.set_aside.items())
        raise WorkbenchError(
            "No pair has a label that prefers a side" + (f" ({why})." if why else "."),
            "Choose another label source, or look at what was set aside.",
        )
    for name, other in (evaluations or {}).items():
        if len(pairs_of(other, str(config.get("judge") or AUTOMATIC))) == 0:
            raise WorkbenchError(f"No pair of the evaluation set {name!r} has a label.", "Judge by other data.")
    if not evaluations and pairs.groups < 2:
        raise WorkbenchError(
            "All pairs belong to one prompt group, so none can be held out.",
            message("Name other data to evaluate on, ", by("evaluation"), "."),
        )
    if config.get("sources"):
        _check_sources(settings, {str(each) for each in pairs.source} - {""})
    if isinstance(settings, FineTuning):
        _check_base(settings)
    else:
        from workbench.reward.encoders import encoder_named

        encoder_named(settings.encoder)
    if config.get("out"):
        _check_folder(Path(str(config["out"])))


def _check_sources(settings: object, sources: Sequence[str] | set[str]) -> None:
    if isinstance(settings, FineTuning):
        raise WorkbenchError(
            "Leaving out each source needs one training for each of them, which is done for heads only.",
            "Switch it off, or train a head.",
        )
    if len(sources) < 2:
        raise WorkbenchError(
            "The pairs name fewer than two sources.",
            "Choose a slice, such as the topic, that tells where pairs come from.",
        )


def _check_base(settings: FineTuning) -> None:
    from workbench.reward.weights import find_weights

    place = find_weights(settings.base)
    if not (place / "config.json").is_file():
        raise WorkbenchError(
            f"The folder {place.name!r} holds no config.json.", "Name the folder of a transformers model."
        )


def _check_folder(place: Path) -> None:
    if place.exists() and not place.is_dir():
        raise WorkbenchError(f"{place} is a file.", "Name a folder.")
    there = next(p for p in (place, *place.absolute().parents) if p.is_dir())
    probe = there / ".workbench-probe"
    try:
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise WorkbenchError(
            f"{place} cannot be written ({(error.strerror or 'not writable').lower()}).", "Name another folder."
        ) from error
