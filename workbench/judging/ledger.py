"""Every call to a judge in one SQLite file: reserved before it is sent, settled when it is answered, and never asked
again.

What is promised: a recorded answer is never requested again; after a crash at most the calls that were in flight are
sent again, and the file counts them. What cannot be promised: that such a call was not paid for, since no server knows
it by a key.

A reservation is on disk before its call may leave; that it left is marked beside it (`departures`), so that calls a
crash met before their first byte are no sendings: they cost nothing and are not counted.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench.errors import WorkbenchError
from workbench.judging.answers import Answer, Usage
from workbench.judging.departures import Departures

FORM = 1
FINAL = ("answered", "refused", "cut", "unreadable")
"""States that are an answer: such a call is not sent again."""

_TABLES = """
CREATE TABLE IF NOT EXISTS about (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS call (
  key TEXT PRIMARY KEY, version TEXT NOT NULL, item TEXT NOT NULL, shown INTEGER NOT NULL, sample INTEGER NOT NULL,
  state TEXT NOT NULL, attempts INTEGER NOT NULL DEFAULT 0, resent INTEGER NOT NULL DEFAULT 0,
  reserved_usd REAL NOT NULL DEFAULT 0, usd REAL NOT NULL DEFAULT 0, estimated INTEGER NOT NULL DEFAULT 0,
  fresh INTEGER, cache_read INTEGER, cache_write INTEGER, tokens_out INTEGER, reasoning INTEGER,
  sent_at REAL, answered_at REAL, model TEXT, label TEXT, probabilities TEXT, principles TEXT, reason TEXT, why TEXT,
  raw TEXT
);
CREATE INDEX IF NOT EXISTS call_version ON call (version, item);
CREATE TABLE IF NOT EXISTS judge_version (
  version TEXT PRIMARY KEY, kind TEXT, model TEXT, host TEXT, parameters TEXT, prompt_hash TEXT, constitution TEXT,
  first_at REAL, probe TEXT
);
"""


@dataclass(frozen=True)
class Sending:
    """A call that is about to be sent: money is set aside, on disk before it leaves."""

    key: str
    version: str
    item: str
    shown: int
    sample: int
    reserved: float
    at: float


@dataclass(frozen=True)
class Settled:
    """What became of a sending.

    Attributes
    ----------
    key : of the call.
    state : its new state; `waiting` where it will be sent again.
    paid : $ of this sending, added to the call's.
    sent : whether it left at all; else it counts as no sending.
    estimated : whether that is a guess, since the server named no usage.
    answer : what to record, None while it is waiting.
    at : when, seconds since the epoch.
    """

    key: str
    state: str
    paid: float
    estimated: bool
    answer: Answer | None
    at: float
    sent: bool = True


class Ledger:
    """The file of calls.

    Attributes
    ----------
    path : of the file.
    interrupted : calls that had left and had no answer when an earlier process ended: counted as paid, sent again once.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(self.path, isolation_level=None, check_same_thread=False, timeout=30)
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute("PRAGMA synchronous=FULL")
            self._db.executescript(_TABLES)
            form = self._db.execute("SELECT value FROM about WHERE name='form'").fetchone()
            if form is None:
                self._db.execute("INSERT OR IGNORE INTO about VALUES ('form', ?)", (str(FORM),))
            elif form[0] != str(FORM):
                raise WorkbenchError(
                    f"{self.path}: a later version of the workbench wrote this ledger.", "Update the workbench."
                )
        except (sqlite3.Error, OSError) as error:
            raise WorkbenchError(
                f"{self.path}: the ledger cannot be opened ({error}).",
                "Check the rights and the free space, or name another folder.",
            ) from error
        self.interrupted = 0
        self._lock: sqlite3.Connection | None = None
        self._departures: Departures | None = None

    def take_up(self) -> int:
        """Takes the ledger for this process and settles what was open when an earlier one ended: what had left
        counts as paid as reserved, and is sent again. Returns how many such calls there are.

        Raises
        ------
        WorkbenchError : another living process sends with this ledger. (The lock dies with its process.)
        """
        self._lock = sqlite3.connect(self.path.with_name(self.path.name + ".lock"), isolation_level=None, timeout=0)
        try:
            self._lock.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            raise WorkbenchError(
                f"{self.path}: another process is asking judges with this ledger.",
                "Wait for it, or name another folder.",
            ) from error
        departures = Departures(self.path.with_name(self.path.name + ".left"))
        left = departures.known()
        open_calls = self._db.execute(
            "SELECT key, state, sent_at FROM call WHERE state IN ('reserved', 'sent')"
        ).fetchall()
        gone = [key for key, state, at in open_calls if state == "sent" or left is None or (key, at) in left]
        stayed = [key for key, *_ in open_calls if key not in set(gone)]
        self._db.execute("BEGIN IMMEDIATE")
        self._db.executemany(_LEFT, [(key,) for key in gone])
        self._db.executemany("UPDATE call SET state='waiting', reserved_usd=0 WHERE key=?", [(key,) for key in stayed])
        self._db.execute("COMMIT")
        departures.begin()
        self._departures = departures
        self.interrupted = len(gone)
        return self.interrupted

    def leaves(self, sending: Sending) -> None:
        """Marks that a reserved call leaves now; called directly before its first byte.

        Raises
        ------
        WorkbenchError : the mark cannot be written, so that the call must not leave.
        """
        if self._departures is not None:
            self._departures.mark(sending.key, sending.at)

    def write(self, records: Sequence[Sending | Settled]) -> None:
        """Writes records in one commit; when it returns they are on disk."""
        self._db.execute("BEGIN IMMEDIATE")
        try:
            for each in records:
                if isinstance(each, Sending):
                    self._db.execute(
                        _SEND, (each.key, each.version, each.item, each.shown, each.sample, each.reserved, each.at)
                    )
                else:
                    self._db.execute(_SETTLE, _row(each))
            self._db.execute("COMMIT")
        except sqlite3.Error as error:
            self._db.execute("ROLLBACK")
            raise WorkbenchError(
                f"{self.path}: the ledger cannot be written ({error}).", "Check the free space."
            ) from error

    def final(self, keys: Iterable[str]) -> set[str]:
        """Which of these calls have an answer."""
        wanted = set(keys)
        marks = ",".join("?" * len(FINAL))
        rows = self._db.execute(f"SELECT key FROM call WHERE state IN ({marks})", FINAL)
        return {key for (key,) in rows if key in wanted}

    def spent(self) -> float:
        """$ of all calls of this file, whatever was reserved for the interrupted ones included."""
        return float(self._db.execute("SELECT COALESCE(SUM(usd + reserved_usd), 0) FROM call").fetchone()[0])

    def calls(self, version: str | None = None) -> list[dict[str, Any]]:
        """All calls, or those of one version of a judge, in the order of items, order shown and sample."""
        where, given = ("WHERE version=?", (version,)) if version else ("", ())
        found = self._db.execute(f"SELECT * FROM call {where} ORDER BY item, shown, sample, key", given)
        names = [column[0] for column in found.description]
        rows = [dict(zip(names, row, strict=True)) for row in found]
        for row in rows:
            row["probabilities"] = json.loads(row["probabilities"]) if row["probabilities"] else None
            row["principles"] = json.loads(row["principles"]) if row["principles"] else {}
        return rows

    def about_version(self, version: str, *, now: float, **facts: str) -> None:
        """Records what a version of a judge is; the first record stays, later ones fill in what was empty."""
        names = ("kind", "model", "host", "parameters", "prompt_hash", "constitution", "probe")
        self._db.execute("INSERT OR IGNORE INTO judge_version (version, first_at) VALUES (?, ?)", (version, now))
        for name in names:
            if name in facts:
                self._db.execute(f"UPDATE judge_version SET {name}=? WHERE version=?", (facts[name], version))

    def versions(self) -> list[dict[str, Any]]:
        """The versions of judges in this file, earliest first."""
        found = self._db.execute("SELECT * FROM judge_version ORDER BY first_at, version")
        names = [column[0] for column in found.description]
        return [dict(zip(names, row, strict=True)) for row in found]

    def answered_models(self, version: str) -> list[str]:
        """The models that answers of this version name, most frequent first."""
        rows = self._db.execute(
            "SELECT model, COUNT(*) FROM call WHERE version=? AND model IS NOT NULL GROUP BY model ORDER BY 2 DESC, 1",
            (version,),
        )
        return [model for model, _ in rows]

    def close(self) -> None:
        """Closes the file and gives it free."""
        self._db.close()
        if self._departures is not None:
            self._departures.close()
        if self._lock is not None:
            self._lock.close()


class Leaving:
    """Marks the moment at which a call leaves.

    Attributes
    ----------
    left : whether it did.
    """

    def __init__(self, ledger: Ledger, sending: Sending) -> None:
        self._ledger, self._sending = ledger, sending
        self.left = False

    def __call__(self) -> None:
        """The call leaves."""
        self._ledger.leaves(self._sending)
        self.left = True


_SEND = """
INSERT INTO call (key, version, item, shown, sample, state, reserved_usd, sent_at) VALUES (?, ?, ?, ?, ?, 'reserved', ?,
?) ON CONFLICT (key) DO UPDATE SET state='reserved', reserved_usd=excluded.reserved_usd, sent_at=excluded.sent_at
"""
_LEFT = """
UPDATE call SET state='ambiguous', usd=usd+reserved_usd, reserved_usd=0, estimated=1, attempts=attempts+(state!='sent'),
resent=resent+1 WHERE key=?
"""
_SETTLE = """
UPDATE call SET state=?, usd=usd+?, attempts=attempts+?, resent=resent+?, reserved_usd=0, estimated=MAX(estimated, ?),
fresh=?, cache_read=?, cache_write=?, tokens_out=?, reasoning=?, answered_at=?, model=?, label=?, probabilities=?,
principles=?, reason=?, why=?, raw=? WHERE key=?
"""


def _row(settled: Settled) -> tuple[Any, ...]:
    answer = settled.answer or Answer(state=settled.state)
    usage = answer.usage or Usage()
    counted = (
        (usage.fresh, usage.cache_read, usage.cache_write, usage.out, usage.reasoning) if answer.usage else (None,) * 5
    )
    return (
        settled.state,
        settled.paid,
        int(settled.sent),
        int(settled.state == "ambiguous"),
        int(settled.estimated),
        *counted,
        settled.at,
        answer.model,
        answer.label,
        json.dumps(dict(answer.probabilities)) if answer.probabilities else None,
        json.dumps(dict(answer.principles)) if answer.principles else None,
        answer.reason,
        answer.why,
        answer.raw,
        settled.key,
    )
