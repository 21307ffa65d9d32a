"""The cells of a study, each done once: what is finished stays on disk as a line of JSON, and a run that was killed
goes on with the next.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from workbench.errors import WorkbenchError
from workbench.progress import UNWATCHED, Watch


class Cells:
    """Finished cells, by key.

    Parameters
    ----------
    path : a file of JSON lines; None keeps them in memory only. A last line that a kill cut short is forgotten.
    recipe : what all cells depend on (data, settings). Cells made by another recipe are not taken over.

    >>> cells = Cells()
    >>> cells.put("a", {"right": [1.0]})
    >>> "a" in cells, cells["a"]
    (True, {'right': [1.0]})
    """

    def __init__(self, path: Path | None = None, recipe: str = "") -> None:
        self.path = path
        self.recipe = recipe
        self._done: dict[str, dict[str, Any]] = {}
        if path is not None and path.exists():
            self._read(path)

    def __contains__(self, key: str) -> bool:
        return key in self._done

    def __getitem__(self, key: str) -> dict[str, Any]:
        return self._done[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._done)

    def __len__(self) -> int:
        return len(self._done)

    def put(self, key: str, record: Mapping[str, Any]) -> None:
        """Keeps a finished cell; on return it is on disk. What is kept is what a later reader reads."""
        line = json.dumps({"cell": key, "recipe": self.recipe, "record": dict(record)}, allow_nan=False)
        if self.path is not None:
            self.path.parent.mkdir(exist_ok=True)
            with self.path.open("a", encoding="utf-8") as stream:
                stream.write(line + "\n")
                stream.flush()
                os.fsync(stream.fileno())
        self._done[key] = json.loads(line)["record"]

    def _read(self, path: Path) -> None:
        text = path.read_text("utf-8", errors="replace")
        whole, _, torn = text.rpartition("\n")
        if torn:
            # What follows is written on a line of its own.
            os.truncate(path, len(whole.encode("utf-8")) + (1 if whole else 0))
        for line in whole.splitlines():
            try:
                found = json.loads(line)
                if found["recipe"] == self.recipe:
                    self._done[str(found["cell"])] = found["record"]
            except (ValueError, KeyError, TypeError) as error:
                raise WorkbenchError(
                    f"{path.name} holds a line that is not a cell of a study.",
                    "Delete the file to begin the study anew.",
                ) from error


def finish(
    cells: Cells,
    work: Sequence[tuple[str, Callable[[], Mapping[str, Any]]]],
    watch: Watch = UNWATCHED,
    doing: str = "Training",
) -> dict[str, dict[str, Any]]:
    """Does what is not done yet, one cell after the other, and gives the records of all of them.

    A cell depends on its key and on the recipe, never on what was done before it: so a study that was killed and
    resumed ends as one that was not.

    Parameters
    ----------
    work : key of each cell, and what makes its record.
    """
    for number, (key, make) in enumerate(work):
        figures = _shown(cells[key]) if key in cells else {}
        watch.step(number, len(work), doing, **figures)
        if key not in cells:
            cells.put(key, make())
    watch.step(len(work), len(work), doing, **(_shown(cells[work[-1][0]]) if work else {}))
    return {key: cells[key] for key, _ in work}


def _shown(record: Mapping[str, Any]) -> dict[str, float]:
    """The accuracy a live view shows for a finished cell."""
    last = record.get("curve", [record])[-1]
    if "n" not in last or not sum(last["n"]):
        return {}
    return {"accuracy": sum(last["right"]) / sum(last["n"]), "loss": sum(last["loss"]) / sum(last["n"])}
