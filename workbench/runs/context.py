"""What a piece of work is handed when it runs: somebody who watches, a place to keep its state, a folder for what it
makes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from workbench.checkpoints import Checkpoints
from workbench.progress import UNWATCHED, Watch
from workbench.runs.folder import log


@dataclass(frozen=True)
class RunContext:
    """Handed to the function behind a kind: `work(config, run) -> result`.

    Attributes
    ----------
    folder : of the run; what it makes goes there, such as `folder / "model"`.
    checkpoints : state that survives a kill; a resumed run finds what was saved last.
    watch : to be told each step; raises `Cancelled` where somebody asked to stop.
    attempt : 1, and one more for each time it was resumed.
    """

    folder: Path
    checkpoints: Checkpoints
    watch: Watch = field(default=UNWATCHED)
    attempt: int = 1

    def log(self, text: str) -> None:
        """Adds a line to the run's log: never the text of an annotation."""
        log(self.folder, text)
