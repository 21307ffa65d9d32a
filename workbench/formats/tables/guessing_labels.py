"""Which column holds the judgements: by name, by the values that win, by who won against whom, by what is left over."""

from __future__ import annotations

import re

from workbench.formats.tables.column_assignment import CONFIDENT, PAIRED, Assignment
from workbench.formats.tables.column_names import ABOUT_PEOPLE, DERIVED, TELLS_APART, fields_named, plain_name
from workbench.formats.tables.nested_records import WHO
from workbench.formats.tables.pair_columns import sides_by_value

_MOST_SIDES = 3
_DECIDED = r"decision|verdict|judge?ment|prediction|winner|choice"
_RIGHT = r"label|target|answer|truth|true|correct|right|gold|expert|expected|reference|human"


def take_nested(found: Assignment) -> None:
    """Of judgements listed in a record, the label is among them; one beside the list is the right answer."""
    if found.nesting.field is None:
        return
    inner = [c for c in found.looks if c.startswith(f"{found.nesting.field}.")]
    says = [c for c in inner if not c.endswith(f".{WHO}") and found.looks[c].could_be_label]
    best = max(says, key=lambda c: (found.looks[c].sides, found.named[c].get("label", 0.0)), default=None)
    if best is None:
        return
    outer = found.mapping.get("label", [""])[0]
    if outer and outer not in inner and "gold" not in found.mapping and not DERIVED.search(plain_name(outer)):
        found.give("gold", [outer], 0.8)
    found.give("label", [best], 0.9)
    who = f"{found.nesting.field}.{WHO}"
    own = next((c for c in inner if c != best and found.named[c].get("annotator", 0.0) >= 0.6), None)
    if own or (who in found.looks and "annotator" not in found.mapping):
        found.give("annotator", [own or who], 0.8)


def take_label_by_value(found: Assignment) -> None:
    """A label that repeats the value of one of two columns names the winner by it."""
    candidates = [
        c for c in found.looks if found.named[c].get("label", 0.0) >= 0.6 or c in found.mapping.get("label", [])
    ]
    candidates += [c for c in found.looks if fields_named(c).get("label", 0.0) >= 0.6 and c not in candidates]
    sided = {c for two in found.pairs.twos for c in two}
    for a, b in (p for p in (found.pairs.responses, found.pairs.models, *found.pairs.others) if p):
        for column in candidates:
            if column in sided or sides_by_value(found.sample[column], found.sample[a], found.sample[b]) is None:
                continue
            names = PAIRED[2:] if (a, b) == found.pairs.models else PAIRED[:2]
            for name, side in zip(names, (a, b), strict=True):
                found.give(name, [side], 0.9)
            found.give("label", [column], 0.9)
            return
    if not {"response_a", "model_a"} & set(found.mapping) and found.looks_sided():
        things_compared(found)


def things_compared(found: Assignment) -> None:
    """Two columns of ids are the responses where the label chooses between sides and there is nothing else."""
    two = next(
        (p for p in found.pairs.others if p != found.pairs.scores and not set(p) & set(found.mapping.get("label", ()))),
        None,
    )
    if two is not None and "item" not in found.mapping:
        for name, side in zip(PAIRED[:2], two, strict=True):
            found.give(name, [side], 0.7)


def take_outcome(found: Assignment) -> None:
    """Who won against whom, or the scores of both sides, where no column says which is better."""
    label = found.mapping.get("label", [""])[0]
    if found.pairs.outcome is not None and not (label and found.looks[label].sides):
        if label in found.pairs.outcome:
            del found.mapping["label"], found.scores["label"]
        found.mapping.pop("label", None)
        for name, column in zip(("winner", "loser"), found.pairs.outcome, strict=True):
            found.give(name, [column], 0.9)
        return
    compared = {"response_a", "model_a"} & set(found.mapping)
    if found.pairs.scores is not None and compared and found.scores.get("label", 0.0) < 0.7:
        found.mapping.pop("label", None)
        for name, column in zip(("score_a", "score_b"), found.pairs.scores, strict=True):
            found.give(name, [column], 0.8)


def last_label(found: Assignment) -> None:
    """Where one column alone is left that could be the label, it is."""
    if found.mapping.keys() & {"label", "winner", "score_a"} and found.scores.get("label", 1.0) >= CONFIDENT:
        return
    left = [
        c
        for c in found.looks
        if c not in found.used()
        and found.looks[c].distinct >= 2
        and found.looks[c].could_be_label
        and not ABOUT_PEOPLE.search(plain_name(c))
        and not TELLS_APART.search(plain_name(c))
        and not found.named[c].keys() & {"shown_first", "annotator_kind", "gold", "batch"}
        and found.varies(c)
    ]
    if len(left) == 1:
        found.give("label", left, 0.6)


def gold_beside_labels(found: Assignment) -> None:
    """Of two columns that could be the label, the one that never differs within an item is the right answer."""
    if "gold" in found.mapping or "label" not in found.mapping:
        return
    label = found.mapping["label"][0]
    same = [
        c
        for c in found.other_labels()
        if found.looks[c].words & found.looks[label].words and not _told_by_the_pair(found, c)
    ]
    if len(same) != 1 or not found.looks[label].sides:
        return
    one, other = label, same[0]
    varies = {c: found.varies(c) for c in (one, other)}
    if varies[one] == varies[other]:  # nothing to see in the values: a decision is said, a label or target is right
        said = {c: re.search(_DECIDED, c, re.I) is not None for c in (one, other)}
        right = {c: re.search(_RIGHT, c, re.I) is not None for c in (one, other)}
        varies = said if said[one] != said[other] and any(right[c] for c in said if not said[c]) else varies
    if varies[one] == varies[other]:
        return
    found.give("label", [one if varies[one] else other], 0.9)
    found.give("gold", [other if varies[one] else one], 0.7)


def _told_by_the_pair(found: Assignment, column: str) -> bool:
    """Whether a column only says which model stood on which side, as `ours_side` does."""
    models = found.mapping.get("model_a", []) + found.mapping.get("model_b", [])
    if len(models) != len(PAIRED[2:]):
        return False
    shown = found.text(models[0]).astype(str) + "\0" + found.text(models[1]).astype(str)
    if shown.nunique() < len(models) or 2 * shown.nunique() > len(shown):
        return False
    return bool(found.text(column).groupby(shown).nunique().max() <= 1)


def leave_out_other_gold(found: Assignment) -> None:
    """A column that is called like the right answer and says none of what the labels say is something else."""
    label, gold = found.mapping.get("label", []), found.mapping.get("gold", [])
    if len(label) != 1 or not gold:
        return
    said, right = found.looks[label[0]], found.looks[gold[0]]
    numbers_for_sides = right.all_numbers and right.distinct <= _MOST_SIDES
    if said.words & right.words or (said.sides and (right.sides or numbers_for_sides)):
        return
    if right.sides and said.all_numbers and said.distinct <= _MOST_SIDES:
        return
    del found.mapping["gold"], found.scores["gold"]
