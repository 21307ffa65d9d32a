"""Chatbot Arena: the raw vote log, the clean battles, and the 55k and 140k releases.

Both-bad is a tie that says both responses are bad, in three spellings: `bothbad_vote`, `tie (bothbad)`, `both_bad`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from workbench.dataset.assembly import Export
from workbench.dataset.scales import TERNARY
from workbench.formats.files.document import Document
from workbench.formats.records.conversations import Turn, common_prompt, content_of, readable, turns_of
from workbench.formats.records.nested import dict_of, first_of, head_of, label_of, list_of, number_of, text_of
from workbench.formats.records.record_collector import Harvest, slices
from workbench.hashing import hash_id

NAME = "arena"
TITLE = "Chatbot Arena battles"

_VOTES = {"leftvote": "A", "rightvote": "B", "tievote": "tie", "bothbad_vote": "both_bad"}
_WINNERS = {
    "model_a": "A",
    "model_b": "B",
    "tie": "tie",
    "tie (bothbad)": "both_bad",
    "both_bad": "both_bad",
    "bothbad": "both_bad",
}
_55K = ("winner_model_a", "winner_model_b", "winner_tie")
_BATTLE = ("conversation_a", "judge", "judge_hash", "evaluation_session_id", "anony", "full_conversation")
_RATERS = ("judge", "judge_hash", "evaluation_session_id")
_SLICES = ("language", "turn", "is_code", "anony")
_NO_JUDGES = re.compile(r"^(expert|author)|gpt|claude|pair", re.IGNORECASE)


def recognise(document: Document) -> float:
    """Knows the vote log by its types, the 55k release by its three winner columns, battles by winner and
    conversations.
    """
    keys = document.keys
    if {"type", "models", "states"} <= keys:
        return 0.95
    if {"prompt", "response_a", "response_b", *_55K[:2]} <= keys:
        return 0.95
    if not {"model_a", "model_b", "winner"} <= keys or not keys & set(_BATTLE):
        return 0.0
    if keys & {"anony", "tstamp", "evaluation_session_id", "judge_hash", "conv_metadata"}:
        return 0.95
    judges = [row.get("judge") for row in head_of(document)]
    return 0.3 if any(list_of(j) or _NO_JUDGES.search(text_of(j) or "") for j in judges) else 0.8


def read(document: Document) -> Export:
    """One item and one judgement a vote; the conversations' common beginning is the prompt."""
    harvest = Harvest(document, NAME)
    if {"type", "models", "states"} <= document.keys:
        return _vote_log(harvest)
    return _wide(harvest) if {"response_a", *_55K[:2]} <= document.keys else _battles(harvest)


def _vote_log(harvest: Harvest) -> Export:
    without_name = []
    for ref, record in harvest.records():
        kind = text_of(record.get("type"))
        if kind not in _VOTES:
            harvest.set_aside("not a vote between two models (chat, flag, single-model vote, ...)", ref)
            continue
        states = [dict_of(state) for state in list_of(record.get("states"))]
        shown = [_model(name) for name in list_of(record.get("models"))]
        if len(states) != 2 or len(shown) != 2:
            harvest.set_aside("not two models and two conversations", ref)
            continue
        models = [name or text_of(state.get("model_name")) for name, state in zip(shown, states, strict=True)]
        if None in models:
            without_name.append(ref)
        texts = _texts(*(_messages(state) for state in states))
        item = harvest.item(
            item_id=text_of(states[0].get("conv_id")) or f"vote {ref}",
            model_a=models[0],
            model_b=models[1],
            **texts,
            **{"slice.anony": str(not all(shown))},
        )
        address = text_of(record.get("ip"))
        who = None if address is None else hash_id(address)
        harvest.judgement(item, _VOTES[kind], ref, annotator=who, shown_first="a", ended_at=record.get("tstamp"))
    if without_name:
        harvest.note(
            "warning", "models-unnamed", f"{len(without_name):,} votes do not name both models.", "", without_name
        )
    harvest.note(
        "info",
        "rater-is-an-address",
        "A hash of the IP address stands for the rater; several people may share one, and one may use several.",
        "Figures for single raters are rough.",
    )
    return harvest.export(TERNARY)


