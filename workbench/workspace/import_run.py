"""Opening a large export as a run: queued behind other readings, watched, cancelled, and given up where nobody looks.

The page that shows how far it is touches a file in the run's folder; where that has not happened for a while, its tab
was closed, and the reading ends.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Protocol

from workbench.progress import Watch
from workbench.workspace.dataset_store import Shelf
from workbench.workspace.import_request import Request

WATCHED = "watched"
"""File of the run's folder that whoever looks at it touches."""
UNWATCHED_SECONDS = 180.0
"""After so long nobody looks any more; browsers wake the pages of hidden tabs once a minute."""


class Context(Protocol):
    """What a run hands its work."""

    @property
    def watch(self) -> Watch:
        """Is told each step."""

    @property
    def folder(self) -> Path:
        """Of the run."""


def import_config(request: Request, shelf: Shelf, name: str, opened_from: str, owner: str = "") -> dict[str, Any]:
    """What the run is started with.

    Parameters
    ----------
    name, opened_from, owner : how the data set is called on the shelf, where it came from, and whose login asks.
    """
    return {
        "request": request.to_json(),
        "shelf": str(shelf.folder.resolve()),
        "name": " ".join(name.split()),
        "opened_from": opened_from,
        "owner": owner,
    }


def looked_at(folder: Path) -> None:
    """Somebody sees the run in this folder; to be called more than once a minute."""
    with suppress(OSError):
        (folder / WATCHED).touch()


def import_run(config: Mapping[str, Any], run: Context) -> dict[str, Any]:
    """Reads the export and puts it on the shelf.

    Returns
    -------
    `key` of the data set.
    """
    looked_at(run.folder)
    watched = run.folder / WATCHED

    def stop_asked() -> bool:
        return run.watch.stop_asked() or time.time() - watched.stat().st_mtime > UNWATCHED_SECONDS

    watch = Watch(run.watch.on_step, stop_asked)
    data = Request.from_json(config["request"]).read(watch)
    watch.step(0, 0, "Keeping it on this machine")
    shelf = Shelf(Path(config["shelf"]))
    return {"key": shelf.keep(data, config["name"], config["opened_from"], owner=config.get("owner", "")).key}
