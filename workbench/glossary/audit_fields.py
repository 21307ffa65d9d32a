"""What each field of `audit --json` is: the name of its measure, or what it counts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

_ALPHAS = ("nominal", "ordinal", "interval")
_COEFFICIENTS = (
    "fleiss_kappa",
    "fleiss_kappa_generalised",
    "gwet_ac1",
    "gwet_ac2",
    "brennan_prediger",
    "percent_agreement",
    "percent_agreement_pooled",
)

MEASURED: dict[str, str] = {
    **{
        f"agreement.{part}krippendorff_alpha.{level}": f"krippendorff_alpha.{level}"
        for part in ("", "direction.")
        for level in _ALPHAS
    },
    **{f"agreement.{part}{name}": name for part in ("", "direction.") for name in _COEFFICIENTS},
    "agreement.cohen_kappa[].kappa": "cohen_kappa",
    "agreement.cohen_kappa[].kappa_low": "cohen_kappa",
    "agreement.cohen_kappa[].kappa_high": "cohen_kappa",
    "agreement.cohen_kappa[].linear": "cohen_kappa_linear",
    "agreement.cohen_kappa[].quadratic": "cohen_kappa_quadratic",
    "agreement.cohen_kappa[].percent": "percent_agreement",
    "annotators[].agreement_with_others": "agreement_with_others",
    "annotators[].estimated_accuracy": "estimated_accuracy",
    "annotators[].estimated_interval": "estimated_accuracy",
    "annotators[].first_position_rate": "first_position_rate",
    "annotators[].flags": "flags",
    "annotators[].flags[].kind": "flags",
    "annotators[].flags[].value": "flags",
    "annotators[].flags[].p_value": "flags",
    "annotators[].gold.direction_accuracy": "gold_accuracy",
    "annotators[].gold.exact_accuracy": "gold_accuracy",
    "annotators[].gold.interval": "gold_accuracy",
    "annotators[].gold.chance": "gold_accuracy",
    "annotators[].median_seconds": "pace",
    "annotators[].reliability.value": "reliability",
    "annotators[].reliability.interval": "reliability",
    "annotators[].self_consistency": "self_consistency",
    "speed.median_seconds": "pace",
    "speed.flagged_annotations": "reading_floor",
    "speed.flagged_annotators": "flags",
    "reversals.between.rate": "reversals_between",
    "reversals.between.interval": "reversals_between",
    "reversals.between.estimate": "reversals_between",
    "reversals.within.rate": "reversals_within",
    "reversals.within.interval": "reversals_within",
    "reversals.within.same_order": "reversals_within",
    "reversals.within.swapped": "reversals_within",
    "reversals.within.unknown_order": "reversals_within",
    "reversals.within.tie_flips": "tie_flips",
    "reversals.within.flips_per_judgement": "self_noise",
    "reversals.order.first_position": "first_position_rate",
    "reversals.order.first_position_rate": "first_position_rate",
    "reversals.order.p_value": "first_position_rate",
    **{
        f"reversals.cycles.{of}.{name}": "cycles"
        for of in ("within_annotator", "majority")
        for name in ("triads", "cyclic", "expected", "by_chance", "modelled", "p_value")
    },
    **{f"reversals.decomposition.{name}": name for name in ("position_bias", "self_noise", "ambiguity")},
    "aggregation.methods.*.gold_accuracy": "gold_accuracy_labels",
    "aggregation.methods.*.posterior_nll": "posterior_nll",
    "aggregation.methods.*.items": "decided",
    "verdict.status": "verdict",
    "verdict.sentence": "verdict",
    "verdict.checks[].value": "verdict",
    "verdict.checks[].threshold": "verdict",
    "verdict.checks[].status": "verdict",
    "verdict.checks[].intervals.*": "verdict",
    "verdict.thresholds.*": "verdict",
}
"""Field -> entry of the glossary."""

PLAIN: dict[str, str] = {
    "workbench": "version that made it",
    "key": "hash of the content: the same data have the same key wherever they are read",
    "sources": "files that were read",
    "format": "form they were read as",
    "counts.rows_read": "rows of all files",
    "counts.annotations": "judgements with a label",
    "counts.items": "items",
    "counts.items_with_overlap": "items with two labels or more",
    "counts.annotators": "annotators",
    "counts.repeats": "later judgements of one's own item",
    "counts.skips": "judgements without a label",
    "counts.set_aside.*": "rows set aside, by reason",
    "labels.scale": "labels in order, from A to B",
    "labels.counts.*": "judgements with that label",
    "agreement.cohen_kappa[].annotators": "the two",
    "agreement.cohen_kappa[].items": "items both labelled",
    "agreement.cohen_kappa[].reason": "why undefined",
    "agreement.cohen_kappa_pairs": "pairs with a common item",
    "agreement.cohen_kappa_left_out": "pairs not listed; see --pairs",
    "annotators[].annotator": "id",
    "annotators[].kind": "human, expert or ai",
    "annotators[].annotations": "judgements with a label",
    "annotators[].shared_items": "items that somebody else labelled too",
    "annotators[].gold.n": "gold items answered",
    "annotators[].skips": "judgements without a label",
    "annotators[].repeats": "later judgements of one's own item",
    "annotators[].self_consistency_n": "times a pair was judged again, also as another item",
    "annotators[].notes": "what is no flag by itself, such as few labels",
    "annotators[].notes[].annotator": "id",
    "annotators[].notes[].kind": "few-labels",
    "annotators[].notes[].why": "in words",
    "annotators[].notes[].value": "labels there are",
    "annotators[].notes[].p_value": "null",
    "annotators[].notes[].with_whom": "null",
    "annotators[].flags[].annotator": "id",
    "annotators[].flags[].why": "in words, with the figures",
    "annotators[].flags[].with_whom": "the other one of a pair",
    "speed.usable": "whether the times can be used",
    "speed.reason": "why not, or what to keep in mind",
    "speed.known": "judgements with a time",
    "speed.unit": "what a time belongs to: `judgement`, or `batch` where those of an assignment share theirs",
    "speed.units": "how many times there are",
    "speed.annotations": "judgements",
    "reversals.between.pairs": "pairs of choices of one item by two annotators",
    "reversals.between.reversed": "of these, opposite ones",
    "reversals.within.groups": "times an annotator judged a pair more than once",
    "reversals.within.decisive": "of these, with two choices or more",
    "reversals.within.contradictory": "of these, with both responses chosen",
    "reversals.within.changed": "groups whose judgements are not all the same",
    "reversals.order.groups": "times an annotator judged a pair in both orders, without a tie",
    "reversals.order.inconsistent": "of these, how often the content chosen differs",
    "reversals.order.always_first": "of these, how often the response shown first was chosen both times",
    "reversals.order.always_second": "of these, how often the response shown second was",
    "reversals.order.test": "test that gives the p-value",
    "reversals.cycles.within_annotator.reason": "why there is nothing to count",
    "reversals.cycles.majority.reason": "why there is nothing to count",
    "reversals.decomposition.repeats": "repeats in the same and in swapped order",
    "reversals.decomposition.repeats_needed": "repeats of each sort for an interval of that half width",
    "reversals.decomposition.half_width": "half width aimed at",
    "reversals.decomposition.order_p": (
        "p-value of McNemar's test that the order sways the choice; null where no choice changed with the order"
    ),
    "aggregation.default": "method used where none is named",
    "aggregation.methods.*.gold_n": "gold items it was judged on",
    "findings[].level": "info, warning or error",
    "findings[].code": "short name of its kind",
    "findings[].message": "what is the matter",
    "findings[].remedy": "what to do",
    "findings[].rows": "rows behind it, the first 100",
    "findings[].count": "rows behind it",
    "verdict.checks[].name": "what is checked",
    "verdict.checks[].why": "in words",
    "verdict.checks[].remedy": "what to do about it; empty where it is ready",
    "verdict.checks[].page": "page that shows more",
    "verdict.checks[].sense": "whether the value must be at least, or at most, the threshold",
    "verdict.checks[].figure": "what the value is, such as the lower end of alpha",
    "verdict.checks[].unit": "unit of value and threshold: share, alpha or count",
    "verdict.checks[].n": "what the value was counted from",
}
"""Field -> what it is, for counts, names and reasons."""

_NAMED_BY_DATA = (
    "labels.counts",
    "counts.set_aside",
    "aggregation.methods",
    "verdict.thresholds",
    "verdict.checks[].intervals",
)


def fields_of(found: Any, path: str = "") -> Iterator[str]:
    """Fields of an audit as a program would name them: `[]` for any entry of a list, `*` for any name that comes from
    the data.

    An estimate with its intervals, its counts and its reason is one field.

    >>> sorted(fields_of({"a": [{"b": 1}], "m": {"value": 1, "same_crew": None}}))
    ['a[].b', 'm']
    """
    if isinstance(found, dict) and not {"value", "same_crew"} <= found.keys():
        for key, value in found.items():
            yield from fields_of(value, f"{path}.{'*' if path in _NAMED_BY_DATA else key}".lstrip("."))
    elif isinstance(found, list) and found and isinstance(found[0], dict):
        for each in found:
            yield from fields_of(each, f"{path}[]")
    else:
        yield path
