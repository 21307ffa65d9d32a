"""How collecting goes: what is done, how fast, until when, by whom, and who is watched or paused and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd
from sqlalchemy import Connection, func, select

from workbench.collection import schema
from workbench.collection.batches import settings_of
from workbench.collection.store import Store, now_ms

_RECENT_MS = 60 * 60 * 1000


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How a batch stands.

    Attributes
    ----------
    batch, name, state : which one, and whether it is open.
    items, items_done : regular items, and those that everybody wanted has judged.
    judgements, wanted : of regular items, first round; skips count as judgements.
    skips, repeats, gold, checks, undone, late : judgements by kind.
    gold_share : of all first-round judgements, as realised.
    per_hour : judgements of the last hour, all kinds.
    hours_left : until all wanted judgements are there at that pace; None where nothing came.
    active_hours : time people looked at tasks.
    owed : pay so far; None where no pay is known.
    people : one row a person: `annotator`, `name`, `kind`, `state`, `state_reason`, `state_by`, `done`, `holds`,
        `active_hours`, `median_seconds`, `last_at` (milliseconds since 1970), `owed`.
    """

    batch: str
    name: str
    state: str
    items: int
    items_done: int
    judgements: int
    wanted: int
    skips: int
    repeats: int
    gold: int
    checks: int
    undone: int
    late: int
    gold_share: float | None
    per_hour: int
    hours_left: float | None
    active_hours: float
    owed: float | None
    people: pd.DataFrame

    @property
    def share_done(self) -> float:
        """Share of the wanted judgements that are there, 0 to 1."""
        return min(self.judgements / max(self.wanted, 1), 1.0)

    def to_dict(self) -> dict[str, Any]:
        """The figures as the command line prints them."""
        said = {name: getattr(self, name) for name in self.__dataclass_fields__ if name != "people"}
        rows = self.people.astype(object).where(self.people.notna(), None).to_dict("records")
        return {**said, "people": rows}


def progress(store: Store, batch: str | None = None) -> Progress:
    """How a batch stands now; None = the only one."""
    item = schema.item
    with store.reading() as connection:
        row = store.the_batch(connection, batch)
        settings = settings_of(row)
        judged = _judged(connection, row.id)
        regular = connection.execute(
            select(func.count(), func.coalesce(func.sum(item.c.want), 0)).where(
                item.c.batch == row.id, item.c.role == "regular"
            )
        ).one()
        done = connection.execute(
            select(func.count()).where(item.c.batch == row.id, item.c.role == "regular", item.c.done >= item.c.want)
        ).scalar_one()
        people = _people(connection, row.id, judged, settings.pay_per_task)
    first = judged[(judged["round"] == 0) & ~judged["superseded"]]
    last = judged[~judged["superseded"]]
    of_role = first["role"].value_counts()
    recent = int((last["received_at"] >= now_ms() - _RECENT_MS).sum())
    n, wanted = int(of_role.get("regular", 0)), int(regular[1])
    left = max(wanted - n, 0) / max(settings.shares.regular, 0.05)
    return Progress(
        batch=row.id,
        name=row.name,
        state=row.state,
        items=int(regular[0]),
        items_done=int(done),
        judgements=n,
        wanted=wanted,
        skips=int((last["choice"] == "skip").sum()),
        repeats=int((last["round"] > 0).sum()),
        gold=int(of_role.get("gold", 0)),
        checks=int(of_role.get("check", 0)),
        undone=int(judged["superseded"].sum()),
        late=int(last["late"].sum()),
        gold_share=None if len(first) == 0 else float(of_role.get("gold", 0) / len(last)),
        per_hour=recent,
        hours_left=left / recent if recent else None,
        active_hours=float(last["active_ms"].sum() / 3.6e6),
        owed=None if settings.pay_per_task is None else float(len(last) * settings.pay_per_task),
        people=people,
    )


def bonus_rows(found: Progress) -> pd.DataFrame:
    """What each person is owed: `annotator`, `tasks`, `active_hours`, `amount`; the form crowd platforms take."""
    frame = found.people
    return pd.DataFrame(
        {
            "annotator": frame["name"],
            "tasks": frame["done"],
            "active_hours": frame["active_hours"].round(3),
            "amount": frame["owed"],
        }
    )


def people_table(people: pd.DataFrame) -> pd.DataFrame:
    """People as the lead sees them: without ids, those to look at first."""
    order = {"paused": 0, "watched": 1, "new": 2, "trusted": 3, "ended": 4}
    shown = people.sort_values("state", key=lambda s: s.map(order), kind="stable")
    return pd.DataFrame(
        {
            "Person": shown["name"],
            "State": shown["state"],
            "Why": shown["state_reason"],
            "By": shown["state_by"],
            "Done": shown["done"],
            "Holds": shown["holds"],
            "Hours": shown["active_hours"].round(2),
            "Median seconds": shown["median_seconds"].round(1),
        }
    ).reset_index(drop=True)


def _judged(connection: Connection, batch: str) -> pd.DataFrame:
    j, item = schema.judgement, schema.item
    columns = [
        j.c.id,
        j.c.annotator,
        j.c.round,
        j.c.choice,
        j.c.active_ms,
        j.c.received_at,
        j.c.supersedes,
        j.c.late,
        item.c.role,
    ]
    rows = connection.execute(select(*columns).join(item, item.c.id == j.c.item).where(j.c.batch == batch)).fetchall()
    frame = pd.DataFrame(rows, columns=[c.name for c in columns])
    frame["active_ms"] = frame["active_ms"].astype("float64")
    frame["superseded"] = frame["id"].isin(set(frame["supersedes"].dropna()))
    return frame


def _people(connection: Connection, batch: str, judged: pd.DataFrame, pay: float | None) -> pd.DataFrame:
    who, lease = schema.annotator, schema.lease
    rows = connection.execute(select(who).where(who.c.batch == batch).order_by(who.c.created_at, who.c.name)).fetchall()
    held = connection.execute(
        select(lease.c.annotator, func.count().label("n"))
        .where(lease.c.batch == batch, lease.c.state == "open")
        .group_by(lease.c.annotator)
    )
    holds = {row.annotator: int(row.n) for row in held}
    last = judged[~judged["superseded"]].groupby("annotator")
    active, median, seen = last["active_ms"].sum(), last["active_ms"].median(), last["received_at"].max()
    frame = pd.DataFrame(
        {
            "annotator": [row.id for row in rows],
            "name": [row.name for row in rows],
            "kind": [row.kind for row in rows],
            "state": ["ended" if row.revoked_at else row.state for row in rows],
            "state_reason": [row.state_reason for row in rows],
            "state_by": [row.state_by for row in rows],
            "done": [row.done for row in rows],
            "holds": [holds.get(row.id, 0) for row in rows],
        }
    )
    frame["active_hours"] = frame["annotator"].map(active).fillna(0.0) / 3.6e6
    frame["median_seconds"] = frame["annotator"].map(median) / 1000
    frame["last_at"] = frame["annotator"].map(seen)
    frame["owed"] = frame["done"] * pay if pay is not None else None
    return frame
