"""Saving an answer: once, whatever the network does, and never changed afterwards.

The browser makes the id of a judgement. The same id sent again is answered as the first time and stored once. A change
of mind is a new judgement that names the one it supersedes.
"""

from __future__ import annotations

import math
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Row, select, update

from workbench.collection import schema
from workbench.collection.batches import scale_of_batch, settings_of
from workbench.collection.handing_out import Task, take, task_of, the_person
from workbench.collection.store import Store, now_ms
from workbench.dataset.scales import LabelScale

CHOICES = ("left>>", "left>", "=", "right>", "right>>", "skip")
"""What can be chosen, as shown."""
UNDO_LAST = 10
"""Tasks that an undo reaches back."""
MOST_TEXT = 4_000
_UNTIL = 1 << 52
_MIRROR = {"left>>": "right>>", "left>": "right>", "=": "=", "right>": "left>", "right>>": "left>>"}


class Refused(Exception):
    """An answer that is not taken.

    Attributes
    ----------
    status : 400 (cannot be read), 403 (somebody else's), 404 (no such task) or 409 (judged already).
    why : in one line, without any text of an item.
    """

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status
        self.why = why


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What the browser sends; `answer_from` reads and checks it."""

    id: str
    lease: str
    choice: str
    active_ms: int | None = None
    hidden_ms: int | None = None
    shown_at: int | None = None
    first_key_at: int | None = None
    submitted_at: int | None = None
    guideline_version: int | None = None
    reason: str = ""
    dims: Mapping[str, str] = field(default_factory=dict)
    extra: Mapping[str, Any] = field(default_factory=dict)


def answer_from(body: object) -> Answer:
    """Reads what was sent.

    Raises
    ------
    Refused : it is no answer.

    >>> made = answer_from({"id": "7b5ad9c6-3a0c-4a53-9d7c-0f8f1f2b3c4d", "lease": "x", "choice": "left>"})
    >>> made.choice, made.active_ms
    ('left>', None)
    """
    if not isinstance(body, Mapping):
        raise Refused(400, "the body is no JSON object")
    try:
        made = str(uuid.UUID(str(body.get("id"))))
    except ValueError:
        raise Refused(400, "id is no UUID") from None
    choice = body.get("choice")
    if choice not in CHOICES:
        raise Refused(400, f"choice is none of {', '.join(CHOICES)}")
    lease = body.get("lease")
    if not isinstance(lease, str) or not re.fullmatch(r"[\w-]{1,36}", lease):
        raise Refused(400, "lease is no id")
    dims = body.get("dims") or {}
    if not isinstance(dims, Mapping) or not all(v in CHOICES for v in dims.values()) or len(dims) > 20:
        raise Refused(400, "dims holds no choices")
    return Answer(
        id=made,
        lease=lease,
        choice=str(choice),
        active_ms=_whole(body, "active_ms"),
        hidden_ms=_whole(body, "hidden_ms"),
        shown_at=_whole(body, "shown_at"),
        first_key_at=_whole(body, "first_key_at"),
        submitted_at=_whole(body, "submitted_at"),
        guideline_version=_whole(body, "guideline_version"),
        reason=str(body.get("reason") or "")[:MOST_TEXT].replace("\x00", ""),
        dims={str(k)[:100]: str(v) for k, v in dims.items()},
        extra={name: bool(body[name]) for name in ("flagged", "scrolled_left", "scrolled_right") if name in body},
    )


def save(store: Store, annotator: str, answer: Answer) -> str:
    """Stores an answer; it is on disk when this returns.

    Returns
    -------
    The id of the judgement.

    Raises
    ------
    Refused
        The task is somebody else's, unknown, or judged already (by another id); the choice is not on the batch's scale;
        or the link has ended.
    """
    table = schema.judgement
    with store.writing() as connection:
        person = the_person(connection, annotator)
        if person is None:
            raise Refused(403, "this link has ended")
        earlier = connection.execute(select(table).where(table.c.id == answer.id)).fetchone()
        if earlier is not None:
            if earlier.annotator != annotator or earlier.lease != answer.lease:
                raise Refused(409, "this id belongs to another judgement")
            return str(earlier.id)
        lease = connection.execute(
            select(schema.lease).where(schema.lease.c.id == answer.lease).with_for_update()
        ).fetchone()
        if lease is None:
            raise Refused(404, "there is no such task")
        if lease.annotator != annotator:
            raise Refused(403, "this task is somebody else's")
        if lease.state == "done":
            raise Refused(409, "this task was judged already, perhaps in another tab")
        batch = connection.execute(select(schema.batch).where(schema.batch.c.id == lease.batch)).one()
        _write(connection, batch, person, lease, answer)
        return answer.id


def undo(store: Store, annotator: str) -> Task | None:
    """Opens the last task again, or the one before where that is open already; None where there is none to reach."""
    lease = schema.lease
    with store.writing() as connection:
        person = the_person(connection, annotator)
        if person is None or person.state == "paused":
            return None
        batch = connection.execute(select(schema.batch).where(schema.batch.c.id == person.batch)).one()
        if batch.state != "open":
            return None
        last = connection.execute(
            select(lease)
            .where(lease.c.annotator == annotator, lease.c.state.in_(("done", "again")))
            .order_by(lease.c.place.desc())
            .limit(UNDO_LAST)
        ).fetchall()
        found = next((row for row in last if row.state == "done"), None)
        if found is None:
            return None
        until = now_ms() + int(settings_of(batch).lease_minutes * 60_000)
        connection.execute(update(lease).where(lease.c.id == found.id).values(state="again", expires_at=until))
        store.note(connection, "undo", batch.id, annotator)
        row = connection.execute(select(lease).where(lease.c.id == found.id)).one()
        return task_of(store, connection, row, batch, person)


def acknowledge(store: Store, annotator: str, version: int) -> None:
    """Notes that a person has read a version of the guideline."""
    table = schema.annotator
    with store.writing() as connection:
        connection.execute(
            update(table).where(table.c.id == annotator, table.c.acknowledged < version).values(acknowledged=version)
        )


def label_of_choice(choice: str, shown_first: str, scale: LabelScale) -> str | None:
    """A choice as shown, as a label towards A and B of the item; None for a skip.

    >>> from workbench.dataset.scales import FIVE, BINARY
    >>> label_of_choice("left>>", "b", FIVE), label_of_choice("left>", "a", BINARY), label_of_choice("skip", "a", FIVE)
    ('B>>', 'A', None)

    Raises
    ------
    Refused : the scale has no such label.
    """
    if choice == "skip":
        return None
    towards_a = choice if shown_first == "a" else _MIRROR[choice]
    label = {"left>>": "A>>", "left>": "A>", "=": "=", "right>": "B>", "right>>": "B>>"}[towards_a]
    if label not in scale.labels and label in ("A>", "B>"):
        label = label[0]
    if label not in scale.labels:
        raise Refused(400, "this choice is not offered in this batch")
    return label


def _write(connection: Connection, batch: Any, person: Any, lease: Row[Any], answer: Answer) -> None:
    scale, now = scale_of_batch(batch), now_ms()
    label = label_of_choice(answer.choice, lease.shown_first, scale)
    dims = {name: label_of_choice(value, lease.shown_first, scale) for name, value in answer.dims.items()}
    supersedes = _superseded(connection, lease.id)
    late = lease.state == "expired"
    connection.execute(
        schema.judgement.insert().values(
            id=answer.id,
            batch=lease.batch,
            item=lease.item,
            annotator=lease.annotator,
            lease=lease.id,
            round=lease.round,
            choice=answer.choice,
            label=label,
            shown_first=lease.shown_first,
            active_ms=answer.active_ms,
            hidden_ms=answer.hidden_ms,
            shown_at=answer.shown_at,
            first_key_at=answer.first_key_at,
            submitted_at=answer.submitted_at,
            handed_at=lease.handed_at,
            received_at=now,
            guideline_version=answer.guideline_version or batch.guideline_version,
            supersedes=supersedes,
            late=late,
            reason=answer.reason,
            dims=dims,
            extra=dict(answer.extra),
        )
    )
    connection.execute(update(schema.lease).where(schema.lease.c.id == lease.id).values(state="done"))
    if supersedes is None:
        table = schema.annotator
        connection.execute(update(table).where(table.c.id == person.id).values(done=table.c.done + 1))
        item = schema.item
        connection.execute(update(item).where(item.c.id == lease.item).values(done=item.c.done + 1))
        if late and lease.round == 0:
            take(connection, lease.item, 1)
    if lease.round == 0:
        _ask_more(connection, batch, lease.item)


def _superseded(connection: Connection, lease: str) -> str | None:
    """The judgement that a new one on this lease takes the place of."""
    table = schema.judgement
    row = connection.execute(
        select(table.c.id).where(table.c.lease == lease).order_by(table.c.seq.desc()).limit(1)
    ).fetchone()
    return None if row is None else str(row.id)


def _ask_more(connection: Connection, batch: Any, item_id: str) -> None:
    r"""One more vote for an item that all wanted people have judged and that is still undecided.

    With people right in a share p, n votes for A and m for B leave the chance $p^{|n-m|} / (p^{|n-m|} +
    (1-p)^{|n-m|})$ that the leading side is right.
    """
    settings = settings_of(batch)
    if settings.most_overlap <= settings.overlap:
        return
    item, table = schema.item, schema.judgement
    row = connection.execute(select(item).where(item.c.id == item_id)).one()
    if row.role != "regular" or row.done < row.want or row.want >= settings.most_overlap:
        return
    votes = connection.execute(
        select(table.c.lease, table.c.label).where(table.c.item == item_id, table.c.round == 0).order_by(table.c.seq)
    ).fetchall()
    last = {vote.lease: vote.label for vote in votes}
    sides = [(label or "=")[0] for label in last.values()]
    lead = abs(sides.count("A") - sides.count("B"))
    p = float(batch.config.get("crew_accuracy", 0.8))
    sure = 1.0 / (1.0 + math.exp(-lead * math.log(p / (1 - p))))
    if sure < settings.decided_at:
        connection.execute(
            update(item).where(item.c.id == item_id).values(want=item.c.want + 1, wanting=item.c.held < item.c.want + 1)
        )


def _whole(body: Mapping[Any, Any], name: str) -> int | None:
    value = body.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise Refused(400, f"{name} is no number")
    if not 0 <= value < _UNTIL:
        raise Refused(400, f"{name} is out of range")
    return int(value)
