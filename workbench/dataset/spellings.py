"""How exports spell a label, and what each spelling means on a scale.

`read_labels` looks at the distinct values of a label column once, decides what they are (preference words, `A>>B`
marks, sides, numbers on a scale, names of the two models, or plain categories), and says in one sentence what it
assumed, so that a page or a finding can show it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from workbench.dataset.scales import BINARY, FIVE, FOUR, NULL, SCALES, SEVEN, SIX, TERNARY, LabelScale, categories
from workbench.errors import WorkbenchError, first_five

_TIE = {
    "=",
    "==",
    "tie",
    "tied",
    "ties",
    "draw",
    "equal",
    "equally good",
    "same",
    "about the same",
    "similar",
    "a=b",
    "neutral",
    "tievote",
    "no preference",
    "both",
    "both good",
    "neither",
    "tie (inconsistent)",
    "inconsistent",
    "a1=a2",
    "about equal",
    "nearly the same",
    "roughly equal",
    "equivalent",
}
_BOTH_BAD = {"tie (bothbad)", "bothbad", "both bad", "bothbad vote", "both are bad", "tie (both bad)"}
_SKIP = {
    "",
    "skip",
    "skipped",
    "unsure",
    "not sure",
    "cannot decide",
    "cant decide",
    "ignore",
    "discarded",
    "n/a",
    "na",
    "nan",
    "none",
    "null",
    "<na>",
    "-",
    "error",
    "cancelled",
    "no answer",
    "unknown",
}
_A = (
    r"(?:a|a1|left|first|1st|(?:response|answer|model|option|output|completion|candidate|text|arg|summary|assistant)"
    r" ?(?:a|1))"
)
_B = (
    r"(?:b|a2|right|second|2nd|(?:response|answer|model|option|output|completion|candidate|text|arg|summary|assistant)"
    r" ?(?:b|2))"
)
_ONE_SIDE = re.compile(
    rf"^(?:(?:prefer|chose|choose) )?(?:(?P<a>{_A})|(?P<b>{_B}))(?: ?vote| wins?| won)?(?: is)?(?P<rest>(?: [a-z ]*)?)$"
)
_MARKS = re.compile(r"^(?P<left>a|b) ?(?P<mark>>{1,3}|<{1,3}) ?(?P<right>a|b)?$")
_WEAK = {"slightly", "somewhat", "marginally", "barely", "weakly", "little", "bit"}
_STRONG = {"much", "clearly", "significantly", "strongly", "far", "lot", "definitely", "considerably", "way"}
_FILLER = {"better", "is", "than", "the", "a", "b", "preferred", "preference", "prefer", "good", ""}


@dataclass(frozen=True)
class ReadLabels:
    """Labels as codes on a scale, and how they were read.

    Attributes
    ----------
    codes : int8, shape (n,): code of each label, NULL where there is none.
    scale : the scale the codes are on.
    skipped : bool (n,): the row says that no judgement was made.
    unreadable : bool (n,): the row has a value that is not a label of the scale.
    both_bad : bool (n,): a tie that says both responses are bad.
    how : one sentence that says what was assumed.
    """

    codes: np.ndarray
    scale: LabelScale
    skipped: np.ndarray
    unreadable: np.ndarray
    both_bad: np.ndarray
    how: str


def read_labels(
    values: pd.Series,
    *,
    sides: bool,
    model_a: pd.Series | None = None,
    model_b: pd.Series | None = None,
    scale: LabelScale | None = None,
    spelling: Mapping[str, str] | None = None,
) -> ReadLabels:
    """Reads a column of labels as codes.

    Parameters
    ----------
    values : the labels as the export spells them, shape (n,).
    sides : whether the items have two responses, so that labels say which is better; otherwise they are categories.
    model_a, model_b : names of the two models of each row; a label may be one of them.
    scale : the scale, where the format knows it; by default it is recognised from the values.
    spelling : the user's own reading of some values, from spelling to label of the scale; it wins over the rest. An
        empty label makes it a skip.

    Raises
    ------
    WorkbenchError
        A spelling names a label that is not on the scale.

    Examples
    --------
    >>> read = read_labels(pd.Series(["left", "tie", "", "right"]), sides=True)
    >>> read.codes.tolist(), read.scale.labels
    ([0, 1, -1, 2], ('A', '=', 'B'))
    """
    if sides and model_a is not None and model_b is not None:
        values = _model_names_as_sides(values, model_a, model_b)
    if values.dtype == object:
        values = values.map(
            lambda v: str(v) if isinstance(v, (list, dict, np.ndarray)) else v
        )  # junk of one reader or another, unreadable but countable
    index, distinct = pd.factorize(values, use_na_sentinel=False)
    spelled = ["" if pd.isna(value) else _clean(value) for value in distinct]
    raw = ["" if pd.isna(value) else str(value).strip() for value in distinct]
    own = {_clean(key): label for key, label in (spelling or {}).items()}
    skips = {s for s, label in own.items() if label == ""}
    own = {s: label for s, label in own.items() if s not in skips}
    raw, spelled = (
        ["" if s in skips else name for name, s in zip(names, spelled, strict=True)] for names in (raw, spelled)
    )

    preferences = sides if scale is None else scale.has_sides
    if not preferences:
        meant = [own.get(s, r) for r, s in zip(raw, spelled, strict=True)]
        table, scale, how = _as_categories(meant, [own.get(s, s) for s in spelled], scale)
    else:
        table, scale, how = _as_preferences(raw, spelled, scale, own)
    skipped = np.array([s in _SKIP and s not in own for s in spelled], bool) & (table == NULL)
    both_bad = np.array([s in _BOTH_BAD for s in spelled], bool)
    unreadable = (table == NULL) & ~skipped
    return ReadLabels(table[index], scale, skipped[index], unreadable[index], both_bad[index], how)


def name_sides(values: pd.Series) -> bool:
    """Whether a column of labels says by itself that it chooses between two responses: words or marks for both sides,
    nothing else.

    >>> (
    ...     name_sides(pd.Series(["left", "right", "tie"])),
    ...     name_sides(pd.Series(["A", "B", "C"])),
    ...     name_sides(pd.Series([0, 1])),
    ... )
    (True, False, False)
    """
    spelled = {_clean(value) for value in pd.unique(values.dropna())} - _SKIP
    read = [None if s in ("true", "false") or re.fullmatch(r"[+-]?[\d.]+", s) else _side_and_level(s) for s in spelled]
    return bool(read) and None not in read and {1, -1} <= {side for side, _ in filter(None, read)}


def _clean(value: object) -> str:
    """Case, spaces, underscores, hyphens, quotes and markdown do not matter to what a label means."""
    if isinstance(value, (bool, np.bool_)):
        return "true" if value else "false"
    text = re.sub(r"[*`\"'\[\]]", "", str(value)).casefold().strip()
    number = re.fullmatch(r"[+-]?\d+(\.\d+)?", text)
    if number:
        return f"{float(text):g}"
    text = text.replace("&gt;", ">").replace("&lt;", "<")
    return re.sub(r"[\s_\-]+", " ", text).strip(" .") or ("-" if text == "-" else text.strip())


def _model_names_as_sides(values: pd.Series, model_a: pd.Series, model_b: pd.Series) -> pd.Series:
    text = values.astype("object")
    is_a = (text == model_a.astype("object")).fillna(False).to_numpy(bool)
    is_b = (text == model_b.astype("object")).fillna(False).to_numpy(bool)
    if not (is_a | is_b).any():
        return values
    return text.mask(is_a & ~is_b, "A").mask(is_b & ~is_a, "B")


def _as_categories(raw: list[str], spelled: list[str], scale: LabelScale | None) -> tuple[np.ndarray, LabelScale, str]:
    kept = [r for r, s in zip(raw, spelled, strict=True) if s not in _SKIP or s == "none"]
    scale = categories(kept) if scale is None else scale
    codes = {label: code for code, label in enumerate(scale.labels)}
    by_value = {_canonical(value): codes.get(_canonical(value), NULL) for value in kept}
    table = np.array(
        [by_value.get(_canonical(r), NULL) if r else NULL for r in raw], np.int8 if len(scale) < 127 else np.int32
    )
    how = (
        "The labels were read as categories in this order:"
        f" {', '.join(scale.labels[:9])}{' ...' if len(scale) > 9 else ''}."
    )
    return table, scale, how


def _canonical(value: str) -> str:
    return next(iter(categories([value]).labels))


def _as_preferences(
    raw: list[str], spelled: list[str], scale: LabelScale | None, own: Mapping[str, str]
) -> tuple[np.ndarray, LabelScale, str]:
    by_label = {
        label: strength for each in SCALES.values() for label, strength in zip(each.labels, each.strengths, strict=True)
    }
    names = by_label if scale is None else dict(zip(scale.labels, scale.strengths, strict=True))
    unknown = set(own.values()) - set(names)
    if unknown:
        raise WorkbenchError(
            f"A spelling was given the meaning {first_five(sorted(unknown))}, which is not a label here.",
            f"Use {', '.join(names)}, or choose another scale.",
        )
    strengths: dict[str, float | None] = {}
    numbers = {s: float(s) for s in spelled if s not in own and re.fullmatch(r"-?\d+(\.\d+)?", s)}
    numeric, numeric_how = _numbers(set(numbers.values()), scale)
    sides_of = {s: _side_and_level(s) for s in spelled if s not in numbers and s not in own}
    levels = {level for side, level in filter(None, sides_of.values()) if side}
    for s in spelled:
        if s in own:
            strengths[s] = names[own[s]]
        elif s in numbers:
            strengths[s] = numeric.get(numbers[s])
        elif (found := sides_of[s]) is not None:
            strengths[s] = found[0] * _strength(found[1], levels)
    seen = {v for v in strengths.values() if v is not None}
    scale = scale or _scale_for(seen)
    code_of = {strength: code for code, strength in enumerate(scale.strengths)}
    table = np.full(len(spelled), NULL, np.int8)
    for i, s in enumerate(spelled):
        if strengths.get(s) is not None:
            table[i] = code_of.get(strengths[s], NULL)  # type: ignore[arg-type]
    shown = [f"{r} as {scale.labels[c]}" for r, c in zip(raw, table, strict=True) if c != NULL]
    if not shown:
        return table, scale, "No label says anything: all are skips, blank or not understood."
    how = (
        "The labels were read as:"
        f" {', '.join(shown[:8])}{' ...' if len(shown) > 8 else ''}.{numeric_how if numbers else ''}"
    )
    return table, scale, how


def _side_and_level(text: str) -> tuple[int, str] | None:
    """Side (+1 = A, -1 = B, 0 = tie) and level of one cleaned spelling; None where it is not a preference."""
    if text in _TIE or text in _BOTH_BAD:
        return 0, ""
    if text in ("true", "false"):
        return (1, "") if text == "true" else (-1, "")
    if marks := _MARKS.match(text):
        side = 1 if marks["left"] == "a" else -1
        if marks["right"] == marks["left"]:
            return None
        side = -side if marks["mark"][0] == "<" else side
        return side, marks["mark"].replace("<", ">")
    one = _ONE_SIDE.match(text)
    if one is None:
        return None
    words = set(one["rest"].split())
    if words - _WEAK - _STRONG - _FILLER:
        return None
    level = ">>" if words & _STRONG else "slightly" if words & _WEAK else ""
    return (1 if one["a"] else -1), level


def _strength(level: str, levels: set[str]) -> float:
    """Words and marks to steps on the scale: what "better" is depends on whether "slightly" or "much" stand beside
    it.
    """
    if ">>>" in levels or {"slightly", "", ">>"} <= levels:
        return {"slightly": 1.0, ">": 1.0, "": 2.0, ">>": 3.0 if "slightly" in levels else 2.0, ">>>": 3.0}[level]
    return {"": 1.0, "slightly": 1.0, ">": 1.0, ">>": 2.0, ">>>": 3.0}[level]


def _scale_for(strengths: set[float]) -> LabelScale:
    top = max((abs(s) for s in strengths), default=1.0)
    tie = 0.0 in strengths
    if top <= 1.0:
        return TERNARY if tie else BINARY
    if top <= 2.0:
        return FIVE if tie else FOUR
    return SEVEN if tie else SIX


def _numbers(values: set[float], scale: LabelScale | None) -> tuple[dict[float, float], str]:
    """What numbers mean: value -> strength (+ = A). The smaller number is the side shown first, as on a Likert row."""
    if not values:
        return {}, ""
    whole = all(v == int(v) for v in values)
    low, high = min(values), max(values)
    if scale is not None and len(scale) > 3 and whole:  # the user, or the format, has said that the numbers are degrees
        if low >= 1 and high <= len(scale):
            return {
                v: scale.strengths[int(v) - 1] for v in values
            }, f" 1 is the strongest preference for A, {len(scale)} for B."
        if -low in scale.strengths and -high in scale.strengths:
            return {
                v: -v for v in values if -v in scale.strengths
            }, " Negative numbers favour A, the response shown first."
    if values <= {0.0, 1.0}:
        return {0.0: 1.0, 1.0: -1.0}, " 0 and 1 are the index of the better response."
    if values <= {1.0, 2.0}:
        return {1.0: 1.0, 2.0: -1.0}, " 1 and 2 are the number of the better response."
    if values <= {0.0, 1.0, 2.0}:
        return {1.0: 1.0, 2.0: -1.0, 0.0: 0.0}, " 1 and 2 are the number of the better response, 0 is a tie."
    if not whole and low >= 1.0 and high <= 2.0:
        return {v: float(np.sign(1.5 - v)) for v in values}, " Below 1.5 is A, above is B, 1.5 is a tie."
    if whole and low < 0 and high <= 3 and low >= -3:
        return {v: -v for v in values}, " Negative numbers favour A, the response shown first; 0 is a tie."
    if whole and low >= 1 and high <= 7:
        top = next(k for k in (3, 4, 5, 6, 7) if high <= k) if scale is None else len(scale)
        middle = (top + 1) / 2
        steps = {v: middle - v for v in values}
        if top % 2 == 0:  # no middle: 1, 2 | 3, 4
            steps = {v: float(np.sign(s) * np.ceil(abs(s))) for v, s in steps.items()}
        return steps, f" 1 is the strongest preference for A, {top} for B."
    return {}, " Numbers outside the known scales were not read."
