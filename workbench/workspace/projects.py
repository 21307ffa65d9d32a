"""Projects: deliveries in order, lines of the verdict with their history, recipes, notes and decisions, in one file.

Several people work on a project at once. Every change is one transaction (write-ahead log, one writer at a time, the
others wait), so that nothing is half applied; notes and decisions are only ever added; lines are drawn on the version
that was seen, and refused where somebody drew others meanwhile.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from workbench.auditing.thresholds import Thresholds, thresholds_of
from workbench.errors import WorkbenchError

NAME = "projects.sqlite"
_WAIT_SECONDS = 30.0
_LONGEST = 10_000
_SCHEMA = """
CREATE TABLE IF NOT EXISTS project (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, owner TEXT NOT NULL, made_at TEXT NOT NULL, keep_days INTEGER);
CREATE TABLE IF NOT EXISTS member (
    project INTEGER NOT NULL REFERENCES project ON DELETE CASCADE, who TEXT NOT NULL, PRIMARY KEY (project, who));
CREATE TABLE IF NOT EXISTS delivery (
    id INTEGER PRIMARY KEY, project INTEGER NOT NULL REFERENCES project ON DELETE CASCADE, key TEXT NOT NULL,
    name TEXT NOT NULL, day TEXT NOT NULL, vendor TEXT NOT NULL, price REAL, added_by TEXT NOT NULL,
    added_at TEXT NOT NULL, UNIQUE (project, key));
CREATE TABLE IF NOT EXISTS lines (
    version INTEGER NOT NULL, project INTEGER NOT NULL REFERENCES project ON DELETE CASCADE, at TEXT NOT NULL,
    who TEXT NOT NULL, why TEXT NOT NULL, content TEXT NOT NULL, PRIMARY KEY (project, version));
CREATE TABLE IF NOT EXISTS recipe (
    project INTEGER NOT NULL REFERENCES project ON DELETE CASCADE, vendor TEXT NOT NULL, at TEXT NOT NULL,
    who TEXT NOT NULL, content TEXT NOT NULL, PRIMARY KEY (project, vendor));
CREATE TABLE IF NOT EXISTS entry (
    id INTEGER PRIMARY KEY, project INTEGER NOT NULL REFERENCES project ON DELETE CASCADE, key TEXT NOT NULL,
    at TEXT NOT NULL, who TEXT NOT NULL, kind TEXT NOT NULL, what TEXT NOT NULL, why TEXT NOT NULL);
