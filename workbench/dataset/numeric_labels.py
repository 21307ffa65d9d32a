"""What numbers can mean as a choice between two responses, and what tells which meaning it is.

The same numbers mean opposite things in different exports: 1 is the second response where 0 and 1 are an index, and the
first where the column is called `is_A_selected`. A meaning is taken from evidence (the column's name, a legend in it,
scores beside it); without any the user is asked, with every reading and what it would make of the labels.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from workbench.dataset.scales import SCALES, LabelScale
from workbench.dataset.side_words import side_of
from workbench.errors import WorkbenchError
from workbench.messages import Choices, by, message

_WINS = re.compile(
    r"(?:^| )(?:is|was|wins?|won|winner|better|best|prefers?|preferred|chosen|chose|selected|picked)(?: |$)"
)
_INDEX = re.compile(r"(?:^| )(?:index|idx|id|number|num|no|position|pos)(?: |$)")
_SIDE = {"a": 1, "1": 1, "left": 1, "first": 1, "b": -1, "2": -1, "right": -1, "second": -1}
_LEGEND = re.compile(r"(-?\d+)\s*(?:=|:|means|is)\s*([^,;|()\d=]+)")
_AGREES, _DISAGREES = 0.9, 0.6
"""Scores beside the labels decide where one reading agrees with them at least so often, and no other more than so."""
_BEYOND_CHANCE, _LEAST_GAP, _HALF_WAY = 3.0, 0.25, 0.5
"""Standard errors, and share, by which the two sides have to meet less often than either meets the tie; and how often
a side has to meet the tie, as a share of what chance expects.
"""


@dataclass(frozen=True)
class Reading:
    """One way to read the numbers.

    Attributes
    ----------
    says : in words: `1 and 2 are the number of the better response, 0 is a tie`.
    strengths : number -> how strongly it favours A (positive) or B (negative).
    """

    says: str
    strengths: Mapping[float, float]

    def spelling(self, truths: bool = False) -> dict[str, str]:
        """Number as it is spelled -> label of the smallest scale that has them all; `truths` = false and true for 0
        and 1.

        >>> readings({0.0, 1.0})[1].spelling()
        {'0': 'B', '1': 'A'}
        """
        spelled = {0.0: "false", 1.0: "true"} if truths else {}
        wanted = set(self.strengths.values()) | {-s for s in self.strengths.values()}
        scale = min((s for s in SCALES.values() if wanted <= set(s.strengths)), key=len)
        names = dict(zip(scale.strengths, scale.labels, strict=True))
        return {spelled.get(v, f"{v:g}"): names[strength] for v, strength in sorted(self.strengths.items())}


def both(reading: Reading) -> dict[str, str]:
    """What a reading says of numbers, and of false and true where these stand for 0 and 1."""
    return reading.spelling() | (reading.spelling(truths=True) if set(reading.strengths) <= {0.0, 1.0} else {})


class Unclear(WorkbenchError):
    """Labels that can be read in several ways, of which nothing in the data tells the right one.

    Attributes
    ----------
    name : the column, or question.
    kind : what the labels are: numbers, or true and false.
    ways : each way in words, the spelling that settles it, and how often each label would occur.
    """

    def __init__(
        self, source: str, name: str, ways: Sequence[tuple[str, Mapping[str, str], Mapping[str, int]]]
    ) -> None:
        self.source, self.name, self.ways = source, name, tuple(ways)
        truths = any("true" in spelling or "false" in spelling for _, spelling, _ in ways)
        self.kind = "true and false" if truths else "numbers"
        shown = [
            f"({i}) {says}: {', '.join(f'{label} {n:,}' for label, n in counts.items())}"
            for i, (says, _, counts) in enumerate(ways, 1)
        ]
        column = f" in {name!r}" if name else ""
        super().__init__(
            f"{source}: the labels{column} are {self.kind}, and nothing says what they mean. They can be"
            f" {'; or '.join(shown)}.",
            message("Say which: ", *_options([spelling for _, spelling, _ in ways]), "."),
        )


def _options(spellings: Sequence[Mapping[str, str]]) -> list[str | Choices]:
    """How each way is said, one after the other."""
    said: list[str | Choices] = []
    for i, spelling in enumerate(spellings, 1):
        said += [f"{' or ' if i > 1 else ''}({i}) ", by("spelling", spelling)]
    return said


def readings(values: set[float], scale: LabelScale | None = None) -> list[Reading]:
    """Every way in which these numbers can choose between two responses, the most usual first; empty where there is
    none.

    >>> [reading.says for reading in readings({1.0, 2.0})]
    ['1 and 2 are the number of the better response']
    >>> len(readings({0.0, 1.0, 2.0})), len(readings({0.0, 55.0}))
    (3, 0)
    """
    if not values:
        return []
    whole = all(v == int(v) for v in values)
    low, high = min(values), max(values)
    if scale is not None and len(scale) > 3 and whole:  # somebody has said that the numbers are degrees
        if low >= 1 and high <= len(scale):
            strengths = {v: scale.strengths[int(v) - 1] for v in values}
            return [Reading(f"1 is the strongest preference for A, {len(scale)} for B", strengths)]
        if -low in scale.strengths and -high in scale.strengths:
            return [Reading(_NEGATIVE_A, {v: -v for v in values if -v in scale.strengths})]
    if values <= {0.0, 1.0}:
        return [
            _of(values, "0 and 1 are the index of the better response", {0: 1, 1: -1}),
            _of(values, "1 says that A is better, 0 that B is", {0: -1, 1: 1}),
        ]
    if values <= {1.0, 2.0}:
        return [_of(values, "1 and 2 are the number of the better response", {1: 1, 2: -1})]
    if values <= {0.0, 1.0, 2.0}:
        return [
            _of(values, "1 and 2 are the number of the better response, 0 is a tie", {0: 0, 1: 1, 2: -1}),
            _of(values, "0 and 1 are the index of the better response, 2 is a tie", {0: 1, 1: -1, 2: 0}),
            _of(values, "0 is A, 1 a tie, 2 B", {0: 1, 1: 0, 2: -1}),
        ]
    if values <= {0.0, 0.5, 1.0}:
        return [
            _of(values, "1 is a win of A, 0 of B, 0.5 a tie", {0: -1, 0.5: 0, 1: 1}),
            _of(values, "0 is A, 1 is B, 0.5 a tie", {0: 1, 0.5: 0, 1: -1}),
        ]
    if not whole and low >= 1.0 and high <= 2.0:
        below = {v: float(np.sign(1.5 - v)) for v in values}
        return [Reading("below 1.5 is A, above is B, 1.5 is a tie", below)]
    if whole and -3 <= low < 0 and high <= 3:
        return _both_ways(_NEGATIVE_A, "positive numbers favour A, negative B; 0 is a tie", {v: -v for v in values})
    if whole and low >= 0 and high <= 7 and (low >= 1 or high <= 6):
        least = 1 if low >= 1 else 0
        top = max(3 + least - 1, int(high)) if scale is None else len(scale) + least - 1
        middle = (top + least) / 2
        steps = {v: middle - v for v in values}
        if (top - least) % 2 == 1:  # no middle: 1, 2 | 3, 4
            steps = {v: float(np.sign(s) * np.ceil(abs(s))) for v, s in steps.items()}
        ways = _both_ways(
            f"{least} is the strongest preference for A, {top} for B",
            f"{least} is the strongest for B, {top} for A",
            steps,
        )
        if values <= {1.0, 2.0, 3.0}:
            ways.append(_of(values, "1 and 2 are the number of the better response, 3 is a tie", {1: 1, 2: -1, 3: 0}))
        return ways
    return []


_NEGATIVE_A = "negative numbers favour A, the response shown first; 0 is a tie"


def _of(values: set[float], says: str, strengths: Mapping[float, float]) -> Reading:
    return Reading(says, {v: float(strengths[v]) for v in values})


def _both_ways(says: str, other: str, strengths: Mapping[float, float]) -> list[Reading]:
    return [Reading(says, strengths), Reading(other, {v: -s if s else 0.0 for v, s in strengths.items()})]


def told_by_name(name: str, values: set[float], responses: Sequence[str] = ()) -> tuple[Reading, str] | None:
    """The reading that the column's name decides, and why; None where it does not.

    Parameters
    ----------
    name : the column or question. values : the numbers in it.
    responses : names of the two columns with the responses.

    >>> reading, why = told_by_name("is_A_selected", {0.0, 1.0})
    >>> reading.strengths, why
    ({0.0: -1.0, 1.0: 1.0}, "'is_A_selected' says so of A")
    >>> told_by_name("chosen_index", {0.0, 1.0})[0].says
    '0 and 1 are the index of the better response'
    """
    words = re.sub(r"[^a-z0-9]+", " ", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name).casefold()).strip()
    if reading := _legend(name, values):
        return reading, f"the legend in {name!r} says so"
    if not values <= {0.0, 0.5, 1.0}:
        return None
    sides = [_SIDE[w] for w in words.split() if w in _SIDE]
    if len(set(sides)) == 1 and _WINS.search(words):
        of = "A" if sides[0] > 0 else "B"
        says = f"1 says that {of} is better, 0 that {'B' if of == 'A' else 'A'} is"
        return Reading(says, {v: sides[0] * (2 * v - 1) for v in values}), f"{name!r} says so of {of}"
    if not values <= {0.0, 1.0}:
        return None
    if reading := _named_side(words, values, responses):
        return reading, f"{name!r} names one of the responses"
    index = readings({0.0, 1.0})[0]
    if _INDEX.search(words):
        return index, f"{name!r} is an index"
    marks = [re.findall(r"\d+", response)[-1:] for response in responses]
    if marks == [["0"], ["1"]]:
        return index, f"the responses are called {responses[0]!r} and {responses[1]!r}"
    return None


def _named_side(words: str, values: set[float], responses: Sequence[str]) -> Reading | None:
    """The meaning where the column is called as one response and says that it wins: `audio1 wins`."""
    if not _WINS.search(words):
        return None
    asked = set(words.split())
    plain = [set(re.sub(r"[^a-z0-9]+", " ", response.casefold()).split()) for response in responses]
    named = [i for i, each in enumerate(plain) if each and each <= asked]
    if len(plain) != 2 or len(named) != 1:
        return None
    of, sign = ("A", 1.0) if named[0] == 0 else ("B", -1.0)
    return Reading(
        f"1 says that {of} is better, 0 that {'B' if of == 'A' else 'A'} is", {v: sign * (2 * v - 1) for v in values}
    )


def _legend(name: str, values: set[float]) -> Reading | None:
    """The meaning of the ends where the name spells them out: `1 = A much better ... 7 = B much better`."""
    told = {float(number): side_of(text) for number, text in _LEGEND.findall(name)}
    ends = {v: side for v, side in told.items() if side}
    if len(ends) < 2 or min(ends) == max(ends) or ends[min(ends)] == ends[max(ends)]:
        return None
    least, most = min(told), max(told)
    middle = next((v for v, side in told.items() if side == 0), (least + most) / 2)
    if not all(least <= v <= most for v in values):
        return None
    sign = ends[min(ends)]
    steps = {v: sign * (middle - v) for v in values}
    top = max(abs(s) for s in [*steps.values(), middle - least])
    if top > 3 or any(s != int(s) for s in steps.values()):
        steps = {v: float(np.sign(s) * np.ceil(abs(s) * min(1.0, 3 / top))) for v, s in steps.items()}
    return Reading(f"{least:g} is the strongest preference for {'A' if sign > 0 else 'B'}", steps)


def told_by_scores(
    ways: Sequence[Reading], labels: np.ndarray, score_a: np.ndarray, score_b: np.ndarray
) -> Reading | None:
    """The one reading that agrees with scores of the two responses, None where none or several do.

    Parameters
    ----------
    ways : the readings. labels, score_a, score_b : (n,) floats, NaN = unknown.
    """
    gap = np.sign(score_a - score_b)
    known = np.isfinite(gap) & np.isfinite(labels) & (gap != 0)
    if known.sum() < 5:
        return None
    shares = []
    for way in ways:
        said = np.array([np.sign(way.strengths.get(v, np.nan)) for v in labels[known]])
        chosen = said != 0
        shares.append(float(np.mean(said[chosen] == gap[known][chosen])) if chosen.any() else 0.0)
    best = int(np.argmax(shares))
    others = [s for i, s in enumerate(shares) if i != best]
    return ways[best] if shares[best] >= _AGREES and max(others, default=0.0) <= _DISAGREES else None


def told_by_the_tie(ways: Sequence[Reading], labels: np.ndarray, item: np.ndarray) -> Reading | None:
    """The one reading whose tie lies where the labels have it, None where that is not clear or several have it there.

    Of three numbers that mean A, B and a tie, the two sides are those that two people give to the same item least
    often, as often as each is given: people who disagree more often stop half way.

    Parameters
    ----------
    ways : the readings. labels : (n,) floats, NaN = unknown. item : int (n,), what each is a label of.

    >>> labels = np.array([0, 0, 0, 2, 1, 1, 1, 2] * 40, float)  # each item has zeros or ones, and a two
    >>> told_by_the_tie(readings({0.0, 1.0, 2.0}), labels, np.repeat(np.arange(80), 4)).says
    '0 and 1 are the index of the better response, 2 is a tie'
    """
    known = np.isfinite(labels)
    values, code = np.unique(labels[known], return_inverse=True)
    if len(values) != 3:
        return None
    place = np.unique(item[known], return_inverse=True)[1]
    counts = np.bincount(place * 3 + code, minlength=3 * (int(place.max()) + 1)).reshape(-1, 3).astype(float)
    size = counts.sum(1)
    counts, size = counts[size > 1], size[size > 1]
    if len(size) == 0:
        return None
    # Pairs of labels of an item, each item worth its votes, as for Krippendorff's alpha; and how many chance expects.
    met = (counts.T / (size - 1)) @ counts
    given = counts.sum(0)
    sides = {2: (0, 1), 1: (0, 2), 0: (1, 2)}
    seen = np.array([met[sides[tie]] for tie in range(3)])
    expected = np.array([given[a] * given[b] / given.sum() for a, b in (sides[tie] for tie in range(3))])
    ratio, error = seen / expected, np.sqrt(seen + 0.5) / expected
    tie = int(ratio.argmin())
    others = [t for t in range(3) if t != tie]
    if ratio[others].min() < _HALF_WAY:
        return None  # ties that keep to items of their own tell nothing of what lies between
    gap = ratio[others] - ratio[tie]
    if (gap < _BEYOND_CHANCE * np.hypot(error[others], error[tie])).any() or (gap < _LEAST_GAP * ratio[tie]).any():
        return None
    fitting = [way for way in ways if way.strengths.get(float(values[tie])) == 0]
    return fitting[0] if len(fitting) == 1 else None
