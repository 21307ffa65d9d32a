"""Sentences that name a choice of the reader's: what to set, which field, which value.

The library says *which* choice is meant; it does not know whether its reader has a command line, a page or a
notebook before them. Each of the three finishes the sentence in its own words: `workbench.cli.saying`,
`pages/_words.py`, and `str(message)`, which speaks Python.

>>> keep = message("Keep them ", by("keep_identical", value=True), " if the export means something by them.")
>>> str(keep)
'Keep them with keep_identical=True if the export means something by them.'
>>> keep.choices[0].name
'keep_identical'
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import groupby
from typing import Any, Literal

How = Literal["by", "example", "name", "quoted"]
"""Place of a choice in its sentence: the way to do it (`with ...`), an example of that, its bare name, or what was
given."""


@dataclass(frozen=True)
class Choice:
    """One thing the reader can set.

    Attributes
    ----------
    name : which, as `workbench.load` and its kin call it: `mapping`, `labels`, `scale`, `gold`, `budget`, ...
    field : for which field or spelling, where the choice is made for each, such as the label column of `mapping`.
    value : to what.
    """

    name: str
    field: str = ""
    value: str | bool = ""


@dataclass(frozen=True)
class Choices:
    """Choices that stand together in a sentence."""

    how: How
    choices: tuple[Choice, ...]


@dataclass(frozen=True)
class Message:
    """One line for people, in pieces: text, and the choices it names. `str()` has Python's words for these."""

    pieces: tuple[str | Choices, ...]

    @property
    def choices(self) -> tuple[Choice, ...]:
        """All choices the sentence names, in order."""
        return tuple(c for piece in self.pieces if isinstance(piece, Choices) for c in piece.choices)

    def say(self, words: Words) -> str:
        """The sentence with its choices in somebody's words."""
        return " ".join("".join(p if isinstance(p, str) else words(p) for p in self.pieces).split())

    def __str__(self) -> str:
        return self.say(in_python)

    def __bool__(self) -> bool:
        return any(self.pieces)

    def to_json(self) -> str | list[Any]:
        """As it is kept in files: text where it names no choice, else its pieces."""
        if not self.choices:
            return str(self)
        return [p if isinstance(p, str) else asdict(p) for p in self.pieces]

    @classmethod
    def from_json(cls, kept: str | Sequence[Any]) -> Message:
        """What `to_json` gave.

        >>> keep = message("Keep them ", by("keep_identical", value=True), ".")
        >>> Message.from_json(keep.to_json()) == keep
        True
        """
        pieces = [kept] if isinstance(kept, str) else kept
        return message(
            *(p if isinstance(p, str) else Choices(p["how"], tuple(Choice(**c) for c in p["choices"])) for p in pieces)
        )


Words = Callable[[Choices], str]
"""How somebody names choices."""


def message(*pieces: str | Choices | Message) -> Message:
    """A sentence of text and choices."""
    flat = [p for piece in pieces for p in (piece.pieces if isinstance(piece, Message) else (piece,))]
    return Message(tuple(p for p in flat if p))


def by(name: str, fields: Mapping[str, str] | None = None, value: str | bool = "") -> Choices:
    """`with ...`: the choice is how it is done.

    >>> str(message("Name it ", by("mapping", {"label": "COLUMN"}), "."))
    "Name it with mapping={'label': 'COLUMN'}."
    """
    return Choices("by", _choices(name, fields, value))


def example(name: str, fields: Mapping[str, str]) -> Choices:
    """`for example with ...`: one way to fill in the choice."""
    return Choices("example", _choices(name, fields, ""))


def name_of(name: str) -> Choices:
    """The choice as a noun.

    >>> str(message("Give a larger ", name_of("budget"), "."))
    'Give a larger budget.'
    """
    return Choices("name", (Choice(name),))


def quoted(name: str, field: str = "", value: str = "") -> Choices:
    """What the reader had set, quoted.

    >>> str(message(quoted("format", value="odd"), ": there is no such format."))
    "format='odd': there is no such format."
    """
    return Choices("quoted", (Choice(name, field, value),))


def _choices(name: str, fields: Mapping[str, str] | None, value: str | bool) -> tuple[Choice, ...]:
    return tuple(Choice(name, f, v) for f, v in fields.items()) if fields else (Choice(name, "", value),)


def in_python(piece: Choices) -> str:
    """Choices as arguments."""
    if piece.how == "name":
        return _NOUNS.get(piece.choices[0].name, piece.choices[0].name)
    empty = ": ''" if piece.how in ("by", "example") else ""
    said = ", ".join(_argument(name, list(same), empty) for name, same in groupby(piece.choices, key=lambda c: c.name))
    return {"by": "with ", "example": "for example with ", "quoted": ""}[piece.how] + said


_NOUNS = {"train_out": "a training", "train_help": "the documentation of the settings"}


def _argument(name: str, choices: list[Choice], empty: str) -> str:
    """One argument: `scale=...`, `mapping={'label': 'COLUMN'}`; `empty` follows a field that is to hold nothing."""
    if choices[0].field:
        fields = (f"{c.field!r}: {c.value!r}" if c.value else f"{c.field!r}{empty}" for c in choices)
        return f"{name}={{{', '.join(fields)}}}"
    return f"{name}={choices[0].value!r}" if choices[0].value != "" else name


RESPONSES = {"response_a": "...", "response_b": "..."}
"""A mapping of the two responses, to be filled in."""
