"""What keeps the labelling server up and its answers to the right person: sizes, rates, origins, headers.

Refusals are logged with their kind and the client's address only: never a token, an id or a text.
"""

from __future__ import annotations

import logging
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from urllib.parse import urlsplit

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

LOG = logging.getLogger("workbench.collection")
MOST_BODY = 64 * 1024
"""Bytes of a request."""
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; base-uri 'none';"
        " form-action 'none'; frame-ancestors 'self'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Cache-Control": "no-store",
}


FRAMED = {
    **HEADERS,
    "Content-Security-Policy": HEADERS["Content-Security-Policy"].replace(
        "frame-ancestors 'self'", "frame-ancestors *"
    ),
}
"""The same for a page in the frame of a notebook, whose address nobody can know before."""


class Rate:
    """A bucket of tokens for each client: `per_second` come in, at most `burst` lie there, each request takes one.

    >>> rate = Rate(1.0, 2.0)
    >>> [rate.allows("x", now=0.0), rate.allows("x", now=0.0), rate.allows("x", now=0.0), rate.allows("x", now=1.5)]
    [True, True, False, True]
    """

    def __init__(self, per_second: float, burst: float, most: int = 10_000) -> None:
        self.per_second, self.burst, self.most = per_second, burst, most
        self._held: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def allows(self, client: str, now: float | None = None) -> bool:
        """Whether this request may pass."""
        now = time.monotonic() if now is None else now
        tokens, at = self._held.pop(client, (self.burst, now))
        tokens = min(self.burst, tokens + (now - at) * self.per_second)
        self._held[client] = (tokens - 1 if tokens >= 1 else tokens, now)
        while len(self._held) > self.most:
            self._held.popitem(last=False)
        return tokens >= 1


async def body_of(request: Request) -> bytes | None:
    """The body, or None where it is larger than `MOST_BODY`: reading stops there."""
    announced = request.headers.get("content-length", "0")
    if announced.isdigit() and int(announced) > MOST_BODY:
        return None
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > MOST_BODY:
            return None
        parts.append(part)
    return b"".join(parts)


def is_same_origin(request: Request) -> bool:
    """Whether a request that changes something comes from our own page.

    A browser says where a request comes from in `Origin` or `Sec-Fetch-Site`; what says neither is no browser, and has
    no cookie that a foreign page could borrow (it is SameSite=Lax).
    """
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        return False
    origin = request.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == request.headers.get("host", "")


def refuse(request: Request, status: int, why: str) -> Response:
    """A refusal, noted in the log."""
    client = request.client.host if request.client else "unknown"
    LOG.warning("%s refused with %d (%s) from %s", request.method, status, why, client)
    return JSONResponse({"error": why}, status_code=status, headers=HEADERS)


def guarded(
    handler: Callable[[Request], Awaitable[Response]], headers: Mapping[str, str] = HEADERS
) -> Callable[[Request], Awaitable[Response]]:
    """A handler that never shows a trace, and whose answers carry the headers."""

    async def safely(request: Request) -> Response:
        try:
            response = await handler(request)
        except ClientDisconnect:
            # Whoever hung up will ask again; nobody reads this answer.
            return Response(status_code=499)
        except Exception:
            # The trace may hold texts: its kind is enough to look for the cause.
            LOG.error("%s failed: %s", request.url.path.rsplit("/", 1)[0], failure())
            return JSONResponse({"error": "the server failed; nothing was lost"}, status_code=500, headers=HEADERS)
        for name, value in headers.items():
            response.headers.setdefault(name, value)
        return response

    return safely


def failure() -> str:
    """Kind and place of the exception at hand, without its message."""
    import sys

    kind, _, trace = sys.exc_info()
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    where = f" at {trace.tb_frame.f_code.co_name}:{trace.tb_lineno}" if trace is not None else ""
    return f"{kind.__name__ if kind else 'unknown'}{where}"
