"""Nectar: seven answers to a prompt, ranked by GPT-4, as 21 pairs."""

from __future__ import annotations

import math

from workbench.dataset.assembly import Export
from workbench.dataset.scales import TERNARY
from workbench.formats.files.document import Document
from workbench.formats.records.conversations import prompt_text
from workbench.formats.records.nested import dict_of, head_of, list_of, number_of, text_of
from workbench.formats.records.rankings import Option, Rankings
from workbench.formats.records.record_collector import Harvest, slices

NAME = "nectar"
TITLE = "Nectar rankings"


def recognise(document: Document) -> float:
    """Knows answers that carry a rank."""
    if not {"prompt", "answers"} <= document.keys:
        return 0.0
    return (
        0.95
        if any(
            {"answer", "rank"} <= dict_of(a).keys() for row in head_of(document) for a in list_of(row.get("answers"))
        )
        else 0.0
    )


def read(document: Document) -> Export:
    """All pairs of the answers to a prompt; rank 1 is the best, equal ranks are ties."""
    harvest, rankings = Harvest(document, NAME), Rankings()
    unranked = []
    for ref, record in harvest.records():
        options = []
        for answer in map(dict_of, list_of(record.get("answers"))):
            response, rank = text_of(answer.get("answer")), number_of(answer.get("rank"))
            if response is None or math.isnan(rank):
                unranked.append(ref)
            else:
                options.append(Option(response, text_of(answer.get("model")), -rank))
        if len(options) < 2:
            harvest.set_aside("fewer than two ranked answers", ref)
            continue
        prompt = text_of(record.get("prompt"))
        source = text_of(next(iter(list_of(record.get("source"))), record.get("source")))
        more = {"slice.source": source} if source else {}
        rankings.add(
            ref,
            None if prompt is None else prompt_text(prompt),
            options,
            more | slices(record, ("turns", "good_natured")),
        )
    if unranked:
        harvest.note(
            "warning",
            "unranked-answers",
            f"{len(unranked):,} answers have no text or no rank and are in no pair.",
            "",
            unranked,
        )
    harvest.note(
        "info",
        "pairs-from-rankings",
        "Each ranking of k answers is k (k - 1) / 2 pairs judged by one AI annotator (gpt-4).",
        "Pairs of one ranking are not independent; intervals cluster by prompt.",
    )
    items, rows = rankings.pairs()
    return harvest.export(TERNARY, frames=(items, rows.assign(annotator="gpt-4", annotator_kind="ai")))
