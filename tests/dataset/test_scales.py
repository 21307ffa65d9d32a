"""Label scales: order, direction, flipping."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.dataset.common_scale import common_scale, recode
from workbench.dataset.scales import BINARY, FIVE, FOUR, NULL, SCALES, SEVEN, TERNARY, LabelScale, categories, scale_of

ANY_SCALE = st.sampled_from([*SCALES.values(), categories(["x", "y", "z"])])


def test_the_scales_run_from_a_to_b() -> None:
    for scale in SCALES.values():
        assert scale.labels[0].startswith("A")
        assert scale.labels[-1].startswith("B")
        assert list(scale.strengths) == sorted(scale.strengths, reverse=True)


def test_direction_forgets_strength() -> None:
    assert FIVE.direction(np.array([0, 1, 2, 3, 4, NULL])).tolist() == [0, 0, 1, 2, 2, NULL]
    assert FOUR.direction(np.array([0, 1, 2, 3, NULL])).tolist() == [0, 0, 1, 1, NULL]
    assert (FIVE.directional(), FOUR.directional()) == (TERNARY, BINARY)
    assert (SEVEN.tie, FOUR.tie) == (3, None)


@given(ANY_SCALE, st.data())
def test_flipping_twice_changes_nothing_and_null_stays(scale: LabelScale, data: st.DataObject) -> None:
    codes = np.array(data.draw(st.lists(st.integers(-1, len(scale) - 1), max_size=20)), np.int8)
    assert scale.flip(scale.flip(codes)).tolist() == codes.tolist()
    assert (scale.flip(codes) == NULL).tolist() == (codes == NULL).tolist()


@given(st.sampled_from(list(SCALES.values())), st.data())
def test_flipping_turns_the_direction(scale: LabelScale, data: st.DataObject) -> None:
    codes = np.array(data.draw(st.lists(st.integers(0, len(scale) - 1), min_size=1)), np.int8)
    assert scale.directional().flip(scale.direction(codes)).tolist() == scale.direction(scale.flip(codes)).tolist()


def test_categories_have_no_sides_and_sort_as_numbers_where_they_are_numbers() -> None:
    scale = categories(["10", "9.0", 9, "2"])
    assert (scale.labels, scale.has_sides, scale.tie) == (("2", "9", "10"), False, None)
    assert categories(["b", "a", "10"]).labels == ("10", "a", "b")
    assert scale.flip(np.array([0, 2])).tolist() == [0, 2]


def test_labels_name_their_scale() -> None:
    assert scale_of(["A", "=", "B"]) is TERNARY
    assert scale_of(["bad", "fair", "good"]).labels == ("bad", "fair", "good")


def test_a_scale_that_contradicts_itself_is_refused() -> None:
    with pytest.raises(ValueError, match="once"):
        LabelScale("x", ("A", "A"))
    with pytest.raises(ValueError, match="antisymmetric"):
        LabelScale("x", ("A", "B"), (2.0, -1.0))


@given(st.lists(st.sampled_from(list(SCALES.values())), min_size=1, max_size=4))
def test_every_label_keeps_its_strength_on_the_common_scale(scales: list[LabelScale]) -> None:
    wide = common_scale(scales, [s.name for s in scales])
    for scale in scales:
        codes = np.arange(-1, len(scale))
        on = recode(codes, scale, wide)
        assert on[0] == NULL
        assert [wide.strengths[c] for c in on[1:]] == list(scale.strengths)
