"""Layouts in which a column is an answer rather than a field: counts of the votes for each side, and a column for each
answer that could be given.
"""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from workbench.errors import first_five
from workbench.formats.tables.column_assignment import Assignment
from workbench.formats.tables.column_names import plain_name
from workbench.formats.tables.doubt import Doubt, doubt_about

_VOTES = re.compile(r"(?:^|_)(?:votes?|counts?|voters|ballots)(?:_|$)")
_MOST_VOTES = 50
_NEARLY_ALL = 0.9


def counts_of_votes(found: Assignment) -> Doubt | None:
    """Each row counts how many people voted for each side, and is no judgement of one person."""
    sides = [found.mapping.get(f, [""])[0] for f in ("score_a", "score_b")]
    if not all(sides) or not all(_VOTES.search(plain_name(c)) for c in sides):
        return None
    a, b = (pd.to_numeric(found.sample[c], errors="coerce") for c in sides)
    if (a % 1 > 0).any() or (b % 1 > 0).any() or not 1 < (a + b).max() <= _MOST_VOTES:
        return None
    return doubt_about(
        "label score_a score_b",
        f"{first_five(sides)} seem to count how many people voted for each side, so that a row is the votes of several"
        " people and not one judgement; a table with a row a vote says more",
        ("the side with more votes is to be the one label of its item", {"score_a": sides[0], "score_b": sides[1]}),
    )


def column_per_answer(found: Assignment) -> Doubt | None:
    """Each answer that could be given has a column of its own, which is filled where it was given."""
    label = found.mapping.get("label", [])
    if len(label) != 1 or not _may_be_an_answer(found, label[0]):
        return None
    answers, given = list(label), _filled(found, label[0])
    for column in found.looks:
        if column in found.used() or not _may_be_an_answer(found, column):
            continue
        own = _filled(found, column)
        if not (own & given).any():
            answers.append(column)
            given = given | own
    if len(answers) < 2 or given.mean() < _NEARLY_ALL:
        return None
    return Doubt(
        f"each of {first_five(answers)} is filled where no other of them is: these are the answers to one question, a"
        " column each",
        about=frozenset({"label"}),
        remedy="Open a table with the answers in one column.",
    )


def _may_be_an_answer(found: Assignment, column: str) -> bool:
    """Whether a column says one thing, or nothing."""
    look = found.looks[column]
    return look.distinct == 1 and look.rows < len(found.sample)


def _filled(found: Assignment, column: str) -> np.ndarray:
    """Which rows have a value there."""
    return (found.text(column).fillna("").str.strip() != "").to_numpy(bool)
