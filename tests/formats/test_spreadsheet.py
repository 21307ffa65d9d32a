"""No cell of a download runs as a formula, and what was done can be undone."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.formats.files.spreadsheet import defused, restored

TRIGGERS = ("=", "+", "-", "@", "\t", "\r")


@pytest.mark.parametrize(
    "cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", '=HYPERLINK("http://hostile.example","x")']
)
@pytest.mark.parametrize("dtype", ["str", "object", "category"])
def test_formulas_become_text(cell: str, dtype: str) -> None:
    frame = pd.DataFrame({"a": pd.Series([cell, "plain"], dtype=dtype)})
    assert defused(frame)["a"].tolist() == ["'" + cell, "plain"]
    assert frame["a"].tolist() == [cell, "plain"]


def test_names_of_columns_too_and_numbers_stay_numbers() -> None:
    made = defused(pd.DataFrame([[-1, 2.5, True, None, "-x"]], columns=["=a", "b", "@c", "d", "e"]))
    assert made.columns.tolist() == ["'=a", "b", "'@c", "d", "e"]
    assert made.iloc[0].tolist() == [-1, 2.5, True, None, "'-x"]


def test_columns_that_share_a_name_and_no_rows() -> None:
    assert defused(pd.DataFrame([["=x", "=y"]], columns=["a", "a"])).iloc[0].tolist() == ["'=x", "'=y"]
    assert defused(pd.DataFrame({"a": pd.Series([], dtype="str")})).empty


@given(st.lists(st.one_of(st.none(), st.text(max_size=6)), min_size=1))
def test_no_text_starts_a_formula_and_all_come_back(cells: list[str | None]) -> None:
    frame = pd.DataFrame({"a": pd.Series(cells, dtype=object)})
    made = defused(frame)
    assert not any(isinstance(c, str) and c.startswith(TRIGGERS) for c in made["a"])
    back = [b if isinstance(b, str) else None for b in restored(made)["a"]]
    assert back == cells or any(c and c.startswith("'") and c[1:].startswith(TRIGGERS) for c in cells)
