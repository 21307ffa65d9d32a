"""Columns that come in twos: the responses, the models, the scores of each, and who won against whom."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from workbench.dataset.foreign_words import in_english
from workbench.dataset.side_words import SKIP, clean, side_and_level
from workbench.formats.records.roles import side_pairs
from workbench.formats.tables.cells import as_text
from workbench.formats.tables.column_looks import Look
from workbench.formats.tables.column_names import LOSER, MODELS, RANKS, SCORES, THINGS, WINNER, plain_name

Pair = tuple[str, str]
_NO_THING = re.compile(
    r"(?:^|_)(?:time|date|hash|tokens?|length|len|count|created|is|safe|labels?|gold|reason|logprob|seed)(?:_|$)"
)


@dataclass(frozen=True, kw_only=True)
class Pairs:
    """The columns of a table that come in twos, None where there are none.

    Attributes
    ----------
    responses, models : first and second side. scores : of the two sides, higher is better unless `ranks`.
    outcome : the columns with the winner and the loser.
    others : twos whose values may name the things that were compared.
    twos : all of them.
    """

    responses: Pair | None = None
    models: Pair | None = None
    scores: Pair | None = None
    ranks: bool = False
    outcome: Pair | None = None
    others: tuple[Pair, ...] = ()
    twos: tuple[Pair, ...] = ()


def find_pairs(looks: Mapping[str, Look]) -> Pairs:
    """Sorts the columns that differ only in a side mark, or are a winner and a loser."""
    english = {in_english(c): c for c in looks}
    twos = [(english[a], english[b]) for a, b in side_pairs(english)]
    responses: list[tuple[tuple[bool, float], Pair]] = []
    models = scores = None
    ranks = False
    others = []
    filled = max((look.rows for look in looks.values()), default=0)  # a two that few rows have says nothing of the rest
    for a, b in twos:
        name, pair = plain_name(a), (looks[a], looks[b])
        if not all(look.rows for look in pair) or _NO_THING.search(name) or 2 * max(p.rows for p in pair) < filled:
            continue
        numbers = all(look.all_numbers for look in pair)
        if numbers and (RANKS.search(name) or SCORES.search(name)):
            if scores is None:
                scores, ranks = (a, b), RANKS.search(name) is not None
        elif MODELS.search(name) and not numbers and not any(look.texts_like for look in pair):
            models = models or (a, b)
        elif _are_things(pair, name) and not numbers:
            length = sum(map(len, (*pair[0].texts[:200], *pair[1].texts[:200])))
            responses.append(((any(look.texts_like for look in pair), float(length)), (a, b)))
        if pair[0].distinct > 1 or pair[1].distinct > 1:
            others.append((a, b))
    best = max(responses, key=lambda each: each[0], default=(None, None))[1]
    return Pairs(
        responses=best,
        models=models,
        scores=scores,
        ranks=ranks,
        outcome=_outcome(looks),
        others=tuple(others),
        twos=tuple(twos),
    )


def _are_things(pair: Sequence[Look], name: str) -> bool:
    """Whether these could be what is compared: called so, or long, and no small vocabulary of answers."""
    if any(look.sides or look.flags for look in pair):
        return False
    return any(look.texts_like for look in pair) or THINGS.search(name) is not None


def _outcome(looks: Mapping[str, Look]) -> Pair | None:
    won = [c for c in looks if WINNER.search(plain_name(c)) and looks[c].distinct > 1]
    lost = [c for c in looks if LOSER.search(plain_name(c)) and looks[c].distinct > 1]
    if len(won) != 1 or len(lost) != 1 or looks[won[0]].sides:
        return None
    return won[0], lost[0]


def sides_by_value(label: pd.Series, a: pd.Series, b: pd.Series) -> pd.Series | None:
    """Labels that repeat what stands in one of the two columns of their row, as A and B; None where they do not.

    >>> left, right = pd.Series(["x.wav", "y.wav"]), pd.Series(["y.wav", "z.wav"])
    >>> sides_by_value(pd.Series(["y.wav", "y.wav"]), left, right).tolist()
    ['B', 'A']
    """
    said, one, two = (values.astype(object).map(as_text, na_action="ignore") for values in (label, a, b))
    known = said.notna() & said.map(lambda v: clean(v) not in SKIP, na_action="ignore").fillna(False).astype(bool)
    tie = said.map(_is_tie, na_action="ignore").fillna(False).astype(bool)
    is_a, is_b = (known & (said == one)).to_numpy(bool), (known & (said == two)).to_numpy(bool)
    named = is_a | is_b
    of = int((known & ~tie).sum())
    if of == 0 or named.sum() < max(1, 0.95 * of) or not (is_a ^ is_b).any():
        return None
    return said.mask(pd.Series(is_a & ~is_b, index=said.index), "A").mask(
        pd.Series(is_b & ~is_a, index=said.index), "B"
    )


def _is_tie(value: str) -> bool:
    found = side_and_level(clean(value))
    return found is not None and found[0] == 0
