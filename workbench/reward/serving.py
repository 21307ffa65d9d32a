"""A reward model over HTTP: scores of texts, preferences between two, and a line that says it is well.

- `GET /health`: `{"status": "ok", "model", "device", "waiting", "scored", "batches"}`, without a token.
- `POST /score` with `{"texts": [{"prompt", "response"}]}`: `{"scores": [...]}`.
- `POST /compare` with `{"pairs": [{"prompt", "a", "b"}]}`: `{"margins": [...], "probabilities": [...]}` of A.

Prompts and responses are texts or lists of messages. No text is logged, kept, or given back in an error.
"""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import json
import math
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from typing import Any

import numpy as np
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from workbench.errors import WorkbenchError
from workbench.reward.batcher import Batcher, Busy
from workbench.reward.chat import Words, turns_in
from workbench.reward.fitted import Model, uncached
from workbench.reward.quantisation import quantised_model

MOST_ASKED = 1_000
"""Texts, or pairs, of one request."""

MOST_BYTES = 16 * 2**20
"""Of the body of a request."""

LOCAL = ("127.0.0.1", "::1", "localhost")


class Refused(Exception):
    """A request that is answered with an error."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status, self.why = status, why


def server(
    model: Model, name: str, *, token: str = "", batch: int = 32, wait: float = 0.005, int8: bool = False
) -> Starlette:
    """The application that serves a model.

    Parameters
    ----------
    name : of the model, for the health line.
    token : that requests must carry as `Authorization: Bearer TOKEN`; '' = none is asked for.
    batch, wait : texts of a batch, and seconds the first of it waits for others.
    int8 : hold the weights of linear layers in 8 bits, on the processor.
    """
    used = quantised_model(model) if int8 else uncached(model)
    batcher = Batcher(used, most=batch, wait=wait)
    device = str(getattr(getattr(used, "model", None), "device", "cpu"))

    async def health(request: Request) -> JSONResponse:  # noqa: ARG001
        counts = {"waiting": batcher.waiting, "scored": batcher.scored, "batches": batcher.batches}
        return JSONResponse({"status": "ok", "model": name, "device": device, "int8": int8, **counts})

    async def score(request: Request) -> dict[str, Any]:
        rows = await _rows(request, "texts", ("response",))
        found = await batcher.score([r.get("prompt") or "" for r in rows], [r["response"] for r in rows])
        return {"scores": found.tolist()}

    async def compare(request: Request) -> dict[str, Any]:
        rows = await _rows(request, "pairs", ("a", "b"))
        asked: list[Words] = [r.get("prompt") or "" for r in rows]
        both = await batcher.score([*asked, *asked], [*(r["a"] for r in rows), *(r["b"] for r in rows)])
        margin = both[: len(rows)] - both[len(rows) :]
        p = used.probability_of_margin(margin) if len(rows) else np.empty(0)
        return {"margins": margin.tolist(), "probabilities": np.asarray(p).tolist()}

    @contextlib.asynccontextmanager
    async def life(app: Starlette) -> AsyncIterator[None]:  # noqa: ARG001
        work = asyncio.create_task(batcher.work())
        try:
            yield
        finally:
            work.cancel()
            batcher.close()

    routes = [
        Route("/health", health),
        Route("/score", _guarded(score, token), methods=["POST"]),
        Route("/compare", _guarded(compare, token), methods=["POST"]),
    ]
    return Starlette(routes=routes, lifespan=life)


def serve(app: Starlette, host: str, port: int) -> None:
    """Serves until it is stopped; requests are not logged."""
    import uvicorn

    uvicorn.run(app, host=host, port=port, log_level="warning", access_log=False, server_header=False)


def check_address(host: str, token: str) -> None:
    """Refuses to serve other machines without a token.

    Raises
    ------
    WorkbenchError
        There is none.
    """
    if host not in LOCAL and not token:
        raise WorkbenchError(
            f"Whoever can reach {host} could use the model.",
            "Set a token in WORKBENCH_SERVE_TOKEN, or serve this machine only.",
        )


def _guarded(answer: Callable[[Request], Awaitable[dict[str, Any]]], token: str) -> Callable[..., Any]:
    async def guarded(request: Request) -> JSONResponse:
        given = request.headers.get("authorization", "").removeprefix("Bearer ")
        if token and not hmac.compare_digest(given.encode(), token.encode()):
            return JSONResponse({"error": "The token is missing or wrong."}, 401, {"WWW-Authenticate": "Bearer"})
        try:
            found = await answer(request)
            if not all(math.isfinite(v) for values in found.values() for v in values):
                raise Refused(500, "The model gave no number.")
            return JSONResponse(found)
        except Refused as error:
            return JSONResponse({"error": error.why}, error.status)
        except Busy:
            return JSONResponse({"error": "Too many texts wait."}, 503, {"Retry-After": "1"})
        except WorkbenchError as error:
            return JSONResponse({"error": f"{error.what} {error.remedy}"}, 422)

    return guarded


async def _rows(request: Request, name: str, needed: Sequence[str]) -> list[Mapping[str, Any]]:
    """The rows of a request, checked."""
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > MOST_BYTES:
            raise Refused(413, f"A request may have {MOST_BYTES // 2**20} MB.")
    try:
        rows = json.loads(bytes(body))[name]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise Refused(400, f"Send JSON with a list of {name}.") from None
    if not isinstance(rows, list) or len(rows) > MOST_ASKED:
        raise Refused(400, f"Send a list of at most {MOST_ASKED} {name}.")
    for i, row in enumerate(rows):
        if not isinstance(row, dict) or not all(_is_words(row.get(each)) and row[each] for each in needed):
            raise Refused(400, f"{name}[{i}] needs {' and '.join(needed)}: a text, or messages with role and content.")
        if row.get("prompt") is not None and not _is_words(row["prompt"]):
            raise Refused(400, f"{name}[{i}]: prompt is a text, or messages with role and content.")
    return rows


def _is_words(value: object) -> bool:
    if isinstance(value, str):
        return True
    if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
        return False
    try:
        return not value or all(isinstance(text, str) for _, text in turns_in(value, "user"))
    except WorkbenchError:
        return False
