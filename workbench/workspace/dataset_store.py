"""The shelf: data sets opened in the pages, kept on disk under their content key, so that a link still works
tomorrow.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from workbench.dataset.annotation_set import AnnotationSet
from workbench.errors import WorkbenchError
from workbench.formats.writers.native import read_own, write_own
from workbench.scale.part import Part, open_part
from workbench.scale.shards import open_shards

_KEY = re.compile(r"[0-9a-f]{16,64}")
_TOKEN = re.compile(r"[0-9a-f]{10}")


@dataclass(frozen=True, kw_only=True)
class Kept:
    """One data set on the shelf.

    Attributes
    ----------
    key : its content key.
    name : what people call it: the file names, or the name of the demo.
    opened_from : where it came from: `upload`, `demo`, or a path on this machine.
    opened_at : when it was last opened, UTC, ISO 8601.
    counts : annotations, items, annotators.
    original : key of the data set it was made from by cleaning; empty where it was opened from a file.
    cleaning : the rules it was cleaned by, as Python.
    owners : logins of those who opened it themselves; empty where it was opened without a login, and so is everybody's.
    sharded : folder of the sharded set of which it is a part, which stays where it is; empty for any other.
    buckets : of that part.
    """

    key: str
    name: str
    opened_from: str
    opened_at: str
    counts: dict[str, int]
    original: str = ""
    cleaning: str = ""
    owners: tuple[str, ...] = ()
    sharded: str = ""
    buckets: tuple[str, ...] = ()


class Shelf:
    """A folder of opened data sets, one file each, named by content key.

    Parameters
    ----------
    folder : where the data sets lie; made when the first one is kept.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = Path(folder)

    def path(self, key: str) -> Path:
        """Where a data set with this key lies, whether or not it is there.

        Raises
        ------
        WorkbenchError
            This cannot be a key.
        """
        if not _KEY.fullmatch(str(key)):
            raise WorkbenchError("This link names no data set.", "Open the file again on the Start page.")
        return self.folder / f"{key}.pwb"

    def keep(
        self,
        data: AnnotationSet,
        name: str,
        opened_from: str,
        *,
        copy: bool = True,
        original: str = "",
        cleaning: str = "",
        owner: str = "",
    ) -> Kept:
        """Puts a data set on the shelf (again) and says what it is called there.

        Parameters
        ----------
        data, name, opened_from, original, cleaning : as in `Kept`.
        owner : login of who opens it now; who brings the same content again is an owner too, and what was everybody's
            stays so.
        copy : False notes its card only, for data that can be made again from its origin.
        """
        path = self.path(data.key)
        self.folder.mkdir(parents=True, exist_ok=True)
        if copy and not path.exists() and not is_part(data):
            write_own(data, path)
        self._sweep()
        before = self.about(data.key)
        kept = self.card(data, name, opened_from, original, cleaning, _owners(before, owner))
        _replace(path.with_suffix(".json"), json.dumps(asdict(kept)).encode())
        return kept

    @staticmethod
    def card(
        data: AnnotationSet,
        name: str,
        opened_from: str,
        original: str = "",
        cleaning: str = "",
        owners: tuple[str, ...] = (),
    ) -> Kept:
        """What the shelf says of a data set opened now."""
        counts = {"annotations": len(data.annotations), "items": len(data.items), "annotators": len(data.annotators)}
        return Kept(
            key=data.key,
            name=name,
            opened_from=opened_from,
            opened_at=_now(),
            counts=counts,
            original=original,
            cleaning=cleaning,
            owners=owners,
            **where_of(data),
        )

    def read(self, key: str) -> AnnotationSet:
        """The data set with this key.

        Raises
        ------
        WorkbenchError
            It is not on this shelf.
        """
        path, card = self.path(key), self.about(key)
        if card is not None and card.sharded:
            return open_again(key, card)
        if not path.exists():
            raise WorkbenchError(
                f"The data set {key[:8]} is not on this machine any more.", "Open the file again on the Start page."
            )
        return read_own(path)

    def about(self, key: str) -> Kept | None:
        """What is known of a data set, or None."""
        card = self.path(key).with_suffix(".json")
        try:
            told = json.loads(card.read_text("utf-8"))
            lists = {name: tuple(told.get(name, ())) for name in ("owners", "buckets")}
            return Kept(**told | lists)
        except (OSError, ValueError, TypeError):
            return None

    def remove(self, key: str) -> None:
        """Takes a data set off the shelf for good, with the choices of items kept with it."""
        path = self.path(key)
        path.with_suffix(".json").unlink(missing_ok=True)
        for folder in (path, path.with_suffix(".choices")):
            shutil.rmtree(folder, ignore_errors=True)

    def listing(self, limit: int = 20) -> list[Kept]:
        """Data sets on the shelf, the last opened first."""
        cards = [self.about(card.stem) for card in self.folder.glob("*.json") if _KEY.fullmatch(card.stem)]
        return sorted((c for c in cards if c is not None), key=lambda c: c.opened_at, reverse=True)[:limit]

    def _sweep(self) -> None:
        """Removes what a stopped process left half written, a day later."""
        for folder in self.folder.glob(".writing-*"):
            if time.time() - folder.stat().st_mtime > 24 * 3600:
                shutil.rmtree(folder, ignore_errors=True)

    def keep_items(self, key: str, items: np.ndarray | Sequence[int], title: str) -> str:
        """Remembers a choice of items under a short token, for a link that shows exactly these."""
        positions = np.unique(np.asarray(items, np.int64))
        token = hashlib.blake2b(positions.tobytes() + title.encode(), digest_size=5).hexdigest()
        folder = self.path(key).with_suffix(".choices")
        folder.mkdir(parents=True, exist_ok=True)
        _replace(folder / f"{token}.json", json.dumps({"title": title, "items": positions.tolist()}).encode())
        return token

    def items(self, key: str, token: str) -> tuple[np.ndarray, str] | None:
        """The items behind a token and the title they were chosen under, or None where the token is unknown."""
        if not _TOKEN.fullmatch(str(token)):
            return None
        try:
            stored = json.loads((self.path(key).with_suffix(".choices") / f"{token}.json").read_text("utf-8"))
        except (OSError, ValueError):
            return None
        return np.array(stored["items"], np.int64), str(stored["title"])


