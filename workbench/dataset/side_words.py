"""Words and marks that say which of two responses is better, and those that say nothing: one spelling at a time."""

from __future__ import annotations

import re
from collections.abc import Iterable

import numpy as np

from workbench.dataset.foreign_words import in_english

TIE = {
    "=",
    "==",
    "tie",
    "tied",
    "ties",
    "draw",
    "equal",
    "equally good",
    "same",
    "about the same",
    "similar",
    "a=b",
    "neutral",
    "tievote",
    "no preference",
    "both",
    "both good",
    "neither",
    "tie (inconsistent)",
    "inconsistent",
    "a1=a2",
    "about equal",
    "nearly the same",
    "roughly equal",
    "equivalent",
}
BOTH_BAD = {"tie (bothbad)", "bothbad", "both bad", "bothbad vote", "both are bad", "tie (both bad)"}
SKIP = {
    "",
    "skip",
    "skipped",
    "unsure",
    "not sure",
    "cannot decide",
    "cant decide",
    "ignore",
    "discarded",
    "n/a",
    "na",
    "nan",
    "none",
    "null",
    "<na>",
    "-",
    "error",
    "cancelled",
    "no answer",
    "unknown",
    "#n/a",
    "#na",
    "?",
    ".",
    "missing",
}
ANSWERS = {"unsure", "not sure", "unknown"}
"""Skips that are answers of their own where labels are categories and not a choice between two."""

_NOUN = (
    r"(?:response|answer|model|option|output|completion|candidate|text|arg|argument|summary|assistant|sentence|image|"
    r"system|translation|version|reply|story|poem|statement|passage|draft|solution|sample|result|generation|item|clip|"
    r"audio|video|picture|photo|headline|caption|bot|agent|player|policy|variant|conversation|message|title|song|winner)"
)
_A = rf"(?:a|a1|left|first|1st|(?:the )?(?:first|left) {_NOUN}|{_NOUN} ?(?:a|1|one))"
_B = rf"(?:b|a2|right|second|2nd|(?:the )?(?:second|right) {_NOUN}|{_NOUN} ?(?:b|2|two))"
_WEAK = {"slightly", "somewhat", "marginally", "barely", "weakly", "little", "bit"}
_STRONG = {"much", "clearly", "significantly", "strongly", "far", "lot", "definitely", "considerably", "way"}
_BEFORE = "|".join(sorted((_WEAK | _STRONG) - {"far", "lot", "way", "little", "bit"}))
"""Words of strength that stand before a verb or a side; "far right" is a place and no strong B."""
_ONE_SIDE = re.compile(
    rf"^(?:i )?(?:(?P<how>{_BEFORE}) )?(?:(?:prefer|chose|choose|favou?r) )?"
    rf"(?:(?P<a>{_A})|(?P<b>{_B}))"
    r"(?: ?vote| wins?| won|(?: is)?(?: the)? winner)?(?: is)?(?P<rest>(?: [a-z ]*)?)$"
)
_OTHERWISE_NAMED = re.compile(r"^(?P<noun>.*[^\W\d_]{3}) ?(?P<mark>a|b|1|2|one|two|left|right|first|second)$")
_NOT_SIDES = {"grade", "class", "type", "group", "category", "level", "tier", "cluster", "topic", "stage", "phase"}
_FIRST, _SECOND = {"a", "1", "one", "left", "first"}, {"b", "2", "two", "right", "second"}
_EQUAL = {"equal", "equally", "same", "tie", "tied", "difference", "preference", "similar", "alike", "equivalent"}
_BESIDE_EQUAL = {
    "both",
    "are",
    "is",
    "they",
    "about",
    "roughly",
    "nearly",
    "almost",
    "the",
    "good",
    "no",
    "responses",
    "answers",
    "it",
    "a",
    "in",
    "quality",
    "of",
    "them",
    "texts",
    "or",
    "very",
    "much",
    "clear",
    "strong",
    "there",
}
_MARKS = re.compile(r"^(?P<left>a|b) ?(?P<mark>>{1,3}|<{1,3}) ?(?P<right>a|b)?$")
_FILLER = {"better", "is", "than", "the", "a", "b", "preferred", "preference", "prefer", "good", ""}


