from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.cleaning import Cleaning
from workbench.errors import WorkbenchError

share = st.integers(0, 100).map(lambda n: n / 100)
names = st.lists(st.text(min_size=1, max_size=8), max_size=3).map(tuple)


@given(
    st.builds(
        Cleaning,
        least_reliability=share,
        most_rapid=share,
        least_gold=share,
        gold_answers=st.integers(1, 50),
        assured=st.booleans(),
        without=names,
        min_labels_left=st.integers(1, 9),
        skips=st.booleans(),
    )
)
def test_rules_survive_the_snippet(rules: Cleaning) -> None:
    kept = Cleaning(**rules.chosen)  # what decides nothing is not carried
    assert eval(rules.to_python()) == kept


def test_equal_rules_are_equal_and_hash_alike() -> None:
    assert Cleaning(without=("b", "a", "a")) == Cleaning(without=("a", "b"))
    assert hash(Cleaning(without=("b", "a"))) == hash(Cleaning(without=("a", "b")))


def test_what_decides_nothing_is_no_rule() -> None:
    assert Cleaning(gold_answers=3, assured=True, keep=("a",)).chosen == {}
    assert Cleaning(least_gold=0.5, gold_answers=3).chosen == {"least_gold": 0.5, "gold_answers": 3}


@pytest.mark.parametrize(
    "wrong",
    [
        {"least_gold": 1.2},
        {"most_rapid": -0.1},
        {"min_seconds": -1},
        {"least_reliability": float("nan")},
        {"without": ("a",), "keep": ("a",)},
    ],
)
def test_what_makes_no_sense_is_refused(wrong: dict) -> None:
    with pytest.raises(WorkbenchError):
        Cleaning(**wrong)
