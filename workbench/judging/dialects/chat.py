"""Chat completions (`POST /v1/chat/completions`): OpenAI, vLLM, SGLang, llama.cpp, Ollama, LM Studio."""

from __future__ import annotations

import math
from typing import Any

from workbench.judging.answers import STRENGTH, Answer, Usage, fields_of, normalised, text_of, whole
from workbench.judging.dialects.structure import answer_of_text
from workbench.judging.prompt import Asking, Question, messages
from workbench.judging.spec import JudgeSpec

PATH = "/chat/completions"
_CUT = ("length", "max_tokens")
_REFUSED = ("content_filter", "refusal")


def body(spec: JudgeSpec, asking: Asking, question: Question, key: str) -> dict[str, Any]:
    """The body of a call; settings that are None are not sent."""
    s = spec.settings
    limit = "max_completion_tokens" if spec.host == "api.openai.com" else "max_tokens"
    sent: dict[str, Any] = {
        "model": spec.model,
        "messages": [{"role": role, "content": text} for role, text in messages(asking, question, key)],
        "response_format": {
            "type": "json_schema",
            "json_schema": {"name": "judgement", "strict": True, "schema": asking.schema},
        },
        limit: s.max_tokens,
    }
    if s.temperature is not None:
        sent["temperature"] = s.temperature
    if s.effort is not None:
        sent["reasoning_effort"] = s.effort
    if s.log_probabilities:
        sent |= {"logprobs": True, "top_logprobs": 20}
    return sent


def read(payload: dict[str, Any], asking: Asking, quoted: str) -> Answer:
    """What a completion says."""
    usage = _usage(payload.get("usage"))
    model = text_of(payload.get("model"))
    choices = payload.get("choices")
    if not isinstance(choices, list) or not choices or not isinstance(choices[0], dict):
        why = "an error in place of an answer" if payload.get("error") else "no choices"
        return Answer(state="unreadable", why=why, usage=usage, model=model)
    choice = choices[0]
    message = choice.get("message")
    said: dict[str, Any] = message if isinstance(message, dict) else {}
    if said.get("refusal") or choice.get("finish_reason") in _REFUSED:
        why = "content filter" if choice.get("finish_reason") == "content_filter" else "refused"
        return Answer(state="refused", why=why, usage=usage, model=model, raw=str(said.get("refusal") or ""))
    text = said.get("content")
    return answer_of_text(
        text,
        asking,
        quoted,
        usage=usage,
        model=model,
        probabilities=_probabilities(choice.get("logprobs"), asking),
        cut=choice.get("finish_reason") in _CUT,
    )


def _usage(found: Any) -> Usage | None:
    """Tokens: those read from the cache are part of the prompt's, those of reasoning part of the completion's."""
    if not isinstance(found, dict):
        return None
    details_in = fields_of(found.get("prompt_tokens_details"))
    details_out = fields_of(found.get("completion_tokens_details"))
    read, written = whole(details_in.get("cached_tokens")), whole(details_in.get("cache_write_tokens"))
    return Usage(
        fresh=max(0, whole(found.get("prompt_tokens")) - read - written),
        cache_read=read,
        cache_write=written,
        out=whole(found.get("completion_tokens")),
        reasoning=whole(details_out.get("reasoning_tokens")),
    )


def _probabilities(found: Any, asking: Asking) -> dict[str, float] | None:
    """Probability of each direction, from the token at which the verdict begins; what is not listed is shared out in
    proportion.

    A direction's probability stands with its weak label (the strength is decided by later tokens).
    """
    listed = fields_of(found).get("content")
    tokens = [fields_of(token) for token in listed] if isinstance(listed, list) else []
    text, starts = "", []
    for token in tokens:
        starts.append(len(text))
        text += str(token.get("token", ""))
    at = text.rfind('"verdict"')
    opening = text.find('"', text.find(":", at)) + 1 if at >= 0 else 0
    if opening <= 0:
        return None
    place = max(i for i, start in enumerate(starts) if start <= opening)
    inside = opening - starts[place]
    mass = {"A": 0.0, "=": 0.0, "B": 0.0}
    prefix = str(tokens[place].get("token", ""))[:inside]
    options = tokens[place].get("top_logprobs")
    for option in map(fields_of, options if isinstance(options, list) else []):
        spelled, log = str(option.get("token", "")), option.get("logprob")
        if not spelled.startswith(prefix) or not isinstance(log, (int, float)) or log < -100:
            continue
        side = spelled[inside:].strip()[:1].upper()
        if side in mass:
            mass[side] += math.exp(min(0.0, log))
    total = sum(mass.values())
    if total < 0.5:
        return None
    by_sign = {1.0: "A", 0.0: "=", -1.0: "B"}
    labels = [label for label in asking.labels if abs(STRENGTH[label]) <= 1]
    spread = {label: mass[by_sign[STRENGTH[label]]] for label in labels}
    shared = sum(spread.values())
    return normalised({k: v / shared for k, v in spread.items()}, labels) if shared > 0 else None
