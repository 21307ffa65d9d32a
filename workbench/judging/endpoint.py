"""One server: a call is sent once through the vendor's SDK, and whatever comes back becomes a reply; nothing is raised
but what ends the run.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from workbench.errors import WorkbenchError
from workbench.judging.spec import JudgeSpec

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


CALLS_A_CLIENT = 8
"""Calls at once through one client of the SDK."""


class Endpoint:
    """A server of one contract, asked through the SDK without its own retries: each attempt is ours to count and to pay
    for.
    """

    def __init__(self, spec: JudgeSpec, path: str) -> None:
        self.spec, self._path = spec, path
        self._clients: list[Any] = []
        self._load: dict[int, int] = {}
        vendor = "anthropic" if spec.kind == "anthropic" else "openai"
        self._sdk = imported(vendor)
        self._response: Any = import_module("httpx2").Response
        self._make = self._sdk.AsyncAnthropic if vendor == "anthropic" else self._sdk.AsyncOpenAI
        self._key = spec.key()

    async def send(self, body: dict[str, Any]) -> Reply:
        """Sends a call once."""
        sdk = self._sdk
        place = self._least_busy()
        self._load[place] += 1
        try:
            response = await self._clients[place].post(self._path, cast_to=self._response, body=body)
        except sdk.APIStatusError as error:
            return _of_status(error.response)
        except sdk.APITimeoutError:
            return Reply(problem="no answer in time", retry=True, maybe_paid=True, busy=True)
        except sdk.APIConnectionError as error:
            # A connection that never stood cost nothing; one that broke may have.
            never = type(error.__cause__).__name__ in ("ConnectError", "ConnectTimeout", "PoolTimeout")
            return Reply(problem="no connection" if never else "connection broke", retry=True, maybe_paid=not never)
        finally:
            self._load[place] -= 1
        return _of_content(response)

    def _least_busy(self) -> int:
        """The client with fewest calls; another one where all have `CALLS_A_CLIENT`.

        For each call the SDK's pool looks at every connection that it holds, so many small pools cost less processor
        time than one large one.
        """
        place = min(self._load, key=lambda p: self._load[p], default=-1)
        if place < 0 or self._load[place] >= CALLS_A_CLIENT:
            place = len(self._clients)
            # Always with an address: one left in OPENAI_BASE_URL would silently send texts elsewhere.
            self._clients.append(
                self._make(
                    api_key=self._key,
                    base_url=address_of(self.spec),
                    max_retries=0,
                    timeout=self.spec.settings.timeout,
                )
            )
            self._load[place] = 0
        return place

    async def close(self) -> None:
        """Closes its connections."""
        for client in self._clients:
            await client.close()


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


def imported(vendor: str) -> Any:
    """A vendor's SDK.

    Raises
    ------
    WorkbenchError : it is not installed.
    """
    try:
        return import_module(vendor)
    except ModuleNotFoundError as error:
        raise WorkbenchError(
            f"Asking this judge needs the package {vendor}.", "Install it: pip install 'preference-workbench[judges]'."
        ) from error


def _of_content(response: Any) -> Reply:
    try:
        payload = json.loads(response.content)
    except (ValueError, RecursionError):
        page = response.headers.get("content-type", "").startswith("text/html")
        problem = "a web page in place of an answer" if page else "broken JSON in place of an answer"
        return Reply(problem=problem, status=200, retry=True, maybe_paid=not page)
    if not isinstance(payload, dict):
        return Reply(problem="no JSON object in place of an answer", status=200, retry=True, maybe_paid=True)
    return Reply(payload=payload, status=200)


def _of_status(response: Any) -> Reply:
    """A reply to an error status; the server's message stays out of it, since it may repeat a key or a text."""
    status = int(response.status_code)
    code = _code(response)
    if status in (401, 403):
        return Reply(problem=f"http {status}: the key is missing or not accepted", status=status, code=code)
    if status == 429 and code == "insufficient_quota":
        return Reply(problem="http 429: the account has no credit left", status=status, code=code)
    retry = status in (408, 409, 429) or status >= 500
    return Reply(
        problem=f"http {status}" + (f" ({code})" if code else ""),
        status=status,
        retry=retry,
        busy=status in (429, 503, 529),
        wait=_wait(response.headers),
        code=code,
    )


def _code(response: Any) -> str:
    try:
        found = json.loads(response.content)["error"]
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
