"""OpenAI summarisation feedback: comparisons and ratings by named workers; and lm-human-preferences' best of four."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from workbench.dataset.assembly import Export
from workbench.dataset.scales import BINARY
from workbench.formats.files.document import Document
from workbench.formats.records.nested import (
    dict_of,
    first_of,
    head_of,
    int_or_none,
    label_of,
    list_of,
    number_of,
    text_of,
)
from workbench.formats.records.rankings import Option, Rankings
from workbench.formats.records.record_collector import Harvest, slices
from workbench.hashing import hash_id

NAME = "summarize-feedback"
TITLE = "OpenAI summarize from feedback"

_CHOICE = {"0": "A", "1": "B"}
_SAMPLES = ("sample0", "sample1", "sample2", "sample3")


def recognise(document: Document) -> float:
    """Knows comparisons, axis ratings and best-of-four by their keys."""
    keys, head = document.keys, head_of(document)
    if {"info", "summaries", "choice"} <= keys:
        return 0.95
    if {"info", "summary"} <= keys and any("axes" in dict_of(row.get("summary")) for row in head):
        return 0.95
    return 0.95 if {"query", "best", *_SAMPLES[:2]} <= keys else 0.0


def read(document: Document) -> Export:
    """Comparisons as pairs, axis ratings as ratings of single summaries, best-of-four as the pairs with the best."""
    harvest = Harvest(document, NAME)
    if "summaries" in document.keys:
        return _comparisons(harvest)
    return _axes(harvest) if "summary" in document.keys else _best_of(harvest)


def _comparisons(harvest: Harvest) -> Export:
    for ref, record in harvest.records():
        info, summaries = dict_of(record.get("info")), [dict_of(s) for s in list_of(record.get("summaries"))]
        texts = [text_of(s.get("text")) for s in summaries]
        if len(texts) != 2 or None in texts:
            harvest.set_aside("not two summaries", ref)
            continue
        item = harvest.item(
            prompt=_post(info),
            response_a=texts[0],
            response_b=texts[1],
            model_a=text_of(summaries[0].get("policy")),
            model_b=text_of(summaries[1].get("policy")),
            **_of_post(info, record),
        )
        harvest.judgement(
            item,
            label_of(record.get("choice")),
            ref,
            annotator=text_of(record.get("worker")),
            batch=text_of(record.get("batch")),
            confidence=number_of(dict_of(record.get("extra")).get("confidence")),
            reason=text_of(record.get("note")),
        )
    return harvest.export(BINARY, _CHOICE)


def _axes(harvest: Harvest) -> Export:
    for ref, record in harvest.records():
        info, summary = dict_of(record.get("info")), dict_of(record.get("summary"))
        text, axes = text_of(summary.get("text")), dict_of(summary.get("axes"))
        if text is None or not axes:
            harvest.set_aside("no summary or no ratings", ref)
            continue
        item = harvest.item(
            item_id=f"{text_of(info.get('id'))} {hash_id(text)}",
            prompt=_post(info),
            response_a=text,
            model_a=text_of(summary.get("policy")),
            **_of_post(info, record),
        )
        overall = int_or_none(axes.get("overall"))
        harvest.judgement(
            item,
            label_of(axes.get("overall")) if overall is None else str(overall),
            ref,
            annotator=text_of(record.get("worker")),
            batch=text_of(record.get("batch")),
            reason=text_of(summary.get("note")),
            **{f"dim.{axis}": number_of(rating) for axis, rating in axes.items() if axis != "overall"},
        )
    harvest.note(
        "info",
        "ratings-not-pairs",
        "The file rates single summaries: its labels are the overall ratings, the other axes stand beside them.",
        "Open the comparisons to see preferences.",
    )
    return harvest.export(None, sides=False)


def _post(info: Mapping[str, Any]) -> str | None:
    parts = [text_of(info.get("title")), text_of(first_of(info, ("post", "article")))]
    return "\n\n".join(part for part in parts if part) or None


def _of_post(info: Mapping[str, Any], record: Mapping[str, Any]) -> dict[str, str | None]:
    return {"group": text_of(info.get("id")), **slices(info, ("subreddit", "site")), **slices(record, ("split",))}


def _best_of(harvest: Harvest) -> Export:
    rankings, tokens = Rankings(), False
    for ref, record in harvest.records():
        best, query = int_or_none(record.get("best")), record.get("query")
        samples = [_tokens(record.get(name)) for name in _SAMPLES if record.get(name) is not None]
        if best is None or not 0 <= best < len(samples) or None in samples:
            harvest.set_aside("no samples or no best one", ref)
            continue
        tokens |= bool(list_of(query))
        rankings.add(
            ref, _tokens(query), [Option(str(text), None, 1.0 if k == best else 0.0) for k, text in enumerate(samples)]
        )
    harvest.note(
        "info",
        "best-of-several",
        "Only the best sample is known, so each row gives the pairs of the best with each other one, and none among the"
        " others.",
        "Pairs of one query are not independent; intervals cluster by it.",
    )
    if tokens:
        harvest.note(
            "info",
            "tokens-not-words",
            "The texts are lists of token numbers, shown as they are; lengths count tokens.",
            "Decode them with the GPT-2 tokenizer to read them.",
        )
    items, rows = rankings.pairs(only_decided=True)
    return harvest.export(BINARY, frames=(items, rows.drop(columns="dim.margin")))


def _tokens(value: Any) -> str | None:
    listed = [number_of(token) for token in list_of(value)]
    return " ".join(f"{token:g}" for token in listed if not math.isnan(token)) if listed else text_of(value)
