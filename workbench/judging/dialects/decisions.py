"""Decision models, OpenAI's contract (`POST /v1/decisions`): a probability for every label in one pass, and no
words.
"""

from __future__ import annotations

from typing import Any

from workbench.judging.answers import STRENGTH, Answer, Usage, fields_of, normalised, text_of, whole
from workbench.judging.prompt import MEANING, Asking, Question, messages
from workbench.judging.spec import JudgeSpec

PATH = "/decisions"
OVERALL = "verdict"


def body(spec: JudgeSpec, asking: Asking, question: Question, key: str) -> dict[str, Any]:
    """The body of a call: the comparison as a whole, then one question a principle."""
    return {
        "model": spec.model,
        "input": [{"role": role, "content": text} for role, text in messages(asking, question, key)],
        "questions": [
            {
                "type": "choice",
                "name": name,
                "instructions": instructions,
                "choices": [{"value": label, "description": MEANING[label]} for label in asking.labels],
            }
            for name, instructions in questions_of(asking)
        ],
    }


def questions_of(asking: Asking) -> list[tuple[str, str]]:
    """Name and instructions of what is asked about one pair."""
    whole_pair = (OVERALL, "By all principles together, which response is better?")
    each = [(p.id, p.text) for p in asking.constitution.used] if asking.principles else []
    return [whole_pair, *each]


def read(payload: dict[str, Any], asking: Asking, quoted: str) -> Answer:  # noqa: ARG001
    """What the decisions say; they come in the order of the questions."""
    model = text_of(payload.get("model"))
    usage = usage_of(payload.get("usage"))
    answers = payload.get("answers", payload.get("decisions"))
    names = [name for name, _ in questions_of(asking)]
    if not isinstance(answers, list) or len(answers) > len(names) or not all(isinstance(a, dict) for a in answers):
        return Answer(state="unreadable", why="not one decision a question", usage=usage, model=model)
    by_name = {text_of(answer.get("name")) or name: answer for name, answer in zip(names, answers, strict=False)}
    overall = by_name.get(OVERALL, {})
    if overall.get("type") == "refusal":
        return Answer(state="refused", why="refused", usage=usage, model=model)
    given = {n: _listed(a.get("probabilities")) for n, a in by_name.items()}
    return answer_of_probabilities(given, asking, usage=usage, model=model)


def answer_of_probabilities(
    given: dict[str, dict[Any, Any]], asking: Asking, *, usage: Usage | None, model: str | None
) -> Answer:
    """The answer in the probabilities of each question: the most probable label, a draw between both sides being
    none.
    """
    overall = normalised(given.get(OVERALL, {}), asking.labels)
    if overall is None:
        return Answer(state="unreadable", why="no probabilities of the labels", usage=usage, model=model)
    principles = {}
    for principle in asking.constitution.used if asking.principles else ():
        found = normalised(given.get(principle.id, {}), asking.labels)
        label = _likeliest(found) if found else None
        if label:
            principles[principle.id] = label
    label = _likeliest(overall)
    raw = ", ".join(f"{k} {v:.4f}" for k, v in overall.items())
    if label is None:
        return Answer(state="unreadable", why="both sides are equally probable", usage=usage, model=model, raw=raw)
    return Answer(
        state="answered", label=label, probabilities=overall, principles=principles, usage=usage, model=model, raw=raw
    )


def usage_of(found: Any) -> Usage | None:
    """Tokens as the Responses API counts them: those read from the cache are part of `input_tokens`."""
    if not isinstance(found, dict):
        return None
    details_in, details_out = (
        fields_of(found.get("input_tokens_details")),
        fields_of(found.get("output_tokens_details")),
    )
    read, written = whole(details_in.get("cached_tokens")), whole(details_in.get("cache_write_tokens"))
    return Usage(
        fresh=max(0, whole(found.get("input_tokens")) - read - written),
        cache_read=read,
        cache_write=written,
        out=whole(found.get("output_tokens")),
        reasoning=whole(details_out.get("reasoning_tokens")),
    )


def _listed(found: Any) -> dict[Any, Any]:
    if not isinstance(found, list):
        return {}
    return {text_of(p.get("value")): p.get("probability") for p in found if isinstance(p, dict)}


def _likeliest(found: dict[str, float]) -> str | None:
    """The likeliest label of the likeliest direction; None where both sides are as likely."""
    sides = {
        sign: sum(p for k, p in found.items() if (STRENGTH[k] > 0) - (STRENGTH[k] < 0) == sign) for sign in (1, 0, -1)
    }
    top = max(sides.values())
    best = [sign for sign, p in sides.items() if abs(p - top) < 1e-12]
    if len(best) > 1 and best != [0]:
        return None
    of_it = {k: p for k, p in found.items() if (STRENGTH[k] > 0) - (STRENGTH[k] < 0) == best[0]}
    return max(of_it, key=lambda k: of_it[k])
