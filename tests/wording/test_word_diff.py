"""The word diff gives the texts back, marks what differs, and stays within its bounds."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.wording.word_diff import LONGEST, Span, spans_html, word_diff


def joined(spans: tuple[Span, ...]) -> str:
    return "".join(span.text for span in spans)


@given(st.text(max_size=200), st.text(max_size=200))
def test_the_spans_give_both_texts_back(a: str, b: str) -> None:
    diff = word_diff(a, b)
    assert (joined(diff.a), joined(diff.b)) == (a, b)
    assert 0 <= diff.shared <= 1


@given(st.text(max_size=300))
def test_a_text_does_not_differ_from_itself(text: str) -> None:
    diff = word_diff(text, text)
    assert diff.shared == 1
    assert not any(span.only_here for span in diff.a + diff.b)


def test_changed_words_are_marked_on_their_own_side() -> None:
    diff = word_diff(
        "Restart the router, then check the cable at the wall.", "Restart the modem, then check the cable at the wall."
    )
    assert [s.text for s in diff.a if s.only_here] == ["router"]
    assert [s.text for s in diff.b if s.only_here] == ["modem"]


def test_white_space_is_no_difference() -> None:
    diff = word_diff("one two\n\nthree", "one  two three")
    assert not any(s.only_here and s.text.strip() for s in diff.a + diff.b)


def test_unrelated_texts_are_left_unmarked() -> None:
    diff = word_diff("Bake the bread for an hour in a hot oven.", "My invoice number is 4711; please refund it soon.")
    assert not diff.marked
    assert not any(s.only_here for s in diff.a + diff.b)


def test_a_lone_common_word_between_longer_differences_counts_as_different() -> None:
    # "the" is the only word shared in the middle; three words differ on each side of it.
    diff = word_diff(
        "Start here now please alpha beta gamma the delta epsilon zeta end of it all",
        "Start here now please one two three the four five six end of it all",
    )
    assert [s.text for s in diff.a if s.only_here] == ["alpha beta gamma the delta epsilon zeta"]


@pytest.mark.parametrize("text", ["x" * 10_000_000, " " * 3_000_000, "word " * 1_000_000, "\n" * 1_000_000])
def test_a_text_of_any_length_is_cut_and_counted(text: str) -> None:
    diff = word_diff(text, "short")
    assert joined(diff.a) == text[:LONGEST]
    assert diff.hidden_a == len(text) - LONGEST
    assert diff.hidden_b == 0


def test_html_in_a_text_stays_text() -> None:
    hostile = "<img src=https://example.org/x onerror=alert(1)> & <script>alert(2)</script>"
    diff = word_diff(hostile, "plain")
    shown = spans_html(diff.a) + spans_html((Span(hostile, True),), 'x"><script>')
    assert "<img" not in shown
    assert "<script" not in shown
    assert "&lt;img" in shown
