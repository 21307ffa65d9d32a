"""What a long piece of work keeps on disk so that it can go on where it was: arrays and a note, never a pickle."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from workbench.errors import WorkbenchError


class Checkpoints(Protocol):
    """Where a piece of work keeps its state."""

    def save(self, name: str, arrays: Mapping[str, np.ndarray], note: Mapping[str, Any]) -> None:
        """Replaces what was kept under that name, all of it or nothing."""

    def load(self, name: str) -> tuple[dict[str, np.ndarray], dict[str, Any]] | None:
        """What was kept under that name, or None."""


class NoCheckpoints:
    """Keeps nothing: for work of a few seconds."""

    def save(self, name: str, arrays: Mapping[str, np.ndarray], note: Mapping[str, Any]) -> None:
        """Does nothing."""

    def load(self, name: str) -> tuple[dict[str, np.ndarray], dict[str, Any]] | None:  # noqa: ARG002
        """Nothing was kept."""
        return None


class FolderCheckpoints:
    """Keeps each state in one safetensors file of a folder, the note in its header; a file is replaced in one move.

    Parameters
    ----------
    folder : is made where it is missing.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def save(self, name: str, arrays: Mapping[str, np.ndarray], note: Mapping[str, Any]) -> None:
        """Replaces what was kept under that name: a reader sees the old state or the new one, also after a loss of
        power.
        """
        from safetensors.numpy import save

        self.folder.mkdir(exist_ok=True)  # not its parents: a run's folder that was deleted stays deleted
        content = save(
            {key: np.ascontiguousarray(value) for key, value in arrays.items()},
            metadata={"note": json.dumps(dict(note))},
        )
        draft = self.folder / f".{name}.draft"
        with draft.open("wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        draft.replace(self._file(name))

    def load(self, name: str) -> tuple[dict[str, np.ndarray], dict[str, Any]] | None:
        """What was kept under that name, or None.

        Raises
        ------
        WorkbenchError : the file is there and cannot be read.
        """
        from safetensors import SafetensorError, safe_open

        path = self._file(name)
        if not path.exists():
            return None
        try:
            with safe_open(str(path), framework="numpy") as kept:
                return {key: kept.get_tensor(key) for key in kept.keys()}, json.loads((kept.metadata() or {})["note"])  # noqa: SIM118
        except (SafetensorError, OSError, KeyError, ValueError) as error:
            raise WorkbenchError(
                f"The checkpoint {path.name} cannot be read ({type(error).__name__}).",
                "Delete the run's checkpoints folder to begin it again from its start.",
            ) from error

    def _file(self, name: str) -> Path:
        if not re.fullmatch(r"[\w.-]+", name) or name.startswith("."):
            raise ValueError(f"{name!r} cannot name a checkpoint")
        return self.folder / f"{name}.safetensors"
