"""MT-Bench: the human and GPT-4 judgements of the release, and the `*_pair.jsonl` logs that FastChat's judges write.

An item is a question, a turn and two models. The rows of turn 1 carry both turns of the conversations, though turn 2
had not been shown: an item holds the conversations up to its own turn.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from workbench.dataset.assembly import Export
from workbench.dataset.scales import TERNARY
from workbench.errors import WorkbenchError
from workbench.formats.files.document import Document
from workbench.formats.records.conversations import common_prompt, readable, turns_of
from workbench.formats.records.nested import first_of, head_of, int_or_none, label_of, list_of, number_of, text_of
from workbench.formats.records.record_collector import Harvest

NAME = "mt-bench"
TITLE = "MT-Bench judgements"

_HUMAN = re.compile(r"^(expert|author)", re.IGNORECASE)
_MODEL = re.compile(r"gpt|claude|gemini|llama|qwen|mistral|pair", re.IGNORECASE)
_LOG = {"model_1", "model_2", "g1_winner", "g2_winner"}
_SINGLE = {"question_id", "model", "judge", "judgment", "score"}
_PROMPT = re.compile(
    r"\[User Question\]\n(?P<prompt>.*?)\n\n(?:\[The Start of Reference Answer\].*?\[The End of Reference"
    r" Answer\]\n\n)?"
    r"\[The Start of Assistant A's Answer\]\n(?P<a>.*?)\n\[The End of Assistant A's Answer\]\n\n"
    r"\[The Start of Assistant B's Answer\]\n(?P<b>.*?)\n\[The End of Assistant B's Answer\]",
    re.DOTALL,
)


def recognise(document: Document) -> float:
    """Knows the logs by the winners of both games, the release by judges that are experts, authors or models."""
    keys = document.keys
    if keys >= _LOG:
        return 0.95
    if keys >= _SINGLE and "model_a" not in keys:
        return 0.7
    if not {"question_id", "model_a", "model_b", "winner", "judge"} <= keys or keys & {"anony", "tstamp"}:
        return 0.0
    judges = [_judge(row.get("judge")) for row in head_of(document)]
    return 0.9 if any(name is not None and (_HUMAN.search(name) or _MODEL.search(name)) for name in judges) else 0.0


def read(document: Document) -> Export:
    """Judgements one by one; a log's row is two of them, one for each order the answers were shown in."""
    harvest = Harvest(document, NAME)
    if document.keys >= _LOG:
        return _log(harvest)
    if document.keys >= _SINGLE and "model_a" not in document.keys:
        raise WorkbenchError(
            f"{document.name}: these are grades of single answers, which compare no two responses.",
            "Open the log of a pairwise judge (*_pair.jsonl).",
        )
    return _release(harvest)


def _release(harvest: Harvest) -> Export:
    for ref, record in harvest.records():
        models = text_of(record.get("model_a")), text_of(record.get("model_b"))
        if None in models or text_of(record.get("question_id")) is None:
            harvest.set_aside("no question or a model is missing", ref)
            continue
        turn = int_or_none(record.get("turn"))
        texts: dict[str, str] = {}
        a, b = turns_of(record.get("conversation_a")), turns_of(record.get("conversation_b"))
        if a and b:
            shown = 2 * turn if turn is not None and turn > 0 else None
            shared, rest_a, rest_b = common_prompt(a[:shown], b[:shown])
            texts = {"prompt": readable(shared), "response_a": readable(rest_a), "response_b": readable(rest_b)}
        item = harvest.item(model_a=models[0], model_b=models[1], **texts, **_identity(record, models))
        judge = _judge(record.get("judge"))
        harvest.judgement(item, label_of(record.get("winner")), ref, annotator=judge, annotator_kind=_kind(judge))
    return harvest.export(TERNARY)


def _kind(judge: str | None) -> str:
    if judge is None:
        return "human"
    return "expert" if _HUMAN.search(judge) else "ai"


def _log(harvest: Harvest) -> Export:
    mapped = {"model_1": "A", "model_2": "B"}
    for ref, record in harvest.records():
        models = text_of(record.get("model_1")), text_of(record.get("model_2"))
        if None in models or text_of(first_of(record, ("question_id", "id"))) is None:
            harvest.set_aside("no question or a model is missing", ref)
            continue
        found = _PROMPT.search(text_of(record.get("g1_user_prompt")) or "")
        texts = {"prompt": found["prompt"], "response_a": found["a"], "response_b": found["b"]} if found else {}
        item = harvest.item(model_a=models[0], model_b=models[1], **texts, **_identity(record, models))
        written = number_of(record.get("tstamp"))
        for game, side, earlier in (("g1", "a", 0.001), ("g2", "b", 0.0)):
            # The row is written after both games: the millisecond keeps their order and tells them apart.
            label = label_of(record.get(f"{game}_winner"))
            harvest.judgement(
                item,
                mapped.get(label or "", label),
                ref,
                annotator=_judge(record.get("judge")) or "judge",
                annotator_kind="ai",
                shown_first=side,
                ended_at=written - earlier,
                reason=text_of(record.get(f"{game}_judgment")),
            )
    harvest.note(
        "info",
        "both-orders",
        "Each row holds two judgements: in the first game the answer of model_1 was shown first, in the second that of"
        " model_2. The first counts for agreement, the second shows position bias.",
        "",
    )
    return harvest.export(TERNARY)


def _identity(record: Mapping[str, Any], models: tuple[str | None, ...]) -> dict[str, str | None]:
    question, turn = text_of(first_of(record, ("question_id", "id"))), text_of(record.get("turn"))
    name = f"{question} {' vs '.join(sorted(str(m) for m in models))}"
    return {"item_id": f"{name} turn {turn}" if turn else name, "group": question, "slice.turn": turn}


def _judge(value: Any) -> str | None:
    """A judge's name: a string, or the model and the prompt template in a list."""
    listed = [name for name in map(text_of, list_of(value)) if name is not None]
    return " ".join(listed) if listed else text_of(value)
