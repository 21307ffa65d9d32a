"""The next task of a person, handed out so that no item goes to more people than wanted and none is left behind.

One transaction reads, writes the lease and raises the item's count. On SQLite it holds the only writer's place from its
first statement; on PostgreSQL it locks the person's row and the item it takes, and passes over items others have
locked.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, exists, func, or_, select, update
from sqlalchemy.exc import DBAPIError

from workbench.collection import schema
from workbench.collection.batches import Settings, settings_of
from workbench.collection.schedule import first_shown, kind_of_task
from workbench.collection.store import Store, now_ms

MOST_HELD = 4
"""Tasks a person may hold at once: the one painted, the one fetched ahead, and what another tab has painted."""
_SWEPT = 50
_TRIES = 5


@dataclass(frozen=True, kw_only=True)
class Task:
    """One item as one person sees it.

    Attributes
    ----------
    lease : what an answer must name.
    item : opaque id.
    prompt, left, right : the texts.
    guideline_version : in force; `acknowledged` is the last one this person has read.
    done, of : tasks done, and how many there are for this person as far as is known.
    previous : the choice made before, where the task was opened again by an undo.
    """

    lease: str
    item: str
    prompt: str
    left: str
    right: str
    guideline_version: int
    acknowledged: int
    done: int
    of: int
    previous: str | None = None


def next_task(store: Store, annotator: str, after: Collection[str] = ()) -> Task | None:
    """What this person judges next: what they hold already, else something new.

    Parameters
    ----------
    annotator : id in the store.
    after : leases to pass over, because the page has them already: so a page fetches ahead.

    Returns
    -------
    None where nothing is left for this person, the person or the batch is paused, or the link has ended.
    """
    for attempt in range(_TRIES):
        try:
            with store.writing() as connection:
                return _hand_out(store, connection, annotator, after)
        except DBAPIError as error:
            # Two PostgreSQL sessions can still meet over one item or person: the loser begins anew.
            if attempt == _TRIES - 1 or not _is_conflict(error):
                raise
    return None


def _hand_out(store: Store, connection: Connection, annotator: str, after: Collection[str]) -> Task | None:
    person = the_person(connection, annotator)
    if person is None or person.state == "paused":
        return None
    batch = connection.execute(select(schema.batch).where(schema.batch.c.id == person.batch)).one()
    if batch.state != "open":
        return None
    settings, now = settings_of(batch), now_ms()
    _end_expired(store, connection, batch.id, now)
    until = now + int(settings.lease_minutes * 60_000)
    held = _held(connection, annotator)
    for row in held:
        if row.id not in after:
            connection.execute(update(schema.lease).where(schema.lease.c.id == row.id).values(expires_at=until))
            return task_of(store, connection, row, batch, person)
    if len(held) >= MOST_HELD or (settings.most_each is not None and person.handed >= settings.most_each):
        return None
    found = _choose(store, connection, batch, person, settings)
    if found is None:
        return None
    item, round = found
    lease = {
        "id": str(uuid.uuid4()),
        "batch": batch.id,
        "item": item.id,
        "annotator": annotator,
        "round": round,
        "place": person.handed + 1,
        "shown_first": first_shown(batch.secret, annotator, item.id, round),
        "handed_at": now,
        "expires_at": until,
        "state": "open",
    }
    connection.execute(schema.lease.insert().values(**lease))
    connection.execute(
        update(schema.annotator).where(schema.annotator.c.id == annotator).values(handed=person.handed + 1)
    )
    if round == 0:
        take(connection, item.id, 1)
    row = connection.execute(select(schema.lease).where(schema.lease.c.id == lease["id"])).one()
    return task_of(store, connection, row, batch, person)


def the_person(connection: Connection, annotator: str) -> Row[Any] | None:
    """The row of someone whose link works, locked until the transaction ends; None where it does not."""
    table = schema.annotator
    row = connection.execute(select(table).where(table.c.id == annotator).with_for_update()).fetchone()
    if row is None or row.revoked_at is not None or (row.expires_at is not None and row.expires_at < now_ms()):
        return None
    return row


def take(connection: Connection, item: str, by: int) -> None:
    """Raises or lowers how many people hold an item or have judged it."""
    table = schema.item
    connection.execute(
        update(table)
        .where(table.c.id == item)
        .values(held=table.c.held + by, wanting=and_(table.c.role == "regular", table.c.held + by < table.c.want))
    )


def task_of(store: Store, connection: Connection, lease: Any, batch: Any, person: Any) -> Task:
    """A lease as the page shows it."""
    item = connection.execute(select(schema.item).where(schema.item.c.id == lease.item)).one()
    sides = (item.response_a, item.response_b)
    left, right = sides if lease.shown_first == "a" else sides[::-1]
    return Task(
        lease=lease.id,
        item=item.id,
        prompt=item.prompt,
        left=left,
        right=right,
        guideline_version=batch.guideline_version,
        acknowledged=person.acknowledged,
        done=person.done,
        of=_expected(store, connection, batch, person),
        previous=last_choice(connection, lease.id) if lease.state == "again" else None,
    )


def last_choice(connection: Connection, lease: str) -> str | None:
    """The choice last made on a lease."""
    table = schema.judgement
    row = connection.execute(
        select(table.c.choice).where(table.c.lease == lease).order_by(table.c.seq.desc()).limit(1)
    ).fetchone()
    return None if row is None else str(row.choice)


def _held(connection: Connection, annotator: str) -> list[Row[Any]]:
    """Open leases of a person, those opened again by an undo first, then in the order they were handed out."""
    table = schema.lease
    rows = connection.execute(
        select(table).where(table.c.annotator == annotator, table.c.state.in_(("open", "again")))
    ).fetchall()
    return sorted(rows, key=lambda row: (row.state != "again", row.place))


def _end_expired(store: Store, connection: Connection, batch: str, now: int) -> None:
    """Gives back what nobody has touched for too long. An answer that still comes is kept as an extra judgement."""
    table = schema.lease
    rows = connection.execute(
        select(table.c.id, table.c.item, table.c.round)
        .where(table.c.batch == batch, table.c.state == "open", table.c.expires_at < now)
        .order_by(table.c.item)
        .limit(_SWEPT)
        .with_for_update(skip_locked=True)
    ).fetchall()
    for row in rows:
        connection.execute(update(table).where(table.c.id == row.id).values(state="expired"))
        if row.round == 0:
            take(connection, row.item, -1)
    if rows:
        store.note(connection, "leases expired", batch, n=len(rows))


def _choose(
    store: Store, connection: Connection, batch: Any, person: Any, settings: Settings
) -> tuple[Row[Any], int] | None:
    """The item of the next task and its round. Gold, checks and repeats come only while items are left: a person is not
    kept at work on tasks that label nothing.
    """
    regular = _unseen_item(connection, batch.id, person.id, "regular")
    if regular is None:
        return None
    kind = kind_of_task(batch.secret, person.id, person.handed + 1, settings.shares)
    again = _to_repeat(connection, person, settings.shares.repeat_gap) if settings.shares.repeat > 0 else None
    others: dict[str, Row[Any] | None] = {}
    for role, share in (("gold", settings.shares.gold), ("check", settings.shares.check)):
        if role == kind:
            others[role] = _unseen_item(connection, batch.id, person.id, role)
        elif share > 0:
            # Looked for all the same: what a task is must not show in how long it takes to hand out.
            connection.execute(_unseen(batch.id, person.id, role)).scalar()
    if kind == "repeat":
        return (again, 1) if again is not None else (regular, 0)
    if kind in ("gold", "check"):
        other = others[kind]
        if other is not None:
            return other, 0
        store.note(connection, f"no {kind} left", batch.id, person.id, place=person.handed + 1)
    return regular, 0


def _unseen_item(connection: Connection, batch: str, annotator: str, role: str) -> Row[Any] | None:
    """An item this person has never held, locked. Items locked by others are passed over as long as there are free
    ones, and waited for where they are the last: what looks taken may still want somebody.
    """
    query = _unseen(batch, annotator, role)
    for _ in range(_TRIES):
        found = connection.execute(query.with_for_update(skip_locked=True)).scalar()
        if found is not None:
            return connection.execute(select(schema.item).where(schema.item.c.id == found)).one()
        if connection.execute(query).scalar() is None:
            return None
        connection.execute(query.with_for_update()).scalar()
    return None


def _unseen(batch: str, annotator: str, role: str) -> Select[Any]:
    """Of the regular items the first that wants people; of gold the least used, so that no single one is worn out.

    The id alone is asked for, in the order of the index `item_wanting`: rows hold long texts, and sorting those of
    20,000 items took 150 ms a task.
    """
    item, lease = schema.item, schema.lease
    seen = exists().where(lease.c.item == item.c.id, lease.c.annotator == annotator)
    query = select(item.c.id).where(item.c.batch == batch, item.c.role == role, ~seen)
    if role == "regular":
        query = query.where(item.c.wanting).order_by(item.c.priority.desc(), item.c.place)
    else:
        query = query.order_by(item.c.held, item.c.place)
    return query.limit(1)


def _to_repeat(connection: Connection, person: Any, gap: int) -> Row[Any] | None:
    """The earliest regular item this person judged long enough ago and has not judged twice."""
    lease, again, item = schema.lease, schema.lease.alias(), schema.item
    twice = exists().where(again.c.item == lease.c.item, again.c.annotator == person.id, again.c.round == 1)
    return connection.execute(
        select(item)
        .join(lease, lease.c.item == item.c.id)
        .where(
            lease.c.annotator == person.id,
            lease.c.round == 0,
            lease.c.state == "done",
            lease.c.place <= person.handed + 1 - gap,
            item.c.role == "regular",
            ~twice,
        )
        .order_by(lease.c.place)
        .limit(1)
    ).fetchone()


def _expected(store: Store, connection: Connection, batch: Any, person: Any) -> int:
    """Tasks there are for this person, done ones included: an equal share of all judgements wanted, unless more were
    done already.
    """
    item, who = schema.item, schema.annotator
    wanted = store.lately(
        ("wanted", batch.id),
        lambda: connection.execute(
            select(func.coalesce(func.sum(item.c.want), 0)).where(item.c.batch == batch.id, item.c.role == "regular")
        ).scalar_one(),
    )
    people = connection.execute(
        select(func.count()).where(
            who.c.batch == batch.id, who.c.kind == person.kind, or_(who.c.state != "paused", who.c.id == person.id)
        )
    ).scalar_one()
    settings = settings_of(batch)
    planned = round(wanted / max(people, 1) / max(settings.shares.regular, 0.05))
    most = settings.most_each
    return max(int(planned if most is None else min(planned, most)), person.done + 1)


def _is_conflict(error: DBAPIError) -> bool:
    code = getattr(error.orig, "sqlstate", None)
    return code in ("40001", "40P01", "23505") or "UNIQUE constraint" in str(error.orig)
