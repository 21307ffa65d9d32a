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

from workbench.dataset.numeric_labels import Reading, readings
from workbench.dataset.scales import BINARY, FIVE, FOUR, NULL, SCALES, SEVEN, SIX, TERNARY, LabelScale, categories
from workbench.dataset.side_words import ANSWERS, BOTH_BAD, SKIP, clean, side_and_level, strength, with_one_noun
from workbench.errors import WorkbenchError, first_five

_TRUTHS = {"true": 1.0, "false": 0.0}
_UNKNOWN_NUMBERS = " Numbers outside the known scales were not read."


@dataclass(frozen=True, kw_only=True)
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
    readings : where the labels are numbers that can be read in several ways, the ways; the first one was taken.
    """

    codes: np.ndarray
    scale: LabelScale
    skipped: np.ndarray
    unreadable: np.ndarray
    both_bad: np.ndarray
    how: str
    readings: tuple[Reading, ...] = ()


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
        values = model_names_as_sides(values, model_a, model_b)
    if values.dtype == object:
        values = values.map(
            lambda v: str(v) if isinstance(v, (list, dict, np.ndarray)) else v
        )  # junk of one reader or another, unreadable but countable
    index, distinct = pd.factorize(values, use_na_sentinel=False)
    spelled = ["" if pd.isna(value) else clean(value) for value in distinct]
    raw = ["" if pd.isna(value) else str(value).strip() for value in distinct]
    own = {clean(key): label for key, label in (spelling or {}).items()}
    skips = {s for s, label in own.items() if label == ""}
    own = {s: label for s, label in own.items() if s not in skips}
    raw, spelled = (
        ["" if s in skips else name for name, s in zip(names, spelled, strict=True)] for names in (raw, spelled)
    )

    preferences = sides if scale is None else scale.has_sides
    ways: tuple[Reading, ...] = ()
    if not preferences:
        meant = [own.get(s, r) for r, s in zip(raw, spelled, strict=True)]
        table, scale, how = _as_categories(meant, [own.get(s, s) for s in spelled], scale)
    else:
        named = with_one_noun(spelled)
        table, scale, how, ways = _as_preferences(raw, [named.get(s, s) for s in spelled], scale, own)
    skipped = np.array([s in SKIP and s not in own for s in spelled], bool) & (table == NULL)
    both_bad = np.array([s in BOTH_BAD for s in spelled], bool)
    unreadable = (table == NULL) & ~skipped
    return ReadLabels(
        codes=table[index],
        scale=scale,
        skipped=skipped[index],
        unreadable=unreadable[index],
        both_bad=both_bad[index],
        how=how,
        readings=ways,
    )


def name_sides(values: pd.Series) -> bool:
    """Whether a column of labels says by itself that it chooses between two responses: words or marks for both sides,
    or for one side and a tie, and nothing else.

    >>> (
    ...     name_sides(pd.Series(["left", "right", "tie"])),
    ...     name_sides(pd.Series(["A", "B", "C"])),
    ...     name_sides(pd.Series([0, 1])),
    ... )
    (True, False, False)
    """
    distinct = {clean(value) for value in pd.unique(values.dropna())} - SKIP
    one_noun = with_one_noun(distinct)
    spelled = {one_noun.get(s, s) for s in distinct}
    read = [None if s in ("true", "false") or re.fullmatch(r"[+-]?[\d.]+", s) else side_and_level(s) for s in spelled]
    said = {side for side, _ in filter(None, read)}
    return None not in read and len(said) > 1


def model_names_as_sides(values: pd.Series, model_a: pd.Series, model_b: pd.Series) -> pd.Series:
    """Labels with the side in place of the name of the model that is shown there."""
    text = values.astype("object")
    is_a = (text == model_a.astype("object")).fillna(False).to_numpy(bool)
    is_b = (text == model_b.astype("object")).fillna(False).to_numpy(bool)
    if not (is_a | is_b).any():
        return values
    return text.mask(is_a & ~is_b, "A").mask(is_b & ~is_a, "B")


def _as_categories(raw: list[str], spelled: list[str], scale: LabelScale | None) -> tuple[np.ndarray, LabelScale, str]:
    answers = [s for s in spelled if s not in SKIP]
    words = any(not re.fullmatch(r"[+-]?[\d.]+", s) for s in answers)
    own = ANSWERS | {"none"} if words or not answers else set()  # beside numbers these are no category of their own
    kept = [r for r, s in zip(raw, spelled, strict=True) if s not in SKIP or s in own]
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
) -> tuple[np.ndarray, LabelScale, str, tuple[Reading, ...]]:
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
    numbers = {s: _TRUTHS[s] for s in spelled if s in _TRUTHS and s not in own}
    numbers |= {s: float(s) for s in spelled if s not in own and re.fullmatch(r"-?\d+(\.\d+)?", s)}
    ways = readings(set(numbers.values()), scale)
    if set(numbers) <= set(_TRUTHS):
        ways = ways[::-1]  # true is no index
    numeric = ways[0].strengths if ways else {}
    numeric_how = _UNKNOWN_NUMBERS if numbers else ""
    if ways:
        numeric_how = f" {ways[0].says[:1].upper()}{ways[0].says[1:]}."
    sides_of = {s: side_and_level(s) for s in spelled if s not in numbers and s not in own}
    levels = {level for side, level in filter(None, sides_of.values()) if side}
    for s in spelled:
        if s in own:
            strengths[s] = names[own[s]]
        elif s in numbers:
            strengths[s] = numeric.get(numbers[s])
        elif (found := sides_of[s]) is not None:
            strengths[s] = found[0] * strength(found[1], levels)
    seen = {v for v in strengths.values() if v is not None}
    scale = scale or _scale_for(seen)
    code_of = {strength: code for code, strength in enumerate(scale.strengths)}
    table = np.full(len(spelled), NULL, np.int8)
    for i, s in enumerate(spelled):
        if strengths.get(s) is not None:
            table[i] = code_of.get(strengths[s], NULL)  # type: ignore[arg-type]
    shown = [f"{r} as {scale.labels[c]}" for r, c in zip(raw, table, strict=True) if c != NULL]
    if not shown:
        return table, scale, "No label says anything: all are skips, blank or not understood.", ()
    how = f"The labels were read as: {', '.join(shown[:8])}{' ...' if len(shown) > 8 else ''}.{numeric_how}"
    return (
        table,
        scale,
        how,
        tuple(ways) if len(ways) > 1 and not strengths.keys() - numbers.keys() - own.keys() else (),
    )


def _scale_for(strengths: set[float]) -> LabelScale:
    top = max((abs(s) for s in strengths), default=1.0)
    tie = 0.0 in strengths
    if top <= 1.0:
        return TERNARY if tie else BINARY
    if top <= 2.0:
        return FIVE if tie else FOUR
    return SEVEN if tie else SIX
