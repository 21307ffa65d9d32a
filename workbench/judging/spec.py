"""Which judge is meant, and with which settings: `openai:MODEL@BASE_URL` and its kin."""

from __future__ import annotations

import ipaddress
import json
import os
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any
from urllib.parse import urlsplit

from workbench.errors import WorkbenchError

REMOTE = ("openai", "anthropic", "decisions", "systemone")
LOCAL = ("model", "rule")
KINDS = (*REMOTE, *LOCAL)
"""What can judge: four contracts of servers, a reward model of ours, a rule."""
_HOME = {
    "openai": "https://api.openai.com/v1",
    "anthropic": "https://api.anthropic.com",
    "decisions": "https://api.openai.com/v1",
}
_KEYS = {
    "openai": "OPENAI_API_KEY",
    "decisions": "OPENAI_API_KEY",
    "systemone": "OPENAI_API_KEY",
    "anthropic": "ANTHROPIC_API_KEY",
}
RULES = ("longer",)


@dataclass(frozen=True, kw_only=True)
class Settings:
    """How a judge answers.

    Attributes
    ----------
    temperature : None = the server's own.
    max_tokens : the longest answer; what is reserved of the budget before a call.
    effort : of reasoning (`none` to `max`), None = the model's own.
    log_probabilities : ask for those of the verdict.
    timeout : seconds a call may take.
    """

    temperature: float | None = None
    max_tokens: int = 700
    effort: str | None = None
    log_probabilities: bool = False
    timeout: float = 120.0


@dataclass(frozen=True)
class JudgeSpec:
    """A judge.

    Attributes
    ----------
    kind : one of `KINDS`.
    model : name of the model, folder of a reward model, or name of the rule.
    base_url : of the server; empty for what runs here.
    settings : how it answers.
    """

    kind: str
    model: str
    base_url: str = ""
    settings: Settings = field(default_factory=Settings)

    @property
    def host(self) -> str:
        """Where texts are sent; empty where they stay in this process."""
        return urlsplit(self.base_url).netloc.rpartition("@")[2] if self.base_url else ""

    @property
    def local(self) -> bool:
        """Whether texts stay on this machine or its own network."""
        return not self.base_url or is_local(self.base_url)

    @property
    def remote(self) -> bool:
        """Whether it is a server that is asked, on whatever machine."""
        return self.kind in REMOTE

    @property
    def name(self) -> str:
        """The name as an annotator."""
        return f"judge:{self.model.rstrip('/').rpartition('/')[2] or self.model}"

    def parameters(self) -> dict[str, Any]:
        """What changes the answers, for keys and versions; not where the server stands."""
        s = self.settings
        return {
            "temperature": s.temperature,
            "max_tokens": s.max_tokens,
            "effort": s.effort,
            "log_probabilities": s.log_probabilities,
        }

    def version(self, prompt_hash: str) -> str:
        """Hash of model, contract, parameters and prompt: figures of two versions are never mixed unsaid."""
        content = json.dumps([self.kind, self.model, self.parameters(), prompt_hash], sort_keys=True)
        return blake2b(content.encode(), digest_size=6).hexdigest()

    def key(self) -> str:
        """The key of its server, from the environment alone; `none` where a local server needs none.

        Raises
        ------
        WorkbenchError : the server is not local and there is no key.
        """
        found = os.environ.get(_KEYS[self.kind], "")
        if found or self.local:
            return found or "none"
        raise WorkbenchError(f"{_KEYS[self.kind]} is not set.", f"Set it in the environment to ask {self.host}.")


def parse_judge(text: str, settings: Settings | None = None) -> JudgeSpec:
    """The judge that a SPEC means.

    Raises
    ------
    WorkbenchError : there is no such kind, or a part is missing.

    >>> parse_judge("openai:llama3:8b@http://127.0.0.1:8000/v1").model
    'llama3:8b'
    >>> parse_judge("rule:longer").local
    True
    """
    kind, _, rest = text.strip().partition(":")
    if kind not in KINDS or not rest:
        raise WorkbenchError(
            f"{text[:80]!r} is no judge.",
            "Give openai:MODEL@URL (or anthropic, decisions, systemone for openai), model:FOLDER or rule:longer.",
        )
    chosen = settings or Settings()
    if kind in LOCAL:
        if kind == "rule" and rest not in RULES:
            raise WorkbenchError(f"There is no rule {rest!r}.", f"Choose {', '.join(RULES)}.")
        return JudgeSpec(kind, rest, "", chosen)
    model, found, address = rest.partition("@http")
    if not found and (lost := rest.rpartition("@")[2]) != rest and any(sign in lost for sign in "/:."):
        # Never taken for a part of the model's name: the texts would go to the vendor instead.
        raise WorkbenchError(
            f"{text[:80]!r}: {lost[:40]!r} is no address.", f"Write it in full: {kind}:MODEL@http://HOST:PORT/v1."
        )
    url = f"http{address}" if found else _HOME.get(kind, "")
    parts = urlsplit(url)
    if not model or not parts.hostname:
        raise WorkbenchError(
            f"{text[:80]!r} names no {'server' if model else 'model'}.", f"Write {kind}:MODEL@http://HOST:PORT/v1."
        )
    if parts.username or parts.password or parts.query:
        raise WorkbenchError(
            "The address of the judge carries a name, password or query.",
            "Keys come from the environment, never from an address.",
        )
    return JudgeSpec(kind, model, url.rstrip("/"), chosen)


def is_local(url: str) -> bool:
    """Whether an address is this machine or a private network, by its literal address; a name other than localhost is
    not.

    >>> [is_local(url) for url in ("http://localhost:1/v1", "http://10.0.0.3/v1", "https://api.openai.com/v1")]
    [True, True, False]
    """
    host = urlsplit(url).hostname or ""
    if host == "localhost":
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return address.is_loopback or address.is_private
