"""The label store: one database that loses nothing. SQLite by default, PostgreSQL by URL.

Every change is one short transaction that is on disk before its answer goes out. On SQLite a writing transaction begins
as one (`BEGIN IMMEDIATE`): the default form fails with a stale snapshot as soon as two processes write. On PostgreSQL
rows are locked one by one and locked rows are passed over.
"""

from __future__ import annotations

import re
import sqlite3
import time
from collections.abc import Callable, Hashable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from pathlib import Path
from threading import Lock
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url, select
from sqlalchemy.exc import ArgumentError, DatabaseError, NoSuchModuleError, SQLAlchemyError

from workbench.collection import schema
from workbench.drafts import drafted
from workbench.errors import WorkbenchError
from workbench.messages import by, message

_NETWORK = re.compile(r"^(nfs\d?|cifs|smb\d?|smbfs|afs|9p|fuse\.(sshfs|s3fs|gcsfuse|rclone)|glusterfs|ceph|lustre)$")
_MIGRATIONS = "workbench.collection:migrations"
REVISION = "0003"
"""Version of the tables this program works with."""


def now_ms() -> int:
    """The time, in milliseconds since 1970."""
    return time.time_ns() // 1_000_000


class Store:
    """A label store at a URL.

    Parameters
    ----------
    url : `sqlite:///FILE`, a file's path, or `postgresql://USER@HOST/NAME`.

    Raises
    ------
    WorkbenchError
        The URL names no database, the file lies on a network file system (whose locks lose labels), or the tables are
        of a later version.
    """

    def __init__(self, url: str | Path) -> None:
        self.url = _normalised(str(url))
        self.is_sqlite = self.url.startswith("sqlite")
        if self.is_sqlite:
            self.file = Path(make_url(self.url).database or "")
            _refuse_network(self.file)
            self.file.parent.mkdir(parents=True, exist_ok=True)
        try:
            self.engine = _engine(self.url, self.is_sqlite)
            _migrate(self.engine)
        except (DatabaseError, NoSuchModuleError) as error:
            raise WorkbenchError(
                f"{self.shown}: the label store cannot be opened ({_first_line(error)}).",
                "Check the path or the address, the rights, and that the database server runs.",
            ) from error
        self._writer = self.engine.execution_options(writes=True)
        # SQLite has one writer's place, and whoever finds it taken sleeps and asks again: threads of one process queue
        # here instead, where the next one starts at once.
        self._turn: AbstractContextManager[Any] = Lock() if self.is_sqlite else nullcontext()
        self._lately: dict[Hashable, tuple[float, Any]] = {}

    @property
    def shown(self) -> str:
        """The URL without its password."""
        return make_url(self.url).render_as_string(hide_password=True)

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One transaction that changes something; on disk when the block has ended."""
        with self._turn, self._writer.begin() as connection:
            yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One transaction that only reads: everything in it is of one moment."""
        with self.engine.connect() as connection:
            yield connection

    def note(
        self, connection: Connection, kind: str, batch: str | None = None, who: str | None = None, **detail: Any
    ) -> None:
        """Adds an event: what happened, never a text of an item or of a person."""
        values = {"at": now_ms(), "batch": batch, "annotator": who, "kind": kind, "detail": detail}
        connection.execute(schema.event.insert().values(**values))

    def lately(self, what: Hashable, counted: Callable[[], Any], seconds: float = 10.0) -> Any:
        """A figure that takes long to count and may be a few seconds old."""
        known = self._lately.get(what)
        if known is None or time.monotonic() - known[0] > seconds:
            self._lately[what] = known = (time.monotonic(), counted())
        return known[1]

    def the_batch(self, connection: Connection, name: str | None = None) -> Any:
        """The batch of that id or name; without one, the only batch there is.

        Raises
        ------
        WorkbenchError
            There is none, or several and none was named.
        """
        rows = connection.execute(select(schema.batch).order_by(schema.batch.c.created_at)).fetchall()
        if name is not None:
            rows = [row for row in rows if name in (row.id, row.name)]
        if len(rows) == 1:
            return rows[0]
        if not rows:
            what = "has no batch yet" if name is None else f"has no batch {name!r}"
            raise WorkbenchError(f"{self.shown} {what}.", message("Make one ", by("make_batch"), "."))
        names = ", ".join(f"{row.id} ({row.name})" for row in rows[:5])
        raise WorkbenchError(f"{self.shown} has {len(rows)} batches: {names}.", message("Name one ", by("batch"), "."))

    def close(self) -> None:
        """Gives connections back; on SQLite folds the write-ahead log into the file."""
        if self.is_sqlite and self.file.exists():
            with self.engine.connect() as connection:
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        self.engine.dispose()


