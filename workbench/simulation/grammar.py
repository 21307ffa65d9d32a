"""The phrase books from which simulated prompts and responses are made.

Each file of the folder `phrases` holds one category of tasks in several languages. A line is a kind and a phrase:
`frame` (a way to ask, with the place of the topic), `context`, `vague` (an empty sentence of that category), `topic`,
and under each topic pairs of `+` (a good sentence) and `-` (the same point gone wrong). `common.txt` holds what all
share.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from workbench.simulation.pairs import LANGUAGES
from workbench.simulation.plan import CATEGORIES

FOLDER = Path(__file__).with_name("phrases")

_OF_CATEGORY = ("frame", "context", "vague", "topic")
_OF_LANGUAGE = ("open", "close", "pad", "name", "day", "place")


@dataclass(frozen=True, eq=False)
class Phrases:
    """Phrases of one kind, those of one book side by side.

    Attributes
    ----------
    text : the phrases.
    words : int32 (n,): words of each.
    start, count : int64 (n_books,): where the phrases of each book begin, and how many there are.
    """

    text: list[str]
    words: np.ndarray
    start: np.ndarray
    count: np.ndarray


@dataclass(frozen=True, eq=False)
class Grammar:
    """All phrase books.

    Attributes
    ----------
    of : kind -> phrases. The book of category c in language l is number `c * n_languages + l`; what all categories
        share has one book a language.
    right, wrong : the points of each topic, done well and done badly; their book is the topic's number.
    source : the files' content, for the digest.
    """

    of: dict[str, Phrases]
    right: Phrases
    wrong: Phrases
    source: str


@cache
def grammar() -> Grammar:
    """Reads the phrase books, once."""
    files = [(FOLDER / f"{name.replace(' ', '_').replace('-', '')}.txt").read_text("utf-8") for name in CATEGORIES]
    common = (FOLDER / "common.txt").read_text("utf-8")
    books = [_lines(text, language) for text in files for language in LANGUAGES]
    shared = [_lines(common, language) for language in LANGUAGES]
    of = {kind: _phrases([[p for k, p in book if k == kind] for book in books]) for kind in _OF_CATEGORY}
    of |= {kind: _phrases([[p for k, p in book if k == kind] for book in shared]) for kind in _OF_LANGUAGE}
    right, wrong = _points(books, "+"), _points(books, "-")
    return Grammar(of, right, wrong, "\n".join([*files, common]))


def _lines(text: str, language: str) -> list[tuple[str, str]]:
    """Kind and phrase of each line of one language's section."""
    section = text.split(f"[{language}]\n", 1)[1].split("\n[", 1)[0]
    pairs = (line.split(" ", 1) for line in section.splitlines() if line.strip())
    return [(kind, phrase.replace("\\n", "\n")) for kind, phrase in pairs]


def _points(books: list[list[tuple[str, str]]], kind: str) -> Phrases:
    topics: list[list[str]] = []
    for book in books:
        for k, phrase in book:
            if k == "topic":
                topics.append([])
            elif k == kind:
                topics[-1].append(phrase)
    return _phrases(topics)


def _phrases(books: list[list[str]]) -> Phrases:
    text = [phrase for book in books for phrase in book]
    count = np.array([len(book) for book in books], np.int64)
    return Phrases(text, np.array([len(phrase.split()) for phrase in text], np.int32), np.cumsum(count) - count, count)
