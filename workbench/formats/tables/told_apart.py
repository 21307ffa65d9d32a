"""Columns that tell several judgements of one thing apart: each is a part of what was judged, or numbers repeats.

Where one person speaks of the same thing again, a column without a use says why: another model's answer, another
question, another wording of the task, another run. Only the last is the same judgement made again, and only where its
name says so is it taken for that without a question.
"""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from workbench.errors import first_five
from workbench.formats.tables.column_assignment import PAIRED, Assignment
from workbench.formats.tables.column_names import PART_OF_THE_THING, REPEATS, SCORES, plain_name
from workbench.formats.tables.doubt import Doubt, doubt_about
from workbench.formats.tables.reading_checks import codes, identity, told_as_item

_AGAIN, _OFTEN_AGAIN, _FEW_AGAIN, _RECORD, _AS_SHARED = 0.05, 0.25, 0.1, 0.8, 0.5
_NEARLY_ALL, _MOST_DIMENSIONS, _MOST_WORDS, _MOST_TOGETHER, _LESS_AGAIN = 0.9, 20, 6, 3, 0.75
_VARIES_IN = 0.2
_NO_PART = re.compile(
    r"(template|temperature|shown|first|side|confiden|certain|reason|comment|note|raw|parsed|output|response|answer|"
    r"stamp|row|correct|match|agree)"
)
"""Names of columns that tell repeated judgements of one item apart without being a part of what was judged."""
_TURN = re.compile(r"(?:[a-z]+_)?(?:turn|round)(?:_(?:id|idx|index|no|number))?")
_ID = re.compile(r"(?:^|_)(?:id|idx|key|no|num|number|file|path|filename|img_name|image_name|url|uri)$")


def doubts_of_the_item(found: Assignment) -> list[Doubt]:
    """Every doubt whether what was taken for the item is one thing."""
    checks = (judged_by_dimension, turn_left_over, finer_key, part_of_the_thing, pair_comes_again)
    return [doubt for check in checks if (doubt := check(found)) is not None]


def judged_by_dimension(found: Assignment) -> Doubt | None:
    """Whether each person judged each item once for each word of another column: then that column is part of the item,
    or only one of its words is wanted.
    """
    label, about = found.mapping.get("label", []), told_by(found)
    if len(label) != 1 or not {"item", "response_a"} & set(found.mapping):
        return None
    of = pd.Series(codes(found, [*about, *found.mapping.get("annotator", ())]), found.sample.index)
    if of.duplicated(keep=False).mean() < _NEARLY_ALL:
        return None
    for column, look in found.looks.items():
        if not _free(found, column) or not 1 < look.distinct <= _MOST_DIMENSIONS or look.rows < len(found.sample):
            continue
        if look.sides or look.flags or look.texts_like or REPEATS.search(plain_name(column)):
            continue
        if look.all_numbers and (_ID.search(plain_name(column)) or not _counts_up(found, column)):
            continue
        each = found.text(column).groupby(of)
        whole = each.nunique() == look.distinct
        if (
            whole.mean() > _NEARLY_ALL
            and each.size().max() % look.distinct == 0
            and (found.text(label[0]).groupby(found.text(column)).nunique() > 1).any()
        ):
            words = first_five(sorted(set(look.texts)))
            return _part_or_repeat(
                found,
                [column],
                f"{'each person judges' if 'annotator' in found.mapping else 'a row speaks of'} each item once for each"
                f" word of {column!r} ({words}): these may be items of their own",
                nobody_named="annotator" not in found.mapping,
            )
    return None


def turn_left_over(found: Assignment) -> Doubt | None:
    """The same item comes again in the same hands, once for each turn of a conversation."""
    about = told_by(found)
    turn = next((c for c in found.looks if _TURN.fullmatch(plain_name(c)) and c not in found.used()), None)
    if turn is None or not about or "item" not in found.mapping or found.looks[turn].distinct < 2:
        return None
    keys = list(dict.fromkeys([*about, *found.mapping.get("annotator", [])]))
    again = pd.Series(codes(found, keys)).duplicated().sum()
    if again == 0 or pd.Series(codes(found, [*keys, turn])).duplicated().sum() > _FEW_AGAIN * again:
        return None
    return _part_or_repeat(
        found,
        [turn],
        f"{int(again):,} rows speak of a {found.mapping['item'][0]!r} that another row speaks of as well, and {turn!r}"
        " tells them apart",
    )


