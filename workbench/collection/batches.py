"""Batches: pairs to judge with gold among them, and one link for each person who judges them."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import Connection, select, update

from workbench.collection import schema
from workbench.collection.rows import check_rows, item_rows, known_answers
from workbench.collection.schedule import Shares
from workbench.collection.store import Store, now_ms
from workbench.dataset.annotation_set import AnnotationSet
from workbench.dataset.scales import FIVE, SCALES, LabelScale
from workbench.errors import WorkbenchError
from workbench.messages import by, message, name_of

GUIDELINE = (
    "Read the prompt and both responses to their end. Choose the response that answers the prompt better, by what it"
    " says, not by its length or tone. Choose the middle only where you cannot tell them apart. Skip what you cannot"
    " judge."
)
SCALES_OFFERED = ("five", "ternary", "binary", "four")


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What a batch is to be like.

    Attributes
    ----------
    overlap : people who judge each item.
    most_overlap : votes at most for an item that stays undecided; `overlap` where votes are fixed.
    decided_at : chance of its direction from which an item counts as decided, for `most_overlap`.
    shares : gold, attention checks and repeats among an annotator's tasks.
    scale : name of the labels' scale.
    dimensions : names of rubric dimensions asked beside the choice, each on the same scale.
    ask_reason : whether a reason is asked.
    lease_minutes : how long an item stays with a person who does nothing.
    floor_ms : keys count from so long after an item was painted.
    most_each : tasks a person may do at most; None = as many as there are.
    alpha : chance at most that a reliable person is paused by the test.
    pay_per_task, currency : for the file of what is owed; None = not known.
    """

    overlap: int = 3
    most_overlap: int = 0
    decided_at: float = 0.9
    shares: Shares = field(default_factory=Shares)
    scale: str = "five"
    dimensions: tuple[str, ...] = ()
    ask_reason: bool = False
    lease_minutes: float = 30.0
    floor_ms: int = 300
    most_each: int | None = None
    alpha: float = 0.03
    pay_per_task: float | None = None
    currency: str = "$"

    def checked(self) -> Settings:
        """The same settings.

        Raises
        ------
        WorkbenchError
            One of them makes no sense.
        """
        s = self.shares
        wrong = {
            "overlap": not 1 <= self.overlap <= 100,
            "most overlap": self.most_overlap != 0 and not self.overlap <= self.most_overlap <= 100,
            "gold share": not 0 <= s.gold <= 0.5,
            "check share": not 0 <= s.check <= 0.2,
            "repeat share": not 0 <= s.repeat <= 0.3,
            "lease": not 0 < self.lease_minutes <= 24 * 60,
            "alpha": not 0 < self.alpha <= 0.5,
        }
        for name, bad in wrong.items():
            if bad:
                raise WorkbenchError(
                    f"The batch's {name} is out of range.",
                    "Overlap 1 to 100, gold at most half, checks at most a fifth, repeats at most 30%.",
                )
        if self.scale not in SCALES_OFFERED:
            raise WorkbenchError(
                f"Labels cannot be collected on the scale {self.scale!r}.",
                f"Choose one of {', '.join(SCALES_OFFERED)}.",
            )
        return self


def settings_of(row: Any) -> Settings:
    """The settings of a batch as they stand in the store."""
    config = dict(row.config["settings"])
    shares = Shares(**config.pop("shares"))
    config["dimensions"] = tuple(config.get("dimensions", ()))
    return Settings(shares=shares, **config)


def scale_of_batch(row: Any) -> LabelScale:
    """Its label scale."""
    return SCALES.get(settings_of(row).scale, FIVE)


@dataclass(frozen=True)
class Link:
    """A person's way in. The token is shown once: the store keeps a hash of it alone.

    Attributes
    ----------
    annotator : id in the store.
    name : what the lead calls this person.
    token : what the link ends in.
    """

    annotator: str
    name: str
    token: str

    def url(self, base: str) -> str:
        """The link to send.

        >>> Link("a1", "ann", "t0ken").url("http://127.0.0.1:8000/")
        'http://127.0.0.1:8000/label/t/t0ken'
        """
        return f"{base.rstrip('/')}/label/t/{self.token}"


def link_table(links: Sequence[Link], base: str) -> pd.DataFrame:
    """The links to send: `person` and `link`."""
    return pd.DataFrame({"person": [link.name for link in links], "link": [link.url(base) for link in links]})


def batches(store: Store) -> list[Any]:
    """All batches of a store, the newest first."""
    with store.reading() as connection:
        return list(connection.execute(select(schema.batch).order_by(schema.batch.c.created_at.desc())).fetchall())


