"""TRL and Hugging Face preference rows: `chosen` and `rejected`, as texts or message lists, with or without a prompt.

The shapes of TRL's dataset formats (explicit and implicit prompt, standard and conversational), OpenRLHF's, the
binarised UltraFeedback, and the extra columns these carry: margin, scores, models. None of them names annotators or
the side a response was shown on. Unpaired (KTO) and stepwise rows are recognised, and refused: they compare nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from workbench.dataset.assembly import Export
from workbench.dataset.scales import BINARY
from workbench.errors import WorkbenchError
from workbench.formats.files.document import Document
from workbench.formats.records.conversations import (
    Turn,
    common_prompt,
    is_dialogue,
    prompt_text,
    readable,
    split_strings,
    turns_of,
)
from workbench.formats.records.nested import first_of, head_of, number_of, text_of
from workbench.formats.records.record_collector import Harvest, slices

NAME = "trl"
TITLE = "TRL / Hugging Face preference rows"

_PROMPTS = ("prompt", "question", "instruction", "query", "input")
_ANNOTATORS = ("annotator", "annotator_id", "worker_id", "rater_id")
_SLICES = ("source", "dataset", "subset", "category", "domain", "language", "split")
_BINARISED = {"prompt_id", "messages", "score_chosen", "score_rejected"}


def recognise(document: Document) -> float:
    """Knows pairs by `chosen` and `rejected`, and the two forms without pairs by their columns and types."""
    head = head_of(document)
    if {"chosen", "rejected"} <= document.keys:
        return 0.8 if any(_texts(row) for row in head) else 0.0
    return 0.6 if _without_pairs(document) else 0.0


def read(document: Document) -> Export:
    """One item and one judgement a row, with sides assigned by content."""
    if unpaired := _without_pairs(document):
        raise WorkbenchError(
            f"{document.name}: these are {unpaired}, which compare no two responses.",
            "Export pairs (chosen and rejected), or open the annotations they were made from.",
        )
    harvest = Harvest(document, NAME)
    binarised = document.keys >= _BINARISED
    unmarked, inverted = [], []
    for ref, record in harvest.records():
        texts = _texts(record)
        if texts is None:
            harvest.set_aside("no text in chosen or rejected", ref)
            continue
        prompt, chosen, rejected, implicit = texts
        if implicit:
            unmarked.append(ref)
        item = harvest.item(
            item_id=text_of(record.get("item_id")),
            prompt=prompt,
            response_a=chosen,
            response_b=rejected,
            model_a=text_of(first_of(record, ("chosen_model", "chosen-model", "model_chosen"))),
            model_b=text_of(first_of(record, ("rejected_model", "rejected-model", "model_rejected"))),
            group=text_of(record.get("prompt_id")),
            **slices(record, _SLICES),
        )
        gap = number_of(first_of(record, ("score_chosen", "chosen_score", "chosen-rating"))) - number_of(
            first_of(record, ("score_rejected", "rejected_score", "rejected-rating"))
        )
        if gap <= 0:
            inverted.append(ref)
        margin = number_of(record.get("margin"))
        who = (
            {"annotator": "gpt-4", "annotator_kind": "ai"}
            if binarised
            else {"annotator": text_of(first_of(record, _ANNOTATORS))}
        )
        dimensions = {"dim.margin": gap if np.isnan(margin) else margin}
        sure = number_of(record.get("p_chosen"))
        if 0 <= sure <= 1:
            dimensions["dim.p_chosen"] = sure
        harvest.judgement(item, "A", ref, **who, **dimensions)
    if unmarked:
        harvest.note(
            "info",
            "prompt-from-texts",
            f"{len(unmarked):,} rows have no prompt of their own; the words that chosen and rejected begin with were"
            " taken for it.",
            "Add a prompt column if the two responses merely start alike.",
            unmarked,
        )
    if inverted:
        harvest.note(
            "warning",
            "chosen-not-above",
            f"In {len(inverted):,} rows the chosen response has no higher score than the rejected one; it still counts"
            " as the choice.",
            "Leave such rows out of training, or call them ties.",
            inverted,
        )
    if binarised:
        harvest.note(
            "info",
            "one-ai-annotator",
            "The columns are those of the binarised UltraFeedback, so all choices count as one AI annotator's (gpt-4).",
            "There is nobody to agree with: open it together with other annotations of the same pairs.",
        )
    return harvest.export(BINARY, unordered=True)


def _without_pairs(document: Document) -> str:
    """What rows without pairs are, or nothing."""
    keys, head = document.keys, head_of(document)
    if {"prompt", "completions", "labels"} <= keys and "chosen" not in keys:
        return "stepwise labels of one completion"
    if {"completion", "label"} <= keys and "chosen" not in keys and any(_is_flag(row.get("label")) for row in head):
        return "single completions with a thumb up or down (KTO)"
    return ""


def _is_flag(value: Any) -> bool:
    return isinstance(value, (bool, np.bool_)) or text_of(value) in ("True", "False", "true", "false")


def _texts(record: Mapping[str, Any]) -> tuple[str | None, str, str, bool] | None:
    """Prompt, chosen and rejected as texts, and whether the prompt had to be guessed; None where there is no pair."""
    chosen, rejected = _side(record.get("chosen")), _side(record.get("rejected"))
    if chosen is None or rejected is None:
        return None
    prompt, before = _prompt(record)
    if isinstance(chosen, str) or isinstance(rejected, str):
        a = chosen if isinstance(chosen, str) else readable(chosen)
        b = rejected if isinstance(rejected, str) else readable(rejected)
        if prompt is None:
            return *split_strings(a, b), a != b
        if prompt and a.startswith(prompt) and b.startswith(prompt) and len(prompt) < min(len(a), len(b)):
            a, b = a[len(prompt) :], b[len(prompt) :]
        return prompt_text(prompt), a, b, False
    shared, a_turns, b_turns = common_prompt(chosen, rejected)
    if before is not None and shared[: len(before)] != before:
        shared = before + shared
    if not shared and prompt is not None:
        return prompt_text(prompt), readable(a_turns), readable(b_turns), False
    return readable(shared) or None, readable(a_turns), readable(b_turns), False


def _side(value: Any) -> str | list[Turn] | None:
    """One response as messages where it is a conversation, else as its text."""
    if isinstance(value, str) and not value.lstrip().startswith(("[", "{")):
        return text_of(value)
    return turns_of(value) or text_of(value)


def _prompt(record: Mapping[str, Any]) -> tuple[str | None, list[Turn] | None]:
    """The prompt as a text, and as messages where it is a conversation."""
    value = first_of(record, _PROMPTS)
    turns = _side(value) if value is not None else None
    if isinstance(turns, list):
        return readable(turns), turns
    if turns is None:
        return None, None
    parts = [
        text_of(record.get("system")),
        turns,
        text_of(record.get("input")) if value is not record.get("input") and "instruction" in record else None,
    ]
    return "\n\n".join(part for part in parts if part) if not is_dialogue(turns) else turns, None