"""
KINDS = ("note", "set aside", "gold repaired", "accepted", "sent back", "lines", "other")
"""What an entry of the trail can be."""


@dataclass(frozen=True, kw_only=True)
class Project:
    """A project.

    Attributes
    ----------
    id, name : its number and its name.
    owner, members : who made it, and who else may see it; '' where there is no login.
    made_at : UTC, ISO 8601.
    keep_days : days after which a delivery's data are deleted; None = kept.
    """

    id: int
    name: str
    owner: str
    members: tuple[str, ...]
    made_at: str
    keep_days: int | None


@dataclass(frozen=True, kw_only=True)
class Delivered:
    """A delivery of a project: the key of its data set, and what is known about it."""

    key: str
    name: str
    day: str
    vendor: str
    price: float | None
    added_by: str
    added_at: str


@dataclass(frozen=True, kw_only=True)
class Lines:
    """The lines of a project's verdict as they were drawn at one time; version 0 = the defaults, never drawn."""

    version: int
    thresholds: Thresholds
    who: str = ""
    why: str = ""
    at: str = ""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One line of the trail: who did or said what about which delivery (key, '' = the project), when, and why."""

    id: int
    key: str
    at: str
    who: str
    kind: str
    what: str
    why: str


class Projects:
    """All projects of a workspace.

    Parameters
    ----------
    folder : where their file lies; made when the first project is.

    Examples
    --------
    >>> import tempfile
    >>> projects = Projects(Path(tempfile.mkdtemp()))
    >>> made = projects.make("Helpfulness", "ann@example.org")
    >>> projects.note(made.id, "week 3 looks odd", who="ann@example.org")
    >>> [entry.what for entry in projects.trail(made.id)]
    ['week 3 looks odd']
    """

    def __init__(self, folder: Path) -> None:
        self.path = Path(folder) / NAME

    # ------------------------------------------------------------ projects

    def make(self, name: str, owner: str = "") -> Project:
        """Makes a project.

        Raises
        ------
        WorkbenchError
            The name is empty or taken.
        """
        wanted = _line(name, "name of the project")
        try:
            with self._writing() as db:
                found = db.execute(
                    "INSERT INTO project (name, owner, made_at) VALUES (?, ?, ?)", (wanted, owner, _now())
                )
                number = int(found.lastrowid or 0)
        except sqlite3.IntegrityError as error:
            raise WorkbenchError("There is a project of this name already.", "Choose another name.") from error
        return self.project(number)

    def project(self, number: int) -> Project:
        """A project by its number.

        Raises
        ------
        WorkbenchError
            There is none.
        """
        found = next((p for p in self.every() if p.id == number), None)
        if found is None:
            raise WorkbenchError("There is no such project.", "Choose one of the list.")
        return found

    def every(self, who: str | None = None) -> list[Project]:
        """All projects, or those that somebody may see."""
        if not self.path.exists():
            return []
        with self._reading() as db:
            members: dict[int, list[str]] = {}
            for number, name in db.execute("SELECT project, who FROM member ORDER BY who"):
                members.setdefault(number, []).append(name)
            rows = db.execute("SELECT id, name, owner, made_at, keep_days FROM project ORDER BY name").fetchall()
        found = [
            Project(id=i, name=n, owner=o, members=tuple(members.get(i, ())), made_at=m, keep_days=k)
            for i, n, o, m, k in rows
        ]
        return [p for p in found if who is None or not p.owner or who == p.owner or who in p.members]

    def share(self, number: int, who: str) -> None:
        """Lets somebody else see a project."""
        with self._writing() as db:
            db.execute("INSERT OR IGNORE INTO member VALUES (?, ?)", (number, _line(who, "login")))

    def keep_for(self, number: int, days: int | None) -> None:
        """Sets after how many days a delivery's data are deleted; None = never.

        Raises
        ------
        WorkbenchError
            The number is not positive.
        """
        if days is not None and days < 1:
            raise WorkbenchError("A retention time is at least one day.", "Give more, or leave it empty.")
        with self._writing() as db:
            db.execute("UPDATE project SET keep_days = ? WHERE id = ?", (days, number))

    def delete(self, number: int) -> None:
        """Deletes a project with all that is noted in it; the data sets themselves stay on the shelf."""
        with self._writing() as db:
            db.execute("DELETE FROM project WHERE id = ?", (number,))

    # ------------------------------------------------------------ deliveries

    def add(
        self,
        number: int,
        key: str,
        name: str,
        *,
        day: str = "",
        vendor: str = "",
        price: float | None = None,
        who: str = "",
    ) -> None:
        """Adds a delivery, or says anew what is known of it.

        Parameters
        ----------
        key : content key of its data set.
        day : when it came, ISO 8601; today where empty.

        Raises
        ------
        WorkbenchError
            The day is none, or the price is negative.
        """
        if price is not None and not price >= 0:
            raise WorkbenchError(f"A price of {price:g} is not possible.", "Give US dollars a label, such as 1.5.")
        try:
            came = datetime.fromisoformat(day).date().isoformat() if day else _now()[:10]
        except ValueError as error:
            raise WorkbenchError(f"{day[:40]!r} is no day.", "Write it as 2026-03-23.") from error
        with self._writing() as db:
            db.execute(
                "INSERT INTO delivery (project, key, name, day, vendor, price, added_by, added_at)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (project, key) DO UPDATE SET"
                " name = excluded.name, day = excluded.day, vendor = excluded.vendor, price = excluded.price",
                (number, key, _line(name, "name of the delivery"), came, vendor.strip(), price, who, _now()),
            )

    def deliveries(self, number: int) -> list[Delivered]:
        """Deliveries of a project in the order they came."""
        with self._reading() as db:
            rows = db.execute(
                "SELECT key, name, day, vendor, price, added_by, added_at FROM delivery WHERE project = ?"
                " ORDER BY day, id",
                (number,),
            ).fetchall()
        names = ("key", "name", "day", "vendor", "price", "added_by", "added_at")
        return [Delivered(**dict(zip(names, row, strict=True))) for row in rows]

    def forget(self, key: str) -> int:
        """Takes a data set out of every project, with all that was noted about it; how many rows that was."""
        if not self.path.exists():
            return 0
        with self._writing() as db:
            gone = db.execute("DELETE FROM delivery WHERE key = ?", (key,)).rowcount
            gone += db.execute("DELETE FROM entry WHERE key = ?", (key,)).rowcount
        with self._connected() as db:
            # What was deleted is overwritten, in the file and in its log.
            db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            db.execute("VACUUM")
            db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return gone

    def expired(self, now: datetime | None = None) -> list[str]:
        """Keys of data sets whose retention time is over in every project that has them."""
        if not self.path.exists():
            return []
        moment = now or datetime.now(UTC)
        with self._reading() as db:
            rows = db.execute(
                "SELECT d.key, d.added_at, p.keep_days FROM delivery d JOIN project p ON p.id = d.project"
            ).fetchall()
        over: dict[str, bool] = {}
        for key, added, days in rows:
            old = days is not None and datetime.fromisoformat(added) + timedelta(days=days) < moment
            over[key] = over.get(key, True) and old
        return sorted(key for key, old in over.items() if old)

    def may_open(self, key: str, who: str) -> bool:
        """Whether a project that somebody may see holds this data set."""
        return any(key in {d.key for d in self.deliveries(p.id)} for p in self.every(who) if p.owner)

    # ------------------------------------------------------------ lines of the verdict

    def lines(self, number: int) -> Lines:
        """The lines as they stand."""
        drawn = self.history(number)
        return drawn[-1] if drawn else Lines(version=0, thresholds=Thresholds())

    def history(self, number: int) -> list[Lines]:
        """Every version of the lines, the first drawn first."""
        with self._reading() as db:
            rows = db.execute(
                "SELECT version, at, who, why, content FROM lines WHERE project = ? ORDER BY version", (number,)
            ).fetchall()
        return [
            Lines(version=v, thresholds=thresholds_of(json.loads(c), "project"), who=w, why=y, at=a)
            for v, a, w, y, c in rows
        ]

    def draw(self, number: int, thresholds: Thresholds, *, seen: int, who: str = "", why: str = "") -> Lines:
        """Draws the lines anew, all at once.

        Parameters
        ----------
        seen : version of the lines that the change was made from.

        Raises
        ------
        WorkbenchError
            Somebody drew other lines meanwhile.
        """
        with self._writing() as db:
            now = db.execute("SELECT COALESCE(MAX(version), 0) FROM lines WHERE project = ?", (number,)).fetchone()[0]
            if now != seen:
                raise WorkbenchError(
                    "Somebody drew other lines while you looked at these.",
                    "Look at the new ones, and draw yours again.",
                )
            at, content = _now(), json.dumps(thresholds.to_dict())
            db.execute("INSERT INTO lines VALUES (?, ?, ?, ?, ?, ?)", (now + 1, number, at, who, why, content))
            changed = ", ".join(f"{k} {v:g}" for k, v in thresholds.changed.items()) or "the defaults"
            _put(db, number, "", who, "lines", f"lines drawn at {changed}", why)
        return Lines(version=now + 1, thresholds=thresholds, who=who, why=why, at=at)

    # ------------------------------------------------------------ recipes

    def keep_recipe(self, number: int, vendor: str, recipe: Mapping[str, Any], who: str = "") -> None:
        """Remembers how a vendor's files are read: the choices of `workspace.import_request.Request`, without paths."""
        content = json.dumps({k: v for k, v in recipe.items() if k not in ("paths", "within", "gold")})
        with self._writing() as db:
            db.execute(
                "INSERT OR REPLACE INTO recipe VALUES (?, ?, ?, ?, ?)", (number, vendor.strip(), _now(), who, content)
            )

    def recipe(self, number: int, vendor: str) -> dict[str, Any] | None:
        """How a vendor's files are read, or None where that is not known."""
        with self._reading() as db:
            row = db.execute(
                "SELECT content FROM recipe WHERE project = ? AND vendor = ?", (number, vendor.strip())
            ).fetchone()
        return None if row is None else dict(json.loads(row[0]))

    # ------------------------------------------------------------ the trail

    def note(self, number: int, text: str, *, key: str = "", who: str = "") -> None:
        """Adds a note, on a delivery or on the project."""
        self.decide(number, "note", text, key=key, who=who)

    def decide(self, number: int, kind: str, what: str, *, key: str = "", who: str = "", why: str = "") -> None:
        """Adds a decision to the trail, for good.

        Raises
        ------
        WorkbenchError
            There is no such kind, or nothing is said.
        """
        if kind not in KINDS:
            raise WorkbenchError(f"There is no kind of decision {kind!r}.", f"Choose one of {', '.join(KINDS)}.")
        said = what.strip()[:_LONGEST]
        if not said:
            raise WorkbenchError("Nothing is said.", "Write what was decided.")
        with self._writing() as db:
            _put(db, number, key, who, kind, said, why.strip()[:_LONGEST])

    def trail(self, number: int, key: str | None = None) -> list[Entry]:
        """Notes and decisions, oldest first: of the project, or about one data set."""
        with self._reading() as db:
            rows = db.execute(
                "SELECT id, key, at, who, kind, what, why FROM entry WHERE project = ? ORDER BY id", (number,)
            ).fetchall()
        names = ("id", "key", "at", "who", "kind", "what", "why")
        found = [Entry(**dict(zip(names, row, strict=True))) for row in rows]
        return [e for e in found if key is None or e.key == key]

    def to_dict(self, number: int) -> dict[str, Any]:
        """The whole project as one object: what an auditor is given."""
        return {
            **asdict(self.project(number)),
            "deliveries": [asdict(d) for d in self.deliveries(number)],
            "lines": [{**asdict(v), "thresholds": v.thresholds.to_dict()} for v in self.history(number)],
            "trail": [asdict(e) for e in self.trail(number)],
        }

    # ------------------------------------------------------------ the file

    @contextmanager
    def _connected(self) -> Iterator[sqlite3.Connection]:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        db = sqlite3.connect(self.path, timeout=_WAIT_SECONDS, isolation_level=None)
        try:
            db.execute("PRAGMA journal_mode = WAL")
            db.execute("PRAGMA foreign_keys = ON")
            db.execute("PRAGMA secure_delete = ON")
            db.executescript(_SCHEMA) if not _made(db) else None
            yield db
        except sqlite3.OperationalError as error:
            raise WorkbenchError(
                f"The projects of this workspace cannot be opened: {error}.", "Check the rights and the room there."
            ) from error
        finally:
            db.close()

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._connected() as db:
            db.execute("BEGIN IMMEDIATE")
            try:
                yield db
            except BaseException:
                db.execute("ROLLBACK")
                raise
            db.execute("COMMIT")

    _reading = _connected


def _made(db: sqlite3.Connection) -> bool:
    return bool(db.execute("SELECT 1 FROM sqlite_master WHERE name = 'entry'").fetchone())


def _put(db: sqlite3.Connection, number: int, key: str, who: str, kind: str, what: str, why: str) -> None:
    db.execute(
        "INSERT INTO entry (project, key, at, who, kind, what, why) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (number, key, _now(), who, kind, what, why),
    )


def _line(text: str, what: str) -> str:
    """One line of text that is not empty."""
    found = " ".join(text.split())[:200]
    if not found:
        raise WorkbenchError(f"The {what} is empty.", "Write one.")
    return found


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
