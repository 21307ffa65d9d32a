"""What turns texts into vectors: sentence encoders that lie on this machine, and a hashed one that always works."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from workbench.errors import WorkbenchError
from workbench.progress import UNWATCHED, Watch
from workbench.reward.windows import LongTexts

DEFAULT = "all-MiniLM-L6-v2"
"""Used where no encoder is named and it lies on this machine."""

HASHED = "hashed"
"""Hashed words and characters: needs no weights, and so always works."""


class Encoder(Protocol):
    """Turns texts into vectors; the same text always gives the same vector."""

    @property
    def name(self) -> str:
        """What people call it."""

    @property
    def key(self) -> str:
        """Content hash of everything its vectors depend on (32 hex digits)."""

    @property
    def dim(self) -> int:
        """Length of its vectors."""

    @property
    def reason(self) -> str:
        """Why it is used instead of the one asked for; empty where it is that one."""

    def encode(self, texts: Sequence[str], watch: Watch = UNWATCHED) -> np.ndarray:
        """Vectors of these texts, float32 (n, dim)."""

    def fitted(self, texts: Sequence[str], watch: Watch = UNWATCHED) -> Encoder:
        """The encoder ready for use: learned from these texts where it has something to learn, otherwise itself."""

    def views(self) -> tuple[Encoder, ...]:
        """Itself and whatever else the same weights can say about a text, such as an inner layer's vectors."""

    def record(self) -> dict[str, Any]:
        """What a model's JSON keeps so that the encoder can be found again."""

    def arrays(self) -> Mapping[str, np.ndarray]:
        """What it has learned, kept with the model's weights."""


def encoder_named(name: str | Path | None = None, long: LongTexts = "windows") -> Encoder:
    """The encoder of that name or in that folder.

    Parameters
    ----------
    name : a sentence-transformers model by its folder, or by a name that is on this machine; `NAME@4` takes the mean of
        its fourth layer; `hashed` for the one without weights. Without a name, all-MiniLM-L6-v2, or `hashed` with the
        reason where that is not here.
    long : how texts are read that are longer than the encoder reads at once.

    Raises
    ------
    WorkbenchError
        There is no such folder, its weights are no safetensors, or the model is not on this machine and downloads are
        off.

    Examples
    --------
    >>> encoder_named("hashed").name
    'hashed'
    """
    from workbench.reward.hashed import HashedEncoder
    from workbench.reward.sentence import SentenceEncoder
    from workbench.reward.weights import find_weights

    if str(name) == HASHED:
        return HashedEncoder()
    asked = DEFAULT if name is None else str(name)
    place, _, layer = asked.rpartition("@") if asked.rpartition("@")[2].isdigit() else (asked, "", "")
    try:
        folder = find_weights(place)
    except WorkbenchError as error:
        if name is not None:
            raise
        return HashedEncoder(
            reason=(
                f"{DEFAULT} is not on this machine ({error.what.rstrip('.')}), so that texts are encoded by their words"
                " alone"
            )
        )
    by_path = Path(place).expanduser().is_dir()
    return SentenceEncoder(
        folder, int(layer) if layer else None, Path(place).name if by_path else place, by_path=by_path, long=long
    )


def encoder_recorded(record: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> Encoder:
    """The encoder a model was trained with.

    Raises
    ------
    WorkbenchError
        It is not on this machine, or another one bears its name.
    """
    from workbench.reward.hashed import HashedEncoder
    from workbench.reward.sentence import SentenceEncoder
    from workbench.reward.weights import find_weights

    if record.get("kind") == HASHED:
        return HashedEncoder.recorded(record, arrays)
    if not record.get("name"):
        raise ValueError("its encoder has no name")
    name, layer = str(record["name"]), record.get("layer")
    named = Path(str(record.get("folder", "")))
    by_path = bool(record.get("folder")) and named.is_dir()
    long: LongTexts = "windows" if record.get("long") == "windows" else "cut"  # as models of earlier versions read
    place = named if by_path else find_weights(name)
    encoder = SentenceEncoder(place, None if layer is None else int(layer), name, by_path=by_path, long=long)
    if encoder.key != record.get("key"):
        raise WorkbenchError(
            f"The encoder {name!r} on this machine is not the one the model was trained with: its weights or its"
            " tokenizer differ.",
            "Put the folder of the original encoder in its place, or train the model again.",
        )
    return encoder
