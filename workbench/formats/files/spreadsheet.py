"""Tables that people open in a spreadsheet: no cell of an export may run as a formula there."""

from __future__ import annotations

import pandas as pd

_TRIGGERS = ("=", "+", "-", "@", "\t", "\r")


def defused(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with an apostrophe before every text that a spreadsheet would take for a formula.

    Those are texts, names of columns and categories that start with = + - @, a tab or a carriage return; numbers stay
    numbers.

    >>> defused(pd.DataFrame({"note": ["=1+1", "fine"], "n": [-1, 2]})).to_dict("list")
    {'note': ["'=1+1", 'fine'], 'n': [-1, 2]}
    """
    return pd.DataFrame(
        {i: _mapped(frame.iloc[:, i], _quote) for i in range(frame.shape[1])}, index=frame.index
    ).set_axis([_quote(c) for c in frame.columns], axis=1)


def restored(frame: pd.DataFrame) -> pd.DataFrame:
    """What `defused` did, undone.

    >>> restored(pd.DataFrame({"note": ["'=1+1", "'tis"]}))["note"].tolist()
    ['=1+1', "'tis"]
    """
    return pd.DataFrame(
        {i: _mapped(frame.iloc[:, i], _unquote) for i in range(frame.shape[1])}, index=frame.index
    ).set_axis([_unquote(c) for c in frame.columns], axis=1)


def _mapped(column: pd.Series, change) -> pd.Series:  # type: ignore[no-untyped-def]
    if isinstance(column.dtype, pd.CategoricalDtype):
        return column.astype(object).map(change)
    if column.dtype == object:
        return column.map(change)
    if isinstance(column.dtype, pd.StringDtype):
        return column.map(change, na_action="ignore").astype("str")
    return column


def _quote(value: object) -> object:
    return "'" + value if isinstance(value, str) and value.startswith(_TRIGGERS) else value


def _unquote(value: object) -> object:
    return value[1:] if isinstance(value, str) and value.startswith("'") and value[1:].startswith(_TRIGGERS) else value
