"""Which response an annotator saw first, however a column says it."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from workbench.findings import Finding, finding
from workbench.formats.tables.cells import as_text, hashable


def read_shown_first(
    values: pd.Series, model_a: pd.Series | None = None, model_b: pd.Series | None = None
) -> tuple[pd.Series, list[Finding]]:
    """Which response was shown first, as `a`, `b` or null, and the sentence that says how the column was read.

    >>> read_shown_first(pd.Series(["left", "right", None], name="position_of_a"))[0].tolist()
    ['a', 'b', nan]
    """
    name = str(values.name)
    index, distinct = pd.factorize(
        values.astype(object).map(hashable, na_action="ignore") if values.dtype == object else values
    )
    spelled = [str(as_text(v)).strip().casefold() for v in distinct]
    words = [re.sub(r"[\s_\-]+", " ", s) for s in spelled]
    swapped = bool(re.search(r"swap|flip|revers|b_?first|second", name.casefold()))
    from_zero = "0" in words
    table: dict[str, str] = {}
    for word in words:
        if re.fullmatch(r"(response |answer |model |output |option )?(a|1)|left|first|top|ab", word) and not (
            word == "1" and from_zero
        ):
            table[word] = "a"
        elif re.fullmatch(r"(response |answer |model |output |option )?(b|2)|right|second|bottom|ba", word) or (
            word == "1" and from_zero
        ):
            table[word] = "b"
        elif word == "0":
            table[word] = "a"
        elif word in ("true", "yes", "false", "no"):
            table[word] = "a" if (word in ("true", "yes")) != swapped else "b"
    if swapped and set(words) <= {"0", "1"}:
        table = {"0": "a", "1": "b"}
    code = {"a": 0, "b": 1}
    side = np.array([*(code.get(table.get(w, ""), -1) for w in words), -1], np.int8)[index]
    present = index >= 0
    unread = present & (side < 0)
    if unread.any() and model_a is not None and model_b is not None:
        text = values.astype(object).map(as_text, na_action="ignore")
        side[unread & (text == model_a.astype(object)).to_numpy(bool)] = 0
        side[unread & (text == model_b.astype(object)).to_numpy(bool)] = 1
    missed = int((present & (side < 0)).sum())
    how = (
        ", ".join(f"{s} as {table[w].upper()}" for s, w in list(zip(spelled, words, strict=True))[:6] if w in table)
        or "names of the models"
    )
    notes = [
        finding(
            "info",
            "shown-first-read",
            f"Column {name!r} says which response was shown first; it was read as: {how}.",
            "If the direction is the other way round, every figure on position bias is mirrored.",
        )
    ]
    if missed:
        notes.append(
            finding(
                "warning",
                "unreadable-shown-first",
                f"{missed:,} values of {name!r} do not say which response was shown first.",
                "Use A and B, or left and right.",
                count=missed,
            )
        )
    return pd.Series(pd.Categorical.from_codes(side, pd.Index(["a", "b"]))), notes


def exchanged_rows(values: pd.Series) -> pd.Series:
    """Whether the sides were shown the other way round in a row, as a column such as `swapped` or `order` says; a row
    that says nothing counts as shown as it is.

    >>> exchanged_rows(pd.Series(["AB", "BA", None], name="order")).tolist()
    [False, True, False]
    >>> exchanged_rows(pd.Series([True, False], name="swap")).tolist()
    [True, False]
    """
    return (read_shown_first(values)[0].astype(object) == "b").fillna(False).astype(bool)
