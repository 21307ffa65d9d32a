"""Label scales: which labels there are, their order from A to B, their direction, and the ways exports spell them.

A label is held as a small integer code: its position on the scale, 0 = the strongest preference for A. A missing,
skipped or unreadable label is `NULL` (-1), never a tie.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from workbench.dataset.rating_words import in_rating_order

NULL = -1
"""Code of a label that is missing, skipped or could not be read."""
MOST_LABELS = 120
"""Labels that a scale may have: codes are single bytes, and what has more values is a measurement or a text."""


@dataclass(frozen=True)
class LabelScale:
    """An ordered set of labels.

    Attributes
    ----------
    name : `binary`, `ternary`, `five`, ... or `categories`.
    labels : the labels in order. On a preference scale from "A much better" to "B much better".
    strengths : for a preference scale, how strongly each label favours A (positive) or B (negative), antisymmetric;
        empty for categories, which have no sides.

    >>> TERNARY.flip(np.array([0, 1, 2, NULL])).tolist()
    [2, 1, 0, -1]
    >>> FIVE.direction(np.arange(5)).tolist()
    [0, 0, 1, 2, 2]
    """

    name: str
    labels: tuple[str, ...]
    strengths: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        if len(set(self.labels)) != len(self.labels):
            raise ValueError(f"a scale names each label once, got {self.labels}")
        if self.strengths and tuple(-s for s in reversed(self.strengths)) != self.strengths:
            raise ValueError(f"strengths must be antisymmetric around the middle, got {self.strengths}")

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def has_sides(self) -> bool:
        """Whether the labels say which of two responses is better."""
        return bool(self.strengths)

    @property
    def tie(self) -> int | None:
        """Code of the tie, or None where the scale has none."""
        return self.strengths.index(0.0) if 0.0 in self.strengths else None

    def flip(self, codes: np.ndarray) -> np.ndarray:
        """The same judgements with A and B exchanged. Categories have no sides and stay as they are."""
        if not self.has_sides:
            return codes.copy()
        return np.where(codes == NULL, NULL, len(self) - 1 - codes).astype(codes.dtype)

    def direction(self, codes: np.ndarray) -> np.ndarray:
        """Collapses codes to 0 = A, 1 = tie, 2 = B (or to 0 = A, 1 = B on a scale without a tie), keeping NULL."""
        return self.direction_table()[codes]

    def direction_table(self) -> np.ndarray:
        """Lookup from code to direction code; its last entry maps NULL (-1) to NULL."""
        signs = np.sign(self.strengths) if self.has_sides else np.arange(len(self))
        if not self.has_sides:
            table = np.arange(len(self))
        elif self.tie is None:
            table = (signs < 0).astype(np.int64)
        else:
            table = (1 - signs).astype(np.int64)
        return np.append(table, NULL).astype(np.int8)

    def directional(self) -> LabelScale:
        """The scale that is left when strength is ignored."""
        if not self.has_sides:
            return self
        return BINARY if self.tie is None else TERNARY

    def code(self, label: str) -> int:
        """Code of one of the scale's own labels."""
        return self.labels.index(label)


BINARY = LabelScale("binary", ("A", "B"), (1.0, -1.0))
TERNARY = LabelScale("ternary", ("A", "=", "B"), (1.0, 0.0, -1.0))
FOUR = LabelScale("four", ("A>>", "A>", "B>", "B>>"), (2.0, 1.0, -1.0, -2.0))
FIVE = LabelScale("five", ("A>>", "A>", "=", "B>", "B>>"), (2.0, 1.0, 0.0, -1.0, -2.0))
SIX = LabelScale("six", ("A>>>", "A>>", "A>", "B>", "B>>", "B>>>"), (3.0, 2.0, 1.0, -1.0, -2.0, -3.0))
SEVEN = LabelScale("seven", ("A>>>", "A>>", "A>", "=", "B>", "B>>", "B>>>"), (3.0, 2.0, 1.0, 0.0, -1.0, -2.0, -3.0))

SCALES: dict[str, LabelScale] = {scale.name: scale for scale in (BINARY, TERNARY, FOUR, FIVE, SIX, SEVEN)}


def categories(values: Iterable[object]) -> LabelScale:
    """A scale of plain categories, in numeric order where all are numbers, in their own where they are the words of a
    well-known rating scale, else in alphabetical order.

    >>> categories(["10", "9", "9"]).labels, categories(["good", "poor", "fair"]).labels
    (('9', '10'), ('poor', 'fair', 'good'))
    """
    distinct = {_plain(value) for value in values}
    try:
        ordered = sorted(distinct, key=float)
    except ValueError:
        ordered = in_rating_order(distinct) or sorted(distinct)
    return LabelScale("categories", tuple(ordered))


def _plain(value: object) -> str:
    text = str(value).strip()
    return text[:-2] if text.endswith(".0") and text[:-2].lstrip("-").isdigit() else text


def scale_of(labels: Sequence[str]) -> LabelScale:
    """The scale with exactly these labels: one of the standard ones, or categories in the order given."""
    for scale in SCALES.values():
        if tuple(labels) == scale.labels:
            return scale
    return LabelScale("categories", tuple(labels))
