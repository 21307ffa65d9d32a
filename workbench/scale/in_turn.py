"""Something made of each bucket of a sharded set, a file each: scores, verdicts, candidates.

A file stands whole or not at all and is named after the content of its bucket. So what was stopped goes on where it
was, a bucket that is done twice counts once, and a later delivery has only its own buckets done.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench.drafts import drafted
from workbench.errors import WorkbenchError
from workbench.hashing import digest_of_strings
from workbench.progress import UNWATCHED, Watch
from workbench.scale.backends import Backend, Serial
from workbench.scale.part import Part, open_part, parts_of
from workbench.scale.shards import Shards

MADE_WITH = "made_with.json"
Make = Callable[..., None]
"""`make(part, file, *shared)` writes the file of a part. It is a function of a module, so that workers find it."""


@dataclass(frozen=True)
class Piece:
    """All rows of some items: the buckets of one number, of all deliveries.

    Attributes
    ----------
    number : of the buckets.
    buckets : their names.
    name : the number and a digest of the content.
    """

    number: int
    buckets: tuple[str, ...]
    name: str


def pieces_of(shards: Shards) -> list[Piece]:
    """The set in its smallest parts that hold whole items and prompts.

    >>> import tempfile
    >>> from workbench.scale.simulated import simulate_shards
    >>> made = simulate_shards(tempfile.mkdtemp(), 3_000, buckets=3, annotators=12, seed=3)
    >>> [(piece.number, len(piece.buckets)) for piece in pieces_of(made)]
    [(0, 1), (1, 1), (2, 1)]
    """
    named = {bucket.name: bucket for bucket in shards.buckets}
    found = []
    for names in parts_of(shards, rows=1):
        number = named[names[0]].number
        digest = digest_of_strings([[named[name].key for name in names]])
        found.append(Piece(number, names, f"{number:04d}-{digest[:8]}"))
    return found


def made_in_turn(
    make: Make,
    shards: Shards,
    folder: Path,
    ending: str,
    *shared: Any,
    settings: Mapping[str, Any],
    doing: str = "",
    backend: Backend | None = None,
    watch: Watch = UNWATCHED,
) -> list[Path]:
    """Has a file made of each piece that has none yet; all files, in the order of the pieces.

    Parameters
    ----------
    folder, ending : where the files stand, and how their names end, such as `.parquet`.
    shared : what `make` takes beside the part and the file.
    settings : what the files depend on beside the data; they are kept in the folder.

    Raises
    ------
    WorkbenchError
        The folder holds files made with other settings.
    """
    _same_settings(folder, settings)
    pieces = pieces_of(shards)
    files = [folder / f"{piece.name}{ending}" for piece in pieces]
    left = [(piece, file) for piece, file in zip(pieces, files, strict=True) if not file.exists()]
    for _ in (backend or Serial()).over(_made, left, make, shards, *shared, doing=doing, watch=watch):
        pass
    for outdated in set(folder.glob(f"[0-9]*-*{ending}")) - set(files):
        outdated.unlink()
    return files


def _made(one: tuple[Piece, Path], make: Make, shards: Shards, *shared: Any) -> None:
    piece, file = one
    part: Part = open_part(shards, piece.buckets)
    with drafted(file) as draft:
        make(part, draft, *shared)


def _same_settings(folder: Path, settings: Mapping[str, Any]) -> None:
    place, now = folder / MADE_WITH, json.dumps(dict(settings), sort_keys=True)
    folder.mkdir(parents=True, exist_ok=True)
    if not place.exists():
        with drafted(place) as draft:
            draft.write_text(now + "\n", "utf-8")
    elif place.read_text("utf-8").strip() != now:
        raise WorkbenchError(
            f"{folder} holds files that were made with other settings.", "Name another folder, or delete this one."
        )
