"""What the text of an answer says: verdict, principles, reason; the same for every contract that answers in text."""

from __future__ import annotations

from typing import Any

from workbench.judging.answers import Answer, Usage
from workbench.judging.prompt import Asking
from workbench.judging.verdict import label_of, offered, read_verdict, structured

LONGEST_REASON = 2_000


def answer_of_text(
    text: object,
    asking: Asking,
    quoted: str,
    *,
    usage: Usage | None,
    model: str | None,
    probabilities: dict[str, float] | None = None,
    cut: bool = False,
) -> Answer:
    """The answer in a text; one that was cut off may still hold its verdict, if that is in a whole object."""
    raw = text if isinstance(text, str) else ""
    verdict = read_verdict(text, quoted=quoted, labels=asking.labels)
    if cut and verdict.source != "field":
        return Answer(state="cut", why="cut at the longest answer", usage=usage, model=model, raw=raw)
    if verdict.label is None:
        state = "refused" if verdict.reason == "refused" else "unreadable"
        return Answer(state=state, why=verdict.reason, usage=usage, model=model, raw=raw)
    label = offered(verdict.label, asking.labels)
    if label is None:
        return Answer(state="unreadable", why="a label that was not offered", usage=usage, model=model, raw=raw)
    fields = structured(raw) or {}
    said = fields.get("reason")
    return Answer(
        state="answered",
        label=label,
        probabilities=probabilities,
        principles=principles_in(fields.get("principles"), asking),
        reason=said[:LONGEST_REASON] if isinstance(said, str) else None,
        usage=usage,
        model=model,
        raw=raw,
    )


def principles_in(found: Any, asking: Asking) -> dict[str, str]:
    """Labels of the principles that were asked for; what is no label is left out."""
    if not isinstance(found, dict):
        return {}
    ids = {p.id for p in asking.constitution.used}
    read = {n: offered(label_of(v), asking.labels) for n, v in found.items() if n in ids and isinstance(v, str)}
    return {name: label for name, label in read.items() if label}
