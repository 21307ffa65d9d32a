"""UltraFeedback: four completions of an instruction, each rated by GPT-4 on four aspects, as six pairs."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from workbench.dataset.assembly import Export
from workbench.dataset.scales import TERNARY
from workbench.formats.files.document import Document
from workbench.formats.records.nested import dict_of, head_of, list_of, number_of, text_of
from workbench.formats.records.rankings import Option, Rankings
from workbench.formats.records.record_collector import Harvest, slices

NAME = "ultrafeedback"
TITLE = "UltraFeedback"

_ASPECTS = ("instruction_following", "honesty", "truthfulness", "helpfulness")


def recognise(document: Document) -> float:
    """Knows completions that carry their own annotations."""
    if not {"instruction", "completions"} <= document.keys:
        return 0.0
    return (
        0.95
        if any("annotations" in dict_of(c) for row in head_of(document) for c in list_of(row.get("completions")))
        else 0.0
    )


def read(document: Document) -> Export:
    """Pairs of the completions, by the mean of the aspect ratings; where none can be read, by `overall_score`.

    Ratings are strings and may be `N/A`. An early release wrote an overall score of 10 where 1 was meant; such scores
    are flagged and not used.
    """
    harvest, rankings = Harvest(document, NAME), Rankings()
    times_ten, by_overall = [], []
    for ref, record in harvest.records():
        options = []
        for completion in map(dict_of, list_of(record.get("completions"))):
            response = text_of(completion.get("response"))
            if response is None:
                continue
            aspects = _aspects(completion)
            score, overall = _mean(aspects), number_of(completion.get("overall_score"))
            if overall == 10 and (_fine(completion, score) <= 2):
                times_ten.append(ref)
                overall = math.nan
            if math.isnan(score) and not math.isnan(overall):
                by_overall.append(ref)
                score = overall / 2  # overall scores run to 10, aspect ratings to 5
            options.append(Option(response, text_of(completion.get("model")), score, aspects))
        if sum(not math.isnan(option.score) for option in options) < 2:
            harvest.set_aside("fewer than two rated completions", ref)
            continue
        rankings.add(ref, text_of(record.get("instruction")), options, slices(record, ("source",)))
    if times_ten:
        harvest.note(
            "warning",
            "overall-score-times-ten",
            f"{len(times_ten):,} completions have an overall score of 10 beside aspect ratings of 2 or less, a known"
            " error of early releases; the score is not used.",
            "Use the release of December 2023 or later.",
            times_ten,
        )
    if by_overall:
        harvest.note(
            "warning",
            "overall-score-used",
            f"{len(by_overall):,} completions have no aspect rating; half their overall score stands in for the mean.",
            "",
            by_overall,
        )
    harvest.note(
        "info",
        "pairs-from-ratings",
        "Each pair of completions is one judgement of one AI annotator (gpt-4): the higher mean of the aspect ratings"
        " wins, equal means are ties.",
        "Pairs of one instruction are not independent; intervals cluster by it.",
    )
    items, rows = rankings.pairs()
    return harvest.export(TERNARY, frames=(items, rows.assign(annotator="gpt-4", annotator_kind="ai")))


def _aspects(completion: Mapping[str, Any]) -> dict[str, float]:
    annotations = dict_of(completion.get("annotations"))
    return {aspect: number_of(dict_of(annotations.get(aspect)).get("Rating")) for aspect in _ASPECTS}


def _mean(aspects: Mapping[str, float]) -> float:
    known = [rating for rating in aspects.values() if not math.isnan(rating)]
    return sum(known) / len(known) if known else math.nan


def _fine(completion: Mapping[str, Any], mean: float) -> float:
    fine = number_of(completion.get("fine-grained_score"))
    return mean if math.isnan(fine) else fine
