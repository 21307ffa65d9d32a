"""Decision models, the second contract (`POST /v1/systemone`): named questions, probabilities by option.

Its `confidence` is a normalised entropy and not a probability: only `probabilities` is read. They come rounded to four
places.
"""

from __future__ import annotations

from typing import Any

from workbench.judging.answers import Answer, text_of
from workbench.judging.dialects.decisions import OVERALL, answer_of_probabilities, questions_of, usage_of
from workbench.judging.prompt import MEANING, Asking, Question, messages
from workbench.judging.spec import JudgeSpec

PATH = "/systemone"


def body(spec: JudgeSpec, asking: Asking, question: Question, key: str) -> dict[str, Any]:
    """The body of a call."""
    options = {label: MEANING[label] for label in asking.labels}
    return {
        "model": spec.model,
        "state": "\n\n".join(text for _, text in messages(asking, question, key)),
        "questions": {
            name: {"type": "choice", "instructions": instructions, "criteria": options}
            for name, instructions in questions_of(asking)
        },
    }


def read(payload: dict[str, Any], asking: Asking, quoted: str) -> Answer:  # noqa: ARG001
    """What the decisions say, by the names of the questions."""
    model = text_of(payload.get("model"))
    usage = usage_of(payload.get("usage"))
    answers = payload.get("answers")
    if not isinstance(answers, dict) or not isinstance(answers.get(OVERALL), dict):
        return Answer(state="unreadable", why="no decision", usage=usage, model=model)
    if answers[OVERALL].get("type") == "refusal":
        return Answer(state="refused", why="refused", usage=usage, model=model)
    given = {
        n: a["probabilities"]
        for n, a in answers.items()
        if isinstance(a, dict) and isinstance(a.get("probabilities"), dict)
    }
    return answer_of_probabilities(given, asking, usage=usage, model=model)
