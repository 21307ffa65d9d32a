"""The lines of the verdict that a workspace draws itself, in one TOML file beside its data sets."""

from __future__ import annotations

from pathlib import Path

from workbench.auditing.thresholds import Thresholds, read_thresholds
from workbench.drafts import drafted

NAME = "thresholds.toml"


def own_thresholds(folder: Path) -> Thresholds:
    """The lines of this workspace; the defaults where it has drawn none.

    Raises
    ------
    WorkbenchError
        Its file cannot be read.
    """
    path = Path(folder) / NAME
    return read_thresholds(path) if path.exists() else Thresholds()


def keep_thresholds(folder: Path, lines: Thresholds) -> Path:
    """Writes them, whole or not at all; the defaults are kept by keeping nothing."""
    path = Path(folder) / NAME
    if not lines.changed:
        path.unlink(missing_ok=True)
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    with drafted(path) as draft:
        draft.write_text(lines.to_toml(), "utf-8")
    return path