def token_hash(token: str) -> str:
    """What the store keeps of a token: 256 bits drawn at random need no slow hash."""
    return sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def make_batch(
    store: Store,
    pool: AnnotationSet,
    name: str,
    settings: Settings,
    *,
    gold: Mapping[str, str] | None = None,
    checks: Sequence[tuple[str, str, str, str]] = (),
    guideline: str = GUIDELINE,
    only: Sequence[int] | None = None,
    priority: np.ndarray | None = None,
    crowd: bool = False,
    seed: int = 0,
) -> str:
    """Puts a pool of pairs into the store as one batch.

    Parameters
    ----------
    pool : pairs with texts; labels it has are not looked at, but its gold is.
    gold : item id -> right label, instead of the pool's own gold. Items with gold are shown for their answer alone.
    checks : attention checks: prompt, response A, response B, right label.
    only : positions of the items to be judged, in the order of handing out; None = all. Gold comes from the whole pool,
        but an item named here is to be judged, whatever is held to be its answer.
    priority : float (n_items,): larger is handed out earlier; all alike by default.
    crowd : whether people of a crowd platform come in by their id there.
    seed : decides the order of items of one priority.

    Returns
    -------
    The batch's id.

    Raises
    ------
    WorkbenchError
        Nothing can be shown, gold is asked for and there is none, or a gold label is not on the scale.
    """
    settings = settings.checked()
    scale = SCALES[settings.scale]
    asked = set(only or ())
    known = {i: label for i, label in known_answers(pool, gold, scale).items() if i not in asked}
    if settings.shares.gold > 0 and not known:
        raise WorkbenchError(
            "Gold is asked for and no item has a known answer.",
            message("Give a file ", by("gold"), ", or set ", name_of("gold_share"), " to 0."),
        )
    if settings.shares.check > 0 and not checks:
        raise WorkbenchError("Attention checks are asked for and none are given.", "Set the share of checks to 0.")
    rows = item_rows(pool, known, settings.overlap, only=only, priority=priority, seed=seed)
    rows += check_rows(checks, scale)
    if not any(row["role"] == "regular" for row in rows):
        raise WorkbenchError("No item is left to be judged.", "Pairs need the texts of both responses, and no gold.")
    batch_id = secrets.token_hex(6)
    config = {"settings": asdict(settings), "crowd": crowd}
    with store.writing() as connection:
        at = now_ms()
        connection.execute(
            schema.batch.insert().values(
                id=batch_id,
                name=name[:200],
                created_at=at,
                state="open",
                secret=secrets.token_hex(16),
                guideline_version=1,
                config=config,
            )
        )
        connection.execute(schema.guideline.insert().values(batch=batch_id, version=1, text=guideline, created_at=at))
        for start in range(0, len(rows), 2_000):
            connection.execute(
                schema.item.insert(), [{**row, "batch": batch_id} for row in rows[start : start + 2_000]]
            )
        store.note(connection, "batch made", batch_id, items=len(rows), gold=len(known))
    return batch_id


def add_people(
    store: Store, batch_id: str, names: Sequence[str], *, kind: str = "human", days: float | None = 30.0
) -> list[Link]:
    """Makes a link for each person.

    Parameters
    ----------
    names : what the lead calls them; shown on the lead's pages, and in exports as the annotator's id.
    kind : `human`, or `expert` for people who adjudicate.
    days : how long the links work; None = until revoked.
    """
    links = []
    with store.writing() as connection:
        at = now_ms()
        for name in names:
            link = Link(secrets.token_hex(6), name, secrets.token_urlsafe(32))
            connection.execute(
                schema.annotator.insert().values(
                    **_new_annotator(link, batch_id, at),
                    kind=kind,
                    expires_at=None if days is None else at + int(days * 86_400_000),
                )
            )
            links.append(link)
        store.note(connection, "people added", batch_id, people=len(links))
    return links


def link_anew(store: Store, batch_id: str, name: str) -> Link:
    """A new link for somebody of this name, who is added where there is nobody yet; an earlier link ends."""
    who = schema.annotator
    with store.reading() as connection:
        found = connection.execute(select(who).where(who.c.batch == batch_id, who.c.name == name)).fetchone()
    if found is None:
        return add_people(store, batch_id, [name], days=None)[0]
    link = Link(found.id, found.name, secrets.token_urlsafe(32))
    with store.writing() as connection:
        connection.execute(update(who).where(who.c.id == found.id).values(token_hash=token_hash(link.token)))
        store.note(connection, "link renewed", batch_id, link.annotator)
    return link


