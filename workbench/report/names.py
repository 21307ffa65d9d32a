"""Annotators by a hash or by their id: ids can lead to a person, and a report goes to people who need no names."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from workbench.annotators import Flags
from workbench.annotators.flags import Flag
from workbench.hashing import hash_id

Name = Callable[[str], str]
"""What an annotator is called in the report."""


def naming(shown: bool) -> Name:
    """How annotators are called: as they are, or by the hash that `load` with `hash_annotators` gives them.

    >>> naming(True)("ann"), naming(False)("ann")
    ('ann', 'w-2d7ed522aeca')
    """
    return str if shown else hash_id


def renamed(flags: Flags, name: Name) -> Flags:
    """The same flags with annotators by their names in the report, in the reasons too."""
    return replace(
        flags,
        by_annotator={
            name(who): tuple(_renamed(flag, name) for flag in listed) for who, listed in flags.by_annotator.items()
        },
    )


def _renamed(flag: Flag, name: Name) -> Flag:
    if flag.with_whom is None:
        return replace(flag, annotator=name(flag.annotator))
    other = name(flag.with_whom)
    # The reason names the other one once, at its beginning; an id may be as short as a letter, so nothing else is
    # replaced.
    why = flag.why.replace(f"Same label as {flag.with_whom} on", f"Same label as {other} on", 1)
    return replace(flag, annotator=name(flag.annotator), with_whom=other, why=why)
