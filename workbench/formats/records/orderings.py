"""A ranking of the responses of one task as pairwise labels in the order in which the responses were shown."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

from workbench.formats.records.nested import dict_of, first_of, list_of, number_of, text_of


def ranks_of(ranking: Any, names: Sequence[str]) -> list[float]:
    """Rank of each named response in one annotator's ranking, 1 = best, NaN = not ranked.

    Understands an ordered list of names (lists within it are ties), `{"rank": [..], "value": [..]}`, a list of
    `{"value", "rank"}` and a dict of buckets in their order.

    >>> ranks_of(["response_2", "response_1"], ["response_1", "response_2"])
    [2.0, 1.0]
    >>> ranks_of([{"value": "a", "rank": 1}, {"value": "b", "rank": 1}], ["a", "b"])
    [1.0, 1.0]
    """
    place = {name: i for i, name in enumerate(names)}
    ranks = [math.nan] * len(names)
    for name, rank in _ranked(ranking):
        if name in place:
            ranks[place[name]] = rank
    return ranks


def _ranked(ranking: Any) -> list[tuple[str, float]]:
    columns = dict_of(ranking)
    if "value" in columns and "rank" in columns:
        values, ranks = list_of(columns["value"]), list_of(columns["rank"])
        return [(text_of(v) or "", number_of(r)) for v, r in zip(values, ranks, strict=False)]
    found: list[tuple[str, float]] = []
    if columns:
        position = 0
        for bucket in columns.values():
            for each in list_of(bucket):
                position += 1
                found.append((text_of(each) or "", float(position)))
        return found
    for position, each in enumerate(list_of(ranking), 1):
        entry = dict_of(each)
        if entry:
            name = text_of(first_of(entry, ("value", "name", "id", "modelResponseId", "messageId", "message_id")))
            rank = number_of(first_of(entry, ("rank", "order")))
            found.append((name or "", float(position) if math.isnan(rank) else rank))
        elif isinstance(each, (list, tuple)):
            found += [(text_of(name) or "", float(position)) for name in each]
        else:
            found.append((text_of(each) or "", float(position)))
    return found


def pair_labels(ranks: Sequence[float]) -> list[tuple[int, int, str | None]]:
    """Label of every pair of responses i < j: A where i ranks better, B where j does, = where alike, None where
    unknown.

    >>> pair_labels([2.0, 1.0, 3.0])
    [(0, 1, 'B'), (0, 2, 'A'), (1, 2, 'A')]
    """
    return [(i, j, _label(ranks[i], ranks[j])) for i, j in combinations(range(len(ranks)), 2)]


def best_of(chosen: int, k: int) -> list[tuple[int, int, str | None]]:
    """The k - 1 pairs that one choice among k responses decides; nothing is known about the others.

    >>> best_of(1, 3)
    [(0, 1, 'B'), (1, 2, 'A')]
    """
    return [(min(chosen, i), max(chosen, i), "A" if chosen < i else "B") for i in range(k) if i != chosen]


def pair_name(task: str | None, pair: tuple[int, int], k: int, columns: Mapping[str, Any], row: int) -> str | None:
    """Item id of a pair of a task: the task's own id, with the pair where it has several; where it has no id, none if
    the responses identify the item, else the row.

    >>> pair_name("t7", (0, 1), 2, {}, 1), pair_name("t7", (0, 2), 3, {}, 1), pair_name(None, (0, 1), 2, {}, 1)
    ('t7', 't7:1-3', 'row 1')
    """
    if task is None and columns.get("response_a") is not None and columns.get("response_b") is not None:
        return None
    name = f"row {row}" if task is None else task
    return name if k <= 2 else f"{name}:{pair[0] + 1}-{pair[1] + 1}"


def _label(first: float, second: float) -> str | None:
    if math.isnan(first) or math.isnan(second):
        return None
    if first == second:
        return "="
    return "A" if first < second else "B"


def named_ranks(ranks: Mapping[str, float]) -> list[float]:
    """Ranks of some scores, the highest score first: 1 = best, equal scores alike.

    >>> named_ranks({"answer1": 3.0, "answer2": 5.0})
    [2.0, 1.0]
    """
    scores = list(ranks.values())
    return [math.nan if math.isnan(score) else 1.0 + sum(other > score for other in scores) for score in scores]
