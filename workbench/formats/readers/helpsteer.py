"""HelpSteer2 (ratings of two responses in consecutive rows, and preferences) and HelpSteer3 (preferences with three
raters).

In both preference forms a negative strength favours response 1, a positive one response 2, up to 3.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from workbench.dataset.assembly import Export
from workbench.dataset.scales import SEVEN, TERNARY
from workbench.formats.files.document import Document
from workbench.formats.records.conversations import prompt_text, readable, turns_of
from workbench.formats.records.nested import dict_of, first_of, int_or_none, list_of, number_of, text_of
from workbench.formats.records.rankings import Option, Rankings
from workbench.formats.records.record_collector import Harvest, slices

NAME = "helpsteer"
TITLE = "HelpSteer 2 and 3"

_SPELLING = {"-3": "A>>>", "-2": "A>>", "-1": "A>", "0": "=", "1": "B>", "2": "B>>", "3": "B>>>"}
_NEITHER = -100
"""What a rater of HelpSteer2 answers where neither response is valid."""
_ATTRIBUTES = ("helpfulness", "correctness", "coherence", "complexity", "verbosity")
_OVERALL = ("preference_strength", "overall_preference")
_RATERS = ("all_preferences_unprocessed", "individual_preference")


def recognise(document: Document) -> float:
    """Knows the three forms by their columns."""
    keys = document.keys
    if {"prompt", "response_1", "response_2", "preference_strength"} <= keys or {
        "context",
        "response1",
        "response2",
        "overall_preference",
    } <= keys:
        return 0.95
    return 0.95 if {"prompt", "response", "helpfulness", "correctness"} <= keys and "response_1" not in keys else 0.0


def read(document: Document) -> Export:
    """Preferences rater by rater where the file has them, else the published one; ratings as pairs of consecutive
    rows.
    """
    harvest = Harvest(document, NAME)
    return _preferences(harvest) if document.keys & set(_OVERALL) else _ratings(harvest)


def _preferences(harvest: Harvest) -> Export:
    by_rater, published, neither = [], [], []
    for ref, record in harvest.records():
        one, two = (text_of(first_of(record, (f"response_{k}", f"response{k}"))) for k in (1, 2))
        if one is None or two is None:
            harvest.set_aside("a response is missing", ref)
            continue
        overall = _strength(first_of(record, _OVERALL))
        item = harvest.item(
            prompt=_context(record), response_a=one, response_b=two, **slices(record, ("domain", "language", "split"))
        )
        raters = [rater for rater in list_of(first_of(record, _RATERS)) if _strength_of(rater) is not None]
        if not raters:
            published.append(ref)
            reason = text_of(first_of(record, ("preference_statement", "preference_elaboration")))
            harvest.judgement(item, overall, ref, annotator="published preference", reason=reason)
            continue
        by_rater.append(ref)
        for rater in raters:
            strength = _strength_of(rater)
            if strength == str(_NEITHER):
                neither.append(ref)
            reason = text_of(first_of(dict_of(rater), ("reasoning", "justification", "statement")))
            harvest.judgement(
                item,
                None if strength == str(_NEITHER) else strength,
                ref,
                reason=reason,
                **{"dim.overall_preference": _SPELLING.get(overall or "")},
            )
    if by_rater:
        harvest.note(
            "info",
            "raters-by-slot",
            f"{len(by_rater):,} pairs have the preference of each rater but no rater ids; the published overall"
            " preference is kept beside them and not counted as a judgement.",
            "Agreement is right; nothing can be said about single raters.",
        )
    if published:
        harvest.note(
            "info",
            "published-preference",
            f"{len(published):,} pairs have only the preference their authors aggregated; it counts as one judgement by"
            " an annotator named 'published preference'.",
            "Agreement cannot be measured on these pairs.",
        )
    if neither:
        harvest.note(
            "info",
            "neither-valid",
            f"{len(neither):,} judgements say that neither response is valid (-100); they count as skips, not as ties.",
            "",
            neither,
        )
    return harvest.export(SEVEN, _SPELLING)


def _strength(value: Any) -> str | None:
    """A strength as its label; what is not one stays as it is, to be counted as unreadable."""
    whole = int_or_none(value)
    return str(whole) if whole is not None else text_of(value)


def _strength_of(rater: Any) -> str | None:
    fields = dict_of(rater)
    return _strength(first_of(fields, ("score", "strength"))) if fields else _strength(rater)


def _context(record: Mapping[str, Any]) -> str | None:
    value = first_of(record, ("context", "prompt"))
    turns = turns_of(value)
    text = text_of(value)
    if turns:
        return readable(turns)
    return None if text is None else prompt_text(text)


def _ratings(harvest: Harvest) -> Export:
    rankings = Rankings()
    waiting: tuple[int, str | None, Option] | None = None
    for ref, record in harvest.records():
        prompt, response = text_of(record.get("prompt")), text_of(record.get("response"))
        aspects = {name: _rating(record.get(name)) for name in _ATTRIBUTES}
        if response is None or math.isnan(aspects["helpfulness"]):
            harvest.set_aside("no response or no helpfulness rating", ref)
            continue
        option = Option(
            response,
            None,
            aspects["helpfulness"],
            {name: rating for name, rating in aspects.items() if name != "helpfulness"},
        )
        if waiting is not None and waiting[1] == prompt:
            rankings.add(
                waiting[0],
                None if prompt is None else prompt_text(prompt),
                [waiting[2], option],
                slices(record, ("split",)),
            )
            waiting = None
        else:
            if waiting is not None:
                harvest.set_aside("no second response to the same prompt in the next row", waiting[0])
            waiting = (ref, prompt, option)
    if waiting is not None:
        harvest.set_aside("no second response to the same prompt in the next row", waiting[0])
    harvest.note(
        "info",
        "pairs-from-ratings",
        "Two consecutive rows with the same prompt are one pair: the more helpful response wins, equal helpfulness is a"
        " tie. The ratings are means of several raters and count as one annotator's.",
        "Agreement cannot be measured on this file; open the preferences instead.",
    )
    items, rows = rankings.pairs()
    return harvest.export(TERNARY, frames=(items, rows.assign(annotator="published ratings")))


def _rating(value: Any) -> float:
    """A rating, or the mean of several raters' where the file lists them."""
    known = [number for number in map(number_of, list_of(value)) if not math.isnan(number)]
    return sum(known) / len(known) if known else number_of(value)
