"""What the values of a column could be, as far as its first rows show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd

from workbench.dataset.side_words import SKIP, clean, side_and_level, with_one_noun
from workbench.formats.records.spoken_times import has_decimal_commas, spoken_seconds, with_points
from workbench.formats.records.times import to_moment
from workbench.formats.tables.cells import as_text

_MOST_LABELS = 12
_FLAGS = {"true", "false", "yes", "no", "0", "1"}


@dataclass(frozen=True, eq=False)
class Look:
    """A column, looked at.

    Attributes
    ----------
    rows : cells with a value. texts : these as text, in order. distinct : how many differ.
    longest : characters of the longest. numeric : share that are numbers of at least 0. moments : share that are times.
    """

    rows: int
    texts: list[str] = field(repr=False)
    distinct: int
    longest: int
    numeric: float
    moments: float

    @classmethod
    def at(cls, values: pd.Series) -> Look:
        """Looks at a column."""
        text = values.astype(object).map(as_text).dropna()
        text = text[text.str.strip() != ""] if len(text) else text
        if len(text) == 0:
            return cls(0, [], 0, 0, 0.0, 0.0)
        plain = text.map(with_points) if has_decimal_commas(text.unique()) else text
        numbers = pd.to_numeric(plain, errors="coerce").to_numpy(np.float64, na_value=np.nan)
        moments = to_moment(values if values.dtype != object else text)
        share = float(np.mean(~np.isnat(moments[: len(text)])))
        return cls(
            len(text), text.tolist(), text.nunique(), int(text.map(len).max()), float(np.mean(numbers >= 0)), share
        )

    @property
    def share_distinct(self) -> float:
        """Distinct values a filled cell."""
        return self.distinct / self.rows if self.rows else 0.0

    @property
    def words_each(self) -> float:
        """Words of a value, in the mean."""
        return sum(len(str(text).split()) for text in self.texts) / max(len(self.texts), 1)

    @cached_property
    def words(self) -> set[str]:
        """The distinct values without case and punctuation, skips left out; only the first few where there are many."""
        return {clean(t) for t in dict.fromkeys(self.texts[:2_000])} - SKIP

    @cached_property
    def all_numbers(self) -> bool:
        """Whether every value is a number, signs included."""
        numbers = pd.to_numeric(pd.Series(self.texts, dtype=object).map(with_points), errors="coerce")
        return self.rows > 0 and bool(numbers.notna().all())

    @property
    def flags(self) -> bool:
        """Whether the values are yes and no."""
        return 0 < self.distinct <= 2 and self.words <= _FLAGS

    @cached_property
    def sides(self) -> bool:
        """Whether each value says in words or marks which of two is better, and not all say the same."""
        if not 2 <= len(self.words) <= _MOST_LABELS:
            return False
        noun = with_one_noun(self.words)
        read = [
            None
            if w in ("true", "false") or w.replace(".", "").lstrip("+-").isdigit()
            else side_and_level(noun.get(w, w))
            for w in self.words
        ]
        return None not in read and len({side for side, _ in filter(None, read)}) > 1

    @cached_property
    def lists(self) -> bool:
        """Whether the values are lists or objects written out as text, as `[u'x', u'y']`."""
        return self.rows > 0 and float(np.mean([t[:1] in ("[", "{") for t in self.texts[:200]])) > 0.5

    @property
    def could_be_label(self) -> bool:
        """Whether so few short values could be labels."""
        if self.lists:
            return False
        return 0 < self.distinct <= max(_MOST_LABELS, self.rows // 20) and self.distinct <= 40 and self.longest <= 60

    @property
    def texts_like(self) -> bool:
        """Whether the values read like sentences."""
        return self.rows > 0 and self.longest > 20 and float(np.mean([" " in t for t in self.texts])) > 0.5

    @cached_property
    def durations(self) -> float:
        """Share of values that are durations: numbers, or written with units."""
        if self.numeric > 0.8:
            return self.numeric
        return float(np.mean([spoken_seconds(t) is not None for t in self.texts[:200]])) if self.rows else 0.0


def same_words(looks: Sequence[Look]) -> bool:
    """Whether columns draw their values from one small vocabulary."""
    union = set().union(*(look.words for look in looks))
    return 2 <= len(union) <= _MOST_LABELS and all(2 * len(look.words & union) >= len(look.words) for look in looks)
