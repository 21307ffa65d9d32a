"""One server: a call is sent once, and whatever comes back becomes a reply; nothing is raised but what ends the run."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from workbench.errors import WorkbenchError
from workbench.judging.spec import JudgeSpec, is_local

MOST_WAIT = 120.0
"""Seconds a `Retry-After` is obeyed at once; a server that asks for more is asked again after these."""


@dataclass(frozen=True, kw_only=True)
class Reply:
    """What one sending of a call came to.

    Attributes
    ----------
    payload : the JSON object of a 200 answer, else None.
    problem : what went wrong, in a few words of our own; None with a payload.
    status : HTTP status, 0 where there was no answer.
    retry : whether the same call may be sent again.
    maybe_paid : whether the server may have done the work.
    busy : the server asks for less.
    wait : seconds it asks to be left alone, None where it does not say.
    code : the server's own name of the error, if it is a plain name.
    """

    payload: dict[str, Any] | None = None
    problem: str | None = None
    status: int = 0
    retry: bool = False
    maybe_paid: bool = False
    busy: bool = False
    wait: float | None = None
    code: str = ""


MOST_BYTES = 8 * 2**20
"""Longest answer that is read; a judgement has some hundred bytes."""
_CONNECTING = 10.0
"""Seconds a connection may take to stand."""
_NOT_OURS = {"host", "content-length", "connection", "accept-encoding", "transfer-encoding"}
"""Headers of the SDK's request that whoever sends it makes anew."""


class Endpoint:
    """A server of one contract.

    Address, key and headers are those that the vendor's SDK makes; the calls go out without its retries, since each
    attempt is ours to count and to pay for, and without the milliseconds that it takes for each.
    """

    def __init__(self, spec: JudgeSpec, path: str) -> None:
        self.spec = spec
        self._url, self._headers = _as_the_sdk(spec, path)
        self._http: Any = imported("aiohttp")
        self._session: Any = None
        self._proxy = _proxy_for(self._url)

    async def send(self, body: dict[str, Any], begin: Callable[[], None] = lambda: None) -> Reply:
        """Sends a call once.

        Parameters
        ----------
        body : of the call.
        begin : is called at the last moment before the first byte leaves, and not at all where none does.

        Raises
        ------
        WorkbenchError : `begin` raised it; nothing was sent.
        """
        http = self._http
        if self._session is None:
            self._session = self._opened()
        leaving = _Leaving(begin)
        try:
            async with self._session.post(
                self._url,
                data=json.dumps(body, ensure_ascii=False).encode("utf-8", "replace"),
                allow_redirects=False,
                proxy=self._proxy,
                trace_request_ctx=leaving,
            ) as response:
                return await _read(response)
        except TimeoutError:
            problem = "no answer in time" if leaving.begun else "no connection in time"
            return Reply(problem=problem, retry=True, maybe_paid=leaving.begun, busy=True)
        except (http.ClientError, OSError, ValueError) as error:
            if leaving.error is not None:
                raise leaving.error from error
            # A connection that never stood cost nothing; one that broke may have.
            problem = "connection broke" if leaving.begun else "no connection"
            return Reply(problem=problem, retry=True, maybe_paid=leaving.begun)

    def _opened(self) -> Any:
        """One pool of connections; it keeps no cookies, reads no `.netrc` and follows nobody elsewhere."""
        http = self._http
        tracing = http.TraceConfig()
        tracing.on_request_chunk_sent.append(_begins)
        seconds = self.spec.settings.timeout
        return http.ClientSession(
            headers=self._headers,
            connector=http.TCPConnector(limit=0, ssl=_trusted() if self._url.startswith("https") else True),
            cookie_jar=http.DummyCookieJar(),
            timeout=http.ClientTimeout(total=seconds, sock_connect=min(seconds, _CONNECTING)),
            skip_auto_headers=("User-Agent", "Accept-Encoding"),
            trace_configs=[tracing],
        )

    async def close(self) -> None:
        """Closes its connections."""
        if self._session is not None:
            await self._session.close()


class _Leaving:
    """Whether a call has begun to leave."""

    def __init__(self, begin: Callable[[], None]) -> None:
        self._begin = begin
        self.begun = False
        self.error: WorkbenchError | None = None

    def __call__(self) -> None:
        if self.begun:
            return
        try:
            self._begin()
        except WorkbenchError as error:
            self.error = error
            raise
        self.begun = True


async def _begins(session: Any, context: Any, chunk: Any) -> None:  # noqa: ARG001
    """Called by the HTTP library directly before it writes: headers and body leave together."""
    context.trace_request_ctx()


async def _read(response: Any) -> Reply:
    content = bytearray()
    async for chunk in response.content.iter_any():
        content += chunk
        if len(content) > MOST_BYTES:
            return Reply(problem="an answer without end", status=int(response.status), retry=True, maybe_paid=True)
    if response.status == 200:
        return _of_content(bytes(content), response.headers)
    return _of_status(int(response.status), bytes(content), response.headers)