def _battles(harvest: Harvest) -> Export:
    session = "evaluation_session_id" in harvest.document.keys and not harvest.document.keys & {"judge", "judge_hash"}
    presented = bool(harvest.document.keys & {"anony", "tstamp"})
    shared = harvest.document.keys & {"conversation_a", "full_conversation"} == set()
    for ref, record in harvest.records():
        model_a, model_b = text_of(record.get("model_a")), text_of(record.get("model_b"))
        texts = _texts(turns_of(record.get("conversation_a")), turns_of(record.get("conversation_b")))
        if model_a is None or model_b is None:
            harvest.set_aside("a model is missing", ref)
            continue
        name = text_of(first_of(record, ("question_id", "id"))) or f"battle {ref}"
        if shared:  # without texts it is the question, the turn and the two models that make an item
            turn = text_of(record.get("turn"))
            name = " ".join([name, " vs ".join(sorted((model_a, model_b))), *([f"turn {turn}"] if turn else [])])
        item = harvest.item(item_id=name, model_a=model_a, model_b=model_b, **texts, **slices(record, _SLICES))
        winner = label_of(record.get("winner"))
        harvest.judgement(
            item,
            _WINNERS.get((winner or "").strip().lower(), winner),
            ref,
            annotator=text_of(first_of(record, _RATERS)),
            shown_first="a" if presented else None,
            ended_at=first_of(record, ("tstamp", "timestamp")),
        )
    if session:
        harvest.note(
            "info",
            "rater-is-a-session",
            "The evaluation session stands for the rater, because the release names no raters; one person may have"
            " several sessions.",
            "Figures for single raters are rough.",
        )
    return harvest.export(TERNARY)


def _wide(harvest: Harvest) -> Export:
    undecided = []
    for ref, record in harvest.records():
        asked = _turn_texts(record.get("prompt"))
        sides = [_turn_texts(record.get(side)) for side in ("response_a", "response_b")]
        if not asked or not all(sides):
            harvest.set_aside("no prompt or no response", ref)
            continue
        texts = _texts(*(_interleaved(asked, replies) for replies in sides))
        item = harvest.item(
            item_id=text_of(record.get("id")) or f"battle {ref}",
            model_a=text_of(record.get("model_a")),
            model_b=text_of(record.get("model_b")),
            **texts,
        )
        won = [number_of(record.get(column)) for column in _55K]
        label = (
            next((name for name, flag in zip(("A", "B", "tie"), won, strict=True) if flag == 1), None)
            if won.count(1.0) == 1
            else None
        )
        if label is None:
            undecided.append(ref)
        harvest.judgement(item, label, ref)
    if undecided:
        harvest.note(
            "warning",
            "no-single-winner",
            f"{len(undecided):,} rows do not mark exactly one of the three outcomes; they count as missing.",
            "",
            undecided,
        )
    return harvest.export(TERNARY)


def _texts(a: list[Turn] | None, b: list[Turn] | None) -> dict[str, str | None]:
    if not a or not b:
        return {}
    shared, rest_a, rest_b = common_prompt(a, b)
    return {
        "prompt": readable(shared) if shared else None,
        "response_a": readable(rest_a),
        "response_b": readable(rest_b),
    }


def _messages(state: Mapping[str, Any]) -> list[Turn] | None:
    """The conversation of one side, without the examples before `offset` that nobody saw."""
    offset = number_of(state.get("offset"))
    return turns_of(list_of(state.get("messages"))[int(offset) if 0 <= offset < 1e6 else 0 :])


def _model(name: Any) -> str | None:
    """A model name out of the HTML or Markdown it was shown in; None for a side that was anonymous when shown."""
    text = re.sub(
        r"^<h3>.*?: (.*)</h3>\s*$|^### Model [AB]: (.*)$",
        lambda m: m[1] or m[2] or "",
        text_of(name) or "",
        flags=re.DOTALL,
    ).strip()
    return None if text in ("", "Model A", "Model B") else text


def _turn_texts(value: Any) -> list[str]:
    """The turns of one side: JSON text of a list, a list, or one plain text."""
    turns = [content_of(turn) or "" for turn in list_of(value)]
    text = text_of(value)
    return turns or ([text] if text is not None else [])


def _interleaved(asked: list[str], replies: list[str]) -> list[Turn]:
    turns: list[Turn] = []
    for k in range(max(len(asked), len(replies))):
        turns += [("user", asked[k])] if k < len(asked) else []
        turns += [("assistant", replies[k])] if k < len(replies) else []
    return turns
