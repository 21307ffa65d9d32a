"""Deleting a data set with everything that was made from it."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from workbench.errors import WorkbenchError
from workbench.judging.allowed import forget_scope
from workbench.locations import judging_folder
from workbench.routing.work import routing_folder
from workbench.workspace.dataset_store import Shelf
from workbench.workspace.projects import Projects

_SMALL = 10_000_000
_SAYS = ("config.json", "result.json", "status.json")
"""Files of a run that name the data it is about."""


@dataclass(frozen=True)
class Deleted:
    """What was deleted.

    Attributes
    ----------
    keys : the data set and those cleaned from it.
    runs : ids of runs that were about one of them, with all their files.
    noted : rows of projects that named one of them.
    """

    keys: tuple[str, ...]
    runs: tuple[str, ...]
    noted: int


def delete_dataset(key: str, shelf: Shelf, runs: Path, projects: Projects) -> Deleted:
    """Deletes a data set, the sets that were cleaned from it, their runs, what AI judges and routings wrote about them,
    and what projects note.

    Vectors of texts are kept apart under hashes and hold no prompt or response; they stay. So do anchors that were
    frozen for a project: they belong to the project.

    Parameters
    ----------
    runs : the folder of the runs.
    """
    keys = [key]
    cards = shelf.listing(limit=1_000_000)
    for known in keys:
        keys += [c.key for c in cards if c.original == known and c.key not in keys]
    gone = [folder for folder in _folders(runs) if any(k in _says(folder) for k in keys)]
    routed, uploads = _routed(gone)
    for folder in [*gone, *routed, *(f for k in keys for f in judging_folder().glob(f"{k[:12]}-*"))]:
        shutil.rmtree(folder, ignore_errors=True)
    rest = "\n".join(_says(folder) for folder in _folders(runs))
    for file in uploads:
        if file.name not in rest:
            file.unlink(missing_ok=True)
    for each in keys:
        forget_scope(f"data {each}")
        shelf.remove(each)
    return Deleted(tuple(keys), tuple(folder.name for folder in gone), sum(projects.forget(k) for k in keys))


def delete_expired(shelf: Shelf, runs: Path, projects: Projects, now: datetime | None = None) -> list[Deleted]:
    """Deletes every data set whose retention time is over."""
    return [delete_dataset(key, shelf, runs, projects) for key in projects.expired(now)]


def _routed(runs: list[Path]) -> tuple[list[Path], list[Path]]:
    """Folders of the live routings behind these runs, and the files that were handed in for them."""
    folders, files = [], []
    for run in runs:
        try:
            config = json.loads((run / "config.json").read_text("utf-8"))["config"]
            folders.append(routing_folder(config))
        except (OSError, ValueError, KeyError, TypeError, WorkbenchError):
            continue
        kept = (Path(name) for part in ("pool", "labels") for name in config.get(part, ()))
        files += [path for path in kept if path.parent == (judging_folder() / "routing" / "files").resolve()]
    return folders, files


def _folders(runs: Path) -> list[Path]:
    return [folder for folder in sorted(runs.iterdir()) if folder.is_dir()] if runs.is_dir() else []


def _says(folder: Path) -> str:
    """What a run says of its data, as text."""
    files = [folder / name for name in _SAYS]
    return "\n".join(f.read_text("utf-8", "replace") for f in files if f.is_file() and f.stat().st_size < _SMALL)