def finer_key(found: Assignment) -> Doubt | None:
    """The same person judges the same item again, and other columns tell these judgements apart: then the item is
    finer than what was taken for it, unless they number repeats.
    """
    who, about = found.mapping.get("annotator", []), told_by(found)
    if len(who) != 1 or not about or len(found.mapping.get("label", ())) != 1:
        return None
    items, people = codes(found, about), codes(found, who)
    again = _repeats(items, people)
    if again < _AGAIN:
        return None
    shared = _shared(items, people)
    best: tuple[bool, float, str] | None = None
    for column in found.looks:
        if not _may_be_a_key(found, column):
            continue
        finer = codes(found, [*about, column])
        if _repeats(finer, people) >= _FEW_AGAIN * again:
            continue
        if again < _OFTEN_AGAIN and _shared(finer, people) < max(_AS_SHARED * shared, _FEW_AGAIN):
            continue
        alone = bool(found.text(about[0]).groupby(found.text(column)).nunique().max() <= 1)
        if best is None or (alone, _shared(finer, people)) > best[:2]:
            best = (alone, _shared(finer, people), column)
    together = [best[2]] if best is not None else _together(found, about, people, again)
    if not together:
        return None
    named = " and ".join(map(repr, together))
    return _part_or_repeat(
        found,
        together,
        f"the same person judges the same {about[0]!r} again ({int(again * len(items)):,} of {len(items):,} rows), and"
        f" {named} {'tells' if len(together) == 1 else 'tell'} these judgements apart",
        alone=best is not None and best[0],
    )


def part_of_the_thing(found: Assignment) -> Doubt | None:
    """A column called as a part of what was judged, as its model or its language, has several values within an item,
    so that the item is not one thing.
    """
    about = told_by(found)
    if not about or len(found.mapping.get("label", ())) != 1 or "annotator_kind" in found.mapping:
        return None
    if {"model_a", "winner"} & set(found.mapping):
        return None
    items = codes(found, about)
    for column, look in found.looks.items():
        if not _free(found, column) or not 1 < look.distinct <= _MOST_DIMENSIONS or look.rows < len(found.sample):
            continue
        if not PART_OF_THE_THING.search(plain_name(column)) or look.flags or look.moments > 0.5:
            continue
        if any(_tells(found, one, column) for one in found.mapping.get("annotator", ())):
            continue
        values = found.text(column).groupby(items).nunique()
        if (values > 1).sum() <= max(1, _VARIES_IN * len(values)):
            continue
        nobody = "annotator" not in found.mapping and not pd.Series(codes(found, [*about, column])).duplicated().any()
        words = first_five(sorted(set(look.texts)))
        said = f"{int((values > 1).sum()):,} of {len(values):,} items have several values of {column!r} ({words})"
        return _part_or_repeat(found, [column], said, nobody_named=nobody)
    return None


def pair_comes_again(found: Assignment) -> Doubt | None:
    """One person has the same two responses under several ids: these number what was shown rather than name it."""
    item, who = found.mapping.get("item", []), found.mapping.get("annotator", [])
    pair = [c for f in PAIRED[:2] for c in found.mapping.get(f, ())]
    if len(item) != 1 or len(who) != 1 or len(pair) != len(PAIRED[:2]):
        return None
    content = codes(found, [*who, *pair, *found.mapping.get("prompt", ())])
    ids = found.text(item[0]).groupby(content).transform("nunique")
    if (ids > 1).mean() < _VARIES_IN:
        return None
    sides = {f: found.mapping[f][0] for f in PAIRED[:2]}
    return doubt_about(
        "item",
        f"the same person has the same two responses under several ids of {item[0]!r} ({int((ids > 1).sum()):,} of"
        f" {len(ids):,} rows)",
        ("the pair is what was judged, and comes again", {"item": ",".join(pair)} | sides),
        (f"each {item[0]!r} is an item of its own", told_as_item(found, item[0])),
    )


def told_by(found: Assignment) -> list[str]:
    """The columns by which the reader tells items apart: the id with the pair, or else the pair with its prompt."""
    pair = [c for f in PAIRED for c in found.mapping.get(f, ())]
    return list(dict.fromkeys([*(found.mapping.get("item") or identity(found)), *pair]))


def _part_or_repeat(
    found: Assignment, columns: list[str], says: str, *, alone: bool = False, nobody_named: bool = False
) -> Doubt:
    """Asks whether columns are part of what was judged, name who judged, or number repeats."""
    base = found.mapping.get("item") or found.mapping.get("prompt") or []
    told = columns if alone else [*base, *columns]
    ways = []
    whole = _whole_key(found, told)
    if set(whole) != set(told):
        ways.append((f"{' and '.join(map(repr, whole))} together are what was judged{_count(found, whole)}", whole))
    is_part = f"{' and '.join(map(repr, columns))} {'is' if len(columns) == 1 else 'are'} part of what was judged"
    ways.append((f"{is_part}{_count(found, told)}", told))
    if base:
        ways.append((f"they are repeats of the same{_count(found, base)}", base))
    readings = [(when, told_as_item(found, ",".join(key))) for when, key in ways]
    if nobody_named and len(columns) == 1:
        readings.insert(len(readings) - bool(base), (f"{columns[0]!r} names who judged", {"annotator": columns[0]}))
    return doubt_about("item annotator" if nobody_named else "item", says, *readings)