def backup(store: Store, to: Path) -> Path:
    """Copies a SQLite store while it is used: whole, and of one moment.

    Raises
    ------
    WorkbenchError
        The store is no file (a PostgreSQL server is backed up by `pg_dump`), or the copy exists already.
    """
    if not store.is_sqlite:
        raise WorkbenchError(f"{store.shown} is no file.", "Back it up with pg_dump.")
    if to.exists():
        raise WorkbenchError(f"{to}: the file exists already.", "Name another one.")
    with drafted(to) as draft, closing(sqlite3.connect(store.file)) as source, closing(sqlite3.connect(draft)) as copy:
        source.backup(copy)
    return to


def restore(backup_file: Path, to: Path) -> Path:
    """Puts a backup where no store is.

    Raises
    ------
    WorkbenchError
        The backup is no label store or is damaged, or there is a store already.
    """
    if to.exists():
        raise WorkbenchError(f"{to}: a store exists there already.", "Move it away first, or name another file.")
    if not backup_file.is_file():
        raise WorkbenchError(f"{backup_file}: there is no such file.", "Check the path.")
    address = f"file:{backup_file}?mode=ro"
    with drafted(to) as draft:
        try:
            with closing(sqlite3.connect(address, uri=True)) as source, closing(sqlite3.connect(draft)) as copy:
                source.backup(copy)
                sound = copy.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
                tables = {row[0] for row in copy.execute("SELECT name FROM sqlite_master")}
        except sqlite3.DatabaseError as error:
            raise WorkbenchError(
                f"{backup_file}: not a label store ({error}).", "Name a file made by backup."
            ) from error
        if not sound or not {"judgement", "lease", "item"} <= tables:
            raise WorkbenchError(f"{backup_file}: not a label store, or damaged.", "Name a file made by backup.")
    return to


def _normalised(url: str) -> str:
    if "://" not in url:
        return f"sqlite:///{Path(url).expanduser().resolve()}"
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise WorkbenchError(
            f"{url.split('@')[-1][:80]}: not the URL of a label store.",
            "Give a file, sqlite:///FILE or postgresql://USER@HOST/NAME.",
        ) from error
    if parsed.get_backend_name() == "postgresql" and "+" not in parsed.drivername:
        parsed = parsed.set(drivername="postgresql+psycopg")
    if parsed.get_backend_name() not in ("sqlite", "postgresql"):
        raise WorkbenchError(
            f"{parsed.get_backend_name()}: no kind of database a label store can be.",
            "Give a file, sqlite:///FILE or postgresql://USER@HOST/NAME.",
        )
    if parsed.get_backend_name() == "sqlite":
        parsed = parsed.set(database=str(Path(parsed.database or "labels.sqlite").expanduser().resolve()))
    return parsed.render_as_string(hide_password=False)


def _engine(url: str, is_sqlite: bool) -> Engine:
    if not is_sqlite:
        return create_engine(url, pool_size=8, max_overflow=24, pool_pre_ping=True)
    engine = create_engine(url, connect_args={"timeout": 30, "check_same_thread": False})

    @event.listens_for(engine, "connect")
    def _settings(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # the driver would begin by itself, and late
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=30000", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _migrate(engine: Engine) -> None:
    """Brings the tables to this version; a store of a later version is refused."""
    from alembic import command
    from alembic.config import Config
    from alembic.runtime.migration import MigrationContext

    with engine.connect() as connection:
        at = MigrationContext.configure(connection).get_current_revision()
    if at == REVISION:
        return
    if at is not None and at > REVISION:
        raise WorkbenchError(
            f"The label store is of a later version ({at}; this program knows {REVISION}).",
            "Update the workbench.",
        )
    config = Config()
    config.set_main_option("script_location", _MIGRATIONS)
    with engine.execution_options(writes=True).begin() as connection:
        if MigrationContext.configure(connection).get_current_revision() != REVISION:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")


def _refuse_network(file: Path) -> None:
    """SQLite's locks do not hold on network file systems: two writers would overwrite each other's labels."""
    mounts = Path("/proc/mounts")
    if not mounts.exists():
        return
    place = file.parent if file.parent.exists() else file.parent.parent
    best, kind = "", ""
    for line in mounts.read_text("utf-8", "replace").splitlines():
        fields = line.split()
        inside = len(fields) > 2 and (str(place) + "/").startswith(fields[1].rstrip("/") + "/")
        if inside and len(fields[1]) >= len(best):
            best, kind = fields[1], fields[2]
    if _NETWORK.match(kind):
        raise WorkbenchError(
            f"{file} lies on a network file system ({kind}), where SQLite can lose labels.",
            message("Use a local disk, or a PostgreSQL server ", by("store", value="postgresql://...")),
        )


def _first_line(error: SQLAlchemyError) -> str:
    return str(getattr(error, "orig", None) or error).strip().split("\n")[0][:200]
