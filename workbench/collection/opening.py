"""A label store opened as the data set that was collected in it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from workbench.dataset.annotation_set import AnnotationSet
from workbench.errors import WorkbenchError

_MAGIC = b"SQLite format 3\x00"


def is_store(named: str | Path) -> bool:
    """Whether this names a label store: its URL, or a SQLite file with its tables; `#BATCH` behind it names a batch.

    >>> is_store("postgresql://me@db/labels"), is_store("votes.csv")
    (True, False)
    """
    place, _ = _parts(named)
    if place.startswith(("sqlite:///", "postgresql://", "postgresql+")):
        return True
    file = Path(place).expanduser()
    try:
        with file.open("rb") as opened:
            if opened.read(16) != _MAGIC:
                return False
        # Somebody else's database is only looked at, never opened as a store: that would make our tables in it.
        with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as connection:
            names = {row[0] for row in connection.execute("SELECT name FROM sqlite_master")}
    except (OSError, ValueError, sqlite3.Error):
        return False
    return {"judgement", "lease", "item"} <= names


def open_store(named: str | Path) -> AnnotationSet:
    """The labels so far of a store's batch.

    Parameters
    ----------
    named : as for `is_store`.

    Raises
    ------
    WorkbenchError
        It is no label store, has several batches and none is named, or nothing has been judged yet.
    """
    from workbench.collection.collected import collected
    from workbench.collection.store import Store

    place, batch = _parts(named)
    if place.startswith("sqlite:///") and not Path(place.removeprefix("sqlite:///")).exists():
        raise WorkbenchError(f"{place}: there is no such file.", "Check the path.")
    with closing(Store(place)) as store:
        return collected(store, batch)


def _parts(named: str | Path) -> tuple[str, str | None]:
    place, _, batch = str(named).partition("#")
    return (place, batch) if batch else (place, None)
