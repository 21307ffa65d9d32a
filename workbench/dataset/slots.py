"""Judgements without an annotator id are given the numbered slots of their item: a slot is nobody in particular."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence

_MARK = " (no id)"
_SLOT = re.compile(rf"slot \d+((?:{re.escape(_MARK)})*)")


def slot_names(numbers: Iterable[int], taken: Collection[str]) -> list[str]:
    """Names for slots, told apart from people who are called like one.

    >>> slot_names([1, 2, 1], {"ann"}), slot_names([1, 2], {"slot 1"})
    (['slot 1', 'slot 2', 'slot 1'], ['slot 1 (no id)', 'slot 2 (no id)'])
    """
    listed, mark = list(numbers), ""
    while any(f"slot {n}{mark}" in taken for n in set(listed)):
        mark += _MARK
    return [f"slot {n}{mark}" for n in listed]


def slots_among(names: Sequence[str]) -> frozenset[str]:
    """Which names of a set with judgements without ids are slots: those with the most marks.

    >>> sorted(slots_among(["ann", "slot 1", "slot 2"])), sorted(slots_among(["slot 1", "slot 1 (no id)"]))
    (['slot 1', 'slot 2'], ['slot 1 (no id)'])
    """
    marks = {name: len(found.group(1)) for name in names if (found := _SLOT.fullmatch(name))}
    return frozenset(name for name, length in marks.items() if length == max(marks.values()))
