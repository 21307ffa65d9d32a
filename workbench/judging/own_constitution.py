"""The constitution of this installation: edited on the page, each version kept, judges asked by the last one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from workbench.errors import WorkbenchError
from workbench.judging.constitution import (
    Constitution,
    Principle,
    default_constitution,
    read_constitution,
    write_constitution,
)
from workbench.locations import judging_folder

FILE = "constitution.toml"


def own_constitution() -> Constitution:
    """The last version that was kept, or our own twelve where none was.

    Raises
    ------
    WorkbenchError : the file is there and is no constitution.
    """
    path = judging_folder() / FILE
    return read_constitution(path) if path.exists() else default_constitution()


def keep_constitution(edited: Constitution) -> Path:
    """Keeps a constitution as the one judges are asked by from now on; a copy under its version stays for runs."""
    folder = judging_folder()
    (folder / "constitutions").mkdir(parents=True, exist_ok=True)
    write_constitution(edited, folder / "constitutions" / f"{edited.version}.toml")
    return write_constitution(edited, folder / FILE)


def file_for_runs() -> str | None:
    """The file a run reads its constitution from: that of the present version, which no later edit changes; None for
    our own twelve.
    """
    found = own_constitution()
    if found.version == default_constitution().version:
        return None
    path = judging_folder() / "constitutions" / f"{found.version}.toml"
    if not path.exists():
        keep_constitution(found)
    return str(path.resolve())


def principles_of_rows(rows: Sequence[Mapping[str, Any]]) -> tuple[Principle, ...]:
    """Principles from the rows of a table with `id`, `weight`, `dimension` and `text`; empty rows are left out.

    Raises
    ------
    WorkbenchError : a row lacks its id or text, or its weight is no number.
    """
    made = []
    for number, row in enumerate(rows, 1):
        name, text, dimension = (_words(row.get(part)) for part in ("id", "text", "dimension"))
        if not name and not text:
            continue
        if not name or not text:
            raise WorkbenchError(
                f"Principle {number} has no {'text' if name else 'id'}.", "Fill it in, or remove the row."
            )
        try:
            weight = float(row.get("weight", 1.0))
        except (TypeError, ValueError) as error:
            raise WorkbenchError(f"The weight of {name[:40]} is no number.", "Give 0 or more.") from error
        made.append(Principle(name, text, weight, dimension))
    return tuple(made)


def _words(cell: object) -> str:
    """The words of a cell; an empty one comes as None or NaN."""
    return " ".join(cell.split()) if isinstance(cell, str) else ""


def edit_constitution(rows: Sequence[Mapping[str, Any]], now: datetime) -> Constitution:
    """The present constitution with other principles, kept; the version before it goes into its history.

    Raises
    ------
    WorkbenchError : a row is not possible.
    """
    edited = own_constitution().edited(principles_of_rows(rows), now)
    keep_constitution(edited)
    return edited