def _as_the_sdk(spec: JudgeSpec, path: str) -> tuple[str, dict[str, str]]:
    """Address and headers of a call as the vendor's SDK makes them; nothing is sent for it."""
    vendor = "anthropic" if spec.kind == "anthropic" else "openai"
    sdk, httpx = imported(vendor), import_module("httpx2")
    made: list[Any] = []

    def keep(request: Any) -> Any:
        made.append(request)
        return httpx.Response(200, json={})

    with httpx.Client(transport=httpx.MockTransport(keep)) as client:
        make = sdk.Anthropic if vendor == "anthropic" else sdk.OpenAI
        # Always with an address: one left in OPENAI_BASE_URL would silently send texts elsewhere.
        asked = make(
            api_key=spec.key(),
            base_url=address_of(spec),
            max_retries=0,
            timeout=spec.settings.timeout,
            http_client=client,
        )
        asked.post(path, cast_to=httpx.Response, body={})
    headers = {name: value for name, value in made[0].headers.items() if name.lower() not in _NOT_OURS}
    return str(made[0].url), headers


def _trusted() -> Any:
    """The certificates that the SDKs trust."""
    return import_module("httpx2").create_ssl_context()


def _proxy_for(url: str) -> str | None:
    """The proxy that the environment names for this address; addresses of one's own go there directly."""
    parts = urlsplit(url)
    if is_local(url) or proxy_bypass(parts.hostname or ""):
        return None
    return getproxies().get(parts.scheme) or getproxies().get("all")


def address_of(spec: JudgeSpec) -> str:
    """The address as the SDK wants it: with `/v1` for OpenAI's, without for Anthropic's.

    >>> from workbench.judging.spec import parse_judge
    >>> (
    ...     address_of(parse_judge("openai:m@http://localhost:1")),
    ...     address_of(parse_judge("anthropic:m@http://localhost:1/v1")),
    ... )
    ('http://localhost:1/v1', 'http://localhost:1')
    """
    url = spec.base_url
    if spec.kind == "anthropic":
        return url.removesuffix("/v1")
    return url if url.count("/") > 2 else f"{url}/v1"


def imported(package: str) -> Any:
    """A package that asking servers takes.

    Raises
    ------
    WorkbenchError : it is not installed.
    """
    try:
        return import_module(package)
    except ModuleNotFoundError as error:
        raise WorkbenchError(
            f"Asking this judge needs the package {package}.", "Install it: pip install 'preference-workbench[judges]'."
        ) from error


def _of_content(content: bytes, headers: Any) -> Reply:
    try:
        payload = json.loads(content)
        if b"\\ud" in content.lower():
            # Halves of a pair that stand alone are no text that could be stored or shown.
            payload = json.loads(json.dumps(payload, ensure_ascii=False).encode("utf-8", "replace"))
    except (ValueError, RecursionError):
        page = str(headers.get("content-type", "")).startswith("text/html")
        problem = "a web page in place of an answer" if page else "broken JSON in place of an answer"
        return Reply(problem=problem, status=200, retry=True, maybe_paid=not page)
    if not isinstance(payload, dict):
        return Reply(problem="no JSON object in place of an answer", status=200, retry=True, maybe_paid=True)
    return Reply(payload=payload, status=200)


def _of_status(status: int, content: bytes, headers: Any) -> Reply:
    """A reply to any other status; the server's message stays out of it, since it may repeat a key or a text."""
    code = _code(content)
    if status in (401, 403):
        return Reply(problem=f"http {status}: the key is missing or not accepted", status=status, code=code)
    if 300 <= status < 400:
        return Reply(problem=f"http {status}: it sends calls elsewhere, which is not followed", status=status)
    if status == 429 and code == "insufficient_quota":
        return Reply(problem="http 429: the account has no credit left", status=status, code=code)
    retry = status in (408, 409, 429) or status >= 500
    return Reply(
        problem=f"http {status}" + (f" ({code})" if code else ""),
        status=status,
        retry=retry,
        busy=status in (429, 503, 529),
        wait=_wait(headers),
        code=code,
    )


def _code(content: bytes) -> str:
    try:
        found = json.loads(content)["error"]
        name = str(found.get("code") or found.get("type") or "")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return ""
    return name if name.replace("_", "").isalpha() and len(name) <= 40 else ""


def _wait(headers: Any) -> float | None:
    for name, scale in (("retry-after-ms", 0.001), ("retry-after", 1.0)):
        try:
            asked = float(headers[name]) * scale
        except (KeyError, ValueError, TypeError):
            continue
        if asked >= 0:
            return min(asked, MOST_WAIT)
    return None
