"""The contracts that servers speak: the body of a call, and how its answer is read. One contract a file."""

from __future__ import annotations

from typing import Any, Protocol

from workbench.errors import WorkbenchError
from workbench.judging.answers import Answer
from workbench.judging.dialects import chat, decisions, messages, system_one
from workbench.judging.prompt import Asking, Question
from workbench.judging.spec import JudgeSpec


class Dialect(Protocol):
    """What each contract answers."""

    PATH: str

    def body(self, spec: JudgeSpec, asking: Asking, question: Question, key: str) -> dict[str, Any]:
        """The body of a call."""

    def read(self, payload: dict[str, Any], asking: Asking, quoted: str) -> Answer:
        """What an answer of the server, a JSON object, says."""


_OF: dict[str, Any] = {"openai": chat, "anthropic": messages, "decisions": decisions, "systemone": system_one}


def dialect_of(kind: str) -> Dialect:
    """The contract of a kind of judge.

    Raises
    ------
    WorkbenchError : it is no server.
    """
    if kind not in _OF:
        raise WorkbenchError(f"{kind} is no server that could be asked.", f"Choose one of {', '.join(_OF)}.")
    found: Dialect = _OF[kind]
    return found
