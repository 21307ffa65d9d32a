import datetime
import math

import numpy as np
import pandas as pd
import pytest

from workbench.formats.records.nested import dict_of, first_of, int_or_none, label_of, list_of, number_of, text_of


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("a", "a"),
        (3, "3"),
        (3.0, "3"),
        (2.5, "2.5"),
        (True, "True"),
        (np.int64(4), "4"),
        (np.float64(4), "4"),
        (None, None),
        (math.nan, None),
        (pd.NaT, None),
        (math.inf, "inf"),
        ([], None),
        ({"a": 1}, None),
        (np.array([1, 2]), None),
        (b"x", None),
        (10**400, str(10**400)),
        ("caf\u00e9 \U0001f600", "caf\u00e9 \U0001f600"),
        ("half \ud83d", "half \ufffd"),
        (datetime.date(2026, 3, 2), "2026-03-02"),
    ],
)
def test_texts(value, text):
    assert text_of(value) == text


def test_nested_junk_as_a_label_is_unreadable_not_missing():
    assert label_of(["A"]) == "['A']"
    assert label_of(None) is None
    assert label_of(1.0) == "1"


@pytest.mark.parametrize(
    ("value", "number"), [(1, 1.0), ("2.5", 2.5), (" 3 ", 3.0), (np.int32(4), 4.0), ("4", 4.0), (-1.5, -1.5)]
)
def test_numbers(value, number):
    assert number_of(value) == number


@pytest.mark.parametrize(
    "value", [None, "", "N/A", "x", True, np.True_, [], {}, math.nan, math.inf, "inf", 1e300, 10**400, b"1", pd.NaT]
)
def test_what_is_no_number(value):
    assert math.isnan(number_of(value))
    assert int_or_none(value) is None


def test_whole_numbers():
    assert (int_or_none("2"), int_or_none(-3.0), int_or_none(2.5)) == (2, -3, None)


def test_lists_and_dicts_of_json_parquet_and_csv():
    assert list_of(["a"]) == list_of(("a",)) == list_of(np.array(["a"], object)) == list_of(' ["a"]') == ["a"]
    assert dict_of({"a": 1}) == dict_of('{"a": 1}') == {"a": 1}
    for junk in (None, 3, "x", "[1", "{", math.nan, np.array(3), b"[]"):
        assert list_of(junk) == []
        assert dict_of(junk) == {}
    assert list_of("[" * 100_000) == []


def test_the_first_field_with_a_value():
    assert first_of({"a": None, "b": math.nan, "c": 0, "d": 1}, "abcd") == 0
    assert first_of({}, "abc") is None
