"""In which words do two responses differ? A diff on words, bounded for long texts, as plain spans or as safe HTML."""

from __future__ import annotations

import difflib
import html
import re
from collections.abc import Sequence
from dataclasses import dataclass

LONGEST = 20_000
"""Characters of each text that are compared and shown; the rest is counted."""
WORK = 6_000_000
"""Pairs of words compared at most; longer texts are compared line by line."""
ALIKE = 0.2
"""Share of words in common below which marking the others says nothing."""
_WORD = re.compile(r"\s*(?:\w+|[^\w\s])|\s+")


@dataclass(frozen=True)
class Span:
    """A stretch of one text: in both texts, or only in this one."""

    text: str
    only_here: bool


@dataclass(frozen=True)
class WordDiff:
    """Two texts cut into what they share and what they do not.

    Attributes
    ----------
    a, b : the spans of each text, in order; joined they give (the beginning of) the text again.
    hidden_a, hidden_b : characters beyond `LONGEST` that are not among the spans.
    shared : share of the words of both texts that stand in both, in the same order, from 0 to 1.
    marked : whether differences are marked; texts with less than `ALIKE` in common are left unmarked.
    """

    a: tuple[Span, ...]
    b: tuple[Span, ...]
    hidden_a: int
    hidden_b: int
    shared: float
    marked: bool


def word_diff(a: str, b: str, *, longest: int = LONGEST) -> WordDiff:
    """Compares two texts word by word; differences in white space are none.

    Common words that stand alone between longer differences are counted as different: a reader cannot follow a text
    that agrees in every "the".

    >>> [s.text for s in word_diff("The cat sat on the mat.", "The dog sat on the mat.").b if s.only_here]
    ['dog']
    """
    left, right = _WORD.findall(a[:longest]), _WORD.findall(b[:longest])
    keys_left, keys_right = [w.strip() for w in left], [w.strip() for w in right]
    if len(left) * len(right) > WORK:
        left, right = a[:longest].splitlines(keepends=True), b[:longest].splitlines(keepends=True)
        keys_left, keys_right = [" ".join(w.split()) for w in left], [" ".join(w.split()) for w in right]
    if len(left) * len(right) > WORK:
        same: list[tuple[int, int, int]] = [] if a != b else [(0, 0, len(left))]
    else:
        same = _readable(
            difflib.SequenceMatcher(None, keys_left, keys_right, autojunk=False).get_matching_blocks(),
            keys_left,
            len(right),
        )
    total = sum(map(len, keys_left)) + sum(map(len, keys_right))
    common = sum(sum(map(len, keys_left[i : i + n])) + sum(map(len, keys_right[j : j + n])) for i, j, n in same)
    shared = common / total if total else 1.0
    marked = shared >= ALIKE
    spans_a = _spans(left, [(i, n) for i, _, n in same]) if marked else (Span("".join(left), False),)
    spans_b = _spans(right, [(j, n) for _, j, n in same]) if marked else (Span("".join(right), False),)
    return WordDiff(spans_a, spans_b, max(0, len(a) - longest), max(0, len(b) - longest), shared, marked)


def _readable(blocks: Sequence[tuple[int, int, int]], words: Sequence[str], n_right: int) -> list[tuple[int, int, int]]:
    """Matching blocks without lone punctuation, and without those shorter than three words and than the differences on
    both sides.
    """
    kept = [(i, j, n) for i, j, n in blocks if n]
    while True:
        ends = [(0, 0, 0), *kept, (len(words), n_right, 0)]
        good = [
            here
            for before, here, after in zip(ends, kept, ends[2:], strict=False)
            if _worth(words, here, _gap(before, here), _gap(here, after))
        ]
        if len(good) == len(kept):
            return kept
        kept = good


def _worth(words: Sequence[str], block: tuple[int, int, int], before: int, after: int) -> bool:
    """Whether a reader gains by seeing that these words stand in both texts, with so many different ones before and
    after.
    """
    start, _, n = block
    if n >= 3 or before == after == 0:
        return True
    return n >= min(before, after) and any(re.search(r"\w", word) for word in words[start : start + n])


def _gap(block: tuple[int, int, int], later: tuple[int, int, int]) -> int:
    """Words of the longer text between two matching blocks."""
    return max(later[0] - block[0] - block[2], later[1] - block[1] - block[2])


def _spans(words: Sequence[str], same: Sequence[tuple[int, int]]) -> tuple[Span, ...]:
    spans, at = [], 0
    for start, n in [*same, (len(words), 0)]:
        if start > at:
            text = "".join(words[at:start])
            blank = len(text) - len(text.lstrip())
            spans += [Span(text[:blank], False), Span(text[blank:], True)]
        if n:
            spans.append(Span("".join(words[start : start + n]), False))
        at = start + n
    return tuple(s for s in spans if s.text)


def spans_html(spans: Sequence[Span], mark: str = "only") -> str:
    """The spans as HTML: every character of the text escaped, what stands only here in a `<mark>` of that class.

    >>> spans_html([Span("a <b>", False), Span(" c", True)])
    'a &lt;b&gt;<mark class="only"> c</mark>'
    """
    return "".join(
        f'<mark class="{html.escape(mark)}">{html.escape(s.text)}</mark>' if s.only_here else html.escape(s.text)
        for s in spans
    )
