"""OpenAssistant conversations: the ranked replies to a message, as pairs. https://huggingface.co/datasets/OpenAssistant

A reply's `rank` (0 = best) is the platform's merge of several people's rankings, whose ids are not published. Messages
come one a row (`message_id`, `parent_id`) or as trees (`prompt` with nested `replies`).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from workbench.dataset.assembly import Export
from workbench.errors import counted
from workbench.formats.files.document import Document
from workbench.formats.records.candidates import Ballots, scores_from_ranks
from workbench.formats.records.conversations import Turn, readable, turns_of
from workbench.formats.records.nested import dict_of, head_of, list_of, number_of, text_of
from workbench.formats.records.rankings import Option

NAME = "oasst"
TITLE = "OpenAssistant conversations"

_ROLES = {"prompter": "user", "assistant": "assistant"}
_DEEPEST = 200


def recognise(document: Document) -> float:
    """Knows messages with parent and rank, and trees of replies."""
    if {"message_id", "parent_id", "text", "role", "rank"} <= document.keys:
        return 0.95
    return 0.95 if any("replies" in dict_of(row.get("prompt")) for row in head_of(document)) else 0.0


def read(document: Document) -> Export:
    """All pairs of the ranked replies to each message; the whole conversation before them is the prompt."""
    ballots = Ballots(document, NAME)
    messages: dict[str, tuple[int, Mapping[str, Any], str | None]] = {}
    for ref, record in ballots.harvest.records():
        for message, parent in _messages(record):
            name = text_of(message.get("message_id"))
            if name is None or text_of(message.get("text")) is None:
                ballots.harvest.set_aside("a message without id or text", ref)
            else:
                messages[name] = (ref, message, parent)
    replies: dict[str, list[tuple[int, Mapping[str, Any]]]] = {}
    for ref, message, parent in messages.values():
        if message.get("role") == "assistant" and parent is not None and not math.isnan(number_of(message.get("rank"))):
            replies.setdefault(parent, []).append((ref, message))
    alone = 0
    for parent, ranked in replies.items():
        if len(ranked) < 2:
            alone += 1
            continue
        scores = scores_from_ranks([message.get("rank") for _, message in ranked])
        options = [
            Option(text_of(message.get("text")) or "", text_of(message.get("model_name")), score)
            for (_, message), score in zip(ranked, scores, strict=True)
        ]
        ref, first = ranked[0]
        ballots.add(ref, {"lang": first.get("lang")}, options, prompt=_before(parent, messages))
    unranked = sum(m.get("role") == "assistant" for _, m, _ in messages.values()) - sum(map(len, replies.values()))
    if unranked or alone:
        ballots.harvest.note(
            "info",
            "unranked-replies",
            f"{counted(unranked, 'reply', 'replies')} without a rank and {alone:,} without a ranked one beside them"
            " are in no pair.",
        )
    return ballots.export("A ranking of replies, merged from several people's,", only_decided=False)


def _messages(record: Mapping[str, Any]) -> Iterator[tuple[Mapping[str, Any], str | None]]:
    """Each message of a row or of a tree, with the id of its parent."""
    if "message_id" in record and "prompt" not in record:
        yield record, text_of(record.get("parent_id"))
        return
    waiting: list[tuple[Mapping[str, Any], str | None]] = [(dict_of(record.get("prompt")), None)]
    while waiting:
        message, parent = waiting.pop()
        yield message, parent
        name = text_of(message.get("message_id"))
        waiting += [(dict_of(each), name) for each in reversed(list_of(message.get("replies")))]


def _before(name: str | None, messages: Mapping[str, tuple[int, Mapping[str, Any], str | None]]) -> str | None:
    """The conversation that ends with a message."""
    said: list[dict[str, str]] = []
    while name is not None and name in messages and len(said) < _DEEPEST:
        _, message, name = messages[name]
        role = _ROLES.get(text_of(message.get("role")) or "", "user")
        said.append({"role": role, "content": text_of(message.get("text")) or ""})
    turns: list[Turn] | None = turns_of(said[::-1]) if said else None
    return readable(turns) if turns else None
