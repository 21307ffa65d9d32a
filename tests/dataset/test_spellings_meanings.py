"""What the user says a spelling means."""

from __future__ import annotations

import pandas as pd
import pytest

from workbench.dataset.scales import LabelScale
from workbench.dataset.spellings import read_labels
from workbench.errors import WorkbenchError


def test_own_meanings_join_the_ones_that_are_known() -> None:
    read = read_labels(pd.Series(["left", "dunno", "right"]), sides=True, spelling={"dunno": "="})
    assert (read.scale.name, read.codes.tolist()) == ("ternary", [0, 1, 2])


def test_own_meaning_does_not_narrow_the_scale() -> None:
    read = read_labels(pd.Series(["x", "tie", "right"]), sides=True, spelling={"X": "A"})
    assert read.codes.tolist() == [0, 1, 2]


def test_own_meaning_wins_over_the_usual_one() -> None:
    read = read_labels(pd.Series([0, 1]), sides=True, spelling={"0": "B", "1": "A"})
    assert read.codes.tolist() == [1, 0]


def test_a_meaning_that_is_no_label_is_refused() -> None:
    with pytest.raises(WorkbenchError, match="not a label"):
        read_labels(pd.Series(["left"]), sides=True, spelling={"left": "C"})


def test_categories_in_the_order_given() -> None:
    scale = LabelScale("categories", ("low", "mid", "high"))
    read = read_labels(pd.Series(["high", "low", "none of it", "mid"]), sides=False, scale=scale)
    assert read.codes.tolist() == [2, 0, -1, 1]
    assert read.unreadable.tolist() == [False, False, True, False]


def test_categories_can_be_renamed() -> None:
    read = read_labels(pd.Series(["1", "2", "9"]), sides=False, spelling={"9": "2"})
    assert (read.scale.labels, read.codes.tolist()) == (("1", "2"), [0, 1, 1])
