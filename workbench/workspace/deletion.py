"""Deleting a data set with everything that was made from it."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

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
    """Deletes a data set, the sets that were cleaned from it, their runs, and what projects note about them.

    Vectors of texts and answers of judges are kept apart under hashes and hold no prompt or response; they stay.

    Parameters
    ----------
    runs : the folder of the runs.
    """
    keys = [key]
    cards = shelf.listing(limit=1_000_000)
    for known in keys:
        keys += [c.key for c in cards if c.original == known and c.key not in keys]
    gone = [folder for folder in _folders(runs) if any(k in _says(folder) for k in keys)]
    for folder in gone:
        shutil.rmtree(folder, ignore_errors=True)
    for each in keys:
        shelf.remove(each)
    return Deleted(tuple(keys), tuple(folder.name for folder in gone), sum(projects.forget(k) for k in keys))


def delete_expired(shelf: Shelf, runs: Path, projects: Projects, now: datetime | None = None) -> list[Deleted]:
    """Deletes every data set whose retention time is over."""
    return [delete_dataset(key, shelf, runs, projects) for key in projects.expired(now)]


def _folders(runs: Path) -> list[Path]:
    return [folder for folder in sorted(runs.iterdir()) if folder.is_dir()] if runs.is_dir() else []


def _says(folder: Path) -> str:
    """What a run says of its data, as text."""
    files = [folder / name for name in _SAYS]
    return "\n".join(f.read_text("utf-8", "replace") for f in files if f.is_file() and f.stat().st_size < _SMALL)
