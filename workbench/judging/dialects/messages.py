"""Anthropic messages (`POST /v1/messages`): no log-probabilities; samples differ by the model's own randomness."""

from __future__ import annotations

from typing import Any

from workbench.judging.answers import Answer, Usage, fields_of, text_of, whole
from workbench.judging.dialects.structure import answer_of_text
from workbench.judging.prompt import Asking, Question
from workbench.judging.prompt import messages as spoken
from workbench.judging.spec import JudgeSpec

PATH = "/v1/messages"
_CUT = ("max_tokens", "model_context_window_exceeded")


def body(spec: JudgeSpec, asking: Asking, question: Question, key: str) -> dict[str, Any]:
    """The body of a call; the instructions are marked as worth keeping in the server's cache."""
    (_, system), (_, user) = spoken(asking, question, key)
    output: dict[str, Any] = {"format": {"type": "json_schema", "schema": asking.schema}}
    if spec.settings.effort not in (None, "none"):
        output["effort"] = spec.settings.effort
    sent: dict[str, Any] = {
        "model": spec.model,
        "max_tokens": spec.settings.max_tokens,
        "system": [{"type": "text", "text": system, "cache_control": {"type": "ephemeral"}}],
        "messages": [{"role": "user", "content": user}],
        "output_config": output,
    }
    if spec.settings.effort is not None:
        sent["thinking"] = {"type": "disabled" if spec.settings.effort == "none" else "adaptive"}
    return sent


def read(payload: dict[str, Any], asking: Asking, quoted: str) -> Answer:
    """What a message says; a refusal keeps its category."""
    usage = _usage(payload.get("usage"))
    model = text_of(payload.get("model"))
    stop = payload.get("stop_reason")
    if stop == "refusal":
        details = payload.get("stop_details")
        category = details.get("category") if isinstance(details, dict) else None
        return Answer(state="refused", why=str(category or "refused")[:60], usage=usage, model=model)
    content = payload.get("content")
    if not isinstance(content, list):
        why = (
            "an error in place of an answer" if payload.get("error") or payload.get("type") == "error" else "no content"
        )
        return Answer(state="unreadable", why=why, usage=usage, model=model)
    blocks = [b for b in content if isinstance(b, dict) and b.get("type") == "text"]
    text = "".join(str(block.get("text", "")) for block in blocks)
    return answer_of_text(text, asking, quoted, usage=usage, model=model, cut=stop in _CUT)


def _usage(found: Any) -> Usage | None:
    """Tokens: those of the cache are not part of `input_tokens` here."""
    if not isinstance(found, dict):
        return None
    details = fields_of(found.get("output_tokens_details"))
    return Usage(
        fresh=whole(found.get("input_tokens")),
        cache_read=whole(found.get("cache_read_input_tokens")),
        cache_write=whole(found.get("cache_creation_input_tokens")),
        out=whole(found.get("output_tokens")),
        reasoning=whole(details.get("thinking_tokens")),
    )