def _whole_key(found: Assignment, told: list[str]) -> list[str]:
    """The columns that leave nobody judging one thing again, where a few more do; else these columns."""
    who = found.mapping.get("annotator", [])
    pair = [c for f in PAIRED for c in found.mapping.get(f, ())]
    if len(who) != 1:
        return told
    people, key = codes(found, who), list(told)
    left = _repeats(codes(found, [*key, *pair]), people)
    for _ in range(_MOST_TOGETHER):
        if left < _AGAIN:
            break
        free = [c for c in found.looks if c not in key and _may_be_a_key(found, c)]
        less = min(((_repeats(codes(found, [*key, *pair, c]), people), c) for c in free), default=(1.0, ""))
        if less[0] >= _LESS_AGAIN * left:
            return told
        left = less[0]
        key.append(less[1])
    if left >= _AGAIN:
        return told
    for column in list(key):  # what the others tell is no part of the key
        rest = [c for c in key if c != column]
        if rest and _how_many(found, [*rest, *pair]) == _how_many(found, [*key, *pair]):
            key = rest
    return key


def _how_many(found: Assignment, columns: list[str]) -> int:
    """How many items these columns tell apart in the rows looked at."""
    return int(codes(found, columns).max(initial=-1)) + 1 if columns else 0


def _count(found: Assignment, key: list[str]) -> str:
    """How many items a key makes, and how many rows judge one again, in words."""
    columns = [*key, *(c for f in PAIRED for c in found.mapping.get(f, ()))]
    who = found.mapping.get("annotator", [])
    again = int(pd.Series(codes(found, [*columns, *who])).duplicated().sum()) if who else 0
    items = _how_many(found, columns)
    return f" ({items:,} items{f', {again:,} rows judged again' if again else ''})"


def _together(found: Assignment, about: list[str], people: np.ndarray, again: float) -> list[str]:
    """Columns that only together tell one person's judgements of an item apart, without those that number repeats."""
    chosen: list[str] = []
    left = again
    while left >= _FEW_AGAIN * again and len(chosen) < _MOST_TOGETHER:
        tried = [
            (_repeats(codes(found, [*about, *chosen, c]), people), c)
            for c in found.looks
            if c not in chosen and _may_be_a_key(found, c, repeats=True)
        ]
        less = [(rest, REPEATS.search(plain_name(c)) is not None, c) for rest, c in tried if rest < _LESS_AGAIN * left]
        if not less:
            return []
        left, _, column = min(less)
        chosen.append(column)
    return [c for c in chosen if not REPEATS.search(plain_name(c))] if left < _FEW_AGAIN * again else []


def _may_be_a_key(found: Assignment, column: str, *, repeats: bool = False) -> bool:
    """Whether a column could be a part of what was judged by its name and its looks, or number repeats."""
    look, name = found.looks[column], plain_name(column)
    if not _free(found, column) or look.rows < len(found.sample) or not 1 < look.distinct <= _RECORD * look.rows:
        return False
    if look.sides or look.flags or look.lists or look.moments > 0.5 or look.words_each > _MOST_WORDS:
        return False
    if REPEATS.search(name):
        return repeats and look.distinct <= _MOST_DIMENSIONS
    if look.all_numbers and not _ID.search(name):
        return False
    return not any(p.search(name) for p in (_NO_PART, SCORES))


def _free(found: Assignment, column: str) -> bool:
    """Whether a column has no use by which things are told apart: a prompt beside an id has none."""
    return column not in found.used() or ("item" in found.mapping and found.mapping.get("prompt") == [column])


def _counts_up(found: Assignment, column: str) -> bool:
    """Whether a column of numbers counts from 0 or 1 without a gap, as criteria and rounds are numbered."""
    if SCORES.search(plain_name(column)):
        return False
    numbers = sorted(pd.to_numeric(pd.Series(found.looks[column].texts).unique(), errors="coerce"))
    return bool(numbers[0] in (0, 1) and numbers == list(range(int(numbers[0]), int(numbers[0]) + len(numbers))))


def _tells(found: Assignment, one: str, other: str) -> bool:
    """Whether a column says the same as another in other words."""
    a, b = found.text(one), found.text(other)
    return bool(a.groupby(b).nunique().max() <= 1 and b.groupby(a).nunique().max() <= 1)


def _repeats(items: np.ndarray, people: np.ndarray) -> float:
    """Share of rows that repeat a person's judgement of an item."""
    return float(pd.DataFrame({"item": items, "who": people}).duplicated().mean())


def _shared(items: np.ndarray, people: np.ndarray) -> float:
    """Share of rows whose item was judged by several people."""
    both = pd.DataFrame({"item": items, "who": people})
    return float((both.groupby("item")["who"].transform("nunique") > 1).mean())