def clean(value: object) -> str:
    """Case, spaces, underscores, hyphens, quotes and markdown do not matter to what a label means."""
    if isinstance(value, (bool, np.bool_)):
        return "true" if value else "false"
    text = re.sub(r"[*`\"'\[\]]", "", str(value)).casefold().strip()
    text = in_english(text).casefold()
    number = re.fullmatch(r"[+-]?\d+(\.\d+)?", text)
    if number:
        return f"{float(text):g}"
    text = text.replace("&gt;", ">").replace("&lt;", "<")
    return re.sub(r"[\s_\-]+", " ", text).strip(" .") or ("-" if text == "-" else text.strip())


def side_and_level(text: str) -> tuple[int, str] | None:
    """Side (+1 = A, -1 = B, 0 = tie) and level of one cleaned spelling; None where it is not a preference."""
    if text in TIE or text in BOTH_BAD or _says_equal(text):
        return 0, ""
    if re.fullmatch(r">{1,3}|<{1,3}", text):  # the sign between the two
        return (1 if text[0] == ">" else -1), ">" * len(text)
    if text in ("true", "false"):
        return (1, "") if text == "true" else (-1, "")
    if marks := _MARKS.match(text):
        side = 1 if marks["left"] == "a" else -1
        if marks["right"] == marks["left"]:
            return None
        side = -side if marks["mark"][0] == "<" else side
        return side, marks["mark"].replace("<", ">")
    one = _ONE_SIDE.match(text)
    if one is None:
        return None
    words = set(f"{one['how'] or ''} {one['rest']}".split())
    if words - _WEAK - _STRONG - _FILLER:
        return None
    level = "slightly" if words & _WEAK else ""
    if words & _STRONG:
        level = ">>"
    return (1 if one["a"] else -1), level


def strength(level: str, levels: set[str]) -> float:
    """Words and marks to steps on the scale: what "better" is depends on whether "slightly" or "much" stand beside
    it.
    """
    if ">>>" in levels or {"slightly", "", ">>"} <= levels:
        return {"slightly": 1.0, ">": 1.0, "": 2.0, ">>": 3.0 if "slightly" in levels else 2.0, ">>>": 3.0}[level]
    return {"": 1.0, "slightly": 1.0, ">": 1.0, ">>": 2.0, ">>>": 3.0}[level]


def side_of(text: str) -> int | None:
    """+1 where a text says that A is better, -1 for B, 0 for a tie, None where it says none of these.

    >>> side_of("Sentence A"), side_of("B much better"), side_of("Responses are about equal"), side_of("blue")
    (1, -1, 0, None)
    >>> side_of("Strongly prefer A"), side_of("I slightly prefer the second answer"), side_of("far right")
    (1, -1, None)
    """
    found = side_and_level(clean(text))
    return None if found is None else found[0]


def with_one_noun(spelled: Iterable[str]) -> dict[str, str]:
    """Spellings that name two sides of one thing, whatever it is called, as A and B.

    >>> (
    ...     with_one_noun(["joke a", "joke b", "tie"]),
    ...     with_one_noun(["joke a", "pun b"]),
    ...     with_one_noun(["grade a", "grade b"]),
    ... )
    ({'joke a': 'a', 'joke b': 'b'}, {}, {})
    """
    found = {s: m for s in spelled if (m := _OTHERWISE_NAMED.match(s)) and m["noun"].strip() not in _NOT_SIDES}
    nouns = {m["noun"] for m in found.values()}
    if len(nouns) != 1 or not {m["mark"] for m in found.values()} & _FIRST:
        return {}
    if not {m["mark"] for m in found.values()} & _SECOND:
        return {}
    return {s: "a" if m["mark"] in _FIRST else "b" for s, m in found.items()}


def _says_equal(text: str) -> bool:
    words = set(re.findall(r"[a-z]+", text))
    return bool(words & _EQUAL) and words <= _EQUAL | _BESIDE_EQUAL and not re.search(r"\d|[<>=]", text)
