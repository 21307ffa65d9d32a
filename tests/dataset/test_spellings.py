"""How exports spell labels: every tool's words, numbers on every scale, model names, skips that are never ties."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.dataset.scales import BINARY, FIVE, NULL, SCALES, SEVEN, TERNARY
from workbench.dataset.spellings import name_sides, read_labels


def words(values: list[object], **options: object) -> list[str | None]:
    """The labels read from some spellings, None = missing."""
    read = read_labels(pd.Series(values, dtype=object), **{"sides": True, **options})  # type: ignore[arg-type]
    return [None if code == NULL else read.scale.labels[code] for code in read.codes]


@pytest.mark.parametrize(
    ("a", "tie", "b"),
    [
        ("left", "tie", "right"),
        ("A", "=", "B"),
        ("Response A", "About the same", "Response B"),
        ("response_1", "equal", "response_2"),
        ("leftvote", "tievote", "rightvote"),
        ("model_a", "tie", "model_b"),
        ("model_a", "tie (bothbad)", "model_b"),
        ("model_a", "both_bad", "model_b"),
        ("model_1", "tie", "model_2"),
        ("a1", "equal", "a2"),
        ("A is better", "Equally good", "B is better"),
        ("first", "neither", "second"),
        ("output_1", "draw", "output_2"),
        ("[[A]]", "tie", "[[B]]"),
        ("**A**", "Tie.", "**B**"),
        (" LEFT ", "TIE", "Right\n"),
        ("Answer 1 wins", "no preference", "Answer 2 wins"),
    ],
)
def test_words_of_every_tool(a: str, tie: str, b: str) -> None:
    assert words([a, tie, b]) == ["A", "=", "B"]
    assert words([a, b]) == ["A", "B"]


@pytest.mark.parametrize(
    ("spelled", "meant"),
    [
        (["A>>B", "A>B", "A=B", "B>A", "B>>A"], ["A>>", "A>", "=", "B>", "B>>"]),
        (["a >> b", "A > B", "b > a", "B >> A"], ["A>>", "A>", "B>", "B>>"]),
        (["B<<A", "B<A", "A<B", "A<<B"], ["A>>", "A>", "B>", "B>>"]),
        (["A&gt;&gt;B", "A&gt;B", "B&gt;A"], ["A>>", "A>", "B>"]),
        (
            ["A is much better", "A is better", "tie", "B is better", "B is much better"],
            ["A>>", "A>", "=", "B>", "B>>"],
        ),
        (
            ["A-is-clearly-better", "A-is-slightly-better", "Tie", "B-is-slightly-better", "B-is-clearly-better"],
            ["A>>", "A>", "=", "B>", "B>>"],
        ),
        (["left much better", "left slightly better", "right slightly better"], ["A>>", "A>", "B>"]),
        (
            ["A much better", "A better", "A slightly better", "B slightly better", "B better", "B much better"],
            ["A>>>", "A>>", "A>", "B>", "B>>", "B>>>"],
        ),
    ],
)
def test_strengths_in_words_and_marks(spelled: list[str], meant: list[str]) -> None:
    assert words(spelled) == meant


@pytest.mark.parametrize(
    ("numbers", "meant"),
    [
        ([0, 1], ["A", "B"]),
        ([1, 2], ["A", "B"]),
        ([0, 1, 2], ["=", "A", "B"]),
        ([-1, 0, 1], ["A", "=", "B"]),
        ([-3, -2, -1, 0, 1, 2, 3], list(SEVEN.labels)),
        ([-2, -1, 1, 2], ["A>>", "A>", "B>", "B>>"]),
        ([1, 2, 3], ["A", "=", "B"]),
        ([1, 2, 3, 4], ["A>>", "A>", "B>", "B>>"]),
        ([1, 2, 3, 4, 5], list(FIVE.labels)),
        ([1, 2, 3, 4, 5, 6, 7], list(SEVEN.labels)),
        ([1.0, 1.25, 1.5, 1.75, 2.0], ["A", "A", "=", "B", "B"]),
        (["1", "2.0", "+1"], ["A", "B", "A"]),
    ],
)
def test_numbers_on_every_scale(numbers: list[object], meant: list[str]) -> None:
    assert words(numbers) == meant
    assert words([str(n) for n in numbers]) == meant


@pytest.mark.parametrize(
    "skip",
    [None, float("nan"), "", "  ", "skip", "Skipped", "UNSURE", "n/a", "NaN", "null", "None", "-", "can't decide"],
)
def test_a_skip_is_missing_and_never_a_tie(skip: object) -> None:
    read = read_labels(pd.Series(["A", skip, "tie", "B"], dtype=object), sides=True)
    assert (read.codes.tolist(), read.skipped.tolist()) == ([0, NULL, 1, 2], [False, True, False, False])
    assert not read.unreadable.any()


@pytest.mark.parametrize("junk", ["garbage", "C", "A or B", "99", "response", "AB", "abetter", ["a", "b"], {"x": 1}])
def test_junk_is_unreadable_and_never_a_tie(junk: object) -> None:
    read = read_labels(pd.Series(["A", junk, "B"], dtype=object), sides=True)
    assert (read.codes.tolist(), read.unreadable.tolist(), read.skipped.any()) == (
        [0, NULL, 1],
        [False, True, False],
        False,
    )


def test_both_bad_is_a_tie_that_says_so() -> None:
    read = read_labels(
        pd.Series(["tie (bothbad)", "both_bad", "bothbad_vote", "tie", "model_a", "model_b"]), sides=True
    )
    assert read.both_bad.tolist() == [True, True, True, False, False, False]
    assert read.codes.tolist() == [1, 1, 1, 1, 0, 2]


def test_names_of_the_two_models_are_sides() -> None:
    a, b = pd.Series(["gpt", "llama", "gpt", "x"]), pd.Series(["llama", "gpt", "llama", "x"])
    read = read_labels(pd.Series(["gpt", "gpt", "tie", "x"]), sides=True, model_a=a, model_b=b)
    assert [None if c == NULL else read.scale.labels[c] for c in read.codes] == ["A", "B", "=", None]


def test_things_without_sides_are_categories() -> None:
    read = read_labels(pd.Series(["10", "9", 9.0, None, "none", ""], dtype=object), sides=False)
    assert read.scale.labels == ("9", "10")
    assert (read.codes == NULL).tolist() == [False, False, False, True, True, True]
    assert read.codes[1] == read.codes[2]
    words_too = read_labels(pd.Series(["mild", "None", "severe", "#N/A", "?", "unsure"]), sides=False)
    assert words_too.scale.labels == ("None", "mild", "severe", "unsure")
    assert words(["A", "B"], sides=False) == ["A", "B"]


def test_the_scale_asked_for_wins() -> None:
    assert words([1, 2], scale=FIVE) == ["A>>", "A>"]
    assert words([0, 1], scale=SEVEN) == ["=", "B>"]
    assert words(["A", "tie", "B"], scale=BINARY) == ["A", None, "B"]


@given(st.sampled_from(list(SCALES.values())), st.data())
def test_every_scale_reads_its_own_labels(scale, data) -> None:  # type: ignore[no-untyped-def]
    codes = data.draw(st.lists(st.integers(0, len(scale) - 1), min_size=1, max_size=12))
    read = read_labels(pd.Series([scale.labels[c] for c in codes]), sides=True, scale=scale)
    assert read.codes.tolist() == codes


@given(
    st.lists(
        st.one_of(st.none(), st.text(max_size=12), st.integers(-10, 10), st.floats(-5, 5), st.booleans()), max_size=15
    ),
    st.booleans(),
)
def test_any_values_are_read_or_counted(values: list[object], sides: bool) -> None:
    read = read_labels(pd.Series(values, dtype=object), sides=sides)
    assert len(read.codes) == len(values)
    assert ((read.codes == NULL) == (read.skipped | read.unreadable)).all()
    assert read.codes.max(initial=-1) < max(len(read.scale), 1)


@given(st.permutations(["left", "tie", "right", "", "junk"]), st.integers(0, 20))
def test_rows_do_not_influence_each_other(order: list[str], more: int) -> None:
    values = order + order[:more]
    meant = {"left": "A", "tie": "=", "right": "B"}
    assert words(values) == [meant.get(v) for v in values]


def test_a_column_as_categories_reads_alike() -> None:
    values = pd.Series(["left", None, "right", "tie", "left"])
    plain, coded = read_labels(values, sides=True), read_labels(values.astype("category"), sides=True)
    assert plain.codes.tolist() == coded.codes.tolist()
    assert (plain.scale, plain.skipped.tolist()) == (coded.scale, coded.skipped.tolist())


def test_nothing_at_all() -> None:
    read = read_labels(pd.Series([], dtype=object), sides=True)
    assert (len(read.codes), read.scale) == (0, BINARY)


@pytest.mark.parametrize(
    ("values", "says"),
    [
        (["left", "right"], True),
        (["A>B", "B>A", "="], True),
        (["A", "B", "C"], False),
        (["A", "A"], False),
        ([0, 1], False),
        ([True, False], False),
        (["tie"], False),
        (["yes", "no"], False),
        ([], False),
    ],
)
def test_labels_that_name_sides_by_themselves(values: list[object], says: bool) -> None:
    assert name_sides(pd.Series(values, dtype=object)) is says


def test_the_sentence_says_what_was_assumed() -> None:
    assert "negative" in read_labels(pd.Series([-1, 0, 1]), sides=True).how.casefold()
    assert "left as A" in read_labels(pd.Series(["left", "right"]), sides=True).how
    assert TERNARY.labels == ("A", "=", "B")
    assert np.int8 == read_labels(pd.Series(["left"]), sides=True).codes.dtype