def person_of_external(store: Store, batch_id: str, external: str) -> Link:
    """The link of a crowd platform's person: made at first sight; of the platform's id a keyed hash is kept alone."""
    with store.writing() as connection:
        row = store.the_batch(connection, batch_id)
        hashed = sha256(f"{row.secret}\x1f{external}".encode("utf-8", "surrogatepass")).hexdigest()
        found = connection.execute(
            select(schema.annotator).where(
                schema.annotator.c.batch == row.id, schema.annotator.c.external_hash == hashed
            )
        ).fetchone()
        if found is None:
            link = Link(secrets.token_hex(6), f"crowd-{hashed[:8]}", secrets.token_urlsafe(32))
            connection.execute(
                schema.annotator.insert().values(
                    **_new_annotator(link, row.id, now_ms()), kind="human", external_hash=hashed
                )
            )
            return link
        link = Link(found.id, found.name, secrets.token_urlsafe(32))
        connection.execute(
            update(schema.annotator).where(schema.annotator.c.id == found.id).values(token_hash=token_hash(link.token))
        )
        return link


def revoke(store: Store, annotator: str) -> None:
    """Ends a person's link; what that person holds goes to others."""
    with store.writing() as connection:
        connection.execute(
            update(schema.annotator).where(schema.annotator.c.id == annotator).values(revoked_at=now_ms())
        )
        give_back(connection, annotator)
        store.note(connection, "link revoked", who=annotator)


def set_batch_state(store: Store, batch_id: str, state: str) -> None:
    """Opens, pauses or closes a batch: a paused one hands nothing out, and takes what is still on its way."""
    with store.writing() as connection:
        connection.execute(update(schema.batch).where(schema.batch.c.id == batch_id).values(state=state))
        store.note(connection, f"batch {state}", batch_id)


def admit_crowd(store: Store, batch_id: str, admit: bool) -> None:
    """Lets people of a crowd platform in by their id there, or no new ones any more."""
    with store.writing() as connection:
        config = dict(store.the_batch(connection, batch_id).config)
        connection.execute(
            update(schema.batch).where(schema.batch.c.id == batch_id).values(config={**config, "crowd": admit})
        )
        store.note(connection, "crowd let in" if admit else "crowd kept out", batch_id)


def crowd_url(base: str, batch_id: str) -> str:
    """The address for a crowd platform, which puts a person's id in place of the braces (Prolific's form).

    >>> crowd_url("https://label.example/", "b1")
    'https://label.example/label/crowd/b1?PROLIFIC_PID={{%PROLIFIC_PID%}}'
    """
    return f"{base.rstrip('/')}/label/crowd/{batch_id}?PROLIFIC_PID={{{{%PROLIFIC_PID%}}}}"


def new_guideline(store: Store, batch_id: str, text: str) -> int:
    """A new version of the guideline; everybody acknowledges it once. Returns its number."""
    with store.writing() as connection:
        version = int(store.the_batch(connection, batch_id).guideline_version) + 1
        connection.execute(
            schema.guideline.insert().values(batch=batch_id, version=version, text=text, created_at=now_ms())
        )
        connection.execute(update(schema.batch).where(schema.batch.c.id == batch_id).values(guideline_version=version))
        store.note(connection, "guideline changed", batch_id, version=version)
    return version


def give_back(connection: Connection, annotator: str) -> int:
    """Returns what a person holds to the pool; the number of items. The person's own undone leases end."""
    lease, item = schema.lease, schema.item
    held = connection.execute(
        select(lease.c.id, lease.c.item, lease.c.round)
        .where(lease.c.annotator == annotator, lease.c.state == "open")
        .order_by(lease.c.item)
    ).fetchall()
    for row in held:
        connection.execute(update(lease).where(lease.c.id == row.id).values(state="expired"))
        if row.round == 0:
            connection.execute(
                update(item)
                .where(item.c.id == row.item)
                .values(held=item.c.held - 1, wanting=item.c.held - 1 < item.c.want)
            )
    return len(held)


def _new_annotator(link: Link, batch_id: str, at: int) -> dict[str, Any]:
    return {
        "id": link.annotator,
        "batch": batch_id,
        "name": link.name[:200],
        "token_hash": token_hash(link.token),
        "created_at": at,
        "state": "new",
        "state_reason": "",
        "state_by": "test",
        "handed": 0,
        "done": 0,
        "acknowledged": 0,
    }
