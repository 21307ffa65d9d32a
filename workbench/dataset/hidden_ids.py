"""Annotator ids that are to be hidden leave no other way either: findings name columns and values of the file."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from workbench.findings import Finding
from workbench.messages import Choices, Message

_SHORTEST = 3
"""Characters of an id from which on it is looked for in sentences: shorter ones, and numbers up to four digits, are
words of the sentences themselves."""


def hide_ids(findings: Iterable[Finding], names: Sequence[str], shown: Sequence[str]) -> tuple[Finding, ...]:
    """The findings with each id in place of which something else is shown replaced, wherever a whole word is that id.

    >>> from workbench.findings import finding
    >>> hide_ids([finding("info", "x", "the columns are ann@x.org and bob@x.org")], ["ann@x.org"], ["w-1"])[0].message
    'the columns are w-1 and bob@x.org'
    """
    hidden = {
        name: instead
        for name, instead in zip(names, shown, strict=True)
        if name != instead and len(name) >= _SHORTEST and not (name.isdigit() and len(name) <= 4)
    }
    listed = list(findings)
    if not hidden:
        return tuple(listed)
    everything = "\n".join(text for f in listed for text in (f.message, f.advice(), *f.rows))
    there = sorted((name for name in hidden if name in everything), key=len, reverse=True)
    if not there:
        return tuple(listed)
    found = re.compile(rf"(?<![\w@])(?:{'|'.join(map(re.escape, there))})(?![\w@])")

    def without(text: str) -> str:
        return found.sub(lambda m: hidden[m[0]], text)

    return tuple(
        replace(f, message=without(f.message), remedy=_remedy(f.remedy, without), rows=tuple(map(without, f.rows)))
        for f in listed
    )


def _remedy(remedy: str | Message, without: Callable[[str], str]) -> str | Message:
    """The remedy without them; a choice that names one loses its field and its value."""
    if isinstance(remedy, str):
        return without(remedy)
    pieces: list[str | Choices] = []
    for piece in remedy.pieces:
        if isinstance(piece, str):
            pieces.append(without(piece))
        else:
            inner = [
                replace(c, field=without(c.field), value=without(c.value) if isinstance(c.value, str) else c.value)
                for c in piece.choices
            ]
            pieces.append(replace(piece, choices=tuple(inner)))
    return Message(tuple(pieces))
