"""The labelling server: one page and a handful of JSON calls, for people who label all day.

`label_app(store)` is a Starlette application. It stands at `/label` under the workbench's own server, or alone
(`workbench collect serve`), and shares nothing but the store.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from sqlalchemy import select
from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route

from workbench.collection import schema
from workbench.collection.batches import person_of_external, scale_of_batch, settings_of, token_hash
from workbench.collection.guards import FRAMED, HEADERS, LOG, Rate, body_of, failure, guarded, is_same_origin, refuse
from workbench.collection.handing_out import Task, next_task
from workbench.collection.monitor import Monitor
from workbench.collection.saving import Refused, acknowledge, answer_from, save, undo
from workbench.collection.store import Store, now_ms

COOKIE = "pw_label"
PAGE = Path(__file__).with_name("page")
_FILES = {
    "label.js": "text/javascript",
    "label.css": "text/css",
    "render.js": "text/javascript",
    "icon.svg": "image/svg+xml",
}
_EXTERNAL = ("PROLIFIC_PID", "workerId", "participant_id")
_OFFERED = {
    "five": ["left>>", "left>", "=", "right>", "right>>"],
    "four": ["left>>", "left>", "right>", "right>>"],
    "ternary": ["left>", "=", "right>"],
    "binary": ["left>", "right>"],
}


def label_app(
    store: Store | Callable[[], Store], *, prefix: str = "/label", per_person: Rate | None = None
) -> Starlette:
    """The labelling server of a store.

    Parameters
    ----------
    store : the store, or what opens it at the first request.
    prefix : where it stands.
    per_person : requests that one person may make; by default 50 a second, 200 at once.
    """
    return Starlette(routes=[label_mount(store, prefix=prefix, per_person=per_person), Route("/", _front)])


def label_mount(store: Store | Callable[[], Store], *, prefix: str = "/label", per_person: Rate | None = None) -> Mount:
    """The same as a route of another application."""
    return Mount(prefix, routes=_Server(store, prefix, per_person or Rate(50, 200)).routes())


def framed_app(store: Store, token: str, prefix: str) -> Starlette:
    """The labelling server of one person, for a frame of a notebook: the prefix is the secret, in place of the cookie
    that browsers keep from frames of other sites.
    """
    return Starlette(routes=[Mount(prefix, routes=_Server(store, prefix, Rate(50, 200), only=token).routes())])


async def _front(_request: Request) -> Response:
    return Response("Open the link you were sent.\n", media_type="text/plain")


class _Server:
    def __init__(
        self, store: Store | Callable[[], Store], prefix: str, per_person: Rate, only: str | None = None
    ) -> None:
        self._open = store
        self._store: Store | None = store if isinstance(store, Store) else None
        self._monitor: Monitor | None = None
        self.prefix = prefix
        self.only = only
        self.per_person = per_person
        self.strangers = Rate(5, 30)

    def routes(self) -> list[BaseRoute]:
        """What the server answers."""
        calls = [
            ("/t/{token}", self.enter, "GET"),
            ("/crowd/{batch}", self.enter_from_crowd, "GET"),
            ("/", self.page, "GET"),
            ("/files/{name}", self.file, "GET"),
            ("/api/settings", self.settings, "GET"),
            ("/api/next", self.next, "GET"),
            ("/api/judgements", self.judge, "POST"),
            ("/api/undo", self.undo, "POST"),
            ("/api/acknowledge", self.acknowledge, "POST"),
            ("/health", self.health, "GET"),
        ]
        headers = HEADERS if self.only is None else FRAMED
        return [Route(path, guarded(call, headers), methods=[method]) for path, call, method in calls]

    def token(self, request: Request) -> str:
        """What the request shows: its cookie, or in a frame the one person there is."""
        return self.only or request.cookies.get(COOKIE, "")

    @property
    def store(self) -> Store:
        """The store, opened at the first request."""
        if self._store is None:
            self._store = self._open() if callable(self._open) else self._open
        return self._store

    @property
    def monitor(self) -> Monitor:
        """Keeps watch over this store's people."""
        if self._monitor is None:
            self._monitor = Monitor(self.store)
        return self._monitor

    async def enter(self, request: Request) -> Response:
        """A person's link: the token goes into a cookie and out of the address."""
        if not self.strangers.allows(_client(request)):
            return refuse(request, 429, "too many requests")
        token = request.path_params["token"]
        person = await run_in_threadpool(self._person, token)
        if person is None:
            return _ended(request)
        return self._let_in(request, token)

    async def enter_from_crowd(self, request: Request) -> Response:
        """A crowd platform's person, known by the id that the platform adds to the address."""
        if not self.strangers.allows(_client(request)):
            return refuse(request, 429, "too many requests")
        external = next((request.query_params[n] for n in _EXTERNAL if request.query_params.get(n)), None)
        if not external or len(external) > 200:
            return refuse(request, 400, "the platform's id is missing from the address")
        batch = request.path_params["batch"]
        if not await run_in_threadpool(self._admits_crowd, batch):
            return refuse(request, 404, "no such batch for a crowd")
        link = await run_in_threadpool(person_of_external, self.store, batch, external)
        return self._let_in(request, link.token)

    async def page(self, request: Request) -> Response:
        """The page itself; it holds no data."""
        if await run_in_threadpool(self._person, self.token(request)) is None:
            return _ended(request)
        return FileResponse(PAGE / "label.html", media_type="text/html")

    async def file(self, request: Request) -> Response:
        """A file of the page."""
        name = request.path_params["name"]
        if name not in _FILES:
            return refuse(request, 404, "no such file")
        return FileResponse(PAGE / name, media_type=_FILES[name], headers={"Cache-Control": "max-age=300"})

    async def settings(self, request: Request) -> Response:
        """What the page needs to know once: choices, dimensions, the guideline."""
        who = await self._who(request)
        if isinstance(who, Response):
            return who
        return JSONResponse(await run_in_threadpool(self._settings, who))

    async def next(self, request: Request) -> Response:
        """The next task: 200 with it, 204 where there is none."""
        who = await self._who(request)
        if isinstance(who, Response):
            return who
        after = [lease for lease in request.query_params.get("after", "").split(",") if lease][:8]
        task = await run_in_threadpool(next_task, self.store, who, after)
        return Response(status_code=204) if task is None else JSONResponse(_said(task))

    async def judge(self, request: Request) -> Response:
        """Saves an answer; the reply means that it is on disk."""
        who = await self._who(request, changes=True)
        if isinstance(who, Response):
            return who
        body = await _json(request)
        if isinstance(body, Response):
            return body
        try:
            answer = answer_from(body)
            saved = await run_in_threadpool(save, self.store, who, answer)
        except Refused as error:
            return refuse(request, error.status, error.why)
        # After the reply: how long a look takes depends on the item, and must not show.
        return JSONResponse({"saved": saved}, background=BackgroundTask(self._look_again, who, saved))

    async def undo(self, request: Request) -> Response:
        """Opens the last task again."""
        who = await self._who(request, changes=True)
        if isinstance(who, Response):
            return who
        task = await run_in_threadpool(undo, self.store, who)
        return Response(status_code=204) if task is None else JSONResponse(_said(task))

    async def acknowledge(self, request: Request) -> Response:
        """Notes that the guideline was read."""
        who = await self._who(request, changes=True)
        if isinstance(who, Response):
            return who
        body = await _json(request)
        if isinstance(body, Response):
            return body
        version = body.get("version") if isinstance(body, dict) else None
        if not isinstance(version, int) or not 0 < version < 1_000_000:
            return refuse(request, 400, "version is no number")
        await run_in_threadpool(acknowledge, self.store, who, version)
        return JSONResponse({"acknowledged": version})

    async def health(self, _request: Request) -> Response:
        """Whether the store answers."""

        def answers() -> int:
            with self.store.reading() as connection:
                return int(connection.execute(select(1)).scalar_one())

        return JSONResponse({"ok": await run_in_threadpool(answers) == 1})

    async def _who(self, request: Request, *, changes: bool = False) -> str | Response:
        """The person a request is from, or why it is refused."""
        token = self.token(request)
        client = token_hash(token) if token else _client(request)
        if not (self.per_person if token else self.strangers).allows(client):
            return refuse(request, 429, "too many requests")
        if changes and not is_same_origin(request):
            return refuse(request, 403, "the request comes from another page")
        person = await run_in_threadpool(self._person, token) if token else None
        if person is None:
            return refuse(request, 401, "no link, or one that has ended")
        return str(person.id)

    def _person(self, token: str) -> Any | None:
        if not token or len(token) > 100:
            return None
        table = schema.annotator
        with self.store.reading() as connection:
            row = connection.execute(select(table).where(table.c.token_hash == token_hash(token))).fetchone()
        if row is None or row.revoked_at is not None:
            return None
        return None if row.expires_at is not None and row.expires_at < now_ms() else row

    def _admits_crowd(self, batch: str) -> bool:
        with self.store.reading() as connection:
            row = connection.execute(select(schema.batch).where(schema.batch.c.id == batch)).fetchone()
        return row is not None and bool(row.config.get("crowd"))

    def _let_in(self, request: Request, token: str) -> Response:
        response = RedirectResponse(f"{request.scope.get('root_path', '').rstrip('/') or self.prefix}/", 303)
        response.set_cookie(
            COOKIE,
            token,
            max_age=30 * 86_400,
            path=self.prefix,
            httponly=True,
            samesite="lax",
            secure=request.url.scheme == "https",
        )
        return response

    def _settings(self, annotator: str) -> dict[str, Any]:
        with self.store.reading() as connection:
            person = connection.execute(select(schema.annotator).where(schema.annotator.c.id == annotator)).one()
            batch = connection.execute(select(schema.batch).where(schema.batch.c.id == person.batch)).one()
            text = connection.execute(
                select(schema.guideline.c.text).where(
                    schema.guideline.c.batch == batch.id, schema.guideline.c.version == batch.guideline_version
                )
            ).scalar_one()
        settings = settings_of(batch)
        return {
            "you": person.id,
            "batch": batch.name,
            "choices": _OFFERED[scale_of_batch(batch).name],
            "dimensions": list(settings.dimensions),
            "ask_reason": settings.ask_reason,
            "floor_ms": settings.floor_ms,
            "guideline": text,
            "guideline_version": batch.guideline_version,
            "acknowledged": person.acknowledged,
        }

    def _look_again(self, annotator: str, judgement: str) -> None:
        table = schema.judgement
        try:
            with self.store.reading() as connection:
                item = connection.execute(select(table.c.item).where(table.c.id == judgement)).scalar_one()
            self.monitor.after(annotator, item)
        except Exception:
            # The label is saved; the next one looks again. The trace may hold texts.
            LOG.error("the look at a person failed: %s", failure())


def _said(task: Task) -> dict[str, Any]:
    """A task as JSON; `previous` only where there is one, so that nothing else differs between tasks."""
    said = asdict(task)
    if said["previous"] is None:
        del said["previous"]
    return said


async def _json(request: Request) -> Any:
    if request.headers.get("content-type", "").split(";")[0].strip() != "application/json":
        return refuse(request, 415, "the body is no JSON")
    raw = await body_of(request)
    if raw is None:
        return refuse(request, 413, "the body is too large")
    try:
        return json.loads(raw)
    except (ValueError, RecursionError):
        return refuse(request, 400, "the body is no JSON")


def _ended(request: Request) -> Response:
    response = FileResponse(PAGE / "ended.html", media_type="text/html", status_code=403)
    refuse(request, 403, "no link, or one that has ended")
    return response


def _client(request: Request) -> str:
    return request.client.host if request.client else "unknown"