def is_part(data: AnnotationSet) -> bool:
    """Whether it is some buckets of a sharded set, which lies elsewhere and is not copied."""
    return isinstance(data, Part) and data.shards is not None


def where_of(data: AnnotationSet) -> dict[str, Any]:
    """What a card says of a part of a sharded set; nothing of any other set."""
    if not isinstance(data, Part) or data.shards is None:
        return {}
    return {"sharded": str(data.shards.folder.resolve()), "buckets": data.buckets}


def open_again(key: str, card: Kept) -> AnnotationSet:
    """The part of a sharded set that a card stands for.

    Raises
    ------
    WorkbenchError
        The set is not there any more, or has other rows by now.
    """
    data = open_part(open_shards(card.sharded), card.buckets)
    if data.key != key:
        raise WorkbenchError(
            "The sharded set has changed since this link was made.", "Open it again on the Start page."
        )
    return data


def _replace(path: Path, content: bytes) -> None:
    """Writes a file whole or not at all."""
    draft = path.with_name(f".{path.name}.{os.getpid()}.{os.urandom(4).hex()}")
    draft.write_bytes(content)
    draft.replace(path)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _owners(before: Kept | None, owner: str) -> tuple[str, ...]:
    """Whose a data set is after somebody opened it: what was everybody's stays so."""
    if before is not None and not before.owners:
        return ()
    held = () if before is None else before.owners
    return tuple(sorted({o for o in (*held, owner) if o}))
